"""Uncertainty: refits on drawn complexes, what they say of a score and of a place on the list."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone

from models.risico.bootstrap import draw_clusters
from models.risico.kenmerk import Kenmerk
from models.risico.onzekerheid import (
    OnzekerheidFout,
    band_from_kans,
    estimate_onzekerheid,
    refit_scores,
    summarise_refits,
)
from models.risico.paneel import Paneel
from models.risico.schatters import make_boosting, make_kampioen

KENMERKEN = tuple(Kenmerk(f"kenmerk_{i}", "omvang", 1, "", "", "", "", ()) for i in range(3))


def make_paneel(complexen: int = 200, maanden: int = 6, zaad: int = 1) -> Paneel:
    """Return a panel whose rows of one complex resemble each other."""
    rng = np.random.default_rng(zaad)
    eigen = np.repeat(rng.normal(size=(complexen, 3)), maanden, axis=0)
    x = eigen + 0.3 * rng.normal(size=eigen.shape)
    y = (rng.random(len(x)) < expit(-2 + 0.8 * x[:, 0] + 0.4 * x[:, 1])).astype(float)
    x[rng.random(len(x)) < 0.1, 2] = np.nan
    return Paneel(
        complex_id=np.repeat([f"C{i:03d}" for i in range(complexen)], maanden),
        peilmaand=np.tile(600 + np.arange(maanden), complexen),
        buurt=np.zeros(len(x), dtype=np.int64),
        eenheden=np.full(len(x), 20),
        x=x,
        kenmerken=KENMERKEN,
        y=y,
        ruw={},
    )


PANEEL = make_paneel()
NU = PANEEL.select(PANEEL.peilmaand == 605).x
KAMPIOEN = make_kampioen(KENMERKEN, alpha=10.0).fit(PANEEL.x, PANEEL.y)


def test_refit_from_where_the_champion_stands_is_a_refit() -> None:
    kansen = refit_scores(KAMPIOEN, PANEEL, NU, np.random.default_rng(3), hertrainingen=4)
    gewicht = np.repeat(draw_clusters(200, np.random.default_rng(3), 4), 6, axis=1)
    for kans, w in zip(kansen, gewicht, strict=True):
        opnieuw = clone(KAMPIOEN).fit(PANEEL.x, PANEEL.y, model__sample_weight=w.astype(float))
        # The same but for the scale on which the ridge pulls.
        np.testing.assert_allclose(kans, opnieuw.predict_proba(NU)[:, 1], rtol=0.03)


def test_refits_are_the_same_from_the_same_seed_and_differ_among_each_other() -> None:
    een, twee = (
        refit_scores(KAMPIOEN, PANEEL, NU, np.random.default_rng(3), hertrainingen=3)
        for _ in range(2)
    )
    np.testing.assert_array_equal(een, twee)
    assert np.ptp(een, axis=0).min() > 0


def test_other_estimators_are_fitted_from_scratch() -> None:
    boosting = make_boosting(KENMERKEN).fit(PANEEL.x, PANEEL.y)
    kansen = refit_scores(boosting, PANEEL, NU, np.random.default_rng(3), hertrainingen=2)
    assert kansen.shape == (2, len(NU))
    assert ((kansen > 0) & (kansen < 1)).all()


def test_weights_of_the_training_hold_in_the_refits() -> None:
    half = (np.arange(len(PANEEL)) % 12 < 6).astype(float)
    met = refit_scores(
        KAMPIOEN, PANEEL, NU, np.random.default_rng(3), hertrainingen=2, gewicht=half
    )
    leeg = dataclasses.replace(PANEEL, x=np.where(half[:, None] > 0, PANEEL.x, 9.0))
    zelfde = refit_scores(
        KAMPIOEN, leeg, NU, np.random.default_rng(3), hertrainingen=2, gewicht=half
    )
    np.testing.assert_allclose(met, zelfde)


def test_interval_holds_the_score_and_narrows_with_more_complexes() -> None:
    breedte = []
    for complexen in (100, 900):
        paneel = make_paneel(complexen)
        kampioen = make_kampioen(KENMERKEN, alpha=10.0).fit(paneel.x, paneel.y)
        onzeker = estimate_onzekerheid(kampioen, paneel, NU, 20, np.random.default_rng(4))
        p = kampioen.predict_proba(NU)[:, 1]
        assert ((onzeker.onder <= p) & (p <= onzeker.boven)).all()
        breedte.append((onzeker.boven - onzeker.onder).mean())
    assert breedte[1] < 0.6 * breedte[0]


def test_interval_covers_the_chance_that_another_history_gives_about_as_often_as_it_says() -> None:
    # What the interval is about: the same world, complexes drawn anew.
    groot = make_paneel(6000, zaad=9)
    streef = make_kampioen(KENMERKEN, alpha=10.0).fit(groot.x, groot.y).predict_proba(NU)[:, 1]
    dekt = []
    for zaad in range(10):
        paneel = make_paneel(200, zaad=zaad)
        kampioen = make_kampioen(KENMERKEN, alpha=10.0).fit(paneel.x, paneel.y)
        onzeker = estimate_onzekerheid(
            kampioen, paneel, NU, 20, np.random.default_rng(zaad), hertrainingen=40
        )
        dekt.append(((onzeker.onder <= streef) & (streef <= onzeker.boven)).mean())
    assert 0.6 < np.mean(dekt) < 0.95


def test_chances_to_be_on_the_list_add_up_to_its_length() -> None:
    onzeker = estimate_onzekerheid(KAMPIOEN, PANEEL, NU, 20, np.random.default_rng(4))
    assert onzeker.kans_top_k.sum() == pytest.approx(20)
    assert 0.5 < onzeker.overlap < 1
    volgorde = np.argsort(-KAMPIOEN.predict_proba(NU)[:, 1])
    assert onzeker.band[volgorde[0]] == "zeker"
    assert onzeker.band[volgorde[-1]] == "grensgeval"


def test_overlap_is_the_share_that_two_lists_have_in_common() -> None:
    kansen = np.array([[0.9, 0.8, 0.1, 0.2], [0.9, 0.1, 0.8, 0.2], [0.9, 0.8, 0.2, 0.1]])
    onzeker = summarise_refits(kansen, kansen[0], k=2)
    # The pairs share 1, 2 and 1 of 2.
    assert onzeker.overlap == pytest.approx((0.5 + 1.0 + 0.5) / 3)
    assert onzeker.kans_top_k == pytest.approx([1.0, 2 / 3, 1 / 3, 0.0])
    assert onzeker.band.tolist() == ["zeker", "waarschijnlijk", "grensgeval", "grensgeval"]


@pytest.mark.parametrize(
    ("kans", "band"),
    [
        (1.0, "zeker"),
        (0.8, "zeker"),
        (0.79, "waarschijnlijk"),
        (0.5, "waarschijnlijk"),
        (0.49, "grensgeval"),
    ],
)
def test_band_begins_at_eight_and_at_five_in_ten_refits(kans: float, band: str) -> None:
    assert band_from_kans(kans) == band


def test_interval_is_widened_to_hold_a_score_that_all_refits_lie_above_or_below() -> None:
    kansen = np.tile(np.linspace(0.2, 0.3, 11)[:, None], 3)
    onzeker = summarise_refits(kansen, np.array([0.1, 0.25, 0.4]), k=1)
    assert onzeker.onder == pytest.approx([0.1, 0.21, 0.21])
    assert onzeker.boven == pytest.approx([0.29, 0.29, 0.4])


def test_list_longer_than_there_are_complexes_is_the_same_every_time() -> None:
    kansen = np.random.default_rng(1).random((5, 4))
    onzeker = summarise_refits(kansen, kansen[0], k=10)
    assert onzeker.overlap == pytest.approx(1.0)
    assert (onzeker.kans_top_k == 1).all()


def test_too_few_complexes_with_an_event_are_refused() -> None:
    y = np.zeros(len(PANEEL))
    y[: 6 * 9] = 1
    with pytest.raises(OnzekerheidFout, match="9 complexen"):
        refit_scores(KAMPIOEN, dataclasses.replace(PANEEL, y=y), NU, np.random.default_rng(1))
