"""Why a complex has the score it has, exactly: the parts add up to the score.

Belongs here: contributions of the champion's features, their sums per family, and the sentences
about them. Does not belong here: the phrases themselves (the seed ``risico_kenmerk``), how sure a
score is (``onzekerheid``), where sentences are shown (``serving``).

Of a linear model on the log-odds the contribution of a feature is b (x - mean) / sd: what it adds
compared with a complex that has the mean. That is its SHAP value with independent background.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.risico.kenmerk import BRONNEN, FAMILIES, Kenmerk
from models.risico.paneel import Getal, Paneel, Vlag
from models.risico.schatters import Schatter
from models.risico.tekenlogistiek import TekenLogistiek
from vera.errors import BuurtpeilError

ONTBREEKT = "ontbreekt"
"""The family of what is not known: flags of missing values, and features that are such a flag."""

MEEST_OMHOOG = 3
MEEST_OMLAAG = 1

KLEINSTE_BIJDRAGE = 0.05
"""In log-odds: what moves the odds by less than a twentieth is no reason."""

_ZELFDE_VOOR_ALLE = frozenset({"seizoen"})
"""Families that no complex differs in: part of the sum, but no reason why this one stands out."""

_VLAG = "_ontbreekt"
_TOON = {
    "aantal": ("{}", 0),
    "cijfer": ("{}", 1),
    "maanden": ("{} maanden", 0),
    "per woning": ("{} per woning", 2),
    "meldingen per woning": ("{} per woning", 2),
}
"""How a value is shown, and with how many decimals, by unit. Others (a logarithm, standard
deviations) only a calculation knows, and their values are not shown."""


AFGESCHERMDE_BRONNEN: Final = frozenset({"mutatie", "weigering", "advertentie", "onderzoek"})
"""Sources of which a complex has few facts a year, each about one dwelling: their values are not
shown, and a comparison only in tens. Source: design paper on trust, "Small counts"."""
_TIENDEN: Final = (0.1, 0.9)


class UitlegFout(BuurtpeilError):
    """A score cannot be explained exactly."""


@dataclass(frozen=True, eq=False)
class Bijdragen:
    """What each feature adds to the log-odds.

    Attributes
    ----------
    basis : ndarray, shape (R,)
        Log-odds of the mean complex, with what columns without a feature add.
    waarde : ndarray, shape (R, F)
        By the value of the feature.
    ontbreekt : ndarray, shape (R, F)
        By its being known or not.
    onbekend : ndarray of bool, shape (R, F)
        Whether it is missing.
    is_hoog : ndarray of bool, shape (R, F)
        Whether its value is above that of the mean complex.
    """

    basis: Getal
    waarde: Getal
    ontbreekt: Getal
    onbekend: Vlag
    is_hoog: Vlag

    @property
    def logit(self) -> Getal:
        """The sum of all parts: the log-odds of the score, shape (R,)."""
        som: Getal = self.basis + (self.waarde + self.ontbreekt).sum(axis=1)
        return som


@dataclass(frozen=True)
class Reden:
    """One reason for a score.

    Attributes
    ----------
    familie : str
        Key of :data:`models.risico.kenmerk.FAMILIES`, or :data:`ONTBREEKT`.
    kenmerk : str
        The feature of the family that says most; empty where data are missing.
    bijdrage : float
        Of the whole family, to the log-odds; in tenths where the feature is shielded.
    waarde : float or None
        Of that feature: the count behind it where there is one, else the value in the model; None
        where it is shielded (:data:`AFGESCHERMDE_BRONNEN`).
    percentiel : float or None
        Share of complexes with a lower value, ties counting half.
    zin : str
        In Dutch.
    """

    familie: str
    kenmerk: str
    bijdrage: float
    waarde: float | None
    percentiel: float | None
    zin: str


@dataclass(frozen=True)
class Uitleg:
    """Why one complex has its score.

    Attributes
    ----------
    basis, logit : float
        Log-odds of the mean complex, and of this one.
    familie : mapping of str to float
        Contribution per family, :data:`ONTBREEKT` among them; with ``basis`` they add up to
        ``logit``.
    redenen : tuple of Reden
        What raises the chance, the most first, then what lowers it.
    onbekend : tuple of str
        Names of the features that are missing.
    """

    basis: float
    logit: float
    familie: Mapping[str, float]
    redenen: tuple[Reden, ...]
    onbekend: tuple[str, ...]


def compute_bijdragen(
    schatter: Schatter, x: Getal, kenmerken: tuple[Kenmerk, ...] | None = None
) -> Bijdragen:
    """Return the contributions of each feature to each score.

    Parameters
    ----------
    schatter
        A fitted champion (``models.risico.schatters.make_kampioen``).
    x : ndarray, shape (R, F + E)
        Features as they are, NaN where unknown; then columns without a feature, if any.
    kenmerken : tuple of Kenmerk, length F, optional
        Left out, every column is a feature.

    Raises
    ------
    UitlegFout
        If the estimator is not the champion's: only of a linear model this is exact.
    """
    model = schatter.named_steps.get("model")
    if not isinstance(model, TekenLogistiek) or "aanvulling" not in schatter.named_steps:
        raise UitlegFout(
            f"Een {type(model).__name__} is niet exact in bijdragen te splitsen.",
            verwacht="een kampioen van make_kampioen",
            remedie="gebruik voor een ander model een uitleg die bij dat model hoort",
        )
    aanvulling = schatter.named_steps["aanvulling"]
    ingevuld = aanvulling.transform(x)
    deel = model.coef_ * (ingevuld - model.mean_) / model.scale_
    kolommen = x.shape[1]
    aantal = kolommen if kenmerken is None else len(kenmerken)
    waarde = deel[:, :kolommen].copy()
    vlaggen = np.zeros_like(waarde)
    vlaggen[:, aanvulling.indicator_.features_] = deel[:, kolommen:]
    onbekend = np.isnan(x)
    # What stands in for a missing value is no value of this complex: it goes with the flag.
    vlaggen[onbekend] += waarde[onbekend]
    waarde[onbekend] = 0.0
    for plaats, kenmerk in enumerate(kenmerken or ()):
        if kenmerk.naam.endswith(_VLAG):
            vlaggen[:, plaats] += waarde[:, plaats]
            waarde[:, plaats] = 0.0
            onbekend[:, plaats] |= x[:, plaats] > 0
    rest = (waarde + vlaggen)[:, aantal:].sum(axis=1)
    return Bijdragen(
        basis=model.intercept_ + rest,
        waarde=waarde[:, :aantal],
        ontbreekt=vlaggen[:, :aantal],
        onbekend=onbekend[:, :aantal],
        is_hoog=(ingevuld > model.mean_)[:, :aantal],
    )


def compute_percentiel(waarde: Getal, alle: Getal) -> Getal:
    """Return the share of all known values that are lower, ties counting half.

    Parameters
    ----------
    waarde : ndarray, shape (R,)
    alle : ndarray, shape (C,)
        Of all complexes; unknown ones do not count.

    Examples
    --------
    >>> compute_percentiel(np.array([3.0, np.nan]), np.array([1.0, 2.0, 3.0, 4.0])).tolist()
    [0.625, nan]
    """
    bekend = np.sort(alle[np.isfinite(alle)])
    if not len(bekend):
        return np.full(len(waarde), np.nan)
    lager = np.searchsorted(bekend, waarde, "left") + np.searchsorted(bekend, waarde, "right")
    percentiel: Getal = np.where(np.isfinite(waarde), lager / (2.0 * len(bekend)), np.nan)
    return percentiel


def explain_kampioen(
    schatter: Schatter,
    paneel: Paneel,
    *,
    alle: Paneel | None = None,
    extra: Getal | None = None,
) -> tuple[Uitleg, ...]:
    """Return the explanation of each row's score.

    Parameters
    ----------
    schatter
        A fitted champion.
    paneel
        The rows, with the champion's features in its order. Counts in ``ruw`` named ``aantal_`` and
        a feature's name are shown in place of that feature's value.
    alle
        The complexes to compare with; left out, those of ``paneel`` itself.
    extra : ndarray, shape (R, E), optional
        Columns that the champion was fitted with after the features.

    Returns
    -------
    tuple of Uitleg
        At most three families that raise the chance and one that lowers it.

    Notes
    -----
    Source: design paper on the risk models, "Explanations".
    """
    alle = paneel if alle is None else alle
    kenmerken = paneel.kenmerken
    x = paneel.x if extra is None else np.column_stack([paneel.x, extra])
    delen = compute_bijdragen(schatter, x, kenmerken)
    percentiel = np.column_stack(
        [compute_percentiel(paneel.x[:, f], alle.x[:, f]) for f in range(len(kenmerken))]
    )
    # Of a yes or no, more than so many others says nothing.
    is_ja_nee = [len(np.unique(k[np.isfinite(k)])) <= 2 for k in alle.x.T]
    families = list(dict.fromkeys(kenmerk.familie for kenmerk in kenmerken))
    leden = {f: [j for j, k in enumerate(kenmerken) if k.familie == f] for f in families}
    logit = delen.logit
    uit = []
    for r in range(len(paneel)):
        som = {familie: float(delen.waarde[r, j].sum()) for familie, j in leden.items()}
        redenen = [
            _build_reden(paneel, r, familie, j, delen, percentiel[r], is_ja_nee)
            for familie, j in leden.items()
            if familie not in _ZELFDE_VOOR_ALLE and abs(som[familie]) >= KLEINSTE_BIJDRAGE
        ]
        som[ONTBREEKT] = float(delen.ontbreekt[r].sum())
        onbekend = [k for k, mist in zip(kenmerken, delen.onbekend[r], strict=True) if mist]
        bekend = [k for k, mist in zip(kenmerken, delen.onbekend[r], strict=True) if not mist]
        if onbekend and abs(som[ONTBREEKT]) >= KLEINSTE_BIJDRAGE:
            zin = _zin_ontbreekt(onbekend, bekend)
            redenen.append(Reden(ONTBREEKT, "", som[ONTBREEKT], None, None, zin))
        redenen.sort(key=lambda reden: (-reden.bijdrage, reden.familie))
        omhoog = [reden for reden in redenen if reden.bijdrage > 0][:MEEST_OMHOOG]
        omlaag = [reden for reden in redenen[::-1] if reden.bijdrage < 0][:MEEST_OMLAAG]
        uit.append(
            Uitleg(
                basis=float(delen.basis[r]),
                logit=float(logit[r]),
                familie=som,
                redenen=(*omhoog, *omlaag),
                onbekend=tuple(kenmerk.naam for kenmerk in onbekend),
            )
        )
    return tuple(uit)


def _build_reden(
    paneel: Paneel,
    rij: int,
    familie: str,
    leden: list[int],
    delen: Bijdragen,
    percentiel: Getal,
    is_ja_nee: list[bool],
) -> Reden:
    """Return the reason that a family is, told by the feature that pushes its way the most."""
    bijdrage = delen.waarde[rij]
    som = float(bijdrage[leden].sum())
    plaats = max(leden, key=lambda j: bijdrage[j] * np.sign(som))
    kenmerk = paneel.kenmerken[plaats]
    telling = paneel.ruw.get(f"aantal_{kenmerk.naam}")
    gemeten = float(paneel.x[rij, plaats] if telling is None else telling[rij])
    waarde: float | None = gemeten
    toon = "" if is_ja_nee[plaats] else _toon_waarde(gemeten, kenmerk, telling is not None)
    deel = None if np.isnan(percentiel[plaats]) else float(percentiel[plaats])
    is_hoog = bool(delen.is_hoog[rij, plaats])
    if AFGESCHERMDE_BRONNEN & set(kenmerk.bronnen):
        waarde, toon = None, ""
        deel = None if deel is None else min(max(round(deel, 1), _TIENDEN[0]), _TIENDEN[1])
        som = round(som, 1)
    zin = (kenmerk.tekst_hoog if is_hoog else kenmerk.tekst_laag) or FAMILIES[familie]
    zin = zin[:1].upper() + zin[1:] + toon
    # Between the median and the mean the two would contradict each other.
    if deel is not None and not is_ja_nee[plaats] and is_hoog == (deel >= 0.5):
        zin += f": {_toon_percentiel(deel)}"
    return Reden(familie, kenmerk.naam, som, waarde, deel, zin + ".")


def _toon_waarde(waarde: float, kenmerk: Kenmerk, is_telling: bool) -> str:
    if np.isnan(waarde):
        return ""
    if is_telling:
        return f" ({waarde:.0f})"
    if kenmerk.eenheid not in _TOON:
        return ""
    sjabloon, decimalen = _TOON[kenmerk.eenheid]
    return f" ({sjabloon.format(f'{waarde:.{decimalen}f}'.replace('.', ','))})"


def _toon_percentiel(deel: float) -> str:
    """Return how a value compares, in words; 100 % is never said of a complex among others."""
    hoger = deel >= 0.5
    procent = min(99, round(100 * (deel if hoger else 1.0 - deel)))
    return f"{'hoger' if hoger else 'lager'} dan bij {procent} % van de complexen"


def _zin_ontbreekt(onbekend: list[Kenmerk], bekend: list[Kenmerk]) -> str:
    """Return which sources are missing: those that no known feature has, if there are any."""
    bronnen = list(dict.fromkeys(bron for kenmerk in onbekend for bron in kenmerk.bronnen))
    er_wel = {bron for kenmerk in bekend for bron in kenmerk.bronnen}
    weg = [bron for bron in bronnen if bron not in er_wel] or bronnen
    namen = [BRONNEN.get(bron, bron) for bron in weg] or [k.omschrijving for k in onbekend]
    return f"Gegevens ontbreken: {', '.join(namen)}."
