"""The exact tables behind a release: no run goes on from them when something is not right."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.archief import SOMMEN, find_archief, seal_archief
from orchestration.goedkeuring import mark_ongekeurd
from orchestration.werkmap import Werkmap
from serving.release import schema
from serving.release.schrijver import write_release
from tests.unit.orchestration.test_goedkeuring import write_archief
from tests.unit.serving.voorbeeld_release import INHOUD, RUN, build_tables, publish_example
from vera.errors import BuurtpeilError


@pytest.fixture
def werkmap(tmp_path: Path) -> Werkmap:
    """A data folder with one release that is served, and its archive."""
    gemaakt = Werkmap.of(tmp_path)
    release = publish_example(gemaakt.releases)
    map_ = gemaakt.archief / release.name
    write_archief(map_, [3] * 40)
    for naam in ("indicatorwaarde.parquet", "themasignaal.parquet", "leveringen.json"):
        (map_ / naam).write_bytes(b"inhoud")
    seal_archief(map_)
    return gemaakt


def find(werkmap: Werkmap) -> Path | None:
    return find_archief(werkmap.archief, werkmap.releases)


def test_whole_archive_is_found_and_one_from_before_there_were_sums_as_well(
    werkmap: Werkmap,
) -> None:
    map_ = find(werkmap)
    assert map_ is not None
    (map_ / SOMMEN).unlink()
    assert find(werkmap) == map_


@pytest.mark.parametrize("naam", ["sociaal_beheer_label.parquet", "leveringen.json", SOMMEN])
def test_archive_of_which_a_bit_was_flipped_is_not_computed_on(werkmap: Werkmap, naam: str) -> None:
    map_ = find(werkmap)
    assert map_ is not None
    inhoud = bytearray((map_ / naam).read_bytes())
    inhoud[len(inhoud) // 2] ^= 1
    (map_ / naam).write_bytes(inhoud)
    with pytest.raises(BuurtpeilError, match="beschadigd"):
        find(werkmap)


@pytest.mark.parametrize("inhoud", [b"", b"\0" * 13, b"0123456789ab\n", None])
def test_run_is_refused_when_nothing_says_which_release_is_served(
    werkmap: Werkmap, inhoud: bytes | None
) -> None:
    wijzer = werkmap.releases / schema.BESTAND_HUIDIG
    wijzer.unlink()
    if inhoud is not None:
        wijzer.write_bytes(inhoud)
    with pytest.raises(BuurtpeilError, match="CURRENT") as fout:
        find(werkmap)
    assert "release rollback" in str(fout.value)


def test_first_run_that_was_killed_before_its_release_was_served_is_no_lost_pointer(
    tmp_path: Path,
) -> None:
    werkmap = Werkmap.of(tmp_path)
    assert find(werkmap) is None
    write_release(
        build_tables(),
        INHOUD,
        RUN,
        werkmap.releases,
        voor_naam=lambda id_: mark_ongekeurd(werkmap, id_, None),
    )
    assert find(werkmap) is None
