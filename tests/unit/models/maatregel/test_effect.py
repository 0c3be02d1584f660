"""Effect of maatregelen: recovered where it is planted, not seen where there is none."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.maatregel import effect
from models.maatregel.effect import EffectFout, Effectregels, Maatregelpaneel

MAANDEN, COMPLEXEN = 60, 400


@cache
def make_paneel(planted: float, *, seed: int = 3, heimelijk: float = 0.0) -> Maatregelpaneel:
    """Draw reports with slow ups and downs; maatregelen start where they were just many.

    ``planted`` is the share of reports that a running maatregel takes away or adds. With
    ``heimelijk`` people act on a rise that has begun long before and that reports of the last
    months do not show.
    """
    rng = np.random.default_rng([41, seed])
    eenheden = rng.integers(10, 120, COMPLEXEN)
    eigen = rng.gamma(3, 1 / 3, COMPLEXEN) * eenheden / 60
    stress = rng.normal(size=COMPLEXEN)
    rest = np.zeros(COMPLEXEN, dtype=int)
    meldingen, ernstig = (np.zeros((MAANDEN, COMPLEXEN)) for _ in range(2))
    start = np.zeros((MAANDEN, COMPLEXEN), dtype=bool)
    stresses = np.zeros((MAANDEN, COMPLEXEN))
    for t in range(MAANDEN):
        stress = 0.85 * stress + np.sqrt(1 - 0.85**2) * rng.normal(size=COMPLEXEN)
        stresses[t] = stress
        r3 = meldingen[max(0, t - 3) : t].sum(axis=0)
        s3 = ernstig[max(0, t - 3) : t].sum(axis=0)
        eerder = stresses[max(0, t - 9)]
        logit = -4.5 + 0.8 * np.log1p(r3) + 0.8 * np.log1p(s3) + heimelijk * eerder
        start[t] = (rng.random(COMPLEXEN) < 1 / (1 + np.exp(-logit))) & (rest == 0)
        rest = np.where(start[t], 5, rest)
        mu = 0.8 * eigen * np.exp(0.5 * stress - 0.125) * (1 + planted * (rest > 0))
        meldingen[t] = rng.poisson(mu)
        ernstig[t] = rng.binomial(meldingen[t].astype(int), 0.15)
        rest = np.maximum(rest - 1, 0)
    return Maatregelpaneel(np.arange(MAANDEN) + 600, meldingen, ernstig, start, eenheden)


def test_planted_effect_is_recovered_where_before_and_after_exaggerates() -> None:
    uit = effect.estimate_effect(make_paneel(-0.30))
    assert uit.oordeel == "effect aangetoond"
    assert uit.relatief_onder < -0.30 < uit.relatief_boven
    assert uit.relatief == pytest.approx(-0.30, abs=0.08)
    assert uit.naief_relatief < uit.relatief_onder
    assert "minder meldingen" in uit.zin
    assert uit.is_aanloop_gelijk


def test_no_effect_is_not_shown_though_reports_fall_after_the_start() -> None:
    uit = effect.estimate_effect(make_paneel(0.0))
    assert uit.naief_relatief < -0.1
    assert uit.relatief_onder < 0 < uit.relatief_boven
    assert uit.oordeel == "geen effect aangetoond"
    assert uit.kleinste_effect < 0.30


def test_maatregel_that_makes_people_report_more_is_called_so() -> None:
    uit = effect.estimate_effect(make_paneel(0.60))
    assert uit.oordeel == "effect aangetoond"
    assert "meer meldingen" in uit.zin


def test_estimate_is_the_same_every_time() -> None:
    assert effect.estimate_effect(make_paneel(-0.30)) == effect.estimate_effect(make_paneel(-0.30))


def test_comparison_is_that_of_diff_diff() -> None:
    from diff_diff import CallawaySantAnna
    from pandas import DataFrame

    rng = np.random.default_rng(7)
    x = rng.normal(size=(3000, 3))
    is_start = rng.random(3000) < 1 / (1 + np.exp(2.5 - 0.8 * x[:, 0]))
    complex_ = rng.integers(0, 200, 3000)
    eigen = rng.normal(size=200)[complex_]
    ervoor, erna = x[:, 0] + rng.normal(size=3000), x[:, 0] ** 2 - is_start + eigen
    proeven = effect._Proeven(np.zeros(3000, dtype=np.int64), complex_, is_start, x)
    verschil, se = effect._Vergelijking.make(proeven).estimate(erna - ervoor)

    tabel = DataFrame(
        {
            "proef": np.tile(np.arange(3000), 2),
            "complex": np.tile(complex_, 2),
            "tijd": np.repeat([1, 2], 3000),
            "uitkomst": np.r_[ervoor, erna],
            "vanaf": np.tile(np.where(is_start, 2, 0), 2),
            **{f"x{i}": np.tile(x[:, i], 2) for i in range(3)},
        }
    )
    uit = CallawaySantAnna(
        estimation_method="dr", base_period="universal", cluster="complex", pscore_trim=1e-6
    ).fit(
        tabel, outcome="uitkomst", unit="proef", time="tijd", first_treat="vanaf",
        covariates=["x0", "x1", "x2"],
    )  # fmt: skip
    cel = uit.group_time_effects[2, 2]
    assert verschil == pytest.approx(cel["effect"], rel=1e-9)
    assert se == pytest.approx(cel["se"], rel=1e-9)


def test_windows_before_the_start_come_first_and_show_nothing() -> None:
    verloop = effect.estimate_effect(make_paneel(-0.30)).verloop
    assert [v.venster for v in verloop] == [
        "10 tot 12 maanden ervoor", "7 tot 9 maanden ervoor", "4 tot 6 maanden ervoor", "tijdens",
        "eerste 3 maanden", "daarna, tot het einde",
    ]  # fmt: skip
    assert all(v.onder < 0 < v.boven for v in verloop[:3])
    assert all(v.boven < 0 for v in verloop[3:])


def test_complexes_that_were_different_long_before_give_no_verdict_on_the_effect() -> None:
    uit = effect.estimate_effect(make_paneel(-0.30, heimelijk=1.5))
    assert not uit.is_aanloop_gelijk
    assert uit.oordeel == "geen effect aangetoond"
    assert "liepen al anders" in uit.zin


def test_few_starts_say_too_little_and_no_number() -> None:
    paneel = make_paneel(-0.30)
    uit = effect.estimate_effect(replace(paneel, start=paneel.start & (np.arange(400) < 5)))
    assert uit.oordeel == "te weinig gegevens"
    assert np.isnan(uit.relatief)
    assert uit.verloop == ()


def test_effect_that_would_have_to_be_huge_to_be_seen_says_too_little() -> None:
    paneel = make_paneel(0.0)
    weinig = replace(paneel, start=paneel.start & (np.arange(400) % 8 == 0))
    uit = effect.estimate_effect(weinig, Effectregels(relevant=0.05))
    assert uit.oordeel == "te weinig gegevens"
    assert "te onzeker" in uit.zin


def test_months_without_coverage_are_left_out() -> None:
    paneel = make_paneel(-0.30)
    met_gat = paneel.meldingen.copy()
    met_gat[:, ::2] = np.where(np.arange(MAANDEN)[:, None] == 30, np.nan, met_gat[:, ::2])
    uit = effect.estimate_effect(replace(paneel, meldingen=met_gat))
    heel = effect.estimate_effect(paneel)
    assert uit.starts < heel.starts
    assert uit.relatief_onder < -0.30 < uit.relatief_boven


def test_month_without_coverage_does_not_take_the_years_after_it_along() -> None:
    paneel = make_paneel(-0.30)
    met_gat = paneel.meldingen.copy()
    met_gat[0] = np.nan
    uit = effect.estimate_effect(replace(paneel, meldingen=met_gat))
    heel = effect.estimate_effect(paneel)
    assert 0.9 * heel.starts < uit.starts < heel.starts


@pytest.mark.parametrize("eigen", [0, 1])
def test_kind_is_not_compared_with_those_that_had_another(eigen: int) -> None:
    paneel = make_paneel(-0.30)
    soort = (np.arange(COMPLEXEN)[None, :] + np.arange(MAANDEN)[:, None]) % 2 == eigen
    start, ander = paneel.start & soort, paneel.start & ~soort
    uit = effect.estimate_effect(replace(paneel, start=start, ander=ander))
    los = effect.estimate_effect(replace(paneel, start=start))
    assert uit.is_aanloop_gelijk
    assert uit.relatief_onder < -0.30 < uit.relatief_boven
    # compared with complexes where the other kind runs, the effect looks smaller
    assert uit.relatief < los.relatief - 0.02


def test_panel_shorter_than_a_year_and_a_term_is_refused() -> None:
    p = make_paneel(-0.30)
    kort = Maatregelpaneel(p.maand[:17], p.meldingen[:17], p.ernstig[:17], p.start[:17], p.eenheden)
    with pytest.raises(EffectFout, match="17 maanden"):
        effect.estimate_effect(kort)


def test_panel_whose_arrays_do_not_fit_is_refused() -> None:
    p = make_paneel(-0.30)
    with pytest.raises(EffectFout, match="maanden x complexen"):
        replace(p, ernstig=p.ernstig[:-1])


def test_what_can_be_seen_is_foretold_before_anything_starts() -> None:
    paneel = make_paneel(0.0)
    uit = effect.estimate_effect(paneel)
    vooraf = effect.compute_kleinste_effect(paneel.meldingen, uit.starts)
    assert vooraf == pytest.approx(uit.kleinste_effect, rel=0.35)
    assert effect.compute_kleinste_effect(paneel.meldingen, 50) > 2 * vooraf


def test_nothing_to_start_or_no_reports_cannot_be_foretold() -> None:
    paneel = make_paneel(0.0)
    with pytest.raises(EffectFout, match="één maatregel"):
        effect.compute_kleinste_effect(paneel.meldingen, 0)
    with pytest.raises(EffectFout, match="geen meldingen"):
        effect.compute_kleinste_effect(np.zeros((20, 10)), 100)
