"""The rules of the wire on the wire: every route, as uvicorn sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.api.rem import Grenzen
from serving.api.versie import API_VERSIE
from tests.unit.serving.api.draad import Antwoord, Lijn, listen
from tests.unit.serving.deuren import Huis, iter_adressen, open_huis
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Als, make_app
from vera.toegang import ROLLEN, find_rollen

PROBLEEM = "application/problem+json"
ALTIJD = {
    "api-version": API_VERSIE,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
METHODEN = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture(scope="module")
def huis(tmp_path_factory: pytest.TempPathFactory) -> Huis:
    pad = tmp_path_factory.mktemp("draad")
    publish_example(pad / "releases")
    return open_huis(pad / "releases", pad)


@pytest.fixture(scope="module")
def lijn(huis: Huis) -> Iterator[Lijn]:
    with listen(huis.app) as gereed:
        yield gereed


def find_sleutel(huis: Huis, bereik: str) -> str:
    """Return a key that opens a door with this scope."""
    for rol in ROLLEN:
        if bereik in find_rollen([rol])[0].bereiken:
            return huis.sleutels[rol]
    raise KeyError(bereik)


def iter_doors(huis: Huis) -> Iterator[tuple[str, frozenset[str], str]]:
    """Yield every address once, with all its methods and a key that opens it."""
    methoden: dict[str, frozenset[str]] = {}
    sleutels: dict[str, str] = {}
    for deur, adres in iter_adressen(huis.app):
        methoden[adres] = methoden.get(adres, frozenset()) | deur.methoden
        # Whoever may write may read.
        if adres not in sleutels or "GET" not in deur.methoden:
            sleutels[adres] = find_sleutel(huis, deur.vraag.bereik)
    for adres, sleutel in sleutels.items():
        yield adres, methoden[adres], sleutel


def check_always(antwoord: Antwoord, plek: str) -> None:
    """Hold an answer against what every answer has, good or bad."""
    for naam, waarde in ALTIJD.items():
        assert antwoord.koppen.get(naam) == waarde, (plek, naam)
    assert antwoord.koppen["cache-control"], plek
    assert "frame-ancestors 'none'" in antwoord.koppen["content-security-policy"], plek
    assert antwoord.koppen["strict-transport-security"].startswith("max-age="), plek
    assert antwoord.koppen["referrer-policy"] in {"no-referrer", "same-origin"}, plek
    assert "server" not in antwoord.koppen, plek


def check_problem(antwoord: Antwoord, plek: str) -> None:
    """Hold an error of the API against RFC 9457."""
    assert antwoord.koppen["content-type"] == PROBLEEM, plek
    inhoud = json.loads(antwoord.inhoud)
    assert inhoud["status"] == antwoord.status, plek
    assert inhoud["title"], plek
    assert inhoud["detail"], plek


def test_every_answer_of_every_route_has_its_headers_and_every_error_of_the_api_is_a_problem(
    huis: Huis, lijn: Lijn
) -> None:
    for adres, methoden, sleutel in iter_doors(huis):
        for methode in sorted(methoden - {"HEAD"}):
            for wie in (sleutel, None, "bp_verzonnen"):
                antwoord = lijn.ask(methode, adres, wie)
                plek = f"{methode} {adres} gaf {antwoord.status}"
                check_always(antwoord, plek)
                # The example has an OpenID provider that cannot be reached.
                assert antwoord.status < 500 or adres == "/aanmelden/begin", plek
                if antwoord.status >= 400 and adres.startswith("/v1"):
                    check_problem(antwoord, plek)
                if antwoord.status == 401:
                    assert antwoord.koppen["www-authenticate"].startswith("Bearer"), plek


def test_every_get_answers_head_with_the_same_headers_and_no_body(huis: Huis, lijn: Lijn) -> None:
    wisselt = {"date", "set-cookie", "content-length", "transfer-encoding", "x-request-id"}
    for adres, methoden, sleutel in iter_doors(huis):
        if "GET" not in methoden:
            continue
        for wie in (sleutel, None):
            get, head = lijn.ask("GET", adres, wie), lijn.ask("HEAD", adres, wie)
            assert head.status == get.status, adres
            assert head.inhoud == b"", adres
            assert {k: v for k, v in head.koppen.items() if k not in wisselt} == {
                k: v for k, v in get.koppen.items() if k not in wisselt
            }, adres


def test_a_method_that_is_not_there_is_a_405_that_names_all_that_are(
    huis: Huis, lijn: Lijn
) -> None:
    for adres, methoden, sleutel in iter_doors(huis):
        for methode in METHODEN:
            # To GET, what takes a POST alone below a complex is the id of another complex.
            is_id = methode in {"GET", "HEAD"} and "/complexen/" in adres
            if methode in methoden or is_id:
                continue
            antwoord = lijn.ask(methode, adres, sleutel)
            plek = f"{methode} {adres}"
            assert antwoord.status == 405, plek
            if adres == "/v1/complexen/_zoek":
                continue  # the same: GET is allowed, of the complex that is called so
            assert set(antwoord.koppen["allow"].split(", ")) == methoden, plek
            check_always(antwoord, plek)
            if adres.startswith("/v1") and methode != "HEAD":
                check_problem(antwoord, plek)


def test_a_slash_at_the_end_and_what_does_not_exist_are_a_404(huis: Huis, lijn: Lijn) -> None:
    for adres, methoden, sleutel in iter_doors(huis):
        if "GET" not in methoden or adres == "/":
            continue
        antwoord = lijn.ask("GET", f"{adres}/", sleutel)
        # With a slash it may be the id of a complex, which this key may not ask for.
        assert antwoord.status in {403, 404}, adres
        check_always(antwoord, adres)
    for adres in ("/v1", "/v1/", "/v1/bestaat-niet", "/v1/openapi.yaml", "/v2/complexen", "/x"):
        antwoord = lijn.ask("GET", adres)
        assert antwoord.status == 404, adres
        check_always(antwoord, adres)
        if adres.startswith("/v1"):
            check_problem(antwoord, adres)


def test_every_parameter_that_is_wrong_is_named_in_one_400(huis: Huis, lijn: Lijn) -> None:
    for adres, methoden, sleutel in iter_doors(huis):
        if "GET" not in methoden or not adres.startswith("/v1/"):
            continue
        antwoord = lijn.ask("GET", f"{adres}?verzonnen=1&ook_niet=2", sleutel)
        assert antwoord.status == 400, adres
        check_problem(antwoord, adres)
        namen = {fout["naam"] for fout in json.loads(antwoord.inhoud)["fouten"]}
        assert {"verzonnen", "ook_niet"} <= namen, adres


def test_a_body_that_is_too_large_or_of_another_kind_is_refused_as_a_problem(
    huis: Huis, lijn: Lijn
) -> None:
    for adres, methoden, sleutel in iter_doors(huis):
        for methode in sorted(methoden & {"POST", "PATCH"}):
            if not adres.startswith("/v1/"):
                continue
            ander = lijn.ask(methode, adres, sleutel, b"x=1", Content_Type="text/csv")
            assert ander.status == 415, (methode, adres)
            check_problem(ander, adres)
            groot = lijn.ask(
                methode, adres, sleutel, b" " * 300_000, Content_Type="application/json"
            )
            assert groot.status == 413, (methode, adres)
            check_problem(groot, adres)
            check_always(groot, adres)


def test_a_release_that_somebody_has_is_a_304_without_a_body(huis: Huis, lijn: Lijn) -> None:
    gezien = 0
    for adres, methoden, sleutel in iter_doors(huis):
        if "GET" not in methoden or not adres.startswith("/v1/"):
            continue
        eerst = lijn.ask("GET", adres, sleutel)
        if "etag" not in eerst.koppen:
            continue
        gezien += 1
        weer = lijn.ask("GET", adres, sleutel, If_None_Match=eerst.koppen["etag"])
        assert (weer.status, weer.inhoud) == (304, b""), adres
        assert weer.koppen["etag"] == eerst.koppen["etag"], adres
        check_always(weer, adres)
        anders = lijn.ask("GET", adres, sleutel, If_None_Match='"iets-anders"')
        assert (anders.status, len(anders.inhoud)) == (200, len(eerst.inhoud)), adres
    assert gezien > 15


def test_a_name_in_an_address_leads_out_of_no_folder(huis: Huis, lijn: Lijn) -> None:
    sleutel = huis.sleutels["lezer"]
    for naam in (
        "../manifest.json", "..%2Fmanifest.json", "%2e%2e/manifest.json", "..%5Cmanifest.json",
        "%2Fetc%2Fpasswd", "sociaal_beheer_label.csv%00", "exports%2Fvorm.csv", ".", "..%2F..%2F",
        "sociaal_beheer_label.csv%0d%0aX-Stiekem:%201", "../../sleutels/toegang.geheim",
    ):  # fmt: skip
        antwoord = lijn.ask("GET", f"/v1/exports/{naam}", sleutel)
        assert antwoord.status in {400, 404}, naam
        assert "x-stiekem" not in antwoord.koppen
        check_always(antwoord, naam)


def test_a_file_has_a_name_that_is_safe_to_save(huis: Huis, lijn: Lijn) -> None:
    sleutel = huis.sleutels["lezer"]
    lijst = json.loads(lijn.ask("GET", "/v1/exports", sleutel).inhoud)["bestanden"]

    assert len(lijst) > 10
    for bestand in lijst:
        antwoord = lijn.ask("HEAD", f"/v1{bestand['adres']}", sleutel)
        assert antwoord.status == 200, bestand
        soort, _, naam = antwoord.koppen["content-disposition"].partition("; filename=")
        assert soort == "attachment", bestand
        assert naam.strip('"').replace("_", "").replace(".", "").isalnum(), bestand
        assert antwoord.koppen["content-type"].partition(";")[0] == bestand["mediatype"], bestand
        if bestand["bytes"] is not None:
            assert int(antwoord.koppen["content-length"]) == bestand["bytes"], bestand


def test_who_asks_too_often_gets_a_problem_that_says_when_to_come_back(
    releases_map: Path,
) -> None:
    with listen(
        make_app(releases_map, toegang=Als("lezer", naam="Anna"), grenzen=Grenzen(2, 2, 2, 2))
    ) as krap:
        antwoorden = [krap.ask("GET", "/v1/releases/actueel") for _ in range(4)]
    assert [antwoord.status for antwoord in antwoorden] == [200, 200, 429, 429]
    check_problem(antwoorden[-1], "429")
    check_always(antwoorden[-1], "429")
    assert int(antwoorden[-1].koppen["retry-after"]) > 0


def test_without_a_release_every_answer_is_a_503_that_says_when_to_come_back(
    tmp_path: Path, huis: Huis
) -> None:
    (tmp_path / "releases").mkdir()
    app = make_app(tmp_path / "releases", *ROLLEN)
    gezien = 0
    with listen(app) as leeg:
        for deur, adres in iter_adressen(app):
            if "GET" not in deur.methoden or not adres.startswith("/v1/"):
                continue
            antwoord = leeg.ask("GET", adres)
            check_always(antwoord, adres)
            assert antwoord.status in {200, 400, 404, 503}, adres
            if antwoord.status == 503:
                gezien += 1
                check_problem(antwoord, adres)
                assert antwoord.koppen.get("retry-after") == "60", adres
    assert gezien > 20
