"""Examining models of overlast: which past may teach, what a change of policy does, who wins."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from models.overlast.cohort import select_cohort
from models.overlast.keuring import (
    KANDIDATEN,
    MAXIMUM_VENSTERS,
    Keuring,
    build_uitslag,
    examine,
    list_vensters,
    select_leerbaar,
)
from models.overlast.regel import KOLOMMEN
from models.overlast.training import MINIMUM_SINDS_WIJZIGING, train
from models.risico.kenmerk import Kenmerk, build_kenmerken
from models.risico.paneel import Getal, Paneel
from models.risico.poort import Poortbesluit, decide_poort
from models.risico.tijdsplitsing import TijdFout

BUURTEN = 30
SAMENSTELLING: Getal = np.linspace(5.0, 60.0, BUURTEN)
LIJST = Path(__file__).parents[4] / "dbt_project" / "seeds" / "risico" / "risico_kenmerk.csv"


@cache
def read_lijst(model: str) -> tuple[Kenmerk, ...]:
    """Return the allow-list of a model."""
    with LIJST.open(encoding="utf-8", newline="") as bestand:
        return build_kenmerken(csv.DictReader(bestand), model)


def make_paneel(
    *, complexen: int = 300, van: int = 612, nu: int = 672, seed: int = 3, is_signaal: bool = True
) -> Paneel:
    """Return a panel in which three features say the chance, or none does.

    The outcome of the last half year is not known yet. Dwellings run from 5 to 64; the rule's
    counts are noise.
    """
    kenmerken = read_lijst("overlast")
    plaats = {k.naam: j for j, k in enumerate(kenmerken)}
    maanden = np.arange(van, nu + 1)
    rijen = complexen * len(maanden)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rijen, len(kenmerken)))
    gewicht = {"meldingen_6m": 1.3, "ernstig_12m": 1.0, "escalaties_eerder": 0.7}
    kans = expit(-2.5 + sum(g * x[:, plaats[naam]] for naam, g in gewicht.items()))
    y = (rng.random(rijen) < kans).astype(float)
    peilmaand = np.repeat(maanden, complexen)
    if not is_signaal:
        for maand in maanden:
            deel = peilmaand == maand
            y[deel] = rng.permutation(y[deel])
    return Paneel(
        complex_id=np.tile([f"C{c:03d}" for c in range(complexen)], len(maanden)),
        peilmaand=peilmaand,
        buurt=np.tile(np.arange(complexen) % BUURTEN, len(maanden)),
        eenheden=np.tile(np.arange(complexen) % 60 + 5, len(maanden)),
        x=x,
        kenmerken=kenmerken,
        y=np.where(peilmaand <= nu - 6, y, np.nan),
        ruw={
            naam: rng.poisson(2.0, rijen).astype(float)
            for naam in KOLOMMEN
            if naam != "aantal_eenheden"
        },
    )


def keur(
    paneel: Paneel, *, samenstelling: Getal = SAMENSTELLING, wijzigingen: Sequence[int] = ()
) -> Keuring:
    return examine(
        paneel,
        "lineair",
        nu=672,
        samenstelling=samenstelling,
        rng=np.random.default_rng(1),
        wijzigingen=wijzigingen,
    )


def judge(keuring: Keuring, *, is_kaart_compleet: bool = True) -> Poortbesluit:
    uitslag = build_uitslag(
        keuring,
        "abc",
        toegestaan=[k.naam for k in read_lijst("overlast")],
        is_kaart_compleet=is_kaart_compleet,
        rng=np.random.default_rng(1),
    )
    return decide_poort(uitslag, None)


@pytest.fixture(scope="module")
def keuring() -> Keuring:
    return keur(make_paneel())


def test_gate_lets_the_model_through_that_foretells_and_keeps_the_rule_on_shuffled_outcomes(
    keuring: Keuring,
) -> None:
    assert judge(keuring).conclusie == "uitdager_wordt_kampioen"
    geschud = judge(keur(make_paneel(is_signaal=False)))
    assert geschud.conclusie == "regel_blijft"
    assert "gemiddelde precisie boven de regel" in {v.naam for v in geschud.gezakt}


def test_incomplete_card_alone_is_enough_to_keep_the_rule(keuring: Keuring) -> None:
    besluit = judge(keuring, is_kaart_compleet=False)
    assert besluit.conclusie == "regel_blijft"
    assert [v.naam for v in besluit.gezakt] == ["modelkaart compleet"]


def test_model_learns_from_complete_outcomes_of_large_complexes_every_third_month() -> None:
    leer = select_leerbaar(make_paneel(), 672)
    assert int(leer.peilmaand.max()) == 666
    assert set(np.diff(np.unique(leer.peilmaand)).tolist()) == {3}
    assert leer.eenheden.min() == 10
    assert leer.is_bekend.all()


def test_tests_are_the_youngest_windows_and_the_last_is_half_a_year_ago() -> None:
    lang = make_paneel(complexen=60, van=540)
    vensters = [v.toets_peilmaand for v in list_vensters(lang)]
    assert vensters == [666 - 6 * i for i in range(MAXIMUM_VENSTERS)][::-1]
    with pytest.raises(TijdFout, match="toetsvensters"):
        list_vensters(make_paneel(complexen=12, van=630))


def test_windows_are_scored_without_what_happened_in_them_or_later(keuring: Keuring) -> None:
    """Turn every outcome from the first test on: its scores stay, those of later tests change."""
    paneel = make_paneel()
    eerste = int(keuring.voorspelling.venster.min())
    later = paneel.peilmaand > eerste - 6
    anders = keur(replace(paneel, y=np.where(later, 1.0 - paneel.y, paneel.y)))
    in_eerste = keuring.voorspelling.venster == eerste
    assert np.array_equal(
        keuring.voorspelling.model[in_eerste], anders.voorspelling.model[in_eerste]
    )
    assert not np.array_equal(
        keuring.voorspelling.model[~in_eerste], anders.voorspelling.model[~in_eerste]
    )


def test_tested_rows_are_the_cohort_with_the_features_of_the_model(keuring: Keuring) -> None:
    paneel = make_paneel()
    in_cohort = paneel.select(select_cohort(paneel))
    v, toets = keuring.voorspelling, keuring.toets
    assert np.array_equal(toets.complex_id, in_cohort.complex_id[v.rij])
    assert np.array_equal(toets.peilmaand, v.venster)
    assert np.array_equal(toets.y, v.y)
    assert toets.namen == tuple(k.naam for k in keuring.training.kenmerken)
    assert not np.isnan(v.y).any()


@pytest.mark.parametrize(("gebeurtenissen", "is_verschoven"), [(49, False), (50, True)])
def test_known_change_of_policy_moves_the_level_from_fifty_events_on_and_nothing_else(
    gebeurtenissen: int, is_verschoven: bool
) -> None:
    """After month 660 twice as much is recorded; of the rows since then some are kept."""
    assert MINIMUM_SINDS_WIJZIGING == 50
    paneel = make_paneel()
    sinds = paneel.peilmaand >= 660
    y = paneel.y.copy()
    rng = np.random.default_rng(2)
    y[sinds & (y == 0) & (rng.random(len(y)) < 0.25)] = 1.0
    leer = select_leerbaar(replace(paneel, y=y), 672)
    positief = np.flatnonzero((leer.peilmaand >= 660) & (leer.y == 1))
    leer = leer.select(np.setdiff1d(np.arange(len(leer)), positief[gebeurtenissen:]))
    zonder, met = train(leer), train(leer, wijzigingen=[660])
    assert (met.verschuiving != 0.0) == is_verschoven
    een, ander = (t.schatter.named_steps["model"] for t in (zonder, met))
    assert np.array_equal(een.coef_, ander.coef_)
    assert ander.intercept_ == een.intercept_ + met.verschuiving
    if is_verschoven:
        nieuw = leer.select(leer.peilmaand >= 660)
        assert met.predict(nieuw).sum() == pytest.approx(nieuw.y.sum(), rel=1e-6)


def test_change_of_which_too_little_is_known_leaves_the_one_before_it_in_force() -> None:
    leer = select_leerbaar(make_paneel(), 672)
    eerder = train(leer, wijzigingen=[640])
    assert eerder.verschuiving != 0.0
    assert train(leer, wijzigingen=[640, 667]).verschuiving == eerder.verschuiving
    assert train(leer, wijzigingen=[640, 655]).verschuiving == (
        train(leer, wijzigingen=[655]).verschuiving
    )


def test_change_of_policy_that_came_after_a_test_does_not_touch_that_test(
    keuring: Keuring,
) -> None:
    anders = keur(make_paneel(), wijzigingen=[655])
    v, w = keuring.voorspelling, anders.voorspelling
    voor = v.venster < 655
    assert np.array_equal(v.model[voor], w.model[voor])
    assert anders.training.verschuiving != 0.0


def test_composition_is_asked_for_fairness_and_changes_no_score(keuring: Keuring) -> None:
    zonder = keur(make_paneel(), samenstelling=np.full(BUURTEN, np.nan))
    assert np.array_equal(zonder.voorspelling.model, keuring.voorspelling.model)
    assert np.isnan(zonder.eerlijkheid.voorspelbaarheid)
    assert zonder.eerlijkheid.helling is None
    assert np.isfinite(keuring.eerlijkheid.voorspelbaarheid)
    assert keuring.eerlijkheid.helling is not None


def test_each_family_is_asked_for_a_detour_to_composition(keuring: Keuring) -> None:
    families: dict[str, list[str]] = {}
    for k in keuring.toets.kenmerken:
        families.setdefault(k.familie, []).append(k.naam)
    gevraagd = {omweg.kenmerken for omweg in keuring.eerlijkheid.omwegen}
    assert {tuple(namen) for namen in families.values()} <= gevraagd
    per_familie = {omweg.kenmerken: omweg for omweg in keuring.eerlijkheid.omwegen}
    # what says the chance costs precision when it is gone
    assert per_familie[tuple(families["omvang"])].verlies > 0.1


def test_model_without_a_source_is_examined_without_its_features(keuring: Keuring) -> None:
    paneel = make_paneel()
    weg = [j for j, k in enumerate(paneel.kenmerken) if "schouw" in k.bronnen]
    x = paneel.x.copy()
    x[:, weg] = np.nan
    zonder = keur(replace(paneel, x=x))
    namen = {paneel.kenmerken[j].naam for j in weg}
    assert set(zonder.training.weggelaten) == namen & set(keuring.toets.namen)
    assert zonder.training.weggelaten
    assert not namen & set(zonder.toets.namen)


def test_challenger_is_compared_with_the_champion_and_a_copy_of_it_may_follow_it(
    keuring: Keuring,
) -> None:
    paneel = make_paneel()
    uitslag = build_uitslag(
        keuring,
        "nieuw",
        toegestaan=keuring.toets.namen,
        is_kaart_compleet=True,
        rng=np.random.default_rng(1),
        kampioen=keuring,
        nieuwste=paneel.select(paneel.peilmaand == 672),
    )
    assert uitslag.tegen_kampioen is not None
    assert set(uitslag.tegen_kampioen.verschillen) == {0.0}
    assert uitslag.tegen_kampioen.overlap_top_k == 1.0
    assert uitslag.tegen_kampioen.is_eenvoudiger
    assert next(iter(KANDIDATEN)) == "lineair"


def test_feature_that_is_not_on_the_allow_list_does_not_come_through(keuring: Keuring) -> None:
    uitslag = build_uitslag(
        keuring,
        "abc",
        toegestaan=keuring.toets.namen[1:],
        is_kaart_compleet=True,
        rng=np.random.default_rng(1),
    )
    assert uitslag.verboden_kolommen == 1
    assert decide_poort(uitslag, None).conclusie == "regel_blijft"


def test_report_per_window_is_of_that_window(keuring: Keuring) -> None:
    rijen = keuring.measure_vensters()
    assert len(rijen) == len(keuring.vensters) == len(np.unique(keuring.voorspelling.venster))
    assert sum(r["rijen"] for r in rijen) == len(keuring.voorspelling.y)
    assert sum(r["gebeurtenissen"] for r in rijen) == keuring.voorspelling.y.sum()
    assert all(r["ap"] > r["ap_regel"] for r in rijen)
    assert [d.isoformat() for d in keuring.vensters][-1] == "2025-07-01"


def test_outcome_is_held_against_the_schouw_per_third_of_buurten() -> None:
    keuring = keur(make_paneel())
    assert len(keuring.eerlijkheid.uitkomst) == 3
    assert all("derde deel van de buurten" in zin for zin in keuring.eerlijkheid.uitkomst)


def test_kind_that_may_never_score_is_tested_on_the_youngest_windows_against_the_champion(
    keuring: Keuring,
) -> None:
    """On the same months and complexes, so that the two are paired."""
    paneel = make_paneel()
    gam = examine(paneel, "gam", nu=672, samenstelling=SAMENSTELLING, rng=np.random.default_rng(1))
    assert gam.vensters == keuring.vensters[-4:]
    uitslag = build_uitslag(
        gam,
        "abc",
        toegestaan=[k.naam for k in read_lijst("overlast")],
        is_kaart_compleet=True,
        rng=np.random.default_rng(1),
        kampioen=keuring,
        nieuwste=paneel.select(paneel.peilmaand == 672),
    )
    assert uitslag.tegen_kampioen is not None
    per_venster = keuring.measure_vensters()[-4:]
    verwacht = [g - k["ap"] for g, k in zip(uitslag.waarde, per_venster, strict=True)]
    assert uitslag.tegen_kampioen.verschillen == pytest.approx(verwacht)


def test_steadiness_of_the_list_is_known_of_the_kind_that_may_score(keuring: Keuring) -> None:
    assert 0.5 < keuring.overlap < 1.0
