"""Papers say what the facts say, keep to the register's rules, and know when they are old."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestration.bewaard import EIGEN_OPSLAG
from serving.papier.algoritmeregister import Inschrijving, build_register
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN, find_verouderd, render_papieren
from serving.papier.feiten import (
    Indicator,
    Kenmerk,
    Modelstand,
    Papierfeiten,
    Verantwoording,
    compute_basis,
)
from serving.papier.tekst import render_dpia, render_verwerkingsregister, render_waarom
from serving.signaal import bewaren
from sources.contract import read_contract
from vera.contract import Contract
from vera.toegang import ROLLEN

DBT_MAP = Path(__file__).parents[4] / "dbt_project"
WIE = Verantwoording("manager", "AVG art. 6 lid 1 f", "DPIA 7", "de privacy officer")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_contract(DBT_MAP)


@pytest.fixture
def feiten(contract: Contract) -> Papierfeiten:
    return Papierfeiten(
        organisatie="Voorbeeldwonen",
        is_synthetisch=True,
        contact_email="privacy@voorbeeldwonen.example",
        website="https://voorbeeldwonen.example",
        methodeversie="SBL-1.abcdef01",
        codeversie="0.1.0",
        klok="2026-01-01",
        eerste_peildatum="2022-01-01",
        minimum_eenheden=10,
        themas={"OVL": "Overlast", "FIN": "Financiële draagkracht"},
        indicatoren=(
            Indicator("OVL_MELDING", "OVL", "Meldingen van overlast", "Per jaar", "zaak", False),
            Indicator("WP_X", "OVL", "Overlast volgens bewoners", "", "wijkprofiel.vi", True),
        ),
        kenmerken=(
            Kenmerk("overlast", "meldingen_6m", "omvang", 1, "Meldingen in een half jaar"),
            Kenmerk("woonfraude", "huurkloof", "gebouw", 1, "Huur onder de markt"),
        ),
        modellen=(
            Modelstand("overlast", "kampioen", "overlast-1", "Door de poort.", "2026-01-01"),
            Modelstand("woonfraude", "gestopt", "regel-1", "Stilgezet."),
        ),
        verantwoording=dict.fromkeys(("label", "overlast", "woonfraude"), WIE),
        contract=contract,
    )


def test_every_algorithm_has_an_entry_that_keeps_to_the_rules(feiten: Papierfeiten) -> None:
    register, gebreken = build_register(feiten)
    assert not gebreken
    assert [rij["source_id"] for rij in register] == [
        "buurtpeil-label",
        "buurtpeil-overlast",
        "buurtpeil-woonfraude",
    ]
    for rij in register:
        Inschrijving.model_validate_json(json.dumps(rij), strict=False)
        assert rij["lang"] == "NLD"
        assert rij["standard_version"] == "1.0"


def test_a_stopped_model_is_out_of_use_and_one_that_scores_in_use(feiten: Papierfeiten) -> None:
    register, _ = build_register(feiten)
    assert [rij["status"] for rij in register] == ["In gebruik", "In gebruik", "Buiten gebruik"]
    assert register[1]["begin_date"] == "2026-01"


@pytest.mark.parametrize("email", ["", "privacy", "a b@c.nl"])
def test_without_an_address_to_write_to_there_is_no_entry_and_the_field_is_named(
    feiten: Papierfeiten, email: str
) -> None:
    register, gebreken = build_register(replace(feiten, contact_email=email))
    assert register == []
    assert all(regel.endswith("contact_email") for regel in gebreken)
    assert len(gebreken) == 3


@given(st.integers(0, 400))
def test_name_and_short_description_keep_their_limits(lengte: int) -> None:
    velden = {
        "name": "n" * lengte,
        "description_short": "Een label.",
        "organization": "Voorbeeldwonen",
        "status": "In gebruik",
        "contact_email": "a@b.nl",
        "publication_category": "Overige algoritmes",
    }
    if 1 <= lengte < 100:
        assert Inschrijving.model_validate(velden).name == velden["name"]
    else:
        with pytest.raises(ValidationError):
            Inschrijving.model_validate(velden)


@pytest.mark.parametrize(
    ("veld", "waarde"),
    [
        ("status", "Actief"),
        ("begin_date", "2026-13"),
        ("publication_category", "Laag"),
        ("lang", "ENG"),
        ("goal", "x" * 2500),
        ("methods_and_models", "x" * 5000),
        ("provider", "x" * 200),
        ("onbekend", "x"),
    ],
)
def test_a_field_outside_its_rule_is_refused(feiten: Papierfeiten, veld: str, waarde: str) -> None:
    register, _ = build_register(feiten)
    with pytest.raises(ValidationError, match=veld):
        Inschrijving.model_validate({**register[0], veld: waarde})


def test_dpia_names_every_column_of_personal_data_and_every_term(
    feiten: Papierfeiten, contract: Contract
) -> None:
    tekst = render_dpia(feiten)
    for tabel in contract.tabellen:
        assert tabel.bewaartermijn in tekst
        for kolom in tabel.kolommen:
            genoemd = f"| {tabel.id}.{kolom.naam} |" in tekst
            assert genoemd == (kolom.classificatie not in {"openbaar", "intern"})


def test_dpia_says_every_purpose_in_words(feiten: Papierfeiten, contract: Contract) -> None:
    tekst = render_dpia(feiten)
    doelen = {d for t in contract.tabellen for k in t.kolommen for d in k.doelen}
    assert [doel for doel in sorted(doelen) if f"| {doel} | {doel} |" in tekst] == []


def test_dpia_says_what_nobody_filled_in(feiten: Papierfeiten) -> None:
    assert "ontbreekt in organisatie.yml" not in render_dpia(feiten)
    assert "ontbreekt in organisatie.yml" in render_dpia(replace(feiten, verantwoording={}))


def test_register_of_processing_names_who_receives_it(feiten: Papierfeiten) -> None:
    rijen = list(csv.DictReader(io.StringIO(render_verwerkingsregister(feiten)), delimiter=";"))
    assert len(rijen) == 3
    woonfraude = rijen[2]
    assert woonfraude["ontvangers"] == "woonfraude"
    assert woonfraude["grondslag"] == WIE.grondslag
    assert "huurachterstand" not in woonfraude["gegevens"]
    ontvangers = rijen[1]["ontvangers"].split(", ")
    assert ontvangers == [r.naam for r in ROLLEN.values() if "overlast" in r.bereiken]
    assert "politie" not in ontvangers


def read_register(feiten: Papierfeiten) -> dict[str, dict[str, str]]:
    tekst = render_verwerkingsregister(feiten)
    return {rij["verwerking"]: rij for rij in csv.DictReader(io.StringIO(tekst), delimiter=";")}


def test_register_of_processing_holds_what_is_kept_besides_deliveries(
    feiten: Papierfeiten,
) -> None:
    register = read_register(replace(feiten, opslag=EIGEN_OPSLAG))

    eigen = [o for o in EIGEN_OPSLAG if o.soort not in {"openbaar", "intern"}]
    assert list(register)[3:] == [o.naam for o in eigen]
    for opslag in eigen:
        rij = register[opslag.naam]
        assert all(rij.values())
        assert rij["betrokkenen"] == opslag.betrokkenen
        for wat, regel in opslag.termijnen:
            assert f"{wat}: {regel}" in rij["bewaartermijn"]


def test_sociaal_signaal_is_a_special_category_with_its_own_readers_and_terms(
    feiten: Papierfeiten,
) -> None:
    rij = read_register(replace(feiten, opslag=EIGEN_OPSLAG))["Sociale Signalen"]

    assert "AVG art. 9" in rij["gegevens"]
    assert "art. 9 lid 2" in rij["grondslag"]
    for termijn in (bewaren.GESLOTEN, bewaren.OPEN, bewaren.LOG, bewaren.TELLING):
        assert termijn.regel in rij["bewaartermijn"]
    lezers = [r.naam for r in ROLLEN.values() if "signaal_opvolgen" in r.bereiken]
    assert rij["ontvangers"].split(";")[0] == f"{', '.join(lezers)} (inhoud)"
    assert "politie" not in rij["ontvangers"]
    assert "versleuteld" in rij["beveiliging"]


def test_employees_are_data_subjects_of_decisions_keys_and_the_read_log(
    feiten: Papierfeiten,
) -> None:
    register = read_register(replace(feiten, opslag=EIGEN_OPSLAG))
    for naam in (
        "Bewonersinitiatieven",
        "Besluiten van medewerkers",
        "Toegangssleutels",
        "Leeslog",
    ):
        assert "medewerkers" in register[naam]["betrokkenen"]
    assert register["Leeslog"]["ontvangers"] == "privacy"


def test_dpia_names_what_is_kept_besides_deliveries_and_every_term_of_it(
    feiten: Papierfeiten,
) -> None:
    kaal, tekst = render_dpia(feiten), render_dpia(replace(feiten, opslag=EIGEN_OPSLAG))

    for opslag in EIGEN_OPSLAG:
        assert opslag.naam not in kaal
        for wat, regel in opslag.termijnen:
            assert f"| {opslag.naam} | {wat} | {regel} |" in tekst
    bijzonder = tekst.split("### 12.")[1].split("### 13.")[0]
    assert "Sociale Signalen" in bijzonder
    assert "lid 2" in bijzonder
    assert "Leeslog" not in bijzonder


def test_another_term_of_an_own_store_is_another_list(feiten: Papierfeiten) -> None:
    eerste, *rest = EIGEN_OPSLAG
    korter = replace(eerste, termijnen=(("elke melding", "1 maand na gemeld_op"),))
    basissen = {
        replace(feiten, opslag=opslag).basis for opslag in ((), EIGEN_OPSLAG, (korter, *rest))
    }
    assert len(basissen) == 3


def test_papers_of_invented_data_say_so(feiten: Papierfeiten) -> None:
    for tekst in (render_dpia(feiten), render_waarom(feiten)):
        assert "Synthetische gegevens" in tekst
    assert "Synthetische" not in render_waarom(replace(feiten, is_synthetisch=False))


def test_same_facts_give_the_same_bytes(feiten: Papierfeiten) -> None:
    assert render_papieren(feiten) == render_papieren(replace(feiten))


def test_papers_in_step_are_not_old(feiten: Papierfeiten) -> None:
    papieren = render_papieren(feiten)
    versies = {"overlast": "overlast-1", "woonfraude": "regel-1"}
    assert find_verouderd(papieren, feiten.basis, versies) == []


def test_papers_are_old_when_the_list_or_a_version_moved_or_one_is_gone(
    feiten: Papierfeiten,
) -> None:
    papieren = render_papieren(feiten)
    versies = {"overlast": "overlast-1", "woonfraude": "regel-1"}
    meer = compute_basis(
        feiten.indicatoren,
        (*feiten.kenmerken, Kenmerk("overlast", "schouw_12m", "fysiek", -1, "Schouw")),
        feiten.contract,
    )
    assert any("kenmerkenlijst" in r for r in find_verouderd(papieren, meer, versies))
    nieuw = {**versies, "overlast": "overlast-2"}
    assert any("overlast-2" in r for r in find_verouderd(papieren, feiten.basis, nieuw))
    for weg in (BESTAND_BASIS, *BESTANDEN):
        rest = {naam: tekst for naam, tekst in papieren.items() if naam != weg}
        assert find_verouderd(rest, feiten.basis, versies)


def test_a_column_with_another_purpose_is_another_list(feiten: Papierfeiten) -> None:
    bron = feiten.contract.bronnen[0]
    tabel = bron.tabellen[0]
    kolom = replace(tabel.kolommen[0], doelen=frozenset({"iets_anders"}))
    anders = replace(
        feiten.contract,
        bronnen=(
            replace(
                bron,
                tabellen=(
                    replace(tabel, kolommen=(kolom, *tabel.kolommen[1:])),
                    *bron.tabellen[1:],
                ),
            ),
            *feiten.contract.bronnen[1:],
        ),
    )
    assert compute_basis((), (), anders) != compute_basis((), (), feiten.contract)
