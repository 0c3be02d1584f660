"""What the service is compared with, each served the same way: uvicorn, uvloop, httptools.

``python -m orchestration.snelheid.servers SOORT POORT [BESTAND]`` serves one of:

- ``fastapi``: a documented route that returns the same bytes whatever is asked;
- ``asgi``: the least that an ASGI application can do, returning those bytes;
- ``datasette``: Datasette over the look-up store of a release.

Nothing here checks who asks or keeps a log. Does not belong here: the service (``buurtpeil
serve`` is measured as it is).
"""

# No ``from __future__ import annotations``: FastAPI reads the annotations of a function within.

import importlib
import sys
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

SOORTEN: Final = ("fastapi", "asgi", "datasette")


def make_fastapi(inhoud: bytes) -> ASGIApp:
    """Return a plain FastAPI application with one route."""
    app = FastAPI()

    @app.get("/v1/complexen/{complex_id}")
    async def get_complex(complex_id: str) -> Response:
        return Response(inhoud, media_type="application/json")

    return app


def make_asgi(inhoud: bytes) -> ASGIApp:
    """Return an application that answers everything with the same bytes."""
    koppen = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(inhoud)).encode()),
    ]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": koppen})
        await send({"type": "http.response.body", "body": inhoud})

    return answer


def make_datasette(bestand: Path) -> ASGIApp:
    """Return Datasette over a store that does not change."""
    datasette: Any = importlib.import_module("datasette.app")
    app: ASGIApp = datasette.Datasette(immutables=[str(bestand)]).app()
    return app


def main() -> None:
    """Serve until stopped."""
    soort, poort, bestand = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if soort == "datasette":
        app = make_datasette(bestand)
    else:
        inhoud = bestand.read_bytes()
        app = make_fastapi(inhoud) if soort == "fastapi" else make_asgi(inhoud)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=poort,
        loop="uvloop",
        http="httptools",
        lifespan="on" if soort == "datasette" else "off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
