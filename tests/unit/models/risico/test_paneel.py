"""The panel: rows belong together, and choosing rows or features keeps them together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.risico.kenmerk import Kenmerk
from models.risico.paneel import Paneel, PaneelFout


def make_paneel() -> Paneel:
    """Return three complexes with two features; of the last the outcome is not known yet."""
    return Paneel(
        complex_id=np.array(["A", "B", "C"]),
        peilmaand=np.array([600, 600, 603]),
        buurt=np.array([0, 0, 1]),
        eenheden=np.array([12, 40, 80]),
        x=np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 6.0]]),
        kenmerken=tuple(
            Kenmerk(naam, "omvang", 1, "ln", "", "", "", ()) for naam in ("een", "twee")
        ),
        y=np.array([0.0, 1.0, np.nan]),
        ruw={"aantal_meldingen_6m": np.array([1.0, 2.0, 3.0])},
    )


@pytest.mark.parametrize(
    "keuze", [np.array([False, True, True]), np.array([1, 2])], ids=["vlag", "nummers"]
)
def test_chosen_rows_stay_whole(keuze: np.ndarray) -> None:
    deel = make_paneel().select(keuze)
    assert deel.complex_id.tolist() == ["B", "C"]
    assert deel.x[:, 1].tolist() == [5.0, 6.0]
    assert deel.ruw["aantal_meldingen_6m"].tolist() == [2.0, 3.0]
    assert deel.is_bekend.tolist() == [True, False]
    assert len(deel) == 2


def test_chosen_features_stand_in_the_order_asked_for() -> None:
    deel = make_paneel().select_kenmerken(["twee", "een"])
    assert deel.namen == ("twee", "een")
    assert deel.x[1].tolist() == [5.0, 2.0]


def test_feature_that_the_panel_lacks_is_named() -> None:
    with pytest.raises(PaneelFout, match="postcode"):
        make_paneel().select_kenmerken(["postcode"])


@pytest.mark.parametrize(
    "fout",
    [
        {"y": np.array([0.0, 1.0])},
        {"x": np.zeros((3, 3))},
        {"ruw": {"telling": np.zeros(2)}},
        {"y": np.array([0.0, 0.5, 1.0])},
    ],
    ids=["te kort", "kolom te veel", "telling te kort", "halve uitkomst"],
)
def test_arrays_that_do_not_belong_together_are_refused(fout: dict[str, object]) -> None:
    with pytest.raises(PaneelFout, match="Wat te doen"):
        dataclasses.replace(make_paneel(), **fout)


def test_rows_that_stand_together_are_not_copied() -> None:
    paneel = make_paneel()
    assert np.shares_memory(paneel.select(paneel.peilmaand <= 600).x, paneel.x)
    assert not np.shares_memory(paneel.select(np.array([True, False, True])).x, paneel.x)
    assert len(paneel.select(paneel.peilmaand > 603)) == 0
