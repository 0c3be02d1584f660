"""Every command is either one that reads nothing restricted, or is seen to leave a line.

A new command turns this red until it says which of the two it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from models.registry import Modelregister
from models.risico.poort import ONDERDEEL_LIJST
from orchestration.cli import verversing
from orchestration.cli.opdrachten import app
from orchestration.goedkeuring import Besluit, hold
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.besluit.publicatie import read_publicatie
from serving.besluit.register import Besluitregister
from serving.besluit.werklijstregister import Werklijstregister
from serving.leeslog.keten import Keten
from serving.release.winkel import current_path, open_release
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from tests.unit.models.test_registry import (
    crown,
    lege_database,  # noqa: F401 - a registry's tables, made once
    make_poort,
    make_run,
)
from tests.unit.orchestration.test_cli_werklijst import REGELS
from tests.unit.serving.besluit.conftest import make_voorstel
from tests.unit.serving.signaal.conftest import VOORSTEL
from tests.unit.serving.voorbeeld_release import build_tables, publish_example, rename_object
from vera.werklijst import MODELLEN, Samenstelling

DOC: Final = Path(__file__).parents[3] / "docs" / "privacy" / "toegang.md"
ANNA: Final = ("--door", "Anna")

NIETS: Final = {
    # Figures over everything, or none at all.
    "bench", "beproef", "contract", "dekking", "doelbinding", "duiding kpi", "evaluate", "generate",
    "herbereken", "reservekopie maak", "reservekopie controleer", "reservekopie terugzetten",
    "maatregel effect", "maatregel kracht", "methode activate", "methode freeze",
    "methode rebase", "methode show", "modellen list", "ontregel", "ophalen", "papieren", "purge",
    "release list", "release rollback", "release verify", "reproduce", "scan", "spark-gelijk",
    "valideer",
    "werklijst overlast cijfers", "werklijst woonfraude cijfers",
    # Figures of publishers.
    "ophalen-open",
    # Writes a list and shows no row of it.
    "werklijst overlast maak", "werklijst woonfraude maak",
    # Initiatives are of no person, and the scope to read them is not a restricted one.
    "initiatief list", "initiatief importeer", "initiatief exporteer",
    # Roles, keys of the installation, and whether the logs hold.
    "leeslog controleer", "signaal controleer", "signaal roteer-sleutel", "sleutel roteer",
    "toegang rollen",
    # Starts something that asks for itself who reads, or shows no row.
    "dev", "modellen serve", "serve",
}  # fmt: skip
BUITEN: Final = {"dbt"}
"""Reads what it is asked to, past everything: docs/privacy/toegang.md says so."""
SAMENVATTING: Final = {"demo", "run"}
"""Say at their end which complexes stand out; tried by that end alone."""


def list_leest() -> dict[str, tuple[str, ...]]:
    """Return the commands that read or decide, with what they are called with here."""
    werklijst = {
        f"werklijst {model}{opdracht}": waarden
        for model in MODELLEN
        for opdracht, waarden in {
            "": (),
            " beoordeel": ("NR", "actie_nodig", *ANNA),
            " besluit": ("NR", "--reden", "lokale_kennis", "--door", "Bea"),
            " uitkomst": ("NR", UITKOMST[model], *ANNA),
            " besluiten": (),
        }.items()
    }
    return werklijst | {
        "label": ("C001",),
        "duiding add": (
            "C002", "--delta", "1", "--reden", "recente_maatregel",
            "--toelichting", "Het trappenhuis is verlicht.", *ANNA,
        ),
        "duiding list": (),
        "duiding confirm": ("3", "--door", "Bea Blauw"),
        "duiding withdraw": ("1", *ANNA),
        "modellen stop": ("overlast", "--reden", "De cijfers kloppen niet.", *ANNA),
        "modellen start": ("overlast", "--reden", "De cijfers kloppen weer.", *ANNA),
        "modellen teken": ("overlast", "--versie", "VERSIE", "--reden", "Is nagelopen.", *ANNA),
        "signaal log": ANNA,
        "signaal tellingen": ANNA,
        "toegang geef": ("--naam", "Cas", "--rol", "lezer", *ANNA),
        "toegang lijst": (),
        "toegang trek-in": ("1", *ANNA),
        "release goedkeuren": ("WACHT", "--reden", "Er is veel verhuisd.", *ANNA),
        "release afwijzen": ("WACHT", "--reden", "De meldingen zijn dubbel.", *ANNA),
        "leeslog toon": ("--complex", "C001"),
    }  # fmt: skip


UITKOMST: Final = {"overlast": "escalatie", "woonfraude": "niets_gevonden"}
VOORAF: Final = {
    "modellen start": "modellen stop overlast --reden cijfers_kloppen_niet --door Anna",
    "werklijst woonfraude uitkomst": (
        "werklijst woonfraude besluit NR --reden beeld_ter_plaatse --door Bea"
    ),
}
"""What must have been done before a command can do anything."""
EIGEN_LOG: Final = {"signaal log"}
"""Left in the log of the Sociale Signalen, which has its own chain."""


def iter_opdrachten(groep: Any, voor: tuple[str, ...] = ()) -> Iterator[str]:
    for naam, opdracht in groep.commands.items():
        pad = (*voor, naam)
        if not hasattr(opdracht, "commands"):
            yield " ".join(pad)
            continue
        if opdracht.invoke_without_command:
            yield " ".join(pad)
        yield from iter_opdrachten(opdracht, pad)


def test_every_command_says_whether_it_reads_something_restricted() -> None:
    gezegd = [NIETS, BUITEN, SAMENVATTING, set(list_leest())]
    opdrachten = list(iter_opdrachten(typer.main.get_command(app)))

    assert sorted(opdrachten) == sorted(naam for deel in gezegd for naam in deel)


def test_page_on_access_names_the_commands_that_are_noted() -> None:
    tekst = DOC.read_text(encoding="utf-8")
    (alinea,) = re.findall(r"Ook deze opdrachten.*?\n\n", tekst, re.DOTALL)

    genoemd = set(re.findall(r"`(?:buurtpeil )?([^`]+)`", alinea))
    # A group of which every command is noted is named once.
    for naam in (*list_leest(), *SAMENVATTING):
        assert naam in genoemd or naam.split()[0] in genoemd, naam
    assert not {naam.split()[0] for naam in NIETS} & {n for n in genoemd if " " not in n} - {
        "werklijst", "duiding", "toegang",
    }  # fmt: skip


@pytest.fixture(scope="module")
def voorbeeld(
    tmp_path_factory: pytest.TempPathFactory,
    lege_database: Path,  # noqa: F811
) -> tuple[Path, str]:
    """A small data folder with something of everything, and a version to be signed for."""
    data = tmp_path_factory.mktemp("leest")
    wacht = publish_example(data / "releases", rename_object(build_tables(), "C001", "Anders"))
    getoond = publish_example(data / "releases")
    besluit = Besluit(
        wacht.name, getoond.name, ("Er is veel anders.",), "2026-11-02T06:10:00+00:00"
    )
    hold(Werkmap.of(data), besluit)
    eigen = Instellingen(data=data)
    with (
        open_release(current_path(data / "releases")) as uitgave,
        closing(Besluitregister(eigen.besluiten_adres)) as duidingen,
    ):
        publicatie = read_publicatie(uitgave)
        duidingen.add_duiding(make_voorstel("C001"), publicatie, 3)
        # One that ends now and one right after it: the second waits for another person.
        voor = replace(publicatie, peildatum=date(2026, 4, 1))
        duidingen.add_duiding(make_voorstel("C003"), voor, 3)
        duidingen.add_duiding(make_voorstel("C003"), publicatie, 3)
    with closing(Werklijstregister(eigen.besluiten_adres)) as werklijsten:
        for model in MODELLEN:
            lijst = Samenstelling(model, date(2026, 10, 1), "r1", "abc123", 2, 3, REGELS)
            werklijsten.add_werklijst(lijst)
            for regel in werklijsten.list_open(model):
                werklijsten.add_beoordeling(model, regel.nummer, "actie_nodig", "Bea")
    sleutels = Sleutelbos(data / "sleutels", None)
    with closing(Signaalregister(eigen.signalen_adres, sleutels)) as signalen:
        signalen.add(VOORSTEL, None)
    shutil.copy(lege_database, data / "mlflow.sqlite")
    register = Modelregister(eigen.mlflow_adres, eigen.modellen_map)
    crown(register, make_run(alpha=10.0))
    anders = make_run(alpha=20.0)
    register.log_run(anders)
    poort = make_poort("kampioen_blijft")
    te_anders = replace(poort.voorwaarden[0], onderdeel=ONDERDEEL_LIJST, is_gehaald=False)
    poort = replace(poort, voorwaarden=(te_anders,))
    register.register_versie("overlast", anders.modelversie, poort)
    return data, anders.modelversie


@pytest.fixture
def data(voorbeeld: tuple[Path, str], tmp_path: Path) -> Path:
    doel = tmp_path / "data"
    shutil.copytree(voorbeeld[0], doel)
    call(doel, "toegang", "geef", "--naam", "Dirk", "--rol", "lezer", *ANNA)
    return doel


def call(data: Path, *argumenten: str) -> None:
    uit = CliRunner().invoke(app, [*argumenten, "--data", str(data)], env={"COLUMNS": "200"})
    assert uit.exit_code == 0, (uit.output, uit.exception)


def read_regels(data: Path) -> list[tuple[str, str]]:
    return [(r["daad"], r["wat"]) for r in Keten(data / "leeslog", data / "sleutels").read()]


def count_eigen_log(data: Path) -> int:
    eigen = Instellingen(data=data)
    with closing(
        Signaalregister(eigen.signalen_adres, Sleutelbos(data / "sleutels", None))
    ) as signalen:
        return signalen.check_log().aantal


@pytest.mark.parametrize("naam", sorted(list_leest()))
def test_command_that_reads_or_decides_leaves_a_line(
    naam: str, data: Path, voorbeeld: tuple[Path, str]
) -> None:
    woorden = naam.split()
    nummer = "1"
    if woorden[0] == "werklijst":
        with closing(Werklijstregister(Instellingen(data=data).besluiten_adres)) as register:
            nummer = str(register.list_open(woorden[1])[0].nummer)  # type: ignore[arg-type]
    (wacht,) = (data / "goedkeuring").iterdir()
    namen = {"NR": nummer, "VERSIE": voorbeeld[1], "WACHT": wacht.name}
    waarden = [namen.get(w, w) for w in list_leest()[naam]]
    if naam in VOORAF:
        call(data, *VOORAF[naam].replace("NR", nummer).split())
    voor, eigen = read_regels(data), count_eigen_log(data)

    call(data, *woorden, *waarden)

    if naam in EIGEN_LOG:
        assert count_eigen_log(data) == eigen + 1
        return
    nieuw = read_regels(data)[len(voor) :]
    assert all(wat.startswith(f"buurtpeil {woorden[0]}") for _, wat in nieuw)
    is_besluit = {"door", "naam"} & {w.removeprefix("--") for w in waarden} and (
        woorden[0] != "signaal"
    )
    assert [daad for daad, _ in nieuw] == (["poging", "schrijven"] if is_besluit else ["lezen"])


def test_end_of_a_run_notes_that_it_shows_complexes_and_shows_none_when_it_cannot(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eigen = Instellingen(data=data)
    with open_release(current_path(data / "releases")) as uitgave:
        assert verversing._may_show(Console(), eigen, uitgave)
        assert read_regels(data)[-1] == ("lezen", "buurtpeil run")
        shutil.rmtree(data / "leeslog")
        (data / "leeslog").write_text("geen map", encoding="utf-8")
        assert not verversing._may_show(Console(), eigen, uitgave)
