"""Ten thousand mutated deliveries: each is accepted as it is, quarantined, refused or reported.

Lands a mutated file and judges it with the gate in, as a run does and without Dagster or dbt, and
holds the outcome to what the mutation means (:mod:`orchestration.beproeving_oordeel`). Belongs
here: making the sound delivery, choosing mutations by number, running one trial. Does not belong
here: the mutations (:mod:`sources.demo.mutatie`); labels (:mod:`orchestration.beproeving_keten`).
"""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from expectations.poort import Toetsbank
from expectations.poort_in import check_leveringen
from expectations.poort_in_aannemelijk import CLUSTER, EEN_CLUSTER
from expectations.poort_in_rij import list_verwijzingen
from orchestration.beproeving_oordeel import Oordeel, Uitslag, judge
from sources.contract import read_contract
from sources.demo.genereer import generate
from sources.demo.mutatie import (
    AANNEMELIJK,
    BESTAND,
    CEL,
    GELIJK,
    TEKST,
    UITGEVER,
    Blad,
    Proef,
    Vorm,
    read_blad,
)
from sources.demo.mutatie.blad import Mutatie, write_blad, write_parquet, zip_bytes
from sources.landing import BronLanding, create_views, determine_klok, land_bron, landed_kolommen
from sources.pseudonimisering import hash_waarde
from sources.sleutels import Sleutel
from vera.bevinding import Bevinding
from vera.contract import Bron, Contract, Tabel
from vera.errors import BuurtpeilError, GebruikFout
from vera.levering import LeveringVerslag

EENHEDEN, JAREN = 400, 3
VANDAAG = date(2026, 12, 31)
"""Stands in for the wall clock, which only keeps a typing error from moving the run's clock."""

AANDEEL_UITGEVER = 0.15
_GROEPEN: Mapping[str, tuple[Mapping[str, Mutatie], float]] = {
    "gelijk": (GELIJK, 0.22),
    "cel": (CEL, 0.28),
    "tekst": (TEKST, 0.10),
    "aannemelijk": (AANNEMELIJK, 0.17),
    "bestand": (BESTAND, 0.23),
}
_SLEUTEL = Sleutel(b"beproeving: geen echte sleutel!!")
_POGINGEN = 200


class Vlotbank(Toetsbank):
    """Judges as Great Expectations does, whose context takes seconds; tests hold it to that."""

    def __init__(self) -> None:
        """Make no context."""

    def find_hoger(self, maten: Mapping[str, Sequence[float]]) -> dict[str, frozenset[int]]:
        """Return per rule the positions above 0."""
        return {
            regel: frozenset(plek for plek, maat in enumerate(getallen) if maat > 0)
            for regel, getallen in maten.items()
        }


@dataclass
class Bank:
    """The sound delivery, landed, and what the gate says of it.

    Attributes
    ----------
    contract
        The delivery contract.
    map_
        Holds ``leveringen`` and ``landing``.
    landingen
        Per source.
    frames
        Landed rows per table, as the gate reads them.
    bekend
        What the gate finds in the sound delivery, per table and file that is taken as new.
    """

    contract: Contract
    map_: Path
    landingen: dict[str, BronLanding]
    frames: dict[str, pd.DataFrame]
    bekend: dict[tuple[str, str], frozenset[tuple[str, str]]] = field(default_factory=dict)
    rijen: dict[str, Mapping[int, Mapping[str, Any]]] = field(default_factory=dict)
    bladen: dict[str, Blad] = field(default_factory=dict)
    sleutels: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def leveringen(self) -> Path:
        """The folder of sound deliveries."""
        return self.map_ / "leveringen"

    @property
    def verslagen(self) -> tuple[LeveringVerslag, ...]:
        """Reports of the sound deliveries."""
        return tuple(g.verslag for landing in self.landingen.values() for g in landing.bestanden)

    def list_bestanden(self, formaat: str) -> list[tuple[Bron, Tabel, str]]:
        """Return every delivered file of the sources of a format, in order."""
        gezien = {
            (bron.naam, geland.verslag.bestand): (
                bron,
                bron.tabel(geland.verslag.tabel.split(".")[1]),
            )
            for bron in self.contract.bronnen
            if bron.formaat == formaat
            for geland in reversed(self.landingen[bron.naam].bestanden)
        }
        return [
            (bron, tabel, bestand.partition("/")[2])
            for (_, bestand), (bron, tabel) in sorted(gezien.items())
        ]

    def read_rijen(self, bestand: str) -> Mapping[int, Mapping[str, Any]]:
        """Return the landed rows of a sound file (``bron/bestand``) by line."""
        if bestand not in self.rijen:
            bron = bestand.partition("/")[0]
            [geland] = [g for g in self.landingen[bron].bestanden if g.verslag.bestand == bestand]
            self.rijen[bestand] = read_gelande_rijen(geland.pad)
        return self.rijen[bestand]


def read_gelande_rijen(pad: Path) -> dict[int, dict[str, Any]]:
    """Return landed rows by line, without the line."""
    rijen = pq.read_table(pad).to_pylist()
    return {rij.pop("_regel"): rij for rij in rijen}


def build_bank(dbt_map: Path, map_: Path, seed: int, eenheden: int = EENHEDEN) -> Bank:
    """Generate and land the sound delivery; what stands there already is used.

    Parameters
    ----------
    dbt_map
        The dbt project, with the contract.
    map_
        Folder to work in.
    seed
        Of the demo world.
    eenheden
        Number of dwellings.
    """
    contract = read_contract(dbt_map)
    if not (map_ / "leveringen").exists():
        generate(map_ / "leveringen", eenheden=eenheden, jaren=JAREN, seed=seed)
    landingen = {
        bron.naam: land_bron(bron, map_ / "leveringen", map_ / "landing", _SLEUTEL)
        for bron in contract.bronnen
    }
    frames = {
        tabel.id: read_frame(tabel, landingen[bron.naam])
        for bron in contract.bronnen
        for tabel in bron.tabellen
    }
    return Bank(contract, map_, landingen, frames)


def read_frame(tabel: Tabel, landing: BronLanding) -> pd.DataFrame:
    """Return the landed rows of a table as the gate reads them."""
    namen = [naam for naam, _ in landed_kolommen(tabel)]
    delen = [
        pq.read_table(geland.pad, columns=[*namen, "_regel"])
        .to_pandas(date_as_object=False)
        .assign(_bestand=geland.verslag.bestand)
        for geland in landing.van_tabel(tabel.id)
    ]
    if not delen:
        return pd.DataFrame(columns=[*namen, "_bestand", "_regel"])
    frame: pd.DataFrame = pd.concat(delen, ignore_index=True)
    for kolom in tabel.kolommen:
        if kolom.type.startswith("decimal") and kolom.naam in frame:
            frame[kolom.naam] = pd.to_numeric(frame[kolom.naam])
    return frame


def run_geval(bank: Bank, nummer: int, seed: int, *, bewaar: Path | None = None) -> Uitslag:
    """Run one trial.

    Parameters
    ----------
    bank
        The sound delivery.
    nummer, seed
        Decide everything: the same numbers give the same trial.
    bewaar
        Folder to keep the mutated deliveries in.

    Returns
    -------
    Uitslag
        What was done, what became of it, and what is wrong with that.
    """
    rng = np.random.default_rng([seed, nummer])
    proef = choose_proef(bank, rng)
    try:
        oordeel = try_proef(bank, proef, bewaar=bewaar)
    except BuurtpeilError as fout:
        oordeel = Oordeel("geweigerd", (), (str(fout),))
    except Exception as fout:
        plek = traceback.extract_tb(fout.__traceback__)[-1]
        tekst = f"traceback: {type(fout).__name__} in {Path(plek.filename).name}:{plek.lineno}"
        oordeel = Oordeel("gestrand", (tekst,), ())
    return Uitslag(
        nummer=nummer,
        tabel=proef.tabel.id,
        bestand=proef.bestand,
        soort=proef.soort,
        stappen=proef.stappen,
        uitkomst=oordeel.uitkomst,
        fouten=oordeel.fouten,
        waarom=oordeel.waarom,
        poort_open=oordeel.poort_open,
    )


def choose_proef(bank: Bank, rng: np.random.Generator) -> Proef:
    """Choose a file and what is done to it.

    Raises
    ------
    GebruikFout
        When no mutation fits any file, which a sound contract rules out.
    """
    for _ in range(_POGINGEN):
        if rng.random() < AANDEEL_UITGEVER:
            proef = _try_uitgever(bank, rng)
        else:
            proef = _try_tabel(bank, rng)
        if proef is not None:
            return proef
    raise GebruikFout(
        "Geen enkele mutatie past op deze leveringen.",
        verwacht="leveringen zoals `buurtpeil generate` ze maakt",
        remedie="neem meer woningen of een andere seed",
    )


def _try_uitgever(bank: Bank, rng: np.random.Generator) -> Proef | None:
    bestanden = bank.list_bestanden("uitgever")
    bron, tabel, bestand = bestanden[int(rng.integers(len(bestanden)))]
    naam = sorted(UITGEVER)[int(rng.integers(len(UITGEVER)))]
    proef = Proef(bron, tabel, bestand, Blad((), ()))
    nieuw = UITGEVER[naam](proef, rng)
    return nieuw and replace(nieuw.add_stap(f"uitgever: {naam}"), soort="uitgever")


def _try_tabel(bank: Bank, rng: np.random.Generator) -> Proef | None:
    bestanden = bank.list_bestanden("tabel")
    bron, tabel, bestand = bestanden[int(rng.integers(len(bestanden)))]
    groepen = list(_GROEPEN)
    kans = np.array([_GROEPEN[g][1] for g in groepen])
    groep = groepen[int(rng.choice(len(groepen), p=kans / kans.sum()))]
    proef: Proef | None = Proef(
        bron,
        tabel,
        bestand,
        read_goed_blad(bank, bron, bestand),
        Vorm(scheiding=bron.scheidingsteken),
    )
    mutaties = _GROEPEN[groep][0]
    namen = [f"{groep}: {sorted(mutaties)[int(rng.integers(len(mutaties)))]}"]
    if groep == "cel" and rng.random() < 0.25:
        namen.append(f"cel: {sorted(CEL)[int(rng.integers(len(CEL)))]}")
    erbij = [
        f"gelijk: {sorted(GELIJK)[int(rng.integers(len(GELIJK)))]}"
        for _ in range(int(rng.integers(0, 3)))
    ]
    volgorde = [*erbij, *namen] if groep == "bestand" else [*namen, *erbij]
    for naam in dict.fromkeys(volgorde):
        soort, _, kort = naam.partition(": ")
        nieuw = _GROEPEN[soort][0][kort](proef, rng) if proef else None
        if nieuw is None and naam in namen:
            return None
        proef = nieuw.add_stap(naam) if nieuw else proef
    return proef


def hash_proef(kolom: str, tekst: str) -> str:
    """Return the pseudonym that a text gets in a trial."""
    return hash_waarde(_SLEUTEL, kolom, tekst)


def read_goed_blad(bank: Bank, bron: Bron, bestand: str) -> Blad:
    """Return the cells of a sound file."""
    if f"{bron.naam}/{bestand}" not in bank.bladen:
        tekst = (bank.leveringen / bron.naam / bestand).read_text(encoding="utf-8")
        bank.bladen[f"{bron.naam}/{bestand}"] = read_blad(tekst, bron.scheidingsteken)
    return bank.bladen[f"{bron.naam}/{bestand}"]


def try_proef(bank: Bank, proef: Proef, *, bewaar: Path | None = None) -> Oordeel:
    """Deliver a mutated file, land it, let the gate judge it and judge the gate."""
    with land_proef(bank, proef, bewaar=bewaar) as (bron, landing, regels):
        if bron.formaat == "uitgever":
            with duckdb.connect(":memory:") as warehouse:
                warehouse.execute("set enable_progress_bar = false")  # it would be in the output
                create_views(warehouse, bron, landing)
        bevindingen = check_proef(bank, proef, bron, landing)
        nieuw = [b for b in bevindingen if not _is_bekend(bank, proef, b)]
        return judge(bank, proef, landing, regels, nieuw)


@contextmanager
def land_proef(
    bank: Bank, proef: Proef, *, bewaar: Path | None = None
) -> Iterator[tuple[Bron, BronLanding, dict[int, int]]]:
    """Deliver a mutated file and land it, for as long as it is needed.

    Yields
    ------
    Bron
        The contract of what was landed: the mutated table alone, or a publisher as a whole.
    BronLanding
        What was landed of it.
    dict
        The number of the row per line of the mutated file.
    """
    with tempfile.TemporaryDirectory(prefix="buurtpeil-beproeving-") as naam:
        leveringen = Path(naam) / "leveringen"
        regels = write_levering(bank, proef, leveringen)
        if bewaar is not None:
            shutil.copytree(leveringen, bewaar, symlinks=True, dirs_exist_ok=True)
        bron = proef.bron
        if bron.formaat == "tabel":
            bron = replace(bron, tabellen=(proef.tabel,))
        with _tidy_landing(bank, bron):
            yield bron, land_bron(bron, leveringen, bank.map_ / "landing", _SLEUTEL), regels


def write_levering(bank: Bank, proef: Proef, leveringen: Path) -> dict[int, int]:
    """Write the deliveries of one source with the mutated file in its place.

    Returns
    -------
    dict
        The number of the row per line of the mutated file; empty for a publisher's.
    """
    goed = bank.leveringen / proef.bron.naam
    map_ = leveringen / proef.bron.naam
    map_.mkdir(parents=True)
    oorspronkelijk = _find_oorspronkelijk(bank, proef)
    regels: dict[int, int] = {}
    for pad in sorted(goed.iterdir()):
        is_eigen = proef.bron.formaat == "uitgever" or pad.name.startswith(f"{proef.tabel.naam}_2")
        if is_eigen and pad.name != oorspronkelijk:
            shutil.copyfile(pad, map_ / pad.name)
    if proef.bron.formaat == "uitgever":
        inhoud = (goed / oorspronkelijk).read_bytes()
    elif proef.vorm.parquet:
        inhoud, regels = write_parquet(
            proef.blad, proef.tabel, getypeerd=proef.vorm.parquet == "getypeerd"
        )
    else:
        inhoud, regels = write_blad(proef.blad, proef.vorm)
        inhoud = zip_bytes(inhoud) if proef.vorm.gz else inhoud
    if proef.doe_bytes is not None:
        inhoud = proef.doe_bytes(inhoud)
    pad = map_ / name_bestand(proef)
    (proef.plaats or (lambda plek, tekst: plek.write_bytes(tekst)))(pad, inhoud)
    for naam, extra in proef.extra.items():
        (map_ / naam).write_bytes(extra)
    return regels


def name_bestand(proef: Proef) -> str:
    """Return the name under which the mutated file is delivered."""
    if proef.vorm.parquet:
        return f"{proef.bestand.removesuffix('.csv')}.parquet"
    return f"{proef.bestand}.gz" if proef.vorm.gz else proef.bestand


def _find_oorspronkelijk(bank: Bank, proef: Proef) -> str:
    """Return the name of the sound file, from the trial's: a mutation may have renamed it."""
    return proef.oorspronkelijk or proef.bestand


@contextmanager
def _tidy_landing(bank: Bank, bron: Bron) -> Iterator[None]:
    """Take away what a trial landed."""
    mappen = [bank.map_ / "landing" / bron.naam / tabel.naam for tabel in bron.tabellen]
    voor = {pad for map_ in mappen if map_.exists() for pad in map_.iterdir()}
    try:
        yield
    finally:
        for map_ in mappen:
            for pad in map_.iterdir() if map_.exists() else ():
                if pad not in voor:
                    pad.unlink()


def check_proef(
    bank: Bank, proef: Proef, bron: Bron, landing: BronLanding, bank_: Toetsbank | None = None
) -> list[Bevinding]:
    """Let the gate judge the mutated source, and the tables that its rows hang on."""
    frames = {tabel.id: read_frame(tabel, landing) for tabel in bron.tabellen}
    kinderen = _has_andere_sleutels(bank, bron, frames)
    contract = _narrow(bank.contract, bron, with_kinderen=kinderen)
    namen = {tabel.id for tabel in contract.tabellen}
    eigen = {tabel.id for tabel in bron.tabellen}
    verslagen = [v for v in bank.verslagen if v.tabel in namen - eigen]
    verslagen += [geland.verslag for geland in landing.bestanden]
    return check_leveringen(
        contract,
        verslagen,
        lambda naam: frames[naam] if naam in frames else read_buur(bank, naam, kinderen),
        determine_klok([*bank.verslagen, *verslagen], VANDAAG) or VANDAAG,
        list_eerdere(bank, proef),
        bank_ or Vlotbank(),
    )


def list_eerdere(bank: Bank, proef: Proef) -> tuple[LeveringVerslag, ...]:
    """Return the reports of the last release: all of the sound delivery but the mutated file.

    A file that is the only one or the first of its table replaces a published one.
    """
    naam = f"{proef.bron.naam}/{_find_oorspronkelijk(bank, proef)}"
    eigen = [v for v in bank.verslagen if v.bestand == naam]
    if proef.bron.formaat == "tabel" and all(v.volgnummer > 1 for v in eigen):
        return tuple(v for v in bank.verslagen if v.bestand != naam)
    return bank.verslagen


def read_buur(bank: Bank, naam: str, geheel: bool) -> pd.DataFrame:
    """Return a sound table: ``geheel``, or of one that is only referred to each key once."""
    if geheel:
        return bank.frames[naam]
    if naam not in bank.sleutels:
        [tabel] = [tabel for tabel in bank.contract.tabellen if tabel.id == naam]
        kolommen = [*tabel.sleutel, "_bestand", "_regel"]
        kolommen += ["soort_code"] if naam == CLUSTER else []  # which the dwellings are held to
        bank.sleutels[naam] = bank.frames[naam][kolommen].drop_duplicates(list(tabel.sleutel))
    return bank.sleutels[naam]


def _has_andere_sleutels(bank: Bank, bron: Bron, frames: Mapping[str, pd.DataFrame]) -> bool:
    """Whether keys came or went, so that tables that refer to them must be judged as well."""
    return any(
        set(frames[tabel.id][tabel.sleutel[0]]) != set(bank.frames[tabel.id][tabel.sleutel[0]])
        for tabel in bron.tabellen
        if bron.formaat == "tabel"
    )


def _narrow(contract: Contract, bron: Bron, *, with_kinderen: bool) -> Contract:
    """Return the contract of a source's tables, their parents, VERA's core, and their children."""
    verwijzingen = list_verwijzingen(contract)
    eigen = {t.id for t in bron.tabellen}
    nodig = set(eigen)
    for naam in eigen:
        nodig |= set(verwijzingen.get(naam, {}).values())
    if with_kinderen:
        nodig |= {kind for kind, ouders in verwijzingen.items() if eigen & set(ouders.values())}
    if bron.naam == "vera":
        nodig |= {"vera.eenheid", "vera.cluster", "vera.cluster_eenheid"}
    bronnen = (
        replace(b, tabellen=tuple(t for t in b.tabellen if t.id in nodig)) for b in contract.bronnen
    )
    return Contract(tuple(b for b in bronnen if b.tabellen), contract.codelijsten)


def _is_bekend(bank: Bank, proef: Proef, bevinding: Bevinding) -> bool:
    """Whether the gate says the same of the sound delivery; rules that hold are no news."""
    eigen = {tabel.id for tabel in proef.bron.tabellen} | {proef.bron.naam}
    if proef.bron.formaat == "tabel":
        eigen = {proef.tabel.id, proef.bron.naam}
    if bevinding.geslaagd or (
        bevinding.tabel not in eigen
        and not bevinding.regel.startswith("verwijzing_")
        and bevinding.regel != EEN_CLUSTER.naam
    ):
        return True
    naam = _find_oorspronkelijk(bank, proef)
    plek = (proef.tabel.id, naam)
    if plek not in bank.bekend:
        goed = Proef(proef.bron, proef.tabel, naam, Blad((), ()))
        bron = proef.bron
        if bron.formaat == "tabel":
            bron = replace(bron, tabellen=(proef.tabel,))
        landing = bank.landingen[bron.naam]
        eigen = {tabel.id for tabel in bron.tabellen}
        landing = replace(
            landing, bestanden=tuple(g for g in landing.bestanden if g.verslag.tabel in eigen)
        )
        bank.bekend[plek] = frozenset(
            (b.tabel, b.regel) for b in check_proef(bank, goed, bron, landing) if not b.geslaagd
        )
    return (bevinding.tabel, bevinding.regel) in bank.bekend[plek]
