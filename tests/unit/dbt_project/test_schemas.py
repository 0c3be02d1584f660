"""What inspections found stands in a schema of its own (design paper on trust, criminal data)."""

from __future__ import annotations

import json

from orchestration.warehouse import WOONFRAUDE, find_laag
from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract
from tests.unit.dbt_project.conftest import Warehouse


def test_whatever_reads_criminal_data_stands_in_its_schema(warehouse: Warehouse) -> None:
    """Rows of inspections; who reads what is made of them is for the purpose check."""
    bronnen = {
        f"source.buurtpeil.{tabel.bron}.{tabel.naam}"
        for tabel in read_contract(DBT_MAP).tabellen
        if any(kolom.classificatie == "strafrechtelijk" for kolom in tabel.kolommen)
    }
    knopen = json.loads((warehouse.doel / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    modellen = {k: v for k, v in knopen.items() if v["resource_type"] == "model"}
    uit = {naam for naam, model in modellen.items() if bronnen & set(model["depends_on"]["nodes"])}
    lezers = uit | {
        naam for naam, model in modellen.items() if uit & set(model["depends_on"]["nodes"])
    }

    assert bronnen
    assert len(lezers) > len(uit)
    assert {modellen[naam]["schema"] for naam in lezers} == {WOONFRAUDE}


def test_name_of_a_model_tells_its_schema(warehouse: Warehouse) -> None:
    gevonden = warehouse.fetch(
        "select schema_name, table_name from duckdb_tables() "
        "where table_name like 'int\\_%' escape '\\' or table_name like 'mart\\_%' escape '\\'"
    )
    assert gevonden
    assert [(laag, naam) for laag, naam in gevonden if find_laag(str(naam)) != laag] == []
