"""The way to the provider and back, without a network; tests/integration has a real provider."""

from __future__ import annotations

import base64
import hashlib
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from serving.aanmelding.aanbieder import AanbiederWeg
from serving.aanmelding.stroom import SECONDEN, AanmeldingMislukt, Stroom
from tests.unit.serving.aanmelding.uitgever import (
    ANDER,
    BELEID,
    NU,
    Wereld,
    claim,
    sign,
)

BASIS = "https://label.voorbeeldwonen.example"


class Reis:
    """One browser that goes to the provider and comes back."""

    def __init__(self, terug: str = "/complexen", **beleid: Any) -> None:
        from dataclasses import replace

        self.nu = NU
        self.wereld = Wereld()
        aanbieder = self.wereld.make_aanbieder(replace(BELEID, **beleid))
        self.stroom = Stroom(aanbieder, lambda: b"g" * 32, BASIS, klok=lambda: self.nu)
        adres, self.koekje = self.stroom.begin(terug)
        self.vraag = {naam: w[0] for naam, w in parse_qs(urlsplit(adres).query).items()}
        self.adres = adres
        self.give()

    def give(self, **anders: Any) -> None:
        """Let the provider give an id token for the code."""
        claims = claim(**{"aud": "pagina", "nonce": self.vraag["nonce"], **anders})
        self.wereld.inhoud["/tenant/token"] = {
            "id_token": sign(claims, typ="JWT").decode(),
            "access_token": "t",
        }

    def come_back(self, koekje: str | None = None, **anders: str) -> Any:
        antwoord = {"state": self.vraag["state"], "code": "c", **anders}
        return self.stroom.finish(self.koekje if koekje is None else koekje, antwoord)


def test_browser_is_sent_with_a_question_that_only_it_can_answer() -> None:
    reis, ander = Reis(), Reis()

    assert reis.adres.startswith("https://aanbieder.example/tenant/auth?p=1&")
    assert reis.vraag["redirect_uri"] == f"{BASIS}/aanmelden/terug"
    assert reis.vraag["code_challenge_method"] == "S256"
    assert reis.vraag["scope"] == "openid"
    for naam in ("state", "nonce", "code_challenge"):
        assert reis.vraag[naam] != ander.vraag[naam]
        assert len(reis.vraag[naam]) == 43


def test_who_comes_back_is_who_the_id_token_says() -> None:
    reis = Reis()

    wie = reis.come_back(iss=BELEID.uitgever)

    assert (wie.naam, [rol.naam for rol in wie.rollen]) == ("anna", ["lezer"])
    assert (wie.tot, wie.terug) == (NU + 300, "/complexen")
    velden = parse_qs(reis.wereld.gevraagd[-2].content.decode())
    verifier = velden["code_verifier"][0]
    som = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    assert som.decode() == reis.vraag["code_challenge"]
    assert verifier not in reis.koekje
    assert reis.vraag["nonce"] not in reis.koekje


@pytest.mark.parametrize(
    ("koekje", "anders", "waarom"),
    [
        (None, {"state": "ander"}, "state"),
        (None, {"state": ""}, "state"),
        (None, {"state": "é"}, "state"),
        ("", {}, "koekje"),
        ("a.b.c.d", {}, "koekje"),
        ("é.1.c.d", {}, "koekje"),
        (None, {"iss": "https://elders.example"}, "iss"),
        (None, {"code": ""}, "error"),
        (None, {"error": "access_denied"}, "error"),
    ],
)
def test_answer_to_what_this_browser_did_not_ask_is_refused(
    koekje: str | None, anders: dict[str, str], waarom: str
) -> None:
    with pytest.raises(AanmeldingMislukt, match=waarom):
        Reis().come_back(koekje, **anders)


def test_answer_that_another_browser_was_given_is_refused() -> None:
    een, ander = Reis(), Reis()
    with pytest.raises(AanmeldingMislukt, match="state"):
        een.come_back(ander.koekje)


def test_cookie_holds_for_ten_minutes_and_no_part_of_it_can_be_changed() -> None:
    reis = Reis()
    delen = reis.koekje.split(".")
    langer = ".".join([delen[0], str(int(delen[1]) + 9_999), delen[2], delen[3]])
    elders = base64.urlsafe_b64encode(b"https://elders.example").rstrip(b"=").decode()
    for vals in (langer, ".".join([delen[0], delen[1], elders, delen[3]])):
        with pytest.raises(AanmeldingMislukt, match="koekje"):
            reis.come_back(vals)
    reis.nu = NU + SECONDEN
    with pytest.raises(AanmeldingMislukt, match="verlopen"):
        reis.come_back()


@pytest.mark.parametrize(
    ("anders", "waarom"),
    [
        ({"nonce": "ander"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "ander"}, "aud"),
        ({"iss": "https://elders.example"}, "iss"),
        ({"exp": NU - 1}, "exp"),
        ({"at_hash": "ander"}, "at_hash"),
        ({"sub": "a\nb"}, "naam"),
    ],
)
def test_id_token_that_does_not_hold_logs_nobody_in(anders: dict[str, Any], waarom: str) -> None:
    reis = Reis()
    reis.give(**anders)
    with pytest.raises(AanmeldingMislukt, match=waarom):
        reis.come_back()


def test_id_token_by_an_unknown_key_logs_nobody_in() -> None:
    reis = Reis()
    token = sign(claim(aud="pagina", nonce=reis.vraag["nonce"]), sleutel=ANDER, kid="nieuw")
    reis.wereld.inhoud["/tenant/token"] = {"id_token": token.decode()}
    with pytest.raises(AanmeldingMislukt, match="kid"):
        reis.come_back()


@pytest.mark.parametrize("tokens", [{}, {"id_token": 7}, {"id_token": "x", "access_token": 7}])
def test_answer_without_an_id_token_logs_nobody_in(tokens: dict[str, Any]) -> None:
    reis = Reis()
    reis.wereld.inhoud["/tenant/token"] = tokens
    with pytest.raises(AanmeldingMislukt):
        reis.come_back()


def test_roles_that_are_not_in_the_id_token_are_asked_for() -> None:
    reis = Reis()
    reis.give(roles=None)
    reis.wereld.inhoud["/tenant/me"] = {"sub": "anna", "roles": ["SBL.Wijk"], "iss": "x"}

    wie = reis.come_back()

    assert [rol.naam for rol in wie.rollen] == ["lezer", "wijkbeheer"]
    assert reis.wereld.gevraagd[-1].headers["authorization"] == "Bearer t"


def test_what_is_told_of_somebody_else_is_not_believed() -> None:
    reis = Reis()
    reis.give(roles=None)
    for meer in ({"sub": "bo", "roles": ["SBL.Wijk"]}, {"roles": ["SBL.Wijk"]}):
        reis.wereld.inhoud["/tenant/me"] = meer
        with pytest.raises(AanmeldingMislukt, match="userinfo"):
            reis.come_back()


def test_roles_in_the_id_token_are_not_asked_again() -> None:
    reis = Reis()
    reis.wereld.inhoud["/tenant/me"] = {"sub": "anna", "roles": ["SBL.Wijk"]}

    assert [rol.naam for rol in reis.come_back().rollen] == ["lezer"]
    assert reis.wereld.count("/tenant/me") == 0


def test_provider_that_is_away_is_told_from_one_that_refuses() -> None:
    reis = Reis()
    reis.wereld.inhoud["/tenant/token"] = httpx2.Response(400, content=b"{}")
    with pytest.raises(AanmeldingMislukt, match="code"):
        reis.come_back()
    reis.wereld.weg = True
    with pytest.raises(AanbiederWeg):
        reis.come_back()


def test_provider_that_keeps_its_keys_too_long_is_one_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("serving.aanmelding.stroom._WACHT", 0.01)
    reis = Reis()
    verder, antwoord = threading.Event(), reis.wereld.answer

    def answer_late(vraag: httpx2.Request) -> httpx2.Response:
        if vraag.url.path == "/tenant/jwks":
            assert verder.wait(20)
        return antwoord(vraag)

    aanbieder = reis.stroom._aanbieder
    aanbieder._klant = httpx2.Client(transport=httpx2.MockTransport(answer_late))
    try:
        with pytest.raises(AanbiederWeg, match="niet op tijd"):
            reis.come_back()
    finally:
        verder.set()
        aanbieder.close()


def test_logging_out_leads_to_the_provider_when_it_has_such_an_address() -> None:
    uit = Reis().stroom.find_uit()

    assert uit is not None
    assert uit.startswith("https://aanbieder.example/tenant/uit?client_id=pagina&post_logout")
    zonder = Wereld(end_session_endpoint=None)
    assert Stroom(zonder.make_aanbieder(), lambda: b"g" * 32, BASIS).find_uit() is None
    zonder.weg = True
    assert Stroom(zonder.make_aanbieder(), lambda: b"g" * 32, BASIS).find_uit() is None
