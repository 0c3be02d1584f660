"""The method against the truth: what docs/evaluatie.md reports does not get worse unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import typer

from models.label.evaluatie import EISEN, Uitkomst, evaluate_vaste_wereld
from orchestration.cli.evaluatie import evaluate_label, judge, read_wereld
from orchestration.demo_evaluatie import compare_demo, read_waarheid
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import Werkmap
from vera.errors import GebruikFout

# Looser than what 8 seeds gave (docs/evaluatie.md): two seeds, and five to ten per cent of room.
GRENS = {
    "wisselingen": 0.051,
    "teruggedraaid": 0.13,
    "juist": 0.77,
    "juist_klein": 0.66,
    "juist_bij_kans_80": 0.89,
    "vals_signaal": 0.02,
    "kracht": 0.77,
}


@pytest.fixture(scope="module")
def uitkomsten() -> list[Uitkomst]:
    return [evaluate_vaste_wereld(seed, met_plafond=False) for seed in (1, 2)]


@pytest.mark.parametrize("eis", EISEN, ids=lambda eis: eis.code)
def test_label_of_the_fixed_world_is_as_good_as_reported(
    uitkomsten: list[Uitkomst], eis: Any
) -> None:
    waarde = float(np.mean([uit.sbl[eis.code] for uit in uitkomsten]))
    if eis.soort == "hoogstens":
        assert waarde <= GRENS[eis.code]
    else:
        assert waarde >= GRENS[eis.code]


def test_label_of_the_fixed_world_is_steadier_and_more_often_right_than_a_spreadsheet(
    uitkomsten: list[Uitkomst],
) -> None:
    for uit in uitkomsten:
        assert uit.sbl["wisselingen"] < 0.5 * uit.ruw["wisselingen"]
        assert uit.sbl["teruggedraaid"] < 0.5 * uit.ruw["teruggedraaid"]
        assert uit.sbl["juist"] > uit.ruw["juist"]
        assert uit.sbl["juist_klein"] > uit.ruw["juist_klein"]


def test_probabilities_of_the_fixed_world_promise_no_more_than_they_hold(
    uitkomsten: list[Uitkomst],
) -> None:
    for band in judge("vast", uitkomsten).banden:
        assert band.juist >= band.kans - 0.02, band


def test_demo_that_was_published_is_measured_against_its_truth(gepubliceerd: Any) -> None:
    with open_warehouse(Werkmap.of(gepubliceerd.data).warehouse) as warehouse:
        waarheid = read_waarheid(gepubliceerd.leveringen / "waarheid")
        uit = compare_demo(warehouse, waarheid, 1)
    # Labels at random with shares of 10, 20, 40, 20 and 10 % are right in .26 of the cases.
    assert uit.sbl["juist"] > 0.26
    assert uit.sbl["wisselingen"] < uit.ruw["wisselingen"]
    assert sum(band.aantal for band in uit.banden) > 100
    assert uit.plafond["juist"] > uit.sbl["juist"]


def test_command_ends_with_one_and_names_what_was_missed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No rule is right that often: whatever the method reaches, this limit is missed.
    streng = [replace(eis, grens=0.99) if eis.code == "juist" else eis for eis in EISEN]
    monkeypatch.setattr("orchestration.cli.evaluatie.EISEN", streng)
    with pytest.raises(typer.Exit) as einde:
        evaluate_label(seeds=1, wereld="vast", als_json=True)
    uit = json.loads(capsys.readouterr().out)
    gehaald = {rij["eis"]["code"]: rij["gehaald"] for rij in uit[0]["cijfers"]}
    assert einde.value.exit_code == 1
    assert gehaald["teruggedraaid"]
    assert not gehaald["juist"]


def test_world_that_does_not_exist_is_refused() -> None:
    with pytest.raises(GebruikFout, match="vast, demo, beide"):
        read_wereld("echt")
