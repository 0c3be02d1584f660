"""Logging in with a key and out, as a browser without script does it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from serving.api.toegang import SESSIEKOEKJE
from tests.unit.serving.deuren import BASIS, Huis, open_huis
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.voorbeeld_release import publish_example


@pytest.fixture(scope="module")
def huis(tmp_path_factory: pytest.TempPathFactory) -> Huis:
    map_ = tmp_path_factory.mktemp("aanmelden")
    publish_example(map_ / "releases")
    return open_huis(map_ / "releases", map_)


@pytest.fixture
def browser(huis: Huis) -> TestClient:
    return TestClient(
        huis.app,
        base_url=BASIS,
        headers={"origin": BASIS, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def find_bewijs(html: str) -> str:
    gevonden = re.search(r'name="bewijs" value="([\w-]{43})"', html)
    assert gevonden
    return gevonden[1]


def log_in(browser: TestClient, sleutel: str, terug: str = "/") -> Response:
    bewijs = find_bewijs(browser.get("/aanmelden").text)
    velden = {"bewijs": bewijs, "sleutel": sleutel, "terug": terug}
    return browser.post("/aanmelden", data=velden)


def test_key_opens_a_session_and_the_page_one_came_for(browser: TestClient, huis: Huis) -> None:
    geweigerd = browser.get("/complexen/C001")
    assert geweigerd.status_code == 401
    assert "/aanmelden?terug=%2Fcomplexen%2FC001" in read_page(geweigerd.text).naar

    antwoord = log_in(browser, huis.sleutels["lezer"], "/complexen/C001")

    assert antwoord.status_code == 303
    assert antwoord.headers["location"] == "/complexen/C001"
    koekje = next(k for k in antwoord.headers.get_list("set-cookie") if SESSIEKOEKJE in k)
    assert {"httponly", "samesite=lax", "path=/"} <= set(koekje.lower().split("; "))
    assert huis.sleutels["lezer"] not in koekje
    kaart = browser.get("/complexen/C001")
    assert kaart.status_code == 200
    assert "test lezer" in kaart.text
    assert browser.get("/v1/complexen/C001").status_code == 200
    assert huis.leeslog.lezingen[-1].lezer.naam == "test lezer"


def test_logging_out_ends_it_also_for_who_kept_the_cookie(browser: TestClient, huis: Huis) -> None:
    log_in(browser, huis.sleutels["lezer"])
    bewaard = browser.cookies[SESSIEKOEKJE]
    bewijs = find_bewijs(browser.get("/aanmelden").text)

    antwoord = browser.post("/afmelden", data={"bewijs": bewijs})

    assert antwoord.status_code == 303
    assert browser.get("/complexen").status_code == 401
    browser.cookies.set(SESSIEKOEKJE, bewaard, domain="127.0.0.1", path="/")
    assert browser.get("/complexen").status_code == 401


@pytest.mark.parametrize("soort", ["ingetrokken", "verlopen", "verzonnen", "leeg"])
def test_key_that_does_not_hold_gives_the_form_back_and_no_session(
    browser: TestClient, huis: Huis, soort: str
) -> None:
    sleutel = {"verzonnen": "bp_" + "x" * 43, "leeg": ""}.get(soort) or huis.sleutels.get(soort, "")

    antwoord = log_in(browser, sleutel)

    assert antwoord.status_code == 400
    assert "Deze sleutel geldt niet." in antwoord.text
    assert SESSIEKOEKJE not in browser.cookies
    pagina = read_page(antwoord.text)
    assert pagina.labels <= set(pagina.ids)
    if sleutel:
        assert sleutel not in antwoord.text


@pytest.mark.parametrize(
    "terug", ["//elders.example", "https://elders.example/", "/\\elders.example", "javascript:x",
              "/a\nb", "elders"]
)  # fmt: skip
def test_the_way_back_never_leads_elsewhere(browser: TestClient, huis: Huis, terug: str) -> None:
    assert log_in(browser, huis.sleutels["lezer"], terug).headers["location"] == "/"


@pytest.mark.parametrize(
    "koppen",
    [{"origin": "https://elders.example"}, {"origin": "null"}, {"host": "elders.example"},
     {"sec-fetch-site": "cross-site"}],
)  # fmt: skip
def test_form_from_elsewhere_opens_and_ends_nothing(
    browser: TestClient, huis: Huis, koppen: dict[str, str]
) -> None:
    bewijs = find_bewijs(browser.get("/aanmelden").text)
    velden = {"bewijs": bewijs, "sleutel": huis.sleutels["lezer"]}

    assert browser.post("/aanmelden", data=velden, headers=koppen).status_code == 403
    assert SESSIEKOEKJE not in browser.cookies
    log_in(browser, huis.sleutels["lezer"])
    assert browser.post("/afmelden", data={"bewijs": bewijs}, headers=koppen).status_code == 403
    assert browser.get("/complexen").status_code == 200


def test_form_without_the_token_of_this_browser_is_refused(browser: TestClient, huis: Huis) -> None:
    browser.get("/aanmelden")
    velden = {"bewijs": "x" * 43, "sleutel": huis.sleutels["lezer"]}

    assert browser.post("/aanmelden", data=velden).status_code == 403
    assert browser.post("/aanmelden", json=velden).status_code == 400


def test_menu_offers_what_the_reader_may_open(browser: TestClient, huis: Huis) -> None:
    niemand = read_page(browser.get("/").text).naar
    assert "/complexen" not in niemand
    assert "/wat-als" not in niemand
    assert "/aanmelden" in niemand
    log_in(browser, huis.sleutels["lezer"])
    lezer = read_page(browser.get("/").text).naar
    assert {"/complexen", "/wat-als", "/aanmelden"} <= set(lezer)


def test_cookie_goes_over_https_only_where_the_site_does(tmp_path: Path) -> None:
    from serving.app import create_app
    from serving.toegang.kast import Sleutelkast
    from tests.unit.serving.toegang.test_kast import GEHEIM, SLEUTEL, Wereld

    basis = "https://label.voorbeeldwonen.example"
    wereld = Wereld()
    kast = Sleutelkast(wereld, lambda: GEHEIM, klok=lambda: wereld.tijd)
    app = create_app(tmp_path / "releases", basis_url=basis, kast=kast)
    browser = TestClient(app, base_url=basis, headers={"origin": basis}, follow_redirects=False)

    antwoord = log_in(browser, SLEUTEL.decode())

    koekjes = antwoord.headers.get_list("set-cookie")
    assert koekjes
    assert all("; Secure" in koekje for koekje in koekjes)
