"""How well inspections are chosen where the truth is known: rolling origin on one world.

Belongs here: predictions per test window of the champion and of what it is held against, and the
figures that the goals ask for. Does not belong here: the world and its oracle
(``orchestration.risico_wereld``), the limits (``orchestration.risico_evaluatie``).

Everything is measured as *yield*: the true chance that the chosen inspections confirm a case,
given the fraud that is there. Never on recorded cases, which say where was looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor

from models.risico.dekking import find_gedekt
from models.risico.paneel import Paneel
from models.risico.selectie import Onderzoeklog
from models.woonfraude.cohort import MINIMUM_EENHEDEN, count_bevestigd
from models.woonfraude.regel import PERSISTENTIE_MAANDEN, WoonfraudeRegel, build_invoer
from models.woonfraude.training import KENMERKEN, Maak, make_woonfraude, train

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]

TOP = 25
"""Complexes that are chosen: the proactive inspections of one month."""


@dataclass(frozen=True, eq=False)
class Voorspelling:
    """Rows of all test windows, one after the other.

    Attributes
    ----------
    venster : ndarray of int, shape (R,)
        Peilmaand of the test.
    rij : ndarray of int, shape (R,)
        Row of the panel.
    model, regel, persistentie : ndarray, shape (R,)
        Chance by the champion; score of the rule, and of confirmed cases per dwelling.
    """

    venster: Geheel
    rij: Geheel
    model: Getal
    regel: Getal
    persistentie: Getal


def predict_vensters(
    paneel: Paneel,
    log: Onderzoeklog,
    peilmaanden: Sequence[int],
    *,
    maak: Maak = make_woonfraude,
    namen: Sequence[str] = KENMERKEN,
) -> Voorspelling:
    """Train before each test date on the inspections known then, and predict on it.

    Parameters
    ----------
    paneel
        Complexes by month.
    log
        Inspections.
    peilmaanden
        Test dates, in months since 1970-01.
    maak, namen
        The estimator and its features.
    """
    delen = []
    for peilmaand in peilmaanden:
        getraind = train(paneel, log, peilmaand, maak=maak, namen=namen)
        rij = np.flatnonzero(
            (paneel.peilmaand == peilmaand) & (paneel.eenheden >= MINIMUM_EENHEDEN)
        )
        toets = paneel.select(rij)
        bevestigd = count_bevestigd(toets, log.select(log.bekend < peilmaand), PERSISTENTIE_MAANDEN)
        delen.append(
            Voorspelling(
                venster=toets.peilmaand,
                rij=rij,
                model=getraind.predict(toets),
                regel=WoonfraudeRegel().decision_function(build_invoer(toets)),
                persistentie=bevestigd / toets.eenheden,
            )
        )
    return Voorspelling(
        **{
            f.name: np.concatenate([getattr(deel, f.name) for deel in delen])
            for f in fields(Voorspelling)
        }
    )


@dataclass(frozen=True, eq=False)
class Plafond:
    """The best that is known on observable data: trees trained on true fraud in other worlds."""

    namen: tuple[str, ...]
    boosting: HistGradientBoostingRegressor

    def predict(self, paneel: Paneel) -> Getal:
        """Return the expected yield of each row, shape (R,)."""
        opbrengst: Getal = self.boosting.predict(paneel.select_kenmerken(self.namen).x)
        return opbrengst


def train_plafond(paneel: Paneel, kans: Getal) -> Plafond:
    """Fit the ceiling.

    Settings: design paper on the risk models, "Baselines and bounds".

    Parameters
    ----------
    paneel
        Rows of many worlds.
    kans : ndarray, shape (R,)
        The true chance that an inspection confirms a case.
    """
    namen, _ = find_gedekt(paneel, KENMERKEN)
    boosting = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=250,
        max_leaf_nodes=8,
        min_samples_leaf=100,
        learning_rate=0.05,
        early_stopping=False,
        random_state=0,
    )
    return Plafond(namen, boosting.fit(paneel.select_kenmerken(namen).x, kans))


# --- figures


def select_top(venster: Geheel, score: Getal, top: int = TOP) -> Vlag:
    """Return which rows are chosen in their window, shape (R,); ties in order of row."""
    gekozen = np.zeros(len(score), dtype=bool)
    for v in np.unique(venster):
        rijen = np.flatnonzero(venster == v)
        gekozen[rijen[np.argsort(-score[rijen], kind="stable")[:top]]] = True
    return gekozen


def measure_opbrengst(venster: Geheel, score: Getal, kans: Getal) -> float:
    """Return the true chance that the chosen inspections confirm a case, on average."""
    return float(kans[select_top(venster, score)].mean())


def measure_selectie_verhouding(venster: Geheel, score: Getal, groep: Vlag) -> float:
    """Return how often the group is chosen against the others, per complex, all windows together.

    Half a complex is added to each, so that a group that is never chosen has a ratio.
    """
    gekozen = select_top(venster, score)
    in_groep, anders = ((gekozen[g].sum() + 0.5) / (g.sum() + 1.0) for g in (groep, ~groep))
    return float(in_groep / anders)


def measure_woonfraude(
    v: Voorspelling,
    score: Getal,
    groep: Vlag,
    kans: Getal,
    phi: Getal,
    opbrengst_medewerker: float,
    plafond: Getal | None,
) -> dict[str, float]:
    """Return how well one score chooses in all windows, by the code of the goal.

    Parameters
    ----------
    v
        Rows of all test windows.
    score : ndarray, shape (R,)
        What is measured: the champion, or what it is held against.
    groep : ndarray of bool, shape (R,)
        Complexes in the third of buurten that the fairness figures compare with the others.
    kans : ndarray, shape (R,)
        The chance that an inspection confirms a case, given the fraud that is there.
    phi : ndarray, shape (R,)
        The oracle: that chance, knowing the propensity alone.
    opbrengst_medewerker
        Yield of the selection by staff on the same dates.
    plafond : ndarray, shape (R,), optional
        Score by the ceiling.
    """
    opbrengst = measure_opbrengst(v.venster, score, kans)
    uit = {
        "opbrengst": opbrengst,
        "opbrengst_per_orakel": opbrengst / measure_opbrengst(v.venster, phi, kans),
        "opbrengst_per_medewerker": opbrengst / opbrengst_medewerker,
        "opbrengst_per_regel": opbrengst / measure_opbrengst(v.venster, v.regel, kans),
        "selectie_verhouding": measure_selectie_verhouding(v.venster, score, groep)
        / measure_selectie_verhouding(v.venster, phi, groep),
    }
    if plafond is not None:
        uit["opbrengst_per_plafond"] = opbrengst / measure_opbrengst(v.venster, plafond, kans)
    return uit
