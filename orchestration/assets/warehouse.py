"""The warehouse: every dbt model and seed an asset, every dbt test an asset check.

Built in two parts. Between them stand the steps of the label that are not SQL (``assets.label``):
what hangs on their results is the second part.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.assets.leveringen import EIGENAAR
from orchestration.beelden import plot_dekking, plot_verdeling
from orchestration.dbt_step import DbtFout, Uitkomst, run_dbt
from orchestration.kolomherkomst import Herkomst, read_herkomst
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from orchestration.warehouse import RELATIES, list_kolommen, open_warehouse
from serving.release import schema


def key_of_release_tabel(naam: str) -> dg.AssetKey:
    """Return the asset key of the model or seed that a table of a release comes from."""
    return dg.AssetKey(RELATIES[naam].split("."))


class Vertaler(DagsterDbtTranslator):
    """How dbt nodes look in Dagster: Dutch description, domain as group, an owner."""

    def __init__(self) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return ``schema/naam`` for models and seeds, ``bron/tabel`` for sources."""
        props = dbt_resource_props
        if props["resource_type"] == "source":
            return dg.AssetKey([props["source_name"], props["name"]])
        return dg.AssetKey([props["config"]["schema"], props["name"]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description of the YAML; the SQL is one click away in the repository."""
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the domain: the folder that a model stands in below its layer."""
        delen = Path(dbt_resource_props["path"]).parts
        return delen[0] if dbt_resource_props["resource_type"] == "seed" else delen[1]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Return who answers for it."""
        return [EIGENAAR]


# What dbt selects as the second part: everything below what the steps in Python write, and all
# marts, so that the gate out stands between them and nothing but the release.
NA_TREKKING = (
    "source:buurtpeil.onzekerheid+",
    "source:buurtpeil.themasignaal+",
    "fqn:buurtpeil.marts.*",
)


def build_warehouse_assets(manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return the dbt project as assets: what comes before the draws, and what comes after.

    Parameters
    ----------
    manifest
        dbt's manifest.
    """
    tweede = " ".join(NA_TREKKING)
    zonder = "resource_type:unit_test"
    return [
        _build_deel("warehouse", manifest, "fqn:*", f"{zonder} {tweede}"),
        _build_deel("marts", manifest, tweede, zonder),
    ]


def _build_deel(
    naam: str, manifest: Mapping[str, Any], select: str, exclude: str
) -> dg.AssetsDefinition:
    vertaler = Vertaler()

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=vertaler,
        name=naam,
        select=select,
        exclude=exclude,
    )
    def deel(
        context: dg.AssetExecutionContext,
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
    ) -> Iterator[Any]:
        with voortgang.stap(naam):
            keuze = _select(context, manifest) or [
                "--select",
                *select.split(),
                "--exclude",
                *exclude.split(),
            ]
            uitkomsten = run_dbt(
                ["build", "--exclude-resource-type", "unit_test", *keuze],
                werkplaats.map.warehouse,
                werkplaats.map.dbt,
                voortgang.meld,
            )
            with open_warehouse(werkplaats.map.warehouse) as verbinding:
                herkomst = read_herkomst(manifest, werkplaats.map.dbt, list_kolommen(verbinding))
                for uitkomst in uitkomsten:
                    yield from _report(context, manifest, vertaler, uitkomst, verbinding, herkomst)
            mislukt = [u for u in uitkomsten if not u.geslaagd and u.status != "skipped"]
            if mislukt:
                raise _make_fout(mislukt)

    return deel


def _select(context: dg.AssetExecutionContext, manifest: Mapping[str, Any]) -> list[str]:
    """Return dbt's selection when only a part was asked for."""
    if not context.is_subset:
        return []
    sleutels = context.selected_asset_keys
    vertaler = Vertaler()
    namen = sorted(
        ".".join(props["fqn"])
        for props in manifest["nodes"].values()
        if props["resource_type"] in {"model", "seed"} and vertaler.get_asset_key(props) in sleutels
    )
    return ["--select", " ".join(f"fqn:{naam}" for naam in namen)] if namen else []


def _make_fout(mislukt: Sequence[Uitkomst]) -> DbtFout:
    regels = [f"{u.unique_id.split('.')[2]}: {u.bericht.strip()}" for u in mislukt]
    return DbtFout(
        "Het warehouse klopt niet:\n  " + "\n  ".join(regels[:20]),
        verwacht="elk model gebouwd en elke dbt-test groen",
        remedie="zoek de test op in de YAML naast het model; er is niets gepubliceerd",
    )


def _report(
    context: dg.AssetExecutionContext,
    manifest: Mapping[str, Any],
    vertaler: Vertaler,
    uitkomst: Uitkomst,
    verbinding: duckdb.DuckDBPyConnection,
    herkomst: Herkomst,
) -> Iterator[Any]:
    props = manifest["nodes"].get(uitkomst.unique_id)
    if props is None or uitkomst.status == "skipped":
        return
    if props["resource_type"] == "test":
        check = get_asset_check_key_for_test(manifest, vertaler, uitkomst.unique_id, project=None)
        if check is not None and check in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=uitkomst.status == "pass",
                severity=(
                    dg.AssetCheckSeverity.WARN
                    if uitkomst.status == "warn"
                    else dg.AssetCheckSeverity.ERROR
                ),
                description=uitkomst.bericht or None,
                metadata={} if uitkomst.fouten is None else {"rijen fout": uitkomst.fouten},
            )
    elif uitkomst.geslaagd:
        sleutel = vertaler.get_asset_key(props)
        yield dg.MaterializeResult(
            asset_key=sleutel,
            metadata={
                **_describe_tabel(verbinding, sleutel),
                **herkomst.as_metadata(uitkomst.unique_id, vertaler),
                "seconden": uitkomst.seconden,
            },
        )


def _describe_tabel(verbinding: duckdb.DuckDBPyConnection, sleutel: dg.AssetKey) -> dict[str, Any]:
    laag, naam = sleutel.path
    relatie = f'"{laag}"."{naam}"'
    kolommen = verbinding.execute(f"describe {relatie}").fetchall()
    telling = verbinding.execute(f"select count(*) from {relatie}").fetchone()
    metadata: dict[str, Any] = {
        "dagster/row_count": int(telling[0]) if telling else 0,
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(str(rij[0]), str(rij[1])) for rij in kolommen]
        ),
    }
    beeld = _BEELDEN.get(naam)
    if beeld is not None:
        metadata["beeld"] = dg.MetadataValue.md(beeld(verbinding))
    return metadata


_BEELDEN = {
    schema.LABEL.naam: plot_verdeling,
    schema.DEKKING.naam: plot_dekking,
}
