"""Which areas are asked of a publisher: those that the association has, and no others.

A code of CBS: ``GM0599``, ``WK059901``, ``BU05990110``. A gemeente stands for everything in it, a
wijk for its buurten; with a buurt come its wijk and its gemeente, beside which it is read.

Belongs here: codes. Does not belong here: where they come from (``orchestration.opendata``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vera.errors import GebruikFout

_CODE = re.compile(r"GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4}")
_SOORT = {"GM": "Gemeente", "WK": "Wijk", "BU": "Buurt"}


@dataclass(frozen=True)
class Regio:
    """The areas of an association, as codes of CBS."""

    codes: frozenset[str]

    @property
    def gemeenten(self) -> list[str]:
        """Four digits of each gemeente in which they lie, in order."""
        return sorted({code[2:6] for code in self.codes})

    def has(self, code: str) -> bool:
        """Tell whether an area belongs to it.

        Examples
        --------
        >>> regio = Regio(frozenset({"WK059901", "BU03630000"}))
        >>> [regio.has(c) for c in ("BU05990110", "GM0599", "BU05990210", "WK036300", "BU03630001")]
        [True, True, False, True, False]
        """
        if not _CODE.fullmatch(code):
            return False
        if any(code[2:].startswith(eigen[2:]) for eigen in self.codes):
            return True  # it is one of them, or lies in one
        return code[:2] != "BU" and any(eigen[2:].startswith(code[2:]) for eigen in self.codes)


def name_soort(code: str) -> str:
    """Return what kind of area a code is of: Gemeente, Wijk or Buurt."""
    return _SOORT[code[:2]]


def parse_regio(tekst: str, instelling: str) -> Regio:
    """Return the areas that a setting names, with commas between the codes.

    Raises
    ------
    GebruikFout
        When one of them is no code.
    """
    codes = [deel.strip().upper() for deel in tekst.split(",") if deel.strip()]
    fout = [code for code in codes if not _CODE.fullmatch(code)]
    if fout or not codes:
        raise GebruikFout(
            f"{instelling} noemt geen codes van het CBS: {', '.join(fout) or 'leeg'}.",
            verwacht="GM met 4, WK met 6 of BU met 8 tekens erachter, met komma's ertussen",
            remedie="zoek de code op de pagina van de gemeente bij het CBS, zoals GM0599",
        )
    return Regio(frozenset(codes))


def collect_regio(codes: Iterable[str]) -> Regio | None:
    """Return the areas among what was delivered; None when no code of CBS is there."""
    gevonden = {code for code in codes if _CODE.fullmatch(code)}
    return Regio(frozenset(gevonden)) if gevonden else None


def list_begin(gemeente: str, soorten: Collection[str] = ("GM", "WK", "BU")) -> list[str]:
    """Return how the codes of a gemeente begin: ``GM0599``, ``WK0599``, ``BU0599``."""
    return [f"{soort}{gemeente}" for soort in soorten]
