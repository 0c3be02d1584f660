"""Ridge logistic regression whose coefficients may not have the wrong sign.

Belongs here: the estimator. Does not belong here: which sign a feature has (the allow-list),
imputation (``schatters``).
"""

# ruff: noqa: N803 - X is scikit-learn's own name for the features.

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from models.risico.paneel import Getal

_POLIJST = 25
"""Newton steps at most after L-BFGS-B; two or three do."""


def solve_tekenlogistiek(
    z: Getal,
    y: Getal,
    gewicht: Getal,
    *,
    alpha: float,
    tekens: npt.NDArray[np.int64],
    begin: Getal | None = None,
    max_iter: int = 1000,
    tol: float = 1e-10,
) -> tuple[Getal, int]:
    """Return intercept and coefficients that minimise the penalised loss within their signs.

    The loss is that of scikit-learn's ``LogisticRegression`` with ``C = 1 / alpha``:
    ``sum(w * logloss) + alpha / 2 * sum(b ** 2)``, the intercept free of penalty.

    Parameters
    ----------
    z : ndarray, shape (R, F)
        Features on the standard scale.
    y : ndarray, shape (R,)
        0 or 1.
    gewicht : ndarray, shape (R,)
        How much each row counts.
    alpha
        Weight of the penalty, in rows.
    tekens : ndarray of int, shape (F,)
        1, -1 or 0 per coefficient.
    begin : ndarray, shape (F + 1,), optional
        Where to start: another solution, when many are wanted.
    max_iter, tol
        Iterations of L-BFGS-B, and the largest slope per row that is left.

    Returns
    -------
    theta : ndarray, shape (F + 1,)
        Intercept first. A coefficient that would have the wrong sign is exactly 0.
    iteraties : int
    """
    totaal = gewicht.sum()
    onder = np.r_[-np.inf, np.where(tekens > 0, 0.0, -np.inf)]
    boven = np.r_[np.inf, np.where(tekens < 0, 0.0, np.inf)]
    straf = np.r_[0.0, np.full(z.shape[1], alpha / totaal)]
    w = gewicht / totaal

    def loss(theta: Getal) -> tuple[float, Getal]:
        eta = z @ theta[1:] + theta[0]
        rest = w * (expit(eta) - y)
        waarde = w @ (np.logaddexp(0.0, eta) - y * eta) + 0.5 * straf @ theta**2
        return float(waarde), np.r_[rest.sum(), rest @ z] + straf * theta

    if begin is None:
        begin = np.zeros(z.shape[1] + 1)
        kans = w @ y
        begin[0] = np.log(kans / (1.0 - kans))
    uit = minimize(
        loss,
        np.clip(begin, onder, boven),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(onder, boven),
        options={"maxiter": max_iter, "gtol": 1e-5, "ftol": 1e-9},
    )
    # L-BFGS-B finds which coefficients rest at 0; Newton's method finds the others to the last
    # digits, so that rows in another order or counted twice give the same model.
    theta: Getal = uit.x
    stappen = 0
    while stappen < _POLIJST:
        waarde, helling = loss(theta)
        vast = ((theta <= onder) & (helling > 0)) | ((theta >= boven) & (helling < 0))
        vrij = ~vast
        if np.abs(helling[vrij]).max(initial=0.0) <= tol:
            break
        p = expit(z @ theta[1:] + theta[0])
        kolommen = np.column_stack([np.ones(len(z)), z])[:, vrij]
        kromming = (kolommen.T * (w * p * (1.0 - p))) @ kolommen + np.diag(straf[vrij])
        richting = np.zeros_like(theta)
        richting[vrij] = -np.linalg.lstsq(kromming, helling[vrij], rcond=None)[0]
        lengte = 1.0
        while lengte > 1e-6:
            nieuw = np.clip(theta + lengte * richting, onder, boven)
            if loss(nieuw)[0] <= waarde + 1e-15:
                break
            lengte /= 2.0
        else:
            break
        theta = nieuw
        stappen += 1
    return theta + 0.0, int(uit.nit) + stappen  # + 0.0: no minus zero


class TekenLogistiek(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Sign-constrained ridge logistic regression on features it standardises itself.

    Parameters
    ----------
    alpha : float, default=1.0
        Weight of the ridge penalty on the standard scale; ``1 / C`` of ``LogisticRegression``.
    tekens : sequence of int, optional
        1, -1 or 0 per feature: a coefficient has this sign or is exactly 0. Features past the end
        of the sequence are free, as are all when it is left out: a pipeline puts its missing
        flags there.
    max_iter : int, default=1000
        Iterations at most.
    tol : float, default=1e-10
        Largest slope of the mean loss that is left.

    Attributes
    ----------
    mean_, scale_ : ndarray, shape (F,)
        Weighted mean and standard deviation in training; a constant feature has scale 1.
    coef_ : ndarray, shape (F,)
        On the standard scale, so that coefficients compare.
    tekens_ : ndarray of int, shape (F,)
        The sign of each, 0 where it is free.
    intercept_ : float
        Log-odds at the mean of all features.
    classes_ : ndarray, shape (2,)
    n_iter_ : int

    Examples
    --------
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
    >>> TekenLogistiek(tekens=(1, -1)).fit(X, [0, 0, 1, 1]).coef_.round(2).tolist()
    [0.94, 0.0]

    Notes
    -----
    Source: design paper on the risk models, "Model".
    """

    def __init__(
        self,
        alpha: float = 1.0,
        tekens: Sequence[int] | None = None,
        max_iter: int = 1000,
        tol: float = 1e-10,
    ) -> None:
        self.alpha = alpha
        self.tekens = tekens
        self.max_iter = max_iter
        self.tol = tol

    def __sklearn_tags__(self) -> object:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self, X: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> TekenLogistiek:
        """Fit on features (R, F) and outcomes of two classes (R,).

        Raises
        ------
        ValueError
            If there are not two classes with weight, or ``alpha`` or ``tekens`` cannot be.
        """
        x, uitkomst = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(uitkomst)
        soort = type_of_target(uitkomst, input_name="y", raise_unknown=True)
        if soort != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {soort}."
            )
        gewicht = _check_sample_weight(sample_weight, x, ensure_non_negative=True)
        telt = gewicht > 0
        x, uitkomst, gewicht = x[telt], uitkomst[telt], gewicht[telt]
        self.classes_, code = np.unique(uitkomst, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                f"TekenLogistiek expects two classes, found {len(self.classes_)} class(es) in the "
                "rows with weight; train on a period in which the outcome occurs."
            )
        tekens = np.zeros(x.shape[1], dtype=np.int64)
        opgegeven = np.asarray([] if self.tekens is None else self.tekens, dtype=np.int64)
        if len(opgegeven) > len(tekens) or not np.isin(opgegeven, (-1, 0, 1)).all():
            raise ValueError(
                f"tekens expects at most {len(tekens)} signs of 1, -1 or 0, found "
                f"{opgegeven.tolist()}; give one per feature, in the order of the columns."
            )
        if not (np.isfinite(self.alpha) and self.alpha > 0):
            raise ValueError(f"alpha expects a number above 0, found {self.alpha}.")
        tekens[: len(opgegeven)] = opgegeven
        self.tekens_ = tekens

        deel = gewicht / gewicht.sum()
        self.mean_ = deel @ x
        self.scale_ = np.sqrt(deel @ (x - self.mean_) ** 2)
        # What is constant has nothing to say, and rounding of its mean must not speak for it.
        is_vast = x.max(axis=0) == x.min(axis=0)
        self.mean_[is_vast] = x[0, is_vast]
        self.scale_[is_vast] = 1.0
        theta, self.n_iter_ = solve_tekenlogistiek(
            (x - self.mean_) / self.scale_,
            code.astype(np.float64),
            gewicht,
            alpha=float(self.alpha),
            tekens=tekens,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        self.intercept_ = float(theta[0])
        self.coef_ = theta[1:]
        return self

    def decision_function(self, X: npt.ArrayLike) -> Getal:
        """Return the log-odds of the second class, shape (R,)."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, reset=False)
        logit: Getal = (x - self.mean_) / self.scale_ @ self.coef_ + self.intercept_
        return logit

    def predict_proba(self, X: npt.ArrayLike) -> Getal:
        """Return the probabilities of both classes, shape (R, 2)."""
        kans = expit(self.decision_function(X))
        return np.stack([1.0 - kans, kans], axis=1)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """Return the likelier class, shape (R,)."""
        is_tweede = self.decision_function(X) > 0
        klasse: npt.NDArray[np.generic] = self.classes_[is_tweede.astype(np.int64)]
        return klasse
