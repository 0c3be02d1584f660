"""Every row of every store of our own goes when its term is over, and nothing of it stays behind.

Made from the tables themselves: a table or a store that nobody gave a term turns this red.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    NullPool,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
    text,
)

import serving
from models.registry import Modelregister
from orchestration.bewaard import EIGEN_OPSLAG
from orchestration.bewaren import Opschoner, shrink_warehouse
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.besluit.bewaren import JONGSTE_BLIJFT, Besluitbewaring
from serving.besluit.werklijstregister import Werklijstregister
from serving.initiatief.register import Initiatiefregister
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.opslag import Moment, Opslag
from serving.release.winkel import list_releases
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from serving.toegang.register import Toegangsregister
from sources.bewaren import read_opgeschoond
from tests.unit.conftest import make_database
from tests.unit.models.test_registry import (
    lege_database,  # noqa: F401 - a registry's tables, made once
    log_versie,
)
from tests.unit.serving.signaal.conftest import VOORSTEL
from tests.unit.serving.voorbeeld_release import publish_example
from vera.contract import Contract
from vera.errors import BuurtpeilError, GebruikFout
from vera.toegang import Lezer, find_rollen

OUD: Final = datetime(2010, 1, 4, 9, 0, tzinfo=UTC)
NU: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MERK: Final = "zoekmij"
"""In every text that is planted, so that the bytes of a store can be searched for it."""
RIJEN: Final = 2

KLOPT: Final[Mapping[str, Any]] = {
    "niveau": "complex", "delta": 1, "model_label": 2, "soort": "bevestigd", "model": "overlast",
    "baan": "model", "selectiekans": 0.5, "is_onthouden": False, "keuze": "opvolgen",
    "soort_code": "voorlichting", "stand": "gestopt", "herkomst": "register",
    "status": "opgepakt", "aantal": 10,
    "gepubliceerd_peildatum": (OUD - timedelta(days=90)).date(),
    "einddatum": (OUD + timedelta(days=90)).date(),
}  # fmt: skip
"""Values that a check of a table asks for."""
BLIJFT: Final = {"signaallog_kop"}
"""Without a date: one row that says where the log begins and ends."""


def list_metadata() -> dict[str, MetaData]:
    """Return the tables of every store, by the module that has them."""
    return {
        module.name: importlib.import_module(module.name).metadata
        for module in pkgutil.walk_packages(serving.__path__, "serving.")
        if module.name.endswith(".tabellen")
    }


@pytest.fixture
def instellingen(tmp_path: Path) -> Instellingen:
    return Instellingen(data=tmp_path / "data", leveringen=tmp_path / "leveringen")


@pytest.fixture(params=["sqlite", "postgresql"])
def op_elk(request: pytest.FixtureRequest, instellingen: Instellingen) -> Instellingen:
    """Settings that keep the stores in files, and in databases of a real server."""
    if request.param == "sqlite":
        return instellingen
    server: str = request.getfixturevalue("postgres")
    return replace(
        instellingen,
        **{naam: make_database(server, naam) for naam in ("besluiten_url", "toegang_url",
                                                          "signalen_url")},
    )  # fmt: skip


@pytest.fixture
def winkels(op_elk: Instellingen) -> dict[str, tuple[Opslag, str]]:
    """Every store by the module of its tables, with an old clock, and where it is."""
    instellingen = op_elk
    sleutels = Sleutelbos(instellingen.data / "sleutels", None)
    per_module: dict[str, tuple[Opslag, str]] = {
        "serving.besluit.tabellen": (
            Besluitbewaring(instellingen.besluiten_adres, nu=lambda: OUD),
            instellingen.besluiten_adres,
        ),
        "serving.initiatief.tabellen": (
            Initiatiefregister(instellingen.initiatieven_adres, nu=lambda: OUD),
            instellingen.initiatieven_adres,
        ),
        "serving.signaal.tabellen": (
            Signaalregister(instellingen.signalen_adres, sleutels, nu=lambda: OUD),
            instellingen.signalen_adres,
        ),
        "serving.toegang.tabellen": (
            Toegangsregister(instellingen.toegang_adres, nu=lambda: OUD),
            instellingen.toegang_adres,
        ),
    }
    return per_module


def open_database(adres: str) -> Connection:
    motor = create_engine(adres, poolclass=NullPool)
    if motor.dialect.name == "sqlite":
        event.listen(motor, "connect", lambda db, _: db.execute("pragma foreign_keys = on"))
    return motor.connect()


def make_rij(tabel: Table, nummer: int) -> dict[str, Any]:
    """Return a row of long ago for a table, whatever its columns are."""
    rij: dict[str, Any] = {}
    for kolom in tabel.columns:
        if kolom.foreign_keys:
            waarde: Any = make_waarde(next(iter(kolom.foreign_keys)).column, nummer)
        elif kolom.name in KLOPT:
            waarde = KLOPT[kolom.name]
        else:
            waarde = make_waarde(kolom, nummer)
        rij[kolom.name] = waarde
    return rij


def make_waarde(kolom: Any, nummer: int) -> Any:
    soort = kolom.type
    if isinstance(soort, Moment):
        return OUD + timedelta(days=nummer)
    if isinstance(soort, Date):
        return (OUD + timedelta(days=nummer)).date()
    if isinstance(soort, Boolean):
        return False
    if isinstance(soort, Integer | Float):
        return nummer
    return f"{MERK}{nummer}"


def plant(winkels: Mapping[str, tuple[Opslag, str]]) -> dict[str, set[tuple[Any, ...]]]:
    """Fill every table of every store with rows of long ago; return their keys by table."""
    signalen = winkels["serving.signaal.tabellen"][0]
    assert isinstance(signalen, Signaalregister)
    # What is encrypted and chained can only be made by the store itself.
    stand = signalen.add(VOORSTEL, MERK)
    signalen.follow_up(stand.kenmerk, "opgepakt", "", MERK)
    gepland: dict[str, set[tuple[Any, ...]]] = {}
    for module, metadata in list_metadata().items():
        opslag, adres = winkels[module]
        with opslag._write():
            pass  # makes the tables
        with open_database(adres) as verbinding:
            for tabel in metadata.sorted_tables:
                if verbinding.execute(select(tabel)).first() is None:
                    for nummer in range(1, RIJEN + 1):
                        verbinding.execute(insert(tabel).values(make_rij(tabel, nummer)))
                gepland[tabel.name] = read_sleutels(verbinding, tabel)
            verbinding.commit()
        opslag.close()
    return gepland


def read_sleutels(verbinding: Connection, tabel: Table) -> set[tuple[Any, ...]]:
    return {tuple(rij) for rij in verbinding.execute(select(*tabel.primary_key.columns))}


def iter_over(
    winkels: Mapping[str, tuple[Opslag, str]], gepland: Mapping[str, set[tuple[Any, ...]]]
) -> Iterator[tuple[str, int]]:
    """Yield the tables that still hold planted rows, and how many."""
    for module, metadata in list_metadata().items():
        with open_database(winkels[module][1]) as verbinding:
            for tabel in metadata.sorted_tables:
                over = gepland[tabel.name] & read_sleutels(verbinding, tabel)
                if over:
                    yield tabel.name, len(over)


def make_opschoner(instellingen: Instellingen) -> Opschoner:
    return Opschoner(instellingen, Contract(()), lambda: NU)


def test_every_store_with_tables_is_one_that_this_test_knows(
    winkels: Mapping[str, tuple[Opslag, str]],
) -> None:
    assert set(list_metadata()) == set(winkels)


def test_row_of_every_table_of_every_store_goes_when_its_term_is_over(
    op_elk: Instellingen, winkels: Mapping[str, tuple[Opslag, str]]
) -> None:
    gepland = plant(winkels)
    assert all(gepland.values())

    uit = make_opschoner(op_elk).purge(NU.date())

    over = dict(iter_over(winkels, gepland))
    # The last word on a model still holds.
    assert {naam for naam in over if naam not in BLIJFT} == set(JONGSTE_BLIJFT)
    assert {over[naam] for naam in JONGSTE_BLIJFT} == {1}
    assert {deel.plek for deel in uit.verwijderd} == {
        "besluiten", "initiatieven", "signalen", "toegang",
    }  # fmt: skip


def test_everything_that_goes_is_told_of_on_the_page_by_the_rule_that_removed_it(
    op_elk: Instellingen, winkels: Mapping[str, tuple[Opslag, str]]
) -> None:
    plant(winkels)
    gezegd = {(o.plek, regel) for o in EIGEN_OPSLAG for _, regel in o.termijnen}

    uit = make_opschoner(op_elk).purge(NU.date())

    assert {(deel.plek, deel.regel) for deel in uit.verwijderd} <= gezegd
    assert len({o.plek for o in EIGEN_OPSLAG}) == len(EIGEN_OPSLAG)


def test_every_folder_of_a_data_folder_that_is_kept_is_told_of(tmp_path: Path) -> None:
    """Folders that ``purge`` or a run makes anew hold nothing that is not told of elsewhere."""
    opnieuw_gemaakt = {
        "dagster", "dbt", "herberekend", "landing", "papieren", "poort_in.json", "quarantaine",
        "referentie", "robuustheid", "run.slot", "warehouse.duckdb",
    }  # fmt: skip
    werk = {".terugzetten.deel", "herberekening.werk", "herijking"}
    met_release = {"archief"}
    van_niemand = {"sleutels"}
    namen = {
        getattr(Werkmap(tmp_path), naam).name
        for naam, wat in vars(Werkmap).items()
        if isinstance(wat, property)
    }
    gezegd = {opslag.plek for opslag in EIGEN_OPSLAG}
    assert namen - opnieuw_gemaakt - werk - met_release - van_niemand <= gezegd


def test_row_that_is_not_past_its_term_stays(
    op_elk: Instellingen, winkels: Mapping[str, tuple[Opslag, str]]
) -> None:
    gepland = plant(winkels)
    dag = OUD.date() + timedelta(days=30)

    uit = make_opschoner(op_elk).purge(dag)

    assert uit.verwijderd == ()
    assert dict(iter_over(winkels, gepland)) == {naam: len(s) for naam, s in gepland.items()}


@pytest.mark.parametrize("op_elk", ["sqlite"], indirect=True)
def test_nothing_of_a_removed_row_is_left_in_the_files_of_a_store(
    op_elk: Instellingen, winkels: Mapping[str, tuple[Opslag, str]]
) -> None:
    plant(winkels)
    make_opschoner(op_elk).purge(NU.date())
    with open_database(op_elk.besluiten_adres) as verbinding:
        # The rows that stay, as said above.
        verbinding.exec_driver_sql("pragma secure_delete = on")
        remove_blijft(verbinding)
        verbinding.commit()
        verbinding.exec_driver_sql("pragma wal_checkpoint(truncate)")

    assert list_met_merk(op_elk.data) == []


@pytest.mark.parametrize("op_elk", ["postgresql"], indirect=True)
def test_nothing_of_a_removed_row_is_left_in_the_tables_of_a_server(
    op_elk: Instellingen, winkels: Mapping[str, tuple[Opslag, str]], postgres: str
) -> None:
    plant(winkels)
    mappen = find_mappen(postgres, op_elk)
    write_out(postgres)
    assert all(map(list_met_merk, mappen)), "what is planted can be found"

    make_opschoner(op_elk).purge(NU.date())
    with open_database(op_elk.besluiten_adres) as verbinding:
        remove_blijft(verbinding)
        verbinding.commit()
        alleen = verbinding.execution_options(isolation_level="AUTOCOMMIT")
        for naam in JONGSTE_BLIJFT:
            alleen.exec_driver_sql(f"vacuum (full) {naam}")

    write_out(postgres)
    assert [naam for map_ in mappen for naam in list_met_merk(map_)] == []


@pytest.mark.parametrize("op_elk", ["postgresql"], indirect=True)
def test_table_in_use_is_told_of_and_its_rows_are_removed_all_the_same(
    op_elk: Instellingen,
    winkels: Mapping[str, tuple[Opslag, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gepland = plant(winkels)
    monkeypatch.setattr("serving.opslag.WACHTTIJD_TABEL", "20ms")
    with open_database(op_elk.besluiten_adres) as lezer:
        lezer.exec_driver_sql("lock table preventiemaatregel in access share mode")
        with pytest.raises(BuurtpeilError, match="niet te lezen of te schrijven"):
            make_opschoner(op_elk).purge(NU.date())
        over = {naam for naam, _ in iter_over(winkels, gepland)}

    assert not over & {"duiding", "werklijst", "preventiemaatregel"}


def remove_blijft(verbinding: Connection) -> None:
    for naam in JONGSTE_BLIJFT:
        verbinding.execute(list_metadata()["serving.besluit.tabellen"].tables[naam].delete())


def write_out(server: str) -> None:
    """Have everything that a server changed in its files, and nothing that it let go of."""
    motor = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with motor.connect() as verbinding:
        verbinding.exec_driver_sql("checkpoint")


def find_mappen(server: str, instellingen: Instellingen) -> list[Path]:
    """Return the folders in which a server keeps the databases of the stores."""
    base = Path(str(make_url(server).query["host"])) / "data" / "base"
    adressen = (
        instellingen.besluiten_adres, instellingen.toegang_adres, instellingen.signalen_adres,
    )  # fmt: skip
    mappen = []
    for adres in adressen:
        with open_database(adres) as verbinding:
            vraag = text("select oid from pg_database where datname = current_database()")
            mappen.append(base / str(verbinding.scalar(vraag)))
    return mappen


def list_met_merk(map_: Path) -> list[str]:
    return [
        pad.name for pad in map_.rglob("*") if pad.is_file() and MERK.encode() in pad.read_bytes()
    ]


def test_clock_that_jumped_ahead_takes_nothing_by_itself(instellingen: Instellingen) -> None:
    map_ = instellingen.data / "bewaren"
    make_opschoner(instellingen).purge(NU.date())
    later = Opschoner(instellingen, Contract(()), lambda: NU + timedelta(days=101))

    with pytest.raises(GebruikFout, match="Er is niets verwijderd"):
        later.purge(later.nu().date())
    assert read_opgeschoond(map_) == NU.date()

    later.purge(later.nu().date(), dry_run=True)
    gezegd = later.nu().date() - timedelta(days=1)
    assert later.purge(gezegd).peildatum == gezegd, "a day that somebody says is done"
    assert later.purge(later.nu().date()).peildatum == later.nu().date()


def test_clock_is_trusted_while_releases_are_written(instellingen: Instellingen) -> None:
    publish_example(instellingen.data / "releases")
    geschreven = list_releases(instellingen.data / "releases")[0].geschreven_op
    assert geschreven is not None
    dag = datetime.fromisoformat(geschreven) + timedelta(days=99)
    opschoner = Opschoner(instellingen, Contract(()), lambda: dag)
    assert opschoner.purge(dag.date()).peildatum == dag.date()

    shutil.rmtree(instellingen.data / "bewaren")
    dag += timedelta(days=3)
    with pytest.raises(GebruikFout, match="klok"):
        opschoner.purge(dag.date())


@pytest.mark.parametrize("dry_run", [True, False], ids=["said", "done"])
def test_what_a_killed_command_left_of_rows_and_keys_goes(
    dry_run: bool, instellingen: Instellingen
) -> None:
    map_ = Werkmap.of(instellingen.data)
    achter = (map_.herijking, map_.herberekening)
    for werk in achter:
        (werk / "landing").mkdir(parents=True)
    make_opschoner(instellingen).purge(NU.date(), dry_run=dry_run)
    assert [werk.exists() for werk in achter] == [dry_run] * 2


def test_read_log_goes_line_by_line(instellingen: Instellingen) -> None:
    map_, sleutels = instellingen.data / "leeslog", instellingen.data / "sleutels"
    lezer = Lezer(MERK, find_rollen(["lezer"]), "ons")
    for moment in (OUD, NU):
        keten = Keten(map_, sleutels, nu=lambda moment=moment: moment)
        keten.add([Lezing(moment.timestamp(), lezer, "complex", "x", "C001", "complex", "r1")])

    make_opschoner(instellingen).purge(NU.date())

    [over] = [r for r in Keten(map_, sleutels).read() if r["daad"] == "lezen"]
    assert str(over["tijd"]).startswith("2026-11-02")
    assert Keten(map_, sleutels).check().problemen == ()


def test_training_that_never_scored_goes_unless_a_decision_names_it(
    instellingen: Instellingen,
    lege_database: Path,  # noqa: F811
) -> None:
    instellingen.data.mkdir(parents=True)
    shutil.copy(lege_database, instellingen.data / "mlflow.sqlite")
    register = Modelregister(instellingen.mlflow_adres, instellingen.modellen_map)
    genoemd, weg, laatste = (log_versie(register, alpha=alpha) for alpha in (10.0, 20.0, 30.0))
    with create_engine(instellingen.mlflow_adres).begin() as verbinding:
        # MLflow says itself when a training was.
        oud = int(OUD.timestamp() * 1000)
        verbinding.execute(
            text("update runs set start_time = start_time - :nu + :oud"),
            {"nu": int(datetime.now(UTC).timestamp() * 1000), "oud": oud},
        )
    with closing(Werklijstregister(instellingen.besluiten_adres, nu=lambda: NU)) as besluiten:
        besluiten.add_tekening("overlast", genoemd, laatste, "Lijst is nagelopen", "Anna")

    uit = make_opschoner(instellingen).purge(NU.date())

    assert [(v.plek, v.tabel, v.aantal) for v in uit.verwijderd] == [("modellen", "overlast", 1)]
    over = {v.modelversie for v in register.list_versies("overlast")}
    assert over == {genoemd, laatste} != {weg}


def test_what_a_killed_run_wrote_for_want_of_memory_goes(tmp_path: Path) -> None:
    map_ = Werkmap.of(tmp_path)
    uitwijk = map_.warehouse.with_name(f"{map_.warehouse.name}.tmp")
    uitwijk.mkdir(parents=True)
    (uitwijk / "duckdb_temp_block-1.block").write_bytes(b"rijen")
    shrink_warehouse(map_, Contract(()), date(2026, 1, 1))
    assert not uitwijk.exists()
