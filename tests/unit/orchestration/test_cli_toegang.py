"""Keys and the read log on the command line, and that commands note what they read."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestration.cli.leeslog import find_keten
from orchestration.cli.opdrachten import app
from orchestration.cli.toegang import DEMO_SLEUTELS, issue_demo
from orchestration.instellingen import Instellingen
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Daad, Lezing
from serving.toegang.kast import Sleutelkast
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import BuurtpeilError, GebruikFout
from vera.toegang import ROLLEN, Lezer

SLEUTEL = re.compile(r"bp_[\w-]{43}")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOGNAME", "beheerder")
    publish_example(tmp_path / "releases")
    return tmp_path


def call(data: Path, *argumenten: str) -> Result:
    return CliRunner().invoke(app, [*argumenten, "--data", str(data)], env={"COLUMNS": "200"})


def test_name_that_looks_like_markup_is_shown_as_it_is(data: Path) -> None:
    keten = Keten(data / "leeslog", data / "sleutels")
    lezer = Lezer("[/b] [red]Anna", (ROLLEN["lezer"],))
    keten.add([Lezing(0.0, lezer, "complex", "x", "C001", "complex")])

    uit = call(data, "leeslog", "toon", "--complex", "C001")

    assert uit.exit_code == 0, uit.exception
    assert "[/b] [red]Anna" in uit.output


@pytest.mark.parametrize("teken", ["\x1b[2J", "\n", "\u202e"])
def test_key_is_not_given_to_a_name_with_signs_that_nobody_sees(data: Path, teken: str) -> None:
    uit = call(
        data, "toegang", "geef", "--naam", f"An{teken}na", "--door", "Bert", "--rol", "lezer"
    )

    assert isinstance(uit.exception, GebruikFout)
    assert "naam" in uit.exception.remedie


def find_lezer(data: Path, sleutel: str) -> Lezer | None:
    register = Toegangsregister(Instellingen(data=data).toegang_adres)
    kast = Sleutelkast(register, lambda: load_geheim(data / "sleutels"))
    lezer = kast.find_lezer(sleutel.encode())
    register.close()
    return lezer


def issue(data: Path, *rollen: str) -> str:
    keuze = [deel for rol in rollen for deel in ("--rol", rol)]
    uit = call(data, "toegang", "geef", "--naam", "Anna", "--door", "Bert", *keuze)
    assert uit.exit_code == 0, uit.output
    gevonden = SLEUTEL.search(uit.output)
    assert gevonden
    return gevonden[0]


def read_log(data: Path) -> list[tuple[str, str, str | None]]:
    keten = Keten(data / "leeslog", data / "sleutels")
    return [(r["daad"], r["wat"], r["object"]) for r in keten.read()]


def test_key_is_given_listed_without_itself_and_revoked(data: Path) -> None:
    sleutel = issue(data, "politie", "melder")
    lezer = find_lezer(data, sleutel)
    assert lezer is not None
    assert [rol.naam for rol in lezer.rollen] == ["melder", "politie"]

    lijst = call(data, "toegang", "lijst").output
    assert "Anna" in lijst
    assert "geldt" in lijst
    assert sleutel not in lijst
    assert call(data, "toegang", "trek-in", "1", "--door", "Bert").exit_code == 0
    assert find_lezer(data, sleutel) is None
    assert "ingetrokken" in call(data, "toegang", "lijst").output
    assert read_log(data) == [
        ("poging", "buurtpeil toegang geef", None),
        ("schrijven", "buurtpeil toegang geef", None),
        ("lezen", "buurtpeil toegang lijst", None),
        ("poging", "buurtpeil toegang trek-in", None),
        ("schrijven", "buurtpeil toegang trek-in", None),
        ("lezen", "buurtpeil toegang lijst", None),
    ]
    assert sleutel.encode() not in b"".join(p.read_bytes() for p in data.rglob("*") if p.is_file())


def test_role_that_does_not_exist_gives_no_key(data: Path) -> None:
    uit = call(data, "toegang", "geef", "--naam", "A", "--door", "B", "--rol", "koning")

    assert isinstance(uit.exception, GebruikFout)
    assert "koning" in str(uit.exception)
    assert "Er zijn geen sleutels" in call(data, "toegang", "lijst").output


def test_every_role_is_told_with_what_it_may() -> None:
    uit = CliRunner().invoke(app, ["toegang", "rollen"]).output

    for rol in ROLLEN.values():
        assert f"{rol.naam}: {rol.doel}" in uit


def test_looking_up_a_complex_is_noted_with_the_account_that_did(data: Path) -> None:
    assert call(data, "label", "C001").exit_code == 0
    assert call(data, "label", "BU01", "--json").exit_code == 0

    assert read_log(data) == [
        ("lezen", "buurtpeil label", "C001"),
        ("lezen", "buurtpeil label", "BU01"),
    ]
    (regel, _) = find_keten(Instellingen(data=data)).read()
    assert regel["wie"] == "beheerder (opdrachtregel)"
    assert (regel["rol"], regel["niveau"]) == ("lezer", "complex")


def test_decision_that_may_be_stored_is_shown_with_its_complex(data: Path) -> None:
    lezer = Lezer("Anna", (ROLLEN["wijkbeheer"],))
    daden: tuple[Daad, ...] = ("poging", "afgebroken")
    find_keten(Instellingen(data=data)).add(
        [Lezing(1.0, lezer, "werklijst_overlast", "/v1/x", "C001", "complex", daad=d)
         for d in daden]
    )  # fmt: skip
    uit = call(data, "leeslog", "toon", "--complex", "C001").output
    assert "afgebroken" in uit
    assert uit.count("complex C001") == 1


def test_who_read_a_complex_is_shown_and_that_is_noted_too(data: Path) -> None:
    for id_ in ("C001", "C002", "C001"):
        call(data, "label", id_)
    call(data, "duiding", "list")

    uit = call(data, "leeslog", "toon", "--complex", "C001")
    assert uit.output.count("complex C001") == 2
    assert "complex C002" not in uit.output
    assert "Daarnaast zijn 1 keer lijsten" in uit.output
    alles = call(data, "leeslog", "toon", "--lezer", "beheerder (opdrachtregel)", "--csv").output
    rijen = list(csv.DictReader(io.StringIO(alles), delimiter=";"))
    assert [rij["object"] for rij in rijen] == ["C001", "C002", "C001", "", "C001"]
    assert rijen[-1]["wat"] == "buurtpeil leeslog toon"
    assert rijen[-1]["rol"] == "privacy"
    assert isinstance(call(data, "leeslog", "toon").exception, GebruikFout)


def test_check_says_the_log_is_whole_and_fails_when_it_is_not(data: Path) -> None:
    call(data, "label", "C001")
    call(data, "label", "C002")
    assert "2 regels sluiten" in call(data, "leeslog", "controleer").output
    (pad,) = (data / "leeslog").glob("*.jsonl")
    pad.write_bytes(pad.read_bytes().splitlines(keepends=True)[1])

    uit = call(data, "leeslog", "controleer")

    assert isinstance(uit.exception, BuurtpeilError)
    assert "sluit niet aan" in str(uit.exception)


def test_demo_gets_a_key_of_every_role_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instellingen = Instellingen(data=data)
    issue_demo(instellingen)
    eerst = capsys.readouterr().out
    issue_demo(instellingen)
    daarna = capsys.readouterr().out

    pad = data / "sleutels" / DEMO_SLEUTELS
    sleutels = json.loads(pad.read_text())
    assert set(sleutels) == set(ROLLEN)
    assert pad.stat().st_mode & 0o077 == 0
    assert set(SLEUTEL.findall(eerst)) == set(sleutels.values())
    assert SLEUTEL.findall(daarna) == []
    for rol, sleutel in sleutels.items():
        lezer = find_lezer(data, sleutel)
        assert lezer is not None
        assert (lezer.naam, lezer.organisatie) == (f"demo {rol}", "demo")
