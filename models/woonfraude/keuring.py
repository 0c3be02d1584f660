"""Examining a model of woonfraude on an association's own inspections, before it may score.

Belongs here: which estimator is tried, on which windows, and what the gate is told of it. Does not
belong here: the gate's limits (``models.risico.poort``), the fairness report
(``models.risico.keuring``), figures against a known truth (``evaluatie``).

A way of choosing is judged by what its inspections would have found, each inspection in the log
weighing 1 over the chance with which it was chosen. Never by recorded cases: those say where was
looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from models.risico.eerlijkheid import Hertoets, check_trefkans, make_derden
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
from models.risico.maten import KCurve, compute_k_curve, compute_overlap
from models.risico.paneel import Geheel, Getal, Paneel, Tekst, Vlag
from models.risico.poort import Opbrengst, Uitslag, Vergelijking
from models.risico.selectie import (
    ASELECT,
    MEDEWERKER,
    TIP,
    Naasteen,
    Onderzoeklog,
    Weeglog,
    check_loting,
    compute_opbrengst,
    compute_prevalentie,
)
from models.risico.tijdsplitsing import MINIMUM_VENSTERS, TijdFout
from models.woonfraude.cohort import MINIMUM_EENHEDEN, add_reden, find_rijen
from models.woonfraude.evaluatie import Voorspelling, predict_vensters, select_top
from models.woonfraude.training import KENMERKEN, Training, train

SOORT = "lineair"
HORIZON = 12
"""Months of inspections that a window is tested on."""
MINIMUM_TREFFERS = 50
"""Hits in training under which there is nothing to learn."""
AANDEEL_TOP = 0.05
_TREKKINGEN = 500


@dataclass(frozen=True, eq=False)
class Keuring:
    """The examined model.

    Attributes
    ----------
    training
        Fitted on everything that is known now; what would score.
    voorspelling
        Complexes at the start of each test window, scored by a model trained before it.
    toets
        Those rows of the panel.
    log, venster : Onderzoeklog, ndarray of int
        Proactive inspections in the windows, and the window of each.
    y, p : ndarray, shape (I,)
        Hit, and chance by the model of that window, of each of those inspections.
    doel, gewicht : ndarray, shape (I,)
        Whether the model would have made each of them (0 or 1), and what it counts for.
    opbrengsten : mapping of str to tuple of float
        Weighted yield per window of ``model``, ``regel`` and ``persistentie``.
    opbrengst : mapping of str to Naasteen
        Over all windows, with and without weighting.
    kans_boven_regel : float
    prevalentie : Naasteen
    loting
        Whether enough was drawn at random.
    """

    training: Training
    voorspelling: Voorspelling
    toets: Paneel
    log: Onderzoeklog
    venster: Geheel
    y: Getal
    p: Getal
    doel: Getal
    gewicht: Getal
    opbrengsten: Mapping[str, tuple[float, ...]]
    opbrengst: Mapping[str, Naasteen]
    opbrengst_medewerker: float
    kans_boven_regel: float
    prevalentie: Naasteen
    aselect_aandeel: float
    gelogd: int
    loting_zin: str
    eerlijkheid: Eerlijkheid
    k_curve: KCurve
    ijking: Ijkmaten
    soort: str = SOORT

    @property
    def vensters(self) -> list[date]:
        """Test dates."""
        return [date(1970 + int(v) // 12, int(v) % 12 + 1, 1)
                for v in np.unique(self.voorspelling.venster)]  # fmt: skip

    def measure_vensters(self) -> list[dict[str, float]]:
        """Return per window what the card and the registry keep."""
        return [
            {
                "onderzoeken": float((self.venster == v).sum()),
                "treffers": float(self.y[self.venster == v].sum()),
                **{f"opbrengst_{naam}": rij[i] for naam, rij in self.opbrengsten.items()},
            }
            for i, v in enumerate(np.unique(self.voorspelling.venster))
        ]


def list_vensters(log: Onderzoeklog, nu: int) -> tuple[int, ...]:
    """Return the first months of the four youngest years of inspections, the oldest first.

    Raises
    ------
    TijdFout
        When the log does not go back far enough to learn before the first, or holds too few
        inspections with a kept chance in one of them: without those nothing can be weighted.
    """
    vensters = tuple(nu - HORIZON * i for i in range(MINIMUM_VENSTERS, 0, -1))
    voor = log.select(log.bekend < vensters[0])
    treffers = int(voor.is_treffer.sum())
    if treffers < MINIMUM_TREFFERS:
        raise TijdFout(
            f"Voor het eerste toetsjaar waren er {treffers} bevestigde onderzoeken.",
            verwacht=f"ten minste {MINIMUM_TREFFERS}, en daarna {MINIMUM_VENSTERS} jaar om te "
            "toetsen",
            remedie="leg onderzoeken vast, ook die niets vonden; tot die tijd geldt de vuistregel",
        )
    gewogen = log.maand[(log.reden != TIP) & ~np.isnan(log.selectiekans)]
    kleinste = min(int(((gewogen >= v) & (gewogen < v + HORIZON)).sum()) for v in vensters)
    if kleinste < MINIMUM_RIJEN:
        raise TijdFout(
            f"In het kleinste toetsjaar waren er {kleinste} eigen onderzoeken met een bekende kans "
            "om gekozen te worden.",
            verwacht=f"ten minste {MINIMUM_RIJEN} in elk van de {MINIMUM_VENSTERS} jaren",
            remedie="leg bij elk eigen onderzoek de selectiekans vast; tot die tijd geldt de "
            "vuistregel",
        )
    return vensters


def to_weeglog(log: Onderzoeklog, paneel: Paneel) -> tuple[Weeglog, Geheel]:
    """Return the log with the buurt of each inspection, and the rows of ``log`` that are in it.

    An inspection of a complex that the panel does not know that month is left out.
    """
    rij = find_rijen(paneel, log.complex_id, log.maand)
    telt = np.flatnonzero(rij >= 0)
    deel = log.select(telt)
    return (
        Weeglog(**vars(deel), buurt=paneel.buurt[rij[telt]]),
        telt,
    )


def examine(
    paneel: Paneel,
    log: Onderzoeklog,
    *,
    nu: int,
    samenstelling: Getal,
    rng: np.random.Generator,
    wijken: Sequence[str] = (),
    namen: Sequence[str] = KENMERKEN,
) -> Keuring:
    """Test the model by time and fit it on everything known now.

    Parameters
    ----------
    paneel
        Complexes by month, all features of the allow-list.
    log
        Finished inspections.
    nu
        Peilmaand of today, months since 1970-01.
    samenstelling : ndarray, shape (B,)
        CBS figure per buurt of the panel, for the fairness report alone.
    wijken
        Wijk per buurt of the panel, likewise; empty unknown.
    namen
        Features that are wanted: those of an older champion when that is what is examined.

    Raises
    ------
    TijdFout
        With too few inspections.
    """
    vensters = list_vensters(log, nu)
    v = predict_vensters(paneel, log, vensters, namen=namen)
    alles, _ = to_weeglog(log, paneel)
    getoetst = log.select(
        (log.maand >= vensters[0]) & (log.maand < nu) & (log.reden != TIP)
        & ~np.isnan(log.selectiekans)
    )  # fmt: skip
    weeg, telt = to_weeglog(getoetst, paneel)
    getoetst = getoetst.select(telt)
    begin = np.asarray(vensters)[np.searchsorted(vensters, getoetst.maand, side="right") - 1]
    doel = {
        naam: _choose(v, score, paneel, getoetst, begin)
        for naam, score in (
            ("model", v.model), ("regel", v.regel), ("persistentie", v.persistentie)
        )
    }  # fmt: skip
    y = weeg.is_treffer
    # The lot speaks for what is not on the model's list, as in ``selectie.compute_opbrengst``.
    dubbel = (weeg.reden == ASELECT) & weeg.in_modelbaan
    gewicht = np.where(dubbel, 0.0, weeg.gewicht)
    getraind = train(paneel, log, nu, namen=namen)
    p = _score_onderzoeken(paneel, log, getoetst, begin, namen)
    toets = paneel.select(v.rij).select_kenmerken([k.naam for k in getraind.kenmerken])
    loting = check_loting(alles, nu - HORIZON)
    staf = alles.reden == MEDEWERKER
    staf &= alles.maand >= vensters[0]

    def hertoets(weg: frozenset[str]) -> Hertoets:
        zonder = v
        if weg:
            zonder = predict_vensters(
                paneel, log, vensters, namen=[n for n in namen if n not in weg]
            )
        keuze = _select(zonder, zonder.model)
        derde = make_derden(samenstelling)[paneel.buurt[zonder.rij]]
        d = _choose(zonder, zonder.model, paneel, getoetst, begin)
        return Hertoets(_measure(y, d, gewicht), measure_selectieverhouding(keuze, derde))

    gekozen = _select(v, v.model)
    eerlijkheid = judge_eerlijkheid(
        toets,
        is_gekozen=gekozen,
        # Of a complex that was not inspected nobody knows; hit rates are in the outcome test.
        y=np.full(len(toets), np.nan),
        p=v.model,
        samenstelling=samenstelling,
        maanden=HORIZON * len(vensters),
        hertoets=hertoets,
        rng=rng,
        wijken=wijken,
    )
    trefkans = check_trefkans(
        weeg.is_treffer > 0, make_derden(samenstelling)[weeg.buurt], DERDE_DEEL, weeg.buurt, rng=rng
    )
    eerlijkheid = replace(eerlijkheid, uitkomst=tuple(t.zin for t in trefkans))
    return Keuring(
        training=getraind,
        voorspelling=v,
        toets=toets,
        log=getoetst,
        venster=begin,
        y=y,
        p=p,
        doel=doel["model"],
        gewicht=gewicht,
        opbrengsten={
            naam: tuple(
                _measure(y[begin == b], d[begin == b], gewicht[begin == b]) for b in vensters
            )
            for naam, d in doel.items()
        },
        opbrengst={naam: compute_opbrengst(weeg, d, naam, rng=rng) for naam, d in doel.items()},
        opbrengst_medewerker=float(alles.is_treffer[staf].mean()) if staf.any() else np.nan,
        kans_boven_regel=_bootstrap_kans(
            y, doel["model"] * gewicht, doel["regel"] * gewicht, weeg.complex_id, rng
        ),
        prevalentie=compute_prevalentie(alles, rng=rng),
        aselect_aandeel=0.0 if np.isnan(loting.aandeel) else loting.aandeel,
        gelogd=int(alles.is_gelogd_proactief.sum()),
        loting_zin=loting.zin,
        eerlijkheid=eerlijkheid,
        k_curve=compute_k_curve(y, p, begin),
        ijking=measure_ijking(y, p, rng),
    )


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
    """Return what the gate is told of the model.

    Parameters
    ----------
    toegestaan
        Names on the allow-list of woonfraude.
    kampioen
        The model in use, examined on the same inspections; None when the rule does the work.
    nieuwste
        Rows of today, on which the lists of both are compared; needed with ``kampioen``.
    is_overlap_getekend
        Whether somebody signed for this list after that of the champion.
    """
    k = keuring
    uitslag = Uitslag(
        model="woonfraude",
        modelversie=modelversie,
        waarde=k.opbrengsten["model"],
        waarde_regel=k.opbrengsten["regel"],
        kans_boven_regel=k.kans_boven_regel,
        precisie=k.opbrengsten["model"],
        precisie_regel=k.opbrengsten["regel"],
        precisie_persistentie=k.opbrengsten["persistentie"],
        is_herijkt=False,
        blokkades=k.eerlijkheid.blokkades,
        verkeerde_tekens=count_verkeerde_tekens(k.training.schatter, k.training.kenmerken),
        verboden_kolommen=count_verboden(k.training.kenmerken, toegestaan),
        is_kaart_compleet=is_kaart_compleet,
        opbrengst=Opbrengst(
            model=k.opbrengst["model"].met.waarde,
            regel=k.opbrengst["regel"].met.waarde,
            medewerker=k.opbrengst_medewerker,
            aselect_aandeel=k.aselect_aandeel,
            onderzoeken=k.gelogd,
        ),
        **k.ijking,
    )
    if kampioen is None or nieuwste is None:
        return uitslag
    paren = zip(k.opbrengsten["model"], kampioen.opbrengsten["model"], strict=True)
    return replace(
        uitslag,
        tegen_kampioen=Vergelijking(
            verschillen=tuple(a - b for a, b in paren),
            kans_groter=_bootstrap_kans(
                k.y, k.doel * k.gewicht, kampioen.doel * kampioen.gewicht, k.log.complex_id, rng
            ),
            is_eenvoudiger=len(k.training.kenmerken) <= len(kampioen.training.kenmerken),
            overlap_top_k=compute_overlap(
                k.training.predict(nieuwste),
                kampioen.training.predict(nieuwste),
                _count_top(len(nieuwste)),
            ),
            is_overlap_getekend=is_overlap_getekend,
        ),
    )


def _select(v: Voorspelling, score: Getal) -> Vlag:
    """Return which complexes a way of choosing would look at: the top 5 % of their window."""
    rijen = int((v.venster == v.venster[0]).sum()) if len(v.venster) else 0
    return select_top(v.venster, score, _count_top(rijen))


def _count_top(rijen: int) -> int:
    return max(1, round(AANDEEL_TOP * rijen))


def _choose(
    v: Voorspelling, score: Getal, paneel: Paneel, log: Onderzoeklog, begin: Geheel
) -> Getal:
    """Return with which chance (0 or 1) a way of choosing would have made each inspection."""
    gekozen = _select(v, score)
    lijst = replace(paneel.select(v.rij), y=np.where(gekozen, 1.0, 0.0))
    rij = find_rijen(lijst, log.complex_id, begin)
    return np.where(rij >= 0, lijst.y[rij], 0.0)


def _measure(y: Getal, doel: Getal, gewicht: Getal) -> float:
    w = doel * gewicht
    return float((w * y).sum() / w.sum()) if w.sum() > 0 else float("nan")


def _bootstrap_kans(
    y: Getal, a: Getal, b: Getal, complex_id: Tekst, rng: np.random.Generator
) -> float:
    """Return the share of draws of complexes in which weights ``a`` yield more than ``b``.

    A tie counts half.
    """
    _, plaats = np.unique(complex_id, return_inverse=True)
    c = int(plaats.max(initial=-1)) + 1
    if not c:
        return float("nan")
    som = np.stack(
        [np.bincount(plaats, d * deel, c) for d in (a, b) for deel in (y, np.ones(len(y)))]
    )  # fmt: skip
    keer = rng.multinomial(c, np.full(c, 1.0 / c), _TREKKINGEN) @ som.T
    with np.errstate(invalid="ignore", divide="ignore"):
        d = keer[:, 0] / keer[:, 1] - keer[:, 2] / keer[:, 3]
    d = d[np.isfinite(d)]
    return float(((d > 0).mean() + (d >= 0).mean()) / 2.0) if len(d) else float("nan")


def _score_onderzoeken(
    paneel: Paneel,
    log: Onderzoeklog,
    getoetst: Onderzoeklog,
    begin: Geheel,
    namen: Sequence[str],
) -> Getal:
    """Return the chance of each inspection by the model that was trained before its window."""
    p = np.full(len(getoetst), np.nan)
    for b in np.unique(begin):
        getraind = train(paneel, log, int(b), namen=namen)
        deel = begin == b
        rij = find_rijen(paneel, getoetst.complex_id[deel], getoetst.maand[deel])
        x = paneel.select_kenmerken([k.naam for k in getraind.kenmerken]).x[rij]
        kans = getraind.schatter.predict_proba(add_reden(x, getoetst.reden[deel]))[:, 1]
        p[deel] = kans
    return p


def select_lijst(paneel: Paneel, nu: int) -> Paneel:
    """Return the complexes that are scored today."""
    return paneel.select((paneel.peilmaand == nu) & (paneel.eenheden >= MINIMUM_EENHEDEN))
