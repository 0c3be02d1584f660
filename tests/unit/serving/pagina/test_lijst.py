"""Lists and search: what the API's list gives, to read and to browse."""

from __future__ import annotations

import html as html_
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.unit.serving.pagina.lezer import Pagina, read_page
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app

NAMEN = {
    "complexen": ("zoek", "label", "thema", "buurtId", "wijkId", "sorteer"),
    "buurten": ("zoek", "label", "thema", "wijkId", "sorteer"),
    "wijken": ("zoek", "label", "thema", "sorteer"),
}


def find_rows(html: str, collectie: str) -> list[str]:
    """Ids in the table of a list, in order."""
    tabel = html.split('<table class="lijst">')[1].split("</table>", maxsplit=1)[0]
    return re.findall(rf'<a href="/{collectie}/([^"]+)">', tabel)


@pytest.mark.parametrize(
    "vraag",
    [
        "sorteer=-score",
        "sorteer=score&thema=OVL",
        "sorteer=naam&label=4&label=5",
        "sorteer=-aantalVerhuureenheden&buurtId=BU09990003",
        "sorteer=-naam&wijkId=WK099901&zoek=hof",
        "sorteer=naam&pagina=3",
    ],
)
def test_list_holds_the_same_in_the_same_order_as_the_api(vraag: str, stad: TestClient) -> None:
    van_api = stad.get(f"/v1/complexen?{vraag}&aantalPerPagina=25").json()
    html = stad.get(f"/complexen?{vraag}").text
    assert van_api["resultaten"]
    assert find_rows(html, "complexen") == [rij["id"] for rij in van_api["resultaten"]]
    assert f"{van_api['aantal']} complex" in html


def test_largest_task_comes_first_unless_asked_otherwise(stad: TestClient) -> None:
    zonder = find_rows(stad.get("/complexen").text, "complexen")
    assert zonder == find_rows(stad.get("/complexen?sorteer=-score").text, "complexen")


def test_unknown_labels_can_be_asked_for(stad: TestClient) -> None:
    html = stad.get("/complexen?label=0").text
    assert find_rows(html, "complexen")
    tabel = html.split('<table class="lijst">')[1]
    assert '<td class="smal"><span class="blok l0 ">' in tabel
    assert not re.search(r'<td class="smal"><span class="blok l[1-5] ">', tabel)


@pytest.mark.parametrize(("collectie", "velden"), NAMEN.items())
def test_form_has_its_choices_and_remembers_them(
    collectie: str, velden: tuple[str, ...], stad: TestClient
) -> None:
    html = stad.get(f"/{collectie}?label=3&thema=SOC&sorteer=naam&zoek=e").text
    assert set(re.findall(r' name="(\w+)"', html.split("<form")[1])) == set(velden)
    assert 'value="3" checked' in html
    assert '<option value="SOC" selected>' in html
    assert '<option value="naam" selected>' in html
    assert 'value="e"' in html


def test_browsing_keeps_the_choices(stad: TestClient) -> None:
    html = stad.get("/complexen?label=3&label=2&thema=SOC&sorteer=naam").text
    volgende = re.search(r'rel="next" href="([^"]+)"', html)
    assert volgende is not None
    adres = html_.unescape(volgende[1])
    assert adres == "/complexen?label=2&label=3&thema=SOC&sorteer=naam&pagina=2"
    tweede = stad.get(adres).text
    assert (
        'rel="prev" href="/complexen?label=2&amp;label=3&amp;thema=SOC&amp;sorteer=naam"' in tweede
    )
    assert not set(find_rows(html, "complexen")) & set(find_rows(tweede, "complexen"))


def test_walking_through_all_pages_meets_every_complex_once(stad: TestClient) -> None:
    adres: str | None = "/complexen"
    gezien: list[str] = []
    while adres:
        html = stad.get(adres).text
        gezien += find_rows(html, "complexen")
        volgende = re.search(r'rel="next" href="([^"]+)"', html)
        adres = html_.unescape(volgende[1]) if volgende else None
    assert len(gezien) == len(set(gezien)) == stad.get("/v1/complexen").json()["aantal"]


def test_nothing_found_offers_a_way_back(lees: Callable[[str], Pagina]) -> None:
    pagina = lees("/complexen?zoek=bestaatniet")
    assert "Niets gevonden." in pagina.tekst
    assert "/complexen" in pagina.naar


def test_search_finds_a_street_and_shows_which(lees_klein: Callable[[str], Pagina]) -> None:
    pagina = lees_klein("/zoeken?zoek=curacaostraat")
    assert "Curaçaostraat · Havenkwartier · gemiddelde opgave" in pagina.tekst
    assert "/complexen/C003" in pagina.naar


def test_search_finds_buurten_and_wijken_before_complexes(
    lees_klein: Callable[[str], Pagina],
) -> None:
    tekst = lees_klein("/zoeken?zoek=centrum").tekst
    assert "Gevonden met “centrum”: 1 wijk, 3 buurten, 6 complexen." in tekst.replace(" ,", ",")


def test_search_with_a_house_number_looks_for_the_street_alone(
    lees_klein: Callable[[str], Pagina],
) -> None:
    pagina = lees_klein("/zoeken?zoek=Eikenlaan 12a")
    assert "Wij zoeken zonder huisnummer of postcode, op “eikenlaan”" in pagina.tekst
    assert "/complexen/C001" in pagina.naar


@pytest.mark.parametrize(
    ("zoek", "gevonden"),
    [
        ("Eikenlaam", "C001"),
        ("eiknlaan", "C001"),
        ("Curacoastraat", "C003"),
        ("populeirstr", "C002"),
        ("Lindelan 4b", "C005"),
        ("havezicht", "C003"),
        ("kop van suid", "C006"),
    ],
)
def test_search_with_a_typing_error_finds_what_looks_like_it_and_shows_its_label(
    lees_klein: Callable[[str], Pagina], zoek: str, gevonden: str
) -> None:
    pagina = lees_klein(f"/zoeken?zoek={zoek}")
    assert f"/complexen/{gevonden}" in pagina.naar
    assert re.search(r"label \d ?, |label onbekend", pagina.tekst)


@pytest.mark.parametrize("zoek", ["xyzzyx", "bestaatniet", "abc", "eikenlaan bestaatniet", "12"])
def test_search_for_what_looks_like_nothing_makes_nothing_of_it(
    lees_klein: Callable[[str], Pagina], zoek: str
) -> None:
    assert f"Niets gevonden met “{zoek}”" in lees_klein(f"/zoeken?zoek={zoek}").tekst


def test_partner_is_led_to_no_street_by_a_typing_error(tmp_path: Path) -> None:
    publish_example(tmp_path)
    tekst = TestClient(make_app(tmp_path, "politie")).get("/zoeken?zoek=eiknlaan").text
    assert "eikenlaan" not in tekst.casefold()


def test_more_than_ten_found_leads_to_the_list(stad: TestClient) -> None:
    html = stad.get("/zoeken?zoek=molen").text
    aantal = stad.get("/v1/complexen?zoek=molen").json()["aantal"]
    assert aantal > 10
    assert f"Alle {aantal} complexen met “molen”" in html
    assert "/complexen?zoek=molen" in read_page(html).naar
