"""The label on open data beside the city's own indices, from a run's warehouse.

Belongs here: which indices there are, what of the catalogue comes from each, and the queries.
Does not belong here: the arithmetic (``models.label.validatie``), what is printed (``cli``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from models.label.keten import Getal, Methode
from models.label.validatie import Openbaar, Samenhang, compute_scores, correlate
from orchestration.warehouse import open_warehouse
from vera.errors import GebruikFout

TOTAAL = "TOT"
_SLEUTEL = ["peildatum", "meeteenheid_id"]


@dataclass(frozen=True)
class Index:
    """An official figure, higher is better.

    Attributes
    ----------
    code, naam
        How it is called.
    tabellen
        Tables of the Wijkprofiel that it is made of: no indicator from them may take part.
    kolommen
        Its columns in the first of those; the figure is their mean.
    """

    code: str
    naam: str
    tabellen: tuple[str, ...]
    kolommen: tuple[str, ...]


INDICES = (
    Index("VI", "Veiligheidsindex", ("vi",), ("veiligheidsindex",)),
    Index("SI", "Sociale index", ("si",), ("sociale_index",)),
    Index("FI", "Fysieke index", ("fi_obj", "fi_subj"), ("fysieke_index",)),
    # A theme of the Veiligheidsindex, published in two halves; all of that index is left out.
    Index(
        "OVL",
        "Thema overlast van de Veiligheidsindex",
        ("vi",),
        ("overlast_subjectief_index", "overlast_objectief_index"),
    ),
)


@dataclass(frozen=True)
class Cijfer:
    """One figure of the check.

    Attributes
    ----------
    index, editie, thema
        Code of the official index, year of the edition, and theme (or ``TOT``).
    met_index
        Whether the index's own indicators took part: then it agrees with itself in part.
    samenhang
        The correlation.
    """

    index: str
    editie: int
    thema: str
    met_index: bool
    samenhang: Samenhang


@dataclass(frozen=True)
class Validatie:
    """The check as a whole.

    Attributes
    ----------
    cijfers
        Every figure, those without the index first.
    themas
        Themes that the total without each index is made of, by the code of that index.
    punten
        One row per index, edition and area: ``score`` (the total without it) and ``index``.
    scores
        One row per edition and area, with all indicators: a column per theme and ``TOT``.
    """

    cijfers: tuple[Cijfer, ...]
    themas: dict[str, tuple[str, ...]]
    punten: pd.DataFrame
    scores: pd.DataFrame


def validate(warehouse: Path) -> Validatie:
    """Compute every figure of the check.

    Raises
    ------
    GebruikFout
        When the warehouse is not there or holds no edition of the Wijkprofiel.
    TeWeinigGemeten
        When too few areas have both a score and an index.
    """
    openbaar, sleutel, themas, tabel, methode = _read_openbaar(warehouse)
    officieel = _read_officieel(warehouse, sleutel)
    namen = [*themas, TOTAAL]
    jaren = pd.DatetimeIndex(sleutel.get_level_values("peildatum")).year.to_numpy()
    alles = compute_scores(openbaar, np.zeros(len(tabel), dtype=bool), methode)
    cijfers: list[Cijfer] = []
    over: dict[str, tuple[str, ...]] = {}
    punten = []
    for index in INDICES:
        zonder = compute_scores(openbaar, np.isin(tabel, index.tabellen), methode)
        over[index.code] = tuple(
            thema for t, thema in enumerate(themas) if np.isfinite(zonder[:, t]).any()
        )
        punten.append(
            pd.DataFrame(
                {
                    "index": index.code,
                    "editie": jaren,
                    "meeteenheid_id": sleutel.get_level_values("meeteenheid_id"),
                    "score": zonder[:, -1],
                    "waarde": officieel[index.code],
                }
            )
        )
        for met_index, score in ((False, zonder), (True, alles)):
            for jaar in np.unique(jaren).tolist():
                for t, thema in enumerate(namen):
                    if not np.isfinite(score[:, t]).any():
                        continue
                    rij = jaren == jaar
                    samen = correlate(score[rij, t], officieel[index.code][rij])
                    cijfers.append(Cijfer(index.code, int(jaar), thema, met_index, samen))
    return Validatie(
        tuple(sorted(cijfers, key=lambda cijfer: cijfer.met_index)),
        over,
        pd.concat(punten, ignore_index=True),
        pd.DataFrame(alles, index=sleutel, columns=namen),
    )


def _read_openbaar(
    warehouse: Path,
) -> tuple[Openbaar, pd.MultiIndex, list[str], np.ndarray, Methode]:
    """Return what was published, the rows' key, the themes, each indicator's table, the method."""
    if not warehouse.exists():
        raise GebruikFout(
            "Er is nog geen warehouse in deze datamap.",
            verwacht="een datamap waarin een run is gedaan",
            remedie="draai eerst `buurtpeil run --leveringen <map>`",
        )
    with open_warehouse(warehouse) as db:
        lang = db.sql(
            "select peildatum, meeteenheid_id, indicator_code, x "
            "from intermediate.int_openbaar__indicator where niveau = 'buurt'"
        ).df()
        gewicht = db.sql(
            "select peildatum, meeteenheid_id, referentie_gewicht, is_referentie "
            "from intermediate.int_openbaar__gewicht "
            "inner join intermediate.int_openbaar__peildatum using (peildatum) "
            "where niveau = 'buurt'"
        ).df()
        catalogus = db.sql(
            "select indicator_code, thema_code, cast(gewicht as double) as gewicht, tabel "
            "from seeds.indicator_openbaar order by indicator_code"
        ).df()
        thema = db.sql(
            "select thema_code, cast(gewicht as double) as gewicht from seeds.thema "
            "order by volgorde"
        ).df()
        waarden = dict(db.sql("select naam, waarde from seeds.methode").fetchall())
    if lang.empty:
        raise GebruikFout(
            "Er is geen editie van het Wijkprofiel in dit warehouse.",
            verwacht="openbare leveringen met de tabellen vi, si, fi_obj en fi_subj",
            remedie="draai `buurtpeil run` op een map met die leveringen",
        )
    x = lang.pivot_table(index=_SLEUTEL, columns="indicator_code", values="x", dropna=False)
    x = x.reindex(columns=catalogus["indicator_code"]).sort_index()
    gewicht = gewicht.set_index(_SLEUTEL).reindex(x.index)
    themas = thema["thema_code"].tolist()
    return (
        Openbaar(
            x=x.to_numpy(dtype=float),
            woningen=gewicht["referentie_gewicht"].to_numpy(dtype=float, na_value=np.nan),
            in_r=gewicht["is_referentie"].to_numpy(dtype=bool),
            thema=np.array([themas.index(code) for code in catalogus["thema_code"]]),
            gewicht=catalogus["gewicht"].to_numpy(dtype=float),
            omega=thema["gewicht"].to_numpy(dtype=float),
        ),
        pd.MultiIndex.from_frame(x.index.to_frame()),
        themas,
        catalogus["tabel"].to_numpy(dtype=str),
        Methode.from_waarden(waarden),
    )


def _read_officieel(warehouse: Path, sleutel: pd.MultiIndex) -> dict[str, Getal]:
    """Return each official index in the order of the rows, NaN where not published."""
    with open_warehouse(warehouse) as db:
        lang = db.sql(
            "select peildatum, meeteenheid_id, tabel, index_code, waarde "
            "from intermediate.int_openbaar__index where niveau = 'buurt'"
        ).df()
    gevonden: dict[str, Getal] = {}
    for index in INDICES:
        eigen = lang[(lang["tabel"] == index.tabellen[0]) & lang["index_code"].isin(index.kolommen)]
        breed = eigen.pivot_table(index=_SLEUTEL, columns="index_code", values="waarde")
        # Half a theme is not the theme: a missing part leaves it unknown.
        midden = breed.reindex(columns=list(index.kolommen)).mean(axis=1, skipna=False)
        gevonden[index.code] = midden.reindex(sleutel).to_numpy(dtype=float)
    return gevonden
