"""The gate out says the same of a release in parts as of the whole."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.poort_uit import INDICATORWAARDE, LABEL
from orchestration import archief, poort_delen
from serving.release import schema
from tests.unit.expectations.conftest import Release, make_indicatorwaarden
from vera.bevinding import Bevinding

_ONDER_ELKAAR = 5


def put_in_warehouse(release: Release) -> duckdb.DuckDBPyConnection:
    """Return a warehouse with the tables of a release; those that it has not are empty."""
    warehouse = duckdb.connect()
    for laag in ("mart", "seeds", "intermediate"):
        warehouse.execute(f"create schema {laag}")
    for naam, relatie in poort_delen.RELATIES.items():
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


def judge(release: Release, verleden: Path | None, per_deel: int) -> list[Bevinding]:
    with put_in_warehouse(release) as warehouse:
        return poort_delen.judge_release(warehouse, verleden, release.contract, per_deel=per_deel)


def list_fout(bevindingen: list[Bevinding]) -> dict[tuple[str, str], int]:
    return {(b.tabel, b.regel): b.aantal for b in bevindingen if not b.geslaagd}


@pytest.fixture
def in_wijken(release: Release) -> Release:
    """The sound release, its complexes in five wijken."""
    objecten = release.tabellen["mart_beheerobject__beheerobject"]
    objecten["wijk_id"] = [f"W{i % 5}" for i in range(len(objecten))]
    objecten["buurt_id"] = [f"B{i}" for i in range(len(objecten))]
    return release


def test_a_sound_release_is_sound_in_parts(in_wijken: Release, tmp_path: Path) -> None:
    verleden = put_in_archief(in_wijken, tmp_path)
    heel, delen = (judge(in_wijken, verleden, per) for per in (10**6, _ONDER_ELKAAR))
    assert list_fout(heel) == {}
    assert delen == heel


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
def test_what_is_wrong_in_one_part_is_counted_as_in_the_whole(
    in_wijken: Release, tmp_path: Path, tabel: str, kolom: str, waarde: object
) -> None:
    verleden = put_in_archief(in_wijken, tmp_path)
    in_wijken.tabellen[tabel].loc[8, kolom] = waarde
    heel, delen = (judge(in_wijken, verleden, per) for per in (10**6, _ONDER_ELKAAR))
    assert list_fout(heel)
    assert list_fout(delen) == list_fout(heel)


def test_a_last_day_that_a_part_has_not_is_no_other_last_day(in_wijken: Release) -> None:
    waarden = in_wijken.tabellen[INDICATORWAARDE]
    # All of wijk W1 is shown on an earlier day than the rest, with one complex hidden in a buurt.
    oud = waarden["beheerobject_id"].isin(["C1", "C6"])
    waarden.loc[oud, "peildatum"] = (pd.Timestamp("2025-10-01")).date()
    buurt = waarden[waarden["beheerobject_id"] == "C1"].assign(niveau="buurt", beheerobject_id="B1")
    waarden.loc[waarden["beheerobject_id"] == "C1", "is_gebandeerd"] = True
    leeg = ["waarde", "gestandaardiseerd", "bijdrage"]
    waarden.loc[waarden["beheerobject_id"] == "C1", leeg] = None
    elders = buurt.assign(beheerobject_id="B2", peildatum=pd.Timestamp("2026-01-01").date())
    in_wijken.tabellen[INDICATORWAARDE] = pd.concat([waarden, buurt, elders], ignore_index=True)
    heel, delen = (judge(in_wijken, None, per) for per in (10**6, _ONDER_ELKAAR))
    assert list_fout(delen) == list_fout(heel)
