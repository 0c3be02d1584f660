"""The gate out says the same of a release in a warehouse as of one in frames."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.poort_uit import INDICATORWAARDE, LABEL
from orchestration import archief
from orchestration.poort_uit import judge_release
from orchestration.warehouse import RELATIES
from serving.release import schema
from tests.unit.expectations.conftest import Release, make_indicatorwaarden
from vera.bevinding import Bevinding


def put_in_warehouse(release: Release) -> duckdb.DuckDBPyConnection:
    """Return a warehouse with the tables of a release; those that it has not are empty."""
    warehouse = duckdb.connect()
    for laag in ("mart", "seeds", "intermediate"):
        warehouse.execute(f"create schema {laag}")
    for naam, relatie in RELATIES.items():
        tabel = release.tabellen.get(naam)
        inhoud = schema.TABELLEN[naam].kolommen.empty_table() if tabel is None else tabel
        warehouse.register("inhoud", inhoud)
        warehouse.execute(f"create table {relatie} as select * from inhoud")
        warehouse.unregister("inhoud")
    return warehouse


def put_in_archief(release: Release, map_: Path) -> Path:
    """Write the previous release as an archive has it."""
    objecten = release.tabellen["mart_beheerobject__beheerobject"]
    objecten.to_parquet(map_ / archief.BEHEEROBJECTEN)
    assert release.vorige is not None
    release.vorige[LABEL].to_parquet(map_ / archief.LABELS)
    make_indicatorwaarden().to_parquet(map_ / archief.INDICATOREN)
    return map_


def judge(release: Release, verleden: Path | None) -> list[Bevinding]:
    with put_in_warehouse(release) as warehouse:
        return judge_release(warehouse, verleden, release.contract)


def list_fout(bevindingen: list[Bevinding]) -> list[Bevinding]:
    return [b for b in bevindingen if not b.geslaagd]


@pytest.fixture
def in_wijken(release: Release) -> Release:
    """The sound release, its complexes in five wijken, and all of it published before."""
    objecten = release.tabellen["mart_beheerobject__beheerobject"]
    objecten["wijk_id"] = [f"W{i % 5}" for i in range(len(objecten))]
    objecten["buurt_id"] = [f"B{i}" for i in range(len(objecten))]
    assert release.vorige is not None
    release.vorige["mart_beheerobject__beheerobject"] = objecten.copy()
    release.vorige[INDICATORWAARDE] = make_indicatorwaarden()
    return release


def test_a_sound_release_is_sound_in_a_warehouse(in_wijken: Release, tmp_path: Path) -> None:
    bevindingen = judge(in_wijken, put_in_archief(in_wijken, tmp_path))
    assert list_fout(bevindingen) == []
    regels = {(b.tabel, b.regel) for b in bevindingen}
    assert {(b.tabel, b.regel) for b in in_wijken.check()} <= regels


@pytest.mark.parametrize(
    ("tabel", "kolom", "waarde"),
    [
        (LABEL, "score", 120.0),
        (LABEL, "sociaal_beheer_label", 4),
        (LABEL, "thema_code", "SHV"),
        (LABEL, "beheerobject_id", "C99"),
        (INDICATORWAARDE, "bijdrage", 9.0),
        (INDICATORWAARDE, "waarde", 0.3),
        (INDICATORWAARDE, "indicator_code", "bel 06-12345678"),
    ],
)
def test_what_is_wrong_in_a_warehouse_is_told_as_of_frames(
    in_wijken: Release, tmp_path: Path, tabel: str, kolom: str, waarde: object
) -> None:
    verleden = put_in_archief(in_wijken, tmp_path)
    in_wijken.tabellen[tabel].loc[8, kolom] = waarde
    fout = list_fout(judge(in_wijken, verleden))
    assert fout
    assert fout == list_fout(in_wijken.check())


def test_a_last_day_is_that_of_the_niveau_and_not_of_a_wijk(in_wijken: Release) -> None:
    waarden = in_wijken.tabellen[INDICATORWAARDE]
    # All of wijk W1 is shown on an earlier day than the rest, with one complex hidden in a buurt.
    oud = waarden["beheerobject_id"].isin(["C1", "C6"])
    waarden.loc[oud, "peildatum"] = (pd.Timestamp("2025-10-01")).date()
    buurt = waarden[waarden["beheerobject_id"] == "C1"].assign(niveau="buurt", beheerobject_id="B1")
    waarden.loc[waarden["beheerobject_id"] == "C1", "is_gebandeerd"] = True
    leeg = ["waarde", "gestandaardiseerd", "bijdrage"]
    waarden.loc[waarden["beheerobject_id"] == "C1", leeg] = None
    elders = buurt.assign(beheerobject_id="B2", peildatum=pd.Timestamp("2026-01-01").date())
    delen = [waarden, buurt, elders]
    in_wijken.tabellen[INDICATORWAARDE] = pd.concat(delen, ignore_index=True)
    fout = {b.regel for b in list_fout(judge(in_wijken, None))}
    assert "verborgen_complex_niet_af_te_trekken" not in fout

    # On one day for both it is told.
    delen[1] = buurt.assign(peildatum=pd.Timestamp("2026-01-01").date())
    waarden.loc[oud, "peildatum"] = pd.Timestamp("2026-01-01").date()
    in_wijken.tabellen[INDICATORWAARDE] = pd.concat(delen[:2], ignore_index=True)
    fout = {b.regel for b in list_fout(judge(in_wijken, None))}
    assert "verborgen_complex_niet_af_te_trekken" in fout
