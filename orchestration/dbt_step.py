"""dbt in this process: parsing the project, running it, reading what it did.

The stock way starts a dbt process per call, which costs seconds each and asks the package
index for its version. Everything that touches dbt's Python is here.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.werkmap import DBT_MAP
from vera.errors import BuurtpeilError

CATALOGUS = DBT_MAP / "seeds" / "methode" / "indicator_eigen.csv"
MANIFEST = "manifest.json"

Melding = Callable[[int, int, str], None]
"""Called with (nodes done, nodes in all, name of the node)."""


class DbtFout(BuurtpeilError):
    """dbt could not do what was asked: a model failed, or a test of the warehouse."""


@dataclass(frozen=True)
class Uitkomst:
    """What dbt did with one node.

    Attributes
    ----------
    unique_id
        dbt's id of the node.
    status
        ``success``, ``pass``, ``warn``, ``fail``, ``error`` or ``skipped``.
    seconden
        Time it took.
    bericht
        dbt's message; empty when all went well.
    fouten
        Failing rows of a test; None for a model.
    """

    unique_id: str
    status: str
    seconden: float
    bericht: str
    fouten: int | None

    @property
    def geslaagd(self) -> bool:
        """Whether the node did what it should."""
        return self.status in {"success", "pass", "warn"}


def list_indicatoren(catalogus: Path = CATALOGUS) -> list[str]:
    """Return the codes of the indicators on own data: the catalogue decides what is built."""
    with catalogus.open(encoding="utf-8", newline="") as bestand:
        return [rij["indicator_code"] for rij in csv.DictReader(bestand)]


def build_args(opdracht: Sequence[str], doel_map: Path) -> list[str]:
    """Return the arguments of a dbt call: quiet, offline, writing to ``doel_map`` only."""
    return [
        "--quiet",
        "--no-version-check",
        "--no-send-anonymous-usage-stats",
        "--log-level-file",
        "none",
        *opdracht,
        "--project-dir",
        str(DBT_MAP),
        "--profiles-dir",
        str(DBT_MAP),
        "--target-path",
        str(doel_map),
        "--vars",
        json.dumps({"indicatoren": list_indicatoren()}),
    ]


@contextmanager
def warehouse_of(pad: Path) -> Iterator[None]:
    """Point dbt's profile at a warehouse, and let go of the file afterwards."""
    oud = os.environ.get("BUURTPEIL_WAREHOUSE")
    os.environ["BUURTPEIL_WAREHOUSE"] = str(pad)
    try:
        yield
    finally:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        # dbt-duckdb keeps the file open after its run (its issue 616).
        DuckDBConnectionManager.close_all_connections()
        if oud is None:
            del os.environ["BUURTPEIL_WAREHOUSE"]
        else:
            os.environ["BUURTPEIL_WAREHOUSE"] = oud


def parse_project(warehouse: Path, doel_map: Path) -> Path:
    """Parse the dbt project when it changed; return the path of its manifest.

    Raises
    ------
    DbtFout
        When the project does not parse.
    """
    manifest = doel_map / MANIFEST
    if _is_current(manifest):
        return manifest
    from dbt.cli.main import dbtRunner

    doel_map.mkdir(parents=True, exist_ok=True)
    # Parsing opens no warehouse; its name becomes part of the names of relations.
    with warehouse_of(warehouse):
        uitkomst = dbtRunner().invoke(build_args(["parse"], doel_map))
    if not uitkomst.success:
        raise DbtFout(
            f"Het dbt-project is niet te lezen: {uitkomst.exception}",
            remedie="verbeter het model of de YAML die hier wordt genoemd",
        )
    _gelezen.clear()
    _keep_gelezen(warehouse, manifest, uitkomst.result)
    return manifest


def _is_current(manifest: Path) -> bool:
    return manifest.exists() and manifest.stat().st_mtime >= _youngest_change()


_gelezen: dict[tuple[Path, Path], tuple[int, Any]] = {}
"""The project as dbt last had it in memory, per warehouse and manifest, with the change time of
that file.

Handed to the next call it need not be read again, which costs a fifth of a call without models.
One at most: a process works on one data folder at a time.
"""


def _keep_gelezen(warehouse: Path, manifest: Path, project: Any) -> None:
    _gelezen[warehouse, manifest] = (manifest.stat().st_mtime_ns, project)


def _take_gelezen(warehouse: Path, manifest: Path) -> Any:
    """Return the project in memory; None when its file or the project changed since.

    It is taken out: a call that breaks down leaves nothing behind for the next.
    """
    gezien, project = _gelezen.pop((warehouse, manifest), (0, None))
    _gelezen.clear()
    if project is None or not _is_current(manifest) or manifest.stat().st_mtime_ns != gezien:
        return None
    return project


def _youngest_change() -> float:
    paden = [
        pad
        for map_ in ("models", "seeds", "macros", "tests")
        for pad in (DBT_MAP / map_).rglob("*")
    ]
    return max(pad.stat().st_mtime for pad in [*paden, DBT_MAP / "dbt_project.yml"])


@cache
def read_manifest(pad: Path, _gewijzigd: float) -> Mapping[str, Any]:
    """Return the manifest as plain data; ``_gewijzigd`` is its change time, for the cache."""
    inhoud: Mapping[str, Any] = json.loads(pad.read_text(encoding="utf-8"))
    return inhoud


def run_dbt(
    opdracht: Sequence[str], warehouse: Path, doel_map: Path, meld: Melding | None = None
) -> list[Uitkomst]:
    """Run dbt on a warehouse and return what became of each node, in order of completion.

    Raises
    ------
    DbtFout
        When dbt itself breaks down. A failing model or test is an ``Uitkomst``.
    """
    from dbt.cli.main import dbtRunner

    klaar = 0

    def on_event(bericht: Any) -> None:
        nonlocal klaar
        if bericht.info.name in {"LogModelResult", "LogSeedResult", "LogTestResult"}:
            klaar += 1
            if meld is not None:
                # Models and seeds call it total, tests num_models; both count every node.
                totaal = getattr(bericht.data, "total", 0) or bericht.data.num_models
                meld(klaar, totaal, bericht.data.node_info.node_name)

    manifest = doel_map / MANIFEST
    project = _take_gelezen(warehouse, manifest)
    with warehouse_of(warehouse):
        uitkomst = dbtRunner(manifest=project, callbacks=[on_event]).invoke(
            build_args(opdracht, doel_map)
        )
    if uitkomst.exception is not None or uitkomst.result is None:
        raise DbtFout(f"dbt is gestopt: {uitkomst.exception}")
    if project is not None:
        _keep_gelezen(warehouse, manifest, project)
    return [
        Uitkomst(
            unique_id=regel.node.unique_id,
            status=str(regel.status),
            seconden=float(regel.execution_time),
            bericht=regel.message or "",
            fouten=regel.failures,
        )
        for regel in uitkomst.result.results
    ]
