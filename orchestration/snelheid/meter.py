"""Time, processor time and memory of a process that does the steps of a run, left in a file.

Belongs here: what is measured, and how it travels from the process that was measured to who asked.
Does not belong here: the steps, and what the figures are held against (``verhouding``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from orchestration.voortgang import RegelVoortgang
from vera.errors import BuurtpeilError

_KB: Final = 1024


class MeetFout(BuurtpeilError):
    """A process that was to be measured did not come to its end."""


@dataclass(frozen=True)
class Duur:
    """What a step took.

    Parameters
    ----------
    klok
        Seconds on the clock. On a shared machine this is also what others did.
    rekentijd
        Seconds of the processor, of all threads together.
    """

    klok: float = 0.0
    rekentijd: float = 0.0

    def __add__(self, ander: Duur) -> Duur:
        return Duur(self.klok + ander.klok, self.rekentijd + ander.rekentijd)

    def __sub__(self, ander: Duur) -> Duur:
        return Duur(self.klok - ander.klok, self.rekentijd - ander.rekentijd)


@dataclass(frozen=True)
class Gemeten:
    """A process from its start to its end.

    Parameters
    ----------
    heel
        The whole process: starting Python and importing counts.
    stappen
        By the name that a run gives a step. A step within a step is not counted twice.
    geheugen
        Most memory that it had at once, in bytes.
    uitkomst
        What the process wrote beside its times.
    """

    heel: Duur
    stappen: Mapping[str, Duur]
    geheugen: int
    uitkomst: Mapping[str, Any]


class Meter(RegelVoortgang):
    """Tells how far a run is, and keeps processor time per step beside the time on the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.duren: dict[str, Duur] = {}
        self._open: list[tuple[Duur, Duur]] = []

    def begin(self, naam: str, wat: str) -> None:
        """Take the time at which a step, or a part of it, begins."""
        super().begin(naam, wat)
        self._open.append((read_duur(), Duur()))

    def einde(self, naam: str, duur: float, wat: str) -> None:
        """Add what the step took, less what the steps within it took."""
        begin, binnen = self._open.pop()
        heel = read_duur() - begin
        self.duren[naam] = self.duren.get(naam, Duur()) + (heel - binnen)
        if self._open:
            buiten, al = self._open[-1]
            self._open[-1] = (buiten, al + heel)
        super().einde(naam, duur, wat)

    def write(self, naar: Path, uitkomst: Mapping[str, Any]) -> None:
        """Leave the times and the outcome in a file."""
        stappen = {naam: [duur.klok, duur.rekentijd] for naam, duur in self.duren.items()}
        naar.write_text(json.dumps({"stappen": stappen, "uitkomst": dict(uitkomst)}), "utf-8")


def read_duur() -> Duur:
    """Return the clock and what this process and its children computed until now."""
    keer = os.times()
    return Duur(time.monotonic(), sum(keer[:4]))


def measure_proces(module: str, opdracht: Sequence[str], uit: Path) -> Gemeten:
    """Run a module as a process of its own, and return what it took.

    Parameters
    ----------
    module
        Its command line takes ``opdracht`` and then the file that :meth:`Meter.write` makes.
    opdracht
        Arguments.
    uit
        The file; its folder is there.

    Raises
    ------
    MeetFout
        When the process failed; what it said went to the terminal.
    """
    begin = time.monotonic()
    proces = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", module, *opdracht, str(uit)]
    )
    _, stand, gebruik = os.wait4(proces.pid, 0)
    proces.returncode = os.waitstatus_to_exitcode(stand)
    if proces.returncode:
        raise MeetFout(
            f"{module} is gestopt met code {proces.returncode}.",
            verwacht="een proces dat tot het einde komt",
            remedie="lees wat het hierboven zei",
        )
    geschreven = json.loads(uit.read_text(encoding="utf-8"))
    return Gemeten(
        heel=Duur(time.monotonic() - begin, gebruik.ru_utime + gebruik.ru_stime),
        stappen={naam: Duur(*duur) for naam, duur in geschreven["stappen"].items()},
        # Linux counts in kilobytes, macOS in bytes.
        geheugen=gebruik.ru_maxrss * (1 if sys.platform == "darwin" else _KB),
        uitkomst=geschreven["uitkomst"],
    )
