"""Logging in with a key, and out: what the form takes and the cookie it gives.

A login with OpenID Connect comes beside this (``serving.aanmelding.loket``): it ends in a cookie
of the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.aanmelding.paden import PAD_BEGIN, PAD_UIT
from serving.api.poort import say_wait
from serving.api.rem import Rem
from serving.api.toegang import SESSIEKOEKJE
from serving.pagina.formulier import read_vorm, remember_bewijs
from serving.pagina.herkomst import name_koekje, own_path
from serving.toegang.kast import SESSIE_SECONDEN, Sleutelkast

if TYPE_CHECKING:
    from serving.aanmelding.dienst import Aanmelding

_VERLOPEN: Final = (
    "Dit formulier komt niet van deze pagina, of is verlopen. Open de pagina Aanmelden opnieuw."
)
_MAXIMUM_SLEUTEL: Final = 100


class Aanmeldloket:
    """Takes a key and gives a session.

    Parameters
    ----------
    kast
        The keys.
    basis_url
        Address under which people reach the site.
    rem
        Counts keys that do not hold.
    aanmelding
        The OpenID provider where one can log in as well; None = there is none.
    """

    def __init__(
        self,
        kast: Sleutelkast,
        basis_url: str,
        rem: Rem,
        aanmelding: Aanmelding | None = None,
    ) -> None:
        self._kast = kast
        self._basis_url = basis_url
        self._rem = rem
        self._aanmelding = aanmelding
        self._koekje = name_koekje(SESSIEKOEKJE, basis_url)

    def find_aanbieder(self) -> tuple[str, str] | None:
        """Return the address and the name of the provider where one can log in too."""
        if self._aanmelding is None or self._aanmelding.beleid.client_id is None:
            return None
        return PAD_BEGIN, self._aanmelding.beleid.naam

    def remember(self, antwoord: Response, bewijs: str) -> None:
        """Give the browser the token that the form holds."""
        remember_bewijs(antwoord, bewijs, self._basis_url)

    def find_terug(self, aanvraag: Request) -> str:
        """Return the page of ours that the reader came from; the first page when in doubt."""
        return own_path(aanvraag.query_params.get("terug", "/"))

    def take(self, aanvraag: Request, vorm: bytes) -> Response | None:
        """Return the way on with a session; None when the key opens nothing.

        Raises
        ------
        HTTPException
            When the form is not from a page of ours, or after too many keys that did not hold.
        """
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        if seconden := self._rem.wait_after_failures(aanvraag.scope):
            raise HTTPException(429, say_wait(seconden), headers={"Retry-After": str(seconden)})
        sleutel = velden.get("sleutel", "").strip()[:_MAXIMUM_SLEUTEL]
        sessie = self._kast.open_sessie(sleutel.encode())
        if sessie is None:
            self._rem.note_failure(aanvraag.scope)
            return None
        antwoord = RedirectResponse(
            own_path(velden.get("terug", "/")), 303, {"cache-control": "no-store"}
        )
        antwoord.set_cookie(
            self._koekje,
            sessie,
            max_age=SESSIE_SECONDEN,
            httponly=True,
            samesite="lax",
            secure=self._is_https,
        )
        return antwoord

    def leave(self, aanvraag: Request, vorm: bytes) -> Response:
        """End the session of this browser.

        Raises
        ------
        HTTPException
            When the form is not from a page of ours.
        """
        read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        sessie = aanvraag.cookies.get(self._koekje, "")
        self._kast.close_sessie(sessie)
        van_aanbieder = self._aanmelding is not None and self._aanmelding.sessies.close_sessie(
            sessie
        )
        naar = PAD_UIT if van_aanbieder else "/"
        antwoord = RedirectResponse(naar, 303, {"cache-control": "no-store"})
        antwoord.delete_cookie(self._koekje, httponly=True, samesite="lax", secure=self._is_https)
        return antwoord

    @property
    def _is_https(self) -> bool:
        return self._basis_url.startswith("https:")
