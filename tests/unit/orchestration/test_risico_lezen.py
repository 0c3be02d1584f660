"""Rows of the warehouse as a panel: in order whatever order they come in, and matched by key."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.risico.paneel import Paneel, PaneelFout
from orchestration import risico_lezen
from orchestration.risico_lezen import Rijplaats
from orchestration.risico_paneel import (
    RUW_OVERLAST,
    build_overlast_paneel,
    match_uitkomst,
    read_toegestaan,
)

MAANDEN = [date(2024, 11, 1), date(2024, 12, 1), date(2025, 2, 1)]
KENMERKEN = read_toegestaan("overlast")


@pytest.fixture
def db(monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    """Return features and outcomes in no order, some unknown, and outcomes of others as well."""
    monkeypatch.setattr(risico_lezen, "_RIJEN_PER_KEER", 2)
    rng = np.random.default_rng(3)
    sleutels = [(f"C{c}", maand) for c in (9, 10, 2, 31) for maand in MAANDEN if c != 2]
    namen = dict.fromkeys([*(k.naam for k in KENMERKEN), *RUW_OVERLAST])
    kenmerk = pd.DataFrame({naam: rng.random(len(sleutels)) for naam in namen})
    kenmerk = kenmerk.mask(rng.random(kenmerk.shape) < 0.2).assign(
        complex_id=[c for c, _ in sleutels],
        peildatum=[maand for _, maand in sleutels],
        buurt_id=[None if c == "C31" else f"BU{c[1]}" for c, _ in sleutels],
        aantal_eenheden=rng.integers(5, 90, len(sleutels)),
    )
    uitkomst = pd.DataFrame(
        {
            "complex_id": ["C9", "C31", "C9", "C77", "C10", "C9"],
            "peildatum": [*MAANDEN, *MAANDEN[:2], date(2030, 1, 1)],
            "is_in_cohort": [True, True, False, True, True, True],
            "escalatie": pd.array([1, 0, 1, 1, None, 1], dtype="Int64"),
            "piek": pd.array([0, 1, 1, 1, 1, 1], dtype="Int64"),
        }
    )
    verbinding = duckdb.connect()
    verbinding.register("kenmerk", kenmerk.sample(frac=1.0, random_state=1))
    verbinding.register("uitkomst", uitkomst)
    verbinding.execute("create table k as from kenmerk; create table u as from uitkomst")
    return verbinding


def test_panel_is_that_of_the_whole_table_in_order(db: duckdb.DuckDBPyConnection) -> None:
    paneel, buurten = Rijplaats.of(db, "k").build_paneel(KENMERKEN)
    geheel = build_overlast_paneel(
        db.sql("from k order by peildatum, complex_id").to_arrow_table(), KENMERKEN, None
    )
    assert buurten == ("BU1", "BU9", "None")
    _assert_same(paneel, geheel)


def test_outcomes_are_matched_by_complex_and_month(db: duckdb.DuckDBPyConnection) -> None:
    plaats = Rijplaats.of(db, "k")
    gevonden = plaats.read_uitkomst("u", ["escalatie", "piek"])
    paneel, _ = plaats.build_paneel(KENMERKEN)
    verwacht = match_uitkomst(paneel, db.sql("from u").to_arrow_table())
    assert np.nansum(gevonden[0]) == 1.0
    for een, ander in zip(gevonden, verwacht, strict=True):
        np.testing.assert_array_equal(een, ander)


def test_table_without_rows_gives_a_panel_without_rows(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("delete from k")
    plaats = Rijplaats.of(db, "k")
    paneel, buurten = plaats.build_paneel(KENMERKEN)
    assert (len(paneel), buurten) == (0, ())
    assert [len(w) for w in plaats.read_uitkomst("u", ["escalatie"])] == [0]


def _assert_same(een: Paneel, ander: Paneel) -> None:
    for naam in ("complex_id", "peilmaand", "buurt", "eenheden", "x", "y"):
        np.testing.assert_array_equal(getattr(een, naam), getattr(ander, naam), naam)
    assert set(een.ruw) == set(ander.ruw)
    for naam, waarden in een.ruw.items():
        np.testing.assert_array_equal(waarden, ander.ruw[naam], naam)


def test_two_rows_of_a_complex_in_a_month_are_refused(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("insert into k from k limit 1")

    with pytest.raises(PaneelFout, match="meer dan één rij"):
        Rijplaats.of(db, "k")
