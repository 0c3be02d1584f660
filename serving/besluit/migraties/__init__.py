"""Migrations of the decisions store (alembic), run when the store is opened."""
