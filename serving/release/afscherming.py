"""What leaves out exact values of small cells, in every served and exported row alike.

Source: trust.md, "Small counts". The label itself is decided on exact counts, before this; which
cells are small is decided in the mart, and so is what must go along with them between complex,
buurt and wijk. What comes out depends on a banded value only through the labels and the total
score in steps of five.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from serving.release.schema import THEMA_TOTAAL
from serving.release.stroom import build_key

_CEL = ("niveau", "beheerobject_id", "grondslag", "peildatum")
_AFGELEID = ("gestandaardiseerd", "bijdrage")
_EXACT_VERANDERING = ("effect", "verschil", "waarde", "vorige_waarde")
_SCORE_STAP = 5.0
_KANSEN = ("kans_1", "kans_2", "kans_3", "kans_4", "kans_5")


@dataclass(frozen=True)
class Banden:
    """Which rows of the labels rest on a banded value.

    ``thema`` marks rows of themes with a known label and a banded indicator, ``cel`` every row
    of a cell (object, grondslag, peildatum) that has such a theme.
    """

    thema: pa.Array
    cel: pa.Array


def _set(tabel: pa.Table, kolom: str, waarden: pa.Array) -> pa.Table:
    return tabel.set_column(tabel.column_names.index(kolom), tabel.schema.field(kolom), waarden)


def shield_indicatorwaarden(indicatoren: pa.Table, tellingen: Collection[str] = ()) -> pa.Table:
    """Empty of banded rows what is derived from the value, and the value where it is exact.

    With the frozen reference the standardised value and the contribution give the exact value
    back. A value stays of a banded area, which is a sum that says nothing of what is hidden in it,
    and of a banded count of a complex, which is on fives: both as the mart made them
    (``int_label__afscherming``).

    Parameters
    ----------
    indicatoren
        Rows of ``schema.INDICATORWAARDE``.
    tellingen
        Codes of the indicators that are counts.
    """
    mag = pc.or_(
        pc.not_equal(indicatoren["niveau"], "complex"),
        pc.is_in(indicatoren["indicator_code"], value_set=pa.array(sorted(tellingen), pa.string())),
    )
    dicht = pc.and_(pc.fill_null(indicatoren["is_gebandeerd"], False), pc.invert(mag))
    leeg = pa.scalar(None, indicatoren.schema.field("waarde").type)
    indicatoren = _set(indicatoren, "waarde", pc.if_else(dicht, leeg, indicatoren["waarde"]))
    return _empty_banded(indicatoren, _AFGELEID)


def shield_veranderingen(oorzaken: pa.Table) -> pa.Table:
    """Empty every figure of a cause that rests on a banded value, at either peildatum.

    What such a cause did to the total would give the banded value back, and so would the change
    of one. Which cause it is, and in which theme, stays.
    """
    return _empty_banded(oorzaken, _EXACT_VERANDERING)


def _empty_banded(rijen: pa.Table, kolommen: tuple[str, ...]) -> pa.Table:
    gebandeerd = pc.fill_null(rijen["is_gebandeerd"], False)
    for kolom in kolommen:
        leeg = pa.scalar(None, rijen.schema.field(kolom).type)
        rijen = _set(rijen, kolom, pc.if_else(gebandeerd, leeg, rijen[kolom]))
    return rijen


def find_bands(labels: pa.Table, indicatoren: pa.Table) -> Banden:
    """Find the rows of ``labels`` that rest on a banded row of ``indicatoren``."""
    klein = indicatoren.filter(pc.fill_null(indicatoren["is_gebandeerd"], False))
    op_thema = (*_CEL, "thema_code")
    geraakt = pc.is_in(build_key(labels, op_thema), value_set=pc.unique(build_key(klein, op_thema)))
    thema = pc.and_(geraakt, pc.is_valid(labels["sociaal_beheer_label"])).combine_chunks()
    cellen = build_key(labels, _CEL)
    return Banden(thema, pc.is_in(cellen, value_set=pc.unique(cellen.filter(thema))))


def shield_labels(labels: pa.Table, banden: Banden) -> pa.Table:
    """Leave a theme its label only, where it rests on a banded value.

    The total's score is rounded to 5 and the shares of the other themes are made from that
    rounded score, in tenths: exact ones would together give the banded theme back. So would the
    chances of labels: a banded theme has none and its total has them in tenths. Rows that were
    shielded before come out as they went in.
    """
    is_totaal = pc.equal(labels["thema_code"], THEMA_TOTAAL)
    cellen = build_key(labels, _CEL)
    score = labels["score"].combine_chunks()
    totaal = score.filter(is_totaal).take(
        pc.index_in(cellen, value_set=cellen.filter(is_totaal.combine_chunks()))
    )
    afgerond = pc.round_to_multiple(totaal, _SCORE_STAP)
    grof = _round_shares(labels["aandeel_van_totaal"].combine_chunks(), totaal, afgerond)
    leeg = pa.scalar(None, pa.float64())
    score = pc.if_else(pc.and_(banden.cel, is_totaal), afgerond, score)
    aandeel = pc.if_else(banden.cel, grof, labels["aandeel_van_totaal"])
    labels = _set(labels, "score", pc.if_else(banden.thema, leeg, score))
    labels = _shield_onzekerheid(labels, banden, is_totaal)
    return _set(labels, "aandeel_van_totaal", pc.if_else(banden.thema, leeg, aandeel))


def _shield_onzekerheid(labels: pa.Table, banden: Banden, is_totaal: pa.Array) -> pa.Table:
    leeg = pa.scalar(None, pa.float64())
    totaal = pc.and_(banden.cel, is_totaal)
    for kolom, decimalen in [(kans, 1) for kans in _KANSEN] + [("standaardfout", 0)]:
        grof = pc.if_else(totaal, pc.round(labels[kolom], decimalen), labels[kolom])
        labels = _set(labels, kolom, pc.if_else(banden.thema, leeg, grof))
    dicht = pc.or_(banden.thema, totaal)
    kolom = "standaardfout_gesloten"
    return _set(labels, kolom, pc.if_else(dicht, leeg, labels[kolom]))


def _round_shares(aandeel: pa.Array, totaal: pa.Array, afgerond: pa.Array) -> pa.Array:
    """Return what the shares of S² would be if the total were ``afgerond``, in tenths."""
    verhouding = pc.divide(totaal, afgerond)
    eerlijk = pc.round(pc.multiply(aandeel, pc.multiply(verhouding, verhouding)), 9)
    grof = pc.min_element_wise(pc.round(eerlijk, 1), 1.0, skip_nulls=False)
    return pc.if_else(pc.is_finite(eerlijk), grof, pa.scalar(None, pa.float64()))
