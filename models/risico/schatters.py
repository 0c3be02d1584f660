"""The estimators that compete: the champion, and its challengers.

Belongs here: pipelines from a panel's features (NaN is unknown) to a probability. Does not belong
here: the sign-constrained regression itself (``tekenlogistiek``), who wins (``poort``).

Everything that learns from data lives inside the pipeline, so that no fold sees another's mean.
"""

# ruff: noqa: N803 - X is scikit-learn's own name for the features.

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Getal
from models.risico.tekenlogistiek import TekenLogistiek

Schatter: TypeAlias = Pipeline

ALPHA = 100.0
"""Ridge of the champion, in rows: of tens of thousands it pulls little, of thousands a lot."""

ZAAD = 20_000
"""Seed of the columns that a tree of the boosting may choose from."""


class LegeKolom(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Put 0 in the columns of which training knew no value at all; leave the others as they are.

    ``HistGradientBoostingClassifier`` takes missing values, but not a column of nothing else.

    Attributes
    ----------
    is_leeg_ : ndarray of bool, shape (F,)
    """

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: npt.ArrayLike, y: object = None) -> LegeKolom:
        """Learn which columns are empty."""
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.is_leeg_ = np.isnan(x).all(axis=0)
        return self

    def transform(self, X: npt.ArrayLike) -> Getal:
        """Return the features with 0 in the columns that were empty, shape (R, F)."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return np.where(self.is_leeg_, 0.0, x)


def _build_aanvulling() -> SimpleImputer:
    """Return the imputation: the training mean, and a flag for what was missing in training.

    At the mean of a feature the logistic adds nothing, so what is missing speaks through its flag
    alone. A feature that was never known stays a column, of zeroes.
    """
    return SimpleImputer(strategy="mean", add_indicator=True, keep_empty_features=True)


def make_kampioen(kenmerken: Sequence[Kenmerk], *, alpha: float = ALPHA) -> Schatter:
    """Return the champion: imputation, then the sign-constrained ridge logistic regression.

    Parameters
    ----------
    kenmerken : sequence of Kenmerk, length F
        In the order of the columns.
    alpha
        Weight of the ridge penalty.

    Returns
    -------
    Pipeline
        Steps ``aanvulling`` and ``model``; ``fit(x, y, model__sample_weight=w)`` for weights. The
        columns of ``model`` are the F features, then a flag per feature that has missing values.
    """
    return Pipeline(
        [
            ("aanvulling", _build_aanvulling()),
            ("model", TekenLogistiek(alpha=alpha, tekens=tuple(k.teken for k in kenmerken))),
        ]
    )


def make_boosting(kenmerken: Sequence[Kenmerk], *, extra: int = 0) -> Schatter:
    """Return the first challenger: boosted small trees, monotone where a feature has a sign.

    It takes missing values as they are. Settings: design paper on the risk models, "Model".

    Parameters
    ----------
    kenmerken : sequence of Kenmerk, length F
        In the order of the columns.
    extra
        Columns without a sign that stand after the features (a reason for inspecting); the other
        estimators take them without being told.
    """
    return Pipeline(
        [
            ("leeg", LegeKolom()),
            (
                "model",
                HistGradientBoostingClassifier(
                    learning_rate=0.04,
                    max_iter=200,
                    max_leaf_nodes=4,
                    min_samples_leaf=80,
                    max_features=0.4,
                    monotonic_cst=[*(k.teken for k in kenmerken), *[0] * extra],
                    # A split of its own to stop on would be a random one.
                    early_stopping=False,
                    random_state=ZAAD,
                ),
            ),
        ]
    )


def make_gam(kenmerken: Sequence[Kenmerk], *, alpha: float = ALPHA) -> Schatter:
    """Return the second challenger: ridge logistic regression on cubic splines of each feature.

    It knows no signs: what it gains over the champion is curvature. Beyond what training saw a
    spline goes on level.
    """
    del kenmerken  # the same call for all estimators
    krommen = Pipeline(
        [
            ("aanvulling", SimpleImputer(strategy="mean", keep_empty_features=True)),
            ("spline", SplineTransformer(n_knots=5, degree=3, knots="uniform")),
        ]
    )
    return Pipeline(
        [
            (
                "kolommen",
                FeatureUnion(
                    [("krommen", krommen), ("ontbreekt", MissingIndicator(error_on_new=False))]
                ),
            ),
            ("schaal", StandardScaler()),
            ("model", LogisticRegression(C=1.0 / alpha, max_iter=1000)),
        ]
    )
