"""Calibration: nothing unless needed, a line when it can be told, a shift by hand alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from models.risico import maten
from models.risico.ijking import (
    Ijking,
    IjkingFout,
    Verschuiving,
    estimate_verschuiving,
    fit_ijking,
)

MAAND = 660


def make_scores(helling: float, rijen: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes, and scores whose log-odds are ``1 / helling`` times too large."""
    rng = np.random.default_rng(1)
    eta = rng.normal(-3.0, 1.0, rijen)
    return (rng.random(rijen) < expit(eta)).astype(float), expit(eta / helling)


def test_model_that_is_calibrated_is_left_as_it_is() -> None:
    y, p = make_scores(helling=1.0)
    ijking = fit_ijking(y, p)
    assert not ijking.is_platt
    assert "niet nodig" in ijking.reden
    np.testing.assert_array_equal(ijking.apply(p, MAAND), p)


@pytest.mark.parametrize("helling", [0.6, 1.5])
def test_model_that_is_too_sure_or_not_sure_enough_gets_a_line(helling: float) -> None:
    y, p = make_scores(helling)
    ijking = fit_ijking(y, p)
    geijkt = ijking.apply(p, MAAND)
    assert ijking.is_platt
    assert ijking.helling == pytest.approx(helling, rel=0.05)
    assert maten.compute_helling(y, geijkt) == pytest.approx(1.0, abs=1e-3)
    assert geijkt.sum() == pytest.approx(y.sum(), rel=1e-3)
    assert maten.compute_ap(y, geijkt) == pytest.approx(maten.compute_ap(y, p))


def test_too_few_events_leave_even_a_crooked_model_as_it_is() -> None:
    y, p = make_scores(helling=0.5)
    grens = np.flatnonzero(np.cumsum(y) == 150)[0]
    assert not fit_ijking(y[:grens], p[:grens]).is_platt
    assert "149 van 150" in fit_ijking(y[:grens], p[:grens]).reden
    assert fit_ijking(y[: grens + 1], p[: grens + 1]).is_platt


def test_model_that_ranks_upside_down_is_not_calibrated_but_refused() -> None:
    y, p = make_scores(helling=1.0)
    with pytest.raises(IjkingFout, match="vuistregel"):
        fit_ijking(y, 1 - p)


def test_shift_holds_from_its_month_until_the_training_that_saw_the_change() -> None:
    schuif = Verschuiving(MAAND, 0.25, "meldformulier geopend", "data-analist", tot=MAAND + 12)
    ijking = Ijking(verschuivingen=(schuif,))
    p = np.full(4, 0.1)
    maanden = MAAND + np.array([-1, 0, 11, 12])
    geijkt = ijking.apply(p, maanden)
    np.testing.assert_allclose(logit(geijkt) - logit(p), [0.0, 0.25, 0.25, 0.0], atol=1e-12)
    assert ijking.apply(p, MAAND - 1).tolist() == p.tolist()


def test_shift_comes_on_top_of_the_line() -> None:
    y, p = make_scores(helling=0.6)
    schuif = Verschuiving(MAAND, -0.4, "nieuw sanctiebeleid", "manager wonen")
    zonder, met = fit_ijking(y, p), fit_ijking(y, p, [schuif])
    verschil = logit(met.apply(p, MAAND)) - logit(zonder.apply(p, MAAND))
    np.testing.assert_allclose(verschil, -0.4, atol=1e-9)


@pytest.mark.parametrize(
    "fout",
    [
        {"reden": " "},
        {"ingevoerd_door": ""},
        {"omvang": 2.5},
        {"omvang": float("nan")},
        {"tot": MAAND},
    ],
    ids=["geen reden", "niemand", "te groot", "onbekend", "einde voor begin"],
)
def test_shift_that_nobody_can_account_for_is_refused(fout: dict[str, object]) -> None:
    velden = {"vanaf": MAAND, "omvang": 0.2, "reden": "beleid", "ingevoerd_door": "analist"}
    with pytest.raises(IjkingFout, match="Wat te doen"):
        Verschuiving(**{**velden, **fout})


@given(st.floats(-1.5, 1.5))
def test_shift_that_is_proposed_is_the_one_that_happened(schuif: float) -> None:
    rng = np.random.default_rng(2)
    p = expit(rng.normal(-2.0, 1.0, 3000))
    u = rng.random(3000)
    y = (u < expit(logit(p) + schuif)).astype(float)
    gevonden = estimate_verschuiving(y, p)
    assert gevonden == pytest.approx(schuif, abs=0.3)
    assert expit(logit(p) + gevonden).sum() == pytest.approx(y.sum(), abs=1e-6)


def test_no_shift_is_proposed_where_nothing_happened() -> None:
    with pytest.raises(IjkingFout, match="geen gebeurtenis"):
        estimate_verschuiving(np.zeros(3), np.full(3, 0.1))
