"""Decisions of people, kept apart from releases: the duidingen now, worklist decisions later.

Belongs here: what may be decided (``duiding``, pure functions), the store that keeps it
(``register``, on SQLite or PostgreSQL), its tables and their migrations.
Does not belong here: HTTP (``serving.api``), HTML (``serving.pagina``), adding a duiding to a
label (``dbt_project``). Names and texts stay here: none of them reaches a release.
"""
