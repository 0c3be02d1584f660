"""Woonfraude: the inspection log, training on it, and yield on a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.selectie import ASELECT, MEDEWERKER, TIP, Onderzoeklog, SelectieFout
from models.woonfraude.cohort import (
    add_reden,
    build_trainingset,
    count_bevestigd,
    find_rijen,
)
from models.woonfraude.evaluatie import (
    measure_opbrengst,
    measure_selectie_verhouding,
    measure_woonfraude,
    predict_vensters,
)
from models.woonfraude.regel import WoonfraudeRegel, build_invoer
from models.woonfraude.training import KENMERKEN, train

COMPLEXEN, MAANDEN = 300, 60


def make_paneel() -> Paneel:
    """Return 300 complexes in 60 months, features that last."""
    rng = np.random.default_rng(8)
    x = np.tile(rng.normal(size=(COMPLEXEN, len(KENMERKEN))), (MAANDEN, 1))
    rijen = len(x)
    return Paneel(
        complex_id=np.tile([f"C{i:03d}" for i in range(COMPLEXEN)], MAANDEN),
        peilmaand=np.repeat(np.arange(600, 600 + MAANDEN), COMPLEXEN),
        buurt=np.tile(np.arange(COMPLEXEN) % 10, MAANDEN),
        eenheden=np.tile(np.arange(COMPLEXEN) % 50 + 6, MAANDEN),
        x=x,
        kenmerken=tuple(Kenmerk(naam, "spoor", 0, "", "", "", "", ()) for naam in KENMERKEN),
        y=np.full(rijen, np.nan),
        ruw={},
    )


def compute_kans(paneel: Paneel) -> np.ndarray:
    """Return the true chance of a hit: refusals, listings and rent gap say it."""
    return np.asarray(expit(-1.5 + build_invoer(paneel).sum(axis=1)))


def make_log(paneel: Paneel, aantal: int = 3000) -> Onderzoeklog:
    """Return inspections of random complexes; a tip hits more often than its features say."""
    rng = np.random.default_rng(9)
    rij = rng.integers(0, len(paneel), aantal)
    reden = rng.choice([TIP, MEDEWERKER, ASELECT], aantal)
    kans = expit(logit(compute_kans(paneel)[rij]) + 1.5 * (reden == TIP))
    return Onderzoeklog(
        complex_id=paneel.complex_id[rij],
        maand=paneel.peilmaand[rij],
        bekend=paneel.peilmaand[rij] + 1,
        reden=reden,
        selectiekans=np.where(reden == TIP, np.nan, 0.1),
        is_treffer=(rng.random(aantal) < kans).astype(float),
    )


def test_inspection_gets_the_features_of_its_own_complex_and_month() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    rij = find_rijen(paneel, log.complex_id, log.maand)
    assert np.array_equal(paneel.complex_id[rij], log.complex_id)
    assert np.array_equal(paneel.peilmaand[rij], log.maand)
    assert find_rijen(paneel, np.array(["C000", "X"]), np.array([599, 610])).tolist() == [-1, -1]


def test_result_that_is_not_known_yet_does_not_train() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    alle = build_trainingset(paneel, log, 620)
    assert alle.log.bekend.max() == 619
    # Inspected in month 619 and known in 620: not yet.
    assert alle.log.maand.max() == 618


def test_inspections_in_complexes_too_small_to_be_scored_do_not_train() -> None:
    paneel = make_paneel()
    alle = build_trainingset(paneel, make_log(paneel), 700)
    assert paneel.eenheden[alle.paneelrij].min() == 10


def test_everything_is_scored_as_if_it_were_proactive() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    model = train(paneel, log, 700)
    nu = paneel.select(paneel.peilmaand == 659)
    kans = model.predict(nu)
    als_tip = model.schatter.predict_proba(add_reden(nu.x, np.full(len(nu), TIP)))[:, 1]
    assert (als_tip > kans).all()
    assert np.abs(kans - compute_kans(nu)).mean() < 0.05


def test_unknown_reason_is_refused_by_name() -> None:
    log = make_log(make_paneel(), 3)
    with pytest.raises(SelectieFout, match="anoniem"):
        replace(log, reden=np.array(["anoniem", TIP, TIP]))


def test_confirmed_cases_are_those_of_the_months_before() -> None:
    paneel = make_paneel().select(np.arange(COMPLEXEN * MAANDEN))
    log = Onderzoeklog(
        complex_id=np.array(["C001", "C001", "C002", "C001"]),
        maand=np.array([610, 612, 612, 613]),
        bekend=np.array([610, 612, 612, 613]),
        reden=np.array([TIP, MEDEWERKER, MEDEWERKER, TIP]),
        selectiekans=np.full(4, np.nan),
        is_treffer=np.array([1.0, 1.0, 0.0, 1.0]),
    )
    aantal = count_bevestigd(paneel, log, 3)

    def get(naam: str, maand: int) -> float:
        return float(aantal[(paneel.complex_id == naam) & (paneel.peilmaand == maand)][0])

    assert [get("C001", m) for m in (610, 611, 612, 613, 614, 615, 616, 617)] == [
        0, 1, 1, 2, 2, 2, 1, 0,
    ]  # fmt: skip
    assert get("C002", 613) == 0.0


def test_no_inspections_at_all_means_nothing_confirmed() -> None:
    paneel = make_paneel()
    log = make_log(paneel).select(np.zeros(3000, dtype=bool))
    assert not count_bevestigd(paneel, log, 24).any()


def test_model_finds_more_than_where_was_found_before() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    v = predict_vensters(paneel, log, [630, 642, 654])
    kans = compute_kans(paneel)[v.rij]
    groep = paneel.buurt[v.rij] < 3
    cijfers = {
        naam: measure_woonfraude(v, score, groep, kans, kans, 0.3, kans)
        for naam, score in (("model", v.model), ("persistentie", v.persistentie), ("waar", kans))
    }
    assert cijfers["waar"]["opbrengst_per_orakel"] == 1.0
    assert cijfers["waar"]["selectie_verhouding"] == 1.0
    assert cijfers["model"]["opbrengst_per_orakel"] > 0.95
    assert cijfers["model"]["opbrengst"] > cijfers["persistentie"]["opbrengst"]
    assert cijfers["model"]["opbrengst_per_medewerker"] == pytest.approx(
        cijfers["model"]["opbrengst"] / 0.3
    )


def test_selection_ratio_is_that_of_the_chosen_complexes() -> None:
    venster = np.zeros(400, dtype=np.int64)
    groep = np.arange(400) < 100
    # 25 are chosen: 5 of 100 in the group, 20 of 300 outside it.
    score = np.zeros(400)
    score[:5] = score[100:120] = 1.0
    verwacht = (5.5 / 101) / (20.5 / 301)
    assert measure_selectie_verhouding(venster, score, groep) == pytest.approx(verwacht)
    assert measure_opbrengst(venster, score, groep.astype(float)) == pytest.approx(0.2)


def test_rule_adds_three_signs_and_never_turns_its_order_around() -> None:
    x = np.array([[1.0, 0.5, np.nan], [0.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
    regel = WoonfraudeRegel().fit(x, np.array([0, 0, 1]))
    assert regel.decision_function(x).tolist() == [1.5, 0.0, -1.0]
    kans = regel.predict_proba(x)[:, 1]
    assert kans[0] >= kans[1] >= kans[2]
