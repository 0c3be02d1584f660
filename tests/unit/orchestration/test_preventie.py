"""What a run is given of prevention: place, kind and days."""

from __future__ import annotations

from datetime import date

import duckdb

from orchestration.preventie import create_table
from vera.maatregel import Preventieregel

REGELS = (
    Preventieregel(1, "C1", "voorlichting", date(2026, 11, 20), None, date(2026, 11, 24)),
    Preventieregel(2, "C2", "huisbezoek", date(2026, 12, 1), date(2026, 12, 31), date(2026, 12, 2)),
)


def test_run_gets_every_row_once_and_a_repeat_replaces_it() -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema buurtpeil")
        assert create_table(warehouse, ()) == {"preventiemaatregel": 0}
        for _ in range(2):
            assert create_table(warehouse, REGELS) == {"preventiemaatregel": 2}
        gelezen = warehouse.execute(
            "select maatregel_id, complex_id, soort_code, begindatum, einddatum, bekend_op "
            "from buurtpeil.preventiemaatregel order by maatregel_id"
        ).fetchall()
    assert [Preventieregel(*rij) for rij in gelezen] == list(REGELS)
