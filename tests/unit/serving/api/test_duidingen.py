"""Setting and reading duidingen over the API, and who may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from serving.api.duidingen import Duidinglijst, NieuweDuiding
from serving.api.herkomst import is_own_request
from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Als, make_app

BASIS = "http://127.0.0.1:8000"
PAD = "/v1/complexen/C003/duidingen"
VERZOEK = {
    "delta": 1,
    "redenCode": "lokale_kennis",
    "toelichting": "In de gangen staat al weken grofvuil.",
    "door": "Anna de Wit",
}


@pytest.fixture
def releases_map(tmp_path: Path) -> Path:
    pad = tmp_path / "releases"
    publish_example(pad)
    return pad


def make_client(
    releases_map: Path, *, rollen: Sequence[str] = ("lezer", "wijkbeheer"), **app: Any
) -> TestClient:
    return TestClient(
        make_app(releases_map, *rollen, **app),
        base_url=BASIS,
        raise_server_exceptions=False,
    )


@pytest.fixture
def client(releases_map: Path) -> TestClient:
    return make_client(releases_map)


def list_namen(releases_map: Path) -> list[str]:
    register = Besluitregister(url_of_file(releases_map.parent / BESTAND))
    return [duiding.voorstel.door for duiding in register.list_duidingen()]


def test_duiding_is_set_and_read_without_a_name_or_a_text(
    client: TestClient, releases_map: Path
) -> None:
    antwoord = client.post(PAD, json=VERZOEK)

    assert antwoord.status_code == 201
    duiding = antwoord.json()["duiding"]
    assert duiding["modelWaarde"] == 3
    assert duiding["peildata"] == ["2027-01-01", "2027-04-01"]
    assert duiding["status"] == "gepland"
    gelezen = client.get(PAD)
    assert gelezen.json()["duidingen"] == [duiding]
    assert gelezen.headers["cache-control"] == "no-store"
    for tekst in (antwoord.text, gelezen.text):
        assert "Anna" not in tekst
        assert "grofvuil" not in tekst
    assert list_namen(releases_map) == ["Anna de Wit"]


def test_answers_have_the_shape_of_the_document(client: TestClient) -> None:
    NieuweDuiding.model_validate(client.post(PAD, json=VERZOEK).json())
    Duidinglijst.model_validate(client.get(PAD).json())


def test_second_in_a_row_waits_and_a_third_is_a_conflict(client: TestClient) -> None:
    client.post(PAD, json=VERZOEK)
    tweede = client.post(PAD, json=VERZOEK)
    derde = client.post(PAD, json=VERZOEK)

    assert tweede.json()["duiding"]["status"] == "wacht_op_bevestiging"
    assert tweede.json()["duiding"]["isTweedeNodig"]
    assert derde.status_code == 409
    assert "wacht al een duiding" in derde.json()["detail"]


def test_complex_without_a_duiding_has_an_empty_list(client: TestClient) -> None:
    antwoord = client.get("/v1/complexen/C001/duidingen")

    assert antwoord.status_code == 200
    assert antwoord.json()["duidingen"] == []
    assert client.head(PAD).status_code == 200


@pytest.mark.parametrize("methode", ["GET", "POST"])
@pytest.mark.parametrize("complex_id", ["C999", "BU01"])
def test_complex_that_does_not_exist_is_a_404(
    client: TestClient, methode: str, complex_id: str
) -> None:
    inhoud = VERZOEK if methode == "POST" else None
    antwoord = client.request(methode, f"/v1/complexen/{complex_id}/duidingen", json=inhoud)

    assert antwoord.status_code == 404
    assert antwoord.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("pad", "delta", "tekst"),
    [
        ("C001", 1, "het modellabel is 5"),
        ("C005", -1, "het modellabel is 1"),
        ("C006", 1, "het label is onbekend"),
    ],
)
def test_label_that_cannot_move_is_a_conflict_with_the_reason(
    client: TestClient, pad: str, delta: int, tekst: str
) -> None:
    antwoord = client.post(f"/v1/complexen/{pad}/duidingen", json={**VERZOEK, "delta": delta})

    assert antwoord.status_code == 409
    assert tekst in antwoord.json()["detail"]


@pytest.mark.parametrize(
    ("fout", "naam"),
    [
        ({"delta": 2}, "delta"),
        ({"delta": "1"}, "delta"),
        ({"redenCode": "zomaar"}, "redenCode"),
        ({"toelichting": "kort"}, "toelichting"),
        ({"toelichting": "Bel de melder op 06-12345678."}, "toelichting"),
        ({"door": " "}, "door"),
        ({"door": None}, "door"),
        ({"eenheid": "E1"}, "eenheid"),
    ],
)
def test_wrong_field_is_named_and_its_value_is_not_repeated(
    client: TestClient, releases_map: Path, fout: dict[str, Any], naam: str
) -> None:
    antwoord = client.post(PAD, json={**VERZOEK, **fout})

    assert antwoord.status_code == 400
    assert [plek["naam"] for plek in antwoord.json()["fouten"]] == [naam]
    assert "12345678" not in antwoord.text
    assert list_namen(releases_map) == []


def test_everything_that_is_missing_is_told_at_once(client: TestClient) -> None:
    fouten = client.post(PAD, json={}).json()["fouten"]

    assert {fout["naam"] for fout in fouten} == {"delta", "redenCode", "toelichting"}


@pytest.mark.parametrize(
    "soort", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_only_json_is_taken_for_a_page_elsewhere_cannot_send_that(
    client: TestClient, releases_map: Path, soort: str | None
) -> None:
    koppen = {"content-type": soort} if soort else {}
    antwoord = client.post(
        PAD,
        content='{"delta":1,"redenCode":"lokale_kennis","toelichting":"al weken grofvuil",'
        '"door":"Anna"}',
        headers=koppen,
    )

    assert antwoord.status_code == 415
    assert list_namen(releases_map) == []


@pytest.mark.parametrize(
    "koppen",
    [
        {"origin": "https://elders.example"},
        {"origin": "null"},
        {"origin": "http://localhost:8000"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:3000"},
        {"host": "elders.example"},
        {"host": "127.0.0.1.elders.example:8000", "origin": BASIS},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_page_elsewhere_cannot_set_a_duiding(
    client: TestClient, releases_map: Path, koppen: dict[str, str]
) -> None:
    antwoord = client.post(PAD, json=VERZOEK, headers=koppen)

    assert antwoord.status_code == 403
    assert list_namen(releases_map) == []


@pytest.mark.parametrize(
    ("koppen", "basis", "eigen"),
    [
        ({"host": "127.0.0.1:8000"}, BASIS, True),
        ({"host": "localhost:8123", "origin": "http://localhost:8123"}, BASIS, True),
        ({"host": "[::1]:8000"}, BASIS, True),
        ({"host": "label.example", "origin": "https://label.example"}, "https://label.example/v1",
         True),
        ({"host": "localhost"}, "https://label.example", False),
        ({"host": "label.example", "origin": "http://label.example"}, "https://label.example",
         False),
        ({"host": "label.example", "sec-fetch-site": "same-origin"}, "https://label.example",
         True),
        ({"host": "[::1"}, BASIS, False),
        ({}, BASIS, False),
    ],
)  # fmt: skip
def test_request_is_our_own_under_our_own_name_only(
    koppen: Mapping[str, str], basis: str, eigen: bool
) -> None:
    assert is_own_request(Headers(dict(koppen)), basis) is eigen


def test_name_of_the_login_goes_before_the_name_in_the_body(releases_map: Path) -> None:
    client = make_client(
        releases_map, toegang=Als("lezer", "wijkbeheer", naam="Carla uit de aanmelding")
    )

    assert client.post(PAD, json=VERZOEK).status_code == 201
    assert list_namen(releases_map) == ["Carla uit de aanmelding"]


@pytest.mark.parametrize(
    ("rollen", "lezen", "schrijven"),
    [((), 401, 401), (("lezer",), 200, 403), (("politie",), 403, 403)],
)
def test_who_has_no_role_is_refused(
    releases_map: Path, rollen: tuple[str, ...], lezen: int, schrijven: int
) -> None:
    client = make_client(releases_map, toegang=Als(*rollen))

    assert client.get(PAD).status_code == lezen
    assert client.post(PAD, json=VERZOEK).status_code == schrijven
    assert list_namen(releases_map) == []


def test_store_that_cannot_be_reached_is_a_503_without_its_address(releases_map: Path) -> None:
    weg = Besluitregister(f"postgresql+psycopg://u:geheim@/db?host={releases_map}")
    client = make_client(releases_map, besluiten=weg)

    for antwoord in (client.get(PAD), client.post(PAD, json=VERZOEK)):
        assert antwoord.status_code == 503
        assert "geheim" not in antwoord.text
    assert client.get("/v1/complexen/C003").status_code == 200


def test_without_a_release_there_is_nothing_to_decide_on(tmp_path: Path) -> None:
    client = make_client(tmp_path / "leeg")

    assert client.get(PAD).status_code == 503
    assert client.post(PAD, json=VERZOEK).status_code == 503
