"""The list of rejected rows, one row per rejected row, never with the value itself.

The rejected row stays in the delivery, which is never changed; this list says where to look.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from vera.levering import Afkeuring

BESTAND = "afkeuringen.csv"


def write_quarantaine(afkeuringen: Iterable[Afkeuring], quarantaine_map: Path) -> Path:
    """Write ``quarantaine/afkeuringen.csv`` of this run, replacing that of the last one."""
    quarantaine_map.mkdir(parents=True, exist_ok=True)
    pad = quarantaine_map / BESTAND
    tijdelijk = pad.with_suffix(".deel")
    with tijdelijk.open("w", encoding="utf-8", newline="") as bestand:
        schrijver = csv.DictWriter(
            bestand, [veld.name for veld in fields(Afkeuring)], delimiter=";", lineterminator="\n"
        )
        schrijver.writeheader()
        schrijver.writerows(asdict(afkeuring) for afkeuring in afkeuringen)
    tijdelijk.replace(pad)
    return pad
