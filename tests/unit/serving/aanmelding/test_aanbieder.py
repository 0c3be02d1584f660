"""What is asked of the provider, how often, and what happens while it is away."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from serving.aanmelding.aanbieder import (
    HOUDBAAR,
    MAXIMUM_BYTES,
    RUST,
    VERVERS,
    Aanbieder,
    AanbiederWeg,
    AanbiederWeigert,
    read_keys,
)
from tests.unit.serving.aanmelding.uitgever import ANDER, EC, ED, RSA, Wereld, publish

ONTDEK = "/tenant/.well-known/openid-configuration"
JWKS = "/tenant/jwks"


def refresh(aanbieder: Aanbieder) -> bool:
    poging = aanbieder.refresh()
    if poging is not None:
        poging.result(timeout=20)
    return poging is not None


def test_key_is_found_by_its_id_once_the_keys_were_asked() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()

    assert aanbieder.find_key("rsa", "RS256") is None
    refresh(aanbieder)

    assert aanbieder.find_key("rsa", "RS256") is not None
    assert aanbieder.find_key("vreemd", "RS256") is None
    assert aanbieder.find_key("rsa", "ES256") is None
    assert wereld.count(JWKS) == 1


def test_keys_are_not_asked_again_within_half_a_minute_whoever_sends_unknown_tokens() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    refresh(aanbieder)

    wereld.nu = RUST - 1
    assert [refresh(aanbieder) for _ in range(50)] == [False] * 50
    wereld.nu = RUST
    wereld.inhoud[JWKS] = publish(RSA, ED)
    assert refresh(aanbieder)

    assert wereld.count(JWKS) == 2
    assert aanbieder.find_key("ec", "ES256") is None, "what the provider took back is gone"


def test_who_asks_while_somebody_asks_waits_for_the_same_answer() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    verder, begonnen = threading.Event(), threading.Event()
    antwoord = wereld.answer

    def wait(vraag: httpx2.Request) -> httpx2.Response:
        begonnen.set()
        assert verder.wait(20)
        return antwoord(vraag)

    aanbieder._klant = httpx2.Client(transport=httpx2.MockTransport(wait))
    een = aanbieder.refresh()
    assert begonnen.wait(20)
    twee = aanbieder.refresh()
    verder.set()

    assert een is twee is not None
    een.result(timeout=20)
    assert wereld.count(JWKS) == 1


def test_old_keys_are_asked_again_and_nobody_waits_for_it() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    refresh(aanbieder)
    wereld.nu = VERVERS

    assert aanbieder.find_key("rsa", "RS256") is not None

    refresh(aanbieder)  # which waits for what was begun, or begins nothing
    assert wereld.count(JWKS) == 2


def test_keys_stay_good_for_a_day_while_the_provider_is_away() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    refresh(aanbieder)
    wereld.weg = True

    wereld.nu = HOUDBAAR - 1
    refresh(aanbieder)
    assert aanbieder.is_weg
    assert aanbieder.find_key("rsa", "RS256") is not None
    wereld.nu = HOUDBAAR
    assert aanbieder.find_key("rsa", "RS256") is None
    wereld.weg = False
    wereld.nu += RUST
    refresh(aanbieder)
    assert aanbieder.find_key("rsa", "RS256") is not None
    assert not aanbieder.is_weg


def test_network_is_asked_on_a_thread_of_its_own() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    draden: list[str] = []
    antwoord = wereld.answer

    def note(vraag: httpx2.Request) -> httpx2.Response:
        draden.append(threading.current_thread().name)
        return antwoord(vraag)

    aanbieder._klant = httpx2.Client(transport=httpx2.MockTransport(note))
    refresh(aanbieder)

    assert len(draden) == 2
    assert all(naam.startswith("oidc") for naam in draden)


@pytest.mark.parametrize(
    "anders",
    [
        {"issuer": "https://elders.example"},
        {"issuer": None},
    ],
)
def test_provider_that_names_itself_otherwise_is_not_believed(anders: dict[str, Any]) -> None:
    aanbieder = Wereld(**anders).make_aanbieder()

    with pytest.raises(AanbiederWeg, match="BUURTPEIL_OIDC_ISSUER"):
        aanbieder.find_adressen()


@pytest.mark.parametrize(
    "naam", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"]
)
@pytest.mark.parametrize(
    "adres", ["http://aanbieder.example/x", "http://127.0.0.1:8000/x", "file:///etc/passwd"]
)
def test_provider_cannot_point_at_an_address_that_is_not_safe(naam: str, adres: str) -> None:
    with pytest.raises(AanbiederWeg, match=naam):
        Wereld(**{naam: adres}).make_aanbieder().find_adressen()


@pytest.mark.parametrize(
    "antwoord",
    [
        httpx2.Response(500),
        httpx2.Response(302, headers={"location": "http://127.0.0.1/"}),
        httpx2.Response(200, content=b"<html>"),
        httpx2.Response(200, content=b"[]"),
        httpx2.Response(200, content=b" " * (MAXIMUM_BYTES + 1)),
    ],
    ids=["500", "redirect", "html", "list", "too large"],
)
def test_what_is_no_answer_is_as_if_the_provider_were_away(antwoord: httpx2.Response) -> None:
    wereld = Wereld()
    wereld.inhoud[JWKS] = antwoord
    aanbieder = wereld.make_aanbieder()

    refresh(aanbieder)

    assert aanbieder.is_weg
    assert aanbieder.find_key("rsa", "RS256") is None


def test_only_public_keys_that_sign_are_taken() -> None:
    inhoud = publish(RSA, EC, ED)
    inhoud["keys"] += [
        {"kty": "oct", "k": "Z2VoZWlt", "kid": "oct"},
        {**ANDER.as_dict(private=False), "kid": "enc", "use": "enc"},
        {**ANDER.as_dict(private=True), "kid": "prive"},
        {"kty": "AKP", "kid": "nieuw"},
        {"kty": "RSA", "kid": "half"},
        "geen sleutel",
    ]

    assert [kid for kid, _ in read_keys(inhoud)] == ["rsa", "ec", "ed"]
    for leeg in ({}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "oct", "k": "eA"}]}):
        with pytest.raises(AanbiederWeg):
            read_keys(leeg)


def test_code_is_exchanged_with_the_secret_as_the_provider_wants_it() -> None:
    for methoden, verwacht in ((["client_secret_basic"], True), (["client_secret_post"], False)):
        wereld = Wereld(token_endpoint_auth_methods_supported=methoden)
        wereld.inhoud["/tenant/token"] = {"id_token": "x"}
        aanbieder = wereld.make_aanbieder()

        assert aanbieder.exchange("c", "v", "https://ons.example/terug") == {"id_token": "x"}

        vraag = wereld.gevraagd[-1]
        tekst = vraag.content.decode()
        assert ("authorization" in vraag.headers) is verwacht
        assert ("client_secret" in tekst) is not verwacht
        assert "code_verifier=v" in tekst


def test_code_that_the_provider_does_not_take_is_told_from_a_provider_that_is_away() -> None:
    wereld = Wereld()
    wereld.inhoud["/tenant/token"] = httpx2.Response(400, content=b'{"error":"invalid_grant"}')
    with pytest.raises(AanbiederWeigert):
        wereld.make_aanbieder().exchange("c", "v", "t")
    wereld.inhoud["/tenant/token"] = httpx2.Response(502)
    with pytest.raises(AanbiederWeg):
        wereld.make_aanbieder().exchange("c", "v", "t")


def test_addresses_that_were_not_given_are_not_asked_again_within_half_a_minute() -> None:
    wereld = Wereld()
    wereld.weg = True
    aanbieder = wereld.make_aanbieder()

    for _ in range(20):
        with pytest.raises(AanbiederWeg, match="geen goed antwoord"):
            aanbieder.find_adressen()
    assert wereld.count(ONTDEK) == 1
    wereld.weg = False
    wereld.nu = RUST - 1
    with pytest.raises(AanbiederWeg):
        aanbieder.find_adressen()
    wereld.nu = RUST
    assert aanbieder.find_adressen().token_endpoint.endswith("/token")
    assert wereld.count(ONTDEK) == 2


def test_keys_are_asked_at_their_own_moments_whatever_somebody_asked_before() -> None:
    wereld = Wereld()
    wereld.weg = True
    aanbieder = wereld.make_aanbieder()
    with pytest.raises(AanbiederWeg):
        aanbieder.find_adressen()
    wereld.weg = False

    refresh(aanbieder)

    assert aanbieder.find_key("rsa", "RS256") is not None
    assert aanbieder.find_adressen().jwks_uri.endswith("/jwks"), "and the silence is over"


def test_many_who_ask_for_the_addresses_at_once_wait_for_one_answer() -> None:
    wereld = Wereld()
    aanbieder = wereld.make_aanbieder()
    gevraagd, verder = threading.Semaphore(0), threading.Event()
    antwoord = wereld.answer

    def wait(vraag: httpx2.Request) -> httpx2.Response:
        gevraagd.release()
        assert verder.wait(20)
        return antwoord(vraag)

    aanbieder._klant = httpx2.Client(transport=httpx2.MockTransport(wait))
    with ThreadPoolExecutor(8) as draden:
        wachtend = [draden.submit(aanbieder.find_adressen) for _ in range(8)]
        try:
            assert gevraagd.acquire(timeout=20)
            assert not gevraagd.acquire(timeout=0.05), "a second one asks as well"
        finally:
            verder.set()
        gezien = {een.result(20).jwks_uri for een in wachtend}

    assert len(gezien) == 1
    assert wereld.count(ONTDEK) == 1
