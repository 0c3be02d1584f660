"""The delivery contract: YAML that contradicts itself is refused, with the place named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sources.contract import read_contract
from vera.contract import Contract
from vera.errors import BuurtpeilError

KOLOM: dict[str, Any] = {
    "name": "zaak_id",
    "data_type": "varchar",
    "description": "Zaak",
    "config": {"meta": {"classificatie": "intern", "doelen": ["label"]}},
}


@pytest.fixture
def dbt_map(tmp_path: Path) -> Path:
    (tmp_path / "seeds" / "vera").mkdir(parents=True)
    (tmp_path / "seeds" / "vera" / "vera_codelijst.csv").write_text(
        "lijst,code,naam\nSTATUS,LOP,Lopend\n", encoding="utf-8"
    )
    (tmp_path / "models" / "staging" / "vera").mkdir(parents=True)
    return tmp_path


def write_bron(
    dbt_map: Path,
    kolom: dict[str, Any],
    sleutel: str = "zaak_id",
    bewaartermijn: str = "onbeperkt",
) -> None:
    tabel = {
        "name": "zaak",
        "description": "Eén rij per zaak.",
        "config": {
            "meta": {
                "sleutel": [sleutel],
                "levering": "aanvulling",
                "bewaartermijn": bewaartermijn,
            }
        },
        "columns": [kolom],
    }
    bron = {
        "name": "vera",
        "description": "Primair systeem",
        "config": {"meta": {"formaat": "tabel", "ritme": "maand"}},
        "tables": [tabel],
    }
    pad = dbt_map / "models" / "staging" / "vera" / "_vera__sources.yml"
    pad.write_text(yaml.safe_dump({"version": 2, "sources": [bron]}), encoding="utf-8")


def with_meta(**meta: Any) -> dict[str, Any]:
    return {**KOLOM, "config": {"meta": {**KOLOM["config"]["meta"], **meta}}}


def test_column_keeps_its_classification_and_its_codes(dbt_map: Path) -> None:
    write_bron(dbt_map, with_meta(codelijst="STATUS", classificatie="persoonsgegeven",
                                  behandeling="pseudoniem"))
    kolom = read_contract(dbt_map).bron("vera").tabel("zaak").kolom("zaak_id")
    assert kolom.waarden == {"LOP"}
    assert (kolom.classificatie, kolom.behandeling) == ("persoonsgegeven", "pseudoniem")
    assert kolom.doelen == {"label"}


@pytest.mark.parametrize(
    ("meta", "woord"),
    [
        ({"classificatie": "geheim"}, "geheim"),
        ({"behandeling": "vergeten"}, "vergeten"),
        ({"codelijst": "BESTAATNIET"}, "BESTAATNIET"),
    ],
)
def test_contract_with_an_unknown_word_is_refused(
    dbt_map: Path, meta: dict[str, str], woord: str
) -> None:
    write_bron(dbt_map, with_meta(**meta))
    with pytest.raises(BuurtpeilError, match=rf"vera\.zaak\.zaak_id.*{woord}"):
        read_contract(dbt_map)


def test_key_that_is_no_column_is_refused(dbt_map: Path) -> None:
    write_bron(dbt_map, KOLOM, sleutel="zaaknummer")
    with pytest.raises(BuurtpeilError, match="sleutelkolom zaaknummer bestaat niet"):
        read_contract(dbt_map)


@pytest.mark.parametrize(
    ("regel", "reden"),
    [
        ("zolang het nodig is", "niet uit te voeren"),
        ("5 jaar na einddatum", "een datum die er niet is"),
        ("5 jaar na zaak_id", "een datum die er niet is"),
        ("1 maand na eenheid.uit_exploitatiedatum", "een datum die er niet is"),
    ],
)
def test_retention_that_nobody_could_carry_out_is_refused(
    dbt_map: Path, regel: str, reden: str
) -> None:
    write_bron(dbt_map, KOLOM, bewaartermijn=regel)
    with pytest.raises(BuurtpeilError, match=reden):
        read_contract(dbt_map)


def test_source_that_a_run_makes_itself_is_no_delivery(contract: Contract) -> None:
    assert "buurtpeil" not in {bron.naam for bron in contract.bronnen}


def test_asking_for_what_the_contract_lacks_names_it(contract: Contract) -> None:
    with pytest.raises(KeyError, match="onbekend"):
        contract.bron("onbekend")
    with pytest.raises(KeyError, match="onbekend"):
        contract.bron("vera").tabel("onbekend")
    with pytest.raises(KeyError, match="onbekend"):
        contract.bron("vera").tabel("zaak").kolom("onbekend")
