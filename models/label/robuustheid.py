"""How much a label hangs on the choices of the method: the robustness report.

Belongs here: runs of the method with other choices, and what they say (label.md, "Robustness
report"). Does not belong here: the method itself (``keten``), how sure a label is given the
method (``trekking``), pictures and files (``orchestration``).

A run draws weights and picks p, normalisation, stratum and window; all that the method estimates
on its reference is estimated anew for it. Runs come from one Saltelli sample: its two independent
halves are the Monte Carlo runs, all of it gives the Sobol indices of the mean rank shift.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from SALib.analyze import sobol as analyse
from SALib.sample import sobol as steekproef
from scipy.special import gammaincinv, ndtr, ndtri
from scipy.stats import rankdata

from models.label.keten import (
    Catalogus,
    Geheel,
    Getal,
    Methode,
    Meting,
    Posterior,
    TeWeinigGemeten,
    Vlag,
    compute_posterior,
    estimate_ruis,
    fit_knippen,
    fit_ligging,
    has_theme,
    label_from_knippen,
    power_mean,
    standardise,
)

MACHTEN = (1.0, 2.0, 4.0)
NORMERINGEN = ("robuuste z", "rangorde")
STRATA = ("alle complexen samen", "gebouwtype", "gebouwtype en omvang")
VENSTERS = (12, 24)
KEUZES = ("gewichten", "macht", "normering", "stratum", "venster")
"""What a run chooses, in the order of the Sobol indices."""

MARGE_GEWICHT = 0.25
"""No weight is further from the published one than this share of it (label.md)."""
_SPREIDING_GEWICHT = 0.125
_AANTAL = 256
_SEED = 20160101
_RUIS = 1e-6
"""A standard deviation below this is rounding."""
_NIETS = 1e-300
_BLOK = 8192
"""Rows or units at a time."""

MINIMUM_ZELFDE_LABEL = 0.75
MAXIMUM_RANGVERSCHUIVING = 0.06
MAXIMUM_INDEX = 0.6


@dataclass(frozen=True)
class Poort:
    """One gate of the report.

    Attributes
    ----------
    naam
        Which.
    waarde, grens
        What was found, and the bound it is held to.
    geslaagd
        Whether it is met.
    """

    naam: str
    waarde: float
    grens: float
    geslaagd: bool


@dataclass(frozen=True)
class Robuustheid:
    """What other choices would do to the labels of the newest quarter.

    Attributes
    ----------
    kwartaal
        Running number of the quarter that was looked at.
    runs, doorrekeningen
        Independent Monte Carlo runs, and all runs, those for the Sobol indices among them.
    eenheid : ndarray of int, shape (m,)
        Units with a label in the published method.
    label : ndarray of int, shape (m,)
        That label.
    aandeel_zelfde : ndarray, shape (m,)
        Share of the runs that give the same.
    rang, rang_laag, rang_hoog : ndarray, shape (m,)
        Rank in the published method (1 is the largest task), and its 5-95 % range over runs.
    verschuiving : ndarray, shape (runs,)
        Mean distance in rank to the published method, as a share of the number of units.
    eerste, totaal : ndarray, shape (5,)
        Sobol's first-order and total indices of the choices, in the order of ``KEUZES``.
    eerste_marge, totaal_marge : ndarray, shape (5,)
        Half-width of their 95 % intervals.
    """

    kwartaal: int
    runs: int
    doorrekeningen: int
    eenheid: Geheel
    label: Geheel
    aandeel_zelfde: Getal
    rang: Getal
    rang_laag: Getal
    rang_hoog: Getal
    verschuiving: Getal
    eerste: Getal
    totaal: Getal
    eerste_marge: Getal
    totaal_marge: Getal

    @property
    def poorten(self) -> tuple[Poort, Poort, Poort]:
        """The gates of label.md."""
        zelfde = float(np.median(self.aandeel_zelfde))
        rang = float(self.verschuiving.mean())
        index = float(self.totaal.max())
        return (
            Poort("zelfde_label", zelfde, MINIMUM_ZELFDE_LABEL, zelfde >= MINIMUM_ZELFDE_LABEL),
            Poort(
                "rangverschuiving",
                rang,
                MAXIMUM_RANGVERSCHUIVING,
                rang <= MAXIMUM_RANGVERSCHUIVING,
            ),
            Poort("geen_keuze_overheerst", index, MAXIMUM_INDEX, index <= MAXIMUM_INDEX),
        )


def assess_robuustheid(
    meting: Meting,
    catalogus: Catalogus,
    methode: Methode,
    is_stand: Vlag,
    *,
    aantal: int = _AANTAL,
    seed: int = _SEED,
    meld: Callable[[int, int], None] | None = None,
) -> Robuustheid:
    """Run the method with other choices and compare with the published one.

    Parameters
    ----------
    meting
        All quarters; ``groepen`` are type x size, type, all. The newest is what is compared.
    catalogus, methode
        The published method.
    is_stand : ndarray of bool, shape (K,)
        Indicators that are the state on the day (:func:`widen_window`).
    aantal
        Size of the Saltelli sample, a power of 2; there are twice as many Monte Carlo runs.
    seed
        Of the scrambled Sobol sequence.
    meld
        Told how many runs are done, of how many.

    Raises
    ------
    TeWeinigGemeten
        When the newest quarter has fewer than two units with a label.
    """
    meting = _keep_used(meting)
    varianten = _build_varianten(meting, catalogus, methode, is_stand)
    kern = _Kern(meting, catalogus, methode)
    gepubliceerd = kern.run(
        varianten[STRATA.index("gebouwtype en omvang"), 0, 0],
        catalogus.gewicht,
        catalogus.omega,
        methode.macht_totaal,
    )
    heeft = gepubliceerd[1] > 0
    if heeft.sum() < 2:
        raise TeWeinigGemeten(
            f"Er zijn {heeft.sum()} complexen met een label op de nieuwste peildatum.",
            verwacht="ten minste 2, anders is er niets te vergelijken",
            remedie="kijk bij de labels waarom zij onbekend zijn",
        )
    probleem = _describe_probleem(catalogus)
    u = steekproef.sample(probleem, aantal, calc_second_order=False, seed=seed)
    keuzes = _Keuzes(u, catalogus)
    eigen = np.arange(len(u)) % (len(KEUZES) + 2)
    los = (eigen == 0) | (eigen == len(KEUZES) + 1)
    runs = kern.run_all(varianten, keuzes, gepubliceerd, los, meld)
    indices = _analyse(probleem, runs.afstand, seed)
    laag, hoog = runs.measure_rangen((5, 95))
    return Robuustheid(
        kwartaal=int(meting.kwartaal.max()),
        runs=int(los.sum()),
        doorrekeningen=len(u),
        eenheid=kern.eenheid[heeft],
        label=gepubliceerd[1][heeft],
        aandeel_zelfde=runs.zelfde.mean(axis=0),
        rang=_rank(gepubliceerd[0][heeft]),
        rang_laag=laag,
        rang_hoog=hoog,
        verschuiving=runs.afstand[los],
        **indices,
    )


# --- the choices


def draw_gewichten(u: Getal, gewicht: Getal) -> Getal:
    """Draw weights around the published ones: Dirichlet, none more than 25 % off.

    Parameters
    ----------
    u : ndarray, shape (runs, K)
        Uniform draws.
    gewicht : ndarray, shape (K,)
        Published weights.

    Returns
    -------
    ndarray, shape (runs, K)
        Adding up to the sum of the published weights. A draw with a weight that is further off
        is pulled back in the direction of the published ones as a whole, so that it stays a
        set of shares (a weight cut off by itself would not).

    Examples
    --------
    >>> draw_gewichten(np.full((1, 2), 0.5), np.array([1.0, 1.0]))
    array([[1., 1.]])
    """
    if len(gewicht) < 2:
        return np.broadcast_to(gewicht, u.shape).copy()
    deel = gewicht / gewicht.sum()
    # An average weight has a relative standard deviation of an eighth: half of the margin.
    concentratie = (len(deel) - 1) / _SPREIDING_GEWICHT**2
    gamma = gammaincinv(concentratie * deel, np.clip(u, 1e-9, 1.0 - 1e-9))
    afwijking = gamma / gamma.sum(axis=1, keepdims=True) / deel - 1.0
    grootste = np.abs(afwijking).max(axis=1, keepdims=True)
    getrokken: Getal = gewicht * (
        1.0 + afwijking * np.minimum(1.0, MARGE_GEWICHT / np.maximum(grootste, 1e-12))
    )
    return getrokken


def widen_window(meting: Meting, is_stand: Vlag) -> Meting:
    """Return the same with windows of 24 months, made of two of 12 that do not overlap.

    Parameters
    ----------
    meting
        Windows of 12 months.
    is_stand : ndarray of bool, shape (K,)
        Shares that are the state on the day: they are no window, and stay as they are. Adding
        the state of a year before would count the same contracts twice.

    Returns
    -------
    Meting
        Events, cases and scores of both windows; a carried measurement stands alone and is
        carried no longer, since a window of 24 months holds it. What was unknown stays so: this
        is about the method, not about coverage. R is what it would be with this window: as many
        quarters, from the first with 24 months behind it; with none, it stays.
    """
    sleutel = meting.eenheid * 1_000_000 + meting.kwartaal
    orde = np.argsort(sleutel)
    plek = np.searchsorted(sleutel[orde], sleutel - 4)
    eerder = orde[np.minimum(plek, len(orde) - 1)]
    gevonden = sleutel[eerder] == sleutel - 4
    erbij = (
        gevonden[:, None]
        & ~is_stand
        & np.isfinite(meting.teller)
        & np.isfinite(meting.teller[eerder])
        & (meting.leeftijd == 0)
        & (meting.leeftijd[eerder] == 0)
    )
    kwartalen = np.unique(meting.kwartaal[meting.in_r]) + 4
    in_r = np.isin(meting.kwartaal, kwartalen) & (len(kwartalen) > 0)
    return dataclasses.replace(
        meting,
        teller=meting.teller + np.where(erbij, meting.teller[eerder], 0.0),
        noemer=meting.noemer + np.where(erbij, meting.noemer[eerder], 0.0),
        kwadraat=meting.kwadraat + np.where(erbij, meting.kwadraat[eerder], 0.0),
        leeftijd=np.zeros_like(meting.leeftijd),
        in_r=in_r if in_r.any() else meting.in_r,
    )


def rank_normal(x: Getal, x_r: Getal, w_r: Getal, afkap: float) -> Getal:
    """Return u from the rank of x in R: the normal score of the weighted distribution function.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Values; NaN stays NaN.
    x_r, w_r : ndarray, shape (m,)
        Values and weights in R.
    afkap
        u is clipped to -afkap .. afkap.

    Examples
    --------
    >>> rank_normal(np.array([0.0, 2.0]), np.array([1.0, 2.0, 3.0]), np.ones(3), 3.0)
    array([-3.,  0.])
    """
    telt = np.isfinite(x_r) & (w_r > 0)
    if not telt.any():
        return np.where(np.isfinite(x), 0.0, np.nan)
    orde = np.argsort(x_r[telt], kind="stable")
    waarde = x_r[telt][orde]
    som = np.concatenate([[0.0], np.cumsum(w_r[telt][orde])])
    # Halfway between those below and those up to and including: ties get their middle.
    deel = (som[np.searchsorted(waarde, x, "left")] + som[np.searchsorted(waarde, x, "right")]) / (
        2.0 * som[-1]
    )
    grens = ndtr(afkap)
    return np.where(np.isfinite(x), ndtri(np.clip(deel, 1.0 - grens, grens)), np.nan)


@dataclass(frozen=True, eq=False)
class _Thema:
    """A theme in one variant: which indicators rows know, and sums over R by what they know.

    What a run divides by and holds against R hangs on a row only through the indicators that it
    knows. So sums for each of those patterns are all that a run needs; there are few of them.

    Attributes
    ----------
    kolommen : slice
        The theme's rows of ``_Variant.u``.
    patroon : ndarray of int, shape (n,)
        Which pattern each row has.
    bekend : ndarray, shape (P, k)
        0 or 1.
    genoeg : ndarray of bool, shape (P,)
        Whether the theme is known.
    eerste : ndarray, shape (P, k)
        Sum of u, each row counting for its share in R.
    tweede, gedeeld : ndarray, shape (P, k, k)
        Likewise of u times u, and of what is not known of u and shared within the theme.
    los : ndarray, shape (P, k)
        Likewise of the variance of u that is not shared.
    """

    kolommen: slice
    patroon: npt.NDArray[np.int32]
    bekend: Getal
    genoeg: Vlag
    eerste: Getal
    tweede: Getal
    gedeeld: Getal
    los: Getal

    def divide(self, w: Getal) -> tuple[Getal, float]:
        """Return what the weighted sum of u is divided by, per pattern, and kappa."""
        samen = np.where(self.genoeg, self.bekend @ w, 1.0)
        midden = (self.eerste @ w / samen).sum()
        spreiding = ((self.tweede @ w) @ w / samen**2).sum() - midden**2
        onzeker = ((self.los @ w**2 + (self.gedeeld @ w) @ w) / samen**2).sum()
        kappa = float(np.sqrt(max(spreiding, 0.0) + onzeker))
        return np.where(self.genoeg, samen, np.nan), kappa if kappa > _RUIS else np.nan


@dataclass(frozen=True)
class _Variant:
    """Step 3 for one stratum, window and normalisation: all that weights and p do not touch.

    ``u`` has one row per indicator, those of a theme together, and one column per unit and
    quarter; 0 where unknown.
    """

    u: Getal
    themas: tuple[_Thema, ...]
    in_r: Vlag
    nieuwste: Vlag
    woningen_r: Getal


def _keep_used(meting: Meting) -> Meting:
    """Return the quarters that are looked at: R, a year later for windows twice as long, now.

    By column in memory: all that is estimated is of one indicator.
    """
    in_r = np.unique(meting.kwartaal[meting.in_r])
    nu = meting.kwartaal.max(initial=0)
    houd = np.isin(meting.kwartaal, np.concatenate([in_r - 4, in_r, in_r + 4, [nu - 4, nu]]))
    velden = {veld.name: getattr(meting, veld.name) for veld in dataclasses.fields(meting)}
    return Meting(
        **{naam: np.asfortranarray(w[houd]) for naam, w in velden.items() if naam != "groepen"},
        groepen=tuple(groep[houd] for groep in meting.groepen),
    )


def _build_varianten(
    meting: Meting, catalogus: Catalogus, methode: Methode, is_stand: Vlag
) -> dict[tuple[int, int, int], _Variant]:
    ruis = estimate_ruis(meting, catalogus, methode)
    varianten = {}
    for v, metend in enumerate((meting, widen_window(meting, is_stand))):
        for s in range(len(STRATA)):
            groepen = metend.groepen[len(STRATA) - 1 - s :]
            eigen = dataclasses.replace(metend, groepen=groepen)
            # phi and sigma2 are noise within a unit, whatever the window: two windows of 24
            # months that do not overlap do not fit in R.
            post = compute_posterior(eigen, catalogus, methode, ruis)
            # What follows looks at R and at the newest quarter alone.
            rijen = eigen.in_r | (eigen.kwartaal == eigen.kwartaal.max())
            post = dataclasses.replace(
                post, x=post.x[rijen], var_x=post.var_x[rijen], lading=post.lading[rijen]
            )
            in_r, woningen = eigen.in_r[rijen], eigen.woningen[rijen]
            for n in range(len(NORMERINGEN)):
                u = standardise(post.x, post.mediaan, post.schaal, methode.afkap_u)
                if NORMERINGEN[n] == "rangorde":
                    for k in np.flatnonzero(np.isfinite(post.schaal)):
                        x_r, w_r = post.x[in_r, k], woningen[in_r]
                        # Ranks know no spread: what step 3 takes off for an indicator that
                        # knows little, is taken off here as well (ADR 0014).
                        kent = fit_ligging(x_r, w_r, methode)[1] / post.schaal[k]
                        u[:, k] = kent * rank_normal(post.x[:, k], x_r, w_r, methode.afkap_u)
                varianten[s, v, n] = _make_variant(u, post, eigen, rijen, catalogus, methode)
    return varianten


def _make_variant(
    u: Getal,
    post: Posterior,
    meting: Meting,
    rijen: Vlag,
    catalogus: Catalogus,
    methode: Methode,
) -> _Variant:
    """Return the variant of ``u`` and ``post``, of the rows ``rijen`` of the measurements."""
    in_r, vastgelegd = meting.in_r[rijen], meting.vastgelegd[rijen]
    woningen_r = meting.woningen[rijen][in_r]
    orde = np.argsort(catalogus.thema, kind="stable")
    bekend = np.isfinite(u)
    themas, van = [], 0
    for t in range(len(catalogus.omega)):
        k = np.flatnonzero(catalogus.thema == t)
        # What is known does not depend on the run's weights: with one of three indicators missing
        # a theme has exactly two thirds, and would come and go.
        genoeg = has_theme(
            bekend[:, k], catalogus.gewicht[k], methode.minimum_gewicht_thema, vastgelegd[:, k]
        )
        telt = genoeg[in_r]
        deel = np.where(telt, woningen_r, 0.0)
        themas.append(
            _make_thema(
                slice(van, van + len(k)),
                np.column_stack([genoeg, bekend[:, k]]),
                in_r,
                deel / np.maximum(deel.sum(), _NIETS),
                *(w[:, k] for w in (u, post.var_u, post.lading_u)),
            )
        )
        van += len(k)
    return _Variant(
        u=np.where(bekend, u, 0.0).T[orde],
        themas=tuple(themas),
        in_r=in_r,
        nieuwste=meting.kwartaal[rijen] == meting.kwartaal.max(),
        woningen_r=woningen_r,
    )


def _make_thema(
    kolommen: slice,
    weet: Vlag,
    in_r: Vlag,
    deel: Getal,
    u: Getal,
    var_u: Getal,
    lading_u: Getal,
) -> _Thema:
    """Return a theme from its columns of all rows, and the shares of the rows in R.

    ``weet`` says of each row whether the theme is known, and which of its indicators.
    """
    sleutel = weet @ (1 << np.arange(weet.shape[1]))
    uniek, patroon = np.unique(sleutel, return_inverse=True)
    vlaggen = (uniek[:, None] >> np.arange(weet.shape[1]) & 1).astype(np.bool_)
    k = u.shape[1]
    eerste, los = np.zeros((2, len(uniek), k))
    tweede, gedeeld = np.zeros((2, len(uniek), k, k))
    van_r = patroon[in_r]
    for i, ken in enumerate(vlaggen[:, 1:]):
        rijen, d = np.flatnonzero(in_r)[van_r == i], deel[van_r == i]
        x, var, lading = (np.where(ken, w[rijen], 0.0) for w in (u, var_u, lading_u))
        eerste[i], tweede[i] = d @ x, (x * d[:, None]).T @ x
        los[i], gedeeld[i] = d @ (var - lading**2), (lading * d[:, None]).T @ lading
    return _Thema(
        kolommen, patroon.astype(np.int32), vlaggen[:, 1:].astype(np.float64), vlaggen[:, 0],
        eerste, tweede, gedeeld, los,
    )  # fmt: skip


class _Keuzes:
    """The sample as choices: weights by number, and the place of each of the other choices."""

    def __init__(self, u: Getal, catalogus: Catalogus) -> None:
        k = len(catalogus.gewicht) + len(catalogus.omega)
        uniek, self.gewicht_nummer = np.unique(u[:, :k], axis=0, return_inverse=True)
        gewichten = np.empty((len(uniek), len(catalogus.gewicht)))
        for t in range(len(catalogus.omega)):
            kolommen = np.flatnonzero(catalogus.thema == t)
            gewichten[:, kolommen] = draw_gewichten(uniek[:, kolommen], catalogus.gewicht[kolommen])
        self.gewichten = gewichten
        self.omegas = draw_gewichten(uniek[:, len(catalogus.gewicht) :], catalogus.omega)
        aantallen = [len(MACHTEN), len(NORMERINGEN), len(STRATA), len(VENSTERS)]
        plaats = np.minimum((u[:, k:] * aantallen).astype(int), np.array(aantallen) - 1)
        self.macht, normering, stratum, venster = plaats.T
        self.variant = list(
            zip(stratum.tolist(), venster.tolist(), normering.tolist(), strict=True)
        )


@dataclass(frozen=True, eq=False)
class _Runs:
    """What all runs say of the units with a label in the published method.

    Attributes
    ----------
    afstand : ndarray, shape (runs,)
        Mean distance in rank to the published method, as a share of the number of units.
    zelfde : ndarray of bool, shape (independent runs, m)
        Whether the label is the published one.
    rang : ndarray of float32, shape (independent runs, m)
        Half ranks are exact in it.
    """

    afstand: Getal
    zelfde: Vlag
    rang: npt.NDArray[np.float32]

    def measure_rangen(self, delen: Sequence[float]) -> Getal:
        """Return percentiles of the ranks of each unit, shape (len(delen), m)."""
        uit = np.empty((len(delen), self.rang.shape[1]))
        for van in range(0, uit.shape[1], _BLOK):
            deel = self.rang[:, van : van + _BLOK].astype(np.float64)
            # Where some are unknown they are taken unit by unit, which is slow.
            met = np.isnan(deel).any(axis=0)
            blok = uit[:, van : van + _BLOK]
            blok[:, ~met] = np.percentile(deel[:, ~met], delen, axis=0)
            if met.any():
                blok[:, met] = np.nanpercentile(deel[:, met], delen, axis=0)
        return uit


class _Kern:
    """Steps 4 to 6 of one run: weights and p on a variant."""

    def __init__(self, meting: Meting, catalogus: Catalogus, methode: Methode) -> None:
        self.catalogus, self.methode = catalogus, methode
        self.eenheid = meting.eenheid[meting.kwartaal == meting.kwartaal.max()]
        self._orde = np.argsort(catalogus.thema, kind="stable")

    def run(
        self, variant: _Variant, gewicht: Getal, omega: Getal, p: float
    ) -> tuple[Getal, Geheel]:
        """Return score and label of the units of the newest quarter."""
        return self.finish(variant, self.score_themes(variant, gewicht), omega, p)

    def run_all(
        self,
        varianten: dict[tuple[int, int, int], _Variant],
        keuzes: _Keuzes,
        gepubliceerd: tuple[Getal, Geheel],
        los: Vlag,
        meld: Callable[[int, int], None] | None,
    ) -> _Runs:
        """Return what each run says against the published scores and labels.

        Runs that choose the same run once. Of those that are not independent (``los``) only the
        distance is kept.
        """
        runs, heeft = len(keuzes.variant), gepubliceerd[1] > 0
        eigen_rang, eigen_label = _rank(gepubliceerd[0][heeft]), gepubliceerd[1][heeft]
        plaats = np.cumsum(los) - 1
        vorm = (int(los.sum()), len(eigen_label))
        gevonden = _Runs(
            np.empty(runs), np.empty(vorm, dtype=np.bool_), np.empty(vorm, dtype=np.float32)
        )
        per_score: dict[tuple[int, tuple[int, int, int]], dict[int, list[int]]] = {}
        for i in range(runs):
            sleutel = (int(keuzes.gewicht_nummer[i]), keuzes.variant[i])
            per_score.setdefault(sleutel, {}).setdefault(int(keuzes.macht[i]), []).append(i)

        def run_groep(sleutel: tuple[int, tuple[int, int, int]]) -> int:
            g, naam = sleutel
            variant, per_macht = varianten[naam], per_score[sleutel]
            themas = self.score_themes(variant, keuzes.gewichten[g])
            for m, rijen in per_macht.items():
                score, label = self.finish(variant, themas, keuzes.omegas[g], MACHTEN[m])
                rang = _rank(score[heeft])
                gevonden.afstand[rijen] = np.nanmean(np.abs(rang - eigen_rang)) / len(rang)
                bewaard = plaats[[i for i in rijen if los[i]]]
                gevonden.zelfde[bewaard] = label[heeft] == eigen_label
                gevonden.rang[bewaard] = rang
            return sum(map(len, per_macht.values()))

        klaar = 0
        with ThreadPoolExecutor(max_workers=2) as draden:
            for gedaan in draden.map(run_groep, per_score):
                klaar += gedaan
                if meld is not None:
                    meld(klaar, runs)
        return gevonden

    def score_themes(self, variant: _Variant, gewicht: Getal) -> Getal:
        """Return theme scores, shape (T, rows); NaN where unknown.

        A block of rows at a time: what it is made of stays near the processor.
        """
        eigen = gewicht[self._orde]
        z = np.empty((len(variant.themas), variant.u.shape[1]))
        per_thema = [(thema, *thema.divide(eigen[thema.kolommen])) for thema in variant.themas]
        for blok in _list_blokken(z.shape[1]):
            s = z[:, blok]
            for t, (thema, samen, kappa) in enumerate(per_thema):
                # Not by BLAS: equal rows must keep equal scores, wherever they stand.
                som = np.einsum("k,kn->n", eigen[thema.kolommen], variant.u[thema.kolommen, blok])
                np.divide(som, (samen * kappa)[thema.patroon[blok]], out=s[t])
            ndtr(s, out=s)
            s *= 100.0
        return z

    def finish(
        self, variant: _Variant, themas: Getal, omega: Getal, p: float
    ) -> tuple[Getal, Geheel]:
        """Return the total and its label for the newest quarter."""
        minimum, verplicht = self.methode.minimum_themas_eigen, self.catalogus.verplicht
        totaal = np.concatenate(
            [
                power_mean(themas[:, blok].T, omega, p, minimum, verplicht)
                for blok in _list_blokken(themas.shape[1])
            ]
        )
        knippen = fit_knippen(totaal[variant.in_r], variant.woningen_r, self.methode.knippen)
        score = totaal[variant.nieuwste]
        return score, label_from_knippen(score, knippen)


def _list_blokken(rijen: int) -> list[slice]:
    return [slice(van, van + _BLOK) for van in range(0, rijen, _BLOK)]


def _describe_probleem(catalogus: Catalogus) -> dict[str, object]:
    gewichten = len(catalogus.gewicht) + len(catalogus.omega)
    groepen = [KEUZES[0]] * gewichten + list(KEUZES[1:])
    return {
        "num_vars": len(groepen),
        "names": [f"v{i}" for i in range(len(groepen))],
        "groups": groepen,
        "bounds": [[0.0, 1.0]] * len(groepen),
    }


def _analyse(probleem: dict[str, object], uitkomst: Getal, seed: int) -> dict[str, Getal]:
    if np.ptp(uitkomst) == 0:
        # No run moves anything: no choice has a part in it.
        nul = np.zeros(len(KEUZES))
        return {"eerste": nul, "totaal": nul, "eerste_marge": nul, "totaal_marge": nul}
    gevonden = analyse.analyze(probleem, uitkomst, calc_second_order=False, seed=seed)
    return {
        naam: np.asarray(gevonden[sleutel], dtype=np.float64)
        for naam, sleutel in (
            ("eerste", "S1"),
            ("totaal", "ST"),
            ("eerste_marge", "S1_conf"),
            ("totaal_marge", "ST_conf"),
        )
    }


def _rank(score: Getal) -> Getal:
    """Return ranks, 1 for the largest task; NaN where the score is unknown."""
    gevonden: Getal = rankdata(-score, nan_policy="omit")
    return gevonden
