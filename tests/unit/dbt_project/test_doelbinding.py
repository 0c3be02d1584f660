"""The firewall: what a risk model is made of, back to the source, with violations planted in it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.doelbinding import OVERLAST, RISICOMODELLEN, WOONFRAUDE, Product
from orchestration.warehouse import find_laag, open_warehouse
from orchestration.werkmap import DBT_MAP
from tests.unit.dbt_project.geplant import Project, gebouwd, list_bronnen, project
from vera.errors import BuurtpeilError

__all__ = ["gebouwd", "project"]  # fixtures
LIJST = DBT_MAP / "seeds" / "risico" / "risico_kenmerk.csv"


@pytest.mark.parametrize("product", [pytest.param(p, id=p.naam) for p in RISICOMODELLEN])
def test_product_reaches_nothing_that_it_may_not(gebouwd: Project, product: Product) -> None:
    assert [str(schending) for schending in gebouwd.check(product)] == []


def test_arrears_in_a_woonfraude_feature_are_found_with_the_way_to_them(project: Project) -> None:
    project.plant(
        "int_woonfraude__woning",
        "as aandeel_klein\nfrom per_complex",
        "+ (select sum(a.maanden_achterstand)"
        ' from "warehouse"."staging"."stg_vera__huurachterstand" as a)'
        " as aandeel_klein\nfrom per_complex",
        "stg_vera__huurachterstand",
    )
    schendingen = project.check(WOONFRAUDE)
    assert ("vera.huurachterstand.maanden_achterstand", "waarde") in list_bronnen(schendingen)
    (eerste, *_) = [s for s in schendingen if s.bron.endswith(".maanden_achterstand")]
    assert eerste.kolom == "int_woonfraude__kenmerk.aandeel_klein"
    assert eerste.pad == (
        "int_woonfraude__kenmerk.aandeel_klein",
        "int_woonfraude__complexmaand.aandeel_klein",
        "int_woonfraude__woning.aandeel_klein",
        "stg_vera__huurachterstand.maanden_achterstand",
        "vera.huurachterstand.maanden_achterstand",
    )


def test_dwelling_that_was_inspected_before_is_found(project: Project) -> None:
    # the pseudonym of the dwelling has no purpose; counting different ones makes it a value
    project.plant(
        "stg_woonfraude__onderzoek", "    uitkomst_code,", "    eenheid_id as uitkomst_code,"
    )
    assert ("woonfraude.onderzoek.eenheid_id", "waarde") in list_bronnen(project.check(WOONFRAUDE))


@pytest.mark.parametrize(
    ("oud", "nieuw"),
    [
        pytest.param(
            "inner join complex\n    on\n",
            "inner join complex\n    on\n        afgerond.eenheid_id is not null and\n",
            id="join",
        ),
        pytest.param(
            "from afgerond\n",
            "from (select * from afgerond where eenheid_id > '') as afgerond\n",
            id="where",
        ),
        pytest.param(
            "partition by onderzoek_id order by bekend_vanaf",
            "partition by eenheid_id order by bekend_vanaf",
            id="window",
        ),
        pytest.param(
            "from afgerond\n",
            "from (select * from afgerond order by eenheid_id limit 9) as afgerond\n",
            id="order",
        ),
        pytest.param(
            "from afgerond\n",
            "from (select * from afgerond qualify count(*) over (partition by eenheid_id) = 1)"
            " as afgerond\n",
            id="qualify",
        ),
    ],
)
def test_column_that_only_decides_which_rows_count_is_found(
    project: Project, oud: str, nieuw: str
) -> None:
    project.plant("int_woonfraude__onderzoek", oud, nieuw)
    assert ("woonfraude.onderzoek.eenheid_id", "sleutel") in list_bronnen(project.check(WOONFRAUDE))


def test_survey_item_is_found_behind_a_model_with_another_name(project: Project) -> None:
    project.add_model(
        "int_complex__beleving",
        "select cluster_id as complex_id, avg(score) as sfeer\n"
        'from "warehouse"."staging"."stg_huurdersonderzoek__antwoord" group by cluster_id',
        ["complex_id", "sfeer"],
        "stg_huurdersonderzoek__antwoord",
    )
    project.plant(
        "int_overlast__complexmaand",
        "from rooster\n",
        'from rooster\nleft join "warehouse"."intermediate"."int_complex__beleving" as beleving'
        " on rooster.beheereenheid_id = beleving.complex_id\n",
        "int_complex__beleving",
    )
    assert project.check(OVERLAST) == []  # joined, and no column of it used
    project.plant(
        "int_overlast__complexmaand",
        "coalesce(omvang.aantal_eenheden, 0) as aantal_eenheden",
        "coalesce(omvang.aantal_eenheden, 0) + beleving.sfeer as aantal_eenheden",
    )
    bronnen = list_bronnen(project.check(OVERLAST))
    assert ("huurdersonderzoek.antwoord.score", "waarde") in bronnen
    assert ("huurdersonderzoek.antwoord.cluster_id", "sleutel") in bronnen


def test_buurt_may_part_complexes_from_their_neighbours_and_never_be_a_value(
    project: Project,
) -> None:
    project.plant(
        "int_overlast__kenmerk",
        "escalaties_ooit as aantal_escalaties_ooit",
        "length(buurt_id) as aantal_escalaties_ooit",
    )
    schendingen = project.check(OVERLAST)
    assert {s.kolom for s in schendingen} == {"int_overlast__kenmerk.aantal_escalaties_ooit"}
    assert {s.reden for s in schendingen} == {"mag alleen als sleutel worden gebruikt"}


def test_woonfraude_may_not_use_the_buurt_even_as_a_key(project: Project) -> None:
    project.plant(
        "int_woonfraude__omvang",
        "from omvang\n",
        'from omvang\ninner join "warehouse"."intermediate"."int_complex__kenmerk" as kenmerk'
        " on omvang.complex_id = kenmerk.complex_id and kenmerk.buurt_id is not null\n",
        "int_complex__kenmerk",
    )
    gevonden = list_bronnen(project.check(WOONFRAUDE))
    assert ("vera.eenheidadres.buurt_id", "sleutel") in gevonden


def test_woonfraude_may_not_read_nuisance_and_overlast_not_the_label(project: Project) -> None:
    for model, product, ouder in (
        ("int_woonfraude__omvang", WOONFRAUDE, "int_overlast__beheereenheid"),
        ("int_overlast__beheereenheid", OVERLAST, "int_label__score"),
    ):
        project.plant(
            model,
            "from lidmaatschap\n",
            "from lidmaatschap cross join (select 1 as een"
            f' from "warehouse"."intermediate"."{ouder}") as anders\n',
            ouder,
        )
        assert (f"model {ouder}", "sleutel") in list_bronnen(project.check(product))


def test_care_cases_stay_behind_the_one_door_to_zaken(project: Project) -> None:
    project.plant(
        "int_overlast__feit",
        '"warehouse"."intermediate"."int_overlast__melding"',
        '"warehouse"."staging"."stg_vera__zaak"',
        "stg_vera__zaak",
    )
    redenen = {s.reden for s in project.check(OVERLAST) if s.bron.startswith("vera.zaak")}
    assert redenen == {"mag alleen gelezen worden door int_zaak__gebeurtenis"}


def test_door_to_zaken_lets_no_care_case_through(gebouwd: Project) -> None:
    with (DBT_MAP / "seeds" / "methode" / "telset.csv").open(encoding="utf-8") as bestand:
        zorg = {
            rij["telset_code"]
            for rij in csv.DictReader(bestand)
            if rij["zaaktype_detail_soort_code"] in {"PSY", "VER"}
        }
    props = gebouwd.manifest["nodes"][gebouwd.find("int_zaak__gebeurtenis")]
    sql = (gebouwd.doel / "compiled" / "buurtpeil" / props["original_file_path"]).read_text("utf-8")
    assert "telset_code in ('overlast', 'ongedierte')" in sql
    assert not zorg & {"overlast", "ongedierte"}


def test_what_was_published_before_is_no_source(project: Project) -> None:
    project.plant(
        "int_woonfraude__omvang",
        "cross join parameter\n",
        'cross join parameter cross join "warehouse"."buurtpeil"."gepubliceerd_label"\n',
        "buurtpeil.gepubliceerd_label",
    )
    bronnen = list_bronnen(project.check(WOONFRAUDE))
    assert ("buurtpeil.gepubliceerd_label", "sleutel") in bronnen


def test_model_that_cannot_be_read_is_no_reason_to_let_it_pass(project: Project) -> None:
    project.plant("int_woonfraude__kenmerk", "from kenmerk", "from kenmerk where (")
    with pytest.raises(BuurtpeilError, match="int_woonfraude__kenmerk is niet te lezen"):
        project.check(WOONFRAUDE)


def test_product_that_names_no_model_is_refused(gebouwd: Project) -> None:
    with pytest.raises(BuurtpeilError, match="geen model int_bestaat_niet"):
        gebouwd.check(replace(OVERLAST, tabellen=("int_bestaat_niet",)))


def _read_lijst(model: str) -> list[str]:
    with LIJST.open(encoding="utf-8", newline="") as bestand:
        return [rij["kenmerk"] for rij in csv.DictReader(bestand) if rij["model"] == model]


@pytest.mark.parametrize(
    ("model", "geen_kenmerk"),
    [
        (
            "overlast",
            {"complex_id", "peildatum", "buurt_id", "aantal_eenheden", "aantal_meldingen_3m",
             "aantal_meldingen_6m", "aantal_meldingen_12m", "aantal_ernstig_6m",
             "aantal_escalaties_ooit"},
        ),
        ("woonfraude", {"complex_id", "peildatum", "aantal_eenheden"}),
    ],
)  # fmt: skip
def test_features_are_exactly_the_list(
    gebouwd: Project, model: str, geen_kenmerk: set[str]
) -> None:
    kolommen = gebouwd.kolommen[find_laag(f"int_{model}__kenmerk"), f"int_{model}__kenmerk"]
    assert [kolom for kolom in kolommen if kolom not in geen_kenmerk] == _read_lijst(model)
    pad = DBT_MAP / f"models/intermediate/risico_{model}/int_{model}__kenmerk.yml"
    (beschreven,) = yaml.safe_load(pad.read_text(encoding="utf-8"))["models"]
    assert sorted(kolom["name"] for kolom in beschreven["columns"]) == sorted(kolommen)


def test_sources_of_a_feature_are_sources_of_coverage() -> None:
    with LIJST.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand))
    bekend = {
        "overlast": {"melding", "ernst", "dossier", "schouw", "maatregel", "mutatie", "onderhoud"},
        "woonfraude": {"weigering", "advertentie", "onderzoek"},
    }
    for rij in rijen:
        assert set(filter(None, rij["bronnen"].split(";"))) <= bekend[rij["model"]], rij["kenmerk"]


Toets = Callable[[str], str]


@pytest.fixture
def toets(warehouse: Any, tmp_path: Path) -> Toets:
    """Change a copy of the warehouse and run the test of the list: pass or fail."""

    def run(opdracht: str) -> str:
        kopie = warehouse._replace(pad=tmp_path / "warehouse.duckdb")
        shutil.copy(warehouse.pad, kopie.pad)
        with open_warehouse(kopie.pad, schrijf=True) as verbinding:
            verbinding.execute(opdracht)
        (uitkomst,) = kopie.run("test", "--select", "kenmerk_staat_op_de_lijst_van_zijn_model")
        return str(uitkomst.status)

    return run


@pytest.mark.parametrize(
    "opdracht",
    [
        pytest.param(
            "alter table woonfraude.int_woonfraude__kenmerk add column achterstand double",
            id="column-that-is-not-on-the-list",
        ),
        pytest.param(
            "alter table intermediate.int_overlast__kenmerk drop column buurt_verval",
            id="feature-of-the-list-that-is-gone",
        ),
    ],
)
def test_build_fails_on_a_feature_that_is_off_the_list(toets: Toets, opdracht: str) -> None:
    assert toets(opdracht) == "fail"
