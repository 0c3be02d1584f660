"""Mutations of deliveries, with what each of them means: for trying landing and the gate in.

Belongs here: delivered files as cells (:mod:`.blad`), mutations without meaning (:mod:`.gelijk`),
of cells (:mod:`.cel`), of what is plausible (:mod:`.aannemelijk`), of a file as a whole
(:mod:`.bestand`) and of publishers' files (:mod:`.uitgever`). Every mutation says what a sound
gate must make of it. Does not belong here: judging what became of them (orchestration).
"""

from __future__ import annotations

from sources.demo.mutatie.aannemelijk import AANNEMELIJK
from sources.demo.mutatie.bestand import BESTAND
from sources.demo.mutatie.blad import Blad, Proef, Soort, Vorm, read_blad
from sources.demo.mutatie.cel import CEL, TEKST
from sources.demo.mutatie.gelijk import GELIJK
from sources.demo.mutatie.uitgever import UITGEVER

__all__ = [
    "AANNEMELIJK",
    "BESTAND",
    "CEL",
    "GELIJK",
    "TEKST",
    "UITGEVER",
    "Blad",
    "Proef",
    "Soort",
    "Vorm",
    "read_blad",
]
