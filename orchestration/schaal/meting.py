"""Sizes one after another, each in a fresh process whose memory is watched from outside.

Belongs here: starting, watching and ending those processes. Does not belong here: what runs in
them (``proces``), what follows from the costs (``verslag``).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestration.schaal.proces import read_boek
from orchestration.schaal.stap import Kosten, read_belasting

GEHEUGEN_WACHT: Final = 16_384
"""MB above which a process is ended: the machine has other work to do."""
_KIJK: Final = 0.5
_KB_PER_MB: Final = 1024
MAP_LEEG: Final = "buurtpeil-sector-"

Zeg = Callable[[str], None]


@dataclass(frozen=True)
class Grootte:
    """What became of one size.

    Attributes
    ----------
    eenheden, complexen, rijen
        Size of the world that was made, and rows delivered; 0 when it did not come that far.
    kosten
        What each step cost, by name, in their order.
    bezig
        The step in which it stopped, of which the costs are those so far; empty when it published.
    afgebroken
        In Dutch in which step it stopped and why; empty when it published.
    piek
        The most memory seen from outside, in MB.
    belasting
        Mean number of processes that wanted a processor meanwhile, its own among them.
    """

    eenheden: int
    complexen: int
    rijen: int
    kosten: dict[str, Kosten]
    bezig: str = ""
    afgebroken: str = ""
    piek: float = 0.0
    belasting: float = 0.0


def measure_sector(
    groottes: Sequence[int],
    jaren: int,
    seed: int,
    zeg: Zeg,
    *,
    seconden: float,
    geheugen: float = GEHEUGEN_WACHT,
    waar: Path | None = None,
) -> list[Grootte]:
    """Run every size once, the smallest first; a size that fails is the last.

    Parameters
    ----------
    groottes
        Dwellings.
    jaren, seed
        Of the demo world.
    zeg
        Told how far it is.
    seconden
        A size that takes longer is ended.
    geheugen
        A process that holds more, in MB, is ended.
    waar
        Where folders are made and removed again; the system's place when absent.
    """
    gemeten = []
    for eenheden in sorted(groottes):
        zeg(f"{eenheden} woningen, {jaren} jaar")
        with tempfile.TemporaryDirectory(prefix=MAP_LEEG, dir=waar) as naam:
            gemeten.append(
                _measure(eenheden, jaren, seed, Path(naam), seconden=seconden, geheugen=geheugen)
            )
        if gemeten[-1].afgebroken:
            zeg(gemeten[-1].afgebroken)
            break
    return gemeten


def _measure(
    eenheden: int, jaren: int, seed: int, map_: Path, *, seconden: float, geheugen: float
) -> Grootte:
    boek = map_ / "kosten.json"
    opdracht = [
        sys.executable,
        "-m",
        "orchestration.schaal.proces",
        *map(str, (eenheden, jaren, seed, map_, boek)),
    ]
    begin, belasting, piek, reden = time.monotonic(), [read_belasting()], 0.0, ""
    with subprocess.Popen(opdracht) as proces:  # noqa: S603 - our own module
        try:
            while proces.poll() is None:
                time.sleep(_KIJK)
                nu = read_geheugen(proces.pid)
                piek = max(piek, nu)
                belasting.append(read_belasting())
                if nu > geheugen:
                    reden = f"meer dan {geheugen:.0f} MB geheugen"
                elif time.monotonic() - begin > seconden:
                    reden = f"langer dan {seconden / 60:.0f} minuten"
                if reden:
                    proces.kill()
                    proces.wait()
        finally:
            # Whoever interrupts this one wants nothing to go on.
            if proces.poll() is None:
                proces.kill()
    feiten, kosten = read_boek(boek)
    if proces.returncode and not reden:
        reden = f"uitkomst {proces.returncode}"
    bezig = str(feiten.get("bezig", "")) if reden else ""
    return Grootte(
        eenheden=int(feiten.get("eenheden", eenheden)),
        complexen=int(feiten.get("complexen", 0)),
        rijen=int(feiten.get("rijen", 0)),
        kosten=kosten,
        bezig=bezig,
        afgebroken=f"gestopt bij {bezig or 'het begin'}: {reden}" if reden else "",
        piek=max([piek, *(k.piek for k in kosten.values())]),
        belasting=sum(belasting) / len(belasting),
    )


def read_geheugen(pid: int) -> float:
    """Return the memory that a process holds, in MB; 0 where the system does not tell."""
    try:
        tekst = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    gevonden = re.search(r"^VmRSS:\s+(\d+) kB", tekst, re.M)
    return int(gevonden[1]) / _KB_PER_MB if gevonden else 0.0
