"""What is measured of a label, on labels that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.label.evaluatie import (
    EISEN,
    Band,
    compute_ruwe_klassen,
    evaluate_vaste_wereld,
    measure_kalibratie,
    measure_kracht,
    measure_labels,
    measure_vals_signaal,
    merge_banden,
    share_juist_vanaf,
    summarise,
)
from models.label.wereld import WereldParameters

GROOT = np.array([40.0])


def test_change_counts_once_and_unknown_quarters_count_nowhere() -> None:
    label = np.array([[3, 4, 0, 4, 4]])
    waar = np.array([[3, 3, 3, 4, 0]])
    gemeten = measure_labels(label, waar, GROOT)
    assert gemeten["wisselingen"] == pytest.approx(1 / 2)
    assert gemeten["juist"] == pytest.approx(2 / 3)
    assert np.isnan(gemeten["juist_klein"])


@pytest.mark.parametrize(
    ("label", "terug"),
    [
        ([3, 4, 4, 4, 3, 3], 1.0),  # back in the third quarter after the change
        ([3, 4, 4, 4, 4, 3], 0.0),  # a quarter too late
        ([3, 4, 5, 5, 5, 5], 0.0),  # moved on, never back
    ],
)
def test_change_is_reversed_when_the_old_label_is_back_within_three_quarters(
    label: list[int], terug: float
) -> None:
    reeks = np.array([label])
    assert measure_labels(reeks, reeks, GROOT)["teruggedraaid"] == terug


def test_change_that_cannot_be_followed_for_three_quarters_does_not_count() -> None:
    reeks = np.array([[3, 3, 3, 4, 3]])
    assert np.isnan(measure_labels(reeks, reeks, GROOT)["teruggedraaid"])


def test_small_complexes_have_fewer_than_25_dwellings() -> None:
    label, waar = np.array([[1], [2], [3]]), np.array([[1], [1], [1]])
    gemeten = measure_labels(label, waar, np.array([24.0, 24.0, 25.0]))
    assert gemeten["juist_klein"] == 0.5


def test_band_holds_the_labels_of_that_probability() -> None:
    kans = np.zeros((1, 3, 5))
    kans[0, :, 2] = [0.85, 0.9, 1.0]
    banden = measure_kalibratie(np.array([[3, 3, 3]]), np.array([[3, 2, 3]]), kans)
    gevuld = {(b.van, b.tot): (b.aantal, b.juist) for b in banden if b.aantal}
    assert gevuld == {(0.8, 0.9): (1, 1.0), (0.9, 1.0): (2, 0.5)}
    assert share_juist_vanaf(banden, 0.8) == pytest.approx(2 / 3)


def test_bands_of_seeds_are_weighted_by_their_labels() -> None:
    samen = merge_banden(
        [
            [Band(0.8, 0.9, 1, 0.8, 0.0)],
            [Band(0.8, 0.9, 3, 0.9, 1.0)],
            [Band(0.8, 0.9, 0, float("nan"), float("nan"))],
        ]
    )
    (band,) = samen
    assert (band.aantal, band.juist) == (4, 0.75)
    assert band.kans == pytest.approx(0.875)


def test_run_of_signals_is_one_alert_and_false_only_where_the_rate_did_not_rise_enough() -> None:
    signaal = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], dtype=bool)
    stijging = np.array([[1.0, 1.0, 1.0, 1.6], [1.49, 1, 1, 1]])
    assert measure_vals_signaal(signaal, stijging, 4.0) == 2 / 4


def test_tripling_is_seen_more_often_where_more_is_reported_and_less_where_it_is_erratic() -> None:
    zien = [
        measure_kracht(tempo, phi, np.random.default_rng(1), 500)
        for tempo, phi in ((0.05, 1.0), (0.3, 1.0), (0.3, 3.0))
    ]
    assert zien[0] < zien[1] > zien[2]
    assert zien[1] > 0.7


def test_classes_of_a_spreadsheet_have_their_shares_every_quarter() -> None:
    rng = np.random.default_rng(3)
    cijfer = rng.gamma(1.0, size=(200, 3, 4))
    cijfer[:20, 1, 2] = np.nan
    label = compute_ruwe_klassen(cijfer, (0.1, 0.3, 0.7, 0.9))
    for kwartaal in label.T:
        assert np.bincount(kwartaal, minlength=6)[1:] == pytest.approx([20, 40, 80, 40, 20], abs=1)


def test_complex_without_any_figure_has_no_class() -> None:
    cijfer = np.array([[[1.0]], [[2.0]], [[np.nan]]])
    assert compute_ruwe_klassen(cijfer, (0.1, 0.3, 0.7, 0.9))[2, 0] == 0


def test_limit_that_could_not_be_measured_is_not_kept() -> None:
    for eis in EISEN:
        assert eis.holds(eis.grens)
        assert not eis.holds(float("nan"))
    assert not EISEN[0].holds(0.051)


def test_standard_error_shrinks_with_the_number_of_seeds() -> None:
    assert summarise([1.0, 3.0] * 8).fout < summarise([1.0, 3.0]).fout
    assert np.isnan(summarise([1.0]).fout)


def test_oracle_is_right_more_often_than_the_label_and_less_often_than_always() -> None:
    klein = WereldParameters(complexen=120)
    uit = evaluate_vaste_wereld(5, klein)
    assert uit.sbl["juist"] < uit.plafond["juist"] < 1.0
    assert evaluate_vaste_wereld(5, klein).sbl == uit.sbl
