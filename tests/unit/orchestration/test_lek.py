"""Delivered columns that know how it ended: found where planted, named, stopping no run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.lek import (
    LEK_IN_LEVERING,
    VRAGEN,
    build_lek_in_levering,
    find_lekken_in_levering,
    say_lekken,
)
from orchestration.resources import Werkplaats, load_contract

LANDING = "date '2026-01-01' as _leveringsdatum, 1 as _volgnummer, i as _regel"
ZAKEN = 400
Bouw = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def pad(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def bouw(pad: Path) -> Iterator[Bouw]:
    """Give a function that delivers cases of which one in ten ends in a formal step."""
    open_: list[duckdb.DuckDBPyConnection] = []

    def build(*, zaken: int = ZAKEN, zaak: str = "", onderzoek: str = "") -> Any:
        db = duckdb.connect(str(pad))
        open_.append(db)
        for bron in ("vera", "zaakverloop", "woonfraude"):
            db.execute(f"create schema if not exists {bron}")
        db.execute(
            f"create or replace table vera.zaak as select 'Z' || i as zaak_id, "
            f"'D' || (i % 7) as detail, date '2024-01-01' + (i * 37 % 500)::int as begindatum "
            f"{zaak}, {LANDING} from range({zaken}) t (i)"
        )
        # every case starts with a talk; those with i % 10 = 3 come to a formal step
        db.execute(
            f"create or replace table zaakverloop.zaak_stap as "
            f"select 'Z' || i as zaak_id, 'gesprek' as stap_code, date '2024-02-01' as begindatum, "
            f"{LANDING} from range({zaken}) t (i) union all "
            f"select 'Z' || i, 'waarschuwing', date '2024-03-01', {LANDING} "
            f"from range({zaken}) t (i) where i % 10 = 3"
        )
        db.execute(
            f"create or replace table woonfraude.onderzoek as select 'O' || i as onderzoek_id, "
            f"'E' || i as eenheid_id, ['tip', 'aselect'][1 + i % 2] as reden_code, "
            f"case when i % 10 = 3 then 'bevestigd' when i % 10 = 4 then 'loopt' "
            f"else 'niets_gevonden' end as uitkomst_code {onderzoek}, {LANDING} "
            f"from range({zaken}) t (i)"
        )
        return db

    yield build
    for db in open_:
        db.close()


@pytest.mark.parametrize("tabel", list(VRAGEN))
def test_honest_deliveries_give_nothing_away_and_neither_do_empty_ones(
    bouw: Bouw, tabel: str
) -> None:
    assert find_lekken_in_levering(bouw(), tabel) == []
    assert find_lekken_in_levering(bouw(zaken=0), tabel) == []


def test_column_that_is_filled_in_once_a_case_went_wrong_is_named(bouw: Bouw) -> None:
    db = bouw(zaak=", case when i % 10 = 3 and i % 20 = 3 then 'mr. X' end as advocaat")
    (lek,) = find_lekken_in_levering(db, "vera.zaak")
    assert (lek.kolom, lek.soort, lek.rijen) == ("advocaat", "alleen_gevuld", ZAKEN // 20)
    zin = say_lekken("vera.zaak", [lek])
    assert "advocaat" in zin
    assert "mr. X" not in zin


def test_outcome_itself_is_no_leak_and_what_repeats_it_is(bouw: Bouw) -> None:
    db = bouw(onderzoek=", i % 10 = 3 as is_afgesloten_met_maatregel")
    (lek,) = find_lekken_in_levering(db, "woonfraude.onderzoek")
    assert lek.kolom == "is_afgesloten_met_maatregel"


def test_only_the_newest_version_of_a_case_counts(bouw: Bouw) -> None:
    """A column that leaked once, and was emptied in the next delivery, leaks no more."""
    db = bouw(zaak=", case when i % 10 = 3 then 'x' end as oud")
    assert [lek.kolom for lek in find_lekken_in_levering(db, "vera.zaak")] == ["oud"]
    db.execute(
        "insert into vera.zaak by name select * replace (null as oud, "
        "date '2026-02-01' as _leveringsdatum) from vera.zaak"
    )
    assert find_lekken_in_levering(db, "vera.zaak") == []


def test_every_table_that_is_looked_at_is_in_the_contract_with_its_columns() -> None:
    tabellen = {tabel.id: tabel for tabel in load_contract().tabellen}
    assert set(VRAGEN) <= set(tabellen)
    kolommen = {kolom.naam for kolom in tabellen["woonfraude.onderzoek"].kolommen}
    assert VRAGEN["woonfraude.onderzoek"].niet <= kolommen


def test_steps_that_count_are_those_of_the_outcome_that_is_foretold() -> None:
    feit = next((Path(__file__).parents[3] / "dbt_project").rglob("int_overlast__feit.sql"))
    assert "stap_code in ('waarschuwing', 'bemiddeling', 'juridisch')" in feit.read_text()
    assert "('waarschuwing', 'bemiddeling', 'juridisch')" in VRAGEN["vera.zaak"].sql


def test_check_warns_on_the_table_that_leaks_and_passes_on_the_others(
    bouw: Bouw, pad: Path, tmp_path: Path
) -> None:
    bouw(zaak=", case when i % 10 = 3 then 'x' end as advocaat").close()
    check = build_lek_in_levering()
    uitkomst = dg.materialize(
        [check],
        selection=dg.AssetSelection.checks(check),
        resources={"werkplaats": Werkplaats(data=str(tmp_path), leveringen=str(tmp_path))},
    )
    oordelen = {o.asset_key.path[-1]: o for o in uitkomst.get_asset_check_evaluations()}
    assert uitkomst.success
    assert {naam: o.passed for naam, o in oordelen.items()} == {
        "zaak": False, "zaak_stap": True, "onderzoek": True,
    }  # fmt: skip
    zaak = oordelen["zaak"]
    assert zaak.severity == dg.AssetCheckSeverity.WARN
    assert zaak.check_name == LEK_IN_LEVERING
    assert "advocaat" in (zaak.description or "")
