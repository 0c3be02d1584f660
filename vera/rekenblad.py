"""Text in a file that people open in a spreadsheet: never a formula.

A name that came with a delivery, or that somebody typed, may begin with a sign that a spreadsheet
takes for a formula. In CSV it gets an apostrophe in front; Parquet and JSON hold it as it is.

Source: OWASP, CSV injection.
"""

from __future__ import annotations

from typing import Final

FORMULETEKENS: Final = "=+-@\t\r\n|"
"""Signs that a text may not begin with in CSV."""


def disarm(tekst: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> disarm("=1+1")
    "'=1+1"
    >>> disarm("Mospad 4")
    'Mospad 4'
    """
    return f"'{tekst}" if tekst[:1] in FORMULETEKENS and tekst else tekst
