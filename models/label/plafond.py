"""The noise ceiling: how often the best rule would be right.

In the fixed world it is an oracle (:func:`compute_orakellabel`); for the demo association, whose
true model has no likelihood that can be written down, the best weighting of the same figures
(:func:`choose_beste_label`).

The oracle knows what no association knows: every number of the world, the effect of each buurt,
and where and when a rate jumped. It does not know the complex, theme and moving parts of the
risk; of those it has the posterior given all counts of the complex up to the quarter (Gaussian
prior, Poisson counts, Laplace's approximation). Its label is the most likely one. No rule on the
same counts can be right much more often; an unbiased se of zero would be no ceiling at all, as
then every label is right.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from models.label.keten import (
    Geheel,
    Getal,
    Methode,
    compute_uitslag,
    fit_ligging,
    label_from_knippen,
    power_mean,
    score_theme,
    standardise,
)
from models.label.wereld import KWARTALEN_PER_JAAR, Wereld, WereldParameters, draw_tempo

_OM_DE = 5
"""The oracle judges every fifth quarter: each is a whole new posterior."""
_STAPPEN = 12
_TREKKINGEN = 300


def compute_orakellabel(wereld: Wereld, ware_x: Getal, methode: Methode, seed: int) -> Geheel:
    """Return the oracle's label (C, Q); 0 in the quarters that it does not judge.

    Parameters
    ----------
    wereld, ware_x
        The world and the true log-rates of its windows: the truth's scale and cut-points are
        taken from them.
    seed
        Of the oracle's own draws.
    """
    p = wereld.parameters
    rng = np.random.default_rng([seed, 500])
    label = np.zeros((p.complexen, p.kwartalen), dtype=np.int64)
    for kwartaal in range(_OM_DE - 1, p.kwartalen, _OM_DE):
        risico = _draw_risico(wereld, p.aanloop + kwartaal + 1, rng)
        label[:, kwartaal] = _choose_label(risico, wereld, ware_x, methode)
    return label


def build_prior(p: WereldParameters, kwartalen: int) -> Getal:
    """Return the covariance of (theme, quarter) within a complex, shape (D * Q, D * Q)."""
    afstand = np.abs(np.subtract.outer(np.arange(kwartalen), np.arange(kwartalen)))
    eigen = p.sd_thema**2 + p.sd_beweging**2 * p.rho_beweging**afstand
    return np.asarray(np.kron(np.eye(p.themas), eigen) + p.sd_complex**2, dtype=np.float64)


def _draw_risico(wereld: Wereld, kwartalen: int, rng: np.random.Generator) -> Getal:
    """Return posterior draws (C, draws, D, 4) of the log-rate factor in the last four quarters."""
    p = wereld.parameters
    c, d = p.complexen, p.themas
    basis = draw_tempo(p).reshape(d, -1).sum(axis=1)
    bekend = wereld.bekend_risico[:, :kwartalen]
    telling = wereld.telling[:, :kwartalen].reshape(c, kwartalen, d, -1).sum(axis=3)
    blootstelling = wereld.woningen[:, None, None] / KWARTALEN_PER_JAAR * basis * np.exp(bekend)
    y = telling.transpose(0, 2, 1).reshape(c, -1)
    log_e = np.log(blootstelling).transpose(0, 2, 1).reshape(c, -1)
    prior = build_prior(p, kwartalen)
    laatste = np.concatenate(
        [
            thema * kwartalen + np.arange(kwartalen - KWARTALEN_PER_JAAR, kwartalen)
            for thema in range(d)
        ]
    )
    gevonden = np.empty((c, _TREKKINGEN, d, KWARTALEN_PER_JAAR))
    for i in range(c):
        midden, covariantie = _fit_laplace(y[i], log_e[i], prior, laatste)
        wortel = np.linalg.cholesky(covariantie + 1e-9 * np.eye(len(laatste)))
        trek = midden + rng.normal(size=(_TREKKINGEN, len(laatste))) @ wortel.T
        trek += bekend[i, -KWARTALEN_PER_JAAR:].T.ravel()
        gevonden[i] = trek.reshape(_TREKKINGEN, d, KWARTALEN_PER_JAAR)
    return gevonden


def _fit_laplace(y: Getal, log_e: Getal, prior: Getal, plaats: Geheel) -> tuple[Getal, Getal]:
    """Return mean and covariance at ``plaats`` of a Gaussian posterior of Poisson log-rates."""
    f = np.zeros(len(y))
    eenheid = np.eye(len(y))
    for _ in range(_STAPPEN):
        w = np.exp(f + log_e)
        wortel = np.sqrt(w)
        b = w * f + y - w
        binnen = eenheid + wortel[:, None] * prior * wortel
        a = b - wortel * np.linalg.solve(binnen, wortel * (prior @ b))
        nieuw = prior @ a
        # A full step from far off can overshoot where counts are high.
        stap = np.clip(nieuw - f, -2.0, 2.0)
        f = f + stap
        if np.abs(stap).max() < 1e-6:
            break
    wortel = np.exp((f + log_e) / 2.0)
    binnen = eenheid + wortel[:, None] * prior * wortel
    k = wortel[:, None] * prior[:, plaats]
    covariantie: Getal = prior[np.ix_(plaats, plaats)] - k.T @ np.linalg.solve(binnen, k)
    return f[plaats], covariantie


def _choose_label(risico: Getal, wereld: Wereld, ware_x: Getal, methode: Methode) -> Geheel:
    """Return the most likely true label (C) of posterior draws, on the truth's own scale."""
    p, meting, catalogus = wereld.parameters, wereld.meting, wereld.catalogus
    r = meting.in_r
    maat = [fit_ligging(kolom, meting.woningen[r], methode) for kolom in ware_x[r].T]
    mediaan, schaal = np.array(maat).T
    waarheid = compute_uitslag(
        standardise(ware_x, mediaan, schaal, methode.afkap_u), meting, catalogus, methode
    )
    jaar = np.log(np.exp(risico).mean(axis=3)).reshape(-1, p.themas)
    x = np.repeat(jaar, p.indicatoren_per_thema, axis=1) + np.log(draw_tempo(p))
    u = standardise(x, mediaan, schaal, methode.afkap_u)
    z = u.reshape(len(x), p.themas, -1).mean(axis=2)
    score = np.stack(
        [score_theme(z[:, t], float(kappa)) for t, kappa in enumerate(waarheid.kappa)], axis=1
    )
    totaal = power_mean(score, catalogus.omega, methode.macht_totaal, p.themas)
    label = label_from_knippen(totaal, waarheid.knippen[-1]).reshape(len(risico), -1)
    stemmen = np.stack([(label == k).sum(axis=1) for k in range(1, 6)], axis=1)
    gekozen: Geheel = 1 + stemmen.argmax(axis=1)
    return gekozen


def choose_beste_label(
    x: Getal, woningen: Getal, ware_score: Getal, knippen: Getal, grenzen: tuple[int, ...]
) -> Geheel:
    """Return the label (n) that the best weighting of the same figures would give.

    The true score is regressed on all indicators, per size band, on the very rows that are
    judged; the label is the most likely one given the prediction and the spread of its error.
    Nobody can do this without the truth, and it is fitted to these very rows.

    Parameters
    ----------
    x : ndarray, shape (n, K)
        Posterior means of step 2; NaN counts as the mean, and being unknown as a fact of its own.
    woningen : ndarray, shape (n,)
    ware_score : ndarray, shape (n,)
        0 .. 100; NaN where unknown: those rows get 0.
    knippen : ndarray, shape (4,)
        The truth's cut-points.
    grenzen
        Dwellings at which the size bands part.
    """
    label = np.zeros(len(x), dtype=np.int64)
    band = np.digitize(woningen, grenzen)
    for nummer in np.unique(band):
        rij = (band == nummer) & np.isfinite(ware_score)
        if rij.sum() <= 2 * x.shape[1] + 1:
            continue
        bekend = np.isfinite(x[rij])
        midden = np.where(bekend, x[rij], 0.0).sum(axis=0) / np.maximum(bekend.sum(axis=0), 1)
        kenmerk = np.column_stack(
            [np.ones(rij.sum()), np.where(bekend, x[rij] - midden, 0.0), ~bekend]
        )
        gewicht = np.linalg.lstsq(kenmerk, ware_score[rij], rcond=None)[0]
        voorspeld = kenmerk @ gewicht
        spreiding = max(float((ware_score[rij] - voorspeld).std()), 1e-9)
        onder = ndtr((knippen[None, :] - voorspeld[:, None]) / spreiding)
        kans = np.diff(onder, axis=1, prepend=0.0, append=1.0)
        label[rij] = 1 + kans.argmax(axis=1)
    return label
