"""What partners and whoever has no role get: labels of areas, and counts on fives.

Pure functions on the rows that a release exports. Labels 1 to 5 of buurten and wijken, per theme
that the reader may see; no scores, no values of indicators, no chances, no complexes. Counts are
rounded to five, up or down, as the cell's own seed says.

Does not belong here: who sees which themes (``vera.toegang``), nor what is small inside
(``int_label__afscherming``).

Source: design paper on trust, "Small counts"; docs/adr/0027-kleine-aantallen.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from serving.release import schema
from serving.release.stroom import ReleaseFout

GROND: Final = 5
MINIMUM_WONINGEN: Final = 10
"""Of an area with fewer dwellings nothing is said."""
NIVEAUS: Final = ("buurt", "wijk")
AANTALLEN: Final = ("verhuureenheden_aantal", "aantal_complexen")

PUBLIEK: Final = pa.schema(
    {
        "niveau": pa.string(),
        "beheerobject_id": pa.string(),
        "naam": pa.string(),
        "wijk_id": pa.string(),
        "grondslag": pa.string(),
        "peildatum": pa.date32(),
        "thema_code": pa.string(),
        "sociaal_beheer_label": pa.int32(),
        "verhuureenheden_aantal": pa.int32(),
        "aantal_complexen": pa.int32(),
    }
)
"""One row per buurt or wijk and theme, on the last peildatum of its published ground."""


def publieke_waarde(aantal: int | None, *cel: str) -> int | None:
    """Round a count to a multiple of five, up or down by a seed that belongs to the cell.

    On average nothing is added. The seed is made of the cell alone: not of a release, not of a
    day and not of the count. Asking again, or a year later, so gives the same as long as the count
    is the same, and there is nothing to average.

    Parameters
    ----------
    aantal
        The count, 0 or more; None is unknown and stays so.
    *cel
        What identifies the cell: niveau, object and name of the figure.

    Returns
    -------
    int or None
        A multiple of five, less than five away from ``aantal``.

    Raises
    ------
    ValueError
        When the count is negative, or nothing identifies the cell.

    Examples
    --------
    >>> publieke_waarde(40, "buurt", "BU01", "verhuureenheden_aantal")
    40
    >>> {publieke_waarde(42, "buurt", f"BU{i}", "aantal") for i in range(20)} == {40, 45}
    True
    """
    if aantal is None:
        return None
    if aantal < 0 or not any(cel):
        raise ValueError(f"expected a count of 0 or more and a cell, found {aantal} of {cel}")
    onder, rest = divmod(aantal, GROND)
    zaad = int.from_bytes(hashlib.md5("|".join(cel).encode(), usedforsecurity=False).digest()[:8])
    return GROND * (onder + (zaad % GROND < rest))


def shield_publiek(labels: pa.Table, objecten: pa.Table, themas: Collection[str]) -> pa.Table:
    """Return what a reader without complexes gets of a release.

    Parameters
    ----------
    labels
        Rows of ``schema.LABEL`` as exported.
    objecten
        Rows of ``schema.BEHEEROBJECT`` as exported.
    themas
        Codes of the themes that this reader sees (``vera.toegang``); TOT is the total.

    Returns
    -------
    pyarrow.Table
        Rows of ``PUBLIEK`` in key order. A label that is unknown is an empty one.
    """
    mag = pc.and_(
        pc.and_(
            pc.is_in(labels["niveau"], value_set=pa.array(NIVEAUS)),
            pc.is_in(labels["thema_code"], value_set=pa.array(sorted(themas), pa.string())),
        ),
        pc.fill_null(labels["is_gepubliceerde_grondslag"], False),
    )
    laatste: dict[tuple[str, str, str], dict[str, object]] = {}
    for rij in labels.filter(mag).sort_by([("peildatum", "ascending")]).to_pylist():
        laatste[rij["niveau"], rij["beheerobject_id"], rij["thema_code"]] = rij
    gebieden = {
        (rij["niveau"], rij["beheerobject_id"]): rij
        for rij in objecten.to_pylist()
        if rij["niveau"] in NIVEAUS
    }
    rijen = []
    for (niveau, id_, thema), rij in sorted(laatste.items()):
        gebied = gebieden.get((niveau, id_))
        if gebied is None or _is_te_klein(rij["grondslag"], gebied["verhuureenheden_aantal"]):
            continue
        aantallen = {naam: publieke_waarde(gebied[naam], niveau, id_, naam) for naam in AANTALLEN}
        rijen.append(
            {
                "niveau": niveau,
                "beheerobject_id": id_,
                "naam": gebied["naam"],
                "wijk_id": gebied["wijk_id"],
                "grondslag": rij["grondslag"],
                "peildatum": rij["peildatum"],
                "thema_code": thema,
                "sociaal_beheer_label": rij["sociaal_beheer_label"],
                **aantallen,
            }
        )
    tabel = pa.Table.from_pylist(rijen, schema=PUBLIEK)
    check_publiek(tabel, themas)
    return tabel


def check_publiek(tabel: pa.Table, themas: Collection[str]) -> None:
    """Refuse rows that say more than a reader without complexes may know.

    Parameters
    ----------
    tabel
        What is about to go out.
    themas
        Codes of the themes that the reader sees.

    Raises
    ------
    ReleaseFout
        When there is another column, a complex, a theme that is not the reader's, a count that is
        not on fives, or something else than a label.
    """
    vreemd = sorted(set(tabel.column_names) - set(PUBLIEK.names))
    if vreemd:
        raise _fout(f"kolommen {', '.join(vreemd)}", f"alleen {', '.join(PUBLIEK.names)}")
    for rij in tabel.to_pylist():
        wie = f"{rij['niveau']} {rij['beheerobject_id']}"
        if rij["niveau"] not in NIVEAUS:
            raise _fout(f"{wie}", "alleen buurten en wijken")
        if rij["thema_code"] not in themas:
            raise _fout(f"{wie}: thema {rij['thema_code']}", f"thema's {', '.join(sorted(themas))}")
        if rij["sociaal_beheer_label"] not in (None, 1, 2, 3, 4, 5):
            raise _fout(f"{wie}: geen label", "een label van 1 tot en met 5, of leeg")
        scheef = [naam for naam in AANTALLEN if (rij[naam] or 0) % GROND]
        if scheef:
            raise _fout(f"{wie}: {scheef[0]} {rij[scheef[0]]}", "aantallen op vijftallen")


def _is_te_klein(grondslag: object, woningen: int | None) -> bool:
    """Own figures of few dwellings; figures from outside are public already."""
    return grondslag == schema.GRONDSLAGEN[0] and (woningen or 0) < MINIMUM_WONINGEN


def _fout(gevonden: str, verwacht: str) -> ReleaseFout:
    return ReleaseFout(
        f"Wat naar partners gaat, zegt te veel: {gevonden}.",
        verwacht=verwacht,
        remedie="Geef alleen wat shield_publiek teruggeeft.",
    )
