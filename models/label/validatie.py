"""The label on open data beside an official index, without what that index is made of.

Belongs here: steps 3 to 5 of the method refit on the indicators that remain, and the rank
correlation with its interval; arrays in, arrays out. Does not belong here: which indicator comes
from which index, which is the catalogue's (``orchestration.validatie``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from models.label.keten import (
    Geheel,
    Getal,
    Methode,
    TeWeinigGemeten,
    Vlag,
    fit_kappa,
    fit_ligging,
    has_theme,
    mean_theme,
    power_mean,
    score_theme,
    standardise,
)

HERHALINGEN = 2000
SEED = 20140101
MINIMUM_THEMAS = 2
"""Themes for a total, in this check alone: leaving an index out leaves few (label.md asks 3)."""
_MINIMUM_BUURTEN = 10


@dataclass(frozen=True)
class Openbaar:
    """Published figures of areas: one row per area and edition, one column per indicator.

    Attributes
    ----------
    x : ndarray, shape (n, K)
        Signed so that higher is a larger task; NaN where not published.
    woningen : ndarray, shape (n,)
        Corporation dwellings, the weight in R; NaN where not published.
    in_r : ndarray of bool, shape (n,)
        Rows of the first edition.
    thema : ndarray of int, shape (K,)
        Place of each indicator's theme.
    gewicht : ndarray, shape (K,)
        Weight within the theme, in the whole catalogue.
    omega : ndarray, shape (T,)
        Weight of each theme in the total.
    """

    x: Getal
    woningen: Getal
    in_r: Vlag
    thema: Geheel
    gewicht: Getal
    omega: Getal


@dataclass(frozen=True)
class Samenhang:
    """A rank correlation.

    Attributes
    ----------
    n
        Areas that have both.
    rho
        Spearman's; negative where a larger task goes with a lower index.
    laag, hoog
        95 % interval.
    """

    n: int
    rho: float
    laag: float
    hoog: float


def compute_scores(openbaar: Openbaar, weg: Vlag, methode: Methode) -> Getal:
    """Return theme scores and the total without some indicators, all estimated anew on R.

    A theme needs the same share of its whole weight as ever, so it is unknown when most of it is
    left out. The total is that of the themes that remain, with two or more.

    Parameters
    ----------
    openbaar
        What was published.
    weg : ndarray of bool, shape (K,)
        Indicators that are left out.
    methode
        Clip, scale, share of a theme's weight and power.

    Returns
    -------
    ndarray, shape (n, T + 1)
        0 .. 100, the total last; NaN where unknown.
    """
    r = openbaar.in_r
    x = np.where(weg, np.nan, openbaar.x)
    u = np.full(x.shape, np.nan)
    for k in np.flatnonzero(~weg):
        mediaan, schaal = fit_ligging(x[r, k], openbaar.woningen[r], methode)
        u[:, k] = standardise(x[:, k], mediaan, schaal, methode.afkap_u)
    themas = len(openbaar.omega)
    score = np.full((len(x), themas + 1), np.nan)
    for t in range(themas):
        kolommen = openbaar.thema == t
        gewicht = openbaar.gewicht[kolommen]
        bekend = np.isfinite(u[:, kolommen])
        z = mean_theme(
            u[:, kolommen], gewicht, has_theme(bekend, gewicht, methode.minimum_gewicht_thema)
        )
        score[:, t] = score_theme(z, fit_kappa(z[r], openbaar.woningen[r]))
    score[:, themas] = power_mean(
        score[:, :themas], openbaar.omega, methode.macht_totaal, MINIMUM_THEMAS
    )
    return score


def spearman(a: Getal, b: Getal) -> Getal:
    """Return the rank correlation of each row of a with that of b; ties share their mean rank.

    Parameters
    ----------
    a, b : ndarray, shape (..., n)
        Without unknown values. NaN comes back where all of a row is alike.

    Examples
    --------
    >>> float(spearman(np.array([1.0, 2.0, 3.0]), np.array([9.0, 5.0, 1.0])))
    -1.0
    """
    ra, rb = (rankdata(w, axis=-1) - (w.shape[-1] + 1) / 2 for w in (a, b))
    with np.errstate(invalid="ignore"):
        rho: Getal = (ra * rb).sum(-1) / np.sqrt((ra**2).sum(-1) * (rb**2).sum(-1))
    return rho


def correlate(score: Getal, index: Getal, herhalingen: int = HERHALINGEN) -> Samenhang:
    """Return the rank correlation over the areas that have both, with a bootstrap interval.

    Areas are drawn with replacement; the scores stay as they are. The interval is that between
    the 2.5 and 97.5 % of the draws, and the same at every call: the seed is fixed.

    Parameters
    ----------
    score, index : ndarray, shape (n,)
        One edition; NaN where unknown.
    herhalingen
        Number of draws.

    Raises
    ------
    TeWeinigGemeten
        With fewer than ten areas, or when all are alike.
    """
    telt = np.isfinite(score) & np.isfinite(index)
    score, index = score[telt], index[telt]
    n = len(score)
    rho = float(spearman(score, index)) if n >= _MINIMUM_BUURTEN else np.nan
    if not np.isfinite(rho):
        raise TeWeinigGemeten(
            f"Er is geen samenhang te berekenen: {n} buurten met score en index.",
            verwacht=f"ten minste {_MINIMUM_BUURTEN} buurten, die onderling verschillen",
            remedie="lever alle tabellen van het Wijkprofiel aan",
        )
    trekking = np.random.default_rng(SEED).integers(0, n, (herhalingen, n))
    laag, hoog = np.nanquantile(spearman(score[trekking], index[trekking]), [0.025, 0.975])
    return Samenhang(n, rho, float(laag), float(hoog))
