"""The page on the risk models says what chooses, and why; never a score of a complex."""

from __future__ import annotations

from collections.abc import Callable

from serving.pagina.modellen import render_kaart
from tests.unit.serving.pagina.lezer import Pagina

ADRES = "/methode/modellen"


def test_model_that_chooses_shows_its_card(lees: Callable[[str], Pagina]) -> None:
    tekst = lees(ADRES).tekst
    assert "Een getraind model kiest." in tekst
    assert "Modelkaart, versie 0a1b2c3d4e5f, geleerd op 1 juli 2026" in tekst
    assert "eigenaar manager" in tekst


def test_page_says_that_the_rule_stays_and_what_was_not_met(lees: Callable[[str], Pagina]) -> None:
    tekst = lees(ADRES).tekst
    assert "Een vaste regel kiest, geen model." in tekst
    assert "6 % van de eigen onderzoeken is door loting gekozen." in tekst


def test_card_cannot_bring_html_of_its_own() -> None:
    html = render_kaart("tekst <script>alert(1)</script> en [x](javascript:alert(1))")
    assert "<script>" not in html
    assert "javascript:" not in html.replace("[x](javascript:", "")


def test_headings_of_a_card_stand_below_those_of_the_page_and_tables_can_scroll() -> None:
    html = render_kaart("# Een\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| | |\n|---|---|\n| c | d |\n")
    assert "<h3>Een</h3>" in html
    assert html.count('role="region"') == 2
    assert "<th></th>" not in html
    assert render_kaart("") == ""


def test_method_page_leads_to_the_models(lees: Callable[[str], Pagina]) -> None:
    assert "Lees wat zij doen, en hoe goed" in lees("/methode").tekst
