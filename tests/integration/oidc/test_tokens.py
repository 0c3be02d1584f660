"""Access tokens of a real provider at the API: every role, every way to be refused, new keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from serving.aanmelding.aanbieder import Aanbieder
from serving.aanmelding.dienst import make_aanmelding
from serving.aanmelding.tokenkast import Tokenkast
from serving.api.rem import Grenzen
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from tests.integration.oidc.aanbieder import Provider, run_provider
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Onthoudt
from vera.toegang import ROLLEN

BASIS = "http://127.0.0.1:8000"
COMPLEX = "/v1/complexen/C001"
GEHEIM = b"g" * 32


@dataclass
class Dienst:
    """The service before one provider, with clocks that the test sets."""

    client: TestClient
    leeslog: Onthoudt
    sleutel: str
    tijd: dict[str, float] = field(default_factory=lambda: {"wand": 0.0, "loop": 0.0})

    def ask(self, token: str | bytes, adres: str = COMPLEX) -> Response:
        waarde = token if isinstance(token, str) else token.decode("latin-1")
        return self.client.get(adres, headers={"authorization": f"Bearer {waarde}"})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with run_provider() as draait:
        yield draait


@pytest.fixture(scope="module")
def releases_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    map_ = tmp_path_factory.mktemp("oidc") / "releases"
    publish_example(map_)
    return map_


@pytest.fixture(scope="module")
def make_dienst(
    releases_map: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Provider], Dienst]]:
    open_: list[Any] = []

    def make(provider: Provider) -> Dienst:
        tijd = {"wand": 0.0, "loop": 0.0}
        beleid = provider.make_beleid()
        aanbieder = Aanbieder(beleid, klok=lambda: tijd["loop"])
        aanmelding = make_aanmelding(beleid, lambda: GEHEIM, BASIS, aanbieder=aanbieder)
        aanmelding = replace(
            aanmelding, tokens=Tokenkast(aanbieder, klok=lambda: time.time() + tijd["wand"])
        )
        map_ = tmp_path_factory.mktemp("toegang")
        register = Toegangsregister(url_of_file(map_ / "toegang.sqlite"))
        _, sleutel = register.issue(GEHEIM, "k", ["lezer"], organisatie="t", door="t", dagen=1)
        leeslog = Onthoudt()
        app = create_app(
            releases_map,
            basis_url=BASIS,
            kast=Sleutelkast(register, lambda: GEHEIM),
            leeslog=leeslog,
            aanmelding=aanmelding,
            grenzen=Grenzen(mislukt=0),
        )
        open_.extend((aanbieder, register))
        client = TestClient(app, base_url=BASIS, raise_server_exceptions=False)
        return Dienst(client, leeslog, sleutel, tijd)

    yield make
    for ding in open_:
        ding.close()


@pytest.fixture(scope="module")
def een_dienst(provider: Provider, make_dienst: Callable[[Provider], Dienst]) -> Dienst:
    return make_dienst(provider)


@pytest.fixture
def dienst(een_dienst: Dienst) -> Dienst:
    een_dienst.tijd.update(wand=0.0, loop=0.0)
    een_dienst.leeslog.lezingen.clear()
    return een_dienst


def is_refused(antwoord: Response) -> bool:
    return (
        antwoord.status_code == 401
        and antwoord.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        and antwoord.headers["content-type"] == "application/problem+json"
        and b"Eikenhof" not in antwoord.content
    )


def test_every_role_of_the_provider_opens_what_it_opens_here(
    provider: Provider, dienst: Dienst
) -> None:
    for naam, rol in ROLLEN.items():
        token = provider.give_token(f"p-{naam}")
        dienst.leeslog.lezingen.clear()
        for adres, bereik in ((COMPLEX, "complex"), ("/v1/exports/vorm.csv", "export")):
            mag = bereik in rol.bereiken
            for _ in range(2):  # examined, and looked up
                assert dienst.ask(token, adres).status_code == (200 if mag else 403), naam
        assert dienst.ask(token, "/v1/buurten/BU01").status_code == 200
        wie = {(r.lezer.naam, r.lezer.organisatie) for r in dienst.leeslog.lezingen}
        assert wie <= {(f"p-{naam}", "Voorbeeld Wonen")}
        assert bool(wie) is ("complex" in rol.bereiken or "indicator" in rol.bereiken)


@pytest.mark.parametrize("programma", ["p-lezer", "p-es256", "p-eddsa"])
def test_token_holds_in_every_algorithm_that_the_provider_signs_with(
    provider: Provider, dienst: Dienst, programma: str
) -> None:
    assert dienst.ask(provider.give_token(programma)).status_code == 200


@pytest.mark.parametrize(
    "programma", ["p-zonder", "p-vreemd", "p-tekst", "p-voorwerp", "p-letters"]
)
def test_token_without_a_role_of_ours_opens_nothing(
    provider: Provider, dienst: Dienst, programma: str
) -> None:
    token = provider.give_token(programma)

    for adres in (COMPLEX, "/v1/complexen", "/v1/exports/vorm.csv", "/complexen", "/wat-als"):
        antwoord = dienst.ask(token, adres)
        assert antwoord.status_code == 403
        assert "geen rol" in antwoord.text
    assert dienst.ask(token, "/v1/buurten").status_code == 200
    assert dienst.leeslog.lezingen == []


def test_token_for_another_service_is_refused(provider: Provider, dienst: Dienst) -> None:
    assert is_refused(dienst.ask(provider.give_token("p-lezer", "urn:elders")))


def test_token_is_refused_from_its_end_on(provider: Provider, dienst: Dienst) -> None:
    token = provider.give_token("p-lezer")
    assert dienst.ask(token).status_code == 200
    dienst.tijd["wand"] = 301

    assert is_refused(dienst.ask(token))


def test_token_that_begins_later_is_refused(provider: Provider, dienst: Dienst) -> None:
    dienst.tijd["wand"] = -60

    assert is_refused(dienst.ask(provider.give_token("p-lezer")))


def _encode(inhoud: bytes) -> str:
    return base64.urlsafe_b64encode(inhoud).rstrip(b"=").decode()


def test_token_that_is_made_without_the_providers_secret_is_refused(
    provider: Provider, dienst: Dienst
) -> None:
    echt = provider.give_token("p-politie")
    kop, inhoud, handtekening = echt.split(".")
    claims = json.loads(base64.urlsafe_b64decode(inhoud + "=="))
    claims["roles"] = ["SBL.lezer", "SBL.beheer"]
    meer = _encode(json.dumps(claims).encode())
    rsa = next(sleutel for sleutel in provider.read_keys() if sleutel["kty"] == "RSA")
    publiek = RSAKey.import_key(rsa)
    vals = [f"{kop}.{meer}.{handtekening}", f"{kop}.{meer}.", f"{kop}..{handtekening}", kop]
    for alg in ("none", "None", "NONE"):
        for eind in ("", handtekening):
            zonder = _encode(json.dumps({"alg": alg, "kid": rsa["kid"]}).encode())
            vals.append(f"{zonder}.{meer}.{eind}")
    for geheim in (publiek.as_pem(private=False), publiek.as_der(private=False),
                   json.dumps(rsa).encode(), rsa["n"].encode(), b""):  # fmt: skip
        deel = f"{_encode(json.dumps({'alg': 'HS256', 'kid': rsa['kid']}).encode())}.{meer}"
        vals.append(f"{deel}.{_encode(hmac.digest(geheim, deel.encode(), hashlib.sha256))}")
    eigen = RSAKey.generate_key(2048)
    for extra in (
        {"kid": rsa["kid"]},
        {"kid": rsa["kid"], "jwk": eigen.as_dict(private=False)},
        {},
    ):
        from serving.aanmelding.bewijs import REGISTER

        vals.append(jwt.encode({"alg": "RS256", **extra}, claims, eigen, registry=REGISTER))

    assert dienst.ask(echt).status_code == 403
    for token in vals:
        assert is_refused(dienst.ask(token)), token
        assert dienst.ask(token, "/complexen").status_code == 401
    assert dienst.leeslog.lezingen == []


@pytest.mark.parametrize("maat", [8_200, 60_000])
def test_token_that_is_too_large_is_refused(dienst: Dienst, maat: int) -> None:
    assert is_refused(dienst.ask("eyJ" + "x" * maat))


def test_new_keys_of_the_provider_are_asked_once_in_half_a_minute(
    make_dienst: Callable[[Provider], Dienst],
) -> None:
    with run_provider() as provider:
        dienst = make_dienst(provider)
        oud = provider.give_token("p-lezer")
        ander = provider.give_token("p-wijkbeheer")
        assert dienst.ask(oud).status_code == 200
        provider.replace_keys()
        nieuw = provider.give_token("p-lezer")

        assert is_refused(dienst.ask(nieuw)), "keys were asked a moment ago"
        dienst.tijd["loop"] = 30
        assert dienst.ask(nieuw).status_code == 200
        assert is_refused(dienst.ask(ander)), "what was signed with a key that was taken back"
        assert dienst.ask(oud).status_code == 200, "it was found good half a minute ago"
        dienst.tijd["wand"] = 30
        assert is_refused(dienst.ask(oud))


def test_provider_that_is_away_shuts_out_nobody_whose_key_is_known(
    make_dienst: Callable[[Provider], Dienst],
) -> None:
    with run_provider() as provider:
        dienst, later = make_dienst(provider), make_dienst(provider)
        assert dienst.ask(provider.give_token("p-lezer")).status_code == 200
        token = provider.give_token("p-wijkbeheer")
        provider.replace_keys()
        nieuw = provider.give_token("p-lezer")
        provider.stop()

    dienst.tijd["loop"] = 3_600
    assert dienst.ask(token).status_code == 200
    for wie, stuk in ((dienst, nieuw), (later, token)):
        antwoord = wie.ask(stuk)
        assert antwoord.status_code == 503
        assert antwoord.headers["retry-after"] == "60"
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert wie.ask(stuk, "/complexen").status_code == 503
        assert wie.ask(wie.sleutel).status_code == 200, "keys of our own do not need it"
        assert wie.client.get("/v1/buurten").status_code == 200
