"""A store of our own tables: SQLite beside the releases by default, PostgreSQL by its URL.

Nothing is opened before the first question, and looking makes no file. What is written is judged
and written in one transaction that no other writer can enter, on either engine.

Belongs here: opening, locking, migrating. Does not belong here: what is kept; every store has a
folder of its own (``serving.besluit``: decisions of people) and says its :class:`Soort`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    MetaData,
    NullPool,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator

from vera.errors import BuurtpeilError, GebruikFout

_WACHT_MS: Final = 15_000
"""How long a writer waits for another one, in milliseconds."""


@dataclass(frozen=True)
class Soort:
    """What a store is, for opening it and for saying what is wrong with it.

    Parameters
    ----------
    naam
        What stands in it, as a reader says it: ``besluiten``.
    instelling
        The setting that says where it is.
    migraties
        Folder of its migrations.
    slot
        Number of PostgreSQL's advisory lock for writers; of no other store.
    fout
        What is raised when it cannot be reached or read.
    """

    naam: str
    instelling: str
    migraties: Path
    slot: int
    fout: type[BuurtpeilError]


WACHTTIJD_TABEL: Final = "10s"
"""So long a purge waits for a table that somebody reads; longer, and readers would wait for it."""
_VERLOREN: Final = text(
    "select format('%I.%I', schemaname, relname) from pg_stat_xact_user_tables "
    "where n_tup_del > 0 order by 1"
)
"""Tables of which this transaction removed rows."""


def url_of_file(pad: Path) -> str:
    """Return the URL of a SQLite store."""
    return URL.create("sqlite", database=str(pad)).render_as_string()


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite itself forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_metadata() -> MetaData:
    """Return the metadata of a store: every constraint has a name, the same on either engine."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def run_migrations(metadata: MetaData, versietabel: str = "alembic_version") -> None:
    """Run a store's migrations, for its ``env.py``: on the connection that alembic was given.

    Parameters
    ----------
    metadata
        Of the store's tables.
    versietabel
        Where alembic notes how far it is; its own name lets two stores share a database.
    """
    from alembic import context

    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=versietabel,
        # SQLite, too, makes or leaves a table in one piece; alembic does not assume so by itself.
        transactional_ddl=True,
    )
    context.run_migrations()


class Opslag:
    """The door to the store, for a register to build on.

    Parameters
    ----------
    url
        SQLAlchemy URL: ``sqlite:///…`` or ``postgresql+psycopg://…``.
    nu
        Gives the moment that is recorded.
    """

    soort: ClassVar[Soort]

    def __init__(self, url: str, *, nu: Callable[[], datetime] | None = None) -> None:
        self._url = _read_url(url, self.soort)
        self._nu = nu or (lambda: datetime.now(UTC))
        self._motor: Engine | None = None
        self._slot = threading.Lock()

    def close(self) -> None:
        """Let go of the connections."""
        if self._motor is not None:
            self._motor.dispose()

    @property
    def _bestand(self) -> Path | None:
        if self._url.get_backend_name() != "sqlite":
            return None
        return Path(str(self._url.database))

    @contextmanager
    def _look(self) -> Iterator[Connection | None]:
        """Read; None when nothing was ever decided, so that looking makes no file."""
        if self._bestand is not None and not self._bestand.exists():
            yield None
            return
        with _told(self.soort), self._open().connect() as verbinding:
            yield verbinding

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _told(self.soort), _write_alone(self._open(), self.soort) as verbinding:
            yield verbinding

    @contextmanager
    def _erase(self, *, dry_run: bool = False) -> Iterator[Connection]:
        """Write, and leave nothing of removed rows in the file or beside it.

        PostgreSQL keeps removed rows in the files of a table until something else needs the room;
        a table that lost rows is written anew. What its own log and backups hold is not ours.
        ``dry_run``: nothing will be removed.

        Raises
        ------
        BuurtpeilError
            Of the store; also when rows were removed and their table is in use, so that it could
            not be written anew.
        """
        verloren: list[str] = []
        with self._write() as verbinding:
            if verbinding.dialect.name == "sqlite":
                verbinding.exec_driver_sql("pragma secure_delete = on")
            yield verbinding
            if verbinding.dialect.name == "postgresql":
                verloren = list(verbinding.scalars(_VERLOREN))
        if not dry_run:
            self._forget_pages(verloren)

    def _forget_pages(self, tabellen: Sequence[str]) -> None:
        """Let go of pages from before a removal: SQLite's log, or PostgreSQL's tables by name."""
        if self._bestand is not None:
            with closing(sqlite3.connect(self._bestand)) as verbinding:
                verbinding.execute("pragma wal_checkpoint(truncate)")
        elif tabellen:
            with _told(self.soort), self._open().connect() as los:
                db = los.execution_options(isolation_level="AUTOCOMMIT")
                db.exec_driver_sql(f"set lock_timeout = '{WACHTTIJD_TABEL}'")
                try:
                    for tabel in tabellen:
                        db.exec_driver_sql(f"vacuum (full, analyze) {tabel}")
                finally:
                    db.exec_driver_sql("reset lock_timeout")

    def _open(self) -> Engine:
        with self._slot:
            if self._motor is None:
                motor = self._make_engine()
                try:
                    with _write_alone(motor, self.soort) as verbinding:
                        _migrate(verbinding, self.soort)
                except BaseException:
                    motor.dispose()
                    raise
                self._motor = motor
            return self._motor

    def _make_engine(self) -> Engine:
        pad = self._bestand
        if pad is None:
            # Values in the text of an error would end up in the log of the service.
            return create_engine(self._url, pool_pre_ping=True, hide_parameters=True)
        pad.parent.mkdir(parents=True, exist_ok=True)
        # Names of colleagues, or worse: readable by its owner alone, as are the files beside it.
        pad.touch(mode=0o600)
        motor = create_engine(self._url, poolclass=NullPool, hide_parameters=True)
        event.listen(motor, "connect", _prepare_sqlite)
        event.listen(motor, "begin", _begin_sqlite)
        return motor


def _read_url(tekst: str, soort: Soort) -> URL:
    try:
        url = make_url(tekst)
    except ArgumentError:
        url = None
    if (
        url is None
        or url.get_backend_name() not in {"sqlite", "postgresql"}
        or url.database in {None, "", ":memory:"}
    ):
        raise GebruikFout(
            f"Het adres van de {soort.naam} klopt niet.",  # it may hold a password: not repeated
            verwacht="sqlite:///pad/naar/bestand of postgresql+psycopg://gebruiker@host/database",
            remedie=f"verbeter {soort.instelling}",
        )
    return url


@contextmanager
def _told(soort: Soort) -> Iterator[None]:
    """Say in Dutch what went wrong with the store, without its address."""
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as fout:
        oorzaak = fout.orig if isinstance(fout, DBAPIError) else fout
        raise soort.fout(
            f"De {soort.naam} zijn niet te lezen of te schrijven ({type(oorzaak).__name__}).",
            verwacht="een bereikbare database met een versie die deze code kent",
            remedie=f"kijk of {soort.instelling} klopt en of de database draait",
        ) from fout


@contextmanager
def _write_alone(motor: Engine, soort: Soort) -> Iterator[Connection]:
    """Begin a transaction that no other writer can enter before it ends."""
    with motor.connect().execution_options(schrijft=True) as verbinding, verbinding.begin():
        if motor.dialect.name == "postgresql":
            verbinding.execute(text("select pg_advisory_xact_lock(:slot)"), {"slot": soort.slot})
        yield verbinding


def _prepare_sqlite(verbinding: Any, _: object) -> None:
    verbinding.isolation_level = None  # transactions begin where _begin_sqlite says so
    verbinding.execute(f"pragma busy_timeout = {_WACHT_MS}")
    verbinding.execute("pragma journal_mode = wal")
    verbinding.execute("pragma synchronous = full")
    verbinding.execute("pragma foreign_keys = on")


def _begin_sqlite(verbinding: Connection) -> None:
    # A transaction that reads before it writes must hold the lock from its first statement.
    schrijft = verbinding.get_execution_options().get("schrijft")
    verbinding.exec_driver_sql("begin immediate" if schrijft else "begin")


def _migrate(verbinding: Connection, soort: Soort) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    instelling = Config()
    instelling.set_main_option("script_location", str(soort.migraties))
    instelling.attributes["connection"] = verbinding
    try:
        command.upgrade(instelling, "head")
    except CommandError as fout:
        raise soort.fout(
            f"De {soort.naam} zijn geschreven door een nieuwere versie van Buurtpeil.",
            remedie="werk Buurtpeil bij",
        ) from fout
