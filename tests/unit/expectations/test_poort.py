"""The door to Great Expectations: counts and positions out, faults loud, text in Dutch."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.poort import (
    Gemeten,
    Meting,
    Regel,
    Toetsbank,
    format_bevindingen,
    list_blokkades,
)
from expectations.relatie import Meter
from tests.unit.expectations.conftest import VlotteBank
from vera.bevinding import Bevinding
from vera.errors import BuurtpeilError

REGEL = Regel("maat_klein", "klein", "maak het kleiner")


def make_bevinding(regel: str, geslaagd: bool, blokkeert: bool) -> Bevinding:
    return Bevinding("poort in", "vera.zaak", regel, geslaagd, blokkeert, 3, "dit", "dat")


def test_numbers_above_zero_come_back_by_position_in_the_order_of_the_rules() -> None:
    maten = {"z": [0.0, 2.0, math.nan, 3.0], "a": [-1.0, 0.0, 0.0, math.nan]}

    gevonden = Toetsbank().find_hoger(maten)

    assert list(gevonden.items()) == [("z", frozenset({1, 3})), ("a", frozenset())]


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.lists(st.just(math.nan) | st.floats(-1e300, 1e300), min_size=4, max_size=4),
        min_size=1,
    )
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_great_expectations_finds_exactly_what_is_above_zero(maten: dict[str, list[float]]) -> None:
    # A rule that applies nowhere is never asked about.
    maten = {regel: [*getallen, 0.0] for regel, getallen in maten.items()}

    assert Toetsbank().find_hoger(maten) == VlotteBank().find_hoger(maten)


class AndereStapel:
    """Gives Great Expectations a frame without the column that a rule is about."""

    def __init__(self, echt: Any) -> None:
        self.echt = echt

    def get_batch(self, _: object) -> Any:
        return self.echt.get_batch({"dataframe": pd.DataFrame({"anders": [1.0]})})


def test_rule_that_cannot_be_evaluated_is_an_error_and_not_a_breach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Toetsbank()
    monkeypatch.setattr(bank, "_stapel", AndereStapel(bank._stapel))

    with pytest.raises(BuurtpeilError, match="de regel r"):
        bank.find_hoger({"r": [1.0]})


def test_making_the_door_leaves_nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    Toetsbank().find_hoger({"r": [1.0]})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("toegestaan", "geslaagd"), [(1.0, True), (0.99, False)])
def test_so_many_rows_may_break_a_rule_and_are_still_counted(
    toegestaan: float, geslaagd: bool
) -> None:
    with duckdb.connect() as verbinding:
        rijen = "select 1 as aantal, 99 as eerste"
        meting = Meter(verbinding).measure(
            rijen, "{aantal} rijen", "rij {}".format, toegestaan=toegestaan
        )

    [bevinding] = Toetsbank().judge_metingen(
        "p", [REGEL], [Gemeten("vera.zaak", {"maat_klein": meting})]
    )

    assert bevinding.geslaagd is geslaagd
    assert (bevinding.aantal, bevinding.gevonden) == (1, "1 rijen")
    assert (bevinding.remedie == "") is geslaagd


def test_rule_that_is_named_twice_gives_one_finding() -> None:
    gemeten = [Gemeten("vera.zaak", {"maat_klein": Meting()})]

    assert len(Toetsbank().judge_metingen("p", [REGEL, REGEL], gemeten)) == 1


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
