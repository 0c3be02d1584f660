"""The pages of Sociaal Signaal, as a browser without script uses them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.api.toegang import Openbaar
from serving.pagina.formulier import KOEKJE
from serving.signaal.regels import Beleid
from serving.signaal.register import BESTAND, Signaallijst, Signaalregister
from serving.signaal.woorden import SIGNALEN
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.signaal.test_api import open_register
from tests.unit.serving.wie import make_app

BASIS = "http://127.0.0.1:8000"
PAD = "/sociaal-signaal"
MELDING = {
    "plek": "Havenzicht (C003)",
    "signaalCode": "dementie",
    "urgentieCode": "vandaag",
    "organisatieCode": "schoonmaak",
    "benaderingCode": "",
}


def open_browser(releases_map: Path, *rollen: str, **delen: Any) -> TestClient:
    return TestClient(
        make_app(releases_map, *rollen, **delen),
        base_url=BASIS,
        headers={"origin": BASIS, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


@pytest.fixture
def melder(releases_map: Path) -> TestClient:
    return open_browser(releases_map, "melder")


def find_bewijs(html: str) -> str:
    gevonden = re.search(r'name="bewijs" value="([\w-]+)"', html)
    assert gevonden
    return gevonden[1]


def send(browser: TestClient, pad: str = PAD, **velden: str):  # type: ignore[no-untyped-def]
    bewijs = find_bewijs(browser.get(pad).text)
    inhoud = {**MELDING, **velden} if pad == PAD else velden
    return browser.post(pad, data={"bewijs": bewijs, **inhoud})


def read_store(releases_map: Path) -> Signaallijst:
    register: Signaalregister = open_register(releases_map)
    return register.list_signalen("test")


def test_form_leads_by_the_five_signals_and_explains_beside_it(melder: TestClient) -> None:
    antwoord = melder.get(PAD)

    pagina = read_page(antwoord.text)
    plekken = [pagina.tekst.index(soort.naam) for soort in SIGNALEN.values()]
    assert plekken == sorted(plekken)
    for soort in SIGNALEN.values():
        assert all(gezien in pagina.tekst for gezien in soort.gezien)
    assert "U stelt geen diagnose." in pagina.tekst
    assert "Bel 112" in pagina.tekst
    assert 'name="toelichting"' not in antwoord.text
    assert 'name="eenheidId"' not in antwoord.text
    assert pagina.labels <= set(pagina.ids)
    assert antwoord.headers["cache-control"] == "no-store"


def test_report_gives_a_reference_that_shows_how_it_stands(
    melder: TestClient, releases_map: Path
) -> None:
    antwoord = send(melder)

    assert antwoord.status_code == 201
    (signaal,) = read_store(releases_map).signalen
    kenmerk = signaal.stand.kenmerk
    assert kenmerk in antwoord.text
    assert "dementie" not in antwoord.text.lower()
    assert (signaal.inhoud.complex_id, signaal.inhoud.buurt_id) == ("C003", "BU02")
    stand = send(melder, f"{PAD}/stand", kenmerk=kenmerk.lower())
    assert "Nog niemand heeft haar opgepakt." in read_page(stand.text).tekst
    weg = send(melder, f"{PAD}/stand", kenmerk="K7M3-9QXD-2BRP")
    assert weg.status_code == 404
    assert send(melder, f"{PAD}/stand", kenmerk="zomaar iets").status_code == 400


@pytest.mark.parametrize(
    ("plek", "complex_id"),
    [("C003", "C003"), ("havenzicht", "C003"), ("Kade 12a", "C003"), ("Eikenlaan 4", "C001")],
)
def test_street_finds_its_complex_and_the_house_number_is_not_kept(
    melder: TestClient, releases_map: Path, plek: str, complex_id: str
) -> None:
    assert send(melder, plek=plek).status_code == 201

    (signaal,) = read_store(releases_map).signalen
    assert signaal.inhoud.complex_id == complex_id
    assert "12a" not in repr(signaal)


def test_street_that_fits_more_comes_back_with_a_choice_and_all_that_was_filled_in(
    melder: TestClient, releases_map: Path
) -> None:
    antwoord = send(melder, plek="kwartier")

    assert antwoord.status_code == 400
    assert "Kan meer complexen zijn; kies er een." in read_page(antwoord.text).tekst
    assert antwoord.text.count('name="complexId"') > 1
    assert 'value="dementie" required checked' in antwoord.text
    assert 'value="schoonmaak" selected' in antwoord.text
    assert read_store(releases_map).aantal == 0
    gekozen = send(melder, plek="kwartier", complexId="C002")
    assert gekozen.status_code == 201


def test_wrong_form_names_each_field_and_keeps_nothing(
    melder: TestClient, releases_map: Path
) -> None:
    antwoord = send(melder, plek="<b>nergens</b>", signaalCode="", organisatieCode="x")

    pagina = read_page(antwoord.text)
    assert antwoord.status_code == 400
    assert {"signaal-complexId-fout", "signaal-signaalCode-fout",
            "signaal-organisatieCode-fout"} <= set(pagina.ids)  # fmt: skip
    assert "&lt;b&gt;nergens" in antwoord.text
    assert pagina.labels <= set(pagina.ids)
    assert not (releases_map.parent / BESTAND).exists()


def test_emergency_shows_whom_to_call_and_keeps_nothing(releases_map: Path) -> None:
    register = open_register(releases_map, beleid=Beleid(crisisnummer="010 123 45 67"))
    melder = open_browser(releases_map, "melder", signalen=register)

    antwoord = send(melder, urgentieCode="nu_gevaar", plek="")

    assert 'href="tel:112"' in antwoord.text
    assert 'href="tel:0101234567"' in antwoord.text
    assert "Er is niets vastgelegd." in antwoord.text
    assert not (releases_map.parent / BESTAND).exists()


@pytest.mark.parametrize("bewijs", ["", "x" * 43])
def test_emergency_on_a_form_that_expired_shows_whom_to_call_all_the_same(
    melder: TestClient, releases_map: Path, bewijs: str
) -> None:
    """The cookie of the form is gone: a telephone that was in a pocket for a day."""
    gewoon = melder.post(PAD, data={"bewijs": bewijs, **MELDING})
    nood = melder.post(PAD, data={"bewijs": bewijs, **MELDING, "urgentieCode": "nu_gevaar"})

    assert gewoon.status_code == 403
    assert nood.status_code == 200
    assert 'href="tel:112"' in nood.text
    assert not (releases_map.parent / BESTAND).exists()


def test_who_is_logged_out_meanwhile_reads_whom_to_call_in_an_emergency(
    releases_map: Path,
) -> None:
    browser = open_browser(releases_map, toegang=Openbaar())

    antwoord = browser.post(PAD, data={**MELDING, "urgentieCode": "nu_gevaar"})

    assert antwoord.status_code == 401
    assert 'href="tel:112"' in antwoord.text
    assert 'href="tel:112"' not in browser.get("/wat-als").text
    assert not (releases_map.parent / BESTAND).exists()


def test_note_and_dwelling_are_asked_where_the_policy_says_so(releases_map: Path) -> None:
    beleid = Beleid(mag_toelichting=True, eenheden={"VHE-12": "C003"})
    register = open_register(releases_map, beleid=beleid)
    melder = open_browser(releases_map, "melder", signalen=register)

    fout = send(melder, toelichting="Bel 06-12345678", eenheidId="VHE-13")
    goed = send(melder, toelichting="Deed niet open.", eenheidId="VHE-12")

    assert fout.status_code == 400
    assert "Lijkt een telefoonnummer te bevatten" in read_page(fout.text).tekst
    assert "VHE-12" not in fout.text, "which numbers there are is not shown"
    assert goed.status_code == 201
    (signaal,) = read_store(releases_map).signalen
    assert (signaal.inhoud.toelichting, signaal.inhoud.eenheid_id) == ("Deed niet open.", "VHE-12")


@pytest.mark.parametrize(
    "koppen",
    [{"origin": "https://elders.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_form_on_a_page_elsewhere_reports_nothing(
    melder: TestClient, releases_map: Path, koppen: dict[str, str]
) -> None:
    bewijs = find_bewijs(melder.get(PAD).text)

    antwoord = melder.post(PAD, data={"bewijs": bewijs, **MELDING}, headers=koppen)

    assert antwoord.status_code == 403
    assert "Er is niets vastgelegd." in antwoord.text
    zonder = melder.post(PAD, data=MELDING)
    assert zonder.status_code == 403
    assert not (releases_map.parent / BESTAND).exists()


def test_who_reports_too_often_reads_how_long_to_wait(melder: TestClient) -> None:
    bewijs = find_bewijs(melder.get(PAD).text)
    statussen = [
        melder.post(PAD, data={"bewijs": bewijs, **MELDING}).status_code for _ in range(21)
    ]

    assert statussen == [201] * 20 + [429]


def test_only_the_social_team_sees_what_was_reported(
    melder: TestClient, releases_map: Path
) -> None:
    send(melder)

    for rol in ("melder", "lezer", "wijkbeheer", "gebiedsmanager", "privacy", "beheer"):
        assert open_browser(releases_map, rol).get(f"{PAD}/opvolgen").status_code == 403
    team = open_browser(releases_map, "sociaal_team")
    pagina = read_page(team.get(f"{PAD}/opvolgen").text)
    assert "Zorg of hulp" in pagina.tekst
    assert "Havenzicht (C003), Havenkwartier" in pagina.tekst
    assert "dementie" not in pagina.tekst.lower()
    assert pagina.labels <= set(pagina.ids)


def test_team_takes_up_and_closes_with_a_reason_on_the_page(
    melder: TestClient, releases_map: Path
) -> None:
    send(melder)
    (signaal,) = read_store(releases_map).signalen
    kenmerk = signaal.stand.kenmerk
    team = open_browser(releases_map, "sociaal_team")
    pad = f"{PAD}/opvolgen"

    opgepakt = send(team, pad, kenmerk=kenmerk, statusCode="opgepakt")
    zonder = send(team, pad, kenmerk=kenmerk, statusCode="afgesloten", redenCode="")
    gesloten = send_closed(team, pad, kenmerk)

    assert (opgepakt.status_code, zonder.status_code, gesloten.status_code) == (303, 400, 303)
    assert "Kies een reden." in zonder.text
    assert "Er zijn geen open meldingen." in team.get(pad).text
    assert "Er is hulp gestart" in read_page(team.get(f"{pad}?toon=afgesloten").text).tekst
    stand = send(melder, f"{PAD}/stand", kenmerk=kenmerk)
    assert "afgesloten" in stand.text
    assert "hulp gestart" not in stand.text


def send_closed(team: TestClient, pad: str, kenmerk: str):  # type: ignore[no-untyped-def]
    return send(team, pad, kenmerk=kenmerk, statusCode="afgesloten", redenCode="hulp_gestart")


def test_nothing_of_a_report_is_in_an_address(melder: TestClient) -> None:
    html = melder.get(PAD).text

    assert re.findall(r'<form method="(\w+)"', html) == ["post"]
    assert send(melder).headers.get("location") is None
    assert KOEKJE in melder.cookies
