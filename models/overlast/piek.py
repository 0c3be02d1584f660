"""The second head of overlast: the chance of a surge of reports, from the same features.

Belongs here: testing that head by time and fitting it. Does not belong here: what a surge is
(``int_overlast__uitkomst``), the gate of the first head (``models.risico.poort``).

It stands beside the first head and ranks nothing. A fit takes a tenth of a second, so that it is
made anew each run on what the training month knew, and is no version of its own in the registry.
Source: design paper on the risk models, "Targets", N2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.overlast.cohort import Cohort
from models.overlast.evaluatie import measure_ap, predict_vensters, select_vensters
from models.overlast.keuring import list_vensters, select_leerbaar
from models.overlast.training import Training, train
from models.risico.bootstrap import bootstrap_verschil
from models.risico.maten import Verhouding, compute_helling, compute_oe
from models.risico.paneel import Paneel
from models.risico.poort import Poortgrenzen


@dataclass(frozen=True, eq=False)
class Piekhoofd:
    """The second head and how good it was.

    Attributes
    ----------
    training
        Fitted on everything that was known in the training month.
    ap, ap_persistentie : float
        Average precision over the test windows, of the head and of the reports of six months.
    kans_beter : float
        Share of bootstrap draws over complexes in which the head is better.
    helling : float
        Calibration slope, all windows together.
    oe : Verhouding
        Observed over expected, all windows together.
    gebeurtenissen : int
        Surges in the test windows.
    """

    training: Training
    ap: float
    ap_persistentie: float
    kans_beter: float
    helling: float
    oe: Verhouding
    gebeurtenissen: int

    @property
    def is_bruikbaar(self) -> bool:
        """Whether its chances are worth showing: the gate's demands on rule and calibration."""
        g = Poortgrenzen()
        return (
            self.kans_beter >= g.kans_boven_regel
            and g.helling[0] <= self.helling <= g.helling[1]
            and self.oe.dekt_een
        )


def examine_piek(
    paneel: Paneel,
    *,
    nu: int,
    rng: np.random.Generator,
    wijzigingen: Sequence[int] = (),
    cohort: Cohort | None = None,
) -> Piekhoofd:
    """Test the second head by time and fit it.

    Parameters
    ----------
    paneel
        Complexes by month; ``y`` is whether a surge followed.
    nu
        Training month, months since 1970-01.
    rng
        Seeded.
    wijzigingen
        Peilmaanden of known changes of policy.

    Raises
    ------
    TijdFout
        With too little history.
    """
    cohort = cohort or Cohort()
    vensters = list_vensters(paneel, cohort)
    in_cohort = select_vensters(paneel, vensters, cohort)
    v = predict_vensters(in_cohort, vensters, cohort=cohort, wijzigingen=wijzigingen)
    verschil = bootstrap_verschil(
        v.y,
        v.model,
        v.persistentie,
        cluster=in_cohort.complex_id[v.rij],
        venster=v.venster,
        rng=rng,
    )
    return Piekhoofd(
        training=train(select_leerbaar(paneel, nu, cohort), wijzigingen=wijzigingen),
        ap=measure_ap(v.venster, v.y, v.model),
        ap_persistentie=measure_ap(v.venster, v.y, v.persistentie),
        kans_beter=verschil.kans_beter,
        helling=compute_helling(v.y, v.model),
        oe=compute_oe(v.y, v.model),
        gebeurtenissen=int(v.y.sum()),
    )
