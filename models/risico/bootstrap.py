"""Whether one score is better than another, or by chance: complexes drawn anew, in pairs.

Belongs here: draws of whole clusters and the difference of two scores over windows. Does not
belong here: the metrics themselves (``maten``), what difference is enough (``poort``).

A complex is drawn with all its windows, since its months resemble each other; both scores meet
the same draws, since what they share must cancel out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.maten import (
    Rangorde,
    compute_ap_trekkingen,
    compute_precisie_trekkingen,
)
from models.risico.paneel import Geheel, Getal
from vera.errors import BuurtpeilError

TREKKINGEN = 500
_PER_KEER = 25
"""Draws at a time: all of them times all rows of a window would be gigabytes."""

Maat: TypeAlias = Callable[[Rangorde, npt.NDArray[np.number]], Getal]
"""From the order of a score and weights (B, R) to a metric per draw (B,)."""


class BootstrapFout(BuurtpeilError):
    """Two scores cannot be compared row by row."""


def make_precisie_bij_k(k: int) -> Maat:
    """Return the metric precision among the first k."""
    return lambda orde, gewicht: compute_precisie_trekkingen(orde, gewicht, k)


def make_precisie_bij_deel(deel: float) -> Maat:
    """Return the metric precision among the first share of the rows, 0.05 being one in twenty."""
    return lambda orde, gewicht: compute_precisie_trekkingen(
        orde, gewicht, max(1.0, round(deel * len(orde.y)))
    )


def draw_clusters(
    aantal_clusters: int, rng: np.random.Generator, trekkingen: int = TREKKINGEN
) -> Geheel:
    """Return how often each cluster is drawn, shape (B, C): as many as there are, with return.

    Examples
    --------
    >>> draw_clusters(5, np.random.default_rng(1), 3).sum(axis=1).tolist()
    [5, 5, 5]
    """
    kans = np.full(aantal_clusters, 1.0 / aantal_clusters)
    return rng.multinomial(aantal_clusters, kans, size=trekkingen)


@dataclass(frozen=True, eq=False)
class Verschil:
    """A metric of two scores, as found and over the draws; both means over windows.

    Attributes
    ----------
    a, b : ndarray, shape (V,)
        The metric of each score per window, in the order of ``vensters``.
    trekkingen_a, trekkingen_b : ndarray, shape (B,)
        The mean over windows in each draw.
    vensters : ndarray of int, shape (V,)
    """

    a: Getal
    b: Getal
    trekkingen_a: Getal
    trekkingen_b: Getal
    vensters: Geheel

    @property
    def verschil(self) -> float:
        """Mean over windows of a - b."""
        return _mean(self.a - self.b)

    @property
    def verhouding(self) -> float:
        """Mean of a over mean of b."""
        return _mean(self.a) / _mean(self.b)

    @property
    def kans_beter(self) -> float:
        """Share of draws in which a is better; a draw in which they tie counts half."""
        d = self.trekkingen_a - self.trekkingen_b
        d = d[np.isfinite(d)]
        return float(((d > 0).mean() + (d >= 0).mean()) / 2.0) if len(d) else np.nan

    @property
    def winsten(self) -> int:
        """Number of windows in which a is better."""
        return int((self.a > self.b).sum())

    def interval(self, niveau: float = 0.90) -> tuple[float, float]:
        """Return the middle share ``niveau`` of the drawn differences."""
        staart = (1.0 - niveau) / 2.0
        d = self.trekkingen_a - self.trekkingen_b
        onder, boven = np.nanquantile(d, [staart, 1.0 - staart])
        return float(onder), float(boven)


def _mean(waarde: Getal) -> float:
    """Return the mean over the windows in which something happened."""
    bekend = waarde[np.isfinite(waarde)]
    return float(bekend.mean()) if len(bekend) else np.nan


def bootstrap_verschil(
    y: Getal,
    score_a: Getal,
    score_b: Getal,
    *,
    cluster: npt.NDArray[np.generic],
    venster: Geheel,
    rng: np.random.Generator,
    maat: Maat = compute_ap_trekkingen,
    trekkingen: int = TREKKINGEN,
) -> Verschil:
    """Compare two scores on the same rows by a paired bootstrap over clusters.

    Parameters
    ----------
    y, score_a, score_b : ndarray, shape (R,)
        Outcomes, and the scores that each model gave before them.
    cluster : ndarray, shape (R,)
        What is drawn: ``complex_id``.
    venster : ndarray of int, shape (R,)
        Which test window a row is of; the metric is computed within each and then averaged.
    rng
        Seeded.
    maat
        Average precision when left out; :func:`make_precisie_bij_k` makes another.
    trekkingen
        Number of draws, B.

    Returns
    -------
    Verschil

    Raises
    ------
    BootstrapFout
        If lengths differ or there is no row.
    MaatFout
        If an outcome or score is unknown.

    Notes
    -----
    Windows without an event say nothing and are passed over, in a draw as well. Source: design
    paper on the risk models, "Gate".
    """
    lengtes = {len(y), len(score_a), len(score_b), len(cluster), len(venster)}
    if len(lengtes) != 1 or not len(y):
        raise BootstrapFout(
            f"Uitkomst, scores, complex en venster hebben lengtes {sorted(lengtes)}.",
            verwacht="evenveel rijen, en ten minste één",
            remedie="neem alle vijf uit dezelfde toetsrijen",
        )
    namen, plaats = np.unique(cluster, return_inverse=True)
    getrokken = draw_clusters(len(namen), rng, trekkingen)
    vensters = np.unique(venster)
    gevonden = np.empty((2, len(vensters)))
    getrokken_maat = np.empty((2, len(vensters), trekkingen))
    per_keer = [slice(van, van + _PER_KEER) for van in range(0, trekkingen, _PER_KEER)]
    with ThreadPoolExecutor(max_workers=2) as draden:
        for v, welk in enumerate(vensters):
            rijen = venster == welk
            van_rij = plaats[rijen]
            ordes = [Rangorde.from_score(y[rijen], score[rijen]) for score in (score_a, score_b)]
            een = np.ones((1, len(van_rij)))
            gevonden[:, v] = [maat(orde, een)[0] for orde in ordes]

            def measure(
                deel: slice,
                v: int = v,
                van_rij: npt.NDArray[np.intp] = van_rij,
                ordes: Sequence[Rangorde] = ordes,
            ) -> None:
                gewicht = getrokken[deel].astype(np.float64)[:, van_rij]
                for s, orde in enumerate(ordes):
                    getrokken_maat[s, v, deel] = maat(orde, gewicht)

            list(draden.map(measure, per_keer))
    bekend = np.isfinite(getrokken_maat)
    with np.errstate(invalid="ignore"):
        gemiddeld = np.where(bekend, getrokken_maat, 0.0).sum(axis=1) / bekend.sum(axis=1)
    return Verschil(gevonden[0], gevonden[1], gemiddeld[0], gemiddeld[1], vensters.astype(np.int64))
