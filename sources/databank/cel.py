"""A value as a database driver gives it, as the text that a CSV would have.

What it must be is judged as for a delivered file (:mod:`sources.cel`). A moment with a time zone
is the day that it was in the Netherlands; one without is taken as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sources.leesfout import LeesFout

TIJDZONE: Final = ZoneInfo("Europe/Amsterdam")


def to_tekst(waarde: Any) -> str | None:
    """Return the text of a value; None = there is none.

    Raises
    ------
    LeesFout
        When it is no single value: bytes, a list, a document.

    Examples
    --------
    >>> to_tekst(Decimal("1E+2")), to_tekst(True), to_tekst(date(2025, 3, 1)), to_tekst(0.5)
    ('100', 'true', '2025-03-01', '0.5')
    """
    if waarde is None or isinstance(waarde, str):
        return waarde
    for soort, maak in _VORMEN:
        if isinstance(waarde, soort):
            return maak(waarde)
    raise LeesFout(f"een cel is van de soort {type(waarde).__name__}, geen enkele waarde")


def to_teksten(waarden: Sequence[Any], kolom: str) -> list[str | None]:
    """Return the texts of a column.

    Raises
    ------
    LeesFout
        As ``to_tekst``, with the name of the column.
    """
    try:
        return [to_tekst(waarde) for waarde in waarden]
    except LeesFout as fout:
        raise LeesFout(f"kolom {kolom}: {fout}") from None


def _format_moment(moment: datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(TIJDZONE).replace(tzinfo=None)
    return moment.isoformat(sep=" ", timespec="seconds")


# In this order: a bool is an int as well, and a datetime a date. 1e-07 is no decimal by the
# contract; its shortest digits are.
_VORMEN: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (bool, lambda waarde: "true" if waarde else "false"),
    (int, str),
    (float, lambda waarde: f"{Decimal(repr(waarde)):f}"),
    (Decimal, lambda waarde: f"{waarde:f}"),
    (datetime, _format_moment),
    (date, date.isoformat),
    (UUID, str),
)
