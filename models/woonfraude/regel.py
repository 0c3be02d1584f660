"""What a model of woonfraude must beat: a rule of three signs, and persistence.

Belongs here: both as scores. Does not belong here: the selection by staff, which is no formula.
Source: design paper on the risk models, "Baselines and bounds".
"""

# ruff: noqa: N803, N806 - X is scikit-learn's own name for the features.

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from models.risico.paneel import Paneel

Getal: TypeAlias = npt.NDArray[np.float64]

KOLOMMEN = ("weigeringen_12m", "advertenties_12m", "huurkloof")
"""Features that the rule adds up, equally."""
PERSISTENTIE_MAANDEN = 24


def build_invoer(paneel: Paneel) -> Getal:
    """Return the features of the rule as X (R, 3)."""
    return paneel.select_kenmerken(KOLOMMEN).x


def compute_score(x: Getal) -> Getal:
    """Return the sum of the three signs (R,); what is unknown adds nothing.

    Examples
    --------
    >>> compute_score(np.array([[0.5, np.nan, 1.0]])).tolist()
    [1.5]
    """
    score: Getal = np.nan_to_num(x).sum(axis=1)
    return score


class WoonfraudeRegel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The rule: refusals, listings and rent gap, equally; its scale as a chance is learnt."""

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> WoonfraudeRegel:
        """Fit the scale on X (R, 3) and hits (R,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        schaal = LogisticRegression(C=np.inf).fit(
            compute_score(np.asarray(X))[:, None], y, sample_weight
        )
        self.classes_ = schaal.classes_
        # Never against the order of the rule, however odd the training data.
        self.helling_ = max(float(schaal.coef_[0, 0]), 1e-6)
        self.intercept_ = float(schaal.intercept_[0])
        return self

    def decision_function(self, X: npt.ArrayLike) -> Getal:
        """Return the score (R,): the order of the rows; needs no fit."""
        return compute_score(np.asarray(X, dtype=np.float64))

    def predict_proba(self, X: npt.ArrayLike) -> Getal:
        """Return the probabilities of both classes, shape (R, 2)."""
        check_is_fitted(self)
        kans = expit(self.helling_ * self.decision_function(X) + self.intercept_)
        return np.stack([1.0 - kans, kans], axis=1)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """Return the likelier class, shape (R,)."""
        klasse: npt.NDArray[np.generic] = self.classes_[
            (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)
        ]
        return klasse
