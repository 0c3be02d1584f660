"""Whether a token is true: signed by the provider, for us, now.

Belongs here: signature, algorithm, issuer, audience, times, and what tells an access token from an
id token. Does not belong here: what its claims mean (``serving.aanmelding.beleid``), asking for
keys (``serving.aanmelding.aanbieder``).

Source: RFC 8725 (best practice for JWT), RFC 9068 section 4, OpenID Connect Core 1.0 section
3.1.3.7.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import Key

from serving.aanmelding.beleid import Beleid

ALGORITMEN: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Asymmetric alone: with HMAC, whoever may check a token may make one."""

MAXIMUM_TOKEN: Final = 8_192
SPELING: Final = 30.0
"""Seconds that a clock may be ahead of ours for when a token begins; its end is its end."""

_SOORTEN: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_HASH: Final = {"EdDSA": hashlib.sha512}

Vind = Callable[[str | None, str], Key | None]
"""Gives the key of an id and an algorithm."""


class TokenOngeldig(Exception):
    """The token is not true, or not for us. Says why in a word, for the log and the tests."""


class SleutelOnbekend(Exception):
    """The token may be true; by which key it is signed is not known."""


class Register(jws.JWSRegistry):
    """The algorithms that are taken; others are not found at all."""

    def get_alg(self, name: str) -> Any:
        """Return how an algorithm works, when it is one of ours."""
        # Not the library's own look-up: it warns of "EdDSA", which is now written "Ed25519" as
        # well, while providers still write the old name.
        if name not in ALGORITMEN:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


REGISTER: Final = Register(strict_check_header=False)


def check_access_token(beleid: Beleid, token: bytes, vind: Vind, nu: float) -> Mapping[str, Any]:
    """Return the claims of an access token.

    Parameters
    ----------
    beleid
        What is agreed with the provider.
    token
        As it stands in the header.
    vind
        Gives a key.
    nu
        Seconds since 1970.

    Raises
    ------
    TokenOngeldig
        When it is not true, over, for another, or no access token.
    SleutelOnbekend
        When its key is not known.
    """
    if beleid.audience is None:
        raise TokenOngeldig("audience")
    kop, claims = _read_signed(token, vind)
    # An id token says who logged in at a page; it is no permission to read.
    soort = kop.get("typ", "jwt")
    if not isinstance(soort, str) or soort.lower() not in _SOORTEN:
        raise TokenOngeldig("typ")
    if "nonce" in claims or "at_hash" in claims or claims.get("typ") in {"ID", "Refresh", "Logout"}:
        raise TokenOngeldig("typ")
    _check_claims(claims, beleid.uitgever, beleid.audience, nu)
    return claims


def check_id_token(
    beleid: Beleid,
    token: bytes,
    vind: Vind,
    nu: float,
    *,
    nonce: str,
    access_token: str | None,
) -> Mapping[str, Any]:
    """Return the claims of an id token that answers our question.

    Parameters
    ----------
    beleid, token, vind, nu
        As for an access token.
    nonce
        What we asked to have repeated.
    access_token
        The token that came with it.

    Raises
    ------
    TokenOngeldig, SleutelOnbekend
        As for an access token; also when it answers another question.
    """
    client_id = beleid.client_id
    if client_id is None:
        raise TokenOngeldig("audience")
    kop, claims = _read_signed(token, vind)
    _check_claims(claims, beleid.uitgever, client_id, nu)
    aud, azp = claims["aud"], claims.get("azp")
    if (isinstance(aud, list) and len(aud) > 1 and azp is None) or azp not in {None, client_id}:
        raise TokenOngeldig("azp")
    if not _is_same(claims.get("nonce"), nonce):
        raise TokenOngeldig("nonce")
    at_hash = claims.get("at_hash")
    if at_hash is not None and (
        access_token is None or not _is_same(at_hash, _hash_half(access_token, str(kop["alg"])))
    ):
        raise TokenOngeldig("at_hash")
    return claims


def _read_signed(token: bytes, vind: Vind) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if len(token) > MAXIMUM_TOKEN:
        raise TokenOngeldig("size")

    def find(stuk: Any) -> Key:
        kop = stuk.headers()
        alg, kid = kop.get("alg"), kop.get("kid")
        if alg not in ALGORITMEN or not (kid is None or isinstance(kid, str)):
            raise TokenOngeldig("alg")
        sleutel = vind(kid, alg)
        if sleutel is None:
            raise SleutelOnbekend
        return sleutel

    try:
        gelezen = jwt.decode(token, find, registry=REGISTER)
    except (TokenOngeldig, SleutelOnbekend):
        raise
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as fout:
        raise TokenOngeldig(type(fout).__name__) from fout
    return gelezen.header, gelezen.claims


def _check_claims(claims: Mapping[str, Any], uitgever: str, voor: str, nu: float) -> None:
    if claims.get("iss") != uitgever:
        raise TokenOngeldig("iss")
    aud = claims.get("aud")
    if aud != voor and not (isinstance(aud, list) and voor in aud):
        raise TokenOngeldig("aud")
    if read_moment(claims.get("exp")) <= nu:
        raise TokenOngeldig("exp")
    for naam in ("nbf", "iat"):
        if naam in claims and read_moment(claims[naam]) > nu + SPELING:
            raise TokenOngeldig(naam)
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise TokenOngeldig("sub")


def read_moment(waarde: object) -> float:
    """Return a moment of a claim in seconds since 1970.

    Raises
    ------
    TokenOngeldig
        When it is no number.
    """
    if isinstance(waarde, bool) or not isinstance(waarde, int | float):
        raise TokenOngeldig("moment")
    try:
        moment = float(waarde)
    except OverflowError:
        raise TokenOngeldig("moment") from None
    if not math.isfinite(moment):
        raise TokenOngeldig("moment")
    return moment


def _is_same(gekregen: object, verwacht: str) -> bool:
    return isinstance(gekregen, str) and hmac.compare_digest(gekregen.encode(), verwacht.encode())


def _hash_half(tekst: str, alg: str) -> str:
    som = _HASH.get(alg, hashlib.sha256)(tekst.encode()).digest()
    return base64.urlsafe_b64encode(som[: len(som) // 2]).rstrip(b"=").decode()
