"""Drift: a jump in reports is seen soon, quiet years stay quiet, and a model stops by rule."""

from __future__ import annotations

import numpy as np
import pytest

from models.risico import drift
from models.risico.drift import DriftFout, Regelkaart, Toetsvenster

MAANDEN = 96
SPRONG = 60


def make_meldingen(seed: int, *, sprong: float = 1.0, spreiding: float = 0.06) -> np.ndarray:
    """Draw reports with a season, 350 a month, in bursts: beyond Poisson's own 5 %."""
    rng = np.random.default_rng([23, seed])
    t = np.arange(MAANDEN)
    mu = 350 * np.exp(0.15 * np.cos(2 * np.pi * t / 12)) * np.where(t >= SPRONG, sprong, 1.0)
    extra = max(spreiding**2 - 1 / 350, 1e-6)
    return rng.poisson(mu * rng.gamma(1 / extra, extra, MAANDEN)).astype(float)


def make_kaart(aantal: np.ndarray, **kw: object) -> Regelkaart:
    return drift.compute_regelkaart(np.arange(MAANDEN) + 540, aantal, **kw)  # type: ignore[arg-type]


def test_rise_of_a_quarter_is_seen_within_two_months() -> None:
    gezien = [
        make_kaart(make_meldingen(seed, sprong=1.25)).is_alarm[SPRONG : SPRONG + 2].any()
        for seed in range(100)
    ]
    assert np.mean(gezien) >= 0.90


def test_quiet_years_stay_quiet() -> None:
    vals = [
        make_kaart(make_meldingen(seed)).is_alarm[SPRONG : SPRONG + 24].any() for seed in range(100)
    ]
    assert np.mean(vals) <= 0.25  # one look for nothing in eight years


def test_slow_rise_is_seen_by_the_sum_and_not_by_one_month() -> None:
    t = np.arange(MAANDEN)
    aantal = make_meldingen(1, spreiding=0.05) * np.where(t >= SPRONG, 1.11, 1.0)
    kaart = make_kaart(aantal)
    na = slice(SPRONG, SPRONG + 12)
    assert kaart.cusum_hoog[na].max() > 5
    assert kaart.cusum_laag[na].max() < 5


def test_fall_is_an_alarm_as_well_and_the_sentence_says_which_way() -> None:
    aantal = make_meldingen(2)
    aantal[-1] *= 0.5
    kaart = make_kaart(aantal)
    assert kaart.is_alarm[-1]
    assert "minder gemeld" in kaart.zin
    aantal[-1] *= 3
    assert "meer gemeld" in make_kaart(aantal).zin


def test_season_is_no_alarm() -> None:
    t = np.arange(MAANDEN)
    aantal = 300 * np.exp(0.4 * np.cos(2 * np.pi * t / 12)) * np.where(t % 2, 1.02, 0.98)
    kaart = make_kaart(aantal)
    assert not kaart.is_alarm.any()
    np.testing.assert_allclose(kaart.verwacht[-12:], aantal[-12:], rtol=0.04)


def test_month_is_judged_by_the_months_before_it_alone() -> None:
    aantal = make_meldingen(3)
    later = aantal.copy()
    later[71:] *= 2
    np.testing.assert_array_equal(make_kaart(aantal).z[:71], make_kaart(later).z[:71])


def test_first_two_years_say_nothing() -> None:
    kaart = make_kaart(make_meldingen(4))
    assert np.isnan(kaart.z[:24]).all()
    assert np.isfinite(kaart.z[24:]).all()
    kort = drift.compute_regelkaart(np.arange(5), np.full(5, 300.0))
    assert "te weinig maanden" in kort.zin


def test_known_change_silences_the_chart_half_a_year_and_is_then_expected() -> None:
    aantal = make_meldingen(5, sprong=1.5)
    assert make_kaart(aantal).is_alarm[SPRONG]
    kaart = make_kaart(aantal, breuken=[540 + SPRONG])
    assert np.isnan(kaart.z[SPRONG : SPRONG + 6]).all()
    assert np.isfinite(kaart.z[SPRONG + 6 :]).all()
    assert not kaart.is_alarm[SPRONG:].any()


def test_more_dwellings_with_more_reports_is_no_alarm() -> None:
    omvang = np.where(np.arange(MAANDEN) >= SPRONG, 1.5, 1.0) * 46_000
    aantal = make_meldingen(6, sprong=1.5)
    assert make_kaart(aantal).is_alarm[SPRONG]
    assert not make_kaart(aantal, omvang=omvang).is_alarm[SPRONG : SPRONG + 12].any()


def test_month_without_coverage_is_unknown_and_no_alarm() -> None:
    aantal = make_meldingen(7)
    aantal[70] = np.nan
    kaart = make_kaart(aantal)
    assert not kaart.is_alarm[70]
    assert np.isnan(kaart.z[70])
    assert np.isfinite(kaart.z[71:]).all()


def test_series_with_a_gap_is_refused() -> None:
    with pytest.raises(DriftFout, match="opeenvolgende maanden"):
        drift.compute_regelkaart(np.array([1, 2, 4]), np.ones(3))


def test_list_that_changes_for_half_is_an_alarm() -> None:
    lijst = {f"C{i}" for i in range(10)}
    assert not drift.compute_verloop(lijst, lijst).is_alarm
    assert not drift.compute_verloop(lijst, {f"C{i}" for i in range(4, 14)}).is_alarm
    assert drift.compute_verloop(lijst, {f"C{i}" for i in range(5, 15)}).is_alarm
    assert not drift.compute_verloop(set(), lijst).is_alarm


def test_mean_score_that_doubles_is_an_alarm() -> None:
    assert drift.compare_gemiddelde(np.full(9, 0.06), [0.03] * 12).is_alarm
    assert not drift.compare_gemiddelde(np.full(9, 0.04), [0.03] * 12).is_alarm
    assert not drift.compare_gemiddelde(np.full(9, 0.04), []).is_alarm


def test_feature_that_goes_missing_is_an_alarm_of_its_own() -> None:
    toen = np.zeros((100, 2))
    toen[:20, 1] = np.nan
    nu = toen.copy()
    nu[:31, 1] = np.nan
    nu[:10, 0] = np.nan
    eerste, tweede = drift.compare_ontbreken(nu, toen, ["a", "b"])
    assert (eerste.is_alarm, tweede.is_alarm) == (False, True)


def test_shift_index_is_nought_for_the_same_and_never_an_alarm() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=5000), rng.normal(size=5000)
    assert drift.compute_psi(a, a) == 0.0
    assert drift.compute_psi(a, b) < 0.02
    assert drift.compute_psi(a + 1, b) > 0.5
    weg = np.where(np.arange(5000) % 2 == 0, np.nan, a)
    assert drift.compute_psi(weg, b) > 0.5
    assert not any(s.is_alarm for s in drift.describe_psi(a[:, None] + 9, b[:, None], ["x"]))


def venster(
    waarde: float = 0.25, regel: float = 0.18, oe: float = 1.0, breed: float = 1.2
) -> Toetsvenster:
    """Return a window of which O/E may be ``breed`` times as low or as high."""
    return Toetsvenster("2025-07", waarde, regel, oe, oe / breed, oe * breed)


NIETS = venster(np.nan, np.nan, oe=0.0)
"""Nothing happened where something was foretold."""


@pytest.mark.parametrize(
    ("vensters", "blokkades", "stop"),
    [
        ([venster(), venster()], [], False),
        ([venster(), venster(0.18)], [], False),  # one lost window
        ([venster(0.18), venster()], [], False),  # recovered
        ([venster(0.18), venster(0.18)], [], True),  # no better twice: equal is not better
        ([venster(oe=1.51)], [], True),
        ([venster(oe=0.66)], [], True),
        ([venster(oe=1.5)], [], False),
        ([venster(oe=2.0, breed=2.1)], [], False),  # far from 1, and may well be 1
        ([venster(oe=1.3)], [], False),  # surely not 1, and not far from it
        ([NIETS], [], True),
        ([venster(0.18), NIETS, venster(0.18)], [], True),  # passed over for the order
        ([venster(0.18), NIETS, venster()], [], False),
        ([venster(oe=2.0), venster()], [], False),  # only the last window is now
        ([venster()], ["kenmerk x is een omweg"], True),
        ([], [], False),
    ],
)
def test_model_stops_by_rule(
    vensters: list[Toetsvenster], blokkades: list[str], stop: bool
) -> None:
    besluit = drift.check_stopregel(vensters, blokkades)
    assert besluit.is_stop is stop
    assert bool(besluit.redenen) is stop
