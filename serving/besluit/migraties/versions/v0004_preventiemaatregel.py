"""Preventiemaatregelen against woonfraude, as people record them on the worklist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table, and refuse that a row of it is changed."""
    op.create_table(
        "preventiemaatregel",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("complex_id", sa.String(64), nullable=False),
        sa.Column("soort_code", sa.String(20), nullable=False),
        sa.Column("begindatum", sa.Date, nullable=False),
        sa.Column("einddatum", sa.Date),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preventiemaatregel"),
        sa.CheckConstraint(
            "soort_code in ('voorlichting', 'huisbezoek', 'sleutelbeheer', 'mutatiecontrole')",
            name="soort_code",
        ),
        sa.CheckConstraint("einddatum is null or einddatum >= begindatum", name="periode"),
    )
    op.create_index("ix_preventiemaatregel_complex_id", "preventiemaatregel", ["complex_id"])
    op.execute(
        "create trigger preventiemaatregel_blijft before update on preventiemaatregel "
        "for each row execute function weiger_wijziging()"
        if op.get_context().dialect.name == "postgresql"
        else "create trigger preventiemaatregel_blijft before update on preventiemaatregel "
        "begin select raise(abort, 'een besluit wordt niet gewijzigd'); end"
    )
