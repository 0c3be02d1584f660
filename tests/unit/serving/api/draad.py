"""The service on a real socket, in a thread of the test: uvicorn, and plain HTTP to it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Antwoord:
    """What came over the wire; names of headers in small letters."""

    status: int
    koppen: dict[str, str]
    inhoud: bytes


@dataclass(frozen=True)
class Lijn:
    """A service that listens."""

    poort: int

    @property
    def adres(self) -> str:
        """Address of the service."""
        return f"http://127.0.0.1:{self.poort}"

    def ask(
        self,
        methode: str,
        pad: str,
        sleutel: str | None = None,
        inhoud: bytes | None = None,
        **koppen: str,
    ) -> Antwoord:
        """Send one request, and read all that comes back."""
        stuur = {naam.replace("_", "-"): waarde for naam, waarde in koppen.items()}
        # The service knows itself by the name that it was made with.
        stuur.setdefault("Host", "127.0.0.1:8000")
        if sleutel:
            stuur["Authorization"] = f"Bearer {sleutel}"
        verbinding = http.client.HTTPConnection("127.0.0.1", self.poort, timeout=60)
        try:
            verbinding.request(methode, pad, body=inhoud, headers=stuur)
            antwoord = verbinding.getresponse()
            koppen_terug = {naam.lower(): waarde for naam, waarde in antwoord.getheaders()}
            return Antwoord(antwoord.status, koppen_terug, antwoord.read())
        finally:
            verbinding.close()


@contextmanager
def listen(app: ASGIApp) -> Iterator[Lijn]:
    """Serve an application until the block ends.

    The socket listens before the server does, so an early visitor waits.
    """
    luisteraar = socket.create_server(("127.0.0.1", 0))
    instelling: Any = uvicorn.Config(
        app, log_level="critical", access_log=False, server_header=False, ws="none"
    )
    dienst = uvicorn.Server(instelling)
    draad = threading.Thread(target=dienst.run, kwargs={"sockets": [luisteraar]}, name="dienst")
    draad.start()
    try:
        yield Lijn(luisteraar.getsockname()[1])
    finally:
        dienst.should_exit = True
        draad.join(timeout=30)
        luisteraar.close()
