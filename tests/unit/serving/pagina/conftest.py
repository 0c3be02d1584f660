"""The invented town, published once, and the small example in every state a card can be in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina, read_page
from tests.unit.serving.pagina.voorbeeldstad import publish_stad
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app


@pytest.fixture(scope="session")
def stad_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the town is published."""
    map_ = tmp_path_factory.mktemp("stad") / "releases"
    publish_stad(map_)
    return map_


@pytest.fixture(scope="session")
def stad(stad_map: Path) -> TestClient:
    """The whole application over the town."""
    return TestClient(make_app(stad_map))


@pytest.fixture(scope="session")
def uitgave(stad_map: Path) -> Uitgave:
    """The release of the town, opened."""
    return Uitgave(next(pad for pad in stad_map.iterdir() if pad.is_dir()))


@pytest.fixture(scope="session")
def klein(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The whole application over the hand-made example of six complexes."""
    map_ = tmp_path_factory.mktemp("klein") / "releases"
    publish_example(map_)
    return TestClient(make_app(map_))


@pytest.fixture(scope="session")
def lees(stad: TestClient) -> Callable[[str], Pagina]:
    """Reads a page of the town, which must be there."""

    def read(adres: str) -> Pagina:
        antwoord = stad.get(adres)
        assert antwoord.status_code == 200, adres
        return read_page(antwoord.text)

    return read


@pytest.fixture(scope="session")
def lees_klein(klein: TestClient) -> Callable[[str], Pagina]:
    """Reads a page of the small example, which must be there."""

    def read(adres: str) -> Pagina:
        antwoord = klein.get(adres)
        assert antwoord.status_code == 200, adres
        return read_page(antwoord.text)

    return read
