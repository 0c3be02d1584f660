"""What one step costs: time, time of the processor, and the most memory that was held in it.

Belongs here: reading clocks and the system's counters of this process.
Does not belong here: which steps there are.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from orchestration.voortgang import Voortgang

_STAND: Final = Path("/proc/self/status")
_WIS: Final = Path("/proc/self/clear_refs")
_WIS_PIEK: Final = "5"
"""What Linux wants to hear to forget the most memory that was held so far."""
_KB: Final = 1024
_MB: Final = 1024**2


@dataclass
class Kosten:
    """What a step cost.

    Attributes
    ----------
    seconden
        On the clock of the wall.
    rekentijd
        Seconds of the processors, of this process and of those that it waited for. On two
        processors they may be twice the time on the wall; beside other work the wall is longer.
    piek
        The most memory that was held during the step, in MB; what earlier steps left is in it.
    """

    seconden: float = 0.0
    rekentijd: float = 0.0
    piek: float = 0.0


@dataclass
class _Open:
    naam: str
    rekentijd: float
    piek: float


@dataclass
class Meter(Voortgang):
    """Keeps what each step cost, and tells another how far the run is."""

    ander: Voortgang
    kosten: dict[str, Kosten] = field(default_factory=dict)
    _open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def meld(self, klaar: int, totaal: int, wat: str = "") -> None:
        """Pass on how much of the current step is done."""
        self.ander.meld(klaar, totaal, wat)

    def begin(self, naam: str, wat: str) -> None:
        """Start the counters of a step."""
        self.ander.begin(naam, wat)
        self._note_piek()
        self._open.append(_Open(naam, read_rekentijd(), 0.0))

    def einde(self, naam: str, duur: float, wat: str) -> None:
        """Add up what the step cost."""
        self._note_piek()
        stap = self._open.pop()
        kosten = self.kosten.setdefault(naam, Kosten())
        kosten.seconden += duur
        kosten.rekentijd += read_rekentijd() - stap.rekentijd
        kosten.piek = max(kosten.piek, stap.piek)
        self.ander.seconden[naam] = self.seconden[naam]
        self.ander.einde(naam, duur, wat)

    def _note_piek(self) -> None:
        """Give the peak since last time to every step that is open, and begin anew."""
        piek = take_piek()
        for stap in self._open:
            stap.piek = max(stap.piek, piek)


def read_rekentijd() -> float:
    """Return the seconds of the processors that this process and its ended children took."""
    return sum(
        gebruik.ru_utime + gebruik.ru_stime
        for gebruik in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def take_piek() -> float:
    """Return the most memory held since the last call, in MB.

    Where the system cannot forget a peak, it is the most since the process began.
    """
    try:
        gevonden = re.search(r"^VmHWM:\s+(\d+) kB", _STAND.read_text(encoding="ascii"), re.M)
        _WIS.write_text(_WIS_PIEK, encoding="ascii")
    except OSError:
        gevonden = None
    if gevonden is not None:
        return int(gevonden[1]) * _KB / _MB
    meeste = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux tells kilobytes, macOS bytes.
    return meeste / _MB if sys.platform == "darwin" else meeste * _KB / _MB


def read_belasting() -> float:
    """Return how many processes wanted a processor over the last minute."""
    return os.getloadavg()[0]


def now() -> float:
    """Return a clock that only goes forward, in seconds."""
    return time.monotonic()
