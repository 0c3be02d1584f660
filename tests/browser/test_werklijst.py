"""A worklist on a telephone, without a script: judge in one tap, decide in two."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.besluit.werklijstregister import Werklijstregister
from tests.browser.conftest import BREED, TELEFOON
from tests.browser.test_toegankelijk import OPEN_ALLES, REGELS
from tests.unit.serving.werklijst.voorbeeld import REDEN, make_lijst, make_regel
from tests.unit.serving.wie import Als, make_app

pytestmark = pytest.mark.browser

REGELS_OVERLAST = (
    make_regel("C00001", 2, rang=1),
    make_regel("C00047", 1, "aselect", rang=200),
    make_regel("C00012", 3, rang=7),
    make_regel("C00020", 4, rang=3),
)
LIJST = "/werklijsten/overlast"


@pytest.fixture(scope="module")
def besluiten(tmp_path_factory: pytest.TempPathFactory) -> Besluitregister:
    return Besluitregister(url_of_file(tmp_path_factory.mktemp("werklijst") / BESTAND))


@pytest.fixture(scope="module")
def adres(releases_map: Path, besluiten: Besluitregister) -> Iterator[str]:
    """The town for a colleague of wijkbeheer and woonfraude, with something to do."""
    werklijsten = Werklijstregister.beside(besluiten)
    werklijsten.add_werklijst(make_lijst(REGELS_OVERLAST))
    werklijsten.add_werklijst(
        make_lijst((make_regel("C00003", 1, aantal_adressen=2),), "woonfraude")
    )
    app = make_app(
        releases_map,
        toegang=Als("wijkbeheer", "woonfraude", naam="Anna de Wit"),
        besluiten=besluiten,
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


def find_pad(besluiten: Besluitregister, complex_id: str) -> str:
    (nummer,) = [
        o.nummer
        for o in Werklijstregister.beside(besluiten).list_open("overlast")
        if o.complex_id == complex_id
    ]
    return f"{LIJST}/{nummer}"


def test_colleague_in_a_stairwell_judges_in_one_tap_and_decides_in_two(
    open_pagina: Callable[..., Page],
) -> None:
    pagina = open_pagina("/werklijsten", TELEFOON)
    pagina.get_by_role("link", name="Werklijst overlast").click()
    expect(pagina.get_by_role("main")).not_to_contain_text(REDEN)
    pagina.get_by_role("link", name="Nog niet beoordeeld").nth(1).click()
    expect(pagina.get_by_role("heading", name="Waarom het op de lijst staat")).to_have_count(0)

    pagina.get_by_role("button", name="Hier is iets aan de hand").click()
    expect(pagina.get_by_role("region", name="Waarom het op de lijst staat")).to_contain_text(
        "gekozen op score"
    )
    expect(pagina.get_by_role("main")).to_contain_text(f"{REDEN} (C00001)")

    pagina.get_by_text("Wij gaan ermee aan de slag").click()
    pagina.get_by_role("button", name="Wat wij ter plaatse zien, vraagt om actie").click()
    expect(pagina.get_by_role("status")).to_contain_text("Uw besluit is vastgelegd.")

    wacht = pagina.get_by_role("region", name="Wacht op een uitkomst")
    wacht.get_by_role("link").first.click()
    pagina.get_by_role("button", name="Binnen zes maanden geen dossier").click()
    expect(pagina.get_by_role("status")).to_contain_text("De uitkomst is vastgelegd.")
    expect(pagina.get_by_role("region", name="Wacht op een uitkomst")).to_have_count(0)


def test_targets_are_as_large_as_a_thumb(
    open_pagina: Callable[..., Page], besluiten: Besluitregister
) -> None:
    pagina = open_pagina(find_pad(besluiten, "C00047"), TELEFOON)
    for knop in pagina.locator("button.groot-tik").all():
        vak = knop.bounding_box()
        assert vak is not None
        assert vak["height"] >= 48
        assert vak["width"] >= 300


@pytest.mark.parametrize("kleuren", ["light", "dark"])
@pytest.mark.parametrize("maat", [BREED, TELEFOON], ids=["breed", "telefoon"])
def test_axe_finds_nothing_before_and_after_an_own_view(
    maat: tuple[int, int],
    kleuren: str,
    open_pagina: Callable[..., Page],
    besluiten: Besluitregister,
) -> None:
    gezien = find_pad(besluiten, "C00012")
    lijsten = Werklijstregister.beside(besluiten)
    (staand,) = [o for o in lijsten.list_open("overlast") if o.complex_id == "C00012"]
    if staand.find_beoordeling("Anna de Wit") is None:
        lijsten.add_beoordeling("overlast", staand.nummer, "twijfel", "Anna de Wit")
    (fraude,) = lijsten.list_open("woonfraude")
    for pad in (
        "/werklijsten", LIJST, find_pad(besluiten, "C00047"), gezien, "/werklijsten/woonfraude",
        f"/werklijsten/woonfraude/{fraude.nummer}",
    ):  # fmt: skip
        pagina = open_pagina(pad, maat, kleuren, zonder_script=False)
        pagina.evaluate(OPEN_ALLES)
        uitkomst = Axe().run(pagina, options=REGELS)
        assert uitkomst.violations_count == 0, f"{pad}: {uitkomst.generate_report()}"
        # 320 pixels is a page at 400 % zoom (WCAG 1.4.10).
        pagina.set_viewport_size({"width": 320, "height": 640})
        assert pagina.evaluate("document.documentElement.scrollWidth") <= 320, pad
