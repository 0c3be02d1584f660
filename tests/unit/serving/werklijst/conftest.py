"""A house with a worklist of overlast and one of woonfraude."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.serving.werklijst.voorbeeld import Huis, make_lijst, make_regel


@pytest.fixture
def huis(tmp_path: Path) -> Huis:
    huis = Huis(tmp_path)
    huis.werklijsten.add_werklijst(make_lijst())
    fraude = (make_regel("C001", 1, aantal_adressen=2), make_regel("C005", 2, "aselect", rang=5))
    huis.werklijsten.add_werklijst(make_lijst(fraude, "woonfraude"))
    return huis
