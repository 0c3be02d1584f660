"""A delivered file before it is read: its hashes, its number of lines, how to open it.

Belongs here: gzip, bytes and the CSV head. What a row means is in :mod:`sources.tabel`.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sources.leesfout import LeesFout
from vera.persoonsgegeven import hide_persoonsgegeven

_BLOK = 1 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# A zipped file may hold this much whatever its size, and above it this many times its size.
MAXIMUM_VRIJ = 64 * 1024 * 1024
MAXIMUM_FACTOR = 100
# Control characters but those of white space, and bytes outside the encoding.
_GEEN_TEKST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\udc80-\udcff]")
_NAAM = re.compile(r"\w[\w .,()+\-]*")
_SCHEIDINGSTEKENS = {",": "komma", ";": "puntkomma", "\t": "tab", "|": "verticale streep"}


@dataclass(frozen=True)
class Inhoud:
    """What one pass over the unzipped bytes of a text file says.

    ``regels`` counts lines, a last one without line end included. ``is_gewoon`` tells that
    there is no NUL and that every carriage return is part of a line end. ``begin`` is the
    first mebibyte at most.
    """

    sha256: str
    regels: int
    is_gewoon: bool
    begin: bytes


@dataclass(frozen=True)
class Kop:
    """The head of a CSV file: names in order, and the line after which the rows begin."""

    namen: tuple[str, ...]
    laatste_regel: int


def is_stil(pad: Path) -> bool:
    """Tell whether a file is passed over in silence: hidden, or a README.

    Examples
    --------
    >>> is_stil(Path("vera/LEESMIJ.md")), is_stil(Path("vera/zaak.csv"))
    (True, False)
    """
    return pad.name.startswith(".") or pad.stem.upper() in {"README", "LEESMIJ"}


def is_naam(naam: str) -> bool:
    """Tell whether a file name is one that people give: letters, digits, spaces, simple signs.

    Examples
    --------
    >>> is_naam("listings_2024 (1).csv.gz"), is_naam("=1+1.csv")
    (True, False)
    """
    return _NAAM.fullmatch(naam) is not None


def show_naam(naam: str) -> str:
    """Return a file name that is safe in a message: no control characters, nothing personal."""
    return hide_persoonsgegeven(hide_stuurtekens(naam)[:80])


def hide_stuurtekens(tekst: str) -> str:
    """Return a text with a question mark for every character that does not print."""
    return "".join(teken if teken.isprintable() else "?" for teken in tekst)


def hash_bestand(pad: Path) -> str:
    """Return the SHA-256 of the bytes of a file as they lie there."""
    with pad.open("rb") as bestand:
        return hashlib.file_digest(bestand, "sha256").hexdigest()


def open_bytes(pad: Path) -> BinaryIO:
    """Open a file for reading, unzipped where its name ends in ``.gz``."""
    if pad.suffix == ".gz":
        return cast(BinaryIO, gzip.open(pad, "rb"))
    return pad.open("rb")


def measure_inhoud(pad: Path) -> Inhoud:
    """Read a text file once, in blocks.

    Raises
    ------
    LeesFout
        When the file is empty, is UTF-16 or is no whole gzip.
    """
    som = hashlib.sha256()
    regels, cr, crlf, heeft_nul, is_leeg = 0, 0, 0, False, True
    laatste = begin = b""
    try:
        with open_bytes(pad) as bestand:
            while blok := bestand.read(_BLOK):
                begin = begin or blok
                som.update(blok)
                regels += blok.count(b"\n")
                cr += blok.count(b"\r")
                crlf += blok.count(b"\r\n") + (laatste == b"\r" and blok[:1] == b"\n")
                heeft_nul = heeft_nul or b"\0" in blok
                is_leeg = is_leeg and not blok.strip()
                check_omvang(pad, bestand.tell())
                laatste = blok[-1:]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise LeesFout("het gzip-bestand is beschadigd of niet compleet") from None
    if is_leeg:
        raise LeesFout("het bestand is leeg: ook de kop ontbreekt")
    if begin.startswith(_UTF16):
        raise LeesFout("het bestand is opgeslagen als UTF-16, niet als UTF-8")
    is_gewoon = not heeft_nul and cr == crlf
    return Inhoud(som.hexdigest(), regels + (laatste != b"\n"), is_gewoon, begin)


def check_omvang(pad: Path, uitgepakt: int) -> None:
    """Stop reading a zipped file that grows out of all proportion.

    Raises
    ------
    LeesFout
        When it holds more than :data:`MAXIMUM_FACTOR` times its size.
    """
    if pad.suffix != ".gz" or uitgepakt <= MAXIMUM_VRIJ:
        return
    if uitgepakt > MAXIMUM_FACTOR * pad.stat().st_size:
        raise LeesFout(
            f"het gzip-bestand is uitgepakt meer dan {MAXIMUM_FACTOR} keer zo groot en niet gelezen"
        )


def read_kop(inhoud: Inhoud, codering: str, scheidingsteken: str) -> Kop:
    """Read the head: the first line with anything in it.

    Raises
    ------
    LeesFout
        When it cannot be read, or has one column because another separator was used.
    """
    tekst = inhoud.begin.decode(name_codering(codering), errors="surrogateescape")
    lezer = csv.reader(io.StringIO(tekst, newline=""), delimiter=scheidingsteken)
    try:
        namen = next((rij for rij in lezer if any(cel.strip() for cel in rij)), None)
    except csv.Error:
        namen = None
    if namen is None:
        raise LeesFout("de kop is niet te lezen")
    kop = tuple(naam.strip() for naam in namen)
    if len(kop) > 1 and not kop[-1]:
        kop = kop[:-1]  # a separator at the end of the line holds nothing
    if any(_GEEN_TEKST.search(naam) for naam in kop):
        # Of an optional column with such a name nobody would notice that it was not read.
        raise LeesFout("de kop is niet te lezen: er staan tekens in die geen tekst zijn")
    if len(kop) == 1:
        anders = [naam for teken, naam in _SCHEIDINGSTEKENS.items() if teken in kop[0]]
        if anders:
            raise LeesFout(
                f"de kop heeft één kolom: zo te zien is het scheidingsteken een {anders[0]}, "
                f"niet een {_SCHEIDINGSTEKENS.get(scheidingsteken, 'ander teken')}"
            )
    return Kop(kop, lezer.line_num)


def name_codering(codering: str) -> str:
    """Return the codec's name; a byte order mark is no part of UTF-8 text."""
    return "utf-8-sig" if codering.lower() in {"utf-8", "utf8"} else codering
