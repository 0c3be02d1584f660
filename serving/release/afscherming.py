"""What leaves out exact values of small cells, in every served and exported row alike.

Source: trust.md, "Small counts". The label itself is decided on exact counts, before this.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from serving.release.schema import THEMA_FINANCIEEL, THEMA_TOTAAL
from serving.release.stroom import build_key

_CEL = ("niveau", "beheerobject_id", "grondslag", "peildatum")
_EXACT = ("waarde", "gestandaardiseerd", "bijdrage")
_SCORE_STAP = 5.0
_AANDEEL_STAP = 0.1
_BIJDRAGE_STAP = 0.5


def _set(tabel: pa.Table, kolom: str, waarden: pa.Array) -> pa.Table:
    return tabel.set_column(tabel.column_names.index(kolom), tabel.schema.field(kolom), waarden)


def shield_indicatorwaarden(indicatoren: pa.Table) -> pa.Table:
    """Empty value, standardised value and contribution of banded rows.

    The last two have to go as well: with the frozen reference they give the value back.
    """
    gebandeerd = pc.fill_null(indicatoren["is_gebandeerd"], False)
    leeg = pa.scalar(None, pa.float64())
    for kolom in _EXACT:
        indicatoren = _set(indicatoren, kolom, pc.if_else(gebandeerd, leeg, indicatoren[kolom]))
    return indicatoren


def rank_bijdragen(indicatoren: pa.Table) -> pa.Array:
    """Return the contribution to order reasons by: rounded to halves where a row is banded."""
    gebandeerd = pc.fill_null(indicatoren["is_gebandeerd"], False)
    afgerond = pc.round_to_multiple(indicatoren["bijdrage"], _BIJDRAGE_STAP)
    keuze = pc.if_else(gebandeerd, afgerond, indicatoren["bijdrage"])
    return pc.fill_null(keuze, 0.0).combine_chunks()


def find_banded_labels(labels: pa.Table, indicatoren: pa.Table) -> pa.Array:
    """Return, per row of ``labels``, whether theme FIN of its cell rests on a banded value."""
    is_fin = pc.equal(indicatoren["thema_code"], THEMA_FINANCIEEL)
    gebandeerd = pc.and_(pc.fill_null(indicatoren["is_gebandeerd"], False), is_fin)
    cellen = pc.unique(build_key(indicatoren.filter(gebandeerd), _CEL))
    return pc.is_in(build_key(labels, _CEL), value_set=cellen)


def shield_labels(labels: pa.Table, gebandeerd: pa.Array) -> pa.Table:
    """Leave theme FIN its label only, where its cell is banded.

    The total's score is rounded to 5 and the shares of the other themes to a tenth, because
    total and shares together would give the score of FIN back.
    """
    leeg = pa.scalar(None, pa.float64())
    is_fin = pc.and_(gebandeerd, pc.equal(labels["thema_code"], THEMA_FINANCIEEL))
    is_totaal = pc.and_(gebandeerd, pc.equal(labels["thema_code"], THEMA_TOTAAL))
    score = labels["score"]
    score = pc.if_else(is_totaal, pc.round_to_multiple(score, _SCORE_STAP), score)
    labels = _set(labels, "score", pc.if_else(is_fin, leeg, score))
    aandeel = labels["aandeel_van_totaal"]
    grof = pc.round(pc.round_to_multiple(aandeel, _AANDEEL_STAP), 1)
    aandeel = pc.if_else(gebandeerd, grof, aandeel)
    return _set(labels, "aandeel_van_totaal", pc.if_else(is_fin, leeg, aandeel))
