"""Every response carries its headers, and every error of the API is a problem in Dutch."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving import app as app_module
from serving.api.versie import API_VERSIE
from serving.app import create_app
from serving.release.winkel import Uitgave, Winkel
from tests.unit.serving.api.conftest import BASIS, make_client

ADRESSEN = [
    ("GET", "/v1/complexen", 200),
    ("GET", "/v1/complexen/C001", 200),
    ("HEAD", "/v1/complexen/C001", 200),
    ("GET", "/v1/complexen/C001/sociaal-beheer-labels", 200),
    ("GET", "/v1/gezondheid", 200),
    ("GET", "/v1/releases/actueel", 200),
    ("GET", "/v1/openapi.json", 200),
    ("GET", "/v1/complexen?pagina=0", 400),
    ("GET", "/v1/complexen/C999", 404),
    ("GET", "/v1", 404),
    ("POST", "/v1", 404),
    ("GET", "/v1/x", 404),
    ("POST", "/v1/complexen", 405),
]


@pytest.mark.parametrize(("methode", "pad", "status"), ADRESSEN)
def test_every_response_of_the_api_has_its_version_and_safety_headers(
    client: TestClient, methode: str, pad: str, status: int
) -> None:
    antwoord = client.request(methode, pad)

    assert antwoord.status_code == status
    check_headers(antwoord.headers)
    assert "frame-ancestors 'none'" in antwoord.headers["content-security-policy"]
    if status >= 400:
        probleem = antwoord.json()
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert antwoord.headers["cache-control"] == "no-store"
        assert {"status", "title", "detail"} <= probleem.keys()
        assert probleem["status"] == status


def check_headers(koppen: object) -> None:
    verwacht = {
        "api-version": API_VERSIE,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }
    for naam, waarde in verwacht.items():
        assert koppen.get_list(naam) == [waarde]  # type: ignore[attr-defined]
    assert len(koppen.get_list("cache-control")) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("pad", ["/", "/methode", "/bestaat-niet", "/complexen/C999"])
def test_pages_have_the_headers_too_and_nothing_may_come_from_elsewhere(
    client: TestClient, pad: str
) -> None:
    antwoord = client.get(pad)

    check_headers(antwoord.headers)
    assert "default-src 'none'" in antwoord.headers["content-security-policy"]
    assert antwoord.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("pad", ["/v1/complexen", "/v1/complexen/C001", "/v1/gezondheid"])
def test_unforeseen_error_is_a_complete_500_that_shows_nothing_of_the_inside(
    releases_map: Path,
    pad: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(self: Winkel) -> Uitgave:
        raise RuntimeError("geheim van binnen")

    monkeypatch.setattr(Winkel, "current", fail)

    with caplog.at_level(logging.CRITICAL):
        antwoord = make_client(releases_map).get(pad)

    assert antwoord.status_code == 500
    assert antwoord.headers["content-type"] == "application/problem+json"
    check_headers(antwoord.headers)
    assert "geheim" not in antwoord.text
    assert antwoord.json() == {
        "status": 500,
        "title": "Interne fout",
        "detail": "Er ging iets mis bij ons. Probeer het later opnieuw.",
    }


def test_error_before_any_route_is_a_complete_500_too(
    releases_map: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(pad: str) -> bool:
        raise RuntimeError("geheim van binnen")

    monkeypatch.setattr(app_module, "_is_api", fail)

    antwoord = make_client(releases_map).get("/v1/gezondheid")

    assert antwoord.status_code == 500
    check_headers(antwoord.headers)
    assert antwoord.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "pad",
    ["/v1/complexen", "/v1/complexen/C001", "/v1/complexen/C999?x=1",
     "/v1/complexen/C001/sociaal-beheer-labels"],
)  # fmt: skip
def test_whoever_may_not_read_gets_a_401_and_learns_nothing(releases_map: Path, pad: str) -> None:
    client = TestClient(create_app(releases_map, basis_url=BASIS))

    antwoord = client.get(pad)

    assert antwoord.status_code == 401
    assert antwoord.headers["www-authenticate"] == "Bearer"
    assert antwoord.json()["title"] == "Niet aangemeld"
    check_headers(antwoord.headers)


@pytest.mark.parametrize("pad", ["/v1/openapi.json", "/v1/gezondheid", "/v1/releases/actueel"])
def test_document_health_and_release_need_no_login(releases_map: Path, pad: str) -> None:
    client = TestClient(create_app(releases_map, basis_url=BASIS))

    assert client.get(pad).status_code == 200


def test_document_may_be_read_from_any_site_and_the_figures_may_not(client: TestClient) -> None:
    koppen = {"Origin": "https://elders.example"}

    assert (
        client.get("/v1/openapi.json", headers=koppen).headers["access-control-allow-origin"] == "*"
    )
    assert "access-control-allow-origin" not in client.get("/v1/complexen", headers=koppen).headers


def test_making_the_application_opens_nothing(tmp_path: Path) -> None:
    create_app(tmp_path / "nog-niet-gemaakt")

    assert list(tmp_path.iterdir()) == []
