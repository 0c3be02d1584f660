"""What a gate found, as one row that the terminal, Dagster and the docs all show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bevinding:
    """One rule that was checked on one table, and how it went.

    ``voorbeeld`` names file and line (or a pseudonym), never a personal value.
    ``blokkeert`` tells whether the run stops when the rule does not hold.
    """

    poort: str
    tabel: str
    regel: str
    geslaagd: bool
    blokkeert: bool
    aantal: int
    verwacht: str
    gevonden: str
    voorbeeld: str = ""
    remedie: str = ""

    def __str__(self) -> str:
        kop = f"{self.tabel}: {self.regel} ({self.aantal}x)"
        delen = [kop, f"  verwacht: {self.verwacht}", f"  gevonden: {self.gevonden}"]
        if self.voorbeeld:
            delen.append(f"  voorbeeld: {self.voorbeeld}")
        if self.remedie:
            delen.append(f"  wat te doen: {self.remedie}")
        return "\n".join(delen)
