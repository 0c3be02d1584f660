"""The examples in the docstrings of the shared mathematics run and say what comes out."""

from __future__ import annotations

import doctest
from types import ModuleType

import numpy as np
import pytest

from models.risico import (
    bootstrap,
    kenmerk,
    maten,
    onzekerheid,
    tekenlogistiek,
    tijdsplitsing,
    uitleg,
)


@pytest.mark.parametrize(
    "module",
    [bootstrap, kenmerk, maten, onzekerheid, tekenlogistiek, tijdsplitsing, uitleg],
    ids=lambda m: m.__name__.rpartition(".")[2],
)
def test_examples_of_a_module_run(module: ModuleType) -> None:
    verslag = doctest.testmod(module, extraglobs={"np": np})
    assert verslag.attempted > 0
    assert verslag.failed == 0
