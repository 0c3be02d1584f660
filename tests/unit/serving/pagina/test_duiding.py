"""The section on the card and its form, as a browser without script uses it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.besluit.aandeel import SLEUTEL, Duidingaandeel
from serving.besluit.duiding import Duiding
from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.pagina.formulier import KOEKJE
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.voorbeeld_release import INHOUD, publish_example
from tests.unit.serving.wie import make_app

BASIS = "http://127.0.0.1:8000"
KAART = "/complexen/C003"
FORMULIER = {
    "delta": "1",
    "redenCode": "lokale_kennis",
    "toelichting": "In de gangen staat al weken grofvuil.",
    "door": "Anna de Wit",
}


@pytest.fixture
def releases_map(tmp_path: Path) -> Path:
    pad = tmp_path / "releases"
    publish_example(pad)
    return pad


@pytest.fixture
def browser(releases_map: Path) -> TestClient:
    return TestClient(
        make_app(releases_map, "lezer", "wijkbeheer"),
        base_url=BASIS,
        headers={"origin": BASIS, "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def read_register(releases_map: Path) -> tuple[Duiding, ...]:
    return Besluitregister(url_of_file(releases_map.parent / BESTAND)).list_duidingen()


def find_bewijs(html: str) -> str:
    gevonden = re.search(r'name="bewijs" value="([\w-]+)"', html)
    assert gevonden
    return gevonden[1]


def send(browser: TestClient, **velden: str):  # type: ignore[no-untyped-def]
    bewijs = find_bewijs(browser.get(KAART).text)
    return browser.post(f"{KAART}/duidingen", data={"bewijs": bewijs, **FORMULIER, **velden})


def test_duiding_is_set_with_the_form_and_shown_without_a_name(
    browser: TestClient, releases_map: Path
) -> None:
    antwoord = send(browser)

    assert antwoord.status_code == 303
    assert antwoord.headers["location"] == f"{KAART}#duiding"
    pagina = read_page(browser.get(KAART).text)
    assert "Label één hoger." in pagina.tekst
    assert "1 januari 2027 en 1 april 2027; telt vanaf de volgende peildatum" in pagina.tekst
    assert "zonder duiding, is 3" in pagina.tekst
    assert "Anna" not in pagina.tekst
    assert "grofvuil" not in pagina.tekst
    assert [d.voorstel.door for d in read_register(releases_map)] == ["Anna de Wit"]


def test_wrong_form_comes_back_filled_in_with_each_error_at_its_field(
    browser: TestClient, releases_map: Path
) -> None:
    antwoord = send(browser, toelichting="Bel 06-12345678 <b>nu</b>", door="")

    assert antwoord.status_code == 400
    pagina = read_page(antwoord.text)
    assert "Er is nog niets vastgelegd." in pagina.tekst
    assert "Lijkt een telefoonnummer te bevatten" in pagina.tekst
    assert "Is verplicht." in pagina.tekst
    assert "&lt;b&gt;nu" in antwoord.text
    assert {"duiding-toelichting-fout", "duiding-door-fout"} <= set(pagina.ids)
    assert pagina.labels <= set(pagina.ids)
    assert 'value="lokale_kennis" selected' in antwoord.text
    assert read_register(releases_map) == ()


def test_second_person_confirms_on_the_card_and_the_first_cannot(
    browser: TestClient, releases_map: Path
) -> None:
    send(browser)
    send(browser)
    nummer = str(read_register(releases_map)[1].id)

    zelf = send(browser, bevestigt=nummer, door="Anna de Wit")
    ander = send(browser, bevestigt=nummer, door="Bert Bos")
    elders = send(browser, bevestigt="99", door="Bert Bos")

    assert zelf.status_code == 400
    assert "Is dezelfde persoon" in zelf.text
    assert ander.status_code == 303
    assert elders.status_code == 409
    (_, tweede) = read_register(releases_map)
    assert tweede.bevestiging is not None
    assert tweede.bevestiging.door == "Bert Bos"


@pytest.mark.parametrize(
    "koppen",
    [{"origin": "https://elders.example"}, {"origin": "null"}, {"host": "elders.example"},
     {"sec-fetch-site": "cross-site"}],
)  # fmt: skip
def test_form_on_a_page_elsewhere_changes_nothing(
    browser: TestClient, releases_map: Path, koppen: dict[str, str]
) -> None:
    bewijs = find_bewijs(browser.get(KAART).text)

    antwoord = browser.post(
        f"{KAART}/duidingen", data={"bewijs": bewijs, **FORMULIER}, headers=koppen
    )

    assert antwoord.status_code == 403
    assert read_register(releases_map) == ()


@pytest.mark.parametrize("bewijs", ["", "x" * 43, None])
def test_form_without_the_token_of_this_browser_changes_nothing(
    browser: TestClient, releases_map: Path, bewijs: str | None
) -> None:
    browser.get(KAART)
    velden = FORMULIER if bewijs is None else {"bewijs": bewijs, **FORMULIER}

    assert browser.post(f"{KAART}/duidingen", data=velden).status_code == 403
    browser.cookies.clear()
    assert browser.post(f"{KAART}/duidingen", data=velden).status_code == 403
    assert read_register(releases_map) == ()


def test_token_is_for_this_site_alone_and_stays_the_same_in_a_browser(browser: TestClient) -> None:
    eerste = browser.get(KAART)
    tweede = browser.get("/complexen/C001")

    koek = eerste.headers["set-cookie"].lower()
    assert koek.startswith(KOEKJE)
    assert "httponly" in koek
    assert "samesite=strict" in koek
    assert find_bewijs(eerste.text) == find_bewijs(tweede.text)
    assert eerste.headers["cache-control"] == "no-store"
    # With "no-referrer" a browser would send "Origin: null" with the form.
    assert eerste.headers["referrer-policy"] == "same-origin"


def test_form_offers_only_moves_that_stay_within_one_to_five(browser: TestClient) -> None:
    assert 'name="delta" value="1"' not in browser.get("/complexen/C001").text
    assert 'name="delta" value="-1"' in browser.get("/complexen/C001").text
    onbekend = browser.get("/complexen/C006").text
    assert 'name="delta"' not in onbekend
    assert 'name="delta"' not in browser.get("/buurten/BU01").text


def test_other_kind_of_content_or_unknown_complex_is_refused(browser: TestClient) -> None:
    bewijs = find_bewijs(browser.get(KAART).text)

    assert browser.post(f"{KAART}/duidingen", json=FORMULIER).status_code == 400
    te_lang = {"bewijs": bewijs, **FORMULIER, "toelichting": "x" * 20_000}
    assert browser.post(f"{KAART}/duidingen", data=te_lang).status_code == 400
    velden = {"bewijs": bewijs, **FORMULIER}
    assert browser.post("/complexen/C999/duidingen", data=velden).status_code == 404


def test_reader_elsewhere_sees_the_duiding_and_no_form(
    browser: TestClient, releases_map: Path
) -> None:
    lezer = TestClient(make_app(releases_map), base_url=BASIS)
    voor = lezer.get(KAART)
    send(browser)

    na = lezer.get(KAART, headers={"if-none-match": voor.headers["etag"]})

    assert na.status_code == 200, "the page changed, though the release did not"
    assert "Label één hoger." in read_page(na.text).tekst
    assert "<form method" not in na.text
    assert "set-cookie" not in na.headers
    gelijk = lezer.get(KAART, headers={"if-none-match": na.headers["etag"]})
    assert gelijk.status_code == 304
    geweigerd = lezer.post(f"{KAART}/duidingen", data=FORMULIER)
    assert geweigerd.status_code == 403


def test_card_is_shown_when_the_decisions_cannot_be_read(releases_map: Path) -> None:
    weg = Besluitregister(f"postgresql+psycopg://u:geheim@/db?host={releases_map}")
    lezer = TestClient(make_app(releases_map, besluiten=weg), base_url=BASIS)

    antwoord = lezer.get(KAART)

    assert antwoord.status_code == 200
    assert "De duidingen zijn nu niet te lezen." in antwoord.text
    assert "geheim" not in antwoord.text


@pytest.mark.parametrize(
    ("met_duiding", "zin", "alarm"),
    [(3, "Bij 3 van de 20 complexen met een label", False), (4, "Bij 4 van de 20", True)],
)
def test_first_page_says_how_often_a_label_is_read_otherwise_and_when_that_is_much(
    tmp_path: Path, met_duiding: int, zin: str, alarm: bool
) -> None:
    map_ = tmp_path / "releases"
    feiten = Duidingaandeel(date(2026, 10, 1), 20, met_duiding, 8, "ab").as_manifest()
    publish_example(map_, inhoud={**INHOUD, SLEUTEL: feiten})

    tekst = read_page(TestClient(make_app(map_)).get("/").text).tekst

    assert zin in tekst
    assert ("de methode moet worden bekeken" in tekst) is alarm
