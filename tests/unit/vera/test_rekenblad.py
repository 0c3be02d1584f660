"""A text in CSV is never a formula, and nothing else about it changes."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release.schrijver import disarm_tabel
from vera.rekenblad import FORMULETEKENS, disarm

GEVAARLIJK = ["=1+1", "+31", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "|cmd"]


@pytest.mark.parametrize("tekst", GEVAARLIJK, ids=[f"nr{i}" for i in range(len(GEVAARLIJK))])
def test_text_that_begins_as_a_formula_gets_an_apostrophe(tekst: str) -> None:
    assert disarm(tekst) == f"'{tekst}"


@given(st.text())
def test_no_text_begins_as_a_formula_and_no_other_text_changes(tekst: str) -> None:
    ontwapend = disarm(tekst)
    assert ontwapend[:1] not in FORMULETEKENS or not ontwapend
    assert ontwapend.removeprefix("'") == tekst.removeprefix("'")


@given(st.lists(st.none() | st.text(alphabet="=+-@\t|a'1 "), min_size=1))
def test_a_table_is_disarmed_as_its_texts_are(teksten: list[str | None]) -> None:
    tabel = pa.table({"naam": pa.array(teksten, pa.string()), "n": range(len(teksten))})
    verwacht = [None if tekst is None else disarm(tekst) for tekst in teksten]
    assert disarm_tabel(tabel)["naam"].to_pylist() == verwacht
    assert disarm_tabel(tabel)["n"].to_pylist() == list(range(len(teksten)))


def test_csv_reader_gives_the_disarmed_text_back() -> None:
    uit = io.StringIO()
    csv.writer(uit, delimiter=";").writerow([disarm("=cmd|' /C calc'!A0")])
    assert next(csv.reader(io.StringIO(uit.getvalue()), delimiter=";")) == ["'=cmd|' /C calc'!A0"]
