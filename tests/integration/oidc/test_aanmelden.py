"""Logging in at the page with a real provider, as a browser without script does it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

from serving.aanmelding.aanbieder import Aanbieder
from serving.aanmelding.bewijs import TokenOngeldig, check_access_token
from serving.aanmelding.dienst import make_aanmelding
from serving.aanmelding.stroom import Stroom
from serving.api.toegang import SESSIEKOEKJE
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from serving.verbinding import make_config
from tests.integration.oidc.aanbieder import Provider, open_deur, run_provider
from tests.unit.serving.deuren import open_huis
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Onthoudt

GEHEIM = b"g" * 32
BEWIJS = re.compile(r'name="bewijs" value="([\w-]{43})"')


@dataclass
class Plek:
    """The running service and its provider."""

    adres: str
    provider: Provider
    leeslog: Onthoudt


@pytest.fixture(scope="module")
def plek(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plek]:
    map_ = tmp_path_factory.mktemp("aanmelden")
    publish_example(map_ / "releases")
    deur, adres = open_deur()
    with deur, run_provider(adres) as provider:
        beleid = provider.make_beleid()
        aanbieder = Aanbieder(beleid, rust=0.0)
        register = Toegangsregister(url_of_file(map_ / "toegang.sqlite"))
        leeslog = Onthoudt()
        app = create_app(
            map_ / "releases",
            basis_url=adres,
            kast=Sleutelkast(register, lambda: GEHEIM),
            leeslog=leeslog,
            aanmelding=make_aanmelding(beleid, lambda: GEHEIM, adres, aanbieder=aanbieder),
        )
        server = uvicorn.Server(make_config(app, log_level="critical"))
        draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
        draad.start()
        yield Plek(adres, provider, leeslog)
        server.should_exit = True
        draad.join(timeout=20)
        aanbieder.close()
        register.close()


@pytest.fixture
def browser(plek: Plek) -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=60) as klant:
        yield klant


def go(browser: httpx2.Client, adres: str, tot: str) -> httpx2.Response:
    """Follow where one is sent until an address begins with ``tot``; do not go there."""
    antwoord = browser.get(adres)
    for _ in range(10):
        if not antwoord.is_redirect:
            return antwoord
        adres = urljoin(str(antwoord.url), antwoord.headers["location"])
        if adres.startswith(tot):
            return antwoord
        antwoord = browser.get(adres)
    raise AssertionError(f"too many redirects: {adres}")


def log_in_there(browser: httpx2.Client, plek: Plek, naam: str, terug: str = "/") -> str:
    """Log in at the provider; return the address to which it sends the browser back."""
    vorm = go(browser, f"{plek.adres}/aanmelden/begin?terug={terug}", "nergens")
    assert "Provider" in vorm.text
    gestuurd = browser.post(str(vorm.url), data={"login": naam})
    adres = urljoin(str(vorm.url), gestuurd.headers["location"])
    antwoord = go(browser, adres, f"{plek.adres}/aanmelden/terug")
    return str(antwoord.headers["location"])


def log_in(
    browser: httpx2.Client, plek: Plek, naam: str, terug: str = "/complexen/C001"
) -> httpx2.Response:
    return browser.get(log_in_there(browser, plek, naam, terug))


def read_bewijs(browser: httpx2.Client, plek: Plek) -> str:
    gevonden = BEWIJS.search(browser.get(f"{plek.adres}/aanmelden").text)
    assert gevonden
    return gevonden[1]


def test_button_leads_to_the_provider_and_back_to_the_page_one_came_for(
    browser: httpx2.Client, plek: Plek
) -> None:
    geweigerd = browser.get(f"{plek.adres}/complexen/C001")
    assert geweigerd.status_code == 401
    pagina = browser.get(f"{plek.adres}/aanmelden?terug=%2Fcomplexen%2FC001").text
    assert "Aanmelden met Voorbeeld Wonen" in pagina
    assert 'href="/aanmelden/begin?terug=/complexen/C001"' in pagina
    assert 'name="sleutel"' in pagina, "the key form stays"

    antwoord = log_in(browser, plek, "anna")

    assert (antwoord.status_code, antwoord.headers["location"]) == (303, "/complexen/C001")
    assert antwoord.headers["cache-control"] == "no-store"
    koekje = next(k for k in antwoord.headers.get_list("set-cookie") if SESSIEKOEKJE in k)
    delen = set(koekje.lower().split("; "))
    assert {"httponly", "samesite=lax", "path=/"} <= delen
    assert 3_590 <= int(next(d for d in delen if d.startswith("max-age"))[8:]) <= 3_600
    kaart = browser.get(f"{plek.adres}/complexen/C001")
    assert kaart.status_code == 200
    assert "anna" in kaart.text
    assert browser.get(f"{plek.adres}/v1/complexen/C001").status_code == 200
    assert plek.leeslog.lezingen[-1].lezer.naam == "anna"
    assert browser.get(f"{plek.adres}/privacy").status_code == 200
    assert browser.get(f"{plek.adres}/v1/signaaltellingen").status_code == 403


def test_logging_out_ends_it_here_for_who_kept_the_cookie_and_leads_on_to_the_provider(
    browser: httpx2.Client, plek: Plek
) -> None:
    log_in(browser, plek, "anna")
    bewaard = browser.cookies[SESSIEKOEKJE]
    assert browser.get(f"{plek.adres}/complexen").status_code == 200

    antwoord = browser.post(
        f"{plek.adres}/afmelden",
        data={"bewijs": read_bewijs(browser, plek)},
        headers={"origin": plek.adres, "sec-fetch-site": "same-origin"},
    )

    assert (antwoord.status_code, antwoord.headers["location"]) == (303, "/aanmelden/uit")
    pagina = browser.get(f"{plek.adres}/aanmelden/uit").text
    assert f"{plek.provider.issuer}/session/end?client_id=pagina" in pagina
    assert 'http-equiv="refresh"' in pagina
    assert browser.get(f"{plek.adres}/complexen").status_code == 401
    browser.cookies.set(SESSIEKOEKJE, bewaard, domain="127.0.0.1", path="/")
    assert browser.get(f"{plek.adres}/complexen").status_code == 401


def test_way_back_of_one_browser_opens_nothing_in_another_nor_twice(
    browser: httpx2.Client, plek: Plek
) -> None:
    adres = log_in_there(browser, plek, "anna")
    with httpx2.Client(trust_env=False, timeout=60) as ander:
        assert ander.get(adres).status_code == 400
        begonnen = ander.get(f"{plek.adres}/aanmelden/begin")
        assert begonnen.status_code == 303
        assert ander.get(adres).status_code == 400
        assert SESSIEKOEKJE not in ander.cookies

    assert browser.get(adres.replace("code=", "code=x")).status_code == 400
    assert browser.get(adres).status_code == 303
    opnieuw = browser.get(adres)
    assert opnieuw.status_code == 400, "the cookie of the way there is gone"
    assert "Het aanmelden met Voorbeeld Wonen is niet gelukt" in opnieuw.text


def test_session_that_somebody_planted_before_is_replaced(
    browser: httpx2.Client, plek: Plek
) -> None:
    with httpx2.Client(trust_env=False, timeout=60) as dader:
        log_in(dader, plek, "bo")
        geplant = dader.cookies[SESSIEKOEKJE]
        browser.cookies.set(SESSIEKOEKJE, geplant, domain="127.0.0.1", path="/")

        gezet = log_in(browser, plek, "anna").headers.get_list("set-cookie")

        nieuw = next(k for k in gezet if k.startswith(SESSIEKOEKJE))
        assert geplant not in nieuw
        assert dader.get(f"{plek.adres}/complexen/C001").status_code == 200
        assert plek.leeslog.lezingen[-1].lezer.naam == "bo"


@pytest.mark.parametrize(
    "terug", ["//elders.example", "https://elders.example", "/%5Celders.example", "/a%0d%0ab:c",
              "%2F%2Felders.example", "javascript:alert(1)", "/" + "x" * 2_000]
)  # fmt: skip
def test_way_back_never_leads_elsewhere(browser: httpx2.Client, plek: Plek, terug: str) -> None:
    naar = log_in(browser, plek, "anna", terug).headers["location"]

    assert naar == "/" or (naar.startswith("/x") and len(naar) <= 1_000)
    assert urlsplit(naar).netloc == ""


@pytest.mark.parametrize("naam", ["cas", "dirk"])
def test_who_has_no_role_here_gets_no_session(
    browser: httpx2.Client, plek: Plek, naam: str
) -> None:
    antwoord = log_in(browser, plek, naam)

    assert antwoord.status_code == 403
    assert "u hebt hier geen rol" in antwoord.text
    assert SESSIEKOEKJE not in browser.cookies


def test_refusal_at_the_provider_is_told_without_its_words(
    browser: httpx2.Client, plek: Plek
) -> None:
    antwoord = log_in(browser, plek, "weiger")

    assert antwoord.status_code == 400
    assert "nee" not in parse_qs(antwoord.text)
    assert "access_denied" not in antwoord.text
    assert "<b>nee" not in antwoord.text
    assert SESSIEKOEKJE not in browser.cookies


def test_keys_that_were_replaced_while_somebody_logged_in_are_no_trouble(
    browser: httpx2.Client, plek: Plek
) -> None:
    log_in(browser, plek, "anna")
    plek.provider.replace_keys()
    browser.cookies.clear()

    assert log_in(browser, plek, "bo").status_code == 303
    assert browser.get(f"{plek.adres}/complexen/C001").status_code == 200


def test_id_token_is_no_permission_to_read(plek: Plek) -> None:
    gezien: list[str] = []

    class Kijkt(Aanbieder):
        def exchange(self, code: str, verifier: str, terug: str) -> Mapping[str, Any]:
            tokens = super().exchange(code, verifier, terug)
            gezien.append(str(tokens["id_token"]))
            return tokens

    beleid = plek.provider.make_beleid()
    aanbieder = Kijkt(beleid)
    stroom = Stroom(aanbieder, lambda: GEHEIM, plek.adres)
    adres, koekje = stroom.begin("/")
    with httpx2.Client(trust_env=False, timeout=60) as browser:
        vorm = go(browser, adres, "nergens")
        gestuurd = browser.post(str(vorm.url), data={"login": "anna"})
        eind = go(browser, urljoin(str(vorm.url), gestuurd.headers["location"]), plek.adres)
    vraag = {n: w[0] for n, w in parse_qs(urlsplit(eind.headers["location"]).query).items()}
    assert stroom.finish(koekje, vraag).naam == "anna"
    aanbieder.close()

    # An API that was given the name of a page of elsewhere; of our own page that is refused.
    api = replace(beleid, audience="pagina", client_id=None)
    with pytest.raises(TokenOngeldig, match="typ"):
        check_access_token(api, gezien[0].encode(), aanbieder.find_key, time.time())


def test_provider_that_is_away_closes_its_own_door_alone(
    browser: httpx2.Client, tmp_path: Path
) -> None:
    publish_example(tmp_path / "releases")
    huis = open_huis(tmp_path / "releases", tmp_path)
    client = TestClient(huis.app, base_url="http://127.0.0.1:8000", follow_redirects=False)

    antwoord = client.get("/aanmelden/begin")

    assert antwoord.status_code == 503
    assert antwoord.headers["retry-after"] == "60"
    assert "lukt nu niet" in antwoord.text
    assert client.get("/aanmelden").status_code == 200
    assert client.get("/aanmelden/uit").status_code == 200
