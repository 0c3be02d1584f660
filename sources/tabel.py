"""Reads one delivered file of one contract table: CSV, gzipped CSV or Parquet.

Every cell arrives as text and is cast by the contract's type. A row that breaks the contract
is rejected with file, line, column, class of value and reason, never with the value. Nothing
is guessed and nothing becomes 0. Publishers' own formats are in :mod:`sources.uitgever`; how
bytes become cells is in :mod:`sources.bestand` and :mod:`sources.regels`, what a cell must be
in :mod:`sources.cel`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.bestand import Inhoud, Kop, measure_inhoud, name_codering, open_bytes, read_kop
from sources.cel import ONBEKENDE_CODE, list_eisen, select_getypeerd
from sources.leesfout import LeesFout
from sources.regels import iter_records
from vera.contract import Bron, Kolom, Tabel
from vera.levering import Afkeuring

EXTENSIES = (".csv", ".csv.gz", ".parquet")

_NAAM = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}(_[A-Za-z0-9]{1,19}){0,5}")
_NUMMER = re.compile(r"[0-9]{3}")
_DUCKDB_CODERING = {"utf-8": "utf-8", "latin-1": "latin-1"}


@dataclass(frozen=True)
class GelezenTabel:
    """What one file held: typed rows (with ``_regel``) and what was rejected.

    ``inhoud_sha256`` is a hash of the typed rows in whatever order, so that a file is the same
    content however it is written: zipped, sorted otherwise, as Parquet. ``onbekende_kolommen``
    names a column by its place where its name might be a value.
    """

    rijen: pa.Table
    afkeuringen: tuple[Afkeuring, ...] = ()
    ontbrekende_kolommen: tuple[str, ...] = ()
    onbekende_kolommen: tuple[str, ...] = ()
    niet_geleverde_kolommen: tuple[str, ...] = ()
    onbekende_codes: dict[str, int] = field(default_factory=dict)
    voorbeeld_onbekende_code: dict[str, str] = field(default_factory=dict)
    inhoud_sha256: str | None = None


@dataclass(frozen=True)
class _Kolommen:
    """The contract's columns that a file has, with their place in it, and what is amiss.

    ``onbekend`` has the place of each unknown column with its name, empty where it may be a value.
    """

    plek: dict[str, int]
    ontbreekt: tuple[str, ...]
    onbekend: tuple[tuple[int, str], ...]

    def name_onbekend(self, *, is_kop: bool = True) -> tuple[str, ...]:
        """Return what each unknown column is called; by its place where it may be a value."""
        return tuple(naam if naam and is_kop else f"kolom {i + 1}" for i, naam in self.onbekend)

    def list_aanwezig(self, tabel: Tabel) -> list[Kolom]:
        return [kolom for kolom in tabel.kolommen if kolom.naam in self.plek]

    def list_afwezig(self, tabel: Tabel) -> tuple[str, ...]:
        return tuple(kolom.naam for kolom in tabel.kolommen if kolom.naam not in self.plek)


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory engine that never looks for extensions, and draws no bar of progress.

    That bar goes to standard output, in the middle of what a command writes there.
    """
    engine = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    engine.execute("set enable_progress_bar = false")
    return engine


def read_tabel(pad: Path, bron: Bron, tabel: Tabel) -> GelezenTabel:
    """Read a delivered file as its contract says.

    Parameters
    ----------
    pad
        ``.csv``, ``.csv.gz`` or ``.parquet``.
    bron, tabel
        The contract of the file.

    Returns
    -------
    GelezenTabel
        Rows in file order; of every row of the file either the row or a rejection. When
        required columns are missing there are no rows and ``ontbrekende_kolommen`` names them.

    Raises
    ------
    LeesFout
        When the file as a whole cannot be read. Its message holds no value from the file.
    OSError
        When the file cannot be opened.
    """
    with connect() as engine:
        if pad.suffix == ".parquet":
            return _read_parquet(engine, pad, bron, tabel)
        return _read_csv(engine, pad, bron, tabel)


@lru_cache(maxsize=128)
def empty_rijen(tabel: Tabel) -> pa.Table:
    """Return no rows with the types that ``read_tabel`` gives."""
    with connect() as engine:
        return _query(
            engine,
            "select "
            + ", ".join(f'null::{kolom.type} as "{kolom.naam}"' for kolom in tabel.kolommen)
            + ", 0::bigint as _regel limit 0",
        )


def judge_ruw(ruw: pa.Table, bron: Bron, tabel: Tabel, naam: str) -> GelezenTabel:
    """Judge rows that came as text from elsewhere than a delivered file.

    Parameters
    ----------
    ruw
        Text columns with names of the contract, and ``_regel``.
    bron, tabel
        The contract.
    naam
        What stands in the place of a file name in a rejection.

    Raises
    ------
    LeesFout
        When a column is there twice.
    """
    kop = [kolom for kolom in ruw.column_names if kolom != "_regel"]
    kolommen = _find_kolommen(kop, tabel)
    if kolommen.ontbreekt:
        return _refuse_kolommen(tabel, kolommen)
    with connect() as engine:
        return _judge_rijen(engine, "ruw_tabel", ruw, bron, tabel, kolommen, Path(naam))


def as_tekst(kolom: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a typed column as the text that a CSV would have."""
    return _as_tekst(kolom)


def _query(engine: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    return engine.sql(sql).to_arrow_table()


def _find_kolommen(kop: Sequence[str], tabel: Tabel) -> _Kolommen:
    """Match a head with the contract.

    Raises
    ------
    LeesFout
        When a column of the contract stands in it twice.
    """
    keer = Counter(kop)
    dubbel = [kolom.naam for kolom in tabel.kolommen if keer[kolom.naam] > 1]
    if dubbel:
        raise LeesFout(f"de kop noemt {', '.join(dubbel)} meer dan één keer")
    namen = {kolom.naam for kolom in tabel.kolommen}
    plek = {naam: i for i, naam in enumerate(kop) if naam in namen}
    ontbreekt = tuple(
        kolom.naam
        for kolom in tabel.kolommen
        if kolom.naam not in plek and (kolom.verplicht or kolom.naam in tabel.sleutel)
    )
    weg = tuple(naam for naam in namen if naam not in plek)
    # Half of the head unknown: it may be a row of values. From the first cell on that is no name,
    # or that a name of ours runs on in, the first row may stand behind the head: one byte of a
    # line end that fell over does that. Then a place is told and no text.
    is_waarde = 2 * len(plek) <= len(kop)
    onbekend = []
    for i, naam in enumerate(kop):
        if naam in namen:
            continue
        is_waarde |= not _NAAM.fullmatch(naam) or bool(_NUMMER.search(naam)) or naam.startswith(weg)
        onbekend.append((i, "" if is_waarde else naam))
    return _Kolommen(plek, ontbreekt, tuple(onbekend))


def _read_parquet(
    engine: duckdb.DuckDBPyConnection, pad: Path, bron: Bron, tabel: Tabel
) -> GelezenTabel:
    try:
        bestand = pq.ParquetFile(pad)
        kolommen = _find_kolommen(bestand.schema_arrow.names, tabel)
        if kolommen.ontbreekt:
            return _refuse_kolommen(tabel, kolommen)
        ruw = pa.table(
            {naam: _as_tekst(bestand.read(columns=[naam]).column(0)) for naam in kolommen.plek}
        )
    except (pa.ArrowException, ValueError, KeyError, IndexError, OSError):
        raise LeesFout("het bestand is geen leesbaar Parquet-bestand") from None
    regels = pa.array(range(1, ruw.num_rows + 1), pa.int64())
    return _judge_rijen(
        engine, "ruw_tabel", ruw.append_column("_regel", regels), bron, tabel, kolommen, pad
    )


def _as_tekst(kolom: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a Parquet column as the text that a CSV would have."""
    if pa.types.is_timestamp(kolom.type):
        # A moment is read as UTC, as in CSV.
        kolom = kolom.cast(pa.timestamp("us"), safe=False).cast(pa.timestamp("s"), safe=False)
    if pa.types.is_dictionary(kolom.type):
        kolom = kolom.cast(kolom.type.value_type)
    return kolom.cast(pa.string())


def _read_csv(
    engine: duckdb.DuckDBPyConnection, pad: Path, bron: Bron, tabel: Tabel
) -> GelezenTabel:
    """Read with DuckDB; where a row is malformed or spans lines, record by record."""
    inhoud = measure_inhoud(pad)
    kop = read_kop(inhoud, bron.codering, bron.scheidingsteken)
    kolommen = _find_kolommen(kop.namen, tabel)
    if kolommen.ontbreekt:
        return _refuse_kolommen(tabel, kolommen, inhoud.sha256)
    gelezen = _read_csv_snel(engine, pad, bron, tabel, inhoud, kop, kolommen)
    if gelezen is None:
        ruw, fouten = _read_csv_per_regel(pad, bron, tabel, kop, kolommen)
        gelezen = _judge_rijen(engine, "ruw_tabel", ruw, bron, tabel, kolommen, pad, fouten)
    return gelezen


def _read_csv_snel(
    engine: duckdb.DuckDBPyConnection,
    pad: Path,
    bron: Bron,
    tabel: Tabel,
    inhoud: Inhoud,
    kop: Kop,
    kolommen: _Kolommen,
) -> GelezenTabel | None:
    """Let DuckDB read a file in which every line is a row; None when that is not so."""
    codering = _DUCKDB_CODERING.get(bron.codering.lower())
    if not inhoud.is_gewoon or kop.laatste_regel != 1 or codering is None:
        return None
    namen = {plek: naam for naam, plek in kolommen.plek.items()}
    struct = ", ".join(f"'k{i}': 'varchar'" for i in range(len(kop.namen)))
    keuze = ", ".join(f'k{plek} as "{naam}"' for plek, naam in sorted(namen.items()))
    tekst = str(pad).replace("'", "''")
    scheiding = bron.scheidingsteken.replace("'", "''")
    bron_sql = (
        f"(select {keuze}, row_number() over () + 1 as _regel from read_csv('{tekst}', "  # noqa: S608
        f"columns = {{{struct}}}, auto_detect = false, header = true, delim = '{scheiding}', "
        f"quote = '\"', escape = '\"', nullstr = '', encoding = '{codering}', "
        "strict_mode = true))"
    )
    try:
        gelezen = _judge_rijen(engine, bron_sql, None, bron, tabel, kolommen, pad)
    except duckdb.Error:
        return None
    rijen = gelezen.rijen.num_rows + len(gelezen.afkeuringen)
    return gelezen if rijen == inhoud.regels - 1 else None


def _read_csv_per_regel(
    pad: Path, bron: Bron, tabel: Tabel, kop: Kop, kolommen: _Kolommen
) -> tuple[pa.Table, list[Afkeuring]]:
    with open_bytes(pad) as bestand:
        tekst = bestand.read().decode(name_codering(bron.codering), errors="surrogateescape")
    cellen: dict[str, list[str | None]] = {naam: [] for naam in kolommen.plek}
    regels: list[int] = []
    fouten: list[Afkeuring] = []
    records = iter_records(tekst, bron.scheidingsteken, len(kop.namen), kop.laatste_regel)
    for record in records:
        if record.cellen is None:
            fouten.append(Afkeuring(tabel.id, pad.name, record.regel, "", "rij", record.reden))
            continue
        regels.append(record.regel)
        for naam, plek in kolommen.plek.items():
            cellen[naam].append(record.cellen[plek] or None)
    ruw = pa.table({naam: pa.array(cel, pa.string()) for naam, cel in cellen.items()})
    return ruw.append_column("_regel", pa.array(regels, pa.int64())), fouten


def _refuse_kolommen(
    tabel: Tabel, kolommen: _Kolommen, inhoud_sha256: str | None = None
) -> GelezenTabel:
    return GelezenTabel(
        empty_rijen(tabel),
        ontbrekende_kolommen=kolommen.ontbreekt,
        onbekende_kolommen=kolommen.name_onbekend(),
        niet_geleverde_kolommen=kolommen.list_afwezig(tabel),
        inhoud_sha256=inhoud_sha256,
    )


def _judge_rijen(
    engine: duckdb.DuckDBPyConnection,
    bron_sql: str,
    ruw: pa.Table | None,
    bron: Bron,
    tabel: Tabel,
    kolommen: _Kolommen,
    pad: Path,
    structuurfouten: Sequence[Afkeuring] = (),
) -> GelezenTabel:
    """Cast every cell and reject the rows that break the contract."""
    eisen = list_eisen(bron, tabel, kolommen.list_aanwezig(tabel))
    if ruw is not None:
        engine.register(bron_sql, ruw)
    try:
        alle = _query(
            engine,
            select_getypeerd(bron, tabel, kolommen.list_aanwezig(tabel), eisen, bron_sql),
        )
    finally:
        if ruw is not None:
            engine.unregister(bron_sql)
    nummers = alle["_fout"].combine_chunks()
    afkeuringen = list(structuurfouten)
    if nummers.null_count < len(nummers):
        fout = alle.filter(pc.is_valid(nummers))
        afkeuringen += [
            Afkeuring(tabel.id, pad.name, regel, eisen[nummer].kolom, klasse, eisen[nummer].reden)
            for regel, nummer, klasse in zip(
                fout["_regel"].to_pylist(),
                fout["_fout"].to_pylist(),
                fout["_klasse"].to_pylist(),
                strict=True,
            )
        ]
        alle = alle.filter(pc.is_null(nummers))
    codes = [a for a in afkeuringen if a.reden.startswith(ONBEKENDE_CODE)]
    voorbeelden: dict[str, str] = {}
    for afkeuring in codes:
        voorbeelden.setdefault(afkeuring.kolom, f"{pad.name} regel {afkeuring.regel}")
    rijen = alle.drop_columns(["_fout", "_klasse"])
    # Where most rows do not fit the head, a row of values may stand behind it.
    is_kop = 2 * len(structuurfouten) <= rijen.num_rows + len(afkeuringen)
    return GelezenTabel(
        rijen=rijen,
        afkeuringen=tuple(sorted(afkeuringen, key=lambda a: a.regel)),
        onbekende_kolommen=kolommen.name_onbekend(is_kop=is_kop),
        niet_geleverde_kolommen=kolommen.list_afwezig(tabel),
        onbekende_codes=dict(Counter(a.kolom for a in codes)),
        voorbeeld_onbekende_code=voorbeelden,
        inhoud_sha256=_hash_rijen(engine, tabel, rijen, len(afkeuringen)),
    )


def _hash_rijen(
    engine: duckdb.DuckDBPyConnection, tabel: Tabel, rijen: pa.Table, afgekeurd: int
) -> str:
    """Hash typed rows without regard to their order, and how many were rejected beside them.

    A sum of hashes per row: sorting millions of rows to tell a copy would take longer than
    reading them. Another version of DuckDB may give another hash; a file then counts as new once.
    """
    kolommen = ", ".join(f'"{kolom.naam}"' for kolom in tabel.kolommen)
    engine.register("te_hashen", rijen)
    try:
        uit = _query(engine, f"select sum(hash({kolommen}))::varchar as som from te_hashen")  # noqa: S608
    finally:
        engine.unregister("te_hashen")
    som = uit["som"][0].as_py()
    tekst = f"{tabel.id}|{rijen.num_rows}|{som}|{afgekeurd}"
    return hashlib.sha256(tekst.encode()).hexdigest()
