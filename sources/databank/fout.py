"""What goes wrong with somebody else's database, without its address and without its data.

A message of a database may quote a row or a password; only its kind is passed on.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from vera.errors import BuurtpeilError, GebruikFout

DOC: Final = "docs/bronnen-sql.md"

_WEG_SQLSTATE: Final = ("08", "53", "57P", "40001", "40P01", "25P03", "58")
"""No connection, no room, shut down, a conflict, a time-out, its disk: not of our making."""
_WEG_TEKST: Final = (
    "connection refused", "could not connect", "connection failed: connection to server",
    "server closed the connection", "connection reset", "connection timed out",
    "timeout expired", "connection timeout", "could not receive data", "could not send data",
    "terminating connection", "connection is lost", "the connection is closed",
    "connection already closed", "ssl connection has been closed", "consuming input failed",
    "could not translate host name", "temporary failure in name resolution",
    "failed to resolve host", "name or service not known", "no such file or directory",
    "no route to host", "network is unreachable",
    "database is locked", "disk i/o error", "starting up", "too many clients",
)  # fmt: skip
_AANMELDEN: Final = ("password authentication failed", "no password supplied", "pg_hba.conf")


class DatabankFout(BuurtpeilError):
    """A database cannot be read, and not a minute later either."""


class DatabankWeg(DatabankFout):
    """A database is away; it may be back in a minute."""

    gaat_over = True


def explain(fout: SQLAlchemyError, databank: str, waar: str = "") -> BuurtpeilError:
    """Return what a failure means for who has to do something about it.

    Parameters
    ----------
    fout
        What SQLAlchemy raised.
    databank
        Name of the database in ``bronnen.yml``.
    waar
        Table or view that was read; empty while connecting.
    """
    staat, soort = _read_staat(fout)
    tekst = str(getattr(fout, "orig", None) or "").lower()
    plek = f"{waar} in database {databank}" if waar else f"database {databank}"
    geweigerd = _explain_weigering(staat, tekst, databank, waar, plek)
    if geweigerd is not None:
        return geweigerd
    if staat == "3D000" or "unable to open database file" in tekst or "does not exist" in tekst:
        return DatabankFout(
            f"Niet gevonden: {plek} (soort fout: {soort}).",
            verwacht="een database, tabel en kolommen die er zijn",
            remedie="controleer het adres in BUURTPEIL_BRON_URLS of het bestand daarvan",
        )
    if _is_weg(fout, staat, tekst):
        return DatabankWeg(
            f"De verbinding met {plek} viel weg of kwam er niet (soort fout: {soort}).",
            verwacht="een database die antwoordt",
            remedie="probeer het later nog eens; wat al binnen is, blijft. Zonder deze database: "
            "`buurtpeil run --zonder-ophalen`",
        )
    return DatabankFout(
        f"Lezen van {plek} lukt niet (soort fout: {soort}).",
        verwacht="een tabel, view of vraag die te lezen is",
        remedie=f"probeer dezelfde vraag met hetzelfde account in de database zelf ({DOC})",
    )


def _explain_weigering(
    staat: str, tekst: str, databank: str, waar: str, plek: str
) -> DatabankFout | None:
    """Return what a refusal means: of who asks, or of what is asked for."""
    if any(deel in tekst for deel in _AANMELDEN) or staat.startswith("28"):
        return DatabankFout(
            f"Database {databank} laat dit account niet toe.",
            verwacht="een account dat zich mag aanmelden, met het wachtwoord dat nu geldt",
            remedie="controleer gebruiker en wachtwoord in BUURTPEIL_BRON_URLS of het bestand "
            f"daarvan ({DOC})",
        )
    if staat == "42501" or "permission denied" in tekst:
        return DatabankFout(
            f"Het account mag {plek} niet lezen.",
            verwacht="een account met leesrecht (SELECT) op precies deze tabel of view",
            remedie=f"vraag de beheerder: GRANT SELECT ON {waar or '…'} TO het account ({DOC})",
        )
    if staat in {"42P01", "3F000"} or "no such table" in tekst:
        return DatabankFout(
            f"Er is geen tabel of view {plek}.",
            verwacht="een tabel of view met deze naam die het account mag zien",
            remedie="verbeter `uit` of `vraag` in bronnen.yml, of laat de view maken",
        )
    return None


def make_driverfout(databank: str) -> GebruikFout:
    """Return the error of a kind of database for which nothing is installed."""
    return GebruikFout(
        f"Voor de soort database van {databank} is hier niets geïnstalleerd.",
        verwacht="een adres dat begint met postgresql+psycopg:// of sqlite:///, of met een soort "
        "waarvan de SQLAlchemy-driver in dezelfde omgeving staat",
        remedie=f"installeer de driver, of verbeter het begin van het adres ({DOC})",
    )


def _read_staat(fout: SQLAlchemyError) -> tuple[str, str]:
    """Return the SQLSTATE (empty when there is none) and what may be shown of a failure."""
    oorzaak = getattr(fout, "orig", None)
    staat = str(getattr(oorzaak, "sqlstate", None) or getattr(oorzaak, "pgcode", None) or "")
    soort = type(oorzaak or fout).__name__
    return staat, f"{soort} {staat}".strip()


def _is_weg(fout: SQLAlchemyError, staat: str, tekst: str) -> bool:
    if staat:
        return staat.startswith(_WEG_SQLSTATE)
    if isinstance(fout, DBAPIError) and fout.connection_invalidated:
        return True
    return any(deel in tekst for deel in _WEG_TEKST)
