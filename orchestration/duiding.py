"""The duidingen that a run starts from, as a table for dbt and as facts for the manifest.

Belongs here: carrying them over. Does not belong here: which duiding counts
(``serving.besluit``), adding it to a label (dbt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import duckdb

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
