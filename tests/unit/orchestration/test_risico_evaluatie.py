"""Goals of the risk models: when one is met, and how worlds are put together."""

from __future__ import annotations

import numpy as np
import pytest

from orchestration.cli.evaluatie_risico import write_cijfer, write_grens, write_oordeel
from orchestration.risico_evaluatie import DOELEN, WERELDEN_SELECTIE, Cijfers, Doel, Rij, judge


def make_werelden(**cijfers: list[float]) -> dict[int, Cijfers]:
    """Return worlds with these figures of the champion, one value per world."""
    aantal = len(next(iter(cijfers.values())))
    return {
        seed: {"model": {code: waarden[seed - 1] for code, waarden in cijfers.items()}}
        for seed in range(1, aantal + 1)
    }


def get_rij(werelden: dict[int, Cijfers], code: str, *, snel: bool = False) -> Rij:
    """Return the row of one goal."""
    uitslag = judge(werelden, tuple(werelden), snel=snel, met_plafond=False)
    (rij,) = [rij for rij in uitslag.rijen if rij.doel.code == code]
    return rij


def test_what_could_not_be_measured_is_not_met() -> None:
    assert not Doel("overlast", "x", "x", 0.1).holds(np.nan)
    assert not get_rij(make_werelden(lift=[6.0, 7.0]), "ece").holds


def test_limits_of_the_quick_version_are_looser_on_both_sides() -> None:
    ruim = Doel("overlast", "x", "x", -2.0, 2.0).loosen(0.05)
    assert (ruim.onder, ruim.boven) == (pytest.approx(-2.1), pytest.approx(2.1))
    assert Doel("overlast", "x", "x", None, 0.008, boven_snel=0.012).loosen(0.05).boven == 0.012


def test_ratios_of_groups_are_averaged_as_ratios() -> None:
    rij = get_rij(make_werelden(tpr_verhouding=[0.5, 2.0]), "tpr_verhouding")
    assert rij.gemiddeld == pytest.approx(1.0)
    assert get_rij(make_werelden(lift=[5.0, 7.0]), "lift").gemiddeld == pytest.approx(6.0)


def test_shuffled_outcomes_are_judged_in_standard_errors() -> None:
    rij = get_rij(make_werelden(geschud=[0.1, 0.1, 0.1, 0.0]), "geschud")
    assert rij.gemiddeld == pytest.approx(3.0)
    assert not rij.holds
    assert get_rij(make_werelden(geschud=[0.1, -0.1, 0.1, -0.05]), "geschud").holds


@pytest.mark.parametrize("aantal", [WERELDEN_SELECTIE - 1, WERELDEN_SELECTIE])
def test_selection_ratio_counts_from_twelve_worlds_on(aantal: int) -> None:
    rij = get_rij(make_werelden(selectie_verhouding=[3.0] * aantal), "selectie_verhouding")
    assert rij.holds == (aantal < WERELDEN_SELECTIE)
    assert write_oordeel(rij) == ("te weinig werelden" if rij.holds else "niet gehaald")


def test_composition_that_goes_with_fraud_in_one_world_is_seen_among_many() -> None:
    waarden = [0.0] * 7 + [-1e-3]
    code = "correlatie_samenstelling_u"
    assert not get_rij(make_werelden(**{code: waarden}), code).holds


def test_ceiling_that_was_not_built_misses_nothing() -> None:
    rij = get_rij(make_werelden(lift=[6.0, 7.0]), "ap_per_plafond")
    assert rij.holds
    assert write_oordeel(rij) == "geen plafond"


def test_every_goal_has_a_limit_and_a_code_of_its_own() -> None:
    assert all(doel.onder is not None or doel.boven is not None for doel in DOELEN)
    assert len({doel.code for doel in DOELEN}) == len(DOELEN)


def test_figures_are_written_as_colleagues_do() -> None:
    assert write_cijfer(0.8591, 0.0149) == "0,859 ± 0,015"
    assert write_cijfer(0.00318, 0.00005) == "0,00318 ± 0,00005"
    assert write_cijfer(-2.4e-17) == "0"
    assert write_cijfer(None) == write_cijfer(np.nan) == ""
    rij = get_rij(make_werelden(helling=[1.0, 1.0], lift=[6.0, 6.0]), "helling")
    assert write_grens(rij) == "0,850 - 1,150"
