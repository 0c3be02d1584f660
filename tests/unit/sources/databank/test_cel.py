"""What a driver gives, as the text that the contract judges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.databank.cel import TIJDZONE, to_tekst, to_teksten
from sources.databank.cursor import Stand, find_stand, pick_hoogste
from sources.leesfout import LeesFout
from sources.tabel import as_tekst

VANDAAG = date(2025, 4, 1)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_decimal_keeps_its_value_and_has_no_exponent(getal: Decimal) -> None:
    tekst = to_tekst(getal)
    assert tekst is not None
    assert Decimal(tekst) == getal
    assert "E" not in tekst


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_float_keeps_its_value_and_has_no_exponent(getal: float) -> None:
    tekst = to_tekst(getal)
    assert tekst is not None
    assert float(tekst) == getal
    assert "e" not in tekst.lower()


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001
def test_moment_with_a_zone_is_local_and_one_without_stays(moment: datetime) -> None:
    wereldtijd = moment.replace(tzinfo=UTC)
    assert (to_tekst(wereldtijd) or "")[:10] == str(wereldtijd.astimezone(TIJDZONE).date())
    assert (to_tekst(moment) or "")[:10] == str(moment.date())


@given(st.dates())
def test_date_is_the_same_text_from_a_database_and_from_parquet(dag: date) -> None:
    assert to_tekst(dag) == as_tekst(pa.chunked_array([pa.array([dag])])).to_pylist()[0]


def test_booleans_numbers_and_keys_are_text_and_what_is_no_single_value_is_refused() -> None:
    uuid = UUID(int=7)
    assert to_teksten([True, False, 7, uuid, None, "x"], "k") == [
        "true", "false", "7", str(uuid), None, "x",
    ]  # fmt: skip
    with pytest.raises(LeesFout, match="kolom k: een cel is van de soort bytes"):
        to_teksten([b"x"], "k")
    with pytest.raises(LeesFout, match="list"):
        to_tekst([1])


@given(st.lists(st.dates(max_value=VANDAAG), min_size=1), st.integers(0, 400))
def test_next_reading_starts_so_many_days_before_the_highest_moment(
    dagen: list[date], speling: int
) -> None:
    stand = find_stand(dagen, VANDAAG)
    assert stand is not None
    if max(dagen) - date.min > timedelta(days=speling):
        assert stand.start(speling) == max(dagen) - timedelta(days=speling)
    tekst = find_stand([dag.isoformat() for dag in dagen], VANDAAG)
    assert tekst == Stand("tekst", max(dagen).isoformat())


def test_cursor_of_whole_numbers_starts_at_its_highest_and_of_rubbish_is_refused() -> None:
    assert find_stand([Decimal(7), None, 3], VANDAAG) == Stand("getal", "7")
    assert find_stand([None], VANDAAG) is None
    for waarden in ([1, VANDAAG], ["gisteren"], [True], ["2025-02-30"]):
        with pytest.raises(LeesFout):
            find_stand(waarden, VANDAAG)


def test_further_of_two_stands_is_kept_and_of_two_kinds_the_newer() -> None:
    een, twee = Stand("getal", "9"), Stand("getal", "10")
    assert pick_hoogste(een, twee) == pick_hoogste(twee, een) == twee
    assert pick_hoogste(een, None) == pick_hoogste(None, een) == een
    assert pick_hoogste(een, Stand("datum", "2025-01-01")) == Stand("datum", "2025-01-01")
