"""The same code on the real, public deliveries of Rotterdam."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from orchestration.cli.validatie import describe_beeld, iter_tabellen
from orchestration.instellingen import Instellingen
from orchestration.uitvoering import Gereed, run_job
from orchestration.validatie import INDICES, TOTAAL, Validatie, validate
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import Werkmap
from serving.release.winkel import current, open_release
from tests.acceptance.conftest import COMMANDO
from vera.errors import PoortInFout

ROTTERDAM = Path(
    os.environ.get(
        "BUURTPEIL_ROTTERDAM", Path(__file__).parents[2].parent / "shared" / "data" / "rotterdam"
    )
)
pytestmark = [
    pytest.mark.skipif(
        not ROTTERDAM.is_dir(),
        reason="zonder de map ../shared: geen openbare leveringen van Rotterdam "
        "(zet BUURTPEIL_ROTTERDAM)",
    ),
]


def run(data: Path, leveringen: Path) -> Gereed:
    return run_job(
        "verversing", Instellingen(data=data, leveringen=leveringen), Voortgang(), bewaar=False
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    map_ = tmp_path_factory.mktemp("rotterdam")
    run(map_ / "data", ROTTERDAM)
    return map_ / "data"


def _open(data: Path) -> Any:
    return open_release(data / "releases" / str(current(data / "releases")))


def test_real_buurten_have_a_label_in_2014_and_2016_with_name_and_cbs_code(data: Path) -> None:
    with _open(data) as uitgave:
        assert not uitgave.synthetisch
        assert uitgave.manifest["peildata"]["buurt"]["openbaar"] == ["2014-12-31", "2016-12-31"]
        ((alle, bekend),) = uitgave.query(
            "select count(*), count(label_tot) from lijst where niveau = 'buurt' "
            "and beheerobject_id like 'BU0599%'"
        )
        assert (alle, bekend) == (92, 78)
        (naam,) = uitgave.query("select naam from lijst where beheerobject_id = 'BU05991571'")[0]
        assert naam == "Tarwewijk"
        historie = uitgave.history("buurt", "BU05991571")
        assert [regel["peildatum"] for regel in historie] == ["2014-12-31", "2016-12-31"]
        assert all(regel["waarde"] >= 4 for regel in historie)


def test_area_without_data_is_unknown_and_says_why(data: Path) -> None:
    with _open(data) as uitgave:
        onbekend = uitgave.query(
            "select beheerobject_id from lijst where niveau = 'buurt' and label_tot is null"
        )
        assert onbekend
        for (id_,) in onbekend:
            historie = uitgave.history("buurt", id_) or []
            assert all(regel["redenOnbekend"] for regel in historie)


def test_city_row_is_never_a_unit_and_gebieden_are_the_wijken(data: Path) -> None:
    with _open(data) as uitgave:
        assert uitgave.query("select count(*) from lijst where beheerobject_id like '%5000%'") == [
            (0,)
        ]
        assert uitgave.query(
            "select count(*), count(label_tot) from lijst where niveau = 'wijk'"
        ) == [(14, 14)]


def _copy_editie(naar: Path, jaar: str, *, schuif: bool) -> Path:
    shutil.copytree(ROTTERDAM, naar)
    for pad in sorted((naar / "wijkprofiel").glob("wijkprofiel_2016_*.csv")):
        tekst = pad.read_bytes().decode("latin-1").replace("2016", jaar)
        if schuif:
            # Another edition has other figures: past the names and numbers a 7 becomes an 8.
            kop, *rijen = tekst.splitlines(keepends=True)
            delen = [rij.split(";", 3) for rij in rijen]
            tekst = kop + "".join(
                ";".join([*deel[:3], *(cel.replace("7", "8") for cel in deel[3:])])
                for deel in delen
            )
        (pad.parent / pad.name.replace("2016", jaar)).write_bytes(tekst.encode("latin-1"))
    return naar


def test_later_edition_is_labelled_against_the_frozen_reference_of_2014(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data, tmp_path / "data")
    (bevroren,) = (tmp_path / "data" / "referentie").iterdir()
    voor = bevroren.read_bytes()
    run(tmp_path / "data", _copy_editie(tmp_path / "leveringen", "2018", schuif=True))
    assert [pad.read_bytes() for pad in (tmp_path / "data" / "referentie").iterdir()] == [voor]
    with _open(tmp_path / "data") as uitgave:
        assert uitgave.manifest["peildata"]["buurt"]["openbaar"][-1] == "2018-12-31"
        assert {
            regel["bron"]["referentieId"] for regel in uitgave.history("buurt", "BU05991571")
        } == {bevroren.stem}


def test_copy_of_an_earlier_edition_under_a_later_year_is_refused_by_name(
    data: Path, tmp_path: Path
) -> None:
    shutil.copytree(data, tmp_path / "data")
    voor = current(tmp_path / "data" / "releases")
    leveringen = _copy_editie(tmp_path / "leveringen", "2018", schuif=False)
    with pytest.raises(PoortInFout, match="wijkprofiel_2018"):
        run(tmp_path / "data", leveringen)
    assert current(tmp_path / "data" / "releases") == voor


DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def validatie(data: Path) -> Validatie:
    return validate(Werkmap.of(data).warehouse)


def test_figures_beside_the_official_indices_are_those_in_the_docs(validatie: Validatie) -> None:
    tekst = (DOCS / "rotterdam.md").read_text(encoding="utf-8")
    assert "\n".join(iter_tabellen(validatie)) in tekst


def test_picture_in_the_docs_shows_these_figures(validatie: Validatie) -> None:
    with Image.open(DOCS / "beeld" / "rotterdam-validatie.png") as beeld:
        assert beeld.text["Description"] == describe_beeld(validatie)


def test_larger_task_goes_with_a_lower_index_that_it_knows_nothing_of(
    validatie: Validatie,
) -> None:
    zonder = [cijfer for cijfer in validatie.cijfers if not cijfer.met_index]
    assert {cijfer.index for cijfer in zonder} == {index.code for index in INDICES}
    assert all(cijfer.samenhang.hoog < 0 for cijfer in zonder)
    assert all(cijfer.samenhang.rho < -0.8 for cijfer in zonder if cijfer.thema == TOTAAL)


def test_scores_with_everything_in_are_those_of_the_warehouse(
    data: Path, validatie: Validatie
) -> None:
    """So the scores without an index are the method's as well."""
    with open_warehouse(Werkmap.of(data).warehouse) as verbinding:
        sql = verbinding.sql(
            "select peildatum, object_id as meeteenheid_id, thema_code, score "
            "from intermediate.int_label__score where niveau = 'buurt' and grondslag = 'openbaar'"
        ).df()
    breed = sql.pivot(index=["peildatum", "meeteenheid_id"], columns="thema_code", values="score")
    verschil = validatie.scores - breed[validatie.scores.columns].reindex(validatie.scores.index)
    assert len(breed) == len(validatie.scores) == 140
    assert float(verschil.abs().max(axis=None, skipna=False)) < 1e-4


def test_validation_command_prints_every_figure(data: Path, tmp_path: Path) -> None:
    def call(*argumenten: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMANDO, "valideer", "--data", str(tmp_path / "data"), *argumenten],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    leeg = call()
    assert leeg.returncode == 2
    assert "buurtpeil run" in leeg.stderr
    (tmp_path / "data").mkdir(exist_ok=True)
    shutil.copy(data / "warehouse.duckdb", tmp_path / "data")
    uit = call("--json", "--beeld", str(tmp_path / "beeld.png"))
    assert uit.returncode == 0, uit.stderr
    cijfers = json.loads(uit.stdout)["cijfers"]
    assert {cijfer["met_index"] for cijfer in cijfers} == {True, False}
    assert all(cijfer["samenhang"]["n"] == 70 for cijfer in cijfers)
    with Image.open(tmp_path / "beeld.png") as beeld:
        assert beeld.width > 800
