"""Signatures for a model whose list differs much from the one in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and refuse that a row of it is changed."""
    op.create_table(
        "modeltekening",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(12), nullable=False),
        sa.Column("modelversie", sa.String(64), nullable=False),
        sa.Column("kampioen", sa.String(64), nullable=False),
        sa.Column("reden", sa.String(500), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_modeltekening"),
        sa.CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
        sa.UniqueConstraint(
            "model", "modelversie", "kampioen", name="uq_modeltekening_model_modelversie_kampioen"
        ),
    )
    op.execute(
        "create trigger modeltekening_blijft before update on modeltekening "
        "for each row execute function weiger_wijziging()"
        if op.get_context().dialect.name == "postgresql"
        else "create trigger modeltekening_blijft before update on modeltekening "
        "begin select raise(abort, 'een besluit wordt niet gewijzigd'); end"
    )
