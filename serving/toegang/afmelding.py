"""Sessions that were ended: here at once, in the other workers within half a minute, and for good.

A session is a sealed cookie that is kept nowhere, so ending one is remembering it until it would
have ended by itself. Kept is a hash of its random part, and until when; not whose it was.

Belongs here: whether a session was ended. Does not belong here: whether a cookie is a session
(``serving.toegang.kast``, ``serving.aanmelding.sessie``).
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from vera.errors import BuurtpeilError

_log = logging.getLogger(__name__)

VERS: Final = 30.0
"""Seconds that the list of ended sessions is believed."""


class Afmeldbron(Protocol):
    """Where ended sessions are kept, for every worker."""

    def add_afmelding(self, vingerafdruk: str, vervalt_op: datetime) -> None:
        """Keep that a session was ended; again is fine."""
        ...

    def list_afmeldingen(self) -> Mapping[str, datetime]:
        """Return the sessions that were ended and would still be good."""
        ...


class Afmeldingen:
    """Knows which sessions were ended.

    While the store cannot be read, what was known stays known, and what is ended here is ended here
    alone: whoever came by a provider does not depend on the store of keys.

    Parameters
    ----------
    bron
        The store; None = nothing is kept beyond this process.
    klok
        Gives the time in seconds since 1970.
    """

    def __init__(
        self, bron: Afmeldbron | None = None, *, klok: Callable[[], float] = time.time
    ) -> None:
        self._bron = bron
        self._klok = klok
        self._hier: dict[str, float] = {}
        self._elders: Mapping[str, datetime] = {}
        self._gelezen: float | None = None
        self._slot = threading.Lock()

    def is_uit(self, kern: str) -> bool:
        """Tell whether a session was ended.

        Parameters
        ----------
        kern
            Its cookie without the seal.
        """
        self._look()
        if not self._hier and not self._elders:
            return False
        vingerafdruk = hash_sessie(kern)
        return vingerafdruk in self._hier or vingerafdruk in self._elders

    def end(self, kern: str, eind: float) -> None:
        """End a session; ``eind`` is when it would have ended by itself, in seconds since 1970."""
        vingerafdruk, nu = hash_sessie(kern), self._klok()
        with self._slot:
            self._hier = {k: tot for k, tot in self._hier.items() if tot > nu} | {
                vingerafdruk: eind
            }
        if self._bron is None:
            return
        try:
            self._bron.add_afmelding(vingerafdruk, datetime.fromtimestamp(eind, UTC))
        except BuurtpeilError as fout:
            _log.warning("session ended in this worker alone: %s", fout.gevonden)

    def _look(self) -> None:
        if self._bron is None or self._is_vers():
            return
        with self._slot:
            if self._is_vers():
                return
            self._gelezen = self._klok()  # also when it fails: it is not asked at every request
            try:
                self._elders = self._bron.list_afmeldingen()
            except BuurtpeilError as fout:
                _log.warning("ended sessions could not be read: %s", fout.gevonden)

    def _is_vers(self) -> bool:
        return self._gelezen is not None and 0 <= self._klok() - self._gelezen < VERS


def hash_sessie(kern: str) -> str:
    """Return what is kept of a session; of its 128 random bits nothing can be found back."""
    return hashlib.sha256(b"afmelding:" + kern.encode()).hexdigest()
