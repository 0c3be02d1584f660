"""Who reported, read, followed up or removed what: lines in a chain, in the store itself.

A line is written in the transaction of what it tells of: nothing changes without it. Each holds
the seal (HMAC-SHA-256) of the one before, so that a changed, removed or swapped line shows; the
head says where the chain ends, so that a line taken off the end shows too. The key of the seals
is in the head, encrypted: who can only write in the database cannot make a chain that fits.
What this does not show is a whole store put back as it was before (docs/adr/0030).

Old lines go at the begin of the chain, which the head follows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from cryptography.fernet import MultiFernet
from sqlalchemy import Connection, Row, select

from serving.signaal.tabellen import LOG, LOGKOP
from serving.signaal.versleuteling import open_token, seal

Handeling = Literal[
    "gemeld", "stand_gelezen", "gelezen", "opgepakt", "afgesloten", "geteld", "tellingen_gelezen",
    "verwijderd", "sleutel_geroteerd", "log_gelezen",
]  # fmt: skip

MAXIMUM_WIE: Final = 80
_BEGIN: Final = "0" * 64
_KOP: Final = 1
_RIJ: Final = "signaallog_kop"


@dataclass(frozen=True)
class Logregel:
    """One line, for showing."""

    tijdstip: datetime
    wie: str
    handeling: str
    kenmerk: str


@dataclass(frozen=True)
class Logverslag:
    """What a check of the chain found.

    Parameters
    ----------
    aantal
        Lines that fit.
    fout
        What does not fit; None = everything does.
    """

    aantal: int
    fout: str | None = None


class Logboek:
    """The log, within one transaction.

    Parameters
    ----------
    verbinding
        Connection that writes alone.
    sleutels
        Keys of the store, for the key of the seals.

    Raises
    ------
    OnleesbareInhoud
        When the keys are not those of this store.
    """

    def __init__(self, verbinding: Connection, sleutels: MultiFernet) -> None:
        self._verbinding = verbinding
        kop = verbinding.execute(select(LOGKOP)).one_or_none()
        if kop is None:
            geheim = secrets.token_hex(32)
            self._geheim = bytes.fromhex(geheim)
            self._begin = self._laatste = _BEGIN
            self._aantal = 0
            self._zegel = self._head()["zegel"]
            verbinding.execute(
                LOGKOP.insert(),
                {"id": _KOP, "sleutel": seal(sleutels, _RIJ, {"geheim": geheim}), **self._head()},
            )
        else:
            self._geheim = bytes.fromhex(open_token(sleutels, _RIJ, kop.sleutel)["geheim"])
            self._begin, self._laatste, self._aantal = kop.begin, kop.laatste, kop.aantal
            self._zegel = kop.zegel

    def name_melder(self, naam: str | None) -> str:
        """Return the internal reference of a reporter: the same for the same name, and no name."""
        if not naam:
            return "melder onbekend"
        return f"melder {self._seal('melder', naam)[:10]}"

    def write(self, tijdstip: datetime, wie: str, handeling: Handeling, kenmerk: str = "") -> None:
        """Add one line."""
        moment = tijdstip.astimezone(UTC).replace(microsecond=0)
        wie = wie[:MAXIMUM_WIE]
        inhoud = {"tijdstip": moment, "wie": wie, "handeling": handeling, "kenmerk": kenmerk}
        hash_ = self._seal_line(moment, wie, handeling, kenmerk, self._laatste)
        self._verbinding.execute(LOG.insert(), {**inhoud, "vorige": self._laatste, "hash": hash_})
        self._laatste, self._aantal = hash_, self._aantal + 1
        self._update()

    def drop_before(self, grens: datetime, *, dry_run: bool = False) -> tuple[str, ...]:
        """Remove the lines from before a moment, from the begin of the chain on; return seals."""
        weg: list[Row[Any]] = []
        for rij in self._verbinding.execute(select(LOG).order_by(LOG.c.id)):
            if rij.tijdstip >= grens:
                break
            weg.append(rij)
        if weg and not dry_run:
            self._verbinding.execute(LOG.delete().where(LOG.c.id <= weg[-1].id))
            self._begin, self._aantal = weg[-1].hash, self._aantal - len(weg)
            self._update()
        return tuple(rij.hash for rij in weg)

    def check(self) -> Logverslag:
        """Walk the chain from begin to end."""
        if not hmac.compare_digest(self._zegel, self._head()["zegel"]):
            return Logverslag(0, "de kop van het log is veranderd")
        vorige, aantal = self._begin, 0
        for rij in self._verbinding.execute(select(LOG).order_by(LOG.c.id)):
            if rij.vorige != vorige:
                return Logverslag(aantal, f"voor regel {rij.id} ontbreekt iets")
            goed = self._seal_line(rij.tijdstip, rij.wie, rij.handeling, rij.kenmerk, vorige)
            if not hmac.compare_digest(goed, rij.hash):
                return Logverslag(aantal, f"regel {rij.id} is veranderd")
            vorige, aantal = rij.hash, aantal + 1
        if (vorige, aantal) != (self._laatste, self._aantal):
            return Logverslag(aantal, "aan het eind ontbreekt iets")
        return Logverslag(aantal)

    def _update(self) -> None:
        kop = self._head()
        self._zegel = kop["zegel"]
        self._verbinding.execute(LOGKOP.update().where(LOGKOP.c.id == _KOP), kop)

    def _head(self) -> dict[str, Any]:
        feiten = {"begin": self._begin, "aantal": self._aantal, "laatste": self._laatste}
        return {**feiten, "zegel": self._seal("kop", *feiten.values())}

    def _seal_line(
        self, tijdstip: datetime, wie: str, handeling: str, kenmerk: str, vorige: str
    ) -> str:
        return self._seal("regel", tijdstip.isoformat(), wie, handeling, kenmerk, vorige)

    def _seal(self, *delen: object) -> str:
        tekst = json.dumps([str(deel) for deel in delen], ensure_ascii=False).encode()
        return hmac.new(self._geheim, tekst, hashlib.sha256).hexdigest()


def reseal_head(verbinding: Connection, sleutels: MultiFernet) -> None:
    """Encrypt the key of the seals anew, under the newest key of the store."""
    token: str | None = verbinding.execute(select(LOGKOP.c.sleutel)).scalar_one_or_none()
    if token is not None:
        nieuw = sleutels.rotate(token.encode()).decode()
        verbinding.execute(LOGKOP.update().where(LOGKOP.c.id == _KOP), {"sleutel": nieuw})


def list_regels(verbinding: Connection, kenmerk: str | None = None) -> tuple[Logregel, ...]:
    """Return the lines (of one signal), the oldest first."""
    vraag = select(LOG).order_by(LOG.c.id)
    if kenmerk is not None:
        vraag = vraag.where(LOG.c.kenmerk == kenmerk)
    return tuple(
        Logregel(rij.tijdstip, rij.wie, rij.handeling, rij.kenmerk)
        for rij in verbinding.execute(vraag)
    )
