"""The tables of the decisions store, for the queries and for checking the migrations.

Rows are only ever added. A confirmation and a withdrawal are rows of their own; a trigger
refuses an update (``migraties``). Rows go only when their retention is over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite itself forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


DUIDING: Final = Table(
    "duiding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("niveau", String(8), nullable=False),
    Column("beheerobject_id", String(64), nullable=False),
    Column("delta", SmallInteger, nullable=False),
    Column("reden_code", String(40), nullable=False),
    Column("toelichting", String(500), nullable=False),
    Column("door", String(80), nullable=False),
    Column("ingaand_peildatum", Date, nullable=False),
    Column("vervalt_na", Date, nullable=False),
    Column("is_tweede_nodig", Boolean, nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Column("model_label", SmallInteger, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("gepubliceerd_peildatum", Date, nullable=False),
    CheckConstraint("delta in (-1, 1)", name="delta"),
    CheckConstraint("model_label + delta between 1 and 5", name="label_na_duiding"),
    CheckConstraint("ingaand_peildatum > gepubliceerd_peildatum", name="niet_achteraf"),
    Index(None, "niveau", "beheerobject_id"),
)
"""Eén rij per duiding zoals zij is vastgelegd."""

STAP: Final = Table(
    "duiding_stap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("duiding_id", Integer, ForeignKey("duiding.id"), nullable=False),
    Column("soort", String(12), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("gepubliceerd_peildatum", Date, nullable=False),
    CheckConstraint("soort in ('bevestigd', 'ingetrokken')", name="soort"),
    UniqueConstraint("duiding_id", "soort"),
)
"""Eén rij per bevestiging of intrekking van een duiding."""
