"""The gate out on small counts: one planted breach is enough to refuse a release."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from expectations.poort import list_blokkades
from expectations.poort_uit import INDICATOR, INDICATORWAARDE
from tests.unit.expectations.conftest import PEILDATUM

KLEIN, AF, HERZIEN = (
    "kleine_cel_niet_getoond",
    "verborgen_complex_niet_af_te_trekken",
    "gepubliceerde_waarde_ongewijzigd",
)
WONINGEN = 40


def make_waarde(
    niveau: str, object_id: str, code: str, waarde: float | None, *, gebandeerd: bool = False
) -> dict[str, object]:
    return {
        "niveau": niveau, "beheerobject_id": object_id, "grondslag": "eigen",
        "peildatum": PEILDATUM, "indicator_code": code, "thema_code": "FIN", "waarde": waarde,
        "gestandaardiseerd": None, "gewicht": 1.0, "bijdrage": None, "is_gebandeerd": gebandeerd,
    }  # fmt: skip


@pytest.fixture
def klein(release: Any) -> Any:
    """A sound release of complexes C0 to C9 in buurten B0 and B1 of one wijk, 40 dwellings each."""
    objecten = release.tabellen["mart_beheerobject__beheerobject"]
    objecten["buurt_id"] = [f"B{i // 5}" for i in range(10)]
    objecten["wijk_id"] = "W"
    release.tabellen[INDICATOR] = pd.DataFrame(
        {
            "indicator_code": ["aandeel", "telling", "gemiddelde", "OVL1", "OVL2"],
            "grondslag": "eigen",
            "soort_meting": ["aandeel", "telling", "gemiddelde", "telling", "telling"],
            "toon_minimum": [10, 10, 10, 0, 0],
        }
    )
    release.tabellen["thema"] = pd.DataFrame({"thema_code": ["SHV", "OVL", "FIN", "SOC", "LFB"]})
    add(
        release,
        make_waarde("complex", "C0", "aandeel", 10 / 40),
        make_waarde("complex", "C1", "aandeel", None, gebandeerd=True),
        make_waarde("complex", "C2", "aandeel", None, gebandeerd=True),
        make_waarde("complex", "C0", "telling", 10 / 40, gebandeerd=True),
        make_waarde("complex", "C0", "gemiddelde", 211 / 30),
        make_waarde("buurt", "B0", "aandeel", 18 / 200, gebandeerd=True),
    )
    labels = release.tabellen["mart_label__sociaal_beheer_label"]
    gebied = labels[labels["beheerobject_id"] == "C0"].assign(
        niveau="buurt", beheerobject_id="B0", verhuureenheden_aantal=200
    )
    release.tabellen["mart_label__sociaal_beheer_label"] = pd.concat(
        [labels, gebied], ignore_index=True
    )
    return release


def add(release: Any, *rijen: dict[str, object]) -> None:
    release.tabellen[INDICATORWAARDE] = pd.concat(
        [release.tabellen[INDICATORWAARDE], pd.DataFrame(rijen)], ignore_index=True
    )


def check(release: Any, regel: str) -> int:
    """Return how many rows break the rule; the release is then refused."""
    bevinding = release.find(INDICATORWAARDE, regel)
    geweigerd = regel in {b.regel for b in list_blokkades(release.check())}
    assert geweigerd is not bevinding.geslaagd
    return 0 if bevinding.geslaagd else int(bevinding.aantal)


def test_release_that_shields_passes_every_rule_on_small_counts(klein: Any) -> None:
    assert [check(klein, regel) for regel in (KLEIN, AF, "gebandeerd_zonder_waarde")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("code", "waarde", "gebandeerd"),
    [
        ("aandeel", 4 / 39, False),
        ("aandeel", 36 / 39, False),
        ("aandeel", 0.0, False),
        ("telling", 4 / WONINGEN, True),
        ("telling", 7 / WONINGEN, True),
    ],
    ids=["four have it", "three have it not", "nobody", "count of four", "count not on fives"],
)
def test_value_of_a_small_cell_is_refused(
    klein: Any, code: str, waarde: float, gebandeerd: bool
) -> None:
    add(klein, make_waarde("complex", "C5", code, waarde, gebandeerd=gebandeerd))

    assert check(klein, KLEIN) == 1


def test_share_that_can_be_of_many_is_not_held_against_a_release(klein: Any) -> None:
    """One in eight can be five of forty."""
    add(klein, make_waarde("complex", "C5", "aandeel", 1 / 8))

    assert check(klein, KLEIN) == 0


def set_woningen(release: Any, complex_id: str, aantal: int) -> None:
    labels = release.tabellen["mart_label__sociaal_beheer_label"]
    labels.loc[labels["beheerobject_id"] == complex_id, "verhuureenheden_aantal"] = aantal


def test_mean_of_fewer_answers_than_the_border_is_refused(klein: Any) -> None:
    set_woningen(klein, "C0", 2)  # eight answers a year at most

    assert check(klein, KLEIN) >= 1


def test_mean_can_be_of_more_answers_than_there_are_dwellings(klein: Any) -> None:
    """Two rounds of a survey in a year: 6.625 is 53 of eight answers, or 159 of twenty-four."""
    set_woningen(klein, "C5", 14)
    add(klein, make_waarde("complex", "C5", "gemiddelde", 159 / 24))

    assert check(klein, KLEIN) == 0


def test_buurt_with_one_hidden_complex_may_not_show_its_value(klein: Any) -> None:
    waarden = klein.tabellen[INDICATORWAARDE]
    klein.tabellen[INDICATORWAARDE] = waarden[
        ~((waarden["beheerobject_id"] == "C2") & (waarden["indicator_code"] == "aandeel"))
    ].reset_index(drop=True)

    assert check(klein, AF) == 1


def test_wijk_counts_only_what_is_hidden_outside_buurten_that_are_shown(klein: Any) -> None:
    add(
        klein,
        make_waarde("wijk", "W", "aandeel", 30 / 400, gebandeerd=True),
        make_waarde("complex", "C7", "aandeel", None, gebandeerd=True),
    )

    assert check(klein, AF) == 1


@pytest.mark.parametrize("kolom", ["gestandaardiseerd", "bijdrage"])
def test_derived_figure_of_a_banded_area_is_refused(klein: Any, kolom: str) -> None:
    waarden = klein.tabellen[INDICATORWAARDE]
    waarden.loc[waarden["niveau"] == "buurt", kolom] = 0.4

    assert check(klein, "gebandeerd_zonder_waarde") == 1


def test_value_that_was_published_may_not_be_shown_otherwise_now(klein: Any) -> None:
    waarden = klein.tabellen[INDICATORWAARDE]
    klein.vorige[INDICATORWAARDE] = waarden.copy()
    assert check(klein, HERZIEN) == 0

    plek = (waarden["beheerobject_id"] == "C0") & (waarden["indicator_code"] == "aandeel")
    waarden.loc[plek, "waarde"] = 11 / 40

    assert check(klein, HERZIEN) == 1


def test_hidden_value_that_was_shown_before_or_gone_is_found(klein: Any) -> None:
    nu = klein.tabellen[INDICATORWAARDE]
    vorige = nu.copy()
    klein.vorige[INDICATORWAARDE] = vorige
    plek = nu["is_gebandeerd"] & (nu["beheerobject_id"] == "C1")
    vorige.loc[plek, ["waarde", "is_gebandeerd"]] = [3 / 40, False]

    assert check(klein, HERZIEN) == 1
    klein.tabellen[INDICATORWAARDE] = nu.iloc[1:]
    assert check(klein, HERZIEN) == 2
