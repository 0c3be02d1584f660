"""Speaks with the OpenID provider: what it says of itself, its keys, and a code for tokens.

What it said is kept. Its keys are asked again when they are ten minutes old, and at once for a key
that is not known, but never more often than twice a minute; while it does not answer, the keys that
are known stay good, for a day. That it did not say where its addresses are is remembered too, for
as long. Nothing here runs on the thread of the event loop.

Source: OpenID Connect Discovery 1.0, RFC 7517 (keys), RFC 6749 section 4.1.3 (code for tokens).
"""

from __future__ import annotations

import json
import logging
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus

import httpx2
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from serving.aanmelding.beleid import Beleid, check_adres
from vera.errors import BuurtpeilError, GebruikFout

_log = logging.getLogger(__name__)

VERVERS: Final = 600.0
"""Seconds after which keys are asked again."""

RUST: Final = 30.0
"""Seconds that must pass between asking and asking again."""

HOUDBAAR: Final = 86_400.0
"""Seconds that keys are good for when the provider does not answer."""

TIJD: Final = 5.0
MAXIMUM_BYTES: Final = 524_288
MINIMUM_RSA: Final = 2048

_EINDPUNTEN: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class AanbiederWeg(BuurtpeilError):
    """The provider cannot be reached, or says something that is no answer."""


class AanbiederWeigert(BuurtpeilError):
    """The provider does not take this code."""


@dataclass(frozen=True)
class Adressen:
    """What the provider says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    neemt_basic: bool


@dataclass(frozen=True)
class _Sleutels:
    gelezen: float
    alle: tuple[tuple[str | None, Key], ...]


class Aanbieder:
    """One provider.

    Parameters
    ----------
    beleid
        What is agreed with it.
    klok
        Gives seconds that only go forward.
    rust
        Seconds between asking and asking again.
    """

    def __init__(
        self,
        beleid: Beleid,
        *,
        klok: Callable[[], float] = time.monotonic,
        rust: float = RUST,
    ) -> None:
        self.beleid = beleid
        self._klok = klok
        self._rust = rust
        self._adressen: Adressen | None = None
        self._sleutels: _Sleutels | None = None
        self._geprobeerd: float | None = None
        self._bezig: Future[None] | None = None
        self._mislukt = False
        self._slot = threading.Lock()
        self._ontdekslot = threading.Lock()
        self._stilte: tuple[float, AanbiederWeg] | None = None
        # One thread: whoever waits for keys waits for the same answer.
        self._draad = ThreadPoolExecutor(1, thread_name_prefix="oidc")
        # A proxy of the environment is for elsewhere, never for this machine.
        self._klant = httpx2.Client(
            timeout=TIJD,
            follow_redirects=False,
            trust_env=not beleid.is_hier,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    @property
    def is_weg(self) -> bool:
        """Whether it did not answer when it was last asked for keys."""
        return self._mislukt

    def find_key(self, kid: str | None, alg: str) -> Key | None:
        """Return the key by which a token says it is signed; None when it is not known.

        Parameters
        ----------
        kid
            As the token names it; None takes the one key that fits, if there is one.
        alg
            Algorithm of the signature.
        """
        sleutels = self._sleutels
        if sleutels is None:
            return None
        oud = self._klok() - sleutels.gelezen
        if oud >= VERVERS:
            self.refresh()
        if oud >= HOUDBAAR:
            return None
        passend = [
            sleutel
            for naam, sleutel in sleutels.alle
            if (kid is None or naam == kid) and _fits(sleutel, alg)
        ]
        return passend[0] if len(passend) == 1 else None

    def refresh(self) -> Future[None] | None:
        """Begin to ask for the keys, or join who did; None when that was a moment ago.

        The future ends well also when the provider does not answer: see ``is_weg``.
        """
        with self._slot:
            if self._bezig is not None and not self._bezig.done():
                return self._bezig
            nu = self._klok()
            if self._geprobeerd is not None and nu - self._geprobeerd < self._rust:
                return None
            self._geprobeerd = nu
            self._bezig = self._draad.submit(self._fetch_keys)
            return self._bezig

    @property
    def kent_adressen(self) -> bool:
        """Whether what it says of itself is known, so that nobody waits for the network for it."""
        return self._adressen is not None

    def find_adressen(self) -> Adressen:
        """Return what it says of itself; may wait for the network.

        One asks, and whoever comes meanwhile waits for that answer. When it did not answer, it is
        not asked again until it had its rest.

        Raises
        ------
        AanbiederWeg
            When it does not say it, did not a moment ago, or names itself otherwise than agreed.
        """
        return self._discover(geduldig=True)

    def exchange(self, code: str, verifier: str, terug: str) -> Mapping[str, Any]:
        """Return the tokens for a code; waits for the network.

        Raises
        ------
        AanbiederWeg, AanbiederWeigert
            When it does not answer, or does not take the code.
        """
        adressen = self.find_adressen()
        naam, geheim = self.beleid.client_id or "", self.beleid.client_geheim
        velden = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": terug,
            "code_verifier": verifier,
        }
        basic = None
        if geheim is not None and adressen.neemt_basic:
            # RFC 6749 section 2.3.1: both are form-encoded first.
            basic = (quote_plus(naam), quote_plus(geheim))
        else:
            velden["client_id"] = naam
            if geheim is not None:
                velden["client_secret"] = geheim
        return self._ask("POST", adressen.token_endpoint, velden=velden, basic=basic)

    def ask_userinfo(self, access_token: str) -> Mapping[str, Any]:
        """Return what the provider says of who holds a token; empty when it has no such address.

        Raises
        ------
        AanbiederWeg, AanbiederWeigert
            When it does not answer, or does not take the token.
        """
        adres = self.find_adressen().userinfo_endpoint
        if adres is None:
            return {}
        return self._ask("GET", adres, koppen={"authorization": f"Bearer {access_token}"})

    def close(self) -> None:
        """Ask nothing any more."""
        self._draad.shutdown(wait=True, cancel_futures=True)
        self._klant.close()

    def _discover(self, *, geduldig: bool) -> Adressen:
        if (adressen := self._adressen) is not None:
            return adressen
        with self._ontdekslot:
            if (adressen := self._adressen) is not None:
                return adressen
            nu = self._klok()
            if geduldig and self._stilte is not None and nu - self._stilte[0] < self._rust:
                fout = self._stilte[1]
                raise AanbiederWeg(fout.gevonden, verwacht=fout.verwacht, remedie=fout.remedie)
            adres = f"{self.beleid.uitgever.rstrip('/')}/.well-known/openid-configuration"
            try:
                adressen = self._read_adressen(self._ask("GET", adres))
            except AanbiederWeg as fout:
                # From when it ended: a provider that keeps one waiting has its rest as well.
                self._stilte = (self._klok(), fout)
                raise
            self._stilte = None
            self._adressen = adressen
            return adressen

    def _fetch_keys(self) -> None:
        try:
            # Its own moments are spread already (``refresh``).
            inhoud = self._ask("GET", self._discover(geduldig=False).jwks_uri)
            alle = read_keys(inhoud)
        except BuurtpeilError as fout:
            _log.warning("keys of the OpenID provider could not be read: %s", fout.gevonden)
            self._mislukt = True
            self._adressen = None  # it may have moved; what it says of itself is asked again
            return
        self._sleutels = _Sleutels(self._klok(), alle)
        self._mislukt = False

    def _read_adressen(self, zegt: Mapping[str, Any]) -> Adressen:
        if zegt.get("issuer") != self.beleid.uitgever:
            raise AanbiederWeg(
                "De aanbieder noemt zich anders dan in BUURTPEIL_OIDC_ISSUER staat: "
                f"{str(zegt.get('issuer'))[:120]!r}.",
                verwacht=self.beleid.uitgever,
                remedie="neem de issuer letterlijk over, ook een schuine streep aan het eind",
            )
        adressen = {naam: self._check(zegt.get(naam), naam) for naam in _EINDPUNTEN}
        methoden = zegt.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Adressen(
            **adressen,
            userinfo_endpoint=self._check_if_any(zegt, "userinfo_endpoint"),
            end_session_endpoint=self._check_if_any(zegt, "end_session_endpoint"),
            neemt_basic=isinstance(methoden, list) and "client_secret_basic" in methoden,
        )

    def _check(self, adres: object, wat: str) -> str:
        try:
            return check_adres(str(adres), wat, is_hier=self.beleid.is_hier)
        except GebruikFout as fout:
            raise AanbiederWeg(fout.gevonden) from fout

    def _check_if_any(self, zegt: Mapping[str, Any], wat: str) -> str | None:
        return self._check(zegt[wat], wat) if zegt.get(wat) else None

    def _ask(
        self,
        methode: str,
        adres: str,
        *,
        velden: Mapping[str, str] | None = None,
        koppen: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
    ) -> Mapping[str, Any]:
        inhoud = bytearray()
        try:
            with self._klant.stream(
                methode,
                adres,
                data=velden,
                headers={"accept": "application/json", **(koppen or {})},
                auth=basic,
            ) as antwoord:
                status = antwoord.status_code
                eind = self._klok() + 2 * TIJD
                for deel in antwoord.iter_bytes():
                    inhoud += deel
                    if len(inhoud) > MAXIMUM_BYTES or self._klok() > eind:
                        raise _say_weg("een antwoord dat te groot is of te lang duurt")
        except httpx2.HTTPError as fout:
            raise _say_weg(type(fout).__name__) from fout
        if methode == "POST" and 400 <= status < 500:
            raise AanbiederWeigert("De aanbieder neemt deze aanmelding niet aan.")
        if status != 200:
            raise _say_weg(f"status {status}")
        try:
            gelezen = json.loads(bytes(inhoud))
        except ValueError as fout:
            raise _say_weg("iets anders dan JSON") from fout
        if not isinstance(gelezen, dict):
            raise _say_weg("iets anders dan een JSON-object")
        return gelezen


def read_keys(inhoud: Mapping[str, Any]) -> tuple[tuple[str | None, Key], ...]:
    """Return the keys of a key set that may sign: public, of a known kind, not too short.

    Raises
    ------
    AanbiederWeg
        When there is none.
    """
    stukken = inhoud.get("keys")
    gevonden: list[tuple[str | None, Key]] = []
    for stuk in stukken if isinstance(stukken, Sequence) else ():
        if not isinstance(stuk, dict) or stuk.get("use", "sig") != "sig":
            continue
        try:
            with warnings.catch_warnings():
                # Of keys that are short it warns; those are left out here (``_fits``).
                warnings.simplefilter("ignore", SecurityWarning)
                sleutel = KeySet.import_key_set({"keys": [stuk]}).keys[0]
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(sleutel, RSAKey | ECKey | OKPKey) and not sleutel.is_private:
            kid = stuk.get("kid")
            gevonden.append((kid if isinstance(kid, str) else None, sleutel))
    if not gevonden:
        raise _say_weg("geen enkele bruikbare sleutel")
    return tuple(gevonden)


def _fits(sleutel: Key, alg: str) -> bool:
    """Tell whether a key may have made a signature of this kind."""
    eigen = sleutel.get("alg")
    if eigen is not None and eigen != alg:
        return False
    if alg in {"RS256", "PS256"}:
        return isinstance(sleutel, RSAKey) and sleutel.raw_value.key_size >= MINIMUM_RSA
    if alg == "ES256":
        return isinstance(sleutel, ECKey) and sleutel.get("crv") == "P-256"
    return alg == "EdDSA" and isinstance(sleutel, OKPKey) and sleutel.get("crv") == "Ed25519"


def _say_weg(gevonden: str) -> AanbiederWeg:
    return AanbiederWeg(
        f"De aanbieder van de aanmelding geeft nu geen goed antwoord ({gevonden}).",
        remedie="probeer het later opnieuw, of meld u aan met een sleutel",
    )
