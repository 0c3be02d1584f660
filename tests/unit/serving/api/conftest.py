"""The API over the hand-made association; nothing in it is changed by asking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.release.winkel import Uitgave, open_release
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app

BASIS = "https://label.voorbeeldwonen.example"


@pytest.fixture(scope="session")
def releases_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pad = tmp_path_factory.mktemp("api") / "releases"
    publish_example(pad)
    return pad


@pytest.fixture(scope="session")
def uitgave(releases_map: Path) -> Iterator[Uitgave]:
    release_id = (releases_map / "CURRENT").read_text().strip()
    with open_release(releases_map / release_id) as geopend:
        yield geopend


def make_client(releases_map: Path) -> TestClient:
    """A client that sees error answers instead of the exceptions behind them."""
    return TestClient(
        make_app(releases_map, basis_url=BASIS), base_url=BASIS, raise_server_exceptions=False
    )


@pytest.fixture(scope="session")
def client(releases_map: Path) -> TestClient:
    return make_client(releases_map)
