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


@pytest.mark.parametrize(
    "pad",
    ["/complexen/C00001", "/complexen/C00002", "/complexen/C00003", "/buurten/BU09990001"],
)
def test_card_prints_on_one_sheet(pad: str, open_pagina: Callable[..., Page]) -> None:
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


@MATEN
def test_somebody_sees_why_a_label_changed_from_the_card_itself(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/complexen/C00001", maat)
    if maat == TELEFOON:
        hier = pagina.get_by_role("navigation", name="Op deze pagina")
        hier.get_by_role("link", name="Wat er veranderde").click()
        expect(pagina).to_have_url(re.compile("#verandering-kop$"))
    sectie = pagina.locator("section.verandering")
    expect(sectie.get_by_role("heading", name=re.compile("^Wat er veranderde"))).to_be_in_viewport(
        ratio=0.5 if maat == TELEFOON else 0
    )
    expect(sectie.locator("p, li").first).to_have_text(re.compile(r"\w+"))
    expect(pagina.get_by_role("img", name="Het label door de jaren")).to_be_visible()
    pagina.get_by_text(re.compile(r"De labels als tabel")).first.click()
    rijen = pagina.locator("table.historie").first.locator("tbody tr")
    assert rijen.count() > 1


@MATEN
def test_typing_error_still_leads_to_the_street(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/", maat)
    pagina.get_by_role("searchbox", name="Zoek een complex, buurt of straat").fill("schiperstraat")
    pagina.get_by_role("button", name="Zoek").click()
    expect(pagina.get_by_role("status")).to_contain_text("Dit lijkt erop, “schipperstraat”")
    expect(pagina.get_by_role("listitem").filter(has_text="Schipperstraat").first).to_be_visible()


@MATEN
def test_two_budgets_are_compared_with_the_slider_and_by_typing(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/budget", maat, zonder_script=True)
    pagina.get_by_label("Budget in hele euro’s").fill("200000")
    pagina.get_by_role("slider").fill("10")
    pagina.get_by_role("button", name="Reken uit").click()
    expect(pagina.get_by_role("status")).to_have_text("Voorstel voor € 200.000, naast € 220.000")
    pagina.get_by_label(re.compile("^Ander budget")).fill("150000")
    pagina.get_by_role("button", name="Reken uit").click()
    expect(pagina.get_by_role("status")).to_have_text("Voorstel voor € 200.000, naast € 150.000")
    kop = pagina.locator("table.budgetlijst thead").inner_text()
    assert "€ 200.000" in kop
    assert "€ 150.000" in kop
    for kolom, verdeeld in ((2, 180_000), (3, 135_000)):
        bedragen = pagina.locator(
            f"table.budgetlijst tbody td:nth-child({kolom})"
        ).all_inner_texts()
        assert sum(int(re.sub(r"\D", "", bedrag)) for bedrag in bedragen) == verdeeld
    expect(pagina.get_by_role("heading", name="De regel")).to_be_visible()
    expect(pagina.get_by_text("bedrag = min(bovengrens")).to_be_visible()


@MATEN
def test_map_is_looked_at_per_wijk_and_back_in_time_without_a_script(
    maat: tuple[int, int], open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina("/kaart", maat)
    pagina.get_by_role("link", name="Overlast", exact=True).click()
    pagina.get_by_label("Wijk").select_option(index=1)
    pagina.get_by_label("Toon", exact=True).select_option("Complexen")
    pagina.get_by_role("button", name="Toon").click()
    expect(pagina).to_have_url(re.compile("thema=OVL&peildatum=[^&]+&wijk=WK[0-9]+&toon=complexen"))
    nu = pagina.get_by_role("status").inner_text()
    assert nu.startswith("Overlast op ")
    pagina.locator("a[rel=prev]").click()
    expect(pagina.get_by_text("U kijkt terug.")).to_be_visible()
    assert pagina.get_by_role("status").inner_text() != nu
    eerste = pagina.locator("section ul.kolommen a").first
    naam = eerste.inner_text().splitlines()[-1].strip()
    eerste.click()
    assert pagina.get_by_role("heading", level=1).inner_text() in naam


@pytest.mark.parametrize("pad", ["/buurten/BU09990003", "/wijken/WK099901"])
def test_card_of_an_area_prints_without_what_is_for_a_screen(
    pad: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = open_pagina(pad)
    pagina.emulate_media(media="print")
    for weg in (".op-deze-pagina", "header nav", ".kruimels"):
        assert not pagina.locator(weg).first.is_visible()
    expect(pagina.locator("p.groot")).to_be_visible()
    expect(pagina.locator(".feiten")).to_be_visible()
