"""The quick path and the documented route are one answer; entity tags spare the reader a body."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from serving.api import antwoord
from serving.api.antwoord import Snelpad, make_etag, matches_etag
from serving.api.bewaking import guard_routes
from serving.api.v1 import build_v1
from serving.app import PAD_API, Kopzetter
from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.release.winkel import Uitgave, Winkel
from tests.unit.serving.api.conftest import BASIS
from tests.unit.serving.voorbeeld_release import build_tables, publish_example, rename_object
from tests.unit.serving.wie import Als, Onthoudt


@pytest.fixture(scope="module")
def alleen_route(releases_map: Path) -> TestClient:
    """The API without the quick path before it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    v1 = build_v1(
        Winkel(releases_map),
        Als("lezer"),
        Besluitregister(url_of_file(releases_map.parent / BESTAND)),
        f"{BASIS}{PAD_API}",
        "a@voorbeeld.example",
    )
    app.mount(PAD_API, v1)
    guard_routes(app, Als("lezer"), Onthoudt(), Winkel(releases_map))
    app.add_middleware(Kopzetter)
    return TestClient(app, base_url=BASIS)


@pytest.fixture(scope="module")
def alleen_snelpad(releases_map: Path) -> TestClient:
    """The quick path with nothing behind it: what it hands on becomes a 418."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return TestClient(
        Snelpad(refuse, Winkel(releases_map), Als("lezer"), PAD_API, leeslog=Onthoudt()),
        base_url=BASIS,
    )


def list_conditions(uitgave: Uitgave) -> list[dict[str, str]]:
    etag = make_etag(uitgave)
    return [{}] + [
        {"If-None-Match": waarde}
        for waarde in (etag, f"W/{etag}", f'"x", {etag}', "*", '"x"', etag.strip('"'))
    ]


@pytest.mark.parametrize("methode", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "sleutel", ["complexen/C001", "complexen/C006", "buurten/BU03", "wijken/WK01"]
)
def test_quick_path_and_documented_route_answer_the_same_bytes_and_headers(
    alleen_route: TestClient,
    alleen_snelpad: TestClient,
    uitgave: Uitgave,
    sleutel: str,
    methode: str,
) -> None:
    for koppen in list_conditions(uitgave):
        langs_route = alleen_route.request(methode, f"/v1/{sleutel}", headers=koppen)
        snel = alleen_snelpad.request(methode, f"/v1/{sleutel}", headers=koppen)

        assert snel.status_code == langs_route.status_code
        assert snel.headers.raw == langs_route.headers.raw
        if methode == "GET":
            assert snel.content == langs_route.content


@pytest.mark.parametrize(
    ("methode", "pad"),
    [
        ("GET", "/v1/complexen"),
        ("GET", "/v1/complexen/"),
        ("GET", "/v1/complexen/C999"),
        ("GET", "/v1/complexen/C001?x=1"),
        ("GET", "/v1/complexen/C001/sociaal-beheer-labels"),
        ("POST", "/v1/complexen/C001"),
        ("OPTIONS", "/v1/complexen/C001"),
        ("GET", "/v1/gezondheid"),
        ("GET", "/complexen/C001"),
    ],
)
def test_quick_path_hands_everything_unusual_on(
    alleen_snelpad: TestClient, methode: str, pad: str
) -> None:
    assert alleen_snelpad.request(methode, pad).status_code == 418


def test_quick_path_hands_on_when_nothing_is_published(tmp_path: Path) -> None:
    gevraagd: list[str] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        gevraagd.append(scope["type"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    snelpad = Snelpad(note, Winkel(tmp_path), Als("lezer"), PAD_API, leeslog=Onthoudt())

    TestClient(snelpad).get("/v1/complexen/C001")

    assert gevraagd == ["http"]


def test_reader_that_has_the_release_gets_no_body(client: TestClient) -> None:
    for pad in (
        "/v1/complexen",
        "/v1/complexen/C001",
        "/v1/complexen/C001/sociaal-beheer-labels",
        "/v1/releases/actueel",
    ):
        vol = client.get(pad)
        leeg = client.get(pad, headers={"If-None-Match": vol.headers["etag"]})

        assert (leeg.status_code, leeg.content) == (304, b"")
        assert leeg.headers["etag"] == vol.headers["etag"]
        assert "content-length" not in leeg.headers
        assert vol.headers["cache-control"] == "private, no-cache"
        assert vol.headers["vary"] == "Authorization, Cookie"


def test_health_has_no_entity_tag_because_its_age_changes(client: TestClient) -> None:
    antwoord = client.get("/v1/gezondheid", headers={"If-None-Match": "*"})

    assert antwoord.status_code == 200
    assert "etag" not in antwoord.headers
    assert antwoord.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("waarde", "past"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False)],
)
def test_entity_tags_are_compared_weakly(waarde: str, past: bool) -> None:
    assert matches_etag(waarde, '"a"') is past


def test_head_has_the_headers_of_get_and_no_body(client: TestClient) -> None:
    for pad in (
        "/v1/complexen",
        "/v1/complexen/C001",
        "/v1/complexen/C001/sociaal-beheer-labels",
        "/v1/gezondheid",
        "/v1/releases/actueel",
        "/v1/openapi.json",
    ):
        with_body, without = client.get(pad), client.head(pad)
        assert without.status_code == 200
        assert dict(without.headers) == dict(with_body.headers)
        assert without.content == b""


def test_websocket_and_lifespan_pass_the_quick_path_untouched(releases_map: Path) -> None:
    gezien: list[str] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        gezien.append(scope["type"])

    async def receive() -> Message:
        raise AssertionError

    async def send(bericht: Message) -> None:
        raise AssertionError

    snelpad = Snelpad(note, Winkel(releases_map), Als("lezer"), PAD_API, leeslog=Onthoudt())
    for soort in ("lifespan", "websocket"):
        coroutine = snelpad({"type": soort, "path": "/v1/complexen/C001"}, receive, send)
        with pytest.raises(StopIteration):
            coroutine.send(None)  # type: ignore[attr-defined]
    assert gezien == ["lifespan", "websocket"]


def test_answer_that_stands_ready_is_noted_each_time_and_goes_with_its_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(antwoord, "BEWAARD_MAXIMUM", 2)
    map_ = tmp_path / "releases"
    publish_example(map_)
    log = Onthoudt()
    klant = TestClient(
        Snelpad(FastAPI(), Winkel(map_), Als("lezer"), PAD_API, leeslog=log), base_url=BASIS
    )
    adressen = [f"/v1/complexen/C00{nummer}" for nummer in (1, 2, 3, 1, 2, 3)]

    eerst = [klant.get(adres).json()["naam"] for adres in adressen]
    publish_example(map_, rename_object(build_tables(), "C001", "Nieuwe naam"))
    daarna = [klant.get(adres) for adres in adressen]

    assert eerst == ["Eikenhof", "De Populier", "Havenzicht"] * 2
    assert [r.json()["naam"] for r in daarna] == ["Nieuwe naam", "De Populier", "Havenzicht"] * 2
    assert len({r.headers["etag"] for r in daarna}) == 1
    assert [lezing.object_id for lezing in log.lezingen] == [a[-4:] for a in adressen] * 2
    assert len({lezing.release_id for lezing in log.lezingen}) == 2


def test_what_is_answered_is_counted_by_its_documented_address(releases_map: Path) -> None:
    geteld: list[tuple[str, str, int]] = []

    class Telt:
        def note(self, adres: str, methode: str, status: int, seconden: float) -> None:
            assert seconden > 0
            geteld.append((adres, methode, status))

    snel = Snelpad(
        FastAPI(), Winkel(releases_map), Als("lezer"), PAD_API, leeslog=Onthoudt(), meting=Telt()
    )
    klant = TestClient(snel, base_url=BASIS)
    etag = klant.get("/v1/buurten/BU01").headers["etag"]
    klant.head("/v1/wijken/WK01", headers={"If-None-Match": etag})
    klant.get("/v1/complexen/C999")

    assert geteld == [("/v1/buurten/{buurtId}", "GET", 200), ("/v1/wijken/{wijkId}", "HEAD", 304)]
