"""Two tables are the same when every row has its counterpart; order says nothing."""

from __future__ import annotations

from datetime import date
from math import inf
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.spark.gelijkheid import RELATIEF, Vergelijking, compare_tabel

RIJEN = [
    ("C1", date(2026, 1, 1), 3, True, 12.5),
    ("C1", date(2026, 4, 1), 4, False, None),
    ("C2", date(2026, 1, 1), 3, True, -0.25),
    ("C2", date(2026, 1, 1), 3, True, 7e-13),
]
KOLOMMEN = "complex_id varchar, peildatum date, label integer, is_klein boolean, score double"


def compare(een: list[Any], ander: list[Any], kolommen: str = KOLOMMEN) -> Vergelijking:
    with duckdb.connect() as verbinding:
        for naam, soorten, rijen in (("een", KOLOMMEN, een), ("ander", kolommen, ander)):
            verbinding.execute(f"create table {naam} ({soorten})")
            if rijen:
                plekken = ", ".join("?" for _ in rijen[0])
                verbinding.executemany(f"insert into {naam} values ({plekken})", rijen)
        return compare_tabel(verbinding, "mart.proef", "een", "ander")


@given(st.permutations(RIJEN), st.floats(-0.9 * RELATIEF, 0.9 * RELATIEF))
def test_other_order_and_noise_in_the_last_digits_are_the_same(
    volgorde: list[tuple[Any, ...]], ruis: float
) -> None:
    ander = [(*rij[:4], None if rij[4] is None else rij[4] * (1 + ruis)) for rij in volgorde]
    gevonden = compare(RIJEN, ander)
    assert gevonden.is_gelijk
    assert gevonden.afwijking <= RELATIEF
    assert (gevonden.rijen, gevonden.rijen_ander) == (4, 4)


@pytest.mark.parametrize(
    ("rij", "kolom", "waarde"),
    [(0, 0, "C3"), (1, 1, date(2026, 4, 2)), (2, 2, 4), (0, 3, False), (1, 0, None)],
)
def test_text_day_whole_number_and_yes_or_no_are_exact(rij: int, kolom: int, waarde: Any) -> None:
    ander = [list(r) for r in RIJEN]
    ander[rij][kolom] = waarde
    gevonden = compare(RIJEN, ander)
    assert not gevonden.is_gelijk
    assert gevonden.zonder_paar == 2


@pytest.mark.parametrize(("rij", "waarde"), [(0, 12.5 * (1 + 3e-9)), (2, 0.25), (3, 1e-9)])
def test_a_number_past_the_tolerance_names_its_column(rij: int, waarde: float) -> None:
    ander = [list(r) for r in RIJEN]
    ander[rij][4] = waarde
    gevonden = compare(RIJEN, ander)
    assert gevonden.kolommen == ("score",)
    assert gevonden.afwijking > RELATIEF


def test_empty_is_not_a_number() -> None:
    gevonden = compare(RIJEN, [*RIJEN[:1], (*RIJEN[1][:4], 0.0), *RIJEN[2:]])
    assert gevonden.kolommen == ("score",)
    assert gevonden.afwijking == inf


def test_a_row_too_many_is_seen_even_when_it_is_there_twice() -> None:
    gevonden = compare(RIJEN, [*RIJEN, RIJEN[0]])
    assert not gevonden.is_gelijk
    assert (gevonden.rijen, gevonden.rijen_ander, gevonden.zonder_paar) == (4, 5, 1)


def test_an_empty_table_is_not_one_with_rows() -> None:
    assert compare([], []).is_gelijk
    assert not compare(RIJEN, []).is_gelijk


def test_a_decimal_is_a_number_and_a_text_is_not() -> None:
    decimaal = KOLOMMEN.replace("double", "decimal(28, 12)")
    assert compare(RIJEN, RIJEN, decimaal).is_gelijk
    tekst = KOLOMMEN.replace("label integer", "label varchar")
    assert compare(RIJEN, RIJEN, tekst).kolommen == ("label",)


def test_a_column_that_one_lacks_is_named() -> None:
    frame = pd.DataFrame({"naam": ["a"], "aantal": [1]})
    with duckdb.connect() as verbinding:
        verbinding.register("een", frame)
        verbinding.register("ander", frame.drop(columns="aantal"))
        assert compare_tabel(verbinding, "x", "een", "ander").kolommen == ("aantal",)
