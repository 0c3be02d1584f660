"""Training a model of overlast: which features, how much ridge, which rows.

Belongs here: the choices that were made on the development world (docs/evaluatie-risico.md), and
fitting with them. Does not belong here: estimators (``models.risico.schatters``), judging what
came out (``evaluatie``, ``models.risico.poort``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.dekking import find_gedekt
from models.risico.ijking import estimate_verschuiving
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.schatters import Schatter, make_kampioen

Getal: TypeAlias = npt.NDArray[np.float64]
Maak: TypeAlias = Callable[[Sequence[Kenmerk]], Schatter]

ALPHA = 10.0
"""Ridge, in rows; from 1 to 30 it is the same, at 100 it begins to cost."""
KENMERKEN: tuple[str, ...] = (
    "ln_eenheden",
    "meldingen_1m",
    "meldingen_3m",
    "meldingen_6m",
    "meldingen_12m",
    "meldingen_24m",
    "relatieve_meldingen",
    "meldingen_per_eenheid_24m",
    "meldingen_verval_2m",
    "meldingen_trend",
    "ernstig_3m",
    "ernstig_12m",
    "buurt_verval",
    "escalaties_eerder",
    "maatregelen_12m",
    "schouw_laatste",
    "schouw_12m",
    "vandalisme_6m",
)
"""Features of the champion, chosen by ablation on the development world."""

MINIMUM_SINDS_WIJZIGING = 50
"""Events since a known change of policy from which its effect on the level can be told."""

make_overlast: Maak = partial(make_kampioen, alpha=ALPHA)
"""The champion of this domain."""


@dataclass(frozen=True, eq=False)
class Training:
    """A fitted model and what it was fitted on.

    Attributes
    ----------
    schatter
        The pipeline.
    kenmerken : tuple of Kenmerk
        In the order of its columns.
    weggelaten : tuple of str
        Features that were wanted and are not covered.
    rijen, gebeurtenissen : int
        Rows and events in training.
    verschuiving : float
        What a known change of policy added to the log-odds; in the estimator already.
    """

    schatter: Schatter
    kenmerken: tuple[Kenmerk, ...]
    weggelaten: tuple[str, ...]
    rijen: int
    gebeurtenissen: int
    verschuiving: float = 0.0

    def predict(self, paneel: Paneel) -> Getal:
        """Return the chance of an escalation of each row, shape (R,)."""
        x = paneel.select_kenmerken([kenmerk.naam for kenmerk in self.kenmerken]).x
        kans: Getal = self.schatter.predict_proba(x)[:, 1]
        return kans


def train(
    paneel: Paneel,
    *,
    maak: Maak = make_overlast,
    namen: Sequence[str] = KENMERKEN,
    wijzigingen: Sequence[int] = (),
) -> Training:
    """Fit on rows with a known outcome.

    Parameters
    ----------
    paneel
        The rows of training, the cohort alone (``models.risico.tijdsplitsing.split_paneel``).
    maak
        Makes the estimator from the features that are used.
    namen
        Features that are wanted; what is not covered is left out.
    wijzigingen
        Peilmaanden from which more or less is recorded because policy changed, entered by hand.

    Notes
    -----
    After a known change the level of the rows since then is met by a shift of the intercept, as
    soon as they hold fifty events (design paper on the risk models, "Calibration"). It is folded
    into the intercept of a linear model; trees have none, and keep the level of all history.
    """
    gebruikt, weg = find_gedekt(paneel, namen)
    invoer = paneel.select_kenmerken(gebruikt)
    schatter = maak(invoer.kenmerken).fit(invoer.x, invoer.y)
    schuif = 0.0
    model = schatter.named_steps["model"]
    # Of several changes the last that enough is known of.
    for maand in sorted(wijzigingen, reverse=True) if hasattr(model, "intercept_") else ():
        sinds = invoer.peilmaand >= maand
        if invoer.y[sinds].sum() >= MINIMUM_SINDS_WIJZIGING:
            kans = schatter.predict_proba(invoer.x[sinds])[:, 1]
            schuif = estimate_verschuiving(invoer.y[sinds], kans)
            model.intercept_ = model.intercept_ + schuif
            break
    return Training(
        schatter, invoer.kenmerken, weg, len(invoer), int(invoer.y.sum()), verschuiving=schuif
    )
