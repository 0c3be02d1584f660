from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.referentie import (
    DELEN,
    Referentie,
    activate,
    create_tables,
    list_bevroren,
    read_bevroren,
    write_bevroren,
)
from vera.errors import BuurtpeilError


def make_referentie(*, voorlopig: bool = False, knip: float = 40.0) -> Referentie:
    delen: dict[str, list[dict[str, Any]]] = {naam: [] for naam in DELEN}
    delen["periode"] = [
        {
            "grondslag": "eigen",
            "eerste_peildatum": "2017-01-01",
            "laatste_peildatum": "2018-10-01",
            "aantal_peildata": 8,
            "is_voorlopig": voorlopig,
        }
    ]
    delen["knip"] = [
        {
            "niveau": "complex",
            "grondslag": "eigen",
            "thema_code": "TOT",
            "knip_1": knip,
            "knip_2": 50.0,
            "knip_3": 60.0,
            "knip_4": 70.0,
        }
    ]
    return Referentie("eigen", "SBL-1.test", delen)


def test_reference_is_named_after_its_content() -> None:
    assert make_referentie().id == make_referentie().id
    assert make_referentie().id != make_referentie(knip=40.000000001).id


def test_frozen_reference_comes_back_as_it_was_written(tmp_path: Path) -> None:
    referentie = make_referentie()
    write_bevroren(referentie, tmp_path)
    assert read_bevroren(tmp_path) == {"eigen": referentie}


def test_second_reference_is_used_only_once_it_is_chosen(tmp_path: Path) -> None:
    eerste, tweede = make_referentie(), make_referentie(knip=41.0)
    for referentie in (eerste, tweede):
        write_bevroren(referentie, tmp_path)
    with pytest.raises(BuurtpeilError, match="geen is gekozen"):
        read_bevroren(tmp_path)
    for referentie in (eerste, tweede):
        activate(referentie, tmp_path)
        assert read_bevroren(tmp_path) == {"eigen": referentie}
    assert {ref.id for ref in list_bevroren(tmp_path)} == {eerste.id, tweede.id}


def test_chosen_reference_that_is_gone_is_named(tmp_path: Path) -> None:
    pad = write_bevroren(make_referentie(), tmp_path)
    activate(make_referentie(), tmp_path)
    pad.unlink()
    with pytest.raises(BuurtpeilError, match=pad.stem):
        read_bevroren(tmp_path)


def test_frozen_reference_that_was_edited_is_refused(tmp_path: Path) -> None:
    pad = write_bevroren(make_referentie(), tmp_path)
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    inhoud["delen"]["knip"][0]["knip_1"] = 10.0
    pad.write_text(json.dumps(inhoud), encoding="utf-8")
    with pytest.raises(BuurtpeilError, match="veranderd na het bevriezen"):
        read_bevroren(tmp_path)


def test_dbt_gets_empty_tables_as_long_as_nothing_is_frozen() -> None:
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema buurtpeil")
        assert set(create_tables(warehouse, {}).values()) == {0}
        aantallen = create_tables(warehouse, {"eigen": make_referentie()})
        assert aantallen["referentie_knip"] == 1
        assert warehouse.execute(
            "select knip_4, thema_code from buurtpeil.referentie_knip"
        ).fetchall() == [(70.0, "TOT")]


def test_reference_frozen_before_indicators_leaned_on_each_other_stays_what_it_was(
    tmp_path: Path,
) -> None:
    zonder = {naam: rijen for naam, rijen in make_referentie().delen.items() if naam != "samenhang"}
    oud = Referentie("eigen", "SBL-1.test", zonder)
    write_bevroren(oud, tmp_path)
    gelezen = read_bevroren(tmp_path)["eigen"]
    assert gelezen == oud
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema buurtpeil")
        aantallen = create_tables(warehouse, {"eigen": gelezen})
    assert aantallen["referentie_samenhang"] == 0
    assert aantallen["referentie_periode"] == 1
