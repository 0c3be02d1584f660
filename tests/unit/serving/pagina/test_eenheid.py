"""Every unit of the catalogue reads as Dutch."""

from __future__ import annotations

import csv

import pytest

from serving.pagina.bron import name_bron
from serving.pagina.eenheid import describe_eenheid, find_eenheid
from serving.pagina.getal import count, format_datum, format_getal, format_moment, join_words
from tests.unit.serving.pagina.voorbeeldstad import SEEDS


@pytest.mark.parametrize(
    ("waarde", "eenheid", "tekst"),
    [
        (0.124, "per woning per jaar", "12,4 per 100 woningen per jaar"),
        (0.0004, "per woning per jaar", "0,04 per 100 woningen per jaar"),
        (0.0, "per woning per jaar", "0,0 per 100 woningen per jaar"),
        (1.5, "per woning per jaar", "150 per 100 woningen per jaar"),
        (0.073, "aandeel", "7,3%"),
        (0.5, "aandeel", "50%"),
        (0.25, "aandeel van de kwartalen", "25% van de kwartalen"),
        (6.42, "cijfer 1-10", "een 6,4"),
        (12.0, "dagen", "12 dagen"),
        (3.25, "dagen", "3,2 dagen"),
        (18.4, "%", "18%"),
        (91.3, "index (stad in basisjaar = 100)", "index 91 (de stad in het eerste jaar = 100)"),
        (7.1, "per 1.000 inwoners", "7,1 per 1.000 inwoners"),
        (1234.0, None, "1.234"),
    ],
)
def test_value_is_written_with_its_unit(waarde: float, eenheid: str | None, tekst: str) -> None:
    assert find_eenheid(eenheid).write(waarde) == tekst


@pytest.mark.parametrize("grondslag", ["eigen", "openbaar"])
def test_every_source_and_unit_of_the_catalogue_has_a_name(grondslag: str) -> None:
    with (SEEDS / f"indicator_{grondslag}.csv").open(encoding="utf-8", newline="") as bestand:
        for rij in csv.DictReader(bestand):
            assert name_bron(rij["bron"]) != rij["bron"] or "." not in rij["bron"]
            assert describe_eenheid(rij["eenheid"])
            assert "woning per jaar" not in find_eenheid(rij["eenheid"]).achter


def test_unknown_source_keeps_its_code() -> None:
    assert name_bron("iets.nieuws") == "iets.nieuws"
    assert name_bron(None) == "bron onbekend"


def test_numbers_dates_and_counts_are_dutch() -> None:
    assert format_getal(1234567.891, 2) == "1.234.567,89"
    assert format_datum("2026-03-01") == "1 maart 2026"
    assert format_moment("2026-03-01T23:30:00+02:00") == "1 maart 2026, 21:30 uur UTC"
    assert count(1, "woning", "woningen") == "1 woning"
    assert count(0, "woning", "woningen") == "0 woningen"
    assert join_words([]) == ""
    assert join_words(["a"]) == "a"
    assert join_words(["a", "b", "c"]) == "a, b en c"
