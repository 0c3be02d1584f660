"""Which inspections a model of woonfraude learns from, and which complexes it scores.

Belongs here: the inspection log joined to features, and the reason for inspecting. Does not belong
here: features (``dbt_project``), the log itself and its weighting (``models.risico.selectie``).

Only inspected dwellings can be confirmed, so "any confirmed case" is no target: it is the worst
guide to true fraud. The target is a hit *given* an inspection and the reason for it. Source:
design paper on the risk models, opening and "Targets".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.paneel import Paneel
from models.risico.selectie import ASELECT, TIP, Onderzoeklog

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Tekst: TypeAlias = npt.NDArray[np.str_]

REDEN_KOLOMMEN = (TIP, ASELECT)
"""Reasons that get a column of their own; all columns zero is proactive, the reason that is
scored. Staff and model share it: the desk check is the same."""
MINIMUM_EENHEDEN = 10
"""Dwellings from which a complex is scored on its own."""


@dataclass(frozen=True, eq=False)
class Trainingset:
    """Inspections with the features of their complex in their month.

    Attributes
    ----------
    x : ndarray, shape (I, F + 2)
        Features, then a column per reason of :data:`REDEN_KOLOMMEN`.
    y : ndarray, shape (I,)
        Whether the inspection confirmed a case.
    log : Onderzoeklog
        The inspections themselves.
    paneelrij : ndarray of int, shape (I,)
        Row of the panel that each got its features from.
    """

    x: Getal
    y: Getal
    log: Onderzoeklog
    paneelrij: Geheel


def find_rijen(paneel: Paneel, complex_id: Tekst, maand: Geheel) -> Geheel:
    """Return the row of the panel of each (complex, month), shape (I,); -1 where there is none."""
    gevonden = np.full(len(complex_id), -1, dtype=np.int64)
    per_maand = _group_maanden(paneel.peilmaand)
    for welk, gevraagd in _group_maanden(maand).items():
        rijen = per_maand.get(welk)
        if rijen is None:
            continue
        namen = paneel.complex_id[rijen]
        if not (namen[1:] >= namen[:-1]).all():
            orde = np.argsort(namen, kind="stable")
            rijen, namen = rijen[orde], namen[orde]
        plaats = np.minimum(np.searchsorted(namen, complex_id[gevraagd]), len(namen) - 1)
        gevonden[gevraagd] = np.where(namen[plaats] == complex_id[gevraagd], rijen[plaats], -1)
    return gevonden


def _group_maanden(maand: Geheel) -> dict[int, Geheel]:
    """Return the rows of each month, in their order."""
    orde = np.argsort(maand, kind="stable")
    grens = np.flatnonzero(np.diff(maand[orde])) + 1
    return {int(maand[deel[0]]): deel for deel in np.split(orde, grens) if len(deel)}


def add_reden(x: Getal, reden: Tekst | None = None) -> Getal:
    """Return features (R, F) with the reasons beside them (R, F + 2).

    Parameters
    ----------
    x
        Features.
    reden
        Reason per row; left out: proactive, as everything is scored.
    """
    kolommen = np.zeros((len(x), len(REDEN_KOLOMMEN)))
    if reden is not None:
        for i, naam in enumerate(REDEN_KOLOMMEN):
            kolommen[:, i] = reden == naam
    return np.column_stack([x, kolommen])


def build_trainingset(paneel: Paneel, log: Onderzoeklog, peilmaand: int) -> Trainingset:
    """Return the inspections that a model trained at ``peilmaand`` may know of.

    Parameters
    ----------
    paneel
        Features per complex and month; must hold the months of the inspections.
    log
        Inspections.
    peilmaand
        First month that is not known yet, in months since 1970-01.
    """
    bekend = log.select(log.bekend < peilmaand)
    rij = find_rijen(paneel, bekend.complex_id, bekend.maand)
    telt = rij >= 0
    telt[telt] = paneel.eenheden[rij[telt]] >= MINIMUM_EENHEDEN
    bekend, rij = bekend.select(telt), rij[telt]
    return Trainingset(
        x=add_reden(paneel.x[rij], bekend.reden), y=bekend.is_treffer, log=bekend, paneelrij=rij
    )


def count_bevestigd(paneel: Paneel, log: Onderzoeklog, maanden: int) -> Getal:
    """Return the confirmed cases of the months before each row of the panel, shape (R,).

    What a naive model would rank by: it knows where was looked, not where fraud is.
    """
    raak = log.select(log.is_treffer > 0)
    uit = np.zeros(len(paneel))
    if not len(raak) or not len(paneel):
        return uit
    alle = np.unique(np.r_[paneel.complex_id, raak.complex_id])
    eerste = int(min(paneel.peilmaand.min(), raak.bekend.min()))
    laatste = int(max(paneel.peilmaand.max(), raak.bekend.max()))
    telling = np.zeros((len(alle), laatste - eerste + 2))
    # One column later, so that the running sum at t holds the months before t.
    np.add.at(telling, (np.searchsorted(alle, raak.complex_id), raak.bekend - eerste + 1), 1.0)
    som = np.cumsum(telling, axis=1)
    c = np.searchsorted(alle, paneel.complex_id)
    tot = paneel.peilmaand - eerste
    return np.asarray(som[c, tot] - som[c, np.maximum(tot - maanden, 0)])
