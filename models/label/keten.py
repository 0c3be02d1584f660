"""The label on arrays: steps 2 to 6 of the method, as pure functions.

Belongs here: the arithmetic of ``dbt_project/models/intermediate/{label,referentie}`` a second
time, for what must run the method many times over (the fixed world, the robustness report).
Does not belong here: what is published, which is the SQL's; the draws (``trekking``).

Everywhere: one row is one unit at one peildatum; NaN is unknown, never zero. A score agrees with
the SQL's to 1e-5 points: the normal distribution function there is a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from vera.errors import BuurtpeilError

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]
Soort: TypeAlias = Literal["telling", "aandeel", "gemiddelde"]

_RUIS = 1e-12
"""Relative play at a threshold, as the SQL's rounding to twelve digits."""
_VIERDE = 4.0
_VEEL = 4096
"""Values from which a quantile does not put all of them in order."""
_VAKKEN = 4096


class TeWeinigGemeten(BuurtpeilError):
    """There is nothing to reckon with: no measurement, or no label to compare."""


@dataclass(frozen=True)
class Methode:
    """What steps 2 to 6 need of the seed ``methode``, under the same names.

    Examples
    --------
    >>> Methode.from_waarden({"macht_totaal": 1}).macht_totaal
    1.0
    """

    minimum_heterogeniteit: float = 0.001
    minimum_complexen_stratum: float = 10.0
    minimum_gebeurtenissen_stratum: float = 10.0
    afkap_u: float = 3.0
    schaal_mad: float = 1.4826
    minimum_deel_standaardafwijking: float = 0.25
    minimum_gewicht_thema: float = 2 / 3
    macht_totaal: float = 2.0
    minimum_themas_eigen: float = 4.0
    minimum_complexen_samenhang: float = 30.0
    maximum_samenhang: float = 0.95
    knip_1: float = 0.1
    knip_2: float = 0.3
    knip_3: float = 0.7
    knip_4: float = 0.9

    @classmethod
    def from_waarden(cls, waarden: Mapping[str, float | str]) -> Methode:
        """Return the method from ``naam`` -> ``waarde``; names of other steps are passed over."""
        namen = {veld.name for veld in fields(cls)}
        return cls(**{naam: float(w) for naam, w in waarden.items() if naam in namen})

    @property
    def knippen(self) -> tuple[float, float, float, float]:
        """The shares of R at which labels part."""
        return self.knip_1, self.knip_2, self.knip_3, self.knip_4


# --- step 2: what a stratum expects, how much units differ, and the posterior


def logit_empirisch(k: Getal, n: Getal) -> Getal:
    """Return the log-odds of k out of n with half a case on either side."""
    return np.log((k + 0.5) / (n - k + 0.5))


def logit_aandeel(p: Getal) -> Getal:
    """Return the log-odds of a share, kept off 0 and 1."""
    p = np.clip(p, 0.0005, 0.9995)
    return np.log(p / (1.0 - p))


@dataclass(frozen=True)
class _Stratum:
    """The strata of one level, one place each.

    ``ligging`` is the value on the scale that is shrunk (log, logit, mean) and ``variantie`` how
    uncertain it is there. ``verwacht`` and ``waarde`` are as :func:`expect_stratum` returns them.
    """

    som_y: Getal
    som_n: Getal
    complexen: Geheel
    verwacht: Getal
    waarde: Getal
    ligging: Getal
    variantie: Getal


def expect_stratum(
    soort: Soort,
    teller: Getal,
    noemer: Getal,
    *,
    groepen: Sequence[Geheel],
    eenheid: Geheel,
    in_r: Vlag,
    peildata: int,
    methode: Methode,
) -> tuple[Getal, Getal, Getal]:
    """Return what the stratum of each row expects in R, shrunk to the level above (ADR 0018).

    Parameters
    ----------
    soort
        ``telling``, ``aandeel`` or ``gemiddelde``.
    teller, noemer : ndarray, shape (n,)
        The sums of one indicator; NaN where there are none.
    groepen : sequence of ndarray of int, each of shape (n,)
        Code of each row's stratum, the finest first. The last is the whole of R.
    eenheid : ndarray of int, shape (n,)
        Which unit a row is of: a stratum needs enough different ones to count for itself.
    in_r : ndarray of bool, shape (n,)
        Rows of the reference.
    peildata
        Number of peildata in R.

    Returns
    -------
    verwacht, waarde, variantie : ndarray, shape (n,)
        Expected per unit of ``noemer`` (of a share: the weighted mean logit), the value itself,
        which differs of a share alone, and how uncertain it is: on the log of a count, the logit
        of a share, the scale of a mean.
    """
    telt = in_r & np.isfinite(teller) & np.isfinite(noemer)
    y, n, e = teller[telt], noemer[telt], eenheid[telt]
    gemeten = [
        _measure_stratum(soort, y, n, e, alle[telt], int(alle.max(initial=-1)) + 1)
        for alle in groepen
    ]
    boven = replace(gemeten[-1], variantie=np.zeros_like(gemeten[-1].variantie))
    for plaats in range(len(groepen) - 2, -1, -1):
        eigen = gemeten[plaats]
        ouder = np.zeros(len(eigen.som_n), dtype=np.int64)
        ouder[groepen[plaats]] = groepen[plaats + 1]
        telt_zelf = eigen.complexen >= methode.minimum_complexen_stratum
        if soort == "telling":
            telt_zelf &= eigen.som_y >= methode.minimum_gebeurtenissen_stratum * peildata
        boven = _shrink_stratum(
            soort, eigen, gemeten[plaats + 1].ligging[ouder], _take(boven, ouder), telt_zelf
        )
    rij = groepen[0]
    return boven.verwacht[rij], boven.waarde[rij], boven.variantie[rij]


def _measure_stratum(
    soort: Soort, y: Getal, n: Getal, eenheid: Geheel, groep: Geheel, aantal: int
) -> _Stratum:
    """Return the strata as measured; the variance counts units, not windows (sandwich)."""
    som_y = np.bincount(groep, y, aantal).astype(np.float64)
    som_n = np.bincount(groep, n, aantal).astype(np.float64)
    eenheden = int(eenheid.max(initial=0)) + 1
    paren, plek = np.unique(groep * eenheden + eenheid, return_inverse=True)
    van = paren // eenheden
    complexen = np.bincount(van, minlength=aantal)
    with np.errstate(invalid="ignore", divide="ignore"):
        m = som_y / som_n
        rest = np.bincount(plek, y - m[groep] * n, len(paren))
        variantie = np.bincount(van, rest**2, aantal) / som_n**2 * complexen / (complexen - 1.0)
        verwacht = m
        if soort == "telling":
            ligging, variantie = np.log(m), variantie / m**2
        elif soort == "aandeel":
            verwacht = np.bincount(groep, n * logit_empirisch(y, n), aantal) / som_n
            ligging, variantie = logit_aandeel(m), variantie / (m * (1.0 - m)) ** 2
        else:
            ligging = m
    return _Stratum(som_y, som_n, complexen, verwacht, m, ligging, variantie)


def _take(stratum: _Stratum, plaats: Geheel) -> _Stratum:
    return _Stratum(**{veld.name: getattr(stratum, veld.name)[plaats] for veld in fields(stratum)})


def _shrink_stratum(
    soort: Soort, eigen: _Stratum, ouder_ligging: Getal, ouder: _Stratum, telt_zelf: Vlag
) -> _Stratum:
    """Return the strata of a level, drawn to those above as far as they differ only by chance.

    ``ouder_ligging`` is as measured: how far strata truly differ is seen from there.
    """
    with np.errstate(invalid="ignore"):
        afstand = eigen.ligging - ouder_ligging
    telt_zelf = telt_zelf & np.isfinite(afstand) & np.isfinite(eigen.variantie)
    tau2 = 0.0
    if telt_zelf.any():
        overschot = (afstand**2 - eigen.variantie)[telt_zelf]
        tau2 = max(0.0, float(np.average(overschot, weights=eigen.som_n[telt_zelf])))
    deel = np.zeros_like(afstand)
    if tau2 > 0:
        deel[telt_zelf] = tau2 / (tau2 + eigen.variantie[telt_zelf])
    eigen_ligging = np.where(telt_zelf, eigen.ligging, 0.0)
    ligging, leunt = ouder.ligging.copy(), deel > 0
    ligging[leunt] += deel[leunt] * (eigen_ligging[leunt] - ouder.ligging[leunt])
    if soort == "telling":
        waarde = np.where(deel > 0, np.exp(ligging), ouder.waarde)
    elif soort == "aandeel":
        waarde = np.where(deel > 0, 1.0 / (1.0 + np.exp(-ligging)), ouder.waarde)
    else:
        waarde = ligging
    verwacht = waarde
    if soort == "aandeel":
        # What the empirical logit lies higher by comes from the sizes in the stratum (ADR 0010).
        verwacht = np.where(telt_zelf, eigen.verwacht + ligging - eigen_ligging, ouder.verwacht)
    gezien = eigen.som_n > 0
    variantie = np.where(gezien, tau2 * (1.0 - deel), 0.0) + (1.0 - deel) ** 2 * ouder.variantie
    return replace(eigen, verwacht=verwacht, waarde=waarde, ligging=ligging, variantie=variantie)


def pair_windows(eenheid: Geheel, kwartaal: Geheel, laatste: int, eerste: int) -> Geheel:
    """Return the rows of each unit that has both windows, shape (m, 2): the last and the first."""
    rijen = np.arange(len(eenheid))
    nu, toen = kwartaal == laatste, kwartaal == eerste
    _, plaats_nu, plaats_toen = np.intersect1d(
        eenheid[nu], eenheid[toen], assume_unique=True, return_indices=True
    )
    return np.stack([rijen[nu][plaats_nu], rijen[toen][plaats_toen]], axis=1)


def estimate_phi(y: Getal, n: Getal) -> float:
    """Return the overdispersion within units: Pearson around each unit's own mean (ADR 0005).

    Parameters
    ----------
    y, n : ndarray, shape (m, 2)
        Events and denominator of two windows that do not overlap.

    Examples
    --------
    >>> estimate_phi(np.array([[6.0, 2.0]]), np.array([[40.0, 40.0]]))
    2.0
    """
    samen = y.sum(axis=1, keepdims=True)
    telt = samen[:, 0] > 0
    if not telt.any():
        return 1.0
    eigen = (samen * n / n.sum(axis=1, keepdims=True))[telt]
    return max(1.0, float(((y[telt] - eigen) ** 2 / eigen).sum() / telt.sum()))


def estimate_telling(y: Getal, e: Getal, phi: float, peildata: int, methode: Methode) -> float:
    """Return A, how much units' rates differ, from the rows of R; at its floor with few events."""
    telt = np.isfinite(y) & (e > 0)
    y, e = y[telt], e[telt]
    a = 0.0
    if len(y) and y.sum() / peildata >= methode.minimum_gebeurtenissen_stratum:
        a = float((((y - e) ** 2 / e).sum() - phi * len(y)) / e.sum())
    return max(methode.minimum_heterogeniteit, a)


def estimate_aandeel(k: Getal, n: Getal, p: Getal, peildata: int, methode: Methode) -> float:
    """Return tau2 of a share: what k varies more than binomially around the stratum's share p."""
    telt = np.isfinite(k) & np.isfinite(p)
    k, n, p = k[telt], n[telt], p[telt]
    binomiaal = p * (1.0 - p)
    gewicht = float((n * (n - 1.0) * binomiaal**2).sum())
    tau2 = 0.0
    if k.sum() / peildata >= methode.minimum_gebeurtenissen_stratum and gewicht > 0:
        tau2 = float((((k - n * p) ** 2).sum() - (n * binomiaal).sum()) / gewicht)
    return max(methode.minimum_heterogeniteit, tau2)


def estimate_sigma2(som: Getal, m: Getal, kwadraat: Getal, verwacht: Getal, paren: Geheel) -> float:
    """Return the variance of one measurement within a unit, from the rows of R.

    Parameters
    ----------
    som, m, kwadraat, verwacht : ndarray, shape (n,)
        Sum, number and sum of squares of the measurements, and what the stratum expects.
    paren : ndarray of int, shape (p, 2)
        Rows of two windows that do not overlap (:func:`pair_windows`): the spread between them
        is what is left where every unit is measured once a window; without them, half of all.
    """
    telt = np.isfinite(som) & np.isfinite(verwacht)
    vrijheid = float((m[telt] - 1.0).sum())
    if vrijheid > 0:
        return float((kwadraat[telt] - som[telt] ** 2 / m[telt]).sum() / vrijheid)
    if len(paren):
        y, n = som[paren], m[paren]
        midden = (y.sum(axis=1) / n.sum(axis=1))[:, None]
        return float((n * (y / n - midden) ** 2).sum() / len(paren))
    if not telt.any():
        return np.nan
    afstand = som[telt] / m[telt] - verwacht[telt]
    return float((m[telt] * afstand**2).sum() / m[telt].sum() / 2.0)


def estimate_gemiddelde(
    som: Getal, m: Getal, verwacht: Getal, sigma2: float, methode: Methode
) -> float:
    """Return tau2 of a mean: what units' means differ more than measurements within a unit."""
    telt = np.isfinite(som) & np.isfinite(verwacht)
    som, m, verwacht = som[telt], m[telt], verwacht[telt]
    tau2 = 0.0
    if len(som):
        tau2 = float(((m * (som / m - verwacht) ** 2).sum() - len(som) * sigma2) / m.sum())
    return max(methode.minimum_heterogeniteit, tau2)


def trigamma(a: Getal) -> Getal:
    """Return psi_1(a): one step back from the series at a + 1, within 0.2 % (ADR 0011)."""
    b = a + 1.0
    return 1.0 / a**2 + 1.0 / b + 1.0 / (2.0 * b**2) + 1.0 / (6.0 * b**3)


def shrink_telling(
    y: Getal, n: Getal, verwacht: Getal, phi: float, a: float, onzeker: Getal | float = 0.0
) -> tuple[Getal, Getal]:
    """Return x = ln(rate) of a count, shrunk to its stratum, and its variance.

    Parameters
    ----------
    y, n : ndarray, shape (n,)
        Events, and the denominator the rate is per (dwelling-quarters, dwelling-years).
    verwacht : ndarray, shape (n,)
        The stratum's rate; at 0 there is nothing to shrink to, and x is NaN.
    phi, a
        Overdispersion within and heterogeneity between units.
    onzeker
        Variance of ln(verwacht): what a unit leans on is itself estimated.

    Examples
    --------
    >>> x, var = shrink_telling(np.array([4.0]), np.array([10.0]), np.array([0.2]), 1.0, 0.5)
    >>> round(float(np.exp(x[0])), 3)  # halfway from .2 to .4, as e = 1 / a
    0.3
    """
    verwacht = np.where(verwacht > 0, verwacht, np.nan)
    vorm = y / phi + 1.0 / a
    maat = n * verwacht / phi + 1.0 / a
    var_x = trigamma(vorm) + (1.0 / a / maat) ** 2 * onzeker
    return np.log(verwacht * vorm / maat), np.where(np.isfinite(verwacht), var_x, np.nan)


def shrink_aandeel(
    k: Getal,
    n: Getal,
    verwacht: Getal,
    p: Getal,
    tau2: float,
    leeftijd: Getal | float = 0.0,
    onzeker: Getal | float = 0.0,
) -> tuple[Getal, Getal]:
    """Return x, the log-odds of a share shrunk to its stratum, and its variance.

    Parameters
    ----------
    k, n : ndarray, shape (n,)
        Cases and of how many.
    verwacht, p : ndarray, shape (n,)
        The stratum's mean empirical logit and its share: the distance to the former is added to
        the latter, so that a small complex is not high because it is small (ADR 0010).
    tau2
        Variance between units.
    leeftijd
        Quarters that a carried measurement is old: its variance times (1 + age / 4).
    onzeker
        Variance of the stratum's share on the logit scale.
    """
    s2 = (n + 1.0) * (n + 2.0) / (n * (k + 1.0) * (n - k + 1.0)) * (1.0 + leeftijd / 4.0)
    w = tau2 / (tau2 + s2)
    var_x = w * s2 + (1.0 - w) ** 2 * onzeker
    return logit_aandeel(p) + w * (logit_empirisch(k, n) - verwacht), var_x


def shrink_gemiddelde(
    som: Getal,
    m: Getal,
    verwacht: Getal,
    tau2: float,
    sigma2: float,
    leeftijd: Getal | float = 0.0,
    onzeker: Getal | float = 0.0,
) -> tuple[Getal, Getal]:
    """Return x, the mean of m measurements shrunk to its stratum, and its variance.

    ``onzeker`` is the variance of what the stratum expects.
    """
    s2 = sigma2 / m * (1.0 + leeftijd / 4.0)
    w = tau2 / (tau2 + s2)
    return verwacht + w * (som / m - verwacht), w * s2 + (1.0 - w) ** 2 * onzeker


# --- step 2, last part: the indicators of a theme lean on each other (ADR 0037)


@dataclass(frozen=True)
class Alleen:
    """What every indicator says by itself, before those of its theme are heard.

    Attributes
    ----------
    x, var : ndarray, shape (n, K)
        Posterior mean, and its variance without what is uncertain of the stratum; higher is a
        larger task, NaN is unknown.
    afwijking : ndarray, shape (n, K)
        x less what the stratum has.
    leunt : ndarray, shape (n, K)
        Share of x that comes from the stratum.
    deel : ndarray, shape (n, K)
        Share of a true difference that comes back in x. It does not hang on what was counted, so
        that more events never make a task smaller.
    onzeker : ndarray, shape (n, K)
        Variance of what the stratum has.
    vooraf : ndarray, shape (K,)
        Variance of x before anything is measured.
    verschilt : ndarray of bool, shape (K,)
        Whether units differ demonstrably; an indicator on which they do not, gives nor takes.
    """

    x: Getal
    var: Getal
    afwijking: Getal
    leunt: Getal
    deel: Getal
    onzeker: Getal
    vooraf: Getal
    verschilt: Vlag


def estimate_samenhang(
    afwijking: Getal,
    deel: Getal,
    *,
    bron: Geheel,
    eenheid: Geheel,
    methode: Methode,
) -> float:
    """Return rho, how much the indicators of one theme go together in R; at least 0.

    Parameters
    ----------
    afwijking : ndarray, shape (n, K)
        Distance of each x to its stratum, in prior standard deviations; NaN where unknown.
    deel : ndarray, shape (n, K)
        Share of a true difference that comes back in it.
    bron : ndarray of int, shape (K,)
        Source of each indicator. Pairs of one source do not count: they share errors as well.
    eenheid : ndarray of int, shape (n,)
        Which unit a row is of.

    Examples
    --------
    >>> een = np.array([[0.4, 0.2]])
    >>> methode = Methode(minimum_complexen_samenhang=1.0)
    >>> plaats = np.arange(2)
    >>> round(estimate_samenhang(een, np.full((1, 2), 0.5), bron=plaats, eenheid=plaats[:1],
    ...                          methode=methode), 9)
    0.32
    """
    bekend = np.isfinite(afwijking)
    per_bron = (bron[:, None] == np.unique(bron)).astype(np.float64)
    genoeg = (bekend @ per_bron > 0).sum(axis=1) >= 2
    if len(np.unique(eenheid[genoeg])) < methode.minimum_complexen_samenhang:
        return 0.0

    def sum_paren(waarde: Getal) -> float:
        som = np.where(bekend, waarde, 0.0)[genoeg] @ per_bron
        return float(((som.sum(axis=1) ** 2 - (som**2).sum(axis=1)) / 2.0).sum())

    verwacht = sum_paren(deel)
    rho = sum_paren(afwijking) / verwacht if verwacht > 0 else 0.0
    return min(methode.maximum_samenhang, max(0.0, rho))


def lean_thema(
    alleen: Alleen, kolommen: Geheel, rho: float, bron: Geheel
) -> tuple[Getal, Getal, Getal]:
    """Return x, its variance and its loading for the indicators of one theme that lean.

    Before anything is measured x_i lies sqrt(rho) f + sqrt(1 - rho) g_i prior standard deviations
    from its stratum, f and g_i standard normal. f is what they share.

    Parameters
    ----------
    alleen
        What each says by itself.
    kolommen : ndarray of int, shape (k,)
        The theme's indicators.
    rho
        How much they go together, 0 .. 1; at 0 each stays what it says by itself.
    bron : ndarray of int, shape (k,)
        Their sources. One source has the same errors in all that it measures and is one witness:
        its indicators share the weight of one, by how much each knows.

    Returns
    -------
    x, var_x, lading : ndarray, shape (n, k)
        ``lading`` is the root of the part of ``var_x`` that is about f: the same draw for all.

    Notes
    -----
    Source: design paper on the label, step 2, and ADR 0037.
    """
    d, bekend = alleen.afwijking[:, kolommen], np.isfinite(alleen.afwijking[:, kolommen])
    w = np.where(bekend, alleen.deel[:, kolommen], 0.0)
    t, var = np.sqrt(alleen.vooraf[kolommen]), alleen.var[:, kolommen]
    van_bron = w @ (bron[:, None] == bron).astype(np.float64)
    aandeel = w / np.where(van_bron > 0, van_bron, 1.0)
    rest, wortel = 1.0 - rho * w, np.sqrt(rho)
    precisie = 1.0 + (aandeel * rho * w / rest).sum(axis=1, keepdims=True)
    lineair = np.where(bekend, aandeel * wortel / t * d / rest, 0.0).sum(axis=1, keepdims=True)
    x = alleen.x[:, kolommen] + wortel * (1.0 - w) / rest * (t * lineair / precisie - wortel * d)
    lading = np.sqrt(var * rho * (1.0 - w) / precisie) / rest
    # How much of a difference in the own measurement comes back, next to the indicator by itself.
    gevoelig = 1.0 - rho * (1.0 - w) / rest * (1.0 - aandeel / (rest * precisie))
    leunt = 1.0 - (1.0 - alleen.leunt[:, kolommen]) * gevoelig
    var_x = var * (1.0 - rho) / rest + lading**2 + leunt**2 * alleen.onzeker[:, kolommen]
    return x, var_x, lading


# --- step 3


def weighted_quantile(x: Getal, w: Getal, delen: Sequence[float]) -> Getal:
    """Return the smallest value at which the summed weight reaches each share.

    Parameters
    ----------
    x, w : ndarray, shape (n,)
        Values and weights; a value without weight, or unknown, does not count.
    delen
        Shares, 0 .. 1.

    Returns
    -------
    ndarray, shape (len(delen),)
        NaN where nothing has weight.

    Examples
    --------
    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), [0.25, 0.5])
    array([1., 2.])
    """
    telt = np.isfinite(x) & (w > 0)
    if not telt.any():
        return np.full(len(delen), np.nan)
    x, w = x[telt], w[telt]
    doel = np.asarray(delen) * w.sum() * (1.0 - _RUIS)
    if len(x) < _VEEL:
        return _find_som(x, w, doel)
    # Only what lies near a share is put in order: a count per interval tells where that is.
    laag, breed = x.min(), np.ptp(x)
    vak = np.zeros(len(x), dtype=np.int64)
    if breed > 0:
        vak = ((x - laag) * ((_VAKKEN - 1) / breed)).astype(np.int64)
    tot = np.cumsum(np.bincount(vak, w, _VAKKEN))
    gezocht = np.minimum(np.searchsorted(tot, doel), vak.max())
    gevonden = np.empty(len(doel))
    for i, welk in enumerate(gezocht.tolist()):
        hierin = np.flatnonzero(vak == welk)
        ervoor = tot[welk - 1] if welk else 0.0
        gevonden[i] = _find_som(x[hierin], w[hierin], doel[i : i + 1] - ervoor)[0]
    return gevonden


def _find_som(x: Getal, w: Getal, doel: Getal) -> Getal:
    """Return the smallest values at which the summed weight reaches each goal."""
    orde = np.argsort(x, kind="stable")
    plaats = np.searchsorted(np.cumsum(w[orde]), doel)
    gevonden: Getal = x[orde][np.minimum(plaats, len(x) - 1)]
    return gevonden


def fit_ligging(
    x: Getal, w: Getal, methode: Methode, var_x: Getal | None = None
) -> tuple[float, float]:
    """Return the weighted median of x in R and its scale; NaN where all is alike.

    The scale is how far units truly differ: the square of 1.4826 MAD of x, or of the standard
    deviation around the median where the MAD says nothing (ADR 0007), plus what is not known of
    x on average (ADR 0014). That units do not differ demonstrably is for the caller to know.

    Parameters
    ----------
    x, w : ndarray, shape (n,)
        Values and weights of the rows in R.
    methode
        The method.
    var_x : ndarray, shape (n,), optional
        Posterior variance of each value; left out, the values are true ones.
    """
    telt = np.isfinite(x) & (w > 0)
    x, w = x[telt], w[telt]
    mediaan = float(weighted_quantile(x, w, [0.5])[0])
    afstand = np.abs(x - mediaan)
    schaal = methode.schaal_mad * float(weighted_quantile(afstand, w, [0.5])[0])
    if not len(x):
        return np.nan, np.nan
    sd = float(np.sqrt((w * afstand**2).sum() / w.sum()))
    if schaal <= 0 or schaal < methode.minimum_deel_standaardafwijking * sd:
        schaal = sd
    if var_x is not None and schaal > 0:
        onzeker = max(0.0, float(np.average(var_x[telt], weights=w)))
        schaal = float(np.sqrt(schaal**2 + onzeker))
    return mediaan, schaal if schaal > 0 else np.nan


def standardise(x: Getal, mediaan: Getal | float, schaal: Getal | float, afkap: float) -> Getal:
    """Return u, clipped to -afkap .. afkap; 0 where there is a value but no scale."""
    u = np.clip((x - mediaan) / schaal, -afkap, afkap)
    return np.where(np.isnan(schaal) & np.isfinite(x), 0.0, u)


# --- steps 4 to 6


def has_theme(
    bekend: Vlag, gewicht: Getal, minimum_deel: float, vastgelegd: Vlag | None = None
) -> Vlag:
    """Return whether enough of a theme's weight is present.

    Parameters
    ----------
    bekend : ndarray of bool, shape (n, K)
        Whether each indicator of the theme is known.
    gewicht : ndarray, shape (K,)
        Weights in the catalogue.
    minimum_deel
        Share of the weight that must be there.
    vastgelegd : ndarray of bool, shape (n, K), optional
        Whether the association has the source at all. What it has not leaves the weight that
        counts as whole, as long as the rest is ``minimum_deel`` of the catalogue (ADR 0011).
    """
    alles = gewicht.sum()
    basis: Getal | float = alles
    if vastgelegd is not None:
        aanwezig = vastgelegd @ gewicht
        basis = np.where(aanwezig >= minimum_deel * alles * (1.0 - _RUIS), aanwezig, alles)
    gevonden: Vlag = bekend @ gewicht >= minimum_deel * basis * (1.0 - _RUIS)
    return gevonden


def mean_theme(u: Getal, gewicht: Getal, minimum_deel: float | Vlag) -> Getal:
    """Return z, the weighted mean of the indicators present; NaN where too little is.

    Parameters
    ----------
    u : ndarray, shape (n, K)
        The theme's indicators.
    gewicht : ndarray, shape (K,)
        Their weights.
    minimum_deel
        Share of the weight that must be present, or per row whether enough is
        (:func:`has_theme`).

    Examples
    --------
    >>> mean_theme(np.array([[1.0, np.nan, 3.0]]), np.array([1.0, 1.0, 1.0]), 2 / 3)
    array([2.])
    """
    bekend = np.isfinite(u)
    if isinstance(minimum_deel, float):
        minimum_deel = has_theme(bekend, gewicht, minimum_deel)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(bekend, u, 0.0) @ gewicht / (bekend @ gewicht)
    return np.where(minimum_deel, z, np.nan)


def fit_kappa(z: Getal, w: Getal, var_z: Getal | None = None) -> float:
    """Return how far units truly differ on a theme in R; NaN where they do not.

    The square root of the weighted variance of z, plus what is not known of z on average
    (``var_z``; ADR 0014); left out, the values are true ones.
    """
    telt = np.isfinite(z) & (w > 0)
    if not telt.any():
        return np.nan
    z, w = z[telt], w[telt]
    spreiding = float(np.average((z - np.average(z, weights=w)) ** 2, weights=w))
    if var_z is not None:
        spreiding += float(np.average(var_z[telt], weights=w))
    kappa = float(np.sqrt(spreiding))
    return kappa if kappa > _RUIS else np.nan


def score_theme(z: Getal, kappa: float) -> Getal:
    """Return the score 0 .. 100, higher is a larger task."""
    score: Getal = 100.0 * ndtr(z / kappa)
    return score


def _raise(s: Getal, p: float) -> Getal:
    # numpy squares fast; any other power takes it ten times as long.
    macht: Getal = np.square(np.square(s)) if p == _VIERDE else s**p
    return macht


def power_mean(
    s: Getal, omega: Getal, p: float, minimum: float, verplicht: Vlag | None = None
) -> Getal:
    """Return S, the power mean of the theme scores present.

    Parameters
    ----------
    s : ndarray, shape (n, T)
        Theme scores; NaN where unknown.
    omega : ndarray, shape (T,)
        Weights of the themes.
    p
        At 2 one bad theme cannot be bought off by good ones; at 1 it is a plain mean.
    minimum
        Number of themes that must be known.
    verplicht : ndarray of bool, shape (T,), optional
        Themes that must be among them.

    Examples
    --------
    >>> power_mean(np.array([[30.0, 40.0]]), np.array([1.0, 1.0]), 2.0, 2)
    array([35.35533906])
    """
    bekend = np.isfinite(s)
    genoeg = bekend.sum(axis=1) >= minimum
    if verplicht is not None:
        genoeg &= bekend[:, verplicht].all(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        macht = _raise(np.where(bekend, s, 0.0), p) @ omega / (bekend @ omega)
        wortel = np.sqrt(np.sqrt(macht)) if p == _VIERDE else macht ** (1.0 / p)
        totaal: Getal = np.where(genoeg, wortel, np.nan)
    return totaal


def fit_knippen(score: Getal, w: Getal, delen: Sequence[float]) -> Getal:
    """Return the cut-points: quantiles of the score in R, weighted by verhuureenheden."""
    return weighted_quantile(score, w, delen)


def label_from_knippen(score: Getal, knippen: Getal) -> Geheel:
    """Return 1 .. 5, and 0 where the score or the cut-points are unknown.

    A score on the cut belongs below it.

    Examples
    --------
    >>> label_from_knippen(np.array([10.0, 10.1, np.nan]), np.array([10.0, 30.0, 70.0, 90.0]))
    array([1, 2, 0])
    """
    if np.isnan(knippen).any():
        return np.zeros(len(score), dtype=np.int64)
    label = 1 + (score[:, None] > knippen * (1.0 + _RUIS)).sum(axis=1)
    return np.where(np.isfinite(score), label, 0)


# --- the steps in a row


@dataclass(frozen=True)
class Catalogus:
    """The indicators and themes that a label is made of, in the order of the columns.

    Attributes
    ----------
    soort : tuple of str, length K
        ``telling``, ``aandeel`` or ``gemiddelde``.
    richting : ndarray, shape (K,)
        1 where higher is a larger task, -1 where lower is.
    thema : ndarray of int, shape (K,)
        Place of each indicator's theme, 0 .. T - 1.
    gewicht : ndarray, shape (K,)
        Weight within the theme.
    omega : ndarray, shape (T,)
        Weight of each theme in the total.
    verplicht : ndarray of bool, shape (T,)
        Themes without which there is no total.
    bron : ndarray of int, shape (K,), optional
        Source of each indicator; left out, each has its own.
    leunt : ndarray of bool, shape (T,), optional
        Themes whose indicators may lean on each other; left out, all.
    """

    soort: tuple[Soort, ...]
    richting: Getal
    thema: Geheel
    gewicht: Getal
    omega: Getal
    verplicht: Vlag
    bron: Geheel | None = None
    leunt: Vlag | None = None

    def __post_init__(self) -> None:
        k, t = len(self.soort), len(self.omega)
        bron = np.arange(k) if self.bron is None else self.bron
        leunt = self.verplicht if self.leunt is None else self.leunt
        if {len(self.richting), len(self.thema), len(self.gewicht), len(bron)} != {k} or not (
            len(self.verplicht) == len(leunt) == t and self.thema.max(initial=-1) < t
        ):
            raise BuurtpeilError(
                "De catalogus past niet bij zichzelf.",
                verwacht=f"voor elk van {k} indicatoren soort, richting, gewicht en een van {t} "
                "thema's",
                remedie="geef elke indicator een rij en elk thema een gewicht",
            )


@dataclass(frozen=True)
class Meting:
    """The sums that step 2 starts from: one row per unit and quarter, one column per indicator.

    Attributes
    ----------
    eenheid, kwartaal : ndarray of int, shape (n,)
        Which unit, and a running number of the quarter. A pair occurs once.
    in_r : ndarray of bool, shape (n,)
        Rows of the reference.
    woningen : ndarray, shape (n,)
        Verhuureenheden: the weight in R.
    groepen : tuple of ndarray of int, each of shape (n,)
        Code of the stratum, the finest first; the last is one code for all.
    teller, noemer : ndarray, shape (n, K)
        Events, cases or sums, and per what; NaN where there is no measurement.
    kwadraat : ndarray, shape (n, K)
        Sum of squares of a mean's measurements; not read elsewhere.
    leeftijd : ndarray, shape (n, K)
        Quarters that a carried measurement is old.
    vastgelegd : ndarray of bool, shape (n, K)
        Whether the association has the indicator's source at that quarter.
    """

    eenheid: Geheel
    kwartaal: Geheel
    in_r: Vlag
    woningen: Getal
    groepen: tuple[Geheel, ...]
    teller: Getal
    noemer: Getal
    kwadraat: Getal
    leeftijd: Getal
    vastgelegd: Vlag

    @property
    def peildata(self) -> int:
        """Number of peildata in R."""
        return len(np.unique(self.kwartaal[self.in_r]))

    def pair(self, kolom: int) -> Geheel:
        """Return the rows of two windows of a year that do not overlap, the last of R first."""
        vers = self.in_r & np.isfinite(self.teller[:, kolom]) & (self.leeftijd[:, kolom] == 0)
        laatste = int(self.kwartaal[self.in_r].max(initial=0))
        rijen = np.flatnonzero(vers)
        return rijen[pair_windows(self.eenheid[rijen], self.kwartaal[rijen], laatste, laatste - 4)]


@dataclass(frozen=True)
class Posterior:
    """Step 2 for every row and indicator, and step 3's scale in R.

    Attributes
    ----------
    x, var_x : ndarray, shape (n, K)
        Higher is a larger task; NaN where unknown.
    lading : ndarray, shape (n, K)
        Root of the part of ``var_x`` that the indicators of a theme share.
    mediaan, schaal : ndarray, shape (K,)
        Of x in R; a scale of NaN where units do not differ demonstrably.
    samenhang : ndarray, shape (T,)
        rho of each theme.
    """

    x: Getal
    var_x: Getal
    lading: Getal
    mediaan: Getal
    schaal: Getal
    samenhang: Getal

    @property
    def var_u(self) -> Getal:
        """What is not known of u, shape (n, K): 0 where there is no scale, NaN where no x."""
        return np.where(np.isnan(self.schaal), 0.0 * self.var_x, self.var_x / self.schaal**2)

    @property
    def lading_u(self) -> Getal:
        """The root of the part of ``var_u`` that the indicators of a theme share, shape (n, K)."""
        return np.where(np.isnan(self.schaal), 0.0 * self.lading, self.lading / self.schaal)


def estimate_ruis(meting: Meting, catalogus: Catalogus, methode: Methode) -> Getal:
    """Return the noise within a unit per indicator, shape (K,): phi, sigma2; NaN for a share."""
    ruis = np.full(len(catalogus.soort), np.nan)
    r = meting.in_r
    for k, soort in enumerate(catalogus.soort):
        y, n = meting.teller[:, k], meting.noemer[:, k]
        paren = meting.pair(k)
        if soort == "telling":
            ruis[k] = estimate_phi(y[paren], n[paren])
        elif soort == "gemiddelde":
            verwacht, _, _ = _expect_kolom(meting, k, soort, methode)
            # The pairs are rows of the whole table, and all in R.
            ruis[k] = estimate_sigma2(
                np.where(r, y, np.nan), n, meting.kwadraat[:, k], verwacht, paren
            )
    return ruis


def compute_posterior(
    meting: Meting, catalogus: Catalogus, methode: Methode, ruis: Getal | None = None
) -> Posterior:
    """Estimate steps 2 and 3 on R and apply step 2 to every row.

    Parameters
    ----------
    meting, catalogus, methode
        What was measured, what the label is made of, and how.
    ruis : ndarray, shape (K,), optional
        Noise within a unit when it is known from elsewhere (:func:`estimate_ruis`).
    """
    if ruis is None:
        ruis = estimate_ruis(meting, catalogus, methode)
    alleen = _shrink(meting, catalogus, methode, ruis)
    x, lading = alleen.x.copy(), 0.0 * alleen.x
    var_x = alleen.var + alleen.leunt**2 * alleen.onzeker
    bron = np.arange(len(catalogus.soort)) if catalogus.bron is None else catalogus.bron
    r, samenhang = meting.in_r, np.zeros(len(catalogus.omega))
    for t in range(len(samenhang)):
        kolommen = np.flatnonzero((catalogus.thema == t) & alleen.verschilt)
        if not len(kolommen) or not (catalogus.leunt is None or catalogus.leunt[t]):
            continue
        samenhang[t] = estimate_samenhang(
            alleen.afwijking[np.ix_(r, kolommen)] / np.sqrt(alleen.vooraf[kolommen]),
            alleen.deel[np.ix_(r, kolommen)],
            bron=bron[kolommen],
            eenheid=meting.eenheid[r],
            methode=methode,
        )
        if samenhang[t] > 0:
            x[:, kolommen], var_x[:, kolommen], lading[:, kolommen] = lean_thema(
                alleen, kolommen, float(samenhang[t]), bron[kolommen]
            )
    mediaan, schaal = np.full((2, x.shape[1]), np.nan)
    for k in range(x.shape[1]):
        mediaan[k], maat = fit_ligging(x[r, k], meting.woningen[r], methode, var_x[r, k])
        schaal[k] = maat if alleen.verschilt[k] else np.nan
    return Posterior(x, var_x, lading, mediaan, schaal, samenhang)


def _shrink(meting: Meting, catalogus: Catalogus, methode: Methode, ruis: Getal) -> Alleen:
    vorm = meting.teller.shape
    # As the sums lie in memory: by row or by column.
    x, var, afwijking, leunt, deel, onzeker = (np.empty_like(meting.teller) for _ in range(6))
    vooraf, verschilt = np.full(vorm[1], np.nan), np.zeros(vorm[1], dtype=bool)
    for k, soort in enumerate(catalogus.soort):
        (
            (x[:, k], var[:, k], afwijking[:, k], leunt[:, k], deel[:, k], onzeker[:, k]),
            vooraf[k],
            verschilt[k],
        ) = _shrink_kolom(meting, k, soort, methode, float(ruis[k]))
        x[:, k] *= catalogus.richting[k]
        afwijking[:, k] *= catalogus.richting[k]
    return Alleen(x, var, afwijking, leunt, deel, onzeker, vooraf, verschilt)


def _expect_kolom(
    meting: Meting, k: int, soort: Soort, methode: Methode
) -> tuple[Getal, Getal, Getal]:
    return expect_stratum(
        soort,
        meting.teller[:, k],
        meting.noemer[:, k],
        groepen=meting.groepen,
        eenheid=meting.eenheid,
        in_r=meting.in_r,
        peildata=meting.peildata,
        methode=methode,
    )


def _shrink_kolom(
    meting: Meting, k: int, soort: Soort, methode: Methode, ruis: float
) -> tuple[tuple[Getal, ...], float, bool]:
    """Return the columns of :class:`Alleen` before the sign, ``vooraf`` and ``verschilt``."""
    y, n, r = meting.teller[:, k], meting.noemer[:, k], meting.in_r
    oud = meting.leeftijd[:, k]
    verwacht, waarde, onzeker = _expect_kolom(meting, k, soort, methode)
    if soort == "telling":
        spreiding = estimate_telling(y[r], (n * verwacht)[r], ruis, meting.peildata, methode)
        x, var = shrink_telling(y, n, verwacht, ruis, spreiding)
        verwacht = np.where(verwacht > 0, verwacht, np.nan)
        leunt = 1.0 / (1.0 + n * verwacht / ruis * spreiding)
        midden, deel = np.log(verwacht), 1.0 - leunt
        vooraf = float(trigamma(np.array([1.0 / spreiding]))[0])
    elif soort == "aandeel":
        vooraf = spreiding = estimate_aandeel(y[r], n[r], waarde[r], meting.peildata, methode)
        x, var = shrink_aandeel(y, n, verwacht, waarde, spreiding, oud)
        midden, leunt = logit_aandeel(waarde), var / spreiding
        p = np.clip(waarde, 0.0005, 0.9995)
        # Not from k itself: what a case says would hang on what it says.
        deel = spreiding / (spreiding + (1.0 + oud / 4.0) / (n * p * (1.0 - p)))
    else:
        vooraf = spreiding = estimate_gemiddelde(y[r], n[r], verwacht[r], ruis, methode)
        x, var = shrink_gemiddelde(y, n, verwacht, spreiding, ruis, oud)
        midden, leunt = verwacht, var / spreiding
        deel = 1.0 - leunt
    kolommen = (x, var, x - midden, leunt, deel, onzeker)
    return kolommen, vooraf, spreiding > methode.minimum_heterogeniteit


@dataclass(frozen=True)
class Uitslag:
    """Steps 4 to 6 for every row.

    Attributes
    ----------
    score : ndarray, shape (n, T + 1)
        Per theme and, last, of the total.
    label : ndarray of int, shape (n, T + 1)
        1 .. 5; 0 where unknown.
    kappa : ndarray, shape (T,)
    knippen : ndarray, shape (T + 1, 4)
    """

    score: Getal
    label: Geheel
    kappa: Getal
    knippen: Getal


def _sum_onzekerheid(delen: Getal, var_u: Getal, lading_u: Getal | None) -> Getal:
    """Return the variance of z, shape (n,): what the indicators share does not average out."""
    eigen = np.where(delen > 0, var_u, 0.0)
    if lading_u is None:
        return np.asarray((delen**2 * eigen).sum(axis=1))
    gedeeld = np.where(delen > 0, lading_u, 0.0)
    los = (delen**2 * (eigen - gedeeld**2)).sum(axis=1)
    return np.asarray(los + (delen * gedeeld).sum(axis=1) ** 2)


def compute_uitslag(
    u: Getal,
    meting: Meting,
    catalogus: Catalogus,
    methode: Methode,
    var_u: Getal | None = None,
    lading_u: Getal | None = None,
) -> Uitslag:
    """Estimate steps 4 to 6 on R and apply them to every row.

    Parameters
    ----------
    u : ndarray, shape (n, K)
        Step 3 (:func:`standardise`).
    meting, catalogus, methode
        What was measured, what the label is made of, and how.
    var_u : ndarray, shape (n, K), optional
        What is not known of u (:attr:`Posterior.var_u`); left out, u is the truth.
    lading_u : ndarray, shape (n, K), optional
        Root of the part of it that the indicators of a theme share; left out, nothing.
    """
    themas, r = len(catalogus.omega), meting.in_r
    score = np.full((len(u), themas + 1), np.nan)
    kappa = np.full(themas, np.nan)
    for t in range(themas):
        kolommen = catalogus.thema == t
        gewicht = catalogus.gewicht[kolommen]
        genoeg = has_theme(
            np.isfinite(u[:, kolommen]),
            gewicht,
            methode.minimum_gewicht_thema,
            meting.vastgelegd[:, kolommen],
        )
        z = mean_theme(u[:, kolommen], gewicht, genoeg)
        var_z = None
        if var_u is not None:
            delen = np.where(np.isfinite(u[:, kolommen]), gewicht, 0.0)
            delen = delen / np.maximum(delen.sum(axis=1, keepdims=True), _RUIS)
            var_z = _sum_onzekerheid(
                delen, var_u[:, kolommen], None if lading_u is None else lading_u[:, kolommen]
            )[r]
        kappa[t] = fit_kappa(z[r], meting.woningen[r], var_z)
        score[:, t] = score_theme(z, kappa[t])
    score[:, themas] = power_mean(
        score[:, :themas],
        catalogus.omega,
        methode.macht_totaal,
        methode.minimum_themas_eigen,
        catalogus.verplicht,
    )
    knippen = np.stack(
        [fit_knippen(score[r, t], meting.woningen[r], methode.knippen) for t in range(themas + 1)]
    )
    label = np.stack(
        [label_from_knippen(score[:, t], knippen[t]) for t in range(themas + 1)], axis=1
    )
    return Uitslag(score, label, kappa, knippen)


def compute_labels(meting: Meting, catalogus: Catalogus, methode: Methode) -> Uitslag:
    """Return steps 2 to 6, all that is estimated taken from the rows of R.

    Parameters
    ----------
    meting, catalogus, methode
        What was measured, what the label is made of, and how.

    Returns
    -------
    Uitslag
    """
    post = compute_posterior(meting, catalogus, methode)
    u = standardise(post.x, post.mediaan, post.schaal, methode.afkap_u)
    return compute_uitslag(u, meting, catalogus, methode, post.var_u, post.lading_u)
