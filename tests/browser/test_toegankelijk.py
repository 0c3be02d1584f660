"""Everybody can use the pages: axe finds nothing, nothing runs off the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import BREED, TELEFOON

pytestmark = pytest.mark.browser

PAGINAS = (
    "/",
    "/?thema=OVL&kaart=complexen",
    "/complexen?label=5&label=4&thema=OVL",
    "/complexen/C00001",
    "/complexen/C00047",
    "/buurten/BU09990003",
    "/buurten/BU09990023",
    "/wijken/WK099901",
    "/zoeken?zoek=molen",
    "/methode",
    "/methode/robuustheid",
    "/methode/modellen",
    "/wat-als?gewichtOvl=3&gewichtFin=0.5",
    "/privacy",
    "/budget?budget=100000&ander=120000&niveau=buurt",
    "/kaart?thema=OVL&wijk=WK099901&toon=complexen",
    "/aanmelden",
    "/bestaat-niet",
)
REGELS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
OPEN_ALLES = "document.querySelectorAll('details').forEach(d => { d.open = true })"


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
def test_nothing_runs_off_a_narrow_screen(pad: str, open_pagina: Callable[..., Page]) -> None:
    # 320 pixels is a page at 400 % zoom (WCAG 1.4.10).
    pagina = open_pagina(pad, (320, 640), zonder_script=False)
    pagina.evaluate(OPEN_ALLES)
    assert pagina.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("pad", PAGINAS)
def test_everything_to_tap_is_large_enough(pad: str, open_pagina: Callable[..., Page]) -> None:
    # WCAG 2.5.8: 24 by 24 pixels, except links within a sentence and on the map (list beneath).
    pagina = open_pagina(pad, TELEFOON, zonder_script=False)
    klein = pagina.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, summary')]
            .filter(e => !e.closest('svg') && !e.closest('p') && !e.matches('.sla-over'))
            .map(e => [e.outerHTML.slice(0, 120), e.closest('label') || e])
            .map(([html, e]) => [html, e.getBoundingClientRect()])
            .filter(([_, r]) => r.width && (r.height < 24 || r.width < 24))
            .map(([html, r]) => `${html} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
    )
    assert klein == []


def test_keyboard_reaches_the_content_first_and_shows_where_it_is(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/", zonder_script=False)
    pagina.keyboard.press("Tab")
    assert pagina.evaluate("document.activeElement.textContent") == "Ga naar de inhoud"
    assert pagina.locator(".sla-over").bounding_box()["y"] >= 0
    pagina.keyboard.press("Enter")
    assert pagina.evaluate("document.activeElement.id") == "inhoud"
    pagina.keyboard.press("Tab")
    assert pagina.evaluate("document.activeElement.id") == "zoek"
    breedte = pagina.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    assert breedte >= 2


def test_keyboard_does_not_walk_along_every_area_of_the_map(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/?kaart=complexen", zonder_script=False)
    assert pagina.locator("svg a").count() > 100
    assert pagina.locator("svg a:not([tabindex='-1'])").count() == 0
