"""Bewonersinitiatieven from a delivery into the register, and from the register to a delivery."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.assets.bewaartermijn import build_bewaartermijn
from orchestration.assets.herberekening import build_herberekening
from orchestration.assets.initiatief import (
    BEWONERSINITIATIEVEN,
    OVERGENOMEN,
    build_bewonersinitiatieven,
)
from orchestration.assets.release import build_release_assets
from orchestration.checks import WAARSCHUWEND
from orchestration.initiatief import KOLOMMEN, read_geleverd, write_levering
from orchestration.instellingen import Instellingen
from orchestration.jobs import REFERENTIE_SCHATTEN, VERVERSING, build_jobs
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang
from orchestration.werkmap import DBT_MAP, Werkmap
from serving.initiatief.regels import STATUSSEN, Gegevens
from serving.initiatief.register import BESTAND, Initiatiefregister, url_of_file
from sources.contract import read_contract
from sources.landing import land_bron
from sources.sleutels import Sleutel
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import GebruikFout

DAG = date(2026, 11, 28)
TUIN = Gegevens(
    naam="Geveltuinen",
    thema_code="groen",
    niveau="complex",
    beheerobject_id="C001",
    buurt_id="BU01",
    bedrag_eur=Decimal("750.50"),
    status_code="toegekend",
    begindatum=date(2026, 10, 1),
)


class Uitgave:
    """A release with two complexes."""

    def query(self, sql: str) -> list[tuple[str, str]]:
        assert "lijst" in sql
        return [("C001", "BU01"), ("C002", "BU02")]


@pytest.fixture
def werkmap(tmp_path: Path) -> Werkmap:
    werkmap = Werkmap.of(tmp_path)
    with duckdb.connect(str(werkmap.warehouse)) as warehouse:
        warehouse.execute(
            "create schema staging; "
            "create table staging.stg_vera__buurt as select * from (values "
            "('B1', 'BU01'), ('B2', 'BU02')) t(buurt_id, id_gegevensbeheerder); "
            "create table staging.stg_wijkbeheer__bewonersinitiatief as select * from (values "
            "('BI1', 'C001', 'B1', 'Koffie', 12.50::decimal(10,2), 'toegekend', date '2026-01-01', "
            "  null::date, null::date), "
            "('BI1', 'C001', 'B1', 'Koffie', null, 'aangevraagd', date '2026-01-01', null, "
            "  date '2026-02-01'), "
            "('BI2', null, 'B2', 'Bel 06-12345678', null, 'afgerond', date '2026-01-01', "
            "  date '2026-05-01', null), "
            "('BI3', 'C999', 'B1', 'Weg', null, 'toegekend', date '2026-01-01', null, null), "
            "('REG-000001', 'C001', 'B1', 'Van ons', null, 'toegekend', date '2026-01-01', null, "
            "  null)) t(bewonersinitiatief_id, cluster_id, buurt_id, naam, bedrag_eur, "
            "status_code, begindatum, einddatum, bekend_tot)"
        )
    return werkmap


def read(werkmap: Werkmap) -> Any:
    return read_geleverd(werkmap.warehouse, Uitgave())  # type: ignore[arg-type]


def test_delivered_initiatives_come_as_last_known_with_places_of_the_release(
    werkmap: Werkmap,
) -> None:
    koffie, tweede = read(werkmap)

    assert (koffie.bron_id, koffie.gegevens.status_code) == ("BI1", "toegekend")
    assert koffie.gegevens.bedrag_eur == Decimal("12.50")
    assert (koffie.gegevens.beheerobject_id, koffie.gegevens.buurt_id) == ("C001", "BU01")
    assert (tweede.gegevens.niveau, tweede.gegevens.beheerobject_id) == ("buurt", "BU02")
    assert tweede.gegevens.naam == "Initiatief zonder naam", "a telephone number is not shown"


def test_without_a_run_there_is_nothing_to_take_over(tmp_path: Path) -> None:
    with pytest.raises(GebruikFout, match="buurtpeil run"):
        read(Werkmap.of(tmp_path))


def test_register_becomes_a_delivery_with_a_version_per_day(werkmap: Werkmap) -> None:
    nu = [datetime(2026, 10, 1, 9, tzinfo=UTC)]
    register = Initiatiefregister(url_of_file(werkmap.data / BESTAND), nu=lambda: nu[0])
    tuin = register.add(TUIN, "A. de Wit")
    register.change(tuin.id, "A. de Wit", bedrag_eur=Decimal(800))
    nu[0] = datetime(2026, 11, 2, 9, tzinfo=UTC)
    register.change(tuin.id, "B. Bos", status_code="afgerond", einddatum=date(2026, 11, 1))
    register.add(
        replace(TUIN, naam="Soep; en brood", niveau="buurt", beheerobject_id="BU02",
                buurt_id="BU02", bedrag_eur=None), "B. Bos",
    )  # fmt: skip

    pad = write_levering(register, werkmap.data / "leveringen", werkmap, DAG)

    assert pad.name == "bewonersinitiatief_2026-11-28.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand, delimiter=";"))
    assert [
        (r["kennisdatum"], r["bewonersinitiatief_id"], r["bedrag_eur"], r["status_code"])
        for r in rijen
    ] == [
        ("2026-10-01", "REG-000001", "800.00", "toegekend"),
        ("2026-11-02", "REG-000001", "800.00", "afgerond"),
        ("2026-11-02", "REG-000002", "", "toegekend"),
    ]
    assert [(r["cluster_id"], r["buurt_id"]) for r in rijen[1:]] == [("C001", "B1"), ("", "B2")]
    assert "de Wit" not in pad.read_text(encoding="utf-8")
    with pytest.raises(GebruikFout, match="is er al"):
        write_levering(register, werkmap.data / "leveringen", werkmap, DAG)


def test_delivery_of_the_register_is_taken_in_without_a_rejected_row(werkmap: Werkmap) -> None:
    register = Initiatiefregister(url_of_file(werkmap.data / BESTAND))
    register.add(replace(TUIN, naam='Soep; "en" brood', einddatum=date(2026, 12, 1)), "A. de Wit")
    leveringen = werkmap.data / "leveringen"
    write_levering(register, leveringen, werkmap, DAG)
    (bron,) = (b for b in read_contract(DBT_MAP).bronnen if b.naam == "wijkbeheer")

    landing = land_bron(bron, leveringen, werkmap.landing, Sleutel(b"s" * 32))

    (geland,) = landing.bestanden
    assert (geland.verslag.rijen, geland.verslag.afgekeurd, geland.afkeuringen) == (1, 0, ())
    assert geland.verslag.leesfout is None
    assert landing.overgeslagen == ()


def test_delivery_has_the_columns_and_codes_of_the_contract() -> None:
    (tabel,) = (
        t for t in read_contract(DBT_MAP).tabellen if t.id == "wijkbeheer.bewonersinitiatief"
    )

    assert sorted(kolom.naam for kolom in tabel.kolommen) == sorted(KOLOMMEN)
    (status,) = (kolom for kolom in tabel.kolommen if kolom.naam == "status_code")
    assert set(status.waarden or ()) == set(STATUSSEN)


def test_empty_register_makes_no_delivery(werkmap: Werkmap) -> None:
    register = Initiatiefregister(url_of_file(werkmap.data / BESTAND))

    with pytest.raises(GebruikFout, match="geen bewonersinitiatieven"):
        write_levering(register, werkmap.data / "leveringen", werkmap, DAG)
    assert not (werkmap.data / "leveringen").exists()


@pytest.fixture
def uitgave(werkmap: Werkmap) -> Werkmap:
    """The example is published: it has the complexes C001 and C002."""
    publish_example(werkmap.releases)
    return werkmap


def materialize(werkmap: Werkmap, register: Initiatiefregister) -> dg.ExecuteInProcessResult:
    stap = build_bewonersinitiatieven()
    return dg.materialize(
        [stap],
        resources={
            "werkplaats": Werkplaats(data=str(werkmap.data), leveringen=str(werkmap.data)),
            "initiatieven": register,
            "voortgang": Voortgang(),
        },
        raise_on_error=False,
    )


def read_oordeel(uitkomst: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (oordeel,) = uitkomst.get_asset_check_evaluations()
    return oordeel


def read_nieuw(uitkomst: dg.ExecuteInProcessResult) -> object:
    (gebeurtenis,) = uitkomst.get_asset_materialization_events()
    return gebeurtenis.materialization.metadata["nieuw of veranderd"].value


def test_run_takes_delivered_initiatives_over_and_the_next_one_nothing_new(
    uitgave: Werkmap,
) -> None:
    register = Initiatiefregister(url_of_file(uitgave.data / BESTAND))

    eerst, daarna = (materialize(uitgave, register) for _ in range(2))

    assert (read_nieuw(eerst), read_nieuw(daarna)) == (2, 0)
    assert read_oordeel(daarna).passed
    assert [i.bron_id for i in register.list_hier("complex", "C001", "BU01")] == ["BI1"]
    assert len(register.list_standen()) == 0, "nothing of it is our own"


@pytest.mark.parametrize("weg", ["release", "warehouse", "register"])
def test_what_cannot_be_taken_over_is_warned_for_and_stops_nothing(
    uitgave: Werkmap, weg: str
) -> None:
    register = Initiatiefregister(url_of_file(uitgave.data / BESTAND))
    if weg == "release":
        (uitgave.releases / "CURRENT").unlink()
    elif weg == "warehouse":
        uitgave.warehouse.unlink()
    else:
        (uitgave.data / BESTAND).write_text("geen database", encoding="utf-8")

    uitkomst = materialize(uitgave, register)

    assert uitkomst.success
    oordeel = read_oordeel(uitkomst)
    assert not oordeel.passed
    assert oordeel.severity == dg.AssetCheckSeverity.WARN
    assert (oordeel.description or "").startswith("Bewonersinitiatieven zijn niet overgenomen. ")
    assert OVERGENOMEN in WAARSCHUWEND, "said at the end of a run"


def test_run_without_deliveries_of_it_makes_no_register(uitgave: Werkmap) -> None:
    with duckdb.connect(str(uitgave.warehouse)) as warehouse:
        warehouse.execute("delete from staging.stg_wijkbeheer__bewonersinitiatief")
    register = Initiatiefregister(url_of_file(uitgave.data / BESTAND))

    assert read_nieuw(materialize(uitgave, register)) == 0
    assert not (uitgave.data / BESTAND).exists()


def test_only_a_run_that_publishes_takes_initiatives_over() -> None:
    taken = {
        job.name: job.selection
        for job in build_jobs()
        if not isinstance(job, dg.JobDefinition)
    }
    alles = [
        build_bewonersinitiatieven(),
        build_bewaartermijn(),
        build_herberekening(Instellingen()),
        *build_release_assets(),
    ]
    assert BEWONERSINITIATIEVEN in taken[VERVERSING].resolve(alles)
    assert BEWONERSINITIATIEVEN not in taken[REFERENTIE_SCHATTEN].resolve(alles)
