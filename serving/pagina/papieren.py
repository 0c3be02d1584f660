"""The page on the papers: what they say, and each of them as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from serving.pagina.modellen import render_kaart
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN
from serving.release import schema
from serving.release.winkel import Uitgave

_SOORT: Final[Mapping[str, str]] = {
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True)
class Papier:
    """One paper: its file, title, and the text as HTML where it is text."""

    bestand: str
    titel: str
    tekst: Markup


@dataclass(frozen=True)
class Papierblad:
    """What the page shows; ``ontbreekt`` names what keeps an algorithm out of the register."""

    papieren: tuple[Papier, ...]
    basis: str
    ontbreekt: tuple[str, ...]


def has_papieren(uitgave: Uitgave) -> bool:
    """Tell whether a release has papers: one that was made before there were any has none."""
    return f"{schema.MAP_PAPIEREN}/{BESTAND_BASIS}" in uitgave.manifest["bestanden"]


def describe_papieren(uitgave: Uitgave) -> Papierblad:
    """Return the papers of a release that has them."""
    staat = json.loads(_find(uitgave, BESTAND_BASIS).read_bytes())
    papieren = tuple(
        Papier(
            bestand,
            titel,
            render_kaart(_drop_title(_find(uitgave, bestand).read_text(encoding="utf-8")), titel)
            if bestand.endswith(".md")
            else Markup(""),
        )
        for bestand, titel in BESTANDEN.items()
    )
    return Papierblad(papieren, staat["basis"], tuple(staat["ontbreekt"]))


def read_papier(uitgave: Uitgave, bestand: str) -> tuple[bytes, str] | None:
    """Return a paper and its media type; None for any name that is not a paper's."""
    naam = f"{schema.MAP_PAPIEREN}/{bestand}"
    if bestand not in BESTANDEN or naam not in uitgave.manifest["bestanden"]:
        return None
    pad = _find(uitgave, bestand)
    return pad.read_bytes(), _SOORT[pad.suffix]


def _find(uitgave: Uitgave, bestand: str) -> Path:
    return uitgave.find_bestand(f"{schema.MAP_PAPIEREN}/{bestand}")


def _drop_title(tekst: str) -> str:
    """Return a paper without its first line: the page gives the title itself."""
    return tekst.partition("\n")[2]
