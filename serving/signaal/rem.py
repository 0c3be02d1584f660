"""How often somebody may report: enough for a day's work, too little to fill the store.

In the memory of one process; it starts anew with it. Before the application a proxy may do more.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

AANTAL: Final = 20
SECONDEN: Final = 600
_MAXIMUM_MELDERS: Final = 10_000


class Rem:
    """Counts reports per reporter over the last minutes.

    Parameters
    ----------
    aantal, seconden
        So many reports in so many seconds.
    nu
        Gives seconds that only go forward.
    """

    def __init__(
        self,
        aantal: int = AANTAL,
        seconden: float = SECONDEN,
        nu: Callable[[], float] = time.monotonic,
    ) -> None:
        self._aantal = aantal
        self._seconden = seconden
        self._nu = nu
        self._per_melder: dict[str, deque[float]] = {}
        self._slot = threading.Lock()

    def admit(self, melder: str) -> int:
        """Count one report; return 0, or after how many seconds the next one is taken."""
        nu = self._nu()
        with self._slot:
            if len(self._per_melder) >= _MAXIMUM_MELDERS:
                self._forget(nu)
            keren = self._per_melder.setdefault(melder, deque())
            while keren and keren[0] <= nu - self._seconden:
                keren.popleft()
            if len(keren) >= self._aantal:
                return max(1, round(keren[0] + self._seconden - nu))
            keren.append(nu)
            return 0

    def _forget(self, nu: float) -> None:
        self._per_melder = {
            melder: keren
            for melder, keren in self._per_melder.items()
            if keren and keren[-1] > nu - self._seconden
        }
