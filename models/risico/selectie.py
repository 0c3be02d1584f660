"""What inspections say of complexes that were not inspected: weighting by the chance of selection.

Belongs here: prevalence, the yield of a way of choosing, and whether enough is drawn at random.
Does not belong here: drawing itself (``werklijst``), the model of hits (``models/woonfraude``).
Source: design paper on the risk models, "Selection bias"; design paper on trust, same rule.

A hit is found by one inspection of one address that the desk check chose inside the complex. A
rate here is therefore per such inspection, of a complex as it stands on the list of complexes, and
not a share of dwellings: an address drawn blindly hits far less often.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from models.risico.paneel import Geheel, Getal, Tekst, Vlag
from vera.errors import BuurtpeilError

REDENEN = ("tip", "proactief_medewerker", "proactief_model", "aselect")
"""Codes of ``reden_code``; tips are no part of any estimate here."""
TIP, MEDEWERKER, MODEL, ASELECT = REDENEN

EPSILON_BEGIN = 0.30
EPSILON = 0.20
EPSILON_VLOER = 0.10
GENOEG_ONDERZOEKEN = 300
"""Logged proactive inspections under which the rule chooses, with the larger random share."""

MINIMUM_ESS = 30.0
"""Inspections that a weighted estimate must be worth."""


class SelectieFout(BuurtpeilError):
    """The inspection log cannot be used: a reason is unknown, or a chance outside (0, 1]."""


@dataclass(frozen=True, eq=False)
class Onderzoeklog:
    """Finished inspections, one row each.

    Attributes
    ----------
    complex_id : ndarray of str, shape (I,)
    maand : ndarray of int, shape (I,)
        Months since 1970-01: the peilmaand of the features that go with the inspection.
    bekend : ndarray of int, shape (I,)
        Month in which the result became known; a model trained at t sees earlier months only.
    reden : ndarray of str, shape (I,)
        One of :data:`REDENEN`.
    selectiekans : ndarray, shape (I,)
        Chance with which the complex was chosen that month for this reason; NaN for a tip, and
        where it was not kept.
    is_treffer : ndarray, shape (I,)
        0 or 1.
    """

    complex_id: Tekst
    maand: Geheel
    bekend: Geheel
    reden: Tekst
    selectiekans: Getal
    is_treffer: Getal

    def __post_init__(self) -> None:
        vreemd = sorted(set(self.reden.tolist()) - set(REDENEN))
        if vreemd:
            raise SelectieFout(
                f"Onbekende reden van onderzoek: {', '.join(vreemd)}.",
                verwacht=", ".join(REDENEN),
                remedie="vertaal de reden in staging, of voeg haar aan REDENEN toe",
            )

    def __len__(self) -> int:
        return len(self.complex_id)

    @property
    def is_tip(self) -> Vlag:
        """Rows that a tip led to."""
        return np.asarray(self.reden == TIP)

    def select(self, mask: Vlag | Geheel) -> Self:
        """Return the rows of a mask, or the rows of these numbers."""
        return replace(
            self,
            **{naam: getattr(self, naam)[mask] for naam in self.__dataclass_fields__},
        )


@dataclass(frozen=True, eq=False)
class Weeglog(Onderzoeklog):
    """Inspections that can be weighed: each with its buurt, and no chance that cannot be.

    Attributes
    ----------
    buurt : ndarray of int, shape (I,)
        Draws of the interval are of buurten.
    """

    buurt: Geheel

    def __post_init__(self) -> None:
        super().__post_init__()
        lengtes = {len(getattr(self, naam)) for naam in self.__dataclass_fields__}
        bekend = self.selectiekans[~np.isnan(self.selectiekans)]
        buiten = int(((bekend <= 0) | (bekend > 1)).sum())
        if len(lengtes) > 1 or buiten:
            raise SelectieFout(
                f"Het log van onderzoeken klopt niet: {sorted(lengtes)} rijen per kolom, "
                f"{buiten} kansen buiten 0 tot 1.",
                verwacht="even lange kolommen, kansen boven 0 tot en met 1",
                remedie="kijk het log na waar de selectiekans wordt vastgelegd",
            )

    def _paar(self) -> Tekst:
        """Return complex and month of each inspection as one text, shape (I,)."""
        complex_ = np.char.add(self.complex_id.astype(str), "|")
        return np.char.add(np.char.add(complex_, self.maand.astype(str)), "|")

    @property
    def gewicht(self) -> Getal:
        """What each inspection counts for, shape (I,): 1 over its chance; NaN where not kept.

        The chance is that a complex was chosen at all that month. Inspections of one complex in
        one month for one reason share what it counts for.
        """
        sleutel = np.char.add(self._paar(), self.reden.astype(str))
        _, plaats, keer = np.unique(sleutel, return_inverse=True, return_counts=True)
        gewicht: Getal = 1.0 / (self.selectiekans * keer[plaats])
        return gewicht

    @property
    def in_modelbaan(self) -> Vlag:
        """Inspections of a complex that the model had on its list that month, as far as seen."""
        paar = self._paar()
        vlag: Vlag = np.isin(paar, paar[self.reden == MODEL])
        return vlag

    @property
    def is_aselect(self) -> Vlag:
        """Inspections of a complex that was drawn at random, with its chance kept."""
        vlag: Vlag = (self.reden == ASELECT) & ~np.isnan(self.selectiekans)
        return vlag

    @property
    def is_gelogd_proactief(self) -> Vlag:
        """Inspections that nobody tipped, with their chance kept."""
        vlag: Vlag = (self.reden != TIP) & ~np.isnan(self.selectiekans)
        return vlag


@dataclass(frozen=True)
class Schatting:
    """A weighted rate with its interval over buurten.

    Attributes
    ----------
    waarde, onder, boven : float
        NaN where there is nothing to weight; interval NaN with too little.
    aantal : int
        Inspections it was made of.
    ess : float
        Equally weighted inspections that it is worth: ``sum(w)^2 / sum(w^2)``.
    """

    waarde: float
    onder: float
    boven: float
    aantal: int
    ess: float

    @property
    def is_genoeg(self) -> bool:
        """Whether it is worth enough inspections to be shown as a number."""
        return self.ess >= MINIMUM_ESS


@dataclass(frozen=True)
class Naasteen:
    """The same question answered with and without weighting, for all to see side by side."""

    wat: str
    met: Schatting
    zonder: Schatting

    @property
    def zin(self) -> str:
        """Both, as a Dutch sentence."""
        if not self.met.is_genoeg:
            return (
                f"{self.wat}: te weinig gegevens ({self.met.aantal} onderzoeken, na weging "
                f"{self.met.ess:.0f} waard)."
            )
        tekst = (
            f"{self.wat}: {100 * self.met.waarde:.1f} % (tussen {100 * self.met.onder:.1f} en "
            f"{100 * self.met.boven:.1f}) na weging naar alle complexen; zonder weging "
            f"{100 * self.zonder.waarde:.1f} %."
        )
        return tekst.replace(".", ",").removesuffix(",") + "."


def compute_hajek(
    y: npt.NDArray[np.bool_] | Getal,
    gewicht: Getal,
    buurt: Geheel,
    *,
    rng: np.random.Generator,
    trekkingen: int = 500,
    niveau: float = 0.95,
) -> Schatting:
    """Return ``sum(w y) / sum(w)`` with an interval over draws of buurten.

    Parameters
    ----------
    y : ndarray, shape (I,)
        Hit or not.
    gewicht : ndarray, shape (I,)
        1 over the chance of selection, or of a policy its own chance over that.
    buurt : ndarray of int, shape (I,)
    rng, trekkingen, niveau
        Of the interval: percentiles over buurten drawn with replacement; where nothing hit or
        everything did, the exact binomial bound of as many inspections as it is worth.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y, w = np.array([1.0, 0.0]), np.array([1.0, 3.0])
    >>> compute_hajek(y, w, np.array([0, 1]), rng=rng).waarde
    0.25
    """
    w = np.asarray(gewicht, dtype=np.float64)
    som = float(w.sum())
    if som <= 0:
        return Schatting(np.nan, np.nan, np.nan, len(w), 0.0)
    ess = som**2 / float((w**2).sum())
    _, groep = np.unique(buurt, return_inverse=True)
    buurten = int(groep.max()) + 1
    wy = np.bincount(groep, w * y, buurten)
    ww = np.bincount(groep, w, buurten)
    onder = boven = np.nan
    staart = (1.0 - niveau) / 2.0
    if buurten > 1:
        keer = rng.multinomial(buurten, np.full(buurten, 1.0 / buurten), trekkingen)
        noemer = keer @ ww
        telt = noemer > 0
        onder, boven = np.quantile((keer @ wy)[telt] / noemer[telt], (staart, 1.0 - staart))
    waarde = float(wy.sum() / som)
    # Draws of nothing but misses (or hits) do not vary; what they are worth says how far to go.
    if wy.sum() == 0.0:
        waarde, onder, boven = 0.0, 0.0, 1.0 - staart ** (1.0 / ess)
    elif np.all(np.asarray(y)[w > 0] == 1):
        waarde, onder, boven = 1.0, staart ** (1.0 / ess), 1.0
    return Schatting(waarde, float(onder), float(boven), len(w), ess)


def compute_prevalentie(
    log: Weeglog, *, rng: np.random.Generator, trekkingen: int = 500
) -> Naasteen:
    """Return how often an inspection of an arbitrary complex would hit.

    From the random draws alone, each weighing 1 over its chance; beside it what all proactive
    inspections would say when nobody asks how they were chosen.

    Notes
    -----
    Hajek's ratio: weights that do not add up to the number of complexes do no harm.
    """
    a = log.is_aselect
    proactief = log.reden != TIP
    met = compute_hajek(
        log.is_treffer[a], log.gewicht[a], log.buurt[a], rng=rng, trekkingen=trekkingen
    )
    zonder = compute_hajek(
        log.is_treffer[proactief],
        np.ones(int(proactief.sum())),
        log.buurt[proactief],
        rng=rng,
        trekkingen=trekkingen,
    )
    return Naasteen("Kans dat een onderzoek in een willekeurig complex raak is", met, zonder)


def compute_opbrengst(
    log: Weeglog,
    doelkans: Getal,
    naam: str,
    *,
    rng: np.random.Generator,
    in_modelbaan: Vlag | None = None,
    trekkingen: int = 500,
) -> Naasteen:
    """Return how often inspections would hit if another policy had chosen them.

    Parameters
    ----------
    log
        All inspections; tips and those without a kept chance are passed over.
    doelkans : ndarray, shape (I,)
        Chance with which the policy would have chosen that complex that month (0 or 1 for a list).
    naam
        Of the policy, for the sentence.
    in_modelbaan : ndarray of bool, shape (I,), optional
        Whether the model's list of that month held the complex. Left out, it is read from the log:
        then a complex with room for one address, that the lot took before the model, is not seen
        to be on the list, and weighs twice on average.

    Returns
    -------
    Naasteen
        Weighted with ``doelkans`` over the kept chance; and the plain hit rate of the same
        inspections that the policy would have made, which leans to where was looked already.

    Notes
    -----
    A model's list is certain, so that what is on it is inspected by the list itself; the lot speaks
    for the complexes outside it. Both together count every complex once. Staff choose by chances
    that are above 0 for all, and count every complex once more.

    What the policy would choose and nobody could have chosen (chance 0 under the old one) is not
    seen by any weighting: the random share is there to make that chance above 0 everywhere.
    """
    if len(doelkans) != len(log) or np.isnan(doelkans).any():
        raise SelectieFout(
            f"Er zijn {len(doelkans)} doelkansen bij {len(log)} onderzoeken, of er is er een "
            "onbekend.",
            verwacht="één kans per onderzoek",
            remedie="scoor elk complex in de maand van het onderzoek",
        )
    op_lijst = log.in_modelbaan if in_modelbaan is None else in_modelbaan
    telt = log.is_gelogd_proactief & ~((log.reden == ASELECT) & op_lijst)
    gekozen = log.is_gelogd_proactief & (doelkans > 0)
    met = compute_hajek(
        log.is_treffer[telt],
        doelkans[telt] * log.gewicht[telt],
        log.buurt[telt],
        rng=rng,
        trekkingen=trekkingen,
    )
    zonder = compute_hajek(
        log.is_treffer[gekozen], doelkans[gekozen], log.buurt[gekozen], rng=rng,
        trekkingen=trekkingen,
    )  # fmt: skip
    return Naasteen(f"Onderzoeken die raak zijn bij {naam}", met, zonder)


def compare_banen(
    log: Weeglog, *, rng: np.random.Generator, trekkingen: int = 500
) -> dict[str, Schatting]:
    """Return the plain hit rate per reason, tips included: what each lane finds per inspection."""
    return {
        reden: compute_hajek(
            log.is_treffer[log.reden == reden],
            np.ones(int((log.reden == reden).sum())),
            log.buurt[log.reden == reden],
            rng=rng,
            trekkingen=trekkingen,
        )
        for reden in REDENEN
    }


# --- how much is drawn at random


@dataclass(frozen=True)
class Lotingstoets:
    """Whether enough of the proactive capacity is random.

    Attributes
    ----------
    aandeel : float
        Share of proactive inspections that were drawn; NaN without any.
    norm, vloer : float
        What it should be now, and what it may never be under.
    is_voldoende : bool
        Whether the share is at the floor or above it.
    is_op_norm : bool
    zin : str
        Dutch sentence.
    """

    aandeel: float
    norm: float
    vloer: float
    is_voldoende: bool
    is_op_norm: bool
    zin: str


def choose_epsilon(gelogde_onderzoeken: int) -> float:
    """Return the random share of proactive capacity.

    Examples
    --------
    >>> choose_epsilon(299), choose_epsilon(300)
    (0.3, 0.2)
    """
    return EPSILON_BEGIN if gelogde_onderzoeken < GENOEG_ONDERZOEKEN else EPSILON


def check_loting(log: Weeglog, vanaf: int) -> Lotingstoets:
    """Return whether enough was drawn at random since month ``vanaf``.

    The norm follows from what was logged before that month: there the share was chosen.
    """
    proactief = log.reden != TIP
    recent = proactief & (log.maand >= vanaf)
    norm = choose_epsilon(int((log.is_gelogd_proactief & (log.maand < vanaf)).sum()))
    aantal, geloot = int(recent.sum()), int((recent & log.is_aselect).sum())
    aandeel = geloot / aantal if aantal else np.nan
    voldoende, op_norm = (bool(aandeel >= grens - 1e-9) for grens in (EPSILON_VLOER, norm))
    if not aantal:
        zin = "Er zijn geen eigen onderzoeken gedaan."
    else:
        zin = (
            f"Van {aantal} eigen onderzoeken zijn er {geloot} door loting gekozen "
            f"({100 * aandeel:.0f} %). De norm is {100 * norm:.0f} %"
            + (
                "."
                if voldoende
                else f", en onder de {100 * EPSILON_VLOER:.0f} % is niet te zien wat het model "
                "mist."
            )
        )
    return Lotingstoets(aandeel, norm, EPSILON_VLOER, voldoende, op_norm, zin)
