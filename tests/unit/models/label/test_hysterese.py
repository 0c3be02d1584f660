"""Step 8: a label moves when it is likely enough on the other side, and not otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.label.hysterese import damp_labels


def make_kans(*boven_3: float) -> np.ndarray:
    """P(label = 4) by quarter for one complex, the rest of P on 3."""
    kans = np.zeros((1, len(boven_3), 5))
    kans[0, :, 3] = boven_3
    kans[0, :, 2] = 1 - np.array(boven_3)
    return kans


@pytest.mark.parametrize(
    ("boven", "verwacht"),
    [
        ((0.1, 0.79, 0.1), [3, 3, 3]),
        ((0.1, 0.80, 0.1), [3, 4, 3]),
        ((0.1, 0.65, 0.65), [3, 3, 4]),
        ((0.1, 0.65, 0.64), [3, 3, 3]),
        ((0.1, 0.65, 0.3, 0.65), [3, 3, 3, 3]),
        ((0.1, 0.85, 0.40, 0.40), [3, 4, 4, 4]),
        ((0.1, 0.85, 0.35, 0.35), [3, 4, 4, 3]),
    ],
)
def test_label_moves_at_eighty_percent_or_at_sixty_five_in_two_quarters(
    boven: tuple[float, ...], verwacht: list[int]
) -> None:
    ruw = np.where(np.array([boven]) > 0.5, 4, 3)
    assert damp_labels(ruw, make_kans(*boven)).tolist() == [verwacht]


def test_label_crosses_several_boundaries_at_once_when_it_is_sure() -> None:
    kans = np.zeros((1, 2, 5))
    kans[0, 0, 0] = 1
    kans[0, 1] = [0.0, 0.1, 0.1, 0.1, 0.7]
    # P(above 1, 2) are .9 and .8 or more; P(above 3) is .8; P(above 4) is .7
    assert damp_labels(np.array([[1, 5]]), kans).tolist() == [[1, 4]]


def test_first_label_after_unknown_is_the_raw_one() -> None:
    kans = make_kans(0.1, np.nan, 0.55, 0.55)
    assert damp_labels(np.array([[3, 0, 4, 4]]), kans).tolist() == [[3, 0, 4, 4]]


verdeling = st.lists(st.floats(0.01, 1), min_size=5, max_size=5).map(
    lambda w: (np.array(w) / sum(w)).tolist()
)


@given(st.lists(verdeling, min_size=2, max_size=8))
def test_label_never_moves_to_a_side_that_is_less_likely_than_sixty_percent(
    reeks: list[list[float]],
) -> None:
    kans = np.array([reeks])
    ruw = 1 + kans.argmax(axis=2)
    label = damp_labels(ruw, kans)[0]
    for kwartaal in range(1, len(label)):
        voor, na = label[kwartaal - 1], label[kwartaal]
        if na > voor:
            assert kans[0, kwartaal, na - 1 :].sum() >= 0.6 - 1e-6
        if na < voor:
            assert kans[0, kwartaal, :na].sum() >= 0.6 - 1e-6


@given(st.lists(verdeling, min_size=2, max_size=8))
def test_damped_label_moves_no_more_often_than_a_laxer_threshold_lets_it_stay(
    reeks: list[list[float]],
) -> None:
    kans = np.array([reeks])
    ruw = 1 + kans.argmax(axis=2)
    label = damp_labels(ruw, kans)[0]
    # With thresholds that nothing reaches, the first label stays for ever.
    vast = damp_labels(ruw, kans, direct=1.1, twee=1.1)[0]
    assert set(vast.tolist()) == {int(ruw[0, 0])}
    assert label[0] == ruw[0, 0]


@given(verdeling, verdeling, st.integers(0, 3), st.floats(0, 1))
def test_more_probability_on_higher_labels_never_lowers_the_label(
    eerst: list[float], dan: list[float], plaats: int, deel: float
) -> None:
    hoger = list(dan)
    hoger[plaats + 1] += deel * hoger[plaats]
    hoger[plaats] *= 1 - deel
    ruw = np.array([[1 + int(np.argmax(eerst)), 1 + int(np.argmax(dan))]])
    laag = damp_labels(ruw, np.array([[eerst, dan]]))[0, 1]
    assert damp_labels(ruw, np.array([[eerst, hoger]]))[0, 1] >= laag
