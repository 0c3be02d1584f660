"""The file of a what-if in a release: made from the mart, read back as arrays.

It is not an export and no address gives it. What is in it follows from what is published
(``afscherming``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serving.release import schema
from serving.release.stroom import build_key
from serving.release.winkel import Uitgave
from serving.wat_als.afscherming import Gepubliceerd, approximate_scores
from serving.wat_als.rekening import MACHT_GEPUBLICEERD, THEMAS, Keuze, Portefeuille

_OBJECT: Final = ("niveau", "beheerobject_id")
_CEL: Final = (*_OBJECT, "peildatum")
_KNIPPEN: Final = ("knip_1", "knip_2", "knip_3", "knip_4")
_SCORES: Final = tuple(f"score_{thema.lower()}" for thema in THEMAS)


def read_gewichten(themas: list[dict[str, Any]]) -> Keuze:
    """Return the published weights from the release's themes, and the method's power."""
    gewichten = {thema["thema_code"]: float(thema["gewicht"] or 0.0) for thema in themas}
    return Keuze(tuple(gewichten.get(thema, 0.0) for thema in THEMAS), MACHT_GEPUBLICEERD)


def build_tabel(rijen: pa.Table, gepubliceerd: Keuze) -> pa.Table:
    """Return one row per object and peildatum, without exact scores of small cells.

    Parameters
    ----------
    rijen
        ``schema.WAT_ALS``: one row per object, peildatum and theme, in key order.
    gepubliceerd
        The published weights.

    Returns
    -------
    pyarrow.Table
        Ids of current objects only, raw label, dwellings, five theme scores (empty where the
        total is unknown), the total's cut-points and three marks.
    """
    totaal = rijen.filter(pc.equal(rijen["thema_code"], schema.THEMA_TOTAAL)).combine_chunks()
    per_thema = _pivot(rijen, totaal)
    scores = _stack(per_thema, "score")
    gebandeerd = _stack(per_thema, "is_gebandeerd") > 0
    cellen = Gepubliceerd(
        scores=scores,
        is_gebandeerd=gebandeerd,
        labels=_as_labels(_stack(per_thema, "ruw_sociaal_beheer_label")),
        knippen=np.stack([_stack(per_thema, knip) for knip in _KNIPPEN], axis=-1),
        totaal=_as_floats(totaal["score"]),
        totaal_label=_as_labels(_as_floats(totaal["ruw_sociaal_beheer_label"])),
        totaal_knippen=np.stack([_as_floats(totaal[knip]) for knip in _KNIPPEN], axis=-1),
    )
    benaderd = approximate_scores(cellen, gepubliceerd)
    bekend = ~np.isnan(cellen.totaal)
    benaderd[~bekend] = np.nan
    is_benaderd = (gebandeerd & ~np.isnan(benaderd)).any(axis=1)
    tabel = pa.table(
        {
            "niveau": totaal["niveau"],
            "beheerobject_id": pc.if_else(
                totaal["is_actueel"], totaal["beheerobject_id"], pa.scalar(None, pa.string())
            ),
            "verhuureenheden_aantal": totaal["verhuureenheden_aantal"],
            "is_actueel": totaal["is_actueel"],
            "is_referentieperiode": totaal["is_referentieperiode"],
            "ruw_sociaal_beheer_label": totaal["ruw_sociaal_beheer_label"],
            "is_benaderd": pa.array(is_benaderd),
            **{
                naam: pa.array(benaderd[:, kolom], from_pandas=True)
                for kolom, naam in enumerate(_SCORES)
            },
            **{knip: totaal[knip] for knip in _KNIPPEN},
        }
    )
    # A past quarter without a total has nothing to estimate from.
    return tabel.filter(pc.or_(tabel["is_actueel"], pa.array(bekend)))


def write_bestand(delen: Iterable[pa.Table], gepubliceerd: Keuze, pad: Path) -> int:
    """Write the file to ``pad`` and return its number of rows.

    Parameters
    ----------
    delen
        The rows of ``schema.WAT_ALS`` in key order, cut anywhere. A cell is a matter of itself,
        so they are reckoned with a part at a time.
    gepubliceerd
        The published weights.
    pad
        The file.
    """
    gebouwd = [build_tabel(deel, gepubliceerd) for deel in _cut_at_objects(delen)]
    # In one piece, or the pages of the file would tell how the rows came.
    tabel = pa.concat_tables(gebouwd or [build_tabel(_make_leeg(), gepubliceerd)]).combine_chunks()
    pq.write_table(tabel, pad, compression="zstd", compression_level=1)
    return int(tabel.num_rows)


def _make_leeg() -> pa.Table:
    # Not once for all: making a table loads pandas, which a service need not wait for.
    return schema.WAT_ALS.kolommen.empty_table()


def _cut_at_objects(delen: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows, the rows of an object together."""
    rest = _make_leeg()
    for deel in delen:
        samen = pa.concat_tables([rest, deel]).combine_chunks()
        sleutels = build_key(samen, _OBJECT)
        # In key order: the last object, which may go on in the next part, is at the end.
        af = int(pc.sum(pc.not_equal(sleutels, sleutels[-1])).as_py() or 0) if len(sleutels) else 0
        if af:
            yield samen.slice(0, af)
        rest = samen.slice(af)
    if rest.num_rows:
        yield rest


def read_portefeuille(uitgave: Uitgave, niveau: str) -> Portefeuille | None:
    """Return the arrays of one niveau, read once per release.

    Returns
    -------
    Portefeuille or None
        None when the release has nothing to compute a what-if of this niveau from.
    """
    portefeuille: Portefeuille | None = uitgave.remember(
        ("wat_als", niveau), lambda: _read(uitgave, niveau)
    )
    return portefeuille


def _read(uitgave: Uitgave, niveau: str) -> Portefeuille | None:
    if schema.BESTAND_WAT_ALS not in uitgave.manifest["bestanden"]:
        return None
    tabel = pq.read_table(uitgave.find_bestand(schema.BESTAND_WAT_ALS))
    van_niveau = tabel.filter(pc.equal(tabel["niveau"], niveau))
    # Wijken are too few to estimate from: theirs are the cut-points of buurten (ADR 0006).
    bron_r = "buurt" if niveau == "wijk" else niveau
    in_r = tabel.filter(pc.and_(pc.equal(tabel["niveau"], bron_r), tabel["is_referentieperiode"]))
    nu = van_niveau.filter(van_niveau["is_actueel"])
    if not nu.num_rows or not in_r.num_rows:
        return None
    return Portefeuille(
        beheerobject_id=tuple(nu["beheerobject_id"].to_pylist()),
        verhuureenheden=_as_labels(_as_floats(nu["verhuureenheden_aantal"])),
        scores=np.stack([_as_floats(nu[naam]) for naam in _SCORES], axis=1),
        ruw_label=_as_labels(_as_floats(nu["ruw_sociaal_beheer_label"])),
        is_benaderd=np.asarray(nu["is_benaderd"].to_numpy(), dtype=np.bool_),
        scores_r=np.stack([_as_floats(in_r[naam]) for naam in _SCORES], axis=1),
        verhuureenheden_r=_as_labels(_as_floats(in_r["verhuureenheden_aantal"])),
        knippen=np.array([_as_floats(nu[knip])[0] for knip in _KNIPPEN]),
    )


def _pivot(rijen: pa.Table, totaal: pa.Table) -> Mapping[str, pa.Table]:
    """Return per theme the rows of the same cells as ``totaal``, in its order."""
    cellen = build_key(totaal, _CEL)
    per_thema = {}
    for thema in THEMAS:
        deel = rijen.filter(pc.equal(rijen["thema_code"], thema)).combine_chunks()
        per_thema[thema] = deel.take(pc.index_in(cellen, value_set=build_key(deel, _CEL)))
    return per_thema


def _stack(per_thema: Mapping[str, pa.Table], kolom: str) -> Any:
    return np.stack([_as_floats(per_thema[thema][kolom]) for thema in THEMAS], axis=1)


def _as_floats(kolom: pa.ChunkedArray) -> Any:
    """Return numbers or marks as floats, empty as NaN."""
    if pa.types.is_boolean(kolom.type):
        kolom = kolom.cast(pa.int8())
    return kolom.cast(pa.float64()).to_numpy()


def _as_labels(waarden: Any) -> Any:
    return np.nan_to_num(waarden, nan=0.0).astype(np.int64)
