"""Run dbt on Spark, in a Python that has dbt-spark: ``python uitvoerder.py opdracht.json``.

A script beside the package and no part of it: the environment with Spark needs nothing else of
the project. Sources and build run in one process, because Spark takes seconds to start and its
embedded metastore has one user at a time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner


def main(pad: Path) -> int:
    """Do what ``opdracht.json`` asks; write ``uitkomst.json`` beside it; return the exit code.

    The assignment has ``argumenten`` (of every dbt call), ``bronnen`` (macro ``leg_bronnen``) and
    ``bouw`` (the build).
    """
    opdracht = json.loads(pad.read_text(encoding="utf-8"))
    runner = dbtRunner()
    bronnen = runner.invoke(
        [
            "run-operation",
            "leg_bronnen",
            "--args",
            json.dumps({"bronnen": opdracht["bronnen"]}),
            *opdracht["argumenten"],
        ]
    )
    if not bronnen.success:
        return _report(pad, [], str(bronnen.exception or "leg_bronnen"))
    gebouwd = runner.invoke([*opdracht["bouw"], *opdracht["argumenten"]])
    regels = [] if gebouwd.result is None else list(getattr(gebouwd.result, "results", []))
    return _report(pad, regels, str(gebouwd.exception or ""))


def _report(pad: Path, regels: list[Any], fout: str) -> int:
    uitkomst = {
        "fout": fout,
        "modellen": [
            {
                "unique_id": regel.node.unique_id,
                "status": str(regel.status),
                "seconden": regel.execution_time,
                "bericht": regel.message or "",
            }
            for regel in regels
        ],
    }
    pad.with_name("uitkomst.json").write_text(json.dumps(uitkomst), encoding="utf-8")
    return 1 if fout else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
