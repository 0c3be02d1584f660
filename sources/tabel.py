"""Reads one delivered file of one contract table: CSV, gzipped CSV or Parquet.

Every cell arrives as text and is cast by the contract's type. A row that breaks the contract
is rejected with file, line, column, class of value and reason, never with the value. Nothing
is guessed and nothing becomes 0. Publishers' own formats are in :mod:`sources.uitgever`.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from vera.contract import Bron, Kolom, Tabel
from vera.levering import Afkeuring

EXTENSIES = (".csv", ".csv.gz", ".parquet")

_REDEN_AANTAL_KOLOMMEN = "ander aantal kolommen dan de kop"
_REDEN_CODERING = "tekens buiten de afgesproken codering"
_ONBEKENDE_CODE = "onbekende code"


@dataclass(frozen=True)
class GelezenTabel:
    """What one file held: typed rows (with ``_regel``) and what was rejected."""

    rijen: pa.Table
    afkeuringen: tuple[Afkeuring, ...] = ()
    ontbrekende_kolommen: tuple[str, ...] = ()
    onbekende_kolommen: tuple[str, ...] = ()
    onbekende_codes: dict[str, int] = field(default_factory=dict)
    voorbeeld_onbekende_code: dict[str, str] = field(default_factory=dict)


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory engine that never looks for extensions."""
    return duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )


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
        Rows in file order. When required columns are missing there are no rows and
        ``ontbrekende_kolommen`` names them.

    Raises
    ------
    OSError, UnicodeError, duckdb.Error
        When the file as a whole cannot be read; the caller turns it into a refusal.
    """
    structuurfouten: list[Afkeuring] = []
    with connect() as engine:
        if pad.suffix == ".parquet":
            ruw = _read_parquet(engine, pad)
        else:
            ruw, structuurfouten = _read_csv(engine, pad, bron, tabel)
        aanwezig = [kolom for kolom in tabel.kolommen if kolom.naam in ruw.column_names]
        ontbreekt = tuple(
            kolom.naam
            for kolom in tabel.kolommen
            if kolom.naam not in ruw.column_names and (kolom.verplicht or kolom.naam in tabel.sleutel)
        )
        onbekend = tuple(
            naam
            for naam in ruw.column_names
            if naam != "_regel" and naam not in {kolom.naam for kolom in tabel.kolommen}
        )
        if ontbreekt:
            leeg = empty_rijen(tabel)
            return GelezenTabel(leeg, tuple(structuurfouten), ontbreekt, onbekend)
        engine.register("ruw", ruw)
        rijen = engine.execute(_typed_sql(bron, tabel, aanwezig)).to_arrow_table()
        fouten = engine.execute(_rejects_sql(bron, tabel, aanwezig)).fetchall()
    afkeuringen = [
        Afkeuring(tabel.id, pad.name, regel, kolom, klasse, reden)
        for regel, kolom, klasse, reden in fouten
    ]
    codes = [a for a in afkeuringen if a.reden.startswith(_ONBEKENDE_CODE)]
    voorbeelden: dict[str, str] = {}
    for afkeuring in codes:
        voorbeelden.setdefault(afkeuring.kolom, f"{pad.name} regel {afkeuring.regel}")
    return GelezenTabel(
        rijen=rijen,
        afkeuringen=tuple(sorted([*structuurfouten, *afkeuringen], key=lambda a: a.regel)),
        onbekende_kolommen=onbekend,
        onbekende_codes=dict(Counter(a.kolom for a in codes)),
        voorbeeld_onbekende_code=voorbeelden,
    )


def empty_rijen(tabel: Tabel) -> pa.Table:
    """Return no rows with the types that ``read_tabel`` would give."""
    with connect() as engine:
        kolommen = ", ".join(f'null::{kolom.type} as "{kolom.naam}"' for kolom in tabel.kolommen)
        return engine.execute(f"select {kolommen}, 0::bigint as _regel limit 0").to_arrow_table()


def _read_parquet(engine: duckdb.DuckDBPyConnection, pad: Path) -> pa.Table:
    ruw = engine.execute(
        "select columns(*)::varchar from read_parquet(?)", [str(pad)]
    ).to_arrow_table()
    return ruw.append_column("_regel", pa.array(range(1, ruw.num_rows + 1), pa.int64()))


def _read_csv(
    engine: duckdb.DuckDBPyConnection, pad: Path, bron: Bron, tabel: Tabel
) -> tuple[pa.Table, list[Afkeuring]]:
    """Read with DuckDB; where a row is malformed or spans lines, with Python's csv."""
    inhoud = _open_bytes(pad)
    if not inhoud.strip():
        return pa.table({"_regel": pa.array([], pa.int64())}), []
    regels = inhoud.count(b"\n") + (not inhoud.endswith(b"\n"))
    try:
        ruw = engine.execute(
            "select * from read_csv(?, delim = ?, quote = '\"', escape = '\"', header = true, "
            "all_varchar = true, encoding = ?, nullstr = '', strict_mode = true)",
            [str(pad), bron.scheidingsteken, bron.codering],
        ).to_arrow_table()
    except duckdb.Error:
        return _read_csv_by_line(inhoud, pad, bron, tabel)
    if ruw.num_rows + 1 != regels:
        return _read_csv_by_line(inhoud, pad, bron, tabel)
    return ruw.append_column("_regel", pa.array(range(2, regels + 1), pa.int64())), []


def _open_bytes(pad: Path) -> bytes:
    if pad.suffix == ".gz":
        with gzip.open(pad, "rb") as bestand:
            return bestand.read()
    return pad.read_bytes()


def _read_csv_by_line(
    inhoud: bytes, pad: Path, bron: Bron, tabel: Tabel
) -> tuple[pa.Table, list[Afkeuring]]:
    codering = "utf-8-sig" if bron.codering == "utf-8" else bron.codering
    tekst = inhoud.decode(codering, errors="surrogateescape")
    lezer = csv.reader(io.StringIO(tekst, newline=""), delimiter=bron.scheidingsteken)
    kop = next(lezer)
    kolommen: list[list[str | None]] = [[] for _ in kop]
    regels: list[int] = []
    fouten: list[Afkeuring] = []
    begin = lezer.line_num + 1
    for rij in lezer:
        regel, begin = begin, lezer.line_num + 1
        if not rij:
            continue
        if len(rij) != len(kop):
            fouten.append(
                Afkeuring(tabel.id, pad.name, regel, "", "rij", _REDEN_AANTAL_KOLOMMEN)
            )
            continue
        if any("\udc80" <= teken <= "\udcff" for cel in rij for teken in cel):
            fouten.append(Afkeuring(tabel.id, pad.name, regel, "", "rij", _REDEN_CODERING))
            continue
        regels.append(regel)
        for waarden, cel in zip(kolommen, rij, strict=True):
            waarden.append(cel or None)
    ruw = pa.table(
        {naam: pa.array(waarden, pa.string()) for naam, waarden in zip(kop, kolommen, strict=True)}
    )
    return ruw.append_column("_regel", pa.array(regels, pa.int64())), fouten


def _quote(tekst: str) -> str:
    return "'" + tekst.replace("'", "''") + "'"


def _cell(kolom: Kolom, bron: Bron) -> str:
    """SQL of a cell as text: trimmed, empty = missing, decimal point."""
    cel = f'nullif(trim("{kolom.naam}"), \'\')'
    if bron.decimaalteken != "." and kolom.type.startswith(("decimal", "double")):
        cel = f"replace({cel}, {_quote(bron.decimaalteken)}, '.')"
    return cel


def _cast(kolom: Kolom, bron: Bron) -> str:
    """SQL of a cell in its type, null when it does not fit; never a rounded integer."""
    cel = _cell(kolom, bron)
    if kolom.type == "date":
        return (
            f"coalesce(try_strptime({cel}, '%Y-%m-%d'), "
            f"try_strptime({cel}, '%Y-%m-%dT%H:%M:%SZ'), "
            f"try_strptime({cel}, '%Y-%m-%d %H:%M:%S'))::date"
        )
    if kolom.type in {"integer", "bigint"}:
        return f"case when regexp_full_match({cel}, '[-+]?[0-9]+') then try_cast({cel} as {kolom.type}) end"
    if kolom.type == "boolean":
        return (
            f"case when lower({cel}) in ('true', 'ja', '1') then true "
            f"when lower({cel}) in ('false', 'nee', '0') then false end"
        )
    return f"try_cast({cel} as {kolom.type})"


def _faults(kolom: Kolom, bron: Bron) -> list[tuple[str, str]]:
    """(condition, reason) in the order in which they are reported."""
    cel, waarde = _cell(kolom, bron), _cast(kolom, bron)
    fouten = []
    if kolom.verplicht:
        fouten.append((f"{cel} is null", "verplicht veld is leeg"))
    if kolom.type != "varchar":
        fouten.append((f"{cel} is not null and ({waarde}) is null", f"geen {kolom.type}"))
    if kolom.minimum is not None:
        fouten.append((f"({waarde}) < {kolom.minimum}", f"kleiner dan {kolom.minimum}"))
    if kolom.maximum is not None:
        fouten.append((f"({waarde}) > {kolom.maximum}", f"groter dan {kolom.maximum}"))
    if kolom.waarden:
        lijst = ", ".join(_quote(waarde) for waarde in sorted(kolom.waarden))
        naam = kolom.codelijst or "contract"
        fouten.append((f"{cel} not in ({lijst})", f"{_ONBEKENDE_CODE} in lijst {naam}"))
    return fouten


def _row_faults(tabel: Tabel, aanwezig: list[Kolom], bron: Bron) -> list[tuple[str, str, str]]:
    """(condition, column, reason) of rules that hold between columns."""
    op_naam = {kolom.naam: kolom for kolom in aanwezig}
    if {"begindatum", "einddatum"} <= op_naam.keys():
        eind, begin = (_cast(op_naam[n], bron) for n in ("einddatum", "begindatum"))
        return [(f"({eind}) < ({begin})", "einddatum", "einddatum ligt voor begindatum")]
    return []


def _checks(bron: Bron, tabel: Tabel, aanwezig: list[Kolom]) -> list[tuple[str, str, str]]:
    per_kolom = [
        (conditie, kolom.naam, reden)
        for kolom in aanwezig
        for conditie, reden in _faults(kolom, bron)
    ]
    return per_kolom + _row_faults(tabel, aanwezig, bron)


def _fault_number(bron: Bron, tabel: Tabel, aanwezig: list[Kolom]) -> str:
    checks = _checks(bron, tabel, aanwezig)
    takken = " ".join(f"when {conditie} then {i}" for i, (conditie, _, _) in enumerate(checks))
    return f"case {takken} end" if takken else "null"


def _typed_sql(bron: Bron, tabel: Tabel, aanwezig: list[Kolom]) -> str:
    namen = {kolom.naam for kolom in aanwezig}
    kolommen = ", ".join(
        f'({_cast(kolom, bron)})::{kolom.type} as "{kolom.naam}"'
        if kolom.naam in namen
        else f'null::{kolom.type} as "{kolom.naam}"'
        for kolom in tabel.kolommen
    )
    return (
        f"select {kolommen}, _regel from ruw "
        f"where ({_fault_number(bron, tabel, aanwezig)}) is null order by _regel"
    )


def _rejects_sql(bron: Bron, tabel: Tabel, aanwezig: list[Kolom]) -> str:
    """First fault per row; the class of the value stands in for the value."""
    checks = _checks(bron, tabel, aanwezig)
    kolom_namen = ", ".join(_quote(kolom) for _, kolom, _ in checks)
    redenen = ", ".join(_quote(reden) for _, _, reden in checks)
    cellen = " ".join(
        f"when {i} then {_cell(tabel.kolom(kolom), bron)}"
        for i, (_, kolom, _) in enumerate(checks)
    )
    klasse = (
        "case when cel is null then 'leeg' "
        "when regexp_full_match(cel, '[-+]?[0-9]+([.,][0-9]+)?') then 'getal' "
        "when regexp_full_match(cel, '[0-9]{4}-[0-9]{2}-[0-9]{2}.*') then 'datum' "
        "when length(cel) <= 6 then 'korte tekst' else 'tekst' end"
    )
    return (
        f"with fout as (select *, {_fault_number(bron, tabel, aanwezig)} as nummer from ruw), "
        f"cellen as (select _regel, nummer, case nummer {cellen} end as cel "
        f"from fout where nummer is not null) "
        f"select _regel, ([{kolom_namen}])[nummer + 1], {klasse}, ([{redenen}])[nummer + 1] "
        f"from cellen order by _regel"
    )
