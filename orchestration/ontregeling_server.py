"""A PostgreSQL server of our own, for trials that take it away.

Belongs here: making, starting, stopping. It listens on a socket in its own folder and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from vera.errors import GebruikFout


class Server:
    """A server that runs; ``stop`` takes it away as a crash would.

    Parameters
    ----------
    bin_map
        Folder of its programs.
    map_
        Folder of its data and socket.
    """

    def __init__(self, bin_map: Path, map_: Path) -> None:
        self._bin, self._map = bin_map, map_
        self._nummers = count(1)
        self.start()

    def start(self) -> None:
        """Start, or do nothing when it runs."""
        opties = f"-c listen_addresses='' -c unix_socket_directories={self._map} -c fsync=off"
        if not (self._map / "data" / "postmaster.pid").exists():
            self._call("pg_ctl", *self._basis, "-l", str(self._map / "log"), "-o", opties, "start")

    def stop(self) -> None:
        """Let every process of it die at once, without a checkpoint."""
        self._call("pg_ctl", *self._basis, "-m", "immediate", "stop")

    def make_database(self, naam: str) -> str:
        """Make an empty database and return its URL."""
        naam = f"{naam}_{next(self._nummers)}"
        motor = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with motor.connect() as verbinding:
            verbinding.execute(text(f"create database {naam}"))
        motor.dispose()
        return self._url(naam)

    @property
    def _basis(self) -> tuple[str, ...]:
        return ("-D", str(self._map / "data"), "-w")

    def _url(self, naam: str) -> str:
        return f"postgresql+psycopg://postgres@/{naam}?host={self._map}"

    def _call(self, programma: str, *argumenten: str) -> None:
        call_as_server([str(self._bin / programma), *argumenten])


def call_as_server(opdracht: list[str]) -> None:
    """Run a program of the server, which refuses to be root."""
    if os.geteuid() == 0:
        opdracht = ["runuser", "-u", "postgres", "--", *opdracht]
    uitkomst = subprocess.run(  # noqa: S603 - programs of the server
        opdracht, capture_output=True, text=True, timeout=120, check=False, cwd="/"
    )
    if uitkomst.returncode:
        raise GebruikFout(
            f"De databaseserver van de proef doet het niet: {uitkomst.stderr[-500:]}",
            verwacht="PostgreSQL met initdb en pg_ctl, en als root een gebruiker postgres",
            remedie="installeer PostgreSQL, of laat soort `database` weg met --soort",
        )


def find_bin() -> Path | None:
    """Return the folder of the server's programs; None when it is not installed."""
    gevonden = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    los = shutil.which("initdb")
    if gevonden:
        return gevonden[-1].parent
    return Path(los).resolve().parent if los else None


@contextmanager
def open_server() -> Iterator[Server | None]:
    """Give a new server, which goes afterwards; None when PostgreSQL is not installed."""
    bin_map = find_bin()
    if bin_map is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="ontregel-") as naam:
        map_ = Path(naam)
        if os.geteuid() == 0:
            shutil.chown(map_, "postgres", "postgres")
        call_as_server(
            [str(bin_map / "initdb"), "-D", str(map_ / "data"), "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--locale=C", "--no-sync"]
        )  # fmt: skip
        server = Server(bin_map, map_)
        try:
            yield server
        finally:
            server.stop()
