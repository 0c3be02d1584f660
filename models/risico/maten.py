"""How good a score is: ranking, calibration, and how long a list can be.

Belongs here: metrics of one score against one outcome. Does not belong here: differences between
scores (``bootstrap``), whether one is good enough (``poort``), yield on chosen inspections
(``selectie``), fairness (``eerlijkheid``).

Everywhere: ``y`` is 0 or 1 and known, one row per complex and peildatum; a metric of nothing (no
event, no row) is NaN. Scores that tie stand in random order, and a metric is its expected value
over that order: a rule with few values is neither helped nor hurt by how its rows happen to lie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logit
from scipy.stats import beta, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from models.risico.paneel import Geheel, Getal
from vera.errors import BuurtpeilError

BAKKEN = 10
"""Bins of equal mass for the expected calibration error."""

DREMPEL_K = 2.5
"""Times the base rate that the last block of a list must reach."""

_KLEINSTE_KANS = 1e-9


class MaatFout(BuurtpeilError):
    """A metric was asked of arrays that it cannot be computed from."""


def _check(y: Getal, score: Getal) -> None:
    if y.shape != score.shape or y.ndim != 1:
        raise MaatFout(
            f"De uitkomst heeft vorm {y.shape} en de score {score.shape}.",
            verwacht="twee even lange rijen",
            remedie="neem beide uit hetzelfde paneel",
        )
    if np.isnan(score).any() or not np.isin(y, (0.0, 1.0)).all():
        raise MaatFout(
            "Er is een score onbekend, of een uitkomst die niet 0 of 1 is.",
            verwacht="alleen rijen waarvan de uitkomst bekend is",
            remedie="kies eerst de rijen met een bekende uitkomst (Paneel.is_bekend)",
        )


# --- ranking


@dataclass(frozen=True, eq=False)
class Rangorde:
    """Rows from the highest score down, in groups of equal score.

    Made once per score, it serves any number of weightings: the bootstrap's draws.

    Attributes
    ----------
    volgorde : ndarray of int, shape (R,)
        Rows from the highest score down.
    begin : ndarray of int, shape (G,)
        Where each group of equal scores begins in ``volgorde``.
    y : ndarray, shape (R,)
        Outcomes in that order.
    """

    volgorde: Geheel
    begin: Geheel
    y: Getal

    @classmethod
    def from_score(cls, y: Getal, score: Getal) -> Rangorde:
        """Return the order of a score.

        Raises
        ------
        MaatFout
            If an outcome or score is unknown, or the two differ in length.
        """
        _check(y, score)
        volgorde = np.argsort(-score, kind="stable")
        gesorteerd = score[volgorde]
        nieuw = np.r_[True, gesorteerd[1:] != gesorteerd[:-1]][: len(score)]
        return cls(volgorde, np.flatnonzero(nieuw), y[volgorde])

    def count_groepen(self, gewicht: npt.NDArray[np.number]) -> tuple[Getal, Getal, Getal]:
        """Count in the groups that hold an event, for weights (B, R).

        Returns
        -------
        n, m, voor : ndarray, shape (B, E)
            Rows and events of the group, and rows that stand before it. Groups without an event
            are left out, of which there are many: they add nothing to any metric.
        """
        w = np.asarray(gewicht, dtype=np.float64)[:, self.volgorde]
        if not len(self.begin):
            return w, w, w
        if len(self.begin) == w.shape[1]:
            met = np.flatnonzero(self.y)
            n = w[:, met]
            return n, n, np.cumsum(w, axis=1, out=w)[:, met] - n
        met = np.flatnonzero(np.add.reduceat(self.y, self.begin))
        per_groep = np.add.reduceat(w, self.begin, axis=1)
        n = per_groep[:, met]
        w *= self.y
        m = np.add.reduceat(w, self.begin, axis=1)[:, met]
        return n, m, np.cumsum(per_groep, axis=1, out=per_groep)[:, met] - n


def compute_ap_trekkingen(orde: Rangorde, gewicht: npt.NDArray[np.number]) -> Getal:
    """Return the average precision of many weightings, shape (B,).

    Parameters
    ----------
    orde
        The order of one score.
    gewicht : ndarray of whole numbers, shape (B, R)
        How often each row counts in each draw. A row that counts twice ties with itself.

    Notes
    -----
    Of a group of n tied rows with m events that stands behind N rows with M events, the j-th is an
    event with chance m / n, and then precision there is (M + 1 + (j - 1)(m - 1)/(n - 1)) / (N + j)
    in expectation. Summed over j that is closed: with D = H(N + n) - H(N), H the harmonic numbers,

        m/n * [(M + 1) D + (m - 1)/(n - 1) * (n - (N + 1) D)].

    Without ties it is scikit-learn's ``average_precision_score``, which takes a tied group at the
    precision of its end instead.
    """
    n, m, voor_n = orde.count_groepen(gewicht)
    tot_n, voor_m = voor_n + n, np.cumsum(m, axis=1) - m
    grootste = int(tot_n.max(initial=0.0))
    harmonisch = np.r_[0.0, np.cumsum(1.0 / np.arange(1, grootste + 1))]
    d = np.where(
        n == 1.0,  # exactly, so that equal scores do not differ in their last digit
        1.0 / (voor_n + 1.0),
        harmonisch[tot_n.astype(np.int64)] - harmonisch[voor_n.astype(np.int64)],
    )
    paren = (m - 1.0) / np.maximum(n - 1.0, 1.0) * (n - (voor_n + 1.0) * d)
    deel = m / np.maximum(n, 1.0) * ((voor_m + 1.0) * d + np.where(n > 1.0, paren, 0.0))
    positief = m.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ap: Getal = np.where(positief > 0, deel.sum(axis=1) / positief, np.nan)
    return ap


def compute_treffers_trekkingen(orde: Rangorde, gewicht: npt.NDArray[np.number], k: float) -> Getal:
    """Return the expected events among the first k rows of many weightings, shape (B,)."""
    n, m, voor = orde.count_groepen(gewicht)
    deel = np.clip((k - voor) / np.maximum(n, 1.0), 0.0, 1.0)
    treffers: Getal = (deel * m).sum(axis=1)
    return treffers


def compute_precisie_trekkingen(orde: Rangorde, gewicht: npt.NDArray[np.number], k: float) -> Getal:
    """Return the expected precision among the first k rows of many weightings, shape (B,).

    A draw with fewer than k rows is taken whole.
    """
    rijen = np.minimum(np.asarray(gewicht).sum(axis=1), k)
    with np.errstate(invalid="ignore", divide="ignore"):
        precisie: Getal = compute_treffers_trekkingen(orde, gewicht, k) / rijen
    return precisie


def _een(y: Getal) -> npt.NDArray[np.float64]:
    return np.ones((1, len(y)))


def compute_ap(y: Getal, score: Getal) -> float:
    """Return the average precision, expected over the order of ties.

    Examples
    --------
    >>> y = np.array([1.0, 0.0, 0.0, 1.0])
    >>> compute_ap(y, np.array([4.0, 3.0, 2.0, 1.0]))
    0.75
    >>> round(compute_ap(y, np.zeros(4)), 4)
    0.6806
    """
    return float(compute_ap_trekkingen(Rangorde.from_score(y, score), _een(y))[0])


def compute_auc(y: Getal, score: Getal) -> float:
    """Return the area under the ROC curve; a tie counts half, its expected value."""
    _check(y, score)
    if not 0 < y.sum() < len(y):
        return np.nan
    return float(roc_auc_score(y, score))


def compute_precisie_bij_k(y: Getal, score: Getal, k: int) -> float:
    """Return the share of events among the k highest scores, expected over the order of ties.

    Examples
    --------
    >>> compute_precisie_bij_k(np.array([1.0, 0.0, 1.0]), np.array([2.0, 1.0, 1.0]), 2)
    0.75
    """
    return float(compute_precisie_trekkingen(Rangorde.from_score(y, score), _een(y), k)[0])


def compute_recall_bij_k(y: Getal, score: Getal, k: int) -> float:
    """Return the share of all events that are among the k highest scores, likewise."""
    treffers = compute_treffers_trekkingen(Rangorde.from_score(y, score), _een(y), k)
    return float(treffers[0] / y.sum()) if y.any() else np.nan


def compute_lift(y: Getal, score: Getal, k: int) -> float:
    """Return how many times the base rate the k highest scores reach."""
    precisie = compute_precisie_bij_k(y, score, k)
    return precisie / float(y.mean()) if y.any() else np.nan


def compute_lidmaatschap(score: Getal, k: float) -> Getal:
    """Return how likely each row is to be among the k highest scores, shape (R,).

    1 above the place where the list ends, 0 below it, and in between for scores that tie there.

    Examples
    --------
    >>> compute_lidmaatschap(np.array([3.0, 1.0, 1.0, 0.0]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    _, plaats, aantal = np.unique(-score, return_inverse=True, return_counts=True)
    voor = np.cumsum(aantal) - aantal
    deel: Getal = np.clip((k - voor) / aantal, 0.0, 1.0)[plaats]
    return deel


def compute_overlap(score_a: Getal, score_b: Getal, k: int) -> float:
    """Return which share of the k highest scores two scorings have in common.

    Examples
    --------
    >>> compute_overlap(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]), 2)
    0.5
    """
    samen = compute_lidmaatschap(score_a, k) @ compute_lidmaatschap(score_b, k)
    return float(samen) / min(k, len(score_a)) if len(score_a) else np.nan


# --- calibration


def compute_ece(y: Getal, p: Getal, bakken: int = BAKKEN) -> float:
    """Return the expected calibration error over bins of equal mass.

    The mean absolute difference between what happened and what was foretold, over bins with
    equally many rows. Hand over all windows together: of a perfect model it is .010 on one month
    and .004 on many, by chance alone (design paper on the risk models).

    Parameters
    ----------
    y, p : ndarray, shape (R,)
    bakken
        Number of bins.
    """
    _check(y, p)
    return _make_ece(p, bakken)(y) if len(y) else np.nan


def _make_ece(p: Getal, bakken: int) -> Callable[[Getal], float]:
    """Return what tells the calibration error of outcomes against ``p``, put in order once."""
    volgorde = np.argsort(p, kind="stable")
    op_rij = p[volgorde]
    # Rows of equal p share their outcomes: which of them falls in which bin is no matter then.
    nieuw = np.r_[True, op_rij[1:] != op_rij[:-1]]
    begin, groep = np.flatnonzero(nieuw), np.cumsum(nieuw) - 1
    aantal = np.diff(np.r_[begin, len(p)])

    def measure(y: Getal) -> float:
        gemiddeld = np.add.reduceat(y[volgorde], begin) / aantal
        delen = np.array_split(gemiddeld[groep] - op_rij, min(bakken, len(p)))
        return float(sum(abs(deel.sum()) for deel in delen) / len(p))

    return measure


def simulate_ece_vloer(
    p: Getal, rng: np.random.Generator, *, trekkingen: int = 200, bakken: int = BAKKEN
) -> float:
    """Return the calibration error that a perfect model would show by chance.

    Outcomes are drawn from ``p`` itself; the mean over the draws.
    """
    if not len(p):
        return np.nan
    measure = _make_ece(p, bakken)
    return float(
        np.mean([measure((rng.random(len(p)) < p).astype(np.float64)) for _ in range(trekkingen)])
    )


def compute_ijklijn(y: Getal, p: Getal) -> tuple[float, float]:
    """Return intercept and slope of the outcome on the log-odds of ``p``.

    0 and 1 are perfect. A slope under 1 says that the model is too sure of itself; with the slope
    at 1, an intercept above 0 says that it foretells too little.
    """
    _check(y, p)
    x = logit(np.clip(p, _KLEINSTE_KANS, 1.0 - _KLEINSTE_KANS))
    if not 0 < y.sum() < len(y) or np.ptp(x) == 0.0:
        return np.nan, np.nan
    lijn = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(x[:, None], y)
    return float(lijn.intercept_[0]), float(lijn.coef_[0, 0])


def compute_helling(y: Getal, p: Getal) -> float:
    """Return the calibration slope; 1 is perfect (:func:`compute_ijklijn`)."""
    return compute_ijklijn(y, p)[1]


@dataclass(frozen=True)
class Verhouding:
    """Events observed over events expected, with its exact Poisson interval.

    Attributes
    ----------
    waargenomen, verwacht : float
        Events.
    verhouding, onder, boven : float
        O/E, and where it may lie.
    """

    waargenomen: float
    verwacht: float
    verhouding: float
    onder: float
    boven: float

    @property
    def dekt_een(self) -> bool:
        """Whether the interval covers 1: as many events as foretold."""
        return self.onder <= 1.0 <= self.boven


def compute_oe(y: Getal, p: Getal, *, niveau: float = 0.95) -> Verhouding:
    """Return observed over expected events with the exact (Garwood) interval.

    Parameters
    ----------
    y, p : ndarray, shape (R,)
    niveau
        Of the interval.

    Examples
    --------
    >>> oe = compute_oe(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    >>> oe.verhouding, round(oe.onder, 4), round(oe.boven, 4)
    (1.0, 0.0253, 5.5716)
    """
    _check(y, p)
    o, e = float(y.sum()), float(p.sum())
    if e <= 0:
        return Verhouding(o, e, np.nan, np.nan, np.nan)
    staart = (1.0 - niveau) / 2.0
    onder = float(chi2.ppf(staart, 2 * o)) / 2 if o else 0.0
    boven = float(chi2.ppf(1.0 - staart, 2 * (o + 1))) / 2
    return Verhouding(o, e, o / e, onder / e, boven / e)


# --- how long a list can be


@dataclass(frozen=True, eq=False)
class KCurve:
    """What each further block of a list is worth, pooled over windows.

    Attributes
    ----------
    k : ndarray of int, shape (K,)
        Length of the list at the end of each block.
    precisie, recall : ndarray, shape (K,)
        Of the list up to there.
    marginaal, ondergrens : ndarray, shape (K,)
        Precision of the block itself, and the lower end of its 80 % interval.
    basis : float
        Share of events among all rows.
    """

    k: Geheel
    precisie: Getal
    recall: Getal
    marginaal: Getal
    ondergrens: Getal
    basis: float


def compute_k_curve(
    y: Getal,
    score: Getal,
    venster: Geheel | None = None,
    *,
    stap: int = 25,
    grootste: int | None = None,
    niveau: float = 0.80,
) -> KCurve:
    """Return the k curve: precision, recall and the precision of each block of a list.

    Parameters
    ----------
    y, score : ndarray, shape (R,)
    venster : ndarray of int, shape (R,), optional
        Which test window a row belongs to: lists are made per window, and blocks of the same rank
        are taken together. Left out, all rows are one window.
    stap
        Rows per block and window.
    grootste
        Longest list; left out, as long as the smallest window.
    niveau
        Of the interval (Jeffreys) whose lower end is given.

    Raises
    ------
    MaatFout
        If no window holds a whole block.
    """
    _check(y, score)
    venster = np.zeros(len(y), dtype=np.int64) if venster is None else venster
    vensters, aantallen = np.unique(venster, return_counts=True)
    lengte = int(aantallen.min(initial=len(y)))
    if grootste is not None:
        lengte = min(lengte, grootste)
    k = np.arange(stap, lengte + 1, stap, dtype=np.int64)
    if not len(k):
        raise MaatFout(
            f"Het kleinste venster heeft {lengte} rijen en een blok {stap}.",
            verwacht="ten minste één heel blok per venster",
            remedie="neem kleinere blokken (stap) of meer complexen",
        )
    treffers = np.zeros(len(k))
    for v in vensters:
        orde = Rangorde.from_score(y[venster == v], score[venster == v])
        een = _een(orde.y)
        treffers += [compute_treffers_trekkingen(orde, een, grens)[0] for grens in k.tolist()]
    rijen = float(stap * len(vensters))
    in_blok = np.diff(treffers, prepend=0.0)
    ondergrens = beta.ppf((1.0 - niveau) / 2.0, in_blok + 0.5, rijen - in_blok + 0.5)
    positief = float(y.sum())
    return KCurve(
        k=k,
        precisie=treffers / (k * len(vensters)),
        recall=treffers / positief if positief else np.full(len(k), np.nan),
        marginaal=in_blok / rijen,
        ondergrens=np.asarray(ondergrens, dtype=np.float64),
        basis=float(y.mean()),
    )


def choose_k(curve: KCurve, capaciteit: int, *, drempel: float = DREMPEL_K) -> int:
    """Return how long a list is: what people can handle, and no longer than it is worth.

    The smaller of ``capaciteit`` and the largest k whose block has a precision that is, at the
    lower end of its interval, ``drempel`` times the base rate. 0 when no block has.

    Notes
    -----
    Source: design paper on the risk models, "k".
    """
    waard = curve.k[curve.ondergrens >= drempel * curve.basis]
    return int(min(capaciteit, waard.max(initial=0)))
