"""The key of the pseudonyms: made once, readable by its owner alone, never shown."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sources.sleutels import BESTAND, Sleutel, load_sleutel
from vera.errors import GebruikFout

HEX = "ab" * 32


def test_first_run_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    eerste = load_sleutel(tmp_path / "sleutels")
    pad = tmp_path / "sleutels" / BESTAND
    assert stat.S_IMODE(pad.stat().st_mode) == 0o600
    assert stat.S_IMODE(pad.parent.stat().st_mode) == 0o700
    assert load_sleutel(tmp_path / "sleutels") == eerste
    assert [p.name for p in pad.parent.iterdir()] == [BESTAND]


def test_two_first_runs_at_once_end_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as draden:
        uitkomst = list(draden.map(lambda _: load_sleutel(tmp_path / "sleutels"), range(16)))
    assert len(set(uitkomst)) == 1
    assert [pad.name for pad in (tmp_path / "sleutels").iterdir()] == [BESTAND]


def test_key_readable_by_others_is_refused(tmp_path: Path) -> None:
    load_sleutel(tmp_path)
    (tmp_path / BESTAND).chmod(0o640)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        load_sleutel(tmp_path)


@pytest.mark.parametrize("tekst", ["", "zz", "ab" * 31, "é" * 64])
def test_malformed_key_file_is_refused_and_not_replaced(tmp_path: Path, tekst: str) -> None:
    pad = tmp_path / BESTAND
    pad.write_text(tekst, encoding="utf-8")
    pad.chmod(0o600)
    with pytest.raises(GebruikFout, match="zet de bewaarde sleutel terug") as fout:
        load_sleutel(tmp_path)
    assert not tekst or tekst not in str(fout.value)
    assert pad.read_text(encoding="utf-8") == tekst


def test_key_from_the_environment_needs_no_file(tmp_path: Path) -> None:
    assert load_sleutel(tmp_path / "leeg", HEX).geheim == bytes.fromhex(HEX)
    assert not (tmp_path / "leeg").exists()
    with pytest.raises(GebruikFout, match="BUURTPEIL_PSEUDONIEM_SLEUTEL"):
        load_sleutel(tmp_path, "geen sleutel")


def test_key_never_shows_itself() -> None:
    sleutel = Sleutel(bytes.fromhex(HEX))
    assert HEX not in repr(sleutel)
    assert "\\xab" not in f"{sleutel!r} {sleutel}"
    assert len(sleutel.vingerafdruk) == 8
    assert Sleutel(b"\0" * 32).vingerafdruk != sleutel.vingerafdruk
