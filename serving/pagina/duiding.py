"""The section "Duiding" on the card of a complex, and what its form sends."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from serving.api.toegang import Toegang
from serving.besluit.duiding import (
    MAXIMUM_NAAM,
    MAXIMUM_TOELICHTING,
    MINIMUM_TOELICHTING,
    STATUSSEN,
    Duiding,
    DuidingKanNiet,
    OngeldigeDuiding,
    Publicatie,
    Voorstel,
    find_status,
    list_peildata,
)
from serving.besluit.publicatie import find_model_label, read_publicatie
from serving.besluit.register import BesluitenFout, Besluitregister
from serving.pagina.formulier import make_bewijs, read_vorm, remember_bewijs
from serving.pagina.getal import format_datum, join_words
from serving.release.winkel import Uitgave
from vera.duiding import REDENEN
from vera.errors import GebruikFout

_log = logging.getLogger(__name__)

_VERLOPEN: Final = (
    "Dit formulier komt niet van deze pagina, of is verlopen. Open de kaart van het complex "
    "opnieuw en vul het daar in. Er is niets vastgelegd."
)
_DELTA: Final[Mapping[int, str]] = {1: "één hoger", -1: "één lager"}
_TOONT: Final = ("loopt", "gepland", "wacht_op_bevestiging")


@dataclass(frozen=True)
class Duidingsregel:
    """One duiding in words; never by whom."""

    id: int
    delta: str
    reden: str
    wanneer: str
    status: str
    wacht: bool


@dataclass(frozen=True)
class Duidingdeel:
    """What the section shows.

    Parameters
    ----------
    model_label
        The label without any duiding; None = unknown.
    regels
        What counts, is going to count or waits.
    bewijs
        Token of the form; None = no form for this reader.
    vraagt_naam
        Whether the form asks who it is, for want of a login.
    ingevuld, fouten
        What was sent and what is wrong with it, by field; ``""`` is about the whole.
    """

    model_label: int | None
    regels: tuple[Duidingsregel, ...] = ()
    melding: str | None = None
    bewijs: str | None = None
    vraagt_naam: bool = True
    ingevuld: Mapping[str, str] = field(default_factory=dict)
    fouten: Mapping[str, str] = field(default_factory=dict)

    redenen: Mapping[str, str] = field(default_factory=lambda: REDENEN)
    minimum: int = MINIMUM_TOELICHTING
    maximum: int = MAXIMUM_TOELICHTING
    maximum_naam: int = MAXIMUM_NAAM

    @property
    def delta(self) -> Mapping[int, str]:
        """The moves that stay within 1 to 5."""
        label = self.model_label
        return {d: t for d, t in _DELTA.items() if label is not None and 1 <= label + d <= 5}

    @property
    def kenmerk(self) -> str:
        """Changes when what the section shows changes; for the entity tag of the page."""
        return hashlib.sha256(repr((self.regels, self.melding)).encode()).hexdigest()[:8]


class Duidingloket:
    """Reads the section and takes the form.

    Parameters
    ----------
    register
        The decisions.
    toegang
        Decides who may set a duiding, and who that is.
    basis_url
        Address under which people reach the site.
    """

    def __init__(self, register: Besluitregister, toegang: Toegang, basis_url: str) -> None:
        self._register = register
        self._toegang = toegang
        self._basis_url = basis_url

    def read(self, aanvraag: Request, uitgave: Uitgave, complex_id: str) -> Duidingdeel | None:
        """Return the section of a complex; None where no complex has a label."""
        try:
            publicatie = read_publicatie(uitgave)
        except GebruikFout:
            return None
        deel = Duidingdeel(find_model_label(uitgave, complex_id))
        try:
            duidingen = self._register.list_duidingen(complex_id)
        except BesluitenFout as fout:
            # The card itself does not depend on the store.
            _log.error("decisions unreadable: %s", fout.gevonden)
            return replace(deel, melding="De duidingen zijn nu niet te lezen.")
        regels = tuple(_say(d, publicatie) for d in duidingen if _find(d, publicatie) in _TOONT)
        if not self._toegang.allows(aanvraag.scope, "duiding") or deel.model_label is None:
            return replace(deel, regels=regels)
        return replace(
            deel,
            regels=regels,
            bewijs=make_bewijs(aanvraag),
            vraagt_naam=self._toegang.find_naam(aanvraag.scope) is None,
        )

    def remember(self, antwoord: Response, deel: Duidingdeel) -> None:
        """Give the browser the token that the form holds."""
        remember_bewijs(antwoord, deel.bewijs or "", self._basis_url)

    def take(
        self, aanvraag: Request, uitgave: Uitgave, complex_id: str, inhoud: bytes
    ) -> tuple[int, Duidingdeel] | None:
        """Record what a form sent.

        Returns
        -------
        tuple of int and Duidingdeel, or None
            Status and section to show again with what is wrong; None when it is recorded.

        Raises
        ------
        HTTPException
            When the form is not from a page of ours. Whether who sent it may do this is asked
            before.
        """
        velden = read_vorm(aanvraag, inhoud, self._basis_url, _VERLOPEN)
        naam = self._toegang.find_naam(aanvraag.scope) or velden.get("door", "")
        try:
            publicatie = read_publicatie(uitgave)
            if nummer := velden.get("bevestigt"):
                self._confirm(complex_id, nummer, naam, publicatie)
            else:
                label = find_model_label(uitgave, complex_id)
                self._register.add_duiding(_read(velden, complex_id, naam), publicatie, label)
        except OngeldigeDuiding as fout:
            return self._again(aanvraag, uitgave, complex_id, 400, velden, fout.fouten)
        except BesluitenFout as fout:
            return self._again(aanvraag, uitgave, complex_id, 503, velden, {"": fout.gevonden})
        except GebruikFout as fout:
            return self._again(aanvraag, uitgave, complex_id, 409, velden, {"": fout.gevonden})
        return None

    def _confirm(self, complex_id: str, nummer: str, naam: str, publicatie: Publicatie) -> None:
        hier = {str(duiding.id) for duiding in self._register.list_duidingen(complex_id)}
        if nummer not in hier:
            raise DuidingKanNiet("Deze duiding hoort niet bij dit complex.")
        self._register.confirm_duiding(int(nummer), naam, publicatie)

    def _again(
        self,
        aanvraag: Request,
        uitgave: Uitgave,
        complex_id: str,
        status: int,
        velden: Mapping[str, str],
        fouten: Mapping[str, str],
    ) -> tuple[int, Duidingdeel]:
        deel = self.read(aanvraag, uitgave, complex_id) or Duidingdeel(None)
        return status, replace(deel, ingevuld=velden, fouten=fouten)


def _find(duiding: Duiding, publicatie: Publicatie) -> str:
    return find_status(duiding, publicatie.peildatum)


def _say(duiding: Duiding, publicatie: Publicatie) -> Duidingsregel:
    status = find_status(duiding, publicatie.peildatum)
    peildata = list_peildata(duiding) or (duiding.ingaand_peildatum, duiding.vervalt_na)
    return Duidingsregel(
        id=duiding.id,
        delta=_DELTA[duiding.voorstel.delta],
        reden=REDENEN[duiding.voorstel.reden_code],
        wanneer=join_words([format_datum(dag.isoformat()) for dag in peildata]),
        status=STATUSSEN[status],
        wacht=status == "wacht_op_bevestiging",
    )


def _read(velden: Mapping[str, Any], complex_id: str, naam: str) -> Voorstel:
    delta = velden.get("delta", "")
    return Voorstel(
        complex_id,
        int(delta) if delta in {"1", "-1"} else 0,
        velden.get("redenCode", ""),
        velden.get("toelichting", ""),
        naam,
    )
