"""From the warehouse to the draws (step 7) and the chance of a signal (step 9), and back into it.

Belongs here: which relation and column is which array, and the tables of schema ``buurtpeil`` that
these steps fill. Does not belong here: what they compute (``models.label``), when they run
(``orchestration.assets.label``).
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from models.label.themasignaal import compute_themasignaal
from models.label.trekking import LABELS, Maat, Onzekerheid, find_begin, trek_labels
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

    One peildatum and level at a time, so that memory does not grow with the history.
    """
    create_tables(warehouse, "onzekerheid")
    blokken = warehouse.execute(
        """
        select distinct niveau, peildatum
        from intermediate.int_label__label
        where grondslag = 'eigen' and score is not null
            and (niveau, peildatum) not in (
                select (niveau, peildatum) from buurtpeil.gepubliceerd_label
                where grondslag = 'eigen'
            )
        order by all
        """
    ).fetchall()
    maten = {niveau: _read_maat(warehouse, niveau) for niveau in {blok[0] for blok in blokken}}
    rijen = 0
    for klaar, (niveau, peildatum) in enumerate(blokken, start=1):
        frame = _draw(warehouse, niveau, peildatum, *maten[niveau])
        warehouse.register("trekking", frame)
        warehouse.execute("insert into buurtpeil.onzekerheid by name select * from trekking")
        warehouse.unregister("trekking")
        rijen += len(frame)
        voortgang.meld(klaar, len(blokken), f"{niveau} {peildatum}")
    return rijen


def _draw(
    warehouse: duckdb.DuckDBPyConnection,
    niveau: str,
    peildatum: Any,
    codes: list[str],
    themas: list[str],
    maat: Maat,
) -> pd.DataFrame:
    """Return the drawn labels of one level on one peildatum, a row per object and theme."""
    scores = (
        warehouse.execute(
            "select object_id, thema_code, score from intermediate.int_label__label "
            "where grondslag = 'eigen' and score is not null and niveau = ? and peildatum = ?",
            [niveau, peildatum],
        )
        .df()
        .pivot(index="object_id", columns="thema_code", values="score")
    )
    objecten = scores.index
    metingen = warehouse.execute(
        "select object_id, indicator_code, x, var_x, lading, "
        "gewicht / gewicht_aanwezig as aandeel, "
        "concat(object_id, '|', peildatum, '|', indicator_code) as sleutel "
        "from intermediate.int_label__gestandaardiseerd "
        "where grondslag = 'eigen' and niveau = ? and peildatum = ? order by all",
        [niveau, peildatum],
    ).df()
    metingen = metingen[metingen["object_id"].isin(objecten)]
    rij = objecten.get_indexer(pd.Index(metingen["object_id"]))
    kolom = pd.Index(codes).get_indexer(pd.Index(metingen["indicator_code"]))
    vorm = (len(objecten), len(codes))
    x, var_x, lading, gewicht = (np.zeros(vorm) for _ in range(4))
    begin = np.zeros(vorm, dtype=np.int64)
    x[rij, kolom] = metingen["x"]
    var_x[rij, kolom] = metingen["var_x"]
    lading[rij, kolom] = metingen["lading"]
    gewicht[rij, kolom] = metingen["aandeel"]
    begin[rij, kolom] = find_begin(metingen["sleutel"].tolist())
    gedeeld = [f"{naam}|{peildatum}|{thema}" for naam in objecten for thema in themas]
    score = scores.reindex(columns=[*themas, TOTAAL]).to_numpy(dtype=float)
    # A theme without enough of its weight has no score and does not count in the total.
    gewicht *= np.isfinite(score[:, maat.thema])
    return _as_frame(
        trek_labels(
            x,
            var_x,
            gewicht,
            score,
            begin,
            maat,
            lading=lading,
            begin_thema=find_begin(gedeeld).reshape(len(objecten), len(themas)),
        ),
        {"niveau": niveau, "grondslag": "eigen", "peildatum": peildatum},
        objecten.tolist(),
        [*themas, TOTAAL],
    )


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


def _as_frame(
    uit: Onzekerheid, vast: dict[str, Any], objecten: list[str], themas: list[str]
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            **vast,
            "object_id": np.repeat(objecten, len(themas)),
            "thema_code": np.tile(themas, len(objecten)),
            "standaardfout": uit.standaardfout.ravel(),
            **{f"kans_{k + 1}": uit.kans[:, :, k].ravel() for k in range(LABELS)},
            "label_laag": uit.laag.ravel(),
            "label_hoog": uit.hoog.ravel(),
        }
    )
    frame = frame[frame["standaardfout"].notna()].copy()
    for kolom in ("label_laag", "label_hoog"):
        frame[kolom] = frame[kolom].astype("Int64").where(frame["kans_1"].notna())
    return frame


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
