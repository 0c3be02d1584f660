"""Lists in the dbt project that have to agree with each other and with the rest."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from orchestration.werkmap import DBT_MAP
from serving.release import schema
from sources.contract import read_contract
from vera.duiding import REDENEN

MODELLEN = DBT_MAP / "models"
SOORTEN = {
    pa.string(): "varchar",
    pa.float64(): "double",
    pa.decimal128(28, 12): "decimal(28, 12)",
    pa.int32(): "integer",
    pa.bool_(): "boolean",
    pa.date32(): "date",
}


def _read_seed(naam: str, map_: str = "methode") -> list[dict[str, str]]:
    pad = DBT_MAP / "seeds" / map_ / f"{naam}.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        return list(csv.DictReader(bestand))


def _read_beschrijvingen() -> dict[str, dict[str, Any]]:
    gevonden: dict[str, dict[str, Any]] = {}
    for map_ in (MODELLEN, DBT_MAP / "seeds"):
        for pad in map_.rglob("*.yml"):
            inhoud = yaml.safe_load(pad.read_text(encoding="utf-8"))
            for soort in ("models", "seeds"):
                gevonden |= {rij["name"]: rij for rij in inhoud.get(soort, ())}
    return gevonden


def _list_namen(map_: Path, patroon: str) -> list[str]:
    return sorted(pad.stem for pad in map_.rglob(patroon))


def test_every_setting_of_the_method_is_a_column_and_is_used() -> None:
    seed = {rij["naam"] for rij in _read_seed("methode")}
    model = (MODELLEN / "intermediate" / "methode" / "int_methode__parameter.sql").read_text(
        "utf-8"
    )
    lijst = set(re.findall(r"'(\w+)'", model[: model.index("%}")]))
    assert lijst == seed
    rest = "\n".join(
        pad.read_text("utf-8")
        for pad in MODELLEN.rglob("*.sql")
        if pad.stem != "int_methode__parameter"
    )
    assert {naam for naam in seed if f"parameter.{naam}" not in rest} == set()


def test_parameters_of_unit_tests_are_those_of_the_method() -> None:
    with (DBT_MAP / "tests" / "fixtures" / "parameter.csv").open(encoding="utf-8") as bestand:
        (rij,) = csv.DictReader(bestand)
    run = {"klok", "clustersoort_code", "methodeversie", "referentie_id", "referentie_vanaf"}
    assert {naam: waarde for naam, waarde in rij.items() if naam not in run} == {
        seed["naam"]: seed["waarde"] for seed in _read_seed("methode")
    }


def test_every_indicator_of_the_catalogue_has_a_model_and_the_other_way_round() -> None:
    catalogus = {
        f"int_indicator__{rij['indicator_code'].lower()}" for rij in _read_seed("indicator_eigen")
    }
    modellen = set(_list_namen(MODELLEN, "int_indicator__*.sql"))
    assert modellen - {"int_indicator__complex"} == catalogus


def test_every_model_and_seed_says_what_one_row_is() -> None:
    beschreven = _read_beschrijvingen()
    namen = _list_namen(MODELLEN, "*.sql") + _list_namen(DBT_MAP / "seeds", "*.csv")
    assert sorted(beschreven) == sorted(namen)
    zonder_korrel = [
        naam for naam in namen if not beschreven[naam]["description"].startswith("Eén rij")
    ]
    assert zonder_korrel == []
    for pad in (*MODELLEN.rglob("*.sql"), *(DBT_MAP / "tests").glob("*.sql")):
        assert pad.read_text("utf-8").startswith("-- Eén rij"), pad.name


@pytest.mark.parametrize("map_", ["intermediate", "marts"])
def test_yaml_stands_beside_the_sql(map_: str) -> None:
    sql = {pad.with_suffix("") for pad in (MODELLEN / map_).rglob("*.sql")}
    assert {pad.with_suffix("") for pad in (MODELLEN / map_).rglob("*.yml")} == sql


@pytest.mark.parametrize(
    "tabel",
    [t for t in schema.TABELLEN.values() if t.naam.startswith("mart_")],
    ids=lambda t: t.naam,
)
def test_mart_has_the_columns_and_types_of_the_release(tabel: schema.Tabel) -> None:
    mart = _read_beschrijvingen()[tabel.naam]
    assert mart["config"]["contract"]["enforced"]
    assert [(kolom["name"], kolom["data_type"]) for kolom in mart["columns"]] == [
        (veld.name, SOORTEN[veld.type]) for veld in tabel.kolommen
    ]
    assert all(kolom["description"] for kolom in mart["columns"])


def test_catalogue_names_tables_of_the_contract_with_the_purpose_label() -> None:
    tabellen = {tabel.id: tabel for tabel in read_contract(DBT_MAP).tabellen}
    for rij in _read_seed("indicator_eigen"):
        doelen = {doel for kolom in tabellen[rij["bron"]].kolommen for doel in kolom.doelen}
        assert rij["doel"] in doelen, rij["indicator_code"]
    assert {rij["tabel"] for rij in _read_seed("dekkingsbron")} <= set(tabellen)
    assert {rij["dekkingsbron"] for rij in _read_seed("indicator_eigen")} <= {
        rij["dekkingsbron"] for rij in _read_seed("dekkingsbron")
    }


def test_every_kind_of_dwelling_has_a_building_type() -> None:
    codes = {
        rij["code"]
        for rij in _read_seed("vera_codelijst", "vera")
        if rij["lijst"] == "EENHEIDDETAILSOORT" and rij["bovenliggende_code"] == "WOO"
    }
    assert {rij["detail_soort_code"] for rij in _read_seed("gebouwtype")} == codes


def test_care_cases_are_in_no_count_of_the_label() -> None:
    # PSY and VER say something of a person's health (AVG art. 9)
    sets = {
        rij["telset_code"]
        for rij in _read_seed("telset")
        if rij["zaaktype_detail_soort_code"] in {"PSY", "VER"}
    }
    assert sets == {"zorg"}
    sql = "\n".join(pad.read_text("utf-8") for pad in MODELLEN.rglob("*.sql"))
    assert "'zorg'" not in sql


def test_counts_alone_keep_a_theme_known_where_cases_are_few() -> None:
    """Shares and means without a case are unknown; in OVL counts carry three quarters."""
    ovl = [rij for rij in _read_seed("indicator_eigen") if rij["thema_code"] == "OVL"]
    tellingen = sum(float(rij["gewicht"]) for rij in ovl if rij["soort_meting"] == "telling")
    assert tellingen / sum(float(rij["gewicht"]) for rij in ovl) == 0.75


def test_size_bands_leave_no_gap() -> None:
    klassen = sorted(
        (int(rij["ondergrens"]), int(rij["bovengrens"])) for rij in _read_seed("omvangklasse")
    )
    assert klassen[0][0] == 10
    assert all(boven + 1 == onder for (_, boven), (onder, _) in pairwise(klassen))


def test_reasons_of_a_duiding_are_those_that_dbt_accepts() -> None:
    kolommen = {k["name"]: k for k in _read_beschrijvingen()["int_duiding__geldig"]["columns"]}
    (toets,) = (
        toets["accepted_values"]
        for toets in kolommen["duiding_reden_code"]["data_tests"]
        if isinstance(toets, dict)
    )
    assert toets["arguments"]["values"] == list(REDENEN)
