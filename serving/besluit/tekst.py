"""What somebody types with a decision: a name and an explanation, tidied and checked.

Belongs here: what holds for every kind of decision. Does not belong here: which fields a kind
has (``duiding``, ``werklijst``).
"""

from __future__ import annotations

from typing import Final

from serving.leesbaar import check_zichtbaar, find_gegeven

MINIMUM_TOELICHTING: Final = 10
MAXIMUM_TOELICHTING: Final = 500
MAXIMUM_NAAM: Final = 80


def tidy(tekst: str) -> str:
    """Return a text on one line, without spaces that do not count.

    Examples
    --------
    >>> tidy("  Anna   de Wit ")
    'Anna de Wit'
    """
    return " ".join(tekst.split())


def is_zelfde_naam(een: str, ander: str) -> bool:
    """Tell whether two tidied names are the same, whatever their capitals."""
    return een.casefold() == ander.casefold()


def check_naam(naam: str) -> str | None:
    """Return what is wrong with a tidied name, or None."""
    if not naam:
        return "is verplicht"
    if len(naam) > MAXIMUM_NAAM:
        return f"is langer dan {MAXIMUM_NAAM} tekens"
    return check_zichtbaar(naam)


def check_toelichting(tekst: str) -> str | None:
    """Return what is wrong with a tidied explanation, or None; it is never about a person."""
    if not MINIMUM_TOELICHTING <= len(tekst) <= MAXIMUM_TOELICHTING:
        return f"telt {len(tekst)} tekens; schrijf {MINIMUM_TOELICHTING} tot {MAXIMUM_TOELICHTING}"
    soort = find_gegeven(tekst)
    if soort is None:
        return check_zichtbaar(tekst)
    return f"lijkt een {soort} te bevatten; beschrijf de plek, niet een persoon"
