"""Names of sources as a reader knows them; the code stays where no name is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMEN: Final[Mapping[str, str]] = {
    "vera": "administratie van de corporatie",
    "vera.zaak": "meldingen bij de corporatie",
    "vera.zaakstatus": "meldingen bij de corporatie",
    "zaakverloop": "meldingen bij de corporatie",
    "vera.defect": "onderhoud",
    "vera.onderhoudsorder": "onderhoud",
    "vera.onderhoudsverzoek": "onderhoud",
    "vera.huurachterstand": "huuradministratie",
    "vera.betalingsregeling": "huuradministratie",
    "vera.huurovereenkomst": "huuradministratie",
    "wijkbeheer": "registratie van wijkbeheer",
    "wijkbeheer.schouw": "schouw door wijkbeheer",
    "wijkbeheer.bewonersinitiatief": "register van bewonersinitiatieven",
    "huurdersonderzoek": "huurdersonderzoek",
    "wijkprofiel": "Wijkprofiel van de gemeente",
    "cbs_kwb": "CBS, Kerncijfers wijken en buurten",
    "cbs": "CBS",
    "politie": "politie, geregistreerde misdrijven",
    "airbnb": "Inside Airbnb",
    "leefbaarometer": "Leefbaarometer",
}


def name_bron(bron: str | None) -> str:
    """Return the name of a source.

    Examples
    --------
    >>> name_bron("vera.zaak")
    'meldingen bij de corporatie'
    >>> name_bron("wijkbeheer.iets_nieuws")
    'registratie van wijkbeheer'
    """
    if not bron:
        return "bron onbekend"
    return _NAMEN.get(bron) or _NAMEN.get(bron.partition(".")[0]) or bron
