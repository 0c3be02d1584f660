"""Releases are listed, checked, rolled back and opened; a switch is seen at the next request."""

from __future__ import annotations

import gc
import json
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from serving.release import schema
from serving.release.schrijver import canonical_json, write_release
from serving.release.stroom import ReleaseFout
from serving.release.wijzer import GeenRelease, activate, current
from serving.release.winkel import (
    BeschadigdeRelease,
    Uitgave,
    Winkel,
    hash_file,
    list_releases,
    open_release,
    release_hash,
    rollback,
    verify,
)
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)


def write_renamed(releases_map: Path, naam: str) -> Path:
    """A next release, in which complex C001 is called ``naam``; not published yet."""
    return write_release(rename_object(build_tables(), "C001", naam), INHOUD, RUN, releases_map)


def read_naam(uitgave: Uitgave) -> str:
    inhoud = uitgave.answer("complex", "C001")
    assert inhoud is not None
    naam: str = json.loads(inhoud)["naam"]
    return naam


# --- listing


def test_list_shows_which_release_is_served_and_the_newest_first(release: Path) -> None:
    tweede = write_renamed(release.parent, "Anders")
    run = json.loads((tweede / schema.BESTAND_MANIFEST_RUN).read_text())
    (tweede / schema.BESTAND_MANIFEST_RUN).chmod(0o644)
    (tweede / schema.BESTAND_MANIFEST_RUN).write_text(
        json.dumps({**run, "geschreven_op": "2999-01-01T00:00:00Z"})
    )

    regels = list_releases(release.parent)

    assert [(r.release_id, r.is_huidig) for r in regels] == [
        (tweede.name, False),
        (release.name, True),
    ]
    assert (regels[0].peildatum, regels[0].methodeversie) == ("2026-10-01", "SBL-1")
    assert regels[0].synthetisch is True


def test_list_of_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list_releases(tmp_path / "geen") == []


@pytest.mark.parametrize("inhoud", [b"", b"{", b"[]", b"\xff"])
def test_unreadable_manifest_is_listed_with_what_is_wrong(release: Path, inhoud: bytes) -> None:
    kapot = release.parent / "0dce49cfb540"
    kapot.mkdir()
    (kapot / schema.BESTAND_MANIFEST).write_bytes(inhoud)

    regel = {r.release_id: r for r in list_releases(release.parent)}["0dce49cfb540"]

    assert regel.fout is not None
    assert "manifest onleesbaar" in regel.fout


def test_release_without_run_manifest_is_still_listed(release: Path) -> None:
    (release / schema.BESTAND_MANIFEST_RUN).unlink()

    assert list_releases(release.parent)[0].geschreven_op is None
    assert verify(release) == []


# --- verify


def write_over(pad: Path, inhoud: bytes) -> None:
    pad.chmod(0o644)
    pad.write_bytes(inhoud)


def alter_manifest(release: Path) -> None:
    pad = release / schema.BESTAND_MANIFEST
    write_over(pad, canonical_json({**json.loads(pad.read_bytes()), "peildatum": "2027-01-01"}))


def flip_byte(release: Path) -> None:
    pad = release / "exports" / "thema.parquet"
    inhoud = bytearray(pad.read_bytes())
    inhoud[len(inhoud) // 2] ^= 1
    write_over(pad, bytes(inhoud))


def list_files_as(release: Path, bestanden: object) -> None:
    pad = release / schema.BESTAND_MANIFEST
    write_over(pad, canonical_json({**json.loads(pad.read_bytes()), "bestanden": bestanden}))


@pytest.mark.parametrize(
    ("damage", "melding"),
    [
        (lambda r: (r / "manifest.json").unlink(), "manifest.json is niet te lezen"),
        (lambda r: write_over(r / "manifest.json", b"{"), "manifest.json is niet te lezen"),
        (lambda r: write_over(r / "manifest.json", b"[]"), "manifest.json is niet te lezen"),
        (lambda r: list_files_as(r, "alles"), "manifest.json is niet te lezen"),
        (lambda r: list_files_as(r, None), "manifest.json is niet te lezen"),
        (alter_manifest, "het manifest hoort bij release"),
        (lambda r: (r / "opzoek.sqlite").unlink(), "opzoek.sqlite ontbreekt"),
        (lambda r: write_over(r / "exports/thema.csv", b"x"), "exports/thema.csv telt 1 bytes"),
        (flip_byte, "exports/thema.parquet heeft een andere inhoud"),
        (lambda r: (r / "exports/extra.csv").write_text("x"), "exports/extra.csv hoort niet"),
    ],
)
def test_every_kind_of_damage_is_found_and_named(
    release: Path, damage: Callable[[Path], object], melding: str
) -> None:
    assert verify(release) == []

    damage(release)

    assert verify(release)[0].startswith(melding)


def forget_index(pad: Path) -> None:
    """Put a row in the store that one of its indexes does not know of."""
    with closing(sqlite3.connect(pad)) as opzoek:
        opzoek.execute("pragma writable_schema = on")
        regel = opzoek.execute("select * from sqlite_schema where name = 'lijst_naam'").fetchone()
        opzoek.execute("delete from sqlite_schema where name = 'lijst_naam'")
        opzoek.commit()
    with closing(sqlite3.connect(pad)) as opzoek:
        opzoek.execute("update lijst set naam = 'Elders'")
        opzoek.execute("pragma writable_schema = on")
        opzoek.execute("insert into sqlite_schema values (?, ?, ?, ?, ?)", regel)
        opzoek.commit()


@pytest.mark.parametrize(
    ("damage", "melding"),
    [
        (forget_index, "opzoek.sqlite is beschadigd"),
        (lambda pad: pad.write_bytes(b"x" * 20_000), "opzoek.sqlite is niet te openen"),
    ],
)
def test_store_that_was_broken_before_it_was_hashed_is_found(
    release: Path, damage: Callable[[Path], object], melding: str
) -> None:
    pad = release / schema.BESTAND_OPZOEK
    pad.chmod(0o644)
    damage(pad)
    manifest = json.loads((release / schema.BESTAND_MANIFEST).read_bytes())
    manifest["bestanden"][schema.BESTAND_OPZOEK] |= {
        "bytes": pad.stat().st_size,
        "sha256": hash_file(pad),
    }
    tekst = canonical_json(manifest)
    write_over(release / schema.BESTAND_MANIFEST, tekst)

    [probleem] = verify(release.rename(release.parent / release_hash(tekst)))

    assert probleem.startswith(melding)


# --- rollback


def test_rollback_serves_an_earlier_release_again(release: Path) -> None:
    tweede = write_renamed(release.parent, "Anders")
    activate(release.parent, tweede.name)

    rollback(release.parent, release.name)

    assert current(release.parent) == release.name


@pytest.mark.parametrize("release_id", ["0dce49cfb540", "../x", ""])
def test_rollback_to_a_release_that_is_not_there_changes_nothing(
    release: Path, release_id: str
) -> None:
    with pytest.raises(ReleaseFout, match="bestaat niet"):
        rollback(release.parent, release_id)
    assert current(release.parent) == release.name


def test_rollback_to_a_damaged_release_is_refused_and_says_why(release: Path) -> None:
    tweede = write_renamed(release.parent, "Anders")
    (tweede / schema.BESTAND_OPZOEK).unlink()

    with pytest.raises(ReleaseFout, match=r"niet gaaf: opzoek\.sqlite ontbreekt"):
        rollback(release.parent, tweede.name)
    assert current(release.parent) == release.name


# --- one opened release


def test_unknown_object_has_no_answer_history_or_explanation(release: Path) -> None:
    with open_release(release) as uitgave:
        assert uitgave.answer("complex", "C999") is None
        assert uitgave.answer("complex", "BU01") is None
        assert uitgave.history("complex", "C999") is None
        assert uitgave.explanation("buurt", "C001") is None


def test_closed_release_answers_no_more(release: Path) -> None:
    with open_release(release) as uitgave:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        uitgave.answer("complex", "C001")


def test_connections_of_every_thread_close_when_the_last_user_lets_go(release: Path) -> None:
    uitgave = Uitgave(release)
    verbindingen = [uitgave._opzoek()]

    def open_one(van: Uitgave) -> None:
        verbindingen.append(van._opzoek())

    draden = [threading.Thread(target=open_one, args=(uitgave,)) for _ in range(3)]
    for draad in draden:
        draad.start()
    for draad in draden:
        draad.join()
    assert len(set(verbindingen)) == 4
    wijst = weakref.ref(uitgave)

    del uitgave, draden, draad
    gc.collect()

    assert wijst() is None
    for verbinding in verbindingen:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            verbinding.execute("select 1")


def test_connection_of_a_thread_goes_with_it(release: Path) -> None:
    with open_release(release) as uitgave:
        for _ in range(3):
            draad = threading.Thread(target=uitgave.answer, args=("complex", "C001"))
            draad.start()
            draad.join()
        del draad
        gc.collect()

        assert len(uitgave._verbindingen) == 1
        assert uitgave.answer("complex", "C001") is not None


def test_something_remembered_is_made_once_and_may_need_something_remembered(
    release: Path,
) -> None:
    keren: list[int] = []

    with open_release(release) as uitgave:

        def make() -> int:
            keren.append(1)
            return len(uitgave.attachment("thema"))

        assert [uitgave.remember("themas", make) for _ in range(3)] == [5, 5, 5]
    assert keren == [1]


def test_attachments_hold_catalogue_coverage_and_content(release: Path) -> None:
    with open_release(release) as uitgave:
        assert [t["thema_code"] for t in uitgave.attachment("thema")][:2] == ["SHV", "OVL"]
        assert uitgave.attachment("dekking")[0]["kwartaal"] == "2026-10-01"
        assert uitgave.attachment("inhoud")["organisatie"] == "Stichting Voorbeeldwonen"
        assert len(uitgave.attachment("indicator")) == 8


# --- the door


def test_new_release_is_served_at_the_next_request_and_the_old_one_stays_readable(
    release: Path,
) -> None:
    winkel = Winkel(release.parent)
    oud = winkel.current()
    assert winkel.current() is oud

    activate(release.parent, write_renamed(release.parent, "Anders").name)

    assert read_naam(winkel.current()) == "Anders"
    assert read_naam(oud) == "Eikenhof"


def test_first_release_is_picked_up_by_a_door_that_was_opened_before_it(
    releases_map: Path,
) -> None:
    winkel = Winkel(releases_map)
    with pytest.raises(GeenRelease):
        winkel.current()

    publish_example(releases_map)

    assert read_naam(winkel.current()) == "Eikenhof"


def test_release_that_cannot_be_opened_leaves_the_one_before_and_says_so(release: Path) -> None:
    winkel = Winkel(release.parent)
    winkel.current()
    tweede = write_renamed(release.parent, "Anders")
    (tweede / schema.BESTAND_OPZOEK).unlink()
    activate(release.parent, tweede.name)

    assert read_naam(winkel.current()) == "Eikenhof"
    assert winkel.melding is not None
    assert "vorige wordt getoond" in winkel.melding

    shutil.rmtree(tweede)
    activate(release.parent, write_renamed(release.parent, "Anders").name)
    assert read_naam(winkel.current()) == "Anders"
    assert winkel.melding is None


def test_release_of_another_format_is_not_opened(release: Path) -> None:
    pad = release / schema.BESTAND_MANIFEST
    write_over(pad, canonical_json({**json.loads(pad.read_bytes()), "formaatversie": 99}))

    with pytest.raises(ReleaseFout, match="formaatversie 99"):
        Uitgave(release)
    with pytest.raises(GeenRelease):
        Winkel(release.parent).current()


def test_same_release_published_again_is_opened_again(release: Path) -> None:
    winkel = Winkel(release.parent)
    eerste = winkel.current()

    activate(release.parent, release.name)

    assert winkel.current() is not eerste
    assert winkel.current().release_id == eerste.release_id


def test_nothing_is_served_when_the_pointer_is_taken_away(release: Path) -> None:
    winkel = Winkel(release.parent)
    winkel.current()
    (release.parent / schema.BESTAND_HUIDIG).unlink()

    with pytest.raises(GeenRelease):
        winkel.current()


def test_pointer_that_moves_while_it_is_read_is_looked_at_again(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    winkel = Winkel(release.parent)
    tweede = write_renamed(release.parent, "Anders")
    echt = Winkel._open

    def open_and_move(
        self: Winkel, stempel: tuple[int, int, int] | None
    ) -> tuple[tuple[int, int, int], Uitgave] | None:
        stand = echt(self, stempel)
        activate(release.parent, tweede.name)
        monkeypatch.setattr(Winkel, "_open", echt)
        return stand

    monkeypatch.setattr(Winkel, "_open", open_and_move)

    assert read_naam(winkel.current()) == "Eikenhof"
    assert read_naam(winkel.current()) == "Anders"


# --- what was published and is not any more


@pytest.mark.parametrize("naam", [schema.BESTAND_OPZOEK, schema.BESTAND_MANIFEST])
def test_release_of_which_one_bit_was_flipped_is_not_served(release: Path, naam: str) -> None:
    flip_bit(release / naam)
    with pytest.raises(GeenRelease):
        Winkel(release.parent).current()


def test_store_that_is_written_to_while_it_is_open_is_not_answered_from(release: Path) -> None:
    winkel = Winkel(release.parent)
    assert read_naam(winkel.current()) == "Eikenhof"
    flip_bit(release / schema.BESTAND_OPZOEK)
    for _ in range(2):
        with pytest.raises(BeschadigdeRelease, match="beschadigd"):
            winkel.current()


def test_damaged_release_that_is_put_back_is_served_without_a_switch(release: Path) -> None:
    winkel = Winkel(release.parent)
    winkel.current()
    goed = (release / schema.BESTAND_OPZOEK).read_bytes()
    flip_bit(release / schema.BESTAND_OPZOEK)
    with pytest.raises(BeschadigdeRelease):
        winkel.current()
    write_over(release / schema.BESTAND_OPZOEK, goed)
    assert read_naam(winkel.current()) == "Eikenhof"


def test_file_is_given_only_when_it_is_what_was_published(release: Path) -> None:
    with open_release(release) as uitgave:
        naam = next(naam for naam in uitgave.manifest["bestanden"] if naam.endswith(".csv"))
        assert uitgave.find_bestand(naam) == release / naam
        flip_bit(release / naam)
        with pytest.raises(BeschadigdeRelease, match="csv"):
            uitgave.find_bestand(naam)
        (release / naam).unlink()
        with pytest.raises(BeschadigdeRelease):
            uitgave.find_bestand(naam)


def flip_bit(pad: Path) -> None:
    inhoud = bytearray(pad.read_bytes())
    inhoud[len(inhoud) // 2] ^= 1
    write_over(pad, bytes(inhoud))
