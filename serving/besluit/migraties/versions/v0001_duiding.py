"""The duidingen, and their confirmations and withdrawals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TABELLEN = ("duiding", "duiding_stap")


def upgrade() -> None:
    """Make both tables, and refuse that a row of them is changed."""
    op.create_table(
        "duiding",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("niveau", sa.String(8), nullable=False),
        sa.Column("beheerobject_id", sa.String(64), nullable=False),
        sa.Column("delta", sa.SmallInteger, nullable=False),
        sa.Column("reden_code", sa.String(40), nullable=False),
        sa.Column("toelichting", sa.String(500), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("ingaand_peildatum", sa.Date, nullable=False),
        sa.Column("vervalt_na", sa.Date, nullable=False),
        sa.Column("is_tweede_nodig", sa.Boolean, nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_label", sa.SmallInteger, nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.Column("gepubliceerd_peildatum", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duiding"),
        sa.CheckConstraint("delta in (-1, 1)", name="delta"),
        sa.CheckConstraint("model_label + delta between 1 and 5", name="label_na_duiding"),
        sa.CheckConstraint("ingaand_peildatum > gepubliceerd_peildatum", name="niet_achteraf"),
    )
    op.create_index("ix_duiding_niveau_beheerobject_id", "duiding", ["niveau", "beheerobject_id"])
    op.create_table(
        "duiding_stap",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("duiding_id", sa.Integer, nullable=False),
        sa.Column("soort", sa.String(12), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.Column("gepubliceerd_peildatum", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duiding_stap"),
        sa.ForeignKeyConstraint(["duiding_id"], ["duiding.id"], name="fk_duiding_stap_duiding_id"),
        sa.CheckConstraint("soort in ('bevestigd', 'ingetrokken')", name="soort"),
        sa.UniqueConstraint("duiding_id", "soort", name="uq_duiding_stap_duiding_id_soort"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "create function weiger_wijziging() returns trigger language plpgsql as "
            "$$ begin raise exception 'een besluit wordt niet gewijzigd'; end $$"
        )
    for tabel in _TABELLEN:
        op.execute(_refuse_update(tabel, op.get_context().dialect.name))


def _refuse_update(tabel: str, dialect: str) -> str:
    if dialect == "postgresql":
        return (
            f"create trigger {tabel}_blijft before update on {tabel} "
            "for each row execute function weiger_wijziging()"
        )
    return (
        f"create trigger {tabel}_blijft before update on {tabel} "
        "begin select raise(abort, 'een besluit wordt niet gewijzigd'); end"
    )
