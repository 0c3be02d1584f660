"""A bounded store in memory of what was found, each until its own moment.

The key is a hash: a token itself is kept nowhere.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Final, Generic, TypeVar

MAXIMUM: Final = 10_000

_T = TypeVar("_T")


class Voorraad(Generic[_T]):
    """Keeps so many values, each until its moment.

    Parameters
    ----------
    maximum
        How many; the oldest goes first.
    """

    def __init__(self, maximum: int = MAXIMUM) -> None:
        self._maximum = maximum
        self._alles: dict[bytes, tuple[float, _T]] = {}
        self._slot = threading.Lock()

    def find(self, sleutel: bytes, nu: float) -> _T | None:
        """Return what is kept under a key; None when there is nothing, or its moment passed."""
        vak = self._alles.get(hashlib.sha256(sleutel).digest())
        return vak[1] if vak is not None and nu < vak[0] else None

    def keep(self, sleutel: bytes, waarde: _T, tot: float, nu: float) -> None:
        """Keep a value until a moment; make room when it is full."""
        with self._slot:
            if len(self._alles) >= self._maximum:
                over = {k: vak for k, vak in self._alles.items() if nu < vak[0]}
                teveel = len(over) - self._maximum + 1
                for oud in list(over)[: max(teveel, 0)]:
                    del over[oud]
                self._alles = over
            self._alles[hashlib.sha256(sleutel).digest()] = (tot, waarde)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._alles)
