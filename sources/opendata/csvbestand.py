"""A file as a publisher writes it: CRLF, quotes only where needed, every time the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def build_csv(rijen: Iterable[Sequence[str]], codering: str, scheidingsteken: str) -> bytes:
    """Return rows as the bytes of a CSV file."""
    tekst = io.StringIO(newline="")
    csv.writer(tekst, delimiter=scheidingsteken, lineterminator="\r\n").writerows(rijen)
    return tekst.getvalue().encode(codering)
