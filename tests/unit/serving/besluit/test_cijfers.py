"""Agreement, override and hit rates, counted on rows whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from serving.besluit.cijfers import Aandeel, count_cijfers
from serving.besluit.werklijst import Beoordeling, Besluit, Lijst, Rij, Uitkomst
from tests.unit.serving.besluit.conftest import NU
from tests.unit.serving.besluit.werklijst_voorbeeld import NOVEMBER, RELEASE, make_regel
from vera.werklijst import REDENEN, Baan, Model, Oordeel


def make_rij(
    nummer: int,
    baan: Baan = "model",
    *,
    oordelen: Sequence[tuple[Oordeel, str]] = (),
    reden: str | None = None,
    door: str = "Anna",
    uitkomsten: Sequence[tuple[int, str]] = (),
    is_onthouden: bool = False,
    model: Model = "overlast",
) -> Rij:
    besluit = None
    if reden is not None:
        besluit = Besluit(
            REDENEN[reden].keuze, reden, "", door, NU, RELEASE, "abc", rang=1, kans=0.3
        )
    return Rij(
        id=nummer,
        lijst=Lijst(1, model, NOVEMBER, RELEASE, "abc", 3, 5, NU),
        regel=make_regel(f"C{nummer}", None if is_onthouden else nummer, baan),
        beoordelingen=tuple(Beoordeling(oordeel, wie, NU) for oordeel, wie in oordelen),
        besluit=besluit,
        uitkomsten=tuple(Uitkomst(adres, code, "Anna", NU) for adres, code in uitkomsten),
    )


def test_agreement_counts_first_views_that_are_not_in_doubt_in_each_lane() -> None:
    cijfers = count_cijfers(
        [
            make_rij(1, oordelen=[("actie_nodig", "Anna"), ("geen_actie", "Bert")]),
            make_rij(2, oordelen=[("geen_actie", "Anna")]),
            make_rij(3, oordelen=[("twijfel", "Anna")]),
            make_rij(4),
            make_rij(5, "aselect", oordelen=[("geen_actie", "Anna")]),
        ]
    )

    assert cijfers.overeenstemming == {"model": Aandeel(1, 2), "aselect": Aandeel(0, 1)}
    assert cijfers.twijfel == {"model": Aandeel(1, 3), "aselect": Aandeel(0, 1)}


def test_override_rate_is_what_is_not_followed_up_of_the_decided_rows_of_the_model_lane() -> None:
    cijfers = count_cijfers(
        [
            make_rij(1, reden="lokale_kennis"),
            make_rij(2, reden="beeld_ter_plaatse"),
            make_rij(3, reden="cijfers_overtuigen"),
            make_rij(4),
            make_rij(5, "aselect", reden="lokale_kennis"),
            make_rij(6, is_onthouden=True),
        ]
    )

    assert cijfers.niet_opgevolgd == Aandeel(1, 3)
    assert cijfers.opgevolgd["aselect"] == Aandeel(0, 1)
    assert (cijfers.aantal_open, cijfers.aantal_besloten) == (1, 4)
    assert cijfers.redenen == {
        "lokale_kennis": 2, "beeld_ter_plaatse": 1, "cijfers_overtuigen": 1,
    }  # fmt: skip


def test_view_is_turned_when_the_same_person_decides_the_other_way() -> None:
    cijfers = count_cijfers(
        [
            make_rij(1, oordelen=[("geen_actie", "anna")], reden="cijfers_overtuigen"),
            make_rij(2, oordelen=[("actie_nodig", "Anna")], reden="beeld_ter_plaatse"),
            make_rij(3, oordelen=[("twijfel", "Anna")], reden="beeld_ter_plaatse"),
            make_rij(4, oordelen=[("geen_actie", "Bert")], reden="beeld_ter_plaatse"),
            make_rij(5, oordelen=[("geen_actie", "Anna")]),
            make_rij(6, "aselect", oordelen=[("actie_nodig", "Anna")], reden="geen_capaciteit"),
        ]
    )

    assert cijfers.omgeslagen == {"model": Aandeel(1, 2), "aselect": Aandeel(1, 1)}


def test_hit_rate_takes_the_last_outcome_of_each_address_and_leaves_out_what_is_unknown() -> None:
    cijfers = count_cijfers(
        [
            make_rij(
                1,
                model="woonfraude",
                uitkomsten=[(1, "bevestigd"), (1, "niets_gevonden"), (2, "bevestigd")],
            ),
            make_rij(2, model="woonfraude", uitkomsten=[(1, "niet_onderzocht")]),
            make_rij(3, "aselect", model="woonfraude", uitkomsten=[(1, "niets_gevonden")]),
        ]
    )

    assert cijfers.treffers["model"] == Aandeel(1, 2)
    assert cijfers.treffers["aselect"] == Aandeel(0, 1)


def test_withheld_rows_show_what_usual_care_comes_to_and_count_in_no_lane() -> None:
    cijfers = count_cijfers(
        [make_rij(1, is_onthouden=True, uitkomsten=[(1, "escalatie")]), make_rij(2)]
    )

    assert cijfers.treffers["onthouden"] == Aandeel(1, 1)
    assert cijfers.treffers["model"] == Aandeel(0, 0)


def make_uitkomsten(baan: Baan, treffers: int, totaal: int, vanaf: int = 1) -> list[Rij]:
    return [
        make_rij(
            vanaf + k,
            baan,
            uitkomsten=[(1, "escalatie" if k < treffers else "geen_escalatie")],
        )
        for k in range(totaal)
    ]


def test_list_against_lottery_has_an_interval_that_holds_the_ratio() -> None:
    cijfers = count_cijfers(
        make_uitkomsten("model", 24, 60) + make_uitkomsten("aselect", 4, 40, vanaf=100)
    )

    verhouding = cijfers.verhouding
    assert verhouding is not None
    assert verhouding.waarde == pytest.approx(0.4 / 0.1)
    assert 1 < verhouding.laag < verhouding.waarde < verhouding.hoog


@pytest.mark.parametrize(
    ("model", "loting"),
    [((4, 9), (4, 40)), ((24, 60), (1, 9)), ((24, 60), (0, 40)), ((0, 60), (4, 40))],
    ids=["weinig-model", "weinig-loting", "geen-treffer-loting", "geen-treffer-model"],
)
def test_too_few_outcomes_give_no_ratio(model: tuple[int, int], loting: tuple[int, int]) -> None:
    cijfers = count_cijfers(
        make_uitkomsten("model", *model) + make_uitkomsten("aselect", *loting, vanaf=100)
    )
    assert cijfers.verhouding is None


def test_share_of_nothing_is_unknown_and_of_few_is_too_few() -> None:
    niets, weinig, genoeg = Aandeel(0, 0), Aandeel(1, 9), Aandeel(1, 10)

    assert (niets.waarde, niets.interval, niets.is_te_weinig) == (None, None, True)
    assert weinig.is_te_weinig
    assert not genoeg.is_te_weinig
    assert genoeg.interval is not None
    # Wilson's interval as in Newcombe (1998), table I, for 1 of 29.
    assert Aandeel(1, 29).interval == pytest.approx((0.0061, 0.1718), abs=1e-4)


def test_view_of_somebody_else_does_not_make_a_decision_turned() -> None:
    rij = make_rij(1, oordelen=[("geen_actie", "Bert")], reden="beeld_ter_plaatse", door="Anna")
    assert count_cijfers([rij]).omgeslagen["model"] == Aandeel(0, 0)
    zelf = replace(rij, beoordelingen=(Beoordeling("geen_actie", "Anna", NU),))
    assert count_cijfers([zelf]).omgeslagen["model"] == Aandeel(1, 1)
