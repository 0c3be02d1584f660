"""Whether the world of the model still is the world it learned: monthly signals and the stop rule.

Belongs here: the control chart of corporation-wide reports, how scores and lists move, what goes
missing, and when a model makes room for the rule. Does not belong here: metrics (``maten``),
carrying out the stop (the run), whether a new model may be used (``poort``).
Source: design paper on the risk models, "Monitoring".

What is measured of the chart on 60 demo worlds with a form that lifts reports by 27 % on average:
of 46,600 dwellings (270 reports a month, spread 8 %) 57 % is seen in the first month, 67 % within
two and 78 % within three, and 33 % has an alarm in 24 quiet months; of 60,000 dwellings 83 % within
two, and 23 % an alarm. The spread decides: at 6 % of it 97 % is seen within two months.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from models.risico.paneel import Geheel, Getal, Vlag
from vera.errors import BuurtpeilError


class DriftFout(BuurtpeilError):
    """A series is too short, or not what a monthly signal can be made of."""


@dataclass(frozen=True)
class Driftgrenzen:
    """Every limit of the monthly signals and of the stop rule.

    Attributes
    ----------
    sigma : float
        Standard deviations at which one month is an alarm.
    cusum_speling, cusum_grens : float
        Each month's deviation counts as far as it exceeds the first; an alarm at the second.
    referentie, referentie_minimum : int
        Months before the month that is judged: at most, and at least.
    na_breuk : int
        Months after a known change before the chart speaks again.
    verloop : float
        Share of the list that may change from one month to the next.
    gemiddelde : tuple of float
        The mean score over that of the reference may lie between these.
    ontbreken : float
        By how much the share of missing values may rise.
    oe : tuple of float
        Outside these, observed over expected stops the model, if its interval excludes 1 as well.
    verloren_vensters : int
        Test windows in a row without being better than the rule that stop the model.
    """

    sigma: float = 3.0
    cusum_speling: float = 0.75
    cusum_grens: float = 5.0
    referentie: int = 48
    referentie_minimum: int = 24
    na_breuk: int = 6
    verloop: float = 0.4
    gemiddelde: tuple[float, float] = (0.67, 1.5)
    ontbreken: float = 0.10
    oe: tuple[float, float] = (0.67, 1.5)
    verloren_vensters: int = 2


# --- the control chart


@dataclass(frozen=True, eq=False)
class Regelkaart:
    """Reports per month against what the season and the last years let one expect.

    Attributes
    ----------
    maand : ndarray of int, shape (T,)
        Months since 1970-01.
    aantal, verwacht : ndarray, shape (T,)
        NaN where there is no reference yet.
    onder, boven : ndarray, shape (T,)
        Where one month is an alarm.
    z, cusum_hoog, cusum_laag : ndarray, shape (T,)
    is_alarm : ndarray of bool, shape (T,)
    """

    maand: Geheel
    aantal: Getal
    verwacht: Getal
    onder: Getal
    boven: Getal
    z: Getal
    cusum_hoog: Getal
    cusum_laag: Getal
    is_alarm: Vlag

    @property
    def zin(self) -> str:
        """What the last month says, as a Dutch sentence."""
        if not len(self.maand) or np.isnan(self.verwacht[-1]):
            return "Er zijn nog te weinig maanden om te zien of het aantal meldingen verandert."
        cijfers = f"{self.aantal[-1]:.0f} meldingen, verwacht {self.verwacht[-1]:.0f}"
        if not self.is_alarm[-1]:
            return f"Het aantal meldingen is zoals verwacht ({cijfers})."
        # An old rise and a new fall at once: the larger of the two says where it went.
        hoger = max(self.z[-1] / 3.0, self.cusum_hoog[-1] / 5.0) >= max(
            -self.z[-1] / 3.0, self.cusum_laag[-1] / 5.0
        )
        richting = "meer" if hoger else "minder"
        return (
            f"Er wordt {richting} gemeld dan verwacht ({cijfers}). Zoek uit of de manier van "
            "melden is veranderd. Zo ja: leg de datum vast en ijk het model opnieuw."
        )


def _ontwerp(maand: Geheel, breuken: Sequence[int]) -> Getal:
    hoek = 2.0 * np.pi * maand / 12.0
    trappen = [(maand >= breuk).astype(np.float64) for breuk in breuken]
    return np.column_stack([np.ones(len(maand)), np.sin(hoek), np.cos(hoek), *trappen])


def _forecast(
    maand: Geheel, aantal: Getal, omvang: Getal, nu: int, breuken: Sequence[int], g: Driftgrenzen
) -> tuple[float, float]:
    """Return the expected count of row ``nu`` and its standard deviation, or NaN twice."""
    eerste = max(0, nu - g.referentie)
    ref = np.arange(eerste, nu)
    ref = ref[(aantal[ref] > 0) & ~np.isnan(aantal[ref])]
    # Only a change that lies inside the reference has two sides to tell apart.
    binnen = [b for b in breuken if len(ref) and maand[ref[0]] < b <= maand[nu]]
    te_vers = any(maand[nu] - b < g.na_breuk for b in binnen)
    x = _ontwerp(maand[ref], binnen)
    if te_vers or len(ref) < g.referentie_minimum or not omvang[nu] > 0:
        return np.nan, np.nan
    tarief = aantal[ref] / omvang[ref]
    beta = np.linalg.lstsq(x, np.log(tarief), rcond=None)[0]
    vorm = np.exp(x @ beta) * omvang[ref]
    # Logs understate the mean: the level is set back so that the reference adds up.
    niveau = aantal[ref].sum() / vorm.sum()
    verwacht = niveau * vorm
    rest = (aantal[ref] - verwacht) / np.sqrt(verwacht)
    spreiding = np.sqrt((rest**2).sum() / (len(ref) - x.shape[1]))
    rij = _ontwerp(maand[[nu]], binnen)[0]
    onzeker = np.sqrt(1.0 + rij @ np.linalg.pinv(x.T @ x) @ rij)
    mu = float(niveau * np.exp(rij @ beta) * omvang[nu])
    return mu, float(np.sqrt(mu) * spreiding * onzeker)


def compute_regelkaart(
    maand: Geheel,
    aantal: Getal,
    omvang: Getal | None = None,
    *,
    breuken: Sequence[int] = (),
    grenzen: Driftgrenzen | None = None,
) -> Regelkaart:
    """Return the seasonal control chart: three sigma for a jump, CUSUM for a creep.

    Parameters
    ----------
    maand : ndarray of int, shape (T,)
        Consecutive months since 1970-01.
    aantal : ndarray, shape (T,)
        Reports of all complexes together; NaN in a month without coverage.
    omvang : ndarray, shape (T,), optional
        Dwellings whose reports are kept that month; 1 when left out.
    breuken
        Months of known changes in how reports come in, entered by hand. Each gives the level a
        step, and the chart is silent until ``na_breuk`` months later.

    Raises
    ------
    DriftFout
        If months are missing or lengths differ.

    Notes
    -----
    Every month is foretold from the months before it alone. Deviations are counted in their own
    past spread, not Poisson's: reports come in bursts. The level of the past is an estimate too,
    and its uncertainty widens the limits.
    """
    g = grenzen or Driftgrenzen()
    omvang = np.ones(len(aantal)) if omvang is None else omvang
    if len({len(maand), len(aantal), len(omvang)}) > 1 or (np.diff(maand) != 1).any():
        raise DriftFout(
            f"De reeks heeft {len(maand)} maanden, {len(aantal)} aantallen en {len(omvang)} keer "
            "een omvang, of er ontbreekt een maand.",
            verwacht="opeenvolgende maanden, met NaN waar niets bekend is",
            remedie="vul de ontbrekende maanden aan",
        )
    mu, sd = (np.full(len(aantal), np.nan) for _ in range(2))
    for nu in range(len(aantal)):
        mu[nu], sd[nu] = _forecast(maand, aantal, omvang, nu, breuken, g)
    z = (aantal - mu) / sd
    hoog, laag = (np.zeros(len(z)) for _ in range(2))
    for nu in range(len(z)):
        vorige_h, vorige_l = (hoog[nu - 1], laag[nu - 1]) if nu else (0.0, 0.0)
        stap = z[nu]
        if np.isnan(stap):  # silent months neither add nor forget, but for a known change
            hoog[nu], laag[nu] = (0.0, 0.0) if np.isnan(mu[nu]) else (vorige_h, vorige_l)
            continue
        hoog[nu] = max(0.0, vorige_h + stap - g.cusum_speling)
        laag[nu] = max(0.0, vorige_l - stap - g.cusum_speling)
    alarm = (np.abs(z) > g.sigma) | ((np.maximum(hoog, laag) > g.cusum_grens) & ~np.isnan(z))
    return Regelkaart(
        maand=maand,
        aantal=aantal,
        verwacht=mu,
        onder=np.maximum(mu - g.sigma * sd, 0.0),
        boven=mu + g.sigma * sd,
        z=z,
        cusum_hoog=hoog,
        cusum_laag=laag,
        is_alarm=alarm,
    )


# --- signals of the score and its features


@dataclass(frozen=True)
class Signaal:
    """One monthly signal.

    Attributes
    ----------
    naam : str
    waarde : float
    grens : str
        As shown; ``ter informatie`` when no value is an alarm.
    is_alarm : bool
    zin : str
        Dutch sentence.
    """

    naam: str
    waarde: float
    grens: str
    is_alarm: bool
    zin: str


def compute_verloop(
    vorige: AbstractSet[str], huidige: AbstractSet[str], grenzen: Driftgrenzen | None = None
) -> Signaal:
    """Return which share of last month's list is no longer on it.

    Examples
    --------
    >>> compute_verloop({"a", "b", "c", "d"}, {"a", "b", "c", "e"}).waarde
    0.25
    """
    g = grenzen or Driftgrenzen()
    waarde = len(vorige - huidige) / len(vorige) if vorige else np.nan
    zin = (
        "Er was nog geen lijst."
        if not vorige
        else f"Van de {len(vorige)} complexen van vorige maand zijn er {len(vorige - huidige)} "
        "van de lijst af."
    )
    return Signaal("verloop van de lijst", waarde, f"hoogstens {g.verloop:.0%}".replace("%", " %"),
                   bool(waarde > g.verloop), zin)  # fmt: skip


def compare_gemiddelde(
    p: Getal, referentie: Sequence[float], grenzen: Driftgrenzen | None = None
) -> Signaal:
    """Return the mean score over the mean of earlier months.

    Parameters
    ----------
    p : ndarray, shape (C,)
        Scores of this month.
    referentie
        Mean score of each of the last twelve months.
    """
    g = grenzen or Driftgrenzen()
    laag, hoog = g.gemiddelde
    eerder = float(np.mean(referentie)) if len(referentie) else np.nan
    waarde = float(p.mean()) / eerder if eerder > 0 else np.nan
    zin = (
        "Er zijn nog geen eerdere maanden om mee te vergelijken."
        if np.isnan(waarde)
        else f"De gemiddelde kans is {100 * p.mean():.1f} % en was {100 * eerder:.1f} %.".replace(
            ".", ",", 2
        )
    )
    return Signaal("gemiddelde kans", waarde, f"{laag} tot {hoog} keer die van het jaar ervoor"
                   .replace(".", ","), bool(waarde < laag or waarde > hoog), zin)  # fmt: skip


def compare_ontbreken(
    x: Getal,
    referentie: Getal,
    namen: Sequence[str],
    grenzen: Driftgrenzen | None = None,
) -> tuple[Signaal, ...]:
    """Return per feature the share of unknown values, against that in training.

    Parameters
    ----------
    x, referentie : ndarray, shape (C, F) and (R, F)
        Features of this month, and of training; NaN is unknown.
    """
    g = grenzen or Driftgrenzen()
    nu, toen = np.isnan(x).mean(axis=0), np.isnan(referentie).mean(axis=0)
    return tuple(
        Signaal(
            f"ontbreekt: {naam}",
            float(deel),
            f"hoogstens {100 * (was + g.ontbreken):.0f} %",
            bool(deel > was + g.ontbreken),
            f"Van {naam} ontbreekt {100 * deel:.0f} % (bij het leren {100 * was:.0f} %).",
        )
        for naam, deel, was in zip(namen, nu, toen, strict=True)
    )


def compute_psi(x: Getal, referentie: Getal, *, bakken: int = 10) -> float:
    """Return the population stability index of one feature; unknown is a class of its own.

    For information only: it misses a rise of a quarter in all reports, which the features, being
    deflated, do not show.

    Parameters
    ----------
    x, referentie : ndarray, shape (C,) and (R,)
    bakken
        Classes of equal size in the reference.
    """
    bekend = referentie[~np.isnan(referentie)]
    randen: Getal = np.zeros(0)
    if len(bekend):
        randen = np.unique(np.quantile(bekend, np.arange(1, bakken) / bakken))

    def deel(rij: Getal) -> Getal:
        klasse = np.where(np.isnan(rij), 0, 1 + np.searchsorted(randen, rij, side="right"))
        telling = np.bincount(klasse, minlength=len(randen) + 2)
        # Half a row in each class: an empty one would make the index infinite.
        aandeel: Getal = (telling + 0.5) / (telling.sum() + 0.5 * len(telling))
        return aandeel

    nu, toen = deel(x), deel(referentie)
    return float(((nu - toen) * np.log(nu / toen)).sum())


def describe_psi(x: Getal, referentie: Getal, namen: Sequence[str]) -> tuple[Signaal, ...]:
    """Return the index per feature as a signal that never is an alarm."""
    return tuple(
        Signaal(
            f"verschuiving: {naam}",
            psi,
            "ter informatie",
            False,
            f"De verdeling van {naam} is {'verschoven' if psi > 0.25 else 'ongeveer gelijk'} "
            f"(PSI {psi:.2f}).".replace(".", ",", 1),
        )
        for naam, psi in (
            (naam, compute_psi(x[:, f], referentie[:, f])) for f, naam in enumerate(namen)
        )
    )


# --- the stop rule


@dataclass(frozen=True)
class Toetsvenster:
    """What one test window says of the model in use.

    Attributes
    ----------
    naam : str
        E.g. the peildatum.
    waarde, waarde_regel : float
        Average precision of model and rule (of woonfraude: weighted yield); NaN where nothing
        happened, which says nothing of the order.
    oe, oe_onder, oe_boven : float
        Observed over expected, with its exact interval.
    """

    naam: str
    waarde: float
    waarde_regel: float
    oe: float
    oe_onder: float
    oe_boven: float


@dataclass(frozen=True)
class Stopbesluit:
    """Whether the model must make room for the rule, and why."""

    is_stop: bool
    redenen: tuple[str, ...]


def check_stopregel(
    vensters: Sequence[Toetsvenster],
    blokkades: Sequence[str],
    grenzen: Driftgrenzen | None = None,
) -> Stopbesluit:
    """Return whether the model in use stops now.

    Parameters
    ----------
    vensters
        Test windows of the model in use, the oldest first.
    blokkades
        What the fairness report blocks on (``eerlijkheid.collect_blokkades``).

    Notes
    -----
    Automatic in one direction only: back to the rule. Starting again takes the gate.

    With few events O/E jumps: of eight expected, thirteen is no surprise. So that it must lie far
    from 1 and surely not be 1. A window in which nothing happened is passed over for the order,
    and counts for the number.
    """
    g = grenzen or Driftgrenzen()
    redenen = []
    met_gebeurtenis = [v for v in vensters if not np.isnan(v.waarde)]
    laatste = met_gebeurtenis[-g.verloren_vensters :]
    if len(laatste) == g.verloren_vensters and all(v.waarde <= v.waarde_regel for v in laatste):
        redenen.append(
            "Het model was in "
            + " en ".join(v.naam for v in laatste)
            + " niet beter dan de vaste regel."
        )
    if vensters:
        v = vensters[-1]
        oe = v.oe
        is_zeker = v.oe_onder > 1.0 or v.oe_boven < 1.0
        if is_zeker and (oe < g.oe[0] or oe > g.oe[1]):
            richting = "meer" if oe > 1 else "minder"
            redenen.append(
                f"Er gebeurde in {v.naam} veel {richting} dan het model voorspelde "
                f"({oe:.2f} keer).".replace(".", ",", 1)
            )
    redenen += [f"De toets op eerlijkheid houdt het model tegen: {b}." for b in blokkades]
    return Stopbesluit(bool(redenen), tuple(redenen))
