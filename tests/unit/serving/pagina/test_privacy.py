"""The page on privacy: for everybody who may see what, for who watches also what was done."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestration.bewaard import EIGEN_OPSLAG
from orchestration.bewaren import write_log, write_originelen
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.pagina.privacy import Bewaartabel, Privacyblad
from serving.pagina.verwijderd import ORIGINELEN
from sources.bewaren import Origineel
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.toegang.test_kast import BEGIN, Wereld
from tests.unit.serving.wie import make_app
from vera.bewaren import Verwijdering
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


def read_html(blad: Privacyblad, tmp_path: Path, *rollen: str) -> str:
    antwoord = TestClient(make_app(tmp_path / "releases", *rollen, privacy=blad)).get("/privacy")
    assert antwoord.status_code == 200
    assert antwoord.headers["cache-control"] == "no-store"
    return antwoord.text


def read(blad: Privacyblad, tmp_path: Path, *rollen: str) -> str:
    pagina = read_page(read_html(blad, tmp_path, *rollen))
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


def test_what_was_removed_is_told_by_day_table_and_rule_the_newest_first(
    blad: Privacyblad, tmp_path: Path
) -> None:
    regels = [
        Verwijdering("landing", "vera.zaak", "5 jaar na melddatum", "a", ("x",) * 1200),
        Verwijdering("landing", "vera.zaak", "5 jaar na melddatum", "b", ("y",) * 34),
    ]
    map_ = tmp_path / "bewaren"
    write_log(map_, regels, date(2026, 10, 1), datetime(2026, 10, 1, 2, tzinfo=UTC))
    write_log(map_, regels[1:], date(2026, 11, 1), datetime(2026, 11, 1, 2, tzinfo=UTC))
    with (map_ / "verwijderd-2026-10.jsonl").open("a", encoding="utf-8") as bestand:
        bestand.write("geen json\n")

    tekst = read(blad, tmp_path, "privacy")

    assert (
        "vera.zaak landing 5 jaar na melddatum 34 1 november 2026 "
        "vera.zaak landing 5 jaar na melddatum 1.234 1 oktober 2026"
    ) in tekst


def test_long_page_of_who_watches_begins_with_the_way_to_each_part(
    blad: Privacyblad, tmp_path: Path
) -> None:
    html = read_html(blad, tmp_path, "privacy")
    wegen = re.findall(r'<li><a href="#([a-z]+)">', html)

    assert wegen == re.findall(r'<h2 id="([a-z]+)">', html)
    assert len(wegen) == 5
    assert 'href="#rollen"' not in read_html(blad, tmp_path, "lezer")


def test_who_watches_reads_that_a_copy_still_holds_what_was_removed(
    blad: Privacyblad, tmp_path: Path
) -> None:
    zin = "In een reservekopie staat wat hier is verwijderd nog wel."
    assert zin in read(blad, tmp_path, "privacy")
    assert zin not in read(blad, tmp_path, "lezer")


def test_originals_past_their_term_are_counted_as_the_last_purge_found_them(
    blad: Privacyblad, tmp_path: Path
) -> None:
    map_ = tmp_path / "bewaren"
    assert "is nog niet nagekeken" in read(blad, tmp_path, "privacy")
    map_.mkdir()
    write_originelen(
        map_,
        [
            Origineel("vera.zaak", "vera/zaak_2019.csv", "5 jaar na melddatum", 1200),
            Origineel("vera.zaak", "vera/zaak_2020.csv", "5 jaar na melddatum", 34),
        ],
        date(2026, 11, 1),
    )
    tekst = read(blad, tmp_path, "privacy")
    assert "Op 1 november 2026 waren in de geleverde bestanden nog 1.234 rijen" in tekst
    assert "in 2 bestanden" in tekst
    assert "zaak_2019" not in tekst, "a name of a file may be of anything"

    write_originelen(map_, [], date(2026, 11, 2))
    assert "Op 2 november 2026 was in de geleverde bestanden niets" in read(
        blad, tmp_path, "privacy"
    )


def test_list_of_originals_that_cannot_be_read_is_no_reason_to_show_nothing(
    blad: Privacyblad, tmp_path: Path
) -> None:
    (tmp_path / "bewaren").mkdir()
    (tmp_path / "bewaren" / ORIGINELEN).write_text("[]", encoding="utf-8")

    assert "is nog niet nagekeken" in read(blad, tmp_path, "privacy")


def test_everything_of_our_own_is_named_with_its_purpose_term_and_readers(
    blad: Privacyblad, tmp_path: Path
) -> None:
    tekst = read(replace(blad, opslag=EIGEN_OPSLAG), tmp_path, "privacy")

    for opslag in EIGEN_OPSLAG:
        assert opslag.doel in tekst
        for wat, regel in opslag.termijnen:
            assert f"{wat}: {regel}".replace("_", " ") in tekst
    assert "vanaf tien (bijzonder persoonsgegeven) Waarvoor Bewoners bereiken" in tekst
    assert "sociaal team (inhoud)" in tekst
    assert "Sociale Signalen" not in read(replace(blad, opslag=EIGEN_OPSLAG), tmp_path, "lezer")


def test_log_that_does_not_hold_is_said_on_the_page(blad: Privacyblad, tmp_path: Path) -> None:
    (pad,) = (tmp_path / "leeslog").glob("*.jsonl")
    regels = pad.read_bytes().splitlines(keepends=True)
    pad.write_bytes(b"".join(regels[:-1]))

    assert "De keten klopt niet: nummer 5" in read(blad, tmp_path, "privacy")


def test_page_is_there_without_a_release_a_log_or_a_contract(tmp_path: Path) -> None:
    tekst = read(Privacyblad(), tmp_path, "privacy")

    assert "Er is geen leeslog." in tekst
    assert "Het contract met de bronnen is hier niet bekend." in tekst
