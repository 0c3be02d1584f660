"""Where draws begin, told by the warehouse as the method tells it."""

from __future__ import annotations

import duckdb

from models.label.trekking import find_begin
from orchestration import trekkingen


def test_the_warehouse_finds_the_same_begin_as_the_method() -> None:
    objecten = ["C1", "complex é", "", *(f"C{nummer}" for nummer in range(500))]
    with duckdb.connect() as verbinding:
        verbinding.execute("create table meting (object_id varchar, peildatum date, code varchar)")
        verbinding.executemany(
            "insert into meting values (?, date '2026-01-01', 'OVL_EPISODE')",
            [[id_] for id_ in objecten],
        )
        gevonden = dict(
            verbinding.execute(
                f"select object_id, {trekkingen._begin('code')} from meting"
            ).fetchall()
        )
    verwacht = find_begin([f"{id_}|2026-01-01|OVL_EPISODE" for id_ in objecten]).tolist()
    assert [gevonden[id_] for id_ in objecten] == verwacht
