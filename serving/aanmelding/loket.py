"""The addresses of logging in with the provider: on the way there, back, and after logging out.

The way there is a link and not a form: a browser holds ``form-action 'self'`` against where a form
leads in the end. For the same reason the page after logging out leads on by itself.

What waits for the provider does so on the threads that answer everybody's pages. So few may wait at
once, and who comes after is told at once to come back: a provider that keeps one waiting stops
logging in there, and nothing else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final, Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.aanmelding.aanbieder import AanbiederWeg
from serving.aanmelding.dienst import Aanmelding
from serving.aanmelding.paden import PAD_BEGIN, PAD_TERUG, PAD_UIT
from serving.aanmelding.stroom import SECONDEN, AanmeldingMislukt, AntwoordVreemd
from serving.api.poort import say_wait
from serving.api.rem import Rem
from serving.api.toegang import SESSIEKOEKJE, vraagt
from serving.pagina.antwoord import answer_html
from serving.pagina.herkomst import name_koekje, own_path

_log = logging.getLogger(__name__)

_KOEKJE: Final = "buurtpeil_aanmelding"
_MAXIMUM_TERUG: Final = 1_000
WACHTPLAATSEN: Final = 3
"""How many may wait for the provider at once, of the sixteen threads that answer."""

_DRUK_SECONDEN: Final = 5
_NIET_BEWAREN: Final = {"cache-control": "no-store"}
_WEG: Final = (
    "Aanmelden met {naam} lukt nu niet, want daar komt geen antwoord vandaan. Probeer het later "
    "opnieuw."
)
_DRUK: Final = (
    "Er melden zich nu te veel mensen tegelijk aan met {naam}. Wacht een paar seconden en laad "
    "deze pagina opnieuw."
)
_MISLUKT: Final = "Het aanmelden met {naam} is niet gelukt. Open de pagina Aanmelden opnieuw."
_GEEN_ROL: Final = (
    "U bent bekend bij {naam}, maar u hebt hier geen rol. Vraag de beheerder om een rol."
)


class Tekenaar(Protocol):
    """Makes pages with the head and the foot of this site."""

    def draw_bare(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return the HTML of a template that shows no figures."""
        ...


class Aanbiederloket:
    """Sends a browser to the provider, and takes it back.

    Parameters
    ----------
    aanmelding
        The provider.
    basis_url
        Address under which people reach the site.
    rem
        Counts what came back and did not hold.
    """

    def __init__(self, aanmelding: Aanmelding, basis_url: str, rem: Rem) -> None:
        self._aanmelding = aanmelding
        self._rem = rem
        self._wachtplaatsen = threading.BoundedSemaphore(WACHTPLAATSEN)
        self._is_https = basis_url.startswith("https:")
        self._koekje = name_koekje(_KOEKJE, basis_url)
        self._sessiekoekje = name_koekje(SESSIEKOEKJE, basis_url)

    def list_routes(self, tekenaar: Tekenaar) -> Sequence[Route]:
        """Return the addresses."""

        @vraagt("openbaar")
        def begin(aanvraag: Request) -> Response:
            return self._begin(aanvraag)

        @vraagt("openbaar")
        def finish(aanvraag: Request) -> Response:
            return self._finish(aanvraag)

        @vraagt("openbaar")
        def leave(aanvraag: Request) -> Response:
            uit = self._find_uit()
            html = tekenaar.draw_bare(
                aanvraag, "afgemeld.html", verder=uit, aanbieder=self._aanmelding.beleid.naam
            )
            return answer_html(aanvraag, 200, html, _NIET_BEWAREN)

        return [Route(PAD_BEGIN, begin), Route(PAD_TERUG, finish), Route(PAD_UIT, leave)]

    def _begin(self, aanvraag: Request) -> Response:
        terug = own_path(aanvraag.query_params.get("terug", "/")[:_MAXIMUM_TERUG])
        try:
            # Once its addresses are known, nobody waits for anything.
            kent = self._aanmelding.aanbieder.kent_adressen
            with nullcontext() if kent else self._hold_plaats():
                adres, koekje = self._aanmelding.stroom.begin(terug)
        except AanbiederWeg as fout:
            raise self._say_weg(fout) from fout
        antwoord = RedirectResponse(adres, 303, _NIET_BEWAREN)
        antwoord.set_cookie(
            self._koekje,
            koekje,
            max_age=SECONDEN,
            httponly=True,
            samesite="lax",  # strict would not come back from the provider
            secure=self._is_https,
        )
        return antwoord

    def _finish(self, aanvraag: Request) -> Response:
        naam = self._aanmelding.beleid.naam
        if seconden := self._rem.wait_after_failures(aanvraag.scope):
            raise HTTPException(429, say_wait(seconden), headers={"Retry-After": str(seconden)})
        try:
            with self._hold_plaats():
                wie = self._aanmelding.stroom.finish(
                    aanvraag.cookies.get(self._koekje, ""), dict(aanvraag.query_params)
                )
        except AanbiederWeg as fout:
            raise self._say_weg(fout) from fout
        except AanmeldingMislukt as fout:
            _log.warning("login with the OpenID provider refused: %s", fout)
            if not isinstance(fout, AntwoordVreemd):
                self._rem.note_failure(aanvraag.scope)
            raise HTTPException(400, _MISLUKT.format(naam=naam)) from fout
        if not wie.rollen:
            raise HTTPException(403, _GEEN_ROL.format(naam=naam))
        # Always a new session, whatever this browser held before.
        sessie, seconden = self._aanmelding.sessies.open_sessie(wie.naam, wie.rollen, wie.tot)
        antwoord = RedirectResponse(own_path(wie.terug), 303, _NIET_BEWAREN)
        antwoord.set_cookie(
            self._sessiekoekje,
            sessie,
            max_age=seconden,
            httponly=True,
            samesite="lax",
            secure=self._is_https,
        )
        antwoord.delete_cookie(self._koekje, httponly=True, samesite="lax", secure=self._is_https)
        return antwoord

    def _find_uit(self) -> str | None:
        try:
            kent = self._aanmelding.aanbieder.kent_adressen
            with nullcontext() if kent else self._hold_plaats():
                return self._aanmelding.stroom.find_uit()
        except HTTPException:
            return None  # here one is logged out; that is told also when nobody can wait

    @contextmanager
    def _hold_plaats(self) -> Iterator[None]:
        if not self._wachtplaatsen.acquire(blocking=False):
            tekst = _DRUK.format(naam=self._aanmelding.beleid.naam)
            raise HTTPException(503, tekst, headers={"Retry-After": str(_DRUK_SECONDEN)})
        try:
            yield
        finally:
            self._wachtplaatsen.release()

    def _say_weg(self, fout: AanbiederWeg) -> HTTPException:
        _log.warning("OpenID provider: %s", fout.gevonden)
        naam = self._aanmelding.beleid.naam
        return HTTPException(503, _WEG.format(naam=naam), headers={"Retry-After": "60"})
