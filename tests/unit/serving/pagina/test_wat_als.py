"""The what-if page: asked well, asked wrongly, nothing published, another release published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.wijzer import activate
from tests.unit.serving.pagina.lezer import Pagina, read_page
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)
from tests.unit.serving.wie import make_app

ANDERS = "/wat-als?gewichtShv=0&gewichtOvl=3&gewichtFin=0,5&gewichtSoc=0&gewichtLfb=1&macht=4"


def test_page_begins_at_the_published_weights_and_changes_nothing(
    lees_klein: Callable[[str], Pagina],
) -> None:
    pagina = lees_klein("/wat-als")
    assert "Niet gepubliceerd." in pagina.tekst
    assert "Dit is de gepubliceerde weging" in pagina.tekst
    assert "Terug naar de gepubliceerde weging" not in pagina.tekst
    assert pagina.elementen["input"] == 5
    assert pagina.elementen["script"] == 0


def test_every_field_has_a_label(lees: Callable[[str], Pagina]) -> None:
    pagina = lees(ANDERS)
    velden = {f"gewicht{t}" for t in ("Shv", "Ovl", "Fin", "Soc", "Lfb")} | {"macht", "niveau"}
    assert velden <= set(pagina.ids)
    assert velden <= pagina.labels
    assert all(aantal == 1 for aantal in pagina.ids.values())


def test_other_weights_show_old_and_new_labels_and_the_way_back(
    lees: Callable[[str], Pagina],
) -> None:
    pagina = lees(ANDERS)
    assert "krijgen een ander label" in pagina.tekst
    assert "met een ander label (niet gepubliceerd)" in pagina.tekst
    assert "geschatte score" in pagina.tekst
    assert "/wat-als?niveau=complex" in pagina.naar
    assert sum(adres.startswith("/complexen/") for adres in pagina.naar) > 5


def test_next_page_asks_the_same_question(lees: Callable[[str], Pagina]) -> None:
    volgende = next(a for a in lees(ANDERS).naar if "pagina=2" in a)
    assert "gewichtOvl=3" in volgende
    assert "gewichtFin=0.5" in volgende
    assert "gewichtShv=0" in volgende
    assert "pagina 2 van" in lees(volgende).tekst


@pytest.mark.parametrize("niveau", ["buurt", "wijk"])
def test_buurten_and_wijken_have_a_what_if_too(
    niveau: str, lees_klein: Callable[[str], Pagina]
) -> None:
    assert "Verdeling van de" in lees_klein(f"/wat-als?niveau={niveau}&gewichtOvl=2").tekst


@pytest.mark.parametrize(
    ("vraag", "deel"),
    [
        ("niveau=straat", "“niveau” kent deze waarde niet"),
        ("gewichtFin=0.3", "“Financiële draagkracht” is een getal van 0 tot en met 3"),
        ("gewichtFin=nan", "in stappen van 0,25"),
        ("gewichtFin=4", "in stappen van 0,25"),
        ("macht=3", "“macht” kent deze waarde niet"),
        (
            "gewichtShv=0&gewichtOvl=0&gewichtFin=0&gewichtSoc=0&gewichtLfb=0",
            "Geef ten minste één thema een gewicht boven 0.",
        ),
    ],
)
def test_wrong_question_is_refused_in_words(klein: TestClient, vraag: str, deel: str) -> None:
    antwoord = klein.get(f"/wat-als?{vraag}")
    assert antwoord.status_code == 400
    assert deel in read_page(antwoord.text).tekst


def test_page_that_is_not_there_is_404(klein: TestClient) -> None:
    assert klein.get("/wat-als?pagina=99").status_code == 404


def test_nothing_published_is_503(tmp_path: Path) -> None:
    assert TestClient(make_app(tmp_path)).get("/wat-als").status_code == 503


def test_release_with_nothing_to_compute_from_says_so(tmp_path: Path) -> None:
    tabellen = build_tables()
    del tabellen[schema.WAT_ALS.naam]
    publish_example(tmp_path, tabellen)
    antwoord = TestClient(make_app(tmp_path)).get("/wat-als")
    assert antwoord.status_code == 503
    assert "Nu geen wat-als" in read_page(antwoord.text).tekst


def test_next_release_is_shown_at_once(tmp_path: Path) -> None:
    eerste = publish_example(tmp_path)
    client = TestClient(make_app(tmp_path))
    voor = client.get("/wat-als")
    tweede = write_release(
        rename_object(build_tables(), "C001", "Nieuwe naam"), INHOUD, RUN, tmp_path
    )
    activate(tmp_path, tweede.name)
    na = client.get("/wat-als", headers={"if-none-match": voor.headers["etag"]})
    assert eerste.name in voor.text
    assert na.status_code == 200
    assert tweede.name in na.text


def test_method_and_menu_lead_here(lees: Callable[[str], Pagina]) -> None:
    assert lees("/methode").naar.count("/wat-als") == 2
