"""The delivery contract keeps its promises, and the demo delivers exactly what it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.poort_in_verslag import MAANDEN_PER_RITME
from sources.adresindex import ADRESDELEN
from sources.contract import read_contract
from sources.demo.genereer import generate
from vera.contract import Bron, Kolom, Tabel

CONTRACT = read_contract(Path(__file__).parents[2] / "dbt_project")
BRONNEN = [pytest.param(bron, id=bron.naam) for bron in CONTRACT.bronnen]
TABELLEN = [pytest.param(tabel, id=tabel.id) for tabel in CONTRACT.tabellen]

DOELEN = {"label", "overlast", "woonfraude", "pagina", "export", "validatie",
          "toetsing_gelijke_behandeling"}
GEVOELIG = {"persoonsgegeven", "bijzonder", "strafrechtelijk"}
# Classified columns that are kept as they are, and why that is right.
BEHOUDEN_OMDAT = {
    "woonfraude.onderzoek.uitkomst_code": "what the woonfraude model predicts, per complex; a "
    "schema and role of its own (criminal data)",
    "vera.boeking.bedrag_eur": "an amount on a pseudonym; only shares of 10 or more leave FIN",
    "vera.huurachterstand.achterstand_eur": "as above",
    "vera.huurachterstand.maanden_achterstand": "as above",
}
# Tables that an association delivers in place of another, and the demo does not.
NIET_IN_DEMO = {"vera.boeking": "the demo delivers the monthly state huurachterstand"}
# Columns without a purpose that are kept, and why.
ZONDER_DOEL_OMDAT = {
    "woonfraude.onderzoek.eenheid_id": "a pseudonym to recognise a double inspection by",
}


def list_kolommen() -> list[tuple[str, Tabel, Kolom]]:
    return [
        (f"{tabel.id}.{kolom.naam}", tabel, kolom)
        for tabel in CONTRACT.tabellen
        for kolom in tabel.kolommen
    ]


def test_classified_column_is_hidden_removed_or_kept_for_a_stated_reason() -> None:
    behouden = {
        naam
        for naam, _, kolom in list_kolommen()
        if kolom.classificatie in GEVOELIG and kolom.behandeling == "behouden"
    }
    assert behouden == set(BEHOUDEN_OMDAT)


def test_column_that_goes_on_has_a_purpose_and_one_that_is_removed_has_none() -> None:
    for naam, _, kolom in list_kolommen():
        assert kolom.doelen <= DOELEN, naam
        if kolom.behandeling == "verwijderen":
            assert kolom.doelen == frozenset(), naam
        elif naam not in ZONDER_DOEL_OMDAT:
            assert kolom.doelen, naam


def test_stated_reasons_are_about_columns_that_exist() -> None:
    bekend = {naam for naam, _, _ in list_kolommen()}
    assert set(BEHOUDEN_OMDAT) | set(ZONDER_DOEL_OMDAT) <= bekend
    assert set(NIET_IN_DEMO) <= {tabel.id for tabel in CONTRACT.tabellen}


@pytest.mark.parametrize("bron", BRONNEN)
def test_source_has_a_rhythm_and_thresholds_that_the_gate_knows(bron: Bron) -> None:
    assert bron.ritme in MAANDEN_PER_RITME
    assert 0 < bron.drempel_onbekende_code <= bron.drempel_quarantaine <= 0.05
    assert bron.omschrijving


@pytest.mark.parametrize("tabel", TABELLEN)
def test_table_has_retention_a_key_and_a_description_that_opens_with_its_grain(
    tabel: Tabel,
) -> None:
    assert tabel.bewaartermijn
    assert tabel.sleutel
    assert tabel.omschrijving.startswith("Eén rij per ")
    namen = [kolom.naam for kolom in tabel.kolommen]
    assert len(namen) == len(set(namen))
    assert all(kolom.omschrijving for kolom in tabel.kolommen)


@pytest.mark.parametrize("tabel", TABELLEN)
def test_additions_say_when_a_row_counts_as_known(tabel: Tabel) -> None:
    namen = {kolom.naam for kolom in tabel.kolommen}
    if tabel.levering == "aanvulling":
        assert "kennisdatum" in namen
        assert tabel.kennisdatum_eerste_levering in namen
    else:
        assert "kennisdatum" not in namen


def test_code_lists_of_the_contract_are_in_the_seed_and_hold_codes() -> None:
    for naam, _, kolom in list_kolommen():
        if kolom.codelijst:
            assert CONTRACT.codelijsten[kolom.codelijst], naam
            assert kolom.waarden == frozenset(CONTRACT.codelijsten[kolom.codelijst]), naam


def test_address_is_hashed_as_a_whole_or_not_at_all() -> None:
    for tabel in CONTRACT.tabellen:
        delen = {k.naam for k in tabel.kolommen if k.behandeling == "adresindex"}
        assert delen in (set(), set(ADRESDELEN)), tabel.id


def test_column_of_a_publisher_says_where_it_stands_in_the_file() -> None:
    for naam, tabel, kolom in list_kolommen():
        if CONTRACT.bron(tabel.bron).formaat != "uitgever" or kolom.naam == "jaar":
            continue
        geteld = tabel.id == "airbnb.advertentie" and kolom.naam == "advertenties_aantal"
        assert kolom.kop or kolom.positie is not None or geteld, naam


def test_composition_has_one_purpose_and_a_schema_of_its_own() -> None:
    for naam, tabel, kolom in list_kolommen():
        is_toetsing = "toetsing_gelijke_behandeling" in kolom.doelen
        assert is_toetsing == (tabel.schema == "toetsing"), naam
        assert not is_toetsing or len(kolom.doelen) == 1, naam


def test_only_the_woonfraude_source_holds_criminal_data() -> None:
    for naam, tabel, kolom in list_kolommen():
        if kolom.classificatie == "strafrechtelijk":
            assert tabel.bron == "woonfraude", naam
            assert kolom.doelen <= {"woonfraude"}, naam


@pytest.fixture(scope="module")
def leveringen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uit = tmp_path_factory.mktemp("contract") / "leveringen"
    generate(uit, 300, 2, seed=1)
    return uit


@pytest.mark.parametrize(
    "tabel",
    [
        pytest.param(tabel, id=tabel.id)
        for bron in CONTRACT.bronnen
        if bron.formaat == "tabel"
        for tabel in bron.tabellen
        if tabel.id not in NIET_IN_DEMO
    ],
)
def test_head_of_every_demo_file_is_the_contract_columns(leveringen: Path, tabel: Tabel) -> None:
    bestanden = sorted((leveringen / tabel.bron).glob(f"{tabel.naam}_2???-??-??.csv"))
    assert bestanden
    for pad in bestanden:
        kop = pad.read_text(encoding="utf-8").split("\n", 1)[0].split(";")
        assert kop == [kolom.naam for kolom in tabel.kolommen]


def test_demo_delivers_every_source_and_nothing_else(leveringen: Path) -> None:
    mappen = {pad.name for pad in leveringen.iterdir() if pad.is_dir()}
    assert mappen == {bron.naam for bron in CONTRACT.bronnen} | {"waarheid"}
