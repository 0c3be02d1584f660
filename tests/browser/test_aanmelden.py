"""Logging in with a real provider in a real browser, with and without script, and out again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from serving.aanmelding.dienst import make_aanmelding
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from serving.verbinding import make_config
from tests.browser.conftest import TELEFOON
from tests.browser.test_toegankelijk import REGELS
from tests.integration.oidc.aanbieder import open_deur, run_provider
from tests.unit.serving.wie import Onthoudt

pytestmark = pytest.mark.browser

GEHEIM = b"g" * 32
MATEN = [pytest.param((1280, 900), id="breed"), pytest.param(TELEFOON, id="telefoon")]


@pytest.fixture(scope="module")
def adres(releases_map: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the application with a provider; with the roles in the id token."""
    deur, plek = open_deur()
    with deur, run_provider(plek, "vol") as provider:
        register = Toegangsregister(
            url_of_file(tmp_path_factory.mktemp("aanmelden") / "toegang.sqlite")
        )
        aanmelding = make_aanmelding(provider.make_beleid(naam_claim="naam"), lambda: GEHEIM, plek)
        app = create_app(
            releases_map,
            basis_url=plek,
            kast=Sleutelkast(register, lambda: GEHEIM),
            leeslog=Onthoudt(),
            aanmelding=aanmelding,
        )
        server = uvicorn.Server(make_config(app, log_level="critical"))
        draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
        draad.start()
        yield plek
        server.should_exit = True
        draad.join(timeout=20)
        aanmelding.aanbieder.close()
        register.close()


@pytest.fixture
def open_venster(browser: Browser, adres: str) -> Iterator[Callable[..., Page]]:
    """Opens an address; what is asked outside this machine is an error."""
    contexten = []
    elders: list[str] = []

    def open_(pad: str, maat: tuple[int, int] = (1280, 900), *, script: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": maat[0], "height": maat[1]},
            java_script_enabled=script,
            base_url=adres,
        )
        contexten.append(context)
        pagina = context.new_page()
        pagina.on(
            "request",
            lambda aanvraag: (
                None
                if aanvraag.url.startswith("http://127.0.0.1:")
                else elders.append(aanvraag.url)
            ),
        )
        pagina.goto(pad)
        return pagina

    yield open_
    for context in contexten:
        context.close()
    assert elders == []


def log_in(pagina: Page, naam: str = "anna") -> None:
    pagina.get_by_role("link", name="Aanmelden met Voorbeeld Wonen").click()
    expect(pagina.locator("h1")).to_have_text("Provider")
    pagina.get_by_label("Name").fill(naam)
    pagina.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("script", [False, True], ids=["zonder script", "met script"])
def test_who_logs_in_with_the_provider_reads_the_page_they_came_for_and_gets_out(
    adres: str, open_venster: Callable[..., Page], script: bool
) -> None:
    pagina = open_venster("/complexen", script=script)
    expect(pagina.locator("h1")).to_have_text("Meld u aan")
    pagina.locator("main").get_by_role("link", name="Aanmelden").click()

    log_in(pagina)

    expect(pagina).to_have_url(f"{adres}/complexen")
    naam = pagina.get_by_role("link", name="Naam van anna")
    expect(naam).to_be_visible()
    koekje = next(k for k in pagina.context.cookies() if k["name"] == "buurtpeil_sessie")
    assert koekje["httpOnly"]
    assert koekje["sameSite"] == "Lax"
    assert not any(k["name"] == "buurtpeil_aanmelding" for k in pagina.context.cookies())

    naam.click()
    expect(pagina.locator("h1")).to_have_text("U bent aangemeld")
    pagina.get_by_role("button", name="Afmelden").click()

    # On by itself, to the provider's own question whether one is sure; and from there back.
    expect(pagina.locator("h1")).to_have_text("Log out?")
    pagina.get_by_role("button", name="Log out").click()
    expect(pagina).to_have_url(f"{adres}/")
    pagina.goto("/complexen")
    expect(pagina.locator("h1")).to_have_text("Meld u aan")


def test_who_has_no_role_here_reads_why(open_venster: Callable[..., Page]) -> None:
    pagina = open_venster("/aanmelden")

    log_in(pagina, "cas")

    expect(pagina.locator("h1")).to_have_text("Dit mag u niet")
    expect(pagina.locator("main")).to_contain_text("u hebt hier geen rol")
    expect(pagina.locator("main")).to_contain_text("Voorbeeld Wonen")


@pytest.mark.parametrize("maat", MATEN)
def test_axe_finds_nothing_on_the_way_in(
    maat: tuple[int, int], open_venster: Callable[..., Page]
) -> None:
    pagina = open_venster("/aanmelden", maat, script=True)

    uitkomst = Axe().run(pagina, options=REGELS)

    assert uitkomst.violations_count == 0, uitkomst.generate_report()
    assert pagina.evaluate("document.documentElement.scrollWidth") <= maat[0]
    knop = pagina.get_by_role("link", name="Aanmelden met Voorbeeld Wonen").bounding_box()
    assert knop is not None
    assert knop["height"] >= 44
