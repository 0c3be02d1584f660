"""The Dagster graph: whole, described, and the same from ``buurtpeil dev`` and headless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.definitions import build_definitions
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.sensors import build_sensors
from orchestration.voortgang import Voortgang


@pytest.fixture(scope="module")
def map_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("definities")


@pytest.fixture(scope="module")
def definities(map_: Path) -> dg.Definitions:
    return build_definitions(
        {"voortgang": Voortgang()},
        instellingen=Instellingen(data=map_ / "data", leveringen=map_ / "leveringen"),
    )


@pytest.fixture(scope="module")
def manifest(map_: Path, definities: dg.Definitions) -> dict[str, Any]:
    tekst = (map_ / "data" / "dbt" / "manifest.json").read_text(encoding="utf-8")
    inhoud: dict[str, Any] = json.loads(tekst)
    return inhoud


def find_levering_sensor() -> dg.SensorDefinition:
    (sensor,) = [sensor for sensor in build_sensors() if sensor.name == "nieuwe_levering"]
    return sensor


def _specs(definities: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in definities.resolve_all_asset_specs()}


def test_every_table_that_can_be_delivered_and_every_dbt_node_is_an_asset(
    definities: dg.Definitions, manifest: dict[str, Any]
) -> None:
    sleutels = set(_specs(definities))
    for tabel in load_contract().tabellen:
        assert dg.AssetKey([tabel.bron, tabel.naam]) in sleutels
    for props in manifest["nodes"].values():
        if props["resource_type"] in {"model", "seed"}:
            assert dg.AssetKey([props["config"]["schema"], props["name"]]) in sleutels
    assert {dg.AssetKey("release"), dg.AssetKey("referentie")} <= sleutels


def test_every_asset_says_its_grain_first_and_has_an_owner_a_group_and_a_kind(
    definities: dg.Definitions,
) -> None:
    for sleutel, spec in _specs(definities).items():
        assert (spec.description or "").startswith("Eén rij"), sleutel.to_user_string()
        assert spec.owners, sleutel.to_user_string()
        assert spec.group_name not in {None, "default"}, sleutel.to_user_string()
        assert spec.kinds, sleutel.to_user_string()


def test_every_dbt_test_and_both_gates_are_checks(
    definities: dg.Definitions, manifest: dict[str, Any]
) -> None:
    checks = definities.resolve_asset_graph().asset_check_keys
    namen = {check.name for check in checks}
    assert {"poort_in", "poort_uit"} <= namen
    toetsen = {
        props["name"]
        for props in manifest["nodes"].values()
        if props["resource_type"] == "test" and props.get("attached_node")
    }
    assert len(toetsen) > 50
    assert toetsen <= namen


def test_gates_block_what_comes_after_them(definities: dg.Definitions) -> None:
    graaf = definities.resolve_asset_graph()
    for check in graaf.asset_check_keys:
        if check.name in {"poort_in", "poort_uit"}:
            assert graaf.get_check_spec(check).blocking, check


def test_schedule_and_sensor_start_the_refresh(definities: dg.Definitions) -> None:
    opslag = definities.get_repository_def()
    planningen = {planning.job_name: planning for planning in opslag.schedule_defs}
    assert set(planningen) == {"verversing", "opschonen"}
    for planning in planningen.values():
        assert planning.execution_timezone == "Europe/Amsterdam"
    assert {sensor.name for sensor in opslag.sensor_defs} == {"nieuwe_levering", "mislukte_run"}


def test_new_delivery_starts_a_run_once_it_lies_still(tmp_path: Path) -> None:
    leveringen = tmp_path / "leveringen"
    (leveringen / "vera").mkdir(parents=True)
    (leveringen / "vera" / "zaak_2026-01-01.csv").write_text("a;b\n")
    sensor = find_levering_sensor()
    werkplaats = Werkplaats(data=str(tmp_path / "data"), leveringen=str(leveringen))
    cursor: str | None = None

    def evaluate() -> Any:
        nonlocal cursor
        with dg.build_sensor_context(
            cursor=cursor, resources={"werkplaats": werkplaats}
        ) as context:
            uitkomst = sensor(context)
            cursor = context.cursor
        return uitkomst

    assert isinstance(evaluate(), dg.SkipReason), "it has only just come in"
    assert isinstance(evaluate(), dg.RunRequest), "it did not change since"
    assert isinstance(evaluate(), dg.SkipReason), "it was started already"
    (leveringen / "vera" / "zaak_2026-02-01.csv").write_text("a;b\n1;2\n")
    assert isinstance(evaluate(), dg.SkipReason)
    assert isinstance(evaluate(), dg.RunRequest)


def test_sensor_without_a_deliveries_folder_waits(tmp_path: Path) -> None:
    sensor = find_levering_sensor()
    werkplaats = Werkplaats(data=str(tmp_path), leveringen=str(tmp_path / "weg"))
    with dg.build_sensor_context(resources={"werkplaats": werkplaats}) as context:
        assert isinstance(sensor(context), dg.SkipReason)
