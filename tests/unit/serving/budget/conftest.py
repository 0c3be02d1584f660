"""The hand-made association with a beheercluster of two small complexes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.release import schema
from tests.unit.serving.voorbeeld_release import build_tables, publish_example
from tests.unit.serving.wie import make_app


def build_budget_tables() -> dict[str, pa.Table]:
    """Add C007 and C008, five dwellings each, whose label is that of cluster C004 (22 woningen)."""
    tabellen = build_tables()
    objecten = tabellen[schema.BEHEEROBJECT.naam].to_pylist()
    labels = tabellen[schema.LABEL.naam].to_pylist()
    onbekend = [rij for rij in labels if rij["beheerobject_id"] == "C006"]
    for id_, naam, buurt_id in (("C007", "Steeg", "BU02"), ("C008", "=Hof", None)):
        (voorbeeld,) = (rij for rij in objecten if rij["beheerobject_id"] == "C006")
        objecten.append(
            {
                **voorbeeld,
                "beheerobject_id": id_,
                "naam": naam,
                "buurt_id": buurt_id,
                "buurt_naam": None,
                "verhuureenheden_aantal": 11,
            }
        )
        labels += [
            {
                **rij,
                "beheerobject_id": id_,
                "reden_onbekend": "Minder dan 10 woningen: zie beheercluster C004",
            }
            for rij in onbekend
        ]
    uit: dict[str, Any] = dict(tabellen)
    for tabel, rijen in ((schema.BEHEEROBJECT, objecten), (schema.LABEL, labels)):
        uit[tabel.naam] = pa.Table.from_pylist(rijen, schema=tabel.kolommen)
    return uit


@pytest.fixture(scope="session")
def budget_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pad = tmp_path_factory.mktemp("budget") / "releases"
    publish_example(pad, build_budget_tables())
    return pad


@pytest.fixture(scope="session")
def manager(budget_map: Path) -> TestClient:
    """Whoever divides the budget, without a budget of last year."""
    return TestClient(make_app(budget_map, "gebiedsmanager"), raise_server_exceptions=False)


@pytest.fixture
def met_vorig(tmp_path: Path) -> Any:
    """Gives a client with a file of last year."""

    def make(inhoud: str, soort: str = "gebiedsmanager") -> TestClient:
        map_ = tmp_path / "releases"
        publish_example(map_, build_budget_tables())
        (tmp_path / "budget.csv").write_text(inhoud, encoding="utf-8")
        return TestClient(make_app(map_, soort), raise_server_exceptions=False)

    return make
