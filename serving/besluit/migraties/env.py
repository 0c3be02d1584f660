"""What alembic runs: the migrations of this store (``serving.opslag.run_migrations``)."""

from __future__ import annotations

from serving.besluit.tabellen import metadata
from serving.opslag import run_migrations

run_migrations(metadata)
