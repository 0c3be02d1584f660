"""The page on the choices of the method says what was found, also when it is not what we ask."""

from __future__ import annotations

from collections.abc import Callable

from starlette.testclient import TestClient

from serving.pagina.robuustheid import STAAF, describe_robuustheid
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina

ADRES = "/methode/robuustheid"


def test_every_demand_says_what_was_found_and_whether_it_is_met(
    lees: Callable[[str], Pagina],
) -> None:
    tekst = lees(ADRES).tekst
    assert "Gehaald. Het middelste complex houdt in 81% van de berekeningen" in tekst
    assert "Niet gehaald. Zetten we complexen op volgorde, dan schuiven zij gemiddeld 9%" in tekst
    assert "verklaart 55% van de verschillen. De eis is hooguit 60%." in tekst
    assert "512 combinaties" in tekst


def test_choice_that_matters_most_is_named_and_every_choice_is_explained(
    lees: Callable[[str], Pagina],
) -> None:
    tekst = lees(ADRES).tekst
    assert "Het meest maakt dit uit: met welke complexen we vergelijken." in tekst
    for uitleg in ("hooguit een kwart zwaarder", "gewoon gemiddelde", "24 maanden"):
        assert uitleg in tekst


def test_index_below_zero_is_a_bar_of_nothing(uitgave: Uitgave) -> None:
    rapport = describe_robuustheid(uitgave)
    assert rapport is not None
    gewichten, *_, venster = rapport.keuzes
    assert (gewichten.eerste, gewichten.breedte_eerste) == ("0%", 0.0)
    assert venster.breedte_totaal == 0.3 * STAAF


def test_pictures_are_told_in_words(uitgave: Uitgave) -> None:
    rapport = describe_robuustheid(uitgave)
    assert rapport is not None
    assert rapport.staven_tekst == (
        "Van 20 complexen houden er 17 in ten minste de helft van de berekeningen hetzelfde "
        "label, en 4 in negen van de tien of meer."
    )
    assert rapport.rangen_tekst == (
        "Van 3 complexen, gelijk verdeeld over de rangorde, ligt er 1 bij andere keuzes meer dan "
        "een kwart van de rangorde uit elkaar."
    )


def test_bars_stand_on_the_axis_and_the_largest_task_is_at_the_top(uitgave: Uitgave) -> None:
    rapport = describe_robuustheid(uitgave)
    assert rapport is not None
    for staaf in rapport.staven:
        assert abs(staaf.y + staaf.hoogte - rapport.onder) < 0.2
    hoogste = max(rapport.staven, key=lambda staaf: staaf.hoogte)
    assert hoogste.titel == "80% tot 90%: 5 complexen"
    assert hoogste.y == rapport.boven
    eerste, *_, laatste = rapport.rangen
    assert eerste.x < laatste.x
    assert eerste.y < laatste.y
    assert eerste.boven <= eerste.y <= eerste.onder


def test_method_page_points_at_it_only_where_there_is_one(
    lees: Callable[[str], Pagina], lees_klein: Callable[[str], Pagina], klein: TestClient
) -> None:
    assert ADRES in lees("/methode").naar
    assert ADRES not in lees_klein("/methode").naar
    antwoord = klein.get(ADRES)
    assert antwoord.status_code == 404
    assert "nog niet berekend wat andere keuzes uitmaken" in antwoord.text
