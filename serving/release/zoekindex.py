"""Which complexes have a word in their name, code or streets, found without reading all of them.

Three blobs in the look-up store: every word once, where its rows begin, and the rows of all words
one after another. A search looks for a piece of a word through the words, which are few beside the
texts that they are in, and joins the rows of those that have it: the same answer as looking for it
through every text, as a piece that is asked for never holds a space.

Belongs here: making that and asking it. Does not belong here: sorting, filtering and paging
(``serving.api.lijst``). Readers of labels alone have no complexes, and not this table either.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from serving.release.winkel import Uitgave
from serving.release.zoektekst import normalize_zoektekst

DDL: Final = """
create table zoekindex (
    deel text primary key,
    body blob not null
);
"""
"""``woorden``: the words of all complexes, sorted, a line each. ``grenzen``: after how many rows of
``rijen`` those of a word end. ``rijen``: rowids of ``lijst``. Both as unsigned integers of four
bytes, the least significant first."""

WEINIG: Final = 500
"""So many rows are looked up one by one; of more, the list is walked in its order until a page is
full, which it soon is."""
_MAXIMUM_WOORDEN: Final = 2_000
_MAXIMUM_RIJEN: Final = 20_000
"""What is in more words or rows is not looked for here."""

_TYPE: Final = "I"
_DELEN: Final = ("grenzen", "rijen", "woorden")


@dataclass(frozen=True)
class Treffers:
    """What an index finds.

    Parameters
    ----------
    rijen
        Rowids of ``lijst``; None = the index leaves everything to who reads the texts.
    rest
        What must still be looked for in the texts of these rows.
    """

    rijen: set[int] | None
    rest: str


@dataclass(frozen=True)
class Zoekindex:
    """The words of a release and the rows that have them.

    Parameters
    ----------
    woorden
        All words, sorted, with a newline between them.
    grenzen
        For every word, how many rows it and those before it have.
    rijen
        Rowids of ``lijst``, by word.
    """

    woorden: str
    grenzen: Sequence[int]
    rijen: array[int]

    def find_treffers(self, zoek: str) -> Treffers:
        """Return the rows that have what is rare in ``zoek``, and the pieces that are not.

        A piece that is nearly everywhere is found as quickly by reading the list until a page is
        full; and of few rows the texts themselves say the rest.
        """
        rijen: set[int] | None = None
        rest = []
        # The longest first: it has the fewest rows.
        for deel in sorted(set(normalize_zoektekst(zoek).split()), key=lambda d: (-len(d), d)):
            is_klaar = rijen is not None and len(rijen) <= WEINIG
            met = None if is_klaar else self._find_rijen(deel)
            if met is None:
                rest.append(deel)
            else:
                rijen = met if rijen is None else rijen & met
        return Treffers(rijen, " ".join(rest))

    def _find_rijen(self, deel: str) -> set[int] | None:
        """Return the rows that have a piece; None when it is in too much."""
        rijen: set[int] = set()
        for aantal, nummer in enumerate(self._find_woorden(deel)):
            rijen.update(self._slice(nummer))
            if aantal >= _MAXIMUM_WOORDEN or len(rijen) > _MAXIMUM_RIJEN:
                return None
        return rijen

    def _find_woorden(self, deel: str) -> Iterator[int]:
        """Yield the numbers of the words that hold a piece."""
        woorden, nummer, vanaf = self.woorden, 0, 0
        while (plek := woorden.find(deel, vanaf)) >= 0:
            nummer += woorden.count("\n", vanaf, plek)
            yield nummer
            einde = woorden.find("\n", plek)
            if einde < 0:
                return
            nummer, vanaf = nummer + 1, einde + 1

    def _slice(self, nummer: int) -> array[int]:
        return self.rijen[self.grenzen[nummer - 1] if nummer else 0 : self.grenzen[nummer]]


def fill(opzoek: sqlite3.Connection) -> None:
    """Make the index of what ``lijst`` holds; the same rows give the same bytes.

    Parameters
    ----------
    opzoek
        The store, with :data:`DDL` and all rows of ``lijst``.
    """
    per_woord: dict[str, array[int]] = defaultdict(lambda: array(_TYPE))
    for rij, tekst in opzoek.execute(
        "select rowid, zoek from lijst where niveau = 'complex' order by rowid"
    ):
        for woord in set(tekst.split()):
            per_woord[woord].append(rij)
    woorden = sorted(per_woord)
    grenzen, rijen = array(_TYPE), array(_TYPE)
    for woord in woorden:
        rijen.extend(per_woord[woord])
        grenzen.append(len(rijen))
    delen = (_pack(grenzen), _pack(rijen), "\n".join(woorden).encode())
    opzoek.executemany("insert into zoekindex values (?, ?)", zip(_DELEN, delen, strict=True))


def read_zoekindex(uitgave: Uitgave) -> Zoekindex | None:
    """Return the index of a release; None when it has none, or a reader may not have it."""
    if not uitgave.query("select 1 from sqlite_master where name = 'zoekindex'"):
        return None
    delen: dict[str, bytes] = dict(uitgave.query("select deel, body from zoekindex"))
    grenzen, rijen, woorden = (delen[naam] for naam in _DELEN)
    return Zoekindex(woorden.decode(), _unpack(grenzen), _unpack(rijen))


def _pack(getallen: array[int]) -> bytes:
    if sys.byteorder == "big":
        getallen = array(_TYPE, getallen)
        getallen.byteswap()
    return getallen.tobytes()


def _unpack(inhoud: bytes) -> array[int]:
    getallen = array(_TYPE, inhoud)
    if sys.byteorder == "big":
        getallen.byteswap()
    return getallen
