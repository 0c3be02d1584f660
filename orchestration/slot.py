"""The run lock: one run at a time in a data folder, whatever started it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vera.errors import BuurtpeilError


class RunBezig(BuurtpeilError):
    """Another run holds the data folder."""


@contextmanager
def hold_slot(pad: Path) -> Iterator[None]:
    """Hold the run lock; the system lets go of it when the process dies, however it dies.

    Raises
    ------
    RunBezig
        When another process holds it.
    """
    pad.parent.mkdir(parents=True, exist_ok=True)
    with pad.open("a+", encoding="ascii") as bestand:
        try:
            fcntl.flock(bestand, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fout:
            bestand.seek(0)
            raise RunBezig(
                f"Er loopt al een run in deze datamap (proces {bestand.read().strip() or '?'}).",
                verwacht="één run tegelijk per datamap",
                remedie="wacht tot die klaar is, of kies een andere datamap met --data",
            ) from fout
        bestand.truncate(0)
        bestand.write(f"{os.getpid()}\n")
        bestand.flush()
        yield
