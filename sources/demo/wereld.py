"""The latent world of the demo association, stepped month by month under a policy.

Source of every formula and number: the design paper on the risk models, "The demo world".
Belongs here: what truly happens (nuisance, escalation, fraud) and what the association sees
of it in counts per complex and month. Does not belong here: rows of deliveries.

Arrays are months x complexes (``T x C``) or months x buurten (``T x B``); month 0 is the
first month of the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from sources.demo.toeval import (
    Geheel,
    Getal,
    Klein,
    Vlag,
    compute_sigmoide,
    compute_z,
    make_rng,
)
from vera.errors import GebruikFout

MAANDEN_PER_JAAR = 12


@dataclass(frozen=True)
class WereldParameters:
    """Every number of the demo world; pinned by a test.

    Changing one is a line in "Changes in the numbers" of the CHANGELOG. Rates are per month
    unless the name says otherwise.
    """

    # Complexes and buurten
    eenheden_per_complex: float = 31.0
    log_grootte_gemiddeld: float = 3.05
    log_grootte_spreiding: float = 0.90
    grootte_minimum: int = 5
    grootte_maximum: int = 400
    buurten: int = 80
    complexen_per_buurt_minimum: int = 3
    dirichlet: float = 3.0
    buurtaandeel_v: float = 0.35
    ar_rho: float = 0.85
    buurtaandeel_s: float = 0.30
    hoogbouw: tuple[float, float, float] = (-0.6, 0.5, 0.6)
    huurkloof: tuple[float, float] = (0.6, 0.8)
    klein_hoogbouw: float = 0.6
    # True incidents
    incident_basis: float = -5.05
    incident_v: float = 0.55
    incident_s: float = 0.50
    incident_seizoen: float = 0.20
    incident_maatregel: float = -0.45
    incident_gamma: float = 1.5
    besmetting_eigen: float = 0.30
    besmetting_buurt: float = 0.12
    nagloei: float = 0.55
    # Reports
    melding_basis: float = -0.3
    melding_complex: float = 0.8
    melding_samenstelling: float = -0.30
    melding_formulier: float = 0.55
    formulier_maand: int = 60
    ernst: tuple[float, float, float] = (-2.1, 0.45, 0.55)
    # Escalation
    escalatie_basis: float = -6.65
    escalatie_grootte: float = 0.45
    escalatie_v: float = 0.55
    escalatie_s: float = 0.65
    escalatie_incident: float = 0.60
    escalatie_schaal: float = 8.0
    escalatie_maatregel: float = -0.65
    escalatie_verleden: float = 0.35
    escalatie_beleid: float = 0.25
    beleid_maand: int = 74
    uitsluiting_maanden: int = 9
    # Intervention (status quo)
    maatregel: tuple[float, float, float] = (-4.3, 0.9, 0.9)
    maatregel_maanden: int = 5
    # Schouw
    schouw: tuple[float, float, float, float] = (7.0, -0.5, -0.45, 0.6)
    schouw_gemist: float = 0.20
    schouw_gat: tuple[int, int] = (40, 45)
    # Fraud
    u: tuple[float, float, float, float] = (0.5, 0.3, 0.15, 0.8)
    fraude_basis: float = -7.20
    fraude_u: float = 0.75
    fraude_correctie: float = -0.28
    fraude_trend: float = 0.25
    fraude_trend_maanden: float = 48.0
    fraude_duur_maanden: float = 24.0
    weigering: tuple[float, float] = (0.010, 0.060)
    advertentie: tuple[float, float] = (0.010, 0.0004)
    tip_waar: float = 0.015
    tip_onwaar: float = 0.00028
    tip_samenstelling: float = 0.45
    tip_onderzocht: float = 0.80
    medewerker_per_maand: float = 25.0
    medewerker_eenheden: float = 46_600.0
    medewerker: tuple[float, float, float, float, float] = (0.5, 0.5, 0.7, 0.5, 0.7)
    aselect_aandeel: float = 0.06
    bureau_medewerker: float = 36.0
    bureau_aselect: float = 24.0
    ontdekking: float = 0.80
    # Non-linear variant, off by default
    niet_lineair: bool = False
    niet_lineair_effecten: tuple[float, float, float] = (0.9, 0.9, -0.5)
    # Oracle and start-up
    aanloop_maanden: int = 24
    orakel_horizon_maanden: int = 6
    orakel_toekomsten: int = 24
    volledige_jaren: int = 8

    def move_maand(self, maand: int, jaren: int) -> int:
        """Return the month of a fixed event in a world of ``jaren`` years.

        Worlds of 8 years or more keep the month itself; in a shorter one it moves in
        proportion.
        """
        if jaren >= self.volledige_jaren:
            return maand
        return round(maand * jaren / self.volledige_jaren)


@dataclass(frozen=True)
class Stad:
    """What does not change: complexes (C) and buurten (B).

    ``sens`` is the composition of the buurt (never a cause of fraud), ``groep`` marks the
    top third of buurten by it. ``meldneiging`` is the logit noise e_c of reporting.
    """

    n: Geheel
    buurt: Geheel
    sens_buurt: Getal
    groep_buurt: Vlag
    v_buurt: Getal
    v: Getal
    hoogbouw: Vlag
    x1: Getal
    x2: Getal
    u: Getal
    meldneiging: Getal
    n_buurt: Getal

    @property
    def sens(self) -> Getal:
        """Composition of each complex's buurt (C)."""
        return self.sens_buurt[self.buurt]

    @property
    def groep(self) -> Vlag:
        """Whether each complex lies in group 1 (C)."""
        return self.groep_buurt[self.buurt]


@dataclass(frozen=True)
class Waarneming:
    """What a policy may look at when it decides on month ``maand``: months before it only.

    The count arrays are views of shape ``maand x C``.
    """

    maand: int
    stad: Stad
    meldingen: Geheel
    ernstig: Geheel
    weigeringen: Geheel
    advertenties: Geheel
    bevestigd: Geheel
    maatregel_actief: Vlag


@dataclass(frozen=True)
class Onderzoekkeuze:
    """Proactive inspections of one month: one address each in ``complex``.

    ``kans`` is the chance with which the complex was drawn at least once this month.
    """

    complex: Geheel
    is_aselect: Vlag
    is_model: Vlag
    kans: Getal
    scoreversie: str = ""


class Beleid(Protocol):
    """What the association decides: interventions and proactive inspections."""

    @property
    def naam(self) -> str:
        """Name of the policy."""
        ...

    def choose_maatregelen(self, waarneming: Waarneming, rng: np.random.Generator) -> Vlag:
        """Return the complexes (C) where an intervention starts this month."""
        ...

    def choose_onderzoeken(
        self, waarneming: Waarneming, rng: np.random.Generator
    ) -> Onderzoekkeuze:
        """Return the proactive inspections of this month."""
        ...


@dataclass(frozen=True)
class StatusQuo:
    """The policy as it is: react to reports; staff judgement with 6 % random complexes."""

    parameters: WereldParameters = field(default_factory=WereldParameters)
    naam: str = "status_quo"

    def choose_maatregelen(self, waarneming: Waarneming, rng: np.random.Generator) -> Vlag:
        """Start where recent reports, and serious ones, are many."""
        kans = compute_maatregelkans(
            self.parameters,
            waarneming.meldingen[-3:].sum(axis=0),
            waarneming.ernstig[-3:].sum(axis=0),
        )
        start: Vlag = (rng.random(kans.size) < kans) & ~waarneming.maatregel_actief
        return start

    def choose_onderzoeken(
        self, waarneming: Waarneming, rng: np.random.Generator
    ) -> Onderzoekkeuze:
        """Draw staff's complexes by their judgement, and a few complexes at random."""
        p = self.parameters
        stad = waarneming.stad
        kloof, weigering, samenstelling, treffer, ruis = p.medewerker
        weigeringen = waarneming.weigeringen[-12:].sum(axis=0)
        logit = (
            kloof * stad.x1
            + weigering * np.log((weigeringen + 1.0) / (0.13 * stad.n + 1.0))
            + samenstelling * stad.sens
            + treffer * np.log1p(waarneming.bevestigd[-36:].sum(axis=0))
            + rng.normal(0.0, ruis, stad.n.size)
        )
        gewicht = stad.n * np.exp(logit - logit.max())
        gemiddeld = p.medewerker_per_maand * float(stad.n.sum()) / p.medewerker_eenheden
        medewerker = _draw_aantal(rng, gemiddeld)
        aselect = _draw_aantal(rng, gemiddeld * p.aselect_aandeel / (1.0 - p.aselect_aandeel))
        keuze_m, kans_m = _draw_complexen(rng, gewicht, medewerker)
        keuze_a, kans_a = _draw_complexen(rng, stad.n.astype(np.float64), aselect)
        return Onderzoekkeuze(
            complex=np.concatenate([keuze_m, keuze_a]),
            is_aselect=np.repeat([False, True], [medewerker, aselect]),
            is_model=np.zeros(medewerker + aselect, dtype=bool),
            kans=np.concatenate([kans_m, kans_a]),
        )


def _draw_aantal(rng: np.random.Generator, gemiddeld: float) -> int:
    """Round a mean up or down at random, so that the mean is kept."""
    return int(gemiddeld) + int(rng.random() < gemiddeld - int(gemiddeld))


def _draw_complexen(
    rng: np.random.Generator, gewicht: Getal, aantal: int
) -> tuple[Geheel, Getal]:
    som = np.cumsum(gewicht)
    keuze = np.searchsorted(som, rng.random(aantal) * som[-1], side="right").astype(np.int64)
    keuze = np.minimum(keuze, gewicht.size - 1)
    kans: Getal = 1.0 - (1.0 - gewicht[keuze] / som[-1]) ** max(aantal, 1)
    return keuze, kans


def compute_maatregelkans(
    parameters: WereldParameters, meldingen_3m: Geheel, ernstig_3m: Geheel
) -> Getal:
    """Return the status quo's chance that an intervention starts."""
    basis, melding, ernst = parameters.maatregel
    return compute_sigmoide(
        basis + melding * np.log1p(meldingen_3m) + ernst * np.log1p(ernstig_3m)
    )


@dataclass(frozen=True)
class Onderzoeken:
    """Every inspection and tip, one row each, in order of month.

    ``reden`` is 0 tip, 1 staff, 2 model, 3 random. ``is_bevestigd`` is what was recorded.
    """

    maand: Geheel
    complex: Geheel
    reden: Geheel
    kans: Getal
    is_bevestigd: Vlag
    scoreversie: tuple[str, ...]
    tip_maand: Geheel
    tip_complex: Geheel


@dataclass(frozen=True)
class Geschiedenis:
    """What happened (``T x C`` unless said otherwise); the truth and the counts seen.

    ``e``, ``maatregel_rest``, ``uitgesloten`` and ``verleden`` are the state at the *start*
    of the month; ``s`` is the stress during it. ``s_complex`` and ``s_buurt`` (T x B) are
    its two AR(1) parts.
    """

    stad: Stad
    jaren: int
    formulier_maand: int
    beleid_maand: int
    schouw_gat: tuple[int, int]
    s: Klein
    s_complex: Klein
    s_buurt: Klein
    e: Klein
    lambda_: Klein
    incidenten: Geheel
    meldingen: Geheel
    ernstig: Geheel
    meldkans: Klein
    ernstkans: Klein
    hazard: Klein
    escalatie: Vlag
    uitgesloten: Geheel
    verleden: Geheel
    maatregel_start: Vlag
    maatregel_rest: Geheel
    fraude: Geheel
    fraude_nieuw: Geheel
    fraudekans: Klein
    weigeringen: Geheel
    advertenties: Geheel
    onderzoeken: Onderzoeken

    @property
    def maanden(self) -> int:
        """Number of months T."""
        return int(self.s.shape[0])

    @property
    def maatregel_actief(self) -> Vlag:
        """Whether an intervention was active during the month."""
        actief: Vlag = (self.maatregel_rest > 0) | self.maatregel_start
        return actief


def count_complexen(parameters: WereldParameters, eenheden: int) -> int:
    """Return the number of complexes of a world of ``eenheden`` dwellings."""
    return max(1, round(eenheden / parameters.eenheden_per_complex))


def draw_grootte(
    parameters: WereldParameters, eenheden: int, rng: np.random.Generator
) -> Geheel:
    """Draw the sizes of the complexes so that they add up to ``eenheden`` exactly.

    Draws until the sum is at or just above the target and trims the last complexes.
    """
    p = parameters
    aantal = count_complexen(p, eenheden)
    speling = max(p.eenheden_per_complex, 0.01 * eenheden)
    beste: Geheel = np.full(aantal, p.grootte_maximum, dtype=np.int64)
    for _ in range(2000):
        ruw = np.rint(np.exp(rng.normal(p.log_grootte_gemiddeld, p.log_grootte_spreiding, aantal)))
        grootte = np.clip(ruw, p.grootte_minimum, p.grootte_maximum).astype(np.int64)
        if eenheden <= grootte.sum() < beste.sum():
            beste = grootte
        if beste.sum() - eenheden <= speling:
            break
    over = int(beste.sum()) - eenheden
    ruimte = (beste - p.grootte_minimum)[::-1]
    voor = np.concatenate([[0], np.cumsum(ruimte)[:-1]])
    af: Geheel = np.clip(over - voor, 0, ruimte)[::-1]
    return beste - af


def build_stad(parameters: WereldParameters, eenheden: int, seed: int) -> Stad:
    """Build the complexes and buurten of a world.

    Parameters
    ----------
    parameters
        The numbers of the world.
    eenheden
        Number of dwellings, at least 100.
    seed
        Seed of the world.

    Raises
    ------
    GebruikFout
        When there are too few dwellings.
    """
    p = parameters
    if eenheden < 100:
        raise GebruikFout(
            f"Een demowereld van {eenheden} woningen is te klein.", verwacht="minstens 100"
        )
    rng = make_rng(seed, "stad")
    n = draw_grootte(p, eenheden, rng)
    complexen = n.size
    buurten = max(1, min(p.buurten, complexen // p.complexen_per_buurt_minimum))
    aandeel = np.cumsum(rng.dirichlet(np.full(buurten, p.dirichlet)))
    buurt = np.searchsorted(aandeel, rng.random(complexen) * aandeel[-1], side="right")
    sens_buurt = rng.normal(size=buurten)
    volgorde = np.argsort(-sens_buurt, kind="stable")
    groep_buurt = np.zeros(buurten, dtype=bool)
    groep_buurt[volgorde[: max(1, buurten // 3)]] = True
    v_buurt = rng.normal(size=buurten)
    v = np.sqrt(p.buurtaandeel_v) * v_buurt[buurt] + np.sqrt(1 - p.buurtaandeel_v) * rng.normal(
        size=complexen
    )
    a, b, c = p.hoogbouw
    hoogbouw = rng.random(complexen) < compute_sigmoide(a + b * v + c * (np.log(n) - 3.0))
    x1 = compute_z(
        p.huurkloof[0] * rng.normal(size=buurten)[buurt]
        + p.huurkloof[1] * rng.normal(size=complexen)
    )
    x2 = compute_z(p.klein_hoogbouw * hoogbouw + rng.normal(size=complexen))
    u1, u2, uv, ur = p.u
    u = u1 * x1 + u2 * x2 + uv * v + ur * rng.normal(size=complexen)
    return Stad(
        n=n,
        buurt=buurt.astype(np.int64),
        sens_buurt=sens_buurt,
        groep_buurt=groep_buurt,
        v_buurt=v_buurt,
        v=v,
        hoogbouw=hoogbouw,
        x1=x1,
        x2=x2,
        u=_residualise(u, sens_buurt[buurt], groep_buurt[buurt].astype(np.float64)),
        meldneiging=rng.normal(size=complexen),
        n_buurt=np.bincount(buurt, weights=n, minlength=buurten).astype(np.float64),
    )


def _residualise(u: Getal, *regressoren: Getal) -> Getal:
    """Remove the mean and every regressor from u (Gram-Schmidt, no BLAS: same bytes)."""
    basis: list[Getal] = [np.ones_like(u)]
    for regressor in regressoren:
        rest = regressor
        for richting in basis:
            rest = rest - richting * ((rest * richting).sum() / (richting * richting).sum())
        if (rest * rest).sum() > 1e-9:
            basis.append(rest)
    for richting in basis:
        u = u - richting * ((u * richting).sum() / (richting * richting).sum())
    return u


def compute_seizoen(maand: int) -> float:
    """Return the season of a month index: +1 in July, -1 in January."""
    return float(-np.cos(2.0 * np.pi * (maand % MAANDEN_PER_JAAR) / MAANDEN_PER_JAAR))


@dataclass(frozen=True)
class _Kern:
    """The nuisance part of the world for one month, on arrays ``... x C``."""

    parameters: WereldParameters
    stad: Stad
    beleid_maand: int

    def compute_hazard(
        self, maand: int, s: Getal, e: Getal, actief: Vlag, verleden: Geheel
    ) -> Getal:
        """Return the escalation hazard before the risk set is applied (cloglog)."""
        p, stad = self.parameters, self.stad
        eta = (
            p.escalatie_basis
            + p.escalatie_grootte * np.log(stad.n / 30.0)
            + p.escalatie_v * stad.v
            + p.escalatie_s * s
            + p.escalatie_incident * np.log1p(p.escalatie_schaal * e)
            + p.escalatie_maatregel * actief
            + p.escalatie_verleden * np.minimum(verleden, 2)
            + p.escalatie_beleid * (maand >= self.beleid_maand)
        )
        if p.niet_lineair:
            hoog, brandhaard, klein = p.niet_lineair_effecten
            eta = (
                eta
                + hoog * (stad.hoogbouw & (s > 0.7))
                + brandhaard * ((e / stad.n > 0.03) & (self.compute_ernst(s) > 0.14))
                + klein * (stad.n < 12)
            )
        hazard: Getal = 1.0 - np.exp(-np.exp(eta))
        return hazard

    def compute_ernst(self, s: Getal) -> Getal:
        """Return the share of reports that is serious."""
        a, b, c = self.parameters.ernst
        return compute_sigmoide(a + b * self.stad.v + c * s)

    def compute_lambda(
        self, maand: int, s: Getal, e: Getal, e_buurt: Getal, actief: Vlag
    ) -> Getal:
        """Return the mean number of true incidents before the gamma noise.

        ``e_buurt`` is the sum of e over the buurt of each complex.
        """
        p, stad = self.parameters, self.stad
        eta = (
            p.incident_basis
            + p.incident_v * stad.v
            + p.incident_s * s
            + p.incident_seizoen * compute_seizoen(maand)
            + p.incident_maatregel * actief
        )
        verwacht: Getal = (
            stad.n * np.exp(eta)
            + p.besmetting_eigen * e
            + p.besmetting_buurt * (e_buurt - e) * stad.n / stad.n_buurt[stad.buurt]
        )
        return verwacht

    def draw_incidenten(self, rng: np.random.Generator, verwacht: Getal) -> Geheel:
        """Draw true incidents: Poisson with gamma noise of mean 1."""
        k = self.parameters.incident_gamma
        return rng.poisson(verwacht * rng.gamma(k, 1.0 / k, verwacht.shape))


def compute_meldkans(parameters: WereldParameters, stad: Stad, na_formulier: bool) -> Getal:
    """Return the chance (C) that an incident is reported."""
    p = parameters
    return compute_sigmoide(
        p.melding_basis
        + p.melding_complex * stad.meldneiging
        + p.melding_samenstelling * stad.sens
        + p.melding_formulier * na_formulier
    )


def compute_fraudekans(parameters: WereldParameters, stad: Stad, maand: int) -> Getal:
    """Return the chance (C) per dwelling-month that fraud starts."""
    p = parameters
    kans: Getal = np.exp(
        p.fraude_basis
        + p.fraude_u * stad.u
        + p.fraude_correctie
        + p.fraude_trend * maand / p.fraude_trend_maanden
    )
    return kans


def simulate_wereld(
    parameters: WereldParameters,
    stad: Stad,
    jaren: int,
    seed: int,
    beleid: Beleid | None = None,
) -> Geschiedenis:
    """Step the world month by month under a policy.

    Parameters
    ----------
    parameters
        The numbers of the world.
    stad
        Complexes and buurten, from ``build_stad``.
    jaren
        Number of years, one or more.
    seed
        Seed of the world; the same streams are used under every policy.
    beleid
        The policy; the status quo when absent. It sees past months only.

    Returns
    -------
    Geschiedenis
        Truth and observed counts.
    """
    if jaren < 1:
        raise GebruikFout(f"Een demowereld van {jaren} jaar kan niet.", verwacht="minstens 1")
    return _Loop(parameters, stad, jaren, seed, beleid or StatusQuo(parameters)).run()


class _Loop:
    """State of a running world. Burn-in months are negative and are not kept."""

    def __init__(
        self, parameters: WereldParameters, stad: Stad, jaren: int, seed: int, beleid: Beleid
    ) -> None:
        self.p, self.stad, self.jaren, self.beleid = parameters, stad, jaren, beleid
        self.formulier = parameters.move_maand(parameters.formulier_maand, jaren)
        self.beleid_maand = parameters.move_maand(parameters.beleid_maand, jaren)
        self.kern = _Kern(parameters, stad, self.beleid_maand)
        self.rng = {
            naam: make_rng(seed, f"wereld/{naam}")
            for naam in ("stress", "incident", "melding", "escalatie", "maatregel", "fraude",
                         "spoor", "tip", "onderzoek", "uitkomst")
        }
        self.maanden = jaren * MAANDEN_PER_JAAR
        complexen, buurten = stad.n.size, stad.n_buurt.size
        self.a = self.rng["stress"].normal(size=complexen)
        self.b = self.rng["stress"].normal(size=buurten)
        self.e = np.zeros(complexen)
        self.rest = np.zeros(complexen, dtype=np.int64)
        self.uit = np.zeros(complexen, dtype=np.int64)
        self.verleden = np.zeros(complexen, dtype=np.int64)
        start = stad.n * compute_fraudekans(parameters, stad, 0) * parameters.fraude_duur_maanden
        self.f = np.minimum(self.rng["fraude"].poisson(0.75 * start), stad.n)
        neiging = compute_meldkans(parameters, stad, na_formulier=False)
        self.tipneiging = neiging / neiging.mean()
        rijen = self.maanden + parameters.aanloop_maanden
        self.telling = {
            naam: np.zeros((rijen, complexen), dtype=np.int64)
            for naam in ("meldingen", "ernstig", "weigeringen", "advertenties", "bevestigd")
        }
        self.klein = {
            naam: np.zeros((self.maanden, complexen), dtype=np.float32)
            for naam in ("s", "s_complex", "e", "lambda_", "meldkans", "ernstkans", "hazard",
                         "fraudekans")
        }
        self.s_buurt = np.zeros((self.maanden, buurten), dtype=np.float32)
        self.geheel = {
            naam: np.zeros((self.maanden, complexen), dtype=np.int64)
            for naam in ("incidenten", "uitgesloten", "verleden", "maatregel_rest", "fraude",
                         "fraude_nieuw")
        }
        self.vlag = {
            naam: np.zeros((self.maanden, complexen), dtype=bool)
            for naam in ("escalatie", "maatregel_start")
        }
        self.log: list[tuple[Geheel, Geheel, Geheel, Getal, Vlag, str]] = []
        self.tips: list[tuple[Geheel, Geheel]] = []

    def run(self) -> Geschiedenis:
        """Run burn-in and world."""
        for rij in range(self.maanden + self.p.aanloop_maanden):
            self._step(rij, rij - self.p.aanloop_maanden)
        begin = self.p.aanloop_maanden
        gat = tuple(self.p.move_maand(maand, self.jaren) for maand in self.p.schouw_gat)
        velden: dict[str, Any] = {
            **{k: v[begin:] for k, v in self.telling.items() if k != "bevestigd"},
            **self.klein,
            **self.geheel,
            **self.vlag,
        }
        return Geschiedenis(
            stad=self.stad,
            jaren=self.jaren,
            formulier_maand=self.formulier,
            beleid_maand=self.beleid_maand,
            schouw_gat=(gat[0], gat[1]),
            s_buurt=self.s_buurt,
            onderzoeken=self._collect(),
            **velden,
        )

    def _step(self, rij: int, maand: int) -> None:
        p, stad, rng, bewaar = self.p, self.stad, self.rng, maand >= 0
        demping = np.sqrt(1.0 - p.ar_rho**2)
        self.a = p.ar_rho * self.a + demping * rng["stress"].normal(size=self.a.size)
        self.b = p.ar_rho * self.b + demping * rng["stress"].normal(size=self.b.size)
        s = np.sqrt(1 - p.buurtaandeel_s) * self.a + np.sqrt(p.buurtaandeel_s) * self.b[stad.buurt]

        waarneming = Waarneming(
            maand=maand,
            stad=stad,
            maatregel_actief=self.rest > 0,
            **{naam: telling[:rij] for naam, telling in self.telling.items()},
        )
        start = self.beleid.choose_maatregelen(waarneming, rng["maatregel"]) & (self.rest == 0)
        actief = start | (self.rest > 0)

        hazard = self.kern.compute_hazard(maand, s, self.e, actief, self.verleden)
        escalatie = (rng["escalatie"].random(hazard.size) < hazard) & (self.uit == 0) & bewaar

        e_som = np.bincount(stad.buurt, weights=self.e, minlength=self.b.size)
        e_buurt: Getal = e_som[stad.buurt].astype(np.float64)
        verwacht = self.kern.compute_lambda(maand, s, self.e, e_buurt, actief)
        incidenten = self.kern.draw_incidenten(rng["incident"], verwacht)
        meldkans = compute_meldkans(p, stad, maand >= self.formulier)
        meldingen = rng["melding"].binomial(incidenten, meldkans)
        ernstkans = self.kern.compute_ernst(s)
        self.telling["meldingen"][rij] = meldingen
        self.telling["ernstig"][rij] = rng["melding"].binomial(meldingen, ernstkans)

        if bewaar:
            for naam, waarde in (("s", s), ("s_complex", self.a), ("e", self.e),
                                 ("lambda_", verwacht), ("meldkans", meldkans),
                                 ("ernstkans", ernstkans),
                                 ("hazard", np.where(self.uit == 0, hazard, 0.0))):
                self.klein[naam][maand] = waarde
            self.s_buurt[maand] = self.b
            self.geheel["incidenten"][maand] = incidenten
            self.geheel["uitgesloten"][maand] = self.uit
            self.geheel["verleden"][maand] = self.verleden
            self.geheel["maatregel_rest"][maand] = self.rest
            self.vlag["escalatie"][maand] = escalatie
            self.vlag["maatregel_start"][maand] = start

        self._step_fraude(rij, maand, waarneming)
        self.e = p.nagloei * self.e + (1.0 - p.nagloei) * incidenten
        self.rest = np.maximum(np.where(start, p.maatregel_maanden, self.rest) - 1, 0)
        self.uit = np.where(escalatie, p.uitsluiting_maanden, np.maximum(self.uit - 1, 0))
        self.verleden = self.verleden + escalatie

    def _step_fraude(self, rij: int, maand: int, waarneming: Waarneming) -> None:
        p, stad, rng = self.p, self.stad, self.rng
        kans = compute_fraudekans(p, stad, max(maand, 0))
        nieuw = rng["fraude"].binomial(stad.n - self.f, np.minimum(kans, 1.0))
        einde = rng["fraude"].binomial(self.f, 1.0 / p.fraude_duur_maanden)
        self.f = self.f - einde + nieuw
        aandeel = self.f / stad.n
        self.telling["weigeringen"][rij] = rng["spoor"].binomial(
            stad.n, p.weigering[0] + p.weigering[1] * aandeel
        )
        self.telling["advertenties"][rij] = rng["spoor"].poisson(
            p.advertentie[0] * self.f + p.advertentie[1] * stad.n
        )
        if maand >= 0:
            self.klein["fraudekans"][maand] = kans
            self.geheel["fraude"][maand] = self.f
            self.geheel["fraude_nieuw"][maand] = nieuw
        waar = rng["tip"].poisson(p.tip_waar * self.f * self.tipneiging)
        onwaar = rng["tip"].poisson(
            p.tip_onwaar * stad.n * np.exp(p.tip_samenstelling * stad.sens)
        )
        self._inspect_tips(rij, maand, waar, onwaar)
        self._inspect_proactief(rij, maand, self.beleid.choose_onderzoeken(
            waarneming, rng["onderzoek"]))

    def _confirm(self, rij: int, complexen: Geheel, raak: Vlag) -> Vlag:
        """Remove the cases found; two finds in one complex need two cases."""
        treffer = complexen[raak]
        volgorde = np.argsort(treffer, kind="stable")
        gesorteerd = treffer[volgorde]
        eerste = np.searchsorted(gesorteerd, gesorteerd, side="left")
        rang = np.empty(treffer.size, dtype=np.int64)
        rang[volgorde] = np.arange(treffer.size) - eerste
        echt = rang < self.f[treffer]
        bevestigd = np.zeros(complexen.size, dtype=bool)
        bevestigd[np.flatnonzero(raak)[echt]] = True
        af = np.bincount(treffer[echt], minlength=self.f.size)
        self.f = self.f - af
        self.telling["bevestigd"][rij] += af
        return bevestigd

    def _record(self, maand: int, complexen: Geheel, reden: Geheel, kans: Getal,
                bevestigd: Vlag, scoreversie: str) -> None:
        if maand >= 0 and complexen.size:
            self.log.append(
                (np.full(complexen.size, maand), complexen, reden, kans, bevestigd, scoreversie)
            )

    def _inspect_tips(self, rij: int, maand: int, waar: Geheel, onwaar: Geheel) -> None:
        p, rng = self.p, self.rng["uitkomst"]
        index = np.arange(self.stad.n.size)
        tip = np.concatenate([np.repeat(index, waar), np.repeat(index, onwaar)])
        is_waar = np.arange(tip.size) < waar.sum()
        if maand >= 0:
            self.tips.append((np.full(tip.size, maand), tip))
        gekozen = rng.random(tip.size) < p.tip_onderzocht
        raak = (rng.random(tip.size) < p.ontdekking) & is_waar
        complexen = tip[gekozen]
        bevestigd = self._confirm(rij, complexen, raak[gekozen])
        self._record(maand, complexen, np.zeros(complexen.size, dtype=np.int64),
                     np.full(complexen.size, np.nan), bevestigd, "")

    def _inspect_proactief(self, rij: int, maand: int, keuze: Onderzoekkeuze) -> None:
        p, rng = self.p, self.rng["uitkomst"]
        complexen = keuze.complex
        bureau = np.where(keuze.is_aselect, p.bureau_aselect, p.bureau_medewerker)
        f = self.f[complexen]
        raakkans = p.ontdekking * bureau * f / (bureau * f + self.stad.n[complexen] - f)
        bevestigd = self._confirm(rij, complexen, rng.random(complexen.size) < raakkans)
        reden = np.where(keuze.is_aselect, 3, np.where(keuze.is_model, 2, 1)).astype(np.int64)
        self._record(maand, complexen, reden, keuze.kans, bevestigd, keuze.scoreversie)

    def _collect(self) -> Onderzoeken:
        leeg = np.zeros(0, dtype=np.int64)
        kolommen = list(zip(*self.log, strict=True)) if self.log else []
        maand, complexen, reden = (
            np.concatenate(kolommen[i]) if kolommen else leeg for i in range(3)
        )
        return Onderzoeken(
            maand=maand,
            complex=complexen,
            reden=reden,
            kans=np.concatenate(kolommen[3]) if kolommen else np.zeros(0),
            is_bevestigd=np.concatenate(kolommen[4]) if kolommen else np.zeros(0, dtype=bool),
            scoreversie=tuple(
                versie for rij in self.log for versie in (rij[5],) * rij[0].size
            ),
            tip_maand=np.concatenate([tip[0] for tip in self.tips]) if self.tips else leeg,
            tip_complex=np.concatenate([tip[1] for tip in self.tips]) if self.tips else leeg,
        )


def compute_orakel(
    parameters: WereldParameters,
    geschiedenis: Geschiedenis,
    maand: int,
    toekomsten: int,
    rng: np.random.Generator,
) -> Getal:
    """Return the chance (C) of a first escalation in the months from ``maand`` on.

    Rao-Blackwell: event-free futures are simulated from the latent state at the start of
    ``maand`` and ``1 - prod(1 - h)`` is averaged, under the status quo policy. Complexes out
    of the risk set at ``maand`` are NaN.

    Parameters
    ----------
    parameters, geschiedenis
        The world.
    maand
        First month of the horizon (the as-of date is its first day); 1 or more.
    toekomsten
        Number of futures M; 400 for an evaluation.
    rng
        A generator of its own.
    """
    p, g, stad = parameters, geschiedenis, geschiedenis.stad
    kern = _Kern(p, stad, g.beleid_maand)
    complexen, buurten = stad.n.size, stad.n_buurt.size
    vorm = (toekomsten, complexen)
    demping = np.sqrt(1.0 - p.ar_rho**2)
    a = np.broadcast_to(g.s_complex[maand - 1].astype(np.float64), vorm)
    b = np.broadcast_to(g.s_buurt[maand - 1].astype(np.float64), (toekomsten, buurten))
    e = np.broadcast_to(g.e[maand].astype(np.float64), vorm)
    rest = np.broadcast_to(g.maatregel_rest[maand], vorm)
    nul = np.zeros(complexen, dtype=np.int64)
    recent = [
        np.broadcast_to(g.meldingen[m] if m >= 0 else nul, vorm) for m in range(maand - 3, maand)
    ]
    zwaar = [
        np.broadcast_to(g.ernstig[m] if m >= 0 else nul, vorm) for m in range(maand - 3, maand)
    ]
    vlak = (np.arange(toekomsten)[:, None] * buurten + stad.buurt).ravel()
    overleving = np.ones(vorm)
    for m in range(maand, maand + p.orakel_horizon_maanden):
        a = p.ar_rho * a + demping * rng.standard_normal(vorm)
        b = p.ar_rho * b + demping * rng.standard_normal((toekomsten, buurten))
        s = np.sqrt(1 - p.buurtaandeel_s) * a + np.sqrt(p.buurtaandeel_s) * b[:, stad.buurt]
        kans = compute_maatregelkans(p, recent[0] + recent[1] + recent[2],
                                     zwaar[0] + zwaar[1] + zwaar[2])
        start = (rng.random(vorm) < kans) & (rest == 0)
        actief = start | (rest > 0)
        overleving = overleving * (1.0 - kern.compute_hazard(m, s, e, actief, g.verleden[maand]))
        e_buurt = np.bincount(vlak, weights=e.ravel(), minlength=toekomsten * buurten)[
            vlak
        ].reshape(vorm)
        y = kern.draw_incidenten(rng, kern.compute_lambda(m, s, e, e_buurt, actief))
        meld = rng.binomial(y, compute_meldkans(p, stad, m >= g.formulier_maand))
        recent = [recent[1], recent[2], meld]
        zwaar = [zwaar[1], zwaar[2], rng.binomial(meld, kern.compute_ernst(s))]
        e = p.nagloei * e + (1.0 - p.nagloei) * y
        rest = np.maximum(np.where(start, p.maatregel_maanden, rest) - 1, 0)
    uitkomst: Getal = np.where(g.uitgesloten[maand] == 0, 1.0 - overleving.mean(axis=0), np.nan)
    return uitkomst


def compute_onderzoekkans_phi(
    parameters: WereldParameters, stad: Stad, maand: int, bureau: float
) -> Getal:
    """Return the chance (C) that one inspection confirms, knowing the propensity only.

    The number of cases is taken as Poisson with the mean of the world without removals by
    inspection; the sum is cut at 40 cases.
    """
    p = parameters
    gemiddeld = stad.n * compute_fraudekans(p, stad, maand) * p.fraude_duur_maanden
    term = np.exp(-gemiddeld)
    kans = np.zeros_like(gemiddeld)
    for f in range(1, 41):
        term = term * gemiddeld / f
        raak = bureau * f / (bureau * f + np.maximum(stad.n - f, 0))
        kans += term * raak
    uitkomst: Getal = p.ontdekking * kans
    return uitkomst
