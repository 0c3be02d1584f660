"""The state of each buurt that all publishers see, each with noise of their own.

Derived from the world's latent state: liveability v, stress, the financial state of the
complexes. The composition of a buurt moves the columns on composition and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sources.demo.leveringen import Kalender
from sources.demo.toeval import Geheel, Getal, compute_sigmoide, compute_z, make_rng
from sources.demo.wereld import MAANDEN_PER_JAAR, Geschiedenis

INWONERS_PER_WONING = 2.05
# Below this many inhabitants a publisher leaves cells blank.
KLEIN_INWONERS = 250
_MINIMUM_WONINGEN = 40
_EDITIE_ELKE_JAREN = 2
# Per column source: pull of v, of stress, of the financial state, of composition, of its own.
_TREK: Mapping[str, tuple[float, float, float, float, float]] = {
    "leefbaarheid": (0.80, 0.50, 0.00, 0.0, 0.35),
    "sociaal": (0.50, 0.20, 0.15, 0.0, 0.60),
    "fysiek": (0.45, 0.10, 0.00, 0.0, 0.60),
    "financieel": (0.15, 0.00, 0.80, 0.0, 0.45),
    "samenstelling": (0.00, 0.00, 0.00, 1.0, 0.20),
}


@dataclass(frozen=True)
class Stand:
    """State of the buurten (B) in the years (J) of the world.

    Attributes
    ----------
    jaren
        Calendar years.
    druk
        Per source of columns (``leefbaarheid``, ``sociaal``, ``fysiek``, ``financieel``,
        ``samenstelling``) a latent J x B; higher is a larger task, or a larger share.
    woningen, corporatiewoningen, inwoners
        Counts (B).
    hoogbouw
        Share of dwellings in high-rise (B).
    """

    jaren: tuple[int, ...]
    druk: Mapping[str, Getal]
    woningen: Geheel
    corporatiewoningen: Geheel
    inwoners: Geheel
    hoogbouw: Getal

    def get_druk(self, bron: str, jaar: int) -> Getal:
        """Return the latent (B) of a source of columns in a year; 0 for no source."""
        if not bron:
            return np.zeros(self.woningen.size)
        druk: Getal = self.druk[bron][self.jaren.index(jaar)]
        return druk


def list_edities(kalender: Kalender) -> tuple[int, ...]:
    """Return the years of the Wijkprofiel: every even year of the world, else its first."""
    eerste, laatste = _get_jaren(kalender)
    even = tuple(j for j in range(eerste, laatste + 1) if j % _EDITIE_ELKE_JAREN == 0)
    return even or (eerste,)


def list_kerncijferjaren(kalender: Kalender) -> tuple[int, ...]:
    """Return the years of the Kerncijfers: those of the Wijkprofiel and the last one."""
    return tuple(sorted({*list_edities(kalender), _get_jaren(kalender)[1]}))


def build_stand(
    geschiedenis: Geschiedenis, kalender: Kalender, financieel: Getal, seed: int
) -> Stand:
    """Build what publishers look at.

    Parameters
    ----------
    geschiedenis, kalender
        The world.
    financieel
        Financial state of each complex (C).
    seed
        Seed of the world.
    """
    g, stad = geschiedenis, geschiedenis.stad
    rng = make_rng(seed, "openbaar/stand")
    eerste, laatste = _get_jaren(kalender)
    jaren = tuple(range(eerste, laatste + 1))
    v = compute_z(0.5 * stad.v_buurt + 0.5 * _average(stad.v, g, stad.v_buurt))
    geld = compute_z(_average(financieel, g, stad.v_buurt))
    stress = np.stack([
        _average(g.s[i * MAANDEN_PER_JAAR : (i + 1) * MAANDEN_PER_JAAR].mean(axis=0), g,
                 np.zeros(v.size))
        for i in range(len(jaren))
    ])
    druk = {}
    for bron, (trek_v, trek_s, trek_geld, trek_sens, trek_eigen) in _TREK.items():
        eigen = rng.normal(size=v.size)
        ruis = 0.15 * rng.normal(size=stress.shape)
        druk[bron] = (
            trek_v * v
            + trek_s * stress
            + trek_geld * geld
            + trek_sens * stad.sens_buurt
            + trek_eigen * eigen
            + ruis
        )
    aandeel = compute_sigmoide(-0.25 + 0.6 * rng.normal(size=v.size))
    eigen_woningen = np.rint(stad.n_buurt).astype(np.int64)
    woningen = np.maximum(np.rint(stad.n_buurt / aandeel).astype(np.int64), _MINIMUM_WONINGEN)
    per_woning = INWONERS_PER_WONING * np.exp(0.08 * rng.normal(size=v.size))
    return Stand(
        jaren=jaren,
        druk=druk,
        woningen=woningen,
        corporatiewoningen=eigen_woningen,
        inwoners=np.rint(woningen * per_woning).astype(np.int64),
        hoogbouw=_average(stad.hoogbouw.astype(np.float64), g, np.full(v.size, 0.4)),
    )


def _get_jaren(kalender: Kalender) -> tuple[int, int]:
    eerste = int(str(kalender.begin)[:4])
    laatste = int(str(kalender.tweede)[:4]) - 1
    return eerste, laatste


def _average(waarde: Getal, geschiedenis: Geschiedenis, anders: Getal) -> Getal:
    """Mean per buurt weighted by dwellings; ``anders`` where the buurt has no complex."""
    stad = geschiedenis.stad
    som = np.bincount(stad.buurt, weights=waarde * stad.n, minlength=stad.n_buurt.size)
    gemiddeld: Getal = np.where(
        stad.n_buurt > 0, som / np.maximum(stad.n_buurt, 1.0), anders
    )
    return gemiddeld
