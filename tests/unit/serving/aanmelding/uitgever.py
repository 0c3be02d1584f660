"""A provider in memory: keys of every kind, tokens of every shape, answers without a network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from serving.aanmelding.aanbieder import Aanbieder
from serving.aanmelding.beleid import Beleid
from serving.aanmelding.bewijs import REGISTER

ISSUER = "https://aanbieder.example/tenant"
AUDIENCE = "urn:buurtpeil"
BELEID = Beleid(
    ISSUER,
    {"SBL.Lezer": ("lezer",), "SBL.Wijk": ("wijkbeheer", "lezer"), "SBL.Agent": ("politie",)},
    audience=AUDIENCE,
    client_id="pagina",
    client_geheim="g:e/h",
    naam="Voorbeeld Wonen",
)
NU = 1_800_000_000.0

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
ANDER = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
SLEUTELS: dict[str, Key] = {"RS256": RSA, "PS256": RSA, "ES256": EC, "EdDSA": ED}


def claim(nu: float = NU, **anders: Any) -> dict[str, Any]:
    """Return the claims of a good access token; None takes one away."""
    alles = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "anna",
        "iat": nu,
        "exp": nu + 300,
        "roles": ["SBL.Lezer"],
        **anders,
    }
    return {naam: waarde for naam, waarde in alles.items() if waarde is not None}


def sign(
    claims: dict[str, Any], alg: str = "RS256", sleutel: Key | None = None, **kop: Any
) -> bytes:
    """Return a token."""
    sleutel = sleutel or SLEUTELS[alg]
    alles = {"alg": alg, "kid": sleutel.kid, "typ": "at+jwt", **kop}
    alles = {naam: waarde for naam, waarde in alles.items() if waarde is not None}
    return jwt.encode(alles, claims, sleutel, registry=REGISTER).encode()


def publish(*sleutels: Key) -> dict[str, Any]:
    """Return a key set as a provider shows it."""
    return {"keys": [sleutel.as_dict(private=False) for sleutel in sleutels or (RSA, EC, ED)]}


class Wereld:
    """What stands at each address of the provider, and what was asked of it."""

    def __init__(self, **zegt: Any) -> None:
        self.weg = False
        self.nu = 0.0
        self.gevraagd: list[httpx2.Request] = []
        self.inhoud: dict[str, Any] = {
            "/tenant/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth?p=1",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/jwks",
                "userinfo_endpoint": f"{ISSUER}/me",
                "end_session_endpoint": f"{ISSUER}/uit",
                **zegt,
            },
            "/tenant/jwks": publish(),
        }

    def answer(self, vraag: httpx2.Request) -> httpx2.Response:
        self.gevraagd.append(vraag)
        if self.weg:
            raise httpx2.ConnectError("nobody there")
        inhoud = self.inhoud.get(vraag.url.path)
        if isinstance(inhoud, httpx2.Response):
            return inhoud
        return httpx2.Response(404 if inhoud is None else 200, content=json.dumps(inhoud))

    def count(self, pad: str) -> int:
        return sum(vraag.url.path == pad for vraag in self.gevraagd)

    def make_aanbieder(self, beleid: Beleid = BELEID, **anders: Any) -> Aanbieder:
        aanbieder = Aanbieder(beleid, klok=lambda: self.nu, **anders)
        aanbieder._klant = httpx2.Client(transport=httpx2.MockTransport(self.answer))
        return aanbieder


def make_vind(*sleutels: Key) -> Callable[[str | None, str], Key | None]:
    """Return what finds one of these keys, as a provider that is there."""
    wereld = Wereld()
    wereld.inhoud["/tenant/jwks"] = publish(*sleutels)
    aanbieder = wereld.make_aanbieder()
    poging = aanbieder.refresh()
    assert poging is not None
    poging.result(timeout=20)
    aanbieder.close()
    return aanbieder.find_key


def now() -> float:
    return time.time()
