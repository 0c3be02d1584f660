"""Words about people are code: some are never used, not in texts and not in names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

WORTEL = Path(__file__).parents[2]
# Put together here, so that this list does not find itself.
VERBODEN = tuple(
    "".join(delen) for delen in (("fraud", "eur"), ("risico", "huurder"), ("verd", "achte"))
)


def _tracked() -> list[Path]:
    uit = subprocess.run(
        ["git", "ls-files"], cwd=WORTEL, capture_output=True, text=True, check=False
    )
    if uit.returncode:
        pytest.skip("geen git-werkmap: de lijst van bestanden is niet te maken")
    return [WORTEL / regel for regel in uit.stdout.splitlines() if (WORTEL / regel).is_file()]


@pytest.mark.parametrize("woord", VERBODEN)
def test_no_file_uses_a_word_that_judges_a_person(woord: str) -> None:
    gevonden = [
        pad.relative_to(WORTEL).as_posix()
        for pad in _tracked()
        if WORTEL / "tests" not in pad.parents  # tests name the words to look for them
        and pad.suffix in {".py", ".sql", ".yml", ".csv", ".md", ".html", ".css", ".toml"}
        and woord in pad.read_text(encoding="utf-8").lower()
    ]
    assert gevonden == []


def test_no_committed_file_names_a_machine_or_a_package_registry() -> None:
    sporen = (
        "/".join(("", "root", "")),
        "/".join(("", "work", "")),
        "pypi" + ".org",
        "files.python" + "hosted",
    )
    gevonden = [
        (pad.relative_to(WORTEL).as_posix(), spoor)
        for pad in _tracked()
        if pad.suffix not in {".png", ".parquet"}
        for spoor in sporen
        if spoor in pad.read_text(encoding="utf-8", errors="replace")
    ]
    assert gevonden == []
