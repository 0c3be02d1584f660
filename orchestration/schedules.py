"""When the refresh runs by itself."""

from __future__ import annotations

import dagster as dg

from orchestration.jobs import VERVERSING


def build_schedules() -> list[dg.ScheduleDefinition]:
    """Return the monthly refresh: the second of the month, when deliveries are in."""
    return [
        dg.ScheduleDefinition(
            name="verversing_maandelijks",
            job_name=VERVERSING,
            cron_schedule="0 6 2 * *",
            execution_timezone="Europe/Amsterdam",
            description="Elke maand op de tweede, om zes uur 's ochtends.",
        )
    ]
