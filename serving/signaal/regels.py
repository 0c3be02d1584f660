"""What may be reported and how it is followed up: rules without a store, a clock or a request.

As little as possible is taken. Which of the five signals it was goes in only under a named DPIA,
a note only where the policy allows one; nothing of an emergency goes in at all.
Source: design paper on trust, "Sociaal Signaal"; the choices are in ADR 0030.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from serving.leesbaar import check_zichtbaar, find_gegeven
from serving.signaal.woorden import (
    BENADERINGEN,
    NOOD,
    ORGANISATIES,
    REDENEN,
    SIGNALEN,
    STATUSSEN,
    URGENTIES,
    Code,
    Status,
)
from vera.errors import GebruikFout

MAXIMUM_TOELICHTING: Final = 200
MAXIMUM_NAAM: Final = 80
ALARMNUMMER: Final = "112"

_VOLGENDE: Final[Mapping[Status, tuple[Status, ...]]] = {
    "ontvangen": ("opgepakt", "afgesloten"),
    "opgepakt": ("afgesloten",),
    "afgesloten": (),
}


class OngeldigSignaal(GebruikFout):
    """What was filled in is not right.

    Parameters
    ----------
    fouten
        By field (``complexId``, ``signaalCode`` …) what is wrong, without its value.
    """

    def __init__(self, fouten: dict[str, str]) -> None:
        self.fouten = fouten
        super().__init__(
            "De melding klopt niet: "
            + "; ".join(f"{veld} {melding}" for veld, melding in fouten.items())
            + "."
        )


class NuGevaar(GebruikFout):
    """Somebody is in danger now: that is for the telephone, and nothing is stored.

    Parameters
    ----------
    nummers
        Whom to call, by name of the number.
    """

    def __init__(self, nummers: Mapping[str, str]) -> None:
        self.nummers = nummers
        bellen = " of ".join(f"{nummer} ({waarvoor})" for waarvoor, nummer in nummers.items())
        super().__init__(f"Bel nu {bellen}. Er is niets vastgelegd: bellen gaat sneller.")


class SignaalKanNiet(GebruikFout):
    """The step itself is right, but this signal does not take it now."""


class OnbekendSignaal(GebruikFout):
    """There is no signal with this reference, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            "Deze melding is er niet, of niet meer: meldingen worden na een tijd verwijderd."
        )


@dataclass(frozen=True)
class Beleid:
    """What this association allows.

    Parameters
    ----------
    dpia
        Name of the DPIA under which the observed signal itself may be stored; None = it may not.
    mag_toelichting
        Whether a short note may be added.
    crisisnummer
        Telephone number of the social crisis service, beside 112.
    eenheden
        Own number of a dwelling to its complex, as the social team gave it; empty = reports are
        of complexes. The platform itself knows dwellings by pseudonym only.
    """

    dpia: str | None = None
    mag_toelichting: bool = False
    crisisnummer: str | None = None
    eenheden: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def noodnummers(self) -> Mapping[str, str]:
        """Whom to call when it cannot wait."""
        nummers = {"direct gevaar": ALARMNUMMER}
        if self.crisisnummer:
            nummers["sociale crisisdienst"] = self.crisisnummer
        return nummers


@dataclass(frozen=True)
class Voorstel:
    """What somebody reports, as it was filled in.

    Parameters
    ----------
    complex_id, buurt_id
        Where; from the list of the current release. ``buurt_id`` is empty when there is none.
    signaal_code
        Key of ``SIGNALEN``.
    urgentie
        Key of ``URGENTIES``.
    organisatie
        Name that the login gives, or a key of ``ORGANISATIES``.
    eenheid_id
        Own number of the dwelling; only where the policy has a list of them.
    benadering
        Key of ``BENADERINGEN``; optional.
    toelichting
        A short note; only where the policy allows it.
    """

    complex_id: str
    buurt_id: str
    signaal_code: str
    urgentie: str
    organisatie: str
    eenheid_id: str = ""
    benadering: str = ""
    toelichting: str = ""
    is_organisatie_bekend: bool = False


@dataclass(frozen=True)
class Inhoud:
    """What is stored of a signal, and encrypted: nothing that was not asked for.

    Parameters
    ----------
    signaal, dpia
        Which signal it was, and the DPIA under which that may be stored; None without one.
    melder
        Internal reference of the reporter, no name.
    """

    complex_id: str
    buurt_id: str
    eenheid_id: str
    code: Code
    signaal: str | None
    dpia: str | None
    urgentie: str
    organisatie: str
    benadering: str
    toelichting: str
    melder: str = ""


def admit(voorstel: Voorstel, beleid: Beleid) -> Inhoud:
    """Decide whether a report is taken, and what of it is stored.

    Raises
    ------
    NuGevaar
        When it is an emergency, whatever else was filled in.
    OngeldigSignaal
        When a field is wrong; all fields at once.
    """
    if voorstel.urgentie == NOOD:
        raise NuGevaar(beleid.noodnummers)
    toelichting = " ".join(voorstel.toelichting.split())
    eenheid = voorstel.eenheid_id.strip()
    fouten = {
        "complexId": None if voorstel.complex_id else "is verplicht",
        "eenheidId": _check_eenheid(eenheid, voorstel.complex_id, beleid),
        "signaalCode": _check_code(voorstel.signaal_code, SIGNALEN),
        "urgentieCode": _check_code(voorstel.urgentie, URGENTIES),
        "organisatieCode": (
            None
            if voorstel.is_organisatie_bekend
            else _check_code(voorstel.organisatie, ORGANISATIES)
        ),
        "benaderingCode": _check_code(voorstel.benadering or None, BENADERINGEN),
        "toelichting": _check_toelichting(toelichting, beleid),
    }
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden:
        raise OngeldigSignaal(gevonden)
    return Inhoud(
        complex_id=voorstel.complex_id,
        buurt_id=voorstel.buurt_id,
        eenheid_id=eenheid,
        code=SIGNALEN[voorstel.signaal_code].code,
        signaal=voorstel.signaal_code if beleid.dpia else None,
        dpia=beleid.dpia[:MAXIMUM_NAAM] if beleid.dpia else None,
        urgentie=voorstel.urgentie,
        organisatie=voorstel.organisatie[:MAXIMUM_NAAM],
        benadering=voorstel.benadering,
        toelichting=toelichting,
    )


def check_stap(status: Status, naar: str, reden: str) -> Status:
    """Decide whether a signal may go from one status to another; return the new one.

    Raises
    ------
    OngeldigSignaal
        When the status is unknown, or a reason is missing, unknown or given without closing.
    SignaalKanNiet
        When the signal does not go there from where it is.
    """
    nieuw = next((code for code in STATUSSEN if code == naar and code != "ontvangen"), None)
    fouten = {}
    if nieuw is None:
        fouten["statusCode"] = "is geen bekende waarde; kies uit opgepakt, afgesloten"
    elif nieuw == "afgesloten" and (fout := _check_code(reden, REDENEN)):
        fouten["redenCode"] = fout
    elif nieuw != "afgesloten" and reden:
        fouten["redenCode"] = "hoort alleen bij afgesloten"
    if fouten or nieuw is None:
        raise OngeldigSignaal(fouten)
    if nieuw not in _VOLGENDE[status]:
        raise SignaalKanNiet(f"Deze melding is al {STATUSSEN[status]}.")
    return nieuw


def list_volgende(status: Status) -> tuple[Status, ...]:
    """Return the statuses that a signal may go to."""
    return _VOLGENDE[status]


def _check_code(code: str | None, keuzes: Mapping[str, object]) -> str | None:
    if code is None or code in keuzes:
        return None
    return f"is geen bekende waarde; kies uit {', '.join(keuzes)}" if code else "is verplicht"


def _check_eenheid(eenheid: str, complex_id: str, beleid: Beleid) -> str | None:
    if not eenheid:
        return None
    if not beleid.eenheden:
        return "wordt hier niet gevraagd; meld het complex"
    # The same words for both: whether a number exists elsewhere is nobody's to find out.
    if beleid.eenheden.get(eenheid) != complex_id:
        return "hoort niet bij een woning van dit complex; kijk op uw werkbon of laat het leeg"
    return None


def _check_toelichting(tekst: str, beleid: Beleid) -> str | None:
    if not tekst:
        return None
    if not beleid.mag_toelichting:
        return "wordt hier niet gevraagd; kies wat u zag"
    if len(tekst) > MAXIMUM_TOELICHTING:
        return f"is te lang; het maximum is {MAXIMUM_TOELICHTING} tekens"
    soort = find_gegeven(tekst)
    if soort is None:
        return check_zichtbaar(tekst)
    return f"lijkt een {soort} te bevatten; beschrijf wat u zag"
