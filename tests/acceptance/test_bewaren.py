"""A purge, from the first row that goes to the next quarter's label, and what it leaves alone."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.assets.bewaartermijn import BEWAARTERMIJN
from orchestration.bewaren import BLIJFT, PER_ONDERZOEK, Opschoner, Opschoning
from orchestration.definitions import build_definitions
from orchestration.instellingen import Instellingen
from orchestration.jobs import OPSCHONEN, VERVERSING
from orchestration.resources import load_contract
from orchestration.schedules import build_schedules
from orchestration.slot import RunBezig, hold_slot
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from orchestration.warehouse import LAGEN
from orchestration.werkmap import Werkmap
from sources.bewaren import read_opgeschoond
from sources.demo.genereer import generate
from tests.acceptance.conftest import Bedrijf
from vera.bewaren import parse_termijn
from vera.errors import GebruikFout

LAATSTE = "2026-01-01"
_PSEUDONIEM = re.compile(rb"(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])")
NU = datetime(2026, 1, 15, tzinfo=UTC)
DAG = NU.date()


def make_opschoner(bedrijf: Bedrijf, nu: datetime = NU) -> Opschoner:
    instellingen = Instellingen(data=bedrijf.data, leveringen=bedrijf.leveringen)
    return Opschoner(instellingen, load_contract(), lambda: nu)


def read_labels(bedrijf: Bedrijf) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Return every published label of the served release, by its key."""
    release = bedrijf.data / "archief" / str(bedrijf.huidig) / "sociaal_beheer_label.parquet"
    rijen = duckdb.sql(
        "select niveau, beheerobject_id, grondslag, peildatum, thema_code, "
        f"* exclude (niveau, beheerobject_id, grondslag, peildatum, thema_code) from '{release}'"
    ).fetchall()
    return {rij[:5]: rij[5:] for rij in rijen}


@pytest.fixture(scope="module")
def wereld(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bedrijf, Bedrijf, Opschoning]:
    """Eight years, published up to the last quarter but one; then one of two is purged.

    Both then get the last delivery and run again.
    """
    map_ = tmp_path_factory.mktemp("bewaren")
    eerst = Bedrijf(map_ / "data", map_ / "leveringen")
    generate(eerst.leveringen, eenheden=600, jaren=8, seed=3)
    deliver = eerst.hold_back(LAATSTE, map_ / "apart")
    eerst.run()
    kopie = eerst.copy(map_ / "kopie")
    uit = make_opschoner(kopie).purge(DAG)
    deliver()
    for pad in sorted(eerst.leveringen.rglob(f"*_{LAATSTE}.csv")):
        (kopie.leveringen / pad.relative_to(eerst.leveringen)).write_bytes(pad.read_bytes())
    eerst.run()
    kopie.run()
    return eerst, kopie, uit


def test_label_of_next_quarter_is_the_same_with_and_without_a_purge(
    wereld: tuple[Bedrijf, Bedrijf, Opschoning],
) -> None:
    zonder, met, uit = wereld
    assert {v.tabel for v in uit.verwijderd} >= {"vera.zaak", "vera.defect", "vera.huurachterstand"}
    labels = read_labels(zonder)
    assert max(str(sleutel[3]) for sleutel in labels) == LAATSTE
    assert read_labels(met) == labels


def test_no_row_outlives_its_rule_anywhere(
    wereld: tuple[Bedrijf, Bedrijf, Opschoning],
) -> None:
    """Landings are read column by column; what else there is, is searched for removed keys."""
    _, bedrijf, uit = wereld
    te_oud = []
    for tabel in load_contract().tabellen:
        termijn = parse_termijn(tabel.bewaartermijn)
        grens = termijn.find_grens(uit.peildatum)
        if grens is None or termijn.tabel is not None:
            continue
        bestanden = sorted((bedrijf.data / "landing" / tabel.bron / tabel.naam).glob("*.parquet"))
        for pad in bestanden:
            datums = pq.read_table(pad, columns=[str(termijn.kolom)])[0].to_pylist()
            te_oud += [(tabel.id, pad.name) for dag in datums if dag is not None and dag < grens]
    assert te_oud == []


def test_original_is_listed_and_left_as_it_was(
    wereld: tuple[Bedrijf, Bedrijf, Opschoning],
) -> None:
    zonder, met, uit = wereld
    assert {origineel.tabel for origineel in uit.originelen} >= {"vera.zaak", "vera.defect"}
    for origineel in uit.originelen:
        eigen = (met.leveringen / origineel.bestand).read_bytes()
        assert eigen == (zonder.leveringen / origineel.bestand).read_bytes()


def test_no_key_of_a_row_stands_outside_landing_and_warehouse(kopie: Bedrijf) -> None:
    """Dagster's events, dbt's output, releases and archives: no step writes a row there."""
    sleutels = set()
    for tabel in load_contract().tabellen:
        namen = [k.naam for k in tabel.kolommen if k.behandeling == "pseudoniem"]
        for pad in (kopie.data / "landing" / tabel.bron / tabel.naam).glob("*.parquet"):
            for naam in namen:
                sleutels |= set(pq.read_table(pad, columns=[naam])[0].to_pylist()[:500])
    sleutels.discard(None)
    assert len(sleutels) > 1000
    overig = [
        pad
        for map_ in ("dagster", "dbt", "releases", "archief", "referentie", "robuustheid")
        for pad in sorted((kopie.data / map_).rglob("*"))
        if pad.is_file()
    ]
    woorden = {sleutel.encode() for sleutel in sleutels}
    gevonden = {
        pad.name: woorden.intersection(_PSEUDONIEM.findall(pad.read_bytes())) for pad in overig
    }
    assert {naam: woord for naam, woord in gevonden.items() if woord} == {}


def test_purged_warehouse_holds_no_row_about_anybody_and_still_serves(kopie: Bedrijf) -> None:
    warehouse = kopie.data / "warehouse.duckdb"
    pseudoniem = {
        kolom.naam
        for tabel in load_contract().tabellen
        for kolom in tabel.kolommen
        if kolom.behandeling == "pseudoniem"
    }
    make_opschoner(kopie).purge(DAG)
    with duckdb.connect(str(warehouse), read_only=True) as db:
        over = {
            naam
            for (naam,) in db.execute(
                "select table_name from duckdb_tables() where list_contains(?, schema_name)",
                [list(LAGEN)],
            ).fetchall()
        }
        assert PER_ONDERZOEK[0] in over
        assert over - {PER_ONDERZOEK[0]} == {
            naam for naam in over if any(Path(naam).match(patroon) for patroon in BLIJFT)
        }
        met_sleutel = db.execute(
            "select table_name, column_name from duckdb_columns() join duckdb_tables() "
            "using (schema_name, table_name) where list_contains(?, column_name)",
            [sorted(pseudoniem)],
        ).fetchall()
        assert met_sleutel == []
        labels = db.execute("select count(*) from mart.mart_label__sociaal_beheer_label")
        assert labels.fetchone() != (0,)
        assert db.execute("select count(*) from vera.zaak").fetchone() != (0,)


def test_purge_and_run_never_meet(kopie: Bedrijf) -> None:
    with hold_slot(Werkmap.of(kopie.data).slot), pytest.raises(RunBezig):
        make_opschoner(kopie).purge(DAG)


def test_day_that_is_yet_to_come_is_refused(kopie: Bedrijf) -> None:
    with pytest.raises(GebruikFout, match="moet nog komen"):
        make_opschoner(kopie).purge(date(2026, 1, 16))


def test_purge_on_an_earlier_day_keeps_the_border_where_it_was(kopie: Bedrijf) -> None:
    make_opschoner(kopie).purge(DAG)
    uit = make_opschoner(kopie).purge(date(2025, 1, 1))
    assert uit.peildatum == DAG
    assert uit.verwijderd == ()


def test_trial_changes_nothing_and_says_what_the_purge_then_does(kopie: Bedrijf) -> None:
    def stand() -> dict[Path, bytes]:
        return {
            pad: pad.read_bytes()
            for pad in kopie.data.rglob("*")
            if pad.is_file() and pad.name != "run.slot"
        }

    voor = stand()
    gezegd = make_opschoner(kopie).purge(DAG, dry_run=True)
    assert stand() == voor
    assert gezegd == make_opschoner(kopie).purge(DAG)


def test_purge_that_was_killed_is_finished_by_the_next(
    kopie: Bedrijf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ander = kopie.copy(tmp_path / "ander")
    make_opschoner(ander).purge(DAG)
    with monkeypatch.context() as patch:
        patch.setattr("orchestration.bewaren.purge_landing", _purge_half)
        with pytest.raises(KeyboardInterrupt):
            make_opschoner(kopie).purge(DAG)
    make_opschoner(kopie).purge(DAG)

    def count(bedrijf: Bedrijf) -> dict[str, int]:
        landing = bedrijf.data / "landing"
        return {
            str(pad.relative_to(landing)): pq.read_metadata(pad).num_rows
            for pad in landing.rglob("*.parquet")
        }

    assert count(kopie) == count(ander)


def _purge_half(contract, landing_map, peildatum, *, dry_run=False):  # type: ignore[no-untyped-def]
    """Purge as it should, but for the sources that come last: those are never reached."""
    from dataclasses import replace

    from sources.bewaren import purge_landing

    if dry_run:
        return purge_landing(contract, landing_map, peildatum, dry_run=True)
    purge_landing(replace(contract, bronnen=contract.bronnen[:-3]), landing_map, peildatum)
    raise KeyboardInterrupt


def test_log_says_what_went_and_names_nobody(kopie: Bedrijf) -> None:
    uit = make_opschoner(kopie).purge(DAG)
    [pad] = Werkmap.of(kopie.data).bewaren.glob("verwijderd-*.jsonl")
    regels = [json.loads(regel) for regel in pad.read_text(encoding="utf-8").splitlines()]
    assert pad.stat().st_mode & 0o077 == 0
    assert [(r["plek"], r["tabel"], r["aantal"]) for r in regels] == [
        (v.plek, v.tabel, v.aantal) for v in uit.verwijderd
    ]
    make_opschoner(kopie, datetime(2031, 3, 1, tzinfo=UTC)).purge(date(2031, 2, 28))
    assert not pad.exists()


def test_old_releases_go_whole_and_the_last_two_stay(kopie: Bedrijf) -> None:
    releases, archief = kopie.data / "releases", kopie.data / "archief"
    huidig = str(kopie.huidig)
    for nummer in range(3):
        for map_ in (releases, archief):
            doel = map_ / f"{nummer:012x}"
            doel.mkdir()
            for bron in sorted((map_ / huidig).iterdir()):
                if bron.is_file():
                    (doel / bron.name).write_bytes(bron.read_bytes())
        run = releases / f"{nummer:012x}" / "manifest.run.json"
        inhoud = json.loads(run.read_text(encoding="utf-8"))
        inhoud["geschreven_op"] = f"201{nummer}-01-01T00:00:00Z"
        run.write_text(json.dumps(inhoud), encoding="utf-8")
    uit = make_opschoner(kopie).purge(DAG)
    weg = {v.batch for v in uit.verwijderd if v.plek == "releases"}
    assert weg == {f"{0:012x}", f"{1:012x}"}
    over = {huidig, f"{2:012x}"}
    assert {p.name for p in releases.iterdir() if p.is_dir()} == over
    assert {p.name for p in archief.iterdir()} == over


def test_every_night_the_same_is_done_and_a_refresh_does_not_do_it(kopie: Bedrijf) -> None:
    instellingen = Instellingen(data=kopie.data, leveringen=kopie.leveringen)
    run_job(OPSCHONEN, instellingen, Voortgang(), bewaar=False)
    opgeschoond = read_opgeschoond(Werkmap.of(kopie.data).bewaren)
    assert opgeschoond is not None
    assert opgeschoond >= DAG
    definities = build_definitions(instellingen=instellingen)
    verversing = definities.resolve_job_def(VERVERSING)
    assert BEWAARTERMIJN not in verversing.asset_layer.executable_asset_keys
    [nachtelijk] = [s for s in build_schedules() if s.job_name == OPSCHONEN]
    assert nachtelijk.default_status.value == "RUNNING"


def test_purge_makes_no_store_that_was_not_there(kopie: Bedrijf) -> None:
    voor = {pad.name for pad in kopie.data.iterdir()}
    make_opschoner(kopie).purge(DAG)
    assert {pad.name for pad in kopie.data.iterdir()} - voor == {"bewaren"}
