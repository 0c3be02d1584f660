"""Mutations that every row by itself survives: swapped columns, shifted rows, another unit.

None of them may change a label in silence. Where the margins of a column or the same keys in the
last delivery show it, the gate must say so; where nothing can show it, the trial says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from sources.demo.mutatie.blad import Blad, Mutatie, Proef
from vera.contract import Kolom

_GETAL = ("integer", "bigint", "decimal", "double")
_DATUMLENGTE = len("2025-01-01")


def _finish(proef: Proef, blad: Blad) -> Proef:
    """Note which cells hold something else now."""
    oud = {rij.nummer: rij for rij in proef.blad.rijen}
    gewijzigd = {n: dict(c) for n, c in proef.gewijzigd.items()}
    for rij in blad.rijen:
        for naam, nu, toen in zip(blad.kop, rij.cellen, oud[rij.nummer].cellen, strict=True):
            if nu != toen:
                gewijzigd.setdefault(rij.nummer, {})[naam] = nu
    return replace(proef, blad=blad, gewijzigd=gewijzigd, soort="aannemelijk")


def _is_heel(proef: Proef) -> bool:
    return bool(proef.blad.rijen) and not proef.afgekeurd and not proef.gewijzigd


def _vrij(proef: Proef) -> list[Kolom]:
    """Columns that go on in some form and are no part of the key."""
    return [
        kolom
        for kolom in proef.list_kolommen()
        if kolom.behandeling != "verwijderen" and kolom.naam not in proef.tabel.sleutel
    ]


def _family(kolom: Kolom) -> str:
    if kolom.waarden:
        return "code"
    return "getal" if kolom.type.startswith(_GETAL) else kolom.type


def swap_kolommen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Swap the cells of two columns of the same type."""
    if not _is_heel(proef):
        return None
    kolommen = [k for k in proef.list_kolommen() if k.behandeling != "verwijderen"]
    paren = [
        (a, b)
        for i, a in enumerate(kolommen)
        for b in kolommen[i + 1 :]
        if _family(a) == _family(b)
    ]
    if not paren:
        return None
    een, ander = paren[int(rng.integers(len(paren)))]
    a, b = proef.blad.get_kolom(een.naam), proef.blad.get_kolom(ander.naam)
    return _finish(proef, proef.blad.set_kolom(een.naam, b).set_kolom(ander.naam, a))


def shift_kolom(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Move one column up a row, as a sort of one column in a spreadsheet does."""
    kolommen = _vrij(proef)
    if not _is_heel(proef) or not kolommen:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))].naam
    cellen = proef.blad.get_kolom(kolom)
    return _finish(proef, proef.blad.set_kolom(kolom, [*cellen[1:], cellen[0]]))


def empty_kolom(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave a column empty that may be."""
    kolommen = [kolom for kolom in _vrij(proef) if not kolom.verplicht]
    if not _is_heel(proef) or not kolommen:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))].naam
    return _finish(proef, proef.blad.set_kolom(kolom, [""] * len(proef.blad.rijen)))


def drop_kolom(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave a column out, head and cells, that may be missing."""
    leeg = empty_kolom(proef, rng)
    if leeg is None:
        return None
    [kolom] = {naam for cellen in leeg.gewijzigd.values() for naam in cellen} or {""}
    if not kolom:
        return None
    i = leeg.blad.find(kolom)
    rijen = tuple(
        replace(rij, cellen=rij.cellen[:i] + rij.cellen[i + 1 :]) for rij in leeg.blad.rijen
    )
    kop = leeg.blad.kop[:i] + leeg.blad.kop[i + 1 :]
    return replace(leeg, blad=Blad(kop, rijen))


def write_een_code(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put every row under one code that exists."""
    kolommen = [kolom for kolom in _vrij(proef) if kolom.waarden]
    if not _is_heel(proef) or not kolommen:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    code = sorted(kolom.waarden)[int(rng.integers(len(kolom.waarden)))]
    return _finish(proef, proef.blad.set_kolom(kolom.naam, [code] * len(proef.blad.rijen)))


def scale_getallen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write a column in another unit, within what the contract allows."""
    kolommen = [kolom for kolom in _vrij(proef) if kolom.type.startswith("decimal")]
    if not _is_heel(proef) or not kolommen:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    factor = (12.0, 1 / 12, 100.0, 0.01)[int(rng.integers(4))]
    cellen = [_scale(cel, factor, kolom) for cel in proef.blad.get_kolom(kolom.naam)]
    if any(cel is None for cel in cellen):
        return None
    return _finish(proef, proef.blad.set_kolom(kolom.naam, [str(cel) for cel in cellen]))


def _scale(cel: str, factor: float, kolom: Kolom) -> str | None:
    if not cel:
        return cel
    try:
        getal = float(cel) * factor
    except ValueError:
        return None
    laag = kolom.minimum if kolom.minimum is not None else -np.inf
    hoog = kolom.maximum if kolom.maximum is not None else np.inf
    return f"{getal:.1f}" if laag <= round(getal, 1) <= hoog else None


def move_jaar(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write the dates of a column a year too early."""

    def to_vorig_jaar(dag: date) -> date:
        return dag.replace(year=dag.year - 1, day=min(dag.day, 28))

    return _change_datums(proef, rng, to_vorig_jaar)


def swap_dag_maand(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Read day and month the wrong way round where both can be either."""

    def swap(dag: date) -> date:
        return dag.replace(month=dag.day, day=dag.month) if dag.day <= 12 else dag

    return _change_datums(proef, rng, swap)


def _change_datums(proef: Proef, rng: np.random.Generator, doe: object) -> Proef | None:
    kolommen = [kolom for kolom in _vrij(proef) if kolom.type == "date"]
    if not _is_heel(proef) or not kolommen or not callable(doe):
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))].naam
    cellen = [
        str(doe(date.fromisoformat(cel))) if len(cel) == _DATUMLENGTE and cel < "9999" else cel
        for cel in proef.blad.get_kolom(kolom)
    ]
    return _finish(proef, proef.blad.set_kolom(kolom, cellen))


def drop_rijen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave out rows at the end: an export that was cut off at a line end."""
    n = len(proef.blad.rijen)
    if not _is_heel(proef) or n < 4:
        return None
    houd = int(n * rng.uniform(0.05, 0.95))
    return replace(
        proef,
        blad=replace(proef.blad, rijen=proef.blad.rijen[:houd]),
        soort="aannemelijk",
    )


def change_cel(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put the sound value of another row in one cell."""
    kolommen = _vrij(proef)
    n = len(proef.blad.rijen)
    if not _is_heel(proef) or not kolommen or n < 2:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))].naam
    plek, ander = (int(p) for p in rng.choice(n, size=2, replace=False))
    waarde = proef.blad.rijen[ander].cellen[proef.blad.find(kolom)]
    return _finish(proef, proef.blad.set_cel(plek, kolom, waarde))


AANNEMELIJK: Mapping[str, Mutatie] = {
    "kolommen van één type verwisseld": swap_kolommen,
    "kolom een rij verschoven": shift_kolom,
    "kolom leeg": empty_kolom,
    "kolom weg": drop_kolom,
    "alles onder één code": write_een_code,
    "andere eenheid": scale_getallen,
    "een jaar te vroeg": move_jaar,
    "dag en maand verwisseld": swap_dag_maand,
    "rijen weg": drop_rijen,
    "één aannemelijke cel": change_cel,
}
