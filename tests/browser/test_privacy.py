"""The page on privacy as who watches sees it, logged in with a key, over the real service."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from orchestration.bewaren import write_log, write_originelen
from orchestration.cli.diensten import build_service
from orchestration.cli.leeslog import find_keten
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.leeslog.regel import Lezing
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from sources.bewaren import Origineel
from tests.browser.conftest import TELEFOON
from tests.browser.test_toegankelijk import REGELS
from tests.unit.serving.pagina.voorbeeldstad import publish_stad
from vera.bewaren import Verwijdering
from vera.toegang import Lezer, find_rollen

pytestmark = pytest.mark.browser

MATEN = [pytest.param((1200, 900), id="breed"), pytest.param(TELEFOON, id="telefoon")]
DAG = datetime.now(UTC)


@pytest.fixture(scope="module")
def instellingen(tmp_path_factory: pytest.TempPathFactory) -> Instellingen:
    """A data folder in which people read and a purge removed."""
    eigen = Instellingen(data=tmp_path_factory.mktemp("privacy"))
    publish_stad(eigen.data / "releases")
    anna = Lezer("Anna de Wit", find_rollen(["lezer"]), "ons")
    find_keten(eigen).add(
        [
            Lezing((DAG - timedelta(hours=uur)).timestamp(), anna, "complex", "/complexen",
                   f"C0000{uur}", "complex", "r1")
            for uur in (3, 2, 1)
        ]
    )  # fmt: skip
    map_ = Werkmap.of(eigen.data).bewaren
    for dag in (40, 1):
        weg = [
            Verwijdering("landing", "vera.huurachterstand", "5 jaar na peildatum", "a", ("x",) * n)
            for n in (1200, 7)
        ]
        write_log(map_, weg, DAG.date(), DAG - timedelta(days=dag))
    write_originelen(
        map_, [Origineel("vera.zaak", "vera/zaak.csv", "5 jaar na melddatum", 34)], DAG.date()
    )
    return eigen


@pytest.fixture(scope="module")
def sleutel(instellingen: Instellingen) -> str:
    """A key of the privacy officer."""
    register = Toegangsregister(instellingen.toegang_adres)
    geheim = load_geheim(Werkmap.of(instellingen.data).sleutels)
    _, sleutel = register.issue(
        geheim, "Bo Zwart", ["privacy"], organisatie="ons", door="beheer", dagen=30
    )
    register.close()
    return sleutel


@pytest.fixture(scope="module")
def adres(instellingen: Instellingen, sleutel: str) -> Iterator[str]:
    deur = socket.create_server(("127.0.0.1", 0))
    plek = f"http://127.0.0.1:{deur.getsockname()[1]}"
    app = build_service(instellingen, host="127.0.0.1", adres=plek)
    server = uvicorn.Server(
        uvicorn.Config(app, access_log=False, log_level="error", lifespan="off", ws="none")
    )
    draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
    draad.start()
    yield plek
    server.should_exit = True
    draad.join(timeout=20)
    deur.close()


def log_in(
    open_pagina: Callable[..., Page], sleutel: str, maat: tuple[int, int], kleur: str
) -> Page:
    pagina = open_pagina("/aanmelden?terug=/privacy", maat, kleur, zonder_script=False)
    pagina.fill("#sleutel", sleutel)
    pagina.locator("main button[type=submit]").last.click()
    expect(pagina.locator("h1")).to_have_text("Privacy")
    return pagina


@pytest.mark.parametrize("kleur", ["light", "dark"])
@pytest.mark.parametrize("maat", MATEN)
def test_axe_finds_nothing_on_what_the_privacy_officer_sees(
    maat: tuple[int, int], kleur: str, sleutel: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = log_in(open_pagina, sleutel, maat, kleur)

    expect(pagina.get_by_role("heading", name="Wat wij zelf vastleggen")).to_be_visible()
    uitkomst = Axe().run(pagina, options=REGELS)
    assert uitkomst.violations_count == 0, uitkomst.generate_report()
    assert pagina.evaluate("document.documentElement.scrollWidth") <= maat[0]


def test_newest_removal_stands_first_and_originals_are_told_of(
    sleutel: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = log_in(open_pagina, sleutel, (1200, 900), "light")

    rijen = pagina.get_by_role("region", name="Wat is verwijderd").locator("tbody tr")
    assert [rij.locator("td").nth(1).inner_text() for rij in rijen.all()] == ["1.207", "1.207"]
    dagen = [rij.locator("td").nth(2).inner_text() for rij in rijen.all()]
    assert dagen[0].split()[-1] >= dagen[1].split()[-1]
    assert dagen[0] != dagen[1]
    expect(pagina.get_by_text("nog 34 rijen voorbij hun termijn")).to_be_visible()


def test_what_is_kept_of_our_own_can_be_read_on_a_telephone_without_scrolling_aside(
    sleutel: str, open_pagina: Callable[..., Page]
) -> None:
    pagina = log_in(open_pagina, sleutel, TELEFOON, "light")
    kop = pagina.get_by_role("heading", name="Leeslog", exact=True)
    expect(kop).to_be_visible()
    kaart = pagina.get_by_role("region", name="Leeslog", exact=True)
    plaats = kaart.bounding_box()
    assert plaats is not None
    assert plaats["x"] >= 0
    assert plaats["x"] + plaats["width"] <= TELEFOON[0]
    assert kaart.evaluate("e => e.scrollWidth <= e.clientWidth")
