"""Splits CSV text into records by Python's reader, where the fast reader would not.

For files with quoted line ends, ragged rows or bad bytes. No row vanishes: after a record that
cannot be read, or that swallowed lines by a quote that was never closed, reading goes on at the
very next line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

REDEN_AANTAL_KOLOMMEN = "ander aantal kolommen dan de kop"
REDEN_CODERING = "tekens buiten de afgesproken codering"
REDEN_ONLEESBAAR = "niet te lezen als rij: aanhalingstekens of lengte kloppen niet"
# A quoted cell of more lines than this is a quote that was never closed.
MAXIMUM_REGELS_PER_RIJ = 100

_VREEMD = re.compile("[\udc80-\udcff\0]")  # undecodable bytes, and NUL


@dataclass(frozen=True)
class Record:
    """One row, by the number of its first line (1-based); ``cellen`` None when rejected."""

    regel: int
    cellen: tuple[str, ...] | None
    reden: str = ""


class _Aanvoer:
    """Lines from a position on, at most so many for one record."""

    def __init__(self, regels: Sequence[str], begin: int) -> None:
        self.regels, self.plek, self.over = regels, begin, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.over <= 0 or self.plek >= len(self.regels):
            raise StopIteration
        self.over -= 1
        self.plek += 1
        return self.regels[self.plek - 1]


def iter_records(
    tekst: str, scheidingsteken: str, kolommen: int, na_regel: int
) -> Iterator[Record]:
    """Yield every record after a line, good or rejected; blank lines are none.

    Parameters
    ----------
    tekst
        The whole file; bytes outside its encoding as surrogates.
    scheidingsteken
        Separator.
    kolommen
        Number of columns of the head.
    na_regel
        Last line of the head (1-based).
    """
    regels = list(io.StringIO(tekst, newline=""))
    heeft_vreemd = _VREEMD.search(tekst) is not None
    aanvoer = _Aanvoer(regels, na_regel)
    lezer = csv.reader(aanvoer, delimiter=scheidingsteken, strict=True)
    while aanvoer.plek < len(regels):
        begin = aanvoer.plek
        aanvoer.over = MAXIMUM_REGELS_PER_RIJ
        try:
            rij = next(lezer)
            if len(rij) == kolommen + 1 and not rij[-1]:
                rij.pop()  # a separator at the end of the line holds nothing
            reden = _judge(rij, kolommen, heeft_vreemd=heeft_vreemd)
        except csv.Error:
            rij, reden = [""], REDEN_ONLEESBAAR
        if reden and aanvoer.plek > begin + 1:
            aanvoer = _Aanvoer(regels, begin + 1)
            lezer = csv.reader(aanvoer, delimiter=scheidingsteken, strict=True)
        if rij:
            yield Record(begin + 1, None if reden else tuple(rij), reden)


def _judge(rij: Sequence[str], kolommen: int, *, heeft_vreemd: bool) -> str:
    if rij and len(rij) != kolommen:
        return REDEN_AANTAL_KOLOMMEN
    if heeft_vreemd and any(_VREEMD.search(cel) for cel in rij):
        return REDEN_CODERING
    return ""
