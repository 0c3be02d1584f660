"""Carrying out how long things are kept, everywhere in a data folder, and the log of it.

The order is what makes a killed purge harmless: first the border is kept, so that whatever is
landed anew gets it; then what will go is written in the log; then the warehouse is emptied of rows;
then landings, stores and releases. The next purge finishes what was left.

Belongs here: the order, the warehouse, the releases and the log. Does not belong here: which rows
are past their term (``sources.bewaren``, and each store's own ``purge``). Originals in the
deliveries folder are listed and never touched.

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import duckdb

from models.bewaren import NOOIT_GEKOZEN
from models.registry import Modelregister
from orchestration.bewaard import LOGTERMIJN, MINIMUM_RELEASES, RELEASETERMIJN
from orchestration.instellingen import Instellingen
from orchestration.kolomlijst import keep_kolommen
from orchestration.maatregel import COMPLEXMAAND, PER_SOORT
from orchestration.sleutelbron import Sleutelbron
from orchestration.slot import hold_slot
from orchestration.warehouse import LAGEN, find_laag, open_warehouse
from orchestration.werkmap import Werkmap
from serving.besluit.bewaren import Besluitbewaring
from serving.initiatief.register import Initiatiefregister
from serving.leeslog.keten import MAP as MAP_LEESLOG
from serving.leeslog.keten import Keten
from serving.pagina.verwijderd import LOG_VERWIJDERD, ORIGINELEN
from serving.release.winkel import ReleaseRegel, list_releases
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from serving.toegang.register import Toegangsregister
from sources.bewaren import (
    Origineel,
    find_grenzen,
    hash_sleutel,
    list_originelen,
    purge_landing,
    read_opgeschoond,
    write_opgeschoond,
)
from sources.databank.bewaren import land_nieuwe, purge_opgehaald
from sources.landing import create_views, iter_afkeuringen
from sources.quarantaine import write_quarantaine
from sources.stand import read_stand, read_standen
from vera.bewaren import Verwijdering
from vera.contract import Contract
from vera.errors import GebruikFout

WAREHOUSE: Final = "warehouse"
RELEASES: Final = "releases"
KLOKSPRONG: Final = timedelta(days=100)
"""So long nothing may have happened before a purge of today trusts the clock: over a quarter."""
UIT_LANDING: Final = "gaat met de landing mee"

BLIJFT: Final = (
    "int_openbaar__*",
    "int_methode__*",
    "int_label__label",
    PER_SOORT,
    COMPLEXMAAND,
    "int_overlast__kenmerk",
    "int_overlast__uitkomst",
    "int_woonfraude__complexmaand",
    "int_woonfraude__kenmerk",
)
"""Tables before the marts that commands read between runs: counts per complex, never a row."""
PER_ONDERZOEK: Final = ("int_woonfraude__onderzoek", "woonfraude.onderzoek", "maand")
"""A worklist counts this one as well, a row per inspection: from the border on, without its key."""

_LOG: Final = LOG_VERWIJDERD
_WEG: Final = ".weg-"


@dataclass(frozen=True)
class Opschoning:
    """What a purge did, or with ``dry_run`` would do.

    Parameters
    ----------
    peildatum
        The day that terms were counted back from.
    verwijderd
        What went, per place, table, rule and batch.
    originelen
        Delivered files that still hold rows past their term.
    """

    peildatum: date
    verwijderd: tuple[Verwijdering, ...]
    originelen: tuple[Origineel, ...]


@dataclass(frozen=True)
class Opschoner:
    """Purges a data folder.

    Parameters
    ----------
    instellingen
        Where everything is.
    contract
        The delivery contract, with its rules.
    nu
        Gives the moment that goes in the log.
    """

    instellingen: Instellingen
    contract: Contract
    nu: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def map(self) -> Werkmap:
        """The layout of the data folder."""
        return Werkmap.of(self.instellingen.data)

    def purge(self, peildatum: date, *, dry_run: bool = False) -> Opschoning:
        """Hold the run lock, and purge.

        Raises
        ------
        RunBezig
            When a run is at work in the data folder.
        GebruikFout
            When ``peildatum`` is yet to come: what goes does not come back.
        """
        with hold_slot(self.map.slot):
            return self.purge_met_slot(peildatum, dry_run=dry_run)

    def purge_met_slot(self, peildatum: date, *, dry_run: bool = False) -> Opschoning:
        """Purge; whoever calls this holds the run lock.

        Raises
        ------
        GebruikFout
            When ``peildatum`` is yet to come, or is today by a clock that cannot be right.
        """
        vandaag = self.nu().astimezone(UTC).date()
        if peildatum > vandaag:
            raise GebruikFout(
                f"De peildatum {peildatum} moet nog komen.",
                verwacht=f"uiterlijk {vandaag}: wat verwijderd is, komt niet terug",
                remedie="geef een eerdere --peildatum, of laat haar weg",
            )
        map_ = self.map.bewaren
        if not dry_run and peildatum == vandaag:
            self._check_klok(vandaag)
        # The border never goes back: what is gone is gone.
        peildatum = max(peildatum, read_opgeschoond(map_) or peildatum)
        if not dry_run:
            self._land_opgehaald()
        landing = purge_landing(self.contract, self.map.landing, peildatum, dry_run=True)
        releases = self._find_releases(peildatum)
        gepland = (
            *landing,
            *(_describe_warehouse(self.map.warehouse) if landing else ()),
            *self._purge_opslag(peildatum, dry_run=True),
            *map(_describe_release, releases),
            *_list_oude_logs(map_, peildatum),
        )
        if not dry_run:
            write_opgeschoond(map_, peildatum)
            write_log(map_, gepland, peildatum, self.nu())
            # Left by a command that was killed: rows and a key that no term is counted for.
            for werk in (self.map.herijking, self.map.herberekening):
                shutil.rmtree(werk, ignore_errors=True)
            if landing:
                shrink_warehouse(self.map, self.contract, peildatum)
            purge_landing(self.contract, self.map.landing, peildatum)
            purge_opgehaald(self.contract, self.map.landing, self.map.opgehaald, peildatum)
            standen = read_standen(self.contract.bronnen, self.map.landing)
            if self.map.quarantaine.exists():
                write_quarantaine(iter_afkeuringen(standen), self.map.quarantaine)
            self._purge_opslag(peildatum, dry_run=False)
            self._remove_releases(releases)
            _remove_oude_logs(map_, peildatum)
        originelen = list_originelen(
            self.contract,
            self.map.landing,
            self.instellingen.leveringen_map,
            landing if dry_run else (),
        )
        if not dry_run:
            write_originelen(map_, originelen, peildatum)
        return Opschoning(peildatum, gepland, tuple(originelen))

    def _land_opgehaald(self) -> None:
        """Land what ``buurtpeil ophalen`` brought and no run has read: its terms hold as well."""
        if not self.map.opgehaald.is_dir():
            return
        sleutels = Sleutelbron(self.map.sleutels, self.instellingen.pseudoniem_sleutel)
        land_nieuwe(
            self.contract,
            self.map.landing,
            self.map.opgehaald,
            sleutels.load(),
            sleutels.load_dienst(),
        )

    def _check_klok(self, vandaag: date) -> None:
        """Refuse a today that lies far beyond the last sign of time in the data folder.

        A clock that runs years ahead would take years of data along, every night by itself. An
        earlier day was said by somebody, and is not judged.
        """
        tekens = [
            date.fromisoformat(regel.geschreven_op[:10])
            for regel in list_releases(self.map.releases)
            if regel.geschreven_op is not None
        ]
        grens = read_opgeschoond(self.map.bewaren)
        tekens += [] if grens is None else [grens]
        if tekens and vandaag - max(tekens) > KLOKSPRONG:
            raise GebruikFout(
                f"Volgens de klok is het {vandaag}, maar het laatste dat hier gebeurde was op "
                f"{max(tekens)}. Er is niets verwijderd.",
                verwacht=f"een klok die goed staat: hooguit {KLOKSPRONG.days} dagen sinds de "
                "laatste release of opschoning",
                remedie="zet de klok goed; staat zij goed, geef dan zelf een eerdere dag, "
                f"bijvoorbeeld --peildatum {vandaag - timedelta(days=1)}",
            )

    def _purge_opslag(self, peildatum: date, *, dry_run: bool) -> tuple[Verwijdering, ...]:
        """Purge the stores of our own: each knows its terms."""
        bij = self.instellingen
        weg = self._drop_versies(peildatum, dry_run=dry_run)
        sleutels = Sleutelbos(self.map.sleutels, bij.signaal_sleutel)
        for opslag in (
            Besluitbewaring(bij.besluiten_adres, nu=self.nu),
            Initiatiefregister(bij.initiatieven_adres, nu=self.nu),
            Signaalregister(bij.signalen_adres, sleutels, nu=self.nu),
            Toegangsregister(bij.toegang_adres, nu=self.nu),
        ):
            with closing(opslag):
                weg += opslag.purge(peildatum, dry_run=dry_run)
        leeslog = Keten(self.map.data / MAP_LEESLOG, self.map.sleutels, nu=self.nu)
        return weg + leeslog.purge(peildatum, dry_run=dry_run)

    def _drop_versies(self, peildatum: date, *, dry_run: bool) -> tuple[Verwijdering, ...]:
        """Remove old trainings that never scored, before the decisions that name others go."""
        grens = NOOIT_GEKOZEN.find_grens(peildatum)
        if grens is None:
            return ()
        with closing(Besluitbewaring(self.instellingen.besluiten_adres)) as besluiten:
            behoud = besluiten.list_modelversies()
        register = Modelregister(self.instellingen.mlflow_adres, self.instellingen.modellen_map)
        return register.drop_versies(grens, behoud=behoud, dry_run=dry_run)

    def _find_releases(self, peildatum: date) -> list[ReleaseRegel]:
        """Return releases past their term; never the served one, nor the last few."""
        grens = RELEASETERMIJN.find_grens(peildatum) or date.min
        return [
            regel
            for regel in list_releases(self.map.releases)[MINIMUM_RELEASES:]
            if not regel.is_huidig
            and regel.geschreven_op is not None
            and date.fromisoformat(regel.geschreven_op[:10]) < grens
        ]

    def _remove_releases(self, regels: Sequence[ReleaseRegel]) -> None:
        for regel in regels:
            # Under another name first: a release is whole or it is not there.
            weg = regel.map.with_name(f"{_WEG}{regel.release_id}")
            regel.map.rename(weg)
        if self.map.releases.is_dir():
            for weg in self.map.releases.glob(f"{_WEG}*"):
                shutil.rmtree(self.map.archief / weg.name.removeprefix(_WEG), ignore_errors=True)
                shutil.rmtree(weg)


def shrink_warehouse(map_: Werkmap, contract: Contract, peildatum: date) -> None:
    """Make the warehouse anew with what commands read between runs, and no row about anybody.

    A table of which rows are deleted keeps them in freed blocks of the file; a file that is
    written anew does not. The next run builds the rest again.
    """
    # What DuckDB wrote there for want of memory when its run was killed.
    shutil.rmtree(map_.warehouse.with_name(f"{map_.warehouse.name}.tmp"), ignore_errors=True)
    if not map_.warehouse.exists():
        return
    nieuw = map_.warehouse.with_suffix(".deel")
    nieuw.unlink(missing_ok=True)
    try:
        keep_kolommen(map_.dbt, map_.warehouse)
        _copy_blijft(map_, contract, peildatum, nieuw)
    except duckdb.Error:  # left by a run that was killed: it goes as a whole
        nieuw.unlink(missing_ok=True)
        map_.warehouse.unlink()
    else:
        nieuw.replace(map_.warehouse)
    for pad in (nieuw, map_.warehouse):
        pad.with_name(f"{pad.name}.wal").unlink(missing_ok=True)


def _copy_blijft(map_: Werkmap, contract: Contract, peildatum: date, nieuw: Path) -> None:
    pseudoniem = {
        kolom.naam
        for tabel in contract.tabellen
        for kolom in tabel.kolommen
        if kolom.behandeling == "pseudoniem"
    }
    with open_warehouse(nieuw, schrijf=True) as db:
        for bron in contract.bronnen:
            create_views(db, bron, read_stand(bron.naam, map_.landing))
        oud = str(map_.warehouse).replace("'", "''")
        db.execute(f"attach '{oud}' as oud (read_only)")
        for laag, tabel in db.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'oud' order by all"
        ).fetchall():
            waar = _keep(laag, tabel, contract, peildatum)
            if waar is not None:
                db.execute(f'create schema if not exists "{laag}"')
                kolommen = ", ".join(
                    f'"{kolom}"'
                    for (kolom,) in db.execute(
                        "select column_name from duckdb_columns() where database_name = 'oud' "
                        "and schema_name = ? and table_name = ? order by column_index",
                        [laag, tabel],
                    ).fetchall()
                    if kolom not in pseudoniem
                )
                db.execute(
                    f'create table "{laag}"."{tabel}" as '
                    f'select {kolommen} from oud."{laag}"."{tabel}" where {waar}'
                )
        db.execute("detach oud")


def _keep(laag: str, tabel: str, contract: Contract, peildatum: date) -> str | None:
    """Return which rows of a table stay, as SQL; None = the table goes."""
    if laag not in LAGEN:
        return "true"
    if laag != find_laag(tabel):
        return None  # of an older version, which had it elsewhere
    if any(fnmatchcase(tabel, patroon) for patroon in BLIJFT):
        return "true"
    naam, bron, kolom = PER_ONDERZOEK
    if tabel != naam:
        return None
    grens = find_grenzen(contract, peildatum).get(bron)
    return "true" if grens is None else f"{kolom} >= date '{grens}'"


def write_log(
    map_: Path, verwijderd: Sequence[Verwijdering], peildatum: date, nu: datetime
) -> None:
    """Append what goes to the log of this month, and have it on disk.

    Written before anything goes: a purge that was killed is in it twice, never not at all.
    """
    if not verwijderd:
        return
    map_.mkdir(parents=True, exist_ok=True, mode=0o700)
    pad = map_ / _LOG.replace("*", f"{nu.astimezone(UTC):%Y-%m}")
    greep = os.open(pad, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(greep, "a", encoding="utf-8") as bestand:
        for deel in verwijderd:
            regel = {
                "tijd": nu.astimezone(UTC).isoformat(timespec="seconds"),
                "peildatum": peildatum.isoformat(),
                "plek": deel.plek,
                "tabel": deel.tabel,
                "regel": deel.regel,
                "batch": deel.batch,
                "aantal": deel.aantal,
                "sleutels": list(deel.sleutels),
            }
            bestand.write(json.dumps(regel, ensure_ascii=False) + "\n")
        bestand.flush()
        os.fsync(bestand.fileno())


def write_originelen(map_: Path, originelen: Sequence[Origineel], peildatum: date) -> None:
    """Keep which delivered files hold rows past their term, for the page on privacy.

    Of the last purge alone: what its owner removed since is not in the next one.
    """
    inhoud = {
        "peildatum": peildatum.isoformat(),
        "originelen": [asdict(origineel) for origineel in originelen],
    }
    tijdelijk = map_ / f"{ORIGINELEN}.deel"
    tijdelijk.write_text(json.dumps(inhoud, ensure_ascii=False), encoding="utf-8")
    tijdelijk.chmod(0o600)
    tijdelijk.replace(map_ / ORIGINELEN)


def _list_oude_logs(map_: Path, peildatum: date) -> list[Verwijdering]:
    return [
        Verwijdering("bewaren", pad.name, LOGTERMIJN.regel, pad.name, (hash_sleutel(pad.name, ()),))
        for pad in _find_oude_logs(map_, peildatum)
    ]


def _remove_oude_logs(map_: Path, peildatum: date) -> None:
    for pad in _find_oude_logs(map_, peildatum):
        pad.unlink()


def _find_oude_logs(map_: Path, peildatum: date) -> list[Path]:
    grens = LOGTERMIJN.find_grens(peildatum) or date.min
    return [pad for pad in sorted(map_.glob(_LOG)) if pad.stem[-7:] < f"{grens:%Y-%m}"]


def _describe_warehouse(pad: Path) -> list[Verwijdering]:
    if not pad.exists():
        return []
    try:
        with open_warehouse(pad) as db:
            tabellen = db.execute(
                "select schema_name, table_name from duckdb_tables() "
                "where list_contains(?, schema_name) order by all",
                [list(LAGEN)],
            ).fetchall()
    except duckdb.Error:  # left by a run that was killed: it goes as a whole
        tabellen = []
    weg = [
        hash_sleutel(tabel, ())
        for laag, tabel in tabellen
        if laag != find_laag(tabel)
        or not any(fnmatchcase(tabel, patroon) for patroon in (*BLIJFT, PER_ONDERZOEK[0]))
    ]
    return [Verwijdering(WAREHOUSE, "hele tabellen", UIT_LANDING, "", tuple(weg))] if weg else []


def _describe_release(regel: ReleaseRegel) -> Verwijdering:
    return Verwijdering(
        RELEASES,
        "release",
        RELEASETERMIJN.regel,
        regel.release_id,
        (hash_sleutel("release", (regel.release_id,)),),
    )
