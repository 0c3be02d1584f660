"""Numbers, dates and counts the way a Dutch reader writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

MAANDEN: Final = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)


def format_getal(waarde: float, decimalen: int = 0) -> str:
    """Return a number with a decimal comma and points between thousands.

    Examples
    --------
    >>> format_getal(1234.56, 1)
    '1.234,6'
    """
    return f"{waarde:,.{decimalen}f}".translate(str.maketrans(",.", ".,"))


def format_datum(dag: str) -> str:
    """Return an ISO date in words.

    Examples
    --------
    >>> format_datum("2026-10-01")
    '1 oktober 2026'
    """
    datum = date.fromisoformat(dag)
    return f"{datum.day} {MAANDEN[datum.month - 1]} {datum.year}"


def format_moment(moment: str) -> str:
    """Return an ISO moment in words, in UTC.

    Examples
    --------
    >>> format_moment("2026-11-22T12:04:31Z")
    '22 november 2026, 12:04 uur UTC'
    """
    tijd = datetime.fromisoformat(moment)
    if tijd.tzinfo is not None:
        tijd = tijd.astimezone(UTC)
    return f"{format_datum(tijd.date().isoformat())}, {tijd:%H:%M} uur UTC"


def count(aantal: int, enkelvoud: str, meervoud: str) -> str:
    """Return a number with the noun that goes with it.

    Examples
    --------
    >>> count(1, "complex", "complexen")
    '1 complex'
    """
    return f"{format_getal(aantal)} {enkelvoud if aantal == 1 else meervoud}"


def join_words(woorden: list[str]) -> str:
    """Return words as a list in a sentence.

    Examples
    --------
    >>> join_words(["schoon", "heel", "veilig"])
    'schoon, heel en veilig'
    """
    if len(woorden) < 2:
        return "".join(woorden)
    return f"{', '.join(woorden[:-1])} en {woorden[-1]}"
