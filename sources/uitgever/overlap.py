"""Takes each row of an edition once when two files of a publisher hold it.

The police publish one national list; extracts of it go round as well. Both may lie in the
folder. The larger file wins; equal rows of the smaller are dropped, other rows added, and a
row that says something else under the same key is rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from sources.uitgever.gelezen import Gelezen
from vera.contract import Bron
from vera.levering import Afkeuring

_GEZIEN = dict[tuple[object, ...], tuple[tuple[object, ...], str]]


def drop_overlap(
    bron: Bron, per_bestand: Sequence[tuple[Path, list[Gelezen]]]
) -> list[tuple[Path, list[Gelezen]]]:
    """Return the same files with every row of an edition kept once.

    Parameters
    ----------
    bron
        The source's contract, for the keys.
    per_bestand
        What each file held.

    Returns
    -------
    list
        Same order. A file of which nothing is left has an empty list. Sources without
        editions (``editie`` None) are left as they are: there a second file is a second
        delivery.
    """
    volgorde = sorted(
        ((pad, deel) for pad, delen in per_bestand for deel in delen if deel.editie is not None),
        key=lambda item: (-item[1].rijen.num_rows, item[0].name),
    )
    gezien: dict[tuple[str, int | None], _GEZIEN] = {}
    over: dict[tuple[Path, str], Gelezen] = {}
    for pad, deel in volgorde:
        sleutel = bron.tabel(deel.tabel).sleutel
        eerder = gezien.setdefault((deel.tabel, deel.editie), {})
        over[pad, deel.tabel] = (
            _subtract(deel, eerder, sleutel, bron.tabel(deel.tabel).id, pad.name)
            if eerder
            else deel
        )
        for rij in _rijen(over[pad, deel.tabel].rijen, sleutel):
            eerder.setdefault(rij[0], (rij[1], pad.name))
    resultaat = []
    for pad, delen in per_bestand:
        kept = [over.get((pad, deel.tabel), deel) for deel in delen]
        is_leeg = all(
            k is not d and not k.rijen.num_rows and not k.afkeuringen
            for k, d in zip(kept, delen, strict=True)
        )
        resultaat.append((pad, [] if is_leeg else kept))
    return resultaat


def _subtract(
    deel: Gelezen, eerder: _GEZIEN, sleutel: Sequence[str], tabel_id: str, bestand: str
) -> Gelezen:
    """Drop the rows that an earlier file of this edition had."""
    houden = []
    afkeuringen = list(deel.afkeuringen)
    for i, (waarde_sleutel, inhoud) in enumerate(_rijen(deel.rijen, sleutel)):
        bekend = eerder.get(waarde_sleutel)
        if bekend is None:
            houden.append(i)
        elif bekend[0] != inhoud:
            regel = deel.rijen["_regel"][i].as_py()
            reden = f"andere waarden dan dezelfde rij in {bekend[1]}"
            afkeuringen.append(Afkeuring(tabel_id, bestand, regel, "", "rij", reden))
    rijen = deel.rijen.take(pa.array(houden, pa.int64()))
    return replace(deel, rijen=rijen, afkeuringen=afkeuringen)


def _rijen(
    rijen: pa.Table, sleutel: Sequence[str]
) -> list[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Return (key, content) per row; the line number is no content."""
    namen = [naam for naam in rijen.column_names if naam != "_regel"]
    inhoud = list(zip(*(rijen[naam].to_pylist() for naam in namen), strict=True))
    plekken = [namen.index(naam) for naam in sleutel]
    return [(tuple(rij[p] for p in plekken), rij) for rij in inhoud]
