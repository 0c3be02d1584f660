"""Logging in with a key, and out: what the form takes and the cookie it gives.

A login with OpenID Connect comes beside this: it ends in a cookie of the same kind.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.api.toegang import SESSIEKOEKJE
from serving.pagina.formulier import read_vorm, remember_bewijs
from serving.toegang.kast import SESSIE_SECONDEN, Sleutelkast

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
    """

    def __init__(self, kast: Sleutelkast, basis_url: str) -> None:
        self._kast = kast
        self._basis_url = basis_url

    def remember(self, antwoord: Response, bewijs: str) -> None:
        """Give the browser the token that the form holds."""
        remember_bewijs(antwoord, bewijs, self._basis_url)

    def find_terug(self, aanvraag: Request) -> str:
        """Return the page of ours that the reader came from; the first page when in doubt."""
        return _own_path(aanvraag.query_params.get("terug", "/"))

    def take(self, aanvraag: Request, vorm: bytes) -> Response | None:
        """Return the way on with a session; None when the key opens nothing.

        Raises
        ------
        HTTPException
            When the form is not from a page of ours.
        """
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        sleutel = velden.get("sleutel", "").strip()[:_MAXIMUM_SLEUTEL]
        sessie = self._kast.open_sessie(sleutel.encode())
        if sessie is None:
            return None
        antwoord = RedirectResponse(
            _own_path(velden.get("terug", "/")), 303, {"cache-control": "no-store"}
        )
        antwoord.set_cookie(
            SESSIEKOEKJE,
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
        self._kast.close_sessie(aanvraag.cookies.get(SESSIEKOEKJE, ""))
        antwoord = RedirectResponse("/", 303, {"cache-control": "no-store"})
        antwoord.delete_cookie(SESSIEKOEKJE, httponly=True, samesite="lax", secure=self._is_https)
        return antwoord

    @property
    def _is_https(self) -> bool:
        return self._basis_url.startswith("https:")


def _own_path(adres: str) -> str:
    r"""Return an address when it is a path of this site, else the first page.

    Examples
    --------
    >>> [_own_path(a) for a in ("/buurten/BU01", "//elders.nl", "https://elders.nl", "/\\elders")]
    ['/buurten/BU01', '/', '/', '/']
    """
    delen = urlsplit(adres)
    eigen = adres.startswith("/") and not delen.scheme and not delen.netloc
    return adres if eigen and "\\" not in adres and adres.isprintable() else "/"
