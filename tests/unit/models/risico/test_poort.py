"""The gate: every condition alone can keep a model out, and the rule stays when none passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.risico.poort import (
    Opbrengst,
    PoortFout,
    Uitslag,
    Vergelijking,
    decide_poort,
    judge_uitslag,
)

BETER = Vergelijking(
    verschillen=(0.02, 0.01, 0.03, 0.02),
    kans_groter=0.97,
    is_eenvoudiger=False,
    overlap_top_k=0.8,
)
GOED = Uitslag(
    model="overlast",
    modelversie="a1",
    waarde=(0.24, 0.26, 0.25, 0.25),
    waarde_regel=(0.18, 0.16, 0.17, 0.17),
    kans_boven_regel=0.99,
    precisie=(0.20, 0.22, 0.21, 0.21),
    precisie_regel=(0.16, 0.17, 0.16, 0.16),
    precisie_persistentie=(0.15, 0.15, 0.15, 0.15),
    ece=0.004,
    ece_vloer=0.003,
    helling=0.98,
    oe_onder=0.9,
    oe_boven=1.1,
    is_herijkt=False,
    blokkades=(),
    verkeerde_tekens=0,
    verboden_kolommen=0,
    is_kaart_compleet=True,
)
OPBRENGST = Opbrengst(
    model=0.24, regel=0.22, medewerker=0.15, aselect_aandeel=0.20, onderzoeken=400
)
GOED_F = replace(GOED, model="woonfraude", opbrengst=OPBRENGST)


def test_model_that_meets_everything_is_promoted_over_the_rule() -> None:
    besluit = decide_poort(GOED, None)
    assert besluit.conclusie == "uitdager_wordt_kampioen"
    assert besluit.gezakt == ()


@pytest.mark.parametrize(
    ("onderdeel", "anders"),
    [
        ("a", {"kans_boven_regel": 0.94}),
        ("a", {"waarde_regel": (0.21, 0.21, 0.20, 0.21)}),
        ("a", {"precisie_regel": (0.21, 0.21, 0.21, 0.21)}),
        ("a", {"precisie_persistentie": (0.3, 0.3, 0.1, 0.3)}),
        ("c", {"ece": 0.0081}),
        ("c", {"helling": 0.84}),
        ("c", {"helling": 1.16}),
        ("c", {"oe_onder": 1.01}),
        ("c", {"ece": float("nan")}),
        ("d", {"blokkades": ("kenmerk x is een omweg",)}),
        ("f", {"verkeerde_tekens": 1}),
        ("f", {"verboden_kolommen": 1}),
        ("f", {"is_kaart_compleet": False}),
    ],
)
def test_every_condition_alone_keeps_the_rule(onderdeel: str, anders: dict[str, Any]) -> None:
    besluit = decide_poort(replace(GOED, **anders), None)
    assert besluit.conclusie == "regel_blijft"
    assert {v.onderdeel for v in besluit.gezakt} == {onderdeel}


@pytest.mark.parametrize(
    "anders",
    [
        {"waarde": (0.25,) * 4, "waarde_regel": (0.20,) * 4},  # exactly 1.25
        {"kans_boven_regel": 0.95},
        {"ece": 0.008},
        {"ece": 0.011, "ece_vloer": 0.006},  # a perfect model would show half of this
        {"helling": 0.85},
        {"oe_onder": 1.2, "oe_boven": 1.4, "is_herijkt": True},
    ],
)
def test_limits_themselves_are_met(anders: dict[str, Any]) -> None:
    assert decide_poort(replace(GOED, **anders), None).gezakt == ()


def test_three_windows_are_too_few_to_judge_by() -> None:
    drie = replace(
        GOED,
        **{
            naam: getattr(GOED, naam)[:3]
            for naam in ("waarde", "waarde_regel", "precisie", "precisie_regel",
                         "precisie_persistentie")
        },
    )  # fmt: skip
    assert [v.naam for v in decide_poort(drie, None).gezakt] == ["genoeg vensters"]


def test_window_without_an_event_is_passed_over_and_not_counted() -> None:
    nan = float("nan")
    vijf = replace(
        GOED,
        **{
            naam: (*getattr(GOED, naam), nan)
            for naam in ("waarde", "waarde_regel", "precisie", "precisie_regel",
                         "precisie_persistentie")
        },
    )  # fmt: skip
    assert decide_poort(vijf, None).gezakt == ()
    drie = replace(vijf, waarde=(nan, *vijf.waarde[1:]))
    assert "genoeg vensters" in [v.naam for v in decide_poort(drie, None).gezakt]


@pytest.mark.parametrize(
    ("vergelijking", "conclusie"),
    [
        (BETER, "uitdager_wordt_kampioen"),
        (replace(BETER, kans_groter=0.89), "kampioen_blijft"),
        (replace(BETER, verschillen=(0.005,) * 4), "kampioen_blijft"),
        # Far ahead in two windows and behind in two: a mean alone does not win.
        (replace(BETER, verschillen=(0.1, 0.1, -0.01, -0.01)), "kampioen_blijft"),
        (replace(BETER, verschillen=(-0.004,) * 4, is_eenvoudiger=True), "uitdager_wordt_kampioen"),
        (replace(BETER, verschillen=(-0.005,) * 4, is_eenvoudiger=True), "kampioen_blijft"),
        (replace(BETER, overlap_top_k=0.59), "kampioen_blijft"),
        (replace(BETER, overlap_top_k=0.59, is_overlap_getekend=True), "uitdager_wordt_kampioen"),
    ],
)
def test_champion_stays_unless_the_challenger_is_better_or_simpler(
    vergelijking: Vergelijking, conclusie: str
) -> None:
    besluit = decide_poort(replace(GOED, tegen_kampioen=vergelijking), GOED)
    assert besluit.conclusie == conclusie


def test_champion_that_no_longer_meets_the_gate_makes_room_for_the_rule() -> None:
    uitdager = replace(GOED, tegen_kampioen=replace(BETER, kans_groter=0.5))
    assert decide_poort(uitdager, replace(GOED, helling=0.7)).conclusie == "regel_blijft"


@pytest.mark.parametrize(
    "opbrengst",
    [
        replace(OPBRENGST, model=0.21),
        replace(OPBRENGST, medewerker=0.24),
        replace(OPBRENGST, aselect_aandeel=0.09),
        replace(OPBRENGST, onderzoeken=299),
        replace(OPBRENGST, model=float("nan")),
    ],
)
def test_woonfraude_must_yield_more_and_keep_drawing_at_random(opbrengst: Opbrengst) -> None:
    assert decide_poort(GOED_F, None).conclusie == "uitdager_wordt_kampioen"
    assert decide_poort(replace(GOED_F, opbrengst=opbrengst), None).conclusie == "regel_blijft"


def test_woonfraude_without_a_yield_is_not_judged() -> None:
    with pytest.raises(PoortFout, match="opbrengst"):
        replace(GOED, model="woonfraude")


def test_windows_that_do_not_match_are_not_judged() -> None:
    with pytest.raises(PoortFout, match="vensters"):
        replace(GOED, precisie=(0.2, 0.2))


def test_challenger_that_was_not_compared_with_the_champion_is_not_judged() -> None:
    with pytest.raises(PoortFout, match="vergelijking"):
        decide_poort(GOED, GOED)
    with pytest.raises(PoortFout, match="vergelijking"):
        decide_poort(replace(GOED, tegen_kampioen=BETER), None)


def test_every_condition_is_said_in_a_sentence() -> None:
    for voorwaarde in judge_uitslag(replace(GOED_F, tegen_kampioen=BETER)):
        assert voorwaarde.zin.endswith(".")
        assert voorwaarde.waarde
        assert voorwaarde.grens
