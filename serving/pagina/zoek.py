"""Searching by name, code or street, through everything at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from serving.api.lijst import Vraag, find_objects
from serving.pagina.overzicht import read_rows
from serving.release.winkel import Uitgave
from serving.release.zoektekst import normalize_zoektekst

AANTAL_GETOOND: Final = 10

_NUMMER_OF_POSTCODE: Final = re.compile(
    r"\b\d{4}\s?[A-Za-z]{2}\b|\b\d{1,5}(?:[-/]\d{1,4}|\s?[A-Za-z]\b|\b)"
)


@dataclass(frozen=True)
class Treffer:
    """One object that was found; ``straten`` are those of its streets that match."""

    id: str
    naam: str
    waarde: int | None
    gebied: str
    straten: tuple[str, ...]


@dataclass(frozen=True)
class Treffers:
    """What was found of one niveau: the first ones, and how many in all."""

    niveau: str
    aantal: int
    regels: tuple[Treffer, ...]


def find_treffers(uitgave: Uitgave, zoek: str) -> Sequence[Treffers]:
    """Return what has all words of ``zoek``, areas first because they are few."""
    uitkomst = []
    for niveau in ("wijk", "buurt", "complex"):
        vraag = Vraag(niveau, zoek=zoek, sorteer="naam", per_pagina=AANTAL_GETOOND)
        pagina = find_objects(uitgave, vraag)
        if not pagina.aantal:
            continue
        regels = []
        for rij in read_rows(pagina.rijen):
            gebied = rij.get("buurt") or rij.get("wijk") or {"naam": ""}
            straten = _match_streets(uitgave, rij["id"], zoek) if niveau == "complex" else ()
            regels.append(
                Treffer(
                    rij["id"],
                    rij["naam"],
                    rij["sociaalBeheerLabel"]["waarde"],
                    gebied["naam"],
                    straten,
                )
            )
        uitkomst.append(Treffers(niveau, pagina.aantal, tuple(regels)))
    return uitkomst


def _match_streets(uitgave: Uitgave, complex_id: str, zoek: str) -> tuple[str, ...]:
    """Streets of a complex that show why it was found."""
    inhoud = uitgave.answer("complex", complex_id)
    woorden = normalize_zoektekst(zoek).split()
    straten: list[str] = json.loads(inhoud)["straatnamen"] if inhoud else []
    return tuple(
        straat
        for straat in straten
        if any(woord in normalize_zoektekst(straat) for woord in woorden)
    )


def drop_house_number(zoek: str) -> str | None:
    """Return a search text without house number or postcode; None when there was none.

    Examples
    --------
    >>> drop_house_number("Eikenlaan 12a")
    'Eikenlaan'
    >>> drop_house_number("Plein 1940-1945 3")
    'Plein'
    """
    zonder = " ".join(_NUMMER_OF_POSTCODE.sub(" ", zoek).split())
    return zonder if zonder and zonder != zoek else None
