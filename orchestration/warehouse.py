"""Short connections to the warehouse. DuckDB has one writer, so nobody keeps one open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from serving.release import schema

RELATIES = {
    naam: {"thema": "seeds.thema", "indicator": "intermediate.int_methode__indicator"}.get(
        naam, f"mart.{naam}"
    )
    for naam in schema.TABELLEN
}
"""Where each table of a release stands in the warehouse."""

WOONFRAUDE: Final = "woonfraude"
"""Schema of inspections and what is made of them, apart from everything else."""
LAGEN: Final = ("intermediate", WOONFRAUDE)
"""Schemas of what stands between deliveries and marts."""


def find_laag(model: str) -> str:
    """Return the schema of a dbt model between staging and mart, or of a mart, by its name.

    Examples
    --------
    >>> find_laag("int_woonfraude__kenmerk"), find_laag("int_label__label"), find_laag("mart_x__y")
    ('woonfraude', 'intermediate', 'mart')
    """
    if model.startswith("mart_"):
        return "mart"
    return WOONFRAUDE if model.startswith("int_woonfraude__") else "intermediate"


_INSTELLINGEN: dict[str, str | bool | int | float | list[str]] = {
    # An extension would be downloaded; there is none we need.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
    # Beyond it DuckDB writes to disk beside its file; its own limit, most of the machine, leaves
    # nothing for the tables that Python holds meanwhile. dbt has the same (profiles.yml).
    "memory_limit": "6GB",
}


@contextmanager
def open_warehouse(pad: Path, *, schrijf: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for a few statements.

    Parameters
    ----------
    pad
        The DuckDB file; made when absent and ``schrijf``.
    schrijf
        Whether to open it for writing.
    """
    pad.parent.mkdir(parents=True, exist_ok=True)
    verbinding = duckdb.connect(str(pad), read_only=not schrijf, config=_INSTELLINGEN)
    # A step has its own bar; this one would write through it.
    verbinding.execute("set enable_progress_bar = false")
    try:
        yield verbinding
    finally:
        verbinding.close()


def list_kolommen(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """Return the columns of every table and view, by (schema, name), in their order."""
    rijen = warehouse.execute(
        "select schema_name, table_name, list(column_name order by column_index) "
        "from duckdb_columns() where not internal group by all"
    ).fetchall()
    return {(laag, naam): kolommen for laag, naam, kolommen in rijen}
