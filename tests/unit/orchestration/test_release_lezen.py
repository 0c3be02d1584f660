"""A release of tables too long for memory is the one that they would give in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.assets import release as stap
from orchestration.warehouse import RELATIES
from serving.release import schema
from serving.release.schrijver import write_release
from tests.unit.serving.voorbeeld_release import INHOUD, build_tables


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The example's tables where a run has them, in no order."""
    with duckdb.connect() as verbinding:
        for laag in {relatie.split(".")[0] for relatie in RELATIES.values()}:
            verbinding.execute(f"create schema {laag}")
        voorbeeld = build_tables()
        for naam, relatie in RELATIES.items():
            tabel = voorbeeld.get(naam, schema.TABELLEN[naam].kolommen.empty_table())
            verbinding.register("inhoud", tabel)
            verbinding.execute(f"create table {relatie} as from inhoud order by random()")
            verbinding.unregister("inhoud")
        yield verbinding


def test_long_tables_give_the_release_that_they_give_in_memory(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namen = {}
    for grens in (10**9, 0):
        monkeypatch.setattr(stap, "_RIJEN_IN_GEHEUGEN", grens)
        monkeypatch.setattr(stap, "_RIJEN_PER_KEER", 7)
        tabellen = {naam: stap._read_tabel(warehouse, naam, {}) for naam in schema.TABELLEN}
        namen[grens] = write_release(tabellen, INHOUD, {}, tmp_path / str(grens)).name
        lang = [naam for naam, tabel in tabellen.items() if not isinstance(tabel, pa.Table)]
        assert len(lang) == (3 if grens == 0 else 0)
    assert namen[0] == namen[10**9]
