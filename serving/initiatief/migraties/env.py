"""What alembic runs: the migrations, on the connection and in the transaction it is given."""

from __future__ import annotations

from alembic import context

from serving.initiatief.tabellen import VERSIETABEL, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIETABEL,
    # SQLite, too, makes or leaves a table in one piece; alembic does not assume so by itself.
    transactional_ddl=True,
)
context.run_migrations()
