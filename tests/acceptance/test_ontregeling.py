"""A few chaos trials of each quick kind, by number; ``buurtpeil ontregel`` does hundreds.

The kinds that need a whole run each take minutes: those are for the night.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.ontregeling import HEEL, SNEL, Omgeving, run_proef
from orchestration.ontregeling_bank import Bank, build_bank
from orchestration.ontregeling_server import find_bin, open_server

SEED = 1
PER_SOORT = {
    "publicatie": 4,
    "release": 4,
    "besluit": 1,
    "schijf": 2,
    "database": 1,
    "dienst": 1,
}
PROEVEN = [(soort, nummer) for soort, aantal in PER_SOORT.items() for nummer in range(aantal)]


@pytest.fixture(scope="module")
def bank(gepubliceerd: Any, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    map_ = tmp_path_factory.mktemp("ontregeling") / "bank"
    return build_bank(map_, seed=SEED, heel=False, basis=gepubliceerd.data)


@pytest.fixture(scope="module")
def omgeving(bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Omgeving]:
    if find_bin() is None:
        pytest.skip("zonder PostgreSQL (initdb)")
    with open_server() as server:
        yield Omgeving(bank, tmp_path_factory.mktemp("proeven"), server)


def test_every_quick_kind_is_tried() -> None:
    assert set(PER_SOORT) == set(SNEL)


@pytest.mark.parametrize(("soort", "nummer"), PROEVEN)
def test_fault_leaves_what_was_published_and_acknowledged_and_a_next_run_that_succeeds(
    omgeving: Omgeving, soort: str, nummer: int
) -> None:
    uitslag = run_proef(omgeving, nummer, SEED, (soort,))
    assert uitslag.fouten == (), uitslag


@pytest.mark.nacht
@pytest.mark.parametrize("soort", HEEL)
def test_whole_run_that_is_disturbed_is_followed_by_one_that_succeeds(
    tmp_path: Path, gepubliceerd: Any, soort: str
) -> None:
    bank = build_bank(tmp_path / "bank", seed=SEED, heel=True, basis=gepubliceerd.data)
    uitslag = run_proef(Omgeving(bank, tmp_path / "proeven"), 0, SEED, (soort,))
    assert uitslag.fouten == (), uitslag
