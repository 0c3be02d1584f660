"""The arithmetic of a what-if: the method's rules, on arrays, for any weights."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.wat_als.rekening import (
    DELEN_MILJOENSTE,
    MACHT_GEPUBLICEERD,
    MACHTEN,
    THEMAS,
    Keuze,
    Portefeuille,
    assign_labels,
    compute_scores,
    compute_wat_als,
    estimate_knippen,
    round12,
)

SEEDS = Path(__file__).parents[4] / "dbt_project" / "seeds" / "methode"
GELIJK = Keuze((1.0,) * 5)

gewicht = st.integers(0, 12).map(lambda stap: stap / 4)
keuzes = st.builds(
    Keuze,
    st.tuples(*[gewicht] * 5).filter(any),
    st.sampled_from(MACHTEN),
)
score = st.one_of(st.just(np.nan), st.integers(0, 100_000).map(lambda s: s / 1000))
rijen = st.lists(st.tuples(*[score] * 5), min_size=1, max_size=30).map(
    lambda lijst: np.array(lijst, dtype=np.float64)
)


def make_portefeuille(aantal: int, seed: int = 1) -> Portefeuille:
    """Objects and eight quarters of reference, with published labels that are their own."""
    loting = np.random.default_rng(seed)
    scores, scores_r = loting.uniform(0, 100, (aantal, 5)), loting.uniform(0, 100, (8 * aantal, 5))
    woningen = loting.integers(10, 200, aantal)
    woningen_r = np.tile(woningen, 8)
    knippen = estimate_knippen(compute_scores(scores_r, GELIJK), woningen_r)
    return Portefeuille(
        beheerobject_id=tuple(f"C{nummer:06}" for nummer in range(aantal)),
        verhuureenheden=woningen,
        scores=scores,
        ruw_label=assign_labels(compute_scores(scores, GELIJK), knippen),
        is_benaderd=np.zeros(aantal, dtype=np.bool_),
        scores_r=scores_r,
        verhuureenheden_r=woningen_r,
        knippen=knippen,
    )


def read_seed(naam: str) -> list[dict[str, str]]:
    with (SEEDS / f"{naam}.csv").open(encoding="utf-8", newline="") as bestand:
        return list(csv.DictReader(bestand))


def test_power_shares_and_themes_are_those_of_the_method() -> None:
    methode = {rij["naam"]: rij["waarde"] for rij in read_seed("methode")}
    assert float(methode["macht_totaal"]) == MACHT_GEPUBLICEERD
    assert [round(float(methode[f"knip_{k}"]) * 1e6) for k in (1, 2, 3, 4)] == list(
        DELEN_MILJOENSTE
    )
    assert tuple(rij["thema_code"] for rij in read_seed("thema")) == THEMAS


def test_one_bad_theme_weighs_more_with_a_higher_power() -> None:
    scores = np.array([[90.0, 10, 10, 10, 10]])
    gewoon, kwadraat, vierde = (compute_scores(scores, Keuze((1.0,) * 5, p))[0] for p in MACHTEN)
    assert gewoon == 26
    assert gewoon < kwadraat < vierde < 90
    assert kwadraat == round12(np.array([np.sqrt((8100 + 400) / 5)]))[0]


def test_unknown_theme_does_not_count_and_no_known_weight_is_unknown() -> None:
    scores = np.array([[40.0, 40, np.nan, 40, 40], [40.0, 40, np.nan, 40, 40]])
    assert compute_scores(scores, GELIJK).tolist() == [40, 40]
    assert np.isnan(compute_scores(scores, Keuze((0.0, 0.0, 1.0, 0.0, 0.0)))).all()


@given(rijen, keuzes, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(waarden, keuze, loting) -> None:  # type: ignore[no-untyped-def]
    volgorde = list(range(len(waarden)))
    loting.shuffle(volgorde)
    woningen = np.arange(1, len(waarden) + 1)
    recht = compute_scores(waarden, keuze)
    np.testing.assert_array_equal(compute_scores(waarden[volgorde], keuze), recht[volgorde])
    np.testing.assert_array_equal(
        estimate_knippen(recht[volgorde], woningen[volgorde]), estimate_knippen(recht, woningen)
    )


@given(rijen, keuzes, st.sampled_from([0.25, 2, 3, 10]))
def test_scale_of_the_weights_does_not_matter(waarden, keuze, schaal) -> None:  # type: ignore[no-untyped-def]
    ander = Keuze(tuple(g * schaal for g in keuze.gewichten), keuze.macht)
    assert keuze.is_same(ander)
    np.testing.assert_array_equal(compute_scores(waarden, ander), compute_scores(waarden, keuze))


@given(rijen, keuzes, st.integers(0, 4), st.floats(0, 100))
def test_larger_theme_score_never_lowers_the_total(waarden, keuze, thema, erbij) -> None:  # type: ignore[no-untyped-def]
    hoger = waarden.copy()
    hoger[:, thema] = np.minimum(100, hoger[:, thema] + erbij)
    voor, na = compute_scores(waarden, keuze), compute_scores(hoger, keuze)
    bekend = ~np.isnan(voor)
    np.testing.assert_array_equal(np.isnan(na), ~bekend)
    assert (na[bekend] >= voor[bekend]).all()
    assert ((na[bekend] >= 0) & (na[bekend] <= 100)).all()


@given(rijen, keuzes)
def test_cut_points_are_the_smallest_scores_that_reach_their_share(waarden, keuze) -> None:  # type: ignore[no-untyped-def]
    woningen = 1 + np.arange(len(waarden)) % 7
    scores = compute_scores(waarden, keuze)
    bekend = ~np.isnan(scores)
    knippen = estimate_knippen(scores, woningen)
    if not bekend.any():
        assert np.isnan(knippen).all()
        assert not assign_labels(scores, knippen).any()
        return
    alle = int(woningen[bekend].sum())
    for knip, deel in zip(knippen, DELEN_MILJOENSTE, strict=True):
        tot_en_met = int(woningen[bekend][scores[bekend] <= knip].sum())
        eronder = int(woningen[bekend][scores[bekend] < knip].sum())
        assert tot_en_met * 1_000_000 >= deel * alle > eronder * 1_000_000


def test_score_on_a_cut_belongs_below_it() -> None:
    knippen = np.array([10.0, 30, 70, 90])
    scores = np.array([10.0, 10.000001, 30, 70, 90, 90.000001, np.nan])
    assert assign_labels(scores, knippen).tolist() == [1, 2, 2, 3, 4, 5, 0]


def test_published_weights_give_the_labels_of_the_release_whatever_their_scale() -> None:
    bezit = make_portefeuille(400)
    for keuze in (GELIJK, Keuze((2.5,) * 5)):
        uitkomst = compute_wat_als(bezit, keuze, GELIJK)
        assert uitkomst.nieuw.tolist() == bezit.ruw_label.tolist()
        assert uitkomst.veranderd.tolist() == []


def test_every_change_is_counted_once_and_the_largest_comes_first() -> None:
    uitkomst = compute_wat_als(make_portefeuille(400), Keuze((3.0, 1.0, 0.0, 0.0, 0.0), 1), GELIJK)
    verschil = np.abs(uitkomst.nieuw - uitkomst.oud)
    assert len(uitkomst.veranderd) == np.count_nonzero(verschil) > 50
    assert (np.diff(verschil[uitkomst.veranderd]) <= 0).all()
    assert uitkomst.overgangen.sum() == 400
    assert 400 - np.trace(uitkomst.overgangen) == len(uitkomst.veranderd)
    assert uitkomst.overgangen_woningen.sum() == uitkomst.portefeuille.verhuureenheden.sum()


@pytest.mark.parametrize(
    ("gewichten", "macht"),
    [((0.0,) * 5, 2), ((1.0,) * 4, 2), ((-1.0, 1, 1, 1, 1), 2), ((1.0,) * 5, 3)],
)
def test_weights_that_mean_nothing_are_refused(gewichten: tuple[float, ...], macht: int) -> None:
    with pytest.raises(ValueError, match=r"weight|p must"):
        Keuze(gewichten, macht)


def test_two_thousand_complexes_are_answered_well_within_a_second() -> None:
    bezit = make_portefeuille(2000)
    begin = time.perf_counter()
    compute_wat_als(bezit, Keuze((1.0, 2.0, 0.5, 0.5, 1.0), 4), GELIJK).veranderd.tolist()
    assert time.perf_counter() - begin < 0.5
