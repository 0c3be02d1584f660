"""The paired bootstrap: whole complexes, the same draws for both, and honest about chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from models.risico import maten
from models.risico.bootstrap import (
    BootstrapFout,
    bootstrap_verschil,
    draw_clusters,
    make_precisie_bij_deel,
    make_precisie_bij_k,
)

COMPLEXEN, VENSTERS = 300, 4
CLUSTER = np.tile([f"C{i:03d}" for i in range(COMPLEXEN)], VENSTERS)
VENSTER = np.repeat(np.arange(VENSTERS), COMPLEXEN)


def make_scores(ruis: float, zaad: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcomes, the score that knows all, and that score with noise on it."""
    rng = np.random.default_rng(zaad)
    eta = rng.normal(-2.5, 1.2, COMPLEXEN * VENSTERS)
    y = (rng.random(len(eta)) < expit(eta)).astype(float)
    return y, eta, eta + rng.normal(0, ruis, len(eta))


def test_draw_is_as_large_as_what_is_drawn_from() -> None:
    w = draw_clusters(40, np.random.default_rng(1), 200)
    assert w.shape == (200, 40)
    assert (w.sum(axis=1) == 40).all()
    assert w.mean(axis=0) == pytest.approx(np.ones(40), abs=0.25)


def test_better_score_is_found_better() -> None:
    y, goed, slecht = make_scores(ruis=2.0)
    verschil = bootstrap_verschil(
        y, goed, slecht, cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
    )
    assert verschil.kans_beter > 0.99
    assert verschil.verhouding > 1.2
    assert verschil.winsten == VENSTERS
    assert verschil.interval()[0] > 0
    per_venster = [
        maten.compute_ap(deel_y, deel)
        for deel_y, deel in zip(np.split(y, VENSTERS), np.split(goed, VENSTERS), strict=True)
    ]
    np.testing.assert_allclose(verschil.a, per_venster)
    assert verschil.verschil == pytest.approx((verschil.a - verschil.b).mean())


def test_score_is_no_better_than_itself() -> None:
    y, score, _ = make_scores(ruis=1.0)
    # The same order on another scale: not one draw may differ.
    verschil = bootstrap_verschil(
        y, score, expit(score), cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
    )
    assert verschil.verschil == 0.0
    assert verschil.kans_beter == 0.5
    assert verschil.interval() == (0.0, 0.0)


def test_order_of_the_rows_and_the_names_of_windows_do_not_matter() -> None:
    y, a, b = make_scores(ruis=1.0)
    orde = np.random.default_rng(3).permutation(len(y))
    een = bootstrap_verschil(
        y, a, b, cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
    )
    twee = bootstrap_verschil(
        y[orde],
        a[orde],
        b[orde],
        cluster=CLUSTER[orde],
        venster=VENSTER[orde] * 6 + 600,
        rng=np.random.default_rng(2),
    )
    np.testing.assert_allclose(een.trekkingen_a, twee.trekkingen_a)
    np.testing.assert_allclose(een.trekkingen_b, twee.trekkingen_b)
    assert twee.vensters.tolist() == [600, 606, 612, 618]


def test_draws_keep_a_complex_with_all_its_windows() -> None:
    # One complex holds the only event of every window: drawn, it gives 1; left out, nothing.
    y = (CLUSTER == "C007").astype(float)
    verschil = bootstrap_verschil(
        y, y, np.zeros(len(y)), cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
    )
    getrokken = np.isfinite(verschil.trekkingen_a)
    assert verschil.trekkingen_a[getrokken] == pytest.approx(1.0)
    # A cluster is left out with chance 1/e; were windows drawn apart, hardly ever from all four.
    assert getrokken.mean() == pytest.approx(1 - np.exp(-1), abs=0.07)


def test_window_in_which_nothing_happened_says_nothing() -> None:
    y, a, b = make_scores(ruis=1.0)
    stil = np.where(VENSTER == 3, 0.0, y)
    rest = slice(0, 3 * COMPLEXEN)
    met = bootstrap_verschil(
        stil, a, b, cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
    )
    zonder = bootstrap_verschil(
        y[rest],
        a[rest],
        b[rest],
        cluster=CLUSTER[rest],
        venster=VENSTER[rest],
        rng=np.random.default_rng(2),
    )
    assert np.isnan(met.a[3])
    assert met.verschil == pytest.approx(zonder.verschil)
    assert met.verhouding == pytest.approx(zonder.verhouding)
    np.testing.assert_allclose(met.trekkingen_a, zonder.trekkingen_a)


def test_bootstrap_of_a_draw_is_the_metric_of_the_rows_drawn() -> None:
    y, a, b = make_scores(ruis=1.0)
    a = np.round(a)  # with ties
    gevonden = bootstrap_verschil(
        y, a, b, cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(4), trekkingen=3
    )
    gewicht = draw_clusters(COMPLEXEN, np.random.default_rng(4), 3)
    for trekking in range(3):
        ap = []
        for v in range(VENSTERS):
            rijen = np.repeat(np.arange(v * COMPLEXEN, (v + 1) * COMPLEXEN), gewicht[trekking])
            ap.append(maten.compute_ap(y[rijen], a[rijen]))
        assert gevonden.trekkingen_a[trekking] == pytest.approx(np.mean(ap))


def test_interval_of_equal_scores_covers_zero_as_often_as_it_says() -> None:
    dekt = 0
    for zaad in range(40):
        y, eta, a = make_scores(ruis=1.0, zaad=zaad)
        b = eta + np.random.default_rng(1000 + zaad).normal(0, 1.0, len(eta))
        verschil = bootstrap_verschil(
            y,
            a,
            b,
            cluster=CLUSTER,
            venster=VENSTER,
            rng=np.random.default_rng(zaad),
            trekkingen=200,
        )
        onder, boven = verschil.interval(0.90)
        dekt += onder <= 0.0 <= boven
    assert 31 <= dekt < 40


def test_precision_at_k_and_at_a_share_are_metrics_too() -> None:
    y, a, b = make_scores(ruis=1.0)
    een, twee = (
        bootstrap_verschil(
            y,
            a,
            b,
            cluster=CLUSTER,
            venster=VENSTER,
            rng=np.random.default_rng(2),
            maat=maat,
        )
        for maat in (make_precisie_bij_k(15), make_precisie_bij_deel(0.05))
    )
    np.testing.assert_array_equal(een.trekkingen_a, twee.trekkingen_a)
    eerste = VENSTER == 0
    assert een.a[0] == pytest.approx(maten.compute_precisie_bij_k(y[eerste], a[eerste], 15))


def test_rows_that_do_not_match_are_refused() -> None:
    y, a, b = make_scores(ruis=1.0)
    with pytest.raises(BootstrapFout, match="lengtes"):
        bootstrap_verschil(
            y, a, b[:-1], cluster=CLUSTER, venster=VENSTER, rng=np.random.default_rng(2)
        )
