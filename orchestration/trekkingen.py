"""From the warehouse to the draws (step 7) and the chance of a signal (step 9), and back into it.

Belongs here: which relation and column is which array, and the tables of schema ``buurtpeil`` that
these steps fill. Does not belong here: what they compute (``models.label``), when they run
(``orchestration.assets.label``).
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.label.themasignaal import compute_themasignaal
from models.label.trekking import LABELS, PLAATSEN, Maat, Onzekerheid, trek_labels
from orchestration.voortgang import Voortgang

TOTAAL = "TOT"
_KNIPPEN = [f"knip_{grens}" for grens in range(1, LABELS)]

_KOLOMMEN = {
    "onzekerheid": (
        "niveau varchar, grondslag varchar, object_id varchar, peildatum date, "
        "thema_code varchar, standaardfout double, kans_1 double, kans_2 double, kans_3 double, "
        "kans_4 double, kans_5 double, label_laag integer, label_hoog integer"
    ),
    "themasignaal": "beheereenheid_id varchar, thema_code varchar, peildatum date, kans double",
}


def create_tables(warehouse: duckdb.DuckDBPyConnection, *namen: str) -> None:
    """Make the tables of these steps (all of them when none is named) anew, without rows."""
    for naam in namen or _KOLOMMEN:
        warehouse.execute(f"create or replace table buurtpeil.{naam} ({_KOLOMMEN[naam]})")


def write_onzekerheid(warehouse: duckdb.DuckDBPyConnection, voortgang: Voortgang) -> int:
    """Draw every label that is not published yet; return the rows of ``buurtpeil.onzekerheid``.

    One peildatum at a time, so that memory does not grow with the history; all of its levels are
    read at once, as each reading goes through the whole table.
    """
    create_tables(warehouse, "onzekerheid")
    blokken = warehouse.execute(
        """
        select distinct peildatum, niveau
        from intermediate.int_label__label
        where grondslag = 'eigen' and score is not null
            and (niveau, peildatum) not in (
                select (niveau, peildatum) from buurtpeil.gepubliceerd_label
                where grondslag = 'eigen'
            )
        order by all
        """
    ).fetchall()
    maten = {niveau: _read_maat(warehouse, niveau) for niveau in {blok[1] for blok in blokken}}
    rijen = 0
    for peildatum, van_dag in groupby(enumerate(blokken, start=1), key=lambda blok: blok[1][0]):
        scores, metingen = _read_dag(warehouse, peildatum)
        for klaar, (_, niveau) in van_dag:
            tabel = _draw(
                _select_niveau(scores, niveau),
                _select_niveau(metingen, niveau),
                {"niveau": niveau, "grondslag": "eigen", "peildatum": peildatum},
                *maten[niveau],
            )
            warehouse.register("trekking", tabel)
            warehouse.execute("insert into buurtpeil.onzekerheid by name select * from trekking")
            warehouse.unregister("trekking")
            rijen += tabel.num_rows
            voortgang.meld(klaar, len(blokken), f"{niveau} {peildatum}")
    return rijen


def _read_dag(warehouse: duckdb.DuckDBPyConnection, peildatum: date) -> tuple[pa.Table, pa.Table]:
    """Return the scores and the measurements of one peildatum, with where their draws begin."""
    scores = warehouse.sql(
        f"select niveau, object_id, thema_code, score, {_begin('thema_code')} as begin "
        "from intermediate.int_label__label "
        "where grondslag = 'eigen' and score is not null and peildatum = ? "
        "order by niveau, object_id",
        params=[peildatum],
    ).to_arrow_table()
    metingen = warehouse.sql(
        "select niveau, object_id, indicator_code, x, var_x, lading, "
        f"gewicht / gewicht_aanwezig as aandeel, {_begin('indicator_code')} as begin "
        "from intermediate.int_label__gestandaardiseerd "
        "where grondslag = 'eigen' and peildatum = ?",
        params=[peildatum],
    ).to_arrow_table()
    return scores, metingen


def _select_niveau(rijen: pa.Table, niveau: str) -> pa.Table:
    return rijen.filter(pc.equal(rijen["niveau"], niveau))


def _draw(
    scores: pa.Table,
    metingen: pa.Table,
    vast: dict[str, Any],
    codes: list[str],
    themas: list[str],
    maat: Maat,
) -> pa.Table:
    """Return the drawn labels of one level on one peildatum, a row per object and theme.

    Parameters
    ----------
    scores, metingen
        Of that level, as ``_read_dag`` gives them.
    vast
        Columns that are the same in every row.
    codes, themas, maat
        As ``_read_maat`` gives them.
    """
    objecten = pc.unique(scores["object_id"])
    plek = (
        _index(scores["object_id"], objecten),
        _index(scores["thema_code"], pa.array([*themas, TOTAAL])),
    )
    vorm = (len(objecten), len(themas) + 1)
    score = np.full(vorm, np.nan)
    begin_thema = np.zeros(vorm, dtype=np.int64)
    score[plek], begin_thema[plek] = scores["score"], scores["begin"]
    metingen = metingen.filter(pc.is_in(metingen["object_id"], value_set=objecten))
    plek = (
        _index(metingen["object_id"], objecten),
        _index(metingen["indicator_code"], pa.array(codes)),
    )
    vorm = (len(objecten), len(codes))
    x, var_x, lading, gewicht = (np.zeros(vorm) for _ in range(4))
    begin = np.zeros(vorm, dtype=np.int64)
    x[plek], var_x[plek], lading[plek] = metingen["x"], metingen["var_x"], metingen["lading"]
    gewicht[plek], begin[plek] = metingen["aandeel"], metingen["begin"]
    # A theme without enough of its weight has no score and does not count in the total.
    gewicht *= np.isfinite(score[:, maat.thema])
    return _as_table(
        trek_labels(
            x,
            var_x,
            gewicht,
            score,
            begin,
            maat,
            lading=lading,
            begin_thema=begin_thema[:, : len(themas)],
        ),
        vast,
        objecten,
        [*themas, TOTAAL],
    )


def _begin(deel: str) -> str:
    """Return SQL of ``models.label.trekking.find_begin`` for the key that ends in ``deel``."""
    # There is a power of two of places; a remainder of so large a number takes ten times as long.
    som = f"md5_number(concat(object_id, '|', peildatum, '|', {deel}))"
    return f"({som} & {PLAATSEN - 1}::uhugeint)::integer"


def _index(kolom: pa.ChunkedArray, waarden: pa.Array) -> npt.NDArray[np.int32]:
    """Return where each value of a column stands among ``waarden``, which have all of them."""
    plek: npt.NDArray[np.int32] = pc.index_in(kolom, value_set=waarden).to_numpy()
    return plek


def _read_maat(
    warehouse: duckdb.DuckDBPyConnection, niveau: str
) -> tuple[list[str], list[str], Maat]:
    """Return the indicators and themes in order, and what they are measured against."""
    themas = warehouse.execute("select thema_code, gewicht from seeds.thema order by all").df()
    ligging = warehouse.execute(
        """
        select ligging.indicator_code, ligging.mediaan, ligging.schaal, indicator.thema_code
        from intermediate.int_referentie__ligging as ligging
        inner join intermediate.int_methode__indicator as indicator
            using (grondslag, indicator_code)
        where grondslag = 'eigen' order by all
        """
    ).df()
    schaal = _read_per_thema(warehouse, "schaal", niveau)
    knip = _read_per_thema(warehouse, "knip", niveau)
    [(macht, afkap)] = warehouse.execute(
        "select macht_totaal, afkap_u from intermediate.int_methode__parameter"
    ).fetchall()
    codes = themas["thema_code"].tolist()
    return (
        ligging["indicator_code"].tolist(),
        codes,
        Maat(
            thema=np.asarray(pd.Index(codes).get_indexer(pd.Index(ligging["thema_code"]))),
            mediaan=ligging["mediaan"].to_numpy(dtype=float),
            schaal=ligging["schaal"].to_numpy(dtype=float),
            kappa=schaal.reindex(codes)["kappa"].to_numpy(dtype=float),
            omega=themas["gewicht"].to_numpy(dtype=float),
            knippen=knip.reindex([*codes, TOTAAL])[_KNIPPEN].to_numpy(dtype=float),
            macht=float(macht),
            afkap=float(afkap),
        ),
    )


def _read_per_thema(warehouse: duckdb.DuckDBPyConnection, deel: str, niveau: str) -> pd.DataFrame:
    frame: pd.DataFrame = warehouse.execute(
        f"select * from intermediate.int_referentie__{deel} "
        "where grondslag = 'eigen' and niveau = ?",
        [niveau],
    ).df()
    return frame.set_index("thema_code")


def _as_table(
    uit: Onzekerheid, vast: dict[str, Any], objecten: pa.Array, themas: list[str]
) -> pa.Table:
    """Return a row per object and theme with a score; a label is empty where it is unknown."""
    aantal = len(objecten) * len(themas)
    rij, thema = np.divmod(np.arange(aantal), len(themas))
    onbekend = np.isnan(uit.kans[:, :, 0]).ravel()
    tabel = pa.table(
        {
            **{naam: pa.repeat(waarde, aantal) for naam, waarde in vast.items()},
            "object_id": objecten.take(rij),
            "thema_code": pa.array(themas).take(thema),
            "standaardfout": uit.standaardfout.ravel(),
            **{
                f"kans_{k + 1}": pa.array(uit.kans[:, :, k].ravel(), from_pandas=True)
                for k in range(LABELS)
            },
            "label_laag": pa.array(uit.laag.ravel(), mask=onbekend),
            "label_hoog": pa.array(uit.hoog.ravel(), mask=onbekend),
        }
    )
    return tabel.filter(pa.array(np.isfinite(uit.standaardfout.ravel())))


def write_themasignaal(warehouse: duckdb.DuckDBPyConnection) -> int:
    """Judge every count of ``int_signaal__telling``; return the rows written."""
    telling = warehouse.execute("select * from intermediate.int_signaal__telling order by all").df()
    telling["kans"] = np.round(
        compute_themasignaal(
            telling["aantal_recent"].to_numpy(dtype=float),
            telling["aantal_eerder"].to_numpy(dtype=float),
            telling["phi"].to_numpy(dtype=float),
            maanden_recent=telling["maanden_recent"].to_numpy(dtype=float),
            maanden_eerder=telling["maanden_eerder"].to_numpy(dtype=float),
            q=telling["signaal_toename"].to_numpy(dtype=float),
        ),
        9,
    )
    create_tables(warehouse, "themasignaal")
    warehouse.register("signaal", telling)
    warehouse.execute(
        "insert into buurtpeil.themasignaal "
        "select beheereenheid_id, thema_code, peildatum::date, kans from signaal"
    )
    warehouse.unregister("signaal")
    return len(telling)
