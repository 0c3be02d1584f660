"""A delivered file as cells, the way in which it is written, and what is expected of it.

Belongs here: reading and writing the sheet, and the record of one trial. The mutations are in
the modules beside this one.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vera.contract import Bron, Kolom, Tabel

Soort = Literal["gelijk", "cel", "tekst", "aannemelijk", "bestand", "uitgever"]
Plaats = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class Rij:
    """A row; ``nummer`` is its line in the sound file (1-based), whatever line it is on now."""

    nummer: int
    cellen: tuple[str, ...]


@dataclass(frozen=True)
class Vorm:
    """How a sheet is written.

    Attributes
    ----------
    scheiding, einde, codering
        Separator, line end, encoding.
    bom
        Begin with a byte order mark.
    aanhalen
        Quote every cell.
    witregels
        Places in the rows (0-based) before which a line is left blank.
    slot
        End with a line end.
    staart
        End every line, head included, with one separator more.
    gz
        Zip the file; its name ends in ``.gz``.
    parquet
        Write Parquet instead, ``tekst`` or ``getypeerd``.
    """

    scheiding: str = ";"
    einde: str = "\n"
    codering: str = "utf-8"
    bom: bool = False
    aanhalen: bool = False
    witregels: frozenset[int] = frozenset()
    slot: bool = True
    staart: bool = False
    gz: bool = False
    parquet: Literal["", "tekst", "getypeerd"] = ""


@dataclass(frozen=True)
class Blad:
    """A delivered table as cells."""

    kop: tuple[str, ...]
    rijen: tuple[Rij, ...]

    def find(self, kolom: str) -> int:
        """Return the place of a column."""
        return self.kop.index(kolom)

    def set_cel(self, plek: int, kolom: str, tekst: str) -> Blad:
        """Return the sheet with one cell changed; ``plek`` counts rows from 0."""
        rij = self.rijen[plek]
        i = self.find(kolom)
        cellen = (*rij.cellen[:i], tekst, *rij.cellen[i + 1 :])
        return self.set_rij(plek, replace(rij, cellen=cellen))

    def set_rij(self, plek: int, rij: Rij) -> Blad:
        """Return the sheet with one row changed."""
        return replace(self, rijen=(*self.rijen[:plek], rij, *self.rijen[plek + 1 :]))

    def get_kolom(self, kolom: str) -> list[str]:
        """Return the cells of a column."""
        i = self.find(kolom)
        return [rij.cellen[i] for rij in self.rijen]

    def set_kolom(self, kolom: str, cellen: list[str]) -> Blad:
        """Return the sheet with a column changed."""
        i = self.find(kolom)
        return replace(
            self,
            rijen=tuple(
                replace(rij, cellen=(*rij.cellen[:i], cel, *rij.cellen[i + 1 :]))
                for rij, cel in zip(self.rijen, cellen, strict=True)
            ),
        )


@dataclass(frozen=True)
class Proef:
    """One trial: a sound file, what was done to it, and what a sound gate makes of it.

    Attributes
    ----------
    bron, tabel
        The contract.
    bestand
        Name of the file that is mutated.
    blad, vorm
        Its cells, and how they are written.
    stappen
        Names of the mutations, in order.
    soort
        Kind of the mutation that carries meaning.
    afgekeurd
        Rows that must be in quarantine, by number: the columns in which the fault shows (an empty
        name for the row as a whole) and words of which one must be in the reason.
    gewijzigd
        Cells that hold something else that is sound: by number and column, the text that must land.
    melding
        Rules of the gate of which one must speak; empty when none needs to.
    mag_melden
        Rules that may speak though nothing is wrong with the rows.
    onherleidbaar
        Why nobody can see it, where that is so.
    doe_bytes
        Damage of the written bytes.
    plaats
        Puts something else than a file in its place.
    extra
        Files that lie beside it.
    weigert
        Words of which one must be in the refusal of the file; empty when it is not refused.
    verboden
        Texts that no message may repeat.
    oorspronkelijk
        Name of the sound file, where a mutation gave it another one.
    """

    bron: Bron
    tabel: Tabel
    bestand: str
    blad: Blad
    vorm: Vorm = Vorm()
    stappen: tuple[str, ...] = ()
    soort: Soort = "gelijk"
    afgekeurd: Mapping[int, tuple[frozenset[str], tuple[str, ...]]] = field(default_factory=dict)
    gewijzigd: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    melding: frozenset[str] = frozenset()
    mag_melden: frozenset[str] = frozenset()
    onherleidbaar: str = ""
    doe_bytes: Callable[[bytes], bytes] | None = None
    plaats: Plaats | None = None
    extra: Mapping[str, bytes] = field(default_factory=dict)
    weigert: tuple[str, ...] = ()
    verboden: tuple[str, ...] = ()
    oorspronkelijk: str = ""

    def list_kolommen(self, *soorten: str) -> list[Kolom]:
        """Return the contract columns that the file has, of the given types (all when none)."""
        return [
            kolom
            for kolom in self.tabel.kolommen
            if kolom.naam in self.blad.kop and (not soorten or kolom.type.startswith(soorten))
        ]

    def add_stap(self, naam: str) -> Proef:
        """Return the trial with the name of a mutation noted."""
        return replace(self, stappen=(*self.stappen, naam))


Mutatie = Callable[[Proef, np.random.Generator], Proef | None]
"""Returns the mutated trial, or None when the file is not one that it can be done to."""


def read_blad(tekst: str, scheiding: str) -> Blad:
    """Read a sound file into a sheet, with the line numbers that landing will give its rows."""
    lezer = csv.reader(io.StringIO(tekst, newline=""), delimiter=scheiding)
    kop = next(lezer)
    rijen = []
    begin = lezer.line_num + 1
    for cellen in lezer:
        rijen.append(Rij(begin, tuple(cellen)))
        begin = lezer.line_num + 1
    return Blad(tuple(kop), tuple(rijen))


def write_blad(blad: Blad, vorm: Vorm) -> tuple[bytes, dict[int, int]]:
    """Write a sheet as CSV.

    Returns
    -------
    bytes
        The file, not zipped.
    dict
        The number of the row per line (1-based) on which it begins.
    """
    uit = io.StringIO(newline="")
    schrijver = csv.writer(
        uit,
        delimiter=vorm.scheiding,
        lineterminator=vorm.einde,
        quoting=csv.QUOTE_ALL if vorm.aanhalen else csv.QUOTE_MINIMAL,
    )
    extra = ("",) if vorm.staart else ()
    schrijver.writerow((*blad.kop, *extra))
    # Cells of the sheet may hold line ends of their own: each counts as a line of the file.
    regel = 1 + sum(map(_count_einden, blad.kop))
    regels: dict[int, int] = {}
    for plek, rij in enumerate(blad.rijen):
        if plek in vorm.witregels:
            uit.write(vorm.einde)
            regel += 1
        regel += 1
        regels[regel] = rij.nummer
        schrijver.writerow((*rij.cellen, *extra))
        regel += sum(map(_count_einden, rij.cellen))
    tekst = uit.getvalue()
    if not vorm.slot:
        tekst = tekst.removesuffix(vorm.einde)
    inhoud = tekst.encode(vorm.codering, errors="surrogateescape")
    return (b"\xef\xbb\xbf" if vorm.bom else b"") + inhoud, regels


_CIJFERS = 38
"""Digits that a decimal of Arrow can have."""


def write_parquet(blad: Blad, tabel: Tabel, *, getypeerd: bool) -> tuple[bytes, dict[int, int]]:
    """Write a sheet as Parquet: every column text, or of the contract's type where it fits."""
    soorten = {kolom.naam: kolom.type for kolom in tabel.kolommen} if getypeerd else {}
    kolommen = {}
    for naam in blad.kop:
        tekst = pa.array([cel.strip(" ") or None for cel in blad.get_kolom(naam)], pa.string())
        kolommen[naam] = _cast(tekst, soorten.get(naam, "varchar"))
    uit = io.BytesIO()
    pq.write_table(pa.table(kolommen), uit)
    return uit.getvalue(), {i + 1: rij.nummer for i, rij in enumerate(blad.rijen)}


def _cast(tekst: pa.Array, soort: str) -> pa.Array:
    naar: pa.DataType
    if soort == "date":
        naar = pa.date32()
    elif soort in {"integer", "bigint"}:
        naar = pa.int64()
    elif soort.startswith("decimal"):
        cijfers, achter = soort[len("decimal(") : -1].split(",")
        naar = pa.decimal128(int(cijfers), int(achter))
    else:
        return tekst
    # Arrow casts a longer text to a decimal of another value, and says nothing.
    if pa.types.is_decimal(naar) and any(len(cel or "") > _CIJFERS for cel in tekst.to_pylist()):
        return tekst
    try:
        return tekst.cast(naar)
    except (pa.ArrowException, ValueError):
        return tekst


def zip_bytes(inhoud: bytes) -> bytes:
    """Return gzipped bytes, the same every time."""
    return gzip.compress(inhoud, compresslevel=1, mtime=0)


def _count_einden(cel: str) -> int:
    return cel.count("\n") + cel.replace("\r\n", "\n").count("\r")
