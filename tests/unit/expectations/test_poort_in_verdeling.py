"""The gate in beside the last delivery: columns that are filled otherwise, rows that moved."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.poort_in_verdeling import compare_kolom
from vera.levering import Verdeling

VORIGE = date(2025, 12, 1)
NU = date(2026, 1, 1)
VERDELING, STABIEL = "verdeling_past_bij_vorige", "waarden_per_sleutel_stabiel"
KANSEN = np.arange(0.05, 1.0, 0.05)


def make_getal(waarden: np.ndarray, leeg: int = 0, soort: str = "getal") -> Verdeling:
    kwantielen = tuple(np.quantile(waarden, KANSEN, method="inverted_cdf").tolist())
    return Verdeling(soort, len(waarden) + leeg, leeg, kwantielen=kwantielen)


def make_code(**aandelen: float) -> Verdeling:
    return Verdeling("code", 1000, 0, aandelen=aandelen)


HUUR = np.random.default_rng(1).normal(600, 60, 500)


@pytest.mark.parametrize(
    ("nu", "toen"),
    [
        (make_getal(HUUR * 1.4), make_getal(HUUR)),
        (make_getal(HUUR / 12), make_getal(HUUR)),
        (make_getal(HUUR, leeg=200), make_getal(HUUR)),
        (Verdeling("getal", 200, 200), make_getal(HUUR)),
        (make_code(SOC=1.0), make_code(SOC=0.7, OVL=0.3)),
        (make_code(SOC=0.9, FIN=0.1), make_code(SOC=0.85, FIN=0.1, OVL=0.05)),
        (make_getal(HUUR + 40, soort="dagen"), make_getal(HUUR, soort="dagen")),
        (make_getal(np.full(100, 3.0), soort="lengte"), make_getal(HUUR, soort="lengte")),
    ],
    ids=[
        "andere huur", "per maand in plaats van per jaar", "vaker leeg", "helemaal leeg",
        "alles onder een code", "een vaste code weg", "datums verschoven", "tekst van drie letters",
    ],
)  # fmt: skip
def test_column_that_is_filled_otherwise_is_seen(nu: Verdeling, toen: Verdeling) -> None:
    assert len(list(compare_kolom(nu, toen))) >= 1


@given(st.integers(0, 2**32 - 1), st.integers(20, 400), st.integers(100, 2000))
def test_two_draws_of_the_same_world_pass(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    waarden = [make_getal(np.round(rng.gamma(2, 100, k), -1)) for k in (n, m)]
    codes = [
        {code: float((trek == code).mean()) for code in ("A", "B", "C")}
        for k in (n, m)
        for trek in [rng.choice(["A", "B", "C"], k, p=[0.5, 0.3, 0.2])]
    ]
    code_nu, code_toen = (
        Verdeling("code", k, 0, aandelen=aandelen)
        for k, aandelen in zip((n, m), codes, strict=True)
    )
    assert list(compare_kolom(*waarden)) == []
    assert list(compare_kolom(code_nu, code_toen)) == []


def test_swapped_amounts_are_reported_beside_the_last_delivery(leveringen: Any) -> None:
    leveringen.add("vera.eenheid", VORIGE, verdeling={"eenheid_id": make_getal(HUUR)})
    leveringen.verslagen = [
        v for v in leveringen.verslagen if v.tabel != "vera.eenheid" or v.leveringsdatum == VORIGE
    ]
    leveringen.add("vera.eenheid", NU, verdeling={"eenheid_id": make_getal(HUUR * 1.5)})

    bevinding = leveringen.find("vera.eenheid", VERDELING)

    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert f"vera/eenheid_{VORIGE}.csv" in bevinding.gevonden
    assert bevinding.voorbeeld == f"vera/eenheid_{NU}.csv"


def test_report_from_before_distributions_were_measured_is_passed_over(leveringen: Any) -> None:
    leveringen.add("vera.eenheid", VORIGE)
    leveringen.change("vera.wijk", verdeling={"wijk_id": make_getal(HUUR)})
    assert leveringen.find("vera.eenheid", VERDELING).geslaagd
    assert leveringen.find("vera.wijk", VERDELING).geslaagd


def make_twee(leveringen: Any) -> pd.DataFrame:
    """A full table delivered twice with the same rows; returns the rows."""
    leveringen.add("vera.huurovereenkomst", VORIGE)
    nieuw = leveringen.rijen["vera.huurovereenkomst"]
    oud = nieuw.assign(_bestand=f"vera/huurovereenkomst_{VORIGE}.csv")
    leveringen.rijen["vera.huurovereenkomst"] = pd.concat([oud, nieuw], ignore_index=True)
    rijen: pd.DataFrame = leveringen.rijen["vera.huurovereenkomst"]
    return rijen


def test_same_rows_in_two_deliveries_are_stable(leveringen: Any) -> None:
    make_twee(leveringen)
    assert leveringen.find("vera.huurovereenkomst", STABIEL).geslaagd


def test_column_that_moved_up_one_row_is_reported_though_its_margin_is_the_same(
    leveringen: Any,
) -> None:
    rijen = make_twee(leveringen)
    is_nieuw = rijen["_bestand"] == f"vera/huurovereenkomst_{NU}.csv"
    rijen.loc[is_nieuw, "begindatum"] = np.roll(rijen.loc[is_nieuw, "begindatum"].to_numpy(), 1)

    bevinding = leveringen.find("vera.huurovereenkomst", STABIEL)

    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert "begindatum" in bevinding.gevonden


def test_a_few_changed_rows_are_ordinary(leveringen: Any) -> None:
    rijen = make_twee(leveringen)
    rijen.loc[rijen.index[-15:], "begindatum"] = pd.Timestamp("2024-01-01")
    assert leveringen.find("vera.huurovereenkomst", STABIEL).geslaagd


def test_addition_is_no_second_version_of_the_same_table(leveringen: Any) -> None:
    leveringen.add("vera.zaak", VORIGE)
    assert not any(b.regel == STABIEL and b.tabel == "vera.zaak" for b in leveringen.check())


@pytest.mark.parametrize("kolom", ["eenheid_id", "kennisdatum"])
def test_column_that_stayed_empty_in_the_first_increment_is_reported(
    leveringen: Any, kolom: str
) -> None:
    """Also one of which the values themselves say nothing beside the bulk load."""
    gevuld, leeg = make_getal(HUUR, soort="lengte"), Verdeling("lengte", 8, 8)
    leveringen.change("vera.zaak", verdeling={kolom: gevuld})
    leveringen.add("vera.zaak", date(2026, 2, 1), rijen=8, verdeling={kolom: leeg})

    bevinding = leveringen.find("vera.zaak", VERDELING)

    assert not bevinding.geslaagd
    assert kolom in bevinding.gevonden


def test_numbers_that_were_handed_out_later_may_be_longer(leveringen: Any) -> None:
    langer = make_getal(HUUR + 1000, soort="lengte")
    leveringen.change("vera.zaak", verdeling={"eenheid_id": make_getal(HUUR, soort="lengte")})
    leveringen.add("vera.zaak", date(2026, 2, 1), verdeling={"eenheid_id": langer})

    assert leveringen.find("vera.zaak", VERDELING).geslaagd
