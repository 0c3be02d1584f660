"""From arrays of a demo world to panels of features, by the same SQL that the line runs.

Belongs here: a simulated world written as the two complex-month tables, and the compiled dbt
models of features and outcomes run on them in memory. Does not belong here: a feature (dbt has
those, once), the policies that act in a world (``risico_lus``), or a measure.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.overlast.cohort import Cohort
from models.risico.paneel import Paneel
from models.risico.selectie import REDENEN, Onderzoeklog
from orchestration.dbt_step import MANIFEST, DbtFout, run_dbt
from orchestration.risico_paneel import (
    build_overlast_paneel,
    build_woonfraude_paneel,
    read_toegestaan,
)
from sources.demo import onderhoud
from sources.demo.toeval import make_rng
from sources.demo.wereld import (
    MAANDEN_PER_JAAR,
    Geschiedenis,
    Stad,
    WereldParameters,
    build_stad,
    simulate_wereld,
)

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]

EENHEDEN, JAREN = 46_600, 8
"""About 1,500 complexes, 96 months (design paper on the risk models, "The demo world")."""
BEGIN = np.datetime64("2018-01", "M")
"""Month 0. A January, as in the generator, so that the season of the world is the calendar's."""
COHORT = Cohort()
EERSTE_PEILMAAND, HORIZON, STAP = COHORT.geschiedenis, COHORT.horizon, COHORT.stap_training
_AANDEEL_ZONDER_SCHOUW = 0.02
_SCHOUW_ONDERDELEN = 3
_TIP = 0
OVERLAST_MAAND, WOONFRAUDE_MAAND = "int_overlast__complexmaand", "int_woonfraude__complexmaand"
OVERLAST_KENMERK, WOONFRAUDE_KENMERK = "int_overlast__kenmerk", "int_woonfraude__kenmerk"
OVERLAST_UITKOMST = "int_overlast__uitkomst"
MODELLEN = (OVERLAST_KENMERK, OVERLAST_UITKOMST, WOONFRAUDE_KENMERK)


@dataclass(frozen=True)
class Wereld:
    """A simulated world and what made it."""

    seed: int
    parameters: WereldParameters
    geschiedenis: Geschiedenis

    @property
    def stad(self) -> Stad:
        """Complexes and buurten."""
        return self.geschiedenis.stad


def simulate(
    seed: int,
    *,
    eenheden: int = EENHEDEN,
    jaren: int = JAREN,
    parameters: WereldParameters | None = None,
) -> Wereld:
    """Return the world of a seed under the status quo.

    Parameters
    ----------
    seed
        Of the world. 100 is the development world: choices were made on it, so it is measured
        nowhere else.
    eenheden, jaren
        Size.
    parameters
        The numbers of the world; those of the demo when absent.
    """
    parameters = parameters or WereldParameters()
    stad = build_stad(parameters, eenheden, seed)
    return Wereld(seed, parameters, simulate_wereld(parameters, stad, jaren, seed))


# --- the world as tables


def number_complexen(aantal: int) -> list[str]:
    """Return the ids of the complexes, in the order of the arrays."""
    return [f"C{i + 1:05d}" for i in range(aantal)]


def to_peilmaand(maand: int) -> int:
    """Return the month since 1970-01 of a month of the world."""
    return int((BEGIN + np.timedelta64(maand, "M")).astype(np.int64))


def build_overlast_maand(wereld: Wereld) -> pa.Table:
    """Return the world as ``int_overlast__complexmaand``: one row per complex and month.

    Everything is known in the month in which it happened. Schouw is drawn as the generator of
    deliveries does (a round in the middle month of a quarter, three items, 20 % missed, 2 % of
    the complexes never, a gap), vandalism from the rate that it publishes for the truth.
    Turnover is not covered: it comes from a simulation of contracts, which arrays do not hold.
    """
    g, stad = wereld.geschiedenis, wereld.stad
    vorm = g.s.shape
    schouw, schouw_gedekt = _draw_schouw(wereld)
    vandalisme = _draw_vandalisme(wereld)
    waar = np.ones(vorm, dtype=bool)
    return _to_tabel(
        g,
        {
            "buurt_id": np.array([f"B{b + 1:03d}" for b in stad.buurt]),
            "aantal_eenheden": stad.n,
            "is_hoogbouw": stad.hoogbouw,
            "aantal_meldingen": g.meldingen,
            "aantal_ernstig": g.ernstig,
            "aantal_escalaties": g.escalatie.astype(np.int64),
            "aantal_maatregelen": g.maatregel_start.astype(np.int64),
            "schouw_score": schouw,
            "aantal_mutaties": np.zeros(vorm, dtype=np.int64),
            "aantal_vandalisme": vandalisme,
            "is_gedekt_melding": waar,
            "is_gedekt_dossier": waar,
            "is_gedekt_schouw": schouw_gedekt,
            "is_gedekt_mutatie": ~waar,
            "is_gedekt_onderhoud": waar,
        },
    )


def _draw_schouw(wereld: Wereld) -> tuple[Getal, Vlag]:
    """Return the mean mark (T x C, NaN where there was no round) and where there are rounds."""
    g, p = wereld.geschiedenis, wereld.parameters
    rng = make_rng(wereld.seed, "risico/schouw")
    niveau, v, s, ruis = p.schouw
    maand = np.arange(g.maanden)
    in_gat = (maand >= g.schouw_gat[0]) & (maand <= g.schouw_gat[1])
    is_ronde = (maand % 3 == 1) & ~in_gat
    doet_mee = rng.random(g.stad.n.size) >= _AANDEEL_ZONDER_SCHOUW
    gezien = is_ronde[:, None] & doet_mee & (rng.random(g.s.shape) >= p.schouw_gemist)
    latent = niveau + v * g.stad.v + s * g.s
    cijfers = [
        np.clip(np.round(latent + rng.normal(0.0, ruis, g.s.shape), 1), 1.0, 10.0)
        for _ in range(_SCHOUW_ONDERDELEN)
    ]
    return np.where(gezien, np.mean(cijfers, axis=0), np.nan), doet_mee & ~in_gat[:, None]


def _draw_vandalisme(wereld: Wereld) -> Geheel:
    g = wereld.geschiedenis
    gedekt = np.ones(g.stad.n.size, dtype=bool)
    tempo = onderhoud.compute_verwachting(g, gedekt, wereld.seed)["vandalisme"]
    rng = make_rng(wereld.seed, "risico/vandalisme")
    return np.asarray(rng.poisson(g.stad.n * tempo / MAANDEN_PER_JAAR), dtype=np.int64)


def build_woonfraude_maand(wereld: Wereld) -> pa.Table:
    """Return the world as ``int_woonfraude__complexmaand``: one row per complex and month."""
    g = wereld.geschiedenis
    o = g.onderzoeken
    proactief = o.reden != _TIP

    def count(rij: Vlag) -> Geheel:
        aantal = np.zeros(g.s.shape, dtype=np.int64)
        np.add.at(aantal, (o.maand[rij], o.complex[rij]), 1)
        return aantal

    return make_woonfraude_maand(
        g.stad,
        weigeringen=g.weigeringen,
        advertenties=g.advertenties,
        onderzoeken=count(proactief),
        treffers=count(proactief & o.is_bevestigd),
    )


def make_woonfraude_maand(
    stad: Stad,
    *,
    weigeringen: Geheel,
    advertenties: Geheel,
    onderzoeken: Geheel,
    treffers: Geheel,
    eerste: int = 0,
) -> pa.Table:
    """Return counts of months x complexes as ``int_woonfraude__complexmaand``.

    Parameters
    ----------
    stad
        Complexes.
    weigeringen, advertenties, onderzoeken, treffers : ndarray of int, shape (T, C)
        Counts per month; the last two of proactive and random inspections.
    eerste
        Month of the world of the first row.
    """
    waar = np.ones(weigeringen.shape, dtype=bool)
    return _to_tabel_van(
        eerste,
        {
            "aantal_eenheden": stad.n,
            "is_hoogbouw": stad.hoogbouw,
            "huurkloof": stad.x1,
            "aandeel_klein": stad.x2,
            "aantal_weigeringen": weigeringen,
            "aantal_advertenties": advertenties,
            "aantal_onderzoeken_proactief": onderzoeken,
            "aantal_treffers_proactief": treffers,
            "is_gedekt_weigering": waar,
            "is_gedekt_advertentie": waar,
            "is_gedekt_onderzoek": waar,
        },
        waar.shape,
    )


def _to_tabel(g: Geschiedenis, kolommen: Mapping[str, npt.NDArray[np.generic]]) -> pa.Table:
    return _to_tabel_van(0, kolommen, g.s.shape)


def _to_tabel_van(
    eerste: int, kolommen: Mapping[str, npt.NDArray[np.generic]], vorm: tuple[int, ...]
) -> pa.Table:
    """Return an Arrow table of T * C rows; a column of C is the same in every month."""
    maanden, complexen = vorm
    maand = (BEGIN + np.arange(eerste, eerste + maanden)).astype("datetime64[D]")
    ids = pa.array(number_complexen(complexen)).dictionary_encode()
    nummer = np.tile(np.arange(complexen), maanden)

    def spread(waarde: npt.NDArray[np.generic]) -> pa.Array:
        plat = np.broadcast_to(waarde, vorm).ravel()
        # Not a number is unknown; DuckDB would take it for a number.
        return pa.array(plat, from_pandas=plat.dtype.kind == "f")

    return pa.table(
        {
            "complex_id": ids.dictionary.take(pa.array(nummer)),
            "maand": pa.array(np.repeat(maand, complexen)),
            **{naam: spread(waarde) for naam, waarde in kolommen.items()},
        }
    )


# --- the SQL of the line


@dataclass(frozen=True)
class KenmerkSql:
    """Compiled dbt models and the tables they read.

    Attributes
    ----------
    catalogus
        Name of the database in the compiled SQL.
    code
        Per model: the SQL.
    relatie
        Per model or table beneath it: (schema, name).
    """

    catalogus: str
    code: Mapping[str, str]
    relatie: Mapping[str, tuple[str, str]]


def compile_kenmerken(modellen: Sequence[str] = MODELLEN) -> KenmerkSql:
    """Compile the feature models with dbt, in this process, on no warehouse at all.

    Raises
    ------
    DbtFout
        When a model does not compile or does not exist.
    """
    with tempfile.TemporaryDirectory(prefix="buurtpeil-sql-") as map_:
        doel = Path(map_) / "doel"
        warehouse = Path(map_) / "warehouse.duckdb"
        # dbt prints what it compiled, however quiet it is told to be.
        with contextlib.redirect_stdout(io.StringIO()):
            uitkomsten = run_dbt(["compile", "--select", *modellen], warehouse, doel)
        fout = [uit for uit in uitkomsten if not uit.geslaagd]
        if fout:
            raise DbtFout(f"{fout[0].unique_id} is niet om te zetten: {fout[0].bericht}")
        manifest = json.loads((doel / MANIFEST).read_text(encoding="utf-8"))
    knopen = manifest["nodes"]
    per_naam = {
        knoop["name"]: knoop
        for knoop in knopen.values()
        if knoop["resource_type"] in {"model", "seed"}
    }
    weg = [naam for naam in modellen if naam not in per_naam]
    if weg:
        raise DbtFout(f"Er is geen dbt-model {', '.join(weg)}.")
    nodig = set(modellen)
    for naam in modellen:
        nodig.update(knopen[id_]["name"] for id_ in per_naam[naam]["depends_on"]["nodes"])
    return KenmerkSql(
        catalogus=per_naam[modellen[0]]["database"],
        code={naam: per_naam[naam]["compiled_code"] for naam in modellen},
        relatie={naam: (per_naam[naam]["schema"], per_naam[naam]["alias"]) for naam in nodig},
    )


class KenmerkBank:
    """An in-memory DuckDB in which the compiled models run on whatever tables it is given.

    Parameters
    ----------
    sql
        From :func:`compile_kenmerken`.
    """

    def __init__(self, sql: KenmerkSql) -> None:
        self._sql = sql
        self._db = duckdb.connect(
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        )
        # One thread: worlds run beside each other in processes of their own.
        self._db.execute("set threads = 1; set enable_progress_bar = false")
        self._db.execute(f"attach ':memory:' as \"{sql.catalogus}\"")
        for schema in sorted({schema for schema, _ in sql.relatie.values()}):
            self._db.execute(f'create schema if not exists "{sql.catalogus}"."{schema}"')

    def __enter__(self) -> KenmerkBank:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def put(self, naam: str, tabel: pa.Table) -> None:
        """Make ``tabel`` what the models read under the name of a model or seed."""
        schema, alias = self._sql.relatie[naam]
        self._db.register("invoer", tabel)
        try:
            self._db.execute(
                f'create or replace table "{self._sql.catalogus}"."{schema}"."{alias}" '
                "as select * from invoer"
            )
        finally:
            self._db.unregister("invoer")

    def fetch(self, model: str, maanden: Iterable[int]) -> pa.Table:
        """Return the rows of a model for some months of the world, by month and complex."""
        dagen = [
            (BEGIN + np.timedelta64(maand, "M")).astype("datetime64[D]").astype(object)
            for maand in maanden
        ]
        return self._db.sql(
            f"select * from ({self._sql.code[model]}) where list_contains($1, peildatum) "
            "order by peildatum, complex_id",
            params=[dagen],
        ).to_arrow_table()


# --- panels


def build_log(wereld: Wereld) -> Onderzoeklog:
    """Return the inspections of a world; a result is known in the month itself."""
    o = wereld.geschiedenis.onderzoeken
    ids = np.array(number_complexen(wereld.stad.n.size))
    maand = o.maand + to_peilmaand(0)
    return Onderzoeklog(
        complex_id=ids[o.complex],
        maand=maand,
        bekend=maand,
        reden=np.array(REDENEN)[o.reden],
        selectiekans=o.kans,
        is_treffer=o.is_bevestigd.astype(np.float64),
    )


@dataclass(frozen=True, eq=False)
class Panelen:
    """What the models see of a world, and which complex of the arrays each row is.

    Attributes
    ----------
    overlast : Paneel
        As-of dates of every third month from month 24 on that have a whole horizon.
    woonfraude : Paneel
        Every month.
    log : Onderzoeklog
        Inspections.
    """

    overlast: Paneel
    woonfraude: Paneel
    log: Onderzoeklog


def find_complex(paneel: Paneel) -> Geheel:
    """Return which complex of the world's arrays each row is, shape (R,)."""
    _, nummer = np.unique(paneel.complex_id, return_inverse=True)
    alle = np.array([int(naam[1:]) - 1 for naam in np.unique(paneel.complex_id)])
    return np.asarray(alle[nummer], dtype=np.int64)


def find_maand(paneel: Paneel) -> Geheel:
    """Return which month of the world each row's as-of date begins, shape (R,)."""
    return paneel.peilmaand - to_peilmaand(0)


def build_panelen(wereld: Wereld, sql: KenmerkSql) -> Panelen:
    """Return a world as the models see it."""
    g = wereld.geschiedenis
    with KenmerkBank(sql) as bank:
        bank.put(OVERLAST_MAAND, build_overlast_maand(wereld))
        maanden = range(EERSTE_PEILMAAND, g.maanden - HORIZON + 1, STAP)
        overlast = build_overlast_paneel(
            bank.fetch(OVERLAST_KENMERK, maanden),
            read_toegestaan("overlast"),
            bank.fetch(OVERLAST_UITKOMST, maanden),
        )
        bank.put(WOONFRAUDE_MAAND, build_woonfraude_maand(wereld))
        woonfraude = build_woonfraude_paneel(
            bank.fetch(WOONFRAUDE_KENMERK, range(1, g.maanden)), read_toegestaan("woonfraude")
        )
    return Panelen(overlast, woonfraude, build_log(wereld))
