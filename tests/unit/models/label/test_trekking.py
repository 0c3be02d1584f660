"""Step 7 on arrays: who draws what, and what the draws add up to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from models.label.trekking import Maat, draw_normaal, find_begin, trek_labels
from vera.errors import BuurtpeilError

THEMA = np.array([0, 0, 1, 2])
MAAT = Maat(
    thema=THEMA,
    mediaan=np.array([0.1, -0.2, 0.0, 0.5]),
    schaal=np.array([0.5, 0.8, 1.0, np.nan]),
    kappa=np.array([0.7, 0.9, 0.8]),
    omega=np.ones(3),
    knippen=np.tile([20.0, 40.0, 60.0, 80.0], (4, 1)),
)
GEWICHT = np.array([0.5, 0.5, 1.0, 1.0])


def compute_scores(x: np.ndarray) -> np.ndarray:
    """Return themes and total of ``x`` (n, 4), straight from the text of the method."""
    u = np.clip((x - MAAT.mediaan) / np.nan_to_num(MAAT.schaal, nan=1.0), -3, 3)
    u[:, 3] = 0.0
    z = np.stack([(u * GEWICHT)[:, thema == THEMA].sum(axis=1) for thema in range(3)], axis=1)
    score = 100 * ndtr(z / MAAT.kappa)
    return np.column_stack([score, np.sqrt((score**2).mean(axis=1))])


def draw(x: np.ndarray, var: float, sleutels: list[str]) -> tuple[np.ndarray, np.ndarray]:
    n = len(x)
    uit = trek_labels(
        x,
        np.full_like(x, var),
        np.tile(GEWICHT, (n, 1)),
        compute_scores(x),
        find_begin([f"{s}|{k}" for s in sleutels for k in range(4)]).reshape(n, 4),
        MAAT,
    )
    return uit.standaardfout, uit.kans


def make_x(n: int = 600) -> tuple[np.ndarray, list[str]]:
    return np.random.default_rng(3).normal(size=(n, 4)), [f"C{i}" for i in range(n)]


def test_draws_depend_on_the_key_alone() -> None:
    x, sleutels = make_x()
    volgorde = np.random.default_rng(4).permutation(len(x))
    fout, kans = draw(x, 0.1, sleutels)
    fout_anders, kans_anders = draw(x[volgorde], 0.1, [sleutels[i] for i in volgorde])
    alleen, kans_alleen = draw(x[:1], 0.1, sleutels[:1])
    assert np.array_equal(fout[volgorde], fout_anders)
    assert np.array_equal(kans[volgorde], kans_anders)
    assert np.array_equal(fout[:1], alleen)
    assert np.array_equal(kans[:1], kans_alleen)


def test_draws_of_different_keys_are_standard_normal_and_unrelated() -> None:
    trek = draw_normaal(find_begin([f"C{i}|2026-01-01|A" for i in range(400)])).astype(float)
    assert abs(trek.mean()) < 4 / np.sqrt(trek.size)
    assert abs(trek.std() - 1) < 0.01
    samenhang = np.corrcoef(trek)[np.triu_indices(len(trek), 1)]
    # of 79,800 pairs of 500 unrelated draws the largest correlation is about .2
    assert np.abs(samenhang).max() < 0.25
    assert abs(samenhang.mean()) < 0.002


def test_standard_error_is_that_of_plain_simulation() -> None:
    x, sleutels = make_x(40)
    fout, _ = draw(x, 0.2, sleutels)
    rng = np.random.default_rng(5)
    simulatie = np.stack(
        [compute_scores(x + rng.normal(scale=np.sqrt(0.2), size=x.shape)) for _ in range(4000)]
    ).std(axis=0)
    # of the total: a theme near 0 or 100 has draws with a long tail, where 500 say less
    verhouding = fout[:, 3] / simulatie[:, 3]
    assert 0.97 < verhouding.mean() < 1.03
    assert np.all(np.abs(verhouding - 1) < 0.15)


def test_small_errors_agree_with_the_slope() -> None:
    """With little noise the draws and the closed form are one and the same."""
    x, sleutels = make_x(200)
    x = np.clip(x, -1.2, 1.2)
    fout, _ = draw(x, 1e-4, sleutels)
    stap = 1e-5
    helling = np.stack(
        [
            (compute_scores(x + stap * np.eye(4)[k]) - compute_scores(x - stap * np.eye(4)[k]))
            / (2 * stap)
            for k in range(4)
        ]
    )
    gesloten = np.sqrt((helling**2 * 1e-4).sum(axis=0))
    verhouding = fout[:, 3] / gesloten[:, 3]
    assert abs(np.median(verhouding) - 1) < 0.02


def test_chances_add_up_to_one_and_are_centred_at_the_score() -> None:
    x, sleutels = make_x()
    score = compute_scores(x)
    _, kans = draw(x, 0.05, sleutels)
    assert np.allclose(kans.sum(axis=2), 1, atol=1e-9)
    verwacht = 1 + (score[:, :, None] > MAAT.knippen[None]).sum(axis=2)
    meest = 1 + kans.argmax(axis=2)
    zeker = kans.max(axis=2) > 0.7
    assert np.array_equal(meest[zeker], verwacht[zeker])
    # an indicator without a scale says nothing, and is certain of it
    assert np.all(kans[:, 2].max(axis=1) == 1)


@given(st.floats(0.001, 1.0), st.integers(0, 10_000))
def test_more_noise_never_makes_a_label_surer_of_itself(var: float, zaad: int) -> None:
    x = np.random.default_rng(zaad).normal(size=(20, 4))
    sleutels = [f"C{i}" for i in range(20)]
    fout, _ = draw(x, var, sleutels)
    fout_meer, _ = draw(x, var / 4, sleutels)
    assert fout_meer[:, 3].mean() <= fout[:, 3].mean() + 1e-9


def test_unknown_theme_is_left_out_and_stays_unknown() -> None:
    x, sleutels = make_x(3)
    gewicht = np.tile(GEWICHT, (3, 1))
    gewicht[1, 2] = 0.0
    score = compute_scores(x)
    score[1, 1] = np.nan
    score[1, 3] = np.sqrt((score[1, [0, 2]] ** 2).mean())
    score[2] = np.nan
    gewicht[2] = 0.0
    uit = trek_labels(
        x,
        np.full_like(x, 0.1),
        gewicht,
        score,
        find_begin([f"{s}|{k}" for s in sleutels for k in range(4)]).reshape(3, 4),
        MAAT,
    )
    assert np.isnan(uit.kans[1, 1]).all()
    assert uit.laag[1, 1] == uit.hoog[1, 1] == 0
    assert uit.kans[1, 3].sum() == pytest.approx(1)
    assert np.isnan(uit.kans[2]).all()
    assert np.isnan(uit.standaardfout[2]).all()


def test_range_holds_at_least_four_fifths_of_the_chance() -> None:
    x, sleutels = make_x(200)
    uit = trek_labels(
        x,
        np.full_like(x, 0.3),
        np.tile(GEWICHT, (200, 1)),
        compute_scores(x),
        find_begin([f"{s}|{k}" for s in sleutels for k in range(4)]).reshape(200, 4),
        MAAT,
    )
    labels = np.arange(1, 6)
    binnen = (labels >= uit.laag[:, :, None]) & (labels <= uit.hoog[:, :, None])
    assert np.all((uit.kans * binnen).sum(axis=2) >= 0.8 - 1e-9)


def draw_gedeeld(lading: float, var: float = 0.0009) -> np.ndarray:
    """Return standard errors of 400 objects at score 50 whose theme 0 shares ``lading``."""
    n = 400
    x = np.tile(np.where(np.isfinite(MAAT.schaal), MAAT.mediaan, 0.0), (n, 1))
    uit = trek_labels(
        x,
        np.full_like(x, var),
        np.tile(GEWICHT, (n, 1)),
        compute_scores(x),
        find_begin([f"C{i}|{k}" for i in range(n) for k in range(4)]).reshape(n, 4),
        MAAT,
        lading=np.full_like(x, lading),
        begin_thema=find_begin([f"C{i}|T{t}" for i in range(n) for t in range(3)]).reshape(n, 3),
    )
    return uit.standaardfout


def test_what_indicators_share_is_one_draw_for_all_of_their_theme() -> None:
    helling = 100 / np.sqrt(2 * np.pi) / MAAT.kappa[0] * 0.5 * 0.03 / MAAT.schaal[:2]
    los, half, alles = (draw_gedeeld(lading)[:, 0].mean() for lading in (0.0, 0.015, 0.03))
    assert los == pytest.approx(np.hypot(*helling), rel=0.05)
    assert alles == pytest.approx(helling.sum(), rel=0.05)
    assert los < half < alles


def test_theme_with_one_indicator_is_as_sure_whether_or_not_it_shares() -> None:
    assert draw_gedeeld(0.02)[:, 1].mean() == pytest.approx(
        draw_gedeeld(0.0)[:, 1].mean(), rel=0.02
    )


def test_nothing_shared_is_the_same_to_the_last_bit_as_leaving_it_out() -> None:
    x, sleutels = make_x(40)
    begin = find_begin([f"{s}|{k}" for s in sleutels for k in range(4)]).reshape(40, 4)
    gedeeld = trek_labels(
        x,
        np.full_like(x, 0.1),
        np.tile(GEWICHT, (40, 1)),
        compute_scores(x),
        begin,
        MAAT,
        lading=np.zeros_like(x),
        begin_thema=begin[:, :3],
    )
    fout, kans = draw(x, 0.1, sleutels)
    assert np.array_equal(gedeeld.kans, kans, equal_nan=True)
    assert np.array_equal(gedeeld.standaardfout, fout, equal_nan=True)


def test_loading_without_a_place_for_its_draws_is_refused() -> None:
    x, _ = make_x(1)
    with pytest.raises(BuurtpeilError, match="beide of geen van beide"):
        trek_labels(x, x**2, x, compute_scores(x), np.zeros((1, 4), dtype=np.int64), MAAT, lading=x)
