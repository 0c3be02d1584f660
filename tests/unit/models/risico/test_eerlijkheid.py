"""Fairness between buurten: what raises an alarm, what blocks, and what is too little to judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico import eerlijkheid
from models.risico.eerlijkheid import (
    EerlijkheidFout,
    Eerlijkheidsgrenzen,
    Groepsmaat,
    Hertoets,
    Toetsrijen,
)

DERDEN = ("laagste derde", "middelste derde", "hoogste derde")
BUURTEN = 60


@dataclass(frozen=True)
class Stadje:
    buurt: np.ndarray
    samenstelling: np.ndarray
    groep: np.ndarray


def make_stadje(rijen: int = 6000) -> Stadje:
    rng = np.random.default_rng(3)
    per_buurt = rng.normal(size=BUURTEN)
    buurt = rng.integers(0, BUURTEN, rijen)
    return Stadje(buurt, per_buurt[buurt], eerlijkheid.make_derden(per_buurt)[buurt])


def report(
    stad: Stadje, kans_gekozen: np.ndarray, maanden: int = 6
) -> dict[tuple[str, str], Groepsmaat]:
    rng = np.random.default_rng(5)
    p = np.full(len(stad.buurt), 0.1)
    rijen = Toetsrijen(
        buurt=stad.buurt,
        is_gekozen=rng.random(len(p)) < kans_gekozen,
        y=(rng.random(len(p)) < p).astype(float),
        p=p,
    )
    maten = eerlijkheid.compute_groepsmaten(
        rijen,
        {"samenstelling": (stad.groep, DERDEN)},
        maanden=maanden,
        rng=np.random.default_rng(7),
        trekkingen=200,
    )
    return {(maat.groep, maat.maat): maat for maat in maten}


def test_thirds_hold_equally_many_buurten_and_none_without_a_figure() -> None:
    waarde = np.array([5.0, np.nan, 1.0, 4.0, 2.0, 3.0, 6.0])
    assert eerlijkheid.make_derden(waarde).tolist() == [2, -1, 0, 1, 0, 1, 2]


@given(st.lists(st.integers(10, 400), min_size=3, max_size=60))
def test_complexes_of_equal_size_are_never_in_different_thirds(groottes: list[int]) -> None:
    eenheden = np.array(groottes)
    derde = eerlijkheid.make_groottederden(eenheden)
    for grootte in set(groottes):
        assert len(set(derde[eenheden == grootte])) == 1
    assert (np.diff(derde[np.argsort(eenheden, kind="stable")]) >= 0).all()


def test_selection_that_does_not_look_at_the_group_raises_no_alarm() -> None:
    maten = report(make_stadje(), np.full(6000, 0.2))
    assert {maat.oordeel for maat in maten.values()} == {"goed"}
    assert all(maat.onder < 1 < maat.boven for (_, naam), maat in maten.items() if naam != "oe")


def test_group_that_is_chosen_twice_as_often_raises_an_alarm() -> None:
    stad = make_stadje()
    maten = report(stad, np.where(stad.groep == 2, 0.4, 0.2))
    selectie = maten["hoogste derde", "selectie"]
    assert selectie.oordeel == "alarm"
    assert selectie.verhouding == pytest.approx(2.0, rel=0.1)
    assert maten["hoogste derde", "fpr"].oordeel == "alarm"
    assert maten["hoogste derde", "oe"].oordeel == "goed"
    assert "zeker buiten de grenzen" in eerlijkheid.describe_groepsmaat(selectie)


def test_ratio_outside_the_limits_for_a_year_is_looked_at_even_when_unsure() -> None:
    grenzen = Eerlijkheidsgrenzen()
    assert eerlijkheid.judge_verhouding(1.3, 1.1, 1.5, 11, grenzen) == "goed"
    assert eerlijkheid.judge_verhouding(1.3, 1.1, 1.5, 12, grenzen) == "bekijken"
    assert eerlijkheid.judge_verhouding(1.25, 1.1, 1.5, 12, grenzen) == "goed"
    assert eerlijkheid.judge_verhouding(1.4, 1.26, 1.5, 1, grenzen) == "alarm"
    assert eerlijkheid.judge_verhouding(0.7, 0.6, 0.79, 1, grenzen) == "alarm"
    assert eerlijkheid.judge_verhouding(0.7, 0.6, 0.80, 1, grenzen) == "goed"


def test_group_with_few_events_says_too_little_instead_of_a_number() -> None:
    stad = make_stadje(60)
    maten = report(stad, np.full(60, 0.2))
    precisie = maten["hoogste derde", "precisie"]
    assert precisie.oordeel == "te weinig gegevens"
    assert np.isnan(precisie.verhouding)
    assert "te weinig gegevens" in eerlijkheid.describe_groepsmaat(precisie)


def test_group_of_which_none_is_chosen_is_an_alarm_and_not_too_little() -> None:
    stad = make_stadje()
    maten = report(stad, np.where(stad.groep == 0, 0.0, 0.2))
    assert maten["laagste derde", "selectie"].oordeel == "alarm"
    assert maten["laagste derde", "selectie"].verhouding == 0.0


def test_rows_without_a_group_are_compared_with_nothing() -> None:
    stad = make_stadje()
    zonder = Stadje(stad.buurt, stad.samenstelling, np.where(stad.groep == 1, -1, stad.groep))
    # All of the middle third is chosen; as "others" of the top third it would halve its ratio.
    maten = report(zonder, np.where(stad.groep == 1, 1.0, 0.2))
    assert maten["hoogste derde", "selectie"].verhouding == pytest.approx(1.0, abs=0.15)


def test_unknown_outcomes_count_for_selection_alone() -> None:
    stad = make_stadje()
    rijen = Toetsrijen(
        stad.buurt, np.ones(6000, dtype=bool), np.full(6000, np.nan), np.full(6000, 0.1)
    )
    maten = eerlijkheid.compute_groepsmaten(
        rijen, {"s": (stad.groep, DERDEN)}, maanden=6, rng=np.random.default_rng(1), trekkingen=50
    )
    assert {maat.oordeel for maat in maten if maat.maat == "selectie"} == {"goed"}
    assert {maat.oordeel for maat in maten if maat.maat != "selectie"} == {"te weinig gegevens"}


def test_division_of_another_length_is_refused() -> None:
    stad = make_stadje()
    rijen = Toetsrijen(stad.buurt, np.ones(6000, dtype=bool), np.zeros(6000), np.zeros(6000))
    with pytest.raises(EerlijkheidFout, match="6000 rijen"):
        eerlijkheid.compute_groepsmaten(
            rijen, {"s": (stad.groep[1:], DERDEN)}, maanden=6, rng=np.random.default_rng(1)
        )


@pytest.mark.parametrize(
    ("ap", "verhouding", "blokkeert"),
    [
        (0.2485, 1.2, True),  # ratio .2 nearer to 1 for .6 % of the average precision
        (0.2475, 1.2, False),  # costs 1 %
        (0.2485, 1.26, False),  # .14 nearer only
        (0.2485, 1.6, False),  # farther from 1
        (0.2485, 0.6, False),  # as far from 1 on the other side
    ],
)
def test_feature_that_can_be_missed_and_skews_the_selection_blocks(
    ap: float, verhouding: float, blokkeert: bool
) -> None:
    gevraagd: list[frozenset[str]] = []

    def herfit(zonder: frozenset[str]) -> Hertoets:
        gevraagd.append(zonder)
        return Hertoets(ap, verhouding)

    omwegen = eerlijkheid.check_omwegen(Hertoets(0.25, 1.4), herfit, [("a", "b")])
    assert gevraagd == [frozenset({"a", "b"})]
    assert omwegen[0].is_blokkade is blokkeert
    blokkades, alarmen = eerlijkheid.collect_blokkades([], omwegen)
    assert (len(blokkades), alarmen) == (int(blokkeert), ())


def test_feature_that_carries_composition_is_found_by_foretelling_it() -> None:
    stad = make_stadje(1500)
    rng = np.random.default_rng(9)
    ruis = rng.normal(size=(1500, 3))
    verraadt = stad.samenstelling + rng.normal(0, 0.5, 1500)
    r2 = eerlijkheid.compute_voorspelbaarheid(ruis, stad.samenstelling, stad.buurt)
    assert r2 < 0.02
    r2 = eerlijkheid.compute_voorspelbaarheid(
        np.column_stack([ruis, verraadt]), stad.samenstelling, stad.buurt
    )
    assert r2 > 0.6


def test_feature_that_only_tells_buurten_apart_does_not_foretell_composition() -> None:
    """With rows of one buurt in training and test, knowing the buurt would be enough."""
    stad = make_stadje(1500)
    dummies = np.eye(BUURTEN)[stad.buurt]
    r2 = eerlijkheid.compute_voorspelbaarheid(dummies, stad.samenstelling, stad.buurt)
    assert r2 < 0.1


def test_foretelling_composition_of_four_buurten_is_refused() -> None:
    with pytest.raises(EerlijkheidFout, match="minstens 5 buurten"):
        eerlijkheid.compute_voorspelbaarheid(np.zeros((8, 1)), np.arange(8.0), np.arange(8) % 4)


def test_score_that_rises_with_composition_among_alike_complexes_shows_its_slope() -> None:
    stad = make_stadje(2000)
    rng = np.random.default_rng(4)
    # Drivers go with composition too: without them the slope would be .8 too high.
    drijver = 0.8 * stad.samenstelling + rng.normal(size=2000)
    logit = drijver + rng.normal(0, 0.3, 2000)
    kw = {"buurt": stad.buurt, "trekkingen": 200}
    eerlijk = eerlijkheid.compute_helling_samenstelling(
        logit, stad.samenstelling, drijver[:, None], rng=np.random.default_rng(1), **kw
    )
    assert eerlijk.is_nul
    scheef = eerlijkheid.compute_helling_samenstelling(
        logit + 0.4 * stad.samenstelling, stad.samenstelling, drijver[:, None],
        rng=np.random.default_rng(1), **kw,
    )  # fmt: skip
    assert not scheef.is_nul
    assert scheef.waarde == pytest.approx(0.4 * stad.samenstelling.std(), abs=0.05)


@pytest.mark.parametrize(
    ("kans", "woord"), [(0.10, "drempel lag er lager"), (0.60, "drempel lag er hoger"),
                        (0.30, "even vaak raak")],
)  # fmt: skip
def test_hit_rate_of_a_group_tells_whether_its_bar_was_lower(kans: float, woord: str) -> None:
    stad = make_stadje(2000)
    raak = np.random.default_rng(2).random(2000) < np.where(stad.groep == 2, kans, 0.30)
    toets = eerlijkheid.check_trefkans(
        raak, stad.groep, DERDEN, stad.buurt, rng=np.random.default_rng(1), trekkingen=200
    )
    assert woord in toets[2].zin


def test_hit_rate_of_a_dozen_inspections_tells_nothing() -> None:
    stad = make_stadje(12)
    toets = eerlijkheid.check_trefkans(
        np.arange(12) % 2 == 0, stad.groep, DERDEN, stad.buurt, rng=np.random.default_rng(1)
    )
    assert all("te weinig" in t.zin for t in toets)


def test_group_that_reports_less_at_the_same_schouw_is_named() -> None:
    stad = make_stadje()
    rng = np.random.default_rng(8)
    schouw = rng.normal(7 - 0.5 * (stad.groep == 2), 1)  # the group is in a worse state
    kans = np.clip(0.3 - 0.05 * (schouw - 7), 0.02, 0.9)
    # Its rate is as high as elsewhere, and that hides that a third is not reported.
    y = (rng.random(6000) < kans * np.where(stad.groep == 2, 0.7, 1.0)).astype(float)
    schouw[:100] = np.nan
    toets = eerlijkheid.compare_met_schouw(
        y, schouw, stad.groep, DERDEN, stad.buurt, rng=np.random.default_rng(1), trekkingen=200
    )
    assert "minder gemeld" in toets[2].zin
    assert toets[2].verhouding == pytest.approx(0.7, abs=0.08)
