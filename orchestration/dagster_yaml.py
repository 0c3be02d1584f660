"""The settings of Dagster itself: where its history is kept, and that one run works at a time.

Belongs here: the text of ``dagster.yaml`` and writing it. Does not belong here: what a run does
(``orchestration.uitvoering``), or starting Dagster's pages (``orchestration.cli.diensten``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from vera.errors import BuurtpeilError, GebruikFout

BESTAND: Final = "dagster.yaml"
OMGEVING: Final = "DAGSTER_POSTGRES_URL"
"""Where Dagster reads the address, and what it starts: in no file, for a password may be in it."""

_BASIS: Final = """\
# Written by buurtpeil. Nothing leaves this machine, and one run works at a time.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""
_POSTGRES: Final = f"""\
# The address is in the environment: BUURTPEIL_DAGSTER_URL.
storage:
  postgres:
    postgres_url:
      env: {OMGEVING}
"""
_VAN_ONS: Final = {
    hashlib.sha256(tekst.encode()).hexdigest() for tekst in (_BASIS, _BASIS + _POSTGRES)
}


def prepare_dagster_home(home: Path, url: str | None = None) -> Path:
    """Make DAGSTER_HOME with its settings; leave settings that someone wrote.

    Parameters
    ----------
    home
        The folder.
    url
        PostgreSQL for Dagster's runs, events and schedules; None = SQLite in the folder.

    Raises
    ------
    GebruikFout
        When ``url`` is no address of PostgreSQL, its driver is not installed, or someone wrote
        settings that name another storage: a setting is never passed over in silence.
    """
    home.mkdir(parents=True, exist_ok=True)
    pad = home / BESTAND
    tekst = _BASIS
    if url is not None:
        os.environ[OMGEVING] = _read_url(url).render_as_string(hide_password=False)
        _check_driver()
        tekst += _POSTGRES
    if not pad.exists() or hashlib.sha256(pad.read_bytes()).hexdigest() in _VAN_ONS:
        if not pad.exists() or pad.read_text(encoding="utf-8") != tekst:
            # Half a file would be taken for settings that someone wrote.
            tijdelijk = home / f".{BESTAND}-{os.getpid()}"
            tijdelijk.write_text(tekst, encoding="utf-8")
            tijdelijk.replace(pad)
    elif url is not None and OMGEVING not in pad.read_text(encoding="utf-8"):
        raise GebruikFout(
            f"In {pad} staan eigen instellingen van Dagster, zonder de database van "
            "BUURTPEIL_DAGSTER_URL.",
            verwacht=f"daarin `storage: postgres: postgres_url: env: {OMGEVING}`",
            remedie="zet dat erbij, verwijder het bestand, of laat BUURTPEIL_DAGSTER_URL weg",
        )
    return home


def open_instance(home: Path) -> Any:
    """Open Dagster's instance on what :func:`prepare_dagster_home` wrote.

    Raises
    ------
    BuurtpeilError
        When its database cannot be reached; the address is not repeated.
    """
    from dagster import DagsterInstance

    return _told(lambda: DagsterInstance.from_config(str(home)))


def _told(doe: Callable[[], Any]) -> Any:
    try:
        return doe()
    except Exception as fout:
        if not _is_database(fout):
            raise
        raise BuurtpeilError(
            f"De database van Dagster is niet te bereiken ({type(fout).__name__}).",
            verwacht="een PostgreSQL-server die draait, met een database voor Dagster alleen",
            remedie="kijk of BUURTPEIL_DAGSTER_URL klopt en of de database draait",
        ) from None  # its text holds the address


def _is_database(fout: BaseException | None) -> bool:
    while fout is not None:
        if isinstance(fout, SQLAlchemyError) or type(fout).__name__.startswith("DagsterPostgres"):
            return True
        fout = fout.__cause__
    return False


def _read_url(tekst: str) -> URL:
    try:
        url = make_url(tekst)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "postgresql" or not url.database:
        raise GebruikFout(
            "Het adres van de database van Dagster klopt niet.",  # it may hold a password
            verwacht="postgresql://gebruiker@host/database",
            remedie="verbeter BUURTPEIL_DAGSTER_URL; leeg = SQLite in de datamap",
        )
    # Dagster's SQL is written for the older driver, and SQLAlchemy takes the newer one by itself.
    return url.set(drivername="postgresql+psycopg2")


def _check_driver() -> None:
    try:
        import dagster_postgres  # noqa: F401
    except ImportError as fout:
        raise GebruikFout(
            "Dagster kan niet bij PostgreSQL: dagster-postgres ontbreekt.",
            verwacht="Buurtpeil met de aanvulling `postgres`",
            remedie='installeer haar: `pip install "buurtpeil[postgres]"`',
        ) from fout
