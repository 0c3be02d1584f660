"""The recipe for a new indicator in CONTRIBUTING.md, followed to the letter on a copy."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

from orchestration.methode import compute_methodeversie
from orchestration.warehouse import open_warehouse
from serving.release.winkel import current, open_release
from sources.demo.genereer import generate
from tests.acceptance.conftest import COMMANDO, EENHEDEN, JAREN, SEED

WORTEL = Path(__file__).parents[2]
KAMERS = ("dbt_project", "expectations", "models", "orchestration", "serving", "sources", "vera")
_BLOK = re.compile(r"`(dbt_project/[^`]+)`:\n\n( *)```\w+\n(.*?)\n\2```", re.DOTALL)


def read_recept() -> dict[str, str]:
    """Return the blocks of the recipe by the file that they are for."""
    tekst = (WORTEL / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, rest = tekst.partition("## Recipe: a new indicator on own data\n")
    recept, _, _ = rest.partition("\n## ")
    return {pad: textwrap.dedent(blok) + "\n" for pad, _, blok in _BLOK.findall(recept)}


def follow(recept: dict[str, str], project: Path) -> None:
    """Add the rows to the catalogue and write the new files."""
    for naam, blok in recept.items():
        pad = project / naam
        if pad.suffix == ".csv":
            with pad.open("a", encoding="utf-8") as bestand:
                bestand.write(blok)
        else:
            assert not pad.exists(), naam
            pad.write_text(blok, encoding="utf-8")


def test_recipe_is_one_row_and_one_model_with_its_yaml() -> None:
    recept = read_recept()
    (catalogus,) = (naam for naam in recept if naam.endswith(".csv"))
    assert recept[catalogus].count("\n") == 1
    modellen = sorted(naam for naam in recept if naam != catalogus)
    assert [Path(naam).suffix for naam in modellen] == [".sql", ".yml"]
    assert len({Path(naam).with_suffix("") for naam in modellen}) == 1


def test_indicator_made_by_the_recipe_counts_in_the_label(tmp_path: Path) -> None:
    generate(tmp_path / "leveringen", eenheden=EENHEDEN, jaren=JAREN, seed=SEED)
    project = tmp_path / "project"
    for kamer in KAMERS:
        shutil.copytree(
            WORTEL / kamer, project / kamer, ignore=shutil.ignore_patterns("__pycache__", "target")
        )
    recept = read_recept()
    follow(recept, project)
    rij = next(blok for naam, blok in recept.items() if naam.endswith(".csv"))
    ((code, thema, *_),) = csv.reader(rij.splitlines())

    uit = subprocess.run(
        [*COMMANDO, "run", "--leveringen", str(tmp_path / "leveringen"), "--data",
         str(tmp_path / "data")],
        cwd=project, env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert uit.returncode == 0, uit.stderr

    with open_warehouse(tmp_path / "data" / "warehouse.duckdb") as verbinding:
        u = verbinding.execute(
            "select thema_code, count(*), count(distinct peildatum), max(abs(u)) "
            "from intermediate.int_label__gestandaardiseerd where indicator_code = ? group by all",
            [code],
        ).fetchall()
        ((catalogus,),) = verbinding.execute(
            "select count(*) from intermediate.int_methode__indicator where indicator_code = ?",
            [code],
        ).fetchall()
    ((gevonden, rijen, peildata, grootste),) = u
    assert gevonden == thema
    assert rijen > 500
    assert peildata > 8
    assert grootste > 0, "units differ on it, so it moves labels"
    assert catalogus == 1
    releases = tmp_path / "data" / "releases"
    uitgegeven = releases / str(current(releases)) / "exports" / "indicator.csv"
    assert f'"{code}";"eigen";"{thema}"' in uitgegeven.read_text(encoding="utf-8")
    with open_release(releases / str(current(releases))) as uitgave:
        assert uitgave.manifest["methodeversie"] != compute_methodeversie()
