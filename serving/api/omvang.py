"""How much somebody may send, and how slowly: a layer before every route.

Forms and reports are small. What is larger is refused before it is in memory, and what drips in
is cut off, also from who has no key. It is said when a route begins to read: who may not use the
route is refused first, and its own error page tells the rest.

Does not belong here: what a body must hold (each route), connections that never send a request
(a proxy before the service).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAXIMUM_BYTES: Final = 65_536
MAXIMUM_SECONDEN: Final = 20.0

_SLUIT: Final = {"Connection": "close"}
_TE_GROOT: Final = "Dit is te groot om te versturen. Stuur minder."
_TE_TRAAG: Final = "Het versturen duurde te lang. Probeer het opnieuw."


class Omvang:
    """ASGI layer that bounds the body of a request.

    Parameters
    ----------
    app
        What it stands before.
    maximum
        Bytes.
    seconden
        From the first time that a body is asked for until all of it is there.
    ruimer
        Addresses that take more, with their bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        maximum: int = MAXIMUM_BYTES,
        seconden: float = MAXIMUM_SECONDEN,
        *,
        ruimer: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._maximum = maximum
        self._seconden = seconden
        self._ruimer = ruimer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a body that ends in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        maximum = self._ruimer.get(scope["path"], self._maximum)
        gezegd = _find_length(scope)
        gelezen = 0
        heel = False
        tot: float | None = None

        async def receive_bounded() -> Message:
            nonlocal gelezen, heel, tot
            if heel:  # what comes next is that the client went away, whenever that is
                return await receive()
            if gezegd > maximum:
                raise HTTPException(413, _TE_GROOT, headers=_SLUIT)
            nu = asyncio.get_running_loop().time()
            tot = nu + self._seconden if tot is None else tot
            try:
                async with asyncio.timeout_at(tot):
                    bericht = await receive()
            except TimeoutError:
                raise HTTPException(408, _TE_TRAAG, headers=_SLUIT) from None
            if bericht["type"] == "http.request":
                gelezen += len(bericht.get("body", b""))
                if gelezen > maximum:
                    raise HTTPException(413, _TE_GROOT, headers=_SLUIT)
                heel = not bericht.get("more_body", False)
            return bericht

        await self._app(scope, receive_bounded, send)


def _find_length(scope: Scope) -> int:
    for naam, waarde in scope["headers"]:
        if naam == b"content-length" and waarde.isdigit():
            return int(waarde)
    return 0
