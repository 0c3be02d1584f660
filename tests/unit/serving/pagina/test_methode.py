"""The method page tells the whole catalogue of the release, and what never counts."""

from __future__ import annotations

from collections.abc import Callable

from serving.pagina.methode import explain_methode, say_weights
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina


def test_every_indicator_of_the_release_is_on_the_page(
    lees: Callable[[str], Pagina], uitgave: Uitgave
) -> None:
    tekst = lees("/methode").tekst
    for indicator in uitgave.attachment("indicator"):
        assert indicator["naam"] in tekst
    for thema in uitgave.attachment("thema"):
        assert thema["naam"] in tekst


def test_both_grounds_are_explained_and_an_empty_one_is_left_out(uitgave: Uitgave) -> None:
    assert [grondslag.code for grondslag in explain_methode(uitgave)] == ["eigen", "openbaar"]


def test_direction_weight_unit_and_source_are_in_words(uitgave: Uitgave) -> None:
    regels = {
        regel.naam: regel
        for grondslag in explain_methode(uitgave)
        for thema in grondslag.themas
        for regel in thema.indicatoren
    }
    schoon = regels["Schouwcijfer schoon"]
    assert schoon.richting == "lager = grotere opgave"
    assert schoon.eenheid == "cijfer van 1 tot 10"
    assert schoon.bron == "schouw door wijkbeheer"
    overlast = regels["Meldingen van overlast"]
    assert overlast.richting == "hoger = grotere opgave"
    assert overlast.gewicht == "2"
    assert regels["Veilig voelen"].soort == "mening van bewoners"


def test_page_says_what_never_counts_and_what_it_is_not_for(lees: Callable[[str], Pagina]) -> None:
    tekst = lees("/methode").tekst
    for deel in (
        "Kenmerken van mensen: afkomst",
        "Sociaal Signaal",
        "woonfraude",
        "toewijzen van woningen",
        "Nooit over een bewoner",
        "Geen gegevens is iets anders dan geen meldingen.",
    ):
        assert deel in tekst


def test_equal_weights_of_themes_are_called_equal(uitgave: Uitgave) -> None:
    assert "even zwaar" in say_weights(uitgave)
