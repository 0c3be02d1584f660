"""One pointer says which release is served; it is switched whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.release import schema, wijzer
from serving.release.stroom import ReleaseFout
from serving.release.wijzer import GeenRelease, activate, current, current_path, is_release_id
from tests.unit.serving.voorbeeld_release import build_tables, publish_example, rename_object


def test_nothing_is_served_before_the_first_publication(releases_map: Path) -> None:
    assert current(releases_map) is None
    with pytest.raises(GeenRelease, match="nog geen release"):
        current_path(releases_map)


def test_published_release_is_the_current_one(release: Path) -> None:
    assert current(release.parent) == release.name
    assert current_path(release.parent) == release


@pytest.mark.parametrize(
    "tekst", ["", "../../etc/passwd", "0dce49cfb54", "0DCE49CFB540", "0dce49cfb540x", "é" * 12]
)
def test_only_twelve_hexadecimal_digits_name_a_release(tekst: str) -> None:
    assert not is_release_id(tekst)
    assert is_release_id("0dce49cfb540")


@pytest.mark.parametrize("release_id", ["0dce49cfb540", "../elders", "x\0y"])
def test_release_that_is_not_there_cannot_be_activated(release: Path, release_id: str) -> None:
    with pytest.raises(ReleaseFout, match="bestaat niet"):
        activate(release.parent, release_id)
    assert current(release.parent) == release.name


def test_release_without_manifest_cannot_be_activated(release: Path) -> None:
    (release.parent / "0dce49cfb540").mkdir()

    with pytest.raises(ReleaseFout, match="bestaat niet"):
        activate(release.parent, "0dce49cfb540")


@pytest.mark.parametrize("inhoud", [b"", b"\n", b"0dce49cfb540\n", b"\xff\xfe", b"../x\n"])
def test_damaged_pointer_serves_nothing(release: Path, inhoud: bytes) -> None:
    (release.parent / schema.BESTAND_HUIDIG).write_bytes(inhoud)

    with pytest.raises(GeenRelease):
        current_path(release.parent)


def test_switch_that_fails_leaves_the_pointer_and_no_rubbish(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabellen = rename_object(build_tables(), "C001", "Anders")

    def fail(self: Path, doel: Path) -> None:
        raise OSError("disk full")

    ander = publish_example(release.parent, tabellen)
    activate(release.parent, release.name)
    with monkeypatch.context() as m:
        m.setattr(wijzer.Path, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            activate(release.parent, ander.name)

    assert current(release.parent) == release.name
    assert [pad.name for pad in release.parent.iterdir() if pad.name.startswith(".")] == []
