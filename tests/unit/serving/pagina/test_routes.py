"""Every address: found, not found, wrong, forbidden, without a release; and how it is sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.pagina.routes import build_pages
from serving.release import schema
from serving.release.wijzer import activate
from serving.release.winkel import Winkel
from tests.unit.serving.pagina.lezer import Pagina, read_page
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    PEILDATUM,
    build_tables,
    publish_example,
    rename_object,
)
from tests.unit.serving.wie import make_app

PAGINAS = (
    "/",
    "/?thema=OVL&kaart=complexen",
    "/zoeken",
    "/zoeken?zoek=eik",
    "/zoeken?zoek=bestaatniet",
    "/complexen",
    "/complexen?label=5&label=0&thema=FIN&sorteer=naam&pagina=1",
    "/complexen?zoek=&thema=&buurtId=&wijkId=&sorteer=&pagina=",
    "/complexen/C00001",
    "/buurten",
    "/buurten/BU09990003",
    "/buurten/BU09990022",
    "/buurten/BU09990023",
    "/wijken",
    "/wijken/WK099901",
    "/methode",
    "/methode/robuustheid",
)
ONBEKEND = (
    "/complexen/BESTAATNIET",
    "/buurten/C00001",
    "/wijken/%3Cscript%3E",
    "/iets",
    "/complexen/",
    "/complexen/C00001/",
    "/buurten/BU09990003/iets",
    "/methode/",
    "/statisch/stijl.css",
    "/statisch/..%2Froutes.py",
    "/favicon.ico",
    "/complexen?pagina=999",
)


@pytest.mark.parametrize("adres", PAGINAS)
def test_every_page_is_whole_and_dutch(adres: str, lees: Callable[[str], Pagina]) -> None:
    pagina = lees(adres)
    assert pagina.taal == "nl"
    assert pagina.elementen["h1"] == 1
    assert pagina.elementen["main"] == 1
    assert pagina.elementen["title"] >= 1
    assert [sleutel for sleutel, aantal in pagina.ids.items() if aantal > 1] == []
    assert pagina.labels <= set(pagina.ids)
    assert "inhoud" in pagina.ids


@pytest.mark.parametrize("adres", PAGINAS)
def test_no_page_needs_a_script_or_an_inline_style(
    adres: str, lees: Callable[[str], Pagina]
) -> None:
    pagina = lees(adres)
    assert pagina.elementen["script"] == 0
    assert pagina.elementen["style"] == 0
    assert pagina.attributen["style"] == 0
    assert not [naam for naam in pagina.attributen if naam.startswith("on")]


@pytest.mark.parametrize("adres", [*PAGINAS, "/iets"])
def test_no_page_refers_to_another_host(adres: str, stad: TestClient) -> None:
    html = stad.get(adres).text
    pagina = read_page(html)
    assert pagina.naar
    vreemd = [
        doel for doel in pagina.naar if not doel.startswith(("/", "#")) or doel.startswith("//")
    ]
    assert vreemd == []
    assert "http://" not in html
    assert "https://" not in html


def test_every_link_on_the_pages_leads_somewhere(
    stad: TestClient, lees: Callable[[str], Pagina]
) -> None:
    doelen = {doel.split("#")[0] for adres in PAGINAS for doel in lees(adres).naar}
    stuk = {
        doel: status for doel in sorted(doelen) if (status := stad.get(doel).status_code) != 200
    }
    assert len(doelen) > 100
    assert {doel for doel in stuk if doel} == set()


@pytest.mark.parametrize("adres", PAGINAS)
def test_head_gives_the_headers_of_the_page_and_no_body(adres: str, stad: TestClient) -> None:
    get, head = stad.get(adres), stad.head(adres)
    assert head.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)
    assert int(get.headers["content-length"]) == len(get.content)


@pytest.mark.parametrize("adres", PAGINAS)
def test_a_page_that_the_reader_has_is_not_sent_again(adres: str, stad: TestClient) -> None:
    eerste = stad.get(adres)
    weer = stad.get(adres, headers={"if-none-match": f'"anders", W/{eerste.headers["etag"]}'})
    assert weer.status_code == 304
    assert weer.content == b""
    assert weer.headers["etag"] == eerste.headers["etag"]
    assert eerste.headers["cache-control"] == "private, no-cache"
    assert eerste.headers["vary"] == "Authorization, Cookie"


def test_pages_carry_the_headers_that_keep_others_out(stad: TestClient) -> None:
    for adres in ("/", "/iets", "/complexen?pagina=x"):
        koppen = stad.get(adres).headers
        assert "default-src 'none'" in koppen["content-security-policy"]
        assert "frame-ancestors 'none'" in koppen["content-security-policy"]
        assert koppen["x-content-type-options"] == "nosniff"
        assert koppen["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("adres", ONBEKEND)
def test_what_does_not_exist_is_a_friendly_404(adres: str, stad: TestClient) -> None:
    antwoord = stad.get(adres)
    pagina = read_page(antwoord.text)
    assert antwoord.status_code == 404
    assert antwoord.headers["cache-control"] == "no-store"
    assert "Deze pagina bestaat niet" in pagina.tekst
    assert "zoek" in pagina.ids


@pytest.mark.parametrize(
    ("adres", "melding"),
    [
        ("/?thema=XYZ", "“thema” kent deze waarde niet"),
        ("/?kaart=alles", "“kaart” kent deze waarde niet"),
        ("/complexen?label=6", "“label” is een getal van 1 tot en met 5"),
        ("/complexen?label=vijf", "“label” is een getal van 1 tot en met 5"),
        ("/complexen?pagina=0", "“pagina” is geen paginanummer"),
        ("/complexen?pagina=x", "“pagina” is geen paginanummer"),
        ("/buurten?sorteer=kleur", "“sorteer” kent deze waarde niet"),
        (f"/zoeken?zoek={'a' * 81}", "“zoek” is te lang"),
        (f"/complexen?buurtId={'a' * 65}", "“buurtId” is te lang"),
    ],
)
def test_a_wrong_address_says_what_is_right(adres: str, melding: str, stad: TestClient) -> None:
    antwoord = stad.get(adres)
    assert antwoord.status_code == 400
    assert melding in read_page(antwoord.text).tekst


def test_all_mistakes_in_an_address_are_told_at_once_and_not_repeated(stad: TestClient) -> None:
    antwoord = stad.get("/complexen?label=<b>&pagina=<i>&thema=<u>")
    assert antwoord.status_code == 400
    assert antwoord.text.count("<li>“") == 3
    for teken in ("<b>", "<i>", "<u>", "&lt;b"):
        assert teken not in antwoord.text


def test_a_parameter_from_elsewhere_does_no_harm(stad: TestClient) -> None:
    assert stad.get("/complexen?utm_source=nieuwsbrief").status_code == 200


def test_an_id_with_a_slash_has_a_card_too(tmp_path: Path) -> None:
    tabellen = build_tables()
    for naam in set(tabellen) & set(schema.TABELLEN):
        rijen = tabellen[naam].to_pylist()
        for rij in rijen:
            if rij.get("beheerobject_id") == "C001":
                rij["beheerobject_id"] = "C/0 1"
        tabellen[naam] = pa.Table.from_pylist(rijen, schema=schema.TABELLEN[naam].kolommen)
    publish_example(tmp_path, tabellen)
    klant = TestClient(make_app(tmp_path))
    assert "/complexen/C%2F0%201" in read_page(klant.get("/complexen").text).naar
    assert "Eikenhof" in klant.get("/complexen/C%2F0%201").text


def test_only_reading_is_possible(stad: TestClient) -> None:
    antwoord = stad.post("/complexen")
    assert antwoord.status_code == 405
    assert set(antwoord.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}
    assert "alleen om te lezen" in antwoord.text


@pytest.mark.parametrize("adres", ["/", "/complexen", "/complexen/C001", "/methode", "/zoeken"])
def test_without_a_release_every_page_says_what_to_run(adres: str, tmp_path: Path) -> None:
    antwoord = TestClient(make_app(tmp_path / "leeg")).get(adres)
    tekst = read_page(antwoord.text).tekst
    assert antwoord.status_code == 503
    assert antwoord.headers["retry-after"] == "60"
    assert "buurtpeil demo" in tekst
    assert "buurtpeil run" in tekst


def test_an_unknown_address_is_404_also_without_a_release(tmp_path: Path) -> None:
    assert TestClient(make_app(tmp_path / "leeg")).get("/iets").status_code == 404


def test_who_may_not_read_gets_a_page_that_says_so(tmp_path: Path) -> None:
    publish_example(tmp_path)
    klant = TestClient(create_app(tmp_path))
    for adres in ("/complexen", "/complexen/C001", "/complexen/C999", "/wat-als"):
        antwoord = klant.get(adres)
        assert antwoord.status_code == 401
        assert "Meld u aan" in antwoord.text
        assert "Eikenhof" not in antwoord.text


def test_an_unforeseen_error_tells_nothing_of_the_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_example(tmp_path)

    def fail(*_: object) -> None:
        raise RuntimeError("geheim /pad")

    monkeypatch.setattr("serving.pagina.routes.explain_methode", fail)
    klant = TestClient(make_app(tmp_path), raise_server_exceptions=False)
    antwoord = klant.get("/methode")
    assert antwoord.status_code == 500
    assert "geheim" not in antwoord.text
    assert "Dat ligt aan ons" in antwoord.text


def test_a_new_release_shows_without_a_restart(tmp_path: Path) -> None:
    tabellen = build_tables()
    eerste = publish_example(tmp_path, tabellen)
    klant = TestClient(make_app(tmp_path))
    voor = klant.get("/complexen/C001")
    publish_example(tmp_path, rename_object(tabellen, "C001", "Nieuwe naam"))
    na = klant.get("/complexen/C001", headers={"if-none-match": voor.headers["etag"]})
    assert "Eikenhof" in voor.text
    assert na.status_code == 200
    assert "Nieuwe naam" in na.text
    assert "Eikenhof" not in na.text
    activate(tmp_path, eerste.name)
    assert "Eikenhof" in klant.get("/complexen/C001").text


def test_a_broken_next_release_is_told_and_the_former_stays(tmp_path: Path) -> None:
    tabellen = build_tables()
    publish_example(tmp_path, tabellen)
    klant = TestClient(make_app(tmp_path))
    assert "kan niet worden geopend" not in klant.get("/").text
    volgende = publish_example(tmp_path, rename_object(tabellen, "C001", "Nieuwe naam"))
    shutil.rmtree(volgende)
    antwoord = klant.get("/complexen/C001")
    assert antwoord.status_code == 200
    assert "Eikenhof" in antwoord.text
    assert "kan niet worden geopend" in antwoord.text


def test_an_old_release_says_so_and_its_tag_lasts_a_day(tmp_path: Path) -> None:
    publish_example(tmp_path, inhoud={**INHOUD, "synthetisch": False})
    vandaag = [PEILDATUM + timedelta(days=124)]
    klant = TestClient(build_pages(Winkel(tmp_path), vandaag=lambda: vandaag[0]))
    vers = klant.get("/")
    assert "dagen oud" not in vers.text
    vandaag[0] = PEILDATUM + timedelta(days=125)
    oud = klant.get("/", headers={"if-none-match": vers.headers["etag"]})
    assert oud.status_code == 200
    assert "Deze gegevens zijn 125 dagen oud." in oud.text
    vandaag[0] = date(2027, 6, 1)
    assert klant.get("/", headers={"if-none-match": oud.headers["etag"]}).status_code == 200
    publish_example(tmp_path)
    assert "dagen oud" not in klant.get("/").text


def test_invented_data_is_marked_on_every_page_and_real_data_is_not(tmp_path: Path) -> None:
    publish_example(tmp_path)
    klant = TestClient(make_app(tmp_path))
    adressen = ("/", "/complexen", "/complexen/C001", "/buurten/BU01", "/methode", "/zoeken")
    for adres in adressen:
        assert "Synthetische gegevens." in klant.get(adres).text
    publish_example(tmp_path, inhoud={**INHOUD, "synthetisch": False})
    for adres in adressen:
        assert "Synthetische gegevens." not in klant.get(adres).text


def test_every_page_ends_with_where_its_figures_come_from(
    stad_map: Path, lees: Callable[[str], Pagina]
) -> None:
    release = (stad_map / "CURRENT").read_text().strip()
    for adres in PAGINAS:
        pagina = lees(adres)
        assert release in pagina.tekst
        assert "1 oktober 2026" in pagina.tekst
        assert "wijkbeheer.schouw" in pagina.tekst
        assert "/v1/openapi.json" in pagina.naar


@pytest.mark.parametrize(
    "naam", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }} & zo"]
)
def test_a_name_from_a_delivery_is_text_and_never_markup(naam: str, tmp_path: Path) -> None:
    tabellen = rename_object(rename_object(build_tables(), "C001", naam), "BU01", naam)
    publish_example(tmp_path, tabellen)
    klant = TestClient(make_app(tmp_path))
    for adres in ("/", "/?kaart=complexen", "/complexen", "/complexen/C001", "/buurten/BU01"):
        html = klant.get(adres).text
        pagina = read_page(html)
        assert pagina.elementen["script"] == 0
        assert pagina.elementen["img"] == 1
        assert naam not in html
        assert naam in pagina.tekst


def test_what_is_searched_for_is_text_and_never_markup(stad: TestClient) -> None:
    for adres in ("/zoeken", "/complexen"):
        html = stad.get(adres, params={"zoek": '"><script>alert(1)</script>'}).text
        assert "<script>alert" not in html
        assert read_page(html).elementen["script"] == 0


def test_pages_never_speak_of_suspects(lees: Callable[[str], Pagina]) -> None:
    for adres in PAGINAS:
        woorden = lees(adres).tekst.casefold()
        for woord in ("fraudeur", "risicohuurder", "verdachte", "probleemhuurder", "probleemwijk"):
            assert woord not in woorden
