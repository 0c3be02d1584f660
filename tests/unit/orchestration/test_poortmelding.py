"""What the gate in warned for goes with the release, and with no other deliveries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.poortmelding import read_meldingen, write_meldingen
from vera.bevinding import Bevinding
from vera.levering import LeveringVerslag

VERSLAG = LeveringVerslag("vera.zaak", "vera/zaak.csv", None, 1, "som", "inhoud", 10, 0)
MELDING = Bevinding(
    "poort in", "vera.zaak", "kolommen_zeggen_iets", geslaagd=False, blokkeert=False, aantal=1,
    verwacht="iets", gevonden="kennisdatum is nergens ingevuld", voorbeeld="vera/zaak.csv",
)  # fmt: skip


def test_warnings_are_kept_and_what_holds_or_stops_a_run_is_not(tmp_path: Path) -> None:
    pad = tmp_path / "nieuw" / "poort_in.json"
    goed, fout = replace(MELDING, geslaagd=True), replace(MELDING, blokkeert=True)
    write_meldingen(pad, [goed, MELDING, fout], [VERSLAG])

    assert read_meldingen(pad, [VERSLAG]) == [
        {
            "tabel": "vera.zaak",
            "regel": "kolommen_zeggen_iets",
            "aantal": 1,
            "gevonden": "kennisdatum is nergens ingevuld",
            "voorbeeld": "vera/zaak.csv",
        }
    ]


@pytest.mark.parametrize("wijziging", [{"sha256": "anders"}, {"afgekeurd": 1}])
def test_deliveries_that_were_not_judged_have_no_warnings_rather_than_none(
    tmp_path: Path, wijziging: dict[str, object]
) -> None:
    pad = tmp_path / "poort_in.json"
    assert read_meldingen(pad, [VERSLAG]) is None
    write_meldingen(pad, [], [VERSLAG])
    assert read_meldingen(pad, [VERSLAG]) == []
    assert read_meldingen(pad, [replace(VERSLAG, **wijziging)]) is None  # type: ignore[arg-type]
