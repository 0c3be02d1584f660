"""Noting reads without waiting for the disk: a queue, and a thread that lives while it is filled.

A graceful stop loses nothing: the thread is not a daemon, so the interpreter waits for it. What
a ``kill -9`` or a power cut can lose are the lines of the last moment (``_RUST``), and of reads of
labels and indicators alone: other restricted reads, and decisions, wait for the disk (``flush``).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from serving.leeslog.keten import Keten, LeeslogFout
from serving.leeslog.regel import Lezing

_RUST: Final = 0.02
"""Seconds between two batches. Short: who answers on the same core waits while a batch is chained,
and a batch is what came in between."""


class Leeslog(Protocol):
    """Takes what was read."""

    def note(self, lezing: Lezing) -> None:
        """Note a read; it is on disk a moment later."""
        ...

    def flush(self) -> None:
        """Wait until everything that was noted is on disk."""
        ...


class Leeslogschrijver:
    """Writes to a chain in batches.

    Parameters
    ----------
    keten
        The files.
    rust
        Seconds between two batches.
    slaap
        Waits.
    """

    def __init__(
        self, keten: Keten, *, rust: float = _RUST, slaap: Callable[[float], None] = time.sleep
    ) -> None:
        self.keten = keten
        self._rust = rust
        self._slaap = slaap
        self._wachtrij: deque[Lezing] = deque()
        self._slot = threading.Lock()
        self._loopt = False
        self._fout: LeeslogFout | None = None

    @property
    def wachtend(self) -> int:
        """How many lines are not on disk yet."""
        return len(self._wachtrij)

    def note(self, lezing: Lezing) -> None:
        """Note a read.

        Raises
        ------
        LeeslogFout
            When the last batch could not be written: then nothing restricted may be read, until
            a try succeeds.
        """
        if self._fout is not None:
            self.flush()
        self._wachtrij.append(lezing)
        if not self._loopt:
            self._start()

    def flush(self) -> None:
        """Write everything that was noted, now.

        Raises
        ------
        LeeslogFout
            When that cannot be done; what was noted is kept for the next try.
        """
        with self._slot:
            regels = [self._wachtrij.popleft() for _ in range(len(self._wachtrij))]
            if not regels and self._fout is None:
                return
            try:
                self.keten.add(regels)
            except Exception as fout:
                # Whatever it was: nothing that was noted is dropped, and nothing more is read.
                self._wachtrij.extendleft(reversed(regels))
                self._fout = fout if isinstance(fout, LeeslogFout) else _describe(fout)
                if self._fout is fout:
                    raise
                raise self._fout from fout
            self._fout = None

    def _start(self) -> None:
        self._loopt = True
        threading.Thread(target=self._run, name="leeslog").start()

    def _run(self) -> None:
        while True:
            self._slaap(self._rust)
            try:
                self.flush()
            except LeeslogFout:
                self._loopt = False  # told to the next reader, who is refused
                return
            self._loopt = False
            # What came in between the batch and the line above has seen a running thread.
            if not self._wachtrij:
                return
            self._loopt = True


def _describe(fout: Exception) -> LeeslogFout:
    return LeeslogFout(
        f"Het leeslog is niet te schrijven ({type(fout).__name__}).",
        verwacht="een leeslog en een anker zoals Buurtpeil ze schrijft",
        remedie="kijk met `buurtpeil leeslog controleer`; tot dan blijven gegevens dicht",
    )
