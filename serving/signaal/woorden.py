"""What may be reported, in words: what one can have seen, how soon, from whom, what came of it.

Only what somebody may have *observed* is here, never what it would mean. Belongs here: codes and
their texts. Does not belong here: what is allowed with them (``regels``).

Source: Woonstad Rotterdam, annual report 2017 (the five signals); design paper on trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Code = Literal["zorg", "veiligheid", "eenzaamheid", "vervuiling", "onbekend"]
"""What is stored of a signal: so coarse that it is no diagnosis."""

CODES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        "zorg": "Zorg of hulp",
        "veiligheid": "Veiligheid",
        "eenzaamheid": "Eenzaamheid",
        "vervuiling": "Vervuiling",
        "onbekend": "Niet bekend",
    }
)


@dataclass(frozen=True)
class Soort:
    """One choice of the form.

    Parameters
    ----------
    naam
        As the form calls it.
    code
        What is stored of it.
    gezien
        What somebody may have seen or heard.
    """

    naam: str
    code: Code
    gezien: tuple[str, ...]


SIGNALEN: Final[Mapping[str, Soort]] = MappingProxyType(
    {
        "eenzaamheid": Soort(
            "Eenzaamheid",
            "eenzaamheid",
            ("zegt dat er nooit iemand komt", "houdt u steeds lang aan de praat"),
        ),
        "dementie": Soort(
            "In de war of vergeetachtig (dementie)",
            "zorg",
            ("weet niet welke dag het is", "vergeet een afspraak van net", "verdwaalt bij huis"),
        ),
        "alcoholisme": Soort(
            "Veel alcohol",
            "zorg",
            ("veel lege flessen of blikken", "ruikt overdag naar drank", "loopt onvast"),
        ),
        "drugsgebruik": Soort(
            "Drugs",
            "zorg",
            ("spullen om drugs te gebruiken", "sterke lucht van drugs in huis"),
        ),
        "zorgmijding": Soort(
            "Geen hulp willen",
            "zorg",
            ("laat niemand binnen", "zegt hulp nodig te hebben, maar wil die niet"),
        ),
        "onveilig": Soort(
            "Onveilig in huis",
            "veiligheid",
            ("gas, stroom of vuur wordt gevaarlijk gebruikt", "de vluchtweg is vol"),
        ),
        "vervuiling": Soort(
            "Erge vervuiling",
            "vervuiling",
            ("veel afval of ongedierte in huis", "u kunt er bijna niet lopen"),
        ),
        "onbekend": Soort(
            "Iets anders, of ik weet het niet",
            "onbekend",
            ("u maakt zich zorgen en kunt niet zeggen waarom",),
        ),
    }
)
"""The five signals of the annual report first, then what does not fit them."""

VIJF: Final = ("eenzaamheid", "dementie", "alcoholisme", "drugsgebruik", "zorgmijding")

NOOD: Final = "nu_gevaar"
URGENTIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        NOOD: "Er is nú gevaar",
        "vandaag": "Vandaag of morgen",
        "deze_week": "Deze week",
        "geen_haast": "Het heeft geen haast",
    }
)
"""How soon; the first one is answered with whom to call, and not stored."""

ORGANISATIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "onderhoud": "Bedrijf voor onderhoud of reparatie",
        "installatie": "Installatiebedrijf",
        "schoonmaak": "Schoonmaak of groen",
        "corporatie": "De corporatie zelf",
        "anders": "Een andere organisatie",
    }
)
"""From whom, for reporters of whom the login does not tell."""

BENADERINGEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eerst_bellen": "Eerst bellen",
        "overdag": "Overdag langsgaan",
        "via_huismeester": "Samen met de huismeester",
        "met_twee": "Met twee mensen gaan",
        "eerst_overleg": "Eerst met de melder praten",
    }
)
"""How somebody is best approached; optional."""

Status = Literal["ontvangen", "opgepakt", "afgesloten"]

STATUSSEN: Final[Mapping[Status, str]] = MappingProxyType(
    {
        "ontvangen": "ontvangen",
        "opgepakt": "opgepakt",
        "afgesloten": "afgesloten",
    }
)

REDENEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hulp_gestart": "Er is hulp gestart",
        "doorverwezen": "Doorgegeven aan een andere organisatie",
        "al_in_beeld": "Was al bekend bij ons of bij hulpverlening",
        "geen_hulp_gewenst": "De bewoner wil geen hulp",
        "niets_nodig": "Er is niets nodig",
        "niet_gevonden": "Niet gevonden om wie het gaat",
        "dubbel": "Was al gemeld",
        "vergissing": "Vergissing",
    }
)
"""Why a signal is closed; for the social team alone, never for the reporter."""

TELT_NIET: Final = frozenset({"dubbel", "vergissing"})
"""Closed for one of these reasons, a signal is not in the counts."""

UITLEG: Final = (
    (
        "Wat u meldt",
        "Wat u zelf zag of hoorde. U hoeft niet te weten wat er aan de hand is. U stelt geen "
        "diagnose.",
    ),
    (
        "Wat u niet meldt",
        "Geen namen, telefoonnummers of adressen. Ook niets wat u van anderen hoorde.",
    ),
    (
        "Zeg het zo mogelijk eerst zelf",
        "Vraag de bewoner of u het mag doorgeven. Wil de bewoner dat niet en maakt u zich toch "
        "grote zorgen? Dan mag u melden.",
    ),
    (
        "Wat er daarna gebeurt",
        "Alleen het sociaal team leest uw melding. Het gaat langs of belt. U kunt zien of de "
        "melding is opgepakt, niet wat er is gebeurd.",
    ),
    (
        "Waar het niet voor is",
        "De melding telt nergens in mee: niet in een label, niet in een score en niet bij huur "
        "of toewijzing. Na hooguit een jaar is zij verwijderd.",
    ),
)
"""What stands beside the form: heading and text."""
