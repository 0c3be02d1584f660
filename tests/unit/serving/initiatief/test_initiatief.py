"""The register of bewonersinitiatieven: rules, store, API, page and card."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from serving.besluit.register import Besluitregister
from serving.initiatief.api import EenInitiatief, Initiatieflijst
from serving.initiatief.regels import (
    Gegevens,
    InitiatiefKanNiet,
    OnbekendInitiatief,
    OngeldigInitiatief,
    admit,
)
from serving.initiatief.register import (
    BESTAND,
    Geleverd,
    Initiatiefregister,
    list_place,
    url_of_file,
)
from serving.initiatief.tabellen import VERSIETABEL, metadata
from tests.unit.serving.besluit.conftest import NA_OKTOBER, make_voorstel
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app

BASIS = "http://127.0.0.1:8000"
API = "/v1/bewonersinitiatieven"
PAGINA = "/bewonersinitiatieven"
NU = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
GROEN = Gegevens(
    naam="Geveltuinen in de Eikenlaan",
    thema_code="groen",
    niveau="complex",
    beheerobject_id="C001",
    buurt_id="BU01",
    bedrag_eur=Decimal("750.50"),
    status_code="toegekend",
    begindatum=date(2026, 10, 1),
)
VERZOEK = {
    "naam": "Geveltuinen in de Eikenlaan",
    "themaCode": "groen",
    "complexId": "C001",
    "bedragEur": 750.5,
    "statusCode": "toegekend",
    "begindatum": "2026-10-01",
    "door": "A. de Wit",
}
VORM = {
    "naam": "Soep op dinsdag",
    "plek": "Eikenhof (C001)",
    "themaCode": "ontmoeten",
    "statusCode": "toegekend",
    "bedragEur": "1.250,50",
    "begindatum": "2026-10-01",
    "einddatum": "",
    "door": "A. de Wit",
}
_nummers = count(1)


# --- rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wijziging", "veld"),
    [
        ({"naam": "ab"}, "naam"),
        ({"naam": "Koffie bij 06-12345678"}, "naam"),
        ({"thema_code": "feest"}, "themaCode"),
        ({"bedrag_eur": Decimal("-0.01")}, "bedragEur"),
        ({"bedrag_eur": Decimal("1000000.01")}, "bedragEur"),
        ({"bedrag_eur": Decimal("1.005")}, "bedragEur"),
        ({"bedrag_eur": Decimal("NaN")}, "bedragEur"),
        ({"status_code": "klaar"}, "statusCode"),
        ({"einddatum": date(2026, 9, 30)}, "einddatum"),
        ({"beheerobject_id": ""}, "beheerobjectId"),
    ],
)
def test_wrong_field_is_named_and_its_value_is_not_repeated(
    wijziging: dict[str, Any], veld: str
) -> None:
    with pytest.raises(OngeldigInitiatief) as fout:
        admit(replace(GROEN, **wijziging), "A. de Wit")

    assert set(fout.value.fouten) == {veld}
    assert "12345678" not in str(fout.value)


def test_who_records_it_must_say_a_name() -> None:
    with pytest.raises(OngeldigInitiatief, match="door is verplicht"):
        admit(GROEN, " ")


# --- store ---------------------------------------------------------------------------------


@pytest.fixture
def adres(maak_opslag: Callable[[str], str]) -> str:
    return maak_opslag(BESTAND)


@pytest.fixture
def register(adres: str) -> Iterator[Initiatiefregister]:
    geopend = Initiatiefregister(adres, nu=lambda: NU)
    yield geopend
    geopend.close()


def test_initiative_is_kept_to_the_cent_and_its_changes_are_new_states(
    register: Initiatiefregister,
) -> None:
    gemaakt = register.add(GROEN, "A. de Wit")
    gewijzigd = register.change(
        gemaakt.id, "B. Bos", status_code="afgerond", einddatum=date(2026, 11, 1)
    )

    assert gemaakt.gegevens == GROEN
    assert register.list_initiatieven() == (gewijzigd,)
    assert gewijzigd.gegevens == replace(GROEN, status_code="afgerond", einddatum=date(2026, 11, 1))
    assert [stand.gegevens.status_code for stand in register.list_standen()] == [
        "toegekend", "afgerond",
    ]  # fmt: skip


@given(centen=st.integers(0, 100_000_000))
def test_no_cent_is_lost(centen: int) -> None:
    from serving.initiatief.register import _read_gegevens, _write_gegevens

    gegevens = replace(GROEN, bedrag_eur=Decimal(centen) / 100)
    rij = type("Rij", (), _write_gegevens(gegevens))

    assert _read_gegevens(rij) == gegevens  # type: ignore[arg-type]


def test_delivered_initiatives_are_taken_over_once_and_changed_where_they_come_from(
    register: Initiatiefregister,
) -> None:
    geleverd = [Geleverd("BI1", GROEN), Geleverd("BI2", replace(GROEN, naam="Portiekborrel"))]

    assert register.take_levering(geleverd, "levering") == 2
    assert register.take_levering(geleverd, "levering") == 0
    anders = Geleverd("BI1", replace(GROEN, status_code="afgerond"))
    assert register.take_levering([anders], "levering") == 1

    assert len(register.list_initiatieven()) == 2
    assert register.list_standen() == (), "what was delivered is not delivered back"
    with pytest.raises(InitiatiefKanNiet, match="uit een levering"):
        register.change(register.list_initiatieven()[0].id, "A. de Wit", status_code="afgerond")
    with pytest.raises(OnbekendInitiatief):
        register.change(99, "A. de Wit", status_code="afgerond")


def test_initiative_goes_seven_years_after_its_last_day_with_all_its_states(
    register: Initiatiefregister,
) -> None:
    voorbij = register.add(replace(GROEN, einddatum=date(2026, 11, 1)), "A. de Wit")
    loopt = register.add(GROEN, "A. de Wit")

    assert register.purge(date(2033, 11, 1)) == ()
    proef = register.purge(date(2033, 11, 2), dry_run=True)
    assert len(register.list_initiatieven()) == 2
    weg = register.purge(date(2033, 11, 2))

    assert proef == weg
    assert [(v.plek, v.regel, v.aantal) for v in weg] == [
        ("initiatieven", "7 jaar na einddatum", 1)
    ]
    assert [i.id for i in register.list_initiatieven()] == [loopt.id]
    assert {s.initiatief_id for s in register.list_standen()} == {loopt.id} != {voorbij.id}


def test_refused_initiative_without_a_last_day_goes_and_a_running_one_does_not(
    register: Initiatiefregister,
) -> None:
    afgewezen = register.add(replace(GROEN, status_code="afgewezen"), "A. de Wit")
    lopend = register.add(GROEN, "A. de Wit")

    assert register.purge(date(2033, 11, 24)) == ()
    [weg] = register.purge(date(2033, 11, 25))

    assert weg.aantal == 1
    assert [i.id for i in register.list_initiatieven()] == [lopend.id]
    assert afgewezen.id != lopend.id


def test_database_itself_refuses_to_change_a_state_and_the_migrations_fit(
    register: Initiatiefregister, adres: str
) -> None:
    register.add(GROEN, "A. de Wit")
    motor = create_engine(adres)
    try:
        with pytest.raises(DBAPIError, match="wordt niet gewijzigd"), motor.begin() as verbinding:
            verbinding.execute(text("update initiatief_stand set naam = 'iets anders'"))
        with motor.connect() as verbinding:
            opties = {"compare_type": True, "version_table": VERSIETABEL}
            verschillen = compare_metadata(
                MigrationContext.configure(verbinding, opts=opties), metadata
            )
    finally:
        motor.dispose()
    assert verschillen == []


def test_register_can_lie_in_the_database_of_the_decisions(
    register: Initiatiefregister, adres: str
) -> None:
    besluiten = Besluitregister(adres, nu=lambda: NU)
    besluiten.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    register.add(GROEN, "A. de Wit")

    assert len(besluiten.list_duidingen()) == len(register.list_initiatieven()) == 1
    besluiten.close()


def test_looking_makes_no_file(tmp_path: Path) -> None:
    leeg = Initiatiefregister(url_of_file(tmp_path / BESTAND))

    assert leeg.list_initiatieven() == ()
    assert leeg.list_standen() == ()
    assert leeg.purge(date(2040, 1, 1)) == ()
    assert list(tmp_path.iterdir()) == []


def test_complex_shows_its_own_and_those_of_its_whole_buurt(tmp_path: Path) -> None:
    register = Initiatiefregister(url_of_file(tmp_path / BESTAND))
    hier = register.add(GROEN, "A")
    buurt = register.add(replace(GROEN, niveau="buurt", beheerobject_id="BU01"), "A")
    naast = register.add(replace(GROEN, beheerobject_id="C002"), "A")
    elders = register.add(replace(GROEN, beheerobject_id="C003", buurt_id="BU02"), "A")
    alle = register.list_initiatieven()

    assert {i.id for i in list_place(alle, "complex", "C001", "BU01")} == {hier.id, buurt.id}
    assert {i.id for i in list_place(alle, "buurt", "BU01", "")} == {hier.id, buurt.id, naast.id}
    assert {i.id for i in list_place(alle, "buurt", "BU02", "")} == {elders.id}
    assert {i.id for i in list_place(alle, "complex", "C003", "")} == {elders.id}
    for plek in (("complex", "C001", "BU01"), ("buurt", "BU01", ""), ("complex", "C003", "")):
        assert register.list_hier(*plek) == list_place(alle, *plek)


# --- over the API --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def voorbeeld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pad = tmp_path_factory.mktemp("initiatief") / "releases"
    publish_example(pad)
    return pad


@pytest.fixture
def releases_map(voorbeeld: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(voorbeeld, tmp_path / "releases", copy_function=os.link))


def open_client(releases_map: Path, *rollen: str) -> TestClient:
    return TestClient(
        make_app(releases_map, *rollen),
        base_url=BASIS,
        headers={"origin": BASIS, "sec-fetch-site": "same-origin"},
        raise_server_exceptions=False,
        follow_redirects=False,
    )


@pytest.fixture
def wijkbeheer(releases_map: Path) -> TestClient:
    return open_client(releases_map, "wijkbeheer")


def test_initiative_is_recorded_changed_and_read_over_the_api(wijkbeheer: TestClient) -> None:
    gemaakt = wijkbeheer.post(API, json=VERZOEK)
    nummer = gemaakt.json()["initiatief"]["id"]
    gewijzigd = wijkbeheer.patch(
        f"{API}/{nummer}", json={"bedragEur": 800, "einddatum": "2026-11-01", "door": "B. Bos"}
    )
    gelezen = wijkbeheer.get(f"{API}/{nummer}")
    lijst = wijkbeheer.get(API)

    assert (gemaakt.status_code, gewijzigd.status_code) == (201, 200)
    EenInitiatief.model_validate(gemaakt.json())
    Initiatieflijst.model_validate(lijst.json())
    assert gelezen.json() == gewijzigd.json()
    assert lijst.json()["resultaten"] == [gelezen.json()["initiatief"]]
    feiten = gelezen.json()["initiatief"]
    assert feiten["bedragEur"] == 800
    assert feiten["complex"] == {"id": "C001", "naam": "Eikenhof"}
    assert feiten["buurt"] == {"id": "BU01", "naam": "Boomkwartier"}
    assert "de Wit" not in gelezen.text + lijst.text
    assert gelezen.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("wijziging", "naam"),
    [
        ({"complexId": "C999"}, "complexId"),
        ({"complexId": None, "buurtId": "BU99"}, "buurtId"),
        ({"buurtId": "BU01"}, "complexId"),
        ({"complexId": None}, "complexId"),
        ({"naam": "Bel 06-12345678"}, "naam"),
        ({"bedragEur": 1.005}, "bedragEur"),
        ({"bedragEur": -1}, "bedragEur"),
        ({"begindatum": "gisteren"}, "begindatum"),
        ({"einddatum": "2020-01-01"}, "einddatum"),
        ({"door": None}, "door"),
        ({"bewoner": "Jansen"}, "bewoner"),
    ],
)
def test_wrong_request_is_a_400_that_names_the_field(
    wijkbeheer: TestClient, releases_map: Path, wijziging: dict[str, Any], naam: str
) -> None:
    antwoord = wijkbeheer.post(API, json={**VERZOEK, **wijziging})

    assert antwoord.status_code == 400
    assert [fout["naam"] for fout in antwoord.json()["fouten"]] == [naam]
    assert "Jansen" not in antwoord.text
    assert "12345678" not in antwoord.text
    assert not (releases_map.parent / BESTAND).exists()


def test_list_is_filtered_and_paged_with_links(wijkbeheer: TestClient) -> None:
    for nummer in range(5):
        wijkbeheer.post(API, json={**VERZOEK, "naam": f"Plan {nummer}"})
    wijkbeheer.post(
        API, json={**VERZOEK, "complexId": None, "buurtId": "BU02", "statusCode": "aangevraagd"}
    )

    def ask(vraag: str) -> Any:
        return wijkbeheer.get(f"{API}?{vraag}")

    assert ask("complexId=C001").json()["aantal"] == 5
    assert ask("buurtId=BU02").json()["aantal"] == 1
    assert ask("statusCode=aangevraagd").json()["aantal"] == 1
    assert ask("themaCode=jeugd").json()["aantal"] == 0
    blad = ask("buurtId=BU01&pagina=2&aantalPerPagina=2")
    assert [rij["naam"] for rij in blad.json()["resultaten"]] == ["Plan 2", "Plan 1"]
    assert 'buurtId=BU01&pagina=3&aantalPerPagina=2>; rel="next"' in blad.headers["link"]
    assert ask("zomaar=1").status_code == 400
    assert ask("aantalPerPagina=0").status_code == 400


@pytest.mark.parametrize(
    ("rol", "lezen", "vastleggen"),
    [
        ("lezer", 200, 403), ("wijkbeheer", 200, 201), ("gebiedsmanager", 200, 201),
        ("sociaal_team", 200, 403), ("onderwijs", 200, 403), ("gemeente", 200, 403),
        ("politie", 403, 403), ("melder", 403, 403), ("woonfraude", 403, 403),
    ],
)  # fmt: skip
def test_who_may_read_and_record(releases_map: Path, rol: str, lezen: int, vastleggen: int) -> None:
    client = open_client(releases_map, rol)

    assert client.get(API).status_code == lezen
    assert client.get(PAGINA).status_code == lezen
    assert client.post(API, json=VERZOEK).status_code == vastleggen


def test_partner_sees_what_happens_in_a_buurt_and_no_complex_or_refusal(
    wijkbeheer: TestClient, releases_map: Path
) -> None:
    wijkbeheer.post(API, json=VERZOEK)
    afgewezen = wijkbeheer.post(
        API, json={**VERZOEK, "naam": "Groot feest", "statusCode": "afgewezen"}
    ).json()["initiatief"]["id"]
    partner = open_client(releases_map, "gemeente")

    lijst = partner.get(API).json()
    pagina = partner.get(PAGINA).text

    assert [(rij["complex"], rij["buurt"]["id"]) for rij in lijst["resultaten"]] == [(None, "BU01")]
    for tekst in (str(lijst), pagina):
        assert "C001" not in tekst
        assert "Eikenhof" not in tekst
        assert "Groot feest" not in tekst
    assert partner.get(f"{API}/{afgewezen}").status_code == 404
    assert partner.get(f"{API}?complexId=C001").status_code == 403


# --- on the page and the card --------------------------------------------------------------


def find_bewijs(html: str) -> str:
    gevonden = re.search(r'name="bewijs" value="([\w-]+)"', html)
    assert gevonden
    return gevonden[1]


def send(browser: TestClient, pad: str = PAGINA, **velden: str):  # type: ignore[no-untyped-def]
    bewijs = find_bewijs(browser.get(PAGINA).text)
    inhoud = {**VORM, **velden} if pad == PAGINA else velden
    return browser.post(pad, data={"bewijs": bewijs, **inhoud})


def test_initiative_is_recorded_with_the_form_and_stands_on_the_cards(
    wijkbeheer: TestClient, releases_map: Path
) -> None:
    voor = wijkbeheer.get("/buurten/BU01")
    assert "Wat hier loopt" not in voor.text

    antwoord = send(wijkbeheer)

    assert antwoord.status_code == 303
    assert "€ 1.250,50" in wijkbeheer.get(PAGINA).text
    for kaart in ("/complexen/C001", "/buurten/BU01"):
        tekst = read_page(wijkbeheer.get(kaart).text).tekst
        assert "Wat hier loopt" in tekst
        assert "Soep op dinsdag" in tekst
    na = wijkbeheer.get("/buurten/BU01", headers={"if-none-match": voor.headers["etag"]})
    assert na.status_code == 200, "the card changed, though the release did not"
    for elders in ("/complexen/C002", "/buurten/BU02"):
        assert "Wat hier loopt" not in wijkbeheer.get(elders).text
    politie = open_client(releases_map, "politie").get("/buurten/BU01")
    assert politie.status_code == 200
    assert "Soep op dinsdag" not in politie.text


def test_wrong_form_comes_back_filled_in_with_each_error_at_its_field(
    wijkbeheer: TestClient, releases_map: Path
) -> None:
    antwoord = send(
        wijkbeheer, naam="Bel 06-12345678", bedragEur="veel", begindatum="", plek="nergens"
    )

    pagina = read_page(antwoord.text)
    assert antwoord.status_code == 400
    assert {f"initiatief-{veld}-fout" for veld in (
        "naam", "bedragEur", "begindatum", "beheerobjectId"
    )} <= set(pagina.ids)  # fmt: skip
    assert pagina.labels <= set(pagina.ids)
    assert 'value="ontmoeten" selected' in antwoord.text
    assert not (releases_map.parent / BESTAND).exists()


def test_place_that_fits_more_is_chosen_from_a_list(wijkbeheer: TestClient) -> None:
    antwoord = send(wijkbeheer, plek="kwartier")

    assert antwoord.status_code == 400
    assert 'value="buurt:BU01"' in antwoord.text
    assert send(wijkbeheer, plek="kwartier", plekId="buurt:BU01").status_code == 303


def test_own_initiative_is_changed_on_the_page(wijkbeheer: TestClient) -> None:
    send(wijkbeheer)
    (rij,) = wijkbeheer.get(API).json()["resultaten"]

    goed = send(wijkbeheer, f"{PAGINA}/{rij['id']}", statusCode="afgerond", door="B. Bos")
    fout = send(
        wijkbeheer, f"{PAGINA}/{rij['id']}", einddatum="2020-01-01", bedragEur="", door="B. Bos"
    )

    assert (goed.status_code, fout.status_code) == (303, 400)
    assert "De laatste dag ligt voor de begindatum." in read_page(fout.text).tekst
    assert wijkbeheer.get(f"{API}/{rij['id']}").json()["initiatief"]["status"]["code"] == "afgerond"
    assert send(wijkbeheer, f"{PAGINA}/99", statusCode="afgerond", door="B").status_code == 404
    assert send(wijkbeheer, f"{PAGINA}/x", statusCode="afgerond", door="B").status_code == 404


def test_form_on_a_page_elsewhere_changes_nothing(
    wijkbeheer: TestClient, releases_map: Path
) -> None:
    bewijs = find_bewijs(wijkbeheer.get(PAGINA).text)
    elders = {"origin": "https://elders.example"}

    van_elders = wijkbeheer.post(PAGINA, data={"bewijs": bewijs, **VORM}, headers=elders)
    zonder = wijkbeheer.post(PAGINA, data=VORM)

    assert (van_elders.status_code, zonder.status_code) == (403, 403)
    assert not (releases_map.parent / BESTAND).exists()


def test_list_of_more_than_a_page_is_turned(releases_map: Path) -> None:
    register = Initiatiefregister(url_of_file(releases_map.parent / BESTAND))
    geleverd = [
        Geleverd(f"BI{n}", replace(GROEN, begindatum=GROEN.begindatum + timedelta(days=n)))
        for n in range(30)
    ]
    register.take_levering(geleverd, "levering")
    lezer = open_client(releases_map, "lezer")

    assert "pagina 1 van 2" in lezer.get(PAGINA).text
    assert "uit een levering" in lezer.get(f"{PAGINA}?pagina=2").text
    assert lezer.get(f"{PAGINA}?pagina=3").status_code == 404
    assert "En nog" in read_page(lezer.get("/complexen/C001").text).tekst
