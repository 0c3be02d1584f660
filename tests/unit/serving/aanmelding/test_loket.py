"""Logging in with a provider that keeps one waiting, or with answers that do not hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from serving.aanmelding.dienst import Aanmelding, make_aanmelding
from serving.aanmelding.loket import WACHTPLAATSEN
from serving.api.rem import Grenzen
from serving.app import create_app
from serving.toegang.kast import Sleutelkast
from tests.unit.serving.aanmelding.uitgever import BELEID, Wereld, claim, now, sign
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Onthoudt

BASIS = "http://127.0.0.1:8000"
GEHEIM = b"g" * 32
GEDULD = 30.0


class GeenSleutels:
    """A store of keys without a key."""

    def list_sleutels(self) -> tuple[()]:
        return ()


@dataclass
class Plek:
    """The service, and the provider in memory that stands behind it."""

    wereld: Wereld
    aanmelding: Aanmelding
    app: ASGIApp

    def open_browser(self) -> TestClient:
        return TestClient(
            self.app, base_url=BASIS, raise_server_exceptions=False, follow_redirects=False
        )


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pad = tmp_path_factory.mktemp("loket") / "releases"
    publish_example(pad)
    return pad


def open_plek(releases: Path, *, mislukt: int = 30) -> Plek:
    wereld = Wereld()
    aanmelding = make_aanmelding(
        BELEID, lambda: GEHEIM, BASIS, aanbieder=wereld.make_aanbieder(BELEID)
    )
    app = create_app(
        releases,
        basis_url=BASIS,
        kast=Sleutelkast(GeenSleutels(), lambda: GEHEIM),
        leeslog=Onthoudt(),
        aanmelding=aanmelding,
        grenzen=Grenzen(mislukt=mislukt),
    )
    return Plek(wereld, aanmelding, app)


@pytest.fixture
def plek(releases: Path) -> Plek:
    return open_plek(releases)


def begin(browser: TestClient) -> dict[str, str]:
    """Go as far as the provider; return what it was asked."""
    antwoord = browser.get("/aanmelden/begin")
    assert antwoord.status_code == 303
    vraag = parse_qs(urlsplit(antwoord.headers["location"]).query)
    return {naam: waarde[0] for naam, waarde in vraag.items()}


def give(wereld: Wereld, nonce: str) -> None:
    token = sign(claim(now(), aud="pagina", nonce=nonce), typ="JWT").decode()
    wereld.inhoud["/tenant/token"] = {"id_token": token, "access_token": "t"}


@contextmanager
def keep_waiting(ding: object, naam: str) -> Iterator[threading.Semaphore]:
    """Let a method of a thing wait until the block ends; counts who is in it."""
    erin, verder = threading.Semaphore(0), threading.Event()
    eigenlijk = getattr(ding, naam)

    def wait(*delen: Any, **meer: Any) -> Any:
        erin.release()
        assert verder.wait(GEDULD)
        return eigenlijk(*delen, **meer)

    setattr(ding, naam, wait)
    try:
        yield erin
    finally:
        verder.set()
        delattr(ding, naam)


def test_few_wait_for_the_provider_at_once_and_who_comes_after_is_told_when_to_come_back(
    plek: Plek,
) -> None:
    def ask(pad: str) -> Response:
        return plek.open_browser().get(pad)

    with ThreadPoolExecutor(WACHTPLAATSEN) as draden:
        with keep_waiting(plek.aanmelding.stroom, "begin") as erin:
            wachtend = [draden.submit(ask, "/aanmelden/begin") for _ in range(WACHTPLAATSEN)]
            assert all(erin.acquire(timeout=GEDULD) for _ in wachtend)

            for pad in ("/aanmelden/begin", "/aanmelden/terug?state=x&code=y"):
                vol = ask(pad)
                assert (vol.status_code, vol.headers["retry-after"]) == (503, "5"), pad
                assert "te veel mensen tegelijk" in vol.text
            uit = ask("/aanmelden/uit")
            assert uit.status_code == 200, "one is logged out here, also when nobody can wait"
            assert "Meld u ook daar af" in uit.text
            assert ask("/aanmelden").status_code == 200
        assert {een.result(GEDULD).status_code for een in wachtend} == {303}
    assert ask("/aanmelden/begin").status_code == 303, "the places are free again"


def test_who_waits_for_a_code_to_be_taken_holds_nobody_back_from_the_way_there(
    plek: Plek,
) -> None:
    begin(plek.open_browser())  # from here its addresses are known

    def come_back() -> Response:
        browser = plek.open_browser()
        vraag = begin(browser)
        return browser.get(f"/aanmelden/terug?state={vraag['state']}&code=c")

    with ThreadPoolExecutor(WACHTPLAATSEN) as draden:
        with keep_waiting(plek.aanmelding.aanbieder, "exchange") as erin:
            wachtend = [draden.submit(come_back) for _ in range(WACHTPLAATSEN)]
            assert all(erin.acquire(timeout=GEDULD) for _ in wachtend)

            assert come_back().status_code == 503
            begin(plek.open_browser())
            uit = plek.open_browser().get("/aanmelden/uit")
            assert "/tenant/uit?" in uit.text
        assert {een.result(GEDULD).status_code for een in wachtend} == {400}, "a code of nobody"


def test_who_was_told_to_come_back_can_use_the_same_answer_of_the_provider(plek: Plek) -> None:
    browser = plek.open_browser()
    vraag = begin(browser)
    give(plek.wereld, vraag["nonce"])
    terug = f"/aanmelden/terug?state={vraag['state']}&code=c"
    with (
        ThreadPoolExecutor(WACHTPLAATSEN) as draden,
        keep_waiting(plek.aanmelding.stroom, "finish") as erin,
    ):
        for _ in range(WACHTPLAATSEN):
            draden.submit(plek.open_browser().get, "/aanmelden/terug?state=x")
            assert erin.acquire(timeout=GEDULD)
        assert browser.get(terug).status_code == 503

    assert browser.get(terug).status_code == 303


def test_answers_that_do_not_hold_are_counted_and_a_good_one_waits_for_its_turn(
    releases: Path,
) -> None:
    plek = open_plek(releases, mislukt=3)
    browser = plek.open_browser()
    vraag = begin(browser)
    give(plek.wereld, "another question")
    terug = f"/aanmelden/terug?state={vraag['state']}&code=c"

    assert [browser.get(terug).status_code for _ in range(5)] == [400, 400, 400, 429, 429]
    assert plek.wereld.count("/tenant/token") == 3
    assert int(browser.get(terug).headers["retry-after"]) >= 1


def test_what_another_site_lets_a_browser_bring_shuts_the_door_for_nobody(releases: Path) -> None:
    plek = open_plek(releases, mislukt=3)
    browser = plek.open_browser()
    for _ in range(5):
        assert browser.get("/aanmelden/terug?state=x&code=y").status_code == 400
    vraag = begin(browser)
    for _ in range(5):
        assert browser.get("/aanmelden/terug?state=x&code=y").status_code == 400
    give(plek.wereld, vraag["nonce"])

    antwoord = browser.get(f"/aanmelden/terug?state={vraag['state']}&code=c")

    assert antwoord.status_code == 303
    assert plek.wereld.count("/tenant/token") == 1


def test_provider_that_is_away_is_asked_once_however_many_people_try(plek: Plek) -> None:
    plek.wereld.weg = True

    statussen = [plek.open_browser().get("/aanmelden/begin").status_code for _ in range(10)]

    assert statussen == [503] * 10
    assert len(plek.wereld.gevraagd) == 1
