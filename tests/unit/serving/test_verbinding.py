"""What one connection takes: a body of any size behind a small head, and no head without end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from serving.verbinding import KOP_BYTES, Verbinding, make_config
from tests.unit.serving.wie import run_alone

BODY = b"x" * 200_000
KLEIN = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Lijn(asyncio.Transport):
    """A line that remembers what was written, and whether it was shut."""

    def __init__(self) -> None:
        super().__init__()
        self.terug = b""
        self.is_dicht = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 5) if name in {"peername", "sockname"} else default

    def write(self, data: Any) -> None:
        self.terug += bytes(data)

    def close(self) -> None:
        self.is_dicht = True

    def is_closing(self) -> bool:
        return self.is_dicht

    def pause_reading(self) -> None:
        """Nothing reads here."""

    resume_reading = pause_reading


async def _count(scope: Scope, receive: Receive, send: Send) -> None:
    inhoud = await Request(scope, receive).body()
    await PlainTextResponse(f"<{len(inhoud)}>")(scope, receive, send)


def post(inhoud: bytes, *, in_stukken: bool = False) -> bytes:
    kop = b"POST / HTTP/1.1\r\nHost: x\r\n"
    if in_stukken:
        stuk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(inhoud), inhoud)
        return kop + b"Transfer-Encoding: chunked\r\n\r\n" + stuk
    return kop + b"Content-Length: %d\r\n\r\n" % len(inhoud) + inhoud


async def _feed(stukken: Sequence[bytes], antwoorden: int) -> Lijn:
    instelling = make_config(_count)
    instelling.load()
    protocol = Verbinding(instelling, ServerState(), {})
    lijn = Lijn()
    protocol.connection_made(lijn)
    for stuk in stukken:
        if lijn.is_dicht:
            break
        protocol.data_received(stuk)
        for _ in range(5):
            await asyncio.sleep(0)
    for _ in range(1000):
        if lijn.is_dicht or lijn.terug.count(b"HTTP/1.1 ") >= antwoorden:
            break
        await asyncio.sleep(0)
    protocol.connection_lost(ConnectionResetError())  # or it shuts the line itself
    return lijn


def feed(*stukken: bytes, antwoorden: int = 1) -> Lijn:
    """Let a connection read these pieces, each at once, and return the line."""
    return run_alone(_feed(stukken, antwoorden))


def at_once(alles: bytes) -> list[bytes]:
    return [alles]


def head_apart(alles: bytes) -> list[bytes]:
    kop, _, rest = alles.partition(b"\r\n\r\n")
    return [kop + b"\r\n\r\n", rest]


def in_two(alles: bytes) -> list[bytes]:
    return [alles[:100_000], alles[100_000:]]


@pytest.mark.parametrize("verdeel", [at_once, head_apart, in_two])
@pytest.mark.parametrize("in_stukken", [False, True], ids=["met lengte", "in stukken"])
def test_large_body_behind_a_small_head_is_taken_however_it_comes_in(
    verdeel: Callable[[bytes], list[bytes]], in_stukken: bool
) -> None:
    lijn = feed(*verdeel(post(BODY, in_stukken=in_stukken)))

    assert b"<200000>" in lijn.terug
    assert not lijn.is_dicht, "the connection is good for another request"


def test_request_after_a_large_body_is_answered_on_the_same_connection() -> None:
    lijn = feed(post(BODY), KLEIN, post(BODY), antwoorden=3)

    assert (lijn.terug.count(b"<200000>"), lijn.terug.count(b"<0>")) == (2, 1)
    assert not lijn.is_dicht


def test_request_that_comes_in_one_read_with_the_body_before_it_is_answered() -> None:
    lijn = feed(post(BODY) + KLEIN, antwoorden=2)

    assert (lijn.terug.count(b"<200000>"), lijn.terug.count(b"<0>")) == (1, 1)
    assert not lijn.is_dicht


@pytest.mark.parametrize("eerst", [b"", KLEIN, post(BODY)], ids=["nieuw", "na GET", "na POST"])
def test_head_without_end_is_refused_also_after_a_good_request(eerst: bytes) -> None:
    stuk = b"a" * 8_192
    keren = KOP_BYTES // len(stuk) + 1
    lijn = feed(eerst + b"GET / HTTP/1.1\r\nX-A: ", *[stuk] * keren, antwoorden=9)

    assert b"400 Bad Request" in lijn.terug
    assert lijn.terug.endswith(b"Too large.")
    assert lijn.is_dicht


def test_head_that_is_too_large_in_one_read_is_refused() -> None:
    lijn = feed(b"GET / HTTP/1.1\r\nX-A: " + b"a" * KOP_BYTES + b"\r\n\r\n")

    assert b"400 Bad Request" in lijn.terug
    assert lijn.is_dicht
