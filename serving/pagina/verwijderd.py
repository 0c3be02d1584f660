"""What a purge left behind to be read: the log of removals, and which originals are too old.

Belongs here: names and reading of those files. Does not belong here: writing them
(``orchestration.bewaren``).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from serving.pagina.getal import format_datum, format_getal

_log = logging.getLogger(__name__)

LOG_VERWIJDERD: Final = "verwijderd-*.jsonl"
"""JSON lines of what was removed, a file per month."""
ORIGINELEN: Final = "originelen.json"
"""Delivered files with rows past their term, as the last purge found them."""
_MAXIMUM: Final = 60


@dataclass(frozen=True)
class Verwijderregel:
    """What was removed of one table by one rule on one day."""

    plek: str
    tabel: str
    regel: str
    aantal: str
    dag: str


@dataclass(frozen=True)
class Verwijderd:
    """The latest removals, and how many lines like these came before them."""

    regels: tuple[Verwijderregel, ...] = ()
    eerder: int = 0


@dataclass(frozen=True)
class Originelen:
    """What of the delivered files is past its term; only its owner can remove it."""

    peildatum: str
    bestanden: str
    rijen: str
    zijn_er: bool


def read_verwijderd(map_: Path | None) -> Verwijderd:
    """Return what was removed per day, table and rule, the newest first."""
    aantallen: Counter[tuple[str, str, str, str]] = Counter()
    for regel in () if map_ is None else _iter_regels(map_):
        plek, tabel, waarom = (str(regel.get(naam, "")) for naam in ("plek", "tabel", "regel"))
        aantallen[str(regel.get("tijd", ""))[:10], plek, tabel, waarom] += _count(regel)
    volgorde = sorted(aantallen)
    volgorde.sort(key=lambda sleutel: sleutel[0], reverse=True)
    return Verwijderd(
        tuple(
            Verwijderregel(
                plek,
                tabel,
                waarom,
                format_getal(aantallen[dag, plek, tabel, waarom]),
                format_datum(dag) if dag else "",
            )
            for dag, plek, tabel, waarom in volgorde[:_MAXIMUM]
        ),
        max(0, len(volgorde) - _MAXIMUM),
    )


def read_originelen(map_: Path | None) -> Originelen | None:
    """Return what the last purge found in the deliveries folder; None when nobody looked."""
    if map_ is None or not (map_ / ORIGINELEN).is_file():
        return None
    try:
        inhoud = json.loads((map_ / ORIGINELEN).read_text(encoding="utf-8"))
        originelen = inhoud["originelen"]
        return Originelen(
            format_datum(inhoud["peildatum"]),
            format_getal(len({origineel["bestand"] for origineel in originelen})),
            format_getal(sum(origineel["rijen"] for origineel in originelen)),
            bool(originelen),
        )
    except (ValueError, KeyError, TypeError):
        _log.exception("the list of originals past their term cannot be read")
        return None


def _iter_regels(map_: Path) -> Iterator[Mapping[str, Any]]:
    for pad in sorted(map_.glob(LOG_VERWIJDERD)):
        for regel in pad.read_text(encoding="utf-8").splitlines():
            try:
                inhoud = json.loads(regel)
            except ValueError:
                _log.error("a line of the deletion log cannot be read")
                continue
            if isinstance(inhoud, dict):
                yield inhoud


def _count(regel: Mapping[str, Any]) -> int:
    aantal = regel.get("aantal")
    return aantal if isinstance(aantal, int) else 0
