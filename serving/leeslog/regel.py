"""One line of the read log, and how lines are chained.

A line is JSON and holds its number and the hash of the line before it; its own hash is taken of
its bytes. So a line that is changed, left out, added or moved does not fit the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from vera.toegang import Bereik, Lezer

BEGIN: Final = "0" * 64
"""What the first line of all has for the hash of the line before it."""

IJKPUNT: Final = "ijkpunt"
"""Kind of the line that stands for the removed beginning of a log."""

DEZE_MACHINE: Final = "(deze machine)"

_SCHRIJVER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Daad = Literal["lezen", "schrijven", "opschonen", "hersteld"]


@dataclass(frozen=True)
class Lezing:
    """One act: who did what to which object, and for what purpose.

    Parameters
    ----------
    tijd
        Moment, in seconds since 1970 (UTC).
    lezer
        Who.
    bereik
        The scope by which it was allowed.
    wat
        The address with its variables by name, or the command; never what was typed.
    object_id, niveau
        What it was about; None when it is a list.
    release_id
        Release that was read; None when none was.
    """

    tijd: float
    lezer: Lezer
    bereik: Bereik
    wat: str
    object_id: str | None = None
    niveau: Literal["complex", "buurt", "wijk"] | None = None
    release_id: str | None = None
    daad: Daad = "lezen"

    def describe(self) -> dict[str, Any]:
        """Return the line without its number and chain."""
        rol = self.lezer.find_rol(self.bereik)
        return {
            "tijd": write_moment(self.tijd),
            "wie": self.lezer.naam or DEZE_MACHINE,
            "organisatie": self.lezer.organisatie,
            "rol": rol.naam,
            "doel": rol.doel,
            "daad": self.daad,
            "bereik": self.bereik,
            "wat": self.wat,
            "object": self.object_id,
            "niveau": self.niveau,
            "release": self.release_id,
        }


def write_moment(tijd: float) -> str:
    """Return a moment as the log has it, in UTC.

    Examples
    --------
    >>> write_moment(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    moment = datetime.fromtimestamp(tijd, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def write_regel(nummer: int, vorige: str, inhoud: Mapping[str, Any]) -> bytes:
    """Return a line, its end included."""
    regel = {"nr": nummer, **inhoud, "vorige": vorige}
    return _SCHRIJVER.encode(regel).encode() + b"\n"


def hash_regel(regel: bytes) -> str:
    """Return the hash of a line, its end included."""
    return hashlib.sha256(regel).hexdigest()
