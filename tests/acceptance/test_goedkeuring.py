"""A quarter in which much changes: the run ends otherwise, and somebody decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestration.instellingen import Instellingen
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from serving.release.winkel import verify
from tests.unit.orchestration.test_melding import serve


@pytest.mark.nacht
def test_unusual_release_waits_and_is_served_after_approval(
    gepubliceerd: Any, tmp_path: Path
) -> None:
    bedrijf = gepubliceerd.start(tmp_path)
    deliver_januari = bedrijf.hold_back("2026-01-01", tmp_path / "apart")
    bedrijf.run()
    eerste = bedrijf.huidig
    deliver_januari()
    # With the limits of the demo a quarter is never unusual; here one label is.
    streng = Instellingen(data=bedrijf.data, leveringen=bedrijf.leveringen)
    with serve() as webserver:
        streng = replace(streng, grens_labels="0", melding_webhook=webserver.adres)
        gereed = run_job("verversing", streng, Voortgang(), bewaar=False)

    (bericht,) = webserver.ontvangen
    assert bericht["soort"] == "wacht_op_goedkeuring"
    assert len(gereed.wacht) == 1
    assert "krijgen een ander label" in gereed.wacht[0]
    assert bedrijf.huidig == eerste
    assert verify(bedrijf.data / "releases" / str(gereed.release_id)) == []
    lijst = bedrijf.call("release", "list")
    assert "wacht op" in lijst.stdout
    goed = ("--reden", "Het kwartaal is nagelopen.", "--door", "Anna")
    besluit = bedrijf.call("release", "goedkeuren", str(gereed.release_id), *goed)
    assert besluit.returncode == 0, besluit.stderr
    assert bedrijf.huidig == gereed.release_id
