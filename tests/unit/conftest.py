"""A store of ours on both engines; PostgreSQL is a real server, started once for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from serving.opslag import url_of_file


def _find_bin() -> Path | None:
    gevonden = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    los = shutil.which("initdb")
    if gevonden:
        return gevonden[-1].parent
    return Path(los).resolve().parent if los else None


def _as_server(opdracht: list[str]) -> None:
    """Run a program of the server; it refuses to be root."""
    if os.geteuid() == 0:
        opdracht = ["runuser", "-u", "postgres", "--", *opdracht]
    uitkomst = subprocess.run(
        opdracht, capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    assert uitkomst.returncode == 0, uitkomst.stdout + uitkomst.stderr


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server of our own; it listens on a socket in its own folder, and nowhere else."""
    bin_map = _find_bin()
    if bin_map is None:
        pytest.skip("zonder PostgreSQL (initdb)")
    # Not in pytest's own folder: the server's user may not enter there.
    with tempfile.TemporaryDirectory(prefix="besluiten-") as naam:
        map_ = Path(naam)
        if os.geteuid() == 0:
            shutil.chown(map_, "postgres", "postgres")
        data = map_ / "data"
        _as_server(
            [str(bin_map / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--locale=C", "--no-sync"]
        )  # fmt: skip
        regelaar = [str(bin_map / "pg_ctl"), "-D", str(data), "-w", "-l", str(map_ / "log")]
        opties = f"-c listen_addresses='' -c unix_socket_directories={map_} -c fsync=off"
        _as_server([*regelaar, "-o", opties, "start"])
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={map_}"
        finally:
            _as_server([*regelaar, "-m", "immediate", "stop"])


_nummers = count(1)


def make_database(server: str, naam: str) -> str:
    """Make an empty database and return its URL."""
    naam = f"{naam}_{next(_nummers)}"
    motor = create_engine(server, isolation_level="AUTOCOMMIT")
    with motor.connect() as verbinding:
        verbinding.execute(text(f"create database {naam}"))
    motor.dispose()
    return server.replace("/postgres?", f"/{naam}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def maak_opslag(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Return what makes an empty store, by the name of its SQLite file; on each engine."""
    if request.param == "sqlite":
        return lambda bestand: url_of_file(tmp_path / bestand)
    server: str = request.getfixturevalue("postgres")
    return lambda bestand: make_database(server, Path(bestand).stem)
