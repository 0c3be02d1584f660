"""What ``doelbinding`` says of a data folder of which tables were purged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from orchestration.cli.doelbinding import _told_when_purged
from orchestration.werkmap import Werkmap
from sources.bewaren import write_opgeschoond
from vera.errors import BuurtpeilError, GebruikFout


def test_tables_that_a_purge_took_are_told_as_that_and_not_as_bad_sql(tmp_path: Path) -> None:
    werkmap = Werkmap.of(tmp_path)

    with pytest.raises(BuurtpeilError, match="niet te lezen"), _told_when_purged(werkmap):
        raise BuurtpeilError("De herkomst is niet te lezen.")
    write_opgeschoond(werkmap.bewaren, date(2026, 11, 1))
    with pytest.raises(GebruikFout, match="opgeschoond") as fout, _told_when_purged(werkmap):
        raise BuurtpeilError("De herkomst is niet te lezen.")
    assert "2026-11-01" in str(fout.value)
