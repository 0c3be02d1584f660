"""What the papers name is there: files, tests, commands, and the example of organisatie.yml."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from orchestration.cli.opdrachten import app
from sources.organisatie import BESTAND, Organisatie, read_organisatie

WORTEL = Path(__file__).parents[2]
PAPIEREN = [
    *sorted(WORTEL.glob("*.md")),
    *sorted((WORTEL / "docs").rglob("*.md")),
]
BESLUITEN = sorted((WORTEL / "docs" / "adr").glob("*.md"))
KAMERS = ("dbt_project", "docs", "expectations", "models", "orchestration", "serving", "sources",
          "tests", "vera")  # fmt: skip

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PAD = re.compile(rf"(?:{'|'.join(KAMERS)})/[\w./-]*\w/?")
_ZIN = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+){4,}")
_OPDRACHT = re.compile(r"\bbuurtpeil((?: [a-z][a-z-]*)+)")


def per_papier(papieren: list[Path]) -> list[Any]:
    return [pytest.param(pad, id=pad.relative_to(WORTEL).as_posix()) for pad in papieren]


@cache
def read_tests() -> str:
    """Return every test of Python, unit test of dbt and name of a test in SQL, as one text."""
    dbt = WORTEL / "dbt_project"
    paden = [*(WORTEL / "tests").rglob("*.py"), *dbt.glob("models/**/*.yml")]
    teksten = [pad.read_text(encoding="utf-8") for pad in sorted(paden)]
    return "\n".join([*teksten, *(pad.stem for pad in sorted(dbt.glob("tests/*.sql")))])


@pytest.mark.parametrize("papier", per_papier(PAPIEREN))
def test_every_link_leads_to_a_file(papier: Path) -> None:
    links = _LINK.findall(papier.read_text(encoding="utf-8"))
    assert [link for link in links if not (papier.parent / link).exists()] == []


@pytest.mark.parametrize("papier", per_papier(BESLUITEN))
def test_decision_names_files_that_are_there(papier: Path) -> None:
    stukken = _CODE.findall(papier.read_text(encoding="utf-8"))
    paden = [stuk for stuk in stukken if _PAD.fullmatch(stuk)]
    assert [pad for pad in paden if not (WORTEL / pad).exists()] == []


@pytest.mark.parametrize("papier", per_papier(BESLUITEN))
def test_decision_names_tests_that_are_there(papier: Path) -> None:
    _, _, bewaking = papier.read_text(encoding="utf-8").partition("**Guard.**")
    assert bewaking, "a decision says what guards it"
    # A test is a sentence: a name of five words or more that is no path.
    namen = [stuk for stuk in _CODE.findall(bewaking) if _ZIN.fullmatch(stuk)]
    assert [naam for naam in namen if naam not in read_tests()] == []


@pytest.mark.parametrize("papier", per_papier(PAPIEREN))
def test_every_command_exists(papier: Path) -> None:
    onbekend = []
    for woorden in _OPDRACHT.findall(papier.read_text(encoding="utf-8")):
        opdracht: Any = typer.main.get_command(app)
        for woord in woorden.split():
            if not hasattr(opdracht, "commands"):
                break
            if woord not in opdracht.commands:
                onbekend.append(f"buurtpeil{woorden}")
                break
            opdracht = opdracht.commands[woord]
    assert onbekend == []


def test_example_of_the_association_is_read_and_every_key_is_explained(tmp_path: Path) -> None:
    tekst = (WORTEL / "docs" / "organisatie.md").read_text(encoding="utf-8")
    (voorbeeld,) = re.findall(r"```yaml\n(.*?)```", tekst, re.DOTALL)
    (tmp_path / BESTAND).write_text(voorbeeld, encoding="utf-8")
    organisatie = read_organisatie(tmp_path)
    assert {w.model for w in organisatie.verantwoording} == {"label", "overlast", "woonfraude"}
    assert len(organisatie.beleidswijzigingen) == 1
    delen = (Organisatie, *(type(rij[0]) for rij in (organisatie.beleidswijzigingen,
                                                     organisatie.verantwoording)))  # fmt: skip
    sleutels = {veld.name for deel in delen for veld in fields(deel)}
    assert sorted(sleutel for sleutel in sleutels if f"`{sleutel}`" not in tekst) == []
