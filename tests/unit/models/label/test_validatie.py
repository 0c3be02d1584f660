"""The check beside an official index: what is left out is out, and the interval is honest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from models.label.keten import Methode, TeWeinigGemeten
from models.label.validatie import Openbaar, compute_scores, correlate, spearman

RNG = np.random.default_rng(20140101)


def build_stad(n: int = 60) -> Openbaar:
    """Two editions of n areas; two themes of three indicators, weights 2, 1 and 1."""
    kern = np.tile(RNG.normal(size=n), 2)
    x = kern[:, None] + RNG.normal(0, 0.7, (2 * n, 6))
    return Openbaar(
        x=x,
        woningen=RNG.integers(50, 2000, 2 * n).astype(float),
        in_r=np.arange(2 * n) < n,
        thema=np.array([0, 0, 0, 1, 1, 1]),
        gewicht=np.array([2.0, 1.0, 1.0, 2.0, 1.0, 1.0]),
        omega=np.ones(2),
    )


def zonder(*kolommen: int) -> np.ndarray:
    weg = np.zeros(6, dtype=bool)
    weg[list(kolommen)] = True
    return weg


def test_indicator_that_is_left_out_changes_nothing_whatever_it_says() -> None:
    stad = build_stad()
    anders = stad.x.copy()
    anders[:, 1] = RNG.normal(50, 9, len(anders))
    een = compute_scores(stad, zonder(1), Methode())
    ander = compute_scores(
        Openbaar(anders, stad.woningen, stad.in_r, stad.thema, stad.gewicht, stad.omega),
        zonder(1),
        Methode(),
    )
    np.testing.assert_array_equal(een, ander)
    assert not np.allclose(een[:, 0], compute_scores(stad, zonder(), Methode())[:, 0])


def test_theme_below_two_thirds_of_its_weight_is_unknown_and_so_is_a_total_of_one() -> None:
    stad = build_stad()
    met_drie_kwart = compute_scores(stad, zonder(1), Methode())
    assert np.isfinite(met_drie_kwart).all()
    met_de_helft = compute_scores(stad, zonder(0), Methode())
    assert np.isnan(met_de_helft[:, 0]).all()
    assert np.isfinite(met_de_helft[:, 1]).all()
    assert np.isnan(met_de_helft[:, 2]).all(), "one theme is no total"


def test_reference_is_the_first_edition_alone() -> None:
    stad = build_stad()
    later = stad.x.copy()
    later[~stad.in_r] += 5.0
    nieuw = Openbaar(later, stad.woningen, stad.in_r, stad.thema, stad.gewicht, stad.omega)
    een, ander = (compute_scores(s, zonder(), Methode()) for s in (stad, nieuw))
    np.testing.assert_array_equal(een[stad.in_r], ander[stad.in_r])
    assert (ander[~stad.in_r] > een[~stad.in_r]).all()


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=40).filter(
        lambda paren: all(len(set(reeks)) > 1 for reeks in zip(*paren, strict=True))
    )
)
def test_rank_correlation_is_that_of_scipy_also_with_ties(paren: list[tuple[int, int]]) -> None:
    a, b = np.array(paren, dtype=float).T
    assert float(spearman(a, b)) == pytest.approx(float(spearmanr(a, b).statistic), abs=1e-12)


def test_interval_covers_the_true_correlation_about_as_often_as_it_says() -> None:
    rho = 0.7
    waar = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's of a bivariate normal
    raak = 0
    for seed in range(200):
        a, b = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, rho], [rho, 1]], 70).T
        samen = correlate(a, b, herhalingen=400)
        assert samen.laag < samen.rho < samen.hoog
        raak += samen.laag <= waar <= samen.hoog
    assert 0.90 <= raak / 200 <= 0.98


def test_area_without_index_does_not_count_and_few_areas_are_refused() -> None:
    score = np.arange(20.0)
    index = -score
    index[3:] = np.nan
    with pytest.raises(TeWeinigGemeten, match="3 buurten"):
        correlate(score, index)
    index[:12] = -score[:12]
    assert correlate(score, index).n == 12
    assert correlate(score, index).rho == pytest.approx(-1)
    with pytest.raises(TeWeinigGemeten):
        correlate(score, np.ones(20))
