"""The fixed world that the label is tried on: complexes of which the true rates are known.

Belongs here: the world of label.md ("What a good implementation reaches") and the truth in it.
Does not belong here: the demo association (``sources.demo``), and what is measured on either
(``evaluatie``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.label.keten import (
    Catalogus,
    Getal,
    Methode,
    Meting,
    Soort,
    Uitslag,
    compute_uitslag,
    fit_ligging,
    standardise,
)

KWARTALEN_PER_JAAR = 4
OMVANG_GRENZEN = (25, 50, 100)
"""Where the size bands of the method part; the world has one building type."""


@dataclass(frozen=True)
class WereldParameters:
    """Every number of the fixed world; pinned by a test.

    Changing one is a line in "Changes in the numbers" of the CHANGELOG. The first nine are
    label.md's. The spreads are not given there: they were set so that the true labels change,
    and five classes from raw rates do, as often as the table there says, without looking at what
    the label itself makes of it (docs/evaluatie.md).
    """

    complexen: int = 450
    mediaan_omvang: float = 38.0
    spreiding_log_omvang: float = 0.9
    minimum_omvang: int = 10
    buurten: int = 45
    themas: int = 5
    indicatoren_per_thema: int = 3
    laagste_tempo: float = 0.02
    hoogste_tempo: float = 0.60
    aandeel_stap: float = 0.06
    stap: float = 2.5
    themas_met_stap: int = 2
    kwartalen: int = 20
    kwartalen_referentie: int = 8
    sd_buurt: float = 0.20
    sd_complex: float = 0.30
    sd_thema: float = 0.50
    sd_beweging: float = 0.25
    rho_beweging: float = 0.95

    @property
    def aanloop(self) -> int:
        """Quarters before the first peildatum: a theme signal looks back ten."""
        return 10


@dataclass(frozen=True)
class Wereld:
    """A drawn world: C complexes, Q quarters of counts (start-up first), K indicators.

    Attributes
    ----------
    parameters : WereldParameters
    woningen : ndarray, shape (C,)
    tempo : ndarray, shape (C, Q, K)
        True events per dwelling per year in the quarter.
    telling : ndarray, shape (C, Q, K)
        Events that were counted in the quarter.
    bekend_risico : ndarray, shape (C, Q, D)
        The part of the log-risk that the oracle is told: of the buurt, and of a step.
    """

    parameters: WereldParameters
    woningen: Getal
    tempo: Getal
    telling: Getal
    bekend_risico: Getal

    @property
    def catalogus(self) -> Catalogus:
        """What the label of this world is made of: equal weights, every theme required."""
        p = self.parameters
        k = p.themas * p.indicatoren_per_thema
        telling: Soort = "telling"
        return Catalogus(
            soort=(telling,) * k,
            richting=np.ones(k),
            thema=np.repeat(np.arange(p.themas), p.indicatoren_per_thema),
            gewicht=np.ones(k),
            omega=np.ones(p.themas),
            verplicht=np.ones(p.themas, dtype=bool),
        )

    @property
    def meting(self) -> Meting:
        """The windows of twelve months, one row per complex and peildatum, complexes first."""
        p = self.parameters
        telling = sum_jaar(self.telling, p.kwartalen)
        c, q, k = telling.shape
        kwartaal = np.tile(np.arange(q), c)
        woningen = np.repeat(self.woningen, q)
        leeg = np.zeros((c * q, k))
        return Meting(
            eenheid=np.repeat(np.arange(c), q),
            kwartaal=kwartaal,
            in_r=kwartaal < p.kwartalen_referentie,
            woningen=woningen,
            groepen=(np.digitize(woningen, OMVANG_GRENZEN), np.zeros(c * q, dtype=np.int64)),
            teller=telling.reshape(c * q, k),
            noemer=np.repeat(woningen[:, None], k, axis=1),
            kwadraat=leeg,
            leeftijd=leeg,
            vastgelegd=np.ones((c * q, k), dtype=bool),
        )


def draw_tempo(parameters: WereldParameters) -> Getal:
    """Return the base rates (K) per dwelling-year: in each theme a rare, a common and a frequent.

    Examples
    --------
    >>> draw_tempo(WereldParameters()).round(3)[:3].tolist()
    [0.02, 0.067, 0.227]
    """
    p = parameters
    alle = np.geomspace(p.laagste_tempo, p.hoogste_tempo, p.themas * p.indicatoren_per_thema)
    return alle.reshape(p.indicatoren_per_thema, p.themas).T.ravel()


def draw_wereld(parameters: WereldParameters, seed: int) -> Wereld:
    """Draw the world of one seed.

    Log-risk of a complex in a theme = buurt + complex + theme + AR(1) by quarter, and for a few
    complexes a step in some themes at a quarter after the first peildatum.

    Parameters
    ----------
    parameters
        The numbers of the world.
    seed
        The same seed gives the same world.
    """
    p = parameters
    rng = np.random.default_rng([seed, 2016])
    c, d, q = p.complexen, p.themas, p.aanloop + p.kwartalen
    log_omvang = np.log(p.mediaan_omvang) + p.spreiding_log_omvang * rng.normal(size=c)
    woningen = np.maximum(np.rint(np.exp(log_omvang)), p.minimum_omvang)
    buurt = rng.integers(p.buurten, size=c)
    van_buurt = p.sd_buurt * rng.normal(size=p.buurten)[buurt]
    van_complex = p.sd_complex * rng.normal(size=c)
    vast = van_complex[:, None] + p.sd_thema * rng.normal(size=(c, d))
    beweging = draw_beweging(rng, p, (c, q, d))
    heeft_stap = rng.random(c) < p.aandeel_stap
    vanaf = p.aanloop + rng.integers(1, p.kwartalen, size=c)
    themas = rng.random((c, d)).argsort(axis=1) < p.themas_met_stap
    gestapt = (
        heeft_stap[:, None, None]
        & (np.arange(q)[None, :, None] >= vanaf[:, None, None])
        & themas[:, None, :]
    )
    bekend = van_buurt[:, None, None] + np.log(p.stap) * gestapt
    risico = bekend + vast[:, None, :] + beweging
    tempo = draw_tempo(p) * np.exp(np.repeat(risico, p.indicatoren_per_thema, axis=2))
    telling = rng.poisson(tempo * woningen[:, None, None] / KWARTALEN_PER_JAAR)
    return Wereld(p, woningen, tempo, telling.astype(np.float64), bekend)


def draw_beweging(
    rng: np.random.Generator, p: WereldParameters, vorm: tuple[int, int, int]
) -> Getal:
    """Return the AR(1) part, stationary from the first quarter on."""
    ruis = rng.normal(size=vorm)
    beweging = np.empty(vorm)
    beweging[:, 0] = ruis[:, 0]
    demping = np.sqrt(1.0 - p.rho_beweging**2)
    for kwartaal in range(1, vorm[1]):
        beweging[:, kwartaal] = (
            p.rho_beweging * beweging[:, kwartaal - 1] + demping * ruis[:, kwartaal]
        )
    return p.sd_beweging * beweging


def sum_jaar(per_kwartaal: Getal, kwartalen: int) -> Getal:
    """Return the sums over the last four quarters at each of the last ``kwartalen`` quarters."""
    som = np.cumsum(per_kwartaal, axis=1)
    tot = som[:, -kwartalen:]
    van = som[:, -kwartalen - KWARTALEN_PER_JAAR : -KWARTALEN_PER_JAAR]
    jaar: Getal = tot - van
    return jaar


def compute_waarheid(x: Getal, meting: Meting, catalogus: Catalogus, methode: Methode) -> Uitslag:
    """Return the true scores and labels: steps 3 to 6 on true values, without any noise.

    Medians, scales, kappa and cut-points are those of the true values in R, frozen.

    Parameters
    ----------
    x : ndarray, shape (n, K)
        True log-rate, logit or mean of the window of each row, signed so that higher is a larger
        task; NaN where unknown.
    """
    maat = [fit_ligging(kolom, meting.woningen[meting.in_r], methode) for kolom in x[meting.in_r].T]
    mediaan, schaal = np.array(maat).T
    return compute_uitslag(
        standardise(x, mediaan, schaal, methode.afkap_u), meting, catalogus, methode
    )


def compute_ware_x(wereld: Wereld) -> Getal:
    """Return the log of the mean true rate of each window, shape (rows of ``meting``, K)."""
    jaar = sum_jaar(wereld.tempo, wereld.parameters.kwartalen) / KWARTALEN_PER_JAAR
    log: Getal = np.log(jaar).reshape(-1, jaar.shape[2])
    return log
