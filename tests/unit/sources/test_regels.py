"""Splitting CSV into records: whatever a file holds, no row vanishes without a rejection."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sources.regels import (
    MAXIMUM_REGELS_PER_RIJ,
    REDEN_AANTAL_KOLOMMEN,
    REDEN_CODERING,
    REDEN_ONLEESBAAR,
    Record,
    iter_records,
)


def split(tekst: str, kolommen: int = 2) -> list[Record]:
    return list(iter_records(tekst, ";", kolommen, 0))


def test_record_knows_the_line_on_which_it_begins() -> None:
    assert [(r.regel, r.cellen) for r in split('a;"b\nc"\n\nd;e\n')] == [
        (1, ("a", "b\nc")),
        (4, ("d", "e")),
    ]


def test_row_with_another_number_of_columns_is_rejected_alone() -> None:
    assert [(r.regel, r.reden) for r in split("a;b\nc\nd;e;f\ng;h\n")] == [
        (1, ""), (2, REDEN_AANTAL_KOLOMMEN), (3, REDEN_AANTAL_KOLOMMEN), (4, ""),
    ]


def test_quote_that_is_never_closed_costs_its_own_row_and_no_other() -> None:
    records = split('a;"b\n' + "c;d\n" * 500)
    assert records[0] == Record(1, None, REDEN_ONLEESBAAR)
    assert len(records) == 501
    assert all(r.cellen == ("c", "d") for r in records[1:])


def test_quote_that_the_next_quoted_row_would_close_costs_its_own_row() -> None:
    records = split('a;"b\nc;"d"\ne;f\n')
    assert [(r.regel, r.cellen) for r in records] == [
        (1, None), (2, ("c", "d")), (3, ("e", "f"))
    ]


def test_cell_of_many_lines_is_one_row_up_to_the_limit() -> None:
    past = 'a;"' + "x\n" * (MAXIMUM_REGELS_PER_RIJ - 1) + '"\n'
    assert [r.reden for r in split(past)] == [""]


def test_row_with_bytes_outside_the_encoding_or_nul_is_rejected_alone() -> None:
    tekst = b"a;b\xff\nc;d\ne\0;f\n".decode("utf-8", errors="surrogateescape")
    assert [r.reden for r in split(tekst)] == [REDEN_CODERING, "", REDEN_CODERING]


def test_very_long_cell_is_rejected_and_reading_goes_on() -> None:
    assert [r.reden for r in split("a;" + "x" * 10_000_000 + "\nc;d\n")] == [REDEN_ONLEESBAAR, ""]


@given(
    st.lists(
        st.lists(st.text("ab;\"' \r\t", max_size=5), min_size=1, max_size=4), max_size=12
    ),
    st.text("ab;\"\n", max_size=30),
)
def test_every_line_that_is_not_blank_is_part_of_some_record(
    rijen: list[list[str]], rommel: str
) -> None:
    tekst = "\n".join(";".join(rij) for rij in rijen) + "\n" + rommel
    records = split(tekst)
    begin = [r.regel for r in records]
    assert begin == sorted(set(begin))
    regels = tekst.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    gezien = {
        regel
        for r in records
        for regel in range(r.regel, r.regel + 1 + sum(_ends(c) for c in r.cellen or ()))
    }
    assert {i for i, regel in enumerate(regels, start=1) if regel} <= gezien


def _ends(cel: str) -> int:
    return cel.replace("\r\n", "\n").replace("\r", "\n").count("\n")
