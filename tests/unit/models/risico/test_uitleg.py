"""Explanations: the parts are the score, and the sentences say what the parts are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.schatters import make_boosting, make_gam, make_kampioen
from models.risico.uitleg import (
    KLEINSTE_BIJDRAGE,
    ONTBREEKT,
    Uitleg,
    UitlegFout,
    compute_bijdragen,
    compute_percentiel,
    explain_kampioen,
)

BRON = ("melding",)
KENMERKEN = (
    Kenmerk("meldingen_6m", "omvang", 1, "ln", "Meldingen", "er zijn veel meldingen", "stil", BRON),
    Kenmerk("meldingen_trend", "trend", 1, "ln", "Trend", "er komen er bij", "het neemt af", ()),
    Kenmerk("ernstig_6m", "ernst", 1, "ln", "", "ernstig", "niet ernstig", ("melding", "ernst")),
    Kenmerk(
        "schouw_laatste", "fysiek", -1, "cijfer", "Schouw", "goede schouw", "slechte", ("schouw",)
    ),
    Kenmerk("schouw_ontbreekt", "fysiek", 0, "", "Of", "geen schouw", "", ("schouw",)),
    Kenmerk("is_hoogbouw", "gebouw", 0, "", "Hoogbouw", "het is hoogbouw", "laagbouw", ()),
    Kenmerk("maand_sin", "seizoen", 0, "sin", "Maand", "zomer", "winter", ()),
)
FYSIEK, VLAG, HOOGBOUW, MAAND = 3, 4, 5, 6


def make_paneel(rijen: int = 3000) -> Paneel:
    """Return a panel in which every feature has its say and three in ten have no schouw."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(rijen, len(KENMERKEN)))
    x[:, FYSIEK] = 7 + x[:, FYSIEK]
    x[:, HOOGBOUW] = x[:, HOOGBOUW] > 0.5
    x[:, MAAND] = 0.5 * np.sign(x[:, MAAND])
    zonder = rng.random(rijen) < 0.3
    eta = -2 + x[:, :3] @ [0.9, 0.4, 0.4] - 0.6 * (x[:, FYSIEK] - 7) + 0.8 * zonder + x[:, MAAND]
    y = (rng.random(rijen) < expit(eta + 0.6 * x[:, HOOGBOUW])).astype(float)
    x[zonder, FYSIEK] = np.nan
    x[:, VLAG] = zonder
    return Paneel(
        complex_id=np.array([f"C{i}" for i in range(rijen)]),
        peilmaand=np.full(rijen, 660),
        buurt=np.zeros(rijen, dtype=np.int64),
        eenheden=np.full(rijen, 20),
        x=x,
        kenmerken=KENMERKEN,
        y=y,
        ruw={"aantal_meldingen_6m": np.arange(rijen, dtype=float)},
    )


PANEEL = make_paneel()
KAMPIOEN = make_kampioen(KENMERKEN, alpha=5.0).fit(PANEEL.x, PANEEL.y)

waarde = st.one_of(st.just(np.nan), st.floats(-50, 50))


@given(st.lists(st.lists(waarde, min_size=7, max_size=7), min_size=1, max_size=5))
def test_parts_add_up_to_the_score(rijen: list[list[float]]) -> None:
    x = np.array(rijen)
    delen = compute_bijdragen(KAMPIOEN, x, KENMERKEN)
    # The pipeline refuses no unknown value, also of what was always known in training.
    logit = KAMPIOEN.decision_function(x)
    np.testing.assert_allclose(delen.logit, logit, rtol=0, atol=1e-9)
    paneel = PANEEL.select(np.arange(len(x)))
    for uitleg, eigen in zip(
        explain_kampioen(KAMPIOEN, dataclasses.replace(paneel, x=x), alle=PANEEL),
        logit,
        strict=True,
    ):
        assert uitleg.logit == pytest.approx(eigen, abs=1e-9)
        assert uitleg.basis + sum(uitleg.familie.values()) == pytest.approx(eigen, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 1000.0))
def test_parts_add_up_whatever_the_model_was_fitted_on(zaad: int, alpha: float) -> None:
    rng = np.random.default_rng(zaad)
    x = rng.normal(size=(60, 7)) * rng.exponential(10, 7)
    x[rng.random(x.shape) < rng.random(7) * 0.6] = np.nan
    y = np.r_[np.ones(20), np.zeros(40)]
    w = rng.integers(1, 5, 60).astype(float)
    kampioen = make_kampioen(KENMERKEN, alpha=alpha).fit(x, y, model__sample_weight=w)
    delen = compute_bijdragen(kampioen, x, KENMERKEN)
    np.testing.assert_allclose(delen.logit, kampioen.decision_function(x), rtol=0, atol=1e-9)
    # Whatever is unknown has no value to speak by.
    assert (delen.waarde[np.isnan(x)] == 0).all()


def test_complex_at_the_mean_has_no_contributions() -> None:
    model = KAMPIOEN.named_steps["model"]
    gemiddeld = model.mean_[None, : len(KENMERKEN)]
    delen = compute_bijdragen(KAMPIOEN, gemiddeld, KENMERKEN)
    np.testing.assert_allclose(delen.waarde, 0, atol=1e-12)


def explain_one(kenmerken: tuple[Kenmerk, ...] = KENMERKEN, **waarden: float) -> Uitleg:
    """Return the explanation of a complex at the mean but for these features."""
    rij = np.nanmean(PANEEL.x, axis=0)
    rij[[VLAG, HOOGBOUW]] = 0.0
    for naam, w in waarden.items():
        rij[PANEEL.namen.index(naam)] = w
    een = dataclasses.replace(PANEEL.select(np.array([4])), x=rij[None], kenmerken=kenmerken)
    return explain_kampioen(KAMPIOEN, een, alle=PANEEL)[0]


def test_reasons_are_at_most_three_that_raise_and_one_that_lowers() -> None:
    for uitleg in explain_kampioen(KAMPIOEN, PANEEL.select(np.arange(300)), alle=PANEEL):
        omhoog = [r.bijdrage for r in uitleg.redenen if r.bijdrage > 0]
        omlaag = [r.bijdrage for r in uitleg.redenen if r.bijdrage < 0]
        assert len(omhoog) <= 3
        assert len(omlaag) <= 1
        assert omhoog == sorted(omhoog, reverse=True)
        assert all(abs(r.bijdrage) >= KLEINSTE_BIJDRAGE for r in uitleg.redenen)
        toonbaar = {f: b for f, b in uitleg.familie.items() if f not in {"seizoen", ONTBREEKT}}
        if min(toonbaar.values()) <= -KLEINSTE_BIJDRAGE:
            assert min(omlaag) <= min(toonbaar.values())


def test_fourth_reason_that_raises_is_left_out() -> None:
    uitleg = explain_one(
        meldingen_6m=2.0, meldingen_trend=2.0, ernstig_6m=2.0, schouw_laatste=3.0, is_hoogbouw=1.0
    )
    assert sum(b > KLEINSTE_BIJDRAGE for b in uitleg.familie.values()) >= 4
    assert [r.bijdrage > 0 for r in uitleg.redenen].count(True) == 3


def test_reason_shows_the_count_behind_the_feature_and_how_it_compares() -> None:
    (reden,) = [r for r in explain_one(meldingen_6m=4.0).redenen if r.familie == "omvang"]
    assert reden.waarde == 4.0  # aantal_meldingen_6m of the row
    assert reden.percentiel > 0.99
    assert reden.zin == "Er zijn veel meldingen (4): hoger dan bij 99 % van de complexen."


def test_low_value_that_raises_the_chance_is_told_as_low() -> None:
    (reden,) = [r for r in explain_one(schouw_laatste=5.46).redenen if r.familie == "fysiek"]
    assert reden.bijdrage > 0
    assert reden.zin.startswith("Slechte (5,5): lager dan bij 9")


def test_high_value_that_lowers_the_chance_is_told_as_high() -> None:
    (reden,) = [r for r in explain_one(schouw_laatste=8.5).redenen if r.familie == "fysiek"]
    assert reden.bijdrage < 0
    assert reden.zin.startswith("Goede schouw (8,5): hoger dan bij 9")


def test_value_between_median_and_mean_is_not_called_low_and_higher_than_most() -> None:
    x = PANEEL.x.copy()
    x[:, 0] = np.expm1(x[:, 0]) * 20
    paneel = dataclasses.replace(PANEEL, x=x)
    kampioen = make_kampioen(KENMERKEN, alpha=5.0).fit(x, PANEEL.y)
    zinnen = [
        reden.zin
        for uitleg in explain_kampioen(kampioen, paneel)
        for reden in uitleg.redenen
        if reden.familie == "omvang"
    ]
    assert {zin.startswith("Stil") for zin in zinnen} == {True, False}
    assert not [zin for zin in zinnen if zin.startswith("Stil") and "hoger" in zin]
    assert not [zin for zin in zinnen if zin.startswith("Er zijn veel") and "lager" in zin]


@pytest.mark.parametrize(
    ("eenheid", "zin"),
    [
        ("aantal", "Goede (5)"),
        ("maanden", "Goede (5 maanden)"),
        ("per woning", "Goede (5,46 per woning)"),
        ("logaritme", "Goede:"),
        ("standaardafwijkingen", "Goede:"),
    ],
)
def test_value_is_shown_in_its_unit_when_people_use_that_unit(eenheid: str, zin: str) -> None:
    kenmerken = list(KENMERKEN)
    kenmerken[FYSIEK] = dataclasses.replace(kenmerken[FYSIEK], eenheid=eenheid, tekst_laag="goede")
    uitleg = explain_one(tuple(kenmerken), schouw_laatste=5.46)
    (reden,) = [r for r in uitleg.redenen if r.familie == "fysiek"]
    assert reden.zin.startswith(zin)


def test_yes_or_no_is_told_without_comparison() -> None:
    (reden,) = [r for r in explain_one(is_hoogbouw=1.0).redenen if r.familie == "gebouw"]
    assert reden.zin == "Het is hoogbouw."


def test_time_of_the_year_is_part_of_the_sum_and_no_reason() -> None:
    uitleg = explain_one(maand_sin=0.5)
    assert uitleg.familie["seizoen"] > KLEINSTE_BIJDRAGE
    assert "seizoen" not in {r.familie for r in uitleg.redenen}


def test_missing_data_are_a_reason_of_their_own() -> None:
    uitleg = explain_one(schouw_laatste=np.nan, schouw_ontbreekt=1.0)
    assert uitleg.onbekend == ("schouw_laatste", "schouw_ontbreekt")
    assert uitleg.familie["fysiek"] == 0.0
    (reden,) = [r for r in uitleg.redenen if r.familie == ONTBREEKT]
    assert reden.bijdrage > 0
    assert reden.zin == "Gegevens ontbreken: schouw."
    assert (reden.waarde, reden.percentiel, reden.kenmerk) == (None, None, "")


def test_missing_source_is_the_one_that_no_known_feature_has() -> None:
    paneel = dataclasses.replace(PANEEL, x=PANEEL.x.copy())
    paneel.x[::5, 2] = np.nan
    y = np.maximum(PANEEL.y, np.isnan(paneel.x[:, 2]) & (PANEEL.x[:, 1] > 0))
    kampioen = make_kampioen(KENMERKEN, alpha=5.0).fit(paneel.x, y)
    wel = np.flatnonzero(~np.isnan(PANEEL.x[:, FYSIEK]))
    uitleg = explain_kampioen(kampioen, paneel.select(wel[wel % 5 == 0][:3]), alle=paneel)
    zinnen = {r.zin for u in uitleg for r in u.redenen if r.familie == ONTBREEKT}
    # It needs reports as well, but of those the first feature knows.
    assert zinnen == {"Gegevens ontbreken: ernst van de meldingen."}


def test_complex_of_which_all_is_known_has_no_missing_data_as_reason() -> None:
    uitleg = explain_one(schouw_laatste=5.0)
    assert uitleg.onbekend == ()
    # Being known is worth something here, and stays in the sum.
    assert uitleg.familie[ONTBREEKT] < 0
    assert ONTBREEKT not in {r.familie for r in uitleg.redenen}


def test_column_that_is_no_feature_is_part_of_the_base() -> None:
    reden = np.tile([0.0, 1.0], len(PANEEL) // 2)[:, None]
    x = np.column_stack([PANEEL.x, reden])
    y = np.maximum(PANEEL.y, (reden[:, 0] > 0) & (PANEEL.x[:, 0] > 1))
    kampioen = make_kampioen(KENMERKEN).fit(x, y)
    paneel = PANEEL.select(np.arange(4))
    uitleg = explain_kampioen(kampioen, paneel, alle=PANEEL, extra=reden[:4])
    assert uitleg[1].basis > uitleg[0].basis == uitleg[2].basis
    logit = kampioen.decision_function(x[:4])
    for een, eigen in zip(uitleg, logit, strict=True):
        assert een.basis + sum(een.familie.values()) == pytest.approx(eigen, abs=1e-9)


@pytest.mark.parametrize("make", [make_boosting, make_gam], ids=lambda m: m.__name__)
def test_model_that_cannot_be_taken_apart_exactly_is_not_explained(make: object) -> None:
    with pytest.raises(UitlegFout, match="kampioen"):
        compute_bijdragen(make(KENMERKEN).fit(PANEEL.x, PANEEL.y), PANEEL.x)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_percentiles_of_all_complexes_are_a_half_on_average(waarden: list[int]) -> None:
    alle = np.array(waarden, dtype=float)
    percentiel = compute_percentiel(alle, alle)
    assert percentiel.mean() == pytest.approx(0.5)
    assert ((percentiel > 0) & (percentiel < 1)).all()


def test_percentile_among_nothing_known_is_unknown() -> None:
    assert np.isnan(compute_percentiel(np.array([1.0]), np.array([np.nan]))).all()


def test_a_source_with_few_facts_a_year_shows_no_value_and_compares_in_tens() -> None:
    paneel = make_paneel()
    geheim = dataclasses.replace(KENMERKEN[0], bronnen=("mutatie",), eenheid="per woning")
    kenmerken = (geheim, *KENMERKEN[1:])
    paneel = dataclasses.replace(paneel, kenmerken=kenmerken)
    schatter = make_kampioen(kenmerken).fit(paneel.x, paneel.y)
    redenen = [
        reden
        for uitleg in explain_kampioen(schatter, paneel)
        for reden in uitleg.redenen
        if reden.kenmerk == geheim.naam
    ]
    assert len(redenen) > 100
    assert {reden.waarde for reden in redenen} == {None}
    assert not any("per woning" in reden.zin for reden in redenen)
    assert {round(reden.percentiel * 10, 9) for reden in redenen} <= set(range(1, 10))
    assert all(round(reden.bijdrage, 1) == reden.bijdrage for reden in redenen)
