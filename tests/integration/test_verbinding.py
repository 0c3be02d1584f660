"""Connections of the running service: heads that do not come, are too large, or bodies that drip.

The waits are shortened to fractions of a second; nothing here waits for a clock of its own, each
test reads until the service closes the connection.
"""

from __future__ import annotations

import gc
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from serving import verbinding
from serving.api.omvang import Omvang
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from serving.verbinding import KOP_BYTES, Verbinding, make_config
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app

KORT = 0.3
GEHEIM = b"g" * 32
GEDULD = 20.0
"""Seconds after which a connection that stays open is a failure."""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toegangsregister]:
    register = Toegangsregister(url_of_file(tmp_path_factory.mktemp("toegang") / "toegang.sqlite"))
    yield register
    register.close()


@pytest.fixture(scope="module")
def sleutel(register: Toegangsregister) -> str:
    wie = dict.fromkeys(("naam", "organisatie", "door"), "test")
    return register.issue(GEHEIM, rollen=["lezer"], dagen=2, **wie)[1]


@pytest.fixture(scope="module")
def poort(tmp_path_factory: pytest.TempPathFactory, register: Toegangsregister) -> Iterator[int]:
    map_ = tmp_path_factory.mktemp("verbinding")
    publish_example(map_ / "releases")
    app = make_app(map_ / "releases", kast=Sleutelkast(register, lambda: GEHEIM))
    stap = app
    while not isinstance(stap, Omvang):
        stap = stap._app  # type: ignore[attr-defined]
    stap._seconden = KORT
    deur = socket.create_server(("127.0.0.1", 0))
    with pytest.MonkeyPatch.context() as tijdelijk, deur:
        tijdelijk.setattr(verbinding, "KOP_SECONDEN", KORT)
        server = uvicorn.Server(make_config(app, log_level="critical", timeout_keep_alive=60))
        draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
        draad.start()
        yield deur.getsockname()[1]
        server.should_exit = True
        draad.join(timeout=20)


@pytest.fixture
def bel(poort: int) -> Iterator[Callable[[], socket.socket]]:
    open_: list[socket.socket] = []

    def call() -> socket.socket:
        lijn = socket.create_connection(("127.0.0.1", poort), timeout=GEDULD)
        open_.append(lijn)
        return lijn

    yield call
    for lijn in open_:
        lijn.close()


def read_all(lijn: socket.socket) -> bytes:
    """Return everything until the other side closes."""
    delen = b""
    while True:
        try:
            deel = lijn.recv(65_536)
        except ConnectionResetError:
            return delen
        if not deel:
            return delen
        delen += deel


def drip(lijn: socket.socket, stuk: bytes) -> None:
    """Send a piece again and again until the other side is gone."""
    tot = time.monotonic() + GEDULD
    lijn.settimeout(0.02)
    while time.monotonic() < tot:
        try:
            lijn.sendall(stuk)
            if lijn.recv(65_536) == b"":
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("the connection stayed open")


GOED = b"GET /v1/gezondheid HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize("begin", [b"", b"\r\n", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_head_that_does_not_come_closes_the_connection(
    bel: Callable[[], socket.socket], begin: bytes
) -> None:
    lijn = bel()
    lijn.sendall(begin)

    assert read_all(lijn) == b""


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
def test_head_that_drips_in_is_cut_off_however_lively(
    bel: Callable[[], socket.socket], begin: bytes
) -> None:
    lijn = bel()
    lijn.sendall(begin)

    drip(lijn, b"a" if begin else b"\r\n")


@pytest.mark.parametrize("na", [b"\r\n", b"x"])
def test_what_drips_in_after_an_answer_is_cut_off_too(
    bel: Callable[[], socket.socket], na: bytes
) -> None:
    lijn = bel()
    lijn.sendall(GOED)
    assert lijn.recv(65_536).startswith(b"HTTP/1.1 200")

    drip(lijn, na)


def test_body_that_nobody_reads_is_cut_off_when_it_drips_in(
    bel: Callable[[], socket.socket],
) -> None:
    lijn = bel()
    lijn.sendall(
        b"POST /v1/sociale-signalen HTTP/1.1\r\nHost: elders\r\nContent-Type: text/plain\r\n"
        b"Content-Length: 60000\r\n\r\n"
    )

    drip(lijn, b"x")


def test_body_that_drips_in_gets_408_and_the_connection_closes(
    bel: Callable[[], socket.socket],
) -> None:
    lijn = bel()
    lijn.sendall(
        b"POST /aanmelden HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: 100\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nbewijs="
    )

    antwoord = read_all(lijn)

    assert antwoord.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "stukken",
    [
        [b"GET / HTTP/1.1\r\nX: " + b"a" * (KOP_BYTES + 10) + b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"X: " + b"a" * 1_000 + b"\r\n"] * 40],
        [b"GET /" + b"a" * (KOP_BYTES + 10)],
        [b"GET / HTTP/1.1\r\nX: ", *[b"a" * 1_000] * 40],
    ],
    ids=["one read", "many headers", "address", "one header in parts"],
)
def test_head_that_is_too_large_is_refused(
    bel: Callable[[], socket.socket], stukken: list[bytes]
) -> None:
    lijn = bel()
    try:
        for stuk in stukken:
            lijn.sendall(stuk)
    except OSError:
        pass  # it was refused before all of it was sent

    antwoord = read_all(lijn)

    assert antwoord == b"" or antwoord.startswith(b"HTTP/1.1 400")


def test_ordinary_requests_come_through_one_after_another_and_in_pieces(
    bel: Callable[[], socket.socket],
) -> None:
    lijn = bel()
    for _ in range(3):
        for plek in range(0, len(GOED), 7):
            lijn.sendall(GOED[plek : plek + 7])
        assert lijn.recv(65_536).startswith(b"HTTP/1.1 200")
    groot = GOED.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
    lijn.sendall(groot)
    assert lijn.recv(65_536).startswith(b"HTTP/1.1 200")
    lijn.sendall(GOED + GOED)
    antwoord = b""
    while antwoord.count(b"HTTP/1.1 200") < 2:
        antwoord += lijn.recv(65_536)


def test_large_body_that_is_sent_at_once_reaches_the_application(
    bel: Callable[[], socket.socket],
) -> None:
    lijn = bel()
    inhoud = b"bewijs=" + b"x" * 60_000
    for _ in range(3):
        lijn.sendall(
            b"POST /aanmelden HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: %d\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n%s" % (len(inhoud), inhoud)
        )
        antwoord = lijn.recv(65_536)
        # A form that is not from a page of ours: the application says so, not the connection.
        assert b"content-type: text/html" in antwoord.lower()
        assert b"Too large." not in antwoord
        lengte = int(antwoord.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        over = lengte - len(antwoord.partition(b"\r\n\r\n")[2])
        while over > 0:
            over -= len(lijn.recv(65_536))


@pytest.mark.parametrize(
    "kop",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: -1",
        b"Transfer-Encoding: identity, chunked, x",
        b"X-A : b",
        b"X-A: b\x00c",
        b"X-A\r\n b: c",
    ],
)
def test_head_that_two_readers_could_read_otherwise_is_refused(
    bel: Callable[[], socket.socket], kop: bytes
) -> None:
    """Or a proxy and the service would disagree on where a request ends (smuggling)."""
    lijn = bel()
    lijn.sendall(
        b"POST /aanmelden HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n" + kop + b"\r\n\r\n0\r\n\r\n"
    )

    assert read_all(lijn).startswith(b"HTTP/1.1 400")


def test_service_tells_no_proxy_how_to_be_believed() -> None:
    config = make_config(make_app(Path("nergens")))

    assert config.proxy_headers is False
    assert config.http is Verbinding
    assert config.limit_concurrency is not None
    assert config.server_header is False


def ask(lijn: socket.socket, vraag: bytes) -> bytes:
    """Return the answer to one question, all of it."""
    lijn.sendall(vraag)
    antwoord = b""
    while b"\r\n\r\n" not in antwoord:
        antwoord += lijn.recv(65_536)
    kop, _, inhoud = antwoord.partition(b"\r\n\r\n")
    lengte = re.search(rb"content-length: (\d+)", kop)
    over = 0 if lengte is None or vraag.startswith(b"HEAD") else int(lengte[1]) - len(inhoud)
    while over > 0:
        deel = lijn.recv(over)
        antwoord += deel
        over -= len(deel)
    return antwoord


def ask_all(lijn: socket.socket, sleutel: str, etag: bytes, *, ineens: bool = False) -> list[bytes]:
    """Ask what the quick path answers, in several ways; return the answers without the date."""
    vast = f"Host: 127.0.0.1\r\nAuthorization: Bearer {sleutel}\r\n".encode()
    bekend = b"If-None-Match: " + etag + b"\r\n"
    vragen = [
        b"GET /v1/complexen/C001 HTTP/1.1\r\n" + vast,
        b"HEAD /v1/complexen/C001 HTTP/1.1\r\n" + vast,
        b"GET /v1/buurten/BU03 HTTP/1.1\r\n" + vast + bekend,
        b"HEAD /v1/buurten/BU03 HTTP/1.1\r\n" + vast + bekend,
        b"GET /v1/complexen/C999 HTTP/1.1\r\n" + vast,
        b"GET /v1/complexen/C001 HTTP/1.1\r\nExpect: 100-continue\r\n" + vast,
        b"GET /v1/complexen/C001 HTTP/1.1\r\n" + vast + b"Connection: close\r\n",
    ]
    if ineens:  # each answer must wait for the one before it
        lijn.sendall(b"".join(vraag + b"\r\n" for vraag in vragen))
        ruw = read_all(lijn)
    else:
        ruw = b"".join(ask(lijn, vraag + b"\r\n") for vraag in vragen)
    return re.split(rb"(?=HTTP/1\.1 )", re.sub(rb"\r\ndate: [^\r]*", b"", ruw))[1:]


def test_answer_written_whole_is_to_the_byte_what_uvicorn_writes(
    bel: Callable[[], socket.socket], sleutel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = re.findall(rb"etag: ([^\r]*)", ask_all(bel(), sleutel, b'"x"')[0])[0]
    geteld: list[bool] = []
    echt = Verbinding._write_ready

    def count(*wat: Any) -> bool:
        geteld.append(echt(*wat))
        return geteld[-1]

    monkeypatch.setattr(Verbinding, "_write_ready", count)
    snel = ask_all(bel(), sleutel, etag)
    # The last one says that the connection ends: that goes the usual way.
    assert geteld == [True] * 5 + [False]
    achtereen = ask_all(bel(), sleutel, etag, ineens=True)
    assert not all(geteld[6:])
    monkeypatch.setattr(Verbinding, "_write_ready", lambda *_: False)
    gewoon = ask_all(bel(), sleutel, etag, ineens=True)

    assert snel == achtereen == gewoon
    assert [antwoord[9:12] for antwoord in snel] == [
        b"200", b"200", b"304", b"304", b"404", b"200", b"200",
    ]  # fmt: skip


def test_answering_leaves_nothing_to_the_garbage_collector(
    bel: Callable[[], socket.socket], sleutel: str
) -> None:
    """A ring of objects per look-up would make it stop the service, for long, often."""
    vraag = f"GET /v1/complexen/C001 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sleutel}\r\n\r\n"
    lijn = bel()
    ask(lijn, vraag.encode())
    gc.collect()
    gc.disable()
    try:
        for _ in range(200):
            ask(lijn, vraag.encode())
        # What a timer, the read log or another test of this process leaves is a handful.
        assert gc.collect() < 200
    finally:
        gc.enable()
