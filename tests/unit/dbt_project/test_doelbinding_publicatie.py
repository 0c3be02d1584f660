"""What a release holds, back to the source: clean, and every planted violation is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestration.assets.label import build_label_stappen
from orchestration.assets.risico import build_risico
from orchestration.doelbinding import (
    BRUGGEN,
    EXPORT,
    LABEL,
    OVERLAST,
    PAGINA,
    PRODUCTEN,
    PUBLICATIE,
    RISICOMODELLEN,
    RISICOSCORE,
    WERKLIJST_OVERLAST,
    WERKLIJST_WOONFRAUDE,
    WOONFRAUDE,
    Product,
    check_project,
    trace_product,
)
from orchestration.warehouse import LAGEN
from serving.release import schema
from tests.unit.dbt_project.geplant import CONTRACT, Project, gebouwd, list_bronnen, project
from vera.contract import Contract

__all__ = ["gebouwd", "project"]  # fixtures


def drop_doel(naam: str, doel: str) -> Contract:
    """Return the contract with one purpose of one column taken away."""
    bron_naam, tabel_naam, kolom_naam = naam.split(".")
    return replace(
        CONTRACT,
        bronnen=tuple(
            replace(
                bron,
                tabellen=tuple(
                    replace(
                        tabel,
                        kolommen=tuple(
                            replace(kolom, doelen=kolom.doelen - {doel})
                            if (bron.naam, tabel.naam, kolom.naam)
                            == (bron_naam, tabel_naam, kolom_naam)
                            else kolom
                            for kolom in tabel.kolommen
                        ),
                    )
                    for tabel in bron.tabellen
                ),
            )
            for bron in CONTRACT.bronnen
        ),
    )


@pytest.mark.parametrize("product", [pytest.param(p, id=p.naam) for p in PUBLICATIE])
def test_what_is_published_reaches_nothing_that_it_may_not(
    gebouwd: Project, product: Product
) -> None:
    assert [str(schending) for schending in gebouwd.check(product)] == []


def test_every_product_is_made_of_something(gebouwd: Project) -> None:
    gebruik = gebouwd.read()
    for product in PRODUCTEN:
        assert trace_product(product, gebruik, CONTRACT).wegen, product.naam


def test_project_has_nothing_that_it_may_not_have_at_all(gebouwd: Project) -> None:
    assert check_project(gebouwd.read()) == []


def test_every_table_of_a_release_is_judged_for_each_place_where_it_is_seen() -> None:
    modellen = {naam for naam in schema.TABELLEN if naam != schema.THEMA.naam}  # a seed
    intern = {tabel.naam for tabel in schema.INTERN}
    label = {"indicator" if t == "int_methode__indicator" else t for t in LABEL.tabellen}
    feiten = {tabel.naam for tabel in schema.WERKLIJSTFEITEN}
    # The address index stands beside the tables, and is judged with the page.
    assert label | set(PAGINA.tabellen) | intern | feiten == modellen | {"int_complex__adres"}
    assert set(EXPORT.tabellen) == modellen - label - intern - feiten
    assert set(RISICOSCORE.tabellen) == intern
    assert {*WERKLIJST_OVERLAST.tabellen, *WERKLIJST_WOONFRAUDE.tabellen} == feiten


def test_table_that_python_writes_counts_as_made_of_what_its_step_reads() -> None:
    gelezen = {
        ".".join(sleutel.path): {
            ouder.path[-1]
            for ouder in definitie.asset_deps[sleutel]
            if ouder.path[0] == "intermediate"
        }
        for definitie in build_label_stappen()
        for sleutel in definitie.keys
    }
    for tabel, brug in BRUGGEN.items():
        assert gelezen[tabel] == set(brug.modellen), tabel


def test_risk_scores_read_only_tables_that_are_judged_before_they_train() -> None:
    definitie = build_risico()
    gelezen = {
        ouder.path[-1]
        for sleutel in definitie.keys
        for ouder in definitie.asset_deps[sleutel]
        if ouder.path[0] in LAGEN
    }
    assert gelezen == {tabel for product in RISICOMODELLEN for tabel in product.tabellen}


def test_sociaal_signaal_is_found_behind_two_models_and_another_name(project: Project) -> None:
    project.add_source("sociaal_signaal", "signaal", ["cluster_id", "vermoeden"])
    project.add_model(
        "int_buurt__zorg",
        'select cluster_id, count(vermoeden) as druk from "warehouse"."sociaal_signaal"."signaal"'
        " group by cluster_id",
        ["cluster_id", "druk"],
        "sociaal_signaal.signaal",
    )
    project.add_model(
        "int_buurt__sfeer",
        'select cluster_id as complex_id, druk as sfeer from "warehouse"."intermediate".'
        '"int_buurt__zorg"',
        ["complex_id", "sfeer"],
        "int_buurt__zorg",
    )
    project.plant(
        "mart_beheerobject__vorm",
        "select\n    'buurt' as niveau",
        "select\n    (select max(s.sfeer) from"
        ' "warehouse"."intermediate"."int_buurt__sfeer" as s) as niveau',
        "int_buurt__sfeer",
    )
    (eerste, *_) = [s for s in project.check(PAGINA) if s.bron.startswith("sociaal_signaal")]
    assert eerste.reden == "verboden voor dit product"
    assert eerste.pad[:3] == (
        "mart_beheerobject__vorm.niveau",
        "int_buurt__sfeer.sfeer",
        "int_buurt__zorg.druk",
    )
    redenen = {(s.kolom, s.reden) for s in check_project(project.read())}
    assert redenen == {
        ("sociaal_signaal.signaal", "Sociaal Signaal hoort niet in het dbt-project"),
        ("int_buurt__zorg", "de SQL noemt Sociaal Signaal"),
    }


def test_sociaal_signaal_in_a_label_column_is_found(project: Project) -> None:
    project.add_source("sociaal_signaal", "signaal", ["cluster_id", "vermoeden"])
    project.add_model(
        "int_buurt__druk",
        'select count(vermoeden) as druk from "warehouse"."sociaal_signaal"."signaal"',
        ["druk"],
        "sociaal_signaal.signaal",
    )
    project.add_model(
        "int_buurt__sfeer",
        'select druk as sfeer from "warehouse"."intermediate"."int_buurt__druk"',
        ["sfeer"],
        "int_buurt__druk",
    )
    project.plant(
        "mart_label__themabeeld",
        "where thema_code != 'TOT'",
        "where thema_code != 'TOT' and (select max(sfeer) from"
        ' "warehouse"."intermediate"."int_buurt__sfeer") > 0',
        "int_buurt__sfeer",
    )
    gevonden = [s for s in project.check(LABEL) if s.bron.startswith("sociaal_signaal")]
    assert {s.gebruik for s in gevonden} == {"sleutel"}
    assert {s.kolom.split(".")[0] for s in gevonden} == {"mart_label__themabeeld"}


def test_comment_that_names_sociaal_signaal_is_no_use_of_it(project: Project) -> None:
    project.plant("mart_beheerobject__vorm", "select", "-- geen Sociaal Signaal hier\nselect")
    assert check_project(project.read()) == []


def test_column_that_only_stands_in_a_where_is_found_in_an_export(project: Project) -> None:
    project.plant(
        "mart_beheerobject__vorm",
        "where geometrie is not null",
        "where geometrie is not null and cbs_buurtcode in (select t.cluster_id from"
        ' "warehouse"."woonfraude"."stg_woonfraude__tip" as t)',
        "stg_woonfraude__tip",
    )
    for product in (PAGINA, EXPORT):
        assert ("woonfraude.tip.cluster_id", "sleutel") in list_bronnen(project.check(product))


def test_select_star_over_another_model_takes_all_its_columns_along(project: Project) -> None:
    project.add_model(
        "int_buurt__alles",
        'select * from "warehouse"."staging"."stg_vera__huurachterstand"',
        project.kolommen["staging", "stg_vera__huurachterstand"],
        "stg_vera__huurachterstand",
    )
    project.plant(
        "mart_beheerobject__vorm",
        "geometrie as geojson",
        '(select max(a.achterstand_eur) from "warehouse"."intermediate"."int_buurt__alles" as a)'
        " as geojson",
        "int_buurt__alles",
    )
    bronnen = list_bronnen(project.check(PAGINA))
    assert ("vera.huurachterstand.achterstand_eur", "waarde") in bronnen


@pytest.mark.parametrize(
    "deel",
    [
        pytest.param("union all select null, null, uitkomst_code from", id="union"),
        pytest.param(
            "union all by name select uitkomst_code as geojson, null as niveau from", id="by-name"
        ),
        pytest.param("except select null, null, uitkomst_code from", id="except"),
    ],
)
def test_column_is_found_on_the_other_side_of_a_union(project: Project, deel: str) -> None:
    project.plant(
        "mart_beheerobject__vorm",
        "where geometrie is not null",
        f'where geometrie is not null {deel} "warehouse"."woonfraude"."stg_woonfraude__onderzoek"',
        "stg_woonfraude__onderzoek",
    )
    gevonden = {s.bron: s.kolom for s in project.check(PAGINA) if s.gebruik == "waarde"}
    sleutels = {s.bron for s in project.check(PAGINA)}
    assert "woonfraude.onderzoek.uitkomst_code" in sleutels
    if "except" not in deel:
        kolom = gevonden["woonfraude.onderzoek.uitkomst_code"]
        assert kolom == "mart_beheerobject__vorm.geojson"


@pytest.mark.parametrize(
    ("product", "kolom"),
    [
        (LABEL, "wijkbeheer.schouw.schoon_cijfer"),
        (PAGINA, "vera.cluster_eenheid.eenheid_id"),
        (EXPORT, "vera.eenheidadres.straatnaam"),
        (OVERLAST, "zaakverloop.zaak_ernst.ernst_code"),
        (WOONFRAUDE, "woonfraude.toegang_geweigerd.aantal"),
    ],
)
def test_purpose_that_is_missing_in_the_contract_is_found(
    gebouwd: Project, product: Product, kolom: str
) -> None:
    gevonden = gebouwd.check(product, drop_doel(kolom, product.doel))
    assert {s.bron for s in gevonden} == {kolom}
    assert {s.reden for s in gevonden} == {f"heeft het doel {product.doel} niet"}


def test_key_of_an_address_needs_the_purpose_of_every_part_of_it(gebouwd: Project) -> None:
    gevonden = gebouwd.check(PAGINA, drop_doel("vera.eenheidadres.huisletter", "pagina"))
    assert {s.bron for s in gevonden} == {
        "vera.eenheidadres.adres_sleutel",
        "vera.eenheidadres.nummer_sleutel",
    }


def test_way_through_the_door_hides_no_way_beside_it(project: Project) -> None:
    project.plant(
        "int_overlast__kenmerk",
        "escalaties_ooit as aantal_escalaties_ooit",
        '(select count(z.registratiedatum) from "warehouse"."staging"."stg_vera__zaak" as z)'
        " as aantal_escalaties_ooit",
        "stg_vera__zaak",
    )
    redenen = {s.reden for s in project.check(OVERLAST)}
    assert redenen == {"mag alleen gelezen worden door int_zaak__gebeurtenis"}


def test_pseudonym_may_be_counted_and_never_shown(project: Project) -> None:
    tabel = '"warehouse"."staging"."stg_vera__eenheid"'
    project.plant(
        "mart_beheerobject__vorm",
        "geometrie as geojson",
        f"(select count(distinct e.eenheid_id) from {tabel} as e) as geojson",
        "stg_vera__eenheid",
    )
    assert project.check(PAGINA) == []
    project.plant("mart_beheerobject__vorm", "count(distinct e.eenheid_id)", "max(e.eenheid_id)")
    gevonden = project.check(PAGINA)
    assert {(s.bron, s.reden) for s in gevonden} == {
        ("vera.eenheid.eenheid_id", "mag alleen als sleutel worden gebruikt")
    }
    project.plant(
        "mart_beheerobject__vorm",
        "max(e.eenheid_id)",
        "count(case when e.eenheid_id > 'b' then 1 end)",
    )
    assert list_bronnen(project.check(PAGINA)) == {("vera.eenheid.eenheid_id", "waarde")}


@pytest.mark.parametrize("hook", ["pre-hook", "post-hook"])
def test_sql_beside_a_model_is_refused(project: Project, hook: str) -> None:
    props = project.manifest["nodes"][project.find("mart_beheerobject__vorm")]
    props["config"][hook] = [{"sql": "update mart.mart_beheerobject__vorm set niveau = null"}]
    (gevonden,) = check_project(project.read())
    assert gevonden.kolom == "mart_beheerobject__vorm"
