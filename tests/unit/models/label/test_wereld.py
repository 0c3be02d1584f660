"""The fixed world: its numbers are pinned, and it is the world that label.md describes."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from models.label.evaluatie import measure_labels
from models.label.keten import Methode
from models.label.wereld import (
    Wereld,
    WereldParameters,
    compute_waarheid,
    compute_ware_x,
    draw_tempo,
    draw_wereld,
    sum_jaar,
)

PARAMETERS = {
    "complexen": 450,
    "mediaan_omvang": 38.0,
    "spreiding_log_omvang": 0.9,
    "minimum_omvang": 10,
    "buurten": 45,
    "themas": 5,
    "indicatoren_per_thema": 3,
    "laagste_tempo": 0.02,
    "hoogste_tempo": 0.60,
    "aandeel_stap": 0.06,
    "stap": 2.5,
    "themas_met_stap": 2,
    "kwartalen": 20,
    "kwartalen_referentie": 8,
    "sd_buurt": 0.20,
    "sd_complex": 0.30,
    "sd_thema": 0.50,
    "sd_beweging": 0.25,
    "rho_beweging": 0.95,
}


@pytest.fixture(scope="module")
def wereld() -> Wereld:
    return draw_wereld(WereldParameters(), 1)


def test_parameters_are_the_published_ones() -> None:
    assert asdict(WereldParameters()) == PARAMETERS


def test_world_has_the_sizes_and_rates_of_the_design_paper(wereld: Wereld) -> None:
    assert wereld.woningen.min() == 10
    assert np.median(wereld.woningen) == pytest.approx(38, rel=0.1)
    tempo = draw_tempo(wereld.parameters)
    assert (tempo.min(), tempo.max()) == pytest.approx((0.02, 0.60))
    assert wereld.telling.shape == (450, 30, 15)


def test_same_seed_gives_the_same_world_and_another_seed_another(wereld: Wereld) -> None:
    p = wereld.parameters
    assert np.array_equal(draw_wereld(p, 1).telling, wereld.telling)
    assert not np.array_equal(draw_wereld(p, 2).telling, wereld.telling)


def test_counts_follow_the_true_rates(wereld: Wereld) -> None:
    verwacht = (wereld.tempo * wereld.woningen[:, None, None]).sum() / 4
    assert wereld.telling.sum() == pytest.approx(verwacht, rel=0.01)


def test_some_rates_jump_and_stay_where_they_are(wereld: Wereld) -> None:
    p = wereld.parameters
    van_buurt = wereld.bekend_risico[:, :1]
    stap = wereld.bekend_risico - van_buurt
    heeft = stap[:, -1] > 0
    assert heeft.any(axis=1).mean() == pytest.approx(p.aandeel_stap, abs=0.03)
    assert set(heeft.sum(axis=1)) == {0, p.themas_met_stap}
    assert np.exp(stap[:, -1][heeft]) == pytest.approx(p.stap)
    assert (np.diff(stap, axis=1) >= 0).all()


def test_window_holds_the_last_four_quarters() -> None:
    per_kwartaal = np.arange(1.0, 8.0).reshape(1, 7, 1)
    assert sum_jaar(per_kwartaal, 3)[0, :, 0].tolist() == [2 + 3 + 4 + 5, 18, 22]


def test_true_labels_change_as_often_as_the_design_paper_says() -> None:
    wisselt = []
    for seed in range(1, 9):
        wereld = draw_wereld(WereldParameters(), seed)
        waar = (
            compute_waarheid(compute_ware_x(wereld), wereld.meting, wereld.catalogus, Methode())
            .label[:, -1]
            .reshape(450, -1)
        )
        wisselt.append(measure_labels(waar, waar, wereld.woningen)["wisselingen"])
    assert 0.034 <= np.mean(wisselt) <= 0.041


def test_true_labels_have_the_shares_of_the_method_in_the_reference(wereld: Wereld) -> None:
    uitslag = compute_waarheid(compute_ware_x(wereld), wereld.meting, wereld.catalogus, Methode())
    in_r = wereld.meting.in_r
    deel = [wereld.meting.woningen[in_r & (uitslag.label[:, -1] == k)].sum() for k in range(1, 6)]
    assert np.array(deel) / sum(deel) == pytest.approx([0.1, 0.2, 0.4, 0.2, 0.1], abs=0.01)
