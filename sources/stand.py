"""What a source's landing found, kept beside the landed files for the steps that follow.

The steps of a run may be in different processes, so they hand each other files. Belongs here:
writing and reading that state. Making it is :mod:`sources.landing`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from sources.landing import BronLanding, Geland, parse_verslag
from vera.contract import Bron
from vera.levering import Afkeuring, LeveringVerslag

BESTAND = "stand.json"


def write_stand(landing: BronLanding, landing_map: Path) -> None:
    """Write what one source's landing found, replacing that of the last run."""
    pad = landing_map / landing.bron / BESTAND
    pad.parent.mkdir(parents=True, exist_ok=True)
    inhoud = {
        "bestanden": [
            {
                "pad": str(geland.pad.relative_to(landing_map)),
                "verslag": asdict(geland.verslag),
                "afkeuringen": [asdict(afkeuring) for afkeuring in geland.afkeuringen],
            }
            for geland in landing.bestanden
        ],
        "overgeslagen": list(landing.overgeslagen),
    }
    tijdelijk = pad.with_suffix(".deel")
    tijdelijk.write_text(json.dumps(inhoud, default=str), encoding="utf-8")
    tijdelijk.replace(pad)


def read_stand(bron: str, landing_map: Path) -> BronLanding:
    """Read what one source's landing found; a source that was never landed has nothing."""
    pad = landing_map / bron / BESTAND
    if not pad.exists():
        return BronLanding(bron, ())
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    bestanden = tuple(
        Geland(
            landing_map / regel["pad"],
            parse_verslag(regel["verslag"]),
            tuple(Afkeuring(**afkeuring) for afkeuring in regel["afkeuringen"]),
        )
        for regel in inhoud["bestanden"]
    )
    return BronLanding(bron, bestanden, tuple(inhoud["overgeslagen"]))


def read_standen(bronnen: Iterable[Bron], landing_map: Path) -> tuple[BronLanding, ...]:
    """Read what the landing of every source found, in the order of the contract."""
    return tuple(read_stand(bron.naam, landing_map) for bron in bronnen)


def list_verslagen(landingen: Iterable[BronLanding]) -> tuple[LeveringVerslag, ...]:
    """Return the report of every landed file."""
    return tuple(geland.verslag for landing in landingen for geland in landing.bestanden)


def write_verslagen(verslagen: Sequence[LeveringVerslag], pad: Path) -> None:
    """Write reports as JSON, for the next run to compare with."""
    pad.parent.mkdir(parents=True, exist_ok=True)
    pad.write_text(json.dumps([asdict(v) for v in verslagen], default=str), encoding="utf-8")


def read_verslagen(pad: Path) -> tuple[LeveringVerslag, ...]:
    """Read reports that ``write_verslagen`` wrote; none when there is no such file."""
    if not pad.exists():
        return ()
    return tuple(parse_verslag(regel) for regel in json.loads(pad.read_text(encoding="utf-8")))
