"""How the store of keys came to be, step by step (alembic)."""
