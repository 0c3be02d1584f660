"""Attacks on access, at every door: forged requests, reflected values, guessing, planted sessions.

Tokens of a provider are in ``tests/integration/oidc``, connections in
``tests/integration/test_verbinding.py``, who may what in ``test_toegangsmatrix.py``.
"""

from __future__ import annotations

import hmac
import re
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from serving.aanmelding.beleid import Beleid
from serving.aanmelding.dienst import make_aanmelding
from serving.api.rem import Grenzen
from serving.api.toegang import SESSIEKOEKJE
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang import kast as kastmodule
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from tests.unit.serving.api.test_toegangsmatrix import COMPLEX
from tests.unit.serving.deuren import BASIS, GEHEIM, Huis, iter_adressen, open_huis
from tests.unit.serving.pagina.test_aanmelden import find_bewijs, log_in
from tests.unit.serving.wie import Als, Onthoudt
from vera.toegang import ROLLEN

ELDERS = "elders.example"
HTTPS = "https://label.voorbeeldwonen.example"


@pytest.fixture(scope="module")
def huis(releases_map: Path, tmp_path_factory: pytest.TempPathFactory) -> Huis:
    return open_huis(releases_map, tmp_path_factory.mktemp("aanvallen"))


@pytest.fixture
def browser(huis: Huis) -> TestClient:
    """Somebody who is logged in as a reader, with a form open."""
    client = TestClient(
        huis.app,
        base_url=BASIS,
        headers={"origin": BASIS, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    log_in(client, huis.sleutels["wijkbeheer"])
    return client


@pytest.fixture(scope="module")
def alles(releases_map: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The service for somebody who may do everything, so that nothing else refuses."""
    register = Toegangsregister(url_of_file(tmp_path_factory.mktemp("alles") / "toegang.sqlite"))
    return create_app(
        releases_map,
        basis_url=BASIS,
        toegang=Als(*ROLLEN, naam="Anna"),
        kast=Sleutelkast(register, lambda: GEHEIM),
        leeslog=Onthoudt(),
    )


VAN_ELDERS = [
    {"origin": f"https://{ELDERS}"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8001"},
    {"origin": f"{BASIS}.{ELDERS}"},
    {"origin": BASIS, "sec-fetch-site": "cross-site"},
    {"origin": BASIS, "sec-fetch-site": "same-site"},
    {"origin": f"http://{ELDERS}", "host": ELDERS},
]


def test_no_form_of_any_page_is_taken_from_elsewhere_or_without_its_token(alles: Any) -> None:
    client = TestClient(alles, base_url=BASIS, follow_redirects=False)
    bewijs = find_bewijs(client.get("/sociaal-signaal").text)
    eigen = {"origin": BASIS, "sec-fetch-site": "same-origin"}
    deuren = [
        adres
        for deur, adres in iter_adressen(alles)
        if "POST" in deur.methoden and not adres.startswith("/v1/")
    ]
    assert len(deuren) >= 8

    for adres in deuren:
        for koppen in VAN_ELDERS:
            antwoord = client.post(adres, data={"bewijs": bewijs}, headers=koppen)
            assert antwoord.status_code == 403, (adres, koppen)
        for velden in ({}, {"bewijs": ""}, {"bewijs": "x" * 43}, {"bewijs": bewijs[:-1]}):
            antwoord = client.post(adres, data={**velden, "a": "b"}, headers=eigen)
            assert antwoord.status_code == 403, (adres, velden)
        for soort in ("text/plain", "application/json", "multipart/form-data; boundary=x"):
            antwoord = client.post(
                adres, content=f"bewijs={bewijs}", headers={**eigen, "content-type": soort}
            )
            assert antwoord.status_code == 400, (adres, soort)
        antwoord = client.get(adres, params={"bewijs": bewijs})
        assert antwoord.status_code in {200, 404, 405}, "reading changes nothing"
        goed = client.post(adres, data={"bewijs": bewijs}, headers=eigen)
        assert "van deze pagina" not in goed.text, f"{adres}: or this test refuses everything"


def test_no_change_at_the_api_is_taken_from_a_page_elsewhere(alles: Any) -> None:
    client = TestClient(alles, base_url=BASIS, follow_redirects=False)
    deuren = [
        (methode, adres)
        for deur, adres in iter_adressen(alles)
        for methode in deur.methoden & {"POST", "PATCH", "PUT", "DELETE"}
        if adres.startswith("/v1/") and not deur.vraag.leest_met_post
    ]
    assert len(deuren) >= 4

    for methode, adres in deuren:
        for koppen in VAN_ELDERS:
            antwoord = client.request(methode, adres, json={}, headers=koppen)
            assert antwoord.status_code == 403, (methode, adres, koppen)
        for soort in ("text/plain", "application/x-www-form-urlencoded"):
            antwoord = client.request(methode, adres, content="{}", headers={"content-type": soort})
            # What a form on a page elsewhere can send without asking.
            assert antwoord.status_code in {400, 415}, (methode, adres, soort)


@pytest.mark.parametrize("wie", ["niemand", "lezer"])
def test_nothing_that_a_client_says_comes_back_in_a_header(huis: Huis, wie: str) -> None:
    koppen = {"authorization": f"Bearer {huis.sleutels[wie]}"} if wie in huis.sleutels else {}
    client = TestClient(
        huis.app, base_url=BASIS, follow_redirects=False, raise_server_exceptions=False
    )
    vuil = "x%0d%0aX-Ingevoegd:%20ja%0d%0a%0d%0a<script>"
    for deur, adres in iter_adressen(huis.app):
        if "GET" not in deur.methoden:
            continue
        for vraag in (
            f"{adres}?terug={vuil}&pagina={vuil}&q={vuil}&thema={vuil}",
            f"{adres.rstrip('/')}/{vuil}",
        ):
            antwoord = client.get(vraag, headers={**koppen, "if-none-match": 'x, "y'})
            check_headers(antwoord, vraag)


@pytest.mark.parametrize(
    "koppen",
    [
        {"host": ELDERS},
        {"host": f"127.0.0.1:8000@{ELDERS}"},
        {"x-forwarded-host": ELDERS, "x-forwarded-proto": "https"},
        {"forwarded": f"host={ELDERS};proto=https"},
        {"x-original-url": f"https://{ELDERS}/", "x-rewrite-url": f"https://{ELDERS}/"},
    ],
)
def test_name_by_which_the_service_is_called_stands_in_no_answer(
    huis: Huis, koppen: dict[str, str]
) -> None:
    sleutel = {"authorization": f"Bearer {huis.sleutels['lezer']}"}
    client = TestClient(
        huis.app, base_url=BASIS, follow_redirects=False, raise_server_exceptions=False
    )
    for deur, adres in iter_adressen(huis.app):
        if "GET" in deur.methoden:
            antwoord = client.get(adres, headers={**sleutel, **koppen})
            assert ELDERS not in antwoord.text, adres
            assert not any(ELDERS in waarde for waarde in antwoord.headers.values()), adres


def check_headers(antwoord: Response, vraag: str) -> None:
    assert "x-ingevoegd" not in antwoord.headers, vraag
    for naam, waarde in antwoord.headers.multi_items():
        assert "\r" not in waarde, (naam, vraag)
        assert "\n" not in waarde, (naam, vraag)
        if naam != "location":
            assert "ngevoegd" not in waarde, (naam, vraag)
    assert antwoord.headers.get("location", "/").startswith("/"), vraag
    assert b"<script>" not in antwoord.content, vraag


def test_refusal_comes_before_anything_is_looked_up(
    huis: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that neither what is said nor how long it takes tells whether something exists."""
    from serving.release.winkel import Winkel

    def look(_: Winkel) -> None:
        raise AssertionError("looked up")

    client = TestClient(huis.app, base_url=BASIS)
    client.get("/v1/buurten")
    gevraagd = 0
    monkeypatch.setattr(Winkel, "current", look)
    for wie in (None, "politie", "melder"):
        koppen = {"authorization": f"Bearer {huis.sleutels[wie]}"} if wie else {}
        bereiken = ROLLEN[wie].bereiken if wie else frozenset({"openbaar"})
        for deur, adres in iter_adressen(huis.app):
            if deur.vraag.bereik in bereiken or not adres.startswith("/v1/"):
                continue
            for methode in sorted(deur.methoden):
                assert client.request(methode, adres, headers=koppen).status_code in {401, 403}
                gevraagd += 1
    assert gevraagd > 20


def test_trying_a_key_costs_the_same_however_much_of_it_is_right(
    huis: Huis, monkeypatch: pytest.MonkeyPatch
) -> None:
    gedaan: list[int] = []
    echt = kastmodule.hash_sleutel

    def count(geheim: bytes, sleutel: bytes) -> str:
        gedaan.append(len(sleutel))
        return echt(geheim, sleutel)

    monkeypatch.setattr(kastmodule, "hash_sleutel", count)
    client = TestClient(huis.app, base_url=BASIS)
    sleutel = huis.sleutels["lezer"]
    for goed in (0, 3, 20, len(sleutel) - 1, len(sleutel)):
        gedaan.clear()
        waarde = sleutel[:goed] + "x" * (len(sleutel) - goed)
        status = client.get(
            "/v1/wat-als", headers={"authorization": f"Bearer {waarde}"}
        ).status_code
        assert (status == 401) is (goed < len(sleutel))
        # One hash under our secret, looked up by its whole value: there is nothing to compare.
        # (A good one that was seen before is known by another hash of all of it.)
        assert gedaan == [len(sleutel)] or (goed == len(sleutel) and gedaan == [])


@pytest.mark.parametrize("bron", ["kast", "oidc", "bewijs"])
def test_every_seal_is_compared_once_and_in_the_same_time(
    huis: Huis, browser: TestClient, monkeypatch: pytest.MonkeyPatch, bron: str
) -> None:
    from serving.aanmelding.sessie import Sessies
    from tests.unit.serving.deuren import ELDERS as BELEID
    from vera.toegang import find_rollen

    gedaan: list[bytes] = []
    echt = hmac.compare_digest

    def count(een: Any, ander: Any) -> bool:
        gedaan.append(een)
        return echt(een, ander)

    if bron == "oidc":
        sessies = Sessies(BELEID, lambda: GEHEIM)
        waarde, _ = sessies.open_sessie("anna", find_rollen(["lezer"]), 9e9)
    else:
        waarde = browser.cookies[SESSIEKOEKJE]
    if bron == "bewijs":
        waarde = find_bewijs(browser.get("/aanmelden").text)
    eind = len(waarde.rpartition(".")[2])
    monkeypatch.setattr(hmac, "compare_digest", count)
    for goed in (0, 1, 10, eind - 2):
        vals = waarde[: len(waarde) - eind + goed] + "!" * (eind - goed)
        gedaan.clear()
        if bron == "oidc":
            assert Sessies(BELEID, lambda: GEHEIM).find_sessie(vals) is None
        elif bron == "kast":
            koppen = {"cookie": f"{SESSIEKOEKJE}={vals}"}
            client = TestClient(huis.app, base_url=BASIS)
            assert client.get("/v1/complexen", headers=koppen).status_code == 401
        else:
            assert browser.post("/afmelden", data={"bewijs": vals}).status_code == 403
        # With a form goes the session of the browser as well.
        assert len(gedaan) == (2 if bron == "bewijs" else 1)


def test_two_keys_in_one_request_are_none(huis: Huis) -> None:
    client = TestClient(huis.app, base_url=BASIS)
    goed, ander = (f"Bearer {huis.sleutels[rol]}" for rol in ("lezer", "politie"))
    for een, twee in ((goed, ander), (ander, goed), (goed, goed)):
        koppen = [("authorization", een), ("authorization", twee)]
        assert client.get("/v1/complexen/C001", headers=koppen).status_code == 401


@pytest.mark.parametrize(
    "koppen",
    [
        {"x-role": "beheer", "x-rol": "beheer", "x-roles": '["beheer"]'},
        {"x-forwarded-user": "anna", "remote-user": "anna", "x-remote-user": "anna"},
        {"x-ms-client-principal-name": "anna", "x-ms-client-principal": "e30="},
        {"x-http-method-override": "POST", "x-method-override": "DELETE"},
    ],
)
def test_header_that_says_who_one_is_makes_nobody_more(huis: Huis, koppen: dict[str, str]) -> None:
    client = TestClient(huis.app, base_url=BASIS)
    sleutel = {"authorization": f"Bearer {huis.sleutels['politie']}"}
    assert client.get("/v1/complexen/C001", headers=koppen).status_code == 401
    assert client.get("/v1/complexen/C001", headers={**sleutel, **koppen}).status_code == 403


@pytest.mark.parametrize(
    "adres",
    [
        "/v1//complexen/C001", "//v1/complexen/C001", "/V1/complexen/C001", "/v1/Complexen/C001",
        "/v1/complexen/C001/", "/v1/%63omplexen/C001", "/v1/./complexen/C001", "/v1/x/../complexen",
        "/v1/buurten/../complexen/C001", "/v1/buurten/%2e%2e/complexen/C001", "/v1/complexen;a=b",
        "/v1/complexen/C001?rol=beheer", "/v1/complexen/C001%00", "/%2fcomplexen/C001",
        "/complexen/C001#", "/complexen%2fC001", "/statisch/..%2fcomplexen",
        "/complexen/C001?_method=GET",
    ],
)  # fmt: skip
def test_other_way_to_write_an_address_opens_nothing(huis: Huis, adres: str) -> None:
    client = TestClient(huis.app, base_url=BASIS, raise_server_exceptions=False)
    antwoord = client.get(f"{BASIS}{adres}", follow_redirects=False)
    assert antwoord.status_code in {401, 404}, adres
    assert not COMPLEX.search(antwoord.content.replace(b"C001", b"")), adres


def test_login_gives_a_new_session_whatever_the_browser_held(
    huis: Huis, browser: TestClient
) -> None:
    eerst = browser.cookies[SESSIEKOEKJE]
    log_in(browser, huis.sleutels["lezer"])
    opnieuw = browser.cookies[SESSIEKOEKJE]
    log_in(browser, huis.sleutels["lezer"])

    assert len({eerst, opnieuw, browser.cookies[SESSIEKOEKJE]}) == 3
    assert not re.search(r"bp_", eerst)


def test_on_https_a_session_comes_from_this_very_host_alone(
    releases_map: Path, tmp_path: Path
) -> None:
    register = Toegangsregister(url_of_file(tmp_path / "toegang.sqlite"))
    _, sleutel = register.issue(GEHEIM, "p", ["lezer"], organisatie="t", door="t", dagen=1)
    beleid = Beleid(
        "https://aanbieder.example", {"A": ("lezer",)}, audience="a", client_id="pagina"
    )
    app = create_app(
        releases_map,
        basis_url=HTTPS,
        kast=Sleutelkast(register, lambda: GEHEIM),
        leeslog=Onthoudt(),
        aanmelding=make_aanmelding(beleid, lambda: GEHEIM, HTTPS),
        grenzen=Grenzen(),
    )
    client = TestClient(app, base_url=HTTPS, headers={"origin": HTTPS}, follow_redirects=False)

    gezet = log_in(client, sleutel).headers.get_list("set-cookie")

    koekje = next(k for k in gezet if SESSIEKOEKJE in k)
    assert koekje.startswith(f"__Host-{SESSIEKOEKJE}=")
    delen = set(koekje.lower().split("; "))
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= delen
    assert not any(deel.startswith("domain") for deel in delen)
    waarde = koekje.partition("=")[2].partition(";")[0]
    ander = TestClient(app, base_url=HTTPS)
    for naam, status in ((f"__Host-{SESSIEKOEKJE}", 200), (SESSIEKOEKJE, 401)):
        koppen = {"cookie": f"{naam}={waarde}"}
        assert ander.get("/v1/complexen/C001", headers=koppen).status_code == status
