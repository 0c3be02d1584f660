"""Whether a token is true, for us, and now; and every way in which it is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey

from serving.aanmelding.bewijs import (
    MAXIMUM_TOKEN,
    SleutelOnbekend,
    TokenOngeldig,
    check_access_token,
    check_id_token,
)
from tests.unit.serving.aanmelding.uitgever import (
    ANDER,
    AUDIENCE,
    BELEID,
    ISSUER,
    NU,
    RSA,
    claim,
    make_vind,
    sign,
)

VIND = make_vind()


def check(token: bytes, nu: float = NU) -> Any:
    return check_access_token(BELEID, token, VIND, nu)


def encode(inhoud: object) -> bytes:
    tekst = inhoud if isinstance(inhoud, bytes) else json.dumps(inhoud).encode()
    return base64.urlsafe_b64encode(tekst).rstrip(b"=")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_token_of_the_provider_holds_in_every_algorithm_that_is_taken(alg: str) -> None:
    assert check(sign(claim(), alg))["sub"] == "anna"


def test_one_of_several_audiences_is_ours() -> None:
    assert check(sign(claim(aud=["urn:elders", AUDIENCE])))["sub"] == "anna"


@pytest.mark.parametrize("kid", [None, "rsa"])
def test_token_without_a_key_id_holds_when_one_key_alone_fits(kid: str | None) -> None:
    assert check(sign(claim(), kid=kid))["sub"] == "anna"
    with pytest.raises(SleutelOnbekend):
        check_access_token(BELEID, sign(claim(), kid=None), make_vind(RSA, ANDER), NU)


@pytest.mark.parametrize(
    ("anders", "waarom"),
    [
        ({"iss": "https://elders.example"}, "iss"),
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "urn:elders"}, "aud"),
        ({"aud": ["urn:elders"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {AUDIENCE: 1}}, "aud"),
        ({"aud": f"{AUDIENCE} "}, "aud"),
        ({"exp": NU}, "exp"),
        ({"exp": NU - 1}, "exp"),
        ({"exp": None}, "moment"),
        ({"exp": "9999999999"}, "moment"),
        ({"exp": True}, "moment"),
        ({"exp": float("inf")}, "moment"),
        ({"exp": float("nan")}, "moment"),
        ({"exp": 10**400}, "moment"),
        ({"nbf": NU + 31}, "nbf"),
        ({"nbf": "straks"}, "moment"),
        ({"iat": NU + 31}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"nonce": "x"}, "typ"),
        ({"at_hash": "x"}, "typ"),
        ({"typ": "ID"}, "typ"),
        ({"typ": "Refresh"}, "typ"),
    ],
)
def test_token_for_another_time_place_or_purpose_is_refused(
    anders: dict[str, Any], waarom: str
) -> None:
    with pytest.raises(TokenOngeldig, match=f"^{waarom}$"):
        check(sign(claim(**anders)))


def test_clock_of_the_provider_may_be_half_a_minute_ahead_and_an_end_is_an_end() -> None:
    assert check(sign(claim(nbf=NU + 30, iat=NU + 30)))
    assert check(sign(claim(exp=NU + 1)))
    with pytest.raises(TokenOngeldig, match="exp"):
        check(sign(claim(exp=NU + 1)), NU + 1)


@pytest.mark.parametrize("soort", ["logout+jwt", "secevent+jwt", "id+jwt"])
def test_another_kind_of_token_is_no_access_token(soort: str) -> None:
    with pytest.raises(TokenOngeldig):
        check(sign(claim(), typ=soort))


@pytest.mark.parametrize("soort", [None, "JWT", "at+jwt", "application/at+jwt"])
def test_access_token_may_leave_its_kind_out(soort: str | None) -> None:
    assert check(sign(claim(), typ=soort))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 0, ["RS256"], {"a": 1}])
@pytest.mark.parametrize("handtekening", [b"", b"eA"])
def test_token_that_is_signed_by_nobody_is_refused(alg: object, handtekening: bytes) -> None:
    kop = encode({"alg": alg, "typ": "at+jwt", "kid": "rsa"})

    with pytest.raises(TokenOngeldig):
        check(b".".join([kop, encode(claim()), handtekening]))


@pytest.mark.parametrize("vorm", ["pem", "der", "jwk", "n"])
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_public_key_is_no_secret_to_sign_with(vorm: str, alg: str) -> None:
    publiek = RSA.as_dict(private=False)
    geheim = {
        "pem": RSA.as_pem(private=False),
        "der": RSA.as_der(private=False),
        "jwk": json.dumps(publiek).encode(),
        "n": str(publiek["n"]).encode(),
    }[vorm]
    deel = encode({"alg": alg, "typ": "at+jwt", "kid": "rsa"}) + b"." + encode(claim())
    som = hmac.digest(geheim, deel, getattr(hashlib, f"sha{alg[2:]}"))

    with pytest.raises(TokenOngeldig):
        check(deel + b"." + encode(som))


def test_key_that_the_token_brings_itself_is_not_believed() -> None:
    for kop in ({"jwk": ANDER.as_dict(private=False)}, {"jku": "https://elders.example/jwks"},
                {"x5u": "https://elders.example/x"}, {}):  # fmt: skip
        with pytest.raises(TokenOngeldig):
            check(sign(claim(), sleutel=ANDER, **kop))


def test_key_of_one_kind_is_not_used_as_another() -> None:
    with pytest.raises(SleutelOnbekend):
        check(sign(claim(), "ES256", kid="rsa"))
    with pytest.raises(SleutelOnbekend):
        check(sign(claim(), "RS256", kid="ec"))


def test_key_that_is_too_short_signs_nothing() -> None:
    with pytest.warns(SecurityWarning, match="2048"):
        kort = RSAKey.generate_key(1024, {"kid": "kort"})
    vind = make_vind(RSA, kort)
    with pytest.raises(SleutelOnbekend):
        check_access_token(BELEID, sign(claim(), sleutel=kort), vind, NU)


def test_what_must_be_understood_and_is_not_is_refused() -> None:
    kop = encode({"alg": "RS256", "kid": "rsa", "crit": ["iets"], "iets": 1})
    with pytest.raises(TokenOngeldig):
        check(b".".join([kop, encode(claim()), b"eA"]))


@pytest.mark.parametrize("maat", [MAXIMUM_TOKEN + 1, 200_000])
def test_token_that_is_too_large_is_not_looked_into(maat: int) -> None:
    def ask(kid: str | None, alg: str) -> None:
        raise AssertionError("looked into")

    with pytest.raises(TokenOngeldig, match="size"):
        check_access_token(BELEID, b"eyJ" + b"x" * maat, ask, NU)


def test_every_change_to_a_token_shows() -> None:
    token = sign(claim())
    kop, inhoud, handtekening = token.split(b".")
    ander = encode(claim(roles=["SBL.Wijk"]))
    for vals in (
        b".".join([kop, ander, handtekening]),
        b".".join([kop, inhoud, handtekening[:-4] + b"AAAA"]),
        b".".join([kop, inhoud, b""]),
        b".".join([kop, inhoud]),
        b".".join([kop, inhoud, handtekening, b"x"]),
    ):
        with pytest.raises((TokenOngeldig, SleutelOnbekend)):
            check(vals)


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_no_bytes_at_all_do_anything_but_be_refused(midden: bytes, eind: bytes) -> None:
    for token in (
        b"eyJ" + midden + b"." + eind + b".",
        encode(midden) + b"." + encode(eind) + b".",
    ):
        with pytest.raises((TokenOngeldig, SleutelOnbekend)):
            check(token)


@pytest.mark.parametrize("inhoud", [[], "x", 7, None])
def test_claims_that_are_no_object_are_refused(inhoud: object) -> None:
    from joserfc import jws

    token = jws.serialize_compact({"alg": "RS256", "kid": "rsa"}, json.dumps(inhoud), RSA)
    with pytest.raises(TokenOngeldig):
        check(token.encode())


def test_without_an_audience_no_token_is_taken() -> None:
    from dataclasses import replace

    with pytest.raises(TokenOngeldig, match="audience"):
        check_access_token(replace(BELEID, audience=None), sign(claim()), VIND, NU)


def check_id(access_token: str | None = "t", **anders: Any) -> Any:
    token = sign(claim(**{"aud": "pagina", "nonce": "n", **anders}), typ="JWT")
    return check_id_token(BELEID, token, VIND, NU, nonce="n", access_token=access_token)


def test_id_token_that_answers_our_question_holds() -> None:
    som = base64.urlsafe_b64encode(hashlib.sha256(b"t").digest()[:16]).rstrip(b"=").decode()
    assert check_id()["sub"] == "anna"
    assert check_id(at_hash=som)["sub"] == "anna"
    assert check_id(azp="pagina", aud=["pagina", "x"])["sub"] == "anna"


@pytest.mark.parametrize(
    ("anders", "waarom"),
    [
        ({"nonce": "ander"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"aud": AUDIENCE}, "aud"),
        ({"aud": ["pagina", "x"]}, "azp"),
        ({"azp": "x"}, "azp"),
        ({"at_hash": "ander"}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
        ({"exp": NU}, "exp"),
        ({"iss": "https://elders.example"}, "iss"),
    ],
)
def test_id_token_that_answers_something_else_is_refused(
    anders: dict[str, Any], waarom: str
) -> None:
    with pytest.raises(TokenOngeldig, match=waarom):
        check_id(**anders)


def test_hash_of_a_token_that_did_not_come_is_refused() -> None:
    with pytest.raises(TokenOngeldig, match="at_hash"):
        check_id(access_token=None, at_hash="x")
