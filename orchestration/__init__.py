"""The whole line drawn and run: Dagster definitions and the command line.

Belongs here: assets, checks, jobs, schedules, sensors, the run lock, progress, settings, and
the commands. The only room that knows all others.
Does not belong here: reading deliveries (``sources``), rules of a gate (``expectations``),
computing a label (``dbt_project``), what an answer says (``serving``).
"""
