"""What a publisher's reader hands over, and how cells become typed rows.

Every bad cell becomes missing and is reported with file, line, column and class of value,
never with the value; only a row without its key or a required field is left out as a whole.
Recognising and opening files is in :mod:`sources.uitgever.bestand`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from vera.contract import Bron, Kolom, Tabel
from vera.errors import PoortInFout
from vera.levering import Afkeuring

# How publishers write "no figure": empty, a full stop, `x` or `x.`.
ONTBREKEND = frozenset({"", ".", "x", "x."})

_GETAL = r"[-+]?[0-9]+(?:{}[0-9]+)?"
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
_TYPEN: Mapping[str, pa.DataType] = {
    "varchar": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
}

_GEHEEL: Mapping[str, int] = {"integer": 2**31 - 1, "bigint": 2**63 - 1}

Waarde = str | int | float | Decimal | None


class UitgeverFout(PoortInFout):
    """A publisher's file is not what its name and the contract say; nothing of it was read."""


@dataclass(frozen=True)
class Gelezen:
    """What one file held for one contract table.

    ``rijen`` has the contract's columns in the contract's order and types, plus ``_regel``
    (the line in the file, 1-based). ``editie`` is the year of the file name, None where a
    source has no editions. ``geweigerde_kolommen`` are headers of the file that the contract
    does not name: they were never read. ``afwezige_kolommen`` are contract columns that this
    edition does not have; they are null. ``leesfout`` says why nothing of it could be read.
    """

    tabel: str
    editie: int | None
    rijen: pa.Table
    afkeuringen: list[Afkeuring]
    geweigerde_kolommen: tuple[str, ...]
    afwezige_kolommen: tuple[str, ...] = ()
    leesfout: str | None = None


def build_gelezen(
    bron: Bron,
    tabel: Tabel,
    bestand: str,
    editie: int | None,
    rijen: Iterable[tuple[int, Mapping[str, str]]],
    *,
    afkeuringen: Iterable[Afkeuring] = (),
    geweigerd: Iterable[str] = (),
    afwezig: Iterable[str] = (),
) -> Gelezen:
    """Type the cells of a file by the contract.

    Parameters
    ----------
    bron, tabel
        The contract of the file.
    bestand
        Name of the file, for the report.
    editie
        Year of the file name; becomes the column ``jaar``.
    rijen
        Line number and the cells as text, by contract column.
    afkeuringen, geweigerd, afwezig
        What the reader found before the cells.

    Returns
    -------
    Gelezen
        Rows in file order. A cell that does not fit is null and reported; a row whose key or
        required cell is missing is left out and reported.
    """
    afgekeurd = list(afkeuringen)
    kolommen: dict[str, list[Waarde]] = {kolom.naam: [] for kolom in tabel.kolommen}
    regels: list[int] = []
    for regel, cellen in rijen:
        waarden: dict[str, Waarde] = {}
        volledig = True
        for kolom in tabel.kolommen:
            if kolom.naam == "jaar":
                waarden["jaar"] = editie
                continue
            tekst = cellen.get(kolom.naam, "").strip()
            waarde, reden = parse_cel(tekst, kolom, bron.decimaalteken)
            if waarde is None and (kolom.verplicht or kolom.naam in tabel.sleutel):
                volledig = False
                reden = reden or "verplicht veld is leeg"
            if reden:
                afgekeurd.append(
                    Afkeuring(tabel.id, bestand, regel, kolom.naam, classify_waarde(tekst), reden)
                )
            waarden[kolom.naam] = waarde
        if volledig:
            regels.append(regel)
            for naam, waarde in waarden.items():
                kolommen[naam].append(waarde)
    arrays = [pa.array(kolommen[kolom.naam], arrow_type(kolom)) for kolom in tabel.kolommen]
    namen = [kolom.naam for kolom in tabel.kolommen]
    rijen_typed = pa.table([*arrays, pa.array(regels, pa.int64())], names=[*namen, "_regel"])
    return Gelezen(tabel.naam, editie, rijen_typed, afgekeurd, tuple(geweigerd), tuple(afwezig))


def parse_cel(tekst: str, kolom: Kolom, decimaalteken: str) -> tuple[Waarde, str | None]:
    """Return the value of a cell and why it was rejected, if it was.

    Examples
    --------
    >>> from vera.contract import Kolom
    >>> pct = Kolom("p", "double", "", "openbaar", frozenset(), minimum=0, maximum=100)
    >>> parse_cel("33,5%", pct, ",")
    (33.5, None)
    >>> parse_cel("x.", pct, ",")
    (None, None)
    >>> parse_cel("133%", pct, ",")
    (None, 'groter dan 100')
    """
    if tekst in ONTBREKEND:
        return None, None
    if kolom.type == "varchar":
        if kolom.waarden and tekst not in kolom.waarden:
            return None, f"onbekende code in lijst {kolom.codelijst or 'contract'}"
        return tekst, None
    getal = _parse_getal(tekst, decimaalteken)
    reden = f"geen {kolom.type}" if getal is None else _judge_getal(getal, kolom)
    if getal is None or reden:
        return None, reden
    if kolom.type in _GEHEEL:
        return int(getal), None
    return (getal if kolom.type.startswith("decimal") else float(getal)), None


def _judge_getal(getal: Decimal, kolom: Kolom) -> str | None:
    """Return why a number does not fit its column, or None."""
    if kolom.minimum is not None and getal < Decimal(str(kolom.minimum)):
        return f"kleiner dan {kolom.minimum}"
    if kolom.maximum is not None and getal > Decimal(str(kolom.maximum)):
        return f"groter dan {kolom.maximum}"
    if kolom.type in _GEHEEL:
        past = getal == getal.to_integral_value() and abs(getal) <= _GEHEEL[kolom.type]
    elif treffer := _DECIMAL.fullmatch(kolom.type):
        cijfers, achter = int(treffer[1]), int(treffer[2])
        past = abs(getal) < 10 ** (cijfers - achter) and getal == round(getal, achter)
    else:
        past = math.isfinite(float(getal))
    return None if past else f"geen {kolom.type}"


def classify_waarde(tekst: str) -> str:
    """Return the class of a value, which stands in for it in quarantine."""
    if not tekst:
        return "leeg"
    if re.fullmatch(_GETAL.format("[.,]"), tekst.removesuffix("%").rstrip()):
        return "getal"
    return "korte tekst" if len(tekst) <= 6 else "tekst"


def arrow_type(kolom: Kolom) -> pa.DataType:
    """Return the Arrow type of a contract column."""
    if treffer := _DECIMAL.fullmatch(kolom.type):
        return pa.decimal128(int(treffer[1]), int(treffer[2]))
    try:
        return _TYPEN[kolom.type]
    except KeyError:
        raise UitgeverFout(
            f"Contract: kolom {kolom.naam} heeft type {kolom.type}, dat geen uitgever levert.",
            verwacht=", ".join([*_TYPEN, "decimal(p,s)"]),
        ) from None


def _parse_getal(tekst: str, decimaalteken: str) -> Decimal | None:
    """Parse a number with the publisher's decimal sign; a thousands sign is not guessed."""
    kaal = tekst.removesuffix("%").rstrip()
    if not re.fullmatch(_GETAL.format(re.escape(decimaalteken)), kaal):
        return None
    return Decimal(kaal.replace(decimaalteken, "."))
