"""The first page: what is published, how labels are spread, where the task is largest."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from serving.pagina.overzicht import count_labels, find_largest
from serving.release.schema import NIVEAUS, THEMAS
from serving.release.winkel import Uitgave
from tests.unit.serving.pagina.lezer import Pagina


@pytest.mark.parametrize("niveau", NIVEAUS)
@pytest.mark.parametrize("thema", THEMAS)
def test_spread_counts_every_object_once(uitgave: Uitgave, niveau: str, thema: str) -> None:
    verdeling = count_labels(uitgave, niveau, thema)
    assert verdeling is not None
    getallen = [int(regel.aantal.split()[0]) for regel in verdeling.regels]
    totaal = uitgave.query("select count(*) from lijst where niveau = ?", (niveau,))[0][0]
    assert sum(getallen) == totaal
    assert max(regel.lengte for regel in verdeling.regels) == 100
    assert [regel.label for regel in verdeling.regels][:5] == [5, 4, 3, 2, 1]


def test_spread_of_nothing_is_nothing(uitgave: Uitgave) -> None:
    assert count_labels(uitgave, "gemeente", "TOT") is None


def test_largest_tasks_are_the_first_of_the_list(uitgave: Uitgave, stad: TestClient) -> None:
    van_api = stad.get("/v1/complexen?sorteer=-score&thema=OVL&aantalPerPagina=5").json()
    assert [rij["id"] for rij in find_largest(uitgave, "complex", "OVL")] == [
        rij["id"] for rij in van_api["resultaten"]
    ]


def test_first_page_says_what_is_published(lees: Callable[[str], Pagina]) -> None:
    pagina = lees("/")
    assert "Stichting Voorbeeldwonen" in pagina.tekst
    assert "1 oktober 2026" in pagina.tekst
    assert re.search(r"\d+ complexen, 24 buurten, 5 wijken", pagina.tekst.replace(" ,", ","))
    assert {"/complexen", "/buurten", "/wijken"} <= set(pagina.naar)


def test_every_label_of_the_spread_leads_to_its_list(stad: TestClient) -> None:
    html = stad.get("/?thema=SOC").text
    for label in (5, 4, 3, 2, 1):
        assert f'href="/complexen?label={label}&amp;thema=SOC"' in html


def test_theme_switch_marks_the_theme_and_keeps_the_map(stad: TestClient) -> None:
    html = stad.get("/?thema=SOC&kaart=complexen").text
    assert (
        '<a href="/?thema=SOC&amp;kaart=complexen" aria-current="true">Sociale draagkracht' in html
    )
    assert 'href="/?kaart=complexen">Totaal' in html
    assert 'href="/?thema=OVL&amp;kaart=complexen">Overlast' in html
