"""The check for personal data looks at what is served, and at what waits to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.assets.toezicht import build_persoonsgegevens
from orchestration.goedkeuring import Besluit, Stand, hold, list_wachtend
from orchestration.resources import Werkplaats
from orchestration.voor_publicatie import STAP
from orchestration.voortgang import Voortgang
from tests.unit.serving.voorbeeld_release import build_tables, publish_example, rename_object

TELEFOON = "06-12345678"


@pytest.fixture
def werkplaats(tmp_path: Path) -> Werkplaats:
    return Werkplaats(data=str(tmp_path / "data"), leveringen=str(tmp_path))


def publish(werkplaats: Werkplaats, naam: str) -> str:
    tabellen = rename_object(build_tables(), "C001", naam)
    return publish_example(werkplaats.map.releases, tabellen).name


def hold_as(werkplaats: Werkplaats, release_id: str, vorige: str, stand: Stand) -> None:
    besluit = Besluit(release_id, vorige, ("Veel anders.",), "2026-11-02T06:10:00+00:00", stand)
    hold(werkplaats.map, besluit)


def check(werkplaats: Werkplaats, *, is_net_gezocht: bool = False) -> dg.AssetCheckResult:
    voortgang = Voortgang()
    if is_net_gezocht:
        voortgang.seconden[STAP] = 0.1
    uit: Any = build_persoonsgegevens()(werkplaats=werkplaats, voortgang=voortgang)
    assert isinstance(uit, dg.AssetCheckResult)
    return uit


@pytest.mark.parametrize("is_net_gezocht", [True, False])
def test_release_that_waits_for_approval_is_looked_through_after_the_fact(
    werkplaats: Werkplaats, is_net_gezocht: bool
) -> None:
    wacht = publish(werkplaats, f"Bel {TELEFOON}")
    getoond = publish(werkplaats, "Eikenhof")
    assert check(werkplaats, is_net_gezocht=is_net_gezocht).passed, "nobody knows of it yet"
    hold_as(werkplaats, wacht, getoond, "wacht")

    uit = check(werkplaats, is_net_gezocht=is_net_gezocht)

    assert not uit.passed
    assert uit.description is not None
    assert f"buurtpeil release afwijzen {wacht}" in uit.description
    assert "telefoonnummer" in uit.description
    assert "rollback" not in uit.description
    assert TELEFOON not in uit.description


def test_release_that_is_served_is_looked_through_unless_that_was_done_just_now(
    werkplaats: Werkplaats,
) -> None:
    getoond = publish(werkplaats, f"Bel {TELEFOON}")

    uit = check(werkplaats)

    assert not uit.passed
    assert f"In release {getoond} staan" in (uit.description or "")
    assert "release rollback" in (uit.description or "")
    assert check(werkplaats, is_net_gezocht=True).passed


def test_release_that_waits_and_holds_nothing_gives_no_warning(werkplaats: Werkplaats) -> None:
    wacht, getoond = publish(werkplaats, "Populier"), publish(werkplaats, "Eikenhof")
    hold_as(werkplaats, wacht, getoond, "wacht")

    uit = check(werkplaats)

    assert uit.passed
    assert uit.metadata["releases"].value == f"{getoond}, {wacht}"


@pytest.mark.parametrize("stand", ["ongekeurd", "goedgekeurd", "afgewezen"])
def test_only_what_waits_counts_as_waiting(werkplaats: Werkplaats, stand: Stand) -> None:
    ander, getoond = publish(werkplaats, "Populier"), publish(werkplaats, "Eikenhof")
    hold_as(werkplaats, ander, getoond, stand)
    assert list_wachtend(werkplaats.map) == ()
    hold_as(werkplaats, ander, getoond, "wacht")
    assert list_wachtend(werkplaats.map) == (ander,)


def test_place_where_nothing_was_published_is_no_fault(werkplaats: Werkplaats) -> None:
    assert check(werkplaats).passed
