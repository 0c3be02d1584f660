"""What every page ends with: whose figures, of when, from which deliveries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from serving.pagina.versheid import describe_versheid
from serving.release.winkel import Uitgave
from tests.unit.serving.voorbeeld_release import INHOUD, PEILDATUM, publish_example


def test_facts_of_the_release_are_in_words(tmp_path: Path) -> None:
    uitgave = Uitgave(publish_example(tmp_path))
    versheid = describe_versheid(uitgave, PEILDATUM, None)
    assert versheid.release_id == uitgave.release_id
    assert versheid.peildatum == "1 oktober 2026"
    assert versheid.organisatie == "Stichting Voorbeeldwonen"
    assert versheid.is_synthetisch
    assert versheid.gepubliceerd is not None
    assert versheid.gepubliceerd.endswith("uur UTC")
    assert versheid.verouderd is None


def test_deliveries_are_grouped_by_table(tmp_path: Path) -> None:
    leveringen = [
        {"tabel": tabel, "sha256": "ab" * 32, "rijen": rijen}
        for tabel, rijen in (("vera.zaak", 1200), ("cbs_kwb.kerncijfers", 78), ("vera.zaak", 34))
    ]
    pad = publish_example(tmp_path, inhoud={**INHOUD, "leveringen": leveringen})
    versheid = describe_versheid(Uitgave(pad), PEILDATUM, None)
    assert versheid.aantal_leveringen == 3
    assert [(rij.tabel, rij.aantal, rij.rijen) for rij in versheid.leveringen] == [
        ("cbs_kwb.kerncijfers", 1, "78"),
        ("vera.zaak", 2, "1.234"),
    ]


def test_real_data_grows_old_and_invented_data_does_not(tmp_path: Path) -> None:
    later = PEILDATUM + timedelta(days=200)
    echt = Uitgave(publish_example(tmp_path, inhoud={**INHOUD, "synthetisch": False}))
    assert describe_versheid(echt, later, None).verouderd == (
        "Deze gegevens zijn 200 dagen oud. Nieuwere zijn er nog niet."
    )
    assert describe_versheid(Uitgave(publish_example(tmp_path)), later, None).verouderd is None
