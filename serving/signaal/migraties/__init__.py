"""Migrations of the store of Sociale Signalen (alembic), run when the store is opened."""
