"""The report in the data folder: what its files say, and when it is made anew."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from models.label.robuustheid import Robuustheid
from orchestration.robuustheid import (
    PER_COMPLEX,
    describe_robuustheid,
    has_kenmerk,
    make_kenmerk,
    read_feiten,
    write_robuustheid,
)
from tests.unit.serving.pagina.voorbeeldstad import ROBUUSTHEID

KENMERK = make_kenmerk("SBL-1.x", "eigen-1", "0.1.0+x")
EENHEDEN = ("C3", "C1", "C2")


def make_robuustheid(aandeel: tuple[float, ...] = (1.0, 0.5, 0.0)) -> Robuustheid:
    return Robuustheid(
        kwartaal=4 * 2026 + 1,
        runs=512,
        doorrekeningen=1792,
        eenheid=np.array([0, 1, 2]),
        label=np.array([5, 1, 3]),
        aandeel_zelfde=np.array(aandeel),
        rang=np.array([1.0, 3.0, 2.0]),
        rang_laag=np.array([1.0, 2.0, 1.0]),
        rang_hoog=np.array([1.0, 3.0, 3.0]),
        verschuiving=np.array([0.02, 0.04]),
        eerste=np.array([-0.01, 0.1, 0.1, 0.5, 0.2]),
        totaal=np.array([0.0, 0.1, 0.1, 0.7, 0.2]),
        eerste_marge=np.zeros(5),
        totaal_marge=np.zeros(5),
    )


def test_facts_have_the_names_that_the_page_reads() -> None:
    feiten = {**KENMERK, **describe_robuustheid(make_robuustheid())}
    assert feiten.keys() == ROBUUSTHEID.keys()
    for deel in ("poorten", "keuzes"):
        voorbeeld = ROBUUSTHEID[deel]
        assert isinstance(voorbeeld, list)
        assert [rij["naam"] for rij in feiten[deel]] == [rij["naam"] for rij in voorbeeld]
        assert feiten[deel][0].keys() == voorbeeld[0].keys()


def test_facts_tell_the_quarter_the_gates_and_the_spread() -> None:
    feiten = describe_robuustheid(make_robuustheid())
    assert feiten["peildatum"] == "2026-01-01"
    assert [poort["geslaagd"] for poort in feiten["poorten"]] == [False, True, False]
    assert feiten["zelfde_label"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert feiten["rangen"] == [
        [0.3333, 0.3333, 0.3333],
        [0.6667, 0.3333, 1.0],
        [1.0, 0.6667, 1.0],
    ]


@pytest.mark.parametrize(("kwartaal", "dag"), [(1, "01-01"), (2, "04-01"), (4, "10-01")])
def test_quarter_number_is_the_first_day_of_the_quarter(kwartaal: int, dag: str) -> None:
    gevonden = dataclasses.replace(make_robuustheid(), kwartaal=4 * 2025 + kwartaal)
    assert describe_robuustheid(gevonden)["peildatum"] == f"2025-{dag}"


def test_report_is_written_per_method_and_read_back(tmp_path: Path) -> None:
    feiten = write_robuustheid(make_robuustheid(), EENHEDEN, KENMERK, tmp_path)
    assert read_feiten(tmp_path, "SBL-1.x") == feiten
    assert read_feiten(tmp_path, "SBL-1.y") is None
    rijen = pq.read_table(tmp_path / "SBL-1.x" / PER_COMPLEX).to_pylist()
    assert [rij["beheereenheid_id"] for rij in rijen] == ["C1", "C2", "C3"]
    assert rijen[2]["sociaal_beheer_label"] == 5
    assert rijen[2]["aandeel_zelfde_label"] == 1.0


def test_another_method_reference_or_code_makes_the_report_anew(tmp_path: Path) -> None:
    feiten = write_robuustheid(make_robuustheid(), EENHEDEN, KENMERK, tmp_path)
    assert has_kenmerk(feiten, KENMERK)
    assert not has_kenmerk(None, KENMERK)
    for naam in KENMERK:
        assert not has_kenmerk(feiten, {**KENMERK, naam: "anders"})
