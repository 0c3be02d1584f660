"""Recognises personal data by its shape, so that no gate or form shows or lets through a value.

Patterns: BSN (nine digits that pass the 11-proof), IBAN (mod 97), e-mail, Dutch telephone
number, postcode with house number. A name has no shape; that is what the contract's
classification is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

# Digits of a decimal fraction or of a longer code are not a number of their own.
_LOS_VOOR = r"(?<!\w)(?<!\d[.,])"
_LOS_NA = r"(?!\w|[.,]\d)"

# How people group the digits, with one sign throughout. Not every grouping: a year, month and
# number (2026-03-001) or an address on the network (10.20.30.123) is nine digits as well.
_BSN_GROEPEN = "|".join(
    rf"\d{{{a}}}{teken}\d{{{b}}}{teken}\d{{{c}}}"
    for teken in (r"\.", " ", "-")
    for a, b, c in ((3, 3, 3), (4, 2, 3), (3, 2, 4), (2, 3, 4))
)
_JAARMAAND = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-"
_BSN = re.compile(rf"{_LOS_VOOR}(?<!\d-)(?!{_JAARMAAND})(?:\d{{9}}|{_BSN_GROEPEN}){_LOS_NA}(?!-\d)")
_IBAN = re.compile(
    r"(?<!\w)(?:NL\d{2}(?: ?[A-Z]{4})(?: ?\d){10}|BE\d{2}(?: ?\d){12}"
    r"|DE\d{2}(?: ?\d){18})(?!\w)",
    re.IGNORECASE,
)
# The part before the @ has a limit of its own; without it a long text without any takes for ever.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_TELEFOON = re.compile(
    rf"{_LOS_VOOR}(?:(?:\+31|0031)[ -]?(?:\(0\))?[ -]?|0)"
    rf"(?:6[ -]?(?:\d[ -]?){{7}}\d|[1-57-9]\d[ -]?(?:\d[ -]?){{6}}\d"
    rf"|[1-57-9]\d{{2}}[ -]?(?:\d[ -]?){{5}}\d){_LOS_NA}"
)
_LETTERS = r"(?!SA|SD|SS)[A-Z]{2}"
_ADRES = re.compile(
    rf"(?<!\w)(?:[1-9]\d{{3}} ?{_LETTERS},? {{0,2}}\d{{1,5}}(?!\d)"
    rf"|\d{{1,5}} ?[a-zA-Z]?,? [1-9]\d{{3}} ?{_LETTERS}(?!\w))"
)


VOORFILTER: Final = (
    r"\b\d{9}\b|\b\d{4}[. -]\d{2}[. -]\d{3}\b|\b\d{3}[. -]\d{3}[. -]\d{3}\b"
    r"|\b\d{3}[. -]\d{2}[. -]\d{4}\b|\b\d{2}[. -]\d{3}[. -]\d{4}\b"
    r"|\b(?:[Nn][Ll]|[Bb][Ee]|[Dd][Ee])\d{2}"
    r"|[\w.+-]@[\w-]"
    r"|(?:\+|\b00)31|\b0[ -]?[1-9](?:[ -]?\d){8}"
    r"|\b[1-9]\d{3} ?[A-Z]{2}"
)
"""What every text with personal data matches, and many others: for a database to look through
millions of values with (RE2 as well as Python), before ``list_vindplaatsen`` judges the rest."""


@dataclass(frozen=True)
class Vindplaats:
    """Where in a text something of a personal kind stands: the kind, and from where to where."""

    soort: str
    begin: int
    einde: int


def find_persoonsgegeven(tekst: str) -> str | None:
    """Return the kind of personal data that a text holds, or None.

    Parameters
    ----------
    tekst
        Any text.

    Returns
    -------
    str or None
        ``BSN``, ``IBAN``, ``e-mailadres``, ``telefoonnummer`` or ``postcode met huisnummer``.

    Examples
    --------
    >>> find_persoonsgegeven("bel 06-12345678")
    'telefoonnummer'
    >>> find_persoonsgegeven("complex C0123") is None
    True
    """
    for soort, zoek in _SOORTEN:
        if next(zoek(tekst), None) is not None:
            return soort
    return None


def list_vindplaatsen(tekst: str) -> list[Vindplaats]:
    """Return everything in a text that is personal data by its shape, per kind in order.

    Examples
    --------
    >>> list_vindplaatsen("bel 06-12345678")
    [Vindplaats(soort='telefoonnummer', begin=4, einde=15)]
    """
    return [
        Vindplaats(soort, *gevonden.span()) for soort, zoek in _SOORTEN for gevonden in zoek(tekst)
    ]


def is_bsn(tekst: str) -> bool:
    """Return whether nine digits pass the 11-proof; one in eleven does so by chance."""
    return len(tekst) == 9 and tekst.isascii() and tekst.isdigit() and _is_bsn(tekst)


def hide_persoonsgegeven(tekst: str) -> str:
    """Return the text, or a placeholder when it holds something of a personal kind."""
    soort = find_persoonsgegeven(tekst)
    return tekst if soort is None else f"(niet getoond: lijkt op een {soort})"


def find_eerste(waarden: Iterable[object]) -> tuple[int, str] | None:
    """Return position (0-based) and kind of the first text that holds personal data."""
    for plek, waarde in enumerate(waarden):
        if isinstance(waarde, str) and (soort := find_persoonsgegeven(waarde)):
            return plek, soort
    return None


def _is_bsn(cijfers: str) -> bool:
    """11-proof of the BSN: weights 9..2 and -1, sum divisible by 11."""
    gewichten = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    som = sum(w * int(c) for w, c in zip(gewichten, cijfers, strict=True))
    return som % 11 == 0 and int(cijfers) > 0


def _is_iban(iban: str) -> bool:
    """Mod 97 of ISO 13616."""
    gedraaid = iban[4:] + iban[:4]
    return int("".join(str(int(teken, 36)) for teken in gedraaid)) % 97 == 1


def _find_bsn(tekst: str) -> Iterator[re.Match[str]]:
    return (m for m in _BSN.finditer(tekst) if _is_bsn(re.sub(r"\D", "", m.group())))


def _find_iban(tekst: str) -> Iterator[re.Match[str]]:
    return (m for m in _IBAN.finditer(tekst) if _is_iban(m.group().replace(" ", "").upper()))


def _find_email(tekst: str) -> Iterator[re.Match[str]]:
    return _EMAIL.finditer(tekst) if "@" in tekst else iter(())


def _find_telefoon(tekst: str) -> Iterator[re.Match[str]]:
    # The digits of an account number, valid or not, are not a telephone number of their own.
    return _TELEFOON.finditer(_IBAN.sub(lambda m: " " * len(m.group()), tekst))


_SOORTEN: tuple[tuple[str, Callable[[str], Iterator[re.Match[str]]]], ...] = (
    ("BSN", _find_bsn),
    ("IBAN", _find_iban),
    ("e-mailadres", _find_email),
    ("telefoonnummer", _find_telefoon),
    ("postcode met huisnummer", _ADRES.finditer),
)
