"""The example that ``buurtpeil contract`` prints is a delivery that the reader takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli.contract import make_voorbeeld
from orchestration.resources import load_contract
from sources.tabel import read_tabel
from vera.contract import Bron, Tabel

TABELLEN = [
    pytest.param(bron, tabel, id=tabel.id)
    for bron in load_contract().bronnen
    if bron.formaat == "tabel"
    for tabel in bron.tabellen
]


@pytest.mark.parametrize(("bron", "tabel"), TABELLEN)
def test_example_file_is_read_without_a_rejected_row(
    bron: Bron, tabel: Tabel, tmp_path: Path
) -> None:
    pad = tmp_path / f"{tabel.naam}_2026-01-01.csv"
    pad.write_text(make_voorbeeld(bron, tabel), encoding=bron.codering)
    gelezen = read_tabel(pad, bron, tabel)
    assert gelezen.afkeuringen == ()
    assert gelezen.ontbrekende_kolommen == ()
    assert gelezen.onbekende_kolommen == ()
    assert gelezen.rijen.num_rows == 2
