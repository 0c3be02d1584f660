"""``evaluate``: the method tried on worlds of which the truth is known, and held to its limits."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from models.label.evaluatie import (
    EISEN,
    Band,
    Cijfer,
    Eis,
    Uitkomst,
    evaluate_vaste_wereld,
    merge_banden,
    summarise,
)
from orchestration.demo_evaluatie import evaluate_demo
from orchestration.methode import compute_methodeversie
from orchestration.voortgang import Voortgang, open_voortgang
from vera.errors import GebruikFout

Wereldkeuze = Literal["vast", "demo", "beide"]
_KEUZES: tuple[Wereldkeuze, ...] = ("vast", "demo", "beide")
_NAAM = {"vast": "Vaste wereld", "demo": "Demowereld"}
_BREEDTE_LOG = 110


@dataclass(frozen=True)
class Rij:
    """A figure with its limit, over seeds.

    Attributes
    ----------
    eis
        What is asked.
    sbl, ruw, plafond
        Mean and standard error of the label, of five classes from raw rates, and of the best
        that a rule could do; None where there is no such figure.
    """

    eis: Eis
    sbl: Cijfer
    ruw: Cijfer | None
    plafond: Cijfer | None

    @property
    def holds(self) -> bool:
        """Whether the mean over seeds keeps the limit."""
        return self.eis.holds(self.sbl.gemiddeld)


@dataclass(frozen=True)
class Oordeel:
    """What the seeds of one world gave together."""

    wereld: str
    seeds: int
    rijen: list[Rij]
    banden: list[Band]
    signaal: dict[str, dict[str, Cijfer]]

    @property
    def missers(self) -> list[Rij]:
        """Figures that do not keep their limit."""
        return [rij for rij in self.rijen if not rij.holds]


def read_wereld(tekst: str) -> Wereldkeuze:
    """Return which worlds are meant.

    Raises
    ------
    GebruikFout
        When there is no such world.
    """
    for keuze in _KEUZES:
        if tekst == keuze:
            return keuze
    raise GebruikFout(
        f"Er is geen wereld {tekst!r}.",
        verwacht=", ".join(_KEUZES),
        remedie="geef --wereld met een van deze",
    )


def evaluate_label(*, seeds: int, wereld: Wereldkeuze, als_json: bool) -> None:
    """Try the label and print how it did.

    Parameters
    ----------
    seeds
        Number of worlds of each kind; seeds 1, 2, ...
    wereld
        ``vast``, ``demo`` or ``beide``.
    als_json
        Print figures, not tables.

    Raises
    ------
    typer.Exit
        With code 1 when a figure does not keep its limit.
    """
    oordelen = []
    with open_voortgang() as voortgang:
        for soort in ("vast", "demo") if wereld == "beide" else (wereld,):
            uitkomsten = []
            for seed in range(1, seeds + 1):
                with voortgang.stap(f"{_NAAM[soort].lower()}, seed {seed}"):
                    uitkomsten.append(_evaluate(soort, seed))
            oordelen.append(judge(soort, uitkomsten))
    if als_json:
        print(json.dumps([_to_json(oordeel) for oordeel in oordelen], indent=2))
    else:
        console = Console(width=None if sys.stdout.isatty() else _BREEDTE_LOG)
        console.print(
            f"Methode {compute_methodeversie()}; seeds 1 tot en met {seeds}; gemiddelde ± "
            "standaardfout over de seeds.",
            highlight=False,
        )
        for oordeel in oordelen:
            _print_oordeel(console, oordeel)
    if any(oordeel.missers for oordeel in oordelen):
        raise typer.Exit(1)


def _evaluate(soort: str, seed: int) -> Uitkomst:
    if soort == "vast":
        return evaluate_vaste_wereld(seed)
    with tempfile.TemporaryDirectory(prefix="buurtpeil-evaluatie-") as map_:
        # The line tells of every step of every seed; one line per seed says enough here.
        return evaluate_demo(seed, Path(map_), Voortgang())


def judge(wereld: str, uitkomsten: Sequence[Uitkomst]) -> Oordeel:
    """Put the seeds of one world together.

    Parameters
    ----------
    wereld
        ``vast`` or ``demo``.
    uitkomsten
        One per seed.
    """
    return Oordeel(
        wereld,
        len(uitkomsten),
        [
            Rij(
                eis,
                summarise([uit.sbl[eis.code] for uit in uitkomsten]),
                _summarise_als([uit.ruw for uit in uitkomsten], eis.code),
                _summarise_als([uit.plafond for uit in uitkomsten], eis.code),
            )
            for eis in EISEN
        ],
        merge_banden([uit.banden for uit in uitkomsten]),
        {
            thema: {
                veld: summarise([getattr(uit.signaal[thema], veld) for uit in uitkomsten])
                for veld in ("vals", "kracht", "phi")
            }
            for thema in uitkomsten[0].signaal
        },
    )


def _summarise_als(alle: Sequence[Mapping[str, float]], code: str) -> Cijfer | None:
    return summarise([een[code] for een in alle]) if code in alle[0] else None


def _print_oordeel(console: Console, oordeel: Oordeel) -> None:
    show = partial(console.print, highlight=False, markup=False)
    tabel = Table(title=f"\n{_NAAM[oordeel.wereld]}", title_justify="left")
    tabel.add_column("cijfer")
    for kop in ("grens", "SBL-1", "vijf klassen uit ruwe cijfers", "plafond"):
        tabel.add_column(kop, justify="right")
    tabel.add_column("")
    for rij in oordeel.rijen:
        teken = "≤" if rij.eis.soort == "hoogstens" else "≥"
        tabel.add_row(
            rij.eis.naam,
            f"{teken} {_dutch(rij.eis.grens, 2)}",
            *(_write(cijfer) for cijfer in (rij.sbl, rij.ruw, rij.plafond)),
            "" if rij.holds else "niet gehaald",
        )
    console.print(tabel)
    ijk = Table(title="Kans van het label en hoe vaak het juist is", title_justify="left")
    for kop in ("kans", "labels", "gemiddelde kans", "juist"):
        ijk.add_column(kop, justify="right")
    for band in oordeel.banden:
        ijk.add_row(
            f"{_dutch(band.van, 1)} - {_dutch(band.tot, 1)}",
            str(band.aantal),
            *(_dutch(waarde, 3) for waarde in (band.kans, band.juist)),
        )
    console.print(ijk)
    for thema, cijfers in oordeel.signaal.items():
        show(
            f"Themasignaal {thema}: {_write(cijfers['vals'])} vals per complexjaar, "
            f"{_write(cijfers['kracht'])} van de verdriedubbelingen gezien, "
            f"phi {_write(cijfers['phi'])}."
        )
    if oordeel.missers:
        namen = "; ".join(rij.eis.naam.lower() for rij in oordeel.missers)
        show(f"Niet gehaald: {namen}. Waarom staat in docs/evaluatie.md.")
    else:
        show("Alle grenzen gehaald.")


def _write(cijfer: Cijfer | None) -> str:
    if cijfer is None:
        return ""
    fout = f" ± {_dutch(cijfer.fout, 3)}" if np.isfinite(cijfer.fout) else ""
    return f"{_dutch(cijfer.gemiddeld, 3)}{fout}"


def _dutch(waarde: float, decimalen: int) -> str:
    return f"{waarde:.{decimalen}f}".replace(".", ",") if np.isfinite(waarde) else "-"


def _to_json(oordeel: Oordeel) -> dict[str, object]:
    def clean(waarde: object) -> object:
        if isinstance(waarde, dict):
            return {naam: clean(deel) for naam, deel in waarde.items()}
        if isinstance(waarde, list):
            return [clean(deel) for deel in waarde]
        if isinstance(waarde, float):
            return round(waarde, 6) if np.isfinite(waarde) else None
        return waarde

    uit = clean(
        {
            "wereld": oordeel.wereld,
            "seeds": oordeel.seeds,
            "cijfers": [{**asdict(rij), "gehaald": rij.holds} for rij in oordeel.rijen],
            "banden": [asdict(band) for band in oordeel.banden],
            "themasignaal": {
                thema: {naam: asdict(cijfer) for naam, cijfer in cijfers.items()}
                for thema, cijfers in oordeel.signaal.items()
            },
        }
    )
    return uit if isinstance(uit, dict) else {}
