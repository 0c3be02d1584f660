"""Making a score mean a probability again, when it demonstrably does not.

Belongs here: Platt's line and a shift that people enter. Does not belong here: measuring
calibration (``maten``), what is good enough to be promoted (``poort``).

A ridge logistic regression is calibrated as it is, so that doing nothing is the rule. There is no
isotonic regression here: under a thousand events it ties complexes that a ranking must tell
apart (it cost 14 % of average precision; design paper on the risk models), and no association of
this size sees a thousand in its test windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from models.risico.maten import compute_ijklijn
from models.risico.paneel import Geheel, Getal
from vera.errors import BuurtpeilError

MINIMUM_GEBEURTENISSEN = 150
HELLING_ONDER = 0.85
HELLING_BOVEN = 1.15

GROOTSTE_VERSCHUIVING = 2.0
"""In log-odds: more than sevenfold odds is another outcome, not another policy."""

_KLEINSTE_KANS = 1e-9


class IjkingFout(BuurtpeilError):
    """A calibration was asked for that cannot be accounted for."""


@dataclass(frozen=True)
class Verschuiving:
    """A change in level that people know the cause of, entered by hand.

    Attributes
    ----------
    vanaf : int
        First peilmaand it holds for, in months since 1970-01.
    omvang : float
        Added to the log-odds.
    reden : str
        Which policy changed, in Dutch.
    ingevoerd_door : str
        Function of who entered it.
    tot : int, optional
        First peilmaand it no longer holds for: from the training that has seen the change.

    Raises
    ------
    IjkingFout
        If there is no reason or no one to answer for it, or the size or period cannot be.
    """

    vanaf: int
    omvang: float
    reden: str
    ingevoerd_door: str
    tot: int | None = None

    def __post_init__(self) -> None:
        if not self.reden.strip() or not self.ingevoerd_door.strip():
            raise IjkingFout(
                "Een verschuiving heeft geen reden of niemand die haar invoerde.",
                verwacht="een bekende beleidswijziging en wie haar vaststelde",
                remedie="vul reden en ingevoerd_door; zonder bekende oorzaak: train opnieuw",
            )
        if not abs(self.omvang) <= GROOTSTE_VERSCHUIVING or (
            self.tot is not None and self.tot <= self.vanaf
        ):
            raise IjkingFout(
                f"Een verschuiving van {self.omvang} vanaf {self.vanaf} tot {self.tot} kan niet.",
                verwacht=f"hoogstens {GROOTSTE_VERSCHUIVING} log-odds, en een einde na het begin",
                remedie="kijk de omvang na, of train opnieuw",
            )


@dataclass(frozen=True)
class Ijking:
    """From the model's probability to the one that is published.

    Attributes
    ----------
    intercept, helling : float
        The line on the log-odds; 0 and 1 leave the probability as it is.
    reden : str
        Why so, in Dutch: for the model card.
    verschuivingen : tuple of Verschuiving
    """

    intercept: float = 0.0
    helling: float = 1.0
    reden: str = "geen ijking nodig"
    verschuivingen: tuple[Verschuiving, ...] = ()

    @property
    def is_platt(self) -> bool:
        """Whether a line was fitted."""
        return (self.intercept, self.helling) != (0.0, 1.0)

    def apply(self, p: Getal, peilmaand: int | Geheel) -> Getal:
        """Return the calibrated probability, shape (R,).

        The order of complexes stays as it was.

        Parameters
        ----------
        p : ndarray, shape (R,)
            From the model.
        peilmaand
            Which peilmaand the scores are of, one for all or one per row.
        """
        maand = np.broadcast_to(np.asarray(peilmaand, dtype=np.int64), p.shape)
        schuif = np.zeros(p.shape)
        for v in self.verschuivingen:
            geldt = maand >= v.vanaf
            if v.tot is not None:
                geldt &= maand < v.tot
            schuif += np.where(geldt, v.omvang, 0.0)
        if not self.is_platt and not schuif.any():
            return p.copy()
        x = logit(np.clip(p, _KLEINSTE_KANS, 1.0 - _KLEINSTE_KANS))
        geijkt: Getal = expit(self.intercept + self.helling * x + schuif)
        return geijkt


def fit_ijking(y: Getal, p: Getal, verschuivingen: Sequence[Verschuiving] = ()) -> Ijking:
    """Return Platt's line if it is needed and can be told, else no line.

    Parameters
    ----------
    y, p : ndarray, shape (R,)
        Outcomes and scores of test windows, all together: never of rows the model was trained on.
    verschuivingen
        Entered by hand; they hold on top of the line.

    Notes
    -----
    A slope outside .85 to 1.15 on 150 events or more asks for a line; with fewer events the slope
    itself is not known well enough. Source: design paper on the risk models, "Calibration".
    """
    met_hand = tuple(verschuivingen)
    gebeurtenissen = int(y.sum())
    if gebeurtenissen < MINIMUM_GEBEURTENISSEN:
        reden = (
            f"te weinig gebeurtenissen om te ijken ({gebeurtenissen} van {MINIMUM_GEBEURTENISSEN})"
        )
        return Ijking(reden=reden, verschuivingen=met_hand)
    intercept, helling = compute_ijklijn(y, p)
    getoond = f"{helling:.2f}".replace(".", ",")
    if HELLING_ONDER <= helling <= HELLING_BOVEN:
        return Ijking(reden=f"niet nodig: de helling is {getoond}", verschuivingen=met_hand)
    if not helling > 0:
        raise IjkingFout(
            f"De helling van uitkomst op kans is {getoond}: een hogere score betekent niet meer.",
            verwacht="een helling boven 0",
            remedie="gebruik dit model niet; de vuistregel geldt",
        )
    return Ijking(intercept, helling, f"Platt: de helling was {getoond}", met_hand)


def estimate_verschuiving(y: Getal, p: Getal) -> float:
    """Return the shift of the log-odds at which as many events are foretold as there were.

    For people to look at after a change of policy: it is entered by hand or not at all.

    Raises
    ------
    IjkingFout
        If there was no event, or nothing else.
    """
    if not 0 < y.sum() < len(y):
        raise IjkingFout(
            "Er is geen gebeurtenis, of er is niets anders.",
            verwacht="rijen met en zonder gebeurtenis",
            remedie="wacht tot er uitkomsten van na de wijziging zijn",
        )
    x = logit(np.clip(p, _KLEINSTE_KANS, 1.0 - _KLEINSTE_KANS))
    return float(brentq(lambda schuif: expit(x + schuif).sum() - y.sum(), -40.0, 40.0))
