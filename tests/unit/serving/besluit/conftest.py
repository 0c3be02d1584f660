"""The decisions store on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from serving.besluit.duiding import Publicatie, Voorstel
from serving.besluit.register import BESTAND, Besluitregister

NU = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NA_OKTOBER = Publicatie("0dce49cfb540", date(2026, 10, 1))
NA_JANUARI = Publicatie("1dce49cfb541", date(2027, 1, 1))
NA_APRIL = Publicatie("2dce49cfb542", date(2027, 4, 1))
NA_JULI = Publicatie("3dce49cfb543", date(2027, 7, 1))


def make_voorstel(
    beheerobject_id: str = "C001",
    delta: int = 1,
    door: str = "Anna de Wit",
    reden_code: str = "recente_maatregel",
    toelichting: str = "De portiekdeuren zijn vervangen en het trappenhuis is verlicht.",
) -> Voorstel:
    return Voorstel(beheerobject_id, delta, reden_code, toelichting, door)


@pytest.fixture
def besluiten_url(maak_opslag: Callable[[str], str]) -> str:
    """URL of an empty store on each engine."""
    return maak_opslag(BESTAND)


@pytest.fixture
def register(besluiten_url: str) -> Iterator[Besluitregister]:
    geopend = Besluitregister(besluiten_url, nu=lambda: NU)
    yield geopend
    geopend.close()
