"""Whatever starts work in a data folder, one works at a time."""

# No `from __future__ import annotations`: Dagster reads the types of what it calls.
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration.bewaren import Opschoner
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.slot import RunBezig, hold_slot
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang


@dg.op
def werk(werkplaats: Werkplaats) -> None:
    with pytest.raises(RunBezig), hold_slot(werkplaats.map.slot):
        pass


@dg.job
def run() -> None:
    werk()


def run_in_dagster(data: Path) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return run.execute_in_process(
            resources={"werkplaats": Werkplaats(data=str(data), leveringen="x")},
            instance=instance,
        )


def test_run_of_dagster_keeps_everyone_out_and_is_kept_out_itself(tmp_path: Path) -> None:
    assert run_in_dagster(tmp_path).success
    with hold_slot(tmp_path / "run.slot"), pytest.raises(dg.DagsterError) as fout:
        run_in_dagster(tmp_path)
    assert isinstance(fout.value.__cause__, RunBezig)
    assert run_in_dagster(tmp_path).success


def test_run_of_the_command_line_is_refused_before_it_starts_up(tmp_path: Path) -> None:
    voortgang = Voortgang()
    with hold_slot(tmp_path / "run.slot"), pytest.raises(RunBezig):
        run_job("verversing", Instellingen(data=tmp_path), voortgang)
    assert voortgang.seconden == {}


def test_purge_is_refused_while_a_run_works(tmp_path: Path) -> None:
    opschoner = Opschoner(Instellingen(data=tmp_path), load_contract())
    with hold_slot(tmp_path / "run.slot"), pytest.raises(RunBezig):
        opschoner.purge(date(2026, 1, 1))
