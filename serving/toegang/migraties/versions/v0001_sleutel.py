"""The keys, and which of them were revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TABELLEN = ("sleutel", "intrekking")


def upgrade() -> None:
    """Make both tables, and refuse that a row of them is changed."""
    op.create_table(
        "sleutel",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("vingerafdruk", sa.String(64), nullable=False),
        sa.Column("naam", sa.String(80), nullable=False),
        sa.Column("organisatie", sa.String(80), nullable=False),
        sa.Column("rollen", sa.String(400), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("uitgegeven_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vervalt_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sleutel"),
        sa.UniqueConstraint("vingerafdruk", name="uq_sleutel_vingerafdruk"),
    )
    op.create_table(
        "intrekking",
        sa.Column("sleutel_id", sa.Integer, nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("ingetrokken_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sleutel_id", name="pk_intrekking"),
        sa.ForeignKeyConstraint(["sleutel_id"], ["sleutel.id"], name="fk_intrekking_sleutel_id"),
    )
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        op.execute(
            "create function weiger_wijziging_sleutel() returns trigger language plpgsql as "
            "$$ begin raise exception 'een sleutel wordt niet gewijzigd'; end $$"
        )
    for tabel in _TABELLEN:
        op.execute(_refuse_update(tabel, dialect))


def _refuse_update(tabel: str, dialect: str) -> str:
    if dialect == "postgresql":
        return (
            f"create trigger {tabel}_blijft before update on {tabel} "
            "for each row execute function weiger_wijziging_sleutel()"
        )
    return (
        f"create trigger {tabel}_blijft before update on {tabel} "
        "begin select raise(abort, 'een sleutel wordt niet gewijzigd'); end"
    )
