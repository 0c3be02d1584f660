"""What a cell of a delivered table must be, as SQL on DuckDB.

Belongs here: the text, the cast and the demands of one cell, and the demands between cells.
Names and values in this SQL come from the contract, never from a delivery.
Does not belong here: reading files (:mod:`sources.tabel`); publishers' cells
(:mod:`sources.uitgever.gelezen`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vera.contract import Bron, Kolom, Tabel

ONBEKENDE_CODE = "onbekende code"

# Begin and end of one period; nothing ends before it begins.
PERIODEN = (("begindatum", "einddatum"), ("in_exploitatiedatum", "uit_exploitatiedatum"))

# A moment is read as the day it names; ISO 8601 with or without Z, and as databases print it.
_DATUMVORMEN = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%d %H:%M:%S.%f",
)
_KLASSE = (
    "case when {cel} is null then 'leeg' "
    "when regexp_full_match({cel}, '[-+]?[0-9]+([.,][0-9]+)?') then 'getal' "
    "when regexp_full_match({cel}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}.*') then 'datum' "
    "when length({cel}) <= 6 then 'korte tekst' else 'tekst' end"
)


@dataclass(frozen=True)
class Eis:
    """A demand that a row breaks when ``conditie`` holds; ``kolom`` is where it shows.

    ``conditie`` speaks of the text of a column as ``"c_naam"`` and its cast as ``"w_naam"``.
    """

    conditie: str
    kolom: str
    reden: str


def list_eisen(bron: Bron, tabel: Tabel, aanwezig: Sequence[Kolom]) -> list[Eis]:
    """Return the demands on a row, in the order in which a breach is reported.

    Parameters
    ----------
    bron, tabel
        The contract.
    aanwezig
        The columns that the file has.
    """
    per_kolom = [eis for kolom in aanwezig for eis in _list_eisen_kolom(kolom)]
    namen = {kolom.naam for kolom in aanwezig}
    for begin, einde in PERIODEN:
        if {begin, einde} <= namen:
            conditie = f'"w_{einde}" < "w_{begin}"'
            per_kolom.append(Eis(conditie, einde, f"{einde} ligt voor {begin}"))
    return per_kolom


def select_getypeerd(
    bron: Bron, tabel: Tabel, aanwezig: Sequence[Kolom], eisen: Sequence[Eis], bron_sql: str
) -> str:
    """Return the query that types every row and numbers its first broken demand.

    Columns: those of the contract, ``_regel``, ``_fout`` (number of the demand or null) and
    ``_klasse`` (the class of the value that broke it).
    """
    cellen = ", ".join(f'{_build_cel(kolom, bron)} as "c_{kolom.naam}"' for kolom in aanwezig)
    waarden = ", ".join(f'{_build_waarde(kolom)} as "w_{kolom.naam}"' for kolom in aanwezig)
    takken = " ".join(f"when {eis.conditie} then {i}" for i, eis in enumerate(eisen))
    klassen = " ".join(
        f"when {i} then " + _KLASSE.format(cel=f'"c_{eis.kolom}"') for i, eis in enumerate(eisen)
    )
    namen = {kolom.naam for kolom in aanwezig}
    uit = ", ".join(
        f'"w_{kolom.naam}" as "{kolom.naam}"'
        if kolom.naam in namen
        else f'null::{kolom.type} as "{kolom.naam}"'
        for kolom in tabel.kolommen
    )
    fout = f"case {takken} end" if takken else "null::integer"
    klasse = f"case _fout {klassen} end" if klassen else "null::varchar"
    return (
        f"with cellen as (select {cellen}, _regel from {bron_sql}), "  # noqa: S608
        f"waarden as (select *, {waarden} from cellen), "
        f"beoordeeld as (select *, {fout} as _fout from waarden) "
        f"select {uit}, _regel::bigint as _regel, _fout, {klasse} as _klasse from beoordeeld"
    )


_DECIMAAL = "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)"


def _quote(tekst: str) -> str:
    return "'" + tekst.replace("'", "''") + "'"


def _build_cel(kolom: Kolom, bron: Bron) -> str:
    """Build the cell as text: trimmed, empty = missing, with a decimal point."""
    cel = f"nullif(trim(\"{kolom.naam}\"), '')"
    if bron.decimaalteken != "." and kolom.type.startswith(("decimal", "double")):
        cel = f"replace({cel}, {_quote(bron.decimaalteken)}, '.')"
    return cel


def _build_waarde(kolom: Kolom) -> str:
    """Build the cast of a cell, null when it does not fit; never a rounded integer."""
    cel = f'"c_{kolom.naam}"'
    if kolom.type == "varchar":
        return cel
    if kolom.type == "date":
        vormen = ", ".join(_quote(vorm) for vorm in _DATUMVORMEN)
        # DuckDB reads "25-01-01" as a day in the year 25, and "infinity" as a day as well.
        heel = f"regexp_matches({cel}, '^[0-9]{{4}}-')"
        return f"case when {heel} then try_strptime({cel}, [{vormen}])::date end"
    if kolom.type in {"integer", "bigint"}:
        heel = f"regexp_full_match({cel}, '[-+]?[0-9]+([.]0+)?')"
        return f"case when {heel} then try_cast({cel} as {kolom.type}) end"
    if kolom.type == "boolean":
        return (
            f"case when lower({cel}) in ('true', 'ja', '1') then true "
            f"when lower({cel}) in ('false', 'nee', '0') then false end"
        )
    # DuckDB reads "1_000" and "1e3" as a thousand: a typing error that nobody would see.
    if kolom.type == "double":
        vorm = f"{_DECIMAAL}([eE][-+]?[0-9]+)?"
        goed = f"regexp_full_match({cel}, {_quote(vorm)}) and isfinite(try_cast({cel} as double))"
        return f"case when {goed} then try_cast({cel} as double) end"
    heel = f"regexp_full_match({cel}, {_quote(_DECIMAAL)})"
    return f"case when {heel} then try_cast({cel} as {kolom.type}) end"


def _list_eisen_kolom(kolom: Kolom) -> list[Eis]:
    naam = kolom.naam
    cel, waarde = f'"c_{naam}"', f'"w_{naam}"'
    eisen = []
    if kolom.verplicht:
        eisen.append(Eis(f"{cel} is null", naam, "verplicht veld is leeg"))
    if kolom.type != "varchar":
        geen = f"{cel} is not null and {waarde} is null"
        eisen.append(Eis(geen, naam, f"geen {kolom.type}"))
    if kolom.minimum is not None:
        eisen.append(Eis(f"{waarde} < {kolom.minimum}", naam, f"kleiner dan {kolom.minimum}"))
    if kolom.maximum is not None:
        eisen.append(Eis(f"{waarde} > {kolom.maximum}", naam, f"groter dan {kolom.maximum}"))
    if kolom.waarden:
        lijst = ", ".join(_quote(waarde) for waarde in sorted(kolom.waarden))
        reden = f"{ONBEKENDE_CODE} in lijst {kolom.codelijst or 'contract'}"
        eisen.append(Eis(f"{cel} not in ({lijst})", naam, reden))
    return eisen
