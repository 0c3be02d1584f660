"""What a cell must be: nothing is guessed, nothing becomes 0."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sources.tabel import GelezenTabel, read_tabel
from vera.contract import Bron, Kolom, Tabel


def lees_cel(tmp_path: Path, soort: str, tekst: str, **velden: Any) -> GelezenTabel:
    bron_velden = {"decimaalteken": velden.pop("decimaalteken", ".")}
    kolom = Kolom("waarde", soort, "", "intern", frozenset(), **velden)
    sleutel = Kolom("id", "varchar", "", "intern", frozenset(), verplicht=True)
    tabel = Tabel("bron", "tabel", "", ("id",), "volledig", (sleutel, kolom), "", "bron")
    bron = replace(Bron("bron", "", "tabel", "maand", (tabel,)), **bron_velden)
    pad = tmp_path / "tabel.csv"
    pad.write_text(f"id;waarde\n1;{tekst}\n", encoding="utf-8")
    return read_tabel(pad, bron, tabel)


@pytest.mark.parametrize(
    ("soort", "tekst", "verwacht"),
    [
        ("varchar", "  tekst ", "tekst"),
        ("integer", "-3", -3),
        ("integer", "3.0", 3),
        ("integer", "", None),
        ("double", "1e3", 1000.0),
        ("boolean", "Ja", True),
        ("boolean", "0", False),
    ],
)
def test_cell_of_its_type_is_kept(
    tmp_path: Path, soort: str, tekst: str, verwacht: object
) -> None:
    gelezen = lees_cel(tmp_path, soort, tekst)
    assert gelezen.rijen["waarde"].to_pylist() == [verwacht]


@pytest.mark.parametrize(
    "tekst",
    ["2025-03-01", "2025-03-01T23:59:00Z", "2025-03-01T23:59:00", "2025-03-01 00:00:00",
     "2025-03-01 10:00:00.123"],
)
def test_moment_is_read_as_the_day_it_names(tmp_path: Path, tekst: str) -> None:
    gelezen = lees_cel(tmp_path, "date", tekst)
    assert [str(dag) for dag in gelezen.rijen["waarde"].to_pylist()] == ["2025-03-01"]


@pytest.mark.parametrize(
    ("soort", "tekst", "klasse"),
    [
        ("integer", "3.5", "getal"),
        ("integer", "99999999999", "getal"),
        ("integer", "drie", "korte tekst"),
        ("decimal(8,1)", "1.234,5", "tekst"),
        ("decimal(8,1)", "123456789.0", "getal"),
        ("decimal(8,1)", "1_000", "korte tekst"),
        ("decimal(8,1)", "1e3", "korte tekst"),
        ("decimal(8,1)", ".", "korte tekst"),
        ("double", "1_000", "korte tekst"),
        ("double", "nan", "korte tekst"),
        ("double", "inf", "korte tekst"),
        ("date", "01-03-2025", "tekst"),
        ("date", "2025-02-30", "datum"),
        ("boolean", "misschien", "tekst"),
    ],
)
def test_cell_that_is_not_of_its_type_rejects_the_row_by_class_of_value(
    tmp_path: Path, soort: str, tekst: str, klasse: str
) -> None:
    gelezen = lees_cel(tmp_path, soort, tekst)
    assert gelezen.rijen.num_rows == 0
    (afkeuring,) = gelezen.afkeuringen
    assert (afkeuring.regel, afkeuring.kolom) == (2, "waarde")
    assert (afkeuring.waardeklasse, afkeuring.reden) == (klasse, f"geen {soort}")


@pytest.mark.parametrize(
    ("tekst", "reden"), [("0", "kleiner dan 1"), ("11", "groter dan 10"), ("1", ""), ("10", "")]
)
def test_bounds_are_part_of_what_is_allowed(tmp_path: Path, tekst: str, reden: str) -> None:
    gelezen = lees_cel(tmp_path, "integer", tekst, minimum=1, maximum=10)
    assert [a.reden for a in gelezen.afkeuringen] == ([reden] if reden else [])


def test_decimal_sign_is_the_source_own(tmp_path: Path) -> None:
    goed = lees_cel(tmp_path, "decimal(8,2)", "1,5", decimaalteken=",")
    assert str(goed.rijen["waarde"][0].as_py()) == "1.50"
    assert lees_cel(tmp_path, "decimal(8,2)", "1,5").rijen.num_rows == 0


def test_code_with_a_quote_in_the_contract_is_just_a_code(tmp_path: Path) -> None:
    gelezen = lees_cel(tmp_path, "varchar", "'s", waarden=frozenset({"'s"}))
    assert gelezen.rijen["waarde"].to_pylist() == ["'s"]


def test_missing_value_is_no_unknown_code(tmp_path: Path) -> None:
    gelezen = lees_cel(tmp_path, "varchar", "", waarden=frozenset({"A"}))
    assert gelezen.rijen["waarde"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("soort", "tekst", "verwacht"),
    [("decimal(8,1)", "+1.5", 1.5), ("decimal(8,1)", ".5", 0.5), ("decimal(8,1)", "-7.", -7.0),
     ("double", "1.5e3", 1500.0)],
)
def test_numbers_are_read_in_every_plain_form(
    tmp_path: Path, soort: str, tekst: str, verwacht: float
) -> None:
    (waarde,) = lees_cel(tmp_path, soort, tekst).rijen["waarde"].to_pylist()
    assert float(waarde) == verwacht
