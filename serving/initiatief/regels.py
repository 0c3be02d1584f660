"""What a bewonersinitiatief is: its words, and the rules without a store or a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from serving.leesbaar import check_zichtbaar, find_gegeven
from vera.bewaren import Termijn, parse_termijn
from vera.errors import GebruikFout
from vera.rekenblad import FORMULETEKENS

Niveau = Literal["complex", "buurt"]
Herkomst = Literal["register", "levering"]

THEMAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ontmoeten": "Elkaar ontmoeten",
        "groen": "Groen en tuinen",
        "schoon_heel": "Schoon en heel",
        "veilig": "Veiligheid",
        "jeugd": "Kinderen en jongeren",
        "hulp": "Elkaar helpen",
        "anders": "Iets anders",
    }
)
STATUSSEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aangevraagd": "aangevraagd",
        "toegekend": "toegekend",
        "afgerond": "afgerond",
        "afgewezen": "afgewezen",
    }
)
"""As the delivery contract has them (``wijkbeheer.bewonersinitiatief``)."""
GEBEURT: Final = frozenset({"toegekend", "afgerond"})
"""What really happens or happened: that is all that others than our own colleagues see."""

_VOORBIJ: Final = frozenset({"afgerond", "afgewezen"})

MAXIMUM_NAAM: Final = 80
MINIMUM_NAAM: Final = 3
MAXIMUM_BEDRAG: Final = Decimal("1000000.00")
MAXIMUM_DOOR: Final = 80
BEWAARTERMIJN: Final[Termijn] = parse_termijn("7 jaar na einddatum")
"""The same term as the delivery has."""


class OngeldigInitiatief(GebruikFout):
    """What was filled in is not right.

    Parameters
    ----------
    fouten
        By field what is wrong, without its value.
    """

    def __init__(self, fouten: dict[str, str]) -> None:
        self.fouten = fouten
        super().__init__(
            "Het initiatief klopt niet: "
            + "; ".join(f"{veld} {melding}" for veld, melding in fouten.items())
            + "."
        )


class OnbekendInitiatief(GebruikFout):
    """There is no initiative with this number."""

    def __init__(self) -> None:
        super().__init__("Dit bewonersinitiatief is er niet.")


class InitiatiefKanNiet(GebruikFout):
    """An initiative that a delivery brought is changed where it came from."""


@dataclass(frozen=True)
class Gegevens:
    """What is known of an initiative; nothing about a person.

    Parameters
    ----------
    naam
        What the plan is called.
    thema_code
        Key of ``THEMAS``; None = not known (a delivery has none).
    niveau, beheerobject_id
        Its place: a complex, or a whole buurt.
    buurt_id
        The buurt of the place; the same as the place for a buurt, empty when not known.
    bedrag_eur
        Granted amount, in euros with two decimals; None = not known yet.
    begindatum, einddatum
        First and last day; without a last day it runs.
    """

    naam: str
    thema_code: str | None
    niveau: Niveau
    beheerobject_id: str
    buurt_id: str
    bedrag_eur: Decimal | None
    status_code: str
    begindatum: date
    einddatum: date | None = None


@dataclass(frozen=True)
class Initiatief:
    """An initiative as it is now."""

    id: int
    herkomst: Herkomst
    bron_id: str
    gegevens: Gegevens
    gewijzigd_op: datetime

    def runs(self, dag: date) -> bool:
        """Return whether it is granted and not over on a day."""
        feiten = self.gegevens
        return feiten.status_code == "toegekend" and (
            feiten.einddatum is None or feiten.einddatum >= dag
        )


def find_einde(initiatief: Initiatief) -> date | None:
    """Return the day that its term counts from; None while it may still go on.

    What was refused or is done without a last day ended when that was recorded.
    """
    feiten = initiatief.gegevens
    if feiten.einddatum is None and feiten.status_code in _VOORBIJ:
        return initiatief.gewijzigd_op.date()
    return feiten.einddatum


def admit(gegevens: Gegevens, door: str) -> Gegevens:
    """Decide whether an initiative may be recorded; return it tidied.

    Raises
    ------
    OngeldigInitiatief
        When a field is wrong; all fields at once.
    """
    netjes = replace(gegevens, naam=" ".join(gegevens.naam.split()))
    fouten = {
        "naam": _check_naam(netjes.naam),
        "themaCode": _check_code(netjes.thema_code or "", THEMAS),
        "beheerobjectId": None if netjes.beheerobject_id else "is verplicht",
        "bedragEur": _check_bedrag(netjes.bedrag_eur),
        "statusCode": _check_code(netjes.status_code, STATUSSEN),
        "einddatum": (
            "ligt voor de begindatum"
            if netjes.einddatum and netjes.einddatum < netjes.begindatum
            else None
        ),
        "door": _check_door(door),
    }
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden:
        raise OngeldigInitiatief(gevonden)
    return netjes


def _check_naam(naam: str) -> str | None:
    if not MINIMUM_NAAM <= len(naam) <= MAXIMUM_NAAM:
        return f"telt {len(naam)} tekens; schrijf {MINIMUM_NAAM} tot {MAXIMUM_NAAM}"
    if naam[0] in FORMULETEKENS:
        # It leaves as a delivery, in CSV that must be read back as it is.
        return "begint met een teken dat een rekenblad als formule leest; begin met een letter"
    soort = find_gegeven(naam)
    if soort is None:
        return check_zichtbaar(naam)
    return f"lijkt een {soort} te bevatten; noem het plan, geen personen"


def _check_bedrag(bedrag: Decimal | None) -> str | None:
    if bedrag is None:
        return None
    if not bedrag.is_finite() or not 0 <= bedrag <= MAXIMUM_BEDRAG:
        return "is geen bedrag van 0 tot en met 1.000.000 euro"
    return None if bedrag == round(bedrag, 2) else "heeft meer dan twee decimalen"


def _check_code(code: str, keuzes: Mapping[str, str]) -> str | None:
    if code in keuzes:
        return None
    return f"is geen bekende waarde; kies uit {', '.join(keuzes)}" if code else "is verplicht"


def _check_door(door: str) -> str | None:
    if not door.strip():
        return "is verplicht"
    if len(door.strip()) > MAXIMUM_DOOR:
        return f"is langer dan {MAXIMUM_DOOR} tekens"
    return check_zichtbaar(door)
