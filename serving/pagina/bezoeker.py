"""Who looks at a page, as far as every page shows it: the menu, a name, what there is for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from vera.toegang import Lezer


@dataclass(frozen=True)
class Bezoeker:
    """What a page needs to know of its reader.

    Parameters
    ----------
    naam
        Who they are; None when they did not say.
    menu
        Address and name of each item.
    kan_aanmelden
        Whether there is anything to log in to.
    """

    naam: str | None
    menu: tuple[tuple[str, str], ...]
    ziet_complexen: bool
    ziet_wat_als: bool
    kan_aanmelden: bool
    kenmerk: str


def describe_bezoeker(lezer: Lezer, *, kan_aanmelden: bool) -> Bezoeker:
    """Return what every page shows of who asks."""
    complexen, wat_als = lezer.may("complex"), lezer.may("wat_als")
    initiatieven = lezer.may("initiatief_lezen")
    werklijst = lezer.may("werklijst_overlast") or lezer.may("werklijst_woonfraude")
    menu = [
        *([("/complexen", "Complexen")] if complexen else []),
        *([("/werklijsten", "Werklijsten")] if werklijst else []),
        ("/buurten", "Buurten"),
        ("/wijken", "Wijken"),
        ("/kaart", "Kaart"),
        ("/methode", "Methode"),
        *([("/wat-als", "Wat als")] if wat_als else []),
        *([("/budget", "Budget")] if lezer.may("budget") else []),
        *([("/bewonersinitiatieven", "Initiatieven")] if initiatieven else []),
        *([("/sociaal-signaal", "Sociaal Signaal")] if lezer.may("signaal_melden") else []),
    ]
    wie = (lezer.naam, tuple(rol.naam for rol in lezer.rollen))
    return Bezoeker(
        naam=lezer.naam,
        menu=tuple(menu),
        ziet_complexen=complexen,
        ziet_wat_als=wat_als,
        kan_aanmelden=kan_aanmelden,
        kenmerk=hashlib.sha256(repr(wie).encode()).hexdigest()[:8],
    )
