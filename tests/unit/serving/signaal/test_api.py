"""Reporting over the API: what goes in, what comes out, and who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.api.rem import Grenzen, parse_proxies
from serving.api.toegang import Openbaar
from serving.signaal.api import Signaalstand, Signaaltellingen
from serving.signaal.regels import Beleid
from serving.signaal.register import BESTAND, Signaalregister, url_of_file
from serving.signaal.sleutel import Sleutelbos
from tests.unit.serving.signaal.conftest import Klok
from tests.unit.serving.wie import Als, Onthoudt, make_app
from vera.toegang import Lezer, find_rollen

BASIS = "http://127.0.0.1:8000"
PAD = "/v1/sociale-signalen"
MELDING = {
    "complexId": "C003",
    "signaalCode": "alcoholisme",
    "urgentieCode": "deze_week",
    "organisatieCode": "onderhoud",
}


def open_register(releases_map: Path, **delen: Any) -> Signaalregister:
    data = releases_map.parent
    return Signaalregister(url_of_file(data / BESTAND), Sleutelbos(data / "sleutels"), **delen)


def make_client(releases_map: Path, *rollen: str, **delen: Any) -> TestClient:
    return TestClient(
        make_app(releases_map, *rollen, **delen), base_url=BASIS, raise_server_exceptions=False
    )


@pytest.fixture
def melder(releases_map: Path) -> TestClient:
    return make_client(releases_map, "melder")


@pytest.fixture
def team(releases_map: Path) -> TestClient:
    return make_client(releases_map, "sociaal_team")


def test_report_gets_a_reference_and_nothing_of_it_comes_back(
    melder: TestClient, releases_map: Path
) -> None:
    antwoord = melder.post(PAD, json=MELDING)

    assert antwoord.status_code == 201
    stand = Signaalstand.model_validate(antwoord.json())
    assert stand.status.code == "ontvangen"
    assert "alcohol" not in antwoord.text
    assert "C003" not in antwoord.text
    assert antwoord.headers["cache-control"] == "no-store"
    ((signaal,), aantal) = vars(open_register(releases_map).list_signalen("test")).values()
    assert aantal == 1
    assert (signaal.inhoud.code, signaal.inhoud.signaal) == ("zorg", None)
    assert (signaal.inhoud.complex_id, signaal.inhoud.buurt_id) == ("C003", "BU02")


def test_reporter_follows_the_status_and_the_team_changes_it(
    melder: TestClient, team: TestClient
) -> None:
    kenmerk = melder.post(PAD, json=MELDING).json()["kenmerk"]

    opgepakt = team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "opgepakt"})
    gelezen = melder.get(f"{PAD}/{kenmerk}")
    gesloten = team.patch(
        f"{PAD}/{kenmerk}", json={"statusCode": "afgesloten", "redenCode": "geen_hulp_gewenst"}
    )
    daarna = melder.get(f"{PAD}/{kenmerk}")

    assert opgepakt.status_code == gesloten.status_code == 200
    assert gelezen.json() == opgepakt.json()
    assert daarna.json()["status"] == {"code": "afgesloten", "naam": "afgesloten"}
    assert "hulp" not in daarna.text
    assert melder.head(f"{PAD}/{kenmerk}").status_code == 200


@pytest.mark.parametrize(
    ("rollen", "melden", "opvolgen", "tellen"),
    [
        ((), 401, 401, 401),
        (("melder",), 201, 403, 403),
        (("lezer",), 201, 403, 403),
        (("wijkbeheer",), 201, 403, 403),
        (("woonfraude",), 201, 403, 403),
        (("gebiedsmanager",), 201, 403, 200),
        (("sociaal_team",), 201, 404, 200),
        (("zorg_welzijn",), 403, 403, 200),
        (("gemeente",), 403, 403, 200),
        (("politie",), 403, 403, 403),
        (("beheer",), 403, 403, 403),
    ],
)
def test_who_may_report_follow_up_and_read_counts(
    releases_map: Path, rollen: tuple[str, ...], melden: int, opvolgen: int, tellen: int
) -> None:
    client = (
        make_client(releases_map, *rollen)
        if rollen
        else make_client(releases_map, toegang=Openbaar())
    )

    assert client.post(PAD, json=MELDING).status_code == melden
    stap = client.patch(f"{PAD}/K7M3-9QXD-2BRP", json={"statusCode": "opgepakt"})
    assert stap.status_code == opvolgen
    assert client.get("/v1/signaaltellingen").status_code == tellen


@pytest.mark.parametrize(
    "rest", [{}, {"signaalCode": "zomaar"}, {"complexId": 7}, {"onzin": "x"}, MELDING]
)
def test_emergency_is_answered_with_the_numbers_whatever_else_was_sent(
    releases_map: Path, rest: dict[str, Any]
) -> None:
    register = open_register(releases_map, beleid=Beleid(crisisnummer="010 123 45 67"))
    client = make_client(releases_map, "melder", signalen=register)

    antwoord = client.post(PAD, json={**rest, "urgentieCode": "nu_gevaar"})

    assert antwoord.status_code == 409
    assert antwoord.headers["content-type"] == "application/problem+json"
    assert "112" in antwoord.json()["detail"]
    assert "010 123 45 67" in antwoord.json()["detail"]
    assert not (releases_map.parent / BESTAND).exists()


@pytest.mark.parametrize(
    ("wijziging", "naam"),
    [
        ({"complexId": "C999"}, "complexId"),
        ({"signaalCode": "ziekte"}, "signaalCode"),
        ({"urgentieCode": "ooit"}, "urgentieCode"),
        ({"organisatieCode": None}, "organisatieCode"),
        ({"eenheidId": "E1"}, "eenheidId"),
        ({"benaderingCode": "bellen"}, "benaderingCode"),
        ({"toelichting": "Woont alleen."}, "toelichting"),
        ({"naamBewoner": "Jansen"}, "naamBewoner"),
    ],
)
def test_wrong_field_is_a_400_with_its_name_and_leaves_nothing(
    melder: TestClient, releases_map: Path, wijziging: dict[str, Any], naam: str
) -> None:
    antwoord = melder.post(PAD, json={**MELDING, **wijziging})

    assert antwoord.status_code == 400
    assert [fout["naam"] for fout in antwoord.json()["fouten"]] == [naam]
    assert "Jansen" not in antwoord.text
    assert "ziekte" not in antwoord.text
    assert not (releases_map.parent / BESTAND).exists()


def test_unknown_complex_is_told_together_with_the_other_errors(melder: TestClient) -> None:
    antwoord = melder.post(PAD, json={**MELDING, "complexId": "C999", "toelichting": "tekst"})

    assert {fout["naam"] for fout in antwoord.json()["fouten"]} == {"complexId", "toelichting"}


def test_organisation_of_the_login_goes_before_what_is_sent(releases_map: Path) -> None:
    class Kwast(Openbaar):
        def find_lezer(self, scope: Any) -> Lezer:
            return Lezer("J. de Schilder", find_rollen(["melder"]), "Schildersbedrijf De Kwast")

    client = make_client(releases_map, toegang=Kwast())
    zonder = {naam: waarde for naam, waarde in MELDING.items() if naam != "organisatieCode"}

    assert client.post(PAD, json=zonder).status_code == 201
    (signaal,) = open_register(releases_map).list_signalen("test").signalen
    assert signaal.inhoud.organisatie == "Schildersbedrijf De Kwast"
    assert "de Schilder" not in repr(signaal)


@pytest.mark.parametrize(
    "koppen", [{"origin": "https://elders.example"}, {"host": "elders.example"}]
)
def test_page_elsewhere_can_not_report_or_follow_up(
    melder: TestClient, team: TestClient, releases_map: Path, koppen: dict[str, str]
) -> None:
    assert melder.post(PAD, json=MELDING, headers=koppen).status_code == 403
    stap = team.patch(f"{PAD}/K7M3-9QXD-2BRP", json={"statusCode": "opgepakt"}, headers=koppen)
    assert stap.status_code == 403
    assert not (releases_map.parent / BESTAND).exists()


def test_other_kind_of_content_is_refused(melder: TestClient) -> None:
    assert melder.post(PAD, data=MELDING).status_code == 415
    antwoord = melder.post(PAD, content=b"{", headers={"content-type": "application/json"})
    assert antwoord.status_code == 400


@pytest.mark.parametrize("kenmerk", ["K7M3-9QXD-2BRP", "x", "K7M3%2F9QXD", "K" * 32])
def test_reference_that_does_not_exist_is_a_404(
    melder: TestClient, team: TestClient, kenmerk: str
) -> None:
    melder.post(PAD, json=MELDING)

    assert melder.get(f"{PAD}/{kenmerk}").status_code == 404
    assert team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "opgepakt"}).status_code == 404


def test_step_that_can_not_be_is_a_conflict(melder: TestClient, team: TestClient) -> None:
    kenmerk = melder.post(PAD, json=MELDING).json()["kenmerk"]
    team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "opgepakt"})

    assert team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "opgepakt"}).status_code == 409
    zonder_reden = team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "afgesloten"})
    assert zonder_reden.status_code == 400
    terug = team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "ontvangen"})
    assert terug.status_code == 400


def test_who_reports_too_often_waits(melder: TestClient) -> None:
    statussen = [melder.post(PAD, json=MELDING).status_code for _ in range(21)]
    antwoord = melder.post(PAD, json=MELDING)

    assert statussen == [201] * 20 + [429]
    assert antwoord.headers["content-type"] == "application/problem+json"
    assert 0 < int(antwoord.headers["retry-after"]) <= 600


def test_counts_have_the_name_of_the_buurt_and_nothing_finer(releases_map: Path) -> None:
    klok = Klok()
    register = open_register(releases_map, nu=klok)
    melder = make_client(releases_map, "melder", signalen=register)
    for nummer in range(13):
        complex_id = "C003" if nummer < 12 else "C001"
        melder.post(PAD, json={**MELDING, "complexId": complex_id})
    klok.nu = klok.nu.replace(year=2027, month=1)

    antwoord = make_client(releases_map, "zorg_welzijn", signalen=register).get(
        "/v1/signaaltellingen"
    )

    tellingen = Signaaltellingen.model_validate(antwoord.json())
    assert [
        (regel.buurt.naam, regel.aantal) for k in tellingen.kwartalen for regel in k.buurten
    ] == [("Havenkwartier", 10)]
    assert "C003" not in antwoord.text


def test_store_that_can_not_be_reached_says_so_without_its_address(releases_map: Path) -> None:
    weg = Signaalregister(
        f"postgresql+psycopg://u:geheim@/db?host={releases_map}",
        Sleutelbos(releases_map.parent / "sleutels"),
    )
    client = make_client(releases_map, "melder", signalen=weg)

    antwoord = client.post(PAD, json=MELDING)

    assert antwoord.status_code == 503
    assert "geheim" not in antwoord.text
    assert "niet bereikbaar" in antwoord.json()["detail"]


def test_read_log_names_who_follows_up_and_not_who_reports(releases_map: Path) -> None:
    leeslog = Onthoudt()
    melder = make_client(releases_map, toegang=Als("melder", naam="Jan Jansen"), leeslog=leeslog)
    kenmerk = melder.post(PAD, json=MELDING).json()["kenmerk"]
    melder.get(f"{PAD}/{kenmerk}")
    assert leeslog.lezingen == []

    team = make_client(
        releases_map, toegang=Als("sociaal_team", naam="S. de Boer"), leeslog=leeslog
    )
    team.patch(f"{PAD}/{kenmerk}", json={"statusCode": "opgepakt"})

    assert [lezing.daad for lezing in leeslog.lezingen] == ["poging", "schrijven"]
    for lezing in leeslog.lezingen:
        assert (lezing.lezer.naam, lezing.bereik) == ("S. de Boer", "signaal_opvolgen")
        assert kenmerk not in repr(lezing), "who has a reference sees how the report stands"
    regels = open_register(releases_map).list_log("test", kenmerk)
    assert [regel.wie for regel in regels][2:] == ["S. de Boer"]
    assert "Jansen" not in repr(regels)


def test_who_reports_without_a_name_waits_by_the_address_behind_the_proxy(
    releases_map: Path,
) -> None:
    app = make_app(releases_map, "melder", grenzen=Grenzen(proxies=parse_proxies("10.0.0.7")))
    klant = TestClient(app, client=("10.0.0.7", 1), base_url=BASIS)

    def report(adres: str) -> int:
        return klant.post(PAD, json=MELDING, headers={"x-forwarded-for": adres}).status_code

    assert [report("192.0.2.1") for _ in range(21)] == [201] * 20 + [429]
    assert report("192.0.2.2") == 201
