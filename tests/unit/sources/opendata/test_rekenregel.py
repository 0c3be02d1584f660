"""What holds of every figure and every area, whatever a publisher gives."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sources.opendata.kerncijfers import format_cijfer
from sources.opendata.misdrijven import add_cijfers
from sources.opendata.regio import Regio
from sources.uitgever.gelezen import parse_cel
from vera.contract import Kolom

GETAL = Kolom("x", "double", "", "openbaar", frozenset())
NUMMER = st.text("0123456789", min_size=2, max_size=2)
BUURT = st.tuples(st.sampled_from(["0599", "0363"]), NUMMER, NUMMER).map("".join)


@given(st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6)))
def test_reader_finds_the_very_figure_that_the_publisher_gave(getal: float) -> None:
    waarde, reden = parse_cel(format_cijfer(repr(getal)), GETAL, ",")
    assert reden is None
    assert waarde == float(Decimal(repr(getal)))


@given(st.lists(st.integers(0, 10**6) | st.none(), max_size=30))
def test_sum_is_of_what_is_published_and_nothing_when_none_is(aantallen: list[int | None]) -> None:
    teksten = ["" if aantal is None else f"{aantal}.0" for aantal in aantallen]
    er_zijn = [aantal for aantal in aantallen if aantal is not None]
    assert add_cijfers(teksten) == (str(sum(er_zijn)) if er_zijn else "")


@given(st.sets(BUURT, min_size=1, max_size=5), BUURT)
def test_buurt_belongs_when_it_or_what_it_lies_in_is_named(buurten: set[str], ander: str) -> None:
    codes = {f"BU{buurt}" for buurt in buurten}
    assert Regio(frozenset(codes)).has(f"BU{ander}") == (ander in buurten)
    wijken = Regio(frozenset(f"WK{buurt[:6]}" for buurt in buurten))
    assert wijken.has(f"BU{ander}") == (ander[:6] in {buurt[:6] for buurt in buurten})
    stad = Regio(frozenset(f"GM{buurt[:4]}" for buurt in buurten))
    assert stad.has(f"BU{ander}") == (ander[:4] in {buurt[:4] for buurt in buurten})
    # With a buurt come its wijk and its gemeente.
    for buurt in buurten:
        assert Regio(frozenset(codes)).has(f"WK{buurt[:6]}")
        assert Regio(frozenset(codes)).has(f"GM{buurt[:4]}")
