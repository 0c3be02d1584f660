"""Sessions that were ended before their hours were over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table, and refuse that a row of it is changed."""
    op.create_table(
        "afmelding",
        sa.Column("vingerafdruk", sa.String(64), nullable=False),
        sa.Column("vervalt_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("vingerafdruk", name="pk_afmelding"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "create trigger afmelding_blijft before update on afmelding "
            "for each row execute function weiger_wijziging_sleutel()"
        )
    else:
        op.execute(
            "create trigger afmelding_blijft before update on afmelding "
            "begin select raise(abort, 'een afmelding wordt niet gewijzigd'); end"
        )
