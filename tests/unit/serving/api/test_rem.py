"""How often somebody may ask, and whose address counts behind a proxy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from serving.api.poort import Poort
from serving.api.rem import ONDERZOEK, Grenzen, Rem, Teller, parse_proxies
from serving.api.toegang import EenKeer, Openbaar
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from tests.unit.serving.wie import Onthoudt, make_app
from vera.errors import GebruikFout
from vera.toegang import NIEMAND, Lezer, find_rollen

BASIS = "http://127.0.0.1:8000"
GEHEIM = b"g" * 32


class Klok:
    def __init__(self) -> None:
        self.nu = 1_000.0

    def __call__(self) -> float:
        return self.nu


def make_scope(client: str | None, *door: str) -> Scope:
    koppen = [(b"x-forwarded-for", stap.encode()) for stap in door]
    return {"type": "http", "client": client and (client, 5), "headers": koppen}


def test_minute_at_once_is_fine_and_the_next_one_waits() -> None:
    klok = Klok()
    teller = Teller(60, klok)

    assert [teller.admit("a") for _ in range(60)] == [0] * 60
    assert teller.admit("a") == 1
    assert teller.admit("b") == 0, "somebody else"
    klok.nu += 1
    assert [teller.admit("a"), teller.admit("a")] == [0, 1]
    klok.nu += 3_600
    assert [teller.admit("a") for _ in range(60)] == [0] * 60
    assert teller.admit("a") == 1


def test_refused_request_does_not_make_the_wait_longer() -> None:
    klok = Klok()
    teller = Teller(1, klok)
    assert teller.admit("a") == 0
    assert [teller.admit("a") for _ in range(10)] == [60] * 10
    assert teller.wait("a") == 60
    klok.nu += 60
    assert teller.wait("a") == 0
    assert teller.admit("a") == 0


def test_zero_is_without_a_limit() -> None:
    teller = Teller(0, Klok())
    assert [teller.admit("a") for _ in range(1_000)] == [0] * 1_000
    assert teller.wait("a") == 0


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_a_minutes_worth_and_what_the_time_since_gave(
    per_minuut: int, pauzes: list[float]
) -> None:
    klok = Klok()
    teller = Teller(per_minuut, klok)
    toegelaten = [0.0][:0]
    for pauze in pauzes:
        klok.nu += pauze
        wacht = teller.admit("a")
        if wacht == 0:
            toegelaten.append(klok.nu)
        else:
            assert 1 <= wacht <= 60
    for i, begin in enumerate(toegelaten):
        for n, eind in enumerate(toegelaten[i:], start=1):
            assert n <= per_minuut * (1 + (eind - begin) / 60) + 1e-6


@given(st.lists(st.integers(0, 1_000), max_size=300))
def test_of_few_anything_is_remembered_however_many_come(wie: list[int]) -> None:
    teller = Teller(10, Klok(), maximum=20)
    for een in wie:
        teller.admit(een)
        assert len(teller._tot) <= 20


@pytest.mark.parametrize(("werkers", "per_werker"), [(1, 30), (4, 8), (100, 1)])
def test_wrong_keys_are_divided_over_the_workers_and_requests_are_not(
    werkers: int, per_werker: int
) -> None:
    grenzen = Grenzen().share(werkers)

    assert grenzen.mislukt == per_werker
    assert replace(grenzen, mislukt=30) == Grenzen()
    assert Grenzen(mislukt=0).share(werkers).mislukt == 0, "without a limit stays without"


def test_person_program_and_address_each_have_their_own_limit() -> None:
    rem = Rem(Grenzen(mens=2, programma=3, adres=1, mislukt=1), Klok())
    anna = Lezer("anna", find_rollen(["lezer"]), "ons")

    def count(lezer: Lezer, *, toont_sleutel: bool, client: str = "10.0.0.7") -> int:
        scope = make_scope(client)
        return sum(rem.admit(scope, lezer, toont_sleutel=toont_sleutel) == 0 for _ in range(10))

    assert count(anna, toont_sleutel=False) == 2
    assert count(anna, toont_sleutel=True) == 3
    assert count(Lezer("anna", (), "elders"), toont_sleutel=True) == 3, "another anna"
    assert count(NIEMAND, toont_sleutel=False) == 1
    assert count(NIEMAND, toont_sleutel=True, client="10.0.0.8") == 1
    hier = Lezer(None, find_rollen(["lezer"]))
    assert count(hier, toont_sleutel=False) == 10, "who sits at this machine"


def test_header_of_a_proxy_counts_when_the_proxy_is_named_alone() -> None:
    rem = Rem(Grenzen())
    assert rem.find_adres(make_scope("10.0.0.7", "1.2.3.4")) == "10.0.0.7"
    assert rem.find_adres(make_scope(None)) == ""

    rem = Rem(Grenzen(proxies=parse_proxies("10.0.0.0/24, 192.0.2.1")))
    for client, door, adres in (
        ("10.0.0.7", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.7", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.7", ["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.7", ["6.6.6.6, 1.2.3.4, 192.0.2.1"], "1.2.3.4"),
        ("10.0.0.7", ["zomaar"], "10.0.0.7"),
        ("10.0.0.7", ["1.2.3.4, zomaar"], "10.0.0.7"),
        ("10.0.0.7", [""], "10.0.0.7"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", ["10.0.0.8"], "10.0.0.8"),
        ("172.16.0.1", ["1.2.3.4"], "172.16.0.1"),
        ("10.0.0.7", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("10.0.0.7", ["1.2.3.4:51234"], "1.2.3.4"),
        ("10.0.0.7", ["6.6.6.6:1, 1.2.3.4:51234, 192.0.2.1:80"], "1.2.3.4"),
        ("10.0.0.7", ["[2001:db8:1:2:3:4:5:6]:51234"], "2001:db8:1:2::/64"),
        ("10.0.0.7", ["[2001:db8:1:2:3:4:5:6]"], "2001:db8:1:2::/64"),
        ("10.0.0.7", ["1.2.3.4:"], "10.0.0.7"),
        ("10.0.0.7", ["1.2.3.4:poort"], "10.0.0.7"),
        ("10.0.0.7", ["[2001:db8::1]x"], "10.0.0.7"),
        ("10.0.0.7", ["[2001:db8::1"], "10.0.0.7"),
        ("10.0.0.7", ["[2001:db8::1]80"], "10.0.0.7"),
        ("10.0.0.7", ["zomaar:80"], "10.0.0.7"),
    ):
        assert rem.find_adres(make_scope(client, *door)) == adres, (client, door)


@pytest.mark.parametrize(
    ("adres", "wie"),
    [
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("testclient", "testclient"),
        ("a:b", "a:b"),
    ],
)
def test_all_addresses_of_one_subscriber_are_one(adres: str, wie: str) -> None:
    assert Rem(Grenzen()).find_adres(make_scope(adres)) == wie


def test_settings_that_do_not_hold_are_refused() -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_PROXIES"):
        parse_proxies("10.0.0.300")
    with pytest.raises(GebruikFout, match="BUURTPEIL_PROXIES"):
        parse_proxies("10.0.0.1/8")
    with pytest.raises(GebruikFout, match="nul"):
        Grenzen(mens=-1)
    assert parse_proxies(" ") == ()


def test_two_who_come_by_a_proxy_that_writes_their_ports_are_two() -> None:
    rem = Rem(Grenzen(adres=1, proxies=parse_proxies("10.0.0.7")), Klok())

    def ask(door: str) -> int:
        return rem.admit(make_scope("10.0.0.7", door), NIEMAND, toont_sleutel=False)

    assert ask("1.2.3.4:1111") == 0
    assert ask("5.6.7.8:1111") == 0
    assert ask("1.2.3.4:2222") > 0, "another port of the same"


@given(st.text(max_size=40))
def test_header_of_any_shape_gives_an_address(door: str) -> None:
    rem = Rem(Grenzen(proxies=parse_proxies("10.0.0.7")))
    scope = make_scope("10.0.0.7")
    scope["headers"] = [(b"x-forwarded-for", door.encode())]
    assert rem.find_adres(scope)


class Zegels:
    """Tokens of a provider: the good ones are told beforehand."""

    def __init__(self, *goed: bytes) -> None:
        self.goed = goed
        self.bekend: set[bytes] = set()
        self.onderzocht = 0

    def find_lezer(self, token: bytes) -> Lezer | None:
        return None  # the half minute is always over

    def was_good(self, token: bytes) -> bool:
        return token in self.bekend

    async def examine(self, token: bytes) -> Lezer | None:
        self.onderzocht += 1
        if token not in self.goed:
            return None
        self.bekend.add(token)
        return Lezer("anna", find_rollen(["lezer"]), "ons")


def open_gate(zegels: Zegels, **grenzen: int) -> tuple[Callable[[str], int], Klok]:
    """Return what asks with a token and tells the status."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("")(scope, receive, send)

    klok = Klok()
    poort = Poort(answer, EenKeer(Openbaar()), Rem(Grenzen(**grenzen), klok), "/v1", zegels)
    client = TestClient(poort, base_url=BASIS)

    def ask(token: str) -> int:
        return client.get("/v1/x", headers={"authorization": f"Bearer {token}"}).status_code

    return ask, klok


def test_tokens_that_are_made_up_are_not_examined_without_end() -> None:
    zegels = Zegels(b"eyJgoed")
    ask, klok = open_gate(zegels, mislukt=3)

    assert [ask(f"eyJ{i}") for i in range(4)] == [200, 200, 200, 429]
    for i in range(ONDERZOEK + 50):
        assert ask(f"eyJ{i}") == 429
    assert zegels.onderzocht == 3 + ONDERZOEK
    assert ask("eyJgoed") == 429
    klok.nu += 1
    assert ask("eyJgoed") == 200, "one with a good token behind the same address gets in"


def test_token_that_held_before_does_not_stand_in_line_with_made_up_ones() -> None:
    zegels = Zegels(b"eyJgoed")
    ask, _ = open_gate(zegels, mislukt=3)
    assert ask("eyJgoed") == 200
    for i in range(ONDERZOEK + 50):
        ask(f"eyJ{i}")

    assert [ask("eyJgoed") for _ in range(5)] == [200] * 5


def test_tokens_of_an_address_from_which_all_held_are_always_examined() -> None:
    namen = [f"eyJgoed{i}" for i in range(ONDERZOEK + 50)]
    ask, _ = open_gate(Zegels(*(naam.encode() for naam in namen)), mislukt=3)

    assert {ask(naam) for naam in namen} == {200}


def make_client(releases_map: Path, tmp_path: Path, **grenzen: int) -> tuple[TestClient, str]:
    register = Toegangsregister(url_of_file(tmp_path / "toegang.sqlite"))
    _, sleutel = register.issue(GEHEIM, "p", ["lezer"], organisatie="t", door="t", dagen=1)
    app = create_app(
        releases_map,
        basis_url=BASIS,
        kast=Sleutelkast(register, lambda: GEHEIM),
        leeslog=Onthoudt(),
        grenzen=Grenzen(**grenzen),
    )
    return TestClient(app, base_url=BASIS, raise_server_exceptions=False), sleutel


def is_wait(antwoord: Response, soort: str) -> bool:
    return (
        antwoord.status_code == 429
        and int(antwoord.headers["retry-after"]) >= 1
        and antwoord.headers["content-type"].startswith(soort)
        and antwoord.headers["cache-control"] == "no-store"
        and "frame-ancestors 'none'" in antwoord.headers["content-security-policy"]
    )


def test_who_asks_too_often_waits_at_api_and_page_and_others_do_not(
    releases_map: Path, tmp_path: Path
) -> None:
    client, sleutel = make_client(releases_map, tmp_path, programma=3, adres=2)
    koppen = {"authorization": f"Bearer {sleutel}"}

    keren = [client.get("/v1/complexen/C001", headers=koppen) for _ in range(4)]
    assert [a.status_code for a in keren] == [200, 200, 200, 429]
    assert is_wait(keren[3], "application/problem+json")
    assert keren[3].json()["title"] == "Te vaak"
    assert "Wacht 20 seconden" in keren[3].json()["detail"]
    assert is_wait(client.get("/complexen", headers=koppen), "text/html")
    assert [client.get("/buurten").status_code for _ in range(3)] == [200, 200, 429]
    assert is_wait(client.get("/nergens"), "text/html"), "also where there is nothing"


def test_keys_that_do_not_hold_are_counted_per_address_and_a_good_one_still_opens(
    releases_map: Path, tmp_path: Path
) -> None:
    client, sleutel = make_client(releases_map, tmp_path, mislukt=3)

    def ask(waarde: str) -> Response:
        return client.get("/v1/complexen/C001", headers={"authorization": waarde})

    keren = [ask(f"Bearer bp_{i}") for i in range(4)]
    assert [a.status_code for a in keren] == [401, 401, 401, 429]
    assert keren[0].headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert is_wait(ask("Basic YTpi"), "application/problem+json")
    assert ask(f"Bearer {sleutel}").status_code == 200
    assert client.get("/v1/complexen/C001").status_code == 401


def test_form_takes_no_more_keys_after_too_many_that_did_not_hold(
    releases_map: Path, tmp_path: Path
) -> None:
    from tests.unit.serving.pagina.test_aanmelden import find_bewijs

    client, sleutel = make_client(releases_map, tmp_path, mislukt=2)
    client.headers["origin"] = BASIS

    def log_in(waarde: str) -> Response:
        bewijs = find_bewijs(client.get("/aanmelden").text)
        velden = {"bewijs": bewijs, "sleutel": waarde}
        return client.post("/aanmelden", data=velden, follow_redirects=False)

    assert [log_in("bp_x").status_code for _ in range(3)] == [400, 400, 429]
    geweigerd = log_in(sleutel)
    assert geweigerd.status_code == 429
    assert "Even wachten" in geweigerd.text
    assert int(geweigerd.headers["retry-after"]) >= 1


def test_who_sits_here_or_has_no_limit_is_never_held_up(releases_map: Path) -> None:
    client: Any = TestClient(make_app(releases_map, grenzen=Grenzen(1, 1, 1, 1)), base_url=BASIS)
    assert {client.get("/v1/complexen/C001").status_code for _ in range(20)} == {200}
