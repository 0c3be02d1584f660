"""Choosing a place by what somebody types: a complex, or a buurt.

Names and codes only: whoever chooses sees no label. A house number that is typed is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from serving.api.lijst import Vraag, find_objects
from serving.pagina.overzicht import read_rows
from serving.pagina.zoek import drop_house_number
from serving.release.winkel import Uitgave

AANTAL_KEUZES: Final = 8
MAXIMUM_TEKST: Final = 80
MAXIMUM_LIJST: Final = 1_500
"""Above so many places a form has no list to pick from while typing; it searches alone."""


@dataclass(frozen=True)
class Plek:
    """One place to choose. ``buurt_id`` is empty where there is none."""

    niveau: str
    id: str
    naam: str
    buurt_id: str
    buurt: str

    @property
    def tekst(self) -> str:
        """As it stands in the list of a form."""
        soort = "Buurt " if self.niveau == "buurt" else ""
        return f"{soort}{self.naam} ({self.id})"


def list_plekken(uitgave: Uitgave, niveau: str = "complex") -> Mapping[str, Plek]:
    """Return every place of a niveau of a release, by id, in order of name."""
    return uitgave.remember(("plekken", niveau), lambda: _list_plekken(uitgave, niveau))


def _list_plekken(uitgave: Uitgave, niveau: str) -> Mapping[str, Plek]:
    rijen = uitgave.query(
        "select p.beheerobject_id, p.naam, b.beheerobject_id, b.naam from lijst p "
        "left join lijst b on b.niveau = 'buurt' and b.beheerobject_id = "
        "case p.niveau when 'buurt' then p.beheerobject_id else p.buurt_id end "
        "where p.niveau = ? order by p.naam, p.beheerobject_id",
        (niveau,),
    )
    return {rij[0]: Plek(niveau, rij[0], rij[1], rij[2] or "", rij[3] or "") for rij in rijen}


def find_plekken(
    uitgave: Uitgave, tekst: str, niveaus: Sequence[str] = ("complex",)
) -> Sequence[Plek]:
    """Return the places that a typed text may mean; one when it is certain.

    Parameters
    ----------
    uitgave
        The release.
    tekst
        A line of the list, an id, or words of a name, street or code.
    niveaus
        Kinds of place that may be chosen.
    """
    woorden = " ".join(tekst.split())[:MAXIMUM_TEKST]
    if not woorden:
        return ()
    for niveau in niveaus:
        for plek in list_plekken(uitgave, niveau).values():
            if woorden in {plek.id, plek.tekst}:
                return (plek,)
    for zoek in dict.fromkeys((woorden, drop_house_number(woorden))):
        gevonden = [
            list_plekken(uitgave, niveau)[rij["id"]]
            for niveau in niveaus
            if zoek
            for rij in read_rows(
                find_objects(uitgave, Vraag(niveau, zoek=zoek, per_pagina=AANTAL_KEUZES)).rijen
            )
        ]
        if gevonden:
            return tuple(gevonden[:AANTAL_KEUZES])
    return ()
