"""The run lock: one run at a time in a data folder, whatever started it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from vera.errors import BuurtpeilError

KIJKT_ELKE: Final = 0.2
"""Seconds between two looks of who waits for the lock."""


class RunBezig(BuurtpeilError):
    """Another run holds the data folder."""


@contextmanager
def hold_slot(pad: Path, wacht: float = 0) -> Iterator[None]:
    """Hold the run lock; the system lets go of it when the process dies, however it dies.

    Parameters
    ----------
    pad
        The lock.
    wacht
        Seconds to wait for who holds it; 0 = refuse at once.

    Raises
    ------
    RunBezig
        When another process holds it, and still does after ``wacht``.
    BuurtpeilError
        When nobody can hold it: a file system without locks, a folder that is not ours.
    """
    pad.parent.mkdir(parents=True, exist_ok=True)
    tot = time.monotonic() + wacht
    with pad.open("a+", encoding="ascii") as bestand:
        while not _take(bestand):
            if time.monotonic() >= tot:
                bestand.seek(0)
                proces = bestand.read().strip() or "?"
                raise RunBezig(
                    f"Er loopt al een run in deze datamap (proces {proces}).",
                    verwacht="één run tegelijk per datamap",
                    remedie="wacht tot die klaar is, of kies een andere datamap met --data",
                )
            time.sleep(KIJKT_ELKE)
        bestand.truncate(0)
        bestand.write(f"{os.getpid()}\n")
        bestand.flush()
        yield


def _take(bestand: TextIO) -> bool:
    try:
        fcntl.flock(bestand, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as fout:
        raise BuurtpeilError(
            f"Het slot {bestand.name} is niet te zetten: {fout.strerror}.",
            verwacht="een datamap op een schijf die sloten kent (een lokale schijf, of NFS 4)",
            remedie="zet de datamap op een andere schijf en geef haar met --data",
        ) from fout
    return True
