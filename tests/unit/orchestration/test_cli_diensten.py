"""What keeps running: it starts on a port of its own, and it stops when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import dagster as dg
import pytest

from orchestration.assets.herberekening import build_herberekening
from orchestration.cli.diensten import check_poort, serve_release, start_dagster
from orchestration.cli.verversing import list_verder
from orchestration.definitions import build_definitions
from orchestration.instellingen import Instellingen
from vera.errors import GebruikFout

_NEP: Final = """#!{python}
import os, signal
print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN, os.environ["PYTHONWARNINGS"], flush=True)
signal.pause()
"""
_START: Final = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.executable = sys.argv[1]
from orchestration.cli.diensten import start_dagster
from orchestration.instellingen import Instellingen
start_dagster(Instellingen(data=Path(sys.argv[2])), port=int(sys.argv[3]))
"""


@pytest.fixture
def bezet() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as ander:
        yield ander.getsockname()[1]


def test_port_that_is_taken_is_refused_before_anything_starts(bezet: int, tmp_path: Path) -> None:
    bij = Instellingen(data=tmp_path)
    with pytest.raises(GebruikFout, match="draait al iets") as gevonden:
        start_dagster(bij, port=bezet)
    assert "--port" in str(gevonden.value)
    with pytest.raises(GebruikFout, match=f"poort {bezet}"):
        serve_release(bij, host="127.0.0.1", port=bezet)
    assert list(tmp_path.iterdir()) == []


def test_free_port_and_address_of_another_machine_are_no_reason_to_refuse(bezet: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ander:
        vrij: int = ander.getsockname()[1]
    check_poort("127.0.0.1", vrij)
    check_poort("203.0.113.1", bezet)


@pytest.mark.parametrize("teken", [signal.SIGTERM, signal.SIGINT])
def test_dagster_started_in_the_background_by_a_script_stops_when_it_is_told_to(
    teken: signal.Signals, tmp_path: Path
) -> None:
    nep = tmp_path / "dagster"
    nep.write_text(_NEP.format(python=sys.executable), encoding="utf-8")
    nep.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as ander:
        vrij = ander.getsockname()[1]
    opdracht = [
        sys.executable, "-c", _START, str(tmp_path / "python"), str(tmp_path / "data"), str(vrij)
    ]  # fmt: skip
    omgeving = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(opdracht, env=omgeving, stdout=subprocess.PIPE, text=True) as proces:
        assert proces.stdout is not None
        proces.stdout.readline()  # where the page is
        genegeerd, _, stil = proces.stdout.readline().partition(" ")
        assert genegeerd == "False"
        assert "dev_command" in stil
        proces.send_signal(teken)
        assert proces.wait(30) != 0


def test_graph_is_built_without_a_word_of_dagster_about_what_we_use_on_purpose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    geen = Instellingen(data=tmp_path)
    with pytest.warns(dg.BetaWarning):
        build_herberekening(geen)
    with warnings.catch_warnings(record=True) as gezegd:
        warnings.simplefilter("always")
        build_definitions(instellingen=geen)
    assert [str(w.message) for w in gezegd if issubclass(w.category, dg.BetaWarning)] == []


def test_what_a_run_says_to_do_next_finds_the_same_data_and_deliveries() -> None:
    eigen = Instellingen(data=Path("onze-data"), leveringen=Path("leveringen"))
    serve, dev = list_verder(eigen)
    assert serve.startswith("buurtpeil serve --data onze-data  ")
    assert dev.startswith("buurtpeil dev --data onze-data --leveringen leveringen  ")
    for demo in (Instellingen(), Instellingen(leveringen=Path("data/leveringen"))):
        assert [regel.split("  ")[0] for regel in list_verder(demo)] == [
            "buurtpeil serve", "buurtpeil dev"
        ]  # fmt: skip
