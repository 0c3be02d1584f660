"""The compiled project, to plant violations of purpose in."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestration.doelbinding import Gebruik, Product, Schending, check_product
from orchestration.warehouse import list_kolommen, open_warehouse
from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract
from vera.contract import Contract

CONTRACT = read_contract(DBT_MAP)


class Project:
    """The compiled project, to plant violations in."""

    def __init__(
        self, manifest: dict[str, Any], doel: Path, kolommen: Mapping[tuple[str, str], list[str]]
    ) -> None:
        self.manifest = manifest
        self.doel = doel
        self.kolommen = dict(kolommen)

    def find(self, naam: str) -> str:
        """Return the unique id of a model or source table (``bron.tabel``)."""
        for unique_id, props in {**self.manifest["nodes"], **self.manifest["sources"]}.items():
            volledig = f"{props.get('source_name')}.{props['name']}"
            if props["resource_type"] in {"model", "source", "seed"} and naam in {
                props["name"],
                volledig,
            }:
                return str(unique_id)
        raise KeyError(naam)

    def plant(self, model: str, oud: str, nieuw: str, *ouders: str) -> None:
        """Replace a piece of a model's SQL, and name what it reads besides."""
        props = self.manifest["nodes"][self.find(model)]
        pad = self.doel / "compiled" / "buurtpeil" / props["original_file_path"]
        sql = pad.read_text(encoding="utf-8")
        assert oud in sql, f"{model} is not written like that any more"
        pad.write_text(sql.replace(oud, nieuw, 1), encoding="utf-8")
        props["depends_on"]["nodes"] += [self.find(ouder) for ouder in ouders]

    def add_model(self, naam: str, sql: str, kolommen: list[str], *ouders: str) -> None:
        """Add an intermediate model."""
        unique_id = f"model.buurtpeil.{naam}"
        props = copy.deepcopy(self.manifest["nodes"][self.find("int_overlast__uitkomst")])
        props |= {
            "unique_id": unique_id,
            "name": naam,
            "alias": naam,
            "original_file_path": f"models/{naam}.sql",
            "depends_on": {"nodes": [self.find(ouder) for ouder in ouders], "macros": []},
        }
        self.manifest["nodes"][unique_id] = props
        pad = self.doel / "compiled" / "buurtpeil" / "models" / f"{naam}.sql"
        pad.write_text(sql, encoding="utf-8")
        self.kolommen["intermediate", naam] = kolommen

    def add_source(self, bron: str, tabel: str, kolommen: list[str]) -> None:
        """Add a source table that the contract does not have."""
        props = copy.deepcopy(self.manifest["sources"][self.find("vera.zaak")])
        props |= {"source_name": bron, "name": tabel, "schema": bron, "identifier": tabel}
        self.manifest["sources"][f"source.buurtpeil.{bron}.{tabel}"] = props
        self.kolommen[bron, tabel] = kolommen

    def read(self) -> Gebruik:
        """Return the use of columns as the project is now."""
        return Gebruik(self.manifest, self.doel, self.kolommen)

    def check(self, product: Product, contract: Contract = CONTRACT) -> list[Schending]:
        """Return what the product reaches and may not."""
        return check_product(product, self.read(), contract)


@pytest.fixture(scope="module")
def gebouwd(warehouse: Any) -> Project:
    manifest = json.loads((warehouse.doel / "manifest.json").read_text(encoding="utf-8"))
    with open_warehouse(warehouse.pad) as verbinding:
        return Project(manifest, warehouse.doel, list_kolommen(verbinding))


@pytest.fixture
def project(gebouwd: Project, tmp_path: Path) -> Project:
    """A copy to plant in."""
    shutil.copytree(gebouwd.doel / "compiled", tmp_path / "compiled")
    return Project(copy.deepcopy(gebouwd.manifest), tmp_path, gebouwd.kolommen)


def list_bronnen(schendingen: list[Schending]) -> set[tuple[str, str]]:
    return {(schending.bron, schending.gebruik) for schending in schendingen}
