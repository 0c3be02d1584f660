"""Generating: the same seed gives the same bytes, in any process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sources.demo.genereer import GeneratieVerslag, generate
from sources.demo.toeval import draw_zeldzaam, make_rng
from vera.errors import GebruikFout

WORTEL = Path(__file__).parents[4]
SCRIPT = """
import sys
from pathlib import Path
from sources.demo.genereer import generate
generate(Path(sys.argv[1]), 400, 3, seed=int(sys.argv[2]))
"""


def hash_map(uit: Path) -> dict[str, str]:
    return {
        str(pad.relative_to(uit)): hashlib.sha256(pad.read_bytes()).hexdigest()
        for pad in sorted(uit.rglob("*"))
        if pad.is_file()
    }


def generate_elders(uit: Path, seed: int, hashseed: str) -> dict[str, str]:
    """Generate in a process of its own, with another salt of Python's hash."""
    omgeving = {**os.environ, "PYTHONHASHSEED": hashseed, "PYTHONPATH": str(WORTEL)}
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(uit), str(seed)], env=omgeving, check=True, cwd=WORTEL
    )
    return hash_map(uit)


def test_same_seed_gives_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    een = generate_elders(tmp_path / "een", 3, "1")
    ander = generate_elders(tmp_path / "ander", 3, "2")
    assert een == ander
    assert len(een) > 60


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    generate(tmp_path / "een", 400, 3, seed=3)
    generate(tmp_path / "ander", 400, 3, seed=4)
    een, ander = hash_map(tmp_path / "een"), hash_map(tmp_path / "ander")
    gelijk = {naam for naam in een.keys() & ander.keys() if een[naam] == ander[naam]}
    # Wijken have fixed names, and the coverage of so small a world has no chance in it.
    soorten = {Path(naam).name.split("_")[0] for naam in gelijk}
    assert soorten <= {"LEESMIJ.md", "organisatie.yml", "wijk", "dekking"}


@pytest.mark.parametrize(("woningen", "jaren"), [(99, 3), (400, 0), (400, 16)])
def test_world_that_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, woningen: int, jaren: int
) -> None:
    with pytest.raises(GebruikFout):
        generate(tmp_path / "uit", woningen, jaren)
    assert not (tmp_path / "uit").exists()


@pytest.mark.parametrize(("woningen", "jaren"), [(100, 1), (150, 15)])
def test_smallest_and_longest_worlds_can_be(tmp_path: Path, woningen: int, jaren: int) -> None:
    verslag = generate(tmp_path, woningen, jaren, seed=2)
    assert (verslag.eenheden, verslag.maanden) == (woningen, 12 * jaren)


def test_report_counts_the_rows_of_every_file(demo: GeneratieVerslag) -> None:
    bestanden = {
        f"{pad.parent.name}/{pad.name}"
        for pad in demo.uit.glob("*/*")
        if pad.name != "LEESMIJ.md" and pad.parent.name != "waarheid"
    }
    assert set(demo.rijen) == bestanden
    pad = demo.uit / "vera" / "cluster_2025-12-01.csv"
    assert demo.rijen["vera/cluster_2025-12-01.csv"] == pad.read_bytes().count(b"\n") - 1


def test_progress_goes_from_nothing_to_done(tmp_path: Path) -> None:
    stappen: list[tuple[str, float]] = []
    generate(tmp_path, 120, 1, voortgang=lambda naam, deel: stappen.append((naam, deel)))
    delen = [deel for _, deel in stappen]
    assert delen == sorted(delen)
    assert stappen[0][1] == 0.0
    assert stappen[-1] == ("klaar", 1.0)


def test_full_tables_are_delivered_twice_and_news_only_when_there_is_any(
    demo: GeneratieVerslag,
) -> None:
    namen = {pad.name for pad in (demo.uit / "vera").glob("*.csv")}
    assert {"eenheid_2025-12-01.csv", "eenheid_2026-01-01.csv"} <= namen
    assert all(
        aantal > 0 for bestand, aantal in demo.rijen.items() if "2026-01-01" in bestand
    )


def test_rare_peculiarity_is_there_for_certain_among_enough_rows() -> None:
    rng = make_rng(1, "toets")
    assert draw_zeldzaam(rng, 0.0, 1_000).sum() == 1
    assert draw_zeldzaam(rng, 0.0, 10).sum() == 0
    geschikt = draw_zeldzaam(rng, 0.5, 1_000)
    assert not (draw_zeldzaam(rng, 0.2, 1_000, geschikt) & ~geschikt).any()


def test_part_of_the_world_has_a_stream_of_its_own() -> None:
    een = make_rng(1, "wereld/incident").random(5)
    assert (een == make_rng(1, "wereld/incident").random(5)).all()
    assert (een != make_rng(1, "wereld/melding").random(5)).all()
    assert (een != make_rng(2, "wereld/incident").random(5)).all()
