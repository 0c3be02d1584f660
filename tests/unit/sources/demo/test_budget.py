"""The demo's budget of last year can be divided anew, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

from serving.budget.bron import KOLOMMEN, read_vorig
from serving.budget.regel import Budgetregel, Gebied, compute_voorstel
from sources.demo.budget import BESTAND, JAAR, write_budget
from sources.demo.genereer import GeneratieVerslag


def make_woningen(aantal: int, label: int) -> tuple[int, int, int, int, int, int]:
    een, twee, drie, vier, vijf = (aantal if label == k else 0 for k in range(1, 6))
    return (0, een, twee, drie, vier, vijf)


def test_budget_of_last_year_is_one_that_the_service_reads(
    demo: GeneratieVerslag, tmp_path: Path
) -> None:
    write_budget(tmp_path / BESTAND, demo.budget)

    vorig = read_vorig(tmp_path / BESTAND)

    assert vorig is not None
    assert (vorig.jaar, vorig.niveau) == (JAAR, "wijk")
    assert dict(vorig.bedragen) == demo.budget
    assert 0.8 < vorig.totaal / (100 * demo.eenheden) < 1.2
    assert (tmp_path / BESTAND).read_text(encoding="utf-8").startswith(";".join(KOLOMMEN) + "\n")


def test_same_amount_can_be_divided_within_the_usual_limits(demo: GeneratieVerslag) -> None:
    # Every dwelling at label 3, but one wijk at 5 and one at 1: the limits hold, and may bind.
    gebieden = [
        Gebied(code, make_woningen(bedrag // 100, k), bedrag)
        for (code, bedrag), k in zip(
            demo.budget.items(), [5, 1] + [3] * len(demo.budget), strict=False
        )
    ]

    voorstel = compute_voorstel(sum(demo.budget.values()), gebieden, Budgetregel(), str)

    assert all(abs(deel.verschil) <= 0.2 * (deel.vorig or 0) for deel in voorstel.delen)


def test_budget_that_somebody_wrote_stays(demo: GeneratieVerslag, tmp_path: Path) -> None:
    pad = tmp_path / BESTAND
    pad.write_text("van mij", encoding="utf-8")

    write_budget(pad, demo.budget)

    assert pad.read_text(encoding="utf-8") == "van mij"


def test_budget_is_no_delivery(demo: GeneratieVerslag) -> None:
    assert demo.budget
    assert not list(demo.uit.rglob(BESTAND))
