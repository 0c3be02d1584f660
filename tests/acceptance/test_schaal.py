"""The whole line in a process of its own, measured from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.machine import describe_machine
from orchestration.schaal.meting import measure_sector
from orchestration.schaal.verslag import write_verslag


@pytest.mark.nacht
def test_a_small_size_is_generated_run_and_published_in_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    [grootte] = measure_sector([400], 3, 1, lambda _: None, seconden=3600.0, waar=tmp_path)
    assert grootte.afgebroken == ""
    assert (grootte.eenheden, grootte.complexen > 0, grootte.rijen > 1_000) == (400, True, True)
    assert {"demo maken", "leveringen inlezen", "warehouse", "marts", "publiceren"} <= set(
        grootte.kosten
    )
    assert all(0 < kosten.piek <= grootte.piek for kosten in grootte.kosten.values())
    assert list(tmp_path.iterdir()) == []
    assert "gepubliceerd" in write_verslag([grootte], 3, describe_machine(), "x")
