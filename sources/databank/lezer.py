"""Reads one table, view or question as text columns, in the order of the key.

Only columns of the contract are asked for, and none that may not come in at all: a name or a
description of a case never leaves the database. Rows stream in blocks and are put in order here,
by their bytes: the collation of a server has no part in it.

Belongs here: columns, SQL, blocks. Does not belong here: judging cells (:mod:`sources.tabel`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import (
    ColumnClause,
    Connection,
    FromClause,
    Select,
    column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from sources.databank.bronnen import Brontabel
from sources.databank.cel import to_teksten
from sources.databank.cursor import Stand, find_stand, pick_hoogste
from sources.databank.fout import DatabankFout, explain
from sources.leesfout import LeesFout
from sources.opgehaald import list_kolommen
from vera.contract import Tabel

BLOK: Final = 20_000
"""Rows that are fetched at a time."""
_NAAM: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True)
class Gelezen:
    """What one reading gave.

    Parameters
    ----------
    rijen
        Text columns with names of the contract, in its order; rows by key, then by all columns.
    stand
        How far the cursor column is; None without one, or when nothing was read.
    onbekend
        Columns that the contract does not know; a name that may be a value is left out.
    """

    rijen: pa.Table
    stand: Stand | None
    onbekend: tuple[str, ...]


def read_brontabel(
    verbinding: Connection,
    deel: Brontabel,
    databank: str,
    vanaf: Stand | None,
    vandaag: date,
    *,
    blok: int = BLOK,
) -> Gelezen:
    """Read a table from where the last reading ended, or all of it.

    Parameters
    ----------
    verbinding
        A connection that only reads.
    deel
        What to read.
    databank
        Its name, for messages.
    vanaf
        How far the last reading was; None = read all.
    vandaag
        Day of reading; a cursor in the future counts no further.
    blok
        Rows at a time.

    Raises
    ------
    DatabankWeg
        When the database went away.
    DatabankFout
        When it cannot be read, or columns are missing.
    """
    try:
        bron = _make_bron(deel)
        kop = _read_kop(verbinding, bron)
        namen = _match_kolommen(kop, deel)
        return _read_rijen(verbinding, bron, kop, namen, deel, vanaf, vandaag, blok)
    except SQLAlchemyError as fout:
        raise explain(fout, databank, deel.waar) from None
    except LeesFout as fout:
        raise DatabankFout(
            f"{deel.waar} in database {databank} is niet te lezen: {fout}.",
            verwacht="in elke cel één waarde: tekst, getal, datum of ja/nee",
            remedie="laat de kolom in de view weg, of maak er tekst van",
        ) from None


def _make_bron(deel: Brontabel) -> FromClause:
    if deel.vraag:
        # A colon in the question is a colon, no parameter.
        vraag = text(deel.vraag.replace(":", "\\:"))
        return vraag.columns().subquery("bron")
    schema, _, naam = deel.uit.rpartition(".")
    return table(naam, schema=schema or None).alias("bron")


def _read_kop(verbinding: Connection, bron: FromClause) -> tuple[str, ...]:
    leeg = select(text("*")).select_from(bron).where(text("1 = 0"))
    with verbinding.execute(leeg) as uit:
        return tuple(uit.keys())


def _match_kolommen(kop: Sequence[str], deel: Brontabel) -> dict[str, str]:
    """Return per column of the contract its name in the database; capitals do not count.

    Raises
    ------
    DatabankFout
        When a required column, a key column or the cursor is missing, or a name stands twice.
    """
    tabel = deel.tabel
    per_naam = {naam.lower(): naam for naam in kop}
    keer = Counter(naam.lower() for naam in kop)
    gevraagd = list_kolommen(tabel)
    dubbel = [naam for naam in gevraagd if keer[naam] > 1]
    mist = [
        kolom.naam
        for kolom in tabel.kolommen
        if kolom.naam not in per_naam and (kolom.verplicht or kolom.naam in tabel.sleutel)
    ]
    if deel.cursor and deel.cursor.lower() not in per_naam:
        mist.append(f"{deel.cursor} (de cursor)")
    if mist or dubbel:
        raise DatabankFout(
            f"{deel.waar} heeft niet de kolommen van {tabel.id}: "
            + "; ".join(
                wat
                for wat in (
                    f"niet gevonden: {', '.join(mist)}" if mist else "",
                    f"meer dan één keer: {', '.join(dubbel)}" if dubbel else "",
                )
                if wat
            )
            + ".",
            verwacht=f"kolommen met de namen van het contract (`buurtpeil contract {tabel.id}`)",
            remedie="vul de view aan, of geef kolommen daarin de goede naam; ook een kolom "
            "waarvoor het account geen recht heeft, is er niet",
        )
    return {naam: per_naam[naam] for naam in gevraagd if naam in per_naam}


def _read_rijen(
    verbinding: Connection,
    bron: FromClause,
    kop: Sequence[str],
    namen: dict[str, str],
    deel: Brontabel,
    vanaf: Stand | None,
    vandaag: date,
    blok: int,
) -> Gelezen:
    vraag, met_cursor = _build_vraag(bron, kop, namen, deel, vanaf)
    delen: list[pa.Table] = []
    stand: Stand | None = None
    # Of this statement alone: the next one of the connection is no stream.
    stroom = {"stream_results": True, "yield_per": blok}
    with verbinding.execute(vraag, execution_options=stroom) as uit:
        for rijen in uit.partitions(blok):
            kolommen = list(zip(*rijen, strict=True))
            if met_cursor:
                stand = pick_hoogste(stand, find_stand(kolommen[-1], vandaag))
            delen.append(
                pa.table(
                    {
                        naam: pa.array(to_teksten(kolommen[plek], naam), pa.string())
                        for plek, naam in enumerate(namen)
                    }
                )
            )
    leeg = pa.table({naam: pa.array([], pa.string()) for naam in namen})
    rijen = pa.concat_tables([leeg, *delen]).combine_chunks()
    bekend = {kolom.naam for kolom in deel.tabel.kolommen} | {deel.cursor.lower()}
    onbekend = tuple(naam for naam in kop if naam.lower() not in bekend and _NAAM.fullmatch(naam))
    return Gelezen(_sort(rijen, deel.tabel), stand, onbekend)


def _build_vraag(
    bron: FromClause,
    kop: Sequence[str],
    namen: dict[str, str],
    deel: Brontabel,
    vanaf: Stand | None,
) -> tuple[Select[Any], bool]:
    kolommen: list[ColumnClause[Any]] = [column(naam, _selectable=bron) for naam in namen.values()]
    if not deel.cursor:
        return select(*kolommen).select_from(bron), False
    echt = next(naam for naam in kop if naam.lower() == deel.cursor.lower())
    cursor: ColumnClause[Any] = column(echt, _selectable=bron)
    vraag = select(*kolommen, cursor.label("_cursor")).select_from(bron)
    if vanaf is not None:
        # A row without a moment would otherwise never be seen again.
        vraag = vraag.where(or_(cursor >= vanaf.start(deel.speling_dagen), cursor.is_(None)))
    return vraag, True


def _sort(rijen: pa.Table, tabel: Tabel) -> pa.Table:
    """Put rows in order of their key and then of all their cells: no two orders are possible."""
    eerst = [naam for naam in (*tabel.sleutel, "kennisdatum") if naam in rijen.column_names]
    volgorde = [*eerst, *(naam for naam in rijen.column_names if naam not in eerst)]
    return rijen.sort_by([(naam, "ascending") for naam in volgorde])
