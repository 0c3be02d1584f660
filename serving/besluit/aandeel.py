"""How often a label is read otherwise: the share of the labelled complexes with a duiding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.besluit.duiding import ALARM_AANDEEL

SLEUTEL = "duidingen"
"""Where a release's manifest has it."""


@dataclass(frozen=True)
class Duidingaandeel:
    """The override rate of a release, and which duidingen it was made with.

    Parameters
    ----------
    peildatum
        Last peildatum of complexes.
    met_label, met_duiding
        Complexes with a label then, and those of them with a duiding.
    aantal, sha256
        Rows (complex and peildatum) that count, and the hash over them.
    """

    peildatum: date
    met_label: int
    met_duiding: int
    aantal: int
    sha256: str

    @property
    def aandeel(self) -> float:
        """Share with a duiding, 0 to 1; 0 when nothing has a label."""
        return self.met_duiding / self.met_label if self.met_label else 0.0

    @property
    def is_alarm(self) -> bool:
        """Whether so many labels are read otherwise that the method needs a look."""
        return self.aandeel > ALARM_AANDEEL

    def as_manifest(self) -> dict[str, Any]:
        """Return the facts for the hashed part of a manifest: no names, no texts."""
        return {
            "peildatum": self.peildatum.isoformat(),
            "complexen_met_label": self.met_label,
            "complexen_met_duiding": self.met_duiding,
            "aantal": self.aantal,
            "sha256": self.sha256,
        }

    @classmethod
    def of_manifest(cls, manifest: Mapping[str, Any]) -> Duidingaandeel | None:
        """Return the share that a release was published with; None when it has none."""
        feiten = manifest.get(SLEUTEL)
        if not feiten:
            return None
        return cls(
            peildatum=date.fromisoformat(feiten["peildatum"]),
            met_label=feiten["complexen_met_label"],
            met_duiding=feiten["complexen_met_duiding"],
            aantal=feiten["aantal"],
            sha256=feiten["sha256"],
        )
