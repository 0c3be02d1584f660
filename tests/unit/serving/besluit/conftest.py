"""The decisions store on both engines; PostgreSQL is a real server, started for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from serving.besluit.duiding import Publicatie, Voorstel
from serving.besluit.register import BESTAND, Besluitregister, url_of_file

NU = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NA_OKTOBER = Publicatie("0dce49cfb540", date(2026, 10, 1))
NA_JANUARI = Publicatie("1dce49cfb541", date(2027, 1, 1))
NA_APRIL = Publicatie("2dce49cfb542", date(2027, 4, 1))
NA_JULI = Publicatie("3dce49cfb543", date(2027, 7, 1))


def make_voorstel(
    beheerobject_id: str = "C001",
    delta: int = 1,
    door: str = "Anna de Wit",
    reden_code: str = "recente_maatregel",
    toelichting: str = "De portiekdeuren zijn vervangen en het trappenhuis is verlicht.",
) -> Voorstel:
    return Voorstel(beheerobject_id, delta, reden_code, toelichting, door)


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


@pytest.fixture(params=["sqlite", "postgresql"])
def besluiten_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty store on each engine."""
    if request.param == "sqlite":
        yield url_of_file(tmp_path / BESTAND)
        return
    server: str = request.getfixturevalue("postgres")
    naam = f"besluiten_{next(_nummers)}"
    motor = create_engine(server, isolation_level="AUTOCOMMIT")
    with motor.connect() as verbinding:
        verbinding.execute(text(f"create database {naam}"))
    yield server.replace("/postgres?", f"/{naam}?")
    motor.dispose()


@pytest.fixture
def register(besluiten_url: str) -> Iterator[Besluitregister]:
    geopend = Besluitregister(besluiten_url, nu=lambda: NU)
    yield geopend
    geopend.close()
