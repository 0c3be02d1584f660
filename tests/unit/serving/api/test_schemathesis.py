"""Schemathesis over the served document: no 5xx, and no answer that is not in the document.

A few fixed examples of every operation, for three kinds of reader. The long run, of every role,
is with ``make nacht``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from serving.adresindex.bestand import write_adresindex
from serving.adresindex.sleutel import load_sleutel
from tests.unit.serving.api.draad import Lijn, listen
from tests.unit.serving.deuren import Huis, open_huis
from tests.unit.serving.voorbeeld_release import publish_example
from vera.adressleutel import compute_vingerafdruk, make_eenheidsleutel
from vera.toegang import ROLLEN

MET_REGELS = frozenset(
    {
        "POST /sociale-signalen",
        "POST /bewonersinitiatieven",
        "PATCH /bewonersinitiatieven/{initiatiefId}",
    }
)
"""Where a request of the right form may be refused for what it says: a place that does not exist,
an end before the begin."""
WIE = ("wijkbeheer", "gemeente", "niemand")


@pytest.fixture(scope="module")
def huis(tmp_path_factory: pytest.TempPathFactory) -> Huis:
    pad = tmp_path_factory.mktemp("schemathesis")
    release = publish_example(pad / "releases")
    geheim = load_sleutel(pad / "sleutels")
    paren = [(make_eenheidsleutel(geheim, "VHE-1"), "C001")]
    write_adresindex(release, paren, compute_vingerafdruk(geheim))
    return open_huis(pad / "releases", pad)


@pytest.fixture(scope="module")
def lijn(huis: Huis) -> Iterator[Lijn]:
    with listen(huis.app) as gereed:
        yield gereed


def load(lijn: Lijn) -> Any:
    document = json.loads(lijn.ask("GET", "/v1/openapi.json").inhoud)
    document["servers"] = [{"url": f"{lijn.adres}/v1"}]
    return schemathesis.openapi.from_dict(document)


def try_all(lijn: Lijn, sleutel: str | None, aantal: int) -> None:
    """Call every operation with examples, and hold each answer against the document."""
    koppen = {"host": "127.0.0.1:8000"}
    if sleutel:
        koppen["Authorization"] = f"Bearer {sleutel}"
    gezien = 0
    for uitkomst in load(lijn).get_all_operations():
        bewerking = uitkomst.ok()
        gezien += 1
        kan_fout = bewerking.query or bewerking.path_parameters or bewerking.body
        for soort in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if kan_fout else ())):
            _try(lijn, bewerking, soort, koppen, aantal)
    assert gezien > 40


def _try(
    lijn: Lijn, bewerking: Any, soort: GenerationMode, koppen: dict[str, str], aantal: int
) -> None:
    zonder = [positive_data_acceptance] if bewerking.label in MET_REGELS else []

    @seed(20261001)
    @settings(
        max_examples=aantal,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(bewerking.as_strategy(generation_mode=soort))
    def check(case: Any) -> None:
        case.call_and_validate(
            base_url=f"{lijn.adres}/v1", headers=koppen, timeout=60, excluded_checks=zonder
        )

    check()


@pytest.mark.parametrize("wie", WIE)
def test_every_operation_answers_as_documented(huis: Huis, lijn: Lijn, wie: str) -> None:
    try_all(lijn, huis.sleutels.get(wie), 2)


@pytest.mark.nacht
@pytest.mark.parametrize("wie", ["niemand", *ROLLEN])
def test_every_operation_answers_every_role_as_documented(huis: Huis, lijn: Lijn, wie: str) -> None:
    try_all(lijn, huis.sleutels.get(wie), 25)
