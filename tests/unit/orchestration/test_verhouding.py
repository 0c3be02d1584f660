"""What a run is held against: its times, the plan of the floor, and a page that is honest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.registry import Herkomst, Modelrun
from orchestration.machine import describe_machine
from orchestration.snelheid import meter as meting
from orchestration.snelheid.meter import Duur, Gemeten, MeetFout, Meter, measure_proces
from orchestration.snelheid.verhouding import (
    REST,
    STAPPEN,
    Opzet,
    Regel,
    Verslag,
    write_pagina,
)
from orchestration.snelheid.vloer import Geheugenregister, VloerFout, read_plan

# --- what a process takes


@pytest.fixture
def klok(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until a test moves it; processor time goes half as fast."""
    nu = [0.0]
    monkeypatch.setattr(meting, "read_duur", lambda: Duur(nu[0], nu[0] / 2))
    return nu


def test_step_within_a_step_is_counted_once(klok: list[float]) -> None:
    meter = Meter()
    with meter.stap("publiceren"):
        klok[0] += 4
        with meter.stap("persoonsgegevens zoeken"):
            klok[0] += 6
        klok[0] += 1
    with meter.stap("publiceren"):
        klok[0] += 2
    assert meter.duren == {
        "publiceren": Duur(7.0, 3.5),
        "persoonsgegevens zoeken": Duur(6.0, 3.0),
    }


def test_step_that_fails_is_counted_and_leaves_the_others_as_they_were(klok: list[float]) -> None:
    meter = Meter()

    def fail() -> None:
        with meter.stap("binnen"):
            klok[0] += 2
            raise ValueError("stuk")

    with meter.stap("buiten"):
        with pytest.raises(ValueError, match="stuk"):
            fail()
        klok[0] += 4
    assert meter.duren == {"binnen": Duur(2.0, 1.0), "buiten": Duur(4.0, 2.0)}


def test_process_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(MeetFout, match="gestopt met code"):
        measure_proces("there.is.no.such.module", [], tmp_path / "uit.json")


# --- what is held against what


def make_verslag(run: dict[str, float], vloer: dict[str, float], heel: float = 100.0) -> Verslag:
    def meet(stappen: dict[str, float], heel: float) -> Gemeten:
        return Gemeten(
            heel=Duur(2 * heel, heel),
            stappen={naam: Duur(2 * s, s) for naam, s in stappen.items()},
            geheugen=2_000_000_000,
            uitkomst={"release": "0123456789ab"},
        )

    return Verslag(Opzet(), meet(run, heel), meet(vloer, 40.0), {"mart.a": 3, "mart.b": 4})


def test_every_second_of_both_processes_stands_in_one_line() -> None:
    verslag = make_verslag({"warehouse": 30, "poort in": 5, "doelbinding": 7}, {"warehouse": 10})
    regels = {regel.naam: regel for regel in verslag.list_regels()}
    assert list(regels) == [*STAPPEN, REST]
    assert regels["dbt, eerste deel"].verhouding == pytest.approx(3.0)
    assert regels["levering tot landing"].run.rekentijd == 5
    # Purposes have a step in the run alone: it is no part of what the floor does.
    assert regels[REST].run.rekentijd == pytest.approx(65)
    assert sum(r.run.rekentijd for r in regels.values()) == pytest.approx(100)
    assert sum(r.vloer.rekentijd for r in regels.values()) == pytest.approx(40)


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e4), st.floats(0.1, 10))
def test_ratio_does_not_change_with_the_speed_of_the_machine(
    run: float, vloer: float, snelheid: float
) -> None:
    regel = Regel("x", Duur(run, run), Duur(vloer, vloer))
    ander = Regel("x", Duur(0, run * snelheid), Duur(0, vloer * snelheid))
    assert ander.verhouding == pytest.approx(regel.verhouding)


@pytest.mark.parametrize(
    ("eenheden", "heel", "oordeel"),
    [
        (60_000, 80.0, "2,00: gehaald"),
        (600_000, 80.4, "2,00: niet gehaald"),
        (2_400_000, 46.0, "1,15: gehaald"),
        (2_400_000, 80.0, "1,15: niet gehaald"),
        (1_500, 400.0, "geen grens"),
    ],
)
def test_bound_is_twice_the_floor_and_tighter_at_the_size_of_the_sector(
    eenheden: int, heel: float, oordeel: str
) -> None:
    verslag = replace(make_verslag({}, {}, heel), opzet=Opzet(eenheden))
    assert oordeel in verslag.oordeel
    assert verslag.oordeel in write_pagina(verslag)


def test_page_names_the_machine_and_no_path_or_host() -> None:
    tekst = write_pagina(make_verslag({"warehouse": 30}, {"warehouse": 10}))
    assert describe_machine() in tekst
    assert "| dbt, eerste deel | 30,00 | 10,00 | 3,00 | 3,00 |" in tekst
    assert "| hele run | 100,00 | 40,00 | 2,50 | 2,50 |" in tekst
    assert "2 tabellen met samen 7 rijen" in tekst
    assert Path.home().as_posix() + "/" not in tekst
    assert Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip() not in tekst


# --- the plan


def make_doel(naar: Path, modellen: dict[str, tuple[str, list[str]]]) -> Path:
    """Write a target folder: (layer, parents) by name."""
    nodes: dict[str, Any] = {
        "seed.buurtpeil.thema": {
            "resource_type": "seed",
            "schema": "seeds",
            "alias": "thema",
            "original_file_path": "seeds/methode/thema.csv",
            "depends_on": {"macros": []},
        },
        "test.buurtpeil.uniek": {"resource_type": "test"},
    }
    for naam, (laag, ouders) in modellen.items():
        pad = f"models/{laag}/{naam}.sql"
        nodes[f"model.buurtpeil.{naam}"] = {
            "resource_type": "model",
            "schema": laag,
            "alias": naam,
            "package_name": "buurtpeil",
            "original_file_path": pad,
            "fqn": ["buurtpeil", laag, naam],
            "depends_on": {"nodes": ouders},
        }
        (naar / "run" / "buurtpeil" / pad).parent.mkdir(parents=True, exist_ok=True)
        (naar / "run" / "buurtpeil" / pad).write_text(f'create view "{naam}__dbt_tmp" as (1)')
    (naar / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    return naar


TREKKING = "source.buurtpeil.buurtpeil.onzekerheid"


def test_plan_follows_the_graph_and_breaks_where_the_draws_come_in(tmp_path: Path) -> None:
    doel = make_doel(
        tmp_path,
        {
            "d": ("intermediate", ["model.buurtpeil.c"]),
            "c": ("intermediate", [TREKKING, "model.buurtpeil.b"]),
            "b": ("intermediate", ["model.buurtpeil.a", "seed.buurtpeil.thema"]),
            "a": ("staging", []),
            "m": ("marts", ["model.buurtpeil.a"]),
        },
    )
    plan = read_plan(doel)
    assert [sql.split('"')[1] for sql in plan.eerste] == ["a", "b"]
    tweede = [sql.split('"')[1] for sql in plan.tweede]
    assert sorted(tweede) == ["c", "d", "m"]
    assert tweede.index("c") < tweede.index("d")
    assert list(plan.seeds) == [("seeds", "thema")]
    assert plan.schemas == ("intermediate", "marts", "seeds", "staging")


def test_model_that_dbt_did_not_run_is_missed_before_anything_is_measured(tmp_path: Path) -> None:
    doel = make_doel(tmp_path, {"a": ("staging", [])})
    (doel / "run" / "buurtpeil" / "models" / "staging" / "a.sql").unlink()
    with pytest.raises(VloerFout, match=r"a\.sql"):
        read_plan(doel)


# --- the registry of one run


def make_run(data: str) -> Modelrun:
    return Modelrun(
        model="overlast",
        schatter=make_pipeline(StandardScaler()),
        proef=np.zeros((2, 1)),
        herkomst=Herkomst(data, "b" * 64, (), {"soort": "lineair"}),
        vensters=(),
        totalen={"k": 5.0},
        kaart="Kaart",
    )


def test_registry_in_memory_has_one_champion_and_the_newest_version_first() -> None:
    register = Geheugenregister()
    assert register.load_kampioen("overlast") is None
    assert register.list_versies("overlast") == ()
    eerste, tweede = (register.log_run(make_run(data)) for data in ("a" * 64, "c" * 64))
    for versie in (eerste, tweede):
        register.register_versie("overlast", versie)
        register.set_kampioen("overlast", versie)
    assert [(v.modelversie, v.is_kampioen) for v in register.list_versies("overlast")] == [
        (tweede, True),
        (eerste, False),
    ]
    geladen = register.load_kampioen("overlast")
    assert geladen is not None
    assert (geladen.versie.modelversie, geladen.kaart, geladen.totalen) == (
        tweede,
        "Kaart",
        {"k": 5.0},
    )
    assert register.load_kampioen("woonfraude") is None
    register.drop_kampioen("overlast", ["stopt"])
    assert register.load_kampioen("overlast") is None
    assert register.list_versies("overlast")[0].gestopt_omdat == ("stopt",)
