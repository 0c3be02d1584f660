"""What a model of overlast must beat: a rule that fits on a page, and persistence.

Belongs here: both as estimators. Does not belong here: where the counts come from
(``int_overlast__kenmerk``). Source: design paper on the risk models, "Baselines and bounds".

The rule is what is used when no model passes the gate, so it explains itself: points.
"""

# ruff: noqa: N803, N806 - X is scikit-learn's own name for the features.

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted, validate_data

from models.risico.paneel import Paneel, PaneelFout

Getal: TypeAlias = npt.NDArray[np.float64]

KOLOMMEN = (
    "aantal_eenheden",
    "aantal_meldingen_3m",
    "aantal_meldingen_6m",
    "aantal_meldingen_12m",
    "aantal_ernstig_6m",
    "aantal_escalaties_ooit",
    "schouw_laatste",
)
"""Columns of X for the estimators here, in this order; counts as they are."""
PUNTEN: tuple[tuple[str, float], ...] = (
    ("ernstige melding in 6 maanden", 2.0),
    ("4 of meer meldingen in 6 maanden", 1.0),
    ("1 melding of meer per 10 woningen in 6 maanden", 1.0),
    ("eerder een escalatie", 2.0),
    ("laatste schouw onder de 6", 1.0),
    ("meer meldingen in 3 maanden dan in de 9 ervoor", 1.0),
)
"""What gives points. Reports of six months break ties, a thousandth of a point each."""
_PER_MELDING = 0.001
_VEEL_MELDINGEN, _VEEL_PER_WONING = 4, 0.1
_SCHOUW_VOLDOENDE, _SCHOUW_ONBEKEND = 6.0, 7.0


def build_invoer(paneel: Paneel) -> Getal:
    """Return the raw counts of a panel as X (R, 7) for the estimators here.

    Raises
    ------
    PaneelFout
        If the panel lacks a count.
    """
    ruw = {"aantal_eenheden": paneel.eenheden.astype(np.float64), **paneel.ruw}
    weg = sorted(set(KOLOMMEN) - set(ruw))
    if weg:
        raise PaneelFout(
            f"Het paneel mist de telling {', '.join(weg)}.",
            verwacht=", ".join(KOLOMMEN),
            remedie="geef deze kolommen van int_overlast__kenmerk mee als ruw",
        )
    return np.column_stack([ruw[naam] for naam in KOLOMMEN])


def compute_punten(x: Getal) -> npt.NDArray[np.float64]:
    """Return the points of each part of the rule, shape (R, 6), in the order of :data:`PUNTEN`.

    What is unknown gives no points: a count counts as 0, a missing schouw as a 7.

    Examples
    --------
    >>> float(compute_punten(np.array([[30.0, 3, 4, 5, 1, 0, np.nan]])).sum())
    4.0
    """
    n, r3, r6, r12, ernstig, eerder, schouw = x.T
    r3, r6, r12 = (np.nan_to_num(r) for r in (r3, r6, r12))
    waar = np.column_stack(
        [
            np.nan_to_num(ernstig) > 0,
            r6 >= _VEEL_MELDINGEN,
            r6 / n >= _VEEL_PER_WONING,
            np.nan_to_num(eerder) >= 1,
            np.where(np.isnan(schouw), _SCHOUW_ONBEKEND, schouw) < _SCHOUW_VOLDOENDE,
            # The trend feature above zero: recent reports against those of the rest of the year.
            r3 + 0.5 > r12 - r3 + 1.5,
        ]
    )
    punten: Getal = waar * np.array([aantal for _, aantal in PUNTEN])
    return punten


class _Puntentelling(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A score that is fixed beforehand; only its scale as a chance is learnt."""

    def score_rijen(self, X: Getal) -> Getal:
        """Return the score (R,)."""
        raise NotImplementedError

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> _Puntentelling:
        """Fit the scale on X (R, 7) and outcomes (R,): the ranks do not depend on it."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        score = self.score_rijen(np.asarray(X))[:, None]
        schaal = LogisticRegression(C=np.inf).fit(score, y, sample_weight)
        self.classes_ = schaal.classes_
        # Never against the order of the rule, however odd the training data.
        self.helling_ = max(float(schaal.coef_[0, 0]), 1e-6)
        self.intercept_ = float(schaal.intercept_[0])
        return self

    def decision_function(self, X: npt.ArrayLike) -> Getal:
        """Return the score (R,): the order of the rows; needs no fit."""
        return self.score_rijen(np.asarray(X, dtype=np.float64))

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


class OverlastRegel(_Puntentelling):
    """The rule: points, and reports of six months to break ties."""

    def score_rijen(self, X: Getal) -> Getal:
        """Return the points (R,)."""
        r6 = np.nan_to_num(X[:, KOLOMMEN.index("aantal_meldingen_6m")])
        punten: Getal = compute_punten(X).sum(axis=1) + _PER_MELDING * r6
        return punten


class OverlastPersistentie(_Puntentelling):
    """Persistence: what reported most in the past six months does so again."""

    def score_rijen(self, X: Getal) -> Getal:
        """Return the reports of six months (R,)."""
        meldingen: Getal = np.nan_to_num(X[:, KOLOMMEN.index("aantal_meldingen_6m")])
        return meldingen


def explain_punten(x: Sequence[float]) -> list[str]:
    """Return the parts of the rule that gave points to one complex, in Dutch.

    Examples
    --------
    >>> explain_punten([30.0, 3, 4, 5, 1, 0, 7.0])
    ['ernstige melding in 6 maanden (2)', '4 of meer meldingen in 6 maanden (1)', \
'1 melding of meer per 10 woningen in 6 maanden (1)']
    """
    punten = compute_punten(np.asarray(x, dtype=np.float64)[None])[0]
    return [
        f"{naam} ({punt:.0f})" for (naam, _), punt in zip(PUNTEN, punten, strict=True) if punt > 0
    ]
