"""One size in this process: generate, run, train, publish; what each step cost goes to a file.

The file is written again at every step, so that a process that is stopped still says how far it
came. Called as ``python -m orchestration.schaal.proces EENHEDEN JAREN SEED MAP BESTAND``.

Belongs here: the line from deliveries to a release, measured. Does not belong here: several sizes
(``meting``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestration.schaal.stap import Kosten, Meter
from orchestration.voortgang import RegelVoortgang

MAKEN = "demo maken"


class _Boek(Meter):
    """Writes what is known at the begin and the end of every step."""

    def __init__(self, pad: Path) -> None:
        super().__init__(RegelVoortgang())
        self._pad = pad
        self.feiten: dict[str, Any] = {}

    def begin(self, naam: str, wat: str) -> None:
        super().begin(naam, wat)
        self.write(bezig=naam)

    def einde(self, naam: str, duur: float, wat: str) -> None:
        super().einde(naam, duur, wat)
        self.write()

    def write(self, bezig: str = "") -> None:
        inhoud = {
            **self.feiten,
            "bezig": bezig,
            "stappen": {naam: asdict(kosten) for naam, kosten in self.kosten.items()},
        }
        tijdelijk = self._pad.with_name(f"{self._pad.name}.deel")
        tijdelijk.write_text(json.dumps(inhoud), encoding="utf-8")
        tijdelijk.replace(self._pad)


def run_grootte(eenheden: int, jaren: int, seed: int, map_: Path, pad: Path) -> None:
    """Generate an association of this size in a folder, run everything, and keep the costs.

    Parameters
    ----------
    eenheden, jaren, seed
        The demo world.
    map_
        Gets ``leveringen`` and ``data``.
    pad
        File of the costs (:func:`read_boek`).
    """
    boek = _Boek(pad)
    with boek.stap("opstarten"):
        from orchestration.instellingen import Instellingen
        from orchestration.uitvoering import run_job
        from sources.demo.genereer import generate
    with boek.stap(MAKEN):
        verslag = generate(map_ / "leveringen", eenheden=eenheden, jaren=jaren, seed=seed)
    boek.feiten = {
        "eenheden": verslag.eenheden,
        "complexen": verslag.complexen,
        "rijen": sum(verslag.rijen.values()),
    }
    gereed = run_job(
        "verversing",
        Instellingen(data=map_ / "data", leveringen=map_ / "leveringen"),
        boek,
        bewaar=False,
    )
    boek.feiten["release"] = gereed.release_id
    boek.write()


def read_boek(pad: Path) -> tuple[Mapping[str, Any], dict[str, Kosten]]:
    """Return the facts that a process kept, and what its steps cost; nothing when it kept none."""
    try:
        inhoud = json.loads(pad.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, {}
    kosten = {naam: Kosten(**velden) for naam, velden in inhoud.pop("stappen").items()}
    return inhoud, kosten


def main() -> None:
    """Entry point of the process."""
    from orchestration.cli import use_one_thread

    use_one_thread()
    eenheden, jaren, seed = map(int, sys.argv[1:4])
    run_grootte(eenheden, jaren, seed, Path(sys.argv[4]), Path(sys.argv[5]))


if __name__ == "__main__":
    main()
