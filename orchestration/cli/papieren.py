"""Papers of the current release, copied out for a colleague."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN
from serving.release import schema
from serving.release.wijzer import current
from vera.errors import GebruikFout


def copy_papieren(instellingen: Instellingen, naar: Path) -> None:
    """Copy the papers of the current release to ``naar`` and say what they still lack.

    Raises
    ------
    GebruikFout
        When there is no release, or it was made before there were papers.
    """
    releases = Werkmap.of(instellingen.data).releases
    release = current(releases)
    van = releases / (release or "-") / schema.MAP_PAPIEREN
    if not van.is_dir():
        raise GebruikFout(
            "De huidige release heeft geen papieren.",
            remedie="draai `buurtpeil run`; elke release krijgt ze mee",
        )
    naar.mkdir(parents=True, exist_ok=True)
    for bestand, titel in BESTANDEN.items():
        (naar / bestand).write_bytes((van / bestand).read_bytes())
        typer.echo(f"{naar / bestand}: {titel}")
    for gebrek in json.loads((van / BESTAND_BASIS).read_bytes())["ontbreekt"]:
        typer.echo(f"Nog niet compleet voor het Algoritmeregister. {gebrek}", err=True)
