"""Several workers under load: releases are switched, workers are killed, the service is stopped.

Every answer must be, to the byte, what exactly one release answers, under that release's ETag.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestration.snelheid.last import find_poort
from orchestration.snelheid.vulling import name_complex, write_vulling
from serving.dienst.draaien import STARTUP_FAILURE
from serving.leeslog.keten import Keten
from serving.opslag import url_of_file
from serving.release.wijzer import activate
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from tests.integration import lastvrager

WORTEL = Path(__file__).parents[2]
COMPLEXEN = 60
WERKERS = 2
ADRESSEN = (
    *(f"/v1/complexen/{name_complex(k)}" for k in range(COMPLEXEN)),
    "/v1/buurten/BU000001",
    "/v1/wijken/WK000000",
    "/v1/complexen?pagina=2",
    f"/v1/complexen/{name_complex(1)}/sociaal-beheer-labels",
    "/v1/releases/actueel",
)


@dataclass
class Wereld:
    """A data folder with three releases and the key of a reader."""

    data: Path
    releases: list[str]
    sleutel: str
    verwacht: dict[str, dict[str, str]]

    def activate(self, plaats: int) -> None:
        activate(self.data / "releases", self.releases[plaats % len(self.releases)])


@pytest.fixture(scope="module")
def wereld(tmp_path_factory: pytest.TempPathFactory) -> Wereld:
    data = tmp_path_factory.mktemp("last")
    releases = [
        write_vulling(data / "releases", COMPLEXEN, seed=seed, naam=naam).name
        for seed, naam in enumerate("ABC")
    ]
    register = Toegangsregister(url_of_file(data / "toegang.sqlite"))
    _, sleutel = register.issue(
        load_geheim(data / "sleutels"), "last", ["lezer"], organisatie="t", door="t", dagen=1
    )
    register.close()
    gemaakt = Wereld(data, releases, sleutel, {adres: {} for adres in ADRESSEN})
    activate(data / "releases", releases[0])
    with run_dienst(data, werkers=1) as (poort, _):
        for plaats in range(len(releases)):
            gemaakt.activate(plaats)
            for adres in ADRESSEN:
                status, koppen, body = get(poort, adres, sleutel)
                assert status == 200, adres
                gemaakt.verwacht[adres][koppen["etag"]] = body.decode()
    assert all(len(antwoorden) == len(releases) for antwoorden in gemaakt.verwacht.values())
    return gemaakt


def get(poort: int, adres: str, sleutel: str) -> tuple[int, dict[str, str], bytes]:
    verbinding = http.client.HTTPConnection("127.0.0.1", poort, timeout=60)
    verbinding.request("GET", adres, headers={"Authorization": f"Bearer {sleutel}"})
    antwoord = verbinding.getresponse()
    koppen = {naam.lower(): waarde for naam, waarde in antwoord.getheaders()}
    inhoud = antwoord.read()
    verbinding.close()
    return antwoord.status, koppen, inhoud


@contextmanager
def run_dienst(data: Path, werkers: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    poort = find_poort()
    opdracht = [str(Path(sys.executable).with_name("buurtpeil")), "serve", "--data", str(data)]
    proces = subprocess.Popen(
        [*opdracht, "--port", str(poort), "--workers", str(werkers)],
        cwd=WORTEL,
        env={**os.environ, "BUURTPEIL_GRENS_PROGRAMMA": "0"},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_ready(poort) and len(list_werkers(proces, werkers)) == werkers)
        yield poort, proces
    finally:
        proces.terminate()
        try:
            proces.wait(timeout=60)
        except subprocess.TimeoutExpired:
            for pid in list_werkers(proces, werkers):
                os.kill(pid, signal.SIGKILL)
            proces.kill()


def is_ready(poort: int) -> bool:
    try:
        return get(poort, "/gezondheid/klaar", "geen")[0] == 200
    except OSError:
        return False


def wait_until(waar: Any, seconden: float = 90.0) -> None:
    eind = time.monotonic() + seconden
    while not waar():
        assert time.monotonic() < eind, "took too long"
        threading.Event().wait(0.05)


def list_werkers(proces: subprocess.Popen[bytes], werkers: int) -> list[int]:
    """Return the processes that answer; with one worker that is the process itself."""
    if werkers == 1:
        return [proces.pid]
    kinderen = Path(f"/proc/{proces.pid}/task/{proces.pid}/children").read_text().split()
    opdrachten = {pid: Path(f"/proc/{pid}/cmdline") for pid in kinderen}
    return [
        int(pid)
        for pid, pad in opdrachten.items()
        if pad.exists() and b"spawn_main" in pad.read_bytes()
    ]


def list_poorten(pid: int, poort: int) -> set[int]:
    """Return the ports of the clients that a process has a connection with."""
    eigen = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        doel = str(fd.readlink())
        if doel.startswith("socket:["):
            eigen.add(doel[8:-1])
    gevonden = set()
    for regel in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        velden = regel.split()
        if velden[9] in eigen and int(velden[1].split(":")[1], 16) == poort:
            gevonden.add(int(velden[2].split(":")[1], 16))
    return gevonden


def kill_werker(proces: subprocess.Popen[bytes], poort: int) -> set[int]:
    """Kill a worker; return the ports of the clients it was talking to."""
    pid = list_werkers(proces, WERKERS)[0]
    # It takes no new connection between looking and killing.
    os.kill(pid, signal.SIGSTOP)
    poorten = list_poorten(pid, poort)
    os.kill(pid, signal.SIGKILL)
    return poorten


@contextmanager
def ask(wereld: Wereld, poort: int, pad: Path) -> Iterator[dict[str, Any]]:
    """Load from a process of its own, until the end of the block; then its counts are there."""
    opdracht = pad / "opdracht.json"
    opdracht.write_text(
        json.dumps({"poort": poort, "sleutel": wereld.sleutel, "verwacht": wereld.verwacht}),
        encoding="utf-8",
    )
    uitslag: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, lastvrager.__file__, str(opdracht)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as vrager:
        yield uitslag
        uitslag |= json.loads(vrager.communicate(timeout=60)[0])


def put_under_load(wereld: Wereld, pad: Path, seconden: int, kill_op: set[int]) -> None:
    gedood: set[int] = set()
    wereld.activate(0)
    with run_dienst(wereld.data, WERKERS) as (poort, proces):
        voor = set(list_werkers(proces, WERKERS))
        with ask(wereld, poort, pad) as uitslag:
            for seconde in range(seconden):
                threading.Event().wait(1.0)
                wereld.activate(seconde + 1)
                if seconde in kill_op:
                    gedood |= kill_werker(proces, poort)
        wait_until(lambda: len(list_werkers(proces, WERKERS)) == WERKERS)
        na = set(list_werkers(proces, WERKERS))

    assert uitslag["fout"] == []
    assert set(uitslag["afgebroken"]) | set(uitslag["half"]) <= gedood
    assert set(uitslag["gezien"]) == set(wereld.verwacht["/v1/releases/actueel"])
    assert uitslag["status"]["200"] > 100 * seconden / 5
    assert uitslag["status"]["304"] > 10
    assert gedood, "the killed worker answered nobody"
    assert na != voor
    keuring = Keten(wereld.data / "leeslog", wereld.data / "sleutels").check()
    assert keuring.problemen == ()


def test_a_switch_every_second_and_a_killed_worker_give_no_wrong_answer(
    wereld: Wereld, tmp_path: Path
) -> None:
    put_under_load(wereld, tmp_path, seconden=8, kill_op={3})


@pytest.mark.nacht
def test_a_minute_of_switches_and_killed_workers_gives_no_wrong_answer(
    wereld: Wereld, tmp_path: Path
) -> None:
    put_under_load(wereld, tmp_path, seconden=60, kill_op={10, 25, 40, 50})


def test_stop_under_load_finishes_what_it_began_and_writes_every_read(
    wereld: Wereld, tmp_path: Path
) -> None:
    def count() -> int:
        log = Keten(wereld.data / "leeslog", wereld.data / "sleutels").read()
        return sum(regel["wat"] == "/v1/complexen/{complexId}" for regel in log)

    voor = count()
    with (
        run_dienst(wereld.data, WERKERS) as (poort, proces),
        ask(wereld, poort, tmp_path) as uitslag,
    ):
        threading.Event().wait(2.0)
        proces.send_signal(signal.SIGTERM)
        assert proces.wait(timeout=60) == 0
    assert uitslag["fout"] in ([], ["no connection"] * len(uitslag["fout"]))
    assert uitslag["half"] == []
    assert uitslag["opgezocht"] > 100
    assert count() - voor >= uitslag["opgezocht"]


def test_workers_that_cannot_start_are_not_started_over_and_over(tmp_path: Path) -> None:
    opdracht = [str(Path(sys.executable).with_name("buurtpeil")), "serve", "--data", str(tmp_path)]
    uitkomst = subprocess.run(
        [*opdracht, "--port", str(find_poort()), "--workers", "2"],
        cwd=WORTEL,
        env={**os.environ, "BUURTPEIL_VERZOEKLOG": "veel"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert uitkomst.returncode == STARTUP_FAILURE
    assert "BUURTPEIL_VERZOEKLOG" in uitkomst.stderr
    assert "Traceback" not in uitkomst.stderr
