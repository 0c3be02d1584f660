"""Splits in time: the gap, the history, and the window that nobody looks at."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.risico import bootstrap, maten, schatters, tekenlogistiek, tijdsplitsing
from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel
from models.risico.tijdsplitsing import (
    LekFout,
    TijdFout,
    Venster,
    check_gat,
    make_vensters,
    select_ontwikkeling,
    select_toets,
    select_training,
    split_paneel,
)

EERSTE = 600


def make_paneel(maanden: int = 60) -> Paneel:
    """Return two complexes in every month, the second outside the cohort in the last months."""
    peilmaand = np.repeat(np.arange(EERSTE, EERSTE + maanden), 2)
    y = np.zeros(len(peilmaand))
    y[-5::2] = np.nan
    return Paneel(
        complex_id=np.tile(["A", "B"], maanden),
        peilmaand=peilmaand,
        buurt=np.zeros(len(peilmaand), dtype=np.int64),
        eenheden=np.full(len(peilmaand), 20),
        x=peilmaand[:, None].astype(float),
        kenmerken=(Kenmerk("een", "omvang", 1, "", "", "", "", ()),),
        y=y,
        ruw={},
    )


@given(st.integers(40, 130), st.sampled_from([6, 12]), st.integers(1, 12), st.integers(24, 40))
def test_every_window_leaves_the_gap_and_the_history(
    maanden: int, stap: int, horizon: int, minimum: int
) -> None:
    peilmaanden = np.arange(EERSTE, EERSTE + maanden)
    vensters = make_vensters(peilmaanden, horizon, stap, minimum, minimum_vensters=0)
    for venster in vensters:
        training = peilmaanden[select_training(peilmaanden, venster, stap=1)]
        assert len(training) >= minimum
        assert training.max() + horizon == venster.toets_peilmaand
        check_gat(training, venster.toets_peilmaand, horizon)
    toetsen = [venster.toets_peilmaand for venster in vensters]
    assert toetsen == sorted(toetsen)
    assert set(np.diff(toetsen)) <= {stap}
    # One window more would not have had the history.
    vroeger = (toetsen[0] if toetsen else peilmaanden[-1] + stap) - stap
    assert vroeger - horizon - EERSTE + 1 < minimum


def test_last_window_is_the_promotion_window_and_no_other() -> None:
    vensters = make_vensters(range(EERSTE, EERSTE + 72), horizon=6, stap=6, minimum=24)
    assert [v.is_promotie for v in vensters] == [False] * (len(vensters) - 1) + [True]
    assert vensters[-1].toets_peilmaand == EERSTE + 71
    assert select_ontwikkeling(vensters) == vensters[:-1]


def test_peilmaand_that_is_not_there_is_not_tested() -> None:
    peilmaanden = [m for m in range(EERSTE, EERSTE + 72) if m != EERSTE + 59]
    toetsen = [v.toets_peilmaand for v in make_vensters(peilmaanden, 6, 6, 24)]
    assert EERSTE + 59 not in toetsen
    assert EERSTE + 53 in toetsen


def test_too_short_a_history_is_refused_with_what_would_do() -> None:
    # 24 months to learn, a gap of 6, and 3 steps of 6 between 4 tests: 24 + 6 + 18.
    assert len(make_vensters(range(EERSTE, EERSTE + 48), 6, 6, 24)) == 4
    with pytest.raises(TijdFout, match="3 toetsvensters"):
        make_vensters(range(EERSTE, EERSTE + 47), 6, 6, 24)
    with pytest.raises(TijdFout, match="0 toetsvensters"):
        make_vensters([], 6, 6, 24)
    with pytest.raises(TijdFout, match="hele maanden"):
        make_vensters(range(EERSTE, EERSTE + 48), 6, 0, 24)


def test_run_without_a_gap_is_flagged() -> None:
    check_gat(np.array([EERSTE, EERSTE + 18]), EERSTE + 24, horizon=6)
    with pytest.raises(LekFout, match="1 van 2"):
        check_gat(np.array([EERSTE, EERSTE + 19]), EERSTE + 24, horizon=6)
    zonder_gat = Venster(train_tot=EERSTE + 29, toets_peilmaand=EERSTE + 30)
    with pytest.raises(LekFout, match="gat"):
        split_paneel(make_paneel(), zonder_gat, horizon=6)


def test_training_takes_every_third_month_back_from_its_end() -> None:
    venster = Venster(train_tot=EERSTE + 31, toets_peilmaand=EERSTE + 37)
    train, toets = split_paneel(make_paneel(), venster, horizon=6)
    assert sorted(set(train.peilmaand - EERSTE)) == list(range(1, 32, 3))
    assert set(toets.peilmaand) == {EERSTE + 37}
    assert toets.complex_id.tolist() == ["A", "B"]


def test_outcome_that_is_not_known_neither_trains_nor_tests() -> None:
    venster = Venster(train_tot=EERSTE + 53, toets_peilmaand=EERSTE + 59)
    paneel = make_paneel()
    paneel.y[0] = np.nan
    train, toets = split_paneel(paneel, venster, horizon=3)
    assert not np.isnan(train.y).any()
    assert not np.isnan(toets.y).any()
    assert select_toets(paneel.peilmaand, venster).sum() == 2
    assert toets.complex_id.tolist() == ["A"]


@pytest.mark.parametrize(
    "module", [bootstrap, maten, schatters, tekenlogistiek, tijdsplitsing], ids=lambda m: m.__name__
)
def test_rows_are_never_split_by_chance(module: object) -> None:
    verboden = {"train_test_split", "KFold", "StratifiedKFold", "ShuffleSplit", "cross_val_score"}
    namen = {
        naam.name
        for knoop in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(knoop, ast.ImportFrom)
        for naam in knoop.names
    }
    assert not namen & verboden
    if module is schatters:
        # Early stopping would hold out random rows behind our back.
        boosting = schatters.make_boosting(()).named_steps["model"]
        assert boosting.early_stopping is False
