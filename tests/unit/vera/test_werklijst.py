"""A worklist that cannot be right is refused where it is made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from vera.errors import GebruikFout
from vera.werklijst import (
    BANEN,
    KEUZES,
    MODELLEN,
    REDENEN,
    UITKOMSTEN,
    Regel,
    Samenstelling,
    check_model,
)


def make_regel(**anders: Any) -> Regel:
    velden: dict[str, Any] = {
        "complex_id": "C001", "baan": "model", "selectiekans": 1.0, "volgorde": 1,
    }  # fmt: skip
    return Regel(**(velden | anders))


def make_samenstelling(*regels: Regel, capaciteit: int = 5) -> Samenstelling:
    return Samenstelling(
        "overlast", date(2026, 11, 1), "0dce49cfb540", "abc", 4, capaciteit, regels
    )


@pytest.mark.parametrize(
    ("anders", "tekst"),
    [
        ({"baan": "tip"}, "baan 'tip'"),
        ({"selectiekans": 0.0}, "selectiekans 0.0"),
        ({"selectiekans": 1.01}, "selectiekans 1.01"),
        ({"kans": -0.1}, "kans -0.1"),
        ({"volgorde": None}, "onthouden = False"),
        ({"is_onthouden": True}, "volgorde 1 bij onthouden"),
        ({"is_onthouden": True, "volgorde": None, "baan": "aselect"}, "uit de loting"),
        ({"aantal_adressen": 0}, "0 adressen"),
    ],
)
def test_row_that_cannot_be_is_refused_and_says_why(anders: dict[str, Any], tekst: str) -> None:
    with pytest.raises(GebruikFout, match=tekst):
        make_regel(**anders)


def test_withheld_row_has_no_place_in_the_order_that_is_shown() -> None:
    assert make_regel(is_onthouden=True, volgorde=None).volgorde is None


@pytest.mark.parametrize(
    ("regels", "tekst"),
    [
        ((make_regel(), make_regel(volgorde=2)), "twee keer"),
        ((make_regel(), make_regel(complex_id="C002")), "dezelfde plaats"),
    ],
    ids=["complex-twee-keer", "plaats-twee-keer"],
)
def test_list_with_two_of_the_same_is_refused(regels: tuple[Regel, ...], tekst: str) -> None:
    with pytest.raises(GebruikFout, match=tekst):
        make_samenstelling(*regels)


def test_complex_may_be_chosen_on_its_score_and_drawn_by_the_lottery_as_well() -> None:
    lijst = make_samenstelling(
        make_regel(), make_regel(baan="aselect", selectiekans=0.1, volgorde=2)
    )
    assert len(lijst.regels) == 2


def test_no_more_rows_are_shown_than_people_can_take_on() -> None:
    regels = [make_regel(complex_id=f"C{k}", volgorde=k) for k in range(1, 4)]
    onthouden = make_regel(complex_id="C9", is_onthouden=True, volgorde=None)

    assert make_samenstelling(*regels, onthouden, capaciteit=3).capaciteit == 3
    with pytest.raises(GebruikFout, match="3 regels bij een capaciteit van 2"):
        make_samenstelling(*regels, capaciteit=2)


def test_unknown_model_names_those_that_there_are() -> None:
    assert check_model("woonfraude") == "woonfraude"
    with pytest.raises(GebruikFout, match="overlast of woonfraude"):
        check_model("label")


def test_every_reason_and_outcome_can_be_used() -> None:
    assert {reden.keuze for reden in REDENEN.values()} == set(KEUZES)
    assert all(reden.banen and set(reden.banen) <= set(BANEN) for reden in REDENEN.values())
    for baan in BANEN:
        keuzes = {reden.keuze for reden in REDENEN.values() if baan in reden.banen}
        assert keuzes == set(KEUZES)
    assert set(UITKOMSTEN) == set(MODELLEN)
    for uitkomsten in UITKOMSTEN.values():
        assert {u.is_treffer for u in uitkomsten.values()} == {True, False, None}
