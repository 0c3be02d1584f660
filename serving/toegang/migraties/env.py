"""What alembic runs: the migrations of this store (``serving.opslag.run_migrations``)."""

from __future__ import annotations

from serving.opslag import run_migrations
from serving.toegang.tabellen import metadata

run_migrations(metadata)
