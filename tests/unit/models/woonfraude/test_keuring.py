"""Examining models of woonfraude: known inspections alone teach, the log weighs, the gate asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from models.risico.paneel import Paneel
from models.risico.poort import Poortbesluit, Uitslag, decide_poort
from models.risico.selectie import ASELECT, MEDEWERKER, TIP, Onderzoeklog
from models.risico.selectie import MODEL as DOOR_MODEL
from models.risico.tijdsplitsing import TijdFout
from models.woonfraude.cohort import find_rijen
from models.woonfraude.keuring import (
    Keuring,
    build_uitslag,
    examine,
    list_vensters,
    select_lijst,
    to_weeglog,
)
from models.woonfraude.training import KENMERKEN
from tests.unit.models.overlast.test_keuring import BUURTEN, SAMENSTELLING, read_lijst

COMPLEXEN, VAN, NU = 200, 600, 696


def make_paneel() -> Paneel:
    """Return complexes of 6 to 55 dwellings in 97 months, with features that last."""
    kenmerken = read_lijst("woonfraude")
    maanden = np.arange(VAN, NU + 1)
    x = np.random.default_rng(8).normal(size=(COMPLEXEN, len(kenmerken)))
    return Paneel(
        complex_id=np.tile([f"C{c:03d}" for c in range(COMPLEXEN)], len(maanden)),
        peilmaand=np.repeat(maanden, COMPLEXEN),
        buurt=np.tile(np.arange(COMPLEXEN) % BUURTEN, len(maanden)),
        eenheden=np.tile(np.arange(COMPLEXEN) % 50 + 6, len(maanden)),
        x=np.tile(x, (len(maanden), 1)),
        kenmerken=kenmerken,
        y=np.full(COMPLEXEN * len(maanden), np.nan),
        ruw={},
    )


def make_log(paneel: Paneel, *, aantal: int = 6000, is_signaal: bool = True) -> Onderzoeklog:
    """Return inspections anywhere, known a month later; earlier hits and refusals say the chance.

    The rule does not look at earlier hits, so that a model can be better than it.
    """
    rng = np.random.default_rng(9)
    plaats = {k.naam: j for j, k in enumerate(paneel.kenmerken)}
    gewicht = {"trefkans_36m": 1.2, "weigeringen_12m": 1.0, "huurkloof": 0.3}
    rij = rng.integers(0, len(paneel), aantal)
    reden = rng.choice([TIP, MEDEWERKER, ASELECT], aantal, p=[0.2, 0.4, 0.4])
    logit = -1.3 + sum(g * paneel.x[rij, plaats[naam]] for naam, g in gewicht.items())
    kans = expit(logit + 1.0 * (reden == TIP)) if is_signaal else np.full(aantal, 0.27)
    return Onderzoeklog(
        complex_id=paneel.complex_id[rij],
        maand=paneel.peilmaand[rij],
        bekend=paneel.peilmaand[rij] + 1,
        reden=reden,
        selectiekans=np.where(reden == TIP, np.nan, 0.1),
        is_treffer=(rng.random(aantal) < kans).astype(float),
    )


def keur(paneel: Paneel, log: Onderzoeklog) -> Keuring:
    return examine(paneel, log, nu=NU, samenstelling=SAMENSTELLING, rng=np.random.default_rng(1))


def judge(keuring: Keuring, *, is_kaart_compleet: bool = True) -> Poortbesluit:
    namen = [k.naam for k in read_lijst("woonfraude")]
    uitslag = build_uitslag(
        keuring,
        "abc",
        toegestaan=namen,
        is_kaart_compleet=is_kaart_compleet,
        rng=np.random.default_rng(1),
    )
    return decide_poort(uitslag, None)


def compare(uitdager: Keuring, kampioen: Keuring, **anders: bool) -> Poortbesluit:
    """Return what the gate says of a challenger where another model is in use."""
    paneel = make_paneel()

    def build(k: Keuring, tegen: Keuring | None) -> Uitslag:
        return build_uitslag(
            k,
            "abc",
            toegestaan=[kenmerk.naam for kenmerk in read_lijst("woonfraude")],
            is_kaart_compleet=True,
            rng=np.random.default_rng(1),
            kampioen=tegen,
            nieuwste=select_lijst(paneel, NU),
            **anders,
        )

    return decide_poort(build(uitdager, kampioen), build(kampioen, None))


@pytest.fixture(scope="module")
def keuring() -> Keuring:
    paneel = make_paneel()
    return keur(paneel, make_log(paneel))


def test_gate_lets_a_model_through_that_finds_more_and_keeps_the_rule_when_hits_are_chance(
    keuring: Keuring,
) -> None:
    assert judge(keuring).conclusie == "uitdager_wordt_kampioen"
    paneel = make_paneel()
    toeval = judge(keur(paneel, make_log(paneel, is_signaal=False)))
    assert toeval.conclusie == "regel_blijft"
    assert "opbrengst boven de regel" in {v.naam for v in toeval.gezakt}


@pytest.fixture(scope="module")
def zonder_treffers() -> Keuring:
    """Return a model that does not look at earlier hits, the feature that says most."""
    paneel = make_paneel()
    return examine(
        paneel,
        make_log(paneel),
        nu=NU,
        samenstelling=SAMENSTELLING,
        rng=np.random.default_rng(1),
        namen=[naam for naam in KENMERKEN if naam != "trefkans_36m"],
    )


def test_challenger_that_finds_more_than_the_champion_takes_its_place_and_not_the_other_way(
    keuring: Keuring, zonder_treffers: Keuring
) -> None:
    """On the same inspections; its other list needs a signature."""
    beter = compare(keuring, zonder_treffers, is_overlap_getekend=True)
    (winst,) = (v for v in beter.voorwaarden if v.onderdeel == "b")
    assert winst.is_gehaald
    assert "duidelijk beter" in winst.zin
    assert beter.conclusie == "uitdager_wordt_kampioen"
    ongetekend = compare(keuring, zonder_treffers)
    assert [v.onderdeel for v in ongetekend.gezakt] == ["e"]
    slechter = compare(zonder_treffers, keuring, is_overlap_getekend=True)
    assert "b" in [v.onderdeel for v in slechter.gezakt]
    assert slechter.conclusie == "kampioen_blijft"


def test_retrained_champion_is_as_good_and_as_simple_as_itself(keuring: Keuring) -> None:
    besluit = compare(keuring, keuring)
    assert besluit.conclusie == "uitdager_wordt_kampioen"
    (winst,) = (v for v in besluit.voorwaarden if v.onderdeel == "b")
    assert winst.waarde == "winst 0,000, kans 0,50, gewonnen 0,00"


def test_incomplete_card_alone_is_enough_to_keep_the_rule(keuring: Keuring) -> None:
    besluit = judge(keuring, is_kaart_compleet=False)
    assert [v.naam for v in besluit.gezakt] == ["modelkaart compleet"]


def test_model_without_a_lottery_does_not_come_through_however_much_it_finds() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    # No lottery in the last year; the years before it tell how much the model finds.
    zonder = log.select((log.reden != ASELECT) | (log.maand < NU - 12))
    gezakt = {v.naam for v in judge(keur(paneel, zonder)).gezakt}
    assert "loting loopt" in gezakt


def test_chances_that_nobody_kept_do_not_count_as_logged_inspections() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    kwijt = np.flatnonzero(log.reden == MEDEWERKER)
    kans = log.selectiekans.copy()
    kans[kwijt] = np.nan
    keuring = keur(paneel, replace(log, selectiekans=kans))
    assert keuring.gelogd == int((log.reden == ASELECT).sum())
    assert set(keuring.log.reden.tolist()) == {ASELECT}


def test_windows_are_the_four_last_years_and_too_few_hits_before_them_are_too_few() -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    assert list_vensters(log, NU) == (NU - 48, NU - 36, NU - 24, NU - 12)
    kort = log.select((log.maand >= NU - 48) | (log.is_treffer == 0))
    with pytest.raises(TijdFout, match="0 bevestigde onderzoeken"):
        list_vensters(kort, NU)


def test_inspections_of_a_window_and_later_do_not_change_what_was_foretold_of_it(
    keuring: Keuring,
) -> None:
    paneel = make_paneel()
    log = make_log(paneel)
    eerste = NU - 48
    anders = replace(
        log, is_treffer=np.where(log.bekend >= eerste, 1.0 - log.is_treffer, log.is_treffer)
    )
    tweede = keur(paneel, anders)
    in_eerste = keuring.voorspelling.venster == eerste
    assert np.array_equal(
        keuring.voorspelling.model[in_eerste], tweede.voorspelling.model[in_eerste]
    )
    assert not np.array_equal(
        keuring.voorspelling.model[~in_eerste], tweede.voorspelling.model[~in_eerste]
    )
    # and the chance of each single inspection in that year is that of the model of before
    deel = keuring.venster == eerste
    assert np.array_equal(keuring.p[deel], tweede.p[deel])
    assert np.array_equal(keuring.y[deel], 1.0 - tweede.y[deel])


def test_result_that_is_not_known_yet_does_not_teach() -> None:
    """The same inspections, but their results come two years late."""
    paneel = make_paneel()
    log = make_log(paneel)
    rij = find_rijen(paneel, log.complex_id, log.maand)
    groot = paneel.eenheden[rij] >= 10
    getraind = keur(paneel, replace(log, bekend=log.maand + 24)).training
    assert getraind.onderzoeken == int((groot & (log.maand + 24 < NU)).sum())


def test_tips_are_learned_from_and_measure_nothing(keuring: Keuring) -> None:
    log = make_log(make_paneel())
    assert TIP not in keuring.log.reden
    assert keuring.training.onderzoeken > len(log.select(~log.is_tip)) * 0.8
    assert keuring.gelogd == int((~log.is_tip).sum())


def test_complex_of_both_lists_counts_for_the_model_alone() -> None:
    """The lot speaks for what the model has not on its list: that pair would weigh twice."""
    paneel = make_paneel()
    log = make_log(paneel)
    geloot = np.flatnonzero(log.reden == ASELECT)[:200]
    dubbel = Onderzoeklog(
        **{
            naam: np.r_[getattr(log, naam), getattr(log, naam)[geloot]]
            for naam in log.__dataclass_fields__
        }
    )
    dubbel.reden[len(log) :] = DOOR_MODEL
    weeg, _ = to_weeglog(dubbel, paneel)
    assert (weeg.in_modelbaan & (weeg.reden == ASELECT)).sum() >= 200
    # What the lot found in those pairs may be anything: yields do not move.
    anders = replace(dubbel, is_treffer=dubbel.is_treffer.copy())
    anders.is_treffer[geloot] = 1.0
    recent = dubbel.maand[geloot] >= NU - 12  # of which no model has learned in a test
    assert recent.any()
    gelijk = [keur(paneel, eentje).opbrengsten["regel"] for eentje in (dubbel, anders)]
    assert gelijk[0] == gelijk[1]


def test_inspection_in_a_complex_that_is_not_in_the_panel_is_left_out() -> None:
    paneel = make_paneel()
    log = make_log(paneel, aantal=50)
    vreemd = replace(log, complex_id=np.where(np.arange(50) < 7, "X999", log.complex_id))
    weeg, telt = to_weeglog(vreemd, paneel)
    assert len(weeg.complex_id) == 43
    assert telt.tolist() == list(range(7, 50))
    assert np.array_equal(weeg.buurt, [int(c[1:]) % BUURTEN for c in weeg.complex_id])


def test_each_family_is_asked_for_a_detour_to_composition(keuring: Keuring) -> None:
    families: dict[str, list[str]] = {}
    for k in keuring.toets.kenmerken:
        families.setdefault(k.familie, []).append(k.naam)
    gevraagd = {omweg.kenmerken for omweg in keuring.eerlijkheid.omwegen}
    assert {tuple(namen) for namen in families.values()} <= gevraagd


def test_small_complexes_are_on_no_list() -> None:
    lijst = select_lijst(make_paneel(), NU)
    assert lijst.eenheden.min() == 10
    assert set(lijst.peilmaand.tolist()) == {NU}


def test_report_per_window_adds_up_to_all_inspections(keuring: Keuring) -> None:
    rijen = keuring.measure_vensters()
    assert sum(r["onderzoeken"] for r in rijen) == len(keuring.y)
    assert sum(r["treffers"] for r in rijen) == keuring.y.sum()
    assert [r["opbrengst_model"] for r in rijen] == list(keuring.opbrengsten["model"])
    assert [d.year for d in keuring.vensters] == [2024, 2025, 2026, 2027]


def test_hit_rate_is_compared_per_third_of_buurten(keuring: Keuring) -> None:
    assert len(keuring.eerlijkheid.uitkomst) == 3
    assert all("derde deel van de buurten" in zin for zin in keuring.eerlijkheid.uitkomst)
