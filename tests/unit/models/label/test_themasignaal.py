"""Step 9: the chance that a rate has risen by half."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from models.label.themasignaal import compute_themasignaal

AANTAL = st.integers(0, 200)


@given(AANTAL, AANTAL, st.floats(1, 5))
def test_chance_is_that_of_the_beta_distribution(recent: int, eerder: int, phi: float) -> None:
    verwacht = beta.sf(3.0 / 11.0, recent / phi + 0.5, eerder / phi + 0.5)
    assert compute_themasignaal(recent, eerder, phi) == pytest.approx(verwacht, abs=1e-12)


@given(AANTAL, AANTAL, st.floats(1, 5))
def test_more_now_is_more_and_more_before_is_less(recent: int, eerder: int, phi: float) -> None:
    kans = compute_themasignaal(recent, eerder, phi)
    assert compute_themasignaal(recent + 1, eerder, phi) >= kans
    assert compute_themasignaal(recent, eerder + 1, phi) <= kans


def test_unrecorded_months_are_not_months_without_reports() -> None:
    half = compute_themasignaal(8, 4, 1.0, maanden_recent=6, maanden_eerder=12)
    heel = compute_themasignaal(8, 4, 1.0, maanden_recent=6, maanden_eerder=24)
    assert half < heel


def test_steady_rate_seldom_signals_and_a_tripled_one_does() -> None:
    rng = np.random.default_rng(8)
    tempo = 40 * 0.3 / 2  # reports per half year
    eerder = rng.poisson(4 * tempo, 20_000)
    gelijk = compute_themasignaal(rng.poisson(tempo, 20_000), eerder, 1.0) > 0.95
    driemaal = compute_themasignaal(rng.poisson(3 * tempo, 20_000), eerder, 1.0) > 0.95
    assert gelijk.mean() < 0.01
    assert driemaal.mean() > 0.6
