"""What the gates refuse, end to end: named, with the remedy, and nothing published."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vera.errors import PoortInFout, PoortUitFout

LAATSTE = "2026-01-01"


def _drop_column(regels: list[str]) -> list[str]:
    return [regel.split(";", 2)[2] for regel in regels]


def _double(regels: list[str]) -> list[str]:
    return [*regels, *regels[1:40]]


def _unknown_codes(regels: list[str]) -> list[str]:
    return [regels[0], *(regel.replace('"SOC"', '"XXX"') for regel in regels[1:])]


def _future(regels: list[str]) -> list[str]:
    return [regels[0], *(regel.replace("2025-", "2031-") for regel in regels[1:])]


def _empty(regels: list[str]) -> list[str]:
    return regels[:1]


@pytest.mark.parametrize(
    ("bestand", "doe", "woord"),
    [
        ("vera/eenheid", _drop_column, "kolom"),
        ("vera/cluster", _double, "sleutel"),
        ("vera/zaak", _unknown_codes, "code"),
        ("wijkbeheer/schouw", _future, "toekomst"),
        ("vera/eenheid", _empty, "rijen"),
    ],
)
def test_broken_delivery_is_refused_by_table_and_rule_and_nothing_is_published(
    nieuw: Any, verander: Any, bestand: str, doe: Callable[[list[str]], list[str]], woord: str
) -> None:
    verander(nieuw.leveringen / f"{bestand}_{LAATSTE}.csv", doe)
    with pytest.raises(PoortInFout) as gevangen:
        nieuw.run()
    tekst = str(gevangen.value)
    assert bestand.replace("/", ".") in tekst
    assert woord in tekst.lower()
    assert "wat te doen" in tekst
    assert nieuw.huidig is None


def test_same_file_under_another_date_is_refused(nieuw: Any) -> None:
    map_ = nieuw.leveringen / "vera"
    shutil.copy(map_ / f"zaak_{LAATSTE}.csv", map_ / "zaak_2026-02-01.csv")
    with pytest.raises(PoortInFout, match=r"vera\.zaak"):
        nieuw.run()


def test_empty_deliveries_folder_is_refused_with_what_is_expected(
    tmp_path: Path, nieuw: Any
) -> None:
    shutil.rmtree(nieuw.leveringen)
    nieuw.leveringen.mkdir()
    with pytest.raises(PoortInFout, match="niets geleverd"):
        nieuw.run()


def test_another_association_in_the_same_data_folder_is_refused_at_the_gate_out(
    kopie: Any, verander: Any
) -> None:
    # As large and as shifting as the one before: only its complexes tell that it is another.
    voor = kopie.huidig
    eigen = ("vera", "wijkbeheer", "huurdersonderzoek", "woonfraude", "zaakverloop")
    for pad in (p for bron in eigen for p in (kopie.leveringen / bron).glob("*.csv")):
        verander(pad, lambda regels: [re.sub(r"\bC(?=\d{5}\b)", "K", r) for r in regels])
    with pytest.raises(PoortUitFout, match="bezit_van_dezelfde_corporatie"):
        kopie.run()
    assert kopie.huidig == voor


def test_refusal_has_its_own_exit_code(nieuw: Any, verander: Any) -> None:
    verander(nieuw.leveringen / "vera" / f"eenheid_{LAATSTE}.csv", _drop_column)
    uit = nieuw.call("run")
    assert uit.returncode == 3, uit.stderr
    assert "vera.eenheid" in uit.stderr
    assert "Traceback" not in uit.stderr


def test_rejected_row_is_named_in_quarantine_without_its_value(nieuw: Any, verander: Any) -> None:
    pad = nieuw.leveringen / "vera" / f"eenheid_{LAATSTE}.csv"

    def spoil(regels: list[str]) -> list[str]:
        kop = regels[0].split(";")
        cellen = regels[5].split(";")
        cellen[kop.index("bouwjaar")] = "vermoedelijk-1931"
        regels[5] = ";".join(cellen)
        return regels

    verander(pad, spoil)
    nieuw.run()
    lijst = (nieuw.data / "quarantaine" / "afkeuringen.csv").read_text(encoding="utf-8")
    assert f"vera.eenheid;eenheid_{LAATSTE}.csv;6;bouwjaar;tekst;geen integer" in lijst
    assert "vermoedelijk" not in lijst
    assert nieuw.huidig is not None
