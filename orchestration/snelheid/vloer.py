"""The floor of a run: the same SQL and the same fits in one process, and nothing around them.

No Dagster, no dbt, no Great Expectations, no MLflow and no check: what is left is what cannot be
left out to get this release from these deliveries, and the pictures that come with a fit. The SQL
is what dbt wrote down when it built (``target/run``), in the order of its graph; the fits are the
functions of ``models`` on what that SQL makes. A release is made of the tables of its archive, so
those are written here too.

Belongs here: the steps of the floor, in the order of a run. Does not belong here: measuring
(``meter``), and holding a run against it (``verhouding``). What is imported here may not import one
of the four: the floor would be higher than it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from models.label.keten import TeWeinigGemeten
from models.label.robuustheid import assess_robuustheid
from models.maatregel.effect import EffectFout
from models.registry import Geladen, Modelregister, Modelrun, RegisterFout, Versie
from models.risico.modelkaart import add_maand
from models.risico.poort import Poortbesluit
from orchestration import archief, risico
from orchestration.adresindex import publish_adresindex
from orchestration.maatregel import GeenMaatregelgegevens, compute_effect
from orchestration.maatregel import read_gegevens as read_maatregelen
from orchestration.meting import read_labelinvoer
from orchestration.papieren import read_feiten
from orchestration.risico_bewaking import describe_ontbreken
from orchestration.risico_inzet import Inzet, deploy_overlast, deploy_woonfraude
from orchestration.risico_score import describe_inzetten, score_overlast, score_woonfraude
from orchestration.sleutelbron import Sleutelbron
from orchestration.snelheid.meter import Meter
from orchestration.trekkingen import write_onzekerheid, write_themasignaal
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import DBT_MAP, Werkmap
from serving.papier.bundel import render_papieren
from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.winkel import open_release
from sources.contract import read_contract
from sources.landing import create_views, land_bron
from sources.organisatie import Organisatie, read_organisatie
from vera.contract import Contract
from vera.errors import BuurtpeilError
from vera.werklijst import Model

RAAMWERKEN: Final = ("dagster", "dbt", "great_expectations", "mlflow")
"""What the floor does without; it says so when one of them was loaded all the same."""
UITKOMSTEN: Final = ("onzekerheid", "themasignaal", risico.SCORE, risico.MODEL)
"""Tables of schema ``buurtpeil`` that the steps in Python fill; the others are given to a run."""
_TREKKING: Final = (
    "source.buurtpeil.buurtpeil.onzekerheid",
    "source.buurtpeil.buurtpeil.themasignaal",
)
_VOORLOPIG: Final = "__dbt_tmp"


class VloerFout(BuurtpeilError):
    """The floor could not be laid under this run, or its outcome is another."""


@dataclass(frozen=True)
class Plan:
    """dbt's SQL in the order of its graph.

    Parameters
    ----------
    schemas
        To be made first.
    seeds
        File by relation (schema, name).
    eerste, tweede
        Statements before the draws, and those that hang on the draws or are marts.
    """

    schemas: tuple[str, ...]
    seeds: Mapping[tuple[str, str], Path]
    eerste: tuple[str, ...]
    tweede: tuple[str, ...]


def read_plan(dbt_map: Path) -> Plan:
    """Read from dbt's target folder what it ran.

    Parameters
    ----------
    dbt_map
        Target folder of a whole run.

    Raises
    ------
    VloerFout
        When a model was not run there.
    """
    manifest = json.loads((dbt_map / "manifest.json").read_text(encoding="utf-8"))
    knopen: dict[str, Any] = {
        naam: knoop
        for naam, knoop in manifest["nodes"].items()
        if knoop["resource_type"] in {"model", "seed"}
    }
    ouders = {naam: knoop["depends_on"].get("nodes", ()) for naam, knoop in knopen.items()}
    eerste, tweede, na_trekking = [], [], set(_TREKKING)
    for naam in TopologicalSorter({n: sorted(o) for n, o in ouders.items()}).static_order():
        knoop = knopen.get(naam)
        if knoop is None or knoop["resource_type"] == "seed":
            continue
        sql = _read_sql(dbt_map / "run" / knoop["package_name"] / knoop["original_file_path"])
        if na_trekking.isdisjoint(ouders[naam]) and knoop["fqn"][1] != "marts":
            eerste.append(sql)
        else:
            na_trekking.add(naam)
            tweede.append(sql)
    return Plan(
        schemas=tuple(sorted({knoop["schema"] for knoop in knopen.values()})),
        seeds={
            (knoop["schema"], knoop["alias"]): DBT_MAP / knoop["original_file_path"]
            for _, knoop in sorted(knopen.items())
            if knoop["resource_type"] == "seed"
        },
        eerste=tuple(eerste),
        tweede=tuple(tweede),
    )


def _read_sql(pad: Path) -> str:
    if not pad.is_file():
        raise VloerFout(
            f"dbt heeft {pad.name} in deze datamap niet gedraaid.",
            verwacht="een datamap waarin een hele verversing is gedaan",
            remedie="draai `buurtpeil bench` zonder eigen datamap",
        )
    # dbt makes a table under another name and then renames it: nobody reads the floor meanwhile.
    return pad.read_text(encoding="utf-8").replace(_VOORLOPIG, "")


# --- a registry of one run


class Geheugenregister(Modelregister):
    """A registry that keeps what is handed in for as long as the process lives."""

    def __init__(self) -> None:
        self._runs: dict[str, Modelrun] = {}
        self._versies: dict[str, Versie] = {}

    def log_run(self, run: Modelrun) -> str:
        """Keep a training; return its ``modelversie``."""
        self._runs[run.modelversie] = run
        return run.modelversie

    def register_versie(
        self, model: Model, modelversie: str, poort: Poortbesluit | None = None
    ) -> Versie:
        """Make a training that is kept a version, with what the gate said of it."""
        versie = Versie(
            model=model,
            modelversie=modelversie,
            nummer=len(self._versies) + 1,
            gemaakt_op=datetime.now(UTC),
            is_kampioen=False,
            conclusie=poort.conclusie if poort else None,
            gezakt=tuple(v.zin for v in poort.gezakt) if poort else (),
            kampioen_sinds=None,
            gezakt_onderdelen=tuple(v.onderdeel for v in poort.gezakt) if poort else (),
        )
        self._versies[modelversie] = versie
        return versie

    def set_kampioen(self, model: Model, modelversie: str) -> Versie:
        """Make a version the one that scores.

        Raises
        ------
        RegisterFout
            When there is no such version.
        """
        if modelversie not in self._versies:
            raise RegisterFout(f"Er is geen modelversie {modelversie} van {model}.")
        self.drop_kampioen(model)
        versie = replace(
            self._versies[modelversie], is_kampioen=True, kampioen_sinds=datetime.now(UTC)
        )
        self._versies[modelversie] = versie
        return versie

    def drop_kampioen(self, model: Model, redenen: Sequence[str] = ()) -> None:
        """Leave the work to the rule."""
        for naam, versie in self._versies.items():
            if versie.model == model and versie.is_kampioen:
                self._versies[naam] = replace(
                    versie, is_kampioen=False, gestopt_omdat=tuple(redenen)
                )

    def load_kampioen(self, model: Model) -> Geladen | None:
        """Return the version that scores; None when the rule does the work."""
        for versie in self.list_versies(model):
            if versie.is_kampioen:
                run = self._runs[versie.modelversie]
                return Geladen(
                    versie=versie,
                    schatter=run.schatter,
                    kenmerken=tuple(k.naam for k in run.herkomst.kenmerken),
                    ijking=run.herkomst.ijking,
                    kaart=run.kaart,
                    totalen=run.totalen,
                )
        return None

    def list_versies(self, model: Model) -> tuple[Versie, ...]:
        """Return the versions of a model, the newest first."""
        return tuple(v for v in reversed(self._versies.values()) if v.model == model)


# --- the steps


@dataclass(frozen=True)
class Vloer:
    """Where the floor is laid, and the run that it lies under.

    Parameters
    ----------
    run
        Data folder of the run; only read.
    leveringen
        Deliveries of the run.
    map
        Folder of the floor; new.
    """

    run: Werkmap
    leveringen: Path
    map: Werkmap

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the floor's own warehouse. The file has the run's name: SQL says it."""
        with open_warehouse(self.map.warehouse, schrijf=True) as warehouse:
            yield warehouse

    def land(self, contract: Contract) -> None:
        """Land the deliveries under the keys of the run, and take over what a run is given."""
        sleutelbron = Sleutelbron(self.run.sleutels)
        for bron in contract.bronnen:
            landing = land_bron(
                bron,
                self.leveringen,
                self.map.landing,
                sleutelbron.load(),
                sleutelbron.load_dienst(),
            )
            with self.open() as warehouse:
                create_views(warehouse, bron, landing)
        with self.open() as warehouse, _attach(warehouse, self.run.warehouse):
            warehouse.execute("create schema buurtpeil")
            for naam in _list_tabellen(warehouse, "buurtpeil"):
                if naam not in UITKOMSTEN:
                    warehouse.execute(f"create table buurtpeil.{naam} as from run.buurtpeil.{naam}")

    def build(self, plan: Plan) -> None:
        """Make the seeds and run the SQL that comes before the draws."""
        with self.open() as warehouse:
            for naam in plan.schemas:
                warehouse.execute(f"create schema if not exists {naam}")
            with _attach(warehouse, self.run.warehouse):
                for (laag, naam), pad in plan.seeds.items():
                    _load_seed(warehouse, laag, naam, pad)
            _execute(warehouse, plan.eerste)

    def build_marts(self, plan: Plan) -> None:
        """Run the SQL that comes after the draws."""
        with self.open() as warehouse:
            _execute(warehouse, plan.tweede)

    def draw(self, meter: Meter) -> None:
        """Draw the labels and judge the signals."""
        with self.open() as warehouse:
            write_onzekerheid(warehouse, meter)
            write_themasignaal(warehouse)

    def assess(self) -> None:
        """Reckon the robustness of the method."""
        try:
            with self.open() as warehouse:
                invoer = read_labelinvoer(warehouse)
            assess_robuustheid(invoer.meting, invoer.catalogus, invoer.methode, invoer.is_stand)
        except TeWeinigGemeten:
            return

    def estimate(self) -> None:
        """Estimate the effect of maatregelen."""
        try:
            compute_effect(read_maatregelen(self.map.warehouse))
        except (GeenMaatregelgegevens, EffectFout):
            return

    def score(self, organisatie: Organisatie, klok: date, meter: Meter) -> None:
        """Train, judge and score; write both tables."""
        register = Geheugenregister()
        nu = risico.to_peilmaand(klok)
        inzetten: list[Inzet] = []
        scores: list[pd.DataFrame] = []
        with self.open() as warehouse:
            for lees, zet_in, scoor, model in (
                (risico.read_overlast, deploy_overlast, score_overlast, "overlast"),
                (risico.read_woonfraude, deploy_woonfraude, score_woonfraude, "woonfraude"),
            ):
                gegevens = lees(warehouse)
                maand = int(gegevens.paneel.peilmaand.max(initial=nu))
                inzet = zet_in(gegevens, register, organisatie, maand, meter.meld)
                kaart = add_maand(
                    inzet.kaart,
                    risico.to_peildatum(maand),
                    describe_ontbreken(gegevens, _as_model(model), maand),
                )
                inzetten.append(replace(inzet, kaart=kaart))
                scores.append(scoor(gegevens, inzetten[-1], maand))
            risico.create_tables(warehouse)
            _insert(warehouse, risico.SCORE, [deel for deel in scores if len(deel)])
            _insert(warehouse, risico.MODEL, [describe_inzetten(inzetten, scores, nu)])

    def publish(self, contract: Contract, organisatie: Organisatie, inhoud: dict[str, Any]) -> str:
        """Write the release with its papers and its address index; return its id."""
        klok = date.fromisoformat(inhoud["klok"])
        ids = {grondslag: feit["id"] for grondslag, feit in inhoud["referenties"].items()}
        with (
            self.open() as warehouse,
            archief.build_archief(warehouse, self.map.archief, ids) as bouw,
        ):
            release = write_release(
                {n: archief.read_tabel(warehouse, n, ids, bouw) for n in schema.TABELLEN},
                inhoud,
                {},
                self.map.releases,
                papieren=render_papieren(read_feiten(warehouse, contract, organisatie, klok)),
            )
            publish_adresindex(warehouse, release)
        return release.name


def lay_vloer(vloer: Vloer, release_id: str, meter: Meter) -> str:
    """Do all steps of a run bare; return the id of the release that came out.

    Parameters
    ----------
    vloer
        Where.
    release_id
        What the run published: the facts of its manifest are taken over, its files are not.
    meter
        Told what each step takes.
    """
    plan = read_plan(vloer.run.dbt)
    inhoud = _read_inhoud(vloer.run.releases / release_id)
    organisatie = read_organisatie(vloer.leveringen)
    with meter.stap("leveringen inlezen"):
        contract = read_contract(DBT_MAP)
        vloer.land(contract)
    with meter.stap("warehouse"):
        vloer.build(plan)
    with meter.stap("trekkingen"):
        vloer.draw(meter)
    with meter.stap("maatregelen"):
        vloer.estimate()
    with meter.stap("robuustheid"):
        vloer.assess()
    with meter.stap("risicomodellen"):
        vloer.score(organisatie, date.fromisoformat(inhoud["klok"]), meter)
    with meter.stap("marts"):
        vloer.build_marts(plan)
    with meter.stap("publiceren"):
        return vloer.publish(contract, organisatie, inhoud)


def find_raamwerken() -> list[str]:
    """Return which of the four were loaded in this process."""
    return [naam for naam in RAAMWERKEN if naam in sys.modules]


def _read_inhoud(release: Path) -> dict[str, Any]:
    """Return the facts that a release was written with, in their order: bytes hang on it."""
    with open_release(release) as uitgave:
        inhoud: dict[str, Any] = dict(uitgave.attachment("inhoud"))
    return {k: v for k, v in inhoud.items() if k not in schema.GERESERVEERDE_INHOUD}


@contextmanager
def _attach(warehouse: duckdb.DuckDBPyConnection, pad: Path) -> Iterator[None]:
    adres = str(pad).replace("'", "''")
    warehouse.execute(f"attach '{adres}' as run (read_only)")
    try:
        yield
    finally:
        warehouse.execute("detach run")


def _list_tabellen(warehouse: duckdb.DuckDBPyConnection, laag: str) -> list[str]:
    rijen = warehouse.execute(
        "select table_name from duckdb_tables() where database_name = 'run' and schema_name = ? "
        "order by all",
        [laag],
    ).fetchall()
    return [naam for (naam,) in rijen]


def _load_seed(warehouse: duckdb.DuckDBPyConnection, laag: str, naam: str, pad: Path) -> None:
    """Make a seed with the types that dbt gave it."""
    typen = dict(
        warehouse.execute(
            "select column_name, data_type from duckdb_columns() where database_name = 'run' "
            "and schema_name = ? and table_name = ? order by column_index",
            [laag, naam],
        ).fetchall()
    )
    warehouse.execute(
        f"create table {laag}.{naam} as from read_csv(?, header = true, columns = ?, "
        "nullstr = ['', 'null'])",
        [str(pad), typen],
    )


def _execute(warehouse: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    for sql in statements:
        warehouse.execute(sql)


def _insert(warehouse: duckdb.DuckDBPyConnection, naam: str, delen: list[pd.DataFrame]) -> None:
    if not delen:
        return
    warehouse.register("rijen", pd.concat(delen, ignore_index=True))
    warehouse.execute(f"insert into buurtpeil.{naam} by name select * from rijen")
    warehouse.unregister("rijen")


def _as_model(naam: str) -> Model:
    return "overlast" if naam == "overlast" else "woonfraude"


def main(argv: list[str]) -> None:
    """Lay the floor: ``<run's data> <deliveries> <floor's data> <release id> <file>``."""
    run, leveringen, map_, release_id, uit = argv
    meter = Meter()
    vloer = Vloer(Werkmap.of(Path(run)), Path(leveringen).resolve(), Werkmap.of(Path(map_)))
    release = lay_vloer(vloer, release_id, meter)
    meter.write(Path(uit), {"release": release, "raamwerken": find_raamwerken()})


if __name__ == "__main__":
    main(sys.argv[1:])
