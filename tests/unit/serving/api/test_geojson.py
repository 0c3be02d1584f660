"""Files on the map, the list of files, values of indicators, versions: who gets what."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.api import modellen
from serving.api.geojson import Bestandenlijst, Kaart
from serving.api.indicatorwaarden import Indicatorwaarden
from serving.api.methodeversies import Methodeversies, Modelversies
from serving.release import schema
from tests.unit.serving.api.test_v1 import check_shape, get
from tests.unit.serving.voorbeeld_release import INHOUD, build_tables, publish_example
from tests.unit.serving.wie import make_app

MODELLEN = [
    {
        "model": "woonfraude", "peildatum": date(2026, 10, 1), "stand": "regel",
        "scoreversie": "regel-1", "soort": "regel", "k": 40, "getraind_op": None,
        "aantal_complexen": 6, "zin": "De vaste regel doet het werk.", "gezakt": '["te weinig"]',
        "kaart": None,
    },
    {
        "model": "overlast", "peildatum": date(2026, 10, 1), "stand": "kampioen",
        "scoreversie": "overlast-7", "soort": "gam", "k": 40, "getraind_op": date(2026, 7, 1),
        "aantal_complexen": 6, "zin": "Het kwam door de poort.", "gezakt": None, "kaart": "# K",
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def releases_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pad = tmp_path_factory.mktemp("kaart") / "releases"
    modellen_tabel = pa.Table.from_pylist(MODELLEN, schema=schema.RISICOMODEL.kolommen)
    inhoud = {
        **INHOUD,
        "referenties": {
            "eigen": {"id": "r-1", "hash": "x", "periode": ["2024-01-01", "2025-10-01"]}
        },
    }
    publish_example(pad, {**build_tables(), schema.RISICOMODEL.naam: modellen_tabel}, inhoud)
    return pad


def klant_van(releases_map: Path, *rollen: str) -> TestClient:
    app = make_app(releases_map, *rollen) if rollen else make_app(releases_map, toegang=None)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def lezer(releases_map: Path) -> TestClient:
    return klant_van(releases_map, "lezer")


def themas_of(kaart: dict[str, Any]) -> set[str]:
    return {thema["code"] for plek in kaart["features"] for thema in plek["properties"]["themas"]}


def test_map_of_areas_has_shapes_and_that_of_complexes_points(lezer: TestClient) -> None:
    buurten = get(lezer, "/v1/exports/buurt.geojson")
    complexen = get(lezer, "/v1/exports/complex.geojson")
    wijken = get(lezer, "/v1/exports/wijk.geojson")

    for kaart in (buurten, complexen, wijken):
        check_shape(kaart, Kaart)
    assert {plek["geometry"]["type"] for plek in buurten["features"]} == {"Polygon"}
    assert [plek["id"] for plek in complexen["features"]] == [f"C00{n}" for n in range(1, 7)]
    (eerste, *_) = complexen["features"]
    assert eerste["geometry"] == {"type": "Point", "coordinates": [4.4, 51.905]}
    assert (eerste["properties"]["waarde"], eerste["properties"]["naam"]) == (5, "Eikenhof")
    assert themas_of(complexen) == {"SHV", "OVL", "FIN", "SOC", "LFB"}
    # Nobody delivered the shape of the wijk: no place, and not a place at 0, 0.
    assert wijken["features"][0]["geometry"] is None


def test_others_get_areas_with_their_own_themes_and_counts_on_fives(releases_map: Path) -> None:
    for rollen, themas in (((), {"LFB"}), (("ondernemer",), {"SHV", "LFB"})):
        klant = klant_van(releases_map, *rollen)
        kaart = get(klant, "/v1/exports/buurt.geojson")

        assert themas_of(kaart) == themas
        assert all(p["properties"]["aantalVerhuureenheden"] % 5 == 0 for p in kaart["features"])
        dicht = klant.get("/v1/exports/complex.geojson")
        assert dicht.status_code == (403 if rollen else 401)
        namen = [b["adres"] for b in get(klant, "/v1/exports")["bestanden"]]
        gebied = ["/exports/gebiedslabels"] if rollen else []
        assert namen == ["/exports/buurt.geojson", "/exports/wijk.geojson", *gebied]


def test_every_file_that_is_listed_can_be_had_and_every_export_is_listed(
    lezer: TestClient, releases_map: Path
) -> None:
    lijst = get(lezer, "/v1/exports")
    check_shape(lijst, Bestandenlijst)
    for bestand in lijst["bestanden"]:
        antwoord = lezer.get(f"/v1{bestand['adres']}")
        assert antwoord.status_code == 200, bestand
        assert antwoord.headers["content-type"].partition(";")[0] == bestand["mediatype"]
    release = releases_map / (releases_map / "CURRENT").read_text().strip()
    op_schijf = {f"/exports/{pad.name}" for pad in (release / "exports").iterdir()}
    assert op_schijf <= {bestand["adres"] for bestand in lijst["bestanden"]}


def test_map_says_its_coordinates_and_answers_a_tag(lezer: TestClient) -> None:
    antwoord = lezer.get("/v1/exports/complex.geojson")

    assert antwoord.headers["content-type"] == "application/geo+json"
    assert antwoord.headers["content-crs"].endswith("/CRS84>")
    assert antwoord.headers["content-disposition"].endswith('_complex.geojson"')
    weer = lezer.get(
        "/v1/exports/complex.geojson", headers={"if-none-match": antwoord.headers["etag"]}
    )
    assert (weer.status_code, weer.content) == (304, b"")


def test_values_of_indicators_stand_beside_stratum_portfolio_and_coverage(
    lezer: TestClient,
) -> None:
    for pad in ("complexen/C001", "buurten/BU01", "wijken/WK01"):
        inhoud = get(lezer, f"/v1/{pad}/indicatorwaarden")
        check_shape(inhoud, Indicatorwaarden)
        assert inhoud["id"] == pad.partition("/")[2]
        assert len(inhoud["indicatorwaarden"]) >= 7
    waarden = get(lezer, "/v1/complexen/C002/indicatorwaarden")["indicatorwaarden"]
    per_code = {w["indicator"]["code"]: w for w in waarden}
    assert per_code["lfb_veilig"]["dekking"] == "geen_dekking"
    assert per_code["lfb_veilig"]["waarde"] is None
    assert per_code["ovl_melding"]["stratumWaarde"] is not None
    # Few dwellings: what is about arrears is not told exactly.
    assert per_code["fin_achterstand"]["isAfgerond"]
    assert lezer.get("/v1/complexen/C999/indicatorwaarden").status_code == 404


@pytest.mark.parametrize("rol", ["sociaal_team", "politie", "gemeente", "beheer"])
def test_values_are_for_who_may_see_values(releases_map: Path, rol: str) -> None:
    klant = klant_van(releases_map, rol)
    for pad in ("complexen/C001", "buurten/BU01", "wijken/WK01"):
        assert klant.get(f"/v1/{pad}/indicatorwaarden").status_code == 403


def test_everybody_may_know_what_method_and_models_are_served(releases_map: Path) -> None:
    antwoorden = []
    for rollen in ((), ("lezer",), ("politie",)):
        klant = klant_van(releases_map, *rollen)
        methode = get(klant, "/v1/methodeversies")
        check_shape(methode, Methodeversies)
        modelversies = get(klant, "/v1/modelversies")
        check_shape(modelversies, Modelversies)
        antwoorden.append((methode, modelversies))
    assert antwoorden[0] == antwoorden[1] == antwoorden[2]
    (versie,) = methode["methodeversies"]
    assert versie["code"] == "SBL-1"
    assert versie["referenties"][0]["totEnMetPeildatum"] == "2025-10-01"
    overlast, woonfraude = modelversies["modelversies"]
    assert (overlast["versie"], overlast["stand"]) == ("overlast-7", "kampioen")
    assert (overlast["getraindOp"], overlast["heeftModelkaart"]) == ("2026-07-01", True)
    assert (woonfraude["stand"], woonfraude["gezakt"]) == ("regel", ["te weinig"])
    assert "aantalComplexen" not in json.dumps(modelversies)


def test_list_can_be_asked_for_complexes_with_a_themasignaal(lezer: TestClient) -> None:
    def list_ids(vraag: str) -> list[str]:
        inhoud = get(lezer, f"/v1/complexen?{vraag}")
        check_shape(inhoud, modellen.Lijst)
        return [rij["id"] for rij in inhoud["resultaten"]]

    # C002 had a signal in the month before.
    assert list_ids("themasignaal=OVL") == ["C001"]
    assert list_ids("themasignaal=SHV&themasignaal=FIN") == ["C001"]
    assert list_ids("themasignaal=FIN") == []
    assert list_ids("themasignaal=OVL&label=1") == []
    links = lezer.get("/v1/complexen?themasignaal=OVL&themasignaal=SHV").headers["link"]
    assert "themasignaal=OVL&themasignaal=SHV" in links
    assert lezer.get("/v1/complexen?themasignaal=TOT").status_code == 400
    assert lezer.get("/v1/buurten?themasignaal=OVL").status_code == 400
