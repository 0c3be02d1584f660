"""The rule of overlast: its points, its order, and what is unknown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.overlast.regel import (
    KOLOMMEN,
    PUNTEN,
    OverlastPersistentie,
    OverlastRegel,
    build_invoer,
    compute_punten,
    explain_punten,
)
from models.risico.paneel import Paneel, PaneelFout

RUSTIG = {
    "aantal_eenheden": 100.0,
    "aantal_meldingen_3m": 0.0,
    "aantal_meldingen_6m": 0.0,
    "aantal_meldingen_12m": 6.0,
    "aantal_ernstig_6m": 0.0,
    "aantal_escalaties_ooit": 0.0,
    "schouw_laatste": 7.5,
}


def make_rij(**anders: float) -> np.ndarray:
    """Return X (1, 7) of a quiet complex but for some values."""
    return np.array([[(RUSTIG | anders)[naam] for naam in KOLOMMEN]])


@pytest.mark.parametrize(
    ("anders", "deel"),
    [
        ({"aantal_ernstig_6m": 1}, 0),
        ({"aantal_meldingen_6m": 4}, 1),
        ({"aantal_eenheden": 10, "aantal_meldingen_6m": 1}, 2),
        ({"aantal_escalaties_ooit": 1}, 3),
        ({"schouw_laatste": 5.9}, 4),
        ({"aantal_meldingen_3m": 4, "aantal_meldingen_12m": 6}, 5),
    ],
)
def test_each_part_of_the_rule_gives_its_points_and_no_others(
    anders: dict[str, float], deel: int
) -> None:
    punten = compute_punten(make_rij(**anders))[0]
    assert punten[deel] == PUNTEN[deel][1]
    assert punten.sum() == PUNTEN[deel][1]


@pytest.mark.parametrize(
    "anders",
    [
        {},
        {"aantal_meldingen_6m": 3},
        {"aantal_eenheden": 11, "aantal_meldingen_6m": 1},
        {"schouw_laatste": 6.0},
        # Three reports against two: the trend feature is exactly zero.
        {"aantal_meldingen_3m": 3, "aantal_meldingen_12m": 5},
    ],
)
def test_just_short_of_a_part_gives_nothing(anders: dict[str, float]) -> None:
    assert compute_punten(make_rij(**anders)).sum() == 0


def test_what_is_unknown_gives_no_points() -> None:
    x = np.full((1, len(KOLOMMEN)), np.nan)
    x[0, 0] = 20.0
    assert OverlastRegel().decision_function(x)[0] == 0.0
    assert OverlastPersistentie().decision_function(x)[0] == 0.0


def test_reports_break_ties_and_never_weigh_up_to_a_point() -> None:
    een, meer = make_rij(aantal_meldingen_6m=1), make_rij(aantal_meldingen_6m=2)
    score = OverlastRegel().decision_function(np.vstack([een, meer]))
    assert score[0] < score[1] < 1.0


@given(st.lists(st.integers(0, 40), min_size=6, max_size=6))
def test_reasons_of_the_rule_add_up_to_its_points(tellingen: list[int]) -> None:
    r3, bij6, bij12, ernstig, eerder, schouw = tellingen
    x = make_rij(
        aantal_meldingen_3m=r3,
        aantal_meldingen_6m=r3 + bij6,
        aantal_meldingen_12m=r3 + bij6 + bij12,
        aantal_ernstig_6m=ernstig,
        aantal_escalaties_ooit=eerder,
        schouw_laatste=schouw / 4.0,
    )
    uitleg = explain_punten(x[0].tolist())
    assert sum(float(zin.split("(")[1].strip(")")) for zin in uitleg) == compute_punten(x).sum()


def test_chances_keep_the_order_of_the_points_even_when_training_says_otherwise() -> None:
    rng = np.random.default_rng(2)
    x = np.vstack([make_rij(aantal_meldingen_6m=m) for m in rng.integers(0, 9, 200)])
    score = OverlastRegel().decision_function(x)
    y = (rng.random(200) < 1.0 / (1.0 + score)).astype(float)
    kans = OverlastRegel().fit(x, y).predict_proba(x)[:, 1]
    orde = np.argsort(score, kind="stable")
    assert (np.diff(kans[orde]) >= 0).all()
    assert 0.0 < kans.min() <= kans.max() < 1.0


def test_panel_without_a_count_is_refused_by_name() -> None:
    paneel = Paneel(
        complex_id=np.array(["C1"]),
        peilmaand=np.array([600]),
        buurt=np.array([0]),
        eenheden=np.array([30]),
        x=np.zeros((1, 0)),
        kenmerken=(),
        y=np.array([0.0]),
        ruw={naam: np.zeros(1) for naam in KOLOMMEN if naam != "schouw_laatste"},
    )
    with pytest.raises(PaneelFout, match="schouw_laatste"):
        build_invoer(paneel)
