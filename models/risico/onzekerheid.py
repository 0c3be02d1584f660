"""How sure a score and a place on the list are: the model fitted anew on complexes drawn anew.

Belongs here: refits, the interval of a probability, the chance to be on the list, and bands. Does
not belong here: whether one model is better than another (``bootstrap``), who is on the list
(``werklijst``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.base import clone

from models.risico.bootstrap import draw_clusters
from models.risico.maten import compute_lidmaatschap
from models.risico.paneel import Getal, Paneel
from models.risico.schatters import Schatter
from models.risico.tekenlogistiek import TekenLogistiek, solve_trekkingen
from vera.errors import BuurtpeilError

HERTRAININGEN = 50
NIVEAU = 0.80

ZEKER = 0.8
WAARSCHIJNLIJK = 0.5

MINIMUM_COMPLEXEN = 10
"""Complexes with an event in training: fewer, and a draw may hold none."""

Band: TypeAlias = Literal["zeker", "waarschijnlijk", "grensgeval"]


class OnzekerheidFout(BuurtpeilError):
    """Too little happened to say how sure a score is."""


@dataclass(frozen=True, eq=False)
class Onzekerheid:
    """How sure each score is.

    Attributes
    ----------
    onder, boven : ndarray, shape (R,)
        80 % interval of the probability.
    kans_top_k : ndarray, shape (R,)
        Share of refits in which the complex is among the k highest.
    k : int
    overlap : float
        Share of their k highest that two refits have in common, on average.
    """

    onder: Getal
    boven: Getal
    kans_top_k: Getal
    k: int
    overlap: float

    @property
    def band(self) -> npt.NDArray[np.str_]:
        """Band of each complex, shape (R,); of one that is on no list it says nothing."""
        return np.array([band_from_kans(kans) for kans in self.kans_top_k], dtype=np.str_)


def band_from_kans(kans: float) -> Band:
    """Return how sure a place on the list is.

    Examples
    --------
    >>> [band_from_kans(kans) for kans in (0.8, 0.79, 0.5, 0.49)]
    ['zeker', 'waarschijnlijk', 'waarschijnlijk', 'grensgeval']
    """
    if kans >= ZEKER:
        return "zeker"
    return "waarschijnlijk" if kans >= WAARSCHIJNLIJK else "grensgeval"


def refit_scores(
    schatter: Schatter,
    train: Paneel,
    x: Getal,
    rng: np.random.Generator,
    *,
    hertrainingen: int = HERTRAININGEN,
    gewicht: Getal | None = None,
    train_x: Getal | None = None,
) -> Getal:
    """Return the probabilities that refits on drawn complexes give, shape (B, R).

    Parameters
    ----------
    schatter
        The fitted pipeline, with a last step ``model`` that takes weights.
    train
        What it was fitted on.
    x : ndarray, shape (R, F)
        What to score.
    rng
        Seeded.
    hertrainingen
        Number of refits, B.
    gewicht : ndarray, shape (N,), optional
        Weights of the rows of ``train`` that it was fitted with.
    train_x : ndarray, shape (N, F), optional
        What it was fitted on, where that is more than the features of ``train``.

    Raises
    ------
    OnzekerheidFout
        If fewer than ten complexes had an event.

    Notes
    -----
    The champion is solved anew from where it stands, with its means, scales and imputation as
    they are: their own play is far smaller than the coefficients'. Others are fitted from scratch.
    """
    namen, plaats = np.unique(train.complex_id, return_inverse=True)
    met = len(np.unique(plaats[train.y == 1]))
    if met < MINIMUM_COMPLEXEN:
        raise OnzekerheidFout(
            f"Bij {met} complexen gebeurde er iets in de training.",
            verwacht=f"ten minste {MINIMUM_COMPLEXEN} complexen",
            remedie="gebruik een langere geschiedenis, of de vuistregel",
        )
    eigen = np.ones(len(train)) if gewicht is None else gewicht
    invoer = train.x if train_x is None else train_x
    keer = draw_clusters(len(namen), rng, hertrainingen)
    if not _is_kampioen(schatter):
        return np.stack(list(_fit_again(schatter, invoer, train.y, keer[:, plaats] * eigen, x)))
    aanvulling, model = schatter.named_steps["aanvulling"], schatter.named_steps["model"]
    thetas = solve_trekkingen(
        (aanvulling.transform(invoer) - model.mean_) / model.scale_,
        train.y,
        keer,
        plaats,
        alpha=float(model.alpha),
        tekens=model.tekens_,
        begin=np.r_[model.intercept_, model.coef_],
        gewicht=eigen,
    )
    doel = (aanvulling.transform(x) - model.mean_) / model.scale_
    return np.stack([expit(doel @ theta[1:] + theta[0]) for theta in thetas])


def _is_kampioen(schatter: Schatter) -> bool:
    return list(schatter.named_steps) == ["aanvulling", "model"] and isinstance(
        schatter.named_steps["model"], TekenLogistiek
    )


def _fit_again(
    schatter: Schatter, train_x: Getal, y: Getal, getrokken: Getal, x: Getal
) -> Iterator[Getal]:
    for w in getrokken:
        telt = w > 0
        opnieuw = clone(schatter).fit(train_x[telt], y[telt], model__sample_weight=w[telt])
        yield opnieuw.predict_proba(x)[:, 1]


def summarise_refits(kansen: Getal, p: Getal, k: int) -> Onzekerheid:
    """Return how sure each score is, from the probabilities of refits.

    Parameters
    ----------
    kansen : ndarray, shape (B, R)
        Of the refits (:func:`refit_scores`), calibrated as ``p`` is.
    p : ndarray, shape (R,)
        Of the model itself: the interval is widened to hold it where refits lie to one side.
    k
        Length of the list.
    """
    staart = (1.0 - NIVEAU) / 2.0
    onder, boven = np.quantile(kansen, [staart, 1.0 - staart], axis=0)
    lid = np.stack([compute_lidmaatschap(kans, k) for kans in kansen])
    b, lengte = len(kansen), min(k, kansen.shape[1])
    som = lid.sum(axis=0)
    paren = float((som**2).sum() - (lid**2).sum())
    return Onzekerheid(
        onder=np.minimum(onder, p),
        boven=np.maximum(boven, p),
        kans_top_k=som / b,
        k=k,
        overlap=paren / (b * (b - 1) * lengte) if b > 1 and lengte else np.nan,
    )


def estimate_onzekerheid(
    schatter: Schatter,
    train: Paneel,
    x: Getal,
    k: int,
    rng: np.random.Generator,
    *,
    hertrainingen: int = HERTRAININGEN,
    gewicht: Getal | None = None,
    train_x: Getal | None = None,
) -> Onzekerheid:
    """Return how sure each score of a fitted pipeline is.

    Parameters
    ----------
    schatter, train, x, rng, hertrainingen, gewicht, train_x
        As of :func:`refit_scores`.
    k
        Length of the list.

    Notes
    -----
    Source: design paper on the risk models, "Uncertainty".
    """
    kansen = refit_scores(
        schatter, train, x, rng, hertrainingen=hertrainingen, gewicht=gewicht, train_x=train_x
    )
    return summarise_refits(kansen, schatter.predict_proba(x)[:, 1], k)
