"""Migrations of the register of bewonersinitiatieven (alembic), run when it is opened."""
