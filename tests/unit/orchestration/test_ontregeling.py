"""Choosing chaos trials, counting them, and noticing what is wrong after one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from orchestration import ontregeling
from orchestration.cli.ontregeling import describe, write_markdown
from orchestration.ontregeling import SNEL, Uitslag, choose_soorten, read_bestanden
from orchestration.ontregeling_bank import (
    Bank,
    Einde,
    Feiten,
    find_afval,
    hash_antwoorden,
    judge_na_run,
    list_bestanden,
    look,
)
from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.wijzer import activate
from serving.release.winkel import Uitgave, Winkel
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)
from vera.errors import GebruikFout


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A bank of two examples; the second is not published."""
    releases = tmp_path / "data" / "releases"
    oud = publish_example(releases)
    nieuw = write_release(rename_object(build_tables(), "C001", "Anders"), INHOUD, RUN, releases)
    sommen = {pad.name: hash_antwoorden(Uitgave(pad)) for pad in (oud, nieuw)}
    bestanden = tuple(sorted(list_bestanden(tmp_path / "data")))
    return Bank(tmp_path, Feiten(oud.name, nieuw.name, sommen, bestanden, 10, 1.0, "nu"))


def test_all_quick_kinds_are_chosen_and_the_database_only_where_there_is_one() -> None:
    assert choose_soorten([], met_database=True) == SNEL
    assert "database" not in choose_soorten([], met_database=False)
    assert choose_soorten(["stap", "stap"], met_database=False) == ("stap",)


@pytest.mark.parametrize("soort", ["bliksem", "database"])
def test_kind_that_cannot_be_done_is_refused(soort: str) -> None:
    with pytest.raises(GebruikFout):
        choose_soorten([soort], met_database=False)


def test_number_and_seed_alone_decide_what_is_damaged(tmp_path: Path) -> None:
    publish_example(tmp_path / "releases")
    oud = (tmp_path / "releases" / schema.BESTAND_HUIDIG).read_text(encoding="ascii").strip()
    (tmp_path / "archief" / oud).mkdir(parents=True)
    (tmp_path / "archief" / oud / "a.parquet").touch()
    keuzes = [
        ontregeling._choose_bestand(tmp_path, oud, np.random.default_rng([1, nummer]))
        for nummer in (*range(40), *range(40))
    ]
    assert keuzes[:40] == keuzes[40:]
    assert len({naam for naam, _ in keuzes}) == 6


def test_release_that_was_published_is_as_it_should_be(bank: Bank) -> None:
    assert look(bank, bank.data) == ontregeling.Stand("vorige")


def test_other_answers_under_a_published_id_are_noticed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bank.feiten.sommen, bank.feiten.oud, "anders")
    assert "antwoordt anders" in look(bank, bank.data).fouten[0]


def test_release_without_its_archive_is_noticed_once_it_is_served(bank: Bank) -> None:
    activate(bank.data / "releases", bank.feiten.nieuw)
    assert "zonder archief" in look(bank, bank.data).fouten[0]


def test_next_run_that_fails_or_publishes_nothing_is_noticed(bank: Bank) -> None:
    fouten = judge_na_run(bank, bank.data, Einde(1, "De run is gestopt."))
    assert fouten[0] == "de volgende run eindigt met 1: De run is gestopt."
    assert fouten[1] == "na de volgende run wordt getoond: vorige"


def test_what_a_killed_process_leaves_is_noticed_and_an_open_store_is_not(bank: Bank) -> None:
    (bank.data / "releases" / ".bouw-x").mkdir()
    (bank.data / "besluiten.sqlite-wal").touch()
    assert find_afval(bank, bank.data) == ["releases/.bouw-x"]


def test_file_that_is_given_otherwise_than_published_is_noticed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    winkel = Winkel(bank.data / "releases")
    goed = read_bestanden(winkel)
    assert len(goed) > 5
    assert list(ontregeling._compare_bestanden(goed, winkel)) == []
    naam = next(iter(goed))
    monkeypatch.setattr(Uitgave, "find_bestand", lambda *_: SimpleNamespace(read_bytes=bytes))
    assert f"{naam} wordt anders gegeven dan gepubliceerd" in list(
        ontregeling._compare_bestanden(goed, winkel)
    )


@pytest.mark.parametrize(
    ("einde", "mag", "aantal"),
    [
        (Einde(0, ""), True, 0),
        (Einde(0, ""), False, 1),
        (Einde(1, "De schijf is vol."), True, 0),
        (Einde(1, "Traceback (most recent call last):"), True, 1),
        (Einde(1, ""), True, 1),
    ],
    ids=["fine", "unnoticed", "told", "traceback", "silent"],
)
def test_failure_must_be_told_in_words(einde: Einde, mag: bool, aantal: int) -> None:
    assert len(ontregeling._judge_einde(einde, mag_slagen=mag)) == aantal


def make_uitslag(**velden: Any) -> Uitslag:
    vast = {
        "nummer": 7, "soort": "schijf", "variant": "volle schijf", "moment": "3 kB over",
        "geraakt": True, "getoond": "vorige", "fouten": (),
    }  # fmt: skip
    return Uitslag(**{**vast, **velden})


def test_table_counts_per_kind_and_variant() -> None:
    tabel = write_markdown(
        [
            make_uitslag(),
            make_uitslag(geraakt=False, getoond="nieuwe"),
            make_uitslag(soort="release", variant="wijzer, open", getoond="niets", fouten=("x",)),
        ]
    )
    assert tabel.splitlines()[2:] == [
        "| release | wijzer, open | 1 | 1 |  |  | 1 | 1 |",
        "| schijf | volle schijf | 2 | 1 | 1 | 1 |  |  |",
        "| **samen** |  | 3 | 2 | 1 | 1 | 1 | 1 |",
    ]


def test_trial_is_told_with_what_is_wrong() -> None:
    assert describe(make_uitslag(geraakt=False, fouten=("het leeslog klopt niet",))) == [
        "proef 7, schijf, volle schijf: 3 kB over (niet geraakt); getoond: vorige",
        "  het leeslog klopt niet",
    ]
