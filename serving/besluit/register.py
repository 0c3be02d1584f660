"""The decisions store: what people decided, appended and never changed.

SQLite beside the releases by default; PostgreSQL by its URL. Nothing is opened before the
first question, and looking makes no file. Every decision is judged and written in one
transaction that no other writer can enter, on either engine.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, Row, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from serving.besluit.duiding import (
    Duiding,
    OnbekendeDuiding,
    Publicatie,
    Stap,
    Voorstel,
    admit,
    check_confirm,
    check_withdraw,
)
from serving.besluit.tabellen import DUIDING, STAP
from vera.errors import BuurtpeilError, GebruikFout

BESTAND: Final = "besluiten.sqlite"
_WACHT_MS: Final = 15_000
"""How long a writer waits for another one, in milliseconds."""
_SLOT: Final = 7_205_759
"""Number of PostgreSQL's advisory lock for writers; any number that nothing else takes."""
_MIGRATIES: Final = Path(__file__).parent / "migraties"


class BesluitenFout(BuurtpeilError):
    """The decisions store cannot be reached or read."""


def url_of_file(pad: Path) -> str:
    """Return the URL of a SQLite store."""
    return URL.create("sqlite", database=str(pad)).render_as_string()


class Besluitregister:
    """The door to the decisions.

    Parameters
    ----------
    url
        SQLAlchemy URL: ``sqlite:///…`` or ``postgresql+psycopg://…``.
    nu
        Gives the moment that is recorded.
    """

    def __init__(self, url: str, *, nu: Callable[[], datetime] | None = None) -> None:
        self._url = _read_url(url)
        self._nu = nu or (lambda: datetime.now(UTC))
        self._motor: Engine | None = None
        self._slot = threading.Lock()

    def list_duidingen(self, beheerobject_id: str | None = None) -> tuple[Duiding, ...]:
        """Return every duiding (of one complex), the oldest first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        if self._bestand is not None and not self._bestand.exists():
            return ()
        with _told(), self._open().connect() as verbinding:
            return _read(verbinding, beheerobject_id)

    def add_duiding(
        self,
        voorstel: Voorstel,
        publicatie: Publicatie,
        model_label: int | None,
        *,
        tweede: str | None = None,
    ) -> Duiding:
        """Record a duiding, and at once the second person's confirmation when there is one.

        Raises
        ------
        OngeldigeDuiding, DuidingKanNiet
            When the rules refuse it; nothing is recorded then.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            eerdere = _read(verbinding, voorstel.beheerobject_id)
            goed = admit(voorstel, publicatie, model_label, eerdere)
            id_: int = verbinding.execute(
                DUIDING.insert().returning(DUIDING.c.id),
                {
                    **vars(goed.voorstel),
                    "ingaand_peildatum": goed.ingaand_peildatum,
                    "vervalt_na": goed.vervalt_na,
                    "is_tweede_nodig": goed.is_tweede_nodig,
                    "vastgelegd_op": self._nu(),
                    "model_label": model_label,
                    "release_id": publicatie.release_id,
                    "gepubliceerd_peildatum": publicatie.peildatum,
                },
            ).scalar_one()
            if tweede is not None:
                self._confirm(verbinding, id_, tweede, publicatie)
            return _find(_read(verbinding, voorstel.beheerobject_id), id_)

    def confirm_duiding(self, id_: int, door: str, publicatie: Publicatie) -> Duiding:
        """Record that a second person stands behind a duiding.

        Raises
        ------
        OnbekendeDuiding, OngeldigeDuiding, DuidingKanNiet
            When there is none, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            self._confirm(verbinding, id_, door, publicatie)
            return _find(_read(verbinding), id_)

    def _confirm(self, verbinding: Connection, id_: int, door: str, publicatie: Publicatie) -> None:
        alle = _read(verbinding)
        duiding = _find(alle, id_)
        zelfde = [d for d in alle if d.voorstel.beheerobject_id == duiding.voorstel.beheerobject_id]
        naam = check_confirm(duiding, door, publicatie, zelfde)
        self._add_stap(verbinding, id_, "bevestigd", naam, publicatie)

    def withdraw_duiding(self, id_: int, door: str, publicatie: Publicatie) -> Duiding:
        """Record that a duiding is withdrawn: it counts on no peildatum that is yet to come.

        Raises
        ------
        OnbekendeDuiding, OngeldigeDuiding, DuidingKanNiet
            When there is none, or the rules refuse it.
        BesluitenFout
            When the store cannot be reached.
        """
        with self._write() as verbinding:
            naam = check_withdraw(_find(_read(verbinding), id_), door, publicatie)
            self._add_stap(verbinding, id_, "ingetrokken", naam, publicatie)
            return _find(_read(verbinding), id_)

    def _add_stap(
        self, verbinding: Connection, id_: int, soort: str, door: str, publicatie: Publicatie
    ) -> None:
        verbinding.execute(
            STAP.insert(),
            {
                "duiding_id": id_,
                "soort": soort,
                "door": door,
                "vastgelegd_op": self._nu(),
                "release_id": publicatie.release_id,
                "gepubliceerd_peildatum": publicatie.peildatum,
            },
        )

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
    def _write(self) -> Iterator[Connection]:
        with _told(), _write_alone(self._open()) as verbinding:
            yield verbinding

    def _open(self) -> Engine:
        with self._slot:
            if self._motor is None:
                motor = self._make_engine()
                try:
                    with _write_alone(motor) as verbinding:
                        _migrate(verbinding)
                except BaseException:
                    motor.dispose()
                    raise
                self._motor = motor
            return self._motor

    def _make_engine(self) -> Engine:
        pad = self._bestand
        if pad is None:
            return create_engine(self._url, pool_pre_ping=True)
        pad.parent.mkdir(parents=True, exist_ok=True)
        # It holds names of colleagues: readable by its owner alone, as are the files beside it.
        pad.touch(mode=0o600)
        motor = create_engine(self._url, poolclass=NullPool)
        event.listen(motor, "connect", _prepare_sqlite)
        event.listen(motor, "begin", _begin_sqlite)
        return motor


def _read_url(tekst: str) -> URL:
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
            "Het adres van de besluiten klopt niet.",  # it may hold a password: not repeated
            verwacht="sqlite:///pad/naar/bestand of postgresql+psycopg://gebruiker@host/database",
            remedie="verbeter BUURTPEIL_BESLUITEN_URL",
        )
    return url


@contextmanager
def _told() -> Iterator[None]:
    """Say in Dutch what went wrong with the store, without its address."""
    try:
        yield
    except (SQLAlchemyError, OSError, ImportError) as fout:
        oorzaak = fout.orig if isinstance(fout, DBAPIError) else fout
        raise BesluitenFout(
            f"De besluiten zijn niet te lezen of te schrijven ({type(oorzaak).__name__}).",
            verwacht="een bereikbare database met een versie die deze code kent",
            remedie="kijk of BUURTPEIL_BESLUITEN_URL klopt en of de database draait",
        ) from fout


@contextmanager
def _write_alone(motor: Engine) -> Iterator[Connection]:
    """Begin a transaction that no other writer can enter before it ends."""
    with motor.connect().execution_options(schrijft=True) as verbinding, verbinding.begin():
        if motor.dialect.name == "postgresql":
            verbinding.execute(text("select pg_advisory_xact_lock(:slot)"), {"slot": _SLOT})
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


def _migrate(verbinding: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    instelling = Config()
    instelling.set_main_option("script_location", str(_MIGRATIES))
    instelling.attributes["connection"] = verbinding
    try:
        command.upgrade(instelling, "head")
    except CommandError as fout:
        raise BesluitenFout(
            "De besluiten zijn geschreven door een nieuwere versie van Buurtpeil.",
            remedie="werk Buurtpeil bij",
        ) from fout


def _read(verbinding: Connection, beheerobject_id: str | None = None) -> tuple[Duiding, ...]:
    vraag = select(DUIDING).order_by(DUIDING.c.id)
    stappen = select(STAP)
    if beheerobject_id is not None:
        vraag = vraag.where(DUIDING.c.beheerobject_id == beheerobject_id)
        stappen = stappen.join(DUIDING).where(DUIDING.c.beheerobject_id == beheerobject_id)
    per_duiding = {
        (rij.duiding_id, rij.soort): Stap(rij.door, rij.vastgelegd_op, _read_publicatie(rij))
        for rij in verbinding.execute(stappen)
    }
    return tuple(
        Duiding(
            id=rij.id,
            voorstel=Voorstel(
                beheerobject_id=rij.beheerobject_id,
                delta=rij.delta,
                reden_code=rij.reden_code,
                toelichting=rij.toelichting,
                door=rij.door,
                niveau=rij.niveau,
            ),
            ingaand_peildatum=rij.ingaand_peildatum,
            vervalt_na=rij.vervalt_na,
            is_tweede_nodig=rij.is_tweede_nodig,
            vastgelegd_op=rij.vastgelegd_op,
            publicatie=_read_publicatie(rij),
            model_label=rij.model_label,
            bevestiging=per_duiding.get((rij.id, "bevestigd")),
            intrekking=per_duiding.get((rij.id, "ingetrokken")),
        )
        for rij in verbinding.execute(vraag)
    )


def _read_publicatie(rij: Row[Any]) -> Publicatie:
    return Publicatie(rij.release_id, rij.gepubliceerd_peildatum)


def _find(duidingen: tuple[Duiding, ...], id_: int) -> Duiding:
    for duiding in duidingen:
        if duiding.id == id_:
            return duiding
    raise OnbekendeDuiding(
        f"Er is geen duiding {id_}.", remedie="`buurtpeil duiding list` toont ze alle"
    )
