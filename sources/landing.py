"""From the deliveries folder to typed, pseudonymised Parquet files, one per delivered file.

The association's folder is only read. A delivered file is landed once: its landing is named
after its bytes, the contract and the key, so a second run reads nothing again. Rejected rows
go to quarantine (:mod:`sources.quarantaine`); whether that is too many is for the gate.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.pseudonimisering import hash_adressen, pseudonymise
from sources.sleutels import Sleutel
from sources.tabel import EXTENSIES, GelezenTabel, empty_rijen, read_tabel
from sources.uitgever import Gelezen, read_uitgever
from vera.contract import Bron, Contract, Tabel
from vera.levering import Afkeuring, LeveringVerslag

# Raise when reading, casting or pseudonymising changes: old landings are then made anew.
LEESVERSIE = "1"
ADRESDELEN = ("postcode", "huisnummer", "huisletter", "huisnummer_toevoeging")
ADRESSLEUTEL = "adres_sleutel"

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


def land_bron(bron: Bron, leveringen: Path, landing_map: Path, sleutel: Sleutel) -> BronLanding:
    """Land every delivered file of one source.

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

    Returns
    -------
    BronLanding
        Per file a Parquet file and a report; a file that cannot be read has a report with
        ``leesfout`` and no rows.
    """
    bron_map = leveringen / bron.naam
    if not bron_map.is_dir():
        return BronLanding(bron.naam, ())
    lander = _Lander(bron, landing_map, sleutel)
    if bron.formaat == "uitgever":
        return lander.land_uitgever(bron_map)
    return lander.land_tabellen(bron_map)


def list_onbekend(contract: Contract, leveringen: Path) -> tuple[str, ...]:
    """Return what lies at the root of the deliveries folder and belongs to no source."""
    bekend = {bron.naam for bron in contract.bronnen}
    return tuple(
        sorted(
            pad.name + ("/" if pad.is_dir() else "")
            for pad in leveringen.iterdir()
            if pad.name not in bekend and not pad.name.startswith(".")
        )
    )


def determine_klok(verslagen: Iterable[LeveringVerslag], vandaag: date) -> date | None:
    """Return the run's clock: the youngest date that any delivery speaks of.

    The wall clock has no part in it, so the same deliveries give the same labels; it only
    keeps a typing error in the future from moving the clock.
    """
    datums = [
        datum
        for verslag in verslagen
        for datum in (verslag.leveringsdatum, verslag.jongste_datum)
        if datum is not None and datum <= vandaag
    ]
    return max(datums, default=None)


@dataclass(frozen=True)
class _Lander:
    bron: Bron
    landing_map: Path
    sleutel: Sleutel

    def land_tabellen(self, bron_map: Path) -> BronLanding:
        gevonden: dict[str, list[tuple[date | None, Path]]] = {}
        overgeslagen = []
        namen = {tabel.naam for tabel in self.bron.tabellen}
        for pad in sorted(bron_map.iterdir()):
            stam, extensie = _split_naam(pad)
            deel = _BESTAND.match(stam)
            if extensie is None or deel is None or deel["tabel"] not in namen:
                overgeslagen.append(f"{self.bron.naam}/{pad.name}")
                continue
            datum = date.fromisoformat(deel["datum"]) if deel["datum"] else None
            gevonden.setdefault(deel["tabel"], []).append((datum, pad))
        bestanden = []
        for tabel in self.bron.tabellen:
            leveringen = sorted(
                gevonden.get(tabel.naam, []), key=lambda lev: (lev[0] or date.min, lev[1].name)
            )
            for volgnummer, (datum, pad) in enumerate(leveringen, start=1):
                bestanden.append(self._land_tabelbestand(tabel, pad, datum, volgnummer))
        return BronLanding(self.bron.naam, tuple(bestanden), tuple(overgeslagen))

    def land_uitgever(self, bron_map: Path) -> BronLanding:
        bestanden: list[Geland] = []
        overgeslagen = []
        per_tabel: Counter[str] = Counter()
        for pad, gelezen in read_uitgever(bron_map, self.bron):
            if not gelezen:
                overgeslagen.append(f"{self.bron.naam}/{pad.name}")
            for deel in gelezen:
                per_tabel[deel.tabel] += 1
                bestanden.append(self._land_editie(pad, deel, per_tabel[deel.tabel]))
        return BronLanding(self.bron.naam, tuple(bestanden), tuple(overgeslagen))

    def _land_tabelbestand(
        self, tabel: Tabel, pad: Path, datum: date | None, volgnummer: int
    ) -> Geland:
        sha256 = _hash_bestand(pad)
        basis = self._basis(tabel, sha256)
        bewaard = _load(basis, datum, volgnummer, pad.name)
        if bewaard is not None:
            return bewaard
        leesfout = None
        try:
            gelezen = read_tabel(pad, self.bron, tabel)
        except (OSError, ValueError, StopIteration, duckdb.Error) as fout:
            # The engine's message may quote a row: only its kind is shown.
            leesfout = f"{type(fout).__name__}: het bestand is niet te lezen als {pad.suffix}"
            gelezen = GelezenTabel(empty_rijen(tabel))
        rijen = self._protect(tabel, gelezen.rijen)
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{pad.name}",
            leveringsdatum=datum,
            volgnummer=volgnummer,
            sha256=sha256,
            inhoud_hash=sha256,
            rijen=rijen.num_rows,
            afgekeurd=len(gelezen.afkeuringen),
            afgekeurd_per_reden=dict(Counter(a.reden for a in gelezen.afkeuringen)),
            onbekende_codes=gelezen.onbekende_codes,
            voorbeeld_onbekende_code=gelezen.voorbeeld_onbekende_code,
            ontbrekende_kolommen=gelezen.ontbrekende_kolommen,
            onbekende_kolommen=gelezen.onbekende_kolommen,
            jongste_datum=_jongste_datum(tabel, rijen),
            leesfout=leesfout,
        )
        return _store(basis, rijen, verslag, gelezen.afkeuringen)

    def _land_editie(self, pad: Path, gelezen: Gelezen, volgnummer: int) -> Geland:
        tabel = self.bron.tabel(gelezen.tabel)
        sha256 = _hash_bestand(pad)
        inhoud = gelezen.rijen.drop_columns(
            [n for n in ("jaar", "_regel") if n in gelezen.rijen.column_names]
        )
        verslag = LeveringVerslag(
            tabel=tabel.id,
            bestand=f"{self.bron.naam}/{pad.name}",
            leveringsdatum=None,
            volgnummer=volgnummer,
            sha256=sha256,
            inhoud_hash=_hash_tabel(inhoud),
            rijen=gelezen.rijen.num_rows,
            afgekeurd=len(gelezen.afkeuringen),
            afgekeurd_per_reden=dict(Counter(a.reden for a in gelezen.afkeuringen)),
            onbekende_kolommen=gelezen.geweigerde_kolommen,
            jongste_datum=date(gelezen.editie, 12, 31) if gelezen.editie else None,
            is_historische_editie=True,
        )
        basis = self._basis(tabel, sha256)
        return _store(basis, gelezen.rijen, verslag, tuple(gelezen.afkeuringen))

    def _basis(self, tabel: Tabel, sha256: str) -> Path:
        """Path without extension: bytes, contract, key and reader decide it."""
        context = hashlib.sha256(
            f"{LEESVERSIE}|{_canonical(tabel)}|{self.bron.scheidingsteken}|{self.bron.codering}|"
            f"{self.sleutel.vingerafdruk}".encode()
        ).hexdigest()
        return self.landing_map / self.bron.naam / tabel.naam / f"{sha256[:16]}-{context[:8]}"

    def _protect(self, tabel: Tabel, rijen: pa.Table) -> pa.Table:
        """Drop, pseudonymise or hash the columns that may not go on."""
        if any(kolom.behandeling == "adresindex" for kolom in tabel.kolommen):
            adressen = hash_adressen(self.sleutel, (rijen[deel] for deel in ADRESDELEN))
            rijen = rijen.append_column(ADRESSLEUTEL, adressen)
        for kolom in tabel.kolommen:
            if kolom.behandeling in {"verwijderen", "adresindex"}:
                rijen = rijen.drop_columns([kolom.naam])
            elif kolom.behandeling == "pseudoniem":
                plek = rijen.column_names.index(kolom.naam)
                rijen = rijen.set_column(
                    plek, kolom.naam, pseudonymise(self.sleutel, kolom.naam, rijen[kolom.naam])
                )
        return rijen


def create_views(
    warehouse: duckdb.DuckDBPyConnection, bron: Bron, landing: BronLanding
) -> None:
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
    if any(kolom.behandeling == "adresindex" for kolom in tabel.kolommen):
        kolommen.append((ADRESSLEUTEL, "varchar"))
    return kolommen


def _select_landing(geland: Geland) -> str:
    verslag = geland.verslag
    datum = f"date '{verslag.leveringsdatum}'" if verslag.leveringsdatum else "null::date"
    pad = str(geland.pad).replace("'", "''")
    bestand = verslag.bestand.replace("'", "''")
    return (
        f"select *, {datum} as _leveringsdatum, {verslag.volgnummer} as _volgnummer, "
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
    """The contract of a table as text that is the same in every process."""
    return json.dumps(asdict(tabel), default=sorted, sort_keys=True)


def _hash_bestand(pad: Path) -> str:
    with pad.open("rb") as bestand:
        return hashlib.file_digest(bestand, "sha256").hexdigest()


def _hash_tabel(tabel: pa.Table) -> str:
    som = hashlib.sha256()
    for kolom in tabel.column_names:
        som.update(kolom.encode())
        for waarde in tabel[kolom].to_pylist():
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
    basis: Path, rijen: pa.Table, verslag: LeveringVerslag, afkeuringen: Iterable[Afkeuring]
) -> Geland:
    """Write the landing; the report comes last, so a killed run leaves no half landing."""
    basis.parent.mkdir(parents=True, exist_ok=True)
    pad = basis.with_name(basis.name + ".parquet")
    tijdelijk = basis.with_name(basis.name + ".parquet.deel")
    pq.write_table(rijen, tijdelijk, compression="zstd")
    tijdelijk.replace(pad)
    geland = Geland(pad, verslag, tuple(afkeuringen))
    inhoud = {
        "verslag": asdict(verslag),
        "afkeuringen": [asdict(afkeuring) for afkeuring in geland.afkeuringen],
    }
    rapport = basis.with_name(basis.name + ".json")
    tijdelijk = basis.with_name(basis.name + ".json.deel")
    tijdelijk.write_text(json.dumps(inhoud, default=str, sort_keys=True), encoding="utf-8")
    tijdelijk.replace(rapport)
    return geland


def _load(basis: Path, datum: date | None, volgnummer: int, naam: str) -> Geland | None:
    """Return the landing that an earlier run made of the same bytes, under today's name."""
    rapport = basis.with_name(basis.name + ".json")
    pad = basis.with_name(basis.name + ".parquet")
    if not rapport.exists() or not pad.exists():
        return None
    inhoud = json.loads(rapport.read_text(encoding="utf-8"))
    if not inhoud["verslag"]["bestand"].endswith("/" + naam):
        return None  # the same bytes under another name: the report must name this file
    jongste = inhoud["verslag"]["jongste_datum"]
    velden = {
        **inhoud["verslag"],
        "leveringsdatum": datum,
        "volgnummer": volgnummer,
        "jongste_datum": date.fromisoformat(jongste) if jongste else None,
        "ontbrekende_kolommen": tuple(inhoud["verslag"]["ontbrekende_kolommen"]),
        "onbekende_kolommen": tuple(inhoud["verslag"]["onbekende_kolommen"]),
    }
    afkeuringen = tuple(Afkeuring(**afkeuring) for afkeuring in inhoud["afkeuringen"])
    return Geland(pad, LeveringVerslag(**velden), afkeuringen)


def iter_afkeuringen(landingen: Iterable[BronLanding]) -> Iterator[Afkeuring]:
    """Yield every rejected row, by source, table, file and line."""
    for landing in landingen:
        for geland in landing.bestanden:
            yield from geland.afkeuringen
