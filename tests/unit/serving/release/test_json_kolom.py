"""JSON made by column is the JSON that Python reads back."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release.json_kolom import (
    concat,
    encode_all,
    join_groups,
    json_bool,
    json_date,
    json_list,
    json_number,
    json_object,
    json_significant,
    json_text,
    take_or,
)


def read(kolom: pa.Array) -> list[object]:
    return [json.loads(tekst) for tekst in kolom.to_pylist()]


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_survives_the_round_trip(teksten: list[str | None]) -> None:
    assert read(json_text(pa.array(teksten, pa.string()))) == teksten


@given(st.lists(st.none() | st.floats(-1e12, 1e12)))
def test_number_without_rounding_survives_the_round_trip(getallen: list[float | None]) -> None:
    assert read(json_number(pa.array(getallen, pa.float64()))) == getallen


@given(st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1))
def test_significant_digits_are_off_by_less_than_half_a_last_digit(getallen: list[float]) -> None:
    for getal, gelezen in zip(
        getallen, read(json_significant(pa.array(getallen, pa.float64()))), strict=True
    ):
        assert gelezen == pytest.approx(getal, rel=5.1e-4, abs=1e-12)


def test_unknown_and_impossible_numbers_are_null_and_never_zero() -> None:
    getallen = pa.array([None, float("nan"), float("inf"), 0.0], pa.float64())

    assert json_number(getallen).to_pylist() == ["null", "null", "null", "0"]
    assert json_significant(getallen).to_pylist() == ["null", "null", "null", "0"]
    assert json_number(pa.array([None, 3], pa.int32())).to_pylist() == ["null", "3"]


def test_whole_numbers_keep_every_digit_before_the_point() -> None:
    assert json_significant(pa.array([123456.7, 0.00012345])).to_pylist() == ["123457", "0.0001234"]


def test_dates_texts_and_truths_are_null_safe() -> None:
    assert read(json_date(pa.array([date(2026, 10, 1), None]))) == ["2026-10-01", None]
    assert read(json_bool(pa.array([True, False, None]))) == [True, False, False]


def test_object_takes_columns_and_constants() -> None:
    kolom = json_object(("a", json_number(pa.array([1, None]))), ("b", '"vast"'))

    assert read(kolom) == [{"a": 1, "b": "vast"}, {"a": None, "b": "vast"}]
    assert json_object(("a", pa.array(["1"])), sluit=False).to_pylist() == ['{"a":1']


@given(st.lists(st.integers(0, 4), max_size=20))
def test_lists_hold_the_rows_of_their_group_in_order(groepen: list[int]) -> None:
    groepen.sort()
    teksten = pa.array([str(nummer) for nummer in range(len(groepen))], pa.string())

    lijsten = read(json_list(teksten, np.array(groepen, dtype=np.int64), 5))

    assert lijsten == [[n for n, groep in enumerate(groepen) if groep == g] for g in range(5)]


def test_group_without_rows_is_an_empty_text() -> None:
    teksten = join_groups(pa.array(["x"]), np.array([1]), 3, scheiding=";")

    assert teksten.to_pylist() == ["", "x", ""]


def test_absent_place_takes_the_other_text() -> None:
    assert take_or(pa.array(["a", "b"]), np.array([1, -1]), "leeg").to_pylist() == ["b", "leeg"]


def test_values_of_any_shape_become_compact_json() -> None:
    assert encode_all([{"naam": "Curaçao", "n": [1, None]}]).to_pylist() == [
        '{"naam":"Curaçao","n":[1,null]}'
    ]
    assert concat("[", pa.array(["1"]), "]").to_pylist() == ["[1]"]
