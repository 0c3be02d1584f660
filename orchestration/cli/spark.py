"""``spark-gelijk``: the same dbt project on Spark, every table compared with DuckDB's."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.instellingen import Instellingen
from orchestration.spark.gelijkheid import ABSOLUUT, RELATIEF, Vergelijking
from orchestration.spark.vergelijking import (
    STAP_INVOER,
    Uitslag,
    compare_targets,
    find_python,
)


def compare(
    instellingen: Instellingen,
    python: Path | None,
    werkmap: Path | None,
    kies: Sequence[str],
    *,
    los: bool,
) -> None:
    """Compare the targets on what a run landed and print a line per table; exit 1 when not equal.

    Parameters
    ----------
    instellingen
        Where the data folder is.
    python
        A Python that has dbt-spark; None = look for it.
    werkmap
        Where Spark's tables stay; None = nowhere.
    kies
        dbt's selection; none = everything.
    los
        Whether each chosen model reads the tables of DuckDB.
    """
    gekozen = find_python(python)
    if werkmap is not None:
        uitslag = compare_targets(instellingen.data, werkmap.resolve(), gekozen, kies, los=los)
    else:
        with tempfile.TemporaryDirectory(prefix="buurtpeil-spark-") as naam:
            uitslag = compare_targets(instellingen.data, Path(naam), gekozen, kies, los=los)
    show(uitslag, Console())
    if not uitslag.is_gelijk:
        sys.exit(1)


def show(uitslag: Uitslag, console: Console) -> None:
    """Print what was compared: marts, then what the draws read, then the rest."""
    tabel = Table(title="Elke tabel op DuckDB en op Spark")
    for kop in ("tabel", "soort", "oordeel"):
        tabel.add_column(kop)
    for kop in ("rijen", "grootste afwijking", "seconden op Spark"):
        tabel.add_column(kop, justify="right")
    for regel in uitslag.tabellen:
        seconden = uitslag.seconden.get(regel.naam.split(".")[1])
        tabel.add_row(
            regel.naam,
            _soort(regel.naam),
            "gelijk" if regel.is_gelijk else _describe(regel),
            str(regel.rijen),
            f"{regel.afwijking:.1e}" if regel.afwijking else "0",
            "" if seconden is None else f"{seconden:.1f}",
        )
    console.print(tabel)
    anders = sum(not regel.is_gelijk for regel in uitslag.tabellen)
    console.print(
        f"{len(uitslag.tabellen)} tabellen vergeleken, {anders} verschillen. Gehele getallen, "
        f"tekst en dagen horen precies gelijk te zijn; andere getallen tot op {RELATIEF:.0e} van "
        f"hun grootte, of {ABSOLUUT:.0e}.",
        highlight=False,
    )


def _soort(naam: str) -> str:
    if naam in STAP_INVOER:
        return "invoer van de trekkingen"
    return {"mart": "mart", "seeds": "lijst"}.get(naam.split(".", maxsplit=1)[0], "tussenstap")


def _describe(regel: Vergelijking) -> str:
    delen = []
    if regel.rijen != regel.rijen_ander:
        delen.append(f"{regel.rijen_ander} rijen op Spark")
    if regel.zonder_paar:
        delen.append(f"{regel.zonder_paar} rijen zonder tegenhanger")
    if regel.kolommen:
        delen.append("anders in " + ", ".join(regel.kolommen))
    return "; ".join(delen)
