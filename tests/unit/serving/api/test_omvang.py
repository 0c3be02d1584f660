"""How much somebody may send, and how slowly; refused before it is in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.omvang import MAXIMUM_BYTES, Omvang
from serving.toegang.kast import Sleutelkast
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app, run_alone

BASIS = b"127.0.0.1:8000"
DEUREN = [
    ("/aanmelden", b"application/x-www-form-urlencoded"),
    ("/sociaal-signaal", b"application/x-www-form-urlencoded"),
    ("/bewonersinitiatieven", b"application/x-www-form-urlencoded"),
    ("/complexen/C001/duidingen", b"application/x-www-form-urlencoded"),
    ("/v1/sociale-signalen", b"application/json"),
    ("/v1/bewonersinitiatieven", b"application/json"),
    ("/v1/complexen/C001/duidingen", b"application/json"),
]


class Verzonden:
    """What was asked of the client, and what it got back."""

    def __init__(self, delen: Iterable[bytes]) -> None:
        self._delen = list(delen)
        self.gevraagd = 0
        self.status = 0
        self.inhoud = b""

    async def receive(self) -> Message:
        self.gevraagd += 1
        if not self._delen:
            return {"type": "http.disconnect"}
        deel = self._delen.pop(0)
        return {"type": "http.request", "body": deel, "more_body": bool(self._delen)}

    async def send(self, bericht: Message) -> None:
        if bericht["type"] == "http.response.start":
            self.status = bericht["status"]
        else:
            self.inhoud += bericht.get("body", b"")


def make_scope(pad: str, soort: bytes, lengte: int | None = None) -> Scope:
    koppen = [(b"host", BASIS), (b"content-type", soort)]
    if lengte is not None:
        koppen.append((b"content-length", str(lengte).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": pad,
        "raw_path": pad.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 5),
        "headers": koppen,
    }


class GeenSleutels:
    """A store of keys without a key."""

    def list_sleutels(self) -> tuple[()]:
        return ()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    releases = tmp_path_factory.mktemp("omvang") / "releases"
    publish_example(releases)
    return make_app(releases, "wijkbeheer", kast=Sleutelkast(GeenSleutels(), lambda: b"p" * 32))


@pytest.mark.parametrize(("pad", "soort"), DEUREN)
@pytest.mark.parametrize("zegt_lengte", [True, False], ids=["met lengte", "in stukken"])
def test_body_that_is_too_large_is_refused_before_it_is_read(
    app: ASGIApp, pad: str, soort: bytes, zegt_lengte: bool
) -> None:
    deel = b"x" * 16_384
    verzonden = Verzonden([deel] * 1000)
    scope = make_scope(pad, soort, len(deel) * 1000 if zegt_lengte else None)

    run_alone(app(scope, verzonden.receive, verzonden.send))

    assert verzonden.status == 413
    assert verzonden.gevraagd <= MAXIMUM_BYTES // len(deel) + 1
    if pad.startswith("/v1"):
        assert json.loads(verzonden.inhoud)["status"] == 413


def test_who_may_not_use_a_route_is_refused_without_a_look_at_the_body(app: ASGIApp) -> None:
    verzonden = Verzonden([b"x" * 100_000])
    scope = make_scope("/sociaal-signaal/opvolgen", b"application/x-www-form-urlencoded", 100_000)

    run_alone(app(scope, verzonden.receive, verzonden.send))

    assert verzonden.status == 403
    assert verzonden.gevraagd == 0


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    inhoud = await Request(scope, receive).body()
    await PlainTextResponse(str(len(inhoud)))(scope, receive, send)


def test_body_of_exactly_the_maximum_comes_through_whole() -> None:
    verzonden = Verzonden([b"x" * 60, b"x" * 40])

    run_alone(Omvang(_echo, maximum=100)(make_scope("/", b""), verzonden.receive, verzonden.send))

    assert (verzonden.status, verzonden.inhoud) == (200, b"100")


def test_body_that_drips_in_is_cut_off() -> None:
    async def wait_for_ever() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    verzonden = Verzonden(())
    app = Omvang(_echo, seconden=0.0)

    with pytest.raises(HTTPException) as fout:
        run_alone(app(make_scope("/", b""), wait_for_ever, verzonden.send))
    assert fout.value.status_code == 408


def test_waiting_for_the_client_to_go_away_is_not_cut_off() -> None:
    verzonden = Verzonden([b"x"])

    async def read_and_wait(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    app = Omvang(read_and_wait, seconden=0.0)
    # The first message is there at once, so that no time at all is enough for it.
    run_alone(app(make_scope("/", b""), verzonden.receive, verzonden.send))
    assert verzonden.gevraagd == 2
