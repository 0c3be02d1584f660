"""How well overlast is predicted where the truth is known: rolling origin on one world.

Belongs here: predictions per test window of the champion and of what it is held against, and the
figures that the goals ask for. Does not belong here: the world and its oracle
(``orchestration.risico_wereld``), the limits (``orchestration.risico_evaluatie``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from models.overlast.cohort import Cohort, select_cohort
from models.overlast.regel import OverlastPersistentie, OverlastRegel, build_invoer
from models.overlast.training import KENMERKEN, Maak, make_overlast, train
from models.risico.dekking import find_gedekt
from models.risico.maten import (
    compute_ap,
    compute_auc,
    compute_ece,
    compute_helling,
    compute_lift,
    compute_oe,
    compute_precisie_bij_k,
)
from models.risico.paneel import Paneel
from models.risico.schatters import make_kampioen
from models.risico.tijdsplitsing import (
    LekFout,
    Venster,
    select_toets,
    select_training,
    split_paneel,
)

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]

AANDEEL_TOP = 0.05
TOP_OVERLAP = 75
_HERTREK = 20


# --- predictions


@dataclass(frozen=True, eq=False)
class Voorspelling:
    """Rows of all test windows, one after the other.

    Attributes
    ----------
    venster : ndarray of int, shape (R,)
        Peilmaand of the test.
    rij : ndarray of int, shape (R,)
        Row of the panel.
    y : ndarray, shape (R,)
        What happened.
    model, regel, persistentie : ndarray, shape (R,)
        Chance by the champion; score of the rule and of persistence.
    """

    venster: Geheel
    rij: Geheel
    y: Getal
    model: Getal
    regel: Getal
    persistentie: Getal

    def select(self, mask: Vlag) -> Voorspelling:
        """Return the rows of a mask."""
        return replace(self, **{f.name: getattr(self, f.name)[mask] for f in fields(self)})


def select_vensters(
    paneel: Paneel, vensters: Sequence[Venster], cohort: Cohort | None = None
) -> Paneel:
    """Return the rows of the cohort that train or test in one of the windows, in their order.

    With the features of :data:`KENMERKEN` alone: the panel of the sector is large, and most months
    serve no window.
    """
    cohort = cohort or Cohort()
    maanden = np.unique(paneel.peilmaand)
    telt = np.zeros(len(maanden), dtype=bool)
    for venster in vensters:
        telt |= select_training(maanden, venster, stap=cohort.stap_training)
        telt |= select_toets(maanden, venster)
    deel = paneel.select(select_cohort(paneel, cohort) & np.isin(paneel.peilmaand, maanden[telt]))
    return deel.select_kenmerken([naam for naam in KENMERKEN if naam in deel.namen])


def predict_vensters(
    paneel: Paneel,
    vensters: Sequence[Venster],
    *,
    maak: Maak = make_overlast,
    namen: Sequence[str] = KENMERKEN,
    cohort: Cohort | None = None,
    wijzigingen: Sequence[int] = (),
) -> Voorspelling:
    """Train before each test date and predict on it.

    Parameters
    ----------
    paneel
        The cohort (``cohort.select_cohort``).
    vensters
        Test dates and how far training goes.
    maak, namen
        The estimator and its features.
    cohort
        The calendar.
    wijzigingen
        Known changes of policy (``training.train``); of a window those before it count.

    Raises
    ------
    LekFout
        If a window leaves no gap.
    """
    cohort = cohort or Cohort()
    delen = []
    for venster in vensters:
        leer, toets = split_paneel(
            paneel, venster, horizon=cohort.horizon, stap=cohort.stap_training
        )
        bekend = [m for m in wijzigingen if m <= venster.toets_peilmaand]
        getraind = train(leer, maak=maak, namen=namen, wijzigingen=bekend)
        ruw = build_invoer(toets)
        delen.append(
            Voorspelling(
                venster=toets.peilmaand,
                rij=np.flatnonzero(select_toets(paneel.peilmaand, venster) & paneel.is_bekend),
                y=toets.y,
                model=getraind.predict(toets),
                regel=OverlastRegel().decision_function(ruw),
                persistentie=OverlastPersistentie().decision_function(ruw),
            )
        )
    return Voorspelling(
        **{
            f.name: np.concatenate([getattr(deel, f.name) for deel in delen])
            for f in fields(Voorspelling)
        }
    )


# --- the ceiling


@dataclass(frozen=True, eq=False)
class Plafond:
    """The best that is known on observable data: two models trained on many other worlds.

    Attributes
    ----------
    namen
        Features, all that are covered.
    lineair, boosting
        Ridge logistic regression, and boosted trees.
    """

    namen: tuple[str, ...]
    lineair: Pipeline
    boosting: HistGradientBoostingClassifier

    def predict(self, paneel: Paneel) -> Getal:
        """Return the mean of both on the log-odds scale as a chance (R,)."""
        x = paneel.select_kenmerken(self.namen).x
        een, ander = (logit(m.predict_proba(x)[:, 1]) for m in (self.lineair, self.boosting))
        kans: Getal = expit((een + ander) / 2.0)
        return kans


def train_plafond(paneel: Paneel) -> Plafond:
    """Fit the ceiling on rows of many worlds.

    Settings: design paper on the risk models, "Baselines and bounds".
    """
    namen, _ = find_gedekt(paneel, paneel.namen)
    invoer = paneel.select_kenmerken(namen)
    boosting = HistGradientBoostingClassifier(
        max_iter=500,
        max_leaf_nodes=16,
        min_samples_leaf=200,
        learning_rate=0.05,
        early_stopping=False,
        random_state=0,
    )
    return Plafond(
        namen,
        make_kampioen(invoer.kenmerken).fit(invoer.x, invoer.y),
        boosting.fit(invoer.x, invoer.y),
    )


# --- figures


def measure_ap(venster: Geheel, y: Getal, score: Getal) -> float:
    """Return the mean over windows of the average precision."""
    return _mean_vensters(venster, lambda v: compute_ap(y[v], score[v]))


def measure_precisie(venster: Geheel, y: Getal, score: Getal) -> float:
    """Return the mean over windows of the precision among the top 5 %."""
    return _mean_vensters(
        venster, lambda v: compute_precisie_bij_k(y[v], score[v], count_top(int(v.sum())))
    )


def measure_logverlies(y: Getal, kans: Getal) -> float:
    """Return the mean log loss: less noisy than AP, so it is what choices are made on."""
    return float(-np.mean(np.log(np.where(y > 0, kans, 1.0 - kans))))


def count_top(rijen: int) -> int:
    """Return how many complexes the top 5 % is."""
    return max(1, round(AANDEEL_TOP * rijen))


def _mean_vensters(venster: Geheel, meet: Callable[[Vlag], float]) -> float:
    return float(np.mean([meet(venster == v) for v in np.unique(venster)]))


def select_top(venster: Geheel, score: Getal) -> Vlag:
    """Return which rows are in the top 5 % of their window, shape (R,); ties in order of row."""
    top = np.zeros(len(score), dtype=bool)
    for v in np.unique(venster):
        rijen = np.flatnonzero(venster == v)
        top[rijen[np.argsort(-score[rijen], kind="stable")[: count_top(len(rijen))]]] = True
    return top


def measure_tpr_verhouding(venster: Geheel, y: Getal, score: Getal, groep: Vlag) -> float:
    """Return the share of events found in the top 5 %, group against others.

    All windows together: one holds some forty events.
    """
    top = select_top(venster, score)
    in_groep, anders = ((top & g & (y > 0)).sum() / (g & (y > 0)).sum() for g in (groep, ~groep))
    return float(in_groep / anders)


def measure_overlast(
    v: Voorspelling, score: Getal, groep: Vlag, orakel: Getal, plafond: Getal | None
) -> dict[str, float]:
    """Return how well one score orders the rows of all windows, by the code of the goal.

    Parameters
    ----------
    v
        Rows of all test windows.
    score : ndarray, shape (R,)
        What is measured: the champion, or what it is held against.
    groep : ndarray of bool, shape (R,)
        Complexes in the third of buurten that the fairness figures compare with the others.
    orakel : ndarray, shape (R,)
        The chance of who knows the latent state.
    plafond : ndarray, shape (R,), optional
        The chance by the ceiling.
    """
    ap, p_top = measure_ap(v.venster, v.y, score), measure_precisie(v.venster, v.y, score)
    uit = {
        "ap": ap,
        "ap_per_orakel": ap / measure_ap(v.venster, v.y, orakel),
        "p_top": p_top,
        "p_top_per_orakel": p_top / measure_precisie(v.venster, v.y, orakel),
        "lift": _mean_vensters(
            v.venster, lambda w: compute_lift(v.y[w], score[w], count_top(int(w.sum())))
        ),
        "ap_per_regel": ap / measure_ap(v.venster, v.y, v.regel),
        "p_top_per_regel": p_top / measure_precisie(v.venster, v.y, v.regel),
        "ap_per_persistentie": ap / measure_ap(v.venster, v.y, v.persistentie),
        "tpr_verhouding": measure_tpr_verhouding(v.venster, v.y, score, groep)
        / measure_tpr_verhouding(v.venster, v.y, orakel, groep),
        "auc": _mean_vensters(v.venster, lambda w: compute_auc(v.y[w], score[w])),
    }
    if plafond is not None:
        uit["ap_per_plafond"] = ap / measure_ap(v.venster, v.y, plafond)
    return uit


def measure_ijking(v: Voorspelling, kans: Getal) -> dict[str, float]:
    """Return how well chances are calibrated, all windows together.

    One month of a perfect model has an ECE of .010 by chance (design paper on the risk models).
    """
    top = select_top(v.venster, kans)
    return {
        "ece": compute_ece(v.y, kans),
        "helling": compute_helling(v.y, kans),
        "oe": compute_oe(v.y, kans).verhouding,
        "oe_top": compute_oe(v.y[top], kans[top]).verhouding,
    }


# --- steadiness, and controls


def measure_overlap(
    paneel: Paneel, venster: Venster, rng: np.random.Generator, cohort: Cohort | None = None
) -> float:
    """Return how much of the top 75 two refits share, on average over pairs.

    Each refit draws complexes with replacement, with all their rows.
    """
    cohort = cohort or Cohort()
    leer, toets = split_paneel(paneel, venster, horizon=cohort.horizon, stap=cohort.stap_training)
    namen, complex_ = np.unique(leer.complex_id, return_inverse=True)
    gebruikt, _ = find_gedekt(leer, KENMERKEN)
    invoer = leer.select_kenmerken(gebruikt)
    x_toets = toets.select_kenmerken(gebruikt).x
    tops = np.zeros((_HERTREK, len(toets)))
    for i in range(_HERTREK):
        keer = np.bincount(rng.integers(0, len(namen), len(namen)), minlength=len(namen))
        schatter = make_overlast(invoer.kenmerken).fit(
            invoer.x, invoer.y, model__sample_weight=keer[complex_].astype(np.float64)
        )
        kans = schatter.predict_proba(x_toets)[:, 1]
        tops[i, np.argsort(-kans, kind="stable")[:TOP_OVERLAP]] = 1.0
    gedeeld = tops @ tops.T / min(TOP_OVERLAP, len(toets))
    return float(gedeeld[np.triu_indices(_HERTREK, 1)].mean())


def measure_geschud(
    paneel: Paneel,
    vensters: Sequence[Venster],
    rng: np.random.Generator,
    cohort: Cohort | None = None,
) -> float:
    """Return AP minus what chance gives, when outcomes are shuffled over complexes.

    Outcomes are shuffled within each as-of date, in training and in test: the sign constraints
    know which way is up, so with true outcomes in the test even a model of nothing would score.
    Chance is the expected AP of a random order, a little above the base rate.
    """
    y = paneel.y.copy()
    for maand in np.unique(paneel.peilmaand):
        rijen = np.flatnonzero(paneel.is_bekend & (paneel.peilmaand == maand))
        y[rijen] = rng.permutation(y[rijen])
    v = predict_vensters(replace(paneel, y=y), vensters, cohort=cohort)
    return measure_ap(v.venster, v.y, v.model) - measure_ap(v.venster, v.y, np.zeros(len(v.y)))


def is_gat_bewaakt(paneel: Paneel, venster: Venster, cohort: Cohort | None = None) -> bool:
    """Return whether a run whose training reaches up to its test date is refused."""
    cohort = cohort or Cohort()
    zonder_gat = replace(venster, train_tot=venster.toets_peilmaand - cohort.stap_training)
    try:
        predict_vensters(paneel, [zonder_gat], cohort=cohort)
    except LekFout:
        return True
    return False
