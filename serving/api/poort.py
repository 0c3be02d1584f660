"""The first layer of all: finds who asks, once, and stops who asks too often.

A token of the provider that was not seen before is examined here, where there is time to wait for
the provider's keys; the quick path and the guards look up what was found.
"""

from __future__ import annotations

import html
from typing import Final

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api.antwoord import GEWEERD, Telling
from serving.api.probleem import make_problem
from serving.api.rem import Rem
from serving.api.toegang import Toegang, Tokens, TokensWeg, find_token, keep_lezer
from serving.api.versie import KOPPEN_PAGINA, as_text
from serving.toegang.register import ToegangFout
from vera.toegang import NIEMAND

TE_VAAK: Final = (
    "U vraagt te veel in korte tijd. Wacht {seconden} {eenheid} en probeer het opnieuw."
)
_WEG: Final = (
    "Of uw token geldt, is nu niet na te gaan. De aanbieder van de aanmelding geeft geen antwoord."
)
_BLAD: Final = (
    '<!doctype html><html lang="nl"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Even wachten · Buurtpeil</title></head>"
    "<body><main><h1>Even wachten</h1><p>{tekst}</p></main></body></html>"
)


class Poort:
    """ASGI layer before everything.

    Parameters
    ----------
    app
        What it stands before.
    toegang
        Says who asks.
    rem
        Says who asks too often.
    voorvoegsel
        Under which the API is.
    tokens
        Examines tokens of the provider; None = there is no provider.
    meting
        Counts what is stopped here; None = nobody does.
    """

    def __init__(
        self,
        app: ASGIApp,
        toegang: Toegang,
        rem: Rem,
        voorvoegsel: str,
        tokens: Tokens | None = None,
        meting: Telling | None = None,
    ) -> None:
        self._app = app
        self._toegang = toegang
        self._rem = rem
        self._voorvoegsel = voorvoegsel
        self._tokens = tokens
        self._meting = meting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say to wait."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sleutels = 0
        for naam, _ in scope["headers"]:
            if naam == b"authorization":
                sleutels += 1
        toont_sleutel = sleutels > 0
        if sleutels > 1:
            # A proxy may have looked at the other one.
            keep_lezer(scope, NIEMAND)
        elif toont_sleutel and self._tokens is not None:
            token = find_token(scope)
            if token is not None:
                # Looked up here and nowhere else: who asks is kept with the request.
                gevonden = self._tokens.find_lezer(token)
                if gevonden is None:
                    # A signature costs more than what is done for nobody. One that held before does
                    # not stand in line with those that others make up.
                    wacht = 0 if self._tokens.was_good(token) else self._rem.admit_onderzoek(scope)
                    if wacht:
                        await self._say_wait(scope, wacht)(scope, receive, send)
                        return
                    try:
                        gevonden = await self._tokens.examine(token)
                    except TokensWeg:
                        # Counted as one that does not hold: asking often tells nothing more.
                        wacht = self._rem.admit(scope, NIEMAND, toont_sleutel=True)
                        antwoord = self._say_wait(scope, wacht) if wacht else self._say_weg(scope)
                        await antwoord(scope, receive, send)
                        return
                keep_lezer(scope, gevonden or NIEMAND)
        try:
            lezer = self._toegang.find_lezer(scope)
        except ToegangFout:
            lezer = NIEMAND  # the guard meets the same trouble and tells it
            toont_sleutel = False
        wacht = self._rem.admit(scope, lezer, toont_sleutel=toont_sleutel)
        if wacht:
            await self._say_wait(scope, wacht)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _say_wait(self, scope: Scope, seconden: int) -> Response:
        tekst = say_wait(seconden)
        return self._answer(scope, 429, tekst, {"Retry-After": str(seconden)})

    def _say_weg(self, scope: Scope) -> Response:
        return self._answer(scope, 503, _WEG, {"Retry-After": "60"})

    def _answer(self, scope: Scope, status: int, tekst: str, koppen: dict[str, str]) -> Response:
        if self._meting is not None:
            self._meting.note(GEWEERD, scope["method"], status, 0.0)
        pad = scope["path"]
        if pad == self._voorvoegsel or pad.startswith(f"{self._voorvoegsel}/"):
            return make_problem(status, tekst, koppen=koppen)
        # Not drawn as the other pages are: this must cost less than what it holds back.
        alle = {**as_text(KOPPEN_PAGINA), "cache-control": "no-store", **koppen}
        return HTMLResponse(_BLAD.format(tekst=html.escape(tekst)), status, alle)


def say_wait(seconden: int) -> str:
    """Return how long to wait, in words.

    Examples
    --------
    >>> say_wait(1)
    'U vraagt te veel in korte tijd. Wacht 1 seconde en probeer het opnieuw.'
    """
    eenheid = "seconde" if seconden == 1 else "seconden"
    return TE_VAAK.format(seconden=seconden, eenheid=eenheid)
