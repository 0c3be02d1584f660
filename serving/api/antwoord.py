"""One object, one answer: the handler behind both the documented route and the quick path.

FastAPI's routing costs several times the look-up itself, so ``Snelpad`` stands before it and
answers the hot addresses. Everything unusual (unknown id, a query, another method) goes on
to the documented route, which answers with the same ``prepare``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api.toegang import Toegang
from serving.api.versie import API_VERSIE, KOPPEN_API, Koppen
from serving.leeslog.regel import Lezing
from serving.leeslog.schrijver import Leeslog
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import Labelinzage, ZonderWaarden
from serving.verbinding import GEREED

Objectniveau = Literal["complex", "buurt", "wijk"]

COLLECTIES: Final[Mapping[str, Objectniveau]] = {
    "complexen": "complex",
    "buurten": "buurt",
    "wijken": "wijk",
}
"""Path segment of a collection, and the niveau in the store."""

_METHODEN: Final = frozenset({"GET", "HEAD"})
_JSON: Final = (b"content-type", b"application/json")
_CACHE: Final = (b"cache-control", b"private, no-cache")
BEWAARD_MAXIMUM: Final = 4_096
"""Answers about one object that a process keeps ready, per release: some 25 MB."""

VARY: Final = b"Authorization, Cookie"
_WAT: Final = {
    niveau: f"/v1/{collectie}/{{{niveau}Id}}" for collectie, niveau in COLLECTIES.items()
}


class Gereed(NamedTuple):
    """An answer that stands ready.

    Parameters
    ----------
    status, inhoud, koppen
        Status, body and headers.
    draad
        Those headers as they go over the wire.
    """

    status: int
    inhoud: bytes
    koppen: Koppen
    draad: bytes


def make_etag(uitgave: Uitgave) -> str:
    """Return the entity tag of everything in a release, as this version of the API tells it.

    Who sees less of a release has another tag: a browser that another reader used before must
    not show what that one saw.
    """
    return f'"{uitgave.release_id}-{API_VERSIE}{name_inzage(uitgave)}"'


def name_inzage(uitgave: Uitgave) -> str:
    """Return what tells this way of looking at a release from seeing everything."""
    if isinstance(uitgave, Labelinzage):
        return f"-{'-'.join(sorted(uitgave.themas))}".lower()
    return "-zonder-waarden" if isinstance(uitgave, ZonderWaarden) else ""


def matches_etag(if_none_match: str, etag: str) -> bool:
    """Tell whether a client's ``If-None-Match`` holds ``etag`` (weak comparison, or ``*``)."""
    kandidaten = [deel.strip().removeprefix("W/") for deel in if_none_match.split(",")]
    return "*" in kandidaten or etag in kandidaten


def make_headers(uitgave: Uitgave) -> Koppen:
    """Return the headers of a successful answer; made once per release."""
    return uitgave.remember("koppen_json", lambda: _build_headers(uitgave))


def _build_headers(uitgave: Uitgave) -> Koppen:
    return [
        _JSON,
        *KOPPEN_API,
        _CACHE,
        (b"etag", make_etag(uitgave).encode()),
        (b"vary", VARY),
    ]


def prepare(uitgave: Uitgave, inhoud: bytes, if_none_match: str | None) -> Gereed:
    """Return status, body and headers of a good answer: 304 where the client has it already."""
    koppen = make_headers(uitgave)
    if if_none_match is not None and matches_etag(if_none_match, make_etag(uitgave)):
        return uitgave.remember("snelpad_304", lambda: _make_ready(304, b"", koppen))
    lengte = (b"content-length", str(len(inhoud)).encode())
    return _make_ready(200, inhoud, [*koppen, lengte])


def _make_ready(status: int, inhoud: bytes, koppen: Koppen) -> Gereed:
    draad = b"".join(b"%b: %b\r\n" % kop for kop in koppen)
    return Gereed(status, inhoud, koppen, draad)


class Antwoord(Response):
    """A prepared JSON body with the headers of its release; answers ``If-None-Match`` itself."""

    def __init__(
        self,
        uitgave: Uitgave,
        aanvraag: Request,
        inhoud: bytes,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        gereed = prepare(uitgave, inhoud, aanvraag.headers.get("if-none-match"))
        super().__init__(gereed.inhoud, status_code=gereed.status)
        meer = [(naam.lower().encode(), waarde.encode()) for naam, waarde in (extra or {}).items()]
        self.raw_headers = [*gereed.koppen, *meer]


GEWEERD: Final = "(geweerd)"
"""Address of what was stopped before it was known what was asked, where answers are counted."""


class Telling(Protocol):
    """Counts answers."""

    def note(self, adres: str, methode: str, status: int, seconden: float) -> None:
        """Count one answer, by its address with the variables by name."""
        ...


class Snelpad:
    """ASGI front that answers ``GET /v1/<collectie>/<id>`` from the store, and nothing else.

    The headers and bodies it sends are kept and sent again, and written by the connection itself
    where that can (``serving.verbinding.GEREED``): what stands before it must not change them.

    Parameters
    ----------
    app
        Answers everything else.
    winkel
        Door to the current release.
    toegang
        Says who asks.
    voorvoegsel
        Under which the API is.
    leeslog
        Takes who read what.
    meting
        Counts what is answered here; None = nobody does.
    """

    def __init__(
        self,
        app: ASGIApp,
        winkel: Winkel,
        toegang: Toegang,
        voorvoegsel: str,
        *,
        leeslog: Leeslog,
        meting: Telling | None = None,
    ) -> None:
        self._app = app
        self._winkel = winkel
        self._toegang = toegang
        self._leeslog = leeslog
        self._meting = meting
        self._paden = {
            f"{voorvoegsel}/{collectie}": niveau for collectie, niveau in COLLECTIES.items()
        }
        self._uitgave: Uitgave | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand the request on."""
        begin = time.perf_counter()
        gevonden = self._look_up(scope) if scope["type"] == "http" else None
        if gevonden is None:
            await self._app(scope, receive, send)
            return
        wat, (status, inhoud, koppen, draad) = gevonden
        methode = scope["method"]
        body = b"" if methode == "HEAD" else inhoud
        write = scope.get(GEREED)
        if write is None or not write(scope, status, draad, body):
            await send({"type": "http.response.start", "status": status, "headers": koppen})
            await send({"type": "http.response.body", "body": body})
        if self._meting is not None:
            self._meting.note(wat, methode, status, time.perf_counter() - begin)

    def _look_up(self, scope: Scope) -> tuple[str, Gereed] | None:
        hoofd, _, beheerobject_id = scope["path"].rpartition("/")
        niveau = self._paden.get(hoofd)
        if niveau is None or scope["query_string"] or scope["method"] not in _METHODEN:
            return None
        try:
            lezer = self._toegang.find_lezer(scope)
            if not lezer.ziet_alles:
                return None
            uitgave = self._uitgave or self._find_uitgave()
            antwoord = _find_gereed(uitgave, niveau, beheerobject_id)
            if antwoord is None:
                return None
            wat = _WAT[niveau]
            self._leeslog.note(
                Lezing(
                    time.time(),
                    lezer,
                    "complex" if niveau == "complex" else "indicator",
                    wat,
                    beheerobject_id,
                    niveau,
                    uitgave.release_id,
                )
            )
        except Exception:
            # The documented route meets the same trouble and knows how to tell it.
            return None
        conditie = _find_condition(scope)
        return wat, antwoord if conditie is None else prepare(uitgave, antwoord.inhoud, conditie)

    def _find_uitgave(self) -> Uitgave:
        """Return the current release, looked for once per turn of the event loop.

        All requests that are answered in one turn were read before it began, so none of them can
        know of a release that was published later.
        """
        self._uitgave = self._winkel.current()
        asyncio.get_running_loop().call_soon(self._forget)
        return self._uitgave

    def _forget(self) -> None:
        self._uitgave = None


def _find_gereed(uitgave: Uitgave, niveau: Objectniveau, beheerobject_id: str) -> Gereed | None:
    """Return the whole answer about one object; those asked before stand ready in memory."""
    gereed: dict[tuple[str, str], Gereed] = uitgave.remember("snelpad", dict)
    sleutel = (niveau, beheerobject_id)
    antwoord = gereed.get(sleutel)
    if antwoord is None:
        inhoud = uitgave.answer(niveau, beheerobject_id)
        if inhoud is None:
            return None
        antwoord = prepare(uitgave, inhoud, None)
        if len(gereed) < BEWAARD_MAXIMUM:
            gereed[sleutel] = antwoord
    return antwoord


def _find_condition(scope: Scope) -> str | None:
    for naam, waarde in scope["headers"]:
        if naam == b"if-none-match":
            tekst: str = waarde.decode("latin-1")
            return tekst
    return None
