"""The address index: found, not found, in several complexes, of another key, of another release."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from serving.adresindex.bestand import GeenAdresindex, open_adresindex, write_adresindex
from serving.adresindex.boek import Adres, Adresboek, Eenheid, Gevonden
from serving.adresindex.sleutel import BESTAND, load_sleutel, read_sleutel
from serving.release import schema
from serving.release.winkel import verify
from tests.unit.serving.voorbeeld_release import publish_example
from vera.adressleutel import (
    compute_vingerafdruk,
    make_adressleutel,
    make_eenheidsleutel,
    make_nummersleutel,
)
from vera.errors import GebruikFout

PC = "3011AB"


def list_sleutels(geheim: bytes) -> list[tuple[bytes, str]]:
    """Number 7 is a portiek in C001; 9 has a door in C001 and one in C002."""
    deuren = [("7", "A", "C001"), ("7", "B", "C001"), ("9", "", "C001"), ("9", "A", "C002")]
    paren = {(make_adressleutel(geheim, PC, nr, t), c) for nr, t, c in deuren}
    paren |= {(make_nummersleutel(geheim, PC, nr), c) for nr, t, c in deuren if t}
    paren |= {(make_adressleutel(geheim, PC, "11", "A"), c) for c in ("C001", "C002")}
    paren.add((make_eenheidsleutel(geheim, "VHE-1"), "C003"))
    return sorted(paren)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return publish_example(tmp_path / "releases")


@pytest.fixture
def sleutelmap(tmp_path: Path, release: Path) -> Path:
    geheim = load_sleutel(tmp_path / "sleutels")
    write_adresindex(release, list_sleutels(geheim), compute_vingerafdruk(geheim))
    return tmp_path / "sleutels"


def find(sleutelmap: Path, release: Path, *vragen: Adres | Eenheid) -> list[Gevonden]:
    return Adresboek(sleutelmap).find(release, vragen)


def test_door_dwelling_and_whole_number_lead_to_their_complex(
    sleutelmap: Path, release: Path
) -> None:
    assert find(
        sleutelmap,
        release,
        Adres(PC, "7", "B"),
        Eenheid("VHE-1"),
        Adres(PC, "7"),
        Adres(PC, "9"),
        Adres(PC, "9", "A"),
    ) == [Gevonden(c) for c in ("C001", "C003", "C001", "C001", "C002")]


def test_what_is_not_there_and_what_is_in_several_complexes_are_told_apart(
    sleutelmap: Path, release: Path
) -> None:
    assert find(
        sleutelmap, release, Adres(PC, "8"), Adres(PC, "11", "A"), Eenheid("7"), Adres(PC, "7", "C")
    ) == [
        Gevonden(None, "niet_gevonden"),
        Gevonden(None, "meer_complexen"),
        Gevonden(None, "niet_gevonden"),
        Gevonden(None, "niet_gevonden"),
    ]


def test_index_of_the_key_before_is_dead_and_says_so(sleutelmap: Path, release: Path) -> None:
    (sleutelmap / BESTAND).unlink()
    with pytest.raises(GeenAdresindex, match="vorige sleutel"):
        find(sleutelmap, release, Eenheid("VHE-1"))

    geheim = load_sleutel(sleutelmap)
    with pytest.raises(GeenAdresindex, match="vorige sleutel"):
        find(sleutelmap, release, Eenheid("VHE-1"))

    write_adresindex(release, list_sleutels(geheim), compute_vingerafdruk(geheim))
    assert find(sleutelmap, release, Eenheid("VHE-1")) == [Gevonden("C003")]


def test_index_is_of_one_release_and_missing_is_not_empty(
    sleutelmap: Path, release: Path, tmp_path: Path
) -> None:
    ander = tmp_path / "releases" / ("0" * 12)
    ander.mkdir()
    with pytest.raises(GeenAdresindex, match="geen adresindex"):
        find(sleutelmap, ander, Eenheid("VHE-1"))
    (ander / schema.BESTAND_ADRESINDEX).write_bytes(
        (release / schema.BESTAND_ADRESINDEX).read_bytes()
    )
    with pytest.raises(GeenAdresindex, match="vorige sleutel"):
        find(sleutelmap, ander, Eenheid("VHE-1"))
    (ander / schema.BESTAND_ADRESINDEX).write_bytes(b"geen index")
    with pytest.raises(GeenAdresindex, match="niet te lezen"):
        find(sleutelmap, ander, Eenheid("VHE-1"))


def test_release_with_an_index_is_sound_and_has_the_same_id_without(
    sleutelmap: Path, release: Path
) -> None:
    assert verify(release) == []
    assert publish_example(release.parent) == release
    (release / schema.BESTAND_ADRESINDEX).unlink()
    assert verify(release) == []


def test_damaged_index_is_found_by_verify(sleutelmap: Path, release: Path) -> None:
    pad = release / schema.BESTAND_ADRESINDEX
    inhoud = bytearray(pad.read_bytes())
    inhoud[100:9000] = b"\xff" * 8900
    pad.chmod(0o600)
    pad.write_bytes(inhoud)

    assert [p for p in verify(release) if "adresindex" in p]


def test_same_keys_give_the_same_bytes_and_nothing_is_left_behind(
    sleutelmap: Path, release: Path
) -> None:
    geheim = load_sleutel(sleutelmap)
    eerst = (release / schema.BESTAND_ADRESINDEX).read_bytes()

    aantal = write_adresindex(release, list_sleutels(geheim), compute_vingerafdruk(geheim))

    assert aantal == len({sleutel for sleutel, _ in list_sleutels(geheim)})
    assert (release / schema.BESTAND_ADRESINDEX).read_bytes() == eerst
    assert not list(release.parent.glob(".bouw-*"))
    assert PC.encode() not in eerst
    assert b"VHE" not in eerst


def test_crash_while_writing_leaves_the_index_before(sleutelmap: Path, release: Path) -> None:
    eerst = (release / schema.BESTAND_ADRESINDEX).read_bytes()

    def stop() -> object:
        yield b"\0" * 16, "C001"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_adresindex(release, stop(), "x")  # type: ignore[arg-type]

    assert (release / schema.BESTAND_ADRESINDEX).read_bytes() == eerst
    assert not list(release.parent.glob(".bouw-*"))


def test_service_key_is_for_its_owner_alone_and_who_serves_makes_none(tmp_path: Path) -> None:
    assert read_sleutel(tmp_path) is None
    assert not list(tmp_path.iterdir())
    geheim = load_sleutel(tmp_path)
    assert load_sleutel(tmp_path) == read_sleutel(tmp_path) == geheim
    assert stat.S_IMODE((tmp_path / BESTAND).stat().st_mode) == 0o600

    (tmp_path / BESTAND).chmod(0o644)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        read_sleutel(tmp_path)
    (tmp_path / BESTAND).chmod(0o600)
    (tmp_path / BESTAND).write_text("geen sleutel")
    with pytest.raises(GebruikFout, match="beschadigd"):
        load_sleutel(tmp_path)


def test_questions_show_no_address(sleutelmap: Path, release: Path) -> None:
    assert PC not in repr(Adres(PC, "7", "B"))
    assert "VHE" not in repr(Eenheid("VHE-1"))
    with pytest.raises(GeenAdresindex), open_adresindex(release, None):
        pass
