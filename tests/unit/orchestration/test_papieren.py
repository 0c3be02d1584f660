"""Papers in the data folder: half a bundle or an older one is refused, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.papieren import read_feiten, read_papieren, write_papieren
from orchestration.resources import load_contract
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN, render_papieren
from sources.organisatie import Organisatie, Verantwoording
from vera.errors import PoortUitFout

ORGANISATIE = Organisatie(
    naam="Voorbeeldwonen",
    synthetisch=True,
    contact_email="privacy@voorbeeldwonen.example",
    verantwoording=(Verantwoording("overlast", "manager", "AVG 6.1.f", "DPIA 7", "privacy"),),
)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that papers are read from, as small as they can be."""
    with duckdb.connect() as verbinding:
        verbinding.execute("""
            create schema mart; create schema seeds; create schema intermediate;
            create table mart.mart_risico__model as
                select 'overlast' as model, 'kampioen' as stand, 'overlast-1' as scoreversie,
                    'Door de poort.' as zin, date '2026-01-01' as getraind_op
                union all select 'woonfraude', 'regel', 'regel-1', null, null;
            create table mart.mart_label__sociaal_beheer_label as
                select date '2022-01-01' as peildatum;
            create table intermediate.int_methode__parameter as
                select 10.0 as minimum_verhuureenheden;
            create table seeds.thema as
                select 'OVL' as thema_code, 'Overlast' as naam, 1 as volgorde;
            create table seeds.risico_kenmerk as
                select 'overlast' as model, 'meldingen_6m' as kenmerk, 'omvang' as familie,
                    1 as teken, 'Meldingen' as omschrijving, null::varchar as bronnen;
            create table intermediate.int_methode__indicator as
                select 'OVL_MELDING' as indicator_code, 'OVL' as thema_code, 'Meldingen' as naam,
                    null::varchar as omschrijving, 'zaak' as bron, 'eigen' as grondslag;
        """)
        yield verbinding


def make(warehouse: duckdb.DuckDBPyConnection, naar: Path) -> dict[str, bytes]:
    feiten = read_feiten(warehouse, load_contract(), ORGANISATIE, date(2026, 1, 1))
    papieren = render_papieren(feiten)
    write_papieren(papieren, naar)
    return papieren


def test_papers_of_this_run_are_read_back_as_they_were_made(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    papieren = make(warehouse, tmp_path)
    assert read_papieren(tmp_path, warehouse, load_contract()) == papieren


def test_facts_are_those_of_the_warehouse_and_of_the_association(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    feiten = read_feiten(warehouse, load_contract(), ORGANISATIE, date(2026, 1, 1))
    assert feiten.find_model("overlast").getraind_op == "2026-01-01"
    assert feiten.find_model("woonfraude").getraind_op == ""
    assert feiten.find_verantwoording("overlast").dpia == "DPIA 7"
    assert feiten.find_verantwoording("woonfraude").dpia == ""
    assert (feiten.minimum_eenheden, feiten.eerste_peildatum) == (10, "2022-01-01")


def test_a_new_feature_makes_the_papers_too_old_to_publish(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    make(warehouse, tmp_path)
    warehouse.execute(
        "insert into seeds.risico_kenmerk "
        "values ('overlast', 'schouw_12m', 'fysiek', -1, 'Schouw', null)"
    )
    with pytest.raises(PoortUitFout, match="kenmerkenlijst"):
        read_papieren(tmp_path, warehouse, load_contract())


def test_another_model_that_scores_makes_the_papers_too_old_to_publish(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    make(warehouse, tmp_path)
    warehouse.execute(
        "update mart.mart_risico__model set scoreversie = 'overlast-2' where model = 'overlast'"
    )
    with pytest.raises(PoortUitFout, match="overlast-2"):
        read_papieren(tmp_path, warehouse, load_contract())


def test_another_term_makes_the_papers_too_old_to_publish(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    make(warehouse, tmp_path)
    contract = load_contract()
    bron = contract.bronnen[0]
    tabel = replace(bron.tabellen[0], bewaartermijn="1 jaar na jaar")
    bron = replace(bron, tabellen=(tabel, *bron.tabellen[1:]))
    anders = replace(contract, bronnen=(bron, *contract.bronnen[1:]))
    with pytest.raises(PoortUitFout, match="materialiseer `papieren`"):
        read_papieren(tmp_path, warehouse, anders)


@pytest.mark.parametrize("weg", [BESTAND_BASIS, *BESTANDEN])
def test_half_a_bundle_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, weg: str
) -> None:
    make(warehouse, tmp_path)
    (tmp_path / weg).unlink()
    with pytest.raises(PoortUitFout, match="niet alle"):
        read_papieren(tmp_path, warehouse, load_contract())
