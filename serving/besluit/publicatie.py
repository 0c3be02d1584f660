"""What a release says that a decision starts from: its last peildatum, and a model label."""

from __future__ import annotations

import json
from datetime import date

from serving.besluit.duiding import Publicatie
from serving.release.winkel import Uitgave
from vera.errors import GebruikFout


def read_publicatie(uitgave: Uitgave) -> Publicatie:
    """Return the release and its last peildatum of complexes.

    Raises
    ------
    GebruikFout
        When the release holds no label of a complex.
    """
    peildata = uitgave.manifest["peildata"].get("complex", {}).get("eigen", [])
    if not peildata:
        raise GebruikFout(
            "In de huidige release heeft geen complex een label.",
            verwacht="leveringen van de corporatie zelf; openbare gegevens krijgen geen duiding",
        )
    return Publicatie(uitgave.release_id, date.fromisoformat(max(peildata)))


def find_model_label(uitgave: Uitgave, complex_id: str) -> int | None:
    """Return the model label of a complex on the last peildatum; None = unknown.

    Raises
    ------
    KeyError
        When there is no such complex.
    """
    inhoud = uitgave.answer("complex", complex_id)
    if inhoud is None:
        raise KeyError(complex_id)
    label: int | None = json.loads(inhoud)["sociaalBeheerLabel"]["modelWaarde"]
    return label
