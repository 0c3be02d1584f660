from __future__ import annotations

import errno
import multiprocessing as mp
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from orchestration.slot import RunBezig, hold_slot
from vera.errors import BuurtpeilError


def _hold(pad: Path, binnen: Event, door: Event) -> None:
    with hold_slot(pad):
        binnen.set()
        door.wait(30)


def test_second_run_in_a_data_folder_is_refused_with_the_process_that_holds_it(
    tmp_path: Path,
) -> None:
    pad = tmp_path / "run.slot"
    with hold_slot(pad), pytest.raises(RunBezig, match=str(os.getpid())), hold_slot(pad):
        pass


def test_lock_of_a_killed_run_is_free_again(tmp_path: Path) -> None:
    pad = tmp_path / "run.slot"
    context = mp.get_context("spawn")
    binnen, door = context.Event(), context.Event()
    proces = context.Process(target=_hold, args=(pad, binnen, door))
    proces.start()
    assert binnen.wait(30)
    with pytest.raises(RunBezig), hold_slot(pad):
        pass
    assert proces.pid is not None
    os.kill(proces.pid, signal.SIGKILL)
    proces.join(30)
    with hold_slot(pad):
        pass


def test_run_that_may_wait_begins_when_the_other_one_ends(tmp_path: Path) -> None:
    pad = tmp_path / "run.slot"
    context = mp.get_context("spawn")
    binnen, door = context.Event(), context.Event()
    proces = context.Process(target=_hold, args=(pad, binnen, door))
    proces.start()
    assert binnen.wait(30)
    door.set()
    with hold_slot(pad, wacht=30):
        assert pad.read_text().strip() == str(os.getpid())
    proces.join(30)
    assert proces.exitcode == 0


def test_file_system_without_locks_is_told_and_is_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with (
        pytest.raises(BuurtpeilError, match="No locks available") as fout,
        hold_slot(tmp_path / "run.slot", wacht=30),
    ):
        pass
    assert not isinstance(fout.value, RunBezig)
    assert "--data" in fout.value.remedie
