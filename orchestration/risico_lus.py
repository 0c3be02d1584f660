"""The closed loop on woonfraude: a policy that learns from the inspections it chose itself.

Belongs here: the recommended policy as the demo world's ``Beleid``. Does not belong here: the
world, features, or what is measured of the outcome (``risico_evaluatie``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.woonfraude.cohort import ASELECT, MEDEWERKER, MINIMUM_EENHEDEN, MODEL, Onderzoeklog
from models.woonfraude.training import Training, train
from orchestration.risico_wereld import (
    WOONFRAUDE_KENMERK,
    WOONFRAUDE_MAAND,
    KenmerkBank,
    build_woonfraude_paneel,
    make_woonfraude_maand,
    number_complexen,
    read_toegestaan,
    to_peilmaand,
)
from sources.demo.wereld import (
    Onderzoekkeuze,
    Stad,
    StatusQuo,
    Waarneming,
    WereldParameters,
)

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]

HERTRAIN_MAANDEN = 12
_VENSTER_MAANDEN = 36
_PER_MAAND, _AANDEEL_HALFJAAR, _HALFJAAR = 2, 0.06, 6


@dataclass(frozen=True)
class Keuzemaand:
    """What was inspected proactively in one month: complexes and the reason."""

    maand: int
    complex: Geheel
    reden: npt.NDArray[np.str_]
    kans: Getal


class Aanbevolen:
    """The recommended policy: model and, for a share of the capacity, random complexes.

    Until month ``begin`` the association works as it does under the status quo; the log of that
    time is what the first model learns from. Capacity is the same throughout. Interventions
    against overlast stay as they are.

    A policy sees counts of confirmed cases per complex and month, not which inspection found one.
    So the first of a month's proactive inspections in a complex are taken for hits, as many as
    were confirmed there; a tip that was confirmed in the same complex and month is taken for one
    as well, which is rare.

    Parameters
    ----------
    parameters
        The numbers of the world.
    bank
        Runs the feature SQL.
    begin
        First month of the policy.
    epsilon
        Share of the proactive capacity that goes to random complexes.
    """

    def __init__(
        self,
        parameters: WereldParameters,
        bank: KenmerkBank,
        *,
        begin: int = 24,
        epsilon: float = 0.20,
    ) -> None:
        self.naam = "aanbevolen"
        self._p, self._bank, self._begin, self._epsilon = parameters, bank, begin, epsilon
        self._oud = StatusQuo(parameters)
        self._keuzes: list[Keuzemaand] = []
        self._training: Training | None = None
        self._kenmerken = read_toegestaan("woonfraude")

    def choose_maatregelen(self, waarneming: Waarneming, rng: np.random.Generator) -> Vlag:
        """Start interventions as under the status quo."""
        return self._oud.choose_maatregelen(waarneming, rng)

    def choose_onderzoeken(
        self, waarneming: Waarneming, rng: np.random.Generator
    ) -> Onderzoekkeuze:
        """Choose by the model, and some complexes at random."""
        if waarneming.maand < self._begin:
            keuze = self._oud.choose_onderzoeken(waarneming, rng)
        else:
            keuze = self._choose(waarneming, rng)
        if waarneming.maand >= 0:
            reden = np.select(
                [keuze.is_aselect, keuze.is_model], [ASELECT, MODEL], default=MEDEWERKER
            )
            self._keuzes.append(Keuzemaand(waarneming.maand, keuze.complex, reden, keuze.kans))
        return keuze

    def _choose(self, w: Waarneming, rng: np.random.Generator) -> Onderzoekkeuze:
        stad, p = w.stad, self._p
        # As many as staff and the few random complexes together, under the status quo.
        gemiddeld = (p.medewerker_per_maand * float(stad.n.sum()) / p.medewerker_eenheden) / (
            1.0 - p.aselect_aandeel
        )
        aantal = _round_toevallig(rng, gemiddeld)
        aselect = min(aantal, _round_toevallig(rng, self._epsilon * gemiddeld))
        onderzoeken, treffers, is_treffer = self._count(w)
        if self._training is None or (w.maand - self._begin) % HERTRAIN_MAANDEN == 0:
            self._training = self._train(w, onderzoeken, treffers, is_treffer)
        kans = self._score(w, onderzoeken, treffers)
        gekozen = choose_adressen(
            kans, stad.n, aantal - aselect, onderzoeken[-_HALFJAAR:].sum(axis=0)
        )
        deel = stad.n / stad.n.sum()
        toeval = rng.choice(stad.n.size, size=aselect, p=deel)
        return Onderzoekkeuze(
            complex=np.concatenate([gekozen, toeval]),
            is_aselect=np.repeat([False, True], [gekozen.size, aselect]),
            is_model=np.repeat([True, False], [gekozen.size, aselect]),
            kans=np.concatenate(
                [np.ones(gekozen.size), 1.0 - (1.0 - deel[toeval]) ** max(aselect, 1)]
            ),
            scoreversie=f"lus-{w.maand - (w.maand - self._begin) % HERTRAIN_MAANDEN}",
        )

    def _count(self, w: Waarneming) -> tuple[Geheel, Geheel, list[Vlag]]:
        """Return inspections and hits (months x C), and per choice which were hits."""
        onderzoeken = np.zeros((w.maand, w.stad.n.size), dtype=np.int64)
        treffers, is_treffer = np.zeros_like(onderzoeken), []
        bevestigd = w.bevestigd[-w.maand :]
        for keuze in self._keuzes:
            volgorde = np.argsort(keuze.complex, kind="stable")
            gesorteerd = keuze.complex[volgorde]
            rang = np.empty(gesorteerd.size, dtype=np.int64)
            rang[volgorde] = np.arange(gesorteerd.size) - np.searchsorted(gesorteerd, gesorteerd)
            raak = rang < bevestigd[keuze.maand, keuze.complex]
            np.add.at(onderzoeken[keuze.maand], keuze.complex, 1)
            np.add.at(treffers[keuze.maand], keuze.complex[raak], 1)
            is_treffer.append(raak)
        return onderzoeken, treffers, is_treffer

    def _train(
        self, w: Waarneming, onderzoeken: Geheel, treffers: Geheel, is_treffer: list[Vlag]
    ) -> Training:
        self._put(w, onderzoeken, treffers, 0)
        paneel = build_woonfraude_paneel(
            self._bank.fetch(WOONFRAUDE_KENMERK, range(1, w.maand)), self._kenmerken
        )
        ids = np.array(number_complexen(w.stad.n.size))
        maand = np.repeat(
            [k.maand for k in self._keuzes], [k.complex.size for k in self._keuzes]
        ) + to_peilmaand(0)
        log = Onderzoeklog(
            complex_id=ids[np.concatenate([k.complex for k in self._keuzes])],
            maand=maand,
            bekend=maand,
            reden=np.concatenate([k.reden for k in self._keuzes]).astype(np.str_),
            selectiekans=np.concatenate([k.kans for k in self._keuzes]),
            is_treffer=np.concatenate(is_treffer).astype(np.float64),
        )
        return train(paneel, log, to_peilmaand(w.maand))

    def _score(self, w: Waarneming, onderzoeken: Geheel, treffers: Geheel) -> Getal:
        """Return the chance per complex (C); those that are too small have minus infinity."""
        self._put(w, onderzoeken, treffers, max(0, w.maand - _VENSTER_MAANDEN))
        paneel = build_woonfraude_paneel(
            self._bank.fetch(WOONFRAUDE_KENMERK, [w.maand]), self._kenmerken
        )
        if self._training is None:
            raise RuntimeError("scoring comes after training")
        kans = np.full(w.stad.n.size, -np.inf)
        plaats = np.searchsorted(np.array(number_complexen(w.stad.n.size)), paneel.complex_id)
        kans[plaats] = self._training.predict(paneel)
        kans[w.stad.n < MINIMUM_EENHEDEN] = -np.inf
        return kans

    def _put(self, w: Waarneming, onderzoeken: Geheel, treffers: Geheel, eerste: int) -> None:
        """Hand the counts from month ``eerste`` on to the SQL, with this month still empty."""

        def add_maand(telling: Geheel) -> Geheel:
            deel = telling[-w.maand :][eerste:]
            return np.vstack([deel, np.zeros((1, deel.shape[1]), dtype=np.int64)])

        stad: Stad = w.stad
        self._bank.put(
            WOONFRAUDE_MAAND,
            make_woonfraude_maand(
                stad,
                weigeringen=add_maand(w.weigeringen),
                advertenties=add_maand(w.advertenties),
                onderzoeken=add_maand(onderzoeken),
                treffers=add_maand(treffers),
                eerste=eerste,
            ),
        )


def _round_toevallig(rng: np.random.Generator, gemiddeld: float) -> int:
    """Round a mean up or down at random, so that the mean is kept."""
    return int(gemiddeld) + int(rng.random() < gemiddeld - int(gemiddeld))


def choose_adressen(kans: Getal, n: Geheel, aantal: int, halfjaar: Geheel) -> Geheel:
    """Return complexes to inspect, highest chance first; one twice is two addresses.

    Parameters
    ----------
    kans : ndarray, shape (C,)
        Minus infinity is never chosen.
    n : ndarray of int, shape (C,)
        Dwellings.
    aantal
        Addresses to choose.
    halfjaar : ndarray of int, shape (C,)
        Proactive inspections of the past half year.

    Notes
    -----
    At most two addresses per complex and month, and 6 % of its dwellings (one at least) per half
    year: design paper on the risk models, "k".
    """
    ruimte = np.maximum(np.floor(_AANDEEL_HALFJAAR * n).astype(np.int64), 1) - halfjaar
    per_complex = np.where(np.isfinite(kans), np.clip(ruimte, 0, _PER_MAAND), 0)
    volgorde = np.argsort(-kans, kind="stable")
    gekozen: Geheel = np.repeat(volgorde, per_complex[volgorde])[:aantal]
    return gekozen
