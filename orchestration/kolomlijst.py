"""Which columns the tables of a warehouse had, kept for when a purge takes the tables.

What a product is made of is read from SQL, and SQL is read with the columns of its tables. A
purge removes tables with rows about people; their columns hold nothing about anybody. Belongs
here: keeping that list beside the SQL that it goes with. Does not belong here: reading SQL
(:mod:`orchestration.doelbinding`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.dbt_step import MANIFEST
from orchestration.warehouse import list_kolommen, open_warehouse

BESTAND = "kolommen.json"


def keep_kolommen(dbt_map: Path, warehouse: Path) -> None:
    """Keep the columns of a warehouse that is about to lose tables.

    What was kept for the same SQL stays: the second purge in a row finds fewer tables.

    Parameters
    ----------
    dbt_map
        dbt's target folder; without a manifest in it there is no SQL to read, and nothing is kept.
    warehouse
        The DuckDB file.
    """
    bouw = _read_bouw(dbt_map)
    if bouw is None or read_kolommen(dbt_map) is not None:
        return
    with open_warehouse(warehouse) as verbinding:
        kolommen = list_kolommen(verbinding)
    inhoud = {"bouw": bouw, "kolommen": [[*relatie, k] for relatie, k in sorted(kolommen.items())]}
    tijdelijk = dbt_map / f"{BESTAND}.deel"
    tijdelijk.write_text(json.dumps(inhoud, ensure_ascii=False), encoding="utf-8")
    tijdelijk.replace(dbt_map / BESTAND)


def read_kolommen(dbt_map: Path) -> dict[tuple[str, str], list[str]] | None:
    """Return the columns that were kept, by (schema, name).

    Returns
    -------
    dict or None
        None when nothing was kept since dbt last ran: then the warehouse itself has them.
    """
    inhoud = _load(dbt_map / BESTAND)
    bouw = _read_bouw(dbt_map)
    if bouw is None or inhoud.get("bouw") != bouw:
        return None
    return {(laag, naam): list(kolommen) for laag, naam, kolommen in inhoud["kolommen"]}


def _read_bouw(dbt_map: Path) -> str | None:
    """Return the id of the run of dbt that wrote the SQL."""
    metadata = _load(dbt_map / MANIFEST).get("metadata", {})
    return str(metadata["invocation_id"]) if metadata.get("invocation_id") else None


def _load(pad: Path) -> Mapping[str, Any]:
    try:
        inhoud = json.loads(pad.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return inhoud if isinstance(inhoud, dict) else {}
