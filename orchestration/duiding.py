"""The duidingen that a run starts from, as a table for dbt and as facts for the manifest.

Belongs here: carrying them over, counting them. Does not belong here: which duiding counts
(``serving.besluit``), adding it to a label (dbt).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import duckdb

from serving.besluit.aandeel import Duidingaandeel
from serving.besluit.duiding import ALARM_AANDEEL
from vera.duiding import Regel


def create_table(warehouse: duckdb.DuckDBPyConnection, regels: Sequence[Regel]) -> dict[str, int]:
    """Give dbt the duidingen that count as ``buurtpeil.duiding``; return its row count."""
    warehouse.execute(
        "create or replace table buurtpeil.duiding (niveau varchar, beheerobject_id varchar, "
        "peildatum date, delta integer, reden_code varchar)"
    )
    if regels:
        warehouse.executemany(
            "insert into buurtpeil.duiding values (?, ?, ?, ?, ?)", [astuple(r) for r in regels]
        )
    return {"duiding": len(regels)}


def read_table(warehouse: duckdb.DuckDBPyConnection) -> tuple[Regel, ...]:
    """Return the duidingen that dbt was given."""
    rijen = warehouse.execute(
        "select niveau, beheerobject_id, peildatum, delta, reden_code from buurtpeil.duiding "
        "order by all"
    ).fetchall()
    return tuple(Regel(*rij) for rij in rijen)


def say_aandeel(aandeel: Duidingaandeel | None) -> str:
    """Say the override rate in a sentence, and what to do when it is high."""
    if aandeel is None or not aandeel.met_label:
        return "Er zijn geen complexen met een label."
    zin = (
        f"{aandeel.met_duiding} van de {aandeel.met_label} complexen met een label hebben op "
        f"{aandeel.peildatum} een duiding ({aandeel.aandeel:.1%})"
    ).replace(".", ",")
    if not aandeel.is_alarm:
        return f"{zin}."
    return (
        f"{zin}. Dat is meer dan {ALARM_AANDEEL:.0%}: bekijk de redenen met `buurtpeil duiding "
        "list` en of de methode nog past."
    )


def describe_aandeel(aandeel: Duidingaandeel) -> dict[str, Any]:
    """Return the override rate as metadata of an asset or a check."""
    return {
        "complexen met label": aandeel.met_label,
        "complexen met duiding": aandeel.met_duiding,
        "aandeel met duiding": round(aandeel.aandeel, 4),
    }


def measure_aandeel(warehouse: duckdb.DuckDBPyConnection) -> Duidingaandeel | None:
    """Return the share of labelled complexes with a duiding; None without any complex.

    Read from what the build used, not from the store: somebody may have decided since.
    """
    laatste = warehouse.execute(
        """
        select
            peildatum,
            count(sociaal_beheer_label),
            count(case when sociaal_beheer_label is not null and duiding_delta <> 0 then 1 end)
        from mart.mart_label__sociaal_beheer_label
        where niveau = 'complex' and grondslag = 'eigen' and thema_code = 'TOT'
        group by peildatum
        order by peildatum desc
        limit 1
        """
    ).fetchone()
    if laatste is None:
        return None
    regels = warehouse.execute("select * from buurtpeil.duiding order by all").fetchall()
    tekst = json.dumps(regels, default=str, separators=(",", ":"))
    peildatum, met_label, met_duiding = laatste
    return Duidingaandeel(
        peildatum=peildatum,
        met_label=met_label,
        met_duiding=met_duiding,
        aantal=len(regels),
        sha256=hashlib.sha256(tekst.encode()).hexdigest(),
    )
