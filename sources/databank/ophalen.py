"""From a database to files in ``opgehaald/``: judged, pseudonymised, each row once.

No raw cell rests on disk. Rows are judged by the contract as those of a delivered file and
protected in memory; what is written are sound rows under pseudonyms, and of a rejected row its
place and reason. A file is there whole or not at all, and is itself the mark of how far reading
is: a reading that is killed is done again, and brings nothing twice.

Belongs here: what is new, writing it, trying again when a database was away. Does not belong here:
where addresses come from (``orchestration.ophalen``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from sources.databank.bronnen import Brontabel, Databank
from sources.databank.cursor import Stand, pick_hoogste
from sources.databank.fout import DatabankFout, DatabankWeg, explain
from sources.databank.lezer import BLOK, Gelezen, read_brontabel
from sources.databank.verbinding import describe_rechten, open_lezend
from sources.landing import hash_contract, protect
from sources.opgehaald import (
    EIGEN,
    INLEESFOUT,
    KLASSE,
    KOLOM,
    REDEN,
    REGEL,
    RIJ,
    SLEUTEL,
    Kop,
    Partij,
    list_partijen,
    name_partij,
    read_kop,
    write_partij,
)
from sources.pseudonimisering import hash_waarden
from sources.sleutels import Sleutel
from sources.tabel import GelezenTabel, connect, judge_ruw
from sources.verdeling import measure_verdeling
from vera.contract import Bron, Contract, Tabel
from vera.errors import BuurtpeilError, may_pass

WACHTEN: Final = (5.0, 15.0, 45.0)
"""Seconds before a database that was away is tried again."""
MEESTE_PER_DAG: Final = 99


@dataclass(frozen=True)
class Sleutels:
    """What protects rows: the key of the pseudonyms and that of the address index."""

    pseudoniem: Sleutel
    dienst: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Opgehaald:
    """What came of one table.

    Parameters
    ----------
    tabel
        ``bron.tabel``.
    bestand
        The file that was written, below ``opgehaald/``; empty when there was no news.
    gelezen
        Rows that the database gave.
    rijen, afgekeurd
        New sound and rejected rows among them.
    """

    tabel: str
    bestand: str
    gelezen: int
    rijen: int
    afgekeurd: int


@dataclass(frozen=True)
class Uitkomst:
    """What came of all tables, warnings of whole databases, and what could not be read."""

    tabellen: tuple[Opgehaald, ...] = ()
    waarschuwingen: tuple[str, ...] = ()
    fouten: tuple[BuurtpeilError, ...] = ()


@dataclass(frozen=True)
class Ophaler:
    """Reads tables of databases into ``opgehaald/``.

    Parameters
    ----------
    contract
        The delivery contract.
    opgehaald
        Where files go.
    sleutels
        What protects rows.
    vandaag
        Day of reading; it becomes the date of the delivery.
    alles
        Read every table whole, also where a cursor would do; what was in does not come twice.
    slaap
        Waits so many seconds.
    meld
        Is told which table is read now.
    blok
        Rows at a time.
    """

    contract: Contract
    opgehaald: Path
    sleutels: Sleutels
    vandaag: date
    alles: bool = False
    slaap: Callable[[float], object] = lambda _: None
    meld: Callable[[str], object] = lambda _: None
    blok: int = BLOK

    def fetch(self, databanken: Sequence[tuple[Databank, URL]]) -> Uitkomst:
        """Read all tables of some databases.

        A table that cannot be read does not keep others from being read. A database that is away
        is tried again, from the table where it went; what was read before stays.
        """
        uit = Uitkomst()
        for databank, url in databanken:
            deel = self._fetch_databank(databank, url)
            uit = Uitkomst(
                (*uit.tabellen, *deel.tabellen),
                (*uit.waarschuwingen, *deel.waarschuwingen),
                (*uit.fouten, *deel.fouten),
            )
        return uit

    def _fetch_databank(self, databank: Databank, url: URL) -> Uitkomst:
        werk = _Werk(databank)
        for wacht in (*WACHTEN, None):
            try:
                with open_lezend(url, databank.naam) as verbinding:
                    werk.waarschuwing = describe_rechten(verbinding, databank.naam)
                    self._fetch_tabellen(verbinding, werk)
            except DatabankWeg as fout:
                if wacht is not None:
                    self.slaap(wacht)
                    continue
                werk.fouten[databank.naam] = fout
            except BuurtpeilError as fout:
                werk.fouten[databank.naam] = fout
            break
        return werk.to_uitkomst()

    def _fetch_tabellen(self, verbinding: Connection, werk: _Werk) -> None:
        for deel in werk.list_over():
            self.meld(deel.tabel.id)
            try:
                # A refusal ends a savepoint, and not the snapshot that all tables share.
                with verbinding.begin_nested():
                    werk.gedaan[deel.tabel.id] = self._fetch_tabel(verbinding, deel, werk.databank)
            except DatabankFout as fout:
                if may_pass(fout):
                    raise
                werk.fouten[deel.tabel.id] = fout
            except SQLAlchemyError as fout:  # the server went before the savepoint could end
                raise explain(fout, werk.databank.naam, deel.waar) from None

    def _fetch_tabel(
        self, verbinding: Connection, deel: Brontabel, databank: Databank
    ) -> Opgehaald:
        tabel = deel.tabel
        eerder = self._read_eerder(tabel)
        bekend = None if self.alles else _find_stand(deel, eerder)
        gelezen = read_brontabel(
            verbinding, deel, databank.naam, bekend, self.vandaag, blok=self.blok
        )
        aantal_gelezen = gelezen.rijen.num_rows
        merk = _mark(gelezen.rijen, tabel, self.sleutels.pseudoniem)
        plekken = _find_nieuw(merk, eerder) if tabel.levering == "aanvulling" else None
        if plekken is not None:
            gelezen = replace(gelezen, rijen=gelezen.rijen.take(plekken))
            merk = _Merk(*(kolom.take(plekken) for kolom in (merk.sleutel, merk.rij, merk.tekst)))
        sha256 = _hash(tabel, merk)
        aantal = len(merk.rij)
        if eerder and not self._is_nieuws(tabel, eerder[-1], aantal, sha256):
            return Opgehaald(tabel.id, "", aantal_gelezen, 0, 0)
        bron = self.contract.bron(tabel.bron)
        oordeel = _judge(gelezen, bron, tabel)
        stand = pick_hoogste(_find_stand(deel, eerder), gelezen.stand)
        kop = Kop(
            tabel=tabel.id,
            sha256=sha256,
            inhoud_hash=oordeel.inhoud_sha256 or sha256,
            rijen=oordeel.rijen.num_rows,
            afgekeurd=len(oordeel.afkeuringen),
            vingerafdruk=self.sleutels.pseudoniem.vingerafdruk,
            contract=hash_contract(bron, tabel),
            behandeld={
                kolom.naam: kolom.behandeling
                for kolom in tabel.kolommen
                if kolom.naam in gelezen.rijen.column_names
            },
            cursor=None if stand is None else {"kolom": deel.cursor, **stand.to_velden()},
            verdeling={
                naam: asdict(wat) for naam, wat in measure_verdeling(tabel, oordeel.rijen).items()
            },
            onbekende_kolommen=gelezen.onbekend,
        )
        rijen = protect(tabel, oordeel.rijen, self.sleutels.pseudoniem, self.sleutels.dienst)
        pad = self._name(tabel, eerder)
        self._write(pad, _join(rijen, oordeel, merk), kop)
        return Opgehaald(
            tabel.id, f"{tabel.bron}/{pad.name}", aantal_gelezen, kop.rijen, kop.afgekeurd
        )

    def _write(self, pad: Path, rijen: pa.Table, kop: Kop) -> None:
        try:
            write_partij(pad, rijen, kop)
        except OSError as fout:
            raise DatabankFout(
                f"{kop.tabel} is gelezen, maar niet te bewaren: {fout.strerror}.",
                verwacht="ruimte en schrijfrecht in de map opgehaald van de datamap",
                remedie="maak ruimte of herstel de rechten, en haal opnieuw op",
            ) from None

    def _is_nieuws(self, tabel: Tabel, vorige: _Eerder, aantal: int, sha256: str) -> bool:
        """Tell whether there is anything to deliver.

        In a new month there always is: that a source was asked and had no news is what makes
        its figures of that month zero instead of unknown.
        """
        laatste = vorige.partij.datum
        if (self.vandaag.year, self.vandaag.month) > (laatste.year, laatste.month):
            return True
        return aantal > 0 if tabel.levering == "aanvulling" else sha256 != vorige.kop.sha256

    def _read_eerder(self, tabel: Tabel) -> tuple[_Eerder, ...]:
        """Return what came before, oldest first.

        Raises
        ------
        DatabankFout
            When it is damaged, of another key, or from a later day than today.
        """
        eerder = []
        for partij in list_partijen(self.opgehaald, tabel.bron, tabel.naam):
            try:
                eerder.append(_Eerder(partij, read_kop(partij.pad)))
            except INLEESFOUT:
                raise DatabankFout(
                    f"{tabel.bron}/{partij.pad.name} in de map opgehaald is beschadigd.",
                    verwacht="een bestand zoals Buurtpeil het schreef",
                    remedie="zet het terug uit de reservekopie, of verwijder het en haal opnieuw "
                    "op; dan telt wat erin stond als vandaag bekend geworden",
                ) from None
        if eerder and eerder[-1].partij.datum > self.vandaag:
            raise DatabankFout(
                f"Van {tabel.id} is al opgehaald op {eerder[-1].partij.datum}, later dan vandaag "
                f"({self.vandaag}).",
                verwacht="een klok die goed staat",
                remedie="zet de klok goed; stond zij eerder verkeerd, verwijder dan dat bestand "
                "uit de map opgehaald en haal opnieuw op",
            )
        vreemd = [e for e in eerder if e.kop.vingerafdruk != self.sleutels.pseudoniem.vingerafdruk]
        if vreemd:
            raise DatabankFout(
                f"{tabel.id} is eerder opgehaald onder een andere sleutel van de pseudoniemen.",
                verwacht="dezelfde sleutel als bij de eerste keer ophalen",
                remedie="zet de oude sleutel terug, of begin voor alle tabellen opnieuw: "
                "docs/bronnen-sql.md, Een nieuwe sleutel",
            )
        return tuple(eerder)

    def _name(self, tabel: Tabel, eerder: Sequence[_Eerder]) -> Path:
        nummer = 1
        if eerder and eerder[-1].partij.datum == self.vandaag:
            nummer = eerder[-1].partij.nummer + 1
        if nummer > MEESTE_PER_DAG:
            raise DatabankFout(
                f"{tabel.id} is vandaag al {MEESTE_PER_DAG} keer opgehaald, elke keer met nieuws.",
                verwacht="ophalen in het ritme van de run",
                remedie="wacht tot morgen",
            )
        return self.opgehaald / tabel.bron / name_partij(tabel.naam, self.vandaag, nummer)


@dataclass
class _Werk:
    """How far the reading of one database is; lives for one call."""

    databank: Databank
    waarschuwing: str = ""
    gedaan: dict[str, Opgehaald] = field(default_factory=dict)
    fouten: dict[str, BuurtpeilError] = field(default_factory=dict)

    def list_over(self) -> list[Brontabel]:
        return [
            deel
            for deel in self.databank.tabellen
            if deel.tabel.id not in self.gedaan and deel.tabel.id not in self.fouten
        ]

    def to_uitkomst(self) -> Uitkomst:
        return Uitkomst(
            tuple(self.gedaan.values()),
            (self.waarschuwing,) if self.waarschuwing else (),
            tuple(self.fouten.values()),
        )


@dataclass(frozen=True)
class _Eerder:
    """A fetched file of before."""

    partij: Partij
    kop: Kop


@dataclass(frozen=True)
class _Merk:
    """Per row: which row it is, what it says (both keyed hashes), and that as text."""

    sleutel: pa.Array
    rij: pa.Array
    tekst: pa.Array


def _find_stand(deel: Brontabel, eerder: Sequence[_Eerder]) -> Stand | None:
    """Return how far the cursor was; None when there is none, or it was another column."""
    if not deel.cursor:
        return None
    for een in reversed(eerder):
        if een.kop.cursor is not None and een.kop.cursor.get("kolom") == deel.cursor:
            return Stand.of_velden(een.kop.cursor)
    return None


def _mark(rijen: pa.Table, tabel: Tabel, sleutel: Sleutel) -> _Merk:
    namen = [naam for naam in (*tabel.sleutel, "kennisdatum") if naam in rijen.column_names]
    wie, wat = _join_tekst(rijen, namen), _join_tekst(rijen, rijen.column_names)
    domein = f"opgehaald:{tabel.id}"
    return _Merk(
        hash_waarden(sleutel, f"{domein}:wie", wie),
        hash_waarden(sleutel, f"{domein}:wat", wat),
        wat,
    )


def _join_tekst(rijen: pa.Table, namen: Sequence[str]) -> pa.Array:
    """Return the filled cells of each row with their names as one text.

    A column that is empty says nothing: one that the view has from today on makes no row new.
    """
    delen = []
    for naam in namen:
        cel = pc.utf8_trim_whitespace(rijen[naam].combine_chunks())
        deel = pc.binary_join_element_wise(naam, cel, "\x1d")
        delen.append(pc.if_else(pc.equal(pc.coalesce(cel, ""), ""), "", deel))
    if not delen:
        return pa.array([""] * rijen.num_rows, pa.string())
    return pc.binary_join_element_wise(*delen, "\x1f")


def _find_nieuw(merk: _Merk, eerder: Sequence[_Eerder]) -> pa.Array:
    """Return the places of rows that say something else than when they were last delivered."""
    if not eerder:
        return pa.array(range(len(merk.rij)), pa.int64())
    delen = [
        pq.read_table(een.partij.pad, columns=[SLEUTEL, RIJ]).append_column(
            "nr", pa.array([nr] * pq.read_metadata(een.partij.pad).num_rows, pa.int64())
        )
        for nr, een in enumerate(eerder)
    ]
    nieuw = pa.table(
        {SLEUTEL: merk.sleutel, RIJ: merk.rij, "plek": pa.array(range(len(merk.rij)), pa.int64())}
    )
    with connect() as engine:
        engine.register("nieuw", nieuw)
        engine.register("bekend", pa.concat_tables(delen).replace_schema_metadata(None))
        uit: pa.Table = engine.sql(
            f"with laatst as (select {SLEUTEL}, max(nr) as nr from bekend group by all), "  # noqa: S608
            f"geldt as (select bekend.{SLEUTEL}, bekend.{RIJ} from bekend "
            f"semi join laatst on bekend.{SLEUTEL} = laatst.{SLEUTEL} and bekend.nr = laatst.nr) "
            f"select plek from nieuw anti join geldt on nieuw.{SLEUTEL} = geldt.{SLEUTEL} "
            f"and nieuw.{RIJ} = geldt.{RIJ} order by plek"
        ).to_arrow_table()
    nieuw_plekken: pa.Array = uit["plek"].combine_chunks()
    return nieuw_plekken


def _hash(tabel: Tabel, merk: _Merk) -> str:
    """Hash the rows as they came, in their order: the same content is the same hash."""
    som = hashlib.sha256(f"{tabel.id}\n".encode())
    for tekst in merk.tekst.to_pylist():
        som.update(f"{tekst}\n".encode())
    return som.hexdigest()


def _judge(gelezen: Gelezen, bron: Bron, tabel: Tabel) -> GelezenTabel:
    regels = pa.array(range(1, gelezen.rijen.num_rows + 1), pa.int64())
    return judge_ruw(gelezen.rijen.append_column(REGEL, regels), bron, tabel, tabel.naam)


def _join(rijen: pa.Table, oordeel: GelezenTabel, merk: _Merk) -> pa.Table:
    """Return sound rows, and rejected ones without a cell, each with what it was."""
    fout = oordeel.afkeuringen
    goed = rijen
    for naam in (KOLOM, KLASSE, REDEN):
        goed = goed.append_column(naam, pa.nulls(rijen.num_rows, pa.string()))
    slecht = pa.table(
        {
            REGEL: pa.array([a.regel for a in fout], pa.int64()),
            KOLOM: pa.array([a.kolom for a in fout], pa.string()),
            KLASSE: pa.array([a.waardeklasse for a in fout], pa.string()),
            REDEN: pa.array([a.reden for a in fout], pa.string()),
        }
    )
    alles = pa.concat_tables([goed, slecht], promote_options="default").sort_by(REGEL)
    plek = pc.subtract(alles[REGEL], 1)
    alles = alles.append_column(SLEUTEL, merk.sleutel.take(plek.combine_chunks()))
    alles = alles.append_column(RIJ, merk.rij.take(plek.combine_chunks()))
    eigen = set(EIGEN)
    return alles.select([*(n for n in alles.column_names if n not in eigen), *EIGEN])
