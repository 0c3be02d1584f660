"""A stand-in for every theme score that is not published, made of what is published alone.

Source: trust.md, "Small counts"; docs/adr/0013-wat-als.md. A what-if on the exact score of a
banded theme gives that score away: each question tells on which side of a cut it lies, and there
are a million questions. So the exact score does not go into the release. What goes in follows
from the theme's label, the total's label, the total's score in steps of five and the other
themes' scores, which everybody can see; no number of questions can tell more than those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from serving.wat_als.rekening import Gehelen, Getallen, Keuze, compute_scores

_HOOGSTE: Final = 100.0
_SCORE_STAP: Final = 5.0
_HALVERINGEN: Final = 45


@dataclass(frozen=True, eq=False)
class Gepubliceerd:
    """What a release shows of n cells (object and peildatum), and the exact scores behind it.

    Attributes
    ----------
    scores
        Exact theme scores, shape (n, 5); NaN is unknown.
    is_gebandeerd
        Which of them rest on a small cell, shape (n, 5).
    labels
        Raw labels of the themes, shape (n, 5); 0 is unknown.
    knippen
        Cut-points of the themes, shape (n, 5, 4).
    totaal
        Exact total, shape (n,).
    totaal_label
        Its raw label, shape (n,).
    totaal_knippen
        Its cut-points, shape (n, 4).
    """

    scores: Getallen
    is_gebandeerd: npt.NDArray[np.bool_]
    labels: Gehelen
    knippen: Getallen
    totaal: Getallen
    totaal_label: Gehelen
    totaal_knippen: Getallen


def approximate_scores(cellen: Gepubliceerd, keuze: Keuze) -> Getallen:
    """Return theme scores with a stand-in for every banded one, shape (n, 5).

    Every banded theme of a cell moves by the same share between the ends of its label; the share
    puts the total in the middle of where it can be. The total so keeps its label.

    Parameters
    ----------
    cellen
        What is published, and the exact scores of what is not banded.
    keuze
        The published weights and power.
    """
    dicht = cellen.is_gebandeerd & ~np.isnan(cellen.scores)
    rijen = np.flatnonzero(dicht.any(axis=1))
    laag, hoog = _bracket(cellen.labels[rijen], cellen.knippen[rijen])
    laag = np.where(dicht[rijen], laag, cellen.scores[rijen])
    hoog = np.where(dicht[rijen], hoog, cellen.scores[rijen])
    doel = _aim(cellen, rijen, compute_scores(laag, keuze), compute_scores(hoog, keuze))
    onder, boven = np.zeros(len(rijen)), np.ones(len(rijen))
    for _ in range(_HALVERINGEN):
        midden = (onder + boven) / 2
        te_laag = compute_scores(laag + midden[:, None] * (hoog - laag), keuze) < doel
        onder, boven = np.where(te_laag, midden, onder), np.where(te_laag, boven, midden)
    uitkomst = cellen.scores.copy()
    # A total that is unknown says nothing: the theme is put in the middle of its label.
    deel = np.where(np.isnan(doel), 0.5, (onder + boven) / 2)[:, None]
    uitkomst[rijen] = np.where(dicht[rijen], laag + deel * (hoog - laag), cellen.scores[rijen])
    return uitkomst


def _aim(cellen: Gepubliceerd, rijen: Gehelen, laagst: Getallen, hoogst: Getallen) -> Getallen:
    """Return the middle of what the total can be, given everything that is published."""
    getoond = np.round(cellen.totaal[rijen] / _SCORE_STAP) * _SCORE_STAP
    laag, hoog = _bracket(cellen.totaal_label[rijen], cellen.totaal_knippen[rijen])
    onder = np.maximum.reduce([laag, laagst, getoond - _SCORE_STAP / 2])
    boven = np.minimum.reduce([hoog, hoogst, getoond + _SCORE_STAP / 2])
    doel: Getallen = (onder + boven) / 2
    return doel


def _bracket(labels: Gehelen, knippen: Getallen) -> tuple[Getallen, Getallen]:
    """Return the scores between which a label lies; 0 and 100 where it is unknown."""
    nul = np.zeros((*labels.shape, 1))
    grenzen = np.concatenate([nul, knippen, nul + _HOOGSTE], axis=-1)
    bekend = (labels > 0) & ~np.isnan(knippen).any(axis=-1)
    plaats = np.where(bekend, labels, 1)[..., None]
    laag = np.take_along_axis(grenzen, plaats - 1, axis=-1)[..., 0]
    hoog = np.take_along_axis(grenzen, plaats, axis=-1)[..., 0]
    return np.where(bekend, laag, 0.0), np.where(bekend, hoog, _HOOGSTE)
