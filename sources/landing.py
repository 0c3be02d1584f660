"""From the deliveries folder to typed, pseudonymised Parquet files, one per delivered file.

The association's folder is only read. A delivered file is landed once: its landing is named
after its bytes, the contract and the key, so a second run reads nothing again. Rejected rows
go to quarantine (:mod:`sources.quarantaine`); whether that is too many is for the gate.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.adresindex import INDEXKOLOMMEN, has_adresindex, seal_adressen
from sources.bestand import hash_bestand, hide_stuurtekens, is_stil, show_naam
from sources.cel import ONBEKENDE_CODE
from sources.databank.bronnen import BESTAND as BRONNEN
from sources.leesfout import LeesFout
from sources.opgehaald import (
    INLEESFOUT,
    Kop,
    count_redenen,
    has_partijen,
    list_partijen,
    read_kop,
    read_partij,
    split_partij,
)
from sources.organisatie import BESTAND as ORGANISATIE
from sources.pseudonimisering import pseudonymise
from sources.sleutels import Sleutel
from sources.tabel import EXTENSIES, as_tekst, empty_rijen, judge_ruw, read_tabel
from sources.uitgever import Gelezen, build_gelezen, find_tabel, read_uitgever
from sources.verdeling import measure_verdeling, parse_verdeling
from vera.adressleutel import compute_vingerafdruk
from vera.contract import Bron, Contract, Tabel
from vera.errors import BuurtpeilError, may_pass
from vera.levering import Afkeuring, LeveringVerslag

# Raise when reading, casting or pseudonymising changes: old landings are then made anew.
LEESVERSIE = "4"
# What may lie beside the sources: who delivers, which tables come from databases, and the truth
# of a demo world (never read).
GEEN_BRON = frozenset({ORGANISATIE, BRONNEN, "waarheid"})

# A file may be made some days after the date in its name; this far its rows may run on.
SPELING = timedelta(days=31)

_DRADEN = 2

_BESTAND = re.compile(r"^(?P<tabel>[a-z_]+?)(_(?P<datum>\d{4}-\d{2}-\d{2}))?$")


@dataclass(frozen=True)
class Geland:
    """One landed file: where it stands, what the report says, what was rejected."""

    pad: Path
    verslag: LeveringVerslag
    afkeuringen: tuple[Afkeuring, ...]


@dataclass(frozen=True)
class BronLanding:
    """Everything one source delivered. ``overgeslagen`` names files that nobody reads."""

    bron: str
    bestanden: tuple[Geland, ...]
    overgeslagen: tuple[str, ...] = ()

    def van_tabel(self, tabel: str) -> tuple[Geland, ...]:
        """Return the landed files of one table (``bron.tabel``), oldest delivery first."""
        return tuple(geland for geland in self.bestanden if geland.verslag.tabel == tabel)


def land_bron(
    bron: Bron,
    leveringen: Path,
    landing_map: Path,
    sleutel: Sleutel,
    dienstsleutel: bytes | None = None,
    opgehaald: Path | None = None,
) -> BronLanding:
    """Land every delivered file of one source, and what was read for it from a database.

    Parameters
    ----------
    bron
        The source's contract.
    leveringen
        The deliveries folder; ``leveringen/<bron>`` may be absent (no coverage).
    landing_map
        Where landings are kept.
    sleutel
        Key of the pseudonyms.
    dienstsleutel
        Key of the address index (``serving.adresindex``); None = there will be no index.
    opgehaald
        Folder of what was read from databases (:mod:`sources.opgehaald`); None = nothing was.

    Returns
    -------
    BronLanding
        Per file a Parquet file and a report; a file that cannot be read has a report with
        ``leesfout`` and no rows.
    """
    bron_map = leveringen / bron.naam
    uit_databank = opgehaald is not None and has_partijen(opgehaald, bron)
    if not bron_map.is_dir() and not uit_databank:
        return BronLanding(bron.naam, ())
    lander = _Lander(bron, landing_map, sleutel, dienstsleutel)
    if bron.formaat == "uitgever":
        return lander.land_uitgever(bron_map)
    return lander.land_tabellen(bron_map, opgehaald if uit_databank else None)


def list_onbekend(contract: Contract, leveringen: Path) -> tuple[str, ...]:
    """Return what lies at the root of the deliveries folder and belongs to no source.

    READMEs, hidden files and what is known to be no source are passed over in silence.
    """
    bekend = {bron.naam for bron in contract.bronnen} | GEEN_BRON
    return tuple(
        sorted(
            show_naam(pad.name) + ("/" if pad.is_dir() else "")
            for pad in leveringen.iterdir()
            if pad.name not in bekend and not is_stil(pad)
        )
    )


def determine_klok(verslagen: Iterable[LeveringVerslag], vandaag: date) -> date | None:
    """Return the run's clock: the youngest date that any delivery speaks of.

    The wall clock has no part in it, so the same deliveries give the same labels; it only
    keeps a typing error in the future from moving the clock. Nor does a row move it that lies
    long after the date of its own delivery: a delivery cannot know what was still to come.
    """
    datums = [
        datum
        for verslag in verslagen
        for datum in (verslag.leveringsdatum, verslag.jongste_datum)
        if datum is not None
        and datum <= vandaag
        and (verslag.leveringsdatum is None or datum <= verslag.leveringsdatum + SPELING)
    ]
    return max(datums, default=None)


@dataclass(frozen=True)
class _Levering:
    """One file and the date in its name; ``fout`` when that is no date.

    ``kop`` is what is known of a file that was read from a database.
    """

    pad: Path
    datum: date | None
    fout: str = ""
    kop: Kop | None = None

    @classmethod
    def of_naam(cls, pad: Path, datum: str | None) -> _Levering:
        if datum is None:
            return cls(pad, None)
        try:
            return cls(pad, date.fromisoformat(datum))
        except ValueError:
            return cls(pad, None, f"de datum {datum} in de bestandsnaam bestaat niet")

    def order(self) -> tuple[date, str]:
        return (self.datum or date.min, self.pad.name)


@dataclass(frozen=True)
class _Lander:
    """Lands the files of one source."""

    bron: Bron
    landing_map: Path
    sleutel: Sleutel
    dienstsleutel: bytes | None = field(default=None, repr=False)

    def land_tabellen(self, bron_map: Path, opgehaald: Path | None = None) -> BronLanding:
        gevonden: dict[str, list[_Levering]] = {}
        overgeslagen = []
        namen = {tabel.naam for tabel in self.bron.tabellen}
        if opgehaald is not None:
            gevonden = {
                tabel.naam: _list_opgehaald(opgehaald, tabel) for tabel in self.bron.tabellen
            }
        for pad in sorted(bron_map.iterdir()) if bron_map.is_dir() else ():
            if is_stil(pad):
                continue
            stam, extensie = _split_naam(pad)
            deel = _BESTAND.match(stam)
            if extensie is None or deel is None or deel["tabel"] not in namen:
                overgeslagen.append(f"{self.bron.naam}/{show_naam(pad.name)}")
                continue
            gevonden.setdefault(deel["tabel"], []).append(_Levering.of_naam(pad, deel["datum"]))
        werk = [
            (tabel, levering, volgnummer)
            for tabel in self.bron.tabellen
            for volgnummer, levering in enumerate(
                sorted(gevonden.get(tabel.naam, []), key=_Levering.order), start=1
            )
        ]
        return BronLanding(self.bron.naam, self._land_werk(werk), tuple(overgeslagen))

    def _land_werk(self, werk: Sequence[tuple[Tabel, _Levering, int]]) -> tuple[Geland, ...]:
        """Land files side by side; of files with the same bytes the first is read, once."""
        uitkomst: dict[int, Geland] = {}

        def land(plek: int) -> None:
            tabel, levering, volgnummer = werk[plek]
            if levering.kop is None:
                geland = self._land_tabelbestand(tabel, levering, volgnummer, sommen[plek])
            else:
                geland = self._land_opgehaald(tabel, levering, volgnummer, levering.kop)
            uitkomst[plek] = geland

        with ThreadPoolExecutor(max_workers=_DRADEN) as draden:
            sommen = list(draden.map(lambda taak: _identify(taak[1]), werk))
            gezien: set[tuple[str, str]] = set()
            eerst: list[int] = []
            later: list[int] = []
            for plek, (tabel, _, _) in enumerate(werk):
                sleutel = (tabel.id, sommen[plek])
                (later if sleutel in gezien else eerst).append(plek)
                gezien.add(sleutel)
            for ronde in (eerst, later):
                list(draden.map(land, ronde))
        return tuple(uitkomst[plek] for plek in range(len(werk)))

    def land_uitgever(self, bron_map: Path) -> BronLanding:
        fouten: list[tuple[Path, BuurtpeilError]] = []
        gelezen = list(
            read_uitgever(
                bron_map, self.bron, bij_fout=lambda pad, fout: fouten.append((pad, fout))
            )
        )
        overgeslagen = [
            f"{self.bron.naam}/{show_naam(pad.name)}"
            for pad in sorted(bron_map.iterdir())
            if not pad.is_file() and not is_stil(pad)
        ]
        overgeslagen += [
            f"{self.bron.naam}/{show_naam(pad.name)}" for pad, delen in gelezen if not delen
        ]
        delen = [(pad, deel) for pad, delen_ in gelezen for deel in delen_]
        delen += [(pad, self._refuse_editie(pad, fout)) for pad, fout in fouten]
        bestanden: list[Geland] = []
        per_tabel: Counter[str] = Counter()
        for pad, deel in sorted(delen, key=lambda item: item[0].name):
            per_tabel[deel.tabel] += 1
            bestanden.append(self._land_editie(pad, deel, per_tabel[deel.tabel]))
        return BronLanding(self.bron.naam, tuple(bestanden), tuple(sorted(overgeslagen)))

    def _land_tabelbestand(
        self, tabel: Tabel, levering: _Levering, volgnummer: int, sha256: str
    ) -> Geland:
        pad = levering.pad
        if not sha256:
            return self._refuse(tabel, levering, volgnummer, "", "het bestand is niet te openen")
        if levering.fout:
            return self._refuse(tabel, levering, volgnummer, sha256, levering.fout)
        basis = self._basis(tabel, sha256, "".join(pad.suffixes[-2:]))
        bewaard = _load(basis, self.bron, levering, volgnummer)
        if bewaard is not None:
            return bewaard
        try:
            gelezen = read_tabel(pad, self.bron, tabel)
        except LeesFout as fout:
            return self._refuse(tabel, levering, volgnummer, sha256, str(fout))
        except (OSError, ValueError, pa.ArrowException, duckdb.Error) as fout:
            if may_pass(fout):
                raise  # nothing is wrong with the file: the step is tried again
            # Such a message may quote a row: only its kind is shown.
            tekst = f"{type(fout).__name__}: het bestand is niet te lezen als {pad.suffix}"
            return self._refuse(tabel, levering, volgnummer, sha256, tekst)
        rijen = self._protect(tabel, gelezen.rijen)
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{pad.name}",
            leveringsdatum=levering.datum,
            volgnummer=volgnummer,
            sha256=sha256,
            inhoud_hash=gelezen.inhoud_sha256 or sha256,
            rijen=rijen.num_rows,
            afgekeurd=len(gelezen.afkeuringen),
            afgekeurd_per_reden=dict(Counter(a.reden for a in gelezen.afkeuringen)),
            onbekende_codes=gelezen.onbekende_codes,
            voorbeeld_onbekende_code=gelezen.voorbeeld_onbekende_code,
            ontbrekende_kolommen=gelezen.ontbrekende_kolommen,
            onbekende_kolommen=gelezen.onbekende_kolommen,
            niet_geleverde_kolommen=gelezen.niet_geleverde_kolommen,
            jongste_datum=_jongste_datum(tabel, rijen),
            verdeling=measure_verdeling(tabel, gelezen.rijen),
        )
        return _store(basis, rijen, verslag, gelezen.afkeuringen)

    def _land_opgehaald(
        self, tabel: Tabel, levering: _Levering, volgnummer: int, kop: Kop
    ) -> Geland:
        """Land a file that was judged and protected when it was read from a database.

        Under another contract than then its rows are judged again, as far as they still hold
        what that asks.
        """
        if kop.vingerafdruk != self.sleutel.vingerafdruk:
            tekst = "opgehaald onder een andere sleutel van de pseudoniemen dan die nu geldt"
            return self._refuse(tabel, levering, volgnummer, kop.sha256, tekst)
        basis = self._basis(tabel, kop.sha256, "opgehaald")
        bewaard = _load(basis, self.bron, levering, volgnummer)
        if bewaard is not None:
            return bewaard
        try:
            alles = read_partij(levering.pad)
        except INLEESFOUT as fout:
            if may_pass(fout):
                raise
            tekst = "het opgehaalde bestand is beschadigd"
            return self._refuse(tabel, levering, volgnummer, kop.sha256, tekst)
        rijen, afkeuringen = split_partij(alles, tabel.id, levering.pad.name)
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{levering.pad.name}",
            leveringsdatum=levering.datum,
            volgnummer=volgnummer,
            sha256=kop.sha256,
            inhoud_hash=kop.inhoud_hash,
            rijen=kop.rijen,
            afgekeurd=kop.afgekeurd,
            onbekende_kolommen=kop.onbekende_kolommen,
            niet_geleverde_kolommen=tuple(
                kolom.naam for kolom in tabel.kolommen if kolom.naam not in kop.behandeld
            ),
            verdeling={naam: parse_verdeling(deel) for naam, deel in kop.verdeling.items()},
        )
        if kop.contract != hash_contract(self.bron, tabel):
            gelezen = judge_ruw(_strip_ruw(rijen, tabel, kop), self.bron, tabel, levering.pad.name)
            terug = _list_onherstelbaar(tabel, kop)
            if terug or gelezen.ontbrekende_kolommen:
                namen = ", ".join(terug or gelezen.ontbrekende_kolommen)
                tekst = (
                    f"het contract vraagt nu {namen} zoals de database die heeft; "
                    "haal deze tabel opnieuw op"
                )
                return self._refuse(tabel, levering, volgnummer, kop.sha256, tekst)
            rijen = self._keep_index(gelezen.rijen, rijen, tabel, kop)
            afkeuringen = tuple(sorted((*afkeuringen, *gelezen.afkeuringen), key=lambda a: a.regel))
            verslag = replace(verslag, rijen=rijen.num_rows, afgekeurd=len(afkeuringen))
        verslag = replace(
            verslag,
            jongste_datum=_jongste_datum(tabel, rijen),
            afgekeurd_per_reden=count_redenen(afkeuringen),
            **describe_codes(afkeuringen),
        )
        return _store(basis, rijen, verslag, afkeuringen)

    def _keep_index(self, rijen: pa.Table, was: pa.Table, tabel: Tabel, kop: Kop) -> pa.Table:
        """Protect what is new in the contract; what was protected when it came stays as it is."""
        if has_adresindex(tabel):
            plek = pc.index_in(rijen["_regel"], value_set=was["_regel"].combine_chunks())
            for naam in INDEXKOLOMMEN:
                kolom = (
                    was[naam].take(plek)
                    if naam in was.column_names
                    else pa.nulls(rijen.num_rows, pa.string())
                )
                rijen = rijen.append_column(naam, kolom)
        al = {naam for naam, wat in kop.behandeld.items() if wat == "pseudoniem"}
        return protect_kolommen(tabel, rijen, self.sleutel, al)

    def _refuse(
        self, tabel: Tabel, levering: _Levering, volgnummer: int, sha256: str, leesfout: str
    ) -> Geland:
        """Report a file of which no row can be landed."""
        rijen = self._protect(tabel, empty_rijen(tabel))
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{levering.pad.name}",
            leveringsdatum=levering.datum,
            volgnummer=volgnummer,
            sha256=sha256,
            inhoud_hash=sha256,
            rijen=0,
            afgekeurd=0,
            leesfout=leesfout,
        )
        basis = self._basis(tabel, sha256, f"geweigerd/{levering.pad.name}")
        return _store(basis, rijen, verslag, ())

    def _refuse_editie(self, pad: Path, fout: BuurtpeilError) -> Gelezen:
        tabel = find_tabel(self.bron, pad)
        leeg = build_gelezen(self.bron, tabel, pad.name, None, ())
        return replace(leeg, leesfout=" ".join(str(fout).split("\n")))

    def _land_editie(self, pad: Path, gelezen: Gelezen, volgnummer: int) -> Geland:
        tabel = self.bron.tabel(gelezen.tabel)
        sha256 = _try_hash(pad)
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{pad.name}",
            leveringsdatum=None,
            volgnummer=volgnummer,
            sha256=sha256,
            inhoud_hash=sha256 if gelezen.leesfout else _hash_editie(tabel, gelezen.rijen),
            rijen=gelezen.rijen.num_rows,
            afgekeurd=len(gelezen.afkeuringen),
            afgekeurd_per_reden=dict(Counter(a.reden for a in gelezen.afkeuringen)),
            onbekende_kolommen=tuple(map(hide_stuurtekens, gelezen.geweigerde_kolommen)),
            jongste_datum=date(gelezen.editie, 12, 31) if gelezen.editie else None,
            is_historische_editie=True,
            leesfout=gelezen.leesfout,
        )
        # The same bytes under two names are two editions, each with a year of its own.
        basis = self._basis(tabel, sha256, pad.name)
        return _store(basis, gelezen.rijen, verslag, tuple(gelezen.afkeuringen))

    def _basis(self, tabel: Tabel, sha256: str, vorm: str) -> Path:
        """Path without extension: bytes, form of the file, contract, key and reader decide it."""
        context = hashlib.sha256(
            f"{LEESVERSIE}|{_canonical(tabel)}|{self.bron.scheidingsteken}|{self.bron.codering}|"
            f"{self.bron.decimaalteken}|{vorm}|{self._describe_sleutels(tabel)}".encode()
        ).hexdigest()
        return self.landing_map / self.bron.naam / tabel.naam / f"{sha256[:16]}-{context[:8]}"

    def _describe_sleutels(self, tabel: Tabel) -> str:
        """Which keys a landing hangs on; that of the index for the one table with addresses."""
        if not has_adresindex(tabel):
            return self.sleutel.vingerafdruk
        dienst = "" if self.dienstsleutel is None else compute_vingerafdruk(self.dienstsleutel)
        return f"{self.sleutel.vingerafdruk}|{dienst}"

    def _protect(self, tabel: Tabel, rijen: pa.Table) -> pa.Table:
        return protect(tabel, rijen, self.sleutel, self.dienstsleutel)


def protect(
    tabel: Tabel, rijen: pa.Table, sleutel: Sleutel, dienstsleutel: bytes | None
) -> pa.Table:
    """Drop, pseudonymise or hash the columns of typed rows that may not go on.

    Parameters
    ----------
    tabel
        The contract.
    rijen
        Typed rows with all of its columns.
    sleutel
        Key of the pseudonyms.
    dienstsleutel
        Key of the address index; None = there will be no index.
    """
    if has_adresindex(tabel):
        rijen = seal_adressen(dienstsleutel, rijen)
    return protect_kolommen(tabel, rijen, sleutel)


def protect_kolommen(
    tabel: Tabel, rijen: pa.Table, sleutel: Sleutel, al: Collection[str] = ()
) -> pa.Table:
    """Drop and pseudonymise columns; those in ``al`` hold pseudonyms already."""
    for kolom in tabel.kolommen:
        if kolom.behandeling in {"verwijderen", "adresindex"}:
            rijen = rijen.drop_columns([kolom.naam])
        elif kolom.behandeling == "pseudoniem" and kolom.naam not in al:
            plek = rijen.column_names.index(kolom.naam)
            rijen = rijen.set_column(
                plek, kolom.naam, pseudonymise(sleutel, kolom.naam, rijen[kolom.naam])
            )
    return rijen


def hash_contract(bron: Bron, tabel: Tabel) -> str:
    """Return a hash of all that decides how rows of a table are judged and typed."""
    tekst = f"{LEESVERSIE}|{_canonical(tabel)}|{bron.decimaalteken}"
    return hashlib.sha256(tekst.encode()).hexdigest()


def describe_codes(afkeuringen: Sequence[Afkeuring]) -> dict[str, Any]:
    """Return the two fields of a report that speak of unknown codes."""
    codes = [a for a in afkeuringen if a.reden.startswith(ONBEKENDE_CODE)]
    voorbeelden: dict[str, str] = {}
    for afkeuring in codes:
        voorbeelden.setdefault(afkeuring.kolom, f"{afkeuring.bestand} regel {afkeuring.regel}")
    return {
        "onbekende_codes": dict(Counter(a.kolom for a in codes)),
        "voorbeeld_onbekende_code": voorbeelden,
    }


def _list_opgehaald(opgehaald: Path, tabel: Tabel) -> list[_Levering]:
    leveringen = []
    for partij in list_partijen(opgehaald, tabel.bron, tabel.naam):
        try:
            kop = read_kop(partij.pad)
        except INLEESFOUT as fout:
            if may_pass(fout):
                raise
            tekst = "het opgehaalde bestand is beschadigd"
            leveringen.append(_Levering(partij.pad, partij.datum, tekst))
            continue
        leveringen.append(_Levering(partij.pad, partij.datum, "", kop))
    return leveringen


def _identify(levering: _Levering) -> str:
    """Return the hash of what was delivered; of a fetched file that of the rows that came."""
    return _try_hash(levering.pad) if levering.kop is None else levering.kop.sha256


def _strip_ruw(rijen: pa.Table, tabel: Tabel, kop: Kop) -> pa.Table:
    """Return as text what a fetched file has of the columns that the contract asks now."""
    namen = [
        kolom.naam
        for kolom in tabel.kolommen
        if kolom.naam in kop.behandeld and kolom.naam in rijen.column_names
    ]
    ruw = pa.table({naam: as_tekst(rijen[naam]) for naam in namen})
    return ruw.append_column("_regel", rijen["_regel"])


def _list_onherstelbaar(tabel: Tabel, kop: Kop) -> list[str]:
    """Return columns that came as a pseudonym and are now to be kept as they were."""
    return [
        kolom.naam
        for kolom in tabel.kolommen
        if kolom.behandeling == "behouden" and kop.behandeld.get(kolom.naam) == "pseudoniem"
    ]


def create_views(warehouse: duckdb.DuckDBPyConnection, bron: Bron, landing: BronLanding) -> None:
    """Make every table of a source a view ``schema.tabel`` over its landed files.

    A table that was never delivered is a view without rows, so that SQL need not know.
    """
    for tabel in bron.tabellen:
        warehouse.execute(f'create schema if not exists "{tabel.schema}"')
        delen = [_select_landing(geland) for geland in landing.van_tabel(tabel.id)]
        if not delen:
            delen = [_select_leeg(tabel)]
        warehouse.execute(
            f'create or replace view "{tabel.schema}"."{tabel.naam}" as '
            + " union all by name ".join(delen)
        )


def landed_kolommen(tabel: Tabel) -> list[tuple[str, str]]:
    """Return (name, type) of what is kept of a table, in order."""
    kolommen = [
        (kolom.naam, kolom.type)
        for kolom in tabel.kolommen
        if kolom.behandeling in {"behouden", "pseudoniem"}
    ]
    if has_adresindex(tabel):
        kolommen += [(naam, "varchar") for naam in INDEXKOLOMMEN]
    return kolommen


def _select_landing(geland: Geland) -> str:
    verslag = geland.verslag
    datum = f"date '{verslag.leveringsdatum}'" if verslag.leveringsdatum else "null::date"
    pad = str(geland.pad).replace("'", "''")
    bestand = verslag.bestand.replace("'", "''")
    return (
        f"select *, {datum} as _leveringsdatum, {verslag.volgnummer} as _volgnummer, "  # noqa: S608
        f"'{bestand}' as _bestand from read_parquet('{pad}')"
    )


def _select_leeg(tabel: Tabel) -> str:
    kolommen = ", ".join(f'null::{soort} as "{naam}"' for naam, soort in landed_kolommen(tabel))
    return (
        f"select {kolommen}, 0::bigint as _regel, null::date as _leveringsdatum, "
        "0 as _volgnummer, '' as _bestand limit 0"
    )


def _split_naam(pad: Path) -> tuple[str, str | None]:
    for extensie in EXTENSIES:
        if pad.is_file() and pad.name.endswith(extensie):
            return pad.name.removesuffix(extensie), extensie
    return pad.name, None


def _canonical(tabel: Tabel) -> str:
    """Return the contract of a table as text that is the same in every process."""
    return json.dumps(asdict(tabel), default=sorted, sort_keys=True)


def _try_hash(pad: Path) -> str:
    """Return the hash of a file's bytes, nothing when it cannot be opened."""
    try:
        return hash_bestand(pad)
    except OSError as fout:
        if may_pass(fout):
            raise
        return ""


def _hash_editie(tabel: Tabel, rijen: pa.Table) -> str:
    """Hash an edition's rows in order of their key, without the year that its name gives."""
    inhoud = rijen.drop_columns([n for n in ("jaar", "_regel") if n in rijen.column_names])
    sleutel = [(naam, "ascending") for naam in tabel.sleutel if naam in inhoud.column_names]
    if sleutel:
        inhoud = inhoud.sort_by(sleutel)
    som = hashlib.sha256()
    for kolom in inhoud.column_names:
        som.update(kolom.encode())
        for waarde in inhoud[kolom].to_pylist():
            som.update(repr(waarde).encode())
    return som.hexdigest()


def _jongste_datum(tabel: Tabel, rijen: pa.Table) -> date | None:
    """Latest ``kennisdatum``, else latest registration date; None for master data."""
    namen = ("kennisdatum", tabel.kennisdatum_eerste_levering)
    for naam in namen:
        if naam in rijen.column_names and rijen.num_rows:
            jongste: date | None = pc.max(rijen[naam]).as_py()
            if jongste is not None:
                return jongste
    return None


def _store(
    basis: Path, rijen: pa.Table, verslag: LeveringVerslag, afkeuringen: Sequence[Afkeuring]
) -> Geland:
    """Write the landing; the report comes last, so a killed run leaves no half landing."""
    basis.parent.mkdir(parents=True, exist_ok=True)
    pad = basis.with_name(basis.name + ".parquet")
    eigen = f".{os.getpid()}-{threading.get_ident()}.deel"  # two files may be the same bytes
    tijdelijk = basis.with_name(basis.name + ".parquet" + eigen)
    pq.write_table(rijen, tijdelijk, compression="zstd")
    som = hash_bestand(tijdelijk)
    tijdelijk.replace(pad)
    inhoud = {
        "parquet_sha256": som,
        "verslag": asdict(verslag),
        "afkeuringen": [asdict(afkeuring) for afkeuring in afkeuringen],
    }
    tijdelijk = basis.with_name(basis.name + ".json" + eigen)
    tijdelijk.write_text(json.dumps(inhoud, default=str, sort_keys=True), encoding="utf-8")
    tijdelijk.replace(basis.with_name(basis.name + ".json"))
    return Geland(pad, verslag, tuple(afkeuringen))


def _load(basis: Path, bron: Bron, levering: _Levering, volgnummer: int) -> Geland | None:
    """Return the landing that an earlier run made of the same bytes, under today's name.

    A landing that is damaged, or that misses its report, is as good as none.
    """
    pad = basis.with_name(basis.name + ".parquet")
    try:
        inhoud = json.loads(basis.with_name(basis.name + ".json").read_text(encoding="utf-8"))
        if hash_bestand(pad) != inhoud["parquet_sha256"]:
            return None
        verslag = parse_verslag(inhoud["verslag"])
        naam, vroeger = levering.pad.name, verslag.bestand.rpartition("/")[2]
        verslag = replace(
            verslag,
            bestand=f"{bron.naam}/{naam}",
            leveringsdatum=levering.datum,
            volgnummer=volgnummer,
            voorbeeld_onbekende_code={
                kolom: naam + plaats.removeprefix(vroeger)
                for kolom, plaats in verslag.voorbeeld_onbekende_code.items()
            },
        )
        afkeuringen = tuple(
            Afkeuring(**{**afkeuring, "bestand": naam}) for afkeuring in inhoud["afkeuringen"]
        )
        return Geland(pad, verslag, afkeuringen)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def shrink_landing(pad: Path, rijen: pa.Table, *, weg: int, met_afkeuringen: bool) -> None:
    """Replace the rows of a landing by fewer; its report keeps saying what was delivered.

    The rows come first: killed in between, the report does not fit them and the landing is made
    anew. ``weg`` adds to what went before; quarantine goes along unless ``met_afkeuringen``.
    """
    verslag = pad.with_suffix(".json")
    tijdelijk = pad.with_name(f"{pad.name}.{os.getpid()}.deel")
    pq.write_table(rijen, tijdelijk, compression="zstd")
    som = hash_bestand(tijdelijk)
    tijdelijk.replace(pad)
    try:
        inhoud = json.loads(verslag.read_text(encoding="utf-8"))
        inhoud["opgeschoond"] = int(inhoud.get("opgeschoond", 0)) + weg
    except (OSError, ValueError, TypeError, AttributeError):
        return  # no report: the landing is made anew
    inhoud["parquet_sha256"] = som
    if not met_afkeuringen:
        inhoud["afkeuringen"] = []
    tijdelijk.write_text(json.dumps(inhoud, default=str, sort_keys=True), encoding="utf-8")
    tijdelijk.replace(verslag)


def count_opgeschoond(pad: Path) -> int:
    """Return how many delivered rows of a landing were removed because their term was over."""
    try:
        inhoud = json.loads(pad.with_suffix(".json").read_text(encoding="utf-8"))
        return int(inhoud.get("opgeschoond", 0))
    except (OSError, ValueError, TypeError, AttributeError):
        return 0


def parse_verslag(velden: Mapping[str, Any]) -> LeveringVerslag:
    """Turn the JSON form of a report into a report."""

    def parse_datum(naam: str) -> date | None:
        return date.fromisoformat(velden[naam]) if velden[naam] else None

    return LeveringVerslag(
        **{
            **velden,
            "leveringsdatum": parse_datum("leveringsdatum"),
            "jongste_datum": parse_datum("jongste_datum"),
            "ontbrekende_kolommen": tuple(velden["ontbrekende_kolommen"]),
            "onbekende_kolommen": tuple(velden["onbekende_kolommen"]),
            "niet_geleverde_kolommen": tuple(velden.get("niet_geleverde_kolommen", ())),
            # Reports in archives from before it was measured have none.
            "verdeling": {
                kolom: parse_verdeling(verdeling)
                for kolom, verdeling in velden.get("verdeling", {}).items()
            },
        }
    )


def iter_afkeuringen(landingen: Iterable[BronLanding]) -> Iterator[Afkeuring]:
    """Yield every rejected row, by source, table, file and line."""
    for landing in landingen:
        for geland in landing.bestanden:
            yield from geland.afkeuringen
