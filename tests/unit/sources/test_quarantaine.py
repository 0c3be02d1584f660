"""Quarantine: where to look, never what stands there."""

from __future__ import annotations

import csv
from pathlib import Path

from sources.quarantaine import write_quarantaine
from vera.levering import Afkeuring

AFKEURING = Afkeuring("vera.zaak", "zaak_2025-12-01.csv", 7, "einddatum", "datum",
                      "einddatum ligt voor begindatum")


def test_rejected_row_is_listed_by_file_line_column_and_reason(tmp_path: Path) -> None:
    pad = write_quarantaine([AFKEURING], tmp_path / "quarantaine")
    with pad.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand, delimiter=";"))
    assert rijen == [
        {
            "tabel": "vera.zaak",
            "bestand": "zaak_2025-12-01.csv",
            "regel": "7",
            "kolom": "einddatum",
            "waardeklasse": "datum",
            "reden": "einddatum ligt voor begindatum",
        }
    ]


def test_list_of_this_run_replaces_that_of_the_last(tmp_path: Path) -> None:
    write_quarantaine([AFKEURING] * 3, tmp_path)
    pad = write_quarantaine([], tmp_path)
    assert pad.read_text(encoding="utf-8").count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [pad.name]
