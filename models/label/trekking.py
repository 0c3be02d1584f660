"""How sure a label is: seeded draws of every indicator, through theme and total, to P(label = k).

Belongs here: step 7 of the method on arrays. Does not belong here: what x and its variance are
(steps 2 and 11, in SQL), what follows from P (step 8, in SQL).

A draw is a standard normal that depends on the key ``object|peildatum|indicator`` (or ``|theme``
for what its indicators share) and the number of the draw alone: the md5 of the key says where in
one fixed table of normals its 500 begin. So neither the order of rows, nor what else is drawn,
nor an engine or a library's generator has a say. Hashing every draw apart would take minutes for
an association; two keys get the very same 500 once in four million, and windows that overlap are
paired at different draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from vera.errors import BuurtpeilError

AANTAL = 500
"""Draws per label (label.md step 7)."""
ONDER, BOVEN = 0.1, 0.9
"""Ends of the 80 % range of labels."""
LABELS = 5
PLAATSEN = 1 << 22
"""Places in the table of normals where draws may begin."""
_BLOK = 256
"""Objects at a time: so many draws stay in the cache of a processor."""

Getal: TypeAlias = npt.NDArray[np.float64]
Enkel: TypeAlias = npt.NDArray[np.float32]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Maat:
    """The frozen reference of one level: what x is measured against.

    Attributes
    ----------
    thema : ndarray of int, shape (K,)
        Place of each indicator's theme, 0 .. T - 1.
    mediaan, schaal : ndarray, shape (K,)
        Of x in R. A scale of NaN means that complexes do not differ demonstrably: u is 0.
    kappa : ndarray, shape (T,)
        Standard deviation of z in R; NaN where there is none.
    omega : ndarray, shape (T,)
        Weight of each theme in the total.
    knippen : ndarray, shape (T + 1, 4)
        Cut-points of each theme's score and, last, of the total; NaN where there are none.
    macht : float
        p of the power mean.
    afkap : float
        u is clipped to -afkap .. afkap.
    """

    thema: Geheel
    mediaan: Getal
    schaal: Getal
    kappa: Getal
    omega: Getal
    knippen: Getal
    macht: float = 2.0
    afkap: float = 3.0


@dataclass(frozen=True)
class Onzekerheid:
    """How sure each theme and, last, the total of each object is.

    Attributes
    ----------
    standaardfout : ndarray, shape (n, T + 1)
        Of the score, in points; NaN where the score is unknown.
    kans : ndarray, shape (n, T + 1, 5)
        P(label = k); NaN where the label is unknown. A row adds up to 1.
    laag, hoog : ndarray of int, shape (n, T + 1)
        The 80 % range of the label; 0 where it is unknown.
    """

    standaardfout: Getal
    kans: Getal
    laag: Geheel
    hoog: Geheel


@cache
def _normalen(aantal: int) -> Enkel:
    """Return the table of standard normals, its first ``aantal`` repeated at the end."""
    bytes_ = hashlib.shake_128(b"buurtpeil: trekkingen van het Sociaal Beheer Label").digest(
        4 * PLAATSEN
    )
    deel = (np.frombuffer(bytes_, dtype="<u4").astype(np.float64) + 0.5) / 2.0**32
    normaal = ndtri(deel).astype(np.float32)
    return np.concatenate([normaal, normaal[:aantal]])


@cache
def _vensters(aantal: int) -> Enkel:
    """Return a view of ``aantal`` normals from every place of the table."""
    gezien: Enkel = np.lib.stride_tricks.sliding_window_view(_normalen(aantal), aantal)
    return gezien


def find_begin(sleutels: Sequence[str]) -> Geheel:
    """Return where the draws of each key begin in the table of normals.

    Parameters
    ----------
    sleutels
        ``object|peildatum|indicator``, or the theme in place of the indicator.

    Examples
    --------
    >>> find_begin(["C1|2026-01-01|OVL_EPISODE"]).tolist()
    [3753788]
    """
    return np.fromiter(
        (
            int.from_bytes(hashlib.md5(s.encode(), usedforsecurity=False).digest()[:4], "little")
            % PLAATSEN
            for s in sleutels
        ),
        dtype=np.int64,
        count=len(sleutels),
    )


def draw_normaal(begin: Geheel, aantal: int = AANTAL) -> Enkel:
    """Return ``aantal`` standard normals for every place of :func:`find_begin`, one row each."""
    gevonden: Enkel = _vensters(aantal)[begin]
    return gevonden


def trek_labels(
    x: Getal,
    var_x: Getal,
    gewicht: Getal,
    score: Getal,
    begin: Geheel,
    maat: Maat,
    *,
    lading: Getal | None = None,
    begin_thema: Geheel | None = None,
    aantal: int = AANTAL,
    meld: Callable[[int, int], None] | None = None,
) -> Onzekerheid:
    """Draw every object's labels and count them.

    Parameters
    ----------
    x, var_x : ndarray, shape (n, K)
        Posterior mean and variance of each indicator; NaN where there is none.
    gewicht : ndarray, shape (n, K)
        Share of each indicator in its theme for this object; 0 where there is none.
    score : ndarray, shape (n, T + 1)
        The scores themselves, 0 .. 100; NaN where unknown. P is centred at them: a draw is
        moved by the difference between the score and the mean of its draws.
    begin : ndarray of int, shape (n, K)
        Where the draws begin (:func:`find_begin`); not read where the weight is 0.
    maat : Maat
        What x is measured against.
    lading : ndarray, shape (n, K), optional
        Root of the part of ``var_x`` that the indicators of a theme share (ADR 0037); left out,
        nothing.
    begin_thema : ndarray of int, shape (n, T), optional
        Where the draws of what a theme's indicators share begin; goes with ``lading``.
    meld
        Told how many objects are done, of how many.

    Returns
    -------
    Onzekerheid

    Notes
    -----
    Source: label.md, step 7.
    """
    if (lading is None) != (begin_thema is None):
        raise BuurtpeilError(
            "Wat indicatoren van een thema delen, heeft een lading en een begin van trekkingen.",
            verwacht="beide of geen van beide",
            remedie="geef lading en begin_thema samen",
        )
    if lading is None or begin_thema is None:
        lading, begin_thema = np.zeros_like(x), np.zeros((len(x), len(maat.kappa)), dtype=np.int64)
    gedeeld, begin_gedeeld = lading, begin_thema
    n = len(x)
    stukken = [slice(i, min(i + _BLOK, n)) for i in range(0, n, _BLOK)]
    themas = len(maat.kappa)
    uit = Onzekerheid(
        np.full((n, themas + 1), np.nan),
        np.full((n, themas + 1, LABELS), np.nan),
        np.zeros((n, themas + 1), dtype=np.int64),
        np.zeros((n, themas + 1), dtype=np.int64),
    )
    _vensters(aantal)  # made once, before the threads ask for it

    def bereken(stuk: slice) -> int:
        getrokken = _draw_scores(
            x[stuk],
            var_x[stuk],
            gedeeld[stuk],
            gewicht[stuk],
            begin[stuk],
            begin_gedeeld[stuk],
            maat,
            aantal,
        )
        _count(getrokken, score[stuk], maat.knippen, uit, stuk)
        return min(int(stuk.start) + _BLOK, n)

    with ThreadPoolExecutor(max_workers=2) as draden:
        for klaar in draden.map(bereken, stukken):
            if meld is not None:
                meld(klaar, n)
    return uit


def _draw_scores(
    x: Getal,
    var_x: Getal,
    lading: Getal,
    gewicht: Getal,
    begin: Geheel,
    begin_thema: Geheel,
    maat: Maat,
    aantal: int,
) -> list[Getal | None]:
    """Return the draws (n, aantal) per theme and, last, of the total; None where nobody has one."""
    telt = (gewicht > 0) & np.isfinite(maat.schaal)
    u = _as_factor(telt, (x - maat.mediaan) / maat.schaal)
    los = np.sqrt(np.maximum(var_x - lading**2, 0.0))
    spreiding = _as_factor(telt, los / maat.schaal)
    gedeeld = _as_factor(telt, lading / maat.schaal)
    deel = (gewicht / maat.kappa[maat.thema]).astype(np.float32)
    onder, boven = np.float32(-maat.afkap), np.float32(maat.afkap)
    macht = np.zeros((len(x), aantal))
    som_omega = np.zeros((len(x), 1))
    getrokken: list[Getal | None] = []
    for thema, kappa in enumerate(maat.kappa):
        kolommen = [k for k in np.flatnonzero(maat.thema == thema) if gewicht[:, k].any()]
        if not kolommen or not np.isfinite(kappa):
            getrokken.append(None)
            continue
        z = np.zeros((len(x), aantal), dtype=np.float32)
        # One draw of what the theme's indicators share, for all of them alike.
        samen = draw_normaal(begin_thema[:, thema], aantal) if gedeeld[:, kolommen].any() else None
        for k in kolommen:
            trek = draw_normaal(np.where(gewicht[:, k] > 0, begin[:, k], 0), aantal)
            trek *= spreiding[:, k, None]
            trek += u[:, k, None]
            if samen is not None and gedeeld[:, k].any():
                trek += samen * gedeeld[:, k, None]
            np.clip(trek, onder, boven, out=trek)
            trek *= deel[:, k, None]
            z += trek
        score = np.multiply(ndtr(z, out=z), 100.0, dtype=np.float64)
        heeft = (gewicht[:, kolommen] > 0).any(axis=1, keepdims=True)
        macht += np.where(heeft, maat.omega[thema], 0.0) * score**maat.macht
        som_omega += np.where(heeft, maat.omega[thema], 0.0)
        getrokken.append(score)
    with np.errstate(invalid="ignore", divide="ignore"):
        getrokken.append((macht / som_omega) ** (1.0 / maat.macht))
    return getrokken


def _as_factor(telt: Vlag, waarde: Getal) -> Enkel:
    """Return the values of what counts in the precision of a draw, and 0 of what does not."""
    return np.where(telt, waarde, 0.0).astype(np.float32)


def _count(
    getrokken: Sequence[Getal | None],
    score: Getal,
    knippen: Getal,
    uit: Onzekerheid,
    stuk: slice,
) -> None:
    for plaats, alle in enumerate(getrokken):
        bekend = np.isfinite(score[:, plaats])
        if alle is None or not bekend.any():
            continue
        rijen = np.arange(stuk.start, stuk.stop)[bekend]
        trek = alle if bekend.all() else alle[bekend]
        midden = trek.mean(axis=1, keepdims=True)
        afstand = trek - midden
        afstand *= afstand
        uit.standaardfout[rijen, plaats] = np.round(np.sqrt(afstand.mean(axis=1)), 6)
        if not np.isfinite(knippen[plaats]).all():
            continue
        trek = trek + (score[bekend, plaats, None] - midden)
        # P(score <= cut): a score on the cut belongs below it, as for the label itself.
        onder = np.stack([_count_true(trek <= knip) for knip in knippen[plaats]], axis=1)
        onder = onder / trek.shape[1]
        grens = np.concatenate([np.zeros((len(trek), 1)), onder, np.ones((len(trek), 1))], axis=1)
        uit.kans[rijen, plaats] = np.round(np.diff(grens, axis=1), 6)
        uit.laag[rijen, plaats] = 1 + (grens[:, 1:] < ONDER).sum(axis=1)
        uit.hoog[rijen, plaats] = 1 + (grens[:, 1:] < BOVEN).sum(axis=1)


def _count_true(vlaggen: Vlag) -> Geheel:
    """Return how many of each row are true: eight at a time, a third of what a sum takes."""
    aantal: Geheel = np.bitwise_count(np.packbits(vlaggen, axis=1)).sum(axis=1, dtype=np.int64)
    return aantal
