"""Examining models of overlast on an association's own past, before one may score.

Belongs here: which estimators compete, on which windows, and what the gate is told of each. Does
not belong here: the gate's limits (``models.risico.poort``), the fairness report
(``models.risico.keuring``), figures against a known truth (``evaluatie``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import numpy as np

from models.overlast.cohort import Cohort, select_cohort
from models.overlast.evaluatie import (
    TOP_OVERLAP,
    Voorspelling,
    count_top,
    measure_ap,
    predict_vensters,
    select_top,
    select_vensters,
)
from models.overlast.training import KENMERKEN, Maak, Training, make_overlast, train
from models.risico.bootstrap import (
    Maat,
    Verschil,
    bootstrap_verschil,
    make_precisie_bij_deel,
)
from models.risico.eerlijkheid import Hertoets, compare_met_schouw, make_derden
from models.risico.keuring import (
    DERDE_DEEL,
    MINIMUM_RIJEN,
    Eerlijkheid,
    Ijkmaten,
    count_verboden,
    count_verkeerde_tekens,
    judge_eerlijkheid,
    measure_ijking,
    measure_selectieverhouding,
)
from models.risico.maten import (
    KCurve,
    compute_ap_trekkingen,
    compute_auc,
    compute_k_curve,
    compute_overlap,
    compute_precisie_bij_k,
)
from models.risico.onzekerheid import OnzekerheidFout, estimate_onzekerheid
from models.risico.paneel import Getal, Paneel
from models.risico.poort import Uitslag, Vergelijking
from models.risico.schatters import make_boosting, make_gam
from models.risico.tijdsplitsing import (
    MINIMUM_VENSTERS,
    TijdFout,
    Venster,
    make_vensters,
    select_training,
)

KANDIDATEN: Mapping[str, Maak] = MappingProxyType(
    {"lineair": make_overlast, "gam": make_gam, "boosting": make_boosting}
)
"""What competes, the simplest first."""
SOORT = "lineair"
"""The kind that may score; the others are measured for the report, on fewer windows."""
MAXIMUM_VENSTERS = 7
"""Test windows, the youngest: older ones test a model that knew less than today's."""
MINIMUM_GEBEURTENISSEN = 10
"""Events before the first test under which there is nothing to learn."""
AANDEEL_TOP = 0.05
_HERTRAININGEN = 20


@dataclass(frozen=True, eq=False)
class Keuring:
    """One examined model.

    Attributes
    ----------
    soort
        Key of :data:`KANDIDATEN`.
    training
        Fitted on everything that is known now; what would score.
    voorspelling
        Rows of the test windows, scored by the same kind of model trained before each.
    toets
        Those rows of the panel, with the features of the model.
    eerlijkheid, k_curve
        Reports over the windows.
    ijking : mapping
        ECE and its floor, slope, bounds of O/E.
    overlap : float
        Share of the highest that refits on drawn complexes have in common.
    """

    soort: str
    training: Training
    voorspelling: Voorspelling
    toets: Paneel
    eerlijkheid: Eerlijkheid
    k_curve: KCurve
    ijking: Ijkmaten
    overlap: float

    @property
    def vensters(self) -> list[date]:
        """Test dates."""
        return [_to_datum(int(v)) for v in np.unique(self.voorspelling.venster)]

    def measure_vensters(self) -> list[dict[str, float]]:
        """Return per window what the card and the registry keep."""
        v = self.voorspelling
        rijen = []
        for venster in np.unique(v.venster):
            deel = v.select(v.venster == venster)
            k = count_top(len(deel.y))
            rijen.append(
                {
                    "rijen": float(len(deel.y)),
                    "gebeurtenissen": float(deel.y.sum()),
                    "ap": measure_ap(deel.venster, deel.y, deel.model),
                    "ap_regel": measure_ap(deel.venster, deel.y, deel.regel),
                    "ap_persistentie": measure_ap(deel.venster, deel.y, deel.persistentie),
                    "auc": compute_auc(deel.y, deel.model),
                    "precisie_top": compute_precisie_bij_k(deel.y, deel.model, k),
                    "precisie_top_regel": compute_precisie_bij_k(deel.y, deel.regel, k),
                    "precisie_top_persistentie": compute_precisie_bij_k(
                        deel.y, deel.persistentie, k
                    ),
                }
            )
        return rijen


def list_vensters(paneel: Paneel, cohort: Cohort | None = None) -> tuple[Venster, ...]:
    """Return the youngest test windows of the cohort's known outcomes.

    Raises
    ------
    TijdFout
        With too little history, too few complexes in a window or too few events before the first;
        the rule does the work then.
    """
    cohort = cohort or Cohort()
    telt = select_cohort(paneel, cohort)
    maanden = paneel.peilmaand[telt]
    alle = make_vensters(maanden, cohort.horizon, cohort.stap_toets, cohort.geschiedenis)
    vensters = alle[-MAXIMUM_VENSTERS:]
    kleinste = min(int((maanden == v.toets_peilmaand).sum()) for v in vensters)
    if kleinste < MINIMUM_RIJEN:
        raise TijdFout(
            f"In het kleinste toetsvenster zijn {kleinste} complexen.",
            verwacht=f"ten minste {MINIMUM_RIJEN}",
            remedie="bij zo weinig complexen is niet te zien of een model beter is; de vuistregel "
            "geldt",
        )
    voor = select_training(maanden, vensters[0], stap=cohort.stap_training)
    gebeurd = int(paneel.y[telt][voor].sum())
    if gebeurd < MINIMUM_GEBEURTENISSEN:
        raise TijdFout(
            f"Voor het eerste toetsvenster waren er {gebeurd} escalaties.",
            verwacht=f"ten minste {MINIMUM_GEBEURTENISSEN}",
            remedie="lever een langere geschiedenis; tot die tijd geldt de vuistregel",
        )
    return vensters


def select_leerbaar(paneel: Paneel, nu: int, cohort: Cohort | None = None) -> Paneel:
    """Return the rows that a model of today may train on: outcome complete, every third month."""
    cohort = cohort or Cohort()
    tot = Venster(nu - cohort.horizon, nu)
    telt = select_cohort(paneel, cohort) & select_training(
        paneel.peilmaand, tot, stap=cohort.stap_training
    )
    return paneel.select(telt)


def examine(
    paneel: Paneel,
    soort: str,
    *,
    nu: int,
    samenstelling: Getal,
    rng: np.random.Generator,
    wijken: Sequence[str] = (),
    wijzigingen: Sequence[int] = (),
    cohort: Cohort | None = None,
) -> Keuring:
    """Test one kind of model by time and fit it on everything known now.

    Parameters
    ----------
    paneel
        Complexes by month, all features of the allow-list.
    soort
        Key of :data:`KANDIDATEN`.
    nu
        Peilmaand of today, months since 1970-01.
    samenstelling : ndarray, shape (B,)
        CBS figure per buurt of the panel, for the fairness report alone; NaN unknown.
    rng
        Seeded.
    wijken
        Wijk per buurt of the panel, for the fairness report alone; empty unknown.
    wijzigingen
        Peilmaanden of known changes of policy.

    Raises
    ------
    TijdFout
        With too little history.

    Notes
    -----
    Detours to composition and the steadiness of the list are asked of the linear model alone: the
    others have the same features. Detours are asked on the youngest windows, as many as the gate
    wants at least; on as many the others are tested, as they can win nothing.
    """
    cohort = cohort or Cohort()
    maak = KANDIDATEN[soort]
    vensters = list_vensters(paneel, cohort)
    in_cohort = select_vensters(paneel, vensters, cohort)
    is_lineair = soort == SOORT
    jongste = vensters[-MINIMUM_VENSTERS:]
    if not is_lineair:
        vensters = jongste
    v = predict_vensters(in_cohort, vensters, maak=maak, cohort=cohort, wijzigingen=wijzigingen)
    toets = in_cohort.select(v.rij)
    leer = select_leerbaar(paneel, nu, cohort)
    getraind = train(leer, maak=maak, wijzigingen=wijzigingen)
    toets = toets.select_kenmerken([k.naam for k in getraind.kenmerken])
    gekozen = select_top(v.venster, v.model)
    derde = make_derden(samenstelling)[toets.buurt]

    in_jongste = v.venster >= jongste[0].toets_peilmaand

    def hertoets(weg: frozenset[str]) -> Hertoets:
        zonder = v.select(in_jongste)
        if weg:
            namen = [naam for naam in KENMERKEN if naam not in weg]
            zonder = predict_vensters(in_cohort, jongste, namen=namen, cohort=cohort)
        keuze = select_top(zonder.venster, zonder.model)
        return Hertoets(
            measure_ap(zonder.venster, zonder.y, zonder.model),
            measure_selectieverhouding(keuze, derde[in_jongste]),
        )

    eerlijkheid = judge_eerlijkheid(
        toets,
        is_gekozen=gekozen,
        y=v.y,
        p=v.model,
        samenstelling=samenstelling,
        maanden=int(v.venster.max() - v.venster.min()) + cohort.horizon,
        hertoets=hertoets if is_lineair else None,
        rng=rng,
        wijken=wijken,
    )
    if "schouw_laatste" in toets.ruw:
        vergeleken = compare_met_schouw(
            v.y, toets.ruw["schouw_laatste"], derde, DERDE_DEEL, toets.buurt, rng=rng
        )
        eerlijkheid = replace(eerlijkheid, uitkomst=tuple(t.zin for t in vergeleken))
    return Keuring(
        soort=soort,
        training=getraind,
        voorspelling=v,
        toets=toets,
        eerlijkheid=eerlijkheid,
        k_curve=compute_k_curve(v.y, v.model, v.venster),
        ijking=measure_ijking(v.y, v.model, rng),
        overlap=_measure_overlap(getraind, leer, toets, rng) if is_lineair else np.nan,
    )


def _measure_overlap(
    getraind: Training, leer: Paneel, toets: Paneel, rng: np.random.Generator
) -> float:
    """Return how much of the highest of the last window refits share; NaN with too few events.

    Refits start from the model as it is (``models.risico.onzekerheid``): a fifth of the time that
    fitting each from nothing takes.
    """
    laatste = toets.select(toets.peilmaand == toets.peilmaand.max())
    try:
        return estimate_onzekerheid(
            getraind.schatter,
            leer.select_kenmerken([k.naam for k in getraind.kenmerken]),
            laatste.x,
            TOP_OVERLAP,
            rng,
            hertrainingen=_HERTRAININGEN,
        ).overlap
    except OnzekerheidFout:
        return float("nan")


def build_uitslag(
    keuring: Keuring,
    modelversie: str,
    *,
    toegestaan: Sequence[str],
    is_kaart_compleet: bool,
    rng: np.random.Generator,
    kampioen: Keuring | None = None,
    nieuwste: Paneel | None = None,
    is_overlap_getekend: bool = False,
) -> Uitslag:
    """Return what the gate is told of one model.

    Parameters
    ----------
    toegestaan
        Names on the allow-list of overlast.
    kampioen
        The model in use, examined on the same windows; None when the rule does the work.
    nieuwste
        Rows of today, on which the lists of both are compared; needed with ``kampioen``.
    is_overlap_getekend
        Whether somebody signed for this list after that of the champion.
    """
    v = keuring.voorspelling
    ap = _compare(v, v.model, v.regel, keuring.toets, rng)
    precisie = [
        _compare(v, v.model, tegen, keuring.toets, rng, make_precisie_bij_deel(AANDEEL_TOP))
        for tegen in (v.regel, v.persistentie)
    ]
    uitslag = Uitslag(
        model="overlast",
        modelversie=modelversie,
        waarde=tuple(ap.a.tolist()),
        waarde_regel=tuple(ap.b.tolist()),
        kans_boven_regel=ap.kans_beter,
        precisie=tuple(precisie[0].a.tolist()),
        precisie_regel=tuple(precisie[0].b.tolist()),
        precisie_persistentie=tuple(precisie[1].b.tolist()),
        is_herijkt=keuring.training.verschuiving != 0.0,
        blokkades=keuring.eerlijkheid.blokkades,
        verkeerde_tekens=count_verkeerde_tekens(
            keuring.training.schatter, keuring.training.kenmerken
        ),
        verboden_kolommen=count_verboden(keuring.training.kenmerken, toegestaan),
        is_kaart_compleet=is_kaart_compleet,
        **keuring.ijking,
    )
    if kampioen is None or nieuwste is None:
        return uitslag
    # On the windows of both: a kind that cannot win is tested on fewer.
    zelfde = np.isin(kampioen.voorspelling.venster, np.unique(v.venster))
    tegen = _compare(v, v.model, kampioen.voorspelling.model[zelfde], keuring.toets, rng)
    volgorde = list(KANDIDATEN)
    return replace(
        uitslag,
        tegen_kampioen=Vergelijking(
            verschillen=tuple((tegen.a - tegen.b).tolist()),
            kans_groter=tegen.kans_beter,
            # A retrained model of the same kind is as simple as the one it follows.
            is_eenvoudiger=volgorde.index(keuring.soort) <= volgorde.index(kampioen.soort),
            overlap_top_k=compute_overlap(
                keuring.training.predict(nieuwste),
                kampioen.training.predict(nieuwste),
                count_top(len(nieuwste)),
            ),
            is_overlap_getekend=is_overlap_getekend,
        ),
    )


def _compare(
    v: Voorspelling,
    a: Getal,
    b: Getal,
    toets: Paneel,
    rng: np.random.Generator,
    maat: Maat = compute_ap_trekkingen,
) -> Verschil:
    return bootstrap_verschil(
        v.y, a, b, cluster=toets.complex_id, venster=v.venster, rng=rng, maat=maat
    )


def _to_datum(peilmaand: int) -> date:
    return date(1970 + peilmaand // 12, peilmaand % 12 + 1, 1)
