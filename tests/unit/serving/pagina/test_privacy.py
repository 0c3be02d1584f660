"""The page on privacy: for everybody who may see what, for who watches also what was done."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.pagina.privacy import Bewaartabel, Privacyblad
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.toegang.test_kast import BEGIN, Wereld
from tests.unit.serving.wie import make_app
from vera.toegang import ROLLEN, Lezer, find_rollen

NU = datetime.fromtimestamp(BEGIN, UTC)
TABELLEN = (
    Bewaartabel(
        "vera.zaak",
        "Meldingen van bewoners",
        ("intern", "persoonsgegeven"),
        ("label", "overlast"),
        "5 jaar na melddatum",
    ),
)


def make_lezing(dagen: int, object_id: str | None, wie: str = "Anna") -> Lezing:
    tijd = (NU - timedelta(days=dagen)).timestamp()
    lezer = Lezer(wie, find_rollen(["lezer"]), "ons")
    niveau = "complex" if object_id else None
    return Lezing(tijd, lezer, "complex", "/v1/complexen", object_id, niveau, "r1")  # type: ignore[arg-type]


@pytest.fixture
def blad(tmp_path: Path) -> Privacyblad:
    keten = Keten(tmp_path / "leeslog", tmp_path / "sleutels", nu=lambda: NU)
    keten.add(
        [
            make_lezing(40, "C009", "Vroeger"),
            make_lezing(3, "C001"),
            make_lezing(2, "C001", "Bert & co"),
            make_lezing(1, "C002"),
            make_lezing(1, None),
        ]
    )
    return Privacyblad(TABELLEN, keten, Wereld(), tmp_path / "bewaren", lambda: NU)


def read(blad: Privacyblad, tmp_path: Path, *rollen: str) -> str:
    antwoord = TestClient(make_app(tmp_path / "releases", *rollen, privacy=blad)).get("/privacy")
    assert antwoord.status_code == 200
    assert antwoord.headers["cache-control"] == "no-store"
    pagina = read_page(antwoord.text)
    assert pagina.labels <= set(pagina.ids)
    return pagina.tekst


def test_everybody_reads_who_may_see_what_and_not_who_did(
    blad: Privacyblad, tmp_path: Path
) -> None:
    tekst = read(blad, tmp_path, "lezer")

    for rol in ROLLEN.values():
        assert rol.doel in tekst
    for woord in ("vera.zaak", "Anna", "Bert", "C001", "Sleutels die nu gelden"):
        assert woord not in tekst


def test_who_watches_sees_what_is_held_who_read_and_which_keys_there_are(
    blad: Privacyblad, tmp_path: Path
) -> None:
    tekst = read(blad, tmp_path, "privacy")

    assert (
        "vera.zaak Meldingen van bewoners intern, persoonsgegeven label, overlast 5 jaar" in tekst
    )
    assert "De keten is heel: 5 regels sluiten aan." in tekst
    assert "Anna lezer 3 23 november 2026" in tekst
    assert "Bert & co lezer 1" in tekst
    assert "complex C001 2" in tekst
    assert "/v1/complexen lijst of bestand 1" in tekst
    assert "Vroeger" not in tekst, "longer ago than thirty days"
    assert "7 Anna ons lezer, opgeheven rol" in tekst
    assert "Er is nog niets verwijderd." in tekst


def test_what_was_removed_is_added_up_by_table_and_rule(blad: Privacyblad, tmp_path: Path) -> None:
    regels = [
        {"plek": "landing", "tabel": "vera.zaak", "regel": "5 jaar na melddatum", "batch": b,
         "aantal": n, "tijd": t}
        for b, n, t in (("a", 1200, "2026-10-01T02:00:00Z"), ("b", 34, "2026-11-01T02:00:00Z"))
    ]  # fmt: skip
    (tmp_path / "bewaren").mkdir()
    for regel in regels:
        pad = tmp_path / "bewaren" / f"verwijderd-{regel['tijd'][:7]}.jsonl"
        pad.write_text(f"{json.dumps(regel)}\ngeen json\n", encoding="utf-8")

    tekst = read(blad, tmp_path, "privacy")

    assert "vera.zaak landing 5 jaar na melddatum 1.234 1 november 2026" in tekst


def test_log_that_does_not_hold_is_said_on_the_page(blad: Privacyblad, tmp_path: Path) -> None:
    (pad,) = (tmp_path / "leeslog").glob("*.jsonl")
    regels = pad.read_bytes().splitlines(keepends=True)
    pad.write_bytes(b"".join(regels[:-1]))

    assert "De keten klopt niet: nummer 5" in read(blad, tmp_path, "privacy")


def test_page_is_there_without_a_release_a_log_or_a_contract(tmp_path: Path) -> None:
    tekst = read(Privacyblad(), tmp_path, "privacy")

    assert "Er is geen leeslog." in tekst
    assert "Het contract met de bronnen is hier niet bekend." in tekst
