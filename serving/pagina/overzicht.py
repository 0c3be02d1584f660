"""What the first page shows beside the map: how the labels are spread, and the largest tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serving.api.lijst import Themacode, Vraag, find_objects
from serving.pagina.getal import count
from serving.pagina.zinnen import describe_label
from serving.release.winkel import Uitgave

AANTAL_GROOTSTE = 5


@dataclass(frozen=True)
class Verdelingsregel:
    """How many objects have one label (0 = unknown), and how long its bar is (0 to 100)."""

    label: int
    woord: str
    aantal: str
    eenheden: str | None
    lengte: int


@dataclass(frozen=True)
class Verdeling:
    """How the labels of one niveau are spread."""

    niveau: str
    collectie: str
    regels: tuple[Verdelingsregel, ...]


def count_labels(uitgave: Uitgave, niveau: str, thema: str) -> Verdeling | None:
    """Return the spread of labels, the largest task first; None when there are no objects."""
    rijen = uitgave.query(
        "select sociaal_beheer_label, aantal, verhuureenheden_aantal from verdeling "
        "where niveau = ? and thema_code = ?",
        (niveau, thema),
    )
    per_label = {label: (aantal, eenheden) for label, aantal, eenheden in rijen}
    hoogste = max((aantal for aantal, _ in per_label.values()), default=0)
    if not hoogste:
        return None
    alle_eenheden = sum(eenheden for _, eenheden in per_label.values())
    enkel, meer = NAMEN[niveau]
    regels = []
    for label in (5, 4, 3, 2, 1, 0):
        aantal, eenheden = per_label.get(label, (0, 0))
        if label == 0 and not aantal:
            continue
        regels.append(
            Verdelingsregel(
                label=label,
                woord=describe_label(label or None),
                aantal=count(aantal, enkel, meer),
                eenheden=count(eenheden, "woning", "woningen") if alle_eenheden else None,
                lengte=round(100 * aantal / hoogste),
            )
        )
    return Verdeling(niveau, meer, tuple(regels))


def find_largest(uitgave: Uitgave, niveau: str, thema: Themacode) -> list[Mapping[str, Any]]:
    """Return the objects with the largest task, as rows of the list."""
    vraag = Vraag(niveau, (1, 2, 3, 4, 5), thema, sorteer="-score", per_pagina=AANTAL_GROOTSTE)
    return read_rows(find_objects(uitgave, vraag).rijen)


def read_rows(rijen: list[bytes]) -> list[Mapping[str, Any]]:
    """Return rows of the list as mappings."""
    return [json.loads(rij) for rij in rijen]


def count_objects(uitgave: Uitgave) -> Mapping[str, int]:
    """Return the number of objects by niveau."""
    rijen: Mapping[str, int] = uitgave.remember(
        "aantallen",
        lambda: dict(uitgave.query("select niveau, count(*) from lijst group by niveau")),
    )
    return rijen


NAMEN: Mapping[str, tuple[str, str]] = {
    "complex": ("complex", "complexen"),
    "buurt": ("buurt", "buurten"),
    "wijk": ("wijk", "wijken"),
}
"""One and more, by niveau."""
