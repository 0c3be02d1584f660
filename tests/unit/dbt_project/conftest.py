"""A warehouse without deliveries, built once: every table exists, typed and empty."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from orchestration import archief, duiding, preventie, referentie, risico, trekkingen
from orchestration.assets import run_invoer
from orchestration.dbt_step import Uitkomst, run_dbt
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract
from sources.landing import BronLanding, create_views

KLOK = date(2024, 1, 1)


class Warehouse(NamedTuple):
    """A DuckDB file and the folder that dbt writes to."""

    pad: Path
    doel: Path

    def run(self, *opdracht: str) -> list[Uitkomst]:
        """Run dbt on it; the file is free again afterwards."""
        return run_dbt(opdracht, self.pad, self.doel)

    def fetch(self, vraag: str) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        with open_warehouse(self.pad) as verbinding:
            return verbinding.execute(vraag).fetchall()


def write_run(verbinding: duckdb.DuckDBPyConnection, klok: date) -> None:
    """Write what a run brings along: its clock, nothing frozen, published or drawn."""
    verbinding.execute("create schema if not exists buurtpeil")
    run_invoer.write_run(verbinding, klok, "FIN", "SBL-1-toets")
    verbinding.execute(
        "create or replace table buurtpeil.levering "
        "(tabel varchar, bestand varchar, leveringsdatum date, jongste_datum date, "
        "bewaargrens date)"
    )
    referentie.create_tables(verbinding, {})
    archief.create_tables(verbinding, None)
    duiding.create_table(verbinding, ())
    preventie.create_table(verbinding, ())
    trekkingen.create_tables(verbinding)
    risico.create_tables(verbinding)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The project built on no delivery at all."""
    map_ = tmp_path_factory.mktemp("dbt")
    leeg = Warehouse(map_ / "warehouse.duckdb", map_ / "doel")
    with open_warehouse(leeg.pad, schrijf=True) as verbinding:
        for bron in read_contract(DBT_MAP).bronnen:
            create_views(verbinding, bron, BronLanding(bron.naam, ()))
        write_run(verbinding, KLOK)
    mislukt = [
        u
        for u in leeg.run("build", "--exclude-resource-type", "unit_test", "test")
        if not u.geslaagd
    ]
    assert not mislukt, mislukt
    return leeg
