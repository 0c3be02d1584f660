"""Every dbt unit test as a test here, under the name of the rule that it guards.

They stand in the YAML beside the model. dbt runs them all at once on a warehouse whose tables
are empty: each brings its own rows.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orchestration.dbt_step import Uitkomst
from orchestration.werkmap import DBT_MAP


def _list_namen() -> list[str]:
    namen = []
    for pad in sorted((DBT_MAP / "models").rglob("*.yml")):
        inhoud = yaml.safe_load(pad.read_text(encoding="utf-8")) or {}
        namen += [toets["name"] for toets in inhoud.get("unit_tests", ())]
    return namen


@pytest.fixture(scope="session")
def uitkomsten(warehouse) -> dict[str, Uitkomst]:  # type: ignore[no-untyped-def]
    gedaan = warehouse.run("test", "--select", "test_type:unit")
    return {uitkomst.unique_id.rsplit(".", 1)[-1]: uitkomst for uitkomst in gedaan}


@pytest.mark.parametrize("naam", _list_namen())
def test_dbt_unit(naam: str, uitkomsten: dict[str, Uitkomst]) -> None:
    assert uitkomsten[naam].status == "pass", uitkomsten[naam].bericht


def test_every_unit_test_of_dbt_is_listed(uitkomsten: dict[str, Uitkomst]) -> None:
    assert sorted(_list_namen()) == sorted(uitkomsten)


def test_every_unit_test_stands_beside_its_model() -> None:
    for pad in sorted((DBT_MAP / "models").rglob("*.yml")):
        inhoud = yaml.safe_load(pad.read_text(encoding="utf-8")) or {}
        beschreven = {model["name"] for model in inhoud.get("models", ())}
        verdwaald = [
            toets["name"]
            for toets in inhoud.get("unit_tests", ())
            if toets["model"] not in beschreven
        ]
        assert not verdwaald, f"{Path(pad).name}: {verdwaald}"
