"""The same dbt project on Spark says what DuckDB says (docs/spark.md, ADR 0045).

Skipped with the reason where there is no Java or no Python with dbt-spark. Each change tries a
part, every model by itself; the whole project, from deliveries to marts, is for the night.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.resources import load_contract
from orchestration.spark.bronnen import list_bronnen
from orchestration.spark.vergelijking import STAP_INVOER, compare_targets, find_python, list_ouders
from orchestration.warehouse import RELATIES, open_warehouse
from orchestration.werkmap import Werkmap
from tests.acceptance.conftest import Bedrijf
from vera.errors import GebruikFout

# Landed Parquet through staging, a seed with apostrophes and empty cells, dates, rounding, lists,
# quotients, the reference, and what people see.
DEEL = (
    "methode",
    "risico_kenmerk",
    "stg_vera__zaak",
    "stg_vera__boeking",
    "int_zaak__gebeurtenis",
    "int_complex__kenmerk",
    "int_tijd__venster",
    "int_label__posterior",
    "int_label__gestandaardiseerd",
    "int_label__label",
    "int_referentie__knip",
    "int_overlast__kenmerk",
    "mart_label__sociaal_beheer_label",
    "mart_release__dekking",
)


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python with dbt-spark, and Java beside it."""
    try:
        return find_python()
    except GebruikFout as fout:
        pytest.skip(str(fout).splitlines()[0])


def test_models_from_every_layer_are_the_same_on_spark(
    gepubliceerd: Bedrijf, python: Path, tmp_path: Path
) -> None:
    uitslag = compare_targets(gepubliceerd.data, tmp_path, python, DEEL, los=True)
    assert [tabel for tabel in uitslag.tabellen if not tabel.is_gelijk] == []
    tabellen = {tabel.naam.split(".")[1]: tabel for tabel in uitslag.tabellen}
    assert set(tabellen) == {naam for naam in DEEL if not naam.startswith("stg_")}
    assert all(tabel.rijen for tabel in tabellen.values())


@pytest.mark.nacht
def test_every_table_is_the_same_on_spark(
    gepubliceerd: Bedrijf, python: Path, tmp_path: Path
) -> None:
    uitslag = compare_targets(gepubliceerd.data, tmp_path, python)
    assert [tabel for tabel in uitslag.tabellen if not tabel.is_gelijk] == []
    gemaakt = {tabel.naam for tabel in uitslag.tabellen}
    assert gemaakt >= {*STAP_INVOER, *RELATIES.values()}
    with open_warehouse(Werkmap.of(gepubliceerd.data).warehouse) as warehouse:
        tabellen = warehouse.execute(
            "select concat(schema_name, '.', table_name) from duckdb_tables() "
            "where schema_name in ('seeds', 'intermediate', 'mart')"
        ).fetchall()
    assert gemaakt == {naam for (naam,) in tabellen}


def test_everything_that_dbt_reads_is_laid_out_for_another_engine(
    gepubliceerd: Bedrijf, tmp_path: Path
) -> None:
    map_ = Werkmap.of(gepubliceerd.data)
    manifest = json.loads((map_.dbt / "manifest.json").read_text(encoding="utf-8"))
    with open_warehouse(map_.warehouse) as warehouse:
        bronnen = list_bronnen(load_contract(), map_, warehouse, tmp_path)
        # A table that only a judgement reads (``toetsing``) is no source of any model.
        gelezen = {
            ouder
            for node in manifest["nodes"].values()
            for ouder in node["depends_on"].get("nodes", ())
        }
        assert {(bron.schema, bron.naam) for bron in bronnen} >= {
            (bron["schema"], bron["identifier"])
            for id_, bron in manifest["sources"].items()
            if id_ in gelezen
        }
        for bron in bronnen:
            vast = {naam for deel in bron.delen for naam in deel.constanten}
            kolommen = ", ".join(naam for naam, _ in bron.kolommen if naam not in vast)
            rijen = sum(
                warehouse.sql(f"select {kolommen} from read_parquet('{deel.pad}')")
                .to_arrow_table()
                .num_rows
                for deel in bron.delen
            )
            telling = warehouse.execute(f'select count(*) from "{bron.schema}"."{bron.naam}"')
            assert telling.fetchall() == [(rijen,)], bron.naam


def test_a_name_that_is_no_model_is_refused(gepubliceerd: Bedrijf) -> None:
    manifest = Werkmap.of(gepubliceerd.data).dbt / "manifest.json"
    assert ("seeds", "methode") in list_ouders(manifest, ["int_methode__parameter"])
    with pytest.raises(GebruikFout, match="geen_model"):
        list_ouders(manifest, ["int_label__cel", "geen_model"])
