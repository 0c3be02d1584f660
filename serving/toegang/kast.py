"""Which keys open something now, kept in memory for half a minute, and sessions made with them.

The look-up is a hash and one dictionary: a request does not wait for the store. A key that is
revoked stops within ``VERS`` seconds; one that expires, at that moment; a session that is ended,
here at once and in other workers as soon (``afmelding``). Comparing is done on the
hash under our secret: who tries keys learns nothing of how far they got.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from serving.toegang.afmelding import Afmeldingen
from serving.toegang.register import Sleutel, hash_sleutel
from vera.toegang import Lezer

VERS: Final = 30.0
"""Seconds that the list of keys is believed."""

SESSIE_SECONDEN: Final = 8 * 3600
_SESSIEDELEN: Final = 4


class Sleutelbron(Protocol):
    """Where the keys come from."""

    def list_sleutels(self) -> tuple[Sleutel, ...]:
        """Return every key."""
        ...


@dataclass(frozen=True)
class _Vak:
    vervalt: float
    sleutel_id: int
    lezer: Lezer


@dataclass(frozen=True)
class _Stand:
    gelezen: float
    op_vingerafdruk: dict[str, _Vak]
    op_nummer: dict[int, _Vak]
    gezien: dict[bytes, _Vak] = field(default_factory=dict)


class Sleutelkast:
    """Finds who holds a key.

    Parameters
    ----------
    bron
        The store.
    geheim
        Gives the secret of this installation; asked once, when it is first needed.
    afmeldingen
        Which sessions were ended; when left out, those that were ended here.
    klok
        Gives the time in seconds since 1970.
    """

    def __init__(
        self,
        bron: Sleutelbron,
        geheim: Callable[[], bytes],
        *,
        afmeldingen: Afmeldingen | None = None,
        klok: Callable[[], float] = time.time,
    ) -> None:
        self._bron = bron
        self._vind_geheim = geheim
        self._geheim: bytes | None = None
        self._merkgeheim = secrets.token_bytes(32)
        self._klok = klok
        self._stand: _Stand | None = None
        self._slot = threading.Lock()
        self._afmeldingen = afmeldingen or Afmeldingen(klok=klok)

    def find_lezer(self, sleutel: bytes) -> Lezer | None:
        """Return who holds a key; None when it opens nothing."""
        stand = self._look()
        # Until the list is read anew, a key that opened something is known by a cheaper hash, under
        # a secret that this process made up.
        merk = hashlib.sha256(self._merkgeheim + sleutel).digest()
        vak = stand.gezien.get(merk)
        if vak is None:
            vak = stand.op_vingerafdruk.get(hash_sleutel(self._secret(), sleutel))
            if vak is None:
                return None
            stand.gezien[merk] = vak
        return None if vak.vervalt <= self._klok() else vak.lezer

    def open_sessie(self, sleutel: bytes) -> str | None:
        """Return the value of a cookie that stands for a key; None when it opens nothing."""
        vak = self._look().op_vingerafdruk.get(hash_sleutel(self._secret(), sleutel))
        nu = self._klok()
        if vak is None or vak.vervalt <= nu:
            return None
        eind = int(min(vak.vervalt, nu + SESSIE_SECONDEN))
        kern = f"{vak.sleutel_id}.{eind}.{secrets.token_urlsafe(16)}"
        return f"{kern}.{self._seal(kern)}"

    def find_sessie(self, waarde: str) -> Lezer | None:
        """Return whose session a cookie is; None when it is over, made up or of a shut key."""
        delen = waarde.split(".")
        if len(delen) != _SESSIEDELEN or not delen[0].isdecimal() or not delen[1].isdecimal():
            return None
        kern = ".".join(delen[:3])
        if not hmac.compare_digest(self._seal(kern).encode(), delen[3].encode()):
            return None
        nu = self._klok()
        vak = self._look().op_nummer.get(int(delen[0]))
        if vak is None or nu >= int(delen[1]) or vak.vervalt <= nu:
            return None
        if self._afmeldingen.is_uit(kern):
            return None
        return vak.lezer

    def close_sessie(self, waarde: str) -> None:
        """End a session, here at once and wherever the ended ones are read."""
        if self.find_sessie(waarde) is None:
            return
        kern = waarde.rpartition(".")[0]
        self._afmeldingen.end(kern, float(kern.split(".")[1]))

    def _seal(self, kern: str) -> str:
        zegel = hmac.digest(self._secret(), b"sessie:" + kern.encode(), "sha256")
        return base64.urlsafe_b64encode(zegel).rstrip(b"=").decode()

    def _secret(self) -> bytes:
        if self._geheim is None:
            self._geheim = self._vind_geheim()
        return self._geheim

    def _look(self) -> _Stand:
        stand = self._stand
        if stand is not None and 0 <= self._klok() - stand.gelezen < VERS:
            return stand
        with self._slot:
            stand = self._stand
            nu = self._klok()
            if stand is not None and 0 <= nu - stand.gelezen < VERS:
                return stand
            # A store that cannot be reached shuts every key: who was revoked must not get by.
            sleutels = self._bron.list_sleutels()
            vakken = [
                (s.vingerafdruk, _Vak(s.vervalt_op.timestamp(), s.id, s.lezer))
                for s in sleutels
                if s.ingetrokken_op is None
            ]
            self._stand = _Stand(nu, dict(vakken), {vak.sleutel_id: vak for _, vak in vakken})
            return self._stand
