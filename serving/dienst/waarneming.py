"""The layer that sees every answer off the quick path: counts it and tells of it.

Does not belong here: counting (``meting``), what a line holds (``verslag``), refusing.
"""

from __future__ import annotations

import secrets
import time
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.bewaking import ADRES
from serving.api.toegang import lezer_of
from serving.dienst.meting import ANDERS, METHODEN, ONBEKEND, Meting
from serving.dienst.verslag import Verslag
from serving.release.winkel import Winkel

NUMMER: Final = b"x-request-id"


class Waarneming:
    """ASGI layer.

    Parameters
    ----------
    app
        What it stands before.
    meting
        Counts.
    verslag
        Tells.
    winkel
        Door to the release.
    """

    def __init__(self, app: ASGIApp, meting: Meting, verslag: Verslag, winkel: Winkel) -> None:
        self._app = app
        self._meting = meting
        self._verslag = verslag
        self._winkel = winkel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Our own: one from outside could say anything.
        nummer = secrets.token_hex(8)
        # A client may make up a method, and put anything in it.
        methode = scope["method"] if scope["method"] in METHODEN else ANDERS
        begin = time.perf_counter()
        status = 500

        async def send_seen(bericht: Message) -> None:
            nonlocal status
            if bericht["type"] == "http.response.start":
                status = bericht["status"]
            if bericht["type"] == "http.response.start" and status >= 500:
                # To find it back. A refusal stays the same for whatever there is or is not.
                bericht = {
                    **bericht, "headers": [*bericht.get("headers", ()), (NUMMER, nummer.encode())]
                }  # fmt: skip
            await send(bericht)

        try:
            await self._app(scope, receive, send_seen)
        except Exception as fout:
            status = 500
            self._verslag.tell_error(fout, nummer=nummer, adres=scope.get(ADRES, ONBEKEND))
            raise
        finally:
            seconden = time.perf_counter() - begin
            adres = scope.get(ADRES, ONBEKEND)
            self._meting.note(adres, methode, status, seconden)
            self._verslag.tell_request(
                nummer=nummer,
                adres=adres,
                methode=methode,
                status=status,
                ms=seconden * 1000,
                rollen=tuple(rol.naam for rol in lezer_of(Request(scope)).rollen),
                release=self._winkel.release_id,
            )
