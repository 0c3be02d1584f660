"""What waits and since when, without a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from serving.besluit.werklijst import Lijst, Rij, find_ingetreden, list_open
from tests.unit.serving.besluit.conftest import NU
from tests.unit.serving.besluit.werklijst_voorbeeld import (
    DECEMBER,
    NOVEMBER,
    OKTOBER,
    RELEASE,
    make_regel,
)
from vera.werklijst import Baan


def make_rijen(
    peildatum: date, complexen: Sequence[str], baan: Baan = "model", *, is_onthouden: bool = False
) -> list[Rij]:
    lijst = Lijst(peildatum.month, "overlast", peildatum, RELEASE, "abc", 3, 5, NU)
    return [
        Rij(
            peildatum.month * 100 + plaats,
            lijst,
            make_regel(naam, None if is_onthouden else plaats, baan),
        )
        for plaats, naam in enumerate(complexen, start=1)
    ]


def test_complex_is_on_the_list_since_the_first_of_the_lists_it_was_on_without_a_gap() -> None:
    rijen = [
        *make_rijen(OKTOBER, ["blijft", "terug"]),
        *make_rijen(NOVEMBER, ["blijft"]),
        *make_rijen(DECEMBER, ["blijft", "terug", "nieuw"]),
    ]

    assert find_ingetreden(rijen) == {"blijft": OKTOBER, "terug": DECEMBER, "nieuw": DECEMBER}
    assert find_ingetreden([]) == {}


def test_withheld_row_counts_for_being_on_the_list_and_a_drawn_one_does_not() -> None:
    rijen = [
        *make_rijen(OKTOBER, ["onthouden"]),
        *make_rijen(NOVEMBER, ["onthouden"], is_onthouden=True),
        *make_rijen(NOVEMBER, ["geloot"], "aselect"),
    ]

    assert find_ingetreden(rijen) == {"onthouden": OKTOBER}


def test_list_without_a_model_lane_makes_everybody_a_newcomer() -> None:
    rijen = [*make_rijen(OKTOBER, ["A"]), *make_rijen(NOVEMBER, ["B"], "aselect")]
    assert find_ingetreden(rijen) == {}


def test_what_waits_longest_is_on_top_whatever_the_order_of_the_rows() -> None:
    rijen = [*make_rijen(DECEMBER, ["nieuw", "oud"]), *make_rijen(OKTOBER, ["oud"])]

    assert [o.complex_id for o in list_open(rijen)] == ["oud", "nieuw"]
    assert list_open(rijen)[0].nummer == 1001


def test_stopped_model_hides_its_own_row_of_a_complex_and_leaves_the_drawn_one() -> None:
    rijen = [*make_rijen(OKTOBER, ["A"], "aselect"), *make_rijen(NOVEMBER, ["A", "B"])]

    (openstaand,) = list_open(rijen, is_gestopt=True)

    assert (openstaand.complex_id, openstaand.banen) == ("A", ("aselect",))
    assert list_open(rijen)[0].banen == ("model", "aselect")
