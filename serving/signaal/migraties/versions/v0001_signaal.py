"""The signals, their follow-up, the counts and the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# What may never be changed; `inhoud` and `sleutel` are written anew when the key is.
_BLIJFT = {
    "signaal": ("id", "kenmerk", "gemeld_op"),
    "signaal_stap": ("id", "signaal_id", "status", "op"),
    "telkwartaal": ("kwartaal", "geteld_op"),
    "telling": ("id", "kwartaal", "buurt_id", "aantal"),
    "signaallog": ("id", "tijdstip", "wie", "handeling", "kenmerk", "vorige", "hash"),
}


def upgrade() -> None:
    """Make the tables, and refuse that what was recorded is changed."""
    op.create_table(
        "signaal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kenmerk", sa.String(16), nullable=False),
        sa.Column("gemeld_op", sa.Date, nullable=False),
        sa.Column("inhoud", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signaal"),
        sa.UniqueConstraint("kenmerk", name="uq_signaal_kenmerk"),
    )
    op.create_table(
        "signaal_stap",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("signaal_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("op", sa.Date, nullable=False),
        sa.Column("inhoud", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signaal_stap"),
        sa.ForeignKeyConstraint(["signaal_id"], ["signaal.id"], name="fk_signaal_stap_signaal_id"),
        sa.CheckConstraint("status in ('opgepakt', 'afgesloten')", name="status"),
        sa.UniqueConstraint("signaal_id", "status", name="uq_signaal_stap_signaal_id_status"),
    )
    op.create_table(
        "telkwartaal",
        sa.Column("kwartaal", sa.Date, nullable=False),
        sa.Column("geteld_op", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("kwartaal", name="pk_telkwartaal"),
    )
    op.create_table(
        "telling",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kwartaal", sa.Date, nullable=False),
        sa.Column("buurt_id", sa.String(64), nullable=False),
        sa.Column("aantal", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_telling"),
        sa.ForeignKeyConstraint(["kwartaal"], ["telkwartaal.kwartaal"], name="fk_telling_kwartaal"),
        sa.CheckConstraint("aantal >= 10", name="minimum"),
        sa.UniqueConstraint("kwartaal", "buurt_id", name="uq_telling_kwartaal_buurt_id"),
    )
    op.create_table(
        "signaallog",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("tijdstip", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wie", sa.String(80), nullable=False),
        sa.Column("handeling", sa.String(20), nullable=False),
        sa.Column("kenmerk", sa.String(16), nullable=False),
        sa.Column("vorige", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signaallog"),
    )
    op.create_table(
        "signaallog_kop",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sleutel", sa.Text, nullable=False),
        sa.Column("begin", sa.String(64), nullable=False),
        sa.Column("aantal", sa.Integer, nullable=False),
        sa.Column("laatste", sa.String(64), nullable=False),
        sa.Column("zegel", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signaallog_kop"),
    )
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        op.execute(
            "create function weiger_wijziging_signaal() returns trigger language plpgsql as "
            "$$ begin raise exception 'een signaal wordt niet gewijzigd'; end $$"
        )
    for tabel, kolommen in _BLIJFT.items():
        op.execute(_refuse_update(tabel, kolommen, dialect))


def _refuse_update(tabel: str, kolommen: tuple[str, ...], dialect: str) -> str:
    begin = f"create trigger {tabel}_blijft before update of {', '.join(kolommen)} on {tabel} "
    if dialect == "postgresql":
        return f"{begin}for each row execute function weiger_wijziging_signaal()"
    return f"{begin}begin select raise(abort, 'een signaal wordt niet gewijzigd'); end"
