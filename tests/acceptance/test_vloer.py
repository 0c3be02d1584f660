"""The floor under a run: the same tables and the same release, and none of what stands around."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.snelheid.meter import Gemeten, measure_proces
from orchestration.snelheid.verhouding import STAPPEN, compare
from orchestration.snelheid.vloer import VloerFout
from orchestration.werkmap import Werkmap


@pytest.fixture(scope="module")
def map_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vloer")


@pytest.fixture(scope="module")
def vloer(gepubliceerd: Any, map_: Path) -> Gemeten:
    return measure_proces(
        "orchestration.snelheid.vloer",
        [
            str(gepubliceerd.data),
            str(gepubliceerd.leveringen),
            str(map_ / "data"),
            gepubliceerd.huidig,
        ],
        map_ / "uit.json",
    )


def test_bare_sql_and_fits_give_the_tables_and_the_release_of_the_whole_job(
    gepubliceerd: Any, vloer: Gemeten, map_: Path
) -> None:
    rijen = compare(Werkmap.of(gepubliceerd.data), Werkmap.of(map_ / "data"))
    assert rijen["mart.mart_label__sociaal_beheer_label"] > 100
    assert rijen["buurtpeil.onzekerheid"] > 100
    assert rijen["buurtpeil.risicomodel"] == 2
    assert vloer.uitkomst["release"] == gepubliceerd.huidig


def test_floor_loads_no_framework_and_does_every_step(vloer: Gemeten) -> None:
    assert vloer.uitkomst["raamwerken"] == []
    assert set(vloer.stappen) == {naam for _, van_vloer in STAPPEN.values() for naam in van_vloer}
    assert sum(duur.rekentijd for duur in vloer.stappen.values()) < vloer.heel.rekentijd


def test_one_changed_value_in_a_mart_is_another_outcome(
    gepubliceerd: Any, vloer: Gemeten, map_: Path
) -> None:
    del vloer  # it made the warehouse that is changed here
    pad = Werkmap.of(map_ / "data").warehouse
    wissel = (
        "update mart.mart_label__sociaal_beheer_label set score = score {} 1e-9 "
        "where (beheerobject_id, peildatum, thema_code, grondslag) = ("
        "select (beheerobject_id, peildatum, thema_code, grondslag) "
        "from mart.mart_label__sociaal_beheer_label where score > 10 order by all limit 1)"
    )
    with duckdb.connect(str(pad)) as db:
        db.execute("create table mart.apart as from mart.mart_label__sociaal_beheer_label")
        db.execute(wissel.format("+"))
    try:
        with pytest.raises(VloerFout, match="sociaal_beheer_label"):
            compare(Werkmap.of(gepubliceerd.data), Werkmap.of(map_ / "data"))
    finally:
        with duckdb.connect(str(pad)) as db:
            db.execute("drop table mart.mart_label__sociaal_beheer_label")
            db.execute("alter table mart.apart rename to mart_label__sociaal_beheer_label")
