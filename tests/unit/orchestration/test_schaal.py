"""Sizes that were measured say truly how steps grow, and what was not reached."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from orchestration.cli import schaal
from orchestration.cli.opdrachten import app
from orchestration.schaal import meting
from orchestration.schaal.meting import Grootte, measure_sector
from orchestration.schaal.proces import read_boek
from orchestration.schaal.stap import Kosten, Meter
from orchestration.schaal.verslag import (
    GRENS_GEHEUGEN,
    SECTOR,
    compute_grens,
    compute_macht,
    list_groei,
    write_verslag,
)
from orchestration.voortgang import Voortgang

_MACHINE = "AMD, 2 kernen, 24 GiB geheugen"


def make_grootte(eenheden: int, macht: float = 1.0, **velden: object) -> Grootte:
    kosten = {
        "warehouse": Kosten(eenheden / 100, eenheden / 100, 2_000.0),
        "marts": Kosten(0.0, (eenheden / 1_000) ** macht, 1_000.0),
        "papieren": Kosten(0.1, 0.1, 500.0),
    }
    return Grootte(eenheden, eenheden // 31, eenheden * 40, kosten, **velden)  # type: ignore[arg-type]


@given(
    macht=st.floats(0.2, 3.0),
    n=st.integers(1_000, 100_000),
    maal=st.integers(2, 40),
    eenheid=st.floats(1e-4, 1e3),
)
def test_power_of_growth_is_found_again(macht: float, n: int, maal: int, eenheid: float) -> None:
    a, b = eenheid * n**macht, eenheid * (n * maal) ** macht
    assert compute_macht(a, b, n, n * maal) == pytest.approx(macht)


@given(n=st.integers(1_000, 10_000_000), maal=st.integers(2, 100))
def test_limit_lies_between_linear_and_what_n_log_n_gives_at_the_start(n: int, maal: int) -> None:
    assert 1.0 < compute_grens(n, n * maal) < 1.0 + 1.0 / math.log(n)


def test_a_step_that_grows_with_the_square_does_not_keep_the_limit() -> None:
    groei = {g.naam: g for g in list_groei([make_grootte(600_000, 2.0), make_grootte(SECTOR, 2.0)])}
    assert not groei["marts"].gehaald
    assert groei["warehouse"].gehaald
    assert not groei["papieren"].telt


def test_growth_is_read_from_sizes_in_which_the_step_ended() -> None:
    gestopt = make_grootte(SECTOR, bezig="marts", afgebroken="gestopt bij marts: te lang")
    [groei] = [g for g in list_groei([make_grootte(600_000), gestopt]) if g.naam == "warehouse"]
    assert groei.macht == pytest.approx(1.0)
    assert "marts" not in {g.naam for g in list_groei([make_grootte(600_000), gestopt])}


def test_a_size_that_did_not_come_to_its_end_keeps_no_promise() -> None:
    gestopt = make_grootte(SECTOR, bezig="marts", afgebroken="gestopt bij marts: te lang")
    tekst = write_verslag([make_grootte(60_000), gestopt], 10, _MACHINE, "buurtpeil bench --sector")
    beloften = tekst.split("| woningen |")[0]
    assert beloften.count("**nee**") == 3
    assert "gestopt bij marts: te lang" in tekst
    assert "(2400,0)" in tekst  # what marts had cost so far


def test_sector_in_little_memory_and_time_keeps_its_promises() -> None:
    groot = Grootte(SECTOR, 77_000, 10**8, {"warehouse": Kosten(900.0, 1_500.0, 9_000.0)})
    klein = Grootte(600_000, 19_000, 10**7, {"warehouse": Kosten(300.0, 400.0, 5_000.0)})
    tekst = write_verslag([klein, groot], 10, _MACHINE, "buurtpeil bench --sector")
    assert "**nee**" not in tekst
    assert _MACHINE in tekst


def test_a_smaller_size_is_not_told_as_the_sector() -> None:
    tekst = write_verslag([make_grootte(600), make_grootte(1_500)], 3, _MACHINE, "x")
    assert "geen sector" in tekst
    assert f"≤ {GRENS_GEHEUGEN:,}".replace(",", ".") in tekst
    assert tekst.split("| woningen |")[0].count("**nee**") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak of memory")
def test_peak_of_a_step_is_of_that_step_and_of_what_lies_around_it() -> None:
    meter = Meter(Voortgang())
    with meter.stap("om"):
        with meter.stap("groot"):
            np.ones(30_000_000)
        with meter.stap("klein"):
            pass
    kosten = meter.kosten
    assert kosten["groot"].piek > kosten["klein"].piek + 150
    assert kosten["om"].piek >= kosten["groot"].piek
    assert meter.seconden == meter.ander.seconden


def test_process_that_holds_too_much_is_ended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meting, "_KIJK", 0.01)
    monkeypatch.setattr(meting, "read_geheugen", lambda _: 20_000.0)
    gezegd: list[str] = []
    gemeten = measure_sector(
        [400, 100], 2, 1, gezegd.append, seconden=60.0, geheugen=16_000.0, waar=tmp_path
    )
    # The smallest failed: a larger one is not tried.
    [grootte] = gemeten
    assert grootte.eenheden == 100
    assert "meer dan 16000 MB geheugen" in grootte.afgebroken
    assert grootte.afgebroken in gezegd
    assert list(tmp_path.iterdir()) == []


def test_process_that_failed_before_it_kept_anything_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meting, "_KIJK", 0.01)
    # No association has so few dwellings.
    [grootte] = measure_sector([3], 2, 1, lambda _: None, seconden=60.0, waar=tmp_path)
    assert "uitkomst 1" in grootte.afgebroken


def test_costs_that_were_never_kept_are_none(tmp_path: Path) -> None:
    assert read_boek(tmp_path / "kosten.json") == ({}, {})


@pytest.mark.parametrize(
    ("opties", "grootste"),
    [([], None), (["--eenheden", "60000"], 60_000)],
    ids=["sector", "kleiner"],
)
def test_command_measures_the_sector_unless_a_size_is_given(
    opties: list[str], grootste: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gevraagd: list[tuple[object, ...]] = []
    monkeypatch.setattr("orchestration.cli.schaal.measure_schaal", lambda *a: gevraagd.append(a))
    uitkomst = CliRunner().invoke(app, ["bench", "--sector", *opties])
    assert uitkomst.exit_code == 0, uitkomst.output
    assert gevraagd == [(grootste, 10, 1, 120, None)]


def test_page_of_the_command_tells_what_three_sizes_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gevraagd: list[list[int]] = []

    def measure(groottes: list[int], *_: object, **__: object) -> list[Grootte]:
        gevraagd.append(groottes)
        return [make_grootte(n) for n in groottes]

    monkeypatch.setattr(schaal, "measure_sector", measure)
    pad = tmp_path / "schaal.md"
    schaal.measure_schaal(None, 10, 1, 120, pad)
    assert gevraagd == [[60_000, 600_000, 2_400_000]]
    assert "`buurtpeil bench --sector --schrijf schaal.md`" in pad.read_text(encoding="utf-8")
