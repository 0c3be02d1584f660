"""How long what of a Sociaal Signaal is kept: every term of this store, in one place.

Carrying them out is ``register``. Source: AVG art. 5.1.e; design paper on trust.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from vera.bewaren import Termijn, Verwijdering, parse_termijn

PLEK: Final = "signalen"

GESLOTEN: Final = parse_termijn("3 maanden na afgesloten_op")
"""A closed signal: long enough for a question about it, and to be in the count of its quarter."""
OPEN: Final = parse_termijn("12 maanden na gemeld_op")
"""Any signal, closed or not."""
LOG: Final = parse_termijn("24 maanden na tijdstip")
"""A line of the log: longer than the signal, so that who read it can be told afterwards."""
TELLING: Final = parse_termijn("7 jaar na kwartaal")
"""A rounded count."""


def describe_removal(tabel: str, termijn: Termijn, sleutels: Iterable[str]) -> Verwijdering | None:
    """Return the record of what one rule removed from a table; None when that is nothing."""
    namen = tuple(sorted(hash_sleutel(sleutel) for sleutel in sleutels))
    return Verwijdering(PLEK, tabel, termijn.regel, "", namen) if namen else None


def hash_sleutel(sleutel: str) -> str:
    """Return what tells that a row was removed to who knows its key already."""
    return hashlib.sha256(sleutel.encode()).hexdigest()[:16]
