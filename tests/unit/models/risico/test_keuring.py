"""What both domains examine alike: fairness over windows, calibration, signs, the allow-list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from models.risico.eerlijkheid import Hertoets, make_derden
from models.risico.kenmerk import Kenmerk
from models.risico.keuring import (
    SAMENSTELLING,
    Eerlijkheid,
    count_verboden,
    count_verkeerde_tekens,
    judge_eerlijkheid,
    measure_ijking,
    measure_selectieverhouding,
)
from models.risico.paneel import Getal, Paneel
from models.risico.schatters import make_boosting, make_kampioen

COMPLEXEN, BUURTEN = 300, 30
CIJFER: Getal = np.linspace(5.0, 60.0, BUURTEN)
KENMERKEN = tuple(
    Kenmerk(naam, familie, teken, "", "", "veel", "weinig", ())
    for naam, familie, teken in (("meldingen", "omvang", 1), ("schouw", "fysiek", -1))
)


def make_toets(seed: int = 4) -> Paneel:
    rng = np.random.default_rng(seed)
    rijen = 2 * COMPLEXEN
    return Paneel(
        complex_id=np.tile([f"C{c:03d}" for c in range(COMPLEXEN)], 2),
        peilmaand=np.repeat([660, 666], COMPLEXEN),
        buurt=np.tile(np.arange(COMPLEXEN) % BUURTEN, 2),
        eenheden=np.tile(np.arange(COMPLEXEN) % 60 + 10, 2),
        x=rng.normal(size=(rijen, 2)),
        kenmerken=KENMERKEN,
        y=(rng.random(rijen) < 0.2).astype(float),
        ruw={},
    )


def judge(
    toets: Paneel,
    is_gekozen: Any,
    cijfer: Getal = CIJFER,
    hertoets: Any = None,
    wijken: tuple[str, ...] = (),
) -> Eerlijkheid:
    return judge_eerlijkheid(
        toets,
        is_gekozen=is_gekozen,
        y=toets.y,
        p=np.full(len(toets), 0.2),
        samenstelling=cijfer,
        maanden=12,
        hertoets=hertoets,
        rng=np.random.default_rng(1),
        wijken=wijken,
    )


def test_selection_ratio_compares_the_highest_third_with_the_rest_and_leaves_unknown_out() -> None:
    derde = np.array([2, 2, 0, 0, 1, 1, -1, -1])
    gekozen = np.array([1, 1, 1, 0, 0, 1, 1, 1], dtype=bool)
    assert measure_selectieverhouding(gekozen, derde) == pytest.approx(2.0)
    assert np.isnan(measure_selectieverhouding(gekozen, np.full(8, -1)))
    assert np.isnan(measure_selectieverhouding(derde == 2, derde))


def test_list_that_is_all_of_one_kind_of_buurt_raises_an_alarm_and_a_lottery_does_not() -> None:
    toets = make_toets()
    hoog = make_derden(CIJFER)[toets.buurt] == 2
    assert judge(toets, hoog & (np.arange(len(toets)) % 2 == 0)).alarmen
    geloot = judge(toets, np.arange(len(toets)) % 7 == 0)
    assert not geloot.blokkades
    assert SAMENSTELLING in {m.indeling for m in geloot.maten}


WIJKEN = tuple(f"Wijk {'ABC'[b // 10]}" for b in range(BUURTEN))


def test_wijk_that_is_chosen_far_more_often_is_an_alarm_and_blocks_nothing() -> None:
    toets = make_toets()
    vaak = (toets.buurt < 10) & (np.arange(len(toets)) % 2 == 0)
    gekozen = vaak | (np.arange(len(toets)) % 11 == 0)
    uit = judge(toets, gekozen, wijken=WIJKEN)
    selectie = {m.groep: m for m in uit.maten if (m.indeling, m.maat) == ("wijk", "selectie")}
    assert set(selectie) == set(WIJKEN)
    assert selectie["Wijk A"].onder > 2.0
    assert selectie["Wijk A"].oordeel == "alarm"
    assert any("wijk, Wijk A" in zin for zin in uit.alarmen)
    assert uit.blokkades == ()


def test_wijk_of_few_buurten_and_buurt_without_a_wijk_are_compared_with_nothing() -> None:
    toets = make_toets()
    wijken = tuple("Klein" if b < 4 else "" if b < 8 else "Groot" for b in range(BUURTEN))
    uit = judge(toets, np.arange(len(toets)) % 7 == 0, wijken=wijken)
    per_wijk = [m for m in uit.maten if m.indeling == "wijk"]
    assert {m.groep for m in per_wijk} == {"Klein", "Groot"}
    # four buurten are too few for the small one, and too few others for the large one
    assert {m.oordeel for m in per_wijk} == {"te weinig gegevens"}
    assert sum(m.aantal for m in per_wijk if m.maat == "selectie") == int(
        (~np.isin(toets.buurt, [4, 5, 6, 7])).sum()
    )


def test_without_wijken_nothing_is_said_of_them() -> None:
    toets = make_toets()
    zonder = judge(toets, np.arange(len(toets)) % 7 == 0, wijken=("",) * BUURTEN)
    assert "wijk" not in {m.indeling for m in zonder.maten}


def test_family_that_is_a_detour_to_composition_blocks_and_is_named() -> None:
    toets = make_toets()
    gevraagd: list[frozenset[str]] = []

    def hertoets(weg: frozenset[str]) -> Hertoets:
        gevraagd.append(weg)
        # Without the reports the list would be even, and nearly as good.
        return Hertoets(0.30, 1.0 if "meldingen" in weg else 1.5)

    uit = judge(toets, np.arange(len(toets)) % 7 == 0, hertoets=hertoets)
    assert gevraagd == [frozenset(), frozenset({"meldingen"}), frozenset({"schouw"})]
    assert len(uit.blokkades) == 1
    assert "meldingen" in uit.blokkades[0]


def test_without_composition_of_ten_buurten_nothing_is_said_of_it() -> None:
    toets = make_toets()
    gekozen = np.arange(len(toets)) % 7 == 0
    weinig = CIJFER.copy()
    weinig[9:] = np.nan
    for cijfer in (np.full(BUURTEN, np.nan), weinig):
        uit = judge(toets, gekozen, cijfer)
        assert np.isnan(uit.voorspelbaarheid)
        assert uit.helling is None
    net_genoeg = CIJFER.copy()
    net_genoeg[10:] = np.nan
    assert judge(toets, gekozen, net_genoeg).helling is not None


def test_detours_are_not_asked_where_nobody_knows_the_composition() -> None:
    def hertoets(weg: frozenset[str]) -> Hertoets:
        if weg:
            pytest.fail("a detour to what is not known was asked")
        return Hertoets(0.3, float("nan"))

    toets = make_toets()
    assert not judge(
        toets, np.arange(len(toets)) % 7 == 0, np.full(BUURTEN, np.nan), hertoets
    ).omwegen


def test_calibration_of_true_chances_is_near_its_floor_and_of_doubled_ones_far_from_it() -> None:
    rng = np.random.default_rng(6)
    p = rng.uniform(0.01, 0.3, 8_000)
    y = (rng.random(len(p)) < p).astype(float)
    goed, dubbel = (measure_ijking(y, q, np.random.default_rng(1)) for q in (p, 2 * p))
    assert goed["ece"] < 2 * goed["ece_vloer"]
    assert (goed["oe_onder"] + goed["oe_boven"]) / 2 == pytest.approx(1.0, abs=0.05)
    assert goed["helling"] == pytest.approx(1.0, abs=0.1)
    assert dubbel["oe_boven"] < 1.0
    assert dubbel["ece"] > 5 * goed["ece_vloer"]


def fit(schatter: Pipeline) -> Pipeline:
    toets = make_toets()
    return schatter.fit(toets.x, toets.y)


def test_coefficient_against_the_agreed_direction_is_counted() -> None:
    schatter = fit(make_kampioen(KENMERKEN))
    assert count_verkeerde_tekens(schatter, KENMERKEN) == 0
    schatter.named_steps["model"].coef_ = np.array([-0.1, 0.2])
    assert count_verkeerde_tekens(schatter, KENMERKEN) == 2
    # a flag of missing values stands after the features, and has no direction
    schatter.named_steps["model"].coef_ = np.array([0.1, -0.2, -5.0])
    assert count_verkeerde_tekens(schatter, KENMERKEN) == 0
    assert count_verkeerde_tekens(fit(make_boosting(KENMERKEN)), KENMERKEN) == 0


def test_feature_outside_the_allow_list_is_counted() -> None:
    assert count_verboden(KENMERKEN, ["meldingen", "schouw"]) == 0
    assert count_verboden(KENMERKEN, ["meldingen"]) == 1
