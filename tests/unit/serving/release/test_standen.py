"""The labels of earlier days: as the history has them, and for others no more than they may see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.release import schema
from serving.release.standen import list_peildata, read_stand
from serving.release.winkel import Uitgave, open_release
from serving.toegang.inzage import Labelinzage, look_as
from tests.unit.serving.pagina.voorbeeldstad import Omvang, publish_stad
from vera.toegang import NIEMAND, Lezer, find_rollen


@pytest.fixture(scope="module")
def stad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uitgave]:
    map_ = tmp_path_factory.mktemp("standen")
    publish_stad(map_, Omvang(buurten=12, complexen=30, kwartalen=6))
    with open_release(map_ / (map_ / "CURRENT").read_text().strip()) as uitgave:
        yield uitgave


def list_ids(uitgave: Uitgave, niveau: str) -> list[str]:
    return [
        r[0] for r in uitgave.query("select beheerobject_id from lijst where niveau = ?", (niveau,))
    ]


def find_in_history(historie: list[dict[str, Any]], dag: str, thema: str) -> int | None:
    """The label that held on a day: on own figures that day, else the last on public ones."""
    gepubliceerd = [label for label in historie if label["isGepubliceerdeGrondslag"]]
    eigen = [x for x in gepubliceerd if x["grondslag"] == "eigen" and x["peildatum"] == dag]
    openbaar = [x for x in gepubliceerd if x["grondslag"] == "openbaar" and x["peildatum"] <= dag]
    geldt = eigen or sorted(openbaar, key=lambda x: x["peildatum"])[-1:]
    if not geldt:
        return None
    waarden = {"TOT": geldt[0]["waarde"]} | {t["code"]: t["waarde"] for t in geldt[0]["themas"]}
    return waarden.get(thema)


@pytest.mark.parametrize("niveau", schema.NIVEAUS)
@pytest.mark.parametrize("thema", ["TOT", "OVL"])
def test_every_day_has_the_labels_of_the_history(stad: Uitgave, niveau: str, thema: str) -> None:
    ids = list_ids(stad, niveau)
    dagen = list_peildata(stad, niveau)

    assert dagen == sorted(dagen, reverse=True)
    assert len(dagen) == 6
    for dag in dagen:
        verwacht = {
            id_: find_in_history(stad.history(niveau, id_) or [], dag, thema) for id_ in ids
        }
        assert read_stand(stad, niveau, dag, thema, ids) == verwacht


def test_last_day_is_what_the_list_shows(stad: Uitgave) -> None:
    nu = dict(
        stad.query(
            "select beheerobject_id, label_ovl from lijst where niveau = 'complex' "
            "and peildatum = ?",
            (list_peildata(stad, "complex")[0],),
        )
    )

    assert nu
    assert read_stand(stad, "complex", list_peildata(stad, "complex")[0], "OVL", nu) == nu


def test_object_that_is_not_there_and_a_theme_that_is_none_have_no_label(stad: Uitgave) -> None:
    dag = list_peildata(stad, "buurt")[0]
    (eerste, *_) = list_ids(stad, "buurt")

    assert read_stand(stad, "buurt", dag, "TOT", ["BUxx"]) == {}
    assert read_stand(stad, "buurt", dag, "'--", [eerste]) == {eerste: None}


@pytest.mark.parametrize("rol", [None, "politie", "zorg_welzijn"])
def test_others_have_days_of_their_own_themes_and_areas_alone(
    stad: Uitgave, rol: str | None
) -> None:
    lezer = NIEMAND if rol is None else Lezer("x", find_rollen([rol]))
    hun = look_as(stad, lezer)
    assert isinstance(hun, Labelinzage)

    soorten = hun.query("select distinct niveau, thema_code from stand")
    assert soorten
    assert {niveau for niveau, _ in soorten} == {"buurt", "wijk"}
    assert {thema for _, thema in soorten} <= lezer.themas
    for dag in list_peildata(hun, "buurt"):
        for thema in lezer.themas:
            ids = list_ids(hun, "buurt")
            assert read_stand(hun, "buurt", dag, thema, ids) == {
                id_: find_in_history(hun.history("buurt", id_) or [], dag, thema) for id_ in ids
            }


def test_same_tables_give_the_same_digits(tmp_path: Path) -> None:
    rijen = []
    for naam in ("een", "twee"):
        publish_stad(tmp_path / naam, Omvang(buurten=4, complexen=6, kwartalen=3))
        map_ = tmp_path / naam
        with open_release(map_ / (map_ / "CURRENT").read_text().strip()) as uitgave:
            rijen.append(uitgave.query("select * from stand order by 1, 2, 3, 4"))
    assert rijen[0] == rijen[1]
    assert len(rijen[0]) > 3 * 6
