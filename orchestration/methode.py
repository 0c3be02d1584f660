"""Which method this is: a name and the hash of its seeds; and which code."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from orchestration.werkmap import DBT_MAP

METHODE = "SBL-1"


def read_seed(bestand: str) -> list[dict[str, str]]:
    """Return the rows of one seed of the method, by the name of its file."""
    with (DBT_MAP / "seeds" / "methode" / bestand).open(encoding="utf-8", newline="") as regels:
        return list(csv.DictReader(regels))


@cache
def compute_methodeversie() -> str:
    """Return ``SBL-1.`` and 8 hexadecimal digits over the method's seeds."""
    return f"{METHODE}.{_hash_bestanden((DBT_MAP / 'seeds' / 'methode').glob('*.csv'))}"


@cache
def compute_codeversie() -> str:
    """Return the version of the package and 8 hexadecimal digits over the dbt project.

    The SQL decides the numbers; a change in it makes another release, also when by luck no
    number moves.
    """
    sql = [*(DBT_MAP / "models").rglob("*.sql"), *(DBT_MAP / "macros").rglob("*.sql")]
    return f"{version('buurtpeil')}+{_hash_bestanden(sql)}"


def _hash_bestanden(paden: Iterable[Path]) -> str:
    som = hashlib.sha256()
    for pad in sorted(paden):
        som.update(pad.relative_to(DBT_MAP).as_posix().encode())
        # Line ends differ between checkouts, the method does not.
        som.update(pad.read_bytes().replace(b"\r\n", b"\n"))
    return som.hexdigest()[:8]
