"""The pages of a worklist, as a browser without script uses them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.besluit.opslag import BesluitenFout
from serving.werklijst.dienst import Werklijstdienst
from serving.werklijst.loket import KOEKJE_NAAM
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.werklijst.test_api import GEHEIM
from tests.unit.serving.werklijst.voorbeeld import (
    ANDERS,
    REDEN,
    REGELS,
    Huis,
    add_december,
    make_lijst,
)

LIJST = "/werklijsten/overlast"


def send(browser: TestClient, pad: str, **velden: str) -> Any:
    bewijs = re.search(r'name="bewijs" value="([\w-]+)"', browser.get(pad).text)
    assert bewijs
    return browser.post(pad, data={"bewijs": bewijs[1], **velden})


def drop_bewijs(html: bytes) -> bytes:
    return re.sub(rb'name="bewijs" value="[\w-]+"', b"", html)


def test_row_goes_from_own_view_by_decision_to_outcome(huis: Huis) -> None:
    anna = huis.open("wijkbeheer", naam="Anna")
    een = f"{LIJST}/{huis.find_nummer('C001')}"
    voor = read_page(anna.get(een).text)
    assert "Wat vindt u zelf?" in voor.tekst
    assert "Uw besluit" not in voor.tekst

    gezegd = send(anna, een, oordeel="actie_nodig")
    assert (gezegd.status_code, gezegd.headers["location"]) == (303, f"{een}#waarom")
    na = read_page(anna.get(een).text)
    assert "Dit complex is gekozen op score" in na.tekst
    assert "Plaats 1 van alle complexen, kans 41,2%" in na.tekst
    assert f"{REDEN} (C001)" in na.tekst
    assert "Zeker: als wij opnieuw rekenen" in na.tekst
    assert "Het complex hoort bij de loting" not in na.tekst, "a reason of the other lane"
    assert "Wat vindt u zelf?" not in na.tekst
    assert na.labels <= set(na.ids)

    besloten = send(anna, een, reden="cijfers_overtuigen")
    assert besloten.headers["location"] == f"{LIJST}?klaar=besluit"
    lijst = read_page(anna.get(besloten.headers["location"]).text)
    assert "Uw besluit is vastgelegd." in lijst.tekst
    assert "Wacht op een uitkomst" in lijst.tekst

    assert "Wat kwam ervan?" in anna.get(een).text
    klaar = send(anna, een, uitkomst="geen_escalatie")
    assert klaar.headers["location"] == f"{LIJST}?klaar=uitkomst"
    assert "Wacht op een uitkomst" not in anna.get(LIJST).text


def test_nothing_of_why_is_on_a_page_before_an_own_view(huis: Huis) -> None:
    browser = huis.open("wijkbeheer")
    for pad in (LIJST, *(f"{LIJST}/{o.nummer}" for o in huis.werklijsten.list_open("overlast"))):
        html = browser.get(pad).text
        assert not [woord for woord in (*GEHEIM, "41,2", "Plaats 1") if woord in html], pad
        assert "Havenzicht" not in html, "withheld"


def test_pages_do_not_depend_on_lane_or_score_for_who_gave_no_view(tmp_path: Path) -> None:
    paginas = []
    for naam, regels in (("een", REGELS), ("ander", ANDERS)):
        huis = Huis(tmp_path / naam)
        # When a release was written is on every page.
        for run in huis.releases.glob("*/manifest.run.json"):
            run.chmod(0o644)
            run.write_text('{"geschreven_op": "2026-11-22T12:00:00Z"}', encoding="utf-8")
        huis.werklijsten.add_werklijst(make_lijst(regels))
        browser = huis.open("wijkbeheer")
        nummers = [o.nummer for o in huis.werklijsten.list_open("overlast")]
        paden = (LIJST, "/werklijsten", *(f"{LIJST}/{n}" for n in nummers))
        paginas.append([drop_bewijs(browser.get(pad).content) for pad in paden])
    assert paginas[0] == paginas[1]


def test_pages_of_a_complex_that_stays_on_are_those_of_one_that_does_not(tmp_path: Path) -> None:
    paginas = []
    for komt_terug in (True, False):
        huis = Huis(tmp_path / str(komt_terug))
        for run in huis.releases.glob("*/manifest.run.json"):
            run.chmod(0o644)
            run.write_text('{"geschreven_op": "2026-11-22T12:00:00Z"}', encoding="utf-8")
        huis.werklijsten.add_werklijst(make_lijst())
        add_december(huis, komt_terug=komt_terug)
        browser = huis.open("wijkbeheer")
        paden = (LIJST, "/werklijsten", *(f"{LIJST}/{n}" for n in range(1, 12)))
        paginas.append([drop_bewijs(browser.get(pad).content) for pad in paden])
    assert paginas[0] == paginas[1]


def test_page_is_not_kept_by_a_browser_that_somebody_else_uses_next(huis: Huis) -> None:
    browser = huis.open("wijkbeheer")
    for pad in ("/werklijsten", LIJST, f"{LIJST}/{huis.find_nummer('C001')}"):
        antwoord = browser.get(pad, headers={"if-none-match": "*"})
        assert antwoord.status_code == 200
        assert antwoord.headers["cache-control"] == "no-store"
        assert "etag" not in antwoord.headers


def test_form_whose_row_cannot_be_found_again_names_its_complex_in_the_log(
    huis: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = huis.open("wijkbeheer")
    een = f"{LIJST}/{huis.find_nummer('C001')}"
    voor = Werklijstdienst.assess

    def assess_and_lose(dienst: Werklijstdienst, *delen: Any) -> None:
        voor(dienst, *delen)
        monkeypatch.setattr(Werklijstdienst, "find_complex", lose)

    def lose(*_: Any) -> None:
        raise BesluitenFout("De database is weg.")

    monkeypatch.setattr(Werklijstdienst, "assess", assess_and_lose)
    antwoord = send(browser, een, oordeel="twijfel")
    assert antwoord.status_code == 303
    assert [(r.daad, r.object_id) for r in huis.leeslog.lezingen][-2:] == [
        ("poging", None),
        ("schrijven", "C001"),
    ]


def test_second_view_and_decision_without_a_view_are_refused_in_words(huis: Huis) -> None:
    browser = huis.open("wijkbeheer")
    een = f"{LIJST}/{huis.find_nummer('C002')}"
    te_vroeg = send(browser, een, reden="lokale_kennis")
    assert te_vroeg.status_code == 409
    assert "nog geen eigen oordeel" in te_vroeg.text
    assert not [woord for woord in GEHEIM if woord in te_vroeg.text]
    send(browser, een, oordeel="twijfel")
    assert send(browser, een, oordeel="actie_nodig").status_code == 409
    fout = send(browser, een, reden="cijfers_overtuigen", toelichting="kort")
    assert fout.status_code == 400
    assert "De toelichting telt 4 tekens" in read_page(fout.text).tekst
    assert send(browser, een, iets="anders").status_code == 400


def test_who_has_no_login_says_who_they_are_and_sees_what_they_judged(huis: Huis) -> None:
    browser = huis.open("wijkbeheer", naam=None)
    een = f"{LIJST}/{huis.find_nummer('C001')}"
    assert "Uw naam" in browser.get(een).text
    gezegd = send(browser, een, oordeel="twijfel", door="Anna de Wit")
    koekje = gezegd.headers["set-cookie"]
    assert KOEKJE_NAAM in koekje
    assert "HttpOnly" in koekje
    assert "SameSite=strict" in koekje
    assert "Path=/werklijsten" in koekje
    assert "Anna" not in gezegd.headers["location"]
    assert REDEN in browser.get(een).text
    assert REDEN not in huis.open("wijkbeheer", naam=None).get(een).text


def test_name_in_a_cookie_is_not_believed_of_who_logged_in(huis: Huis) -> None:
    huis.werklijsten.add_beoordeling("overlast", huis.find_nummer("C001"), "twijfel", "Anna")
    browser = huis.open("wijkbeheer", naam="Bert")
    browser.cookies.set(KOEKJE_NAAM, "Anna")
    assert REDEN not in browser.get(f"{LIJST}/{huis.find_nummer('C001')}").text


def test_texts_from_outside_are_never_markup(huis: Huis) -> None:
    kwaad = "<script>alert(1)</script>"
    browser = huis.open("wijkbeheer", naam=None)
    een = f"{LIJST}/{huis.find_nummer('C001')}"
    fout = send(browser, een, oordeel=kwaad, door=f'"><b>{kwaad}')
    assert fout.status_code == 400
    assert "<script>" not in fout.text
    assert "<b>" not in fout.text
    send(browser, een, oordeel="twijfel", door=f"Anna {kwaad}")
    besluit = send(browser, een, reden="x", toelichting=kwaad, door=f"Anna {kwaad}")
    assert "&lt;script&gt;" in besluit.text
    for antwoord in (besluit, browser.get(een), browser.get(LIJST)):
        assert "<script>" not in antwoord.text


def test_form_on_a_page_elsewhere_changes_nothing(huis: Huis) -> None:
    browser = huis.open("wijkbeheer")
    een = f"{LIJST}/{huis.find_nummer('C001')}"
    for velden, koppen in (
        ({"oordeel": "twijfel"}, {}),
        ({"oordeel": "twijfel", "bewijs": "x" * 43}, {}),
        ({"oordeel": "twijfel"}, {"origin": "https://elders.example"}),
    ):
        assert browser.post(een, data=velden, headers=koppen).status_code == 403
    assert all(not r.beoordelingen for r in huis.werklijsten.list_rijen("overlast"))


@pytest.mark.parametrize("nummer", ["0", "9999", "x", "1e3", "99999999999", "-1"])
def test_row_that_is_not_there_is_a_404(huis: Huis, nummer: str) -> None:
    assert huis.open("wijkbeheer").get(f"{LIJST}/{nummer}").status_code == 404


def test_first_page_explains_to_everybody_and_counts_for_who_works_with_it(huis: Huis) -> None:
    voor_allen = read_page(huis.open(naam=None).get("/werklijsten").text)
    assert "Er is geen werklijst bij uw rol." in voor_allen.tekst
    assert "door loting" in voor_allen.tekst
    assert "Welke complexen dat zijn, ziet niemand." in voor_allen.tekst
    eigen = read_page(huis.open("wijkbeheer").get("/werklijsten").text)
    assert "3 complexen wachten" in eigen.tekst
    assert "Werklijst woonfraude" not in eigen.tekst
    assert "/werklijsten" in eigen.naar


def test_prevention_is_put_down_on_the_row_and_has_no_nuisance_beside_it(huis: Huis) -> None:
    browser = huis.open("woonfraude")
    een = f"/werklijsten/woonfraude/{huis.find_nummer('C001', 'woonfraude')}"
    fout = send(browser, een, soort="huisbezoek", begindatum="gisteren")
    assert fout.status_code == 400
    assert "De eerste dag is geen datum" in read_page(fout.text).tekst
    gelukt = send(browser, een, soort="huisbezoek", begindatum="2026-11-20", einddatum="")
    assert gelukt.headers["location"] == f"{een}#loopt"
    pagina = read_page(browser.get(een).text)
    assert "Huisbezoek loopt · vanaf 20 november 2026" in pagina.tekst
    assert "Geen toegang of afspraak, 12 maanden 3" in pagina.tekst
    for woord in ("Meldingen", "schouw", "Toezicht", "Label", "/complexen/C001"):
        assert woord not in browser.get(een).text
    overlast = huis.open("wijkbeheer")
    assert send(
        overlast, f"{LIJST}/{huis.find_nummer('C001')}", soort="huisbezoek"
    ).status_code == 400  # fmt: skip


def test_address_with_its_own_outcome_is_asked_for_where_there_are_more(huis: Huis) -> None:
    browser = huis.open("woonfraude")
    een = f"/werklijsten/woonfraude/{huis.find_nummer('C001', 'woonfraude')}"
    send(browser, een, oordeel="actie_nodig")
    assert "2 adressen te bekijken" in read_page(browser.get(een).text).tekst
    send(browser, een, reden="beeld_ter_plaatse")
    send(browser, een, uitkomst="niets_gevonden", adres="2")
    assert "1 adres open" in browser.get("/werklijsten/woonfraude").text
    assert send(browser, een, uitkomst="bevestigd", adres="3").status_code == 400
    send(browser, een, uitkomst="niet_onderzocht", adres="1")
    assert "Wacht op een uitkomst" not in browser.get("/werklijsten/woonfraude").text
