"""Counting signals per buurt: the only thing that ever leaves the store.

- Fixed calendar quarters, each counted once when it is over, and never again. There is no
  running window and no sum of quarters, so no two figures overlap in time.
- Buurten only. No wijk, no total, no complex, no kind of signal: no two figures overlap in place,
  and none can be taken from another.
- A buurt counts from ten signals on; the figure is rounded to five. A smaller one is absent, as
  is one without any.
- A dwelling counts once per quarter where it is known; what was closed as a double or a mistake
  does not count.

Belongs here: the arithmetic. Does not belong here: what was counted (``register``).
Source: design paper on trust, "Sociaal Signaal" and "Small counts".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

MINIMUM: Final = 10
AFRONDING: Final = 5


@dataclass(frozen=True)
class Telrij:
    """One signal, as far as counting needs it; ``eenheid_id`` is empty where not known."""

    kenmerk: str
    buurt_id: str
    complex_id: str
    eenheid_id: str = ""


@dataclass(frozen=True)
class Kwartaaltelling:
    """The counts of one quarter, by buurt."""

    kwartaal: date
    aantallen: Mapping[str, int]


def find_kwartaal(dag: date) -> date:
    """Return the first day of the quarter of a day.

    Examples
    --------
    >>> find_kwartaal(date(2026, 11, 28))
    datetime.date(2026, 10, 1)
    """
    return date(dag.year, (dag.month - 1) // 3 * 3 + 1, 1)


def next_kwartaal(kwartaal: date) -> date:
    """Return the first day of the quarter after this one."""
    jaar, maand = divmod(kwartaal.year * 12 + kwartaal.month + 2, 12)
    return date(jaar, maand + 1, 1)


def iter_voorbij(eerste: date, vandaag: date) -> Iterator[date]:
    """Yield the quarters from that of ``eerste`` on that are over on ``vandaag``."""
    kwartaal = find_kwartaal(eerste)
    while (volgende := next_kwartaal(kwartaal)) <= vandaag:
        yield kwartaal
        kwartaal = volgende


def count_buurten(rijen: Iterable[Telrij]) -> dict[str, int]:
    """Return the counts that may be shown, by buurt.

    Examples
    --------
    >>> count_buurten(Telrij(str(n), "BU01" if n < 13 else "BU02", "C1") for n in range(20))
    {'BU01': 15}
    """
    # Without its number a dwelling cannot be recognised: then every signal stands for itself.
    plekken = {
        (rij.buurt_id, rij.complex_id, rij.eenheid_id or f"kenmerk {rij.kenmerk}")
        for rij in rijen
        if rij.buurt_id
    }
    aantallen = Counter(buurt_id for buurt_id, _, _ in plekken)
    return {
        buurt_id: AFRONDING * round(aantal / AFRONDING)
        for buurt_id, aantal in sorted(aantallen.items())
        if aantal >= MINIMUM
    }
