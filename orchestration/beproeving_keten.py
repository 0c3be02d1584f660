"""Mutated deliveries through to the label: does one change, and was that said.

Every trial is built twice: as the first delivery of an association, and on top of a release of
the bulk load, of which no label may change any more. Belongs here: both ways, and judging what
became of the labels. Does not belong here: landing and mutations
(:mod:`orchestration.beproeving`); building (:mod:`orchestration.beproeving_bouw`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd

from expectations.poort_in import check_leveringen
from expectations.poort_uit import check_release
from orchestration import archief
from orchestration.beproeving import (
    VANDAAG,
    Bank,
    Vlotbank,
    choose_proef,
    land_proef,
    name_bestand,
    read_frame,
    run_geval,
)
from orchestration.beproeving_bouw import (
    ARCHIEFBESTANDEN,
    GETALLEN,
    KLASSEN,
    MARTS,
    Bouw,
    BouwFout,
    Bouwplan,
    Verleden,
    build_labels,
    compile_plan,
)
from orchestration.beproeving_oordeel import Uitslag
from sources.bestand import show_naam
from sources.demo.mutatie import Proef
from sources.landing import BronLanding, determine_klok
from sources.organisatie import read_organisatie
from vera.bevinding import Bevinding
from vera.errors import GebruikFout
from vera.levering import LeveringVerslag

Weg = Literal["eerste levering", "na een release"]
WEGEN: Final[tuple[Weg, Weg]] = ("eerste levering", "na een release")
Ketenuitkomst = Literal[
    "labels gelijk",
    "labels anders, gemeld",
    "labels anders, niet te zien",
    "poort in weigert",
    "toets weigert",
    "poort uit weigert",
    "gestrand",
]
KETENUITKOMSTEN: Final[tuple[Ketenuitkomst, ...]] = (
    "labels gelijk",
    "labels anders, gemeld",
    "labels anders, niet te zien",
    "poort in weigert",
    "toets weigert",
    "poort uit weigert",
    "gestrand",
)
_DECIMALEN = 9
"""Sums in another order differ beyond these."""


@dataclass(frozen=True)
class Ketenuitslag:
    """What became of the labels of one trial, in one of both ways.

    Attributes
    ----------
    nummer, tabel, soort, mutatie, stappen
        The trial.
    weg
        As a first delivery, or on top of a release.
    uitkomst
        What became of it.
    labels
        Labels that this run decides, with the sound delivery or with this one.
    anders
        How many of them are another class, or are there in one of both only.
    verdwenen
        How many of those are unknown now.
    ver
        How many of those moved two classes or more.
    waarom
        What the gate said of it, or the tests.
    fouten
        What is wrong with that.
    """

    nummer: int
    tabel: str
    soort: str
    mutatie: str
    stappen: tuple[str, ...]
    weg: Weg
    uitkomst: Ketenuitkomst
    labels: int = 0
    anders: int = 0
    verdwenen: int = 0
    ver: int = 0
    waarom: tuple[str, ...] = ()
    fouten: tuple[str, ...] = ()

    @property
    def aandeel(self) -> float:
        """Share of the labels that is another one (0 .. 1)."""
        return self.anders / self.labels if self.labels else 0.0


@dataclass(frozen=True)
class _Stand:
    """The sound delivery in one of both ways."""

    weg: Weg
    verleden: Verleden
    bouw: Bouw
    bekend: frozenset[tuple[str, str]]
    bekend_uit: frozenset[tuple[str, str]]
    gepubliceerd: pd.Index


@dataclass(frozen=True)
class Ketenbank:
    """The sound delivery, built both ways.

    Attributes
    ----------
    bank
        The sound delivery.
    plan
        The compiled models.
    clustersoort
        What the association calls a complex.
    standen
        What the sound delivery gives in each way.
    """

    bank: Bank
    plan: Bouwplan
    clustersoort: str
    standen: tuple[_Stand, ...]


def build_ketenbank(bank: Bank, map_: Path) -> Ketenbank:
    """Compile the models and build the sound delivery both ways.

    Parameters
    ----------
    bank
        The sound delivery.
    map_
        Folder to work in.

    Raises
    ------
    GebruikFout
        When the delivery is too small for labels.
    """
    plan = compile_plan(map_ / "plan")
    soort = read_organisatie(bank.leveringen).clustersoort
    eerste = _build_stand(bank, plan, soort, "eerste levering", Verleden())
    verleden = _publish_bulk(bank, plan, soort, map_ / "release")
    vervolg = _build_stand(bank, plan, soort, "na een release", verleden)
    if not eerste.bouw.labels[KLASSEN[0]].notna().any() or len(vervolg.gepubliceerd) == len(
        vervolg.bouw.labels
    ):
        raise GebruikFout(
            "De leveringen zijn te klein voor labels.",
            verwacht="ten minste twee jaar, en een maand na de beginlevering",
            remedie="neem meer woningen of meer jaren",
        )
    return Ketenbank(bank, plan, soort, (eerste, vervolg))


def _publish_bulk(bank: Bank, plan: Bouwplan, clustersoort: str, map_: Path) -> Verleden:
    """Publish what the bulk load says: the release that a mutated delivery comes on top of."""
    datums = [v.leveringsdatum for v in bank.verslagen if v.leveringsdatum]
    begin = min(datums)
    landingen = {
        naam: replace(
            landing,
            bestanden=tuple(
                g for g in landing.bestanden if (g.verslag.leveringsdatum or begin) == begin
            ),
        )
        for naam, landing in bank.landingen.items()
    }
    verslagen = _list_verslagen(landingen)
    klok = determine_klok(verslagen, VANDAAG) or begin
    _, referenties = build_labels(
        plan, bank.contract, landingen, klok, clustersoort, Verleden(), bewaar=map_
    )
    bevroren = {g: ref for g, ref in referenties.items() if not ref.is_voorlopig}
    return Verleden(map_, bevroren, verslagen)


def _build_stand(
    bank: Bank, plan: Bouwplan, clustersoort: str, weg: Weg, verleden: Verleden
) -> _Stand:
    klok = _compute_klok(bank.landingen)
    bouw, _ = build_labels(
        plan, bank.contract, bank.landingen, klok, clustersoort, verleden, with_toetsen=True
    )
    bevindingen = _judge_in(bank, bank.landingen, {}, klok, verleden)
    gepubliceerd = bouw.labels.index[:0]
    if verleden.archief is not None:
        kader = pd.read_parquet(verleden.archief / archief.LABELS)
        kader["peildatum"] = pd.to_datetime(kader["peildatum"])
        gepubliceerd = pd.MultiIndex.from_frame(kader[list(bouw.labels.index.names)])
    return _Stand(
        weg,
        verleden,
        bouw,
        frozenset((b.tabel, b.regel) for b in bevindingen if not b.geslaagd),
        _judge_uit(bank, bouw, verleden),
        gepubliceerd,
    )


def choose_gevallen(uitslagen: Sequence[Uitslag], elke: int) -> list[int]:
    """Return of each mutation that the gate lets through the first trial and every next ``elke``.

    So every mutation gets its turn, also the rare ones.
    """
    geteld: dict[str, int] = {}
    gekozen = []
    for uitslag in sorted(uitslagen, key=lambda uitslag: uitslag.nummer):
        if not uitslag.poort_open or uitslag.fouten:
            continue
        plek = geteld.get(uitslag.mutatie, 0)
        geteld[uitslag.mutatie] = plek + 1
        if plek % elke == 0:
            gekozen.append(uitslag.nummer)
    return gekozen


def run_keten(keten: Ketenbank, nummers: Sequence[int], seed: int) -> Iterator[Ketenuitslag]:
    """Build the labels of trials both ways and hold them to those of the sound delivery.

    Parameters
    ----------
    keten
        The sound delivery.
    nummers, seed
        Which trials.

    Yields
    ------
    Ketenuitslag
        Two per trial.
    """
    for nummer in nummers:
        uitslag = run_geval(keten.bank, nummer, seed)
        proef = choose_proef(keten.bank, np.random.default_rng([seed, nummer]))
        yield from run_proef(keten, proef, uitslag)


def run_proef(keten: Ketenbank, proef: Proef, uitslag: Uitslag) -> Iterator[Ketenuitslag]:
    """Build the labels of one trial both ways; ``uitslag`` is what the gate made of it."""
    bank = keten.bank
    with land_proef(bank, proef) as (bron, landing, _):
        eigen = {tabel.id for tabel in bron.tabellen}
        goed = bank.landingen[bron.naam]
        landingen = {
            **bank.landingen,
            bron.naam: BronLanding(
                bron.naam,
                tuple(g for g in goed.bestanden if g.verslag.tabel not in eigen)
                + landing.bestanden,
                landing.overgeslagen,
            ),
        }
        frames = {tabel.id: read_frame(tabel, landing) for tabel in bron.tabellen}
        for stand in keten.standen:
            yield _try_weg(keten, stand, proef, uitslag, landingen, frames)


def _try_weg(
    keten: Ketenbank,
    stand: _Stand,
    proef: Proef,
    uitslag: Uitslag,
    landingen: Mapping[str, BronLanding],
    frames: Mapping[str, pd.DataFrame],
) -> Ketenuitslag:
    bank = keten.bank
    uit = Ketenuitslag(
        uitslag.nummer,
        proef.tabel.id,
        proef.soort,
        uitslag.mutatie,
        proef.stappen,
        stand.weg,
        "labels gelijk",
    )
    klok = _compute_klok(landingen)
    nieuw = [
        b
        for b in _judge_in(bank, landingen, frames, klok, stand.verleden)
        if not b.geslaagd and (b.tabel, b.regel) not in stand.bekend
    ]
    uit = replace(uit, waarom=tuple(f"{b.tabel}: {b.regel}: {b.gevonden}" for b in nieuw))
    if any(b.blokkeert for b in nieuw):
        return replace(uit, uitkomst="poort in weigert")
    try:
        bouw, _ = build_labels(
            keten.plan,
            bank.contract,
            landingen,
            klok,
            keten.clustersoort,
            stand.verleden,
            with_toetsen=True,
        )
    except BouwFout as fout:
        return replace(uit, uitkomst="gestrand", fouten=(str(fout).splitlines()[0],))
    if gezakt := sorted(set(bouw.gezakt) - set(stand.bouw.gezakt)):
        return _refuse_toets(uit, gezakt)
    if geweigerd := sorted(_judge_uit(bank, bouw, stand.verleden) - stand.bekend_uit):
        return replace(
            uit,
            uitkomst="poort uit weigert",
            waarom=(*uit.waarom, *(" ".join(regel) for regel in geweigerd)),
        )
    return judge_labels(
        uit,
        stand.bouw.labels,
        bouw.labels,
        gepubliceerd=stand.gepubliceerd,
        gemeld=frozenset(_list_gemeld(bank, proef, landingen, nieuw)),
        voedt=keten.plan.voedt,
        eigen=frozenset(frames),
        mag_stil=_may_stil(uitslag, stand.weg),
    )


def _refuse_toets(uit: Ketenuitslag, gezakt: Sequence[str]) -> Ketenuitslag:
    """Note that a test of the warehouse stopped the run.

    Nothing is published then. Yet of a delivery of which each wrong row is rejected already, or
    none is wrong, the rest must go on: who delivers can do nothing about a test of the warehouse.
    """
    hoort_door = uit.soort in {"gelijk", "cel", "tekst"}
    return replace(
        uit,
        uitkomst="toets weigert",
        waarom=(*uit.waarom, *gezakt),
        fouten=("een toets van het warehouse houdt de hele run tegen",) if hoort_door else (),
    )


def _may_stil(uitslag: Uitslag, weg: Weg) -> bool:
    """Whether nobody can see what was changed; the trial itself judged that it was let through.

    A first delivery has nothing to be compared with, so there this holds for whatever is only
    seen beside an earlier delivery.
    """
    if uitslag.uitkomst == "niet te zien":
        return True
    return weg == "eerste levering" and uitslag.uitkomst == "aanvaard met melding"


def judge_labels(
    uit: Ketenuitslag,
    goed: pd.DataFrame,
    nu: pd.DataFrame,
    *,
    gepubliceerd: pd.Index,
    gemeld: frozenset[str],
    voedt: Mapping[str, frozenset[str]],
    eigen: frozenset[str],
    mag_stil: bool,
) -> Ketenuitslag:
    """Judge the labels of a mutated delivery against those of the sound one.

    Parameters
    ----------
    uit
        The trial.
    goed, nu : DataFrame
        Labels by key of the sound delivery, and of the mutated one.
    gepubliceerd : Index
        Keys that were published before.
    gemeld
        Tables (``bron.tabel``), or sources, that the report of this run says something of.
    voedt
        Themes that each table can change.
    eigen
        Tables that were delivered mutated.
    mag_stil
        Whether nobody can see the mutation.
    """
    fouten = list(_check_gepubliceerd(goed, nu, gepubliceerd))
    een, ander = (kader[~kader.index.isin(gepubliceerd)] for kader in (goed, nu))
    een, ander = een.align(ander, join="outer", axis=0)
    met_label = een[KLASSEN[0]].notna() | ander[KLASSEN[0]].notna()
    anders = _differ(een, ander, KLASSEN) & met_label
    uit = replace(
        uit,
        labels=int(met_label.sum()),
        anders=int(anders.sum()),
        verdwenen=int((anders & ander[KLASSEN[0]].isna()).sum()),
        ver=int((anders & ((een[KLASSEN[0]] - ander[KLASSEN[0]]).abs() >= 2)).sum()),
    )
    themas = set(een.index[anders.to_numpy()].get_level_values("thema_code"))
    buiten = themas - frozenset().union(*(voedt[naam] for naam in eigen))
    if buiten:
        fouten.append(f"een label verandert dat deze tabel niet voedt: {', '.join(sorted(buiten))}")
    gevoed = {
        thema
        for naam, eigen_themas in voedt.items()
        if naam in gemeld or naam.partition(".")[0] in gemeld
        for thema in eigen_themas
    }
    stil = themas - gevoed
    if uit.soort == "gelijk" and (uit.anders or bool(_differ(een, ander, GETALLEN).any())):
        fouten.append("dezelfde rijen, anders geschreven, geven een ander label of andere score")
    elif stil and not mag_stil:
        fouten.append(f"een label verandert en niets wordt gemeld: {', '.join(sorted(stil))}")
    if uit.anders:
        uit = replace(
            uit, uitkomst="labels anders, niet te zien" if stil else "labels anders, gemeld"
        )
    return replace(uit, fouten=tuple(fouten))


def _check_gepubliceerd(
    goed: pd.DataFrame, nu: pd.DataFrame, gepubliceerd: pd.Index
) -> Iterator[str]:
    """Yield what changed of the published past: a label, or which labels there are."""
    een, ander = goed.loc[gepubliceerd], nu[nu.index.isin(gepubliceerd)]
    if not ander.index.is_unique or len(ander) != len(een):
        yield "een gepubliceerd label is weg of staat er dubbel"
        return
    verschil = _differ(*een.align(ander, join="outer", axis=0), (*KLASSEN, *GETALLEN))
    if verschil.any():
        yield f"{int(verschil.sum())} gepubliceerde labels zijn veranderd"
    momenten, erbij = (
        set(sleutels.to_frame()[["niveau", "grondslag", "peildatum"]].itertuples(index=False))
        for sleutels in (gepubliceerd, nu.index[~nu.index.isin(gepubliceerd)])
    )
    if momenten & erbij:
        yield "op een peildatum die al is gepubliceerd komt een label erbij"


def _differ(een: pd.DataFrame, ander: pd.DataFrame, kolommen: Sequence[str]) -> pd.Series:
    """Return per row whether one of the columns differs; absent is equal to absent."""
    a, b = (kader[list(kolommen)].round(_DECIMALEN) for kader in (een, ander))
    verschil: pd.Series = ((a != b) & ~(a.isna() & b.isna())).any(axis=1)
    return verschil


def _list_gemeld(
    bank: Bank, proef: Proef, landingen: Mapping[str, BronLanding], nieuw: Sequence[Bevinding]
) -> Iterator[str]:
    """Yield tables and sources that this run says something of, and not of the sound delivery.

    A file that was not read is named in every run; that counts for its own source alone, and not
    when it only lay beside the mutated one.
    """
    yield from (b.tabel for b in nieuw)
    bron = proef.bron.naam
    if f"{bron}/{show_naam(name_bestand(proef))}" in landingen[bron].overgeslagen:
        yield bron
    for naam, landing in landingen.items():
        toen, nu = _count_mis(bank.landingen[naam]), _count_mis(landing)
        yield from (tabel for tabel, aantal in nu.items() if aantal > toen.get(tabel, 0))


def _count_mis(landing: BronLanding) -> dict[str, int]:
    """Return per table how many rows were rejected and how many codes were not known."""
    telling: dict[str, int] = {}
    for geland in landing.bestanden:
        verslag = geland.verslag
        mis = verslag.afgekeurd + sum(verslag.onbekende_codes.values())
        telling[verslag.tabel] = telling.get(verslag.tabel, 0) + mis
    return telling


def _list_verslagen(landingen: Mapping[str, BronLanding]) -> tuple[LeveringVerslag, ...]:
    return tuple(g.verslag for landing in landingen.values() for g in landing.bestanden)


def _compute_klok(landingen: Mapping[str, BronLanding]) -> date:
    return determine_klok(_list_verslagen(landingen), VANDAAG) or VANDAAG


def _judge_in(
    bank: Bank,
    landingen: Mapping[str, BronLanding],
    frames: Mapping[str, pd.DataFrame],
    klok: date,
    verleden: Verleden,
) -> list[Bevinding]:
    """Judge everything that was delivered, as a run does; ``frames`` are the tables that differ."""
    return check_leveringen(
        bank.contract,
        _list_verslagen(landingen),
        lambda naam: frames[naam] if naam in frames else bank.frames[naam],
        klok,
        verleden.verslagen,
        Vlotbank(),
    )


def _judge_uit(bank: Bank, bouw: Bouw, verleden: Verleden) -> frozenset[tuple[str, str]]:
    """Return the tables and rules for which the gate out would refuse this release."""
    vorige = None
    if verleden.archief is not None:
        vorige = {
            naam: pd.read_parquet(verleden.archief / bestand)
            for naam, bestand in zip(MARTS, ARCHIEFBESTANDEN, strict=True)
        }
    return frozenset(
        (b.tabel, b.regel)
        for b in check_release(bouw.release, vorige, bank.contract)
        if b.blokkeert and not b.geslaagd
    )
