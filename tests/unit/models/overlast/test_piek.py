"""The second head of overlast is shown where it foretells, and not where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.overlast.piek import examine_piek
from models.risico.tijdsplitsing import TijdFout
from tests.unit.models.overlast.test_keuring import make_paneel

NU = 672


def test_head_that_foretells_is_shown_and_its_chances_add_up() -> None:
    hoofd = examine_piek(make_paneel(), nu=NU, rng=np.random.default_rng(1))
    assert hoofd.ap > 1.5 * hoofd.ap_persistentie
    assert hoofd.oe.verhouding == pytest.approx(1.0, abs=0.1)
    assert hoofd.is_bruikbaar
    assert hoofd.gebeurtenissen > 100


def test_head_without_a_signal_is_not_shown() -> None:
    hoofd = examine_piek(make_paneel(is_signaal=False), nu=NU, rng=np.random.default_rng(1))
    assert not hoofd.is_bruikbaar


def test_head_that_promises_too_much_is_not_shown() -> None:
    hoofd = examine_piek(make_paneel(), nu=NU, rng=np.random.default_rng(1))
    stellig = replace(hoofd, oe=replace(hoofd.oe, onder=0.5, boven=0.9))
    assert not stellig.is_bruikbaar


def test_too_little_history_is_said() -> None:
    with pytest.raises(TijdFout):
        examine_piek(make_paneel(van=650), nu=NU, rng=np.random.default_rng(1))
