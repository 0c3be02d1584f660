"""What the rule rests on: dwellings counted once, last year's file taken only when it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.budget.bron import BudgetbestandFout, parse_vorig, read_bezit, read_vorig
from serving.release.winkel import open_release

KOP = "jaar;niveau;gebied_id;bedrag_eur\n"


def test_dwellings_of_a_beheercluster_count_once_with_its_label(budget_map: Path) -> None:
    huidig = (budget_map / "CURRENT").read_text().strip()
    with open_release(budget_map / huidig) as uitgave:
        bezit = read_bezit(uitgave, "buurt")

    # C004 is the cluster (label 2) of C007 and C008, 11 dwellings each; C008 lies in no buurt.
    assert dict(bezit.woningen) == {
        "-": (0, 0, 11, 0, 0, 0),
        "BU01": (0, 0, 0, 0, 36, 84),
        "BU02": (0, 0, 11, 120, 0, 0),
        "BU03": (12, 61, 0, 0, 0, 0),
    }
    assert bezit.aantal_woningen == 335
    assert [(rij.id, rij.gebied_id, rij.woningen) for rij in bezit.onbekend] == [
        ("C006", "BU03", 12)
    ]
    assert bezit.namen["-"] == "Zonder buurt"


def test_budget_of_last_year_is_read_by_area() -> None:
    vorig = parse_vorig((KOP + "2025;wijk;WK01;1200\n2025;wijk; WK02 ;0\n").encode("utf-8-sig"))

    assert (vorig.jaar, vorig.niveau, dict(vorig.bedragen)) == (
        2025, "wijk", {"WK01": 1200, "WK02": 0},
    )  # fmt: skip
    assert vorig.totaal == 1200


def test_without_a_file_there_is_no_budget_of_last_year(tmp_path: Path) -> None:
    assert read_vorig(tmp_path / "budget.csv") is None


@pytest.mark.parametrize(
    ("inhoud", "zin"),
    [
        ("", "andere kolommen"),
        ("gebied;bedrag\nA;1\n", "andere kolommen"),
        (KOP, "geen of meer dan één jaar"),
        (KOP + "2025;wijk;A;1\n2024;wijk;B;1\n", "geen of meer dan één jaar"),
        (KOP + "2025;wijk;A;1\n2025;buurt;B;1\n", "geen of meer dan één jaar of niveau"),
        (KOP + "2025;wijk;A;1\n2025;wijk;A;1\n", "regel 3"),
        (KOP + "2025;wijk;;1\n", "regel 2 geen gebied"),
        (KOP + "2025;stad;A;1\n", "regel 2 geen niveau"),
        (KOP + "2025;wijk;A;12,50\n", "regel 2 geen heel getal"),
        (KOP + "2025;wijk;A;-1\n", "regel 2 geen heel getal"),
        (KOP + "2025;wijk;A;9999999999999\n", "regel 2 geen heel getal"),
        (KOP + "2025;wijk;A\n", "regel 2 te veel of te weinig"),
        (KOP + "2025;wijk;A;1;2\n", "regel 2 te veel of te weinig"),
        (KOP + '2025;wijk;"A;1\n', "geen CSV"),
    ],
)
def test_file_that_is_not_right_is_refused_with_its_line(inhoud: str, zin: str) -> None:
    with pytest.raises(BudgetbestandFout, match=zin) as fout:
        parse_vorig(inhoud.encode())
    assert "jaar;niveau;gebied_id;bedrag_eur" in fout.value.verwacht


def test_file_of_other_bytes_than_text_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BudgetbestandFout, match="UTF-8"):
        parse_vorig(KOP.encode() + b"2025;wijk;\xff;1\n")
    (tmp_path / "budget.csv").write_bytes(b"x" * 2_000_001)
    with pytest.raises(BudgetbestandFout, match="meer dan"):
        read_vorig(tmp_path / "budget.csv")
    with pytest.raises(BudgetbestandFout, match="niet te lezen"):
        read_vorig(tmp_path)
