"""Who may say what about a row of a worklist, and what somebody sees: rules without a store.

The order is fixed. First somebody gives an own view of the complex, knowing nothing but that it
is on the list. Then lane, score and reasons become visible to that person, and to nobody else.
Then the row may leave the list, by a decision with a name and a reason. What came of it is
recorded later. Withheld rows are on nobody's list.

A complex that still waits when the next list comes stays where it is: its rows are shown as one,
and one decision closes them all. A list is never written over.

Belongs here: these rules. Does not belong here: choosing complexes
(``models.risico.werklijst``), counting (``cijfers``), the words (``vera.werklijst``).
Source: design paper on trust, "Human decision" and "Stop".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, cast

from serving.besluit import tekst
from vera.errors import GebruikFout
from vera.werklijst import (
    OORDELEN,
    REDENEN,
    UITKOMSTEN,
    Baan,
    Keuze,
    Model,
    Oordeel,
    Regel,
)


class OngeldigeInvoer(GebruikFout):
    """What was filled in is not right.

    Parameters
    ----------
    fouten
        By field (``oordeel``, ``reden``, ``toelichting``, ``door`` …) what is wrong.
    """

    def __init__(self, fouten: dict[str, str]) -> None:
        self.fouten = fouten
        super().__init__(
            "De invoer klopt niet: "
            + "; ".join(f"{veld} {melding}" for veld, melding in fouten.items())
            + ".",
        )


class WerklijstKanNiet(GebruikFout):
    """The input itself is right, but the row does not take it now."""


class OnbekendeRegel(GebruikFout):
    """There is no row with this number that anybody may see."""


@dataclass(frozen=True)
class Lijst:
    """A worklist as it is kept."""

    id: int
    model: Model
    peildatum: date
    release_id: str
    scoreversie: str
    k: int
    capaciteit: int
    vastgelegd_op: datetime


@dataclass(frozen=True)
class Beoordeling:
    """Somebody's own view of a row, given before lane and score were visible."""

    oordeel: Oordeel
    door: str
    vastgelegd_op: datetime


@dataclass(frozen=True)
class Besluit:
    """The decision by which a row left, with the score that was shown."""

    keuze: Keuze
    reden_code: str
    toelichting: str
    door: str
    vastgelegd_op: datetime
    release_id: str
    scoreversie: str
    rang: int | None
    kans: float | None


@dataclass(frozen=True)
class Uitkomst:
    """What came of a row; the youngest per address number holds."""

    adresnummer: int
    uitkomst_code: str
    door: str
    vastgelegd_op: datetime


@dataclass(frozen=True)
class Rij:
    """A row of a worklist and all that was said of it since, the oldest first."""

    id: int
    lijst: Lijst
    regel: Regel
    beoordelingen: tuple[Beoordeling, ...] = ()
    besluit: Besluit | None = None
    uitkomsten: tuple[Uitkomst, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the row still waits for a decision."""
        return self.besluit is None and not self.regel.is_onthouden


@dataclass(frozen=True)
class Openstaand:
    """A complex on the list, with every row of it that waits, the newest first."""

    rijen: tuple[Rij, ...]

    @property
    def nummer(self) -> int:
        """Number that people name it by: that of the oldest row.

        Of the newest it would say that the complex came on a later list again, which a row of the
        model lane often does and a drawn one hardly ever.
        """
        return self.rijen[-1].id

    @property
    def complex_id(self) -> str:
        """The complex."""
        return self.rijen[0].regel.complex_id

    @property
    def banen(self) -> tuple[Baan, ...]:
        """Lanes that it came through, without repeats."""
        return tuple(dict.fromkeys(rij.regel.baan for rij in self.rijen))

    @property
    def beoordelingen(self) -> tuple[Beoordeling, ...]:
        """Views given of any of its rows, the oldest first."""
        alle = [b for rij in self.rijen for b in rij.beoordelingen]
        return tuple(sorted(alle, key=lambda b: b.vastgelegd_op))

    def find_beoordeling(self, door: str) -> Beoordeling | None:
        """Return the own view of ``door``, or None."""
        naam = tekst.tidy(door)
        for beoordeling in self.beoordelingen:
            if tekst.is_zelfde_naam(naam, beoordeling.door):
                return beoordeling
        return None


Stand = Literal["gestopt", "in_gebruik"]
STANDEN: Final[dict[Stand, str]] = {"gestopt": "gestopt", "in_gebruik": "in gebruik"}


@dataclass(frozen=True)
class Modelstand:
    """Who stopped or started a model, when and why."""

    model: Model
    stand: Stand
    reden: str
    door: str
    vastgelegd_op: datetime


def list_open(rijen: Iterable[Rij], *, is_gestopt: bool = False) -> tuple[Openstaand, ...]:
    """Return what waits, a complex once, in the order in which it is shown.

    The order says nothing about lane or score: by list, and within it as it was shuffled.

    Parameters
    ----------
    rijen
        Rows of one model.
    is_gestopt
        Whether the model is stopped: what it chose is not shown then, the lottery is.
    """
    per_complex: dict[str, list[Rij]] = {}
    for rij in rijen:
        if rij.is_open and not (is_gestopt and rij.regel.baan == "model"):
            per_complex.setdefault(rij.regel.complex_id, []).append(rij)
    staand = [
        Openstaand(tuple(sorted(groep, key=_place, reverse=True))) for groep in per_complex.values()
    ]
    # By its oldest row: a complex that waits longest stays on top when a new list comes.
    return tuple(sorted(staand, key=lambda o: _place(o.rijen[-1])))


def _place(rij: Rij) -> tuple[date, int, int]:
    return (rij.lijst.peildatum, rij.regel.volgorde or 0, rij.id)


def find_ingetreden(rijen: Iterable[Rij]) -> dict[str, date]:
    """Return the complexes in the model lane of the last list, with when they came on it.

    Withheld rows included. A list that a complex was not on, or through the lottery alone,
    makes it a newcomer again.

    Parameters
    ----------
    rijen
        Rows of one model.
    """
    per_lijst: dict[date, set[str]] = {}
    for rij in rijen:
        op_kans = per_lijst.setdefault(rij.lijst.peildatum, set())
        if rij.regel.baan == "model":
            op_kans.add(rij.regel.complex_id)
    ingetreden: dict[str, date] = {}
    for peildatum, complexen in sorted(per_lijst.items()):
        ingetreden = {c: ingetreden.get(c, peildatum) for c in complexen}
    return ingetreden


def find_onthouden(rijen: Iterable[Rij]) -> frozenset[str]:
    """Return the complexes whose flag the last list withholds.

    Parameters
    ----------
    rijen
        Rows of one model.
    """
    alle = tuple(rijen)
    laatste = max((rij.lijst.peildatum for rij in alle), default=None)
    return frozenset(
        rij.regel.complex_id
        for rij in alle
        if rij.regel.is_onthouden and rij.lijst.peildatum == laatste
    )


def find_open(open_: Sequence[Openstaand], nummer: int) -> Openstaand:
    """Return the complex that waits under this number.

    The numbers of its later rows find nothing: whoever tries numbers would learn which list, and
    so which lane, brought it on again.

    Raises
    ------
    OnbekendeRegel
        When there is none: unknown, decided, withheld and hidden look the same.
    """
    for openstaand in open_:
        if openstaand.nummer == nummer:
            return openstaand
    raise OnbekendeRegel(
        f"Er staat geen regel {nummer} open.",
        remedie="de nummers staan in de werklijst; een regel waarover besloten is, is eraf",
    )


def check_beoordeling(openstaand: Openstaand, oordeel: str, door: str) -> tuple[Oordeel, str]:
    """Decide whether somebody may give a view; return it with the tidied name.

    Raises
    ------
    OngeldigeInvoer, WerklijstKanNiet
        When a field is wrong, or the same person gave one: a second is not blind any more.
    """
    naam = tekst.tidy(door)
    _raise_fouten(
        {
            "oordeel": _check_code(oordeel, OORDELEN),
            "door": tekst.check_naam(naam),
        }
    )
    if openstaand.find_beoordeling(naam) is not None:
        raise WerklijstKanNiet(
            f"{naam} heeft al een oordeel gegeven over regel {openstaand.nummer}.",
            verwacht="één eerste oordeel per persoon; wie baan en score heeft gezien, oordeelt "
            "niet meer blind",
            remedie="leg het besluit vast",
        )
    return cast("Oordeel", oordeel), naam


def check_besluit(
    openstaand: Openstaand, reden_code: str, toelichting: str, door: str
) -> tuple[Keuze, str, str]:
    """Decide whether somebody may decide; return the choice, the tidied text and name.

    The reason says which choice it is. An explanation may be left out.

    Raises
    ------
    OngeldigeInvoer, WerklijstKanNiet
        When a field is wrong, or who decides gave no own view first.
    """
    naam, uitleg = tekst.tidy(door), tekst.tidy(toelichting)
    _raise_fouten(
        {
            "reden": _check_code(reden_code, REDENEN),
            "toelichting": tekst.check_toelichting(uitleg) if uitleg else None,
            "door": tekst.check_naam(naam),
        }
    )
    if openstaand.find_beoordeling(naam) is None:
        raise WerklijstKanNiet(
            f"{naam} heeft nog geen eigen oordeel gegeven over regel {openstaand.nummer}.",
            verwacht="eerst een eigen oordeel, dan baan en score, dan een besluit",
            remedie="leg eerst het oordeel vast met `beoordeel`",
        )
    # Only now: what goes with a lane says which lane it is.
    passend = [code for code, reden in REDENEN.items() if set(reden.banen) & set(openstaand.banen)]
    if reden_code not in passend:
        raise OngeldigeInvoer({"reden": f"past hier niet; kies uit {', '.join(passend)}"})
    return REDENEN[reden_code].keuze, uitleg, naam


def check_uitkomst(rij: Rij, uitkomst_code: str, adresnummer: int, door: str) -> str:
    """Decide whether an outcome may be recorded; return the tidied name.

    Raises
    ------
    OngeldigeInvoer, WerklijstKanNiet
        When a field is wrong, or an inspection is reported of a row that nobody followed up.
    """
    naam = tekst.tidy(door)
    bekend = UITKOMSTEN[rij.lijst.model]
    adressen = rij.regel.aantal_adressen
    _raise_fouten(
        {
            "uitkomst": _check_code(uitkomst_code, bekend),
            "adres": None if 1 <= adresnummer <= adressen else f"is 1 tot en met {adressen}",
            "door": tekst.check_naam(naam),
        }
    )
    is_opgevolgd = rij.besluit is not None and rij.besluit.keuze == "opvolgen"
    if rij.lijst.model == "woonfraude" and not is_opgevolgd:
        raise WerklijstKanNiet(
            f"Bij regel {rij.id} hoort geen onderzoek.",
            verwacht="een besluit om op te volgen, vóór een uitkomst",
            remedie="leg eerst het besluit vast met `besluit`",
        )
    return naam


def check_modelstand(
    huidig: Modelstand | None, model: Model, stand: Stand, reden: str, door: str
) -> tuple[str, str]:
    """Decide whether a model may be stopped or started; return the tidied reason and name.

    Raises
    ------
    OngeldigeInvoer, WerklijstKanNiet
        When a field is wrong, or the model is in that state already.
    """
    naam, waarom = tekst.tidy(door), tekst.tidy(reden)
    _raise_fouten({"reden": tekst.check_toelichting(waarom), "door": tekst.check_naam(naam)})
    nu: Stand = huidig.stand if huidig is not None else "in_gebruik"
    if nu == stand:
        raise WerklijstKanNiet(f"Het model {model} is al {STANDEN[stand]}.")
    return waarom, naam


def _check_code(code: str, bekend: Collection[str]) -> str | None:
    return None if code in bekend else f"is onbekend; kies uit {', '.join(bekend)}"


def _raise_fouten(fouten: dict[str, str | None]) -> None:
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden:
        raise OngeldigeInvoer(gevonden)
