"""The guard before every route: may who asks do this, and is it noted in the read log.

No route is served that does not say what it asks (``serving.api.toegang.vraagt``): making the
application fails. ``Grendel`` holds back whatever would come by without a guard all the same.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.toegang import (
    Toegang,
    Vraag,
    find_vraag,
    is_allowed,
    let_through,
    refuse,
    remember_lezer,
    told_log,
)
from serving.leeslog.keten import LeeslogFout
from serving.leeslog.regel import Daad, Lezing
from serving.leeslog.schrijver import Leeslog
from serving.release.winkel import GeenRelease, Winkel
from serving.toegang.register import ToegangFout
from vera.toegang import BEPERKT, Bereik, Lezer

_LEEST: Final = frozenset({"GET", "HEAD"})
_VLOT: Final[frozenset[Bereik]] = frozenset({"complex", "indicator"})
"""Restricted reads that need not wait for the log to be on disk."""

_ZONDER_NAAM: Final[frozenset[Bereik]] = frozenset({"signaal_melden"})
"""Of who reports a Sociaal Signaal no name is kept anywhere; its own log has a reference."""

_KAN_NIET: Final = (
    "Wie wat leest kan nu niet worden vastgelegd. Tot dat weer kan, blijft dit dicht."
)

ADRES: Final = "buurtpeil.adres"
"""Where a request keeps the address of its route, with the variables by name."""

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Deur:
    """A route with its whole address and what it asks.

    ``adres`` has the variables by name, as the read log has it.
    """

    adres: str
    methoden: frozenset[str]
    vraag: Vraag
    route: BaseRoute


class ZonderBereik(RuntimeError):
    """A route does not say what it asks. A mistake of ours, found when the application is made."""


def list_deuren(app: Starlette, voorvoegsel: str = "") -> list[Deur]:
    """Return every route of an application, those of what is mounted in it included.

    Raises
    ------
    ZonderBereik
        When one does not say what it asks.
    """
    return [deur for route in app.routes for deur in _walk(route, voorvoegsel)]


def _walk(route: BaseRoute, voorvoegsel: str) -> Iterator[Deur]:
    binnen = getattr(route, "original_router", None)
    if binnen is not None:
        # Routes of a router that FastAPI included; a plain one would be made anew behind our back.
        for deel in binnen.routes:
            if not isinstance(deel, APIRoute) and not hasattr(deel, "original_router"):
                raise ZonderBereik(f"{deel!r} in an included router cannot be guarded")
            yield from _walk(deel, voorvoegsel)
    elif isinstance(route, Mount):
        yield from list_deuren(_as_app(route.app, route), voorvoegsel + route.path)
    elif isinstance(route, Route) and isinstance(route.endpoint, Starlette):
        return  # another way into what is mounted
    elif isinstance(route, Route):
        vraag = find_vraag(route.endpoint)
        if vraag is None:
            raise ZonderBereik(f"{voorvoegsel}{route.path} does not say what scope it asks")
        adres = (voorvoegsel + route.path).replace(":path}", "}")
        yield Deur(adres, frozenset(route.methods or ()), vraag, route)
    else:
        raise ZonderBereik(f"{route!r} cannot be guarded")


def _as_app(app: ASGIApp, route: BaseRoute) -> Starlette:
    if not isinstance(app, Starlette):
        raise ZonderBereik(f"{route!r} cannot be guarded")
    return app


def guard_routes(app: Starlette, toegang: Toegang, leeslog: Leeslog, winkel: Winkel) -> None:
    """Put a guard before every route of an application that has all its routes.

    Raises
    ------
    ZonderBereik
        When a route does not say what it asks.
    """
    deuren = list_deuren(app)
    methoden: dict[str, set[str]] = {}
    for deur in deuren:
        methoden.setdefault(deur.adres, set()).update(deur.methoden)
    for deur in deuren:
        wacht = Wacht(
            deur, deur.route.handle, toegang, leeslog, winkel, sorted(methoden[deur.adres])
        )
        # On the route itself: FastAPI makes other parts of an included route anew.
        setattr(deur.route, "handle", wacht)  # noqa: B010 - mypy refuses to assign a method


class Wacht:
    """Stands before one route."""

    def __init__(
        self,
        deur: Deur,
        verder: Handler,
        toegang: Toegang,
        leeslog: Leeslog,
        winkel: Winkel,
        methoden: Iterable[str],
    ) -> None:
        self._deur = deur
        # Of every route at this address: one of them alone would leave the others out.
        self._allow = ", ".join(methoden)
        self._verder = verder
        self._toegang = toegang
        self._leeslog = leeslog
        self._winkel = winkel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through and note it."""
        vraag = self._deur.vraag
        scope[ADRES] = self._deur.adres
        try:
            lezer = self._toegang.find_lezer(scope)
        except ToegangFout as fout:
            raise HTTPException(503, fout.gevonden, headers={"Retry-After": "60"}) from fout
        remember_lezer(scope, lezer)
        if not lezer.may(vraag.bereik):
            raise refuse(lezer, scope)
        if scope["method"] not in self._deur.methoden:
            raise HTTPException(405, headers={"Allow": self._allow})
        let_through(scope)
        bereik, daad = find_what_to_note(vraag, lezer, scope["method"])
        if bereik is None:
            await self._verder(scope, receive, send)
            return

        if daad == "schrijven":
            try:
                await self._note(scope, lezer, bereik, "poging")
            except LeeslogFout as fout:
                raise HTTPException(503, _KAN_NIET, headers={"Retry-After": "60"}) from fout

        mislukt: LeeslogFout | None = None
        begonnen = False

        async def send_noted(bericht: Message) -> None:
            nonlocal mislukt, begonnen
            if bericht["type"] == "http.response.start":
                begonnen = True
                if bericht["status"] < 400:
                    try:
                        await self._note(scope, lezer, bereik, daad)
                    except LeeslogFout as fout:
                        mislukt = fout
                elif bericht["status"] >= 500 and daad == "schrijven":
                    await self._note_afgebroken(scope, lezer, bereik)
            if mislukt is None:
                await send(bericht)

        try:
            await self._verder(scope, receive, send_noted)
        except BaseException:
            if daad == "schrijven" and not begonnen:
                await self._note_afgebroken(scope, lezer, bereik)
            raise
        if mislukt is not None:
            raise HTTPException(503, _KAN_NIET, headers={"Retry-After": "60"}) from mislukt

    async def _note_afgebroken(self, scope: Scope, lezer: Lezer, bereik: Bereik) -> None:
        """Note that a decision may be stored although its answer says that something failed."""
        # What cannot be logged now is an error already.
        with suppress(LeeslogFout):
            await self._note(scope, lezer, bereik, "afgebroken")

    async def _note(self, scope: Scope, lezer: Lezer, bereik: Bereik, daad: Daad) -> None:
        vraag = self._deur.vraag
        aantal, genoemd = told_log(scope)
        objecten: Sequence[str | None] = genoemd
        if vraag.sleutel:
            sleutel = scope["path_params"].get(vraag.sleutel)
            objecten = [None if sleutel is None else str(sleutel)]
        nu, release_id = time.time(), _find_release(self._winkel)
        for object_id in objecten or [None]:
            self._leeslog.note(
                Lezing(
                    nu,
                    lezer,
                    bereik,
                    self._deur.adres,
                    object_id,
                    vraag.niveau,
                    release_id,
                    daad,
                    aantal,
                )
            )
        if bereik not in _VLOT or daad != "lezen":
            await run_in_threadpool(self._leeslog.flush)


def find_what_to_note(vraag: Vraag, lezer: Lezer, methode: str) -> tuple[Bereik | None, Daad]:
    """Return by which scope a request goes into the log, and as what; None = it does not."""
    if vraag.bereik in _ZONDER_NAAM:
        return None, "lezen"
    leest = methode in _LEEST or vraag.leest_met_post
    if not leest and vraag.bereik != "openbaar":
        return vraag.bereik, "schrijven"
    for bereik in (vraag.bereik, *vraag.toont):
        if bereik in BEPERKT and lezer.may(bereik):
            return bereik, "lezen"
    return None, "lezen"


def _find_release(winkel: Winkel) -> str | None:
    try:
        return winkel.current().release_id
    except GeenRelease:
        return None


class Grendel:
    """Holds back every good answer that no guard let through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 403 instead of what comes by without a guard."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dicht = False

        async def send_let_through(bericht: MutableMapping[str, Any]) -> None:
            nonlocal dicht
            if bericht["type"] == "http.response.start":
                dicht = bericht["status"] < 400 and not is_allowed(scope)
                if dicht:
                    antwoord = PlainTextResponse("Geen toegang.", status_code=403)
                    await antwoord(scope, receive, send)
            if not dicht:
                await send(bericht)

        await self._app(scope, receive, send_let_through)
