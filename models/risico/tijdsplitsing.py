"""What trains and what tests: always by time, never by chance.

Belongs here: rolling-origin windows and the check on their gap. Does not belong here: fitting
(the domains' ``training``), metrics (``maten``). No random split of rows exists anywhere: it would
let a complex's own future teach its past.

A peilmaand is months since 1970-01. Features of peilmaand t know the months before t; the outcome
is what happens in the ``horizon`` months from t on, so it is complete at t + horizon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.risico.paneel import Geheel, Paneel, Vlag
from vera.errors import BuurtpeilError

STAP_TRAINING = 3
"""Months between peildata that train: nearer ones say nearly the same."""

MINIMUM_VENSTERS = 4


class TijdFout(BuurtpeilError):
    """There is too little history to train and test by time."""


class LekFout(BuurtpeilError):
    """Training would have seen what happened after the peildatum it is tested on."""


@dataclass(frozen=True, order=True)
class Venster:
    """One origin: train up to here, test there.

    Attributes
    ----------
    train_tot : int
        Last peilmaand that may train, itself included: its outcome is complete at the test.
    toets_peilmaand : int
        The peilmaand whose complexes are scored.
    is_promotie : bool
        The last window: nobody looks at it before a promotion is decided.
    """

    train_tot: int
    toets_peilmaand: int
    is_promotie: bool = False


def make_vensters(
    peilmaanden: Iterable[int] | Geheel,
    horizon: int,
    stap: int,
    minimum: int,
    *,
    minimum_vensters: int = MINIMUM_VENSTERS,
) -> tuple[Venster, ...]:
    """Return the windows of a rolling origin, the earliest first.

    Parameters
    ----------
    peilmaanden
        Peilmaanden whose outcome is complete; doubles are fine.
    horizon
        Months that an outcome takes, and so the gap between training and test.
    stap
        Months between tests, counted back from the last peilmaand.
    minimum
        Months that the peildata of the first training must span, its first and last included.
    minimum_vensters
        With fewer there is no telling a better model from a lucky one.

    Returns
    -------
    tuple of Venster
        The last one is the promotion window.

    Raises
    ------
    TijdFout
        If there are fewer windows than ``minimum_vensters``.

    Examples
    --------
    >>> vensters = make_vensters(range(600, 661), horizon=6, stap=6, minimum=24)
    >>> len(vensters), vensters[0].train_tot, vensters[0].toets_peilmaand
    (6, 624, 630)

    Notes
    -----
    Source: design paper on the risk models, "Temporal CV".
    """
    if min(horizon, stap, minimum) < 1:
        raise TijdFout(
            f"horizon {horizon}, stap {stap} en minimum {minimum} kunnen niet alle drie.",
            verwacht="hele maanden, elk ten minste 1",
            remedie="geef de horizon van de uitkomst en stappen in maanden",
        )
    alle = sorted({int(maand) for maand in peilmaanden})
    beschikbaar = set(alle)
    eerste, laatste = (alle[0], alle[-1]) if alle else (0, -1)
    toetsen = [
        toets
        for toets in range(laatste, eerste - 1, -stap)
        if toets in beschikbaar and toets - horizon - eerste + 1 >= minimum
    ][::-1]
    if len(toetsen) < minimum_vensters:
        raise TijdFout(
            f"{len(alle)} peilmaanden geven {len(toetsen)} toetsvensters.",
            verwacht=f"ten minste {minimum_vensters}: {minimum} maanden om van te leren, "
            f"{horizon} maanden tot de toets, en {stap} maanden tussen toetsen",
            remedie="lever een langere geschiedenis; tot die tijd geldt de vuistregel",
        )
    return tuple(
        Venster(toets - horizon, toets, is_promotie=toets == toetsen[-1]) for toets in toetsen
    )


def select_ontwikkeling(vensters: Sequence[Venster]) -> tuple[Venster, ...]:
    """Return the windows to develop and choose on: all but the promotion window."""
    return tuple(venster for venster in vensters if not venster.is_promotie)


def check_gat(train_peilmaanden: Geheel, toets_peilmaand: int, horizon: int) -> None:
    """Check that every outcome in training was complete before the test.

    Parameters
    ----------
    train_peilmaanden : ndarray of int, shape (R,)
        Peilmaand of each row that trains.
    toets_peilmaand, horizon
        Of the window.

    Raises
    ------
    LekFout
        If an outcome of training reaches into or past the test's peilmaand.

    Examples
    --------
    >>> check_gat(np.array([600, 624]), 630, horizon=6)
    """
    te_laat = train_peilmaanden + horizon > toets_peilmaand
    if te_laat.any():
        raise LekFout(
            f"{int(te_laat.sum())} van {len(te_laat)} trainingsrijen hebben een uitkomst die nog "
            f"liep op de toetsdatum (laatste peilmaand {int(train_peilmaanden.max())}, toets "
            f"{toets_peilmaand}, horizon {horizon}).",
            verwacht=f"peilmaanden tot en met {toets_peilmaand - horizon}",
            remedie="laat tussen training en toets een gat zo lang als de horizon (make_vensters)",
        )


def select_training(peilmaand: Geheel, venster: Venster, *, stap: int = STAP_TRAINING) -> Vlag:
    """Return which rows train: every ``stap`` months back from the end, all history; shape (R,)."""
    terug = venster.train_tot - peilmaand
    telt: Vlag = (terug >= 0) & (terug % stap == 0)
    return telt


def select_toets(peilmaand: Geheel, venster: Venster) -> Vlag:
    """Return which rows test, shape (R,)."""
    toetst: Vlag = peilmaand == venster.toets_peilmaand
    return toetst


def split_paneel(
    paneel: Paneel, venster: Venster, *, horizon: int, stap: int = STAP_TRAINING
) -> tuple[Paneel, Paneel]:
    """Return the rows that train and those that test, of each those with a known outcome.

    Parameters
    ----------
    paneel
        The cohort; a row outside it has no known outcome.
    venster
        Which window.
    horizon
        Months that an outcome takes.
    stap
        Months between peildata that train.

    Raises
    ------
    LekFout
        If the window leaves no gap.
    """
    bekend = paneel.is_bekend
    train = paneel.select(select_training(paneel.peilmaand, venster, stap=stap) & bekend)
    check_gat(train.peilmaand, venster.toets_peilmaand, horizon)
    return train, paneel.select(select_toets(paneel.peilmaand, venster) & bekend)
