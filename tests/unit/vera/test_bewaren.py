"""Retention rules: what can be carried out, and the first day that is still kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vera.bewaren import ONBEPERKT, Termijn, parse_termijn
from vera.errors import BuurtpeilError

DAGEN = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("regel", "maanden", "tabel", "kolom"),
    [
        ("7 jaar na einddatum", 84, None, "einddatum"),
        ("18 maanden na datum", 18, None, "datum"),
        ("1 maand na eenheid.uit_exploitatiedatum", 1, "eenheid", "uit_exploitatiedatum"),
    ],
)
def test_rule_says_how_long_and_from_which_date(
    regel: str, maanden: int, tabel: str | None, kolom: str
) -> None:
    assert parse_termijn(regel) == Termijn(regel, maanden, kolom, tabel)


@pytest.mark.parametrize("regel", ["zolang nodig", "5 jaar", "jaar na datum", "5 jaar na a.b.c"])
def test_rule_that_cannot_be_carried_out_is_refused(regel: str) -> None:
    with pytest.raises(BuurtpeilError, match="niet uit te voeren"):
        parse_termijn(regel)


def test_what_is_kept_without_end_has_no_border() -> None:
    assert parse_termijn(ONBEPERKT).find_grens(date(2024, 1, 1)) is None


@given(DAGEN, DAGEN, st.integers(1, 120))
def test_border_never_goes_back_when_time_goes_on(een: date, ander: date, maanden: int) -> None:
    termijn = Termijn("", maanden, "datum")
    eerder, later = sorted((een, ander))
    grens_eerder, grens_later = termijn.find_grens(eerder), termijn.find_grens(later)
    assert grens_eerder is not None
    assert grens_later is not None
    assert grens_eerder <= grens_later


@given(DAGEN, st.integers(1, 120))
def test_border_lies_its_months_back_and_at_most_one_day_more(dag: date, maanden: int) -> None:
    grens = Termijn("", maanden, "datum").find_grens(dag)
    assert grens is not None
    verschil = 12 * (dag.year - grens.year) + dag.month - grens.month
    assert verschil == maanden or (verschil == maanden - 1 and grens.day == 1)
    assert grens < dag + timedelta(days=1)
