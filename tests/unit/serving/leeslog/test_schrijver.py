"""Noting reads without waiting for the disk, and what happens when the disk cannot take them."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from serving.leeslog.keten import Keten, LeeslogFout
from serving.leeslog.regel import Lezing
from serving.leeslog.schrijver import Leeslogschrijver
from vera.toegang import Lezer, find_rollen

LEZER = Lezer("Anna", find_rollen(["lezer"]))


def make_lezing(id_: str) -> Lezing:
    return Lezing(0.0, LEZER, "complex", "x", id_, "complex", "r")


@pytest.fixture
def keten(tmp_path: Path) -> Keten:
    return Keten(tmp_path / "leeslog", tmp_path / "sleutels")


def wait_for_writer() -> None:
    for draad in threading.enumerate():
        if draad.name == "leeslog":
            draad.join(timeout=20)


def test_what_is_noted_is_written_in_order_by_itself(keten: Keten) -> None:
    schrijver = Leeslogschrijver(keten, slaap=lambda _: None)

    for nummer in range(500):
        schrijver.note(make_lezing(str(nummer)))
    wait_for_writer()

    assert [r["object"] for r in keten.read()] == [str(nummer) for nummer in range(500)]
    assert keten.check().problemen == ()


def test_flush_waits_until_it_is_on_disk(keten: Keten) -> None:
    wacht = threading.Event()
    schrijver = Leeslogschrijver(keten, slaap=lambda _: wacht.wait(20) and None)
    schrijver.note(make_lezing("C001"))
    assert list(keten.read()) == []

    schrijver.flush()

    assert [r["object"] for r in keten.read()] == ["C001"]
    wacht.set()
    wait_for_writer()


def test_many_threads_lose_nothing(keten: Keten) -> None:
    schrijver = Leeslogschrijver(keten, slaap=lambda _: None)

    def note(deel: int) -> None:
        for nummer in range(200):
            schrijver.note(make_lezing(f"{deel}-{nummer}"))

    draden = [threading.Thread(target=note, args=(deel,)) for deel in range(4)]
    for draad in draden:
        draad.start()
    for draad in draden:
        draad.join()
    wait_for_writer()

    assert len({r["object"] for r in keten.read()}) == 800
    assert keten.check().problemen == ()


def test_log_that_cannot_be_written_refuses_the_next_read_until_it_can(
    keten: Keten, tmp_path: Path
) -> None:
    (tmp_path / "leeslog").write_text("in de weg")
    schrijver = Leeslogschrijver(keten, slaap=lambda _: None)
    schrijver.note(make_lezing("C001"))
    wait_for_writer()

    with pytest.raises(LeeslogFout):
        schrijver.note(make_lezing("C002"))
    (tmp_path / "leeslog").unlink()
    schrijver.note(make_lezing("C003"))
    wait_for_writer()

    assert [r["object"] for r in keten.read()] == ["C001", "C003"]


def test_secret_that_others_may_read_shuts_reads_and_drops_nothing(
    keten: Keten, tmp_path: Path
) -> None:
    schrijver = Leeslogschrijver(keten, slaap=lambda _: None)
    schrijver.note(make_lezing("C001"))
    wait_for_writer()
    geheim = tmp_path / "sleutels" / "toegang.geheim"
    geheim.chmod(0o644)
    schrijver.note(make_lezing("C002"))
    wait_for_writer()

    with pytest.raises(LeeslogFout, match="leesbaar voor anderen"):
        schrijver.note(make_lezing("C003"))
    geheim.chmod(0o600)
    schrijver.note(make_lezing("C004"))
    wait_for_writer()

    assert {r["object"] for r in keten.read()} == {"C001", "C002", "C004"}
    assert keten.check().problemen == ()


def test_fault_that_nobody_foresaw_shuts_reads_as_well(
    keten: Keten, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(lezingen: object) -> None:
        raise KeyError("nr")

    schrijver = Leeslogschrijver(keten, slaap=lambda _: None)
    with monkeypatch.context() as even:
        even.setattr(keten, "add", fail)
        schrijver.note(make_lezing("C001"))
        wait_for_writer()
        with pytest.raises(LeeslogFout, match="KeyError"):
            schrijver.note(make_lezing("C002"))
    schrijver.note(make_lezing("C003"))
    wait_for_writer()

    assert [r["object"] for r in keten.read()] == ["C001", "C003"]


def test_process_that_ends_by_itself_leaves_every_line(keten: Keten, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.leeslog.schrijver import Leeslogschrijver
from vera.toegang import Lezer, find_rollen
schrijver = Leeslogschrijver(Keten(Path({str(tmp_path / "leeslog")!r}), Path({str(tmp_path)!r})))
lezer = Lezer("x", find_rollen(["lezer"]))
for nummer in range(50):
    schrijver.note(Lezing(0.0, lezer, "complex", "x", str(nummer)))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

    assert len(list(keten.read())) == 50
