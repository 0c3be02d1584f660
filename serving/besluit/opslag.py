"""Where decisions of people are: appended, never changed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from serving.opslag import Opslag, Soort, url_of_file
from vera.errors import BuurtpeilError

__all__ = ["BESTAND", "BesluitenFout", "Besluitopslag", "url_of_file"]

BESTAND: Final = "besluiten.sqlite"


class BesluitenFout(BuurtpeilError):
    """The decisions store cannot be reached or read."""


class Besluitopslag(Opslag):
    """The door to the decisions, for a register to build on."""

    soort: ClassVar[Soort] = Soort(
        naam="besluiten",
        instelling="BUURTPEIL_BESLUITEN_URL",
        migraties=Path(__file__).parent / "migraties",
        slot=7_205_759,
        fout=BesluitenFout,
    )
