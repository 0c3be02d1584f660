"""Signs that nobody sees do not get into a store, in whatever a colleague types."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from serving.besluit.tekst import check_naam, check_toelichting
from serving.initiatief.regels import Gegevens, OngeldigInitiatief, admit
from serving.leesbaar import ONZICHTBAAR, find_gegeven

ONZICHTBAREN = ["\x00", "\u200b", "\u202e", "\x1b", "\u2066", "\ufeff", "\u00ad"]


def make_initiatief(naam: str) -> Gegevens:
    return Gegevens(
        naam=naam,
        thema_code="groen",
        niveau="complex",
        beheerobject_id="C001",
        buurt_id="BU01",
        bedrag_eur=Decimal(10),
        status_code="toegekend",
        begindatum=date(2026, 10, 1),
    )


@pytest.mark.parametrize("naam", ["=1+1 plan", "  @SUM(A1)", "-2+3 tuin", "+31 tuin"])
def test_name_of_an_initiative_is_no_formula(naam: str) -> None:
    with pytest.raises(OngeldigInitiatief) as fout:
        admit(make_initiatief(naam), door="Anna")
    assert list(fout.value.fouten) == ["naam"]
    assert admit(make_initiatief("Tuin = samen"), door="Anna").naam == "Tuin = samen"


@pytest.mark.parametrize("teken", ONZICHTBAREN)
def test_invisible_sign_is_refused_in_names_and_explanations(teken: str) -> None:
    assert check_naam(f"A. de{teken} Wit") == ONZICHTBAAR
    assert check_toelichting(f"De deuren zijn{teken} vervangen.") == ONZICHTBAAR
    feiten = make_initiatief(f"Tuin van{teken} nu")
    with pytest.raises(OngeldigInitiatief) as fout:
        admit(feiten, door=f"A{teken}B")
    assert fout.value.fouten == {"naam": ONZICHTBAAR, "door": ONZICHTBAAR}


@pytest.mark.parametrize("tekst", ["A. de Wit", "Zoë Ñandú–van ’t Hof", "Tuin 🌳 & straat: €5"])
def test_what_people_write_is_no_trouble(tekst: str) -> None:
    assert check_naam(tekst) is None


@pytest.mark.parametrize(
    "tekst", ["bel 06\u201112345678", "bel 06\u201312345678", "bel ０６-１２３４５６７８"]
)
def test_number_in_other_dashes_or_digits_is_a_number_all_the_same(tekst: str) -> None:
    assert find_gegeven(tekst) == "telefoonnummer"
    assert "telefoonnummer" in (check_toelichting(f"Bij vragen: {tekst}") or "")
