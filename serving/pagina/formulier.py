"""Forms that work without script: that one comes from a page of ours, and from this browser.

A post counts when it comes from a page of this site (``Origin``) and brings back the token that
this browser has in a cookie (double submit).
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.api.herkomst import is_own_request

KOEKJE: Final = "buurtpeil_bewijs"
KOPPEN: Final = {"cache-control": "no-store", "referrer-policy": "same-origin"}
"""Headers of a page with a form: with "no-referrer" a browser would post "Origin: null"."""

_BEWIJS: Final = re.compile(r"[\w-]{43}", re.ASCII)
MAXIMUM_BYTES: Final = 16_384


def make_bewijs(aanvraag: Request) -> str:
    """Return the token of this browser, or a new one."""
    return find_bewijs(aanvraag) or secrets.token_urlsafe(32)


def find_bewijs(aanvraag: Request) -> str | None:
    """Return the token of this browser, if it has one that can be ours."""
    waarde = aanvraag.cookies.get(KOEKJE, "")
    return waarde if _BEWIJS.fullmatch(waarde) else None


def remember_bewijs(antwoord: Response, bewijs: str, basis_url: str) -> None:
    """Give the browser the token that the form holds."""
    antwoord.set_cookie(
        KOEKJE,
        bewijs,
        httponly=True,
        samesite="strict",
        secure=basis_url.startswith("https:"),
    )


def read_vorm(aanvraag: Request, inhoud: bytes, basis_url: str, anders: str) -> dict[str, str]:
    """Return the fields of a form that was sent.

    Parameters
    ----------
    aanvraag, inhoud
        The request and its body.
    basis_url
        Address under which people reach the site.
    anders
        What to say when it is not a form of ours, in Dutch.

    Raises
    ------
    HTTPException
        When it is not a form, or not one of ours.
    """
    soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
    if soort != "application/x-www-form-urlencoded" or len(inhoud) > MAXIMUM_BYTES:
        raise HTTPException(400, "Dit is geen formulier van deze pagina.")
    velden = dict(parse_qsl(inhoud.decode("utf-8", "replace"), keep_blank_values=True))
    bewijs = find_bewijs(aanvraag)
    if (
        not is_own_request(aanvraag.headers, basis_url)
        or bewijs is None
        or not hmac.compare_digest(bewijs.encode(), velden.pop("bewijs", "").encode())
    ):
        raise HTTPException(403, anders)
    return velden
