"""The proposal over the API and on the page: the same numbers, with the rule beside them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.budget.api import Budgetvoorstel
from serving.budget.dienst import FORMULE
from tests.unit.serving.api.test_v1 import check_shape
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.wie import make_app

KOP = "jaar;niveau;gebied_id;bedrag_eur\n"
API = "/v1/budgetvoorstellen"


def test_answer_has_the_documented_shape_and_prints_the_rule(manager: TestClient) -> None:
    antwoord = manager.get(f"{API}?budget=100000&niveau=buurt")

    assert antwoord.status_code == 200
    assert antwoord.headers["cache-control"] == "private, no-cache"
    inhoud = antwoord.json()
    check_shape(inhoud, Budgetvoorstel)
    assert inhoud["status"] == "niet gepubliceerd"
    assert inhoud["regel"]["formule"] == list(FORMULE)
    assert "label 5: 2" in " ".join(inhoud["regel"]["uitleg"])
    assert [factor["factor"] for factor in inhoud["regel"]["factoren"]] == [0.5, 0.75, 1, 1.5, 2]
    assert inhoud["melding"] == "Het budget van vorig jaar is niet gegeven."
    assert inhoud["regel"]["isBandToegepast"] is False


def test_amounts_and_reserve_are_the_budget_to_the_euro(manager: TestClient) -> None:
    for budget in (0, 1, 99_999, 100_003):
        inhoud = manager.get(f"{API}?budget={budget}&niveau=buurt&reserveProcent=7").json()
        som = sum(deel["bedragEur"] for deel in inhoud["resultaten"])
        assert som + inhoud["reserveEur"] == budget
        assert som == inhoud["verdeeldEur"]


def test_complex_without_a_label_is_named_and_counts_as_the_mean(manager: TestClient) -> None:
    inhoud = manager.get(f"{API}?budget=1000&niveau=buurt").json()

    assert [rij["id"] for rij in inhoud["zonderLabel"]] == ["C006"]
    (buurt,) = (deel for deel in inhoud["resultaten"] if deel["gebied"]["id"] == "BU03")
    assert buurt["aantalZonderLabel"] == 12
    gemiddeld = (61 * 0.5 + 22 * 0.75 + 120 + 36 * 1.5 + 84 * 2) / 323
    assert inhoud["regel"]["factorOnbekend"] == pytest.approx(gemiddeld, abs=5e-5)
    assert buurt["gewicht"] == pytest.approx(61 * 0.5 + 12 * gemiddeld, abs=1e-3)


@pytest.mark.parametrize(
    "vraag",
    ["", "?budget=-1", "?budget=1.5", "?budget=x", "?budget=1&niveau=complex",
     "?budget=1&reserveProcent=51", "?budget=1&bodemProcent=101", "?budget=1000000001",
     "?budget=1&x=1"],
)  # fmt: skip
def test_question_that_is_wrong_is_a_problem(manager: TestClient, vraag: str) -> None:
    antwoord = manager.get(API + vraag)

    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"]


def test_limits_that_clash_are_a_problem_that_says_which(
    met_vorig: Callable[[str], TestClient],
) -> None:
    klant = met_vorig(KOP + "2025;wijk;WK01;1000\n")

    antwoord = klant.get(f"{API}?budget=5000")

    assert antwoord.status_code == 400
    assert "bovengrenzen laten samen hoogstens € 1.200 toe" in antwoord.json()["detail"]


def test_last_year_bounds_the_areas_and_is_what_they_are_compared_with(
    met_vorig: Callable[[str], TestClient],
) -> None:
    klant = met_vorig(
        KOP + "2025;buurt;BU01;20000\n2025;buurt;BU02;20000\n2025;buurt;BU03;20000\n"
        "2025;buurt;-;10000\n"
    )

    inhoud = klant.get(f"{API}?budget=70000&niveau=buurt&reserveProcent=0").json()

    assert inhoud["vorigJaar"] == 2025
    assert inhoud["melding"] is None
    for deel in inhoud["resultaten"]:
        assert deel["verschilEur"] == deel["bedragEur"] - deel["vorigJaarEur"]
        assert abs(deel["verschilEur"]) <= 0.2 * deel["vorigJaarEur"]
    assert {deel["grens"] for deel in inhoud["resultaten"]} >= {"bovengrens", "ondergrens"}


@pytest.mark.parametrize("adres", ["/budget?budget=5000", f"{API}?budget=5000"])
def test_proposal_is_sent_once_until_the_release_or_the_budget_of_last_year_changes(
    manager: TestClient, met_vorig: Callable[[str], TestClient], adres: str
) -> None:
    eerst = manager.get(adres)
    weer = {"if-none-match": eerst.headers["etag"]}

    assert manager.get(adres, headers=weer).status_code == 304
    assert manager.get(adres, headers=weer).content == b""
    ander = met_vorig(KOP + "2025;wijk;WK01;5000\n").get(adres, headers=weer)
    assert ander.status_code == 200
    assert ander.headers["etag"] != eerst.headers["etag"]
    derde = met_vorig(KOP + "2025;wijk;WK01;5001\n").get(adres)
    assert derde.headers["etag"] != ander.headers["etag"]


@pytest.mark.parametrize(
    ("inhoud", "zin"),
    [
        (KOP + "2025;buurt;BU01;x\n", "heeft op regel 2 geen heel getal"),
        (KOP + "2025;buurt;BU01;1\n", "is gegeven per buurt, en deze verdeling is per wijk"),
        (KOP + "2025;wijk;WK01;1000\n2025;wijk;WK77;1\n", "gebieden zonder woningen in deze"),
    ],
)
def test_file_that_does_not_count_is_said_on_page_and_answer(
    met_vorig: Callable[[str], TestClient], inhoud: str, zin: str
) -> None:
    klant = met_vorig(inhoud)

    assert zin in klant.get(f"{API}?budget=1000").json()["melding"]
    assert zin in klant.get("/budget?budget=1000").text


def test_page_shows_what_the_answer_says(manager: TestClient) -> None:
    inhoud = manager.get(f"{API}?budget=123456&niveau=buurt").json()
    antwoord = manager.get("/budget?budget=123456&niveau=buurt")

    assert antwoord.status_code == 200
    tekst = read_page(antwoord.text).tekst
    for deel in inhoud["resultaten"]:
        assert f"€ {deel['bedragEur']:,}".replace(",", ".") in tekst
    for zin in (*inhoud["regel"]["uitleg"], *FORMULE):
        assert zin in tekst
    assert "Een voorstel, geen besluit." in tekst
    assert "Nieuwbouw Kop van Zuid" in tekst


def test_page_without_a_budget_shows_an_example_and_says_so(manager: TestClient) -> None:
    tekst = manager.get("/budget").text

    assert "rekent met € 100 per woning" in tekst
    assert 'name="budget" type="number" min="0" max="1000000000" step="1" inputmode="numeric" ' \
        'value="33500"' in tekst  # fmt: skip


def test_page_begins_with_the_budget_of_last_year(met_vorig: Callable[[str], TestClient]) -> None:
    tekst = met_vorig(KOP + "2025;wijk;WK01;1000\n").get("/budget").text

    assert 'value="1000" required>' in tekst
    assert "€ 100 per woning" not in tekst


@pytest.mark.parametrize("vraag", ["ander=150000", "schuif=50", "schuif=-31"])
def test_slider_stays_within_its_ends_and_a_typed_budget_needs_none(
    manager: TestClient, vraag: str
) -> None:
    verwacht = 200 if vraag.startswith("ander") else 400
    assert manager.get(f"/budget?budget=100000&{vraag}").status_code == verwacht


def test_two_budgets_stand_side_by_side(manager: TestClient) -> None:
    met_schuif = manager.get("/budget?budget=100000&niveau=buurt&schuif=20").text
    getypt = manager.get("/budget?budget=100000&niveau=buurt&ander=120000").text

    for html in (met_schuif, getypt):
        tekst = read_page(html).tekst
        assert "Voorstel voor € 100.000, naast € 120.000" in tekst
        assert "De twee budgetten naast elkaar" in tekst
        assert re.search(r"Verdeeld € 90\.000 € 108\.000", tekst)


def test_budget_may_be_written_as_people_do(manager: TestClient) -> None:
    for tekst in ("€ 1.200.000", "1 200 000", "1200000,00"):
        html = manager.get("/budget", params={"budget": tekst}).text
        assert "Voorstel voor € 1.200.000" in html


@pytest.mark.parametrize(
    "vraag", ["budget=veel", "budget=-1", "niveau=stad", "bodem=101", "reserve=51", "pagina=0",
              "pagina=9", "budget=1,50", "budget=²"],
)  # fmt: skip
def test_address_that_is_wrong_says_what_is_right(manager: TestClient, vraag: str) -> None:
    antwoord = manager.get(f"/budget?{vraag}")

    assert antwoord.status_code == 400
    assert "Dit adres klopt niet" in antwoord.text


def test_page_with_limits_that_clash_keeps_the_form_and_says_why(
    met_vorig: Callable[[str], TestClient],
) -> None:
    antwoord = met_vorig(KOP + "2025;wijk;WK01;1000\n").get("/budget?budget=5000")

    assert antwoord.status_code == 400
    assert "Zo kan het niet verdeeld worden" in antwoord.text
    assert 'value="5000" required' in antwoord.text


def test_file_holds_every_area_and_no_formula(manager: TestClient) -> None:
    antwoord = manager.get("/budget/voorstel.csv?budget=100000&niveau=buurt")

    assert antwoord.headers["content-type"].startswith("text/csv")
    assert "attachment" in antwoord.headers["content-disposition"]
    rijen = list(csv.DictReader(io.StringIO(antwoord.text), delimiter=";"))
    assert [rij["gebied_id"] for rij in rijen] == ["'-", "BU01", "BU02", "BU03"]
    assert sum(int(rij["voorstel_eur"]) for rij in rijen) + int(rijen[0]["reserve_eur"]) == 100_000
    assert {rij["regel"] for rij in rijen} == {"budgetregel-1 bodem 50% band geen reserve 10%"}
    for rij in rijen:
        for naam, waarde in rij.items():
            if naam != "verschil_eur":  # a number may be below zero
                assert not waarde.startswith(("=", "+", "-", "@")), (naam, waarde)


def test_file_that_cannot_be_made_says_why(met_vorig: Callable[[str], TestClient]) -> None:
    antwoord = met_vorig(KOP + "2025;wijk;WK01;1000\n").get("/budget/voorstel.csv?budget=5000")

    assert antwoord.status_code == 400
    assert "bovengrenzen" in antwoord.text


@pytest.mark.parametrize("rol", ["lezer", "wijkbeheer", "sociaal_team", "zorg_welzijn", "gemeente"])
def test_proposal_is_for_who_divides_the_budget_alone(budget_map: Path, rol: str) -> None:
    klant = TestClient(make_app(budget_map, rol), raise_server_exceptions=False)

    for adres in (f"{API}?budget=1", "/budget", "/budget/voorstel.csv"):
        assert klant.get(adres).status_code == 403
    assert 'href="/budget"' not in klant.get("/").text


def test_menu_leads_to_the_proposal_for_who_divides_the_budget(manager: TestClient) -> None:
    assert 'href="/budget"' in manager.get("/").text
