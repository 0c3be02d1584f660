"""The papers on the page: what they say, as a file, and nothing else from the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from tests.unit.serving.voorbeeld_release import publish_example

PAPIEREN = {
    "basis.json": b'{"basis": "abc123def456", "ontbreekt": ["Label: contact_email"]}\n',
    "algoritmeregister.json": b"[]\n",
    "dpia-invoer.md": b"# Invoer\n\n| kolom |\n| --- |\n| zaak |\n\n<script>x</script>\n",
    "verwerkingsregister.csv": b"verwerking;doel\n",
    "waarom-dit-label.md": b"# Waarom dit label?\n\n## Wat telt mee\n",
}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    publish_example(tmp_path / "releases", papieren=PAPIEREN)
    return TestClient(create_app(tmp_path / "releases"), base_url="http://127.0.0.1:8000")


def test_page_shows_papers_and_what_is_missing(client: TestClient) -> None:
    tekst = client.get("/methode/papieren").text
    assert "abc123def456" in tekst
    assert "Label: contact_email" in tekst
    assert "Wat telt mee" in tekst
    assert "<script>x" not in tekst
    assert "/methode/papieren" in client.get("/methode").text


@pytest.mark.parametrize("naam", sorted(set(PAPIEREN) - {"basis.json"}))
def test_every_paper_comes_as_the_file_that_the_release_holds(
    client: TestClient, naam: str
) -> None:
    antwoord = client.get(f"/methode/papieren/{naam}")
    assert antwoord.status_code == 200
    assert antwoord.content == PAPIEREN[naam]


@pytest.mark.parametrize("naam", ["basis.json", "manifest.json", "..%2Fmanifest.json", "x.md"])
def test_no_other_file_of_the_release_can_be_asked_for(client: TestClient, naam: str) -> None:
    assert client.get(f"/methode/papieren/{naam}").status_code == 404


def test_release_without_papers_has_no_page_and_no_link(tmp_path: Path) -> None:
    publish_example(tmp_path / "releases")
    client = TestClient(create_app(tmp_path / "releases"), base_url="http://127.0.0.1:8000")
    assert client.get("/methode/papieren").status_code == 404
    assert "/methode/papieren" not in client.get("/methode").text
