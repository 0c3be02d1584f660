"""What lies around an object: the complexes of a buurt, the buurten of a wijk, outside figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.api.lijst import Themacode, Vraag, find_objects
from serving.pagina.bron import name_bron
from serving.pagina.getal import format_getal
from serving.pagina.overzicht import read_rows
from serving.release.winkel import Uitgave

MAXIMUM_COMPLEXEN: Final = 50
MAXIMUM_BUURTEN: Final = 400

_KENMERKEN: Final[Mapping[str, tuple[str, str]]] = {
    "advertenties_aantal": (
        "Advertenties voor vakantieverhuur",
        "Aantal advertenties in de hele buurt, ook voor woningen van anderen.",
    ),
    "misdrijven_index": (
        "Geregistreerde misdrijven",
        "100 is het gemiddelde van de gemeente, per inwoner.",
    ),
}


@dataclass(frozen=True)
class Complexen:
    """The complexes of a buurt: the first ones as rows, and how many there are."""

    rijen: Sequence[Mapping[str, Any]]
    aantal: int


@dataclass(frozen=True)
class Buurtregel:
    """One buurt in a short list."""

    id: str
    naam: str
    label: int | None
    is_openbaar: bool


@dataclass(frozen=True)
class Contextregel:
    """One figure from outside, to show and not to count."""

    naam: str
    uitleg: str
    waarde: str
    jaar: str
    bron: str


def find_complexen(uitgave: Uitgave, buurt_id: str) -> Complexen:
    """Return the complexes of a buurt, the largest task first and the unknown last."""
    vraag = Vraag("complex", buurt_id=buurt_id, sorteer="-score", per_pagina=MAXIMUM_COMPLEXEN)
    pagina = find_objects(uitgave, vraag)
    return Complexen(read_rows(pagina.rijen), pagina.aantal)


def list_buurten(
    uitgave: Uitgave, thema: Themacode, *, wijk_id: str | None = None
) -> list[Buurtregel]:
    """Return buurten with their label for one theme, the largest task first."""
    vraag = Vraag(
        "buurt", thema=thema, wijk_id=wijk_id, sorteer="-score", per_pagina=MAXIMUM_BUURTEN
    )
    regels = []
    for rij in read_rows(find_objects(uitgave, vraag).rijen):
        label = rij["sociaalBeheerLabel"]
        waarden = {"TOT": label["waarde"]} | {
            regel["code"]: regel["waarde"] for regel in label["themas"]
        }
        is_openbaar = label["grondslag"] == "openbaar" and waarden.get(thema) is not None
        regels.append(Buurtregel(rij["id"], rij["naam"], waarden.get(thema), is_openbaar))
    return regels


def describe_context(context: Sequence[Mapping[str, Any]]) -> tuple[Contextregel, ...]:
    """Return outside figures of a buurt in words, the latest year first."""
    uitkomst = []
    for rij in sorted(context, key=lambda rij: (str(rij["kenmerk"]), -(rij["jaar"] or 0))):
        naam, uitleg = _KENMERKEN.get(rij["kenmerk"], (str(rij["kenmerk"]), ""))
        waarde = rij["waarde"]
        uitkomst.append(
            Contextregel(
                naam=naam,
                uitleg=uitleg,
                waarde="onbekend" if waarde is None else format_getal(waarde),
                jaar=str(rij["jaar"] or "niet bekend"),
                bron=name_bron(rij["bron"]),
            )
        )
    return tuple(uitkomst)
