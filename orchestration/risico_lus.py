"""The closed loop on woonfraude: a policy that learns from the inspections it chose itself.

Belongs here: the recommended policy as the demo world's ``Beleid``. Does not belong here: the
world, features, or what is measured of the outcome (``risico_evaluatie``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.paneel import Paneel
from models.risico.selectie import ASELECT, MEDEWERKER, MODEL, Onderzoeklog
from models.risico.werklijst import ZONDER_GEHEIM, Kandidaten, compose_werklijst
from models.woonfraude.cohort import MINIMUM_EENHEDEN
from models.woonfraude.training import Training, train
from orchestration.risico_paneel import build_woonfraude_paneel, read_toegestaan
from orchestration.risico_wereld import (
    BEGIN,
    WOONFRAUDE_KENMERK,
    WOONFRAUDE_MAAND,
    KenmerkBank,
    find_complex,
    make_woonfraude_maand,
    number_complexen,
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
_HALFJAAR = 6


@dataclass(frozen=True)
class Keuzemaand:
    """What was inspected proactively in one month: complexes and the reason."""

    maand: int
    complex: Geheel
    reden: npt.NDArray[np.str_]
    kans: Getal


class Aanbevolen:
    """The recommended policy: worklists of a model lane and, for a share of it, a lot.

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

    Attributes
    ----------
    treffers : ndarray of int, shape (T, C)
        What it took for the hits of its own inspections, up to its last choice.
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
        self.treffers: Geheel = np.zeros((0, 0), dtype=np.int64)

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
        aantal = int(gemiddeld) + int(rng.random() < gemiddeld - int(gemiddeld))
        onderzoeken, treffers, is_treffer = self._count(w)
        training_maand = w.maand - (w.maand - self._begin) % HERTRAIN_MAANDEN
        if self._training is None or w.maand == training_maand:
            self._training = self._train(w, onderzoeken, treffers, is_treffer)
        paneel = self._score(w, onderzoeken, treffers)
        kans = self._training.predict(paneel)
        complex_ = find_complex(paneel)
        lijst = compose_werklijst(
            Kandidaten(
                complex_id=paneel.complex_id,
                eenheden=paneel.eenheden,
                score=kans,
                groep=make_derden(stad.sens)[complex_],
                kans=kans,
                onderzocht_halfjaar=onderzoeken[-_HALFJAAR:].sum(axis=0)[complex_],
            ),
            model="woonfraude",
            peildatum=(BEGIN + w.maand).astype("datetime64[D]").astype(object),
            k=aantal,
            capaciteit=aantal,
            epsilon=self._epsilon,
            vorige={},
            onthouden=(),
            is_eerste_jaar=False,
            geheim=ZONDER_GEHEIM,
            rng=rng,
            release_id="lus",
            scoreversie=f"lus-{training_maand}",
        )
        nummer = dict(zip(paneel.complex_id.tolist(), complex_.tolist(), strict=True))
        keer = [regel.aantal_adressen for regel in lijst.regels]
        is_model = np.repeat([regel.baan == "model" for regel in lijst.regels], keer)
        return Onderzoekkeuze(
            complex=np.repeat([nummer[regel.complex_id] for regel in lijst.regels], keer),
            is_aselect=~is_model,
            is_model=is_model,
            kans=np.repeat([regel.selectiekans for regel in lijst.regels], keer),
            scoreversie=lijst.scoreversie,
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
        self.treffers = treffers
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

    def _score(self, w: Waarneming, onderzoeken: Geheel, treffers: Geheel) -> Paneel:
        """Return this month's features of the complexes that are large enough."""
        self._put(w, onderzoeken, treffers, max(0, w.maand - _VENSTER_MAANDEN))
        paneel = build_woonfraude_paneel(
            self._bank.fetch(WOONFRAUDE_KENMERK, [w.maand]), self._kenmerken
        )
        return paneel.select(paneel.eenheden >= MINIMUM_EENHEDEN)

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


def make_derden(samenstelling: Getal) -> Geheel:
    """Return in which third of the complexes each is by composition, 0 to 2: the audit division."""
    grenzen = np.quantile(samenstelling, (1 / 3, 2 / 3))
    return np.searchsorted(grenzen, samenstelling).astype(np.int64)
