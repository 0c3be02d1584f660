"""The look-up API: found, not found, wrong input, nothing published, newly published."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from serving.api import modellen
from serving.api.v1 import select_as_of
from serving.release.schrijver import write_release
from serving.release.wijzer import activate
from tests.unit.serving.api.conftest import BASIS, make_client
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)

PROBLEEM = "application/problem+json"
PER_NIVEAU = {
    "complexen": (modellen.Complex, ["C001", "C002", "C003", "C004", "C005", "C006"]),
    "buurten": (modellen.Buurt, ["BU01", "BU02", "BU03"]),
    "wijken": (modellen.Wijk, ["WK01"]),
}


def get(client: TestClient, pad: str) -> dict[str, Any]:
    antwoord = client.get(pad)
    assert antwoord.status_code == 200, antwoord.text
    inhoud: dict[str, Any] = antwoord.json()
    return inhoud


def list_ids(client: TestClient, pad: str) -> list[str]:
    return [regel["id"] for regel in get(client, pad)["resultaten"]]


def check_shape(inhoud: dict[str, Any], model: type[BaseModel]) -> None:
    """Hold a body against its model: nothing extra, nothing missing, names as documented."""
    gelezen = model.model_validate_json(json.dumps(inhoud), strict=False)
    opnieuw = json.loads(gelezen.model_dump_json(by_alias=True, exclude_unset=True))
    assert sort_keys(opnieuw) == sort_keys(inhoud)


def sort_keys(waarde: Any) -> Any:
    return json.loads(json.dumps(waarde, sort_keys=True), parse_int=float)


# --- shapes: what the document promises is what is sent


@pytest.mark.parametrize("collectie", PER_NIVEAU)
def test_every_answer_has_the_documented_shape(client: TestClient, collectie: str) -> None:
    model, ids = PER_NIVEAU[collectie]
    check_shape(get(client, f"/v1/{collectie}"), modellen.Lijst)
    for sleutel in ids:
        check_shape(get(client, f"/v1/{collectie}/{sleutel}"), model)
        historie = get(client, f"/v1/{collectie}/{sleutel}/sociaal-beheer-labels")
        check_shape(historie, modellen.Labelhistorie)


def test_service_answers_and_problems_have_the_documented_shape(client: TestClient) -> None:
    check_shape(get(client, "/v1/gezondheid"), modellen.Gezondheid)
    check_shape(get(client, "/v1/releases/actueel"), modellen.ActueleRelease)
    check_shape(client.get("/v1/complexen?pagina=0&x=1").json(), modellen.Probleem)


def test_every_answer_names_its_release_and_that_the_data_is_made_up(client: TestClient) -> None:
    release = get(client, "/v1/releases/actueel")
    for pad in (
        "/v1/complexen",
        "/v1/complexen/C001",
        "/v1/wijken/WK01/sociaal-beheer-labels",
        "/v1/gezondheid",
    ):
        assert get(client, pad)["release"] == {
            "id": release["id"],
            "peildatum": "2026-10-01",
            "isSynthetisch": True,
        }


# --- one object


def test_one_object_gives_its_current_label(client: TestClient) -> None:
    assert get(client, "/v1/complexen/C001")["sociaalBeheerLabel"]["waarde"] == 5
    assert get(client, "/v1/buurten/BU01")["sociaalBeheerLabel"]["waarde"] == 4
    assert get(client, "/v1/wijken/WK01")["sociaalBeheerLabel"]["waarde"] == 3


@pytest.mark.parametrize(
    "pad",
    [
        "/v1/complexen/C999",
        "/v1/complexen/BU01",
        "/v1/buurten/C001",
        "/v1/complexen/C001%20",
        "/v1/complexen/c001",
        "/v1/complexen/..%2f..%2fetc%2fpasswd",
        "/v1/complexen/%2e%2e%2fbuurten%2fBU01",
        "/v1/complexen/C001'%20or%20'1'='1",
        "/v1/complexen/C001%00",
        "/v1/complexen/C999/sociaal-beheer-labels",
        "/v1/complexen/..%2f/sociaal-beheer-labels",
        "/v1/complexen/C001/",
        "/v1/complexen/",
        "/v1/gezondheid/",
        "/v1/",
        "/v1",
        "/v1/bestaat-niet",
        "/v1/complexen/C001/sociaal-beheer-labels/",
    ],
)
def test_what_does_not_exist_is_a_404_with_a_problem(client: TestClient, pad: str) -> None:
    antwoord = client.get(pad, follow_redirects=False)

    assert antwoord.status_code == 404
    assert antwoord.headers["content-type"] == PROBLEEM
    assert antwoord.json()["status"] == 404


@pytest.mark.parametrize("staart", ["", "/sociaal-beheer-labels"])
def test_very_long_id_is_refused_before_anything_is_looked_up(
    client: TestClient, staart: str
) -> None:
    antwoord = client.get(f"/v1/complexen/{'x' * 5000}{staart}")

    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"] == [
        {
            "plaats": "path",
            "naam": "complexId",
            "melding": "is te lang; het maximum is 64 tekens",
        }
    ]


def test_id_with_a_slash_a_space_or_an_accent_can_be_asked(tmp_path: Path) -> None:
    tabellen = build_tables()
    vreemd = "2023/14 é+%"
    for naam in ("mart_beheerobject__beheerobject", "mart_label__sociaal_beheer_label"):
        kolom = tabellen[naam]["beheerobject_id"].to_pylist()
        tabellen[naam] = tabellen[naam].set_column(
            tabellen[naam].column_names.index("beheerobject_id"),
            tabellen[naam].schema.field("beheerobject_id"),
            [[vreemd if sleutel == "C001" else sleutel for sleutel in kolom]],
        )
    for naam in (
        "mart_label__indicatorwaarde",
        "mart_label__verandering",
        "mart_label__themabeeld",
    ):
        waarden = tabellen[naam]
        tabellen[naam] = waarden.filter(
            [sleutel != "C001" for sleutel in waarden["beheerobject_id"].to_pylist()]
        )
    publish_example(tmp_path, tabellen)
    client = make_client(tmp_path)

    for pad in ("2023/14%20%C3%A9%2B%25", "2023%2F14%20%C3%A9%2B%25"):
        assert get(client, f"/v1/complexen/{pad}")["id"] == vreemd
        assert get(client, f"/v1/complexen/{pad}/sociaal-beheer-labels")["id"] == vreemd


# --- history


def test_history_gives_every_published_label(client: TestClient) -> None:
    labels = get(client, "/v1/complexen/C001/sociaal-beheer-labels")["labels"]

    assert [label["waarde"] for label in labels] == [4, 4, 4, 4, 4, 4, 5, 5]
    assert labels[0]["peildatum"] == "2025-01-01"


@pytest.mark.parametrize(
    ("peildatum", "verwacht"),
    [
        ("2024-12-31", {"openbaar": "2024-12-31"}),
        ("2025-01-01", {"eigen": "2025-01-01", "openbaar": "2024-12-31"}),
        ("2026-06-30", {"eigen": "2026-04-01", "openbaar": "2025-12-31"}),
        ("2099-01-01", {"eigen": "2026-10-01", "openbaar": "2025-12-31"}),
        ("1999-01-01", {}),
    ],
)
def test_label_as_of_a_day_is_the_last_one_before_or_on_it_per_ground(
    client: TestClient, peildatum: str, verwacht: dict[str, str]
) -> None:
    pad = f"/v1/buurten/BU01/sociaal-beheer-labels?peildatum={peildatum}"

    labels = get(client, pad)["labels"]

    assert {label["grondslag"]: label["peildatum"] for label in labels} == verwacht


def test_label_as_of_a_day_does_not_depend_on_other_grounds() -> None:
    labels = [
        {"grondslag": "eigen", "peildatum": "2026-01-01"},
        {"grondslag": "openbaar", "peildatum": "2026-01-01"},
        {"grondslag": "eigen", "peildatum": "2026-04-01"},
    ]

    assert select_as_of(labels, date(2026, 3, 31)) == labels[:2]


@pytest.mark.parametrize(
    "peildatum",
    ["", "gisteren", "2026-13-01", "2026-02-30", "20261001", "2026-10-01T00:00:00Z", "1", "0",
     "2026-W40-1", "２０２６-10-01", "-026-10-01", "0000-01-01"],
)  # fmt: skip
def test_only_a_day_as_jjjj_mm_dd_is_a_peildatum(client: TestClient, peildatum: str) -> None:
    antwoord = client.get(
        "/v1/complexen/C001/sociaal-beheer-labels", params={"peildatum": peildatum}
    )

    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"] == [
        {
            "plaats": "query",
            "naam": "peildatum",
            "melding": "is geen datum; schrijf jjjj-mm-dd",
        }
    ]


# --- lists


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["C002", "C001", "C003", "C005", "C006", "C004"]),
        ("sorteer=-naam", ["C004", "C006", "C005", "C003", "C001", "C002"]),
        ("sorteer=-score", ["C001", "C002", "C003", "C004", "C005", "C006"]),
        ("sorteer=score", ["C005", "C004", "C003", "C002", "C001", "C006"]),
        ("sorteer=-score&thema=FIN", ["C001", "C002", "C003", "C004", "C005", "C006"]),
        ("sorteer=aantalVerhuureenheden", ["C006", "C004", "C002", "C005", "C001", "C003"]),
        ("sorteer=-aantalVerhuureenheden&aantalPerPagina=2", ["C003", "C001"]),
        ("label=5", ["C001"]),
        ("label=5&label=4&sorteer=score", ["C002", "C001"]),
        ("label=4&thema=FIN", ["C002"]),
        ("buurtId=BU02", ["C003", "C004"]),
        ("wijkId=WK01&buurtId=BU01&label=5", ["C001"]),
        ("wijkId=WK99", []),
        ("zoek=curacaostraat", ["C003"]),
        ("zoek=KADE%20havenkwartier", ["C003"]),
        ("zoek=kade%20eikenlaan", []),
        ("zoek=10-00", ["C002", "C001", "C003", "C005", "C006", "C004"]),
        ("zoek=%25", []),
        ("pagina=3&aantalPerPagina=2", ["C006", "C004"]),
        ("pagina=1000000", []),
    ],
)
def test_complexen_are_filtered_sorted_and_paged(
    client: TestClient, query: str, ids: list[str]
) -> None:
    assert list_ids(client, f"/v1/complexen?{query}") == ids


def test_buurten_and_wijken_are_listed_alike(client: TestClient) -> None:
    assert list_ids(client, "/v1/buurten?wijkId=WK01&sorteer=-score") == ["BU01", "BU02", "BU03"]
    assert list_ids(client, "/v1/buurten?label=2") == ["BU03"]
    assert list_ids(client, "/v1/wijken") == ["WK01"]


def test_list_says_how_many_there_are_and_links_to_the_other_pages(client: TestClient) -> None:
    antwoord = client.get("/v1/complexen?aantalPerPagina=2&pagina=2&buurtId=&zoek=10&label=1")
    assert antwoord.json()["aantal"] == 0

    antwoord = client.get("/v1/complexen?aantalPerPagina=2&pagina=2&wijkId=WK01&thema=OVL")

    assert (antwoord.json()["aantal"], antwoord.json()["pagina"]) == (6, 2)
    links = {soort: link["url"] for soort, link in antwoord.links.items()}
    assert set(links) == {"first", "prev", "next", "last"}
    assert links["last"] == (
        f"{BASIS}/v1/complexen?thema=OVL&wijkId=WK01&sorteer=naam&pagina=3&aantalPerPagina=2"
    )
    for soort, ids in (("first", ["C002", "C001"]), ("next", ["C006", "C004"])):
        assert list_ids(client, links[soort]) == ids


def test_following_next_visits_every_object_once(client: TestClient) -> None:
    gezien: list[str] = []
    pad = f"{BASIS}/v1/complexen?aantalPerPagina=4&zoek=%C3%A9&zoek=straat&label=4&label=3&label=2"
    while True:
        antwoord = client.get(pad)
        gezien += [regel["id"] for regel in antwoord.json()["resultaten"]]
        if "next" not in antwoord.links:
            break
        pad = antwoord.links["next"]["url"]
    assert gezien == ["C002", "C003", "C004"]


# --- wrong input


def test_all_errors_of_a_request_are_told_at_once(client: TestClient) -> None:
    antwoord = client.get(
        "/v1/complexen?pagina=0&aantalPerPagina=501&label=6&label=x&thema=XYZ&sorteer=duur"
        f"&zoek={'z' * 81}&buurtId={'b' * 65}&onbekend=1&buurt_id=2"
    )

    assert antwoord.status_code == 400
    assert antwoord.headers["content-type"] == PROBLEEM
    fouten = {(f["naam"], f["melding"]) for f in antwoord.json()["fouten"]}
    assert fouten == {
        ("pagina", "is te klein; het minimum is 1"),
        ("aantalPerPagina", "is te groot; het maximum is 500"),
        ("label", "is te groot; het maximum is 5"),
        ("label", "is geen geheel getal"),
        ("thema", "is geen bekende waarde; kies uit 'TOT', 'SHV', 'OVL', 'FIN', 'SOC' of 'LFB'"),
        (
            "sorteer",
            "is geen bekende waarde; kies uit 'naam', '-naam', 'score', '-score', "
            "'aantalVerhuureenheden' of '-aantalVerhuureenheden'",
        ),
        ("zoek", "is te lang; het maximum is 80 tekens"),
        ("buurtId", "is te lang; het maximum is 64 tekens"),
        ("onbekend", "is geen parameter van dit adres"),
        ("buurt_id", "is geen parameter van dit adres"),
    }


@pytest.mark.parametrize(
    "pad",
    [
        "/v1/complexen?x=1",
        "/v1/buurten?buurtId=BU01",
        "/v1/wijken?wijkId=WK01",
        "/v1/complexen/C001?x=1",
        "/v1/complexen/C999?x=1",
        "/v1/complexen/C001?peildatum=2026-10-01",
        "/v1/complexen/C001/sociaal-beheer-labels?Peildatum=2026-10-01",
        "/v1/gezondheid?x",
        "/v1/releases/actueel?x=",
        "/v1/openapi.json?x=1",
    ],
)
def test_parameter_that_an_address_does_not_know_is_refused(client: TestClient, pad: str) -> None:
    antwoord = client.get(pad)

    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"][0]["melding"] == "is geen parameter van dit adres"


def test_error_never_repeats_a_value_and_stays_short(client: TestClient) -> None:
    namen = "&".join(f"{'n' * 200}{nummer}=1" for nummer in range(50))
    antwoord = client.get(f"/v1/complexen?zoek={'geheim' * 20}&pagina=geheim&{namen}")

    assert antwoord.status_code == 400
    assert "geheim" not in antwoord.text
    assert len(antwoord.json()["fouten"]) == 20
    assert len(antwoord.text) < 5000


# --- methods


@pytest.mark.parametrize("methode", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize(
    "pad",
    ["/v1/complexen", "/v1/complexen/C001", "/v1/complexen/C001/sociaal-beheer-labels",
     "/v1/gezondheid", "/v1/releases/actueel", "/v1/openapi.json"],
)  # fmt: skip
def test_other_methods_are_refused_and_the_allowed_ones_named(
    client: TestClient, pad: str, methode: str
) -> None:
    antwoord = client.request(methode, pad)

    assert antwoord.status_code == 405
    assert antwoord.headers["allow"] == "GET, HEAD"
    assert antwoord.headers["content-type"] == PROBLEEM
    assert antwoord.json()["title"] == "Methode niet toegestaan"


# --- before, during and after publication


@pytest.mark.parametrize(
    "pad",
    ["/v1/complexen", "/v1/complexen/C001", "/v1/complexen/C001/sociaal-beheer-labels",
     "/v1/gezondheid", "/v1/releases/actueel"],
)  # fmt: skip
def test_nothing_published_yet_is_a_503_that_says_when_to_come_back(
    tmp_path: Path, pad: str
) -> None:
    antwoord = make_client(tmp_path / "releases").get(pad)

    assert antwoord.status_code == 503
    assert antwoord.headers["content-type"] == PROBLEEM
    assert antwoord.headers["retry-after"] == "60"
    assert antwoord.json()["detail"].startswith("Er is nog geen release")


def test_document_is_served_before_anything_is_published(tmp_path: Path) -> None:
    assert make_client(tmp_path).get("/v1/openapi.json").status_code == 200


def test_new_release_is_served_without_a_restart(tmp_path: Path) -> None:
    publish_example(tmp_path)
    client = make_client(tmp_path)
    oud = client.get("/v1/complexen/C001")
    assert oud.json()["naam"] == "Eikenhof"

    nieuw = rename_object(build_tables(), "C001", "Anders")
    activate(tmp_path, write_release(nieuw, INHOUD, RUN, tmp_path).name)

    antwoord = client.get("/v1/complexen/C001", headers={"If-None-Match": oud.headers["etag"]})
    assert (antwoord.status_code, antwoord.json()["naam"]) == (200, "Anders")
    assert get(client, "/v1/complexen?zoek=anders")["aantal"] == 1
    assert get(client, "/v1/releases/actueel")["id"] == antwoord.json()["release"]["id"]


def test_health_says_how_old_the_figures_are(tmp_path: Path) -> None:
    publish_example(tmp_path, inhoud={**INHOUD, "peildatum": "2020-01-01"})

    gezondheid = get(make_client(tmp_path), "/v1/gezondheid")

    assert gezondheid["status"] == "verouderd"
    assert gezondheid["leeftijdDagen"] > 365 * 5
    assert gezondheid["melding"] is None


def test_health_of_today_is_in_order(tmp_path: Path) -> None:
    publish_example(tmp_path, inhoud={**INHOUD, "peildatum": "2999-01-01"})

    assert get(make_client(tmp_path), "/v1/gezondheid")["status"] == "in orde"


def test_health_says_when_the_newest_release_cannot_be_opened(tmp_path: Path) -> None:
    publish_example(tmp_path)
    client = make_client(tmp_path)
    get(client, "/v1/gezondheid")
    tabellen = rename_object(build_tables(), "C001", "Anders")
    nieuw = write_release(tabellen, INHOUD, RUN, tmp_path)
    (nieuw / "opzoek.sqlite").unlink()
    activate(tmp_path, nieuw.name)

    gezondheid = get(client, "/v1/gezondheid")

    assert gezondheid["status"] == "verstoord"
    assert "de vorige wordt getoond" in gezondheid["melding"]
    assert get(client, "/v1/complexen/C001")["naam"] == "Eikenhof"


def test_description_of_the_release_names_method_and_deliveries(client: TestClient) -> None:
    release = get(client, "/v1/releases/actueel")

    assert (release["organisatie"], release["methodeversie"]) == (
        "Stichting Voorbeeldwonen",
        "SBL-1",
    )
    assert release["aantallen"] == {"buurt": 3, "complex": 6, "wijk": 1}
    assert release["leveringen"] == [{"tabel": "vera.zaak", "sha256": "ab" * 32, "rijen": 120}]
    assert release["publicatietijdstip"].endswith("Z")
