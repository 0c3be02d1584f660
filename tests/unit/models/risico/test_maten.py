"""Metrics: what they are without ties, what ties are worth, and what calibration means."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binom, poisson
from sklearn.metrics import average_precision_score

from models.risico import maten
from models.risico.maten import MaatFout, Rangorde

klein = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=6).filter(
    lambda rijen: any(y for y, _ in rijen)
)


def split(rijen: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    y, score = np.array(rijen, dtype=float).T
    return y, score


def orders(y: np.ndarray, score: np.ndarray) -> list[np.ndarray]:
    """Return the outcomes in every order that the score allows."""
    return [
        y[list(volgorde)]
        for volgorde in permutations(range(len(y)))
        if (np.diff(score[list(volgorde)]) <= 0).all()
    ]


def ap_by_hand(y: np.ndarray) -> float:
    precisie = np.cumsum(y) / np.arange(1, len(y) + 1)
    return float((precisie * y).sum() / y.sum())


@given(klein)
def test_average_precision_is_the_mean_over_every_order_of_the_ties(
    rijen: list[tuple[int, int]],
) -> None:
    y, score = split(rijen)
    verwacht = np.mean([ap_by_hand(rij) for rij in orders(y, score)])
    assert maten.compute_ap(y, score) == pytest.approx(verwacht, rel=1e-12)


@given(klein, st.integers(1, 6))
def test_precision_and_recall_at_k_are_the_mean_over_every_order_of_the_ties(
    rijen: list[tuple[int, int]], k: int
) -> None:
    y, score = split(rijen)
    treffers = np.mean([rij[:k].sum() for rij in orders(y, score)])
    assert maten.compute_precisie_bij_k(y, score, k) == pytest.approx(treffers / min(k, len(y)))
    assert maten.compute_recall_bij_k(y, score, k) == pytest.approx(treffers / y.sum())
    lift = treffers / min(k, len(y)) / y.mean()
    assert maten.compute_lift(y, score, k) == pytest.approx(lift)


def test_average_precision_without_ties_is_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    score = rng.normal(size=500)
    y = (rng.random(500) < expit(score - 2)).astype(float)
    assert maten.compute_ap(y, score) == pytest.approx(average_precision_score(y, score))


def test_score_that_says_nothing_has_about_the_base_rate_and_a_half_auc() -> None:
    y = np.r_[np.ones(50), np.zeros(950)]
    gelijk = np.zeros(1000)
    assert maten.compute_auc(y, gelijk) == 0.5
    assert maten.compute_lift(y, gelijk, 50) == pytest.approx(1.0)
    # Slightly above it: the first event met stands at a precision of one over its rank.
    assert 0.05 < maten.compute_ap(y, gelijk) < 0.06


@given(klein, st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_row_that_counts_three_times_is_three_rows(
    rijen: list[tuple[int, int]], gewichten: list[int]
) -> None:
    y, score = split(rijen)
    w = np.array(gewichten[: len(y)])
    orde = Rangorde.from_score(y, score)
    herhaald = np.repeat(np.arange(len(y)), w)
    ap = maten.compute_ap_trekkingen(orde, w[None])[0]
    precisie = maten.compute_precisie_trekkingen(orde, w[None], 2)[0]
    if len(herhaald):
        np.testing.assert_allclose(ap, maten.compute_ap(y[herhaald], score[herhaald]))
        verwacht = maten.compute_precisie_bij_k(y[herhaald], score[herhaald], 2)
        np.testing.assert_allclose(precisie, verwacht)
    else:
        assert np.isnan(ap)
        assert np.isnan(precisie)


def test_metric_of_no_event_is_unknown_and_not_zero() -> None:
    y, score = np.zeros(5), np.arange(5.0)
    for maat in (maten.compute_ap, maten.compute_auc):
        assert np.isnan(maat(y, score))
    assert np.isnan(maten.compute_recall_bij_k(y, score, 2))
    assert np.isnan(maten.compute_lift(y, score, 2))
    assert np.isnan(maten.compute_ece(np.array([]), np.array([])))


@pytest.mark.parametrize(
    ("y", "score"),
    [([0.0, np.nan], [1.0, 2.0]), ([0.0, 1.0], [1.0, np.nan]), ([0.0, 1.0], [1.0])],
    ids=["uitkomst", "score", "lengte"],
)
def test_metric_refuses_what_is_not_known(y: list[float], score: list[float]) -> None:
    with pytest.raises(MaatFout, match="Wat te doen"):
        maten.compute_ap(np.array(y), np.array(score))


def test_calibration_error_is_the_mean_distance_per_bin() -> None:
    p = np.repeat([0.1, 0.3], 50)
    y = np.r_[np.ones(10), np.zeros(40), np.ones(10), np.zeros(40)]
    # .20 against .10, .20 against .30
    assert maten.compute_ece(y, p, bakken=2) == pytest.approx(0.1)
    # Bins within a tie do not make it larger.
    assert maten.compute_ece(y, p, bakken=10) == pytest.approx(0.1)


def test_calibration_error_does_not_hang_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(2)
    p = rng.choice([0.02, 0.05, 0.2], 301)
    y = (rng.random(301) < p).astype(float)
    door_elkaar = rng.permutation(301)
    assert maten.compute_ece(y, p) == pytest.approx(
        maten.compute_ece(y[door_elkaar], p[door_elkaar])
    )


def test_floor_of_the_calibration_error_shrinks_when_windows_are_pooled() -> None:
    rng = np.random.default_rng(3)
    p = expit(rng.normal(-3.7, 1.0, 1500))
    maand = maten.simulate_ece_vloer(p, rng, trekkingen=50)
    samen = maten.simulate_ece_vloer(np.tile(p, 8), rng, trekkingen=50)
    assert 0.006 < maand < 0.015
    assert samen < maand / 2


@pytest.mark.parametrize(("intercept", "helling"), [(0.0, 1.0), (-0.4, 0.6), (0.5, 1.5)])
def test_calibration_line_is_found_back(intercept: float, helling: float) -> None:
    rng = np.random.default_rng(4)
    eta = rng.normal(-1.5, 1.0, 200_000)
    y = (rng.random(len(eta)) < expit(intercept + helling * eta)).astype(float)
    gevonden = maten.compute_ijklijn(y, expit(eta))
    assert gevonden == pytest.approx((intercept, helling), abs=0.04)
    assert maten.compute_helling(y, expit(eta)) == gevonden[1]


def test_calibration_slope_of_one_probability_for_all_is_unknown() -> None:
    assert np.isnan(maten.compute_helling(np.array([0.0, 1.0]), np.array([0.3, 0.3])))


def test_calibration_slope_survives_a_probability_of_zero() -> None:
    assert np.isfinite(
        maten.compute_helling(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.4, 0.6, 1.0]))
    )


def test_interval_of_observed_over_expected_is_exactly_poisson() -> None:
    y = np.r_[np.ones(7), np.zeros(93)]
    oe = maten.compute_oe(y, np.full(100, 0.1))
    assert oe.verhouding == pytest.approx(0.7)
    # At the ends, what was seen or more extreme has a chance of 2.5 %.
    assert poisson.sf(6, oe.onder * 10) == pytest.approx(0.025)
    assert poisson.cdf(7, oe.boven * 10) == pytest.approx(0.025)
    assert oe.dekt_een
    assert not maten.compute_oe(y, np.full(100, 0.01)).dekt_een
    assert maten.compute_oe(np.zeros(3), np.full(3, 0.1)).onder == 0.0


def make_lijsten(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcomes, scores and windows of eight lists of 1,500 complexes."""
    eta = rng.normal(-3.9, 1.1, 12_000)
    y = (rng.random(12_000) < expit(eta)).astype(float)
    return y, eta, np.repeat(np.arange(8), 1500)


def test_k_curve_adds_up_to_precision_and_recall_at_k() -> None:
    y, score, venster = make_lijsten(np.random.default_rng(5))
    curve = maten.compute_k_curve(y, score, venster, stap=25)
    per_venster = [
        maten.compute_precisie_bij_k(y[venster == v], score[venster == v], 100) for v in range(8)
    ]
    assert curve.k[3] == 100
    assert curve.precisie[3] == pytest.approx(np.mean(per_venster))
    assert curve.marginaal[:4].mean() == pytest.approx(curve.precisie[3])
    assert curve.recall[-1] == pytest.approx(1.0)
    assert (curve.ondergrens < curve.marginaal + 1e-9)[curve.marginaal > 0].all()


def test_k_is_what_people_can_handle_and_no_longer_than_a_block_is_worth() -> None:
    y, score, venster = make_lijsten(np.random.default_rng(5))
    curve = maten.compute_k_curve(y, score, venster)
    k = maten.choose_k(curve, capaciteit=10_000)
    grens = maten.DREMPEL_K * curve.basis
    assert 50 <= k <= 300
    assert curve.ondergrens[curve.k == k][0] >= grens
    assert (curve.ondergrens[curve.k > k] < grens).all()
    assert maten.choose_k(curve, capaciteit=40) == 40


@pytest.mark.parametrize(("drempel", "k"), [(2.5, 75), (2.6, 25), (3.9, 0)])
def test_block_counts_by_the_lower_end_of_its_interval(drempel: float, k: int) -> None:
    curve = maten.KCurve(
        k=np.array([25, 50, 75, 100]),
        precisie=np.full(4, 0.3),
        recall=np.full(4, 0.5),
        marginaal=np.array([0.45, 0.30, 0.30, 0.28]),
        # The second falls short by chance: what lies beyond it is still worth the while.
        ondergrens=np.array([0.38, 0.24, 0.25, 0.22]),
        basis=0.1,
    )
    assert maten.choose_k(curve, 1000, drempel=drempel) == k


def test_lower_end_of_a_block_is_exceeded_in_nine_of_ten() -> None:
    y = np.tile(np.r_[np.ones(3), np.zeros(22)], 8)
    venster = np.repeat(np.arange(8), 25)
    curve = maten.compute_k_curve(y, np.zeros(200), venster)
    assert curve.marginaal.tolist() == [0.12]
    # 24 of 200: at the lower end, a tenth lies between the chances of more, and of as many or more.
    onder = curve.ondergrens[0]
    assert binom.sf(24, 200, onder) < 0.10 < binom.sf(23, 200, onder)


def test_list_of_a_score_that_says_nothing_has_length_zero() -> None:
    y, _, venster = make_lijsten(np.random.default_rng(5))
    curve = maten.compute_k_curve(y, np.zeros(len(y)), venster)
    assert maten.choose_k(curve, capaciteit=100) == 0


def test_k_curve_needs_a_whole_block() -> None:
    with pytest.raises(MaatFout, match="blok"):
        maten.compute_k_curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), stap=3)


def test_perfect_model_has_a_slope_of_one() -> None:
    rng = np.random.default_rng(6)
    p = expit(rng.normal(-2, 1, 50_000))
    y = (rng.random(len(p)) < p).astype(float)
    assert maten.compute_helling(y, p) == pytest.approx(1.0, abs=0.04)
    assert maten.compute_helling(y, expit(2 * logit(p))) == pytest.approx(0.5, abs=0.02)


@given(
    *[st.lists(st.tuples(st.just(0), st.integers(0, 2)), min_size=1, max_size=4)] * 2,
    st.integers(1, 5),
)
def test_overlap_of_two_lists_is_what_they_share_over_every_order_of_the_ties(
    een: list[tuple[int, int]], twee: list[tuple[int, int]], k: int
) -> None:
    lengte = min(len(een), len(twee))
    a, b = (np.array([score for _, score in rijen[:lengte]], dtype=float) for rijen in (een, twee))
    rijen = np.arange(lengte)
    gedeeld = np.mean(
        [
            len({*x[:k].tolist()} & {*z[:k].tolist()})
            for x in orders(rijen, a)
            for z in orders(rijen, b)
        ]
    )
    assert maten.compute_overlap(a, b, k) == pytest.approx(gedeeld / min(k, lengte))
    assert maten.compute_lidmaatschap(a, k).sum() == pytest.approx(min(k, lengte))
