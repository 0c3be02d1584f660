"""Sociaal Signaal and bewonersinitiatieven in a real browser, on a telephone, without a script."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from serving.initiatief.regels import Gegevens
from serving.initiatief.register import Initiatiefregister
from serving.initiatief.register import url_of_file as url_of_initiatieven
from serving.signaal.regels import Beleid
from serving.signaal.register import Signaalregister, url_of_file
from serving.signaal.sleutel import Sleutelbos
from tests.browser.conftest import BREED, TELEFOON
from tests.browser.test_toegankelijk import OPEN_ALLES, REGELS
from tests.unit.serving.signaal.conftest import make_voorstel
from tests.unit.serving.wie import make_app

pytestmark = pytest.mark.browser

COMPLEX, BUURT = "C00001", "BU09990001"
PAGINAS = (
    "/sociaal-signaal",
    "/sociaal-signaal/stand",
    "/sociaal-signaal/opvolgen",
    "/bewonersinitiatieven",
    f"/complexen/{COMPLEX}",
)


@pytest.fixture(scope="module")
def adres(releases_map: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The town for a colleague of the social team, with a report and an initiative in it."""
    data = tmp_path_factory.mktemp("signaal")
    signalen = Signaalregister(
        url_of_file(data / "signalen.sqlite"),
        Sleutelbos(data / "sleutels"),
        Beleid(
            dpia="DPIA 1",
            mag_toelichting=True,
            crisisnummer="010 123 45 67",
            eenheden={"VHE-1": COMPLEX},
        ),
    )
    signalen.add(
        make_voorstel(complex_id=COMPLEX, urgentie="vandaag", toelichting="Deed niet open."), None
    )
    initiatieven = Initiatiefregister(url_of_initiatieven(data / "initiatieven.sqlite"))
    tuin = Gegevens(
        "Geveltuinen", "groen", "complex", COMPLEX, BUURT, Decimal(750), "toegekend",
        date(2026, 10, 1),
    )  # fmt: skip
    initiatieven.add(tuin, "A. de Wit")
    app = make_app(
        releases_map, "wijkbeheer", "sociaal_team", signalen=signalen, initiatieven=initiatieven
    )
    deur = socket.create_server(("127.0.0.1", 0))
    instelling = uvicorn.Config(app, access_log=False, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(instelling)
    draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
    draad.start()
    yield f"http://127.0.0.1:{deur.getsockname()[1]}"
    server.should_exit = True
    draad.join(timeout=20)
    deur.close()


def test_contractor_reports_on_a_telephone_with_six_acts_and_sees_it_taken_up(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/sociaal-signaal", TELEFOON)
    naam = pagina.locator("#signaal-complexen option").nth(3).get_attribute("value")
    # One line to pick from a list, three choices, one button: half a minute is ample.
    pagina.get_by_label("Waar?").fill(str(naam))
    pagina.get_by_label("Geen hulp willen").check()
    pagina.get_by_label("Deze week").check()
    pagina.get_by_label("Namens wie meldt u?").select_option("onderhoud")
    pagina.get_by_role("button", name="Meld", exact=True).click()

    expect(pagina.get_by_role("heading", level=1)).to_have_text("Dank u, uw melding is ontvangen")
    gevonden = re.search(r"[2-9B-Z]{4}(-[2-9B-Z]{4}){2}", pagina.locator(".kenmerk").inner_text())
    assert gevonden
    assert pagina.url.endswith("/sociaal-signaal"), "nothing of a report is in an address"

    pagina.goto("/sociaal-signaal/opvolgen")
    melding = pagina.get_by_role("article").filter(has_text=gevonden[0])
    melding.get_by_role("button", name="Ik pak dit op").click()
    melding.get_by_label("Reden om af te sluiten").select_option("doorverwezen")
    melding.get_by_role("button", name="Sluit af").click()
    expect(pagina.get_by_role("main")).not_to_contain_text(gevonden[0])

    pagina.goto("/sociaal-signaal/stand")
    pagina.get_by_label("Kenmerk van uw melding").fill(gevonden[0])
    pagina.get_by_role("button", name="Kijk").click()
    expect(pagina.get_by_role("status")).to_contain_text("afgesloten")
    expect(pagina.get_by_role("status")).not_to_contain_text("organisatie")


def test_street_that_fits_more_complexes_asks_which_one_and_keeps_the_rest(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/sociaal-signaal", TELEFOON)
    pagina.get_by_label("Waar?").fill("straat 12")
    pagina.get_by_label("Eenzaamheid").check()
    pagina.get_by_label("Het heeft geen haast").check()
    pagina.get_by_label("Namens wie meldt u?").select_option("schoonmaak")
    pagina.get_by_role("button", name="Meld", exact=True).click()

    expect(pagina.get_by_role("alert")).to_contain_text("Er is nog niets gemeld.")
    expect(pagina.get_by_label("Eenzaamheid")).to_be_checked()
    pagina.get_by_role("group", name="Welk complex?").get_by_role("radio").first.check()
    pagina.get_by_role("button", name="Meld", exact=True).click()
    expect(pagina.get_by_role("heading", level=1)).to_contain_text("Dank u")


def test_emergency_shows_numbers_to_tap(open_pagina: Callable[..., Page]) -> None:
    pagina = open_pagina("/sociaal-signaal", TELEFOON)
    pagina.get_by_label("Waar?").fill("weet ik niet")
    pagina.get_by_label("Onveilig in huis").check()
    pagina.get_by_label("Er is nú gevaar").check()
    pagina.get_by_label("Namens wie meldt u?").select_option("anders")
    pagina.get_by_role("button", name="Meld", exact=True).click()

    expect(pagina.get_by_role("heading", level=1)).to_have_text("Bel nu")
    expect(pagina.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")


def test_initiative_is_recorded_and_stands_on_the_card(open_pagina: Callable[..., Page]) -> None:
    pagina = open_pagina("/bewonersinitiatieven", TELEFOON)
    pagina.get_by_text("Een initiatief vastleggen").click()
    pagina.get_by_label("Hoe heet het plan?").fill("Soep op dinsdag")
    pagina.get_by_label("Waar?").fill(COMPLEX)
    vorm = pagina.locator("form[action='/bewonersinitiatieven']")
    vorm.get_by_label("Thema").select_option("ontmoeten")
    vorm.get_by_label("Status").select_option("toegekend")
    vorm.get_by_label("Budget").fill("250,50")
    vorm.get_by_label("Eerste dag").fill("2026-10-01")
    vorm.get_by_label("Uw naam").fill("A. de Wit")
    vorm.get_by_role("button", name="Leg vast").click()

    expect(pagina.get_by_role("main")).to_contain_text("€ 250,50")
    pagina.goto(f"/complexen/{COMPLEX}")
    expect(pagina.get_by_role("region", name="Wat hier loopt")).to_contain_text("Soep op dinsdag")


@pytest.mark.parametrize("kleuren", ["light", "dark"])
@pytest.mark.parametrize("maat", [BREED, TELEFOON], ids=["breed", "telefoon"])
@pytest.mark.parametrize("pad", PAGINAS)
def test_axe_finds_nothing(
    pad: str, maat: tuple[int, int], kleuren: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina(pad, maat, kleuren, zonder_script=False)
    pagina.evaluate(OPEN_ALLES)
    uitkomst = Axe().run(pagina, options=REGELS)
    assert uitkomst.violations_count == 0, uitkomst.generate_report()


@pytest.mark.parametrize("pad", PAGINAS)
def test_nothing_runs_off_a_narrow_screen_and_all_is_large_enough_to_tap(
    pad: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina(pad, (320, 640), zonder_script=False)
    pagina.evaluate(OPEN_ALLES)
    assert pagina.evaluate("document.documentElement.scrollWidth") <= 320
    klein = pagina.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
            .filter(e => !e.closest('svg') && !e.closest('p') && !e.matches('.sla-over'))
            .map(e => [e.outerHTML.slice(0, 120), e.closest('label') || e])
            .map(([html, e]) => [html, e.getBoundingClientRect()])
            .filter(([_, r]) => r.width && (r.height < 24 || r.width < 24))
            .map(([html, _]) => html)"""
    )
    assert klein == []
