"""All papers together, as files by name, and whether they are in step with what is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from serving.papier.algoritmeregister import build_register
from serving.papier.feiten import Papierfeiten
from serving.papier.tekst import render_dpia, render_verwerkingsregister, render_waarom

BESTAND_BASIS: Final = "basis.json"
BESTAND_REGISTER: Final = "algoritmeregister.json"
BESTAND_DPIA: Final = "dpia-invoer.md"
BESTAND_VERWERKING: Final = "verwerkingsregister.csv"
BESTAND_WAAROM: Final = "waarom-dit-label.md"
BESTANDEN: Final[Mapping[str, str]] = {
    BESTAND_WAAROM: "Waarom dit label?",
    BESTAND_REGISTER: "Inschrijving in het Algoritmeregister (standaard 1.0)",
    BESTAND_DPIA: "Invoer voor de DPIA",
    BESTAND_VERWERKING: "Regels voor het verwerkingsregister",
}
"""The papers for readers, with their titles."""


def render_papieren(feiten: Papierfeiten) -> dict[str, bytes]:
    """Return every paper by file name; the same facts give the same bytes."""
    register, gebreken = build_register(feiten)
    basis = {
        "basis": feiten.basis,
        "methodeversie": feiten.methodeversie,
        "modellen": {m.model: m.scoreversie for m in feiten.modellen},
        "ontbreekt": gebreken,
    }
    teksten = {
        BESTAND_BASIS: _as_json(basis),
        BESTAND_REGISTER: _as_json(register),
        BESTAND_DPIA: render_dpia(feiten),
        BESTAND_VERWERKING: render_verwerkingsregister(feiten),
        BESTAND_WAAROM: render_waarom(feiten),
    }
    return {naam: tekst.encode() for naam, tekst in teksten.items()}


def find_verouderd(
    papieren: Mapping[str, bytes], basis: str, modellen: Mapping[str, str]
) -> list[str]:
    """Return why papers do not speak of what is published; nothing when they do.

    Parameters
    ----------
    papieren
        Files by name, as ``render_papieren`` made them.
    basis
        Hash of the list of features that holds now.
    modellen
        Version that scores now, by model.
    """
    if not {BESTAND_BASIS, *BESTANDEN} <= set(papieren):
        return ["er zijn geen papieren, of niet alle"]
    staat = json.loads(papieren[BESTAND_BASIS])
    redenen = []
    if staat["basis"] != basis:
        redenen.append(f"ze horen bij kenmerkenlijst {staat['basis']}, nu geldt {basis}")
    redenen += [
        f"ze noemen voor {model} versie {staat['modellen'].get(model)}, nu kiest {versie}"
        for model, versie in sorted(modellen.items())
        if staat["modellen"].get(model) != versie
    ]
    return redenen


def _as_json(inhoud: object) -> str:
    return json.dumps(inhoud, ensure_ascii=False, indent=2) + "\n"
