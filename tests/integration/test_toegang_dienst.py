"""The service as it really runs: roles at the doors, the log after a stop and after a kill."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving.leeslog.keten import Keten
from serving.opslag import url_of_file
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from tests.unit.serving.voorbeeld_release import publish_example
from vera.toegang import ROLLEN

WORTEL = Path(__file__).parents[2]
DIENST = """
import socket, sys, uvicorn
from dataclasses import replace
from pathlib import Path
from orchestration.cli.diensten import build_service, find_adres
from orchestration.instellingen import Instellingen
luisteraar = socket.create_server(("127.0.0.1", 0))
poort = luisteraar.getsockname()[1]
print(poort, flush=True)
instellingen = Instellingen(data=Path(sys.argv[1]), basis_url=sys.argv[2] or None)
adres = find_adres(instellingen, host="127.0.0.1", port=poort)
app = build_service(instellingen, host="127.0.0.1", adres=adres)
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[luisteraar])
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    publish_example(tmp_path / "releases")
    return tmp_path


def issue(data: Path) -> dict[str, str]:
    geheim = load_geheim(data / "sleutels")
    register = Toegangsregister(url_of_file(data / "toegang.sqlite"))
    sleutels = {
        rol: register.issue(geheim, rol, [rol], organisatie="t", door="t", dagen=1)[1]
        for rol in ROLLEN
    }
    register.close()
    return sleutels


@contextmanager
def run(data: Path, basis_url: str = "") -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run the service; its socket listens before it does, so an early visitor waits."""
    proces = subprocess.Popen(
        [sys.executable, "-c", DIENST, str(data), basis_url],
        cwd=WORTEL,
        stdout=subprocess.PIPE,
        text=True,
    )
    with proces:
        try:
            assert proces.stdout is not None
            yield int(proces.stdout.readline()), proces
        finally:
            proces.kill()


def get(poort: int, adres: str, sleutel: str | None = None, **koppen: str) -> int:
    if sleutel:
        koppen["Authorization"] = f"Bearer {sleutel}"
    verbinding = http.client.HTTPConnection("127.0.0.1", poort, timeout=60)
    verbinding.request("GET", adres, headers={n.replace("_", "-"): w for n, w in koppen.items()})
    antwoord = verbinding.getresponse()
    antwoord.read()
    verbinding.close()
    return antwoord.status


def read_objects(data: Path) -> list[str | None]:
    return [r["object"] for r in Keten(data / "leeslog", data / "sleutels").read()]


def check(data: Path) -> tuple[str, ...]:
    return Keten(data / "leeslog", data / "sleutels").check().problemen


def test_roles_stand_at_the_doors_of_the_running_service_and_a_stop_loses_no_line(
    data: Path,
) -> None:
    sleutels = issue(data)
    with run(data) as (poort, proces):
        for rol, sleutel in sleutels.items():
            complex_ = 200 if "complex" in ROLLEN[rol].bereiken else 403
            assert get(poort, "/v1/complexen/C001", sleutel) == complex_, rol
            assert get(poort, "/complexen/C002", sleutel) == complex_, rol
            assert get(poort, "/v1/buurten/BU01", sleutel) == 200, rol
            export = 200 if "export" in ROLLEN[rol].bereiken else 403
            assert get(poort, "/v1/exports/vorm.csv", sleutel) == export, rol
        assert get(poort, "/v1/complexen/C003", "bp_verzonnen") == 401
        assert get(poort, "/v1/complexen/C004") == 200, "who sits here is a reader"
        assert get(poort, "/v1/complexen/C005", X_Forwarded_For="1.2.3.4") == 401
        assert get(poort, "/v1/complexen/C005", Host="elders.example") == 401
        assert get(poort, "/privacy", sleutels["privacy"]) == 200
        proces.send_signal(signal.SIGTERM)
        proces.wait(timeout=60)

    gelezen = read_objects(data)
    lezers = sum("complex" in rol.bereiken for rol in ROLLEN.values())
    assert gelezen.count("C001") == gelezen.count("C002") == lezers
    assert gelezen.count("C004") == 1
    assert "C003" not in gelezen
    assert "C005" not in gelezen
    assert check(data) == ()


def test_kill_leaves_a_chain_that_holds_and_everything_that_had_to_be_on_disk(data: Path) -> None:
    sleutels = issue(data)
    with run(data) as (poort, proces):
        for _ in range(20):
            get(poort, "/v1/complexen/C001", sleutels["lezer"])
        assert get(poort, "/v1/exports/vorm.csv", sleutels["lezer"]) == 200
        get(poort, "/v1/complexen/C002", sleutels["lezer"])
        proces.send_signal(signal.SIGKILL)
        proces.wait(timeout=60)

    gelezen = read_objects(data)
    assert gelezen[:21] == ["C001"] * 20 + [None], "an export waits for all that was noted before"
    assert check(data) == ()
    with run(data) as (poort, proces):
        assert get(poort, "/v1/complexen/C003", sleutels["lezer"]) == 200
        proces.send_signal(signal.SIGTERM)
        proces.wait(timeout=60)
    assert read_objects(data)[-1] == "C003"
    assert check(data) == ()


def test_service_that_others_can_reach_gives_nothing_to_who_sits_here(data: Path) -> None:
    sleutels = issue(data)
    with run(data, "https://label.voorbeeldwonen.example") as (poort, _):
        assert get(poort, "/v1/complexen/C001") == 401
        assert get(poort, "/v1/buurten/BU01") == 200
        assert get(poort, "/v1/complexen/C001", sleutels["lezer"]) == 200
