"""What a duiding is and which one counts: rules without a store, a clock or a request.

A duiding is set while some peildatum P is published. It counts on the next two quarter
peildata, is part of the label when those are published, and then lapses. What was published
never changes: a withdrawal or a late confirmation only reaches peildata that come after it.
Source: method SBL-1, step 10; the choices are in ADR 0016.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from serving.besluit import tekst
from vera.duiding import REDENEN, Regel
from vera.errors import GebruikFout

KWARTALEN: Final = 2
"""Quarter peildata that a duiding counts on."""
ALARM_AANDEEL: Final = 0.15
"""Above this share of the labelled complexes the label itself needs a look."""
MINIMUM_TOELICHTING: Final = tekst.MINIMUM_TOELICHTING
MAXIMUM_TOELICHTING: Final = tekst.MAXIMUM_TOELICHTING
MAXIMUM_NAAM: Final = tekst.MAXIMUM_NAAM

Status = Literal["wacht_op_bevestiging", "gepland", "loopt", "verlopen", "ingetrokken"]

STATUSSEN: Final[dict[Status, str]] = {
    "wacht_op_bevestiging": "wacht op een tweede persoon",
    "gepland": "telt vanaf de volgende peildatum",
    "loopt": "telt nu mee",
    "verlopen": "voorbij",
    "ingetrokken": "ingetrokken",
}


class OngeldigeDuiding(GebruikFout):
    """What was filled in is not right.

    Parameters
    ----------
    fouten
        By field (``delta``, ``redenCode``, ``toelichting``, ``door``) what is wrong.
    """

    def __init__(self, fouten: dict[str, str]) -> None:
        self.fouten = fouten
        super().__init__(
            "De duiding klopt niet: "
            + "; ".join(f"{veld} {melding}" for veld, melding in fouten.items())
            + ".",
        )


class DuidingKanNiet(GebruikFout):
    """The duiding itself is right, but this complex does not take it now."""


class OnbekendeDuiding(GebruikFout):
    """There is no duiding with this number."""


@dataclass(frozen=True)
class Publicatie:
    """What was published at the moment of deciding."""

    release_id: str
    peildatum: date


@dataclass(frozen=True)
class Voorstel:
    """What somebody wants: the label of a complex one up or down, and why.

    Parameters
    ----------
    delta
        -1 or 1.
    reden_code
        Key of ``vera.duiding.REDENEN``.
    toelichting
        What is going on in the place; nothing about a person.
    door
        Who sets it.
    """

    beheerobject_id: str
    delta: int
    reden_code: str
    toelichting: str
    door: str
    niveau: str = "complex"


@dataclass(frozen=True)
class Stap:
    """A confirmation or a withdrawal: who, when, and what was published then."""

    door: str
    vastgelegd_op: datetime
    publicatie: Publicatie


@dataclass(frozen=True)
class Duiding:
    """A duiding as it was set, and what happened to it since."""

    id: int
    voorstel: Voorstel
    ingaand_peildatum: date
    vervalt_na: date
    is_tweede_nodig: bool
    vastgelegd_op: datetime
    publicatie: Publicatie
    model_label: int
    bevestiging: Stap | None = None
    intrekking: Stap | None = None


@dataclass(frozen=True)
class Toegelaten:
    """A proposal that may be recorded, with what the rules make of it."""

    voorstel: Voorstel
    ingaand_peildatum: date
    vervalt_na: date
    is_tweede_nodig: bool


def shift_kwartaal(peildatum: date, kwartalen: int) -> date:
    """Return the quarter peildatum so many quarters on.

    Examples
    --------
    >>> shift_kwartaal(date(2026, 10, 1), 1)
    datetime.date(2027, 1, 1)
    """
    maanden = peildatum.year * 12 + peildatum.month - 1 + 3 * kwartalen
    return date(maanden // 12, maanden % 12 + 1, 1)


def admit(
    voorstel: Voorstel,
    publicatie: Publicatie,
    model_label: int | None,
    eerdere: Sequence[Duiding],
) -> Toegelaten:
    """Decide whether a duiding may be set, and from when to when it would count.

    Parameters
    ----------
    voorstel
        What is asked.
    publicatie
        The current release.
    model_label
        The object's model label in it; None = unknown.
    eerdere
        Every duiding of the same object so far.

    Raises
    ------
    OngeldigeDuiding
        When a field is wrong; all fields at once.
    DuidingKanNiet
        When there is no label to move, it would leave 1 to 5, or one waits for confirmation.
    """
    voorstel = _tidy(voorstel)
    _check_fields(voorstel)
    if model_label is None:
        raise DuidingKanNiet(
            "Een duiding kan hier niet: het label is onbekend.",
            verwacht="een complex met een eigen label op de huidige peildatum",
            remedie="kijk op de kaart van het complex waarom het label onbekend is",
        )
    if not 1 <= model_label + voorstel.delta <= 5:
        raise DuidingKanNiet(
            f"Een duiding van {voorstel.delta:+d} kan hier niet: het modellabel is {model_label}.",
            verwacht="een label van 1 tot en met 5 na de duiding",
        )
    ingaand = shift_kwartaal(publicatie.peildatum, 1)
    if any(
        find_status(duiding, publicatie.peildatum) == "wacht_op_bevestiging" for duiding in eerdere
    ):
        raise DuidingKanNiet(
            "Voor dit complex wacht al een duiding op een tweede persoon.",
            remedie="laat die eerst bevestigen of trek haar in",
        )
    return Toegelaten(
        voorstel,
        ingaand_peildatum=ingaand,
        vervalt_na=shift_kwartaal(ingaand, KWARTALEN - 1),
        is_tweede_nodig=bool(_list_preceding(ingaand, eerdere)),
    )


def check_confirm(
    duiding: Duiding, door: str, publicatie: Publicatie, eerdere: Sequence[Duiding]
) -> str:
    """Decide whether ``door`` may confirm a duiding; return the tidied name.

    The second person is somebody else than who set it, and than who set the one it follows
    on: four eyes that have not judged this place before.

    Raises
    ------
    OngeldigeDuiding, DuidingKanNiet
        When the name is empty, when it is the same person, or it is too late.
    """
    naam = tekst.tidy(door)
    fout = tekst.check_naam(naam)
    betrokken = [duiding, *_list_preceding(duiding.ingaand_peildatum, eerdere, voor=duiding.id)]
    if any(tekst.is_zelfde_naam(naam, ander.voorstel.door) for ander in betrokken):
        fout = "is dezelfde persoon; een tweede persoon bevestigt"
    if fout:
        raise OngeldigeDuiding({"tweedePersoon": fout})
    if duiding.bevestiging is not None:
        raise DuidingKanNiet(f"Duiding {duiding.id} is al bevestigd.")
    _check_open(duiding, publicatie)
    return naam


def check_withdraw(duiding: Duiding, door: str, publicatie: Publicatie) -> str:
    """Decide whether a duiding can be withdrawn; return the tidied name.

    Raises
    ------
    OngeldigeDuiding, DuidingKanNiet
        When the name is empty, or it is withdrawn or lapsed already.
    """
    naam = tekst.tidy(door)
    if fout := tekst.check_naam(naam):
        raise OngeldigeDuiding({"door": fout})
    _check_open(duiding, publicatie)
    return naam


def _check_open(duiding: Duiding, publicatie: Publicatie) -> None:
    if duiding.intrekking is not None:
        raise DuidingKanNiet(f"Duiding {duiding.id} is ingetrokken.")
    if duiding.vervalt_na <= publicatie.peildatum:
        raise DuidingKanNiet(
            f"Duiding {duiding.id} geldt niet voor een peildatum die nog komt.",
            verwacht=f"een duiding die na {publicatie.peildatum} nog geldt",
            remedie="leg zo nodig een nieuwe duiding vast",
        )


def list_peildata(duiding: Duiding) -> tuple[date, ...]:
    """Return the peildata on which a duiding counts, or counted, or is to count."""
    peildata = [shift_kwartaal(duiding.ingaand_peildatum, k) for k in range(KWARTALEN)]
    if duiding.is_tweede_nodig:
        if duiding.bevestiging is None:
            return ()
        peildata = [p for p in peildata if p > duiding.bevestiging.publicatie.peildatum]
    if duiding.intrekking is not None:
        peildata = [p for p in peildata if p <= duiding.intrekking.publicatie.peildatum]
    return tuple(peildata)


def find_status(duiding: Duiding, peildatum: date) -> Status:
    """Return how a duiding stands while ``peildatum`` is the published one."""
    if duiding.intrekking is not None:
        return "ingetrokken"
    if duiding.vervalt_na < peildatum:
        return "verlopen"
    peildata = list_peildata(duiding)
    if not peildata:
        # Nothing can be confirmed any more on the last peildatum.
        return "verlopen" if duiding.vervalt_na == peildatum else "wacht_op_bevestiging"
    return "loopt" if peildata[0] <= peildatum else "gepland"


def select_regels(duidingen: Iterable[Duiding]) -> tuple[Regel, ...]:
    """Return what counts per object and peildatum: of more than one, the youngest.

    They never add up: a label moves by one at most.
    """
    regels = {}
    for duiding in sorted(duidingen, key=lambda duiding: duiding.id):
        voorstel = duiding.voorstel
        for peildatum in list_peildata(duiding):
            sleutel = (voorstel.niveau, voorstel.beheerobject_id, peildatum)
            regels[sleutel] = Regel(*sleutel, voorstel.delta, voorstel.reden_code)
    return tuple(sorted(regels.values()))


def _list_preceding(
    ingaand: date, eerdere: Iterable[Duiding], *, voor: int | None = None
) -> list[Duiding]:
    """Return the duidingen that run until one quarter before ``ingaand``, or longer."""
    grens = shift_kwartaal(ingaand, -1)
    return [
        duiding
        for duiding in eerdere
        if (voor is None or duiding.id < voor)
        and (peildata := list_peildata(duiding))
        and peildata[-1] >= grens
    ]


def _tidy(voorstel: Voorstel) -> Voorstel:
    return Voorstel(
        beheerobject_id=voorstel.beheerobject_id,
        delta=voorstel.delta,
        reden_code=voorstel.reden_code,
        toelichting=tekst.tidy(voorstel.toelichting),
        door=tekst.tidy(voorstel.door),
        niveau=voorstel.niveau,
    )


def _check_fields(voorstel: Voorstel) -> None:
    fouten = {
        "delta": None if voorstel.delta in {-1, 1} else "is -1 of 1",
        "redenCode": (
            None
            if voorstel.reden_code in REDENEN
            else f"is geen bekende reden; kies uit {', '.join(REDENEN)}"
        ),
        "toelichting": tekst.check_toelichting(voorstel.toelichting),
        "door": tekst.check_naam(voorstel.door),
    }
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden:
        raise OngeldigeDuiding(gevonden)
