"""The pages: reporting with a telephone in the hand, how a report stands, and following up.

Nothing of a report is ever in an address. The form works without script: a typed street that
fits more complexes comes back with the complexes to choose from, and all that was filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.api.toegang import lezer_of, vraagt
from serving.pagina.antwoord import answer_html
from serving.pagina.formulier import KOPPEN, MAXIMUM_BYTES, make_bewijs, read_vorm, remember_bewijs
from serving.pagina.getal import format_datum
from serving.pagina.plek import MAXIMUM_LIJST, Plek, find_plekken, list_plekken
from serving.signaal.api import NAAMLOOS
from serving.signaal.dienst import ONBEKEND_COMPLEX, Signaaldienst, TeVaak
from serving.signaal.regels import (
    MAXIMUM_TOELICHTING,
    Beleid,
    NuGevaar,
    OngeldigSignaal,
    SignaalKanNiet,
    Voorstel,
    list_volgende,
)
from serving.signaal.register import Signaal, Stand, read_kenmerk
from serving.signaal.woorden import (
    BENADERINGEN,
    CODES,
    NOOD,
    ORGANISATIES,
    REDENEN,
    SIGNALEN,
    UITLEG,
    URGENTIES,
    Status,
)
from vera.errors import BuurtpeilError

PAD: Final = "/sociaal-signaal"
_PER_BLAD: Final = 50
_VERLOPEN: Final = (
    "Dit formulier komt niet van deze pagina, of is verlopen. Open Sociaal Signaal opnieuw en vul "
    "het daar in. Er is niets vastgelegd."
)
_STORING: Final = (
    "Sociaal Signaal werkt nu niet. Er is niets vastgelegd. Bel bij haast het sociaal team zelf."
)
_STAND: Final[Mapping[Status, str]] = {
    "ontvangen": "De melding is ontvangen. Nog niemand heeft haar opgepakt.",
    "opgepakt": "De melding is opgepakt door het sociaal team.",
    "afgesloten": "Het sociaal team heeft de melding afgesloten.",
}


class Tekenaar(Protocol):
    """Makes pages with the head and the foot of this site."""

    def draw(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return the HTML of a template."""
        ...


@dataclass(frozen=True)
class Meldblad:
    """What the form shows.

    Parameters
    ----------
    bewijs
        Token of the form.
    organisatie
        That the login names; None = the form asks.
    mag_opvolgen
        Whether this reader is of the social team as well.
    plekken
        Lines to pick a complex from while typing.
    keuzes
        Complexes that what was typed may mean.
    ingevuld, fouten
        What was sent and what is wrong with it, by field; ``""`` is about the whole.
    """

    bewijs: str
    beleid: Beleid
    organisatie: str | None
    mag_opvolgen: bool
    plekken: Sequence[Plek]
    keuzes: Sequence[Plek] = ()
    ingevuld: Mapping[str, str] = field(default_factory=dict)
    fouten: Mapping[str, str] = field(default_factory=dict)

    signalen: Mapping[str, Any] = field(default_factory=lambda: SIGNALEN)
    urgenties: Mapping[str, str] = field(default_factory=lambda: URGENTIES)
    organisaties: Mapping[str, str] = field(default_factory=lambda: ORGANISATIES)
    benaderingen: Mapping[str, str] = field(default_factory=lambda: BENADERINGEN)
    uitleg: Sequence[tuple[str, str]] = UITLEG
    nood: str = NOOD
    maximum: int = MAXIMUM_TOELICHTING


@dataclass(frozen=True)
class Opvolgregel:
    """One signal in the list of the social team, in words."""

    kenmerk: str
    complex_id: str
    complex: str
    buurt: str
    eenheid: str
    wat: str
    urgentie: str
    is_haast: bool
    organisatie: str
    benadering: str
    toelichting: str
    gemeld: str
    status: str
    sinds: str
    reden: str
    stappen: tuple[Status, ...]


class Signaalloket:
    """The pages of Sociaal Signaal.

    Parameters
    ----------
    dienst
        Takes reports.
    basis_url
        Address under which people reach the site.
    tekenaar
        Makes the pages.
    """

    def __init__(self, dienst: Signaaldienst, basis_url: str, tekenaar: Tekenaar) -> None:
        self._dienst = dienst
        self._basis_url = basis_url
        self._tekenaar = tekenaar

    def list_routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        return [
            Route(PAD, self.show_form),
            Route(PAD, self.take_form, methods=["POST"]),
            Route(f"{PAD}/stand", self.show_stand),
            Route(f"{PAD}/stand", self.ask_stand, methods=["POST"]),
            Route(f"{PAD}/opvolgen", self.show_opvolgen),
            Route(f"{PAD}/opvolgen", self.take_stap, methods=["POST"]),
        ]

    @vraagt("signaal_melden")
    def show_form(self, aanvraag: Request) -> Response:
        """Answer with an empty form."""
        return self._answer_form(aanvraag, 200, {}, {})

    @vraagt("signaal_melden")
    async def take_form(self, aanvraag: Request) -> Response:
        """Take a report."""
        return await run_in_threadpool(self._take, aanvraag, await aanvraag.body())

    @vraagt("signaal_melden")
    def show_stand(self, aanvraag: Request) -> Response:
        """Answer with the question for a reference."""
        return self._answer_stand(aanvraag, 200)

    @vraagt("signaal_melden")
    async def ask_stand(self, aanvraag: Request) -> Response:
        """Answer with how a report stands."""
        return await run_in_threadpool(self._ask, aanvraag, await aanvraag.body())

    @vraagt("signaal_opvolgen")
    def show_opvolgen(self, aanvraag: Request) -> Response:
        """Answer with the signals that wait for the social team."""
        return self._answer_list(aanvraag, 200)

    @vraagt("signaal_opvolgen")
    async def take_stap(self, aanvraag: Request) -> Response:
        """Take a step of the social team."""
        return await run_in_threadpool(self._step, aanvraag, await aanvraag.body())

    # --- reporting --------------------------------------------------------------------------

    def _take(self, aanvraag: Request, vorm: bytes) -> Response:
        # Before all else, an expired form too: nothing is stored of it, so nothing has to be ours.
        if (b"urgentieCode", NOOD.encode()) in parse_qsl(vorm[:MAXIMUM_BYTES]):
            return self._answer_nood(aanvraag)
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        keuzes = self._find_keuzes(velden)
        complex_id = keuzes[0].id if len(keuzes) == 1 else ""
        try:
            stand = self._dienst.take(aanvraag, _read(velden, complex_id))
        except NuGevaar:
            return self._answer_nood(aanvraag)
        except TeVaak as fout:
            minuten = max(1, round(fout.seconden / 60))
            melding = f"U heeft in korte tijd veel gemeld. Probeer het over {minuten} minuten weer."
            koppen = {"retry-after": str(fout.seconden)}
            return self._answer_form(aanvraag, 429, velden, {"": melding}, koppen=koppen)
        except OngeldigSignaal as fout:
            fouten = dict(fout.fouten)
            if not complex_id and velden.get("plek", "").strip():
                fouten["complexId"] = (
                    "kan meer complexen zijn; kies er een" if keuzes else ONBEKEND_COMPLEX
                )
            return self._answer_form(aanvraag, 400, velden, fouten, keuzes if keuzes else ())
        except BuurtpeilError:
            return self._answer_form(aanvraag, 503, velden, {"": _STORING})
        return self._answer_stand(aanvraag, 201, stand, is_nieuw=True)

    def _find_keuzes(self, velden: Mapping[str, str]) -> Sequence[Plek]:
        uitgave = self._dienst.winkel.current()
        gekozen = list_plekken(uitgave).get(velden.get("complexId", ""))
        if gekozen is not None:
            return (gekozen,)
        return find_plekken(uitgave, velden.get("plek", ""))

    def _answer_form(
        self,
        aanvraag: Request,
        status: int,
        velden: Mapping[str, str],
        fouten: Mapping[str, str],
        keuzes: Sequence[Plek] = (),
        koppen: Mapping[str, str] | None = None,
    ) -> Response:
        plekken = list_plekken(self._dienst.winkel.current())
        blad = Meldblad(
            bewijs=make_bewijs(aanvraag),
            beleid=self._dienst.beleid,
            organisatie=lezer_of(aanvraag).organisatie,
            mag_opvolgen=lezer_of(aanvraag).may("signaal_opvolgen"),
            plekken=tuple(plekken.values()) if len(plekken) <= MAXIMUM_LIJST else (),
            keuzes=keuzes,
            ingevuld=velden,
            fouten=fouten,
        )
        html = self._tekenaar.draw(aanvraag, "sociaal_signaal.html", blad=blad)
        return self._remember(
            answer_html(aanvraag, status, html, {**KOPPEN, **(koppen or {})}), blad.bewijs
        )

    def _answer_nood(self, aanvraag: Request) -> Response:
        nummers = NuGevaar(self._dienst.beleid.noodnummers).nummers
        html = self._tekenaar.draw(aanvraag, "sociaal_signaal_nood.html", nummers=nummers)
        return answer_html(aanvraag, 200, html, KOPPEN)

    # --- how it stands ----------------------------------------------------------------------

    def _ask(self, aanvraag: Request, vorm: bytes) -> Response:
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        kenmerk = velden.get("kenmerk", "")
        if read_kenmerk(kenmerk) is None:
            return self._answer_stand(aanvraag, 400, fout="Dit is geen kenmerk van een melding.")
        try:
            stand = self._dienst.register.find_stand(kenmerk, lezer_of(aanvraag).naam)
        except BuurtpeilError as fout:
            return self._answer_stand(aanvraag, 404, fout=fout.gevonden)
        return self._answer_stand(aanvraag, 200, stand)

    def _answer_stand(
        self,
        aanvraag: Request,
        status: int,
        stand: Stand | None = None,
        *,
        is_nieuw: bool = False,
        fout: str | None = None,
    ) -> Response:
        bewijs = make_bewijs(aanvraag)
        html = self._tekenaar.draw(
            aanvraag,
            "sociaal_signaal_stand.html",
            bewijs=bewijs,
            stand=stand,
            zin=_STAND[stand.status] if stand else None,
            sinds=_write(stand.bijgewerkt_op) if stand else None,
            is_nieuw=is_nieuw,
            fout=fout,
        )
        return self._remember(answer_html(aanvraag, status, html, KOPPEN), bewijs)

    # --- following up -----------------------------------------------------------------------

    def _step(self, aanvraag: Request, vorm: bytes) -> Response:
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        kenmerk = velden.get("kenmerk", "")
        reden = velden.get("redenCode", "")
        naar = velden.get("statusCode", "")
        try:
            self._dienst.register.follow_up(
                kenmerk, naar, reden if naar == "afgesloten" else "", _name(aanvraag)
            )
        except OngeldigSignaal:
            return self._answer_list(aanvraag, 400, {kenmerk: "Kies een reden."})
        except SignaalKanNiet as fout:
            return self._answer_list(aanvraag, 409, {kenmerk: fout.gevonden})
        except BuurtpeilError as fout:
            raise HTTPException(404, fout.gevonden) from fout
        return RedirectResponse(f"{PAD}/opvolgen", 303, {"cache-control": "no-store"})

    def _answer_list(
        self, aanvraag: Request, status: int, fouten: Mapping[str, str] | None = None
    ) -> Response:
        toont_afgesloten = aanvraag.query_params.get("toon") == "afgesloten"
        try:
            lijst = self._dienst.register.list_signalen(
                _name(aanvraag), afgesloten=toont_afgesloten, maximum=_PER_BLAD
            )
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        plekken = list_plekken(self._dienst.winkel.current())
        bewijs = make_bewijs(aanvraag)
        html = self._tekenaar.draw(
            aanvraag,
            "sociaal_signaal_opvolgen.html",
            bewijs=bewijs,
            regels=[_say(signaal, plekken) for signaal in lijst.signalen],
            aantal=lijst.aantal,
            toont_afgesloten=toont_afgesloten,
            redenen=REDENEN,
            fouten=fouten or {},
        )
        return self._remember(answer_html(aanvraag, status, html, KOPPEN), bewijs)

    def _remember(self, antwoord: Response, bewijs: str) -> Response:
        remember_bewijs(antwoord, bewijs, self._basis_url)
        return antwoord


def make_loket(dienst: Signaaldienst, basis_url: str) -> Callable[[Tekenaar], Sequence[Route]]:
    """Return what gives the pages their routes, once there is something to draw them with."""
    return lambda tekenaar: Signaalloket(dienst, basis_url, tekenaar).list_routes()


def _name(aanvraag: Request) -> str:
    return lezer_of(aanvraag).naam or NAAMLOOS


def _read(velden: Mapping[str, str], complex_id: str) -> Voorstel:
    return Voorstel(
        complex_id=complex_id,
        buurt_id="",
        signaal_code=velden.get("signaalCode", ""),
        urgentie=velden.get("urgentieCode", ""),
        organisatie=velden.get("organisatieCode", ""),
        eenheid_id=velden.get("eenheidId", ""),
        benadering=velden.get("benaderingCode", ""),
        toelichting=velden.get("toelichting", ""),
    )


def _say(signaal: Signaal, plekken: Mapping[str, Plek]) -> Opvolgregel:
    inhoud, stand = signaal.inhoud, signaal.stand
    plek = plekken.get(inhoud.complex_id)
    gezien = SIGNALEN.get(inhoud.signaal or "")
    return Opvolgregel(
        kenmerk=stand.kenmerk,
        complex_id=inhoud.complex_id,
        complex=plek.naam if plek else inhoud.complex_id,
        buurt=plek.buurt if plek else "",
        eenheid=inhoud.eenheid_id,
        wat=f"{CODES[inhoud.code]}: {gezien.naam.lower()}" if gezien else CODES[inhoud.code],
        urgentie=URGENTIES[inhoud.urgentie],
        is_haast=inhoud.urgentie == "vandaag",
        organisatie=ORGANISATIES.get(inhoud.organisatie, inhoud.organisatie),
        benadering=BENADERINGEN.get(inhoud.benadering, ""),
        toelichting=inhoud.toelichting,
        gemeld=_write(stand.gemeld_op),
        status=stand.status,
        sinds=_write(stand.bijgewerkt_op),
        reden=REDENEN.get(signaal.reden or "", ""),
        stappen=list_volgende(stand.status),
    )


def _write(dag: date) -> str:
    return format_datum(dag.isoformat())
