"""The map: all areas and dots where they should be, small enough, and equal to the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.pagina.kaart import draw_buurt, draw_kaart, draw_wijk
from serving.release import schema
from serving.release.schrijver import activate, write_release
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina
from tests.unit.serving.pagina.voorbeeldstad import INHOUD, RUN, Omvang, build_stad, publish_stad
from tests.unit.serving.voorbeeld_release import build_tables, publish_example
from tests.unit.serving.wie import make_app


def test_map_has_every_buurt_with_the_label_of_the_list(uitgave: Uitgave) -> None:
    for thema in schema.THEMAS:
        kaart = draw_kaart(uitgave, thema)
        assert kaart is not None
        kolom = f"label_{thema.lower()}"
        in_lijst = dict(
            uitgave.query(f"select beheerobject_id, {kolom} from lijst where niveau = 'buurt'")
        )
        assert {vlak.id: vlak.label for vlak in kaart.vlakken} == in_lijst


def test_map_of_complexes_has_a_dot_for_every_complex_with_a_place(uitgave: Uitgave) -> None:
    kaart = draw_kaart(uitgave, "TOT", toont_complexen=True)
    met_plek = uitgave.query(
        "select beheerobject_id, label_tot from lijst where niveau = 'complex' "
        "and lengtegraad is not null"
    )
    assert kaart is not None
    assert {(stip.id, stip.label) for stip in kaart.stippen} == set(met_plek)
    assert kaart.aantal_complexen == len(met_plek)


def test_every_area_on_the_map_is_a_link_and_stands_in_the_list_beneath(
    lees: Callable[[str], Pagina], uitgave: Uitgave
) -> None:
    pagina = lees("/")
    for (sleutel,) in uitgave.query("select beheerobject_id from lijst where niveau = 'buurt'"):
        assert pagina.naar.count(f"/buurten/{sleutel}") >= 2


def test_unknown_label_is_hatched_and_never_the_colour_of_a_label(stad: TestClient) -> None:
    html = stad.get("/").text
    gevonden = re.search(
        r'<a href="/buurten/BU09990022"[^>]*><title>(.*?)</title><path class="(\w+)"', html
    )
    assert gevonden is not None
    assert gevonden.groups() == ("Veenbuurt: onbekend", "v0")


def test_map_of_a_buurt_shows_its_complexes_and_marks_itself(uitgave: Uitgave) -> None:
    kaart = draw_buurt(uitgave, "BU09990003", "WK099904")
    assert kaart is not None
    assert [vlak.id for vlak in kaart.vlakken if vlak.is_hier] == ["BU09990003"]
    eigen = uitgave.query(
        "select beheerobject_id from lijst where niveau = 'complex' and buurt_id = 'BU09990003' "
        "and lengtegraad is not null"
    )
    assert {stip.id for stip in kaart.stippen} == {rij[0] for rij in eigen}


def test_map_of_a_wijk_shows_its_own_buurten_only(uitgave: Uitgave) -> None:
    kaart = draw_wijk(uitgave, "WK099901")
    eigen = uitgave.query(
        "select beheerobject_id from lijst where niveau = 'buurt' and wijk_id = 'WK099901'"
    )
    assert kaart is not None
    assert {vlak.id for vlak in kaart.vlakken} == {rij[0] for rij in eigen}


def test_an_object_without_a_shape_has_no_map(uitgave: Uitgave) -> None:
    assert draw_wijk(uitgave, "WKxx") is None
    assert draw_buurt(uitgave, "BUxx", None) is None


def test_unknown_theme_never_becomes_a_column_name(uitgave: Uitgave) -> None:
    with pytest.raises(ValueError, match="unknown theme"):
        draw_kaart(uitgave, "tot; drop table lijst")


def test_without_shapes_the_first_page_shows_complexes_only(tmp_path: Path) -> None:
    tabellen = build_tables()
    tabellen[schema.VORM.naam] = schema.VORM.kolommen.empty_table()
    publish_example(tmp_path, tabellen)
    klant = TestClient(make_app(tmp_path))
    assert 'class="stip s5"' in klant.get("/?kaart=complexen").text
    assert klant.get("/").status_code == 200
    assert klant.get("/buurten/BU01").status_code == 200


def test_without_any_place_there_is_no_map(tmp_path: Path) -> None:
    tabellen = build_tables()
    tabellen[schema.VORM.naam] = schema.VORM.kolommen.empty_table()
    objecten = tabellen[schema.BEHEEROBJECT.naam]
    for kolom in ("lengtegraad", "breedtegraad"):
        plaats = objecten.column_names.index(kolom)
        objecten = objecten.set_column(
            plaats, objecten.schema.field(kolom), pa.nulls(objecten.num_rows, pa.float64())
        )
    publish_example(tmp_path, {**tabellen, schema.BEHEEROBJECT.naam: objecten})
    antwoord = TestClient(make_app(tmp_path)).get("/")
    assert antwoord.status_code == 200
    assert "kaart-kop" not in antwoord.text


@pytest.fixture(scope="module")
def grote_stad(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    map_ = tmp_path_factory.mktemp("groot")
    publish_stad(map_, Omvang(buurten=80, complexen=2000, kwartalen=2))
    return TestClient(make_app(map_))


@pytest.mark.parametrize("adres", ["/", "/?thema=LFB", "/?kaart=complexen"])
def test_first_page_of_a_large_association_is_light(adres: str, grote_stad: TestClient) -> None:
    assert len(grote_stad.get(adres).content) < 120_000


@pytest.mark.parametrize("adres", ["/complexen", "/buurten/BU09990003", "/complexen/C00001"])
def test_other_pages_of_a_large_association_are_light(adres: str, grote_stad: TestClient) -> None:
    assert len(grote_stad.get(adres).content) < 100_000


def test_an_association_with_outside_figures_only_has_its_pages_too(tmp_path: Path) -> None:
    tabellen = build_stad(Omvang(buurten=6, complexen=4, kwartalen=2))
    for naam in (schema.BEHEEROBJECT.naam, schema.LABEL.naam, schema.INDICATORWAARDE.naam):
        rijen = [
            {**rij, "is_gepubliceerde_grondslag": True, "verhuureenheden_aantal": None}
            for rij in tabellen[naam].to_pylist()
            if rij["niveau"] == "buurt" and rij.get("grondslag", "openbaar") == "openbaar"
        ]
        tabellen[naam] = pa.Table.from_pylist(rijen, schema=schema.TABELLEN[naam].kolommen)
    release = write_release(tabellen, INHOUD, RUN, tmp_path)
    activate(tmp_path, release.name)
    klant = TestClient(make_app(tmp_path))
    overzicht = klant.get("/").text
    assert "Verdeling van de buurten" in overzicht
    assert "0 woningen" not in overzicht
    assert "In deze release staan geen complexen." in klant.get("/complexen").text
    assert "openbare gegevens" in klant.get("/buurten/BU09990001").text
