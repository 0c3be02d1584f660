"""The tables of the register, for the queries and for checking the migrations.

Rows are only ever added: a change is a new state of the same initiative.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from serving.opslag import Moment, make_metadata

VERSIETABEL: Final = "initiatief_versie"
"""Alembic's own table, so that this store can lie in the database of the decisions."""

metadata: Final = make_metadata()

INITIATIEF: Final = Table(
    "initiatief",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("herkomst", String(8), nullable=False),
    Column("bron_id", String(64), nullable=False),
    CheckConstraint("herkomst in ('register', 'levering')", name="herkomst"),
    UniqueConstraint("herkomst", "bron_id"),
)
"""Eén rij per bewonersinitiatief."""

STAND: Final = Table(
    "initiatief_stand",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("initiatief_id", Integer, ForeignKey("initiatief.id"), nullable=False),
    Column("naam", String(80), nullable=False),
    Column("thema_code", String(20)),
    Column("niveau", String(8), nullable=False),
    Column("beheerobject_id", String(64), nullable=False),
    Column("buurt_id", String(64), nullable=False),
    Column("bedrag_cent", Integer),
    Column("status_code", String(12), nullable=False),
    Column("begindatum", Date, nullable=False),
    Column("einddatum", Date),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    CheckConstraint("niveau in ('complex', 'buurt')", name="niveau"),
    CheckConstraint("einddatum is null or einddatum >= begindatum", name="periode"),
    Index(None, "initiatief_id"),
)
"""Eén rij per keer dat een initiatief is vastgelegd of veranderd; de jongste geldt. Het bedrag is
in centen: SQLite kent geen decimale getallen."""
