"""A run that is killed at any moment leaves a sound release served, and the next run succeeds.

Run as a program, this module writes and publishes a release over and over in child processes
and kills each of them (-9) at another line of ``serving/release``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from serving.release.schrijver import write_release
from serving.release.wijzer import activate, current, current_path
from serving.release.winkel import open_release, verify
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)

BRON = f"{Path('serving', 'release')}{os.sep}"
WORTEL = Path(__file__).parents[2]
OVERAL, AAN_HET_EIND = 25, 40


def run_program(*argumenten: str) -> str:
    uitkomst = subprocess.run(
        [sys.executable, "-m", "tests.integration.test_release_crash", *argumenten],
        cwd=WORTEL,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return uitkomst.stdout


@pytest.fixture(scope="module")
def uitkomsten(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What stood on the disk after each kill, in the order of the moments."""
    releases_map = tmp_path_factory.mktemp("crash") / "releases"
    return [json.loads(regel) for regel in run_program("kill", str(releases_map)).splitlines()]


def test_run_was_killed_at_many_moments_before_and_after_the_switch(
    uitkomsten: list[dict[str, Any]],
) -> None:
    geraakt = [uitkomst for uitkomst in uitkomsten if uitkomst["gedood"]]

    assert len(geraakt) >= OVERAL + AAN_HET_EIND - 5
    assert {uitkomst["is_nieuw"] for uitkomst in geraakt} == {False, True}


def test_killed_run_leaves_a_sound_release_served(uitkomsten: list[dict[str, Any]]) -> None:
    for uitkomst in uitkomsten:
        assert uitkomst["problemen"] == [], uitkomst
        assert uitkomst["naam"] in {"Eikenhof", "Anders"}, uitkomst
        assert uitkomst["naam"] == ("Anders" if uitkomst["is_nieuw"] else "Eikenhof"), uitkomst


def test_run_after_a_killed_one_succeeds_and_leaves_no_rubbish(
    uitkomsten: list[dict[str, Any]],
) -> None:
    for uitkomst in uitkomsten:
        assert uitkomst["daarna"] == "Anders", uitkomst
        assert len(uitkomst["inhoud_map"]) == 3, uitkomst  # the pointer and two releases


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    mappen = [tmp_path / "een", tmp_path / "twee"]
    namen = [run_program("write", str(map_)).strip() for map_ in mappen]
    bestanden = [
        {
            pad.relative_to(map_): pad.read_bytes()
            for pad in map_.rglob("*")
            if pad.is_file() and pad.name != "manifest.run.json"
        }
        for map_ in mappen
    ]

    assert namen[0] == namen[1]
    assert bestanden[0] == bestanden[1]


def publish_next(releases_map: Path) -> None:
    tabellen = rename_object(build_tables(), "C001", "Anders")
    activate(releases_map, write_release(tabellen, INHOUD, RUN, releases_map).name)


def read_naam(release: Path) -> str | None:
    with open_release(release) as uitgave:
        naam: str | None = json.loads(uitgave.answer("complex", "C001") or b"{}").get("naam")
    return naam


def count_lines(work: Callable[[], None], kill_at: int | None = None) -> int:
    """Do ``work`` and count the lines of serving/release it runs; die at line ``kill_at``."""
    teller = 0

    def follow(frame: FrameType, gebeurtenis: str, _: Any) -> Any:
        nonlocal teller
        if BRON not in frame.f_code.co_filename:
            return None
        if gebeurtenis == "line":
            teller += 1
            if teller == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return follow

    sys.settrace(follow)
    try:
        work()
    finally:
        sys.settrace(None)
    return teller


def in_child(work: Callable[[], object]) -> int:
    """Do ``work`` in a forked process; return how that ended."""
    kind = os.fork()
    if kind == 0:
        work()
        os._exit(0)
    return os.waitpid(kind, 0)[1]


def kill_everywhere(releases_map: Path) -> None:
    eerste = publish_example(releases_map).name
    probe = releases_map.with_name("proef")
    shutil.copytree(releases_map, probe)
    regels = count_lines(lambda: publish_next(probe))
    spreiding = {regels * deel // OVERAL for deel in range(OVERAL)}
    for moment in sorted(spreiding | set(range(regels - AAN_HET_EIND, regels))):
        einde = in_child(partial(count_lines, partial(publish_next, releases_map), moment))
        served = current_path(releases_map)
        uitkomst = {
            "moment": moment,
            "gedood": os.WIFSIGNALED(einde),
            "is_nieuw": served.name != eerste,
            "problemen": verify(served),
            "naam": read_naam(served),
        }
        in_child(partial(publish_next, releases_map))
        nieuw = current_path(releases_map)
        uitkomst["daarna"] = read_naam(nieuw)
        uitkomst["inhoud_map"] = sorted(pad.name for pad in releases_map.iterdir())
        sys.stdout.write(json.dumps(uitkomst) + "\n")
        activate(releases_map, eerste)
        shutil.rmtree(nieuw)
        assert current(releases_map) == eerste


if __name__ == "__main__":
    taak, plek = sys.argv[1], Path(sys.argv[2])
    if taak == "kill":
        kill_everywhere(plek)
    else:
        sys.stdout.write(publish_example(plek).name + "\n")
