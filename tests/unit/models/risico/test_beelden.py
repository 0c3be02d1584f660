"""Pictures: drawn from the numbers alone, the same bytes every time, and never empty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.risico import beelden
from models.risico.beelden import BeeldFout, Vorm
from models.risico.drift import compute_regelkaart
from models.risico.eerlijkheid import Groepsmaat
from models.risico.kenmerk import Kenmerk
from models.risico.maten import compute_k_curve

NAN = float("nan")
RNG = np.random.default_rng(6)
P = RNG.beta(0.6, 12, 4000)
Y = (RNG.random(4000) < P).astype(float)
REGEL = np.floor(5 * P + RNG.random(4000))
MATEN = (
    Groepsmaat("samenstelling", "hoog", "selectie", 500, 0.1, 0.1, 1.0, 0.9, 1.1, "goed"),
    Groepsmaat("samenstelling", "hoog", "fpr", 500, 0.2, 0.1, 2.0, 1.6, 9.0, "alarm"),
    Groepsmaat("samenstelling", "laag", "precisie", 500, 0.1, 0.13, 0.75, 0.5, 1.1, "bekijken"),
    Groepsmaat("wijk", "Noord", "tpr", 3, 0.1, 0.1, NAN, NAN, NAN, "te weinig gegevens"),
)
KENMERKEN = tuple(
    Kenmerk(naam, "omvang", teken, "ln", "", "", "", ())
    for naam, teken in (("meldingen_6m", 1), ("schouw_laatste", -1), ("maand_sin", 0))
)
GEWICHTEN = {"meldingen_6m": 0.5, "schouw_laatste": 0.1, "maand_sin": -0.05}


def draw_meldingen() -> np.ndarray:
    rng = np.random.default_rng(2)
    t = np.arange(84)
    mu = 300 * np.exp(0.15 * np.cos(2 * np.pi * t / 12)) * np.where(t > 70, 1.4, 1)
    return rng.poisson(mu).astype(float)


BEELDEN: dict[str, Callable[[Vorm], bytes]] = {
    "precisie_recall": lambda vorm: beelden.plot_precisie_recall(
        Y, {"model": P, "regel": REGEL}, vorm=vorm
    ),
    "ijking": lambda vorm: beelden.plot_ijking(Y, P, vorm=vorm),
    "kcurve": lambda vorm: beelden.plot_kcurve(
        compute_k_curve(Y, P, grootste=500), 100, 2.5, vorm=vorm
    ),
    "eerlijkheid": lambda vorm: beelden.plot_eerlijkheid(MATEN, vorm=vorm),
    "gewichten": lambda vorm: beelden.plot_gewichten(KENMERKEN, GEWICHTEN, vorm=vorm),
    "regelkaart": lambda vorm: beelden.plot_regelkaart(
        compute_regelkaart(np.arange(84) + 600, draw_meldingen()), vorm=vorm
    ),
}


@pytest.mark.parametrize("naam", BEELDEN)
def test_picture_is_a_png_and_the_same_every_time(naam: str) -> None:
    een, twee = BEELDEN[naam]("png"), BEELDEN[naam]("png")
    assert een.startswith(b"\x89PNG")
    assert een == twee


@pytest.mark.parametrize("naam", BEELDEN)
def test_picture_as_svg_is_the_same_every_time_and_holds_no_date(naam: str) -> None:
    een, twee = BEELDEN[naam]("svg"), BEELDEN[naam]("svg")
    assert een == twee
    assert b"<dc:date>" not in een


def test_other_numbers_give_another_picture() -> None:
    anders = {**GEWICHTEN, "maand_sin": 0.3}
    assert beelden.plot_gewichten(KENMERKEN, anders) != BEELDEN["gewichten"]("png")


def test_perfect_and_impossible_chances_are_drawn() -> None:
    y = np.repeat([0.0, 1.0], 50)
    assert beelden.plot_ijking(y, y).startswith(b"\x89PNG")


def test_nothing_to_draw_is_refused() -> None:
    for teken in (
        lambda: beelden.plot_precisie_recall(np.zeros(9), {"model": np.zeros(9)}),
        lambda: beelden.plot_ijking(np.zeros(3), np.zeros(3)),
        lambda: beelden.plot_eerlijkheid(()),
        lambda: beelden.plot_gewichten((), {}),
    ):
        with pytest.raises(BeeldFout):
            teken()
