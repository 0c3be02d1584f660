"""A secret of an installation: made once, for its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from serving.adresindex import sleutel
from serving.geheimbestand import Geheimbestand
from serving.toegang import peper
from serving.werklijst import geheim
from vera.errors import GebruikFout

BESTAND = Geheimbestand("proef.geheim", "zet het terug")


def test_secret_is_made_at_first_use_and_stays(tmp_path: Path) -> None:
    map_ = tmp_path / "sleutels"
    assert BESTAND.read(map_) is None, "reading makes none"
    gemaakt = BESTAND.load(map_)
    assert len(gemaakt) == 32
    assert BESTAND.load(map_) == BESTAND.read(map_) == gemaakt
    assert stat.S_IMODE((map_ / "proef.geheim").stat().st_mode) == 0o600
    assert [pad.name for pad in map_.iterdir()] == ["proef.geheim"]


def test_each_purpose_has_a_secret_of_its_own(tmp_path: Path) -> None:
    geheimen = {
        peper.load_geheim(tmp_path), geheim.load_geheim(tmp_path), sleutel.load_sleutel(tmp_path),
    }  # fmt: skip
    assert len(geheimen) == 3
    assert {pad.name for pad in tmp_path.iterdir()} == {
        peper.BESTAND, geheim.BESTAND, sleutel.BESTAND,
    }  # fmt: skip


@pytest.mark.parametrize("inhoud", ["", "geen hex", "ab" * 31], ids=["leeg", "woorden", "kort"])
def test_damaged_secret_is_refused_with_what_to_do(tmp_path: Path, inhoud: str) -> None:
    pad = tmp_path / "proef.geheim"
    pad.write_text(inhoud, encoding="ascii")
    pad.chmod(0o600)
    with pytest.raises(GebruikFout, match=r"proef\.geheim is beschadigd") as fout:
        BESTAND.load(tmp_path)
    assert "zet het terug" in str(fout.value.remedie)


def test_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    BESTAND.load(tmp_path)
    (tmp_path / "proef.geheim").chmod(0o640)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        BESTAND.read(tmp_path)
