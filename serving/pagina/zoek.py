"""Searching by name, code or street, through everything at once."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from serving.api.lijst import Vraag, find_objects
from serving.pagina.overzicht import read_rows
from serving.release.winkel import Uitgave
from serving.release.zoektekst import normalize_zoektekst

AANTAL_GETOOND: Final = 10
MINIMUM_LETTERS: Final = 4
"""Shorter words are not corrected: everything looks like them."""

_GELIJKENIS: Final = 0.75
_AANTAL_KANDIDATEN: Final = 100
_WOORD: Final = re.compile(r"[^\W\d_]{3,}")

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


@dataclass(frozen=True)
class Woordenboek:
    """Every word of names and streets: how often it is there, and which words hold a trigram."""

    aantallen: Mapping[str, int]
    per_drietal: Mapping[str, Sequence[str]]


def suggest_zoek(uitgave: Uitgave, zoek: str) -> str | None:
    """Return what somebody may have meant who found nothing; None when there is no guess.

    Every word that is in no name or street becomes the word that looks most like it. House numbers
    and postcodes are left out.
    """
    woordenboek = uitgave.remember("zoekwoorden", lambda: _read_words(uitgave))
    woorden = normalize_zoektekst(drop_house_number(zoek) or zoek).split()
    beter = [_correct(woord, woordenboek) for woord in woorden]
    voorstel = " ".join(woord for woord in beter if woord)
    return voorstel if None not in beter and voorstel != normalize_zoektekst(zoek) else None


def _read_words(uitgave: Uitgave) -> Woordenboek:
    aantallen = Counter(
        woord
        for (tekst,) in uitgave.query("select zoek from lijst")
        for woord in _WOORD.findall(tekst)
    )
    per_drietal: dict[str, list[str]] = defaultdict(list)
    for woord in sorted(aantallen):
        for drietal in _split(woord):
            per_drietal[drietal].append(woord)
    return Woordenboek(aantallen, per_drietal)


def _split(woord: str) -> set[str]:
    ruim = f"  {woord} "
    return {ruim[plek : plek + 3] for plek in range(len(ruim) - 2)}


def _correct(woord: str, woordenboek: Woordenboek) -> str | None:
    """Return a word as it stands in a name: itself, or what looks most like it."""
    if len(woord) < MINIMUM_LETTERS or any(woord in bekend for bekend in woordenboek.aantallen):
        return woord
    gedeeld = Counter(
        bekend for drietal in _split(woord) for bekend in woordenboek.per_drietal.get(drietal, ())
    )
    beste: tuple[float, int, str] | None = None
    for bekend, _ in sorted(gedeeld.items(), key=lambda paar: (-paar[1], paar[0]))[
        :_AANTAL_KANDIDATEN
    ]:
        # The word may be half typed: its beginning may be what it looks like.
        lijkt = max(
            SequenceMatcher(None, woord, deel, autojunk=False).ratio()
            for deel in {bekend, bekend[: len(woord)], bekend[: len(woord) + 1]}
        )
        if lijkt >= _GELIJKENIS:
            keuze = (-lijkt, -woordenboek.aantallen[bekend], bekend)
            beste = keuze if beste is None else min(beste, keuze)
    return None if beste is None else beste[2]
