"""A connection to somebody else's database that can only read, in one snapshot.

PostgreSQL: one transaction, REPEATABLE READ and READ ONLY, so that tables agree with each other.
SQLite: the file is opened with mode=ro. Of another kind of database nothing can be promised but
what its account may do; who calls is told so.

Belongs here: opening, reading only, whether the account could write. Does not belong here: what is
read (:mod:`sources.databank.lezer`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from sources.databank.fout import DatabankFout, explain, make_driverfout
from vera.errors import GebruikFout

WACHT_SECONDEN: Final = 10
"""So long a server may take to answer that it is there."""

_MAG_SCHRIJVEN: Final = text(
    "select (select rolsuper from pg_roles where rolname = current_user) or exists ("
    "select from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'p', 'v', 'f') "
    "and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%' "
    "and has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))"
)


def read_url(tekst: str, databank: str) -> URL:
    """Return the address of a database.

    Raises
    ------
    GebruikFout
        When it is no address. The message does not hold it.
    """
    try:
        return make_url(tekst)
    except (ArgumentError, ValueError):
        raise GebruikFout(
            f"Het adres van database {databank} is geen adres.",
            verwacht="postgresql+psycopg://gebruiker:wachtwoord@host/database of sqlite:///pad",
            remedie="verbeter BUURTPEIL_BRON_URLS of het bestand daarvan; tekens als @ en / in een "
            "wachtwoord worden %40 en %2F",
        ) from None


@contextmanager
def open_lezend(url: URL, databank: str) -> Iterator[Connection]:
    """Open a database for reading, in one snapshot that ends with the block.

    Parameters
    ----------
    url
        Its address.
    databank
        Its name, for messages.

    Raises
    ------
    DatabankWeg
        When it does not answer; trying again may help.
    DatabankFout, GebruikFout
        When it refuses, or there is no driver.
    """
    try:
        motor = _make_motor(url, databank)
    except (NoSuchModuleError, ImportError):
        raise make_driverfout(databank) from None
    try:
        try:
            verbinding = motor.connect()
        except SQLAlchemyError as fout:
            raise explain(fout, databank) from None
        with closing(verbinding):
            try:
                begin_lezend(verbinding)
            except SQLAlchemyError as fout:
                raise explain(fout, databank) from None
            yield verbinding
    finally:
        motor.dispose()


def begin_lezend(verbinding: Connection) -> None:
    """Begin the transaction that only reads."""
    soort = verbinding.dialect.name
    if soort == "postgresql":
        verbinding.execute(text("set transaction isolation level repeatable read, read only"))
    elif soort == "sqlite":
        verbinding.exec_driver_sql("pragma query_only = on")
        verbinding.exec_driver_sql("begin")


def describe_rechten(verbinding: Connection, databank: str) -> str:
    """Return a warning when the account may do more than read, or nobody can tell; else nothing."""
    soort = verbinding.dialect.name
    if soort == "sqlite":
        return ""  # opened for reading alone, whatever the file allows
    if soort != "postgresql":
        return (
            f"Of het account van database {databank} alleen mag lezen, is bij {soort} niet na te "
            "gaan. Laat de beheerder dat bevestigen."
        )
    try:
        mag: bool = verbinding.execute(_MAG_SCHRIJVEN).scalar_one()
    except SQLAlchemyError as fout:
        raise explain(fout, databank) from None
    if not mag:
        return ""
    return (
        f"Het account van database {databank} mag daar ook schrijven. Buurtpeil doet dat niet, "
        "maar vraag een account dat alleen de views mag lezen."
    )


def _make_motor(url: URL, databank: str) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _make_sqlite(url, databank)
    opties: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        opties = {"connect_timeout": WACHT_SECONDEN, "application_name": "buurtpeil"}
        opties = {naam: waarde for naam, waarde in opties.items() if naam not in url.query}
    # hide_parameters: what is asked may hold a value that says something of a row.
    return create_engine(url, poolclass=NullPool, connect_args=opties, hide_parameters=True)


def _make_sqlite(url: URL, databank: str) -> Engine:
    pad = Path(url.database or "").expanduser()
    if not url.database or not pad.is_file():
        raise DatabankFout(
            f"Het bestand van database {databank} is er niet.",
            verwacht="een SQLite-bestand op het pad van het adres",
            remedie="controleer het adres in BUURTPEIL_BRON_URLS of het bestand daarvan",
        )
    adres = f"file:{quote(str(pad.resolve()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        # Without a transaction of the driver's own: it is begun by hand.
        return sqlite3.connect(adres, uri=True, isolation_level=None, timeout=WACHT_SECONDEN)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
