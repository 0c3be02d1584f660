"""When a published label moves: the latches of step 8, on arrays.

Belongs here: step 8 for the evaluation of the method. Does not belong here: what is published,
which is ``int_label__demping`` in SQL.
"""

from __future__ import annotations

import numpy as np

from models.label.keten import Geheel, Getal

DIRECT = 0.80
TWEE_KWARTALEN = 0.65
"""P of the other side of a boundary at which the label moves: now, and in two quarters."""

_PRECIES = 6
"""Decimals of P: the draws are counted, so a threshold must not hang on a last bit."""


def damp_labels(
    ruw: Geheel, kans: Getal, *, direct: float = DIRECT, twee: float = TWEE_KWARTALEN
) -> Geheel:
    """Return the labels after damping.

    The label lies above or below each of the four boundaries, and stays on that side until the
    other side has P >= ``direct``, or P >= ``twee`` now and in the quarter before. The first
    label, and the first after unknown, is the raw one.

    Parameters
    ----------
    ruw : ndarray of int, shape (C, Q)
        Raw label by quarter, 1 .. 5; 0 where unknown.
    kans : ndarray, shape (C, Q, 5)
        P(label = k).
    direct, twee
        The thresholds.

    Returns
    -------
    ndarray of int, shape (C, Q)
        0 where the raw label is unknown.

    Examples
    --------
    >>> P = np.array([[[0, 0, 1, 0, 0], [0, 0, 0.35, 0.65, 0], [0, 0, 0.3, 0.7, 0]]])
    >>> damp_labels(np.array([[3, 4, 4]]), P)
    array([[3, 3, 4]])

    Notes
    -----
    Source: label.md, step 8.
    """
    boven = np.round(1.0 - np.cumsum(kans, axis=2)[:, :, :4], _PRECIES)
    onder = np.round(1.0 - boven, _PRECIES)
    grenzen = np.arange(1, 5)
    gedempt = np.zeros_like(ruw)
    for kwartaal in range(ruw.shape[1]):
        nu = ruw[:, kwartaal]
        if kwartaal == 0:
            gedempt[:, 0] = nu
            continue
        ligt_boven = gedempt[:, kwartaal - 1, None] > grenzen
        b, o = boven[:, kwartaal], onder[:, kwartaal]
        b_toen, o_toen = boven[:, kwartaal - 1], onder[:, kwartaal - 1]
        omhoog = (b >= direct) | ((b >= twee) & (b_toen >= twee))
        omlaag = (o >= direct) | ((o >= twee) & (o_toen >= twee))
        label = 1 + (omhoog | (ligt_boven & ~omlaag)).sum(axis=1)
        eerste = gedempt[:, kwartaal - 1] == 0
        gedempt[:, kwartaal] = np.where(nu == 0, 0, np.where(eerste, nu, label))
    return gedempt
