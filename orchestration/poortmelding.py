"""What the gate in warned for, kept from the check until the release that it goes with.

Both are steps of one run, and in Dagster processes of their own. Belongs here: writing and
reading that file. Does not belong here: judging (:mod:`expectations`); the release itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from vera.bevinding import Bevinding
from vera.levering import LeveringVerslag

SLEUTEL: Final = "meldingen_poort_in"
"""Where the facts of a run (``manifest.run.json``) have them."""


def write_meldingen(
    pad: Path, bevindingen: Iterable[Bevinding], verslagen: Iterable[LeveringVerslag]
) -> None:
    """Keep what a gate warned for, with what it was said of.

    Parameters
    ----------
    pad
        The file.
    bevindingen
        All findings; those that hold or that stop a run are left out.
    verslagen
        The deliveries that were judged.
    """
    inhoud = {
        "leveringen": hash_leveringen(verslagen),
        "meldingen": [
            {
                "tabel": b.tabel,
                "regel": b.regel,
                "aantal": b.aantal,
                "gevonden": b.gevonden,
                "voorbeeld": b.voorbeeld,
            }
            for b in bevindingen
            if not b.geslaagd and not b.blokkeert
        ],
    }
    pad.parent.mkdir(parents=True, exist_ok=True)
    tijdelijk = pad.with_name(f"{pad.name}.deel")
    tijdelijk.write_text(json.dumps(inhoud, ensure_ascii=False), encoding="utf-8")
    tijdelijk.replace(pad)


def read_meldingen(
    pad: Path, verslagen: Iterable[LeveringVerslag]
) -> list[dict[str, str | int]] | None:
    """Return what the gate warned for.

    Returns
    -------
    list of dict or None
        None when these deliveries were not judged: somebody made a part of the graph, or the
        file is gone.
    """
    try:
        inhoud = json.loads(pad.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if inhoud.get("leveringen") != hash_leveringen(verslagen):
        return None
    meldingen: list[dict[str, str | int]] = inhoud["meldingen"]
    return meldingen


def hash_leveringen(verslagen: Iterable[LeveringVerslag]) -> str:
    """Return what changes when a file comes, goes or changes."""
    feiten = sorted((v.tabel, v.bestand, v.sha256, v.rijen, v.afgekeurd) for v in verslagen)
    return hashlib.sha256(json.dumps(feiten).encode()).hexdigest()
