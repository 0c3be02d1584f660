"""After a purge the columns of its tables are still known, as long as their SQL is the same."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.bewaren import shrink_warehouse
from orchestration.dbt_step import MANIFEST
from orchestration.doelbinding import read_gebruik
from orchestration.kolomlijst import keep_kolommen, read_kolommen
from orchestration.werkmap import Werkmap
from vera.contract import Contract
from vera.errors import BuurtpeilError

DAG = "2026-11-01"
PERSONEN = ("intermediate", "int_label__gebeurtenis")


def write_manifest(map_: Werkmap, bouw: str) -> None:
    """Write the manifest of a project with one model on one table."""
    map_.dbt.mkdir(parents=True, exist_ok=True)
    knoop = {
        "resource_type": "model", "name": "mart_a", "schema": "mart", "alias": "mart_a",
        "depends_on": {"nodes": ["model.b.x"]}, "original_file_path": "models/mart_a.sql",
        "config": {},
    }  # fmt: skip
    ouder = {
        **knoop, "name": PERSONEN[1], "schema": PERSONEN[0], "alias": PERSONEN[1],
        "depends_on": {"nodes": []},
    }  # fmt: skip
    inhoud = {
        "metadata": {"invocation_id": bouw, "project_name": "b"},
        "nodes": {"model.b.mart_a": knoop, "model.b.x": ouder},
        "sources": {},
    }
    (map_.dbt / MANIFEST).write_text(json.dumps(inhoud), encoding="utf-8")
    sql = map_.dbt / "compiled" / "b" / "models" / "mart_a.sql"
    sql.parent.mkdir(parents=True, exist_ok=True)
    sql.write_text(f'select * from "{PERSONEN[0]}"."{PERSONEN[1]}"', encoding="utf-8")


@pytest.fixture
def map_(tmp_path: Path) -> Werkmap:
    werkmap = Werkmap.of(tmp_path)
    write_manifest(werkmap, "bouw-1")
    with duckdb.connect(str(werkmap.warehouse)) as db:
        db.execute("create schema intermediate")
        db.execute("create table intermediate.int_label__gebeurtenis (zaak_id varchar, dag date)")
    return werkmap


def purge(map_: Werkmap) -> None:
    from datetime import date

    shrink_warehouse(map_, Contract(()), date.fromisoformat(DAG))


def test_what_a_product_is_made_of_can_be_read_between_a_purge_and_the_next_run(
    map_: Werkmap,
) -> None:
    purge(map_)
    with duckdb.connect(str(map_.warehouse), read_only=True) as db:
        assert db.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]

    gebruik = read_gebruik(map_.dbt, map_.warehouse)

    assert gebruik.list_kolommen("model.b.mart_a") == ["zaak_id", "dag"]


def test_second_purge_in_a_row_leaves_what_the_first_one_kept(map_: Werkmap) -> None:
    purge(map_)
    eerst = read_kolommen(map_.dbt)
    purge(map_)

    assert eerst == {PERSONEN: ["zaak_id", "dag"]}
    assert read_kolommen(map_.dbt) == eerst


def test_columns_of_before_are_not_those_of_the_next_build(map_: Werkmap) -> None:
    purge(map_)
    write_manifest(map_, "bouw-2")

    assert read_kolommen(map_.dbt) is None
    with pytest.raises(BuurtpeilError):
        read_gebruik(map_.dbt, map_.warehouse).list_kolommen("model.b.mart_a")


def test_nothing_is_kept_where_dbt_never_ran(tmp_path: Path) -> None:
    keep_kolommen(tmp_path, tmp_path / "er is geen warehouse.duckdb")
    assert read_kolommen(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
