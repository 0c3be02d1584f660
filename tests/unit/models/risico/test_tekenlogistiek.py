"""The sign-constrained logistic regression: scikit-learn's rules, its own, and arithmetic."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from models.risico.tekenlogistiek import (
    TekenLogistiek,
    solve_tekenlogistiek,
    solve_trekkingen,
)

# Arrays of other libraries are none of ours; the check only runs where a variable is set.
CHECKS = [
    (schatter, controle)
    for schatter, controle in estimator_checks_generator(TekenLogistiek(tekens=(1,)))
    if getattr(controle, "func", controle).__name__ != "check_array_api_input"
]


@pytest.mark.parametrize(
    ("schatter", "controle"),
    CHECKS,
    ids=[f"{plaats}-{getattr(c, 'func', c).__name__}" for plaats, (_, c) in enumerate(CHECKS)],
)
def test_estimator_keeps_the_rules_of_scikit_learn(
    schatter: TekenLogistiek, controle: Callable[[TekenLogistiek], None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks warn of what they pass over
        controle(schatter)


def make_data(zaad: int = 1, rijen: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features on different scales that depend on each other, outcomes and weights."""
    rng = np.random.default_rng(zaad)
    x = rng.normal(size=(rijen, 4)) * [1.0, 10.0, 0.1, 1.0] + [0.0, 100.0, 0.0, -3.0]
    x[:, 3] += x[:, 0]
    y = (rng.random(rijen) < expit(-2 + x[:, 0] - 0.08 * (x[:, 1] - 100))).astype(float)
    return x, y, rng.integers(1, 4, rijen).astype(float)


@pytest.mark.parametrize("alpha", [0.5, 50.0])
def test_without_signs_it_is_the_logistic_regression_of_scikit_learn(alpha: float) -> None:
    x, y, w = make_data()
    ons = TekenLogistiek(alpha=alpha).fit(x, y, sample_weight=w)
    schaal = StandardScaler().fit(x, sample_weight=w)
    hun = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(
        schaal.transform(x), y, sample_weight=w
    )
    np.testing.assert_allclose(ons.mean_, schaal.mean_)
    np.testing.assert_allclose(ons.scale_, schaal.scale_)
    np.testing.assert_allclose(ons.coef_, hun.coef_[0], atol=1e-5)
    np.testing.assert_allclose(ons.intercept_, hun.intercept_[0], atol=1e-5)


def test_coefficient_that_would_have_the_wrong_sign_is_exactly_zero() -> None:
    x, y, _ = make_data()
    vrij = TekenLogistiek().fit(x, y)
    assert vrij.coef_[0] > 0 > vrij.coef_[1]
    model = TekenLogistiek(tekens=(-1, 1)).fit(x, y)
    assert model.coef_[:2].tolist() == [0.0, 0.0]
    assert not np.signbit(model.coef_[:2]).any()
    # What is past the signs is free: the fourth takes over from the first.
    assert model.coef_[3] > vrij.coef_[3]


def test_feature_at_zero_changes_nothing_when_left_out() -> None:
    x, y, _ = make_data()
    met = TekenLogistiek(tekens=(1, 1, 1, 1)).fit(x, y)
    blijft = met.coef_ > 0
    assert not blijft[1]
    zonder = TekenLogistiek(tekens=(1,) * blijft.sum()).fit(x[:, blijft], y)
    np.testing.assert_allclose(met.coef_[blijft], zonder.coef_, atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=4),
    st.floats(0.1, 100.0),
    st.integers(0, 50),
)
def test_no_allowed_step_makes_the_loss_smaller(tekens: list[int], alpha: float, zaad: int) -> None:
    x, y, w = make_data(zaad, 200)
    model = TekenLogistiek(alpha=alpha, tekens=tekens).fit(x, y, sample_weight=w)
    z = (x - model.mean_) / model.scale_
    helling = (w * (expit(model.decision_function(x)) - y)) @ z + alpha * model.coef_
    assert (model.coef_ * tekens >= 0).all()
    ruimte = 1e-6 * w.sum()
    for b, teken, g in zip(model.coef_, tekens, helling, strict=True):
        if b == 0 and teken:
            assert g * teken >= -ruimte
        else:
            assert abs(g) <= ruimte


def test_intercept_is_not_penalised() -> None:
    x, y, w = make_data()
    model = TekenLogistiek(alpha=1e9).fit(x, y, sample_weight=w)
    np.testing.assert_allclose(model.coef_, 0, atol=1e-5)
    assert model.predict_proba(x)[:, 1].mean() == pytest.approx(np.average(y, weights=w), abs=1e-6)


def test_model_foretells_as_many_events_as_there_were() -> None:
    x, y, _ = make_data()
    model = TekenLogistiek(tekens=(1, 0, -1, 1)).fit(x, y)
    assert model.predict_proba(x)[:, 1].sum() == pytest.approx(y.sum(), abs=1e-4)


def test_order_of_the_rows_does_not_matter() -> None:
    x, y, _ = make_data()
    door_elkaar = np.random.default_rng(9).permutation(len(y))
    een = TekenLogistiek(tekens=(1, 1, 1, 1)).fit(x, y)
    twee = TekenLogistiek(tekens=(1, 1, 1, 1)).fit(x[door_elkaar], y[door_elkaar])
    np.testing.assert_allclose(een.coef_, twee.coef_, rtol=0, atol=1e-9)


def test_feature_that_never_differs_has_no_say() -> None:
    x, y, _ = make_data()
    x[:, 2] = 0.1
    model = TekenLogistiek().fit(x, y)
    assert (model.coef_[2], model.scale_[2]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("instelling", "tekst"),
    [
        ({"tekens": (1, 1, 1, 1, 1)}, "at most 4 signs"),
        ({"tekens": (2,)}, "1, -1 or 0"),
        ({"alpha": 0.0}, "above 0"),
        ({"alpha": np.nan}, "above 0"),
    ],
    ids=["te veel tekens", "teken 2", "alpha 0", "alpha onbekend"],
)
def test_setting_that_cannot_be_is_refused(instelling: dict[str, object], tekst: str) -> None:
    x, y, _ = make_data()
    with pytest.raises(ValueError, match=tekst):
        TekenLogistiek(**instelling).fit(x, y)


def test_period_in_which_nothing_happened_teaches_nothing() -> None:
    x, y, _ = make_data()
    with pytest.raises(ValueError, match="two classes"):
        TekenLogistiek().fit(x, np.zeros_like(y))
    with pytest.raises(ValueError, match="two classes"):
        TekenLogistiek().fit(x, y, sample_weight=1 - y)


def test_many_rows_have_the_solution_that_is_found_from_nothing() -> None:
    x, y, _ = make_data(rijen=60_000)
    z, w, tekens = (x - x.mean(axis=0)) / x.std(axis=0), np.ones(len(y)), np.zeros(x.shape[1], int)
    vlug, _ = solve_tekenlogistiek(z, y, w, alpha=10.0, tekens=tekens)
    kaal = LogisticRegression(C=0.1, tol=1e-12, max_iter=10_000).fit(z, y)
    assert vlug == pytest.approx(np.r_[kaal.intercept_, kaal.coef_[0]], abs=1e-6)


@pytest.mark.parametrize("verschoven", [0.0, 1.0])
@pytest.mark.parametrize("teken", [1, -1, 0])
def test_weightings_together_have_the_solutions_that_each_has_by_itself(
    teken: int, verschoven: float
) -> None:
    x, y, eigen = make_data(rijen=1500)
    z, tekens = (x - x.mean(axis=0)) / x.std(axis=0), np.full(x.shape[1], teken)
    begin, _ = solve_tekenlogistiek(z, y, eigen, alpha=5.0, tekens=tekens)
    cluster = np.arange(len(y)) % 150
    keer = np.random.default_rng(1).multinomial(150, np.full(150, 1 / 150), size=6)
    begin[0] -= verschoven
    samen = solve_trekkingen(
        z, y, keer, cluster, alpha=5.0, tekens=tekens, begin=begin, gewicht=eigen, tol=1e-9
    )
    for thetas, w in zip(samen, keer[:, cluster] * eigen, strict=True):
        los, _ = solve_tekenlogistiek(z, y, w, alpha=5.0, tekens=tekens)
        assert thetas == pytest.approx(los, abs=1e-5)
