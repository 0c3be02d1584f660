"""Worklists, what people say and decide about their rows, outcomes, and stopped models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TABELLEN = (
    "werklijst",
    "werklijstregel",
    "beoordeling",
    "besluit",
    "uitkomst",
    "modelstand",
)


def upgrade() -> None:
    """Make the tables, and refuse that a row of them is changed."""
    _create_lijsten()
    _create_oordelen()
    _create_modelstand()
    for tabel in _TABELLEN:
        op.execute(_refuse_update(tabel, op.get_context().dialect.name))


def _create_lijsten() -> None:
    op.create_table(
        "werklijst",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(12), nullable=False),
        sa.Column("peildatum", sa.Date, nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.Column("scoreversie", sa.String(64), nullable=False),
        sa.Column("k", sa.Integer, nullable=False),
        sa.Column("capaciteit", sa.Integer, nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_werklijst"),
        sa.CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
        sa.UniqueConstraint("model", "peildatum", name="uq_werklijst_model_peildatum"),
    )
    op.create_table(
        "werklijstregel",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("werklijst_id", sa.Integer, nullable=False),
        sa.Column("complex_id", sa.String(64), nullable=False),
        sa.Column("baan", sa.String(8), nullable=False),
        sa.Column("selectiekans", sa.Double, nullable=False),
        sa.Column("volgorde", sa.Integer),
        sa.Column("rang", sa.Integer),
        sa.Column("kans", sa.Double),
        sa.Column("band", sa.String(20)),
        sa.Column("redenen", sa.Text, nullable=False),
        sa.Column("is_onthouden", sa.Boolean, nullable=False),
        sa.Column("aantal_adressen", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_werklijstregel"),
        sa.ForeignKeyConstraint(
            ["werklijst_id"], ["werklijst.id"], name="fk_werklijstregel_werklijst_id"
        ),
        sa.CheckConstraint("baan in ('model', 'aselect')", name="baan"),
        sa.CheckConstraint("selectiekans > 0 and selectiekans <= 1", name="selectiekans"),
        sa.CheckConstraint("is_onthouden = (volgorde is null)", name="onthouden_of_getoond"),
        sa.UniqueConstraint(
            "werklijst_id",
            "complex_id",
            "baan",
            name="uq_werklijstregel_werklijst_id_complex_id_baan",
        ),
    )
    op.create_index("ix_werklijstregel_complex_id", "werklijstregel", ["complex_id"])


def _create_oordelen() -> None:
    op.create_table(
        "beoordeling",
        sa.Column("id", sa.Integer, nullable=False),
        _make_regel_id(),
        sa.Column("oordeel", sa.String(12), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_beoordeling"),
        _refer_regel("beoordeling"),
        sa.UniqueConstraint(
            "werklijstregel_id", "door", name="uq_beoordeling_werklijstregel_id_door"
        ),
    )
    op.create_table(
        "besluit",
        sa.Column("id", sa.Integer, nullable=False),
        _make_regel_id(),
        sa.Column("keuze", sa.String(14), nullable=False),
        sa.Column("reden_code", sa.String(40), nullable=False),
        sa.Column("toelichting", sa.String(500), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.String(64), nullable=False),
        sa.Column("scoreversie", sa.String(64), nullable=False),
        sa.Column("rang", sa.Integer),
        sa.Column("kans", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_besluit"),
        _refer_regel("besluit"),
        sa.CheckConstraint("keuze in ('opvolgen', 'niet_opvolgen')", name="keuze"),
        sa.UniqueConstraint("werklijstregel_id", name="uq_besluit_werklijstregel_id"),
    )
    op.create_table(
        "uitkomst",
        sa.Column("id", sa.Integer, nullable=False),
        _make_regel_id(),
        sa.Column("adresnummer", sa.Integer, nullable=False),
        sa.Column("uitkomst_code", sa.String(20), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uitkomst"),
        _refer_regel("uitkomst"),
    )
    op.create_index("ix_uitkomst_werklijstregel_id", "uitkomst", ["werklijstregel_id"])


def _create_modelstand() -> None:
    op.create_table(
        "modelstand",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("model", sa.String(12), nullable=False),
        sa.Column("stand", sa.String(10), nullable=False),
        sa.Column("reden", sa.String(500), nullable=False),
        sa.Column("door", sa.String(80), nullable=False),
        sa.Column("vastgelegd_op", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_modelstand"),
        sa.CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
        sa.CheckConstraint("stand in ('gestopt', 'in_gebruik')", name="stand"),
    )


def _make_regel_id() -> sa.Column[int]:
    return sa.Column("werklijstregel_id", sa.Integer, nullable=False)


def _refer_regel(tabel: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["werklijstregel_id"], ["werklijstregel.id"], name=f"fk_{tabel}_werklijstregel_id"
    )


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
