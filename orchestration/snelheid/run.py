"""The whole job as a process of its own, so that it can be measured (``meter``)."""

from __future__ import annotations

import sys
from pathlib import Path

from orchestration.instellingen import Instellingen
from orchestration.snelheid.meter import Meter
from orchestration.uitvoering import run_job


def main(argv: list[str]) -> None:
    """Run the job ``verversing``: ``<data> <deliveries> <file for the times>``."""
    data, leveringen, uit = map(Path, argv)
    meter = Meter()
    # Events are kept, as a run of the command line does.
    gereed = run_job("verversing", Instellingen(data=data, leveringen=leveringen), meter)
    meter.write(uit, {"release": gereed.release_id})


if __name__ == "__main__":
    main(sys.argv[1:])
