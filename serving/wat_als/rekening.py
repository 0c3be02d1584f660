"""The arithmetic of a what-if: pure functions over arrays.

The same rules as the method (label.md steps 5 and 6): a power mean of theme scores, cut-points
on the weighted quantiles of the reference R, a score on a cut belongs below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

THEMAS: Final = ("SHV", "OVL", "FIN", "SOC", "LFB")
MACHTEN: Final = (1, 2, 4)
MACHT_GEPUBLICEERD: Final = 2
DELEN_MILJOENSTE: Final = (100_000, 300_000, 700_000, 900_000)
"""Shares at the four cut-points, in millionths: whole numbers compare exactly. These and the
power are the method's (seed ``methode``); a test holds them to it."""
AANTAL_LABELS: Final = 5
_NUL: Final = 1e-30

Getallen: TypeAlias = npt.NDArray[np.float64]
Gehelen: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Keuze:
    """Weights of the themes in the order of ``THEMAS``, and the power p of the mean.

    Raises
    ------
    ValueError
        When a weight is negative, all are zero, or p is not in ``MACHTEN``.
    """

    gewichten: tuple[float, ...]
    macht: int = MACHT_GEPUBLICEERD

    def __post_init__(self) -> None:
        if len(self.gewichten) != len(THEMAS) or not all(g >= 0 for g in self.gewichten):
            raise ValueError(f"{len(THEMAS)} weights of 0 or more are needed")
        if not any(self.gewichten):
            raise ValueError("at least one weight above 0 is needed")
        if self.macht not in MACHTEN:
            raise ValueError(f"p must be one of {MACHTEN}")

    @cached_property
    def verhouding(self) -> tuple[float, ...]:
        """Weights relative to the largest: the same numbers whatever the scale."""
        hoogste = max(Fraction(g) for g in self.gewichten)
        return tuple(float(Fraction(g) / hoogste) for g in self.gewichten)

    def is_same(self, ander: Keuze) -> bool:
        """Tell whether ``ander`` gives the same scores."""
        return self.macht == ander.macht and self.verhouding == ander.verhouding


@dataclass(frozen=True, eq=False)
class Portefeuille:
    """All objects of one niveau, and the reference that their cut-points are estimated on.

    Attributes
    ----------
    beheerobject_id
        Ids of the n objects.
    verhuureenheden
        Dwellings, shape (n,).
    scores
        Theme scores 0..100, shape (n, 5); NaN is unknown. All are NaN where the total is unknown.
    ruw_label
        Raw label of the release, shape (n,); 0 is unknown.
    is_benaderd
        Whether a theme score stands in for one that is not published, shape (n,).
    scores_r, verhuureenheden_r
        The same of the m rows of R.
    knippen
        The published cut-points of the total, shape (4,); NaN when there are none.
    """

    beheerobject_id: tuple[str, ...]
    verhuureenheden: Gehelen
    scores: Getallen
    ruw_label: Gehelen
    is_benaderd: npt.NDArray[np.bool_]
    scores_r: Getallen
    verhuureenheden_r: Gehelen
    knippen: Getallen


@dataclass(frozen=True, eq=False)
class Uitkomst:
    """Raw labels as released and as they would be, shape (n,); 0 is unknown."""

    portefeuille: Portefeuille
    oud: Gehelen
    nieuw: Gehelen

    @cached_property
    def overgangen(self) -> Gehelen:
        """Numbers of objects by released (row) and new (column) label, shape (6, 6)."""
        return _count_pairs(self.oud, self.nieuw, np.ones_like(self.oud))

    @cached_property
    def overgangen_woningen(self) -> Gehelen:
        """The same in dwellings, shape (6, 6)."""
        return _count_pairs(self.oud, self.nieuw, self.portefeuille.verhuureenheden)

    @cached_property
    def veranderd(self) -> Gehelen:
        """Positions of the objects that get another label: the largest change first, then by id."""
        plaatsen = np.flatnonzero(self.oud != self.nieuw)
        ids = self.portefeuille.beheerobject_id
        verschil = np.abs(self.nieuw - self.oud)
        op_volgorde = sorted(plaatsen.tolist(), key=lambda i: (-int(verschil[i]), ids[i]))
        return np.array(op_volgorde, dtype=np.int64)


def compute_wat_als(portefeuille: Portefeuille, keuze: Keuze, gepubliceerd: Keuze) -> Uitkomst:
    """Return the raw labels under ``keuze``; nothing is published.

    With the published weights the published cut-points hold, so that the labels are those of the
    release. Otherwise the cut-points are estimated anew on R.
    """
    if keuze.is_same(gepubliceerd):
        knippen = portefeuille.knippen
    else:
        knippen = estimate_knippen(
            compute_scores(portefeuille.scores_r, keuze), portefeuille.verhuureenheden_r
        )
    nieuw = assign_labels(compute_scores(portefeuille.scores, keuze), knippen)
    return Uitkomst(portefeuille, portefeuille.ruw_label, nieuw)


def compute_scores(scores: Getallen, keuze: Keuze) -> Getallen:
    """Return the total S per row (label.md step 5), twelve significant digits.

    Parameters
    ----------
    scores
        Shape (n, 5), NaN is unknown and does not count.
    keuze
        Weights and power.

    Returns
    -------
    ndarray
        Shape (n,), 0..100; NaN where nothing with a weight is known.
    """
    som = np.zeros(len(scores))
    gewicht = np.zeros(len(scores))
    # Theme by theme in one order: the sum does not depend on how an array is cut up.
    for kolom, deel in enumerate(keuze.verhouding):
        score = scores[:, kolom]
        bekend = ~np.isnan(score)
        som += np.where(bekend, deel * score**keuze.macht, 0.0)
        gewicht += np.where(bekend, deel, 0.0)
    gemiddelde = np.full(len(scores), np.nan)
    np.divide(som, gewicht, out=gemiddelde, where=gewicht > 0)
    return round12(gemiddelde ** (1.0 / keuze.macht))


def round12(waarden: Getallen) -> Getallen:
    """Return ``waarden`` in twelve significant digits, as the macro ``rond12`` does."""
    groot = np.abs(waarden) >= _NUL
    orde = np.floor(np.log10(np.abs(waarden), where=groot, out=np.zeros_like(waarden)))
    stap = 10.0 ** (11 - orde)
    return np.where(groot | np.isnan(waarden), np.round(waarden * stap) / stap, 0.0)


def estimate_knippen(scores: Getallen, gewicht: Gehelen) -> Getallen:
    """Return the four weighted quantiles, as the macro ``gewogen_kwantielen`` does.

    Each is the smallest score at which the summed weight reaches the share.

    Returns
    -------
    ndarray
        Shape (4,); NaN when there is nothing to estimate from.
    """
    telt = ~np.isnan(scores) & (gewicht > 0)
    if not telt.any():
        return np.full(len(DELEN_MILJOENSTE), np.nan)
    volgorde = np.argsort(scores[telt], kind="stable")
    tot_en_met = np.cumsum(gewicht[telt][volgorde])
    grenzen = np.array(DELEN_MILJOENSTE, dtype=np.int64) * tot_en_met[-1]
    plaats = np.searchsorted(tot_en_met * 1_000_000, grenzen, side="left")
    knippen: Getallen = scores[telt][volgorde][plaats]
    return knippen


def assign_labels(scores: Getallen, knippen: Getallen) -> Gehelen:
    """Return labels 1..5, 0 where score or cut-points are unknown."""
    if np.isnan(knippen).any():
        return np.zeros(len(scores), dtype=np.int64)
    labels = 1 + np.searchsorted(knippen, scores, side="left")
    return np.where(np.isnan(scores), 0, labels).astype(np.int64)


def _count_pairs(oud: Gehelen, nieuw: Gehelen, gewicht: Gehelen) -> Gehelen:
    breedte = AANTAL_LABELS + 1
    tellingen = np.bincount(breedte * oud + nieuw, weights=gewicht, minlength=breedte**2)
    return np.rint(tellingen).astype(np.int64).reshape(breedte, breedte)
