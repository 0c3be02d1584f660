"""How long something is kept, and the record of what was removed: shapes and the words for them.

Belongs here: reading a retention rule as the contract writes it. Does not belong here: removing
anything (``sources``, ``serving`` and ``orchestration`` each remove what is theirs).

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from vera.errors import BuurtpeilError

_REGEL: Final = re.compile(
    r"(?P<aantal>\d{1,2}) (?P<maat>jaar|maand|maanden) na ((?P<tabel>[a-z_]+)\.)?(?P<kolom>[a-z_]+)"
)
ONBEPERKT: Final = "onbeperkt"


@dataclass(frozen=True)
class Termijn:
    """A retention rule.

    Parameters
    ----------
    regel
        The rule as the contract writes it, e.g. ``5 jaar na melddatum``.
    maanden
        How many months a row is kept; None = without end.
    kolom
        The date column that the term is counted from; None where there is no end.
    tabel
        The table of the same source that has the column, when a row has no date of its own: found
        by that table's key. A row that is not there is past its term.
    """

    regel: str
    maanden: int | None = None
    kolom: str | None = None
    tabel: str | None = None

    def find_grens(self, peildatum: date) -> date | None:
        """Return the first day that is still kept on ``peildatum``; None = everything is.

        Rows whose date lies before it are past their term.

        Examples
        --------
        >>> parse_termijn("5 jaar na melddatum").find_grens(date(2024, 2, 29))
        datetime.date(2019, 3, 1)
        """
        if self.maanden is None:
            return None
        jaar, maand = divmod(peildatum.year * 12 + peildatum.month - 1 - self.maanden, 12)
        try:
            return peildatum.replace(year=jaar, month=maand + 1)
        except ValueError:  # 29, 30 or 31 in a month without it: the day after its last one
            return date(jaar + (maand + 1) // 12, (maand + 1) % 12 + 1, 1)


def parse_termijn(regel: str) -> Termijn:
    """Read a retention rule.

    Raises
    ------
    BuurtpeilError
        When it is not one of the forms that can be carried out.

    Examples
    --------
    >>> parse_termijn("18 maanden na datum").maanden
    18
    >>> parse_termijn("onbeperkt").kolom is None
    True
    >>> parse_termijn("1 maand na eenheid.uit_exploitatiedatum").tabel
    'eenheid'
    """
    if regel == ONBEPERKT:
        return Termijn(regel)
    deel = _REGEL.fullmatch(regel)
    if deel is None:
        raise BuurtpeilError(
            f"De bewaartermijn {regel!r} is niet uit te voeren.",
            verwacht=f"`{ONBEPERKT}`, `N jaar na <datumkolom>`, `N maanden na <datumkolom>`, of "
            "met een datumkolom van een andere tabel: `1 maand na eenheid.uit_exploitatiedatum`",
            remedie="verbeter de bewaartermijn in het contract",
        )
    aantal = int(deel["aantal"])
    maanden = aantal * (12 if deel["maat"] == "jaar" else 1)
    return Termijn(regel, maanden, deel["kolom"], deel["tabel"])


@dataclass(frozen=True)
class Verwijdering:
    """What was removed, or would be: of one table, by one rule, from one batch.

    Parameters
    ----------
    plek
        Where it stood: ``landing``, ``quarantaine``, ``warehouse``, ``besluiten``, ``signalen`` …
    tabel
        Table or kind of file.
    regel
        The rule that ended it.
    batch
        The delivery or file that it came with; empty where there is none.
    sleutels
        Hash of the key of each removed row: tells that a row was removed to who already knows
        its key, and nothing else.
    """

    plek: str
    tabel: str
    regel: str
    batch: str
    sleutels: tuple[str, ...]

    @property
    def aantal(self) -> int:
        """How many rows."""
        return len(self.sleutels)
