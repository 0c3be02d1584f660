"""What starts by itself, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.assets.bewaartermijn import build_bewaartermijn
from orchestration.assets.release import build_release_assets
from orchestration.jobs import OPSCHONEN, VERVERSING
from orchestration.schedules import build_schedules

SCHEMAS = {schema.name: schema for schema in build_schedules()}
ZOMER = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("naam", "job"),
    [("verversing_maandelijks", VERVERSING), ("opschonen_nachtelijk", OPSCHONEN)],
)
def test_schedule_asks_for_one_run_of_its_job(naam: str, job: str) -> None:
    with dg.build_schedule_context(scheduled_execution_time=ZOMER) as context:
        uit = SCHEMAS[naam].evaluate_tick(context)
    assert SCHEMAS[naam].job_name == job
    assert len(uit.run_requests or ()) == 1
    assert not uit.skip_message


def test_purge_runs_every_night_by_itself_and_the_refresh_when_it_is_switched_on() -> None:
    aan = {
        naam
        for naam, schema in SCHEMAS.items()
        if schema.default_status == dg.DefaultScheduleStatus.RUNNING
    }
    assert aan == {"opschonen_nachtelijk"}


@pytest.mark.parametrize(
    ("key", "assets"),
    [
        ("release", build_release_assets()),
        ("bewaartermijn", [build_bewaartermijn()]),
    ],
    ids=["release", "bewaartermijn"],
)
def test_what_a_schedule_makes_is_overdue_when_the_schedule_did_not_run(
    key: str, assets: list[dg.AssetsDefinition]
) -> None:
    specs = {spec.key.to_user_string(): spec for asset in assets for spec in asset.specs}
    beleid = specs[key].freshness_policy
    assert beleid is not None
    assert beleid.timezone == "Europe/Amsterdam"  # type: ignore[attr-defined]
