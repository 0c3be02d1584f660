"""Releases are switched under a server that is being asked: nothing fails, nothing is mixed."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from serving.release.schrijver import write_release
from serving.release.wijzer import activate
from tests.unit.serving.voorbeeld_release import INHOUD, RUN, build_tables, rename_object

WORTEL = Path(__file__).parents[2]
AANTAL_RELEASES = 40
AANTAL_VRAGERS = 4
ADRESSEN = (
    "/v1/complexen/C001",
    "/v1/complexen?zoek=naam",
    "/v1/complexen/C001/sociaal-beheer-labels",
    "/v1/releases/actueel",
    "/v1/gezondheid",
)
SERVER = """
import socket, sys, uvicorn
from pathlib import Path
from serving.api.toegang import DezeMachine
from serving.app import create_app
luisteraar = socket.create_server(("127.0.0.1", 0))
print(luisteraar.getsockname()[1], flush=True)
app = create_app(Path(sys.argv[1]), toegang=DezeMachine())
server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
server.run(sockets=[luisteraar])
"""


@pytest.fixture(scope="module")
def releases_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wissel") / "releases"


@pytest.fixture(scope="module")
def releases(releases_map: Path) -> list[str]:
    """Ids of releases in which complex C001 is called Naam 0, Naam 1, ...; none is published."""
    tabellen = build_tables()
    ids = []
    for nummer in range(AANTAL_RELEASES):
        inhoud = {**INHOUD, "organisatie": f"Naam {nummer}"}
        hernoemd = rename_object(tabellen, "C001", f"Naam {nummer}")
        ids.append(write_release(hernoemd, inhoud, RUN, releases_map).name)
    return ids


@pytest.fixture(scope="module")
def poort(releases_map: Path, releases: list[str]) -> Iterator[int]:
    """Port of a server process that was started before anything was published."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(releases_map)],
        cwd=WORTEL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@dataclass
class Vrager:
    """Asks one address after another and notes what does not fit."""

    poort: int
    nummers: dict[str, int]
    gezien: list[int] = field(default_factory=list)
    fouten: list[str] = field(default_factory=list)

    def ask(self, adres: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        verbinding = self.__dict__.setdefault(
            "_verbinding", http.client.HTTPConnection("127.0.0.1", self.poort, timeout=30)
        )
        verbinding.request("GET", adres)
        antwoord = verbinding.getresponse()
        return antwoord.status, antwoord.headers, antwoord.read()

    def close(self) -> None:
        self.__dict__.pop("_verbinding").close()

    def ask_until(self, klaar: threading.Event) -> None:
        try:
            while not klaar.is_set():
                for adres in ADRESSEN:
                    self.check(adres, *self.ask(adres))
        except Exception as fout:
            self.fouten.append(repr(fout))
        finally:
            self.close()

    def check(self, adres: str, status: int, koppen: http.client.HTTPMessage, body: bytes) -> None:
        if status != 200:
            self.fouten.append(f"{adres}: {status} {body!r}")
            return
        inhoud = json.loads(body)
        release_id = inhoud["release"]["id"] if "release" in inhoud else inhoud["id"]
        nummer = self.nummers[release_id]
        etag = koppen.get("ETag", release_id)
        if release_id not in etag:
            self.fouten.append(f"{adres}: release {release_id} onder {etag}")
        naam = find_naam(adres, inhoud)
        if naam not in {None, f"Naam {nummer}"}:
            self.fouten.append(f"{adres}: {naam} in release {nummer}")
        if self.gezien and nummer < self.gezien[-1]:
            self.fouten.append(f"{adres}: terug van {self.gezien[-1]} naar {nummer}")
        self.gezien.append(nummer)


def find_naam(adres: str, inhoud: dict[str, Any]) -> str | None:
    if adres.endswith("zoek=naam"):
        return str(inhoud["resultaten"][0]["naam"])
    naam = inhoud.get("organisatie", inhoud.get("naam"))
    return None if naam is None else str(naam)


def test_no_request_fails_and_no_answer_mixes_two_releases(
    releases_map: Path, releases: list[str], poort: int
) -> None:
    nummers = {release_id: nummer for nummer, release_id in enumerate(releases)}
    kijker = Vrager(poort, nummers)
    assert kijker.ask("/v1/gezondheid")[0] == 503
    activate(releases_map, releases[0])
    klaar = threading.Event()
    vragers = [Vrager(poort, nummers) for _ in range(AANTAL_VRAGERS)]
    draden = [threading.Thread(target=vrager.ask_until, args=(klaar,)) for vrager in vragers]
    for draad in draden:
        draad.start()
    try:
        for nummer, release_id in enumerate(releases):
            activate(releases_map, release_id)
            # The very next request is answered from the new release, wherever it comes in.
            for adres in ADRESSEN:
                kijker.check(adres, *kijker.ask(adres))
                assert kijker.gezien[-1] == nummer
    finally:
        klaar.set()
        for draad in draden:
            draad.join()
        kijker.close()

    assert [fout for vrager in (kijker, *vragers) for fout in vrager.fouten] == []
    assert min(len(vrager.gezien) for vrager in vragers) > AANTAL_RELEASES
    assert min(len(set(vrager.gezien)) for vrager in vragers) > AANTAL_RELEASES // 4


def test_head_over_a_real_connection_has_the_length_and_no_body(
    releases_map: Path, releases: list[str], poort: int
) -> None:
    activate(releases_map, releases[0])
    for adres in ("/v1/complexen/C001", "/v1/complexen", "/"):
        verbinding = http.client.HTTPConnection("127.0.0.1", poort, timeout=30)
        verbinding.request("HEAD", adres)
        antwoord = verbinding.getresponse()
        assert (antwoord.status, antwoord.read()) == (200, b"")
        assert int(antwoord.headers["Content-Length"]) > 100
        # The connection is still good, so nothing of a body was sent after the headers.
        verbinding.request("GET", "/v1/gezondheid")
        assert json.loads(verbinding.getresponse().read())["release"]["id"] == releases[0]
        verbinding.close()
