"""The door to Great Expectations: counts and positions out, faults loud, text in Dutch."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from expectations.poort import (
    Gemeten,
    Meting,
    Regel,
    RijEis,
    Toetsbank,
    format_bevindingen,
    list_blokkades,
)
from vera.bevinding import Bevinding
from vera.errors import BuurtpeilError

REGEL = Regel("maat_klein", "klein", "maak het kleiner")


def make_bevinding(regel: str, geslaagd: bool, blokkeert: bool) -> Bevinding:
    return Bevinding("poort in", "vera.zaak", regel, geslaagd, blokkeert, 3, "dit", "dat")


def test_unexpected_rows_come_back_as_count_and_position() -> None:
    frame = pd.DataFrame({"maat": [0, 2, 0, 3]}, index=[9, 8, 7, 6])
    eis = {"r": ("ExpectColumnValuesToBeBetween", {"column": "maat", "max_value": 0})}

    uitslag = Toetsbank().toets(frame, eis)["r"]

    assert (uitslag.geslaagd, uitslag.aantal, uitslag.rijen) == (False, 2, (1, 3))


def test_rule_that_cannot_be_evaluated_is_an_error_and_not_a_breach() -> None:
    eis = {"r": ("ExpectColumnValuesToBeBetween", {"column": "bestaat_niet", "max_value": 0})}

    with pytest.raises(BuurtpeilError, match="de regel r"):
        Toetsbank().toets(pd.DataFrame({"maat": [1]}), eis)


def test_results_keep_the_order_of_the_rules() -> None:
    frame = pd.DataFrame({"maat": [1, 1]})
    eisen = {
        "z": ("ExpectColumnValuesToBeBetween", {"column": "maat", "max_value": 0}),
        "a": ("ExpectColumnValuesToBeUnique", {"column": "maat"}),
        "m": ("ExpectColumnValuesToNotBeNull", {"column": "maat"}),
    }

    uitslagen = Toetsbank().toets(frame, eisen)

    assert [(naam, u.geslaagd) for naam, u in uitslagen.items()] == [
        ("z", False),
        ("a", False),
        ("m", True),
    ]


def test_share_that_must_hold_may_be_below_one() -> None:
    frame = pd.DataFrame({"maat": [0] * 99 + [1]})
    eis = RijEis(
        REGEL,
        "ExpectColumnValuesToBeBetween",
        {"column": "maat", "max_value": 0, "mostly": 0.99},
        "{} rijen".format,
    )

    [bevinding] = Toetsbank().judge_rijen("p", "t", frame, [eis], lambda plek: f"rij {plek}")

    assert bevinding.geslaagd
    assert (bevinding.aantal, bevinding.gevonden, bevinding.remedie) == (1, "1 rijen", "")


def test_measurements_of_one_table_become_one_finding() -> None:
    gemeten = [
        Gemeten("vera.zaak", {"maat_klein": Meting(2.0, 5, "te groot", "a.csv")}),
        Gemeten("vera.wijk", {"maat_klein": Meting()}),
        Gemeten("vera.zaak", {"maat_klein": Meting(1.0, 2, "ook te groot", "b.csv")}),
        Gemeten("vera.buurt", {}),
    ]

    zaak, wijk = Toetsbank().judge_metingen("p", [REGEL], gemeten)

    assert (zaak.tabel, zaak.geslaagd, zaak.aantal, zaak.voorbeeld) == (
        "vera.zaak",
        False,
        7,
        "a.csv",
    )
    assert "en nog 1 keer" in zaak.gevonden
    assert (wijk.tabel, wijk.geslaagd, wijk.aantal) == ("vera.wijk", True, 0)


def test_no_measurements_give_no_findings() -> None:
    assert Toetsbank().judge_metingen("p", [REGEL], []) == []


def test_terminal_shows_what_blocks_before_what_warns_and_only_counts_the_rest() -> None:
    bevindingen = [
        make_bevinding("melding", geslaagd=False, blokkeert=False),
        make_bevinding("in_orde", geslaagd=True, blokkeert=True),
        make_bevinding("blokkade", geslaagd=False, blokkeert=True),
    ]

    tekst = format_bevindingen(bevindingen)

    assert tekst.startswith("3 controles: 1 blokkerend, 1 met een melding, 1 in orde.")
    assert tekst.index("vera.zaak: blokkade") < tekst.index("vera.zaak: melding")
    assert "in_orde" not in tekst
    assert [b.regel for b in list_blokkades(bevindingen)] == ["blokkade"]


def test_importing_the_gates_does_not_import_great_expectations() -> None:
    code = (
        "import sys, expectations.poort_in, expectations.poort_uit; "
        "sys.exit('great_expectations' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
