"""dbt in this process: what it read of the project goes to the next call, and never too long."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration import dbt_step
from orchestration.dbt_step import MANIFEST, DbtFout, parse_project, run_dbt

PROJECT = object()


class Dbt:
    """Stands for dbt: writes the manifest as dbt does, and keeps what it was handed."""

    gekregen: list[Any]
    breekt: bool

    def __init__(self, manifest: Any = None, callbacks: Sequence[object] = ()) -> None:
        del callbacks
        self.manifest = manifest

    def invoke(self, argv: Sequence[str]) -> SimpleNamespace:
        doel = Path(argv[argv.index("--target-path") + 1])
        if "parse" in argv:
            (doel / MANIFEST).write_text("{}")
            return SimpleNamespace(success=True, result=PROJECT, exception=None)
        Dbt.gekregen.append(self.manifest)
        if Dbt.breekt:
            return SimpleNamespace(result=None, exception=RuntimeError("stuk"))
        (doel / MANIFEST).write_text('{"gedraaid": true}')
        return SimpleNamespace(result=SimpleNamespace(results=[]), exception=None)


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The warehouse of a project that was just parsed."""
    Dbt.gekregen, Dbt.breekt = [], False
    monkeypatch.setattr("dbt.cli.main.dbtRunner", Dbt)
    monkeypatch.setattr(dbt_step, "_gelezen", {})
    pad = tmp_path / "warehouse.duckdb"
    parse_project(pad, tmp_path)
    return pad


def test_project_is_read_once_for_all_calls_of_a_run(warehouse: Path, tmp_path: Path) -> None:
    for _ in range(3):
        run_dbt(["build"], warehouse, tmp_path)
    assert Dbt.gekregen == [PROJECT] * 3


def test_other_warehouse_has_the_project_read_anew(warehouse: Path, tmp_path: Path) -> None:
    run_dbt(["build"], warehouse.with_name("kopie.duckdb"), tmp_path)
    run_dbt(["build"], warehouse, tmp_path)
    assert Dbt.gekregen == [None, None]


def test_manifest_that_somebody_else_wrote_has_the_project_read_anew(
    warehouse: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / MANIFEST
    os.utime(manifest, ns=(manifest.stat().st_atime_ns, manifest.stat().st_mtime_ns + 1_000))
    run_dbt(["build"], warehouse, tmp_path)
    assert Dbt.gekregen == [None]


def test_changed_model_has_the_project_read_anew(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = (tmp_path / MANIFEST).stat().st_mtime + 1
    monkeypatch.setattr(dbt_step, "_youngest_change", lambda: later)
    run_dbt(["build"], warehouse, tmp_path)
    assert Dbt.gekregen == [None]


def test_call_that_broke_down_leaves_nothing_for_the_next(warehouse: Path, tmp_path: Path) -> None:
    Dbt.breekt = True
    with pytest.raises(DbtFout, match="stuk"):
        run_dbt(["build"], warehouse, tmp_path)
    Dbt.breekt = False
    run_dbt(["build"], warehouse, tmp_path)
    assert Dbt.gekregen == [PROJECT, None]
