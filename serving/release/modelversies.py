"""What everybody may know of the risk models of a release: which chooses, since when, and why.

No figure of a complex, and no count: those are for roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

PAGINA: Final = "/methode/modellen"


def describe_modelversies(rijen: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of ``schema.RISICOMODEL`` as the API tells them.

    Parameters
    ----------
    rijen
        One per model.
    """
    return [
        {
            "model": rij["model"],
            "versie": rij["scoreversie"],
            "soort": rij["soort"],
            "stand": rij["stand"],
            "zin": rij["zin"],
            "gezakt": json.loads(rij["gezakt"] or "[]"),
            "getraindOp": None if rij["getraind_op"] is None else rij["getraind_op"].isoformat(),
            "peildatum": None if rij["peildatum"] is None else rij["peildatum"].isoformat(),
            "heeftModelkaart": bool(rij["kaart"]),
            "uitleg": PAGINA,
        }
        for rij in sorted(rijen, key=lambda rij: str(rij["model"]))
    ]
