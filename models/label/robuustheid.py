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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
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
    score, label = kern.run_all(varianten, keuzes, meld)
    rang = np.stack([_rank(s[heeft]) for s in (gepubliceerd[0], *score)])
    afstand = np.nanmean(np.abs(rang[1:] - rang[0]), axis=1) / heeft.sum()
    eigen = np.arange(len(u)) % (len(KEUZES) + 2)
    los = (eigen == 0) | (eigen == len(KEUZES) + 1)
    indices = _analyse(probleem, afstand, seed)
    laag, hoog = np.nanpercentile(rang[1:][los], [5, 95], axis=0)
    return Robuustheid(
        kwartaal=int(meting.kwartaal.max()),
        runs=int(los.sum()),
        doorrekeningen=len(u),
        eenheid=kern.eenheid[heeft],
        label=gepubliceerd[1][heeft],
        aandeel_zelfde=(label[los][:, heeft] == gepubliceerd[1][heeft]).mean(axis=0),
        rang=rang[0],
        rang_laag=laag,
        rang_hoog=hoog,
        verschuiving=afstand[los],
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


@dataclass(frozen=True)
class _Variant:
    """Step 3 for one stratum, window and normalisation: all that weights and p do not touch.

    One row per indicator or theme, one column per unit and quarter. ``u`` has 0 where unknown
    and ``bekend`` 0 or 1; ``masker`` is NaN where a theme is unknown, else 0; ``deel`` is the
    share of each column in R, of those that know the theme. ``lading_u`` is what is not known of
    u and shared within the theme, ``var_los`` the variance that is not.
    """

    u: Getal
    var_los: Getal
    lading_u: Getal
    bekend: Getal
    masker: Getal
    deel: Getal
    in_r: Vlag
    nieuwste: Vlag
    woningen_r: Getal


def _keep_used(meting: Meting) -> Meting:
    """Return the quarters that are looked at: R, a year later for windows twice as long, now."""
    in_r = np.unique(meting.kwartaal[meting.in_r])
    nu = meting.kwartaal.max(initial=0)
    houd = np.isin(meting.kwartaal, np.concatenate([in_r - 4, in_r, in_r + 4, [nu - 4, nu]]))
    velden = {veld.name: getattr(meting, veld.name) for veld in dataclasses.fields(meting)}
    return Meting(
        **{naam: w[houd] for naam, w in velden.items() if naam != "groepen"},
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
            for n in range(len(NORMERINGEN)):
                u = standardise(post.x, post.mediaan, post.schaal, methode.afkap_u)
                if NORMERINGEN[n] == "rangorde":
                    for k in np.flatnonzero(np.isfinite(post.schaal)):
                        x_r, w_r = post.x[eigen.in_r, k], eigen.woningen[eigen.in_r]
                        # Ranks know no spread: what step 3 takes off for an indicator that
                        # knows little, is taken off here as well (ADR 0014).
                        kent = fit_ligging(x_r, w_r, methode)[1] / post.schaal[k]
                        u[:, k] = kent * rank_normal(post.x[:, k], x_r, w_r, methode.afkap_u)
                varianten[s, v, n] = _make_variant(u, post, eigen, catalogus, methode)
    return varianten


def _make_variant(
    u: Getal, post: Posterior, meting: Meting, catalogus: Catalogus, methode: Methode
) -> _Variant:
    nieuwste = meting.kwartaal == meting.kwartaal.max()
    rijen = meting.in_r | nieuwste
    bekend = np.isfinite(u)
    # What is known does not depend on the run's weights: with one of three indicators missing
    # a theme has exactly two thirds, and would come and go.
    genoeg = np.stack(
        [
            has_theme(
                bekend[:, catalogus.thema == t],
                catalogus.gewicht[catalogus.thema == t],
                methode.minimum_gewicht_thema,
                meting.vastgelegd[:, catalogus.thema == t],
            )
            for t in range(len(catalogus.omega))
        ],
        axis=1,
    )
    genoeg, in_r = genoeg[rijen], meting.in_r[rijen]
    deel = np.where(genoeg & in_r[:, None], meting.woningen[rijen, None], 0.0)
    return _Variant(
        u=np.ascontiguousarray(np.where(bekend, u, 0.0)[rijen].T),
        var_los=np.ascontiguousarray(np.where(bekend, post.var_u - post.lading_u**2, 0.0)[rijen].T),
        lading_u=np.ascontiguousarray(np.where(bekend, post.lading_u, 0.0)[rijen].T),
        bekend=np.ascontiguousarray(bekend[rijen].T, dtype=np.float64),
        masker=np.ascontiguousarray(np.where(genoeg, 0.0, np.nan).T),
        deel=np.ascontiguousarray((deel / np.maximum(deel.sum(axis=0), _NIETS)).T),
        in_r=in_r,
        nieuwste=nieuwste[rijen],
        woningen_r=meting.woningen[rijen][in_r],
    )


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


class _Kern:
    """Steps 4 to 6 of one run: weights and p on a variant."""

    def __init__(self, meting: Meting, catalogus: Catalogus, methode: Methode) -> None:
        self.catalogus, self.methode = catalogus, methode
        self.eenheid = meting.eenheid[meting.kwartaal == meting.kwartaal.max()]
        self._kolommen = [np.flatnonzero(catalogus.thema == t) for t in range(len(catalogus.omega))]

    def run(
        self, variant: _Variant, gewicht: Getal, omega: Getal, p: float
    ) -> tuple[Getal, Geheel]:
        """Return score and label of the units of the newest quarter."""
        return self.finish(variant, self.score_themes(variant, gewicht), omega, p)

    def run_all(
        self,
        varianten: dict[tuple[int, int, int], _Variant],
        keuzes: _Keuzes,
        meld: Callable[[int, int], None] | None,
    ) -> tuple[Getal, Geheel]:
        """Return scores and labels, shape (runs, units). Runs that choose the same run once."""
        runs = len(keuzes.variant)
        score = np.full((runs, len(self.eenheid)), np.nan)
        label = np.zeros((runs, len(self.eenheid)), dtype=np.int64)
        per_score: dict[tuple[int, tuple[int, int, int]], dict[int, list[int]]] = {}
        for i in range(runs):
            sleutel = (int(keuzes.gewicht_nummer[i]), keuzes.variant[i])
            per_score.setdefault(sleutel, {}).setdefault(int(keuzes.macht[i]), []).append(i)

        def run_groep(sleutel: tuple[int, tuple[int, int, int]]) -> int:
            g, naam = sleutel
            variant, per_macht = varianten[naam], per_score[sleutel]
            themas = self.score_themes(variant, keuzes.gewichten[g])
            for m, rijen in per_macht.items():
                score[rijen], label[rijen] = self.finish(
                    variant, themas, keuzes.omegas[g], MACHTEN[m]
                )
            return sum(map(len, per_macht.values()))

        klaar = 0
        with ThreadPoolExecutor(max_workers=2) as draden:
            for gedaan in draden.map(run_groep, per_score):
                klaar += gedaan
                if meld is not None:
                    meld(klaar, runs)
        return score, label

    def score_themes(self, variant: _Variant, gewicht: Getal) -> Getal:
        """Return theme scores, shape (rows, T); NaN where unknown."""
        z, var_z = np.empty(variant.masker.shape), np.empty(variant.masker.shape)
        for t, kolommen in enumerate(self._kolommen):
            w = gewicht[kolommen]
            # Not by BLAS: for so little it starts threads that wait for each other.
            np.einsum("k,kn->n", w, variant.u[kolommen], out=z[t])
            samen = np.maximum(np.einsum("k,kn->n", w, variant.bekend[kolommen]), _NIETS)
            z[t] /= samen
            np.einsum("k,kn->n", w * w, variant.var_los[kolommen], out=var_z[t])
            var_z[t] += np.einsum("k,kn->n", w, variant.lading_u[kolommen]) ** 2
            var_z[t] /= samen
            var_z[t] /= samen
        midden = np.einsum("tn,tn->t", variant.deel, z)
        spreiding = np.einsum("tn,tn,tn->t", variant.deel, z, z) - midden**2
        kappa = np.sqrt(np.maximum(spreiding, 0.0) + np.einsum("tn,tn->t", variant.deel, var_z))
        z *= (1.0 / np.where(kappa > _RUIS, kappa, np.nan))[:, None]
        z += variant.masker
        score: Getal = 100.0 * ndtr(z)
        return score.T

    def finish(
        self, variant: _Variant, themas: Getal, omega: Getal, p: float
    ) -> tuple[Getal, Geheel]:
        """Return the total and its label for the newest quarter."""
        totaal = power_mean(
            themas, omega, p, self.methode.minimum_themas_eigen, self.catalogus.verplicht
        )
        knippen = fit_knippen(totaal[variant.in_r], variant.woningen_r, self.methode.knippen)
        score = totaal[variant.nieuwste]
        return score, label_from_knippen(score, knippen)


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
