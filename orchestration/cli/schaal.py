"""``bench --sector``: the whole line at three sizes, up to that of the Dutch sector."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console

from orchestration.machine import describe_machine
from orchestration.schaal.meting import measure_sector
from orchestration.schaal.verslag import SECTOR, write_verslag

DELERS: Final = (40, 4, 1)
"""The sizes as parts of the largest: 60 thousand and 600 thousand beside 2.4 million."""
KLEINSTE: Final = 100


def measure_schaal(
    eenheden: int | None, jaren: int, seed: int, minuten: int, schrijf: Path | None
) -> None:
    """Run every size in a process of its own, and print the page or write it to a file.

    Parameters
    ----------
    eenheden
        The largest size; that of the sector when absent.
    jaren, seed
        Of the demo worlds.
    minuten
        A size that takes longer is stopped and told as such.
    schrijf
        File of the page.
    """
    zeg = Console(stderr=True)
    grootste = SECTOR if eenheden is None else eenheden
    groottes = sorted({max(KLEINSTE, grootste // deler) for deler in DELERS})
    gemeten = measure_sector(groottes, jaren, seed, zeg.print, seconden=60.0 * minuten)
    opties = ["" if grootste == SECTOR else f" --eenheden {grootste}"]
    # Of a path its last part: where it lies on this machine is nobody's concern.
    opties.append("" if schrijf is None else f" --schrijf {schrijf.name}")
    opdracht = f"buurtpeil bench --sector{''.join(opties)}"
    tekst = write_verslag(gemeten, jaren, describe_machine(), opdracht)
    if schrijf is None:
        print(tekst)
    else:
        schrijf.write_text(tekst, encoding="utf-8")
        zeg.print(f"Geschreven: {schrijf}")
