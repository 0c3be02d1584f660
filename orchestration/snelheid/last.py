"""Load on one server: starting it on its own core, asking it with wrk, counting what came back."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vera.errors import GebruikFout

SCRIPT: Final = Path(__file__).with_name("vraag.lua")
VERBINDINGEN: Final = 16
_START_SECONDEN: Final = 60.0
PYTHON: Final = sys.executable


@dataclass(frozen=True)
class Vraag:
    """What is asked of a server, over and over.

    Parameters
    ----------
    adressen
        File with an address a line.
    sleutel
        Key of who asks; None = nobody.
    etag
        What ``If-None-Match`` holds; None = nothing.
    inhoud
        File with a body a line, to POST; None = GET.
    """

    adressen: Path
    sleutel: str | None = None
    etag: str | None = None
    inhoud: Path | None = None

    def describe(self) -> dict[str, str]:
        """Return the environment that the script for wrk reads."""
        delen = {
            "ADRESSEN": str(self.adressen),
            "SLEUTEL": self.sleutel,
            "ETAG": self.etag,
            "INHOUD": None if self.inhoud is None else str(self.inhoud),
        }
        return {naam: waarde for naam, waarde in delen.items() if waarde is not None}


@dataclass(frozen=True)
class Uitslag:
    """One measurement.

    Parameters
    ----------
    per_seconde
        Answers per second.
    p50, p99
        Milliseconds.
    rekentijd
        Microseconds of processor time of the server for an answer: hardly moves with what else
        runs on the machine.
    fout
        Answers that were no good, and connections that broke.
    """

    per_seconde: float
    p50: float
    p99: float
    rekentijd: float
    fout: int


@dataclass
class Server:
    """A process that serves; ``pids`` are its own and those of its workers."""

    proces: subprocess.Popen[bytes]
    poort: int
    secondes_tot_antwoord: float
    _basis: list[int] = field(default_factory=list)

    @property
    def pids(self) -> list[int]:
        """The process and everything that it started."""
        klaar, te_doen = [], [self.proces.pid]
        while te_doen:
            pid = te_doen.pop()
            klaar.append(pid)
            for kinderen in Path(f"/proc/{pid}/task").glob("*/children"):
                te_doen += [int(kind) for kind in kinderen.read_text().split()]
        return klaar

    def read_ticks(self) -> int:
        """Return the processor time so far, in clock ticks."""
        return sum(_read_ticks(pid) for pid in self.pids)

    def read_rss(self) -> int:
        """Return the resident memory of the largest process, in bytes."""
        return max(_read_rss(pid) for pid in self.pids)


def choose_kernen() -> tuple[int, int]:
    """Return the core for the server and the core for the load."""
    kernen = sorted(os.sched_getaffinity(0))
    return kernen[0], kernen[-1]


def find_wrk() -> str:
    """Return where wrk is.

    Raises
    ------
    GebruikFout
        When it is not there.
    """
    gevonden = shutil.which("wrk")
    if gevonden is None:
        raise GebruikFout(
            "Om de dienst te meten is wrk nodig.",
            verwacht="het programma wrk in het pad",
            remedie="op Debian en Ubuntu: `apt-get install wrk`",
        )
    return gevonden


def find_poort() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as luisteraar:
        poort: int = luisteraar.getsockname()[1]
        return poort


@contextmanager
def serve(
    opdracht: Sequence[str],
    poort: int,
    kern: int,
    adres: str,
    koppen: Mapping[str, str],
    logboek: Path,
    omgeving: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server on one core, from its first good answer to ``adres`` until the end.

    Parameters
    ----------
    opdracht
        The command.
    poort
        Where it will listen.
    kern
        The core.
    adres
        Path that answers 200 when it serves.
    koppen
        Headers of that request.
    logboek
        File that takes what it prints.
    omgeving
        Settings for it, on top of this process's.
    """
    begin = time.monotonic()
    with logboek.open("wb") as uit:
        proces = subprocess.Popen(  # noqa: S603 - our own interpreter
            opdracht,
            stdout=uit,
            stderr=uit,
            env={**os.environ, **(omgeving or {})},
            preexec_fn=lambda: os.sched_setaffinity(0, {kern}),  # noqa: PLW1509 - no threads here
        )
    try:
        _wait(proces, poort, adres, koppen, begin, logboek)
        yield Server(proces, poort, time.monotonic() - begin)
    finally:
        proces.terminate()
        try:
            proces.wait(timeout=30)
        except subprocess.TimeoutExpired:
            proces.kill()
            proces.wait()


def _wait(
    proces: subprocess.Popen[bytes],
    poort: int,
    adres: str,
    koppen: Mapping[str, str],
    begin: float,
    logboek: Path,
) -> None:
    while time.monotonic() - begin < _START_SECONDEN and proces.poll() is None:
        if fetch(poort, adres, koppen)[0] == 200:
            return
        time.sleep(0.02)
    raise RuntimeError(f"no server after {_START_SECONDEN} s: {logboek.read_text()[-2000:]}")


def fetch(
    poort: int, adres: str, koppen: Mapping[str, str], inhoud: bytes | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """Return status (0 when nothing answers), headers and body of one request."""
    verzoek = urllib.request.Request(
        f"http://127.0.0.1:{poort}{adres}", data=inhoud, headers=dict(koppen)
    )
    try:
        with urllib.request.urlopen(verzoek, timeout=30) as antwoord:  # noqa: S310
            return antwoord.status, antwoord.headers, antwoord.read()
    except urllib.error.HTTPError as fout:
        return fout.code, dict(fout.headers), b""
    except OSError:
        return 0, {}, b""


def put_load(
    server: Server, vraag: Vraag, kern: int, seconden: int, verbindingen: int = VERBINDINGEN
) -> Uitslag:
    """Ask a server as fast as it answers, from another core.

    Parameters
    ----------
    server
        The server.
    vraag
        What is asked.
    kern
        The core of the load.
    seconden
        How long.
    verbindingen
        How many connections ask at once.
    """
    omgeving = {naam: os.environ[naam] for naam in ("PATH", "HOME") if naam in os.environ}
    voor = server.read_ticks()
    uit = subprocess.run(  # noqa: S603
        [
            find_wrk(),
            "-t1",
            f"-c{verbindingen}",
            f"-d{seconden}s",
            "-s",
            str(SCRIPT),
            f"http://127.0.0.1:{server.poort}",
        ],
        env={**omgeving, **vraag.describe()},
        preexec_fn=lambda: os.sched_setaffinity(0, {kern}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    ticks = server.read_ticks() - voor
    ruw = json.loads(uit.partition("UITSLAG ")[2])
    return Uitslag(
        per_seconde=ruw["verzoeken"] / ruw["microseconden"] * 1e6,
        p50=ruw["p50"] / 1000,
        p99=ruw["p99"] / 1000,
        rekentijd=ticks / os.sysconf("SC_CLK_TCK") / max(ruw["verzoeken"], 1) * 1e6,
        fout=ruw["status"] + ruw["verbinding"],
    )


def _read_ticks(pid: int) -> int:
    velden = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(velden[11]) + int(velden[12])


def _read_rss(pid: int) -> int:
    for regel in Path(f"/proc/{pid}/status").read_text().splitlines():
        if regel.startswith("VmRSS:"):
            return int(regel.split()[1]) * 1024
    return 0
