"""Retention in the contract is as long as the longest look back of a figure that is published.

Then a purge never changes what is published from that day on (ADR 0025).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest

from models.overlast.cohort import Cohort
from models.risico.tijdsplitsing import MINIMUM_VENSTERS
from models.woonfraude.keuring import HORIZON as HORIZON_WOONFRAUDE
from sources.contract import read_contract
from vera.bewaren import parse_termijn
from vera.contract import Tabel

DBT: Final = Path(__file__).parents[2] / "dbt_project"
CONTRACT: Final = read_contract(DBT)
VENSTER: Final = 12
"""Months that a label looks back."""
KWARTAAL: Final = 3
"""A label is decided on the first day of a quarter, and counts until the next."""
VERTRAGING: Final = 3
"""Months that a delivery and its run may be late."""
UITLOOP: Final = KWARTAAL + VERTRAGING
SIGNAAL: Final = 30
"""Months that a themasignaal looks back: half a year, and two years to compare with."""
OVERLAST: Final = Cohort()
LEREN: Final = OVERLAST.geschiedenis
"""Months that the first training of a gate spans."""
KENMERK_OVERLAST: Final = 24
KENMERK_WOONFRAUDE: Final = 12
RUST: Final = 9
"""Months without escalation that an outcome of overlast asks for first."""

SIGNAALTABELLEN: Final = {"vera.zaak", "vera.onderhoudsverzoek", "vera.defect"}
UITKOMST_OVERLAST: Final = {
    "vera.zaak", "zaakverloop.zaak_stap", "zaakverloop.zaak_ernst",
}  # fmt: skip
UITKOMST_WOONFRAUDE: Final = {
    "woonfraude.onderzoek", "woonfraude.toegang_geweigerd", "woonfraude.advertentie_match",
}  # fmt: skip


def read_doortrekken() -> dict[str, int]:
    """Return per table the most quarters that a figure of it is carried forward."""
    with (DBT / "seeds" / "methode" / "indicator_eigen.csv").open(encoding="utf-8") as bestand:
        langst: dict[str, int] = {}
        for rij in csv.DictReader(bestand):
            langst[rij["bron"]] = max(langst.get(rij["bron"], 0), int(rij["doortrekken_kwartalen"]))
    return langst


def has_doel(tabel: Tabel, doel: str) -> bool:
    return any(doel in kolom.doelen for kolom in tabel.kolommen)


def list_terugkijken(tabel: Tabel) -> dict[str, int]:
    """Return per figure the months before the day of a purge that it still needs of a table."""
    terug = {}
    if has_doel(tabel, "label"):
        terug["label"] = VENSTER + 3 * read_doortrekken().get(tabel.id, 0) + UITLOOP
    if tabel.id in SIGNAALTABELLEN:
        terug["themasignaal"] = SIGNAAL + UITLOOP
    if has_doel(tabel, "overlast"):
        terug["kenmerken van overlast"] = KENMERK_OVERLAST + UITLOOP
    if tabel.id in UITKOMST_OVERLAST:
        terug["poort van overlast"] = (
            LEREN
            + OVERLAST.horizon
            + (MINIMUM_VENSTERS - 1) * OVERLAST.stap_toets
            + OVERLAST.horizon
            + RUST
            + UITLOOP
        )
    if tabel.id in UITKOMST_WOONFRAUDE:
        terug["poort van woonfraude"] = (
            KENMERK_WOONFRAUDE + LEREN + MINIMUM_VENSTERS * HORIZON_WOONFRAUDE
        )
    return terug


MET_EINDE: Final = [t for t in CONTRACT.tabellen if parse_termijn(t.bewaartermijn).maanden]


@pytest.mark.parametrize("tabel", MET_EINDE, ids=lambda tabel: tabel.id)
def test_term_is_as_long_as_the_longest_look_back_of_what_is_published(tabel: Tabel) -> None:
    termijn = parse_termijn(tabel.bewaartermijn)
    assert termijn.maanden is not None
    te_kort = {
        wat: maanden
        for wat, maanden in list_terugkijken(tabel).items()
        if maanden > termijn.maanden
    }
    assert te_kort == {}


def test_every_table_about_people_has_an_end() -> None:
    zonder_einde = [
        tabel.id
        for tabel in CONTRACT.tabellen
        if parse_termijn(tabel.bewaartermijn).maanden is None
        and any(k.classificatie not in {"openbaar", "intern"} for k in tabel.kolommen)
    ]
    assert zonder_einde == []


def test_address_goes_when_its_dwelling_goes() -> None:
    """A complex lies where most of its dwellings lie: half of a dwelling would move it."""
    adres = parse_termijn(CONTRACT.bron("vera").tabel("eenheidadres").bewaartermijn)
    eenheid = parse_termijn(CONTRACT.bron("vera").tabel("eenheid").bewaartermijn)
    assert (adres.tabel, adres.kolom, adres.maanden) == (
        "eenheid",
        eenheid.kolom,
        eenheid.maanden,
    )
