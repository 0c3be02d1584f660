"""Scores, facts of a worklist and maatregelen in the look-up store: what is in it, and for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.release import schema
from serving.release.voor_rollen import (
    read_feiten,
    read_maatregelen,
    read_redenen,
    read_score,
    read_stand,
)
from serving.release.winkel import open_release
from serving.toegang.inzage import look_as
from tests.unit.serving.voorbeeld_release import build_tables, publish_example
from tests.unit.serving.werklijst.voorbeeld import MAAND, REDEN, VERSIE, make_tables
from vera.toegang import Lezer, find_rollen


def test_score_is_that_of_the_last_month_and_of_what_chooses(tmp_path: Path) -> None:
    with open_release(publish_example(tmp_path / "r", make_tables())) as uitgave:
        stand = read_stand(uitgave, "overlast")
        score = read_score(uitgave, "overlast", "C001")
        assert stand is not None
        assert score is not None
        assert (stand.scoreversie, stand.peildatum, stand.scoort) == (VERSIE, MAAND, True)
        assert (score.rang, score.kans, score.redenen) == (1, 0.41237, (f"{REDEN} (C001)",))
        assert read_score(uitgave, "overlast", "C006") is None
        assert uitgave.query("select count(*) from risicoscore") == [(10,)]


@pytest.mark.parametrize("stand", ["gestopt", "storing"])
def test_model_that_chooses_nothing_leaves_no_score_in_the_store(
    tmp_path: Path, stand: str
) -> None:
    with open_release(publish_example(tmp_path / "r", make_tables(stand))) as uitgave:
        gelezen = read_stand(uitgave, "overlast")
        assert gelezen is not None
        assert not gelezen.scoort
        assert uitgave.query("select count(*) from risicoscore") == [(0,)]


def test_same_tables_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    tabellen = make_tables()
    omgekeerd = {naam: t.take(list(range(t.num_rows))[::-1]) for naam, t in tabellen.items()}
    een = publish_example(tmp_path / "een", tabellen)
    ander = publish_example(tmp_path / "ander", omgekeerd)
    assert een.name == ander.name
    assert (een / schema.BESTAND_OPZOEK).read_bytes() == (
        ander / schema.BESTAND_OPZOEK
    ).read_bytes()


def test_none_of_it_is_in_what_a_reader_of_labels_alone_is_handed(tmp_path: Path) -> None:
    lezers = [Lezer("x", find_rollen([rol])) for rol in ("gemeente", "politie", "woonfraude")]
    with open_release(publish_example(tmp_path / "r", make_tables())) as uitgave:
        for lezer in (Lezer(None), *lezers):
            gezien = look_as(uitgave, lezer)
            tabellen = {naam for (naam,) in gezien.query("select name from sqlite_master")}
            assert not tabellen & {"risicoscore", "risicostand", "werklijstfeit", "maatregel"}
            assert read_score(gezien, "overlast", "C001") is None
            assert read_stand(gezien, "overlast") is None
            assert read_feiten(gezien, "overlast") == {}
            assert read_maatregelen(gezien, "C001") == []


def test_release_without_models_or_facts_has_nothing_to_show(tmp_path: Path) -> None:
    with open_release(publish_example(tmp_path / "r", build_tables())) as uitgave:
        assert read_stand(uitgave, "overlast") is None
        assert read_feiten(uitgave, "overlast") == {}
        assert read_maatregelen(uitgave, "C001") == []


def test_facts_and_maatregelen_are_by_complex(tmp_path: Path) -> None:
    with open_release(publish_example(tmp_path / "r", make_tables())) as uitgave:
        assert read_feiten(uitgave, "overlast")["C001"]["meldingen"] == 7
        assert read_feiten(uitgave, "woonfraude")["C001"]["weigeringen"] == 3
        assert [m["soort_code"] for m in read_maatregelen(uitgave, "C001")] == [
            "toezicht", "schoonmaakactie",
        ]  # fmt: skip


def test_reasons_are_read_as_texts_or_objects_and_absence_is_none() -> None:
    assert read_redenen("") == ()
    assert read_redenen('["a", {"zin": "b", "bijdrage": 1}]') == ("a", "b")
