"""What the risk models read of the warehouse, and the calendar that they follow.

Belongs here: the data of one prediction as arrays, the tables that a run writes, which month
trains. Does not belong here: training and who scores (``risico_inzet``), scores
(``risico_score``), cards (``risico_kaart``), what is watched (``risico_bewaking``).

A model is trained on what was known on the first day of a half year (overlast) or year
(woonfraude). The same deliveries thus give the same version, whatever day the run is on, and a
version that the registry has is not trained again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from models.risico.paneel import Geheel, Getal, Paneel, Vlag
from models.risico.selectie import Onderzoeklog
from orchestration.risico_lezen import Rijplaats
from orchestration.risico_paneel import read_toegestaan
from orchestration.warehouse import find_laag
from orchestration.werkmap import DBT_MAP
from sources.organisatie import Beleidswijziging, Organisatie
from vera.werklijst import Model

SCORE: Final = "risicoscore"
MODEL: Final = "risicomodel"
KOLOMMEN: Final[Mapping[str, str]] = {
    SCORE: (
        "model varchar, complex_id varchar, peildatum date, scoreversie varchar, "
        "is_regel boolean, kans double, kans_laag double, kans_hoog double, rang integer, "
        "kans_top_k double, band varchar, redenen varchar, kans_piek double"
    ),
    MODEL: (
        "model varchar, peildatum date, stand varchar, scoreversie varchar, soort varchar, "
        "k integer, getraind_op date, aantal_complexen integer, zin varchar, gezakt varchar, "
        "kaart varchar"
    ),
}
"""What a run writes for dbt, in schema ``buurtpeil``."""
MAANDEN_GELDIG: Final[Mapping[Model, int]] = {"overlast": 6, "woonfraude": 12}
"""Months between trainings; the first of them is January."""
MAANDEN_UITLOOP = 9
"""Months after an escalation in which a complex is not scored, as in ``int_overlast__uitkomst``."""
_SINDS_ESCALATIE: Final = "escalatie_maanden_geleden"
HASHCIJFERS: Final = 12
"""Hexadecimal digits of a hash that people read."""


@dataclass(frozen=True, eq=False)
class Gegevens:
    """What the warehouse holds of one prediction.

    Attributes
    ----------
    paneel
        Complexes by month; ``buurt`` is an index into ``buurten``.
    buurten
        CBS code or own id, for the fairness report alone.
    samenstelling : ndarray, shape (B,)
        CBS figure per buurt; NaN where there is none. No model sees it.
    wijken
        Name of the wijk of each buurt, empty where none was delivered; for the fairness report.
    log
        Inspections (woonfraude); None of overlast.
    piek : ndarray, shape (R,), optional
        Whether a surge of reports followed (overlast, second head); NaN while open or out of the
        cohort.
    in_cohort : ndarray of bool, shape (R,), optional
        Complexes that are not known to be in the wash-out after an escalation (overlast).
    """

    paneel: Paneel
    buurten: tuple[str, ...]
    samenstelling: Getal
    log: Onderzoeklog | None = None
    piek: Getal | None = None
    in_cohort: Vlag | None = None
    wijken: tuple[str, ...] = ()


# --- reading


def create_tables(warehouse: duckdb.DuckDBPyConnection, *namen: str) -> None:
    """Make the tables of this step (all when none is named) anew, without rows."""
    for naam in namen or KOLOMMEN:
        warehouse.execute(f"create or replace table buurtpeil.{naam} ({KOLOMMEN[naam]})")


def read_overlast(warehouse: duckdb.DuckDBPyConnection) -> Gegevens:
    """Return the panel of overlast; without rows where no report was ever delivered."""
    plaats = Rijplaats.of(warehouse, _name("int_overlast__kenmerk"))
    paneel, buurten = plaats.build_paneel(read_toegestaan("overlast"))
    escalatie, piek = plaats.read_uitkomst(_name("int_overlast__uitkomst"), ["escalatie", "piek"])
    paneel = replace(paneel, y=escalatie)
    return Gegevens(
        paneel,
        buurten,
        read_samenstelling(warehouse, buurten),
        piek=piek,
        # Who learns must know of all nine months; who scores leaves out what is known to run.
        # A month of dossiers that comes late would else take every complex off the list.
        in_cohort=~(paneel.x[:, paneel.namen.index(_SINDS_ESCALATIE)] <= MAANDEN_UITLOOP),
        wijken=read_wijken(warehouse, buurten),
    )


def read_woonfraude(warehouse: duckdb.DuckDBPyConnection) -> Gegevens:
    """Return the panel of woonfraude with its inspections.

    The features hold no place (the firewall); the buurt of each complex comes from the list of
    complexes, for the fairness report and the intervals.
    """
    rijplaats = Rijplaats.of(warehouse, _name("int_woonfraude__kenmerk"))
    paneel, _ = rijplaats.build_paneel(read_toegestaan("woonfraude"))
    plaats = dict(
        warehouse.execute(
            "select complex_id, max(buurt_id) from intermediate.int_overlast__complexmaand "
            "group by complex_id"
        ).fetchall()
    )
    per_complex = [str(plaats.get(c) or c) for c in rijplaats.complexen.tolist()]
    buurten = tuple(sorted(set(per_complex)))
    van_complex = np.searchsorted(np.array(buurten), np.array(per_complex))
    paneel = replace(paneel, buurt=van_complex[rijplaats.nummer])
    rijen = warehouse.execute(
        "select complex_id, maand, bekend_vanaf, reden_code, selectiekans, is_treffer "
        "from woonfraude.int_woonfraude__onderzoek order by maand, onderzoek_id"
    ).df()
    kans = rijen["selectiekans"].to_numpy().astype(np.float64)
    log = Onderzoeklog(
        complex_id=rijen["complex_id"].to_numpy().astype(np.str_),
        maand=_to_maand(rijen["maand"]),
        bekend=_to_maand(rijen["bekend_vanaf"]),
        reden=rijen["reden_code"].to_numpy().astype(np.str_),
        # What was chosen had a chance: 0 is what rounding or a form left of an unknown one.
        selectiekans=np.where(kans > 0, kans, np.nan),
        is_treffer=rijen["is_treffer"].to_numpy().astype(np.float64),
    )
    return Gegevens(
        paneel,
        buurten,
        read_samenstelling(warehouse, buurten),
        log,
        wijken=read_wijken(warehouse, buurten),
    )


def read_samenstelling(warehouse: duckdb.DuckDBPyConnection, buurten: Sequence[str]) -> Getal:
    """Return the newest CBS figure of each buurt, shape (B,); NaN where there is none.

    The view that audits alone may read can be absent (a warehouse that is built in part): then
    nothing is known, the card is incomplete and the rule does the work.
    """
    is_er = warehouse.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'toetsing' and table_name = 'samenstelling'"
    ).fetchone()
    if not is_er or not is_er[0]:
        return np.full(len(buurten), np.nan)
    gevonden = dict(
        warehouse.execute(
            """
            select regio_code, max_by(
                coalesce(
                    niet_westers_pct, 100.0 * niet_westers_aantal / nullif(inwoners_aantal, 0)
                ), jaar
            )
            from toetsing.samenstelling
            where soort_regio = 'Buurt'
            group by regio_code
            """
        ).fetchall()
    )
    return np.array([np.nan if gevonden.get(b) is None else gevonden[b] for b in buurten])


def read_wijken(warehouse: duckdb.DuckDBPyConnection, buurten: Sequence[str]) -> tuple[str, ...]:
    """Return the name of the wijk of each buurt; empty where the association delivered none."""
    gevonden = dict(
        warehouse.execute(
            """
            select
                coalesce(buurt.id_gegevensbeheerder, buurt.buurt_id),
                min(coalesce(wijk.naam, wijk.id_gegevensbeheerder, buurt.wijk_id))
            from staging.stg_vera__buurt as buurt
            left join staging.stg_vera__wijk as wijk using (wijk_id)
            group by 1
            """
        ).fetchall()
    )
    return tuple(gevonden.get(buurt) or "" for buurt in buurten)


def _name(model: str) -> str:
    return f"{find_laag(model)}.{model}"


def _to_maand(kolom: pd.Series[Any]) -> Geheel:
    return kolom.to_numpy().astype("datetime64[M]").astype(np.int64)


def to_peilmaand(dag: date) -> int:
    """Return the months since 1970-01 of the first of the month of a day."""
    return (dag.year - 1970) * 12 + dag.month - 1


def to_peildatum(maand: int) -> date:
    """Return the first day of a month."""
    return date(1970 + maand // 12, maand % 12 + 1, 1)


# --- the calendar


def find_trainingsmaand(model: Model, nu: int) -> int:
    """Return the first month of the half year or year that a month is in.

    Examples
    --------
    >>> to_peildatum(find_trainingsmaand("overlast", to_peilmaand(date(2026, 9, 1))))
    datetime.date(2026, 7, 1)
    """
    return nu - nu % MAANDEN_GELDIG[model]


def hash_sql(*modellen: str) -> str:
    """Return the hash of the SQL of dbt models: what an outcome and its features are."""
    som = hashlib.sha256()
    for naam in modellen:
        (pad,) = DBT_MAP.glob(f"models/**/{naam}.sql")
        som.update(pad.read_bytes())
    return som.hexdigest()


def as_known(paneel: Paneel, t: int, horizon: int) -> Paneel:
    """Return the panel as it was known in month ``t``: later rows gone, open outcomes unknown."""
    deel = paneel.select(paneel.peilmaand <= t)
    return replace(deel, y=np.where(deel.peilmaand <= t - horizon, deel.y, np.nan))


def list_wijzigingen(
    organisatie: Organisatie, model: Model, t: int
) -> tuple[Beleidswijziging, ...]:
    """Return the known changes of policy of a model up to month ``t``; later ones teach later."""
    return tuple(
        w for w in organisatie.beleidswijzigingen if w.model == model and to_peilmaand(w.vanaf) <= t
    )


def make_rng(*delen: object) -> np.random.Generator:
    """Return a generator whose seed follows from what it is for."""
    tekst = "|".join(map(str, delen))
    zaad = int.from_bytes(hashlib.blake2b(tekst.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(zaad)
