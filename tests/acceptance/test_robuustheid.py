"""The label on arrays is the published one, and the robustness report is made once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from models.label.keten import TeWeinigGemeten, compute_labels
from orchestration.assets.robuustheid import (
    POORTEN,
    ROBUUSTHEID,
    build_robuustheid,
    find_robuustheid,
)
from orchestration.methode import compute_methodeversie
from orchestration.meting import read_labelinvoer
from orchestration.resources import Werkplaats
from orchestration.robuustheid import FEITEN, PER_COMPLEX
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from serving.release.winkel import Uitgave


def make_werkplaats(bedrijf: Any) -> Werkplaats:
    return Werkplaats(data=str(bedrijf.data), leveringen=str(bedrijf.leveringen))


@pytest.fixture
def map_(kopie: Any) -> Path:
    return Path(kopie.data) / "robuustheid" / compute_methodeversie()


def test_every_label_on_arrays_is_that_of_the_warehouse(gepubliceerd: Any) -> None:
    with open_warehouse(gepubliceerd.data / "warehouse.duckdb") as warehouse:
        invoer = read_labelinvoer(warehouse)
        rijen = warehouse.execute(
            "select object_id, 4 * year(peildatum) + quarter(peildatum), thema_code, score, "
            "coalesce(sociaal_beheer_label, 0) from intermediate.int_label__label "
            "where niveau = 'complex' and grondslag = 'eigen'"
        ).fetchall()
    uitslag = compute_labels(invoer.meting, invoer.catalogus, invoer.methode)
    rij = {
        (invoer.eenheden[eenheid], kwartaal): i
        for i, (eenheid, kwartaal) in enumerate(
            zip(invoer.meting.eenheid.tolist(), invoer.meting.kwartaal.tolist(), strict=True)
        )
    }
    kolom = {thema: i for i, thema in enumerate((*invoer.themas, "TOT"))}
    assert len(rijen) > 2000
    for naam, kwartaal, thema, score, label in rijen:
        plek = rij[naam, kwartaal], kolom[thema]
        assert uitslag.label[plek] == label, (naam, kwartaal, thema)
        verwacht = np.nan if score is None else score
        # The normal distribution function of the SQL is a series: 7.5e-8 off, times 100.
        assert uitslag.score[plek] == pytest.approx(verwacht, abs=1e-5, nan_ok=True)


def test_report_stands_in_the_data_folder_and_in_the_release(gepubliceerd: Any) -> None:
    map_ = gepubliceerd.data / "robuustheid" / compute_methodeversie()
    feiten = json.loads((map_ / FEITEN).read_text(encoding="utf-8"))
    uitgave = Uitgave(gepubliceerd.data / "releases" / gepubliceerd.huidig)
    assert uitgave.attachment("inhoud")["robuustheid"] == feiten
    assert feiten["runs_aantal"] >= 500
    assert sum(feiten["zelfde_label"]) == feiten["complexen_aantal"]
    assert 0 < feiten["poorten"][0]["waarde"] < 1


def test_report_is_made_once_and_gives_the_same_bytes_when_made_anew(
    kopie: Any, map_: Path
) -> None:
    werkplaats = make_werkplaats(kopie)
    eerst = {naam: (map_ / naam).read_bytes() for naam in (FEITEN, PER_COMPLEX)}
    _, is_nieuw = find_robuustheid(werkplaats, Voortgang())
    assert not is_nieuw
    (map_ / FEITEN).unlink()
    _, is_nieuw = find_robuustheid(werkplaats, Voortgang())
    assert is_nieuw
    assert {naam: (map_ / naam).read_bytes() for naam in eerst} == eerst


def test_gates_of_the_report_warn_and_stop_nothing(kopie: Any, map_: Path) -> None:
    feiten = json.loads((map_ / FEITEN).read_text(encoding="utf-8"))
    for poort in feiten["poorten"]:
        poort["geslaagd"] = False
    (map_ / FEITEN).write_text(json.dumps(feiten), encoding="utf-8")
    uitkomst = dg.materialize(
        [build_robuustheid()],
        resources={"werkplaats": make_werkplaats(kopie), "voortgang": Voortgang()},
    )
    assert uitkomst.success
    oordelen = uitkomst.get_asset_check_evaluations()
    assert {oordeel.check_name for oordeel in oordelen} == POORTEN.keys()
    assert {oordeel.severity for oordeel in oordelen} == {dg.AssetCheckSeverity.WARN}
    assert not any(oordeel.passed for oordeel in oordelen)
    (beeld,) = uitkomst.get_asset_materialization_events()
    assert beeld.asset_key == ROBUUSTHEID
    assert {"invloed", "zelfde label", "rangen"} <= beeld.materialization.metadata.keys()


def test_without_own_measurements_there_is_nothing_to_judge(kopie: Any, map_: Path) -> None:
    (map_ / FEITEN).unlink()
    with open_warehouse(kopie.data / "warehouse.duckdb", schrijf=True) as warehouse:
        warehouse.execute("delete from intermediate.int_label__cel")
    werkplaats = make_werkplaats(kopie)
    with pytest.raises(TeWeinigGemeten, match="geen enkele meting op eigen gegevens"):
        find_robuustheid(werkplaats, Voortgang())
    uitkomst = dg.materialize(
        [build_robuustheid()], resources={"werkplaats": werkplaats, "voortgang": Voortgang()}
    )
    assert uitkomst.success
    oordelen = uitkomst.get_asset_check_evaluations()
    assert all(oordeel.passed for oordeel in oordelen)
    assert all("Niet te bepalen" in (oordeel.description or "") for oordeel in oordelen)
