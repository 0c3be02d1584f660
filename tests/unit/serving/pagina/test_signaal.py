"""Sentences about a theme signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serving.pagina.signaal import describe_signalen, say_signaal
from tests.unit.serving.pagina.lezer import Pagina


def make_signaal(**anders: Any) -> dict[str, Any]:
    return {
        "themaCode": "OVL",
        "peildatum": "2026-10-01",
        "aantalRecent": 9,
        "aantalEerder": 10,
        "maandenRecent": 6,
        "maandenEerder": 24,
        "kans": 0.987,
        **anders,
    }


def test_signal_says_how_much_there_is_against_what_was_usual() -> None:
    assert say_signaal(make_signaal()) == (
        "Meer meldingen van overlast dan eerder: 9 in het laatste half jaar, daarvoor gemiddeld "
        "2,5 per half jaar."
    )


def test_months_without_recording_are_not_counted_as_usual() -> None:
    zin = say_signaal(make_signaal(themaCode="SHV", maandenRecent=4, maandenEerder=12))
    assert "vernieling en ongedierte" in zin
    assert "in de laatste 4 maanden" in zin
    assert "gemiddeld 5,0 per half jaar" in zin


def test_place_without_a_signal_says_nothing() -> None:
    assert describe_signalen([]) is None


def test_page_of_a_complex_shows_its_signals_apart_from_the_label(
    lees_klein: Callable[[str], Pagina],
) -> None:
    tekst = lees_klein("/complexen/C001").tekst
    assert "Meer meldingen van overlast dan eerder: 9 in het laatste half jaar" in tekst
    assert "Gemeten op 1 november 2026." in tekst
    assert "Signaal: het loopt" not in lees_klein("/complexen/C002").tekst
