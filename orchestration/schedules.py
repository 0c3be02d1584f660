"""When a refresh and a purge run by themselves."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.leveringen import TIJDZONE
from orchestration.jobs import OPSCHONEN, VERVERSING


def build_schedules() -> list[dg.ScheduleDefinition]:
    """Return the refresh, monthly when deliveries are in, and the purge, every night."""
    return [
        dg.ScheduleDefinition(
            name="verversing_maandelijks",
            job_name=VERVERSING,
            cron_schedule="0 6 2 * *",
            execution_timezone=TIJDZONE,
            description="Elke maand op de tweede, om zes uur 's ochtends.",
        ),
        dg.ScheduleDefinition(
            name="opschonen_nachtelijk",
            job_name=OPSCHONEN,
            cron_schedule="30 3 * * *",
            execution_timezone=TIJDZONE,
            description="Elke nacht om half vier: wat voorbij zijn bewaartermijn is, gaat weg.",
            default_status=dg.DefaultScheduleStatus.RUNNING,
        ),
    ]
