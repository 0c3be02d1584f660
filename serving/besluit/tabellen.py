"""The tables of the decisions store, for the queries and for checking the migrations.

Rows are only ever added. A confirmation, a withdrawal, a decision on a row of a worklist and
what came of it are rows of their own; a trigger refuses an update (``migraties``). Rows go only
when their retention is over.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from serving.opslag import Moment, make_metadata

metadata: Final = make_metadata()

DUIDING: Final = Table(
    "duiding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("niveau", String(8), nullable=False),
    Column("beheerobject_id", String(64), nullable=False),
    Column("delta", SmallInteger, nullable=False),
    Column("reden_code", String(40), nullable=False),
    Column("toelichting", String(500), nullable=False),
    Column("door", String(80), nullable=False),
    Column("ingaand_peildatum", Date, nullable=False),
    Column("vervalt_na", Date, nullable=False),
    Column("is_tweede_nodig", Boolean, nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Column("model_label", SmallInteger, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("gepubliceerd_peildatum", Date, nullable=False),
    CheckConstraint("delta in (-1, 1)", name="delta"),
    CheckConstraint("model_label + delta between 1 and 5", name="label_na_duiding"),
    CheckConstraint("ingaand_peildatum > gepubliceerd_peildatum", name="niet_achteraf"),
    Index(None, "niveau", "beheerobject_id"),
)
"""Eén rij per duiding zoals zij is vastgelegd."""

STAP: Final = Table(
    "duiding_stap",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("duiding_id", Integer, ForeignKey("duiding.id"), nullable=False),
    Column("soort", String(12), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("gepubliceerd_peildatum", Date, nullable=False),
    CheckConstraint("soort in ('bevestigd', 'ingetrokken')", name="soort"),
    UniqueConstraint("duiding_id", "soort"),
)
"""Eén rij per bevestiging of intrekking van een duiding."""

WERKLIJST: Final = Table(
    "werklijst",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", String(12), nullable=False),
    Column("peildatum", Date, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("scoreversie", String(64), nullable=False),
    Column("k", Integer, nullable=False),
    Column("capaciteit", Integer, nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
    UniqueConstraint("model", "peildatum"),
)
"""Eén rij per werklijst: een model op een peildatum."""

WERKLIJSTREGEL: Final = Table(
    "werklijstregel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("werklijst_id", Integer, ForeignKey("werklijst.id"), nullable=False),
    Column("complex_id", String(64), nullable=False),
    Column("baan", String(8), nullable=False),
    Column("selectiekans", Double, nullable=False),
    Column("volgorde", Integer),
    Column("rang", Integer),
    Column("kans", Double),
    Column("band", String(20)),
    Column("redenen", Text, nullable=False),
    Column("is_onthouden", Boolean, nullable=False),
    Column("aantal_adressen", Integer, nullable=False),
    CheckConstraint("baan in ('model', 'aselect')", name="baan"),
    CheckConstraint("selectiekans > 0 and selectiekans <= 1", name="selectiekans"),
    CheckConstraint("is_onthouden = (volgorde is null)", name="onthouden_of_getoond"),
    UniqueConstraint("werklijst_id", "complex_id", "baan"),
    Index(None, "complex_id"),
)
"""Eén rij per complex en baan op een werklijst, zoals gekozen."""

BEOORDELING: Final = Table(
    "beoordeling",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("werklijstregel_id", Integer, ForeignKey("werklijstregel.id"), nullable=False),
    Column("oordeel", String(12), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    UniqueConstraint("werklijstregel_id", "door"),
)
"""Eén rij per eigen oordeel over een regel, gegeven vóór baan en score te zien waren."""

BESLUIT: Final = Table(
    "besluit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("werklijstregel_id", Integer, ForeignKey("werklijstregel.id"), nullable=False),
    Column("keuze", String(14), nullable=False),
    Column("reden_code", String(40), nullable=False),
    Column("toelichting", String(500), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Column("release_id", String(64), nullable=False),
    Column("scoreversie", String(64), nullable=False),
    Column("rang", Integer),
    Column("kans", Double),
    CheckConstraint("keuze in ('opvolgen', 'niet_opvolgen')", name="keuze"),
    UniqueConstraint("werklijstregel_id"),
)
"""Eén rij per besluit over een regel, met de score die toen gold."""

UITKOMST: Final = Table(
    "uitkomst",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("werklijstregel_id", Integer, ForeignKey("werklijstregel.id"), nullable=False),
    Column("adresnummer", Integer, nullable=False),
    Column("uitkomst_code", String(20), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    Index(None, "werklijstregel_id"),
)
"""Eén rij per vastgelegde uitkomst van een regel; de jongste per adresnummer geldt."""

MODELSTAND: Final = Table(
    "modelstand",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", String(12), nullable=False),
    Column("stand", String(10), nullable=False),
    Column("reden", String(500), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
    CheckConstraint("stand in ('gestopt', 'in_gebruik')", name="stand"),
)
"""Eén rij per keer dat een model is stilgezet of weer gestart; de jongste geldt."""

MODELTEKENING: Final = Table(
    "modeltekening",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model", String(12), nullable=False),
    Column("modelversie", String(64), nullable=False),
    Column("kampioen", String(64), nullable=False),
    Column("reden", String(500), nullable=False),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    CheckConstraint("model in ('overlast', 'woonfraude')", name="model"),
    UniqueConstraint("model", "modelversie", "kampioen"),
)
"""Eén rij per handtekening onder een lijst die sterk verandert: deze versie na deze kampioen."""

PREVENTIEMAATREGEL: Final = Table(
    "preventiemaatregel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("complex_id", String(64), nullable=False),
    Column("soort_code", String(20), nullable=False),
    Column("begindatum", Date, nullable=False),
    Column("einddatum", Date),
    Column("door", String(80), nullable=False),
    Column("vastgelegd_op", Moment, nullable=False),
    CheckConstraint(
        "soort_code in ('voorlichting', 'huisbezoek', 'sleutelbeheer', 'mutatiecontrole')",
        name="soort_code",
    ),
    CheckConstraint("einddatum is null or einddatum >= begindatum", name="periode"),
    Index(None, "complex_id"),
)
"""Eén rij per preventiemaatregel tegen woonfraude in een complex; leeg einde = loopt door."""
