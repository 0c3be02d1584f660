"""A decision on the command line stands in the read log before it stands in a store."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from orchestration.cli import duiding, modellen, werklijst
from orchestration.cli.leeslog import find_keten
from orchestration.cli.opdrachten import app
from orchestration.instellingen import Instellingen
from serving.besluit.opslag import BesluitenFout
from serving.besluit.register import Besluitregister
from serving.besluit.werklijst import OnbekendeRegel, WerklijstKanNiet
from serving.besluit.werklijstregister import Werklijstregister
from serving.leeslog.keten import Keten, LeeslogFout
from serving.toegang.register import Toegangsregister
from tests.unit.orchestration.test_cli_werklijst import REGELS, find_nummer
from tests.unit.serving.besluit.conftest import make_voorstel
from tests.unit.serving.voorbeeld_release import publish_example
from vera.werklijst import Samenstelling

Besluit = Callable[[Instellingen], Any]


def _call(instellingen: Instellingen, *woorden: str) -> None:
    uit = CliRunner().invoke(app, [*woorden, "--data", str(instellingen.data)])
    if uit.exception is not None:
        raise uit.exception


BESLUITEN: Final[dict[str, Besluit]] = {
    "own view": lambda i: werklijst.assess(
        i, "overlast", find_nummer(i, "C001"), "geen_actie", "Anna"
    ),
    "decision": lambda i: werklijst.decide(
        i, "overlast", find_nummer(i, "C002"), "steekproef", "", "Anna"
    ),
    "outcome": lambda i: werklijst.add_outcome(
        i, "overlast", _find_besloten(i), "geen_escalatie", "Anna", 1
    ),
    "stopped model": lambda i: modellen.set_stand(
        i, "overlast", "gestopt", "De cijfers kloppen niet.", "Anna"
    ),
    "duiding": lambda i: duiding.add(i, make_voorstel("C002"), None),
    "withdrawn duiding": lambda i: duiding.withdraw(i, 1, "Anna"),
    "key": lambda i: _call(
        i, "toegang", "geef", "--naam", "Cas", "--rol", "lezer", "--door", "Anna"
    ),
    "revoked key": lambda i: _call(i, "toegang", "trek-in", "1", "--door", "Anna"),
}
COMPLEX: Final = {"own view": "C001", "decision": "C002", "outcome": "C003", "duiding": "C002",
                  "withdrawn duiding": "C001"}  # fmt: skip


def _find_besloten(instellingen: Instellingen) -> int:
    register = Werklijstregister(instellingen.besluiten_adres)
    (nummer,) = [r.id for r in register.list_rijen("overlast") if r.besluit is not None]
    register.close()
    return nummer


@pytest.fixture
def instellingen(tmp_path: Path) -> Instellingen:
    """A data folder where each of the decisions can be taken, and with an empty read log."""
    publish_example(tmp_path / "releases")
    eigen = Instellingen(data=tmp_path)
    register = Werklijstregister(eigen.besluiten_adres)
    lijst = Samenstelling("overlast", date(2026, 10, 1), "r1", "abc123", 2, 3, _list_regels())
    register.add_werklijst(lijst)
    register.close()
    werklijst.assess(eigen, "overlast", find_nummer(eigen, "C002"), "twijfel", "Anna")
    nummer = find_nummer(eigen, "C003")
    werklijst.assess(eigen, "overlast", nummer, "twijfel", "Anna")
    werklijst.decide(eigen, "overlast", nummer, "steekproef", "", "Anna")
    duiding.add(eigen, make_voorstel("C001", -1), None)
    BESLUITEN["key"](eigen)
    shutil.rmtree(tmp_path / "leeslog")
    for pad in (tmp_path / "sleutels").glob("leeslog*"):
        pad.unlink()
    return eigen


def _list_regels() -> tuple[Any, ...]:
    eerste, tweede, _ = REGELS
    return (eerste, tweede, replace(tweede, complex_id="C003", volgorde=3, rang=5))


def read_log(instellingen: Instellingen) -> list[tuple[str, str | None]]:
    return [(r["daad"], r["object"]) for r in find_keten(instellingen).read()]


def read_bestanden(instellingen: Instellingen) -> dict[str, bytes]:
    """Return what stands in the stores, whatever SQLite keeps beside them."""
    uit = {}
    for pad in sorted(instellingen.data.glob("*.sqlite")):
        with sqlite3.connect(pad) as db:
            uit[pad.name] = "\n".join(db.iterdump()).encode()
        db.close()
    return uit


@pytest.mark.parametrize("naam", BESLUITEN)
def test_decision_has_a_line_before_it_and_one_after_it_with_what_it_is_about(
    naam: str, instellingen: Instellingen
) -> None:
    BESLUITEN[naam](instellingen)

    over = COMPLEX.get(naam)
    assert read_log(instellingen) == [("poging", None), ("schrijven", over)]


@pytest.mark.parametrize("naam", BESLUITEN)
def test_decision_that_cannot_be_logged_is_not_stored(
    naam: str, instellingen: Instellingen
) -> None:
    (instellingen.data / "leeslog").write_text("geen map", encoding="utf-8")
    voor = read_bestanden(instellingen)

    with pytest.raises(LeeslogFout):
        BESLUITEN[naam](instellingen)

    assert read_bestanden(instellingen) == voor


@pytest.mark.parametrize("naam", BESLUITEN)
def test_log_that_fails_after_the_store_has_the_attempt_and_the_command_fails(
    naam: str, instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    eigen, keren = Keten.add, iter([True])

    def add(keten: Keten, lezingen: Any) -> None:
        if next(keren, None) is None:
            raise LeeslogFout("De schijf is vol.")
        eigen(keten, lezingen)

    monkeypatch.setattr(Keten, "add", add)

    with pytest.raises(LeeslogFout, match="vol"):
        BESLUITEN[naam](instellingen)

    assert read_log(instellingen) == [("poging", None)]


@pytest.mark.parametrize(
    ("naam", "register", "methode"),
    [
        ("own view", Werklijstregister, "add_beoordeling"),
        ("decision", Werklijstregister, "add_besluit"),
        ("outcome", Werklijstregister, "add_uitkomst"),
        ("stopped model", Werklijstregister, "set_modelstand"),
        ("duiding", Besluitregister, "add_duiding"),
        ("withdrawn duiding", Besluitregister, "withdraw_duiding"),
        ("key", Toegangsregister, "issue"),
        ("revoked key", Toegangsregister, "revoke"),
    ],
)
@pytest.mark.parametrize(
    "fout", [BesluitenFout("De opslag viel uit."), KeyboardInterrupt()], ids=["store", "interrupt"]
)
def test_decision_whose_store_breaks_off_is_told_with_what_it_is_about(
    naam: str,
    register: type,
    methode: str,
    fout: BaseException,
    instellingen: Instellingen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fall_over(*_: Any, **__: Any) -> None:
        raise fout

    monkeypatch.setattr(register, methode, fall_over)

    with pytest.raises(BaseException):  # noqa: B017, PT011 - the command line wraps an interrupt
        BESLUITEN[naam](instellingen)

    assert read_log(instellingen) == [("poging", None), ("afgebroken", COMPLEX.get(naam))]


def test_decision_that_the_rules_refuse_is_an_attempt_and_no_more(
    instellingen: Instellingen,
) -> None:
    with pytest.raises(WerklijstKanNiet):
        werklijst.decide(
            instellingen, "overlast", find_nummer(instellingen, "C001"), "steekproef", "", "Anna"
        )
    with pytest.raises(OnbekendeRegel):
        werklijst.add_outcome(instellingen, "overlast", 999, "escalatie", "Anna", 1)

    assert read_log(instellingen) == [("poging", None), ("poging", None)]
