"""Whether a rate has risen: the fast lane beside the label (step 9).

Belongs here: the chance, on arrays. Does not belong here: what is counted and where a signal is
shown (SQL).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

Getal = npt.NDArray[np.float64]

MAANDEN_RECENT, MAANDEN_EERDER = 6, 24
TOENAME = 1.5


def compute_themasignaal(
    recent: npt.ArrayLike,
    eerder: npt.ArrayLike,
    phi: npt.ArrayLike,
    *,
    maanden_recent: npt.ArrayLike = MAANDEN_RECENT,
    maanden_eerder: npt.ArrayLike = MAANDEN_EERDER,
    q: npt.ArrayLike = TOENAME,
) -> Getal:
    """Return the chance that the rate has become at least ``q`` times what it was.

    Parameters
    ----------
    recent, eerder : array_like
        Episodes in the recent months and in those before.
    phi : array_like
        Overdispersion of the counts, at least 1.
    maanden_recent, maanden_eerder : array_like
        Months that were recorded: the exposure of each.
    q : array_like
        The rise that is asked about.

    Returns
    -------
    ndarray
        1 - BetaCDF(pi0; recent / phi + 1/2, eerder / phi + 1/2), where pi0 is the recent share
        of the events if the rate had become exactly ``q`` times as high.

    Examples
    --------
    >>> compute_themasignaal([1, 8], [4, 4], 1.0).round(3).tolist()
    [0.389, 0.998]

    Notes
    -----
    Source: label.md, step 9; conditional on their sum two Poisson counts are binomial, with
    Jeffreys' prior on the share.
    """
    r, b, f, m_r, m_b, keer = np.broadcast_arrays(
        *(
            np.asarray(v, dtype=float)
            for v in (recent, eerder, phi, maanden_recent, maanden_eerder, q)
        )
    )
    grens = keer * m_r / (keer * m_r + m_b)
    kans: Getal = 1.0 - betainc(r / f + 0.5, b / f + 0.5, grens)
    return kans
