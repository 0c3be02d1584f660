"""Where the Sociale Signalen are: a store apart from everything else."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from serving.opslag import Opslag, Soort, url_of_file
from vera.errors import BuurtpeilError

__all__ = ["BESTAND", "Signaalopslag", "SignalenFout", "url_of_file"]

BESTAND: Final = "signalen.sqlite"


class SignalenFout(BuurtpeilError):
    """The store of Sociale Signalen cannot be reached or read."""


class Signaalopslag(Opslag):
    """The door to the signals, for a register to build on."""

    soort: ClassVar[Soort] = Soort(
        naam="Sociale Signalen",
        instelling="BUURTPEIL_SIGNALEN_URL",
        migraties=Path(__file__).parent / "migraties",
        slot=7_205_761,
        fout=SignalenFout,
    )
