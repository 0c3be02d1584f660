"""Column lineage of the dbt models, read from their compiled SQL with sqlglot.

Kept per model under a hash of its SQL and its parents' columns, so that only a changed model
is read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import dagster as dg

BESTAND = "kolomherkomst.json"
Kolom = tuple[str, str]
"""dbt's unique id of a node, and a column of it."""
Relatie = tuple[str, str]
"""Schema and name of a table or view in the warehouse."""


class Benoemer(Protocol):
    """Gives the asset key of a dbt node."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the asset key."""


@dataclass(frozen=True)
class Herkomst:
    """Per node and column the columns of its direct parents that its value is made of."""

    manifest: Mapping[str, Any]
    per_node: Mapping[str, Mapping[str, Sequence[Kolom]]]

    def as_metadata(self, unique_id: str, benoemer: Benoemer) -> dict[str, Any]:
        """Return Dagster's column lineage of one node; nothing where it is not known."""
        kolommen = self.per_node.get(unique_id)
        if not kolommen:
            return {}
        knopen = {**self.manifest["nodes"], **self.manifest["sources"]}
        deps = {
            kolom: [
                dg.TableColumnDep(asset_key=benoemer.get_asset_key(knopen[ouder]), column_name=naam)
                for ouder, naam in bronnen
            ]
            for kolom, bronnen in kolommen.items()
        }
        return {"dagster/column_lineage": dg.TableColumnLineage(deps_by_column=deps)}


def read_herkomst(
    manifest: Mapping[str, Any], doel_map: Path, kolommen: Mapping[Relatie, Sequence[str]]
) -> Herkomst:
    """Return the column lineage of every model whose compiled SQL stands in ``doel_map``.

    Parameters
    ----------
    manifest
        dbt's manifest.
    doel_map
        dbt's target folder; the lineage is kept there as well.
    kolommen
        The columns of every table and view in the warehouse, by (schema, name).

    Notes
    -----
    SQL that sqlglot cannot read has no lineage: it is information here, not a gate.
    """
    pad = doel_map / BESTAND
    bewaard: dict[str, Any] = json.loads(pad.read_text(encoding="utf-8")) if pad.exists() else {}
    lezer = _Lezer(manifest, doel_map, bewaard, kolommen)
    per_node = {
        unique_id: gevonden
        for unique_id, props in manifest["nodes"].items()
        if props["resource_type"] == "model" and (gevonden := lezer.read_node(unique_id))
    }
    if lezer.nieuw != bewaard:
        pad.write_text(json.dumps(lezer.nieuw, sort_keys=True), encoding="utf-8")
    return Herkomst(manifest, per_node)


class _Lezer:
    def __init__(
        self,
        manifest: Mapping[str, Any],
        doel_map: Path,
        bewaard: Mapping[str, Any],
        kolommen: Mapping[Relatie, Sequence[str]],
    ) -> None:
        self._manifest = manifest
        self._gecompileerd = doel_map / "compiled" / manifest["metadata"]["project_name"]
        self._bewaard = bewaard
        self._kolommen = kolommen
        self.nieuw: dict[str, Any] = {}

    def read_node(self, unique_id: str) -> dict[str, list[Kolom]]:
        props = self._manifest["nodes"][unique_id]
        pad = self._gecompileerd / props["original_file_path"]
        if not pad.exists():
            return {}
        sql = pad.read_text(encoding="utf-8")
        ouders = sorted(props["depends_on"]["nodes"])
        schemas = {ouder: list(self._kolommen.get(self._relation(ouder), ())) for ouder in ouders}
        sleutel = hashlib.sha256(json.dumps([sql, schemas]).encode()).hexdigest()[:16]
        bewaard = self._bewaard.get(unique_id)
        if not bewaard or bewaard["sleutel"] != sleutel:
            bewaard = {"sleutel": sleutel, "kolommen": self._trace(sql, schemas)}
        self.nieuw[unique_id] = bewaard
        return {
            kolom: [(ouder, naam) for ouder, naam in bronnen]
            for kolom, bronnen in bewaard["kolommen"].items()
        }

    def _trace(self, sql: str, schemas: Mapping[str, Sequence[str]]) -> dict[str, list[list[str]]]:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
        from sqlglot.lineage import lineage
        from sqlglot.optimizer.qualify import qualify
        from sqlglot.optimizer.scope import build_scope

        relatie_van = {self._relation(ouder): ouder for ouder in schemas}
        schema: dict[str, object] = {}
        for (laag, naam), ouder in relatie_van.items():
            tabellen = cast("dict[str, dict[str, str]]", schema.setdefault(laag, {}))
            tabellen[naam] = dict.fromkeys(schemas[ouder], "varchar")
        try:
            boom = sqlglot.parse_one(sql, dialect="duckdb")
            for relatie in boom.find_all(exp.Table):
                relatie.set("catalog", None)
            boom = qualify(boom, schema=schema, dialect="duckdb", validate_qualify_columns=False)
            scope = build_scope(boom)
            uit: dict[str, list[list[str]]] = {}
            # All columns in one walk, and no copy of the tree for each: that is nine tenths of
            # the time, and only who draws the tree reads the copies.
            knopen = lineage(
                None, boom, schema=schema, dialect="duckdb", scope=scope, trim_selects=False,
                copy=False,
            )  # fmt: skip
            for kolom, knoop in knopen.items():
                bronnen = set()
                for blad in knoop.walk():
                    tabel = blad.expression.find(exp.Table) if not blad.downstream else None
                    bron = relatie_van.get((tabel.db, tabel.name)) if tabel else None
                    if bron:
                        bronnen.add((bron, blad.name.split(".")[-1].strip('"')))
                uit[kolom] = [list(paar) for paar in sorted(bronnen)]
        except (SqlglotError, ValueError, KeyError, RecursionError):
            return {}
        return uit

    def _relation(self, unique_id: str) -> Relatie:
        props = self._manifest["sources"].get(unique_id) or self._manifest["nodes"][unique_id]
        return props["schema"], props.get("identifier") or props["alias"]
