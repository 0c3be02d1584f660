"""The card in every state: a label, none, a banded cell, another ground, a larger area."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.pagina.zinnen import OPGAVE
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina, read_page
from tests.unit.serving.voorbeeld_release import INHOUD, publish_example
from tests.unit.serving.wie import make_app

COLLECTIES = {"complex": "complexen", "buurt": "buurten", "wijk": "wijken"}


def test_every_card_shows_exactly_the_label_of_the_api(stad: TestClient, uitgave: Uitgave) -> None:
    objecten = uitgave.query("select niveau, beheerobject_id from lijst")
    for niveau, sleutel in objecten[::7]:
        pad = f"/{COLLECTIES[niveau]}/{sleutel}"
        label = stad.get(f"/v1{pad}").json()["sociaalBeheerLabel"]
        tekst = read_page(stad.get(pad).text).tekst
        if label["waarde"] is None:
            assert "Label onbekend" in tekst
            assert "Onbekend is iets anders dan een kleine opgave." in tekst
        else:
            assert f"Label {label['waarde']} {OPGAVE[label['waarde']]}" in tekst
        for thema in label["themas"]:
            assert thema["waarde"] is None or thema["naam"] in tekst
        for reden in [*label["redenen"]["omhoog"], *label["redenen"]["omlaag"]]:
            assert reden["indicator"]["naam"] in tekst


def test_card_explains_label_themes_reasons_and_years(
    lees_klein: Callable[[str], Pagina],
) -> None:
    tekst = lees_klein("/complexen/C001").tekst
    for deel in (
        "Complex 10-001",
        "Eikenhof",
        "84 woningen · galerijflat · Eikenlaan, Beukweg",
        "Label 5 zeer grote opgave",
        "Het label is 5 sinds 1 juli 2026. Daarvoor was het 4.",
        "kleine opgave grote opgave",
        "Vijf thema’s",
        "Dit maakt de opgave groter",
        "Dit maakt de opgave kleiner",
        "vergelijkbare complexen",
        "het hele bezit",
        "Geen gegevens van: huurdersonderzoek (veilig voelen in de buurt)",
        "eigen gegevens",
    ):
        assert deel in tekst.replace(" ,", ","), deel


def test_card_says_what_changed_and_hides_what_is_small(
    lees_klein: Callable[[str], Pagina],
) -> None:
    tekst = lees_klein("/complexen/C001").tekst
    for deel in (
        "Wat er veranderde sinds 1 juli 2026",
        "Hoger dan vorig kwartaal: nu 12,0 per 100 woningen per jaar, toen 8,0. "
        "De opgave werd groter.",
        "Hiervan zijn nu geen gegevens. Deze meting telt niet mee. De opgave werd kleiner.",
        "Dit complex heeft nu 84 woningen, vorig kwartaal 80.",
        "Financiële draagkracht: hier gaat het om weinig huurders.",
        "Leefbaarheid algemeen lopen uiteen veel grotere opgave gewone opgave",
        "Eén bron. De meldingen van overlast komen vooral van één adres.",
        "Hoe zeker is het label?",
    ):
        assert deel in tekst, deel


def test_unknown_label_says_why_and_is_never_zero(lees_klein: Callable[[str], Pagina]) -> None:
    tekst = lees_klein("/complexen/C006").tekst
    assert "Label onbekend" in tekst
    assert "Te weinig gegevens." in tekst
    assert "Onbekend is iets anders dan een kleine opgave." in tekst
    assert "label 0" not in tekst.casefold()


def test_theme_without_a_label_says_why_beside_themes_that_have_one(
    lees_klein: Callable[[str], Pagina],
) -> None:
    tekst = lees_klein("/buurten/BU03").tekst
    assert "Sociale draagkracht ? label onbekend onbekend. Te weinig gegevens." in tekst


def test_small_complex_leads_to_its_cluster_and_its_buurt(
    lees: Callable[[str], Pagina], uitgave: Uitgave
) -> None:
    klein = [
        json.loads(rij[0])
        for rij in uitgave.query(
            "select cast(body as text) || '}' from antwoord where niveau = 'complex' "
            "and instr(cast(body as text), 'zie beheercluster') > 0"
        )
    ]
    bekend = {rij[0] for rij in uitgave.query("select beheerobject_id from lijst")}
    gezien = 0
    for antwoord in klein:
        reden = antwoord["sociaalBeheerLabel"]["redenOnbekend"]
        cluster = reden.rsplit(" ", 1)[1]
        pagina = lees(f"/complexen/{antwoord['id']}")
        assert f"/buurten/{antwoord['buurt']['id']}" in pagina.naar
        if cluster in bekend:
            assert f"/complexen/{cluster}" in pagina.naar
            gezien += 1
    assert gezien


def test_cluster_says_what_it_is(lees_klein: Callable[[str], Pagina]) -> None:
    tekst = lees_klein("/complexen/C004").tekst
    assert "Beheercluster" in tekst
    assert "Ze krijgen samen één label" in tekst


def test_banded_cell_shows_its_label_and_says_rounded(klein: TestClient) -> None:
    antwoord = klein.get("/v1/complexen/C002").json()["sociaalBeheerLabel"]
    fin = next(thema for thema in antwoord["themas"] if thema["code"] == "FIN")
    assert fin["score"] is None
    tekst = read_page(klein.get("/complexen/C002").text).tekst
    assert "score niet getoond (afgerond)" in tekst
    assert "ongeveer 20% van het totaal" in tekst
    assert "Financiële draagkracht: hier gaat het om weinig huurders." in tekst
    assert "Twee maanden of meer huurachterstand procent · administratie" in tekst


def test_other_ground_stands_apart_and_is_explained(lees_klein: Callable[[str], Pagina]) -> None:
    eigen = lees_klein("/buurten/BU01").tekst
    assert eigen.index("eigen gegevens") < eigen.index("Apart: het label op openbare gegevens")
    openbaar = lees_klein("/buurten/BU03").tekst
    assert "Apart: het label op eigen gegevens" in openbaar
    assert "de twee worden nooit gemengd" in openbaar


def test_label_of_a_larger_area_says_so(lees_klein: Callable[[str], Pagina]) -> None:
    assert "Groter gebied." in lees_klein("/buurten/BU03").tekst
    assert "Groter gebied." not in lees_klein("/buurten/BU01").tekst


def test_outside_figures_are_shown_as_not_counting(lees_klein: Callable[[str], Pagina]) -> None:
    met = lees_klein("/buurten/BU02").tekst
    assert "Deze cijfers tellen niet mee in een label." in met
    assert "Advertenties voor vakantieverhuur" in met
    assert "tellen niet mee" not in lees_klein("/buurten/BU01").tekst


def test_known_outside_figures_have_a_dutch_name(lees: Callable[[str], Pagina]) -> None:
    tekst = lees("/buurten/BU09990003").tekst
    assert "Geregistreerde misdrijven" in tekst
    assert "misdrijven_index" not in tekst
    assert "advertenties_aantal" not in tekst
    assert "niet bekend" in tekst


def test_buurt_lists_its_complexes_and_wijk_its_buurten(
    lees_klein: Callable[[str], Pagina],
) -> None:
    assert {"/complexen/C001", "/complexen/C002"} <= set(lees_klein("/buurten/BU01").naar)
    assert {"/buurten/BU01", "/buurten/BU02"} <= set(lees_klein("/wijken/WK01").naar)
    assert "/complexen/C003" not in lees_klein("/buurten/BU01").naar


def test_marks_of_the_label_are_explained(tmp_path: Path) -> None:
    publish_example(tmp_path, inhoud={**INHOUD, "is_voorlopig": True})
    klant = TestClient(make_app(tmp_path))
    assert "Voorlopig. Er zijn nog geen acht" in read_page(klant.get("/complexen/C001").text).tekst
    assert "voorlopig" in read_page(klant.get("/methode").text).tekst


def test_history_is_a_table_with_the_newest_first(lees_klein: Callable[[str], Pagina]) -> None:
    tekst = lees_klein("/complexen/C001").tekst
    assert tekst.index("Label per peildatum") < tekst.index("1 oktober 2026 label 5")
    assert tekst.index("1 oktober 2026 label 5") < tekst.index("1 januari 2025 label 4")
    assert "achteraf berekend, referentieperiode" in tekst.replace(" ,", ",")


@pytest.mark.parametrize("niveau", ["complex", "buurt", "wijk"])
def test_card_links_to_its_data(
    niveau: str, lees: Callable[[str], Pagina], uitgave: Uitgave
) -> None:
    sleutel = uitgave.query("select min(beheerobject_id) from lijst where niveau = ?", (niveau,))
    pad = f"/{COLLECTIES[niveau]}/{sleutel[0][0]}"
    assert f"/v1{pad}" in lees(pad).naar
