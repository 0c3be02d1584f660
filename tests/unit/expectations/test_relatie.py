"""A gate asks a database: what it counts and shows is what a reader would count and see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.relatie import Meter, number_parquet, number_tabel, put_frame


@pytest.fixture
def verbinding() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as verbinding:
        yield verbinding


def show(plek: int) -> str:
    return f"rij {plek}"


def put(verbinding: duckdb.DuckDBPyConnection, **kolommen: list[object]) -> str:
    return put_frame(verbinding, "tabel", pd.DataFrame(kolommen))


def test_rows_that_share_a_key_are_all_counted_and_the_first_is_shown(
    verbinding: duckdb.DuckDBPyConnection,
) -> None:
    tabel = put(verbinding, a=["x", "y", "x", None, None], b=[1, 1, 1, 2, 2])

    meting = Meter(verbinding).measure_dubbel(tabel, ["a", "b"], "{aantal} dubbel", show)

    assert (meting.maat, meting.aantal) == (4, 4)  # two empty keys are the same one
    assert (meting.gevonden, meting.voorbeeld) == ("4 dubbel", "rij 0")


@pytest.mark.parametrize("b", [[1, 2], [None, 2]])
def test_keys_that_all_differ_are_in_order(
    verbinding: duckdb.DuckDBPyConnection, b: list[object]
) -> None:
    tabel = put(verbinding, a=["x", "x"], b=b)
    assert Meter(verbinding).measure_dubbel(tabel, ["a", "b"], "{aantal}", show).maat == 0


def test_table_without_rows_breaks_nothing(verbinding: duckdb.DuckDBPyConnection) -> None:
    tabel = put(verbinding, a=[])
    meter = Meter(verbinding)
    assert meter.measure_dubbel(tabel, ["a"], "{aantal}", show).maat == 0
    assert meter.measure_waar(tabel, "true", "{aantal}", show).maat == 0
    assert meter.is_bevat(tabel, tabel, ["a"])


@pytest.mark.parametrize(
    ("deel", "geheel", "verwacht"),
    [
        ([1, None], [None, 1, 2], True),
        ([1, 3], [1, 2], False),
        ([None], [1, 2], False),
        ([1], [], False),
    ],
)
def test_what_is_not_in_the_whole_is_missed(
    verbinding: duckdb.DuckDBPyConnection,
    deel: list[object],
    geheel: list[object],
    verwacht: bool,
) -> None:
    namen = [
        put_frame(verbinding, naam, pd.DataFrame({"a": waarden}, dtype="Int64"))
        for naam, waarden in (("deel", deel), ("geheel", geheel))
    ]
    assert Meter(verbinding).is_bevat(*namen, ["a"]) is verwacht


def test_what_is_allowed_counts_as_no_breach(verbinding: duckdb.DuckDBPyConnection) -> None:
    put(verbinding, a=[1, 2, 3])
    vraag = f"select 1 as aantal, _plek as eerste from {number_tabel('tabel')} where a > 1"

    meting = Meter(verbinding).measure(vraag, "{aantal}", show, toegestaan=2)

    assert (meting.maat, meting.aantal, meting.voorbeeld) == (0, 2, "rij 1")


def test_rows_of_a_file_are_numbered(verbinding: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    pad = tmp_path / "oma's.parquet"
    pd.DataFrame({"a": [5, 6]}).to_parquet(pad)
    meter = Meter(verbinding)
    assert meter.ask(f"select _plek, a from {number_parquet(pad)}") == [(0, 5), (1, 6)]
    assert list(meter.list_kolommen(number_parquet(pad))) == ["a"]
