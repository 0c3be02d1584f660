"""Which complexes come on a worklist: by score, and by lot.

Belongs here: composing a list of a given capacity, the chance with which each row came on it, whose
flag is withheld, the order of display. Does not belong here: scores, keeping the list and deciding
on its rows (``serving/besluit``), estimates from what the lot found (``selectie``).
Source: design paper on the risk models, "Selection bias", "Uncertainty" (hysteresis) and
"Intervention feedback"; design paper on trust, "Selection bias".
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from models.risico.eerlijkheid import make_groottederden
from models.risico.paneel import Geheel, Getal, Tekst
from models.risico.selectie import GENOEG_ONDERZOEKEN, choose_epsilon
from vera.errors import BuurtpeilError
from vera.werklijst import Baan, Model, Regel, Samenstelling

_NIETS = np.finfo(np.float64).tiny

ZONDER_GEHEIM: Final = b""
"""For evaluations and simulations, where nothing is hidden from anybody: draws that are the same
everywhere."""


class WerklijstFout(BuurtpeilError):
    """The candidates of a worklist do not belong together, or nothing can be listed."""


@dataclass(frozen=True)
class Lijstregels:
    """Every number that composing goes by.

    Attributes
    ----------
    uittreden : float
        A complex that is on the list stays until its rank is over this many times k.
    onthouden : float
        Share of the model lane whose flag is withheld in the first year (overlast).
    adressen_per_maand : int
        Addresses per complex and month (woonfraude).
    aandeel_per_halfjaar : float
        Of the dwellings of a complex that may be looked at in half a year (woonfraude). At least
        one address: else a complex under 17 dwellings would never be looked at.
    """

    uittreden: float = 1.5
    onthouden: float = 0.10
    adressen_per_maand: int = 2
    aandeel_per_halfjaar: float = 0.06


@dataclass(frozen=True, eq=False)
class Kandidaten:
    """Every complex that could come on the list, scored on one peildatum.

    Attributes
    ----------
    complex_id : ndarray of str, shape (C,)
    eenheden : ndarray of int, shape (C,)
    score : ndarray, shape (C,)
        What ranks: the chance of the model, or the rule's points.
    groep : ndarray of int, shape (C,)
        Audit division (thirds by composition), -1 where unknown. It spreads the lot over the
        groups and plays no part in the model lane.
    kans : ndarray, shape (C,), optional
        Chance of the model; None when the rule ranks.
    onderzocht_halfjaar : ndarray of int, shape (C,), optional
        Addresses looked at in the last six months (woonfraude).
    band, redenen : ndarray of str, shape (C,), optional
        Passed on to the rows as they are.
    """

    complex_id: Tekst
    eenheden: Geheel
    score: Getal
    groep: Geheel
    kans: Getal | None = None
    onderzocht_halfjaar: Geheel | None = None
    band: Tekst | None = None
    redenen: Tekst | None = None

    def __post_init__(self) -> None:
        aantal = len(self.complex_id)
        kolommen = (self.eenheden, self.score, self.groep, self.kans, self.onderzocht_halfjaar,
                    self.band, self.redenen)  # fmt: skip
        kort = any(kolom is not None and len(kolom) != aantal for kolom in kolommen)
        dubbel = len(set(self.complex_id.tolist())) != aantal
        if kort or dubbel or np.isnan(self.score).any() or (self.eenheden < 1).any():
            raise WerklijstFout(
                f"De {aantal} kandidaten kloppen niet: kolommen van andere lengte ({kort}), een "
                f"complex dat twee keer voorkomt ({dubbel}), een score die onbekend is of een "
                "complex zonder woningen.",
                verwacht="één rij per complex, met een score en minstens één woning",
                remedie="geef alleen complexen die op de peildatum een score hebben",
            )


def compute_rang(complex_id: Tekst, score: Getal) -> Geheel:
    """Return the rank of each complex, 1 for the highest score.

    Equal scores are ordered by a hash of the complex: not by name, which follows building years
    or districts, and the same every time.
    """
    lot = np.array([_hash(str(c), "rang") for c in complex_id])
    volgorde = np.lexsort((lot, -score))
    rang = np.empty(len(score), dtype=np.int64)
    rang[volgorde] = np.arange(1, len(score) + 1)
    return rang


def is_onthouden(complex_id: str, ingetreden: date, aandeel: float, geheim: bytes) -> bool:
    """Return whether the flag of a complex that comes on the list is withheld.

    Drawn by complex and date of entry under a secret of the installation: both are known to
    whoever reads a release, and what is withheld is not to be found out. Stable between machines
    and versions that have the same secret.
    """
    return _hash(complex_id, f"onthouden/{ingetreden.isoformat()}", geheim=geheim) < aandeel


def _hash(*delen: str, geheim: bytes = ZONDER_GEHEIM) -> float:
    """Return a number in [0, 1) that depends on nothing but the texts and the secret."""
    inhoud = hashlib.blake2b("|".join(delen).encode(), digest_size=8, key=geheim).digest()
    return int.from_bytes(inhoud, "big") / 2.0**64


def compute_lotingskans(gewicht: Getal, aantal: int) -> Getal:
    """Return the chance of each complex to be drawn: in proportion to its weight, at most 1.

    Parameters
    ----------
    gewicht : ndarray, shape (C,)
        Not negative; 0 is never drawn.
    aantal
        How many are drawn; the chances add up to it (or to the number with a weight).

    Examples
    --------
    >>> compute_lotingskans(np.array([1.0, 1.0, 8.0]), 2).tolist()
    [0.5, 0.5, 1.0]
    """
    zeker = np.zeros(len(gewicht), dtype=bool)
    over = min(aantal, int((gewicht > 0).sum()))
    while True:
        vrij = np.where(zeker, 0.0, gewicht)
        rest = over - int(zeker.sum())
        kans = np.where(zeker, 1.0, rest * (vrij / max(vrij.sum(), _NIETS)))
        # Who would be drawn more than once is drawn for certain; the others share what is left.
        nieuw = (kans >= 1.0) & ~zeker
        if not nieuw.any():
            return kans
        zeker |= nieuw


def draw_loting(
    gewicht: Getal, strata: Geheel, aantal: int, rng: np.random.Generator
) -> tuple[Geheel, Getal]:
    """Return which complexes are drawn, and the chance that each complex had.

    Parameters
    ----------
    gewicht : ndarray, shape (C,)
    strata : ndarray of int, shape (C,)
        Each stratum is drawn from in proportion to its weight, rounded up or down at random.
    aantal
        How many to draw.
    rng

    Returns
    -------
    gekozen : ndarray of int
        Rows, without repetition.
    kans : ndarray, shape (C,)
        Exact: systematic drawing along the chances, strata behind one another, in random order
        inside each.
    """
    kans = compute_lotingskans(gewicht, aantal)
    volgorde = np.lexsort((rng.random(len(gewicht)), strata))
    # 1e-9 off: a sum of chances that rounding leaves just under a whole number is that number.
    grens = np.cumsum(kans[volgorde])
    vorige = np.concatenate([[0.0], grens[:-1]])
    begin = rng.random()
    raak = np.floor(grens - begin + 1e-9) > np.floor(vorige - begin + 1e-9)
    return np.sort(volgorde[raak]), kans


def choose_aselect_aandeel(model: Model, gelogde_onderzoeken: int) -> float:
    """Return the share of the list that is drawn by lot.

    Of woonfraude by what was logged (``selectie.choose_epsilon``). Of overlast there is nothing to
    find by looking first: a report is recorded wherever people live, so a tenth keeps the
    comparison of lanes alive.
    """
    return choose_epsilon(gelogde_onderzoeken) if model == "woonfraude" else 0.10


def must_use_regel(model: Model, gelogde_onderzoeken: int) -> bool:
    """Return whether the rule ranks whatever the model says: too few logged inspections.

    Examples
    --------
    >>> must_use_regel("woonfraude", 299), must_use_regel("woonfraude", 300)
    (True, False)
    """
    return model == "woonfraude" and gelogde_onderzoeken < GENOEG_ONDERZOEKEN


def compose_werklijst(
    kandidaten: Kandidaten,
    *,
    model: Model,
    peildatum: date,
    k: int,
    capaciteit: int,
    epsilon: float,
    vorige: Mapping[str, date],
    onthouden: Collection[str],
    is_eerste_jaar: bool,
    geheim: bytes,
    rng: np.random.Generator,
    release_id: str,
    scoreversie: str,
    regels: Lijstregels | None = None,
) -> Samenstelling:
    """Return the list of one peildatum, withheld rows included.

    Parameters
    ----------
    kandidaten
        Every complex with a score.
    model, peildatum, release_id, scoreversie
        Which list it is.
    k
        Longest model lane that the evaluation allows (``maten.choose_k``).
    capaciteit
        Rows (of woonfraude: addresses) that people can take on, both lanes together.
    epsilon
        Share of the capacity that is drawn by lot.
    vorige
        Complexes in the model lane of the list before this one -> peildatum of their entry.
    onthouden
        Those of ``vorige`` whose flag is withheld, as the list before this one has it. It stays so
        until the complex leaves the list, or usual care would last a month.
    is_eerste_jaar
        Whether flags are withheld (overlast alone).
    geheim
        Secret of the installation, by which is drawn whose flag is withheld; at most 64 bytes.
    rng
        Of the lot and the order of display, seeded by the caller.

    Returns
    -------
    Samenstelling
        ``selectiekans`` of a drawn row is its exact chance in the lot. Of the model lane it is the
        chance not to be in the lot instead: which complexes the lane holds is certain.

    Notes
    -----
    The lot is drawn from all complexes, those of the model lane included: its rows alone then
    speak of all complexes. A complex that is drawn is a row of the lot, not of the model lane; of
    woonfraude it may be both, with one address each. Places that fall free in that way are not
    filled, so that chances stay exact; a list can be shorter than the capacity by a row or two.

    Who is on the list competes with its rank divided by ``uittreden``: it leaves at a rank over
    that many times the lane's length, and a newcomer must be within that length. Where places run
    out, the last of both give way.
    """
    r = regels or Lijstregels()
    if capaciteit < 1 or not 0.0 <= epsilon < 1.0:
        raise WerklijstFout(
            f"Een lijst met capaciteit {capaciteit} en een loting van {epsilon} kan niet.",
            verwacht="een capaciteit van minstens 1 en een aandeel van 0 tot 1",
            remedie="kies een andere capaciteit of een ander aandeel",
        )
    c = kandidaten
    rang = compute_rang(c.complex_id, c.score)
    ruimte = _count_ruimte(c, model, r)
    loten = round(epsilon * capaciteit)
    plaatsen = min(k, capaciteit - loten)
    strata = (c.groep + 1) * 3 + make_groottederden(c.eenheden)
    geloot, lotkans = draw_loting(
        np.where(ruimte > 0, c.eenheden, 0).astype(np.float64), strata, loten, rng
    )
    in_lot = np.zeros(len(rang), dtype=bool)
    in_lot[geloot] = True
    keuze = _choose_modelbaan(c, rang, plaatsen, vorige, ruimte, model, r)

    rijen: list[tuple[int, Regel]] = []
    for i in geloot.tolist():
        rijen.append((i, _make_regel(c, i, int(rang[i]), "aselect", float(lotkans[i]), 1, False)))
    for i, gekozen in keuze.items():
        # One address of what a drawn complex has room for went to the lot.
        adressen = min(gekozen, int(ruimte[i]) - 1) if in_lot[i] else gekozen
        if adressen < 1:
            continue
        # Of woonfraude being drawn leaves a place in this lane where there is room for two.
        blijft = model == "woonfraude" and ruimte[i] > 1
        kans = 1.0 if blijft else 1.0 - float(lotkans[i])
        naam = str(c.complex_id[i])
        onthoud = (
            model == "overlast"
            and is_eerste_jaar
            and (
                naam in onthouden
                if naam in vorige
                else is_onthouden(naam, peildatum, r.onthouden, geheim)
            )
        )
        rijen.append((i, _make_regel(c, i, int(rang[i]), "model", kans, adressen, onthoud)))
    return Samenstelling(
        model=model,
        peildatum=peildatum,
        release_id=release_id,
        scoreversie=scoreversie,
        k=k,
        capaciteit=capaciteit,
        regels=_shuffle([regel for _, regel in rijen], rng),
    )


def _count_ruimte(c: Kandidaten, model: Model, r: Lijstregels) -> Geheel:
    """Return how many addresses of each complex may be looked at this month, shape (C,)."""
    if model != "woonfraude":
        return np.ones(len(c.complex_id), dtype=np.int64)
    gedaan = np.zeros_like(c.eenheden) if c.onderzocht_halfjaar is None else c.onderzocht_halfjaar
    mag = np.maximum(1, np.floor(r.aandeel_per_halfjaar * c.eenheden + 1e-9).astype(np.int64))
    ruimte: Geheel = np.clip(mag - gedaan, 0, r.adressen_per_maand)
    return ruimte


def _choose_modelbaan(
    c: Kandidaten, rang: Geheel, plaatsen: int, vorige: Mapping[str, date], ruimte: Geheel,
    model: Model, r: Lijstregels,
) -> dict[int, int]:  # fmt: skip
    """Return the rows of the model lane and how many addresses each gets."""
    stond = np.array([str(naam) in vorige for naam in c.complex_id], dtype=bool)
    # Of woonfraude a list is of addresses: who was looked at last month has no right to stay.
    if model == "woonfraude":
        stond[:] = False
    meetellend = np.where(stond, rang / r.uittreden, rang)
    mag = (meetellend <= plaatsen) & (ruimte > 0) if model == "overlast" else ruimte > 0
    uit: dict[int, int] = {}
    over = plaatsen
    for i in np.lexsort((~stond, meetellend)).tolist():
        if over <= 0:
            break
        if mag[i]:
            uit[i] = min(int(ruimte[i]), over)
            over -= uit[i]
    return uit


def _make_regel(
    c: Kandidaten, i: int, rang: int, baan: Baan, kans: float, adressen: int, onthouden: bool
) -> Regel:
    return Regel(
        complex_id=str(c.complex_id[i]),
        baan=baan,
        selectiekans=kans,
        volgorde=None if onthouden else 0,
        rang=rang,
        kans=None if c.kans is None else float(c.kans[i]),
        band=None if c.band is None else str(c.band[i]),
        redenen="[]" if c.redenen is None else str(c.redenen[i]),
        is_onthouden=onthouden,
        aantal_adressen=adressen,
    )


def _shuffle(rijen: list[Regel], rng: np.random.Generator) -> tuple[Regel, ...]:
    """Return the rows in one random order of both lanes, so that no place tells the lane."""
    getoond = [regel for regel in rijen if not regel.is_onthouden]
    orde = rng.permutation(len(getoond))
    return (
        *(
            replace(getoond[int(i)], volgorde=plaats)
            for plaats, i in enumerate(orde.tolist(), start=1)
        ),
        *(regel for regel in rijen if regel.is_onthouden),
    )
