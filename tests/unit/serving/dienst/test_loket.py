"""Does the service live, and can it do its work."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.dienst.loket import PAD_KLAAR, PAD_LEVEND
from serving.leeslog.keten import LeeslogFout
from serving.leeslog.regel import Lezing
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Onthoudt, make_app


class Vol(Onthoudt):
    """A read log on a full disk."""

    def note(self, lezing: Lezing) -> None:
        raise LeeslogFout("vol", verwacht="ruimte", remedie="maak ruimte")

    def flush(self) -> None:
        raise LeeslogFout("vol", verwacht="ruimte", remedie="maak ruimte")


def open_klant(releases_map: Path, **delen: object) -> TestClient:
    return TestClient(make_app(releases_map, **delen), base_url="http://127.0.0.1")


def test_service_without_a_release_lives_and_is_not_ready(tmp_path: Path) -> None:
    klant = open_klant(tmp_path / "releases")

    assert klant.get(PAD_LEVEND).json() == {"levend": True}
    antwoord = klant.get(PAD_KLAAR)
    assert antwoord.status_code == 503
    assert antwoord.json() == {"klaar": False, "reden": "Er is nog geen release."}

    publish_example(tmp_path / "releases")
    assert klant.get(PAD_KLAAR).json() == {"klaar": True, "reden": None}


def test_service_that_cannot_write_the_read_log_lives_and_is_not_ready(tmp_path: Path) -> None:
    publish_example(tmp_path / "releases")
    klant = open_klant(tmp_path / "releases", leeslog=Vol())

    assert klant.get(PAD_LEVEND).status_code == 200
    assert klant.get(PAD_KLAAR).status_code == 503
    assert "leeslog" in klant.get(PAD_KLAAR).json()["reden"]


@pytest.mark.parametrize("adres", [PAD_LEVEND, PAD_KLAAR])
def test_health_is_never_kept_by_a_browser_or_proxy(tmp_path: Path, adres: str) -> None:
    assert open_klant(tmp_path).get(adres).headers["cache-control"] == "no-store"


def test_stop_writes_the_read_log(tmp_path: Path) -> None:
    publish_example(tmp_path / "releases")
    log = Onthoudt()
    with TestClient(make_app(tmp_path / "releases", leeslog=log)) as klant:
        klant.get("/v1/complexen/C001")
        assert log.geschreven == 0
    assert log.geschreven == 1
