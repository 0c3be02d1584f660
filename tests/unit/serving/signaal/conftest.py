"""The store of Sociale Signalen on both engines, with a clock that a test moves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serving.signaal.regels import Beleid, Voorstel
from serving.signaal.register import BESTAND, Signaalregister
from serving.signaal.sleutel import Sleutelbos
from tests.unit.serving.voorbeeld_release import publish_example

NU = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
VOORSTEL = Voorstel(
    complex_id="C001",
    buurt_id="BU01",
    signaal_code="dementie",
    urgentie="deze_week",
    organisatie="onderhoud",
)


class Klok:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.nu = NU

    def __call__(self) -> datetime:
        return self.nu


@pytest.fixture(scope="session")
def voorbeeld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, published once."""
    pad = tmp_path_factory.mktemp("voorbeeld") / "releases"
    publish_example(pad)
    return pad


@pytest.fixture
def releases_map(voorbeeld: Path, tmp_path: Path) -> Path:
    """A data folder of its own, with the example in it."""
    return Path(shutil.copytree(voorbeeld, tmp_path / "releases", copy_function=os.link))


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def signalen_url(maak_opslag: Callable[[str], str]) -> str:
    """URL of an empty store on each engine."""
    return maak_opslag(BESTAND)


@pytest.fixture
def sleutels(tmp_path: Path) -> Sleutelbos:
    return Sleutelbos(tmp_path / "sleutels")


@pytest.fixture
def register(signalen_url: str, sleutels: Sleutelbos, klok: Klok) -> Iterator[Signaalregister]:
    geopend = Signaalregister(signalen_url, sleutels, Beleid(), nu=klok)
    yield geopend
    geopend.close()


def make_voorstel(**velden: object) -> Voorstel:
    return replace(VOORSTEL, **velden)  # type: ignore[arg-type]
