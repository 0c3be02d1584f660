"""Which features a model can use: those that are known often enough.

Belongs here: dropping features for lack of coverage, by what the arrays hold. Does not belong
here: imputation of what is missing now and then (``schatters``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.risico.paneel import Paneel

MINIMUM_BEKEND = 0.5
"""Share of rows in which a feature must be known; below it, imputation would be the feature."""


def find_gedekt(
    paneel: Paneel, namen: Sequence[str], minimum: float = MINIMUM_BEKEND
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which features are used and which are dropped, in the order of ``namen``.

    Parameters
    ----------
    paneel
        The rows of training.
    namen
        Features that are wanted; one that the panel lacks is dropped.
    minimum
        Share of rows in which a feature must be known.
    """
    bekend = dict(zip(paneel.namen, 1.0 - np.isnan(paneel.x).mean(axis=0), strict=True))
    gebruikt = tuple(naam for naam in namen if bekend.get(naam, 0.0) >= minimum)
    return gebruikt, tuple(naam for naam in namen if naam not in gebruikt)
