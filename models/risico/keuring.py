"""What an examined model is measured on, the same for both domains.

Belongs here: the shape of an examination, the fairness report over test windows, and the parts of
a gate's :class:`~models.risico.poort.Uitslag` that both domains compute alike. Does not belong
here: which estimators compete and on which windows (the domains' ``keuring``), the limits
(``poort``), what is written down of it (``modelkaart``, ``models.registry``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from sklearn.pipeline import Pipeline

from models.risico.eerlijkheid import (
    ONBEKEND,
    WIJK,
    Groepsmaat,
    Helling,
    Hertoets,
    Omweg,
    Toetsrijen,
    check_omwegen,
    collect_blokkades,
    compute_groepsmaten,
    compute_helling_samenstelling,
    compute_voorspelbaarheid,
    make_derden,
    make_groottederden,
    make_wijkgroepen,
)
from models.risico.kenmerk import Kenmerk
from models.risico.maten import compute_ece, compute_helling, compute_oe, simulate_ece_vloer
from models.risico.paneel import Geheel, Getal, Paneel, Vlag
from models.risico.tekenlogistiek import TekenLogistiek

SAMENSTELLING = "samenstelling van de buurt"
GROOTTE = "grootte van het complex"
_DERDEN = ("laag", "midden", "hoog")
DERDE_DEEL = tuple(
    f"het derde deel van de buurten met de {hoe} samenstelling"
    for hoe in ("laagste", "middelste", "hoogste")
)
"""What sentences call the thirds."""
_GROOTTE = ("klein", "middel", "groot")
MINIMUM_RIJEN = 25
"""Rows that every test window must hold: one block of the k curve (``maten.compute_k_curve``)."""
HOOG = 2
"""The third that the detour test watches: the highest figure."""


@dataclass(frozen=True, eq=False)
class Eerlijkheid:
    """The fairness report of one model over its test windows.

    Attributes
    ----------
    maten : tuple of Groepsmaat
        Every metric of every group.
    omwegen : tuple of Omweg
        What leaving out a family of features changes.
    voorspelbaarheid : float
        How well the features foretell composition (R2); NaN without a figure of enough buurten.
    helling : Helling or None
        Rise of the score with composition among complexes of equal size; None likewise.
    blokkades, alarmen : tuple of str
        In Dutch.
    uitkomst : tuple of str
        What the outcome itself says of each third, in Dutch: whether less is recorded where the
        schouw is alike (overlast), or where inspections hit less often (woonfraude).
    """

    maten: tuple[Groepsmaat, ...]
    omwegen: tuple[Omweg, ...]
    voorspelbaarheid: float
    helling: Helling | None
    blokkades: tuple[str, ...]
    alarmen: tuple[str, ...]
    uitkomst: tuple[str, ...] = ()


def judge_eerlijkheid(
    toets: Paneel,
    *,
    is_gekozen: Vlag,
    y: Getal,
    p: Getal,
    samenstelling: Getal,
    maanden: int,
    hertoets: Callable[[frozenset[str]], Hertoets] | None,
    rng: np.random.Generator,
    wijken: Sequence[str] = (),
) -> Eerlijkheid:
    """Return the fairness report over the rows of all test windows.

    Parameters
    ----------
    toets
        Rows of the windows, one after the other.
    is_gekozen : ndarray of bool, shape (R,)
        Among the k highest of the window.
    y, p : ndarray, shape (R,)
        Outcome (NaN unknown) and chance.
    samenstelling : ndarray, shape (B,)
        Figure per buurt of the panel; NaN where CBS gives none. Used here alone.
    maanden
        That the windows span.
    hertoets
        Tests the model without the features named on the same windows; left out, detours are not
        asked.
    rng
        Of the draws of buurten.
    wijken
        Name of the wijk per buurt of the panel, empty where unknown; left out, wijken are not
        compared. A wijk is an alarm at most: only a detour blocks.
    """
    derde = make_derden(samenstelling)[toets.buurt]
    indelingen: dict[str, tuple[Geheel, Sequence[str]]] = {
        SAMENSTELLING: (derde, _DERDEN),
        GROOTTE: (make_groottederden(toets.eenheden), _GROOTTE),
    }
    if any(wijken):
        indelingen[WIJK] = make_wijkgroepen(wijken, toets.buurt)
    maten = compute_groepsmaten(
        Toetsrijen(toets.buurt, is_gekozen, y, p),
        indelingen,
        maanden=maanden,
        rng=rng,
    )
    families = list(dict.fromkeys(k.familie for k in toets.kenmerken))
    omwegen: tuple[Omweg, ...] = ()
    volledig = hertoets(frozenset()) if hertoets else None
    if hertoets and volledig and np.isfinite(volledig.selectieverhouding):
        omwegen = check_omwegen(
            volledig,
            hertoets,
            [tuple(k.naam for k in toets.kenmerken if k.familie == f) for f in families],
        )
    blokkades, alarmen = collect_blokkades(maten, omwegen)
    laatste = toets.select(toets.peilmaand == toets.peilmaand.max())
    cijfer = samenstelling[laatste.buurt]
    bekend = len(np.unique(laatste.buurt[np.isfinite(cijfer)]))
    voorspelbaar, helling = np.nan, None
    if bekend >= 10:
        voorspelbaar = compute_voorspelbaarheid(laatste.x, cijfer, laatste.buurt)
        kans = np.clip(p[toets.peilmaand == toets.peilmaand.max()], 1e-6, 1.0 - 1e-6)
        helling = compute_helling_samenstelling(
            np.log(kans / (1.0 - kans)),
            cijfer,
            np.log(laatste.eenheden)[:, None].astype(np.float64),
            laatste.buurt,
            rng=rng,
        )
    return Eerlijkheid(maten, omwegen, voorspelbaar, helling, blokkades, alarmen)


def measure_selectieverhouding(is_gekozen: Vlag, derde: Geheel) -> float:
    """Return how often the highest third is chosen against the others; NaN when it is not there."""
    hoog, anders = derde == HOOG, (derde != HOOG) & (derde != ONBEKEND)
    if not hoog.any() or not is_gekozen[anders].any():
        return float("nan")
    return float(is_gekozen[hoog].mean() / is_gekozen[anders].mean())


class Ijkmaten(TypedDict):
    """What the gate asks of calibration, under the names of its ``Uitslag``."""

    ece: float
    ece_vloer: float
    helling: float
    oe_onder: float
    oe_boven: float


def measure_ijking(y: Getal, p: Getal, rng: np.random.Generator) -> Ijkmaten:
    """Return what the gate asks of calibration, all windows together, under the gate's names."""
    oe = compute_oe(y, p)
    return {
        "ece": compute_ece(y, p),
        "ece_vloer": simulate_ece_vloer(p, rng),
        "helling": compute_helling(y, p),
        "oe_onder": oe.onder,
        "oe_boven": oe.boven,
    }


def count_verkeerde_tekens(schatter: Pipeline, kenmerken: Sequence[Kenmerk]) -> int:
    """Return how many coefficients go against the agreed direction.

    Of trees there are no coefficients; their constraints are monotone by construction.
    """
    model = schatter.named_steps["model"]
    if not isinstance(model, TekenLogistiek):
        return 0
    coef = model.coef_[: len(kenmerken)]
    return int(sum(k.teken * c < 0 for k, c in zip(kenmerken, coef, strict=True)))


def count_verboden(kenmerken: Sequence[Kenmerk], toegestaan: Sequence[str]) -> int:
    """Return how many features of a model are not on its allow-list."""
    return sum(k.naam not in toegestaan for k in kenmerken)
