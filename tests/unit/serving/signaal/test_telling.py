"""What counts tell, whoever adds them up or takes them apart."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from serving.signaal.telling import (
    AFRONDING,
    MINIMUM,
    Telrij,
    count_buurten,
    find_kwartaal,
    iter_voorbij,
    next_kwartaal,
)


def make_rijen(aantal: int, buurt: str = "BU01", eenheid: str = "") -> list[Telrij]:
    return [Telrij(f"{buurt}-{eenheid}-{n}", buurt, "C1", eenheid) for n in range(aantal)]


@given(st.dictionaries(st.sampled_from(["BU1", "BU2", "BU3"]), st.integers(0, 40)))
def test_every_count_is_of_ten_or_more_rounded_and_of_its_own_buurt_alone(
    aantallen: dict[str, int],
) -> None:
    rijen = [rij for buurt, n in aantallen.items() for rij in make_rijen(n, buurt)]

    geteld = count_buurten(rijen)

    assert set(geteld) == {buurt for buurt, n in aantallen.items() if n >= MINIMUM}
    for buurt, aantal in geteld.items():
        assert aantal % AFRONDING == 0
        assert abs(aantal - aantallen[buurt]) <= AFRONDING // 2
        # What happens in another buurt changes nothing here: nothing is left to subtract.
        assert count_buurten(make_rijen(aantallen[buurt], buurt)) == {buurt: aantal}


def test_one_signal_more_shows_at_most_at_the_steps_of_five() -> None:
    reeks = [count_buurten(make_rijen(n)).get("BU01", 0) for n in range(31)]

    assert reeks[9] == 0
    assert sorted(set(reeks)) == [0, 10, 15, 20, 25, 30]


def test_dwelling_that_is_known_counts_once_in_a_quarter() -> None:
    assert count_buurten(make_rijen(30, eenheid="VHE-1")) == {}
    assert count_buurten([*make_rijen(30, eenheid="VHE-1"), *make_rijen(9)]) == {"BU01": 10}


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_quarter_holds_its_day_and_the_next_begins_where_it_ends(dag: date) -> None:
    kwartaal = find_kwartaal(dag)

    assert kwartaal <= dag < next_kwartaal(kwartaal)
    assert find_kwartaal(next_kwartaal(kwartaal)) == next_kwartaal(kwartaal)


def test_quarter_is_over_on_the_first_day_of_the_next() -> None:
    assert list(iter_voorbij(date(2026, 5, 20), date(2026, 9, 30))) == [date(2026, 4, 1)]
    assert list(iter_voorbij(date(2026, 5, 20), date(2026, 10, 1))) == [
        date(2026, 4, 1), date(2026, 7, 1),
    ]  # fmt: skip
