"""How often labels are read otherwise, counted on what a build published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.duiding import create_table, measure_aandeel, say_aandeel
from serving.besluit.aandeel import Duidingaandeel
from vera.duiding import Regel

OKTOBER, JANUARI = date(2026, 10, 1), date(2027, 1, 1)
REGEL = Regel("complex", "C1", JANUARI, 1, "lokale_kennis")


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    verbinding = duckdb.connect()
    verbinding.execute("create schema mart")
    verbinding.execute("create schema buurtpeil")
    verbinding.execute(
        "create table mart.mart_label__sociaal_beheer_label (niveau varchar, grondslag varchar, "
        "peildatum date, thema_code varchar, sociaal_beheer_label integer, duiding_delta integer)"
    )
    create_table(verbinding, (REGEL,))
    yield verbinding
    verbinding.close()


def add(
    warehouse: duckdb.DuckDBPyConnection,
    aantal: int,
    *,
    peildatum: date = JANUARI,
    label: int | None = 3,
    delta: int | None = 0,
    niveau: str = "complex",
    thema: str = "TOT",
) -> None:
    warehouse.executemany(
        "insert into mart.mart_label__sociaal_beheer_label values (?, 'eigen', ?, ?, ?, ?)",
        [(niveau, peildatum, thema, label, delta)] * aantal,
    )


def test_share_is_of_complexes_with_a_label_on_the_last_peildatum(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    add(warehouse, 17)
    add(warehouse, 2, delta=1)
    add(warehouse, 1, delta=-1)
    add(warehouse, 5, label=None, delta=None)
    add(warehouse, 9, delta=1, peildatum=OKTOBER)
    add(warehouse, 9, delta=1, niveau="buurt")
    add(warehouse, 9, thema="OVL")

    aandeel = measure_aandeel(warehouse)

    assert aandeel is not None
    assert (aandeel.peildatum, aandeel.met_label, aandeel.met_duiding) == (JANUARI, 20, 3)
    assert aandeel.aandeel == pytest.approx(0.15)
    assert aandeel.aantal == 1


@pytest.mark.parametrize(("met_duiding", "alarm"), [(15, False), (16, True)])
def test_alarm_is_above_fifteen_percent_and_says_what_to_do(met_duiding: int, alarm: bool) -> None:
    aandeel = Duidingaandeel(JANUARI, 100, met_duiding, 1, "ab")

    assert aandeel.is_alarm is alarm
    assert ("of de methode nog past" in say_aandeel(aandeel)) is alarm
    assert f"{met_duiding} van de 100 complexen" in say_aandeel(aandeel)


def test_other_duidingen_make_another_hash_and_the_same_ones_do_not(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    add(warehouse, 1)
    ander = Regel("complex", "C2", JANUARI, -1, "recente_maatregel")
    hashes = []
    for regels in ((), (REGEL,), (REGEL, ander), (ander, REGEL)):
        create_table(warehouse, regels)
        aandeel = measure_aandeel(warehouse)
        assert aandeel is not None
        hashes.append(aandeel.sha256)

    assert len(set(hashes)) == 3
    assert hashes[2] == hashes[3]


def test_manifest_gives_back_what_was_put_in_it() -> None:
    aandeel = Duidingaandeel(JANUARI, 100, 3, 6, "ab")

    assert Duidingaandeel.of_manifest({"duidingen": aandeel.as_manifest()}) == aandeel
    assert Duidingaandeel.of_manifest({}) is None


def test_without_complexes_there_is_no_share(warehouse: duckdb.DuckDBPyConnection) -> None:
    add(warehouse, 3, niveau="wijk")

    assert measure_aandeel(warehouse) is None
    assert "geen complexen" in say_aandeel(None)
