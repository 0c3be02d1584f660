"""The risk models held against the truth of many demo worlds: the goals, and the run.

Belongs here: the goals with their limits, what is measured on one world, many worlds beside each
other, and the ceiling that is trained on other worlds. Does not belong here: measures
(``models.overlast.evaluatie``, ``models.woonfraude.evaluatie``), printing (``cli.evaluatie``).

Source of the goals: design paper on the risk models, "Goals". Almost every one is a ratio, as the
oracle itself moves by .04 between worlds.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from models.overlast import evaluatie as overlast
from models.overlast.cohort import select_cohort
from models.plafond import Plafonds
from models.risico.maten import compute_auc
from models.risico.paneel import Paneel
from models.risico.selectie import compute_hajek
from models.risico.tijdsplitsing import make_vensters
from models.woonfraude import evaluatie as woonfraude
from models.woonfraude.cohort import MINIMUM_EENHEDEN
from orchestration.risico_lus import Aanbevolen
from orchestration.risico_wereld import (
    COHORT,
    EENHEDEN,
    JAREN,
    KenmerkBank,
    KenmerkSql,
    Panelen,
    Wereld,
    build_panelen,
    find_complex,
    find_maand,
    simulate,
    to_peilmaand,
)
from orchestration.voortgang import Voortgang
from sources.demo.toeval import make_rng
from sources.demo.waarheid import measure_kerncijfers
from sources.demo.wereld import (
    Geschiedenis,
    StatusQuo,
    Waarneming,
    WereldParameters,
    compute_onderzoekkans_phi,
    compute_orakel,
    simulate_wereld,
)

Getal: TypeAlias = npt.NDArray[np.float64]
Vlag: TypeAlias = npt.NDArray[np.bool_]
Vraag = TypeVar("Vraag")
Antwoord = TypeVar("Antwoord")
Cijfers: TypeAlias = dict[str, dict[str, float]]
"""Of one world: per score (``model``, ``regel``, ``orakel``, ``plafond``) the figures by code."""

ONTWIKKELSEED = 100
"""The world on which choices were made; it is measured nowhere."""
PLAFOND_SEEDS = tuple(range(201, 225))
WERELDEN_SELECTIE = 12
"""Worlds over which the selection ratio is averaged: one world's own is mostly chance."""
TOEKOMSTEN = 400
VENSTERS_SNEL = 4
SPELING_SNEL = 0.05
EERSTE_TOETS_WOONFRAUDE, STAP_TOETS_WOONFRAUDE = 36, 12
LUS_BEGIN = 24
_STEEKPROEF_MAANDEN = 36
_STAF_TREKKINGEN = 40
_MODEL, _ASELECT = 2, 3
_PROCESSEN = 2
_PROEF_EENHEDEN = 1_500
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


# --- the goals


@dataclass(frozen=True)
class Doel:
    """One figure and the limits that its mean over worlds must keep.

    Attributes
    ----------
    groep
        ``overlast``, ``woonfraude``, ``wereld`` or ``controle``.
    code, naam
        Name in results, and on the terminal.
    onder, boven
        Limits; None where there is none.
    meetkundig
        Whether worlds are averaged as ratios are: on the log scale.
    is_toetsgrootheid
        Whether the figure is the mean over worlds in standard errors.
    minimum_werelden
        Worlds below which the figure is shown and not judged.
    boven_snel
        Upper limit of the quick version, where few rows alone make the figure larger.
    """

    groep: str
    code: str
    naam: str
    onder: float | None = None
    boven: float | None = None
    meetkundig: bool = False
    is_toetsgrootheid: bool = False
    minimum_werelden: int = 0
    boven_snel: float | None = None

    def loosen(self, speling: float) -> Doel:
        """Return the goal of the quick version: limits that are looser by a share."""
        onder, boven = self.onder, self.boven
        if onder is not None:
            onder -= speling * abs(onder)
        if boven is not None:
            boven += speling * abs(boven)
        return replace(self, onder=onder, boven=self.boven_snel or boven)

    def holds(self, waarde: float) -> bool:
        """Return whether a value keeps the limits; what could not be measured does not."""
        onder = -np.inf if self.onder is None else self.onder
        boven = np.inf if self.boven is None else self.boven
        return bool(onder <= waarde <= boven)


_Overlast, _Woonfraude = partial(Doel, "overlast"), partial(Doel, "woonfraude")
_Wereld, _Controle = partial(Doel, "wereld"), partial(Doel, "controle")

DOELEN: tuple[Doel, ...] = (
    _Overlast("ap_per_orakel", "AP ten opzichte van het orakel", 0.82),
    _Overlast("ap_per_plafond", "AP ten opzichte van het plafond", 0.95),
    _Overlast("p_top_per_orakel", "Precisie in de top 5 % ten opzichte van het orakel", 0.87),
    _Overlast("lift", "Lift in de top 5 %", 5.5),
    _Overlast("ap_per_regel", "AP ten opzichte van de regel", 1.30),
    _Overlast("p_top_per_regel", "Precisie in de top 5 % ten opzichte van de regel", 1.15),
    # On four windows the true chances themselves have .006; twice that is what the gate allows.
    _Overlast("ece", "IJkfout (ECE), vensters samen", None, 0.008, boven_snel=0.012),
    _Overlast("helling", "Helling van de ijklijn", 0.85, 1.15),
    _Overlast("oe", "Waargenomen / verwacht", 0.85, 1.15),
    _Overlast("oe_top", "Waargenomen / verwacht in de top 5 %", 0.80, 1.20),
    _Overlast(
        "tpr_verhouding",
        "TPR-verhouding van groep 1, gedeeld door die van het orakel",
        0.85,
        1.15,
        meetkundig=True,
    ),
    _Overlast(
        "tpr_verhouding_regel",
        "De regel laat het verschil zien (zelfde verhouding)",
        None,
        0.95,
        meetkundig=True,
    ),
    _Overlast("overlap", "Overlap van de top 75 tussen herhaalde trainingen", 0.80),
    _Woonfraude("opbrengst_per_orakel", "Opbrengst ten opzichte van het orakel (phi)", 0.65),
    _Woonfraude("opbrengst_per_plafond", "Opbrengst ten opzichte van het plafond", 0.88),
    _Woonfraude("opbrengst_per_medewerker", "Opbrengst ten opzichte van medewerkers", 1.40),
    _Woonfraude("opbrengst_per_regel", "Opbrengst ten opzichte van de regel", 1.03),
    _Woonfraude(
        "selectie_verhouding",
        "Selectieverhouding van groep 1, gedeeld door die van het orakel",
        0.75,
        1.33,
        meetkundig=True,
        minimum_werelden=WERELDEN_SELECTIE,
    ),
    _Woonfraude("lus_bevestigd", "Lus met ε 0,20: bevestigd ten opzichte van zoals nu", 1.05),
    _Woonfraude(
        "lus_groep",
        "Lus met ε 0,20: groep 1 tegen de rest in het deel van het model",
        0.80,
        1.25,
        meetkundig=True,
    ),
    _Woonfraude(
        "fout_trefkans", "Fout van de trefkans uit drie jaar aselect onderzoek", None, 0.20
    ),
    _Wereld("escalatie_per_6m", "Escalatie per half jaar", 0.027, 0.042),
    _Wereld("meldingen_per_woningjaar", "Meldingen per woning per jaar", 0.065, 0.099),
    _Wereld("fraude_prevalentie", "Woningen met woonfraude", 0.011, 0.019),
    _Wereld("trefkans", "Treffers per onderzoek", 0.22, 0.32),
    _Wereld("bevestigd_per_woningjaar", "Bevestigd per woning per jaar", 0.0025, 0.0037),
    _Wereld(
        "correlatie_samenstelling_u",
        "Samenhang van samenstelling en neiging (grootste)",
        -1e-9,
        1e-9,
    ),
    _Wereld("verhouding_onderzoeken", "Onderzoeken in groep 1 tegen de rest", 1.8, 2.5),
    _Wereld("auc_orakel", "AUC van het orakel", 0.80, 0.86),
    _Controle(
        "geschud",
        "Geschudde uitkomsten: AP min toeval, in standaardfouten",
        -2.0,
        2.0,
        is_toetsgrootheid=True,
    ),
    _Controle("gat_bewaakt", "Training tot de toetsdatum wordt geweigerd", 1.0),
)
_PER_GROEP = {
    groep: tuple(doel.code for doel in DOELEN if doel.groep == groep)
    for groep in ("overlast", "woonfraude", "wereld", "controle")
}


# --- one world


@dataclass(frozen=True)
class Opdracht:
    """What to measure on one world.

    Attributes
    ----------
    seed
        Of the world.
    volledig
        Whether overlast and the closed loop are measured too; else woonfraude alone.
    snel
        Four windows, and no closed loop longer than needed.
    eenheden, jaren
        Size.
    """

    seed: int
    volledig: bool = True
    snel: bool = False
    eenheden: int = EENHEDEN
    jaren: int = JAREN


def evaluate_wereld(opdracht: Opdracht, sql: KenmerkSql, plafonds: Plafonds | None) -> Cijfers:
    """Measure everything on one world.

    Parameters
    ----------
    opdracht
        Which world.
    sql
        Compiled features and outcomes.
    plafonds
        Models that are trained on other worlds; without them there is no ceiling.
    """
    wereld = simulate(opdracht.seed, eenheden=opdracht.eenheden, jaren=opdracht.jaren)
    panelen = build_panelen(wereld, sql)
    cijfers = _evaluate_woonfraude(wereld, panelen, plafonds)
    if opdracht.volledig:
        for naam, waarden in _evaluate_overlast(wereld, panelen, plafonds, opdracht.snel).items():
            cijfers.setdefault(naam, {}).update(waarden)
        cijfers["model"] |= _evaluate_lus(wereld, sql)
        cijfers["model"] |= {
            code: waarde
            for code, waarde in measure_kerncijfers(wereld.geschiedenis).items()
            if code in _PER_GROEP["wereld"]
        }
    return cijfers


def _evaluate_overlast(
    wereld: Wereld, panelen: Panelen, plafonds: Plafonds | None, snel: bool
) -> Cijfers:
    paneel = panelen.overlast.select(select_cohort(panelen.overlast, COHORT))
    vensters = make_vensters(
        paneel.peilmaand, COHORT.horizon, COHORT.stap_toets, COHORT.geschiedenis
    )
    if snel:
        # Spread over the years: the last ones alone all lie after the change of policy.
        vensters = vensters[:: len(vensters) // VENSTERS_SNEL + 1]
    v = overlast.predict_vensters(paneel, vensters, cohort=COHORT)
    toets = paneel.select(v.rij)
    complex_, maand = find_complex(toets), find_maand(toets)
    groep = wereld.stad.groep[complex_]
    maanden = np.unique(maand)
    orakel_alle = compute_orakelkans(wereld, maanden.tolist())
    orakel = orakel_alle[np.searchsorted(maanden, maand), complex_]
    plafond = plafonds.overlast.predict(toets) if plafonds else None
    scores = {"model": v.model, "regel": v.regel, "orakel": orakel}
    if plafond is not None:
        scores["plafond"] = plafond
    uit = {
        naam: overlast.measure_overlast(v, score, groep, orakel, plafond)
        for naam, score in scores.items()
    }
    for naam, kans in scores.items():
        if naam != "regel":  # points are no chance
            uit[naam] |= overlast.measure_ijking(v, kans)
    rng = make_rng(wereld.seed, "risico/evaluatie")
    uit["model"] |= {
        "tpr_verhouding_regel": uit["regel"]["tpr_verhouding"],
        "auc_orakel": measure_auc_orakel(wereld, maanden.tolist(), orakel_alle),
        "overlap": overlast.measure_overlap(paneel, vensters[-1], rng, COHORT),
        "geschud": overlast.measure_geschud(paneel, vensters, rng, COHORT),
        "gat_bewaakt": float(overlast.is_gat_bewaakt(paneel, vensters[-1], COHORT)),
    }
    return uit


def compute_orakelkans(wereld: Wereld, maanden: Sequence[int]) -> Getal:
    """Return the oracle's chance (months x C) of an escalation; NaN in the wash-out."""
    rng = make_rng(wereld.seed, "risico/orakel")
    return np.stack(
        [
            compute_orakel(wereld.parameters, wereld.geschiedenis, maand, TOEKOMSTEN, rng)
            for maand in maanden
        ]
    )


def measure_auc_orakel(wereld: Wereld, maanden: Sequence[int], orakel: Getal) -> float:
    """Return the AUC of the oracle over all complexes, the smallest among them.

    A figure of the world and not of the cohort: without the smallest, which hardly ever escalate,
    it is .01 lower.
    """
    g = wereld.geschiedenis
    delen = []
    for maand, kans in zip(maanden, orakel, strict=True):
        telt = np.isfinite(kans)
        y = g.escalatie[maand : maand + COHORT.horizon, telt].sum(axis=0) > 0
        delen.append(compute_auc(y.astype(np.float64), kans[telt]))
    return float(np.mean(delen))


def _evaluate_woonfraude(wereld: Wereld, panelen: Panelen, plafonds: Plafonds | None) -> Cijfers:
    g = wereld.geschiedenis
    maanden = range(EERSTE_TOETS_WOONFRAUDE, g.maanden, STAP_TOETS_WOONFRAUDE)
    v = woonfraude.predict_vensters(
        panelen.woonfraude, panelen.log, [to_peilmaand(maand) for maand in maanden]
    )
    toets = panelen.woonfraude.select(v.rij)
    complex_, maand = find_complex(toets), find_maand(toets)
    bureau = wereld.parameters.bureau_medewerker
    kans = compute_trefkans(wereld, g, bureau)[maand, complex_]
    phi = np.zeros(len(toets))
    for m in maanden:
        alle = compute_onderzoekkans_phi(wereld.parameters, wereld.stad, m, bureau)
        phi[maand == m] = alle[complex_[maand == m]]
    plafond = plafonds.woonfraude.predict(toets) if plafonds else None
    scores = {"model": v.model, "regel": v.regel, "persistentie": v.persistentie, "orakel": phi}
    if plafond is not None:
        scores["plafond"] = plafond
    staf = measure_staf(wereld, maanden)
    groep = wereld.stad.groep[complex_]
    return {
        naam: woonfraude.measure_woonfraude(v, score, groep, kans, phi, staf, plafond)
        for naam, score in scores.items()
    }


def compute_trefkans(wereld: Wereld, g: Geschiedenis, bureau: float) -> Getal:
    """Return the chance (T x C) that an inspection confirms a case, given the fraud there is."""
    f, n = g.fraude, g.stad.n
    kans: Getal = wereld.parameters.ontdekking * bureau * f / (bureau * f + n - f)
    return kans


def measure_staf(wereld: Wereld, maanden: Sequence[int]) -> float:
    """Return the yield of the complexes that staff would choose on the test dates.

    Their own selection is drawn many times over, from what they see; complexes too small to be
    scored are left out, as they are for the model.
    """
    g, p = wereld.geschiedenis, wereld.parameters
    kans = compute_trefkans(wereld, g, p.bureau_medewerker)
    beleid = StatusQuo(replace(p, aselect_aandeel=0.0))
    rng = make_rng(wereld.seed, "risico/staf")
    o = g.onderzoeken
    bevestigd = np.zeros(g.s.shape, dtype=np.int64)
    np.add.at(bevestigd, (o.maand[o.is_bevestigd], o.complex[o.is_bevestigd]), 1)
    delen = []
    for maand in maanden:
        waarneming = Waarneming(
            maand=maand,
            stad=g.stad,
            meldingen=g.meldingen[:maand],
            ernstig=g.ernstig[:maand],
            weigeringen=g.weigeringen[:maand],
            advertenties=g.advertenties[:maand],
            bevestigd=bevestigd[:maand],
            maatregel_actief=g.maatregel_actief[maand],
        )
        for _ in range(_STAF_TREKKINGEN):
            gekozen = beleid.choose_onderzoeken(waarneming, rng).complex
            gekozen = gekozen[g.stad.n[gekozen] >= MINIMUM_EENHEDEN]
            delen.append(kans[maand, gekozen])
    return float(np.concatenate(delen).mean())


def _evaluate_lus(wereld: Wereld, sql: KenmerkSql) -> dict[str, float]:
    """Run the recommended policy in the same world, and measure what came of it."""
    with KenmerkBank(sql) as bank:
        beleid = Aanbevolen(wereld.parameters, bank, begin=LUS_BEGIN)
        lus = simulate_wereld(
            wereld.parameters, wereld.stad, wereld.geschiedenis.jaren, wereld.seed, beleid
        )
    return {
        "lus_bevestigd": count_bevestigd(lus) / count_bevestigd(wereld.geschiedenis),
        "lus_groep": measure_lus_groep(lus),
        **measure_steekproef(wereld, lus),
    }


def count_bevestigd(g: Geschiedenis) -> int:
    """Return the confirmed cases, tips among them, from the begin of the policy on."""
    o = g.onderzoeken
    return int(o.is_bevestigd[o.maand >= LUS_BEGIN].sum())


def measure_lus_groep(g: Geschiedenis) -> float:
    """Return inspections that the model chose per dwelling, group 1 against the others."""
    o, stad = g.onderzoeken, g.stad
    telt = stad.n >= MINIMUM_EENHEDEN
    aantal = np.bincount(o.complex[o.reden == _MODEL], minlength=stad.n.size)
    in_groep, anders = (
        aantal[telt & deel].sum() / stad.n[telt & deel].sum() for deel in (stad.groep, ~stad.groep)
    )
    return float(in_groep / anders)


def measure_steekproef(wereld: Wereld, g: Geschiedenis) -> dict[str, float]:
    """Return the relative error of the hit rate that three years of random inspections estimate.

    What is estimated: the chance that an inspection confirms a case, over dwellings (each complex
    counts by its size) and over complexes (each counts once), of complexes in the cohort and over
    the three years. The mean over the periods of the world.
    """
    o, stad = g.onderzoeken, g.stad
    kans = compute_trefkans(wereld, g, wereld.parameters.bureau_aselect)
    in_cohort = stad.n >= MINIMUM_EENHEDEN
    rng = make_rng(wereld.seed, "risico/steekproef")
    fouten: dict[str, list[float]] = {"fout_trefkans": [], "fout_trefkans_complex": []}
    for begin in range(LUS_BEGIN, g.maanden - _STEEKPROEF_MAANDEN + 1, _STEEKPROEF_MAANDEN):
        periode = slice(begin, begin + _STEEKPROEF_MAANDEN)
        rij = (o.reden == _ASELECT) & (o.maand >= periode.start) & (o.maand < periode.stop)
        for naam, weegt in zip(
            fouten, (stad.n * in_cohort, in_cohort.astype(np.int64)), strict=True
        ):
            waar = float((kans[periode] @ weegt).mean() / weegt.sum())
            geschat = compute_hajek(
                o.is_bevestigd[rij],
                weegt[o.complex[rij]] / o.kans[rij],
                stad.buurt[o.complex[rij]],
                rng=rng,
                trekkingen=1,
            ).waarde
            fouten[naam].append(abs(geschat / waar - 1.0))
    return {naam: float(np.mean(fout)) for naam, fout in fouten.items()}


# --- many worlds


@dataclass(frozen=True)
class Rij:
    """A goal and what the worlds gave.

    Attributes
    ----------
    doel
        What is asked.
    gemiddeld, fout
        Mean over worlds and its standard error (of the log, for a ratio).
    regel, orakel, plafond
        The same figure for what the champion is held against; None where there is none.
    werelden
        Number of worlds.
    is_beoordeeld
        Whether it counts: without a ceiling its rows do not, nor does what needs more worlds.
    """

    doel: Doel
    gemiddeld: float
    fout: float
    regel: float | None
    orakel: float | None
    plafond: float | None
    werelden: int
    is_beoordeeld: bool = True

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return not self.is_beoordeeld or self.doel.holds(self.gemiddeld)


@dataclass(frozen=True)
class Uitslag:
    """Everything a run gave."""

    seeds: tuple[int, ...]
    snel: bool
    met_plafond: bool
    rijen: tuple[Rij, ...]
    werelden: Mapping[int, Cijfers]

    @property
    def missers(self) -> list[Rij]:
        """Goals that are not met."""
        return [rij for rij in self.rijen if not rij.holds]

    def to_json(self) -> dict[str, object]:
        """Return the run as plain data; what is not a number is null."""

        def clean(waarde: object) -> object:
            if isinstance(waarde, Mapping):
                return {str(naam): clean(deel) for naam, deel in waarde.items()}
            if isinstance(waarde, list | tuple):
                return [clean(deel) for deel in waarde]
            if isinstance(waarde, float):
                return float(f"{waarde:.6g}") if np.isfinite(waarde) else None
            return waarde

        uit = clean(
            {
                "seeds": self.seeds,
                "snel": self.snel,
                "met_plafond": self.met_plafond,
                "doelen": [{**asdict(rij), "gehaald": rij.holds} for rij in self.rijen],
                "werelden": self.werelden,
            }
        )
        return uit if isinstance(uit, dict) else {}


def list_seeds(aantal: int) -> tuple[int, ...]:
    """Return the seeds of an evaluation: 1, 2, ... without the development world."""
    return tuple([s for s in range(1, aantal + 2) if s != ONTWIKKELSEED][:aantal])


def evaluate_risico(
    aantal: int,
    sql: KenmerkSql,
    plafonds: Plafonds | None,
    voortgang: Voortgang,
    *,
    snel: bool = False,
    processen: int = _PROCESSEN,
) -> Uitslag:
    """Measure many worlds and hold them against the goals.

    Parameters
    ----------
    aantal
        Number of worlds.
    sql
        Compiled features and outcomes.
    plafonds
        From :func:`read_plafonds`.
    voortgang
        Told which world is done.
    snel
        Fewer windows, no extra worlds for the selection ratio, limits 5 % looser.
    processen
        Worlds at the same time.
    """
    seeds = list_seeds(aantal)
    alle = seeds if snel else list_seeds(max(aantal, WERELDEN_SELECTIE))
    opdrachten = [Opdracht(seed, volledig=seed in seeds, snel=snel) for seed in alle]
    meet = partial(evaluate_wereld, sql=sql, plafonds=plafonds)
    cijfers = _map_werelden(meet, opdrachten, voortgang, processen, lambda o: str(o.seed))
    werelden = dict(zip(alle, cijfers, strict=True))
    return judge(werelden, seeds, snel=snel, met_plafond=plafonds is not None)


def _map_werelden(
    doe: Callable[[Vraag], Antwoord],
    vragen: Sequence[Vraag],
    voortgang: Voortgang,
    processen: int,
    noem: Callable[[Vraag], str],
) -> Iterator[Antwoord]:
    """Do the same for every world, in this process or in some beside each other."""
    if processen == 1:
        for vraag in vragen:
            with voortgang.stap("werelden", f"wereld {noem(vraag)}"):
                uit = doe(vraag)
            yield uit
        return
    with (
        _one_thread(),
        ProcessPoolExecutor(processen, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        lopend = [pool.submit(doe, vraag) for vraag in vragen]
        for vraag, toekomst in zip(vragen, lopend, strict=True):
            with voortgang.stap("werelden", f"wereld {noem(vraag)}"):
                uit = toekomst.result()
            yield uit


def judge(
    werelden: Mapping[int, Cijfers], seeds: Sequence[int], *, snel: bool, met_plafond: bool
) -> Uitslag:
    """Put worlds together and hold them against the goals."""
    rijen = []
    for doel in DOELEN:
        waarden = _collect(werelden, "model", doel.code)
        is_plafond = doel.code.endswith("_per_plafond")
        gemiddeld, fout = _summarise(waarden, doel)
        if doel.code == "correlatie_samenstelling_u" and waarden.size:
            gemiddeld = float(waarden[np.abs(waarden).argmax()])
        rijen.append(
            Rij(
                doel.loosen(SPELING_SNEL) if snel else doel,
                gemiddeld,
                fout,
                regel=_mean_als(werelden, "regel", doel),
                orakel=_mean_als(werelden, "orakel", doel),
                plafond=_mean_als(werelden, "plafond", doel),
                werelden=int(waarden.size),
                is_beoordeeld=(met_plafond or not is_plafond)
                and waarden.size >= doel.minimum_werelden,
            )
        )
    return Uitslag(tuple(seeds), snel, met_plafond, tuple(rijen), werelden)


def _collect(werelden: Mapping[int, Cijfers], naam: str, code: str) -> Getal:
    return np.array(
        [
            cijfers[naam][code]
            for cijfers in werelden.values()
            if naam in cijfers and code in cijfers[naam]
        ]
    )


def _summarise(waarden: Getal, doel: Doel) -> tuple[float, float]:
    if not waarden.size:
        return np.nan, np.nan
    schaal = np.log(waarden) if doel.meetkundig else waarden
    fout = float(schaal.std(ddof=1) / np.sqrt(schaal.size)) if schaal.size > 1 else np.nan
    gemiddeld = float(schaal.mean())
    if doel.is_toetsgrootheid:
        return gemiddeld / fout, np.nan
    return (float(np.exp(gemiddeld)) if doel.meetkundig else gemiddeld), fout


def _mean_als(werelden: Mapping[int, Cijfers], naam: str, doel: Doel) -> float | None:
    waarden = _collect(werelden, naam, doel.code)
    return _summarise(waarden, doel)[0] if waarden.size else None


# --- the ceiling


def find_plafond(data: Path, sql: KenmerkSql) -> Path:
    """Return where the ceiling for these features is kept in the data folder.

    Other features, another world or other seeds make another ceiling. Whether features are the
    same is asked of their values on a small world: SQL that says the same in other words is the
    same.
    """
    panelen = build_panelen(simulate(ONTWIKKELSEED, eenheden=_PROEF_EENHEDEN), sql)
    inhoud = hashlib.sha256(
        json.dumps([asdict(WereldParameters()), PLAFOND_SEEDS, EENHEDEN, JAREN]).encode("utf-8")
    )
    for paneel in (panelen.overlast, panelen.woonfraude):
        inhoud.update("|".join(paneel.namen).encode("utf-8"))
        inhoud.update(np.round(paneel.x, 9).tobytes())
        inhoud.update(np.round(paneel.y, 9).tobytes())
    naam = inhoud.hexdigest()[:16]
    return data.expanduser().resolve() / "evaluatie" / f"plafond-{naam}.skops"


def read_plafonds(pad: Path) -> Plafonds | None:
    """Return the ceiling that was built, or None."""
    return Plafonds.load(pad.read_bytes()) if pad.exists() else None


def build_plafonds(
    pad: Path,
    sql: KenmerkSql,
    voortgang: Voortgang,
    *,
    seeds: Sequence[int] = PLAFOND_SEEDS,
    processen: int = _PROCESSEN,
) -> Plafonds:
    """Train the ceiling on worlds that are measured nowhere, and keep it.

    Parameters
    ----------
    pad
        From :func:`find_plafond`.
    sql
        Compiled features and outcomes.
    voortgang
        Told how far it is.
    seeds
        Worlds to learn from.
    processen
        Worlds at the same time.
    """
    werelden = list(
        _map_werelden(partial(_collect_plafond, sql=sql), seeds, voortgang, processen, str)
    )
    with voortgang.stap("plafond overlast"):
        boven = overlast.train_plafond(_stack([paneel for paneel, _, _ in werelden]))
    with voortgang.stap("plafond woonfraude"):
        onder = woonfraude.train_plafond(
            _stack([paneel for _, paneel, _ in werelden]),
            np.concatenate([kans for _, _, kans in werelden]),
        )
    plafonds = Plafonds(boven, onder)
    pad.parent.mkdir(parents=True, exist_ok=True)
    tijdelijk = pad.with_suffix(".tmp")
    tijdelijk.write_bytes(plafonds.dump())
    tijdelijk.replace(pad)
    return plafonds


def _collect_plafond(seed: int, sql: KenmerkSql) -> tuple[Paneel, Paneel, Getal]:
    """Return what the ceiling learns from one world: both panels, and the true hit rate."""
    wereld = simulate(seed)
    panelen = build_panelen(wereld, sql)
    boven = panelen.overlast.select(select_cohort(panelen.overlast, COHORT))
    maand = find_maand(panelen.woonfraude)
    onder = panelen.woonfraude.select(
        (panelen.woonfraude.eenheden >= MINIMUM_EENHEDEN)
        & (maand >= EERSTE_TOETS_WOONFRAUDE)
        & (maand % COHORT.stap_training == 0)
    )
    kans = compute_trefkans(wereld, wereld.geschiedenis, wereld.parameters.bureau_medewerker)
    return boven, onder, kans[find_maand(onder), find_complex(onder)]


def _stack(panelen: Sequence[Paneel]) -> Paneel:
    """Return panels of many worlds as one; ids and buurten mean nothing in it."""
    velden = ("complex_id", "peilmaand", "buurt", "eenheden", "x", "y")
    return Paneel(
        **{naam: np.concatenate([getattr(p, naam) for p in panelen]) for naam in velden},
        kenmerken=panelen[0].kenmerken,
        ruw={},
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let each process that is started compute on one thread: there is one per core."""
    oud = {naam: os.environ.get(naam) for naam in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for naam, waarde in oud.items():
            if waarde is None:
                del os.environ[naam]
            else:
                os.environ[naam] = waarde
