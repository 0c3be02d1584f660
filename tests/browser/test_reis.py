"""What people come for, without a script: find my complex, choose from the list, see a buurt."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from serving.release.winkel import Uitgave
from tests.browser.conftest import BREED, TELEFOON

pytestmark = pytest.mark.browser

MATEN = pytest.mark.parametrize("maat", [BREED, TELEFOON], ids=["breed", "telefoon"])


@MATEN
def test_who_knows_a_street_finds_the_complex_and_why_it_has_its_label(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/", maat)
    pagina.get_by_role("searchbox", name="Zoek een complex, buurt of straat").fill("schipperstraat")
    pagina.get_by_role("button", name="Zoek").click()
    expect(pagina.get_by_role("status")).to_contain_text("Gevonden met “schipperstraat”")
    eerste = pagina.get_by_role("listitem").filter(has_text="Schipperstraat").first
    naam = eerste.get_by_role("link").inner_text()
    eerste.get_by_role("link").click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text(naam)
    expect(pagina.locator(".groot")).to_have_text(re.compile(r"Label [1-5]"))
    expect(pagina.locator(".woord")).to_have_text(re.compile(r"opgave$"))
    expect(pagina.get_by_role("heading", name="Dit maakt de opgave groter")).to_be_visible()
    expect(pagina.locator(".reden").first).to_contain_text("het hele bezit")


@MATEN
def test_list_can_be_narrowed_down_and_leads_to_a_card(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/", maat)
    pagina.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Complexen").click()
    if maat == TELEFOON:
        pagina.get_by_text("Kies en sorteer").click()
    pagina.get_by_role("checkbox", name="5", exact=True).check()
    pagina.get_by_label("Van welk thema").select_option("Overlast")
    pagina.get_by_role("button", name="Toon").last.click()
    expect(pagina).to_have_url(re.compile(r"label=5&thema=OVL"))
    labels = pagina.locator("table.lijst tbody td:nth-child(2) .blok").all_inner_texts()
    assert labels
    assert all(re.search(r"label\s*5", label) for label in labels)
    naam = pagina.locator("table.lijst tbody a").first.inner_text()
    pagina.locator("table.lijst tbody a").first.click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text(naam)


@MATEN
def test_buurt_is_reached_from_the_map_and_shows_its_complexes(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/", maat)
    pagina.locator("svg a[href='/buurten/BU09990003'] path").click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text("Spoorbuurt")
    expect(pagina.get_by_role("heading", name="Complexen in deze buurt")).to_be_visible()
    expect(pagina.get_by_role("heading", name="Apart: het label op openbare")).to_be_visible()
    expect(pagina.get_by_text("Deze cijfers tellen niet mee")).to_be_visible()
    eerste = pagina.locator("table.lijst tbody a").first
    naam = eerste.inner_text()
    eerste.click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text(naam)
    kruimels = pagina.get_by_role("navigation", name="Waar u bent")
    kruimels.get_by_role("link", name="Spoorbuurt").click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text("Spoorbuurt")


@MATEN
def test_same_buurt_is_reached_from_the_list_beneath_the_map(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/", maat)
    pagina.get_by_text("Alle buurten als lijst").click()
    pagina.locator("ul.kolommen").get_by_role("link", name="Spoorbuurt").click()
    expect(pagina.get_by_role("heading", level=1)).to_have_text("Spoorbuurt")


def test_theme_changes_map_spread_and_largest_tasks_together(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/", TELEFOON)
    pagina.get_by_role("link", name="Overlast", exact=True).click()
    expect(pagina.get_by_role("heading", name="Kaart: overlast")).to_be_visible()
    expect(
        pagina.get_by_role("heading", name="Waar de opgave het grootst is: overlast")
    ).to_be_visible()
    pagina.get_by_role("link", name="Complexen", exact=True).last.click()
    expect(pagina).to_have_url(re.compile("thema=OVL&kaart=complexen"))


def test_small_complex_leads_to_the_cluster_that_has_a_label(
    releases_map: object, open_pagina: Callable[..., Page], klein_complex: str
) -> None:
    pagina = open_pagina(f"/complexen/{klein_complex}", TELEFOON)
    expect(pagina.locator(".woord")).to_have_text("onbekend")
    pagina.get_by_role("link", name=re.compile("^Kleine complexen")).click()
    expect(pagina.get_by_text("Ze krijgen samen één label")).to_be_visible()


@pytest.fixture
def klein_complex(releases_map: object) -> str:
    """A complex whose label is that of a cluster which the release has."""
    from pathlib import Path

    map_ = Path(str(releases_map))
    uitgave = Uitgave(map_ / (map_ / "CURRENT").read_text().strip())
    for sleutel, tekst in uitgave.query(
        "select beheerobject_id, cast(body as text) from antwoord where niveau = 'complex'"
    ):
        gevonden = re.search(r"zie beheercluster ([^\"]+)\"", tekst)
        if gevonden and uitgave.answer("complex", gevonden[1]):
            return str(sleutel)
    raise AssertionError("de stad heeft geen klein complex met een cluster")


@pytest.mark.parametrize("pad", ["/complexen/C00001", "/complexen/C00002", "/complexen/C00003"])
def test_card_of_a_complex_prints_on_one_sheet(pad: str, open_pagina: Callable[..., Page]) -> None:
    pagina = open_pagina(pad)
    druk = pagina.pdf(format="A4", prefer_css_page_size=True)
    assert druk.count(b"/Type /Page\n") == 1
    pagina.emulate_media(media="print")
    expect(pagina.get_by_role("heading", level=1)).to_be_visible()
    expect(pagina.locator(".groot")).to_be_visible()
    expect(pagina.get_by_text("Synthetische gegevens.")).to_be_visible()
    expect(pagina.locator(".feiten")).to_be_visible()
    expect(pagina.locator("header nav")).to_be_hidden()
    expect(pagina.locator(".kruimels")).to_be_hidden()
