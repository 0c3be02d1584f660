"""The file of a what-if is the same, however the rows that it is made of come."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.release import schema
from serving.wat_als.bestand import write_bestand
from serving.wat_als.rekening import MACHT_GEPUBLICEERD, THEMAS, Keuze
from tests.unit.serving.voorbeeld_release import build_tables

GELIJK = Keuze((1.0,) * len(THEMAS), MACHT_GEPUBLICEERD)


@pytest.mark.parametrize("per_keer", [1, 7, 31])
def test_rows_that_come_in_parts_give_the_file_of_the_whole(tmp_path: Path, per_keer: int) -> None:
    rijen = build_tables()[schema.WAT_ALS.naam]
    rijen = rijen.sort_by([(naam, "ascending") for naam in schema.WAT_ALS.sleutel])
    assert rijen.num_rows > 2 * per_keer
    delen = [rijen.slice(begin, per_keer) for begin in range(0, rijen.num_rows, per_keer)]
    heel, stuk = tmp_path / "heel.parquet", tmp_path / "stuk.parquet"
    assert write_bestand([rijen], GELIJK, heel) == write_bestand(delen, GELIJK, stuk) > 0
    assert stuk.read_bytes() == heel.read_bytes()


def test_no_rows_at_all_give_a_file_without_rows(tmp_path: Path) -> None:
    assert write_bestand([], GELIJK, tmp_path / "leeg.parquet") == 0
