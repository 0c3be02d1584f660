"""Evaluation of overlast on a panel of which is known what it should give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from models.overlast.cohort import Cohort, select_cohort
from models.overlast.evaluatie import (
    count_top,
    is_gat_bewaakt,
    measure_ap,
    measure_geschud,
    measure_overlap,
    measure_overlast,
    measure_tpr_verhouding,
    predict_vensters,
    select_top,
)
from models.overlast.regel import KOLOMMEN
from models.overlast.training import KENMERKEN, train
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.tijdsplitsing import LekFout, Venster, make_vensters

COMPLEXEN = 200
PEILMAANDEN = np.arange(600, 667, 3)


def make_paneel(seed: int = 5, namen: tuple[str, ...] = KENMERKEN) -> Paneel:
    """Return 200 complexes on 23 as-of dates whose chance follows the first two features."""
    rng = np.random.default_rng(seed)
    rijen = COMPLEXEN * len(PEILMAANDEN)
    x = rng.normal(size=(rijen, len(namen)))
    kans = expit(-2.5 + 1.2 * x[:, 0] + 0.8 * x[:, 1])
    return Paneel(
        complex_id=np.tile([f"C{i:03d}" for i in range(COMPLEXEN)], len(PEILMAANDEN)),
        peilmaand=np.repeat(PEILMAANDEN, COMPLEXEN),
        buurt=np.tile(np.arange(COMPLEXEN) % 10, len(PEILMAANDEN)),
        eenheden=np.tile(np.arange(COMPLEXEN) + 5, len(PEILMAANDEN)),
        x=x,
        kenmerken=tuple(Kenmerk(naam, "omvang", 0, "", "", "", "", ()) for naam in namen),
        y=(rng.random(rijen) < kans).astype(float),
        ruw={
            naam: rng.poisson(2.0, rijen).astype(float)
            for naam in KOLOMMEN
            if naam != "aantal_eenheden"
        },
    )


def get_vensters(paneel: Paneel) -> tuple[Venster, ...]:
    """Return the windows of the cohort's own calendar."""
    c = Cohort()
    return make_vensters(paneel.peilmaand, c.horizon, c.stap_toets, c.geschiedenis)


def test_small_complexes_and_unknown_outcomes_are_no_part_of_the_cohort() -> None:
    paneel = make_paneel()
    paneel = replace(paneel, y=np.where(np.arange(len(paneel)) % 7 == 0, np.nan, paneel.y))
    gekozen = paneel.select(select_cohort(paneel))
    assert gekozen.eenheden.min() == 10
    assert gekozen.is_bekend.all()


def test_prediction_on_a_test_date_does_not_change_with_outcomes_from_then_on() -> None:
    paneel = make_paneel()
    venster = get_vensters(paneel)[0]
    later = paneel.peilmaand > venster.train_tot
    anders = replace(paneel, y=np.where(later, 1.0 - paneel.y, paneel.y))
    een, ander = (predict_vensters(p, [venster]) for p in (paneel, anders))
    assert np.array_equal(een.model, ander.model)
    assert not np.array_equal(een.y, ander.y)


def test_run_without_a_gap_is_refused_and_the_control_sees_it() -> None:
    paneel = make_paneel()
    venster = get_vensters(paneel)[0]
    with pytest.raises(LekFout):
        predict_vensters(paneel, [replace(venster, train_tot=venster.toets_peilmaand - 3)])
    assert is_gat_bewaakt(paneel, venster)


def test_rows_of_a_prediction_are_those_of_the_panel() -> None:
    paneel = make_paneel()
    v = predict_vensters(paneel, get_vensters(paneel))
    assert np.array_equal(paneel.peilmaand[v.rij], v.venster)
    assert np.array_equal(paneel.y[v.rij], v.y)
    assert len(np.unique(v.venster)) == 7


def test_true_chance_beats_the_model_and_the_model_beats_chance() -> None:
    paneel = make_paneel()
    v = predict_vensters(paneel, get_vensters(paneel))
    orakel = expit(-2.5 + 1.2 * paneel.x[v.rij, 0] + 0.8 * paneel.x[v.rij, 1])
    groep = paneel.buurt[v.rij] < 3
    ons = measure_overlast(v, v.model, groep, orakel, None)
    zelf = measure_overlast(v, orakel, groep, orakel, orakel)
    assert zelf["ap_per_orakel"] == zelf["ap_per_plafond"] == zelf["tpr_verhouding"] == 1.0
    assert 0.9 < ons["ap_per_orakel"] < 1.02
    assert ons["lift"] > 3.0


def test_shuffled_outcomes_give_what_chance_gives() -> None:
    paneel = make_paneel()
    echt = predict_vensters(paneel, get_vensters(paneel))
    winst = [
        measure_geschud(paneel, get_vensters(paneel), np.random.default_rng(zaad))
        for zaad in range(8)
    ]
    toeval = measure_ap(echt.venster, echt.y, np.zeros(len(echt.y)))
    assert abs(np.mean(winst)) < 3 * np.std(winst, ddof=1) / np.sqrt(8)
    assert measure_ap(echt.venster, echt.y, echt.model) - toeval > 10 * max(np.abs(winst))


def test_tpr_ratio_is_one_for_equal_groups_and_low_for_a_score_that_passes_one_over() -> None:
    venster = np.zeros(1000, dtype=np.int64)
    y = (np.arange(1000) % 10 == 0).astype(float)
    groep = np.arange(1000) % 20 < 10
    eerlijk = y + np.random.default_rng(1).random(1000)
    assert measure_tpr_verhouding(venster, y, eerlijk, groep) == pytest.approx(1.0, abs=0.5)
    assert measure_tpr_verhouding(venster, y, eerlijk - 2.0 * groep, groep) == 0.0


def test_top_is_taken_per_window() -> None:
    venster = np.repeat([1, 2], [100, 60])
    top = select_top(venster, np.arange(160.0))
    assert top[:100].sum() == count_top(100) == 5
    assert top[100:].sum() == count_top(60) == 3


def test_refits_of_a_clear_signal_share_most_of_their_top() -> None:
    paneel = make_paneel()
    laatste = get_vensters(paneel)[-1]
    overlap = measure_overlap(paneel, laatste, np.random.default_rng(1))
    assert 0.75 < overlap < 1.0
    ruis = replace(paneel, y=np.random.default_rng(2).permutation(paneel.y))
    assert measure_overlap(ruis, laatste, np.random.default_rng(1)) < overlap


def test_feature_that_is_mostly_unknown_is_left_out_and_named() -> None:
    paneel = make_paneel()
    x = paneel.x.copy()
    x[: int(0.6 * len(x)), 3] = np.nan
    getraind = train(replace(paneel, x=x))
    assert getraind.weggelaten == (KENMERKEN[3],)
    assert KENMERKEN[3] not in [kenmerk.naam for kenmerk in getraind.kenmerken]
