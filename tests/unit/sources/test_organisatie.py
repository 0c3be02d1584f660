"""Who delivers: optional, and refused when it says something that nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.demo.genereer import GeneratieVerslag
from sources.organisatie import BESTAND, Organisatie, read_organisatie
from vera.errors import PoortInFout


def test_folder_without_the_file_is_an_unknown_association(tmp_path: Path) -> None:
    assert read_organisatie(tmp_path) == Organisatie()
    assert not read_organisatie(tmp_path).synthetisch


def test_association_names_itself_and_its_sort_of_complex(tmp_path: Path) -> None:
    (tmp_path / BESTAND).write_text("naam: Onze Hof\nclustersoort: STR\n", encoding="utf-8")
    organisatie = read_organisatie(tmp_path)
    assert (organisatie.naam, organisatie.clustersoort) == ("Onze Hof", "STR")


@pytest.mark.parametrize(
    "inhoud",
    [b"naam: 3\n", b"naam: [a\n", b"onbekend: 1\n", b"- een\n- lijst\n", b"synthetisch: 'ja'\n",
     b"\xff\xfen\x00a\x00", b"naam: \xe9\n", b"[" * 5_000,
     b"beleidswijzigingen: 3\n", b"beleidswijzigingen: [een]\n",
     b"beleidswijzigingen:\n- {model: label, vanaf: 2024-01-01, reden: r, vastgesteld_door: d}\n",
     b"beleidswijzigingen:\n- {model: overlast, vanaf: vroeger, reden: r, vastgesteld_door: d}\n",
     b"beleidswijzigingen:\n- {model: overlast, vanaf: 2024-01-01, reden: ' '}\n",
     b"verantwoording:\n- {model: overlast, eigenaar: e, grondslag: g, dpia: '', bezwaar: b}\n"],
)
def test_file_that_says_something_else_is_refused_by_name(tmp_path: Path, inhoud: bytes) -> None:
    (tmp_path / BESTAND).write_bytes(inhoud)
    with pytest.raises(PoortInFout, match=BESTAND):
        read_organisatie(tmp_path)


def test_demo_association_says_that_it_is_synthetic(demo: GeneratieVerslag) -> None:
    organisatie = read_organisatie(demo.uit)
    assert organisatie.synthetisch
    assert "(synthetisch)" in organisatie.naam


def test_known_change_of_policy_is_dated_and_somebody_answers_for_it(tmp_path: Path) -> None:
    (tmp_path / BESTAND).write_text(
        "beleidswijzigingen:\n- {model: overlast, vanaf: 2024-03-01, reden: Elke waarschuwing "
        "wordt vastgelegd, vastgesteld_door: manager sociaal beheer}\n",
        encoding="utf-8",
    )
    (wijziging,) = read_organisatie(tmp_path).beleidswijzigingen
    assert wijziging.vanaf.isoformat() == "2024-03-01"
    assert wijziging.reden == "Elke waarschuwing wordt vastgelegd"


def test_demo_says_who_answers_for_the_label_and_each_risk_model(demo: GeneratieVerslag) -> None:
    organisatie = read_organisatie(demo.uit)
    assert {rij.model for rij in organisatie.verantwoording} == {"label", "overlast", "woonfraude"}
    assert all("synthetisch" in rij.dpia.lower() for rij in organisatie.verantwoording)
