"""How well a label does against the truth: what is measured, and what the fixed world gives.

Belongs here: measures on arrays of labels, of a rule and of the truth. Does not belong here:
running the line on a demo (``orchestration``), or printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from models.label.hysterese import damp_labels
from models.label.keten import (
    Geheel,
    Getal,
    Methode,
    Posterior,
    Uitslag,
    Vlag,
    compute_posterior,
    compute_uitslag,
    estimate_phi,
    label_from_knippen,
    standardise,
    weighted_quantile,
)
from models.label.plafond import compute_orakellabel
from models.label.themasignaal import TOENAME, compute_themasignaal
from models.label.trekking import Maat, Onzekerheid, find_begin, trek_labels
from models.label.wereld import (
    KWARTALEN_PER_JAAR,
    Wereld,
    WereldParameters,
    compute_waarheid,
    compute_ware_x,
    draw_tempo,
    draw_wereld,
    sum_jaar,
)

KLEIN = 25
"""A complex with fewer dwellings is small."""
TERUG_BINNEN = 3
"""Quarters within which a change counts as reversed."""
BANDEN = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SIGNAAL = 0.95
"""P above which there is a theme signal (label.md, step 9)."""
THEMAS_MET_SIGNAAL = ("SHV", "OVL")
"""What has theme signals in the line; in the fixed world the first two themes."""
KRACHT_WONINGEN, KRACHT_FACTOR, KRACHT_KWARTALEN = 40, 3.0, 4
_KRACHT_HERHALINGEN = 2000

# --- what is asked


@dataclass(frozen=True)
class Eis:
    """A figure and its limit.

    Attributes
    ----------
    code, naam
        Name in results, and on the terminal.
    soort
        ``hoogstens`` or ``minstens``.
    grens
        The limit; a share or a number per year.
    """

    code: str
    naam: str
    soort: Literal["hoogstens", "minstens"]
    grens: float

    def holds(self, waarde: float) -> bool:
        """Return whether a value keeps the limit; what could not be measured does not."""
        return waarde <= self.grens if self.soort == "hoogstens" else waarde >= self.grens


EISEN = (
    Eis("wisselingen", "Labels die per kwartaal wisselen", "hoogstens", 0.05),
    Eis("teruggedraaid", "Daarvan binnen 3 kwartalen terug", "hoogstens", 0.15),
    Eis("juist", "Label juist", "minstens", 0.77),
    Eis("juist_klein", "Label juist, minder dan 25 woningen", "minstens", 0.65),
    Eis("juist_bij_kans_80", "Juist waar de kans minstens 0,8 is", "minstens", 0.80),
    Eis("vals_signaal", "Valse signalen van het slechtste thema per jaar", "hoogstens", 0.02),
    Eis("kracht", "Verdriedubbeling bij 40 woningen gezien in 4 kwartalen", "minstens", 0.80),
)


# --- measures


def measure_labels(label: Geheel, waar: Geheel, woningen: Getal) -> dict[str, float]:
    """Return how steady labels are and how often they are right.

    Parameters
    ----------
    label, waar : ndarray of int, shape (C, Q)
        Of the rule and in truth, by quarter; 0 where unknown, which counts nowhere.
    woningen : ndarray, shape (C,) or (C, Q)
        Dwellings.

    Returns
    -------
    dict
        ``wisselingen`` (share of successive quarters that differ), ``teruggedraaid`` (share of
        changes after which the label is back at its former value within three quarters, among
        changes that have those quarters), ``juist``, ``juist_klein``.

    Examples
    --------
    >>> een = np.array([[3, 4, 3, 3, 3]])
    >>> m = measure_labels(een, np.array([[3, 3, 3, 3, 3]]), np.array([30.0]))
    >>> m["wisselingen"], m["teruggedraaid"], m["juist"]
    (0.5, 1.0, 0.8)
    """
    bekend = (label > 0) & (waar > 0)
    juist = label == waar
    klein = np.broadcast_to(woningen.reshape(len(label), -1) < KLEIN, label.shape)
    paar = (label[:, 1:] > 0) & (label[:, :-1] > 0)
    wisselt = paar & (label[:, 1:] != label[:, :-1])
    return {
        "wisselingen": _share(wisselt, paar),
        "teruggedraaid": _measure_teruggedraaid(label, wisselt),
        "juist": _share(juist, bekend),
        "juist_klein": _share(juist, bekend & klein),
    }


def _measure_teruggedraaid(label: Geheel, wisselt: Vlag) -> float:
    volgbaar = wisselt[:, : label.shape[1] - 1 - TERUG_BINNEN]
    aantal = volgbaar.shape[1] if volgbaar.size else 0
    toen = label[:, :aantal]
    terug = np.zeros_like(volgbaar)
    for stap in range(1, TERUG_BINNEN + 1):
        terug |= label[:, 1 + stap : 1 + stap + aantal] == toen
    return _share(terug, volgbaar)


def _share(waar: Vlag, van: Vlag) -> float:
    return float((waar & van).sum() / van.sum()) if van.any() else float("nan")


@dataclass(frozen=True)
class Band:
    """Labels with P in ``van`` .. ``tot``: how many, their mean P, and the share that is right."""

    van: float
    tot: float
    aantal: int
    kans: float
    juist: float


def measure_kalibratie(label: Geheel, waar: Geheel, kans: Getal) -> list[Band]:
    """Return per band of P(label) how often the label was right.

    Parameters
    ----------
    label, waar : ndarray of int, shape (C, Q)
    kans : ndarray, shape (C, Q, 5)
        P(label = k).
    """
    eigen = pick_kans(label, kans)
    telt = (label > 0) & (waar > 0) & np.isfinite(eigen)
    banden = []
    for van, tot in pairwise(BANDEN):
        in_band = telt & (eigen >= van) & ((eigen < tot) | (tot == BANDEN[-1]))
        gemiddeld = float(eigen[in_band].mean()) if in_band.any() else float("nan")
        banden.append(Band(van, tot, int(in_band.sum()), gemiddeld, _share(label == waar, in_band)))
    return banden


def pick_kans(label: Geheel, kans: Getal) -> Getal:
    """Return P of the label itself, shape (C, Q); NaN where it is unknown."""
    gekozen: Getal = np.take_along_axis(kans, np.maximum(label - 1, 0)[..., None], axis=2)[..., 0]
    return np.where(label > 0, gekozen, np.nan)


def measure_vals_signaal(signaal: Vlag, stijging: Getal, jaren: float) -> float:
    """Return false alerts per complex-year.

    An alert is the first of an unbroken run of signals. It is false where the true rate of the
    recent half year was less than 1.5 times that of the two years before: what step 9 asks.

    Parameters
    ----------
    signaal : ndarray of bool, shape (C, Q)
        Signals of a theme by peildatum.
    stijging : ndarray, shape (C, Q)
        True rate of the recent window over that of the one before.
    jaren
        Complex-years that were watched.
    """
    begin = signaal.copy()
    begin[:, 1:] &= ~signaal[:, :-1]
    return float((begin & (stijging < TOENAME)).sum() / jaren)


def measure_kracht(
    tempo: float, phi: float, rng: np.random.Generator, herhalingen: int = _KRACHT_HERHALINGEN
) -> float:
    """Return how often a tripling at 40 dwellings gives a signal within four quarters.

    Parameters
    ----------
    tempo
        Episodes per dwelling per year before the tripling.
    phi
        Overdispersion of the counts: 1 is Poisson, above it they are drawn from a negative
        binomial whose variance is ``phi`` times its mean. The signal is told the same.
    rng, herhalingen
        Complexes that are tried.
    """
    toen, nu = 8, KRACHT_KWARTALEN
    per_kwartaal = tempo * KRACHT_WONINGEN / KWARTALEN_PER_JAAR
    verwacht = per_kwartaal * np.repeat([1.0, KRACHT_FACTOR], [toen + 1, nu])
    vorm = (herhalingen, len(verwacht))
    if phi > 1.0:
        maal = rng.gamma(np.broadcast_to(verwacht / (phi - 1.0), vorm)) * (phi - 1.0)
    else:
        maal = np.broadcast_to(verwacht, vorm)
    telling = rng.poisson(maal).astype(np.float64)
    gezien = np.zeros(herhalingen, dtype=bool)
    for eind in range(toen + 2, toen + 2 + nu):
        recent = telling[:, eind - 2 : eind].sum(axis=1)
        eerder = telling[:, eind - 2 - toen : eind - 2].sum(axis=1)
        gezien |= compute_themasignaal(recent, eerder, phi) > SIGNAAL
    return float(gezien.mean())


# --- rules


@dataclass(frozen=True)
class Sbl:
    """The label SBL-1 of a world.

    Attributes
    ----------
    ruw, label : ndarray of int, shape (C, Q)
        Step 6, and after the damping of step 8.
    kans : ndarray, shape (C, Q, 5)
    """

    ruw: Geheel
    label: Geheel
    kans: Getal


def compute_sbl(wereld: Wereld, methode: Methode, naam: str) -> Sbl:
    """Return the label of a world by steps 2 to 8.

    Parameters
    ----------
    naam
        Goes before the key of every draw.
    """
    meting, catalogus = wereld.meting, wereld.catalogus
    post = compute_posterior(meting, catalogus, methode)
    u = standardise(post.x, post.mediaan, post.schaal, methode.afkap_u)
    uitslag = compute_uitslag(u, meting, catalogus, methode, post.var_u, post.lading_u)
    onzeker = _draw_onzekerheid(wereld, methode, post, uitslag, naam)
    vorm = (wereld.parameters.complexen, wereld.parameters.kwartalen)
    ruw = uitslag.label[:, -1].reshape(vorm)
    kans = onzeker.kans[:, -1].reshape(*vorm, -1)
    return Sbl(ruw, damp_labels(ruw, kans), kans)


def _draw_onzekerheid(
    wereld: Wereld, methode: Methode, post: Posterior, uitslag: Uitslag, naam: str
) -> Onzekerheid:
    meting, catalogus = wereld.meting, wereld.catalogus
    k = len(catalogus.soort)
    maat = Maat(
        thema=catalogus.thema,
        mediaan=post.mediaan,
        schaal=post.schaal,
        kappa=uitslag.kappa,
        omega=catalogus.omega,
        knippen=uitslag.knippen,
        macht=methode.macht_totaal,
        afkap=methode.afkap_u,
    )
    rijen = [f"{naam}-{e}|{q}" for e, q in zip(meting.eenheid, meting.kwartaal, strict=True)]
    begin, begin_thema = (
        find_begin([f"{rij}|{deel}" for rij in rijen for deel in delen]).reshape(-1, len(delen))
        for delen in (range(k), [f"thema{t}" for t in range(len(catalogus.omega))])
    )
    gewicht = np.full(post.x.shape, 1.0 / wereld.parameters.indicatoren_per_thema)
    return trek_labels(
        post.x,
        post.var_x,
        gewicht,
        uitslag.score,
        begin,
        maat,
        lading=post.lading,
        begin_thema=begin_thema,
    )


def compute_ruwe_klassen(cijfer: Getal, delen: Sequence[float]) -> Geheel:
    """Return the label of a spreadsheet: raw rates, and the classes cut anew each quarter.

    Per quarter every indicator becomes a z-score over the complexes, their mean is the score,
    and the quantiles of that quarter are the boundaries. No shrinking, no reference, no damping.

    Parameters
    ----------
    cijfer : ndarray, shape (C, Q, K)
        Raw rates, higher is a larger task; NaN where there is none.
    delen
        Shares at which the classes part.
    """
    telt = np.isfinite(cijfer)
    aantal = np.maximum(telt.sum(axis=0), 1)
    afstand = np.where(telt, cijfer, 0.0)
    afstand = np.where(telt, afstand - afstand.sum(axis=0) / aantal, 0.0)
    sd = np.sqrt((afstand**2).sum(axis=0) / aantal)
    som = (afstand / np.where(sd > 0, sd, 1.0)).sum(axis=2)
    score = np.where(telt.any(axis=2), som / np.maximum(telt.sum(axis=2), 1), np.nan)
    return np.stack(
        [
            label_from_knippen(kolom, weighted_quantile(kolom, np.ones(len(kolom)), delen))
            for kolom in score.T
        ],
        axis=1,
    )


# --- the fixed world


@dataclass(frozen=True)
class Themasignalen:
    """Step 9 of one theme: false alerts per complex-year, power, and phi of its counts."""

    vals: float
    kracht: float
    phi: float


@dataclass(frozen=True)
class Uitkomst:
    """What one seed gave.

    Attributes
    ----------
    sbl, ruw, plafond : mapping
        By code of :data:`EISEN`: the label, five classes from raw rates, and the best that any
        rule could do.
    banden : list of Band
        How well P is calibrated.
    signaal : mapping
        Step 9, by theme.
    """

    sbl: Mapping[str, float]
    ruw: Mapping[str, float]
    plafond: Mapping[str, float]
    banden: list[Band]
    signaal: Mapping[str, Themasignalen]


def evaluate_vaste_wereld(
    seed: int, parameters: WereldParameters | None = None, *, met_plafond: bool = True
) -> Uitkomst:
    """Return what the label makes of the fixed world of one seed.

    Parameters
    ----------
    seed
        Of the world.
    parameters
        The published ones when absent.
    met_plafond
        Whether to compute what an oracle would reach, which takes most of the time.
    """
    p = parameters or WereldParameters()
    methode = Methode()
    wereld = draw_wereld(p, seed)
    ware_x = compute_ware_x(wereld)
    waarheid = compute_waarheid(ware_x, wereld.meting, wereld.catalogus, methode)
    waar = waarheid.label[:, -1].reshape(p.complexen, p.kwartalen)
    sbl = compute_sbl(wereld, methode, str(seed))
    banden = measure_kalibratie(sbl.label, waar, sbl.kans)
    cijfer = sum_jaar(wereld.telling, p.kwartalen) / wereld.woningen[:, None, None]
    klassen = compute_ruwe_klassen(cijfer, methode.knippen)
    plafond = measure_labels(waar, waar, wereld.woningen)
    plafond.update({"juist": float("nan"), "juist_klein": float("nan")})
    if met_plafond:
        orakel = compute_orakellabel(wereld, ware_x, methode, seed)
        gemeten = measure_labels(orakel, waar, wereld.woningen)
        plafond.update({code: gemeten[code] for code in ("juist", "juist_klein")})
    signaal = _measure_signalen(wereld, np.random.default_rng([seed, 9]))
    return Uitkomst(
        sbl={
            **measure_labels(sbl.label, waar, wereld.woningen),
            "juist_bij_kans_80": share_juist_vanaf(banden, 0.8),
            # Limit and power are of one test: one theme of one complex. The worst theme counts.
            "vals_signaal": max(thema.vals for thema in signaal.values()),
            "kracht": signaal["OVL"].kracht,
        },
        ruw=measure_labels(klassen, waar, wereld.woningen),
        plafond=plafond,
        banden=banden,
        signaal=signaal,
    )


def share_juist_vanaf(banden: Sequence[Band], kans: float) -> float:
    """Return the share that is right of all labels with P at least ``kans``."""
    telt = [b for b in banden if b.van >= kans and b.aantal]
    aantal = sum(b.aantal for b in telt)
    return sum(b.juist * b.aantal for b in telt) / aantal if aantal else float("nan")


def _measure_signalen(wereld: Wereld, rng: np.random.Generator) -> dict[str, Themasignalen]:
    """Return step 9 for the themes that have signals, the episodes being all their events."""
    p = wereld.parameters
    c, q = wereld.telling.shape[:2]
    per_thema = (c, q, p.themas, p.indicatoren_per_thema)
    telling = wereld.telling.reshape(per_thema).sum(axis=3)
    tempo = wereld.tempo.reshape(per_thema).sum(axis=3)
    geteld, waar = (_split_windows(reeks, p.kwartalen) for reeks in (telling, tempo))
    stijging = (waar[0] / 2.0) / (waar[1] / 8.0)
    phi = _estimate_phi_thema(telling, wereld.woningen, p)
    signaal = compute_themasignaal(*geteld, phi) > SIGNAAL
    basis = draw_tempo(p).reshape(p.themas, -1).sum(axis=1)
    jaren = c * p.kwartalen / KWARTALEN_PER_JAAR
    return {
        code: Themasignalen(
            vals=measure_vals_signaal(signaal[:, :, d], stijging[:, :, d], jaren),
            kracht=measure_kracht(float(basis[d]), float(phi[d]), rng),
            phi=float(phi[d]),
        )
        for d, code in enumerate(THEMAS_MET_SIGNAAL)
    }


def _split_windows(per_kwartaal: Getal, kwartalen: int) -> tuple[Getal, Getal]:
    """Return the sums of the last two quarters and of the eight before, at each peildatum."""
    som = np.cumsum(np.pad(per_kwartaal, ((0, 0), (1, 0), (0, 0))), axis=1)
    eind = np.arange(som.shape[1] - kwartalen, som.shape[1])
    return som[:, eind] - som[:, eind - 2], som[:, eind - 2] - som[:, eind - 10]


def _estimate_phi_thema(telling: Getal, woningen: Getal, p: WereldParameters) -> Getal:
    """Return the overdispersion (D) of a theme's events in two years of the reference."""
    jaar = sum_jaar(telling, p.kwartalen)
    laatste = p.kwartalen_referentie - 1
    y = jaar[:, [laatste, laatste - KWARTALEN_PER_JAAR]]
    n = np.repeat(woningen[:, None], 2, axis=1)
    return np.array([estimate_phi(y[:, :, d], n) for d in range(p.themas)])


# --- over seeds


@dataclass(frozen=True)
class Cijfer:
    """Mean over seeds and its standard error (NaN with one seed)."""

    gemiddeld: float
    fout: float


def summarise(waarden: Sequence[float]) -> Cijfer:
    """Return mean and standard error.

    Examples
    --------
    >>> summarise([1.0, 3.0])
    Cijfer(gemiddeld=2.0, fout=1.0)
    """
    reeks = np.asarray(waarden, dtype=np.float64)
    fout = reeks.std(ddof=1) / np.sqrt(len(reeks)) if len(reeks) > 1 else np.nan
    return Cijfer(float(reeks.mean()), float(fout))


def merge_banden(alle: Sequence[Sequence[Band]]) -> list[Band]:
    """Return the bands of several seeds together."""
    samen = []
    for stuk in zip(*alle, strict=True):
        gevuld = [b for b in stuk if b.aantal]
        aantal = sum(b.aantal for b in gevuld)
        gemiddeld = [
            sum(getattr(b, veld) * b.aantal for b in gevuld) / aantal if aantal else float("nan")
            for veld in ("kans", "juist")
        ]
        samen.append(Band(stuk[0].van, stuk[0].tot, aantal, *gemiddeld))
    return samen
