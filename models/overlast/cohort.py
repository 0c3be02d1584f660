"""Which complexes are scored on overlast, and on which as-of dates is trained and tested.

Belongs here: the numbers that the design paper on the risk models gives under "Targets" and
"Temporal CV". Does not belong here: who is in the wash-out (``int_overlast__uitkomst``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.paneel import Paneel

Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cohort:
    """The cohort and its calendar.

    Attributes
    ----------
    minimum_eenheden
        Dwellings from which a complex is scored on its own: below it a score would be noise, and
        nearly about an address.
    horizon
        Months in which the outcome may follow; also the gap between training and test, as the
        label of an as-of date is known that much later.
    stap_training, stap_toets
        Months between as-of dates.
    geschiedenis
        Months of history that features want, and months of as-of dates that training wants.
    """

    minimum_eenheden: int = 10
    horizon: int = 6
    stap_training: int = 3
    stap_toets: int = 6
    geschiedenis: int = 24


def select_cohort(paneel: Paneel, cohort: Cohort | None = None) -> Vlag:
    """Return which rows of a panel are in the cohort, shape (R,): known outcome, large enough.

    A complex in the wash-out after an escalation has no outcome.
    """
    cohort = cohort or Cohort()
    return paneel.is_bekend & (paneel.eenheden >= cohort.minimum_eenheden)
