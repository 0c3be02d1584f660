"""What must hold of the published label whatever is delivered, on the whole line.

The same properties of the arithmetic alone stand in ``tests/unit/models/label/test_keten.py``
(arrays) and ``tests/unit/dbt_project/test_label_numpy.py`` (SQL); that a published quarter stays
as it is when later deliveries arrive, in ``test_verhaal.py``.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

EIGEN = ("huurdersonderzoek", "vera", "wijkbeheer", "woonfraude", "zaakverloop")
EERST, LAATST = "2025-12-01", "2026-01-01"
GAT = "2025-01-01"


def _read_labels(bedrijf: Any) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the published labels by level, object, ground, peildatum and theme."""
    pad = bedrijf.data / "releases" / bedrijf.huidig / "exports" / "sociaal_beheer_label.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand, delimiter=";"))
    sleutel = ("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code")
    return {tuple(rij[naam] for naam in sleutel): rij for rij in rijen}


def _own(rij: dict[str, str]) -> dict[str, str]:
    """Return what a theme's label says of that theme alone, not of its part in the total."""
    ander = {"aandeel_van_totaal", "is_gepubliceerde_grondslag"}
    return {naam: waarde for naam, waarde in rij.items() if naam not in ander}


def _shuffle(pad: Path, kans: random.Random, nogmaals: list[str]) -> None:
    kop, *regels = pad.read_text(encoding="utf-8").splitlines()
    regels += nogmaals
    kans.shuffle(regels)
    pad.write_text("\n".join([kop, *regels]) + "\n", encoding="utf-8")


def test_order_of_rows_and_rows_that_are_delivered_again_change_no_label(
    gepubliceerd: Any, nieuw: Any
) -> None:
    """Every file's rows in another order, and half of December once more in January's file."""
    kans = random.Random(20260101)
    herhaald = 0
    for bron in EIGEN:
        for pad in sorted((nieuw.leveringen / bron).glob(f"*_{LAATST}.csv")):
            eerder = pad.with_name(pad.name.replace(LAATST, EERST))
            nogmaals: list[str] = []
            if eerder.exists() and _is_aanvulling(pad, eerder):
                oud = eerder.read_text(encoding="utf-8").splitlines()[1:]
                # A row that January delivers anew is a change, and not the same row again.
                nieuwe = {r.split(";", 2)[1] for r in pad.read_text("utf-8").splitlines()[1:]}
                nogmaals = [r for r in oud[::2] if r.split(";", 2)[1] not in nieuwe]
                herhaald += len(nogmaals)
            _shuffle(pad, kans, nogmaals)
        for pad in sorted((nieuw.leveringen / bron).glob(f"*_{EERST}.csv")):
            _shuffle(pad, kans, [])
    assert herhaald > 5000
    nieuw.run()
    assert nieuw.huidig != gepubliceerd.huidig, "the manifest names other files"
    for naam in ("sociaal_beheer_label", "indicatorwaarde", "themasignaal", "verandering"):
        een, ander = (
            (b.data / "releases" / b.huidig / "exports" / f"{naam}.csv").read_bytes()
            for b in (gepubliceerd, nieuw)
        )
        assert een == ander, naam


def _is_aanvulling(pad: Path, eerder: Path) -> bool:
    """Whether a file brings news on top of the one before, each row with a key and its day."""
    kop = pad.read_text(encoding="utf-8").splitlines()[0]
    return kop.startswith("kennisdatum;") and pad.stat().st_size < eerder.stat().st_size / 2


def test_where_coverage_stops_the_label_becomes_unknown_and_nothing_else_moves(
    gepubliceerd: Any, nieuw: Any
) -> None:
    """Overlast is not recorded from 2025 on; the survey is not delivered after 2023."""
    for pad in (nieuw.leveringen / "wijkbeheer").glob("dekking_*.csv"):
        with pad.open("a", encoding="utf-8") as bestand:
            bestand.write(f"overlast;;{GAT};;false\n")
    map_ = nieuw.leveringen / "huurdersonderzoek"
    (map_ / f"antwoord_{LAATST}.csv").unlink()
    oud = map_ / f"antwoord_{EERST}.csv"
    kop, *regels = oud.read_text(encoding="utf-8").splitlines()
    plaats = kop.split(";").index("meetdatum")
    tot = [r for r in regels if max(r.split(";")[plaats], r.split(";")[0]) < "2023-12-01"]
    assert 0 < len(tot) < len(regels)
    oud.unlink()
    # As old as a source that delivers every year may be: the gate refuses an older one.
    (map_ / "antwoord_2024-01-01.csv").write_text("\n".join([kop, *tot]) + "\n", encoding="utf-8")
    nieuw.run()

    voor = {s: rij for s, rij in _read_labels(gepubliceerd).items() if s[2] == "eigen"}
    na = {s: rij for s, rij in _read_labels(nieuw).items() if s[2] == "eigen"}
    assert voor.keys() == na.keys()
    was_bekend = {
        thema: [
            s for s in voor if s[3] == LAATST and s[4] == thema and voor[s]["sociaal_beheer_label"]
        ]
        for thema in ("OVL", "SOC", "LFB", "TOT", "SHV")
    }
    assert all(len(sleutels) > 10 for sleutels in was_bekend.values())
    for thema in ("OVL", "SOC", "LFB", "TOT"):
        for sleutel in was_bekend[thema]:
            rij = na[sleutel]
            assert rij["score"] == rij["sociaal_beheer_label"] == rij["betrouwbaarheid"] == ""
            assert rij["reden_onbekend"]
            assert rij["kans_1"] == rij["kans_5"] == ""
    # What is still measured is what it was, and so is everything before the gap.
    blijft = [s for s in voor if s[4] in {"SHV", "FIN"} or s[3] < "2024"]
    assert [_own(na[s]) for s in blijft] == [_own(voor[s]) for s in blijft]
    assert sum(bool(voor[s]["sociaal_beheer_label"]) for s in blijft) > 500
    # With half of the window covered there is a figure still; with less it is unknown.
    overlast = [s for s in voor if s[4] == "OVL" and s[3] >= GAT and na[s]["sociaal_beheer_label"]]
    assert {s[3] for s in overlast} <= {"2025-01-01", "2025-04-01", "2025-07-01"}
