"""An association whose tables come from its own PostgreSQL gets the release that files give."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.instellingen import Instellingen
from orchestration.ophalen import Databanken, check_uitkomst
from orchestration.reproductie import compare_releases, reproduce
from orchestration.resources import load_contract
from orchestration.scan import read_toegestaan, scan_data
from orchestration.uitvoering import Gereed, run_job
from orchestration.voortgang import Voortgang
from sources.opgehaald import is_opgehaald
from tests.acceptance.conftest import Bedrijf
from tests.integration.databank.bronsysteem import (
    EERSTE,
    TWEEDE,
    copy_uitgevers,
    create_tabellen,
    list_tabellen,
    load_levering,
    write_bronnen,
)
from tests.unit.conftest import make_database, postgres  # noqa: F401 - a server of its own


@pytest.fixture(scope="module")
def instellingen(tmp_path_factory: pytest.TempPathFactory, gepubliceerd: Bedrijf) -> Instellingen:
    """The same association; its tables are not in this folder."""
    map_ = tmp_path_factory.mktemp("databank")
    copy_uitgevers(load_contract(), gepubliceerd.leveringen, map_ / "leveringen")
    (map_ / "data").mkdir()
    shutil.copytree(gepubliceerd.data / "dbt", map_ / "data" / "dbt")
    return Instellingen(data=map_ / "data", leveringen=map_ / "leveringen")


@pytest.fixture(scope="module")
def gereed(
    gepubliceerd: Bedrijf,
    instellingen: Instellingen,
    postgres: str,  # noqa: F811
) -> Gereed:
    """Its database is read on the day of the first files, and by the run on that of the second."""
    contract, url = load_contract(), make_database(postgres, "bronsysteem")
    create_tabellen(url, contract)
    tabellen = {tabel.id: tabel for _, tabel in list_tabellen(contract)}

    def prepare(dag: str) -> Databanken:
        geleverd = load_levering(url, contract, gepubliceerd.leveringen, dag)
        # The demo delivers no file without rows, so a table without news is not asked either.
        write_bronnen(instellingen.leveringen_map, [tabellen[id_] for id_ in geleverd])
        return Databanken(
            Instellingen(
                data=instellingen.data,
                leveringen=instellingen.leveringen,
                bron_urls=f"primair={url}",
            ),
            contract,
            vandaag=lambda: date.fromisoformat(dag),
        )

    check_uitkomst(prepare(EERSTE).fetch())
    return run_job(
        "verversing",
        instellingen,
        Voortgang(),
        bewaar=False,
        resources={"databanken": prepare(TWEEDE)},
    )


def read_tabellen(release: Path) -> dict[str, list[Any]]:
    """Return all that the store of a release holds, but what names deliveries."""
    with closing(sqlite3.connect(release / "opzoek.sqlite")) as db:
        namen = [
            naam for (naam,) in db.execute("select name from sqlite_master where type='table'")
        ]
        return {
            naam: db.execute(f'select * from "{naam}" order by 1').fetchall()
            for naam in namen
            if naam != "bijlage"
        }


def test_release_differs_from_that_of_files_in_the_list_of_deliveries_alone(
    gepubliceerd: Bedrijf, instellingen: Instellingen, gereed: Gereed
) -> None:
    uit_bestanden = gepubliceerd.data / "releases" / str(gepubliceerd.huidig)
    uit_databank = instellingen.data / "releases" / str(gereed.release_id)
    # Every export is the same bytes; these two name what was delivered.
    assert compare_releases(uit_bestanden, uit_databank) == ("manifest.json", "opzoek.sqlite")
    assert read_tabellen(uit_bestanden) == read_tabellen(uit_databank)
    een, ander = (
        json.loads((release / "manifest.json").read_text(encoding="utf-8"))
        for release in (uit_bestanden, uit_databank)
    )
    assert [
        (r["tabel"], r["leveringsdatum"], r["rijen"], r["afgekeurd"]) for r in een["leveringen"]
    ] == [
        (r["tabel"], r["leveringsdatum"], r["rijen"], r["afgekeurd"]) for r in ander["leveringen"]
    ]
    verschil = {naam for naam in een if een[naam] != ander[naam]}
    assert verschil <= {"leveringen", "bestanden"}
    assert sum(is_opgehaald(regel["bestand"]) for regel in ander["leveringen"]) == 49


def test_scan_finds_nothing_personal_in_what_was_fetched(
    instellingen: Instellingen, gereed: Gereed
) -> None:
    assert gereed.release_id is not None
    uitslag = scan_data(instellingen.data, [], read_toegestaan(instellingen.leveringen_map))
    assert [v for v in uitslag.vondsten if v.plaats.startswith("opgehaald")] == []


@pytest.mark.nacht
def test_release_from_a_database_is_made_again_without_it(
    instellingen: Instellingen, gereed: Gereed
) -> None:
    uit = reproduce(instellingen, load_contract(), str(gereed.release_id), Voortgang())
    assert uit.verschillen == ()
