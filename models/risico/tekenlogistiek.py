"""Ridge logistic regression whose coefficients may not have the wrong sign.

Belongs here: the estimator. Does not belong here: which sign a feature has (the allow-list),
imputation (``schatters``).
"""

# ruff: noqa: N803 - X is scikit-learn's own name for the features.

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from models.risico.paneel import Geheel, Getal

_T = TypeVar("_T")

_POLIJST = 25
"""Newton steps at most; two or three do from a good start."""
_VEEL = 50_000
"""Rows from which a sixteenth of them says where to start."""
_DEEL = 16
_BLOK = 16_384
"""Rows at a time: what is reckoned with them stays near the processor."""
_HERHALINGEN = 40


@dataclass(frozen=True, eq=False)
class _Doel:
    """The penalised loss, a block of rows at a time and two blocks at once.

    Blocks are added up in their order, so that the outcome does not hang on the threads.

    Attributes
    ----------
    z : ndarray, shape (R, F)
    y : ndarray, shape (R,)
    w : ndarray, shape (R,)
        Weights that add up to 1.
    straf : ndarray, shape (F + 1,)
        Weight of the penalty per coefficient, the intercept's 0 first.
    """

    z: Getal
    y: Getal
    w: Getal
    straf: Getal

    def measure(self, theta: Getal) -> tuple[float, Getal]:
        """Return the loss and its slope."""
        delen = _run_blokken(len(self.y), lambda blok: self._measure(blok, theta)[:2])
        return self._add_straf(
            theta, sum(waarde for waarde, _ in delen), _add_up(helling for _, helling in delen)
        )

    def measure_kromming(self, theta: Getal) -> tuple[float, Getal, Getal]:
        """Return the loss, its slope and its second derivatives."""

        def measure(blok: slice) -> tuple[float, Getal, Getal]:
            waarde, helling, p = self._measure(blok, theta)
            wortel = np.sqrt(self.w[blok] * p * (1.0 - p))
            k = np.column_stack([wortel, self.z[blok] * wortel[:, None]])
            return waarde, helling, k.T @ k

        delen = _run_blokken(len(self.y), measure)
        waarde, helling = self._add_straf(
            theta, sum(deel[0] for deel in delen), _add_up(deel[1] for deel in delen)
        )
        return waarde, helling, _add_up(deel[2] for deel in delen) + np.diag(self.straf)

    def _measure(self, blok: slice, theta: Getal) -> tuple[float, Getal, Getal]:
        z, y, w = self.z[blok], self.y[blok], self.w[blok]
        eta = z @ theta[1:] + theta[0]
        p = expit(eta)
        rest = w * (p - y)
        return float(w @ (np.logaddexp(0.0, eta) - y * eta)), np.r_[rest.sum(), rest @ z], p

    def _add_straf(self, theta: Getal, waarde: float, helling: Getal) -> tuple[float, Getal]:
        return float(waarde + 0.5 * self.straf @ theta**2), helling + self.straf * theta


def _add_up(delen: Iterable[Getal]) -> Getal:
    return reduce(np.add, delen)


def _run_blokken(rijen: int, reken: Callable[[slice], _T]) -> list[_T]:
    """Return what a function says of each block of rows, in their order."""
    blokken = [slice(van, van + _BLOK) for van in range(0, rijen, _BLOK)]
    if len(blokken) < 4:
        return [reken(blok) for blok in blokken]
    with ThreadPoolExecutor(max_workers=2) as draden:
        return list(draden.map(reken, blokken))


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
        Where to start: the solution of much the same rows. Left out, many rows start from the
        solution of some of them.
    max_iter, tol
        Iterations of L-BFGS-B, and the largest slope per row that is left.

    Returns
    -------
    theta : ndarray, shape (F + 1,)
        Intercept first. A coefficient that would have the wrong sign is exactly 0.
    iteraties : int
    """
    totaal = gewicht.sum()
    onder, boven = _list_grenzen(tekens)
    straf = np.r_[0.0, np.full(z.shape[1], alpha / totaal)]
    doel = _Doel(z, y, gewicht / totaal, straf)
    if begin is None and len(y) > _VEEL and 0.0 < y[::_DEEL].mean() < 1.0:
        eigen = gewicht[::_DEEL]
        begin, _ = solve_tekenlogistiek(
            z[::_DEEL], y[::_DEEL], eigen, alpha=alpha * float(eigen.sum() / totaal),
            tekens=tekens, max_iter=max_iter, tol=tol,
        )  # fmt: skip
    if begin is not None:
        theta, stappen, is_klaar = _polish(doel, np.clip(begin, onder, boven), onder, boven, tol)
        if is_klaar:
            return theta, stappen
    else:
        theta, stappen = np.zeros(z.shape[1] + 1), 0
        kans = doel.w @ y
        theta[0] = np.log(kans / (1.0 - kans))
    # L-BFGS-B finds which coefficients rest at 0; Newton's method finds the others to the last
    # digits, so that rows in another order or counted twice give the same model.
    uit = minimize(
        doel.measure,
        theta,
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(onder, boven),
        options={"maxiter": max_iter, "gtol": 1e-5, "ftol": 1e-9},
    )
    theta, meer, _ = _polish(doel, uit.x, onder, boven, tol)
    return theta, stappen + int(uit.nit) + meer


def _list_grenzen(tekens: npt.NDArray[np.int64]) -> tuple[Getal, Getal]:
    """Return the least and the most that intercept and coefficients may be."""
    return (
        np.r_[-np.inf, np.where(tekens > 0, 0.0, -np.inf)],
        np.r_[np.inf, np.where(tekens < 0, 0.0, np.inf)],
    )


def _find_vrij(theta: Getal, helling: Getal, onder: Getal, boven: Getal) -> npt.NDArray[np.bool_]:
    """Return which coefficients are not held by their sign."""
    return ~(((theta <= onder) & (helling > 0)) | ((theta >= boven) & (helling < 0)))


def _polish(
    doel: _Doel, theta: Getal, onder: Getal, boven: Getal, tol: float
) -> tuple[Getal, int, bool]:
    """Return where Newton's method ends, in how many steps, and whether it is level there."""
    waarde, helling, kromming = doel.measure_kromming(theta)
    for stap in range(_POLIJST):
        vrij = _find_vrij(theta, helling, onder, boven)
        if np.abs(helling[vrij]).max(initial=0.0) <= tol:
            return theta + 0.0, stap, True  # + 0.0: no minus zero
        richting = np.zeros_like(theta)
        richting[vrij] = -np.linalg.lstsq(kromming[np.ix_(vrij, vrij)], helling[vrij], rcond=None)[
            0
        ]
        lengte = 1.0
        while lengte > 1e-6:
            nieuw = np.clip(theta + lengte * richting, onder, boven)
            gevonden = doel.measure_kromming(nieuw)
            if gevonden[0] <= waarde + 1e-15:
                break
            lengte /= 2.0
        else:
            return theta + 0.0, stap, False
        theta, (waarde, helling, kromming) = nieuw, gevonden
    return theta + 0.0, _POLIJST, False


def solve_trekkingen(
    z: Getal,
    y: Getal,
    keer: Geheel,
    cluster: Geheel,
    *,
    alpha: float,
    tekens: npt.NDArray[np.int64],
    begin: Getal,
    gewicht: Getal | None = None,
    tol: float = 1e-7,
) -> Getal:
    """Return the solutions for many weightings of the same rows, shape (B, F + 1).

    Parameters
    ----------
    z, y, alpha, tekens
        As of :func:`solve_tekenlogistiek`.
    keer : ndarray of int, shape (B, C)
        How often each cluster counts in each weighting.
    cluster : ndarray of int, shape (R,)
        Of each row.
    begin : ndarray, shape (F + 1,)
        Near the solution for all clusters counting once.
    gewicht : ndarray, shape (R,), optional
        How much each row counts by itself.
    tol
        Largest slope per row that is left.

    Notes
    -----
    All weightings take each step together, with the second derivatives where all clusters count
    once: much the same for all, and one product of matrices in place of many of a matrix and a
    vector. What does not come to rest that way is solved by itself.
    """
    eigen = np.ones(len(y)) if gewicht is None else gewicht
    # An intercept may have been moved since: there steps would be too long.
    begin, _ = solve_tekenlogistiek(z, y, eigen, alpha=alpha, tekens=tekens, begin=begin, tol=tol)
    onder, boven = _list_grenzen(tekens)
    straf = np.r_[0.0, np.full(z.shape[1], float(alpha))]
    van_cluster = np.bincount(cluster, eigen, keer.shape[1])
    totaal = keer @ van_cluster
    per_cluster = np.ascontiguousarray(keer.T, dtype=np.float64)
    _, _, kromming = _Doel(z, y, eigen / eigen.sum(), straf / eigen.sum()).measure_kromming(begin)
    thetas: Getal = np.tile(np.clip(begin, onder, boven), (len(keer), 1))
    open_ = np.arange(len(keer))
    for _ in range(_HERHALINGEN):
        theta = thetas[open_]
        kolommen = per_cluster if len(open_) == len(keer) else per_cluster[:, open_]

        def measure(blok: slice, theta: Getal = theta, kolommen: Getal = kolommen) -> Getal:
            rest = expit(z[blok] @ theta[:, 1:].T + theta[:, 0])
            rest -= y[blok, None]
            rest *= kolommen[cluster[blok]]
            rest *= eigen[blok, None]
            return np.vstack([rest.sum(axis=0), z[blok].T @ rest]).T

        helling = _add_up(_run_blokken(len(y), measure)) + straf * theta
        helling /= totaal[open_, None]
        rust = np.zeros(len(open_), dtype=bool)
        for i, (eigen_theta, eigen_helling) in enumerate(zip(theta, helling, strict=True)):
            vrij = _find_vrij(eigen_theta, eigen_helling, onder, boven)
            rust[i] = np.abs(eigen_helling[vrij]).max(initial=0.0) <= tol
            if not rust[i]:
                eigen_theta[vrij] -= np.linalg.solve(
                    kromming[np.ix_(vrij, vrij)], eigen_helling[vrij]
                )
        thetas[open_] = np.clip(theta, onder, boven)
        open_ = open_[~rust]
        if not len(open_):
            break
    for i in open_.tolist():
        w = per_cluster[cluster, i] * eigen
        thetas[i], _ = solve_tekenlogistiek(
            z, y, w, alpha=alpha, tekens=tekens, begin=begin, tol=tol
        )
    return thetas + 0.0


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
        soort = type_of_target(uitkomst, input_name="y", raise_unknown=True)
        if soort != "binary":
            check_classification_targets(uitkomst)
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {soort}."
            )
        gewicht = _check_sample_weight(sample_weight, x, ensure_non_negative=True)
        telt = gewicht > 0
        if not telt.all():
            x, uitkomst, gewicht = x[telt], uitkomst[telt], gewicht[telt]
        self.classes_ = np.unique(uitkomst)
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
        z = x - self.mean_
        self.scale_ = np.sqrt(_add_up(_run_blokken(len(z), lambda blok: deel[blok] @ z[blok] ** 2)))
        # What is constant has nothing to say, and rounding of its mean must not speak for it.
        bijna = np.flatnonzero(self.scale_ <= 1e-6 * np.maximum(1.0, np.abs(self.mean_)))
        vast = bijna[(x[:, bijna] == x[0, bijna]).all(axis=0)]
        self.mean_[vast] = x[0, vast]
        self.scale_[vast] = 1.0
        z = np.subtract(x, self.mean_, out=z)
        z /= self.scale_
        theta, self.n_iter_ = solve_tekenlogistiek(
            z,
            (uitkomst == self.classes_[1]).astype(np.float64),
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
