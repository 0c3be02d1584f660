"""The tables of the store of keys, for the queries and for checking the migrations.

The key itself is nowhere: its hash under a secret that is kept elsewhere is. Rows are added and
never changed; that a key was revoked is a row of its own.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from serving.opslag import Moment, make_metadata

metadata: Final = make_metadata()

SLEUTEL: Final = Table(
    "sleutel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("vingerafdruk", String(64), nullable=False),
    Column("naam", String(80), nullable=False),
    Column("organisatie", String(80), nullable=False),
    Column("rollen", String(400), nullable=False),
    Column("door", String(80), nullable=False),
    Column("uitgegeven_op", Moment, nullable=False),
    Column("vervalt_op", Moment, nullable=False),
    Column("persoon", String(80)),
    UniqueConstraint("vingerafdruk"),
)
"""Eén rij per uitgegeven sleutel: van wie, met welke rollen, tot wanneer. ``persoon`` is de naam
waaronder iemand zich ook zonder deze sleutel aanmeldt."""

INTREKKING: Final = Table(
    "intrekking",
    metadata,
    Column("sleutel_id", Integer, ForeignKey("sleutel.id"), primary_key=True),
    Column("door", String(80), nullable=False),
    Column("ingetrokken_op", Moment, nullable=False),
)
"""Eén rij per ingetrokken sleutel."""

AFMELDING: Final = Table(
    "afmelding",
    metadata,
    Column("vingerafdruk", String(64), primary_key=True),
    Column("vervalt_op", Moment, nullable=False),
)
"""Eén rij per sessie die is afgemeld voordat zij vanzelf ophield: een afdruk, niet van wie."""
