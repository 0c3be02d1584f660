"""Whose key it is, by the name under which they log in without it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; keys that are there already name nobody but their holder."""
    op.add_column("sleutel", sa.Column("persoon", sa.String(80), nullable=True))
