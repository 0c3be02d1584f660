"""A release of tables too long for memory is the one that they would give in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration import archief
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
    with archief.build_archief(warehouse, tmp_path / "archief", {}) as bouw:
        for lang in (frozenset[str](), archief._LANG):
            monkeypatch.setattr(archief, "_LANG", lang)
            monkeypatch.setattr(archief, "_RIJEN_PER_KEER", 7)
            tabellen = {n: archief.read_tabel(warehouse, n, {}, bouw) for n in schema.TABELLEN}
            in_geheugen = {naam for naam, bron in tabellen.items() if isinstance(bron, pa.Table)}
            assert in_geheugen == set(schema.TABELLEN) - lang
            namen[len(lang)] = write_release(tabellen, INHOUD, {}, tmp_path / str(len(lang))).name
    assert namen[0] == namen[3]


def test_tables_of_a_release_keep_their_place_until_it_has_a_name(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / ".bouw").mkdir()
    (tmp_path / ".bouw" / "rest.parquet").touch()
    with archief.build_archief(warehouse, tmp_path, {}) as bouw:
        archief.place_archief(bouw, tmp_path / "0123456789ab")
    assert [map_.name for map_ in tmp_path.iterdir()] == ["0123456789ab"]
    assert archief.LABELS in {pad.name for pad in (tmp_path / "0123456789ab").iterdir()}
    assert "rest.parquet" not in {pad.name for pad in (tmp_path / "0123456789ab").iterdir()}


def test_tables_of_a_release_that_was_not_made_do_not_stay(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="vol"), archief.build_archief(warehouse, tmp_path, {}):
        raise OSError("de schijf is vol")
    assert list(tmp_path.iterdir()) == []
