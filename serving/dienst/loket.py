"""Addresses for who runs the service: does it live, is it ready, what did it count.

``/gezondheid/levend`` says that the process answers, and looks at nothing: one that fails is
started anew. ``/gezondheid/klaar`` says whether it can do its work: a release is open and the read
log can be written; one that fails gets no requests for a while. How fresh the figures are is for
people and programs that use them (``/v1/gezondheid``). ``/metrieken`` is for the role that runs it.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serving.api.toegang import vraagt
from serving.dienst.meting import MEDIATYPE, Meting
from serving.leeslog.keten import LeeslogFout
from serving.leeslog.schrijver import Leeslog
from serving.release.winkel import GeenRelease, Winkel

PAD_LEVEND: Final = "/gezondheid/levend"
PAD_KLAAR: Final = "/gezondheid/klaar"
PAD_METRIEKEN: Final = "/metrieken"
_VERS: Final = {"cache-control": "no-store"}


class Dienstloket:
    """The addresses.

    Parameters
    ----------
    winkel
        Door to the release.
    leeslog
        Must be writable for the service to be ready.
    meting
        The counts.
    """

    def __init__(self, winkel: Winkel, leeslog: Leeslog, meting: Meting) -> None:
        self._winkel = winkel
        self._leeslog = leeslog
        self._meting = meting

    def list_routes(self, _: Any) -> list[Route]:
        """Return the addresses; none of them is a page."""

        @vraagt("openbaar")
        async def get_levend(aanvraag: Request) -> Response:
            return JSONResponse({"levend": True}, headers=_VERS)

        @vraagt("openbaar")
        async def get_klaar(aanvraag: Request) -> Response:
            reden = await run_in_threadpool(self.find_reden)
            status = 200 if reden is None else 503
            return JSONResponse({"klaar": reden is None, "reden": reden}, status, headers=_VERS)

        @vraagt("beheer")
        async def get_metrieken(aanvraag: Request) -> Response:
            return Response(self._meting.render(), headers={"content-type": MEDIATYPE, **_VERS})

        return [
            Route(PAD_LEVEND, get_levend),
            Route(PAD_KLAAR, get_klaar),
            Route(PAD_METRIEKEN, get_metrieken),
        ]

    def find_reden(self) -> str | None:
        """Return why the service cannot do its work, in Dutch; None when it can."""
        try:
            self._winkel.current()
            self._leeslog.flush()
        except GeenRelease:
            return "Er is nog geen release."
        except LeeslogFout:
            return "Het leeslog is niet te schrijven."
        return None
