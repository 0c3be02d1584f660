"""The estimators: unknown values, signs, and the same answer twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy.special import expit
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import check_estimator

from models.risico.kenmerk import Kenmerk
from models.risico.schatters import LegeKolom, make_boosting, make_gam, make_kampioen

KENMERKEN = tuple(
    Kenmerk(naam, "omvang", teken, "", "", "", "", ())
    for naam, teken in (("op", 1), ("neer", -1), ("vrij", 0), ("hoogbouw", 1), ("leeg", 1))
)
MAKERS = [make_kampioen, make_boosting, make_gam]
alle = pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__)


def make_data(rijen: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """Return five features, the second known of four in five rows and the last of none."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rijen, 5))
    x[:, 3] = x[:, 3] > 0.5
    ontbreekt = rng.random(rijen) < 0.2
    y = rng.random(rijen) < expit(-2 + x[:, 0] - 0.5 * x[:, 1] + 0.7 * ontbreekt)
    x[ontbreekt, 1] = np.nan
    x[:, 4] = np.nan
    return x, y.astype(float)


@alle
def test_unknown_values_and_an_empty_feature_still_give_a_probability(
    make: Callable[..., Pipeline],
) -> None:
    x, y = make_data()
    p = make(KENMERKEN).fit(x, y).predict_proba(x)[:, 1]
    assert ((p > 0) & (p < 1)).all()
    assert p.mean() == pytest.approx(y.mean(), abs=0.005)


@alle
def test_what_was_always_known_in_training_may_be_unknown_when_scoring(
    make: Callable[..., Pipeline],
) -> None:
    x, y = make_data()
    model = make(KENMERKEN).fit(x, y)
    nieuw = x[:3].copy()
    nieuw[:, 0] = np.nan
    nieuw[:, 4] = 7.0
    assert np.isfinite(model.predict_proba(nieuw)).all()


@alle
def test_same_data_give_the_same_model(make: Callable[..., Pipeline]) -> None:
    x, y = make_data()
    een, twee = (make(KENMERKEN).fit(x, y).predict_proba(x) for _ in range(2))
    np.testing.assert_array_equal(een, twee)


@pytest.mark.parametrize("make", [make_kampioen, make_boosting], ids=lambda m: m.__name__)
@pytest.mark.parametrize(("kolom", "teken"), [(0, 1), (1, -1), (3, 1)])
def test_probability_moves_with_the_sign_of_a_feature_or_not_at_all(
    make: Callable[..., Pipeline], kolom: int, teken: int
) -> None:
    x, y = make_data()
    # Learn from the outcome upside down: then every sign is against the data.
    for uitkomst in (y, 1 - y):
        model = make(KENMERKEN).fit(x, uitkomst)
        rij = np.repeat(x[:20], 2, axis=0)
        rij[:, kolom] = np.tile([-1.0, 1.0], 20)
        p = model.predict_proba(rij)[:, 1].reshape(20, 2)
        assert ((p[:, 1] - p[:, 0]) * teken >= 0).all()


def test_champion_adds_nothing_at_the_mean_that_stands_in_for_what_is_unknown() -> None:
    x, y = make_data()
    kampioen = make_kampioen(KENMERKEN).fit(x, y)
    model = kampioen.named_steps["model"]
    ingevuld = kampioen.named_steps["aanvulling"].transform(x)
    assert ingevuld.shape[1] == len(KENMERKEN) + 2
    onbekend = np.isnan(x[:, 1])
    np.testing.assert_allclose(ingevuld[onbekend, 1], model.mean_[1])
    # Its flag has found that the unknown ones are worse off.
    assert model.coef_[5] > 0


def test_boosting_learns_nothing_from_a_column_that_was_empty() -> None:
    x, y = make_data()
    model = make_boosting(KENMERKEN).fit(x, y)
    nieuw = x.copy()
    nieuw[:, 4] = 5.0
    np.testing.assert_array_equal(model.predict_proba(nieuw), model.predict_proba(x))


def test_empty_column_filler_keeps_the_rules_of_scikit_learn() -> None:
    verslag = check_estimator(LegeKolom(), on_skip=None, on_fail=None)
    assert [v["check_name"] for v in verslag if v["status"] == "failed"] == []


@pytest.mark.parametrize(
    "make",
    [make_kampioen, partial(make_boosting, extra=1), make_gam],
    ids=["kampioen", "hgb", "gam"],
)
def test_column_after_the_features_is_free_to_go_either_way(make: Callable[..., Pipeline]) -> None:
    x, y = make_data()
    reden = np.random.default_rng(4).integers(0, 2, len(y)).astype(float)
    andere = np.random.default_rng(5).random(len(y)) < 0.3
    for richting, kant in ((1, reden), (-1, 1 - reden)):
        invoer = np.column_stack([x, reden])
        model = make(KENMERKEN).fit(invoer, np.where(andere, kant, y))
        hoog, laag = (
            model.predict_proba(np.column_stack([x, np.full(len(y), w)]))[:, 1].mean()
            for w in (1.0, 0.0)
        )
        assert (hoog - laag) * richting > 0.2
