"""Reads one kind of file or table after another, and tells where personal data stand in it.

Belongs here: getting text out of DuckDB, Parquet, CSV, SQLite, compressed and binary files, and
what makes a hit no find (a column of numbers that pass the 11-proof by chance). Does not belong
here: which places are read (``orchestration.scan``).
"""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from vera.persoonsgegeven import VOORFILTER, Vindplaats, is_bsn, list_vindplaatsen

TERM: Final = "opgegeven term"
ONLEESBAAR: Final = "niet te lezen"
"""What cannot be read has not been looked through: that is told, never passed over."""
KORTSTE_TEKST: Final = 8
"""Readable characters in a row that count as text in a binary file: the shortest of all kinds is
a postcode with a house number, and shorter runs come about in any numbers."""

KLEINSTE_REEKS: Final = 50
GROOTSTE_TOEVAL: Final = 0.25
"""A column with at least so many different values of nine digits, of which at most this share
passes the 11-proof, holds numbers of something else: one in eleven passes by chance."""
KLEINSTE_GETALLEN: Final = 3
"""Fewer whole numbers that pass are chance; in text a single one counts."""

LANGSTE_SLEUTEL: Final = 16
"""Bytes as short as a key of the address index are text as a whole or not at all: among millions of
random keys there is always one with a piece that reads as an e-mail address."""

_BEELD = re.compile(r"data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=\\]+")
_LEESBAAR = re.compile(rb"[\t\x20-\x7e]{%d,}" % KORTSTE_TEKST)
_TEKSTTYPE = re.compile(r"VARCHAR|JSON|ENUM|STRUCT|MAP|\[")
_GETALTYPE = re.compile(r"U?(?:INTEGER|BIGINT|HUGEINT)$")
_NEGEN = re.compile(r"\d{9}")
_SNEDE = re.compile(r'[\n"]')
KORTSTE_STUK: Final = 3
HERHALING: Final = 4
"""A column of which each value stands there so often is looked through by different value."""
GROOTSTE_BAK: Final = 8_000_000
"""Characters that are looked through together."""


_Rij = tuple[str, int | None, int]
"""A value of a column, its first row, and how often it stands there."""


@dataclass(frozen=True)
class Vondst:
    """Personal data somewhere; the value itself is not in here.

    Attributes
    ----------
    plaats
        File below the data folder, with table and column where it has those.
    soort
        ``BSN``, ``IBAN``, ``e-mailadres``, ``telefoonnummer``, ``postcode met huisnummer`` or
        ``opgegeven term``; ``niet te lezen`` when the place could not be looked through.
    eerste
        Where the first one stands: ``rij 12``, ``regel 3`` or ``byte 4096``.
    aantal
        How many there are.
    """

    plaats: str
    soort: str
    eerste: str
    aantal: int

    def __str__(self) -> str:
        """Return one line for a reader."""
        return f"{self.plaats}: {self.soort}, {self.aantal}x, eerste op {self.eerste}"


class Zoeker:
    """What is looked for: shapes, and terms that were given; values that may be are let go.

    Parameters
    ----------
    termen
        Texts to look for besides the shapes; at least three characters, no quotes or line ends.
    toegestaan
        Texts in which what stands may stand anywhere.
    """

    def __init__(self, termen: Iterable[str] = (), toegestaan: Iterable[str] = ()) -> None:
        lijst = sorted({term.strip() for term in termen if len(term.strip()) > 2})
        self._toegestaan = frozenset(
            tekst[v.begin : v.einde] for tekst in toegestaan for v in list_vindplaatsen(tekst)
        )
        boom = _make_patroon(lijst)
        self._termen = re.compile(rf"(?<!\w)(?:{boom})(?!\w)") if lijst else None
        self.voorfilter = f"{VOORFILTER}|{boom}" if lijst else VOORFILTER
        self._verbinding = open_leeg()

    def select(self, teksten: Sequence[str]) -> list[int]:
        """Return the positions of the texts that may hold something; DuckDB is quick at that."""
        self._verbinding.register(
            "stuk", pa.table({"plek": range(len(teksten)), "tekst": list(teksten)})
        )
        rijen = self._verbinding.execute(
            "select plek from stuk where regexp_matches(tekst, ?) order by plek", [self.voorfilter]
        ).fetchall()
        return [plek for (plek,) in rijen]

    def find(self, tekst: str) -> list[Vindplaats]:
        """Return what stands in a text, a picture in it left out."""
        if "base64," in tekst:
            tekst = _BEELD.sub(lambda m: " " * len(m.group()), tekst)
        gevonden = [
            v for v in list_vindplaatsen(tekst) if tekst[v.begin : v.einde] not in self._toegestaan
        ]
        if self._termen is not None:
            gevonden += [Vindplaats(TERM, *m.span()) for m in self._termen.finditer(tekst)]
        return gevonden


def _make_patroon(termen: Sequence[str]) -> str:
    """Return one pattern for many terms, with what they begin with in common written once."""
    boom: dict[str, Any] = {}
    for term in termen:
        knoop = boom
        for teken in term:
            knoop = knoop.setdefault(teken, {})
        knoop[""] = {}

    def write(knoop: dict[str, Any]) -> str:
        takken = [re.escape(teken) + write(kind) for teken, kind in knoop.items() if teken]
        if not takken:
            return ""
        tekst = takken[0] if len(takken) == 1 else f"(?:{'|'.join(takken)})"
        return f"(?:{tekst})?" if "" in knoop else tekst

    return write(boom)


def open_leeg() -> duckdb.DuckDBPyConnection:
    """Return a database in memory that fetches nothing and writes through no bar."""
    verbinding = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    verbinding.execute("set enable_progress_bar = false")
    return verbinding


class _Telling:
    """Counts finds of one place, per kind."""

    def __init__(self, plaats: str) -> None:
        self._plaats = plaats
        self._eerste: dict[str, str] = {}
        self._aantal: dict[str, int] = {}

    def add(self, soort: str, plek: str, aantal: int = 1) -> None:
        self._eerste.setdefault(soort, plek)
        self._aantal[soort] = self._aantal.get(soort, 0) + aantal

    def list_vondsten(self) -> Iterator[Vondst]:
        for soort, aantal in self._aantal.items():
            yield Vondst(self._plaats, soort, self._eerste[soort], aantal)


class Scan:
    """Looks through one place after another; texts wait until there are enough to be quick.

    Parameters
    ----------
    zoeker
        What is looked for.
    """

    def __init__(self, zoeker: Zoeker) -> None:
        self._zoeker = zoeker
        self._verbinding = open_leeg()
        self._tellingen: list[_Telling] = []
        self._teksten: list[str] = []
        self._van: list[tuple[_Telling, Callable[[int], str]]] = []
        self._tekens = 0

    def list_vondsten(self) -> list[Vondst]:
        """Return what was found, in the order in which it was looked through."""
        self._flush()
        return [vondst for telling in self._tellingen for vondst in telling.list_vondsten()]

    def read_bestand(self, pad: Path, naam: str) -> None:
        """Look through a file, read by what its first bytes say it is.

        Parameters
        ----------
        pad
            The file; not a DuckDB database.
        naam
            How it is called in a find.
        """
        try:
            self._read_soort(pad, naam)
        except (OSError, duckdb.Error, sqlite3.Error, zipfile.BadZipFile):
            self.add_onleesbaar(naam)

    def add_onleesbaar(self, naam: str) -> None:
        """Tell that a place could not be looked through."""
        self._open(naam).add(ONLEESBAAR, "het begin")

    def _read_soort(self, pad: Path, naam: str) -> None:
        kop = _read_kop(pad)
        if kop.startswith(b"SQLite format 3\0"):
            self._read_sqlite(pad, naam)
        elif kop.startswith(b"PAR1"):
            bron = f"read_parquet({_quote_tekst(str(pad))}, file_row_number = true)"
            self.read_relatie(
                self._verbinding,
                f"(select file_row_number + 1 as _rij, * exclude (file_row_number) from {bron})",
                naam,
            )
        elif pad.suffix == ".csv":
            self._read_csv(pad, naam)
        else:
            self._read_bytes(pad.read_bytes(), naam)

    def read_relatie(self, verbinding: duckdb.DuckDBPyConnection, relatie: str, naam: str) -> None:
        """Look through a relation that has a column ``_rij`` with the row's number.

        DuckDB looks through every text column with one wide pattern; only different values that
        match come here to be judged. Where values repeat, it looks at each once.
        """
        kolommen = [
            (str(kolom), str(soort))
            for kolom, soort, *_ in verbinding.execute(
                f"describe select * from {relatie}"
            ).fetchall()
            if kolom != "_rij"
        ]
        teksten = [kolom for kolom, soort in kolommen if _TEKSTTYPE.search(soort)]
        herhaald = _list_herhaald(verbinding, relatie, teksten)
        delen = []
        for plek, (kolom, soort) in enumerate(kolommen):
            tekst = f"cast({_quote(kolom)} as varchar)"
            waar = "regexp_matches({}, $voorfilter)"
            if kolom in herhaald:
                voor, na = "true", waar.format("waarde")
            elif kolom in teksten:
                voor, na = waar.format(tekst), "true"
            elif _GETALTYPE.match(soort):
                voor, na = f"{_quote(kolom)} between 100000000 and 999999999", "true"
            else:
                continue
            delen.append(
                f"(with uniek as materialized (select {tekst} as waarde, min(_rij) as rij, "
                f"count(*) as aantal from {relatie} where {voor} group by 1) "
                f"select {plek} as plek, * from uniek where {na})"
            )
        if not delen:
            return
        vraag = " union all ".join(delen) + " order by plek, rij, waarde"
        waarden = {"voorfilter": self._zoeker.voorfilter} if "$voorfilter" in vraag else {}
        per_kolom: dict[int, list[_Rij]] = defaultdict(list)
        for plek, waarde, rij, aantal in verbinding.execute(vraag, waarden).fetchall():
            per_kolom[plek].append((waarde, rij, aantal))
        for plek, rijen in per_kolom.items():
            kolom, soort = kolommen[plek]
            judge = self._judge_tekst if _TEKSTTYPE.search(soort) else self._judge_getal
            judge(self._open(f"{naam}.{kolom}"), rijen)

    def _judge_tekst(self, telling: _Telling, rijen: Sequence[_Rij]) -> None:
        reeks = [waarde for waarde, _, _ in rijen if _NEGEN.fullmatch(waarde)]
        is_reeks = (
            len(reeks) >= KLEINSTE_REEKS and sum(map(is_bsn, reeks)) <= len(reeks) * GROOTSTE_TOEVAL
        )
        for waarde, rij, aantal in rijen:
            for gevonden in self._zoeker.find(waarde):
                if is_reeks and gevonden.soort == "BSN" and _NEGEN.fullmatch(waarde):
                    continue
                telling.add(gevonden.soort, _say_rij(rij), aantal)

    def _judge_getal(self, telling: _Telling, rijen: Sequence[_Rij]) -> None:
        goed = [rij for rij in rijen if is_bsn(rij[0])]
        if len(goed) >= KLEINSTE_GETALLEN and len(goed) > len(rijen) * GROOTSTE_TOEVAL:
            for _, rij, aantal in goed:
                telling.add("BSN", _say_rij(rij), aantal)

    def _read_csv(self, pad: Path, naam: str) -> None:
        """Look through a CSV file, by column where it can be read as one, and else by line."""
        try:
            self._verbinding.execute(
                "create or replace temp table bestand as select row_number() over () as _rij, * "
                "from read_csv(?, all_varchar = true, header = true)",
                [str(pad)],
            )
        except duckdb.Error:
            self._read_bytes(pad.read_bytes(), naam)
            return
        self.read_relatie(self._verbinding, "bestand", naam)
        self._verbinding.execute("drop table bestand")

    def _read_sqlite(self, pad: Path, naam: str) -> None:
        with closing(sqlite3.connect(f"{pad.resolve().as_uri()}?mode=ro", uri=True)) as verbinding:
            verbinding.text_factory = lambda ruw: ruw.decode("utf-8", "replace")
            tabellen = verbinding.execute(
                "select name, sql from sqlite_master where type = 'table' order by name"
            ).fetchall()
            for tabel, ddl in tabellen:
                heeft_rowid = "without rowid" not in (ddl or "").lower()
                kolommen = _list_tekstkolommen(verbinding, tabel)
                if not kolommen:
                    continue
                cursor = verbinding.execute(
                    f"select {'rowid' if heeft_rowid else 'null'}, {', '.join(kolommen)} "
                    f"from {_quote(tabel)}"
                )
                tellingen = [
                    self._open(f"{naam}: {tabel}.{veld[0]}") for veld in cursor.description[1:]
                ]
                for nummer, (rij, *waarden) in enumerate(cursor, start=1):
                    for telling, waarde in zip(tellingen, waarden, strict=True):
                        for tekst in _list_teksten(waarde):
                            self._add(telling, tekst, partial(_say_plek, f"rij {rij or nummer}"))

    def _read_bytes(self, inhoud: bytes, naam: str) -> None:
        if inhoud.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(inhoud)) as archief:
                for deel in archief.infolist():
                    self._read_bytes(archief.read(deel), f"{naam}: {deel.filename}")
            return
        inhoud = _unpack(inhoud)
        telling = self._open(naam)
        try:
            tekst = inhoud.decode("utf-8")
        except UnicodeDecodeError:
            tekst = ""
        if tekst and "\0" not in tekst:
            self._add(telling, tekst, partial(_say_regel, tekst))
        else:
            for stuk in _LEESBAAR.finditer(inhoud):
                zeg = partial(_say_byte, stuk.start())
                self._add(telling, stuk.group().decode("ascii"), zeg)

    def _open(self, plaats: str) -> _Telling:
        self._tellingen.append(_Telling(plaats))
        return self._tellingen[-1]

    def _add(self, telling: _Telling, tekst: str, zeg: Callable[[int], str]) -> None:
        """Keep a text to be looked through; ``zeg`` says where a position in it is."""
        if len(tekst) < KORTSTE_STUK:
            return
        self._teksten.append(tekst)
        self._van.append((telling, zeg))
        self._tekens += len(tekst)
        if self._tekens > GROOTSTE_BAK:
            self._flush()

    def _flush(self) -> None:
        verdacht = self._zoeker.select(self._teksten)
        stukken, van = [], []
        for plek in verdacht:
            begin = 0
            # A file of one line would else be judged as a whole for one match.
            for stuk in _SNEDE.split(self._teksten[plek]):
                if len(stuk) >= KORTSTE_STUK:
                    stukken.append(stuk)
                    van.append((plek, begin))
                begin += len(stuk) + 1
        for nummer in self._zoeker.select(stukken):
            plek, begin = van[nummer]
            telling, zeg = self._van[plek]
            for gevonden in self._zoeker.find(stukken[nummer]):
                telling.add(gevonden.soort, zeg(begin + gevonden.begin))
        self._teksten, self._van, self._tekens = [], [], 0


def _list_herhaald(
    verbinding: duckdb.DuckDBPyConnection, relatie: str, kolommen: Sequence[str]
) -> set[str]:
    """Return the columns with far fewer different values than rows, by a quick estimate."""
    if not kolommen:
        return set()
    schatting = ", ".join(f"approx_count_distinct({_quote(kolom)})" for kolom in kolommen)
    [(rijen, *aantallen)] = verbinding.execute(
        f"select count(*), {schatting} from {relatie}"
    ).fetchall()
    return {k for k, n in zip(kolommen, aantallen, strict=True) if n * HERHALING < rijen}


def _list_tekstkolommen(verbinding: sqlite3.Connection, tabel: str) -> list[str]:
    """Return the columns of a SQLite table, quoted, that hold text or bytes in any row."""
    cursor = verbinding.execute(f"select * from {_quote(tabel)} limit 0")
    kolommen = [_quote(veld[0]) for veld in cursor.description]
    heeft = ", ".join(f"max(typeof({kolom}) in ('text', 'blob'))" for kolom in kolommen)
    [rij] = verbinding.execute(f"select {heeft} from {_quote(tabel)}").fetchall()
    return [kolom for kolom, is_tekst in zip(kolommen, rij, strict=True) if is_tekst]


def is_duckdb(pad: Path) -> bool:
    """Return whether a file is a DuckDB database."""
    return _read_kop(pad)[8:12] == b"DUCK"


def _read_kop(pad: Path) -> bytes:
    with pad.open("rb") as bestand:
        return bestand.read(16)


def _say_rij(rij: int | None) -> str:
    return "een rij van deze view" if rij is None else f"rij {rij}"


def _say_plek(plek: str, _: int) -> str:
    return plek


def _say_regel(tekst: str, teken: int) -> str:
    regel = tekst.count("\n", 0, teken) + 1
    return f"regel {regel}, teken {teken - tekst.rfind(chr(10), 0, teken)}"


def _say_byte(begin: int, teken: int) -> str:
    return f"byte {begin + teken}"


def _quote(kolom: str) -> str:
    return '"' + kolom.replace('"', '""') + '"'


def _quote_tekst(tekst: str) -> str:
    return "'" + tekst.replace("'", "''") + "'"


def _list_teksten(waarde: object) -> Sequence[str]:
    """Return the text in a value of a database: as it is, unpacked, or readable bytes."""
    if isinstance(waarde, str):
        return (waarde,)
    if not isinstance(waarde, bytes):
        return ()
    inhoud = _unpack(waarde)
    try:
        return (inhoud.decode("utf-8"),)
    except UnicodeDecodeError:
        if len(waarde) <= LANGSTE_SLEUTEL:
            return ()
        return [stuk.decode("ascii") for stuk in _LEESBAAR.findall(inhoud)]


def _unpack(inhoud: bytes) -> bytes:
    """Return bytes as they were before they were compressed, when they were.

    Most are not: the first two bytes say so (RFC 1950, RFC 1952), where trying takes long.
    """
    if inhoud.startswith(b"\x1f\x8b"):
        vensters = zlib.MAX_WBITS | 16
    elif inhoud and inhoud[0] & 0x0F == zlib.DEFLATED and int.from_bytes(inhoud[:2]) % 31 == 0:
        vensters = zlib.MAX_WBITS
    else:
        return inhoud
    try:
        return zlib.decompress(inhoud, vensters)
    except zlib.error:
        return inhoud
