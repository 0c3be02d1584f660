"""What the choices of the risk models cost and gain, on the development world alone.

Belongs here: leaving features out, other ridges, other estimators, training without a gap. Does
not belong here: the goals and the worlds they are measured on (``risico_evaluatie``): choosing on
those would spoil them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.overlast import evaluatie as overlast
from models.overlast.cohort import select_cohort
from models.overlast.training import ALPHA, KENMERKEN, Maak, make_overlast
from models.risico.kenmerk import FAMILIES
from models.risico.paneel import Paneel
from models.risico.schatters import make_boosting, make_gam, make_kampioen
from models.risico.tijdsplitsing import Venster, make_vensters
from orchestration.risico_evaluatie import ONTWIKKELSEED
from orchestration.risico_wereld import COHORT, KenmerkSql, build_panelen, simulate
from orchestration.voortgang import Voortgang

ALPHAS = (1.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


@dataclass(frozen=True)
class Proef:
    """One way of training, and what it gave over all windows of the development world.

    Attributes
    ----------
    groep, naam
        What was varied, and how.
    kenmerken
        Number of features.
    ap, p_top, logverlies
        Mean AP, mean precision in the top 5 %, and log loss of all rows.
    """

    groep: str
    naam: str
    kenmerken: int
    ap: float
    p_top: float
    logverlies: float


def run_ablatie(sql: KenmerkSql, voortgang: Voortgang) -> list[Proef]:
    """Try the choices of overlast on the development world.

    Parameters
    ----------
    sql
        Compiled features and outcomes.
    voortgang
        Told what is tried.
    """
    paneel = build_panelen(simulate(ONTWIKKELSEED), sql).overlast
    paneel = paneel.select(select_cohort(paneel, COHORT))
    vensters = make_vensters(
        paneel.peilmaand, COHORT.horizon, COHORT.stap_toets, COHORT.geschiedenis
    )
    meet = partial(_try, paneel, vensters)
    proeven: list[Callable[[], Proef]] = [
        partial(meet, "kenmerken", "alle die gedekt zijn", namen=_list_gedekt(paneel)),
        partial(meet, "kenmerken", "de gekozen"),
    ]
    familie = {kenmerk.naam: kenmerk.familie for kenmerk in paneel.kenmerken}
    for naam in dict.fromkeys(familie[kenmerk] for kenmerk in KENMERKEN):
        rest = [kenmerk for kenmerk in KENMERKEN if familie[kenmerk] != naam]
        proeven.append(partial(meet, "kenmerken", f"zonder {FAMILIES[naam]}", namen=rest))
    proeven += [
        partial(meet, "ridge", f"{alpha:g}", maak=partial(make_kampioen, alpha=alpha))
        for alpha in ALPHAS
    ]
    proeven += [
        partial(meet, "schatter", f"lineair (ridge {ALPHA:g})"),
        partial(meet, "schatter", "boosting", maak=make_boosting),
        partial(meet, "schatter", "gam", maak=make_gam),
    ]
    uit = []
    for nummer, proef in enumerate(proeven, start=1):
        with voortgang.stap("proeven", f"{nummer} van {len(proeven)}"):
            uit.append(proef())
    return uit


def _list_gedekt(paneel: Paneel) -> tuple[str, ...]:
    bekend = np.count_nonzero(~np.isnan(paneel.x), axis=0)
    return tuple(naam for naam, aantal in zip(paneel.namen, bekend, strict=True) if aantal)


def _try(
    paneel: Paneel,
    vensters: Sequence[Venster],
    groep: str,
    naam: str,
    *,
    namen: Sequence[str] = KENMERKEN,
    maak: Maak = make_overlast,
) -> Proef:
    v = overlast.predict_vensters(paneel, vensters, maak=maak, namen=namen, cohort=COHORT)
    return Proef(
        groep,
        naam,
        len(namen),
        overlast.measure_ap(v.venster, v.y, v.model),
        overlast.measure_precisie(v.venster, v.y, v.model),
        overlast.measure_logverlies(v.y, v.model),
    )
