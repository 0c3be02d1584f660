"""A whole run held against its floor: how many times as long, step by step, and the same outcome.

What counts is processor time: it says what the job costs, also while others work on the machine.
The time on the clock stands beside it. A ratio with another outcome means nothing, so the tables
and the release are compared first.

Belongs here: which steps belong together, the comparison, the page. Does not belong here: the
steps (``vloer``), measuring (``meter``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from orchestration.machine import describe_machine
from orchestration.snelheid.meter import Duur, Gemeten, measure_proces
from orchestration.snelheid.vloer import UITKOMSTEN, VloerFout
from orchestration.warehouse import RELATIES, open_warehouse
from orchestration.werkmap import Werkmap
from sources.demo.genereer import generate

GRENZEN: Final = ((2_400_000, 1.15), (60_000, 2.0))
"""From how many dwellings the whole job may take at most how many times its floor.

Below these there is no bound: what a run costs whatever its size is most of it there.
"""
STAPPEN: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "levering tot landing": (
        ("leveringen inlezen", "klaarzetten", "poort in"),
        ("leveringen inlezen",),
    ),
    "dbt, eerste deel": (("warehouse",), ("warehouse",)),
    "trekkingen": (("trekkingen",), ("trekkingen",)),
    "maatregelen en robuustheid": (
        ("maatregelen", "robuustheid"),
        ("maatregelen", "robuustheid"),
    ),
    "risicomodellen leren en scoren": (("risicomodellen",), ("risicomodellen",)),
    "dbt, tweede deel": (("marts",), ("marts",)),
    "release": (
        ("poort uit", "papieren", "persoonsgegevens zoeken", "publiceren"),
        ("publiceren",),
    ),
}
"""By its Dutch name: what a step takes in, of a run and of the floor."""
REST: Final = "starten, doelbinding en tussen de stappen"
_MB: Final = 1e6


@dataclass(frozen=True)
class Opzet:
    """The made association that is measured.

    Parameters
    ----------
    eenheden, jaren, seed
        As ``buurtpeil generate`` takes them.
    """

    eenheden: int = 60_000
    jaren: int = 10
    seed: int = 1

    @property
    def grens(self) -> float | None:
        """How many times its floor the whole job may take; None where that is not said."""
        return next((grens for vanaf, grens in GRENZEN if self.eenheden >= vanaf), None)


@dataclass(frozen=True)
class Regel:
    """A step of the job beside the same step of the floor.

    Parameters
    ----------
    naam
        In Dutch.
    run, vloer
        What it took.
    """

    naam: str
    run: Duur
    vloer: Duur

    @property
    def verhouding(self) -> float:
        """How many times the floor's processor time."""
        return self.run.rekentijd / self.vloer.rekentijd if self.vloer.rekentijd else float("inf")

    @property
    def verhouding_klok(self) -> float:
        """The same on the clock."""
        return self.run.klok / self.vloer.klok if self.vloer.klok else float("inf")


@dataclass(frozen=True)
class Verslag:
    """A run and its floor, of which the outcome is the same.

    Parameters
    ----------
    opzet
        What was run.
    run, vloer
        What was measured.
    rijen
        Rows per relation that was compared.
    """

    opzet: Opzet
    run: Gemeten
    vloer: Gemeten
    rijen: Mapping[str, int]

    @property
    def heel(self) -> Regel:
        """The two processes from start to end."""
        return Regel("hele run", self.run.heel, self.vloer.heel)

    @property
    def oordeel(self) -> str:
        """Say whether the whole job stays within its bound, in Dutch."""
        grens = self.opzet.grens
        if grens is None:
            return (
                "Bij deze omvang is er geen grens: wat een run altijd kost, hoe klein ook, weegt "
                "hier het zwaarst."
            )
        gehaald = "gehaald" if self.heel.verhouding <= grens else "niet gehaald"
        return f"De grens bij deze omvang is {_write_getal(grens)}: {gehaald}."

    def list_regels(self) -> list[Regel]:
        """Return the steps in order; what is in none of them stands last."""
        regels = [
            Regel(naam, _sum(self.run.stappen, van_run), _sum(self.vloer.stappen, van_vloer))
            for naam, (van_run, van_vloer) in STAPPEN.items()
        ]
        rest = Regel(
            REST,
            self.run.heel - sum((r.run for r in regels), Duur()),
            self.vloer.heel - sum((r.vloer for r in regels), Duur()),
        )
        return [*regels, rest]


def _sum(stappen: Mapping[str, Duur], namen: tuple[str, ...]) -> Duur:
    return sum((stappen.get(naam, Duur()) for naam in namen), Duur())


def measure(opzet: Opzet, map_: Path, zeg: Callable[[str], None]) -> Verslag:
    """Make deliveries, run the job on them, lay the floor under it, and compare.

    Parameters
    ----------
    opzet
        Size of the association.
    map_
        Folder to work in; new.
    zeg
        Told how far it is, in Dutch.

    Raises
    ------
    VloerFout
        When the two outcomes differ.
    """
    leveringen = map_ / "leveringen"
    zeg(f"Leveringen maken van {opzet.eenheden} woningen, {opzet.jaren} jaar.")
    generate(leveringen, eenheden=opzet.eenheden, jaren=opzet.jaren, seed=opzet.seed)
    zeg("De hele run.")
    run = measure_proces(
        "orchestration.snelheid.run", [str(map_ / "run"), str(leveringen)], map_ / "run.json"
    )
    zeg("De vloer: dezelfde SQL en dezelfde schattingen, kaal.")
    vloer = measure_proces(
        "orchestration.snelheid.vloer",
        [str(map_ / "run"), str(leveringen), str(map_ / "vloer"), run.uitkomst["release"]],
        map_ / "vloer.json",
    )
    rijen = compare(Werkmap.of(map_ / "run"), Werkmap.of(map_ / "vloer"))
    _check_gelijk("release", run.uitkomst["release"], vloer.uitkomst["release"])
    _check_gelijk("geladen raamwerken", [], vloer.uitkomst["raamwerken"])
    return Verslag(opzet, run, vloer, rijen)


def compare(run: Werkmap, vloer: Werkmap) -> dict[str, int]:
    """Return the rows of every relation that a release is made of.

    Raises
    ------
    VloerFout
        When a relation has other rows in one of the two warehouses.
    """
    relaties = sorted({*RELATIES.values(), *(f"buurtpeil.{naam}" for naam in UITKOMSTEN)})
    with open_warehouse(run.warehouse) as een:
        van_run = {relatie: _summarise(een, relatie) for relatie in relaties}
    with open_warehouse(vloer.warehouse) as twee:
        van_vloer = {relatie: _summarise(twee, relatie) for relatie in relaties}
    for relatie in relaties:
        _check_gelijk(relatie, van_run[relatie], van_vloer[relatie])
    return {relatie: rijen for relatie, (rijen, _) in van_run.items()}


def _summarise(warehouse: duckdb.DuckDBPyConnection, relatie: str) -> tuple[int, int]:
    """Return how many rows a relation has, and a hash of them in any order."""
    kolommen = sorted(rij[0] for rij in warehouse.execute(f"describe {relatie}").fetchall())
    namen = ", ".join(f'"{naam}"' for naam in kolommen)
    [(rijen, som)] = warehouse.execute(
        f"select count(*), coalesce(sum(hash({namen})::hugeint), 0) from {relatie}"
    ).fetchall()
    return int(rijen), int(som)


def _check_gelijk(wat: str, van_run: object, van_vloer: object) -> None:
    if van_run != van_vloer:
        raise VloerFout(
            f"De vloer heeft een andere uitkomst dan de run: {wat} is {van_vloer}.",
            verwacht=str(van_run),
            remedie="zoek de stap in orchestration/snelheid/vloer.py die iets anders doet dan de "
            "run; tot dan zegt de verhouding niets",
        )


# --- telling


def write_pagina(verslag: Verslag) -> str:
    """Return the page in Dutch."""
    opzet = verslag.opzet
    regels = [
        "# Hoeveel een run meer doet dan rekenen",
        "",
        "Dit bestand is gemaakt door `buurtpeil bench --schrijf docs/bench.md`. Een run van "
        f"{opzet.eenheden} woningen over {opzet.jaren} jaar is gedaan zoals elke maand. Daarna "
        "zijn dezelfde SQL en dezelfde schattingen nog eens gedraaid op dezelfde leveringen, in "
        "één proces, zonder Dagster, dbt, Great Expectations en MLflow. Dat heet hier de vloer. "
        f"De vloer gaf dezelfde {len(verslag.rijen)} tabellen met samen "
        f"{sum(verslag.rijen.values())} rijen, en dezelfde release "
        f"`{verslag.run.uitkomst['release']}`.",
        "",
        f"Machine: {describe_machine()}.",
        "",
        "| stap | run (s rekentijd) | vloer (s rekentijd) | run / vloer | op de klok |",
        "|---|---:|---:|---:|---:|",
    ]
    for regel in (*verslag.list_regels(), verslag.heel):
        regels.append("| " + " | ".join(describe_regel(regel)) + " |")
    regels += [
        "",
        f"{verslag.oordeel} Meeste geheugen: run {verslag.run.geheugen / _MB:.0f} MB, vloer "
        f"{verslag.vloer.geheugen / _MB:.0f} MB.",
        "",
        "*Rekentijd* is tijd van de processor, van alle kernen samen. Zij verandert weinig als "
        "anderen de machine ook gebruiken; de tijd op de klok wel. Wat de run meer doet: de twee "
        "poorten, de dbt-tests, de controle van doelbinding, het zoeken naar persoonsgegevens, het "
        "archief, de herkomst per kolom, en alles wat in Dagster en in het modelregister te zien "
        f"is. Onder *{REST}* valt bij beide ook het laden van Python en zijn bibliotheken.",
        "",
    ]
    return "\n".join(regels)


def describe_regel(regel: Regel) -> tuple[str, ...]:
    """Return the cells of a line: name, both times, both ratios."""
    return (
        regel.naam,
        *map(
            _write_getal,
            (regel.run.rekentijd, regel.vloer.rekentijd, regel.verhouding, regel.verhouding_klok),
        ),
    )


def _write_getal(getal: float) -> str:
    return f"{getal:.2f}".replace(".", ",") if getal < float("inf") else "-"
