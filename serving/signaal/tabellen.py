"""The tables of the store of Sociale Signalen, for the queries and for checking the migrations.

In the clear: a reference, a day, a status. Everything else of a signal is in ``inhoud``,
encrypted. Rows are added and removed; triggers refuse any change but of ``inhoud``, which a
rotation of the key writes anew.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from serving.opslag import Moment, make_metadata

metadata: Final = make_metadata()

SIGNAAL: Final = Table(
    "signaal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kenmerk", String(16), nullable=False),
    Column("gemeld_op", Date, nullable=False),
    Column("inhoud", Text, nullable=False),
    UniqueConstraint("kenmerk"),
)
"""Eén rij per melding; wat er gemeld is staat versleuteld in `inhoud`."""

STAP: Final = Table(
    "signaal_stap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("signaal_id", Integer, ForeignKey("signaal.id"), nullable=False),
    Column("status", String(12), nullable=False),
    Column("op", Date, nullable=False),
    Column("inhoud", Text, nullable=False),
    CheckConstraint("status in ('opgepakt', 'afgesloten')", name="status"),
    UniqueConstraint("signaal_id", "status"),
)
"""Eén rij per stap in de opvolging; de reden staat versleuteld in `inhoud`."""

KWARTAAL: Final = Table(
    "telkwartaal",
    metadata,
    Column("kwartaal", Date, primary_key=True),
    Column("geteld_op", Date, nullable=False),
)
"""Eén rij per kwartaal dat geteld is; dat gebeurt één keer."""

TELLING: Final = Table(
    "telling",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kwartaal", Date, ForeignKey("telkwartaal.kwartaal"), nullable=False),
    Column("buurt_id", String(64), nullable=False),
    Column("aantal", Integer, nullable=False),
    CheckConstraint("aantal >= 10", name="minimum"),
    UniqueConstraint("kwartaal", "buurt_id"),
)
"""Eén rij per kwartaal en buurt met ten minste tien signalen, afgerond."""

LOG: Final = Table(
    "signaallog",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tijdstip", Moment, nullable=False),
    Column("wie", String(80), nullable=False),
    Column("handeling", String(20), nullable=False),
    Column("kenmerk", String(16), nullable=False),
    Column("vorige", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Eén rij per keer dat iemand iets meldde, las, opvolgde of verwijderde."""

LOGKOP: Final = Table(
    "signaallog_kop",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sleutel", Text, nullable=False),
    Column("begin", String(64), nullable=False),
    Column("aantal", Integer, nullable=False),
    Column("laatste", String(64), nullable=False),
    Column("zegel", String(64), nullable=False),
)
"""Eén rij: waar de keten van het log begint en eindigt, en haar sleutel (versleuteld)."""
