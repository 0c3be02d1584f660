"""What runs in a complex on its card: for whom what of it shows."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.werklijst.voorbeeld import Huis

VERLEDEN = date(2026, 11, 2)


@pytest.fixture
def kaart(huis: Huis) -> Huis:
    for soort in ("voorlichting", "huisbezoek", "sleutelbeheer", "mutatiecontrole"):
        huis.besluiten.add_maatregel("C001", soort, VERLEDEN, None, "Fred")
    return huis


def test_card_shows_what_runs_and_ran_in_the_last_year(huis: Huis) -> None:
    tekst = read_page(huis.open("lezer").get("/complexen/C001").text).tekst
    assert "Wat hier loopt" in tekst
    assert "Toezicht loopt · vanaf 1 september 2026" in tekst
    assert "Schoonmaakactie voorbij · 1 maart 2026 tot en met 1 april 2026" in tekst
    assert "Wat hier loopt" not in huis.open("lezer").get("/complexen/C002").text


@pytest.mark.parametrize("rol", ["lezer", "wijkbeheer", "gebiedsmanager", "sociaal_team"])
def test_card_never_says_that_woonfraude_is_thought_of(kaart: Huis, rol: str) -> None:
    html = kaart.open(rol).get("/complexen/C001").text.lower()
    deel = html.partition('id="initiatieven"')[2].partition("</section>")[0]
    assert "voorlichting aan bewoners" in deel
    for woord in ("huisbezoek", "sleutelbeheer", "verhuizing", "preventie", "fraude", "fred"):
        assert woord not in deel, woord


def test_row_of_woonfraude_shows_all_prevention_and_that_of_overlast_voorlichting(
    kaart: Huis,
) -> None:
    def list_loopt(rol: str, soort: str) -> list[str]:
        regels = kaart.open(rol).get(f"/v1/werklijsten/{soort}").json()["regels"]
        (regel,) = [r for r in regels if r["complex"]["id"] == "C001"]
        return sorted(m["soort"]["code"] for m in regel["feiten"]["loopt"])

    assert list_loopt("woonfraude", "woonfraude") == [
        "huisbezoek", "mutatiecontrole", "sleutelbeheer", "voorlichting",
    ]  # fmt: skip
    assert list_loopt("wijkbeheer", "overlast") == ["schoonmaakactie", "toezicht", "voorlichting"]


def test_partner_and_public_see_nothing_of_what_runs_in_a_complex(kaart: Huis) -> None:
    for rollen in ((), ("gemeente",), ("politie",)):
        client = kaart.open(*rollen, naam=None)
        for pad in ("/complexen/C001", "/buurten/BU01", "/", "/v1/buurten/BU01"):
            assert "Toezicht loopt" not in client.get(pad).text
            assert "Voorlichting aan" not in client.get(pad).text


def test_tag_of_the_card_changes_when_something_starts_to_run(huis: Huis) -> None:
    client = huis.open("lezer")
    eerst = client.get("/complexen/C001").headers["etag"]
    assert client.get("/complexen/C001", headers={"if-none-match": eerst}).status_code == 304
    huis.besluiten.add_maatregel("C001", "huisbezoek", VERLEDEN, None, "Fred")
    assert client.get("/complexen/C001").headers["etag"] == eerst, "nothing that a reader sees"
    huis.besluiten.add_maatregel("C001", "voorlichting", VERLEDEN, None, "Fred")
    nieuw = client.get("/complexen/C001", headers={"if-none-match": eerst})
    assert nieuw.status_code == 200
    assert "Voorlichting aan bewoners" in nieuw.text


def test_what_ended_more_than_a_year_ago_is_gone_and_what_comes_says_so(huis: Huis) -> None:
    huis.besluiten.add_maatregel("C002", "voorlichting", date(2020, 1, 1), date(2020, 2, 1), "Fred")
    assert "Voorlichting" not in huis.open("lezer").get("/complexen/C002").text
