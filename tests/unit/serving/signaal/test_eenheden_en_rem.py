"""The social team's list of dwellings, and how often somebody may report."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.signaal.eenheden import read_eenheden
from serving.signaal.rem import Rem
from vera.errors import GebruikFout


@pytest.mark.parametrize("scheiding", [",", ";"])
def test_list_of_dwellings_is_read_with_either_separator(tmp_path: Path, scheiding: str) -> None:
    pad = tmp_path / "lijst.csv"
    regels = [["complex_id", "eenheid_id"], ["C001", " VHE-1 "], ["", "VHE-2"], ["C002", ""]]
    pad.write_text("\ufeff" + "\n".join(scheiding.join(regel) for regel in regels), "utf-8")

    assert read_eenheden(pad) == {"VHE-1": "C001"}


@pytest.mark.parametrize("inhoud", [None, b"straat,huisnummer\nx,1\n", b"\xff\xfe\x00"])
def test_wrong_list_is_refused_without_a_line_of_it(tmp_path: Path, inhoud: bytes | None) -> None:
    pad = tmp_path / "lijst.csv"
    if inhoud is not None:
        pad.write_bytes(inhoud)

    with pytest.raises(GebruikFout, match="BUURTPEIL_SIGNAAL_EENHEDEN") as fout:
        read_eenheden(pad)
    assert "straat" not in str(fout.value)


def test_reporter_waits_until_the_first_report_is_long_enough_ago() -> None:
    nu = [0.0]
    rem = Rem(2, 60, lambda: nu[0])

    assert [rem.admit("a"), rem.admit("a"), rem.admit("a")] == [0, 0, 60]
    assert rem.admit("b") == 0, "another reporter does not wait"
    nu[0] = 59.0
    assert rem.admit("a") == 1
    nu[0] = 60.0
    assert rem.admit("a") == 0


def test_memory_of_reporters_is_bounded() -> None:
    nu = [0.0]
    rem = Rem(1, 60, lambda: nu[0])
    for nummer in range(10_000):
        rem.admit(str(nummer))
    nu[0] = 61.0
    rem.admit("nieuw")

    assert len(rem._per_melder) == 1
