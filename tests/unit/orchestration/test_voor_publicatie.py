"""A release is looked at as its readers would see it, before the pointer moves to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from orchestration.voor_publicatie import check_release, list_te_openbaar
from serving.release import schema
from serving.release.winkel import open_release
from serving.toegang import inzage
from tests.unit.serving.voorbeeld_release import publish_example, reseal
from vera.errors import PoortUitFout

TELEFOON = "06-12345678"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    (tmp_path / "archief").mkdir()
    return publish_example(tmp_path / "releases")


def look(release: Path, *, was_getoond: bool = False) -> None:
    check_release(release, release.parents[1] / "archief", (), was_getoond=was_getoond)


def test_sound_release_is_let_through(release: Path) -> None:
    look(release)
    assert release.is_dir()


@pytest.mark.parametrize("was_getoond", [False, True])
def test_release_with_a_telephone_number_is_refused_and_one_that_was_never_shown_goes(
    release: Path, was_getoond: bool
) -> None:
    (release / "papieren.txt").write_text(f"Bel {TELEFOON} voor vragen", encoding="utf-8")

    with pytest.raises(PoortUitFout, match="telefoonnummer") as fout:
        look(release, was_getoond=was_getoond)

    assert fout.value.exit_code == 4
    assert TELEFOON not in str(fout.value)
    assert release.exists() is was_getoond


def test_what_the_association_wants_to_be_shown_is_no_find(release: Path) -> None:
    (release / "papieren.txt").write_text(f"Bel {TELEFOON} voor vragen", encoding="utf-8")
    check_release(release, release.parents[1] / "archief", [TELEFOON], was_getoond=False)


def test_number_in_the_exact_tables_behind_it_is_found_too(release: Path) -> None:
    (release.parents[1] / "archief" / "invoer.json").write_text(TELEFOON, encoding="utf-8")
    with pytest.raises(PoortUitFout, match=r"invoer\.json"):
        look(release)


@pytest.mark.parametrize(
    ("naam", "kapot", "fout"),
    [
        ("_is_too_small", lambda grondslag, woningen: False, "minder dan 10 woningen"),
        ("round_aantal", lambda aantal, *cel: aantal, "niet op een vijftal"),
        ("round_aantal", lambda aantal, *cel: 1000, "niet op een vijftal"),
        ("_prune_themas", lambda regels, themas, *, klein: list(regels), "thema dat niet voor"),
    ],
    ids=["klein gebied", "niet afgerond", "te ver afgerond", "ander thema"],
)
def test_view_of_labels_alone_that_says_too_much_is_refused(
    release: Path, monkeypatch: pytest.MonkeyPatch, naam: str, kapot: Any, fout: str
) -> None:
    with sqlite3.connect(release / schema.BESTAND_OPZOEK) as winkel:
        shrink_gebied(winkel)
    winkel.close()
    release = reseal(release)
    with open_release(release) as uitgave:
        assert list(list_te_openbaar(uitgave)) == [], "small areas are left out as it is"
    monkeypatch.setattr(inzage, naam, kapot)

    with open_release(release) as uitgave:
        gevonden = list(list_te_openbaar(uitgave))

    assert any(fout in regel for regel in gevonden), gevonden
    assert all(regel.startswith(("buurt ", "wijk ")) for regel in gevonden)


def shrink_gebied(winkel: sqlite3.Connection) -> None:
    """Make one buurt of seven dwellings, in the list and on its card."""
    (id_,) = winkel.execute(
        "select beheerobject_id from lijst where niveau = 'buurt' and grondslag = 'eigen' "
        "and label_tot is not null order by 1 limit 1"
    ).fetchone()
    waar = "where niveau = 'buurt' and beheerobject_id = ?"
    winkel.execute(f"update lijst set verhuureenheden_aantal = 7 {waar}", (id_,))
    for tabel in ("lijst", "antwoord"):
        (body,) = winkel.execute(f"select body from {tabel} {waar}", (id_,)).fetchone()
        tekst = bytes(body).decode()
        begin = tekst.index('"aantalVerhuureenheden":') + len('"aantalVerhuureenheden":')
        einde = tekst.index(",", begin)
        nieuw = f"{tekst[:begin]}7{tekst[einde:]}"
        winkel.execute(f"update {tabel} set body = ? {waar}", (nieuw.encode(), id_))
    winkel.commit()
