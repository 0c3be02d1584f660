"""The preventiemaatregelen that a run starts from, as a table for dbt.

Belongs here: carrying them over. Does not belong here: recording them (``serving.besluit``), what
they did (``maatregel``). They are in no label, feature or release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import duckdb

from vera.maatregel import Preventieregel

TABEL = "preventiemaatregel"


def create_table(
    warehouse: duckdb.DuckDBPyConnection, regels: Sequence[Preventieregel]
) -> dict[str, int]:
    """Give dbt ``buurtpeil.preventiemaatregel``; return its row count."""
    warehouse.execute(
        f"create or replace table buurtpeil.{TABEL} (maatregel_id integer, complex_id varchar, "
        "soort_code varchar, begindatum date, einddatum date, bekend_op date)"
    )
    if regels:
        warehouse.executemany(
            f"insert into buurtpeil.{TABEL} values (?, ?, ?, ?, ?, ?)",
            [astuple(regel) for regel in regels],
        )
    return {TABEL: len(regels)}
