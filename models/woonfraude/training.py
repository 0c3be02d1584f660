"""Training a model of woonfraude: hit per inspection, given the reason for inspecting.

Belongs here: the choices that were made on the development world (docs/evaluatie-risico.md), and
fitting with them. Does not belong here: estimators (``models.risico.schatters``), the correction
for selection (``models.risico.selectie``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.dekking import find_gedekt
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.schatters import Schatter, make_kampioen
from models.risico.selectie import Onderzoeklog
from models.woonfraude.cohort import add_reden, build_trainingset

Getal: TypeAlias = npt.NDArray[np.float64]
Maak: TypeAlias = Callable[[Sequence[Kenmerk]], Schatter]

ALPHA = 10.0
KENMERKEN: tuple[str, ...] = (
    "ln_eenheden",
    "is_hoogbouw",
    "huurkloof",
    "aandeel_klein",
    "weigeringen_12m",
    "advertenties_12m",
    "trefkans_36m",
)
"""The clean list: nothing about nuisance, arrears, place or people. Tips stay out: they carry what
neighbours think of a neighbourhood."""

make_woonfraude: Maak = partial(make_kampioen, alpha=ALPHA)
"""The champion of this domain."""


@dataclass(frozen=True, eq=False)
class Training:
    """A fitted model and what it was fitted on.

    Attributes
    ----------
    schatter
        The pipeline; its columns are the features, then the reasons
        (``models.woonfraude.cohort.REDEN_KOLOMMEN``).
    kenmerken : tuple of Kenmerk
        In the order of its columns.
    weggelaten : tuple of str
        Features that were wanted and are not covered.
    onderzoeken, treffers : int
        Rows and hits in training.
    """

    schatter: Schatter
    kenmerken: tuple[Kenmerk, ...]
    weggelaten: tuple[str, ...]
    onderzoeken: int
    treffers: int

    def predict(self, paneel: Paneel) -> Getal:
        """Return the chance that a proactive inspection confirms a case, shape (R,)."""
        x = paneel.select_kenmerken([kenmerk.naam for kenmerk in self.kenmerken]).x
        kans: Getal = self.schatter.predict_proba(add_reden(x))[:, 1]
        return kans


def train(
    paneel: Paneel,
    log: Onderzoeklog,
    peilmaand: int,
    *,
    maak: Maak = make_woonfraude,
    namen: Sequence[str] = KENMERKEN,
) -> Training:
    """Fit on the inspections of which the result is known at ``peilmaand``.

    Parameters
    ----------
    paneel
        Features per complex and month, those of the inspections among them.
    log
        Inspections, tips among them: they tell of the same complexes, and the reason has a column.
    peilmaand
        First month that is not known yet, in months since 1970-01.
    maak
        Makes the estimator from the features that are used.
    namen
        Features that are wanted; what is not covered is left out.
    """
    alle = build_trainingset(paneel, log, peilmaand)
    gebruikt, weg = find_gedekt(paneel.select(alle.paneelrij), namen)
    invoer = paneel.select_kenmerken(gebruikt)
    x = add_reden(invoer.x[alle.paneelrij], alle.log.reden)
    schatter = maak(invoer.kenmerken).fit(x, alle.y)
    return Training(schatter, invoer.kenmerken, weg, len(alle.y), int(alle.y.sum()))
