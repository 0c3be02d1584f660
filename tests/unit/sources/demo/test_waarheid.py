"""The truth: apart from the deliveries, and findable by their ids."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.demo.genereer import GeneratieVerslag
from sources.demo.waarheid import measure_kerncijfers
from sources.demo.wereld import WereldParameters, build_stad, simulate_wereld


@pytest.fixture(scope="module")
def waarheid(demo: GeneratieVerslag) -> dict[str, pa.Table]:
    return {pad.stem: pq.read_table(pad) for pad in (demo.uit / "waarheid").glob("*.parquet")}


@pytest.fixture(scope="module")
def wereld(demo: GeneratieVerslag) -> dict[str, Any]:
    inhoud: dict[str, Any] = json.loads((demo.uit / "waarheid" / "wereld.json").read_text())
    return inhoud


def test_every_complex_has_a_row_per_month(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table]
) -> None:
    assert waarheid["complex"].num_rows == demo.complexen
    assert waarheid["complex_maand"].num_rows == demo.complexen * demo.maanden
    assert waarheid["buurt_maand"].num_rows == demo.buurten * demo.maanden


def test_truth_uses_the_cluster_ids_of_the_deliveries(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table]
) -> None:
    pad = demo.uit / "vera" / "cluster_2026-01-01.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        fin = {r["cluster_id"] for r in csv.DictReader(bestand, delimiter=";")
               if r["soort_code"] == "FIN"}
    for tabel in ("complex_maand", "orakel", "onderzoek"):
        assert set(waarheid[tabel]["cluster_id"].to_pylist()) <= fin
    # In a month a cluster of a split or merger holds two complexes of the world, others one.
    laatste = waarheid["complex_maand"].slice(waarheid["complex_maand"].num_rows - demo.complexen)
    ids = laatste["cluster_id"].to_pylist()
    assert len(ids) - len(set(ids)) == sum(waarheid["complex"]["voegt_samen"].to_pylist()) // 2


def test_reports_of_the_truth_are_the_nuisance_cases_that_were_delivered(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table]
) -> None:
    meldingen = sum(waarheid["complex_maand"]["meldingen"].to_pylist())
    zaken = demo.rijen["vera/zaak_2025-12-01.csv"]
    assert 0.5 * zaken < meldingen < zaken * 1.05


def test_oracle_is_a_chance_for_those_at_risk_and_empty_for_the_others(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table]
) -> None:
    orakel = waarheid["orakel"].to_pylist()
    toestand = {
        (rij["maand"], rij["complex"]): rij["uitgesloten"]
        for rij in waarheid["complex_maand"].select(["maand", "complex", "uitgesloten"]).to_pylist()
    }
    assert len(orakel) == demo.complexen * ((demo.maanden - 24 - 6) // 3 + 1)
    for rij in orakel:
        in_risico = toestand[rij["maand"], rij["complex"]] == 0
        assert (rij["kans"] is not None) == in_risico
        assert rij["kans"] is None or 0 <= rij["kans"] <= 1


def test_hazard_is_zero_out_of_the_risk_set(waarheid: dict[str, pa.Table]) -> None:
    maand = waarheid["complex_maand"]
    hazard, uit = (np.asarray(maand[naam]) for naam in ("hazard", "uitgesloten"))
    assert (hazard[uit > 0] == 0).all()
    assert (hazard[uit == 0] > 0).all()
    escalatie = np.asarray(maand["escalatie"])
    assert not escalatie[uit > 0].any()


def test_confirmed_inspections_of_the_log_are_true_cases(waarheid: dict[str, pa.Table]) -> None:
    for rij in waarheid["onderzoek"].to_pylist():
        assert not rij["is_bevestigd"] or rij["fraude"] > 0


def test_truth_says_what_world_it_is_of(
    demo: GeneratieVerslag, wereld: dict[str, Any]
) -> None:
    assert wereld["synthetisch"] is True
    assert wereld["seed"] == demo.seed
    assert wereld["parameters"]["buurten"] == WereldParameters().buurten
    for naam, waarde in demo.kerncijfers.items():
        assert wereld["kerncijfers"][naam] == pytest.approx(waarde, abs=1e-6)


def test_base_rate_that_cannot_be_measured_is_no_number() -> None:
    p = WereldParameters()
    kort = measure_kerncijfers(simulate_wereld(p, build_stad(p, 100, 1), 1, 1))
    assert np.isnan(kort["escalatie_per_6m"])
    assert kort["woningen"] == 100


def test_expectation_has_a_column_for_every_indicator_of_the_catalogue(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table]
) -> None:
    catalogus = Path(__file__).parents[4] / "dbt_project/seeds/methode/indicator_eigen.csv"
    with catalogus.open(encoding="utf-8", newline="") as bestand:
        codes = [rij["indicator_code"] for rij in csv.DictReader(bestand)]
    verwacht = waarheid["verwacht"]
    assert verwacht.column_names == ["maand", "complex", "cluster_id", *codes]
    assert verwacht.num_rows == demo.complexen * demo.maanden


def test_expectation_of_the_truth_is_what_was_delivered_on_average(
    demo: GeneratieVerslag, waarheid: dict[str, pa.Table], lees: Callable[..., Any]
) -> None:
    n = np.tile(waarheid["complex"]["woningen"].to_numpy(), demo.maanden)
    verwacht = waarheid["verwacht"]

    def sum_verwacht(code: str) -> float:
        return float(np.nansum(verwacht[code].to_numpy() * n) / 12.0)

    vandalisme = sum(r["oorzaak_code"] == "VAN" for r in lees("vera.defect"))
    assert vandalisme == pytest.approx(sum_verwacht("SHV_VANDALISME"), rel=0.25)
    meldingen = waarheid["complex_maand"]["meldingen"].to_numpy().sum()
    assert meldingen == pytest.approx(sum_verwacht("OVL_EPISODE"), rel=0.1)
    eindes = [r for r in lees("vera.huurovereenkomst", "tweede") if r["einddatum"]]
    assert len(eindes) == pytest.approx(sum_verwacht("SOC_MUTATIE"), rel=0.1)
    cijfers = [float(r["schoon_cijfer"]) for r in lees("wijkbeheer.schouw")]
    gemiddeld = float(np.mean(verwacht["SHV_SCHOON"].to_numpy()))
    assert np.mean(cijfers) == pytest.approx(gemiddeld, abs=0.1)
    achter = [r for r in lees("vera.huurachterstand") if float(r["maanden_achterstand"]) >= 2]
    aandeel = len(achter) / (demo.eenheden * demo.maanden)
    midden = np.average(verwacht["FIN_ACHTERSTAND"].to_numpy(), weights=n)
    assert aandeel == pytest.approx(midden, rel=0.25)
