"""What-if over HTTP: asked well, asked wrongly, nothing published, another release published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.api import modellen
from serving.app import create_app
from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.wijzer import activate
from tests.unit.serving.api.conftest import BASIS, make_client
from tests.unit.serving.api.test_v1 import check_shape, get
from tests.unit.serving.voorbeeld_release import (
    INHOUD,
    RUN,
    build_tables,
    publish_example,
    rename_object,
)

PROBLEEM = "application/problem+json"
ALLEEN_SHV = "/v1/wat-als?gewichtOvl=0&gewichtFin=0&gewichtSoc=0&gewichtLfb=0"


@pytest.fixture(scope="module")
def anders(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The example in which two complexes have a much larger or smaller task on SHV alone."""
    tabellen = build_tables()
    rijen = tabellen[schema.WAT_ALS.naam].to_pylist()
    scores = {"C001": 1.0, "C002": 99.0}
    for rij in rijen:
        if rij["thema_code"] == "SHV" and rij["is_actueel"]:
            rij["score"] = scores.get(rij["beheerobject_id"], rij["score"])
    tabellen[schema.WAT_ALS.naam] = type(tabellen[schema.WAT_ALS.naam]).from_pylist(
        rijen, schema=schema.WAT_ALS.kolommen
    )
    map_ = tmp_path_factory.mktemp("watals") / "releases"
    publish_example(map_, tabellen)
    return make_client(map_)


def spread(antwoord: dict[str, Any], veld: str) -> dict[int | None, int]:
    return {regel["waarde"]: regel[veld] for regel in antwoord["verdeling"]}


def test_published_weights_change_nothing_and_say_so(client: TestClient) -> None:
    for niveau, aantal in (("complex", 6), ("buurt", 3), ("wijk", 1)):
        antwoord = get(client, f"/v1/wat-als?niveau={niveau}")
        check_shape(antwoord, modellen.WatAls)
        assert antwoord["status"] == "niet gepubliceerd"
        assert antwoord["isGepubliceerdeMethode"]
        assert antwoord["resultaten"] == []
        assert antwoord["aantalObjecten"] == aantal
        assert spread(antwoord, "aantalWatAls") == spread(antwoord, "aantalInRelease")


def test_distribution_in_the_release_is_that_of_the_raw_labels(client: TestClient) -> None:
    antwoord = get(client, "/v1/wat-als")
    assert spread(antwoord, "aantalInRelease") == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, None: 1}
    assert spread(antwoord, "verhuureenhedenInRelease")[5] == 84


def test_other_weights_give_other_labels_with_the_old_ones_beside(anders: TestClient) -> None:
    antwoord = get(anders, ALLEEN_SHV)
    check_shape(antwoord, modellen.WatAls)
    assert not antwoord["isGepubliceerdeMethode"]
    assert [g["gewicht"] for g in antwoord["gewichten"]] == [1, 0, 0, 0, 0]
    per_id = {regel["id"]: regel for regel in antwoord["resultaten"]}
    assert per_id["C002"]["watAlsWaarde"] == 5
    assert per_id["C002"]["ruweWaarde"] != 5
    assert antwoord["aantal"] == sum(
        overgang["aantal"]
        for overgang in antwoord["overgangen"]
        if overgang["van"] != overgang["naar"]
    )


def test_answer_holds_labels_and_counts_and_no_score(anders: TestClient) -> None:
    assert "score" not in anders.get(ALLEEN_SHV).text.lower()


def test_pages_of_the_changes_are_linked_and_hold_each_object_once(anders: TestClient) -> None:
    adres = f"{ALLEEN_SHV}&aantalPerPagina=1"
    eerste = anders.get(adres)
    aantal = eerste.json()["aantal"]
    assert aantal >= 2
    assert f"<{BASIS}/v1/wat-als?" in eerste.headers["link"]
    assert 'rel="next"' in eerste.headers["link"]
    volgende = next(
        deel.split(">")[0].lstrip(" <")
        for deel in eerste.headers["link"].split(", ")
        if 'rel="next"' in deel
    )
    tweede = get(anders, volgende.removeprefix(BASIS))
    assert tweede["pagina"] == 2
    assert [g["gewicht"] for g in tweede["gewichten"]] == [1, 0, 0, 0, 0]
    ids = [
        regel["id"]
        for pagina in range(1, aantal + 1)
        for regel in get(anders, f"{adres}&pagina={pagina}")["resultaten"]
    ]
    assert len(set(ids)) == len(ids) == aantal
    assert get(anders, f"{adres}&pagina={aantal + 1}")["resultaten"] == []


@pytest.mark.parametrize(
    ("vraag", "namen"),
    [
        ("niveau=straat", ["niveau"]),
        ("gewichtShv=0.3", ["gewichtShv"]),
        ("gewichtShv=3.25&gewichtOvl=-1", ["gewichtShv", "gewichtOvl"]),
        ("gewichtFin=veel", ["gewichtFin"]),
        ("gewichtFin=nan", ["gewichtFin"]),
        ("macht=3", ["macht"]),
        ("gewicht=1", ["gewicht"]),
        ("pagina=0", ["pagina"]),
    ],
)
def test_wrong_input_is_refused_with_every_mistake(
    client: TestClient, vraag: str, namen: list[str]
) -> None:
    antwoord = client.get(f"/v1/wat-als?{vraag}")
    assert antwoord.status_code == 400
    assert antwoord.headers["content-type"] == PROBLEEM
    assert [fout["naam"] for fout in antwoord.json()["fouten"]] == namen
    assert "is geen geldige waarde" not in antwoord.text


def test_all_weights_zero_is_refused(client: TestClient) -> None:
    antwoord = client.get(f"{ALLEEN_SHV}&gewichtShv=0")
    assert antwoord.status_code == 400
    assert "boven 0" in antwoord.json()["detail"]


def test_nothing_published_is_503(tmp_path: Path) -> None:
    antwoord = make_client(tmp_path).get("/v1/wat-als")
    assert antwoord.status_code == 503
    assert antwoord.headers["content-type"] == PROBLEEM


def test_release_with_nothing_to_compute_from_is_503_and_says_why(tmp_path: Path) -> None:
    tabellen = build_tables()
    del tabellen[schema.WAT_ALS.naam]
    publish_example(tmp_path, tabellen)
    antwoord = make_client(tmp_path).get("/v1/wat-als")
    assert antwoord.status_code == 503
    assert "wat-als" in antwoord.json()["detail"]


def test_next_release_is_answered_from_at_once(tmp_path: Path) -> None:
    eerste = publish_example(tmp_path)
    client = make_client(tmp_path)
    voor = client.get("/v1/wat-als")
    tweede = write_release(
        rename_object(build_tables(), "C001", "Nieuwe naam"), INHOUD, RUN, tmp_path
    )
    activate(tmp_path, tweede.name)
    na = client.get("/v1/wat-als", headers={"if-none-match": voor.headers["etag"]})
    assert na.status_code == 200
    assert voor.json()["release"]["id"] == eerste.name
    assert na.json()["release"]["id"] == tweede.name
    zelfde = client.get("/v1/wat-als", headers={"if-none-match": na.headers["etag"]})
    assert zelfde.status_code == 304


def test_who_may_not_read_gets_no_what_if(releases_map: Path) -> None:
    client = TestClient(create_app(releases_map))
    assert client.get("/v1/wat-als").status_code == 401
    assert client.get("/wat-als").status_code == 401
