"""One line of the read log, and how lines are chained.

A line is JSON and holds its number and the hash of the line before it; its own hash is taken of
its bytes. So a line that is changed, left out, added or moved does not fit the next one.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from vera.toegang import Bereik, Lezer

BEGIN: Final = "0" * 64
"""What the first line of all has for the hash of the line before it."""

IJKPUNT: Final = "ijkpunt"
"""Kind of the line that stands for the removed beginning of a log."""

DEZE_MACHINE: Final = "(deze machine)"

_SCHRIJVER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ADEM: Final = 64
_ADEMTOCHT: Final = 0.0005
"""Lines after which whoever answers requests gets a turn, and how long in seconds. Not zero: on one
core this thread would have the interpreter back before the other one woke up."""

Daad = Literal["lezen", "poging", "schrijven", "afgebroken", "opschonen", "hersteld"]
"""``poging`` stands before a decision is stored, ``schrijven`` after it: nothing is stored without
a line. ``afgebroken`` instead: something failed on the way, and it may be stored or not. Where both
are missing it was refused, or the log itself failed in between."""

OVER_EEN_OBJECT: Final[frozenset[Daad]] = frozenset({"lezen", "schrijven", "afgebroken"})
"""What somebody did or may have done with an object; the others are of the log itself."""


class Lezing(NamedTuple):
    """One act: who did what to which object, and for what purpose.

    A tuple, for one is made at each look-up: a frozen dataclass takes four times as long.

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
    aantal
        How many objects were asked for at once; None when it is not a batch.
    """

    tijd: float
    lezer: Lezer
    bereik: Bereik
    wat: str
    object_id: str | None = None
    niveau: Literal["complex", "buurt", "wijk"] | None = None
    release_id: str | None = None
    daad: Daad = "lezen"
    aantal: int | None = None

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
            **({} if self.aantal is None else {"aantal": self.aantal}),
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


def write_lezingen(nummer: int, vorige: str, lezingen: Iterable[Lezing]) -> tuple[list[bytes], str]:
    """Return the lines of a batch, numbered after ``nummer``, and the hash of the last one.

    The same bytes as ``write_regel`` gives, at a fraction of the price: of what one reader reads
    at one address only the moment and the object differ. The service answers on the same core, so
    it gets a turn between the lines.
    """
    regels: list[bytes] = []
    midden: dict[tuple[object, ...], tuple[str, str]] = {}
    voor, seconde = "", -1
    for lezing in lezingen:
        # By identity: the readers are held by the batch, and comparing them costs more than a line.
        soort = (
            id(lezing.lezer), lezing.bereik, lezing.wat, lezing.niveau, lezing.release_id,
            lezing.daad, lezing.aantal,
        )  # fmt: skip
        delen = midden.get(soort)
        if delen is None:
            delen = midden[soort] = _split(lezing)
        breuk, heel = math.modf(lezing.tijd)
        if heel != seconde:
            seconde = int(heel)
            voor = write_moment(seconde)[:-4]
        micro = round(breuk * 1_000_000)
        tijd = (
            f"{voor}{micro // 1000:03d}Z" if 0 <= micro < 1_000_000 else write_moment(lezing.tijd)
        )
        nummer += 1
        wat = "null" if lezing.object_id is None else _SCHRIJVER.encode(lezing.object_id)
        regel = (
            f'{{"nr":{nummer},"tijd":"{tijd}",{delen[0]}{wat}{delen[1]}"vorige":"{vorige}"}}\n'
        ).encode()
        vorige = hash_regel(regel)
        regels.append(regel)
        if not len(regels) % _ADEM:
            time.sleep(_ADEMTOCHT)
    return regels, vorige


def _split(lezing: Lezing) -> tuple[str, str]:
    """Return what stands before and after the object's id in a line, moment and chain left out."""
    inhoud = lezing.describe()
    namen = list(inhoud)
    plaats = namen.index("object")
    voor = _SCHRIJVER.encode({naam: inhoud[naam] for naam in namen[1:plaats]})[1:-1]
    na = _SCHRIJVER.encode({naam: inhoud[naam] for naam in namen[plaats + 1 :]})[1:-1]
    return f'{voor},"object":', f",{na},"


def hash_regel(regel: bytes) -> str:
    """Return the hash of a line, its end included."""
    return hashlib.sha256(regel).hexdigest()
