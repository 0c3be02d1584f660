"""Logging in at the page: the way to the provider and back (authorization code with PKCE).

Nothing is kept here between the two: the browser holds a sealed cookie with the state. The nonce
and the PKCE verifier follow from the state and the secret of this installation, so that neither
leaves the server before it must.

Source: OpenID Connect Core 1.0 section 3.1, RFC 7636 (PKCE), RFC 9207 (issuer in the answer),
OpenID Connect RP-Initiated Logout 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from serving.aanmelding.aanbieder import Aanbieder, AanbiederWeg, AanbiederWeigert
from serving.aanmelding.beleid import has_claim, read_naam, read_rollen
from serving.aanmelding.bewijs import (
    SleutelOnbekend,
    TokenOngeldig,
    check_id_token,
    read_moment,
)
from serving.aanmelding.paden import PAD_TERUG
from vera.toegang import Rol

SECONDEN: Final = 600
"""How long logging in at the provider may take."""

_DELEN: Final = 4
_WACHT: Final = 20.0


class AanmeldingMislukt(Exception):
    """What came back is not an answer to what this browser asked, or not a true one."""


class AntwoordVreemd(AanmeldingMislukt):
    """It is of another browser or of long ago: any page elsewhere can make a browser bring that."""


@dataclass(frozen=True)
class Aangemeld:
    """Who came back: a name, roles of ours, until when, and the page they came for."""

    naam: str
    rollen: tuple[Rol, ...]
    tot: float
    terug: str


class Stroom:
    """Sends a browser to the provider and reads what it brings back.

    Parameters
    ----------
    aanbieder
        The provider.
    geheim
        Gives the secret of this installation.
    basis_url
        Address under which people reach the site.
    klok
        Gives seconds since 1970.
    """

    def __init__(
        self,
        aanbieder: Aanbieder,
        geheim: Callable[[], bytes],
        basis_url: str,
        *,
        klok: Callable[[], float] = time.time,
    ) -> None:
        self._aanbieder = aanbieder
        self._vind_geheim = geheim
        self._basis_url = basis_url.rstrip("/")
        self._klok = klok

    def begin(self, terug: str) -> tuple[str, str]:
        """Return where to send the browser, and the cookie that it must bring back.

        Parameters
        ----------
        terug
            The page of ours that it came for.

        Raises
        ------
        AanbiederWeg
            When the provider does not say where it wants the browser.
        """
        beleid = self._aanbieder.beleid
        state = secrets.token_urlsafe(32)
        vraag = {
            "response_type": "code",
            "client_id": beleid.client_id or "",
            "redirect_uri": f"{self._basis_url}{PAD_TERUG}",
            "scope": beleid.scope,
            "state": state,
            "nonce": self._derive("nonce", state),
            "code_challenge": _hash(self._derive("verifier", state)),
            "code_challenge_method": "S256",
        }
        kern = f"{state}.{int(self._klok()) + SECONDEN}.{_encode(terug.encode())}"
        adres = self._aanbieder.find_adressen().authorization_endpoint
        return _add_query(adres, vraag), f"{kern}.{self._derive('begin', kern)}"

    def finish(self, koekje: str, antwoord: Mapping[str, str]) -> Aangemeld:
        """Return who came back; waits for the network.

        Parameters
        ----------
        koekje
            The cookie that the browser brings back.
        antwoord
            The query by which the provider sent it back.

        Raises
        ------
        AanmeldingMislukt
            When it is not an answer to what this browser asked, or not a true one.
        AanbiederWeg
            When the provider does not answer.
        """
        state, terug = self._read_begin(koekje)
        if not hmac.compare_digest(antwoord.get("state", "").encode(), state.encode()):
            raise AntwoordVreemd("state")
        beleid = self._aanbieder.beleid
        if antwoord.get("iss", beleid.uitgever) != beleid.uitgever:
            raise AanmeldingMislukt("iss")
        if "error" in antwoord or not antwoord.get("code"):
            raise AanmeldingMislukt("error")
        try:
            tokens = self._aanbieder.exchange(
                antwoord["code"],
                self._derive("verifier", state),
                f"{self._basis_url}{PAD_TERUG}",
            )
            id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
            if not isinstance(id_token, str):
                raise AanmeldingMislukt("id_token")
            if access_token is not None and not isinstance(access_token, str):
                raise AanmeldingMislukt("access_token")
            claims = self._check(id_token, self._derive("nonce", state), access_token)
            meer: Mapping[str, Any] = {}
            # Some providers keep the id token small; then the roles or the name are asked for.
            if access_token is not None and not (
                has_claim(claims, beleid.rollen_claim) and has_claim(claims, beleid.naam_claim)
            ):
                meer = self._ask_more(access_token, claims["sub"])
        except AanbiederWeigert as fout:
            raise AanmeldingMislukt("code") from fout
        except TokenOngeldig as fout:
            raise AanmeldingMislukt(f"id token: {fout}") from fout
        alles = {**meer, **claims}
        naam = read_naam(beleid, alles)
        if naam is None:
            raise AanmeldingMislukt("naam")
        return Aangemeld(naam, read_rollen(beleid, alles), read_moment(claims["exp"]), terug)

    def find_uit(self) -> str | None:
        """Return where one logs out at the provider; None when it has no such address."""
        try:
            adres = self._aanbieder.find_adressen().end_session_endpoint
        except AanbiederWeg:
            return None
        if adres is None:
            return None
        client_id = self._aanbieder.beleid.client_id or ""
        terug = {"client_id": client_id, "post_logout_redirect_uri": f"{self._basis_url}/"}
        return _add_query(adres, terug)

    def _check(self, token: str, nonce: str, access_token: str | None) -> Mapping[str, Any]:
        for keer in (0, 1):
            try:
                return check_id_token(
                    self._aanbieder.beleid,
                    token.encode(),
                    self._aanbieder.find_key,
                    self._klok(),
                    nonce=nonce,
                    access_token=access_token,
                )
            except SleutelOnbekend:
                poging = None if keer else self._aanbieder.refresh()
                if poging is None:
                    break
                try:
                    poging.result(timeout=_WACHT)
                except TimeoutError:
                    raise AanbiederWeg("De aanbieder geeft zijn sleutels niet op tijd.") from None
        if self._aanbieder.is_weg:
            raise AanbiederWeg("De aanbieder van de aanmelding geeft zijn sleutels niet.")
        raise AanmeldingMislukt("kid")

    def _ask_more(self, access_token: str, sub: str) -> Mapping[str, Any]:
        meer = self._aanbieder.ask_userinfo(access_token)
        # Or somebody else's answer could be put in the place of theirs.
        if meer and meer.get("sub") != sub:
            raise AanmeldingMislukt("userinfo")
        return meer

    def _read_begin(self, koekje: str) -> tuple[str, str]:
        delen = koekje.split(".")
        kern = koekje.rpartition(".")[0]
        if (
            len(delen) != _DELEN
            or not koekje.isascii()
            or not hmac.compare_digest(self._derive("begin", kern).encode(), delen[3].encode())
        ):
            raise AntwoordVreemd("koekje")
        if self._klok() >= int(delen[1]):
            raise AntwoordVreemd("verlopen")
        terug = base64.urlsafe_b64decode(delen[2] + "=" * (-len(delen[2]) % 4)).decode()
        return delen[0], terug

    def _derive(self, wat: str, van: str) -> str:
        som = hmac.digest(self._vind_geheim(), f"oidc-{wat}:{van}".encode(), "sha256")
        return _encode(som)


def _hash(tekst: str) -> str:
    return _encode(hashlib.sha256(tekst.encode()).digest())


def _encode(inhoud: bytes) -> str:
    return base64.urlsafe_b64encode(inhoud).rstrip(b"=").decode()


def _add_query(adres: str, vraag: Mapping[str, str]) -> str:
    # The provider's address may have a query of its own (RFC 6749 section 3.1).
    return f"{adres}{'&' if urlsplit(adres).query else '?'}{urlencode(vraag)}"
