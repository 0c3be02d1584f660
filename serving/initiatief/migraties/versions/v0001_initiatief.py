"""The initiatives and their states."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables, and refuse that a row of them is changed."""
    op.create_table(
        "initiatief",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("herkomst", sa.String(8), nullable=False),
        sa.Column("bron_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_initiatief"),
        sa.CheckConstraint("herkomst in ('register', 'levering')", name="herkomst"),
        sa.UniqueConstraint("herkomst", "bron_id", name="uq_initiatief_herkomst_bron_id"),
    )
    op.create_table(
        "initiatief_stand",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("initiatief_id", sa.Integer, nullable=False),
        sa.Column("naam", sa.String(80), nullable=False),
        sa.Column("thema_code", sa.String(20)),
        sa.Column("niveau", sa.String(8), nullable=False),
        sa.Column("beheerobject_id", sa.String(64), nullable=False),
        sa.Column("buurt_id", sa.String(64), nullable=False),
        sa.Column("bedrag_cent", sa.Integer),
        sa.Column("status_code", sa.String(12), nullable=False),
        sa.Column("begindatum", sa.Date, nullable=False),
        sa.Column("einddatum", sa.Date),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_initiatief_stand"),
        sa.ForeignKeyConstraint(
            ["initiatief_id"], ["initiatief.id"], name="fk_initiatief_stand_initiatief_id"
        ),
        sa.CheckConstraint("niveau in ('complex', 'buurt')", name="niveau"),
        sa.CheckConstraint("einddatum is null or einddatum >= begindatum", name="periode"),
    )
    op.create_index("ix_initiatief_stand_initiatief_id", "initiatief_stand", ["initiatief_id"])
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        op.execute(
            "create function weiger_wijziging_initiatief() returns trigger language plpgsql as "
            "$$ begin raise exception 'een stand wordt niet gewijzigd'; end $$"
        )
    for tabel in ("initiatief", "initiatief_stand"):
        op.execute(_refuse_update(tabel, dialect))


def _refuse_update(tabel: str, dialect: str) -> str:
    if dialect == "postgresql":
        return (
            f"create trigger {tabel}_blijft before update on {tabel} "
            "for each row execute function weiger_wijziging_initiatief()"
        )
    return (
        f"create trigger {tabel}_blijft before update on {tabel} "
        "begin select raise(abort, 'een stand wordt niet gewijzigd'); end"
    )
