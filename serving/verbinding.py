"""How long and how large the head of a request may be: for uvicorn, before there is a request.

Uvicorn closes a connection that asks nothing after an answer, and knows no limit for one that sends
its head a sign at a time, or without end. Whoever opens a thousand of those keeps the service from
others (slowloris). Once there is a request, its body is bounded by ``serving.api.omvang``.

An answer that stands ready whole can be written at once (``GEREED``): uvicorn examines each header
of each answer, which for a look-up costs as much as everything else we do.

Does not belong here: what is answered, nor how often somebody may ask (``serving.api.rem``).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import httptools
import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
)

_log = logging.getLogger(__name__)

KOP_SECONDEN: Final = 10.0
"""From the moment that a connection may send a head until all of it is there."""

KOP_BYTES: Final = 32_768
GELIJKTIJDIG: Final = 2_000
"""Connections and requests at once; who comes after gets 503."""

STOP_SECONDEN: Final = 20
"""How long what is being answered may take when the service is stopped."""

GEREED: Final = "buurtpeil.gereed"
"""In the scope of a request, if its connection can: writes an answer that stands ready whole.

Takes the scope, the status, the headers as they go over the wire and the body, and tells whether it
did; if not, the answer goes the usual way.
"""


class Verbinding(HttpToolsProtocol):
    """A connection of which the head comes in time and is not too large."""

    _wekker: asyncio.TimerHandle | None = None
    _in_kop = True
    _heel = False
    _gekregen = 0
    _gelezen = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, as long as it is not a head without end."""
        klaar = self.cycle is None or self.cycle.response_complete
        was_kop = self._in_kop
        self._heel = False
        self._gelezen = len(data)
        super().data_received(data)
        if klaar and not self._heel and self._wekker is None and not self.transport.is_closing():
            # Also for what drips in after an answer: that is a head that has not begun. A head that
            # came at once, as nearly all do, never sets the clock.
            self._wait_for_head()
        # Only what was head from first byte to last: a read in which a head or a body ended may be
        # body for the most part. What of the next head came in that same read is bounded by the
        # size of one read, and held against the maximum when that head is complete.
        if was_kop and self._in_kop and not self._heel and not self.transport.is_closing():
            self._gekregen += len(data)
            if self._gekregen > KOP_BYTES:
                self._refuse("Too large.")

    def on_headers_complete(self) -> None:
        """Stop waiting: there is a request."""
        self._stop_waiting()
        self._in_kop = False
        self._heel = True
        # One read may hold more than the maximum at once; what is less need not be counted.
        if (
            self._gekregen + self._gelezen > KOP_BYTES
            and len(self.url) + sum(len(n) + len(w) for n, w in self.headers) > KOP_BYTES
        ):
            raise httptools.HttpParserError("head too large")
        self._gekregen = 0
        super().on_headers_complete()
        # The connection and not the cycle: that holds the scope, and a ring for each request would
        # be left to the garbage collector, which stops all answers for as long as it takes.
        self.scope[GEREED] = self._write_ready  # type: ignore[typeddict-unknown-key]

    def on_message_complete(self) -> None:
        """After a whole request the next one begins with a head."""
        super().on_message_complete()
        self._in_kop = True

    def _write_ready(self, scope: Scope, status: int, koppen: bytes, inhoud: bytes) -> bool:
        """Write a whole answer as uvicorn's ``send`` would; see ``GEREED``."""
        cyclus = self.cycle
        if (
            cyclus is None
            or cyclus.scope is not scope  # other questions came after it, and it is not its turn
            or cyclus.response_started
            or cyclus.disconnected
            or not cyclus.keep_alive
            or cyclus.flow.write_paused
        ):
            return False
        cyclus.response_started = cyclus.response_complete = True
        delen = [STATUS_LINE[status]]
        for naam, waarde in cyclus.default_headers:
            delen += naam, b": ", waarde, b"\r\n"
        delen += koppen, b"\r\n", inhoud
        cyclus.transport.write(b"".join(delen))
        cyclus.message_event.set()
        cyclus.on_response()
        return True

    def _wait_for_head(self) -> None:
        self._wekker = self.loop.call_later(KOP_SECONDEN, self._give_up)

    def _stop_waiting(self) -> None:
        if self._wekker is not None:
            self._wekker.cancel()
            self._wekker = None

    def _give_up(self) -> None:
        self._wekker = None
        if not self.transport.is_closing():
            _log.info("connection closed: no whole head within %s seconds", KOP_SECONDEN)
            self.transport.close()

    def _refuse(self, waarom: str) -> None:
        self._stop_waiting()
        self.send_400_response(waarom)


def make_config(app: ASGIApp, **anders: Any) -> uvicorn.Config:
    """Return how uvicorn serves the application.

    Parameters
    ----------
    app
        The application.
    **anders
        Where it listens, and whatever else ``uvicorn.Config`` takes.
    """
    return uvicorn.Config(
        app,
        **{
            "access_log": False,
            "log_level": "warning",
            "http": Verbinding,
            "ws": "none",
            # Who stands before the service is said in a setting (``serving.api.rem``), or nobody.
            "proxy_headers": False,
            "server_header": False,
            "limit_concurrency": GELIJKTIJDIG,
            "timeout_graceful_shutdown": STOP_SECONDEN,
            **anders,
        },
    )
