"""``evaluate --risico``: the risk models on worlds of which the truth is known, and their goals."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from orchestration.risico_ablatie import run_ablatie
from orchestration.risico_evaluatie import (
    ONTWIKKELSEED,
    PLAFOND_SEEDS,
    Rij,
    Uitslag,
    build_plafonds,
    evaluate_risico,
    find_plafond,
    read_plafonds,
)
from orchestration.risico_wereld import compile_kenmerken
from orchestration.voortgang import open_voortgang

_BREEDTE_LOG = 150
_NIETS = 1e-6
_KOPPEN = {
    "overlast": "Overlast: escalatie binnen zes maanden",
    "woonfraude": "Woonfraude: treffer per onderzoek",
    "wereld": "De wereld zelf",
    "controle": "Controles die moeten uitslaan",
}


def evaluate(*, data: Path, seeds: int, snel: bool, bouw_plafond: bool, als_json: bool) -> None:
    """Measure the risk models and print how they did; or build the ceiling and stop.

    Parameters
    ----------
    data
        The data folder, where the ceiling is kept.
    seeds
        Number of worlds; seeds 1, 2, ...
    snel
        Four windows, no worlds beside these, limits 5 % looser.
    bouw_plafond
        Train the ceiling on worlds of its own.
    als_json
        Print figures, not tables.

    Raises
    ------
    typer.Exit
        With code 1 when a goal is not met.
    """
    with open_voortgang() as voortgang:
        with voortgang.stap("kenmerken"):
            sql = compile_kenmerken()
        pad = find_plafond(data, sql)
        if bouw_plafond:
            build_plafonds(pad, sql, voortgang)
            print(f"Het plafond staat in {pad} ({len(PLAFOND_SEEDS)} werelden).")
            return
        uitslag = evaluate_risico(seeds, sql, read_plafonds(pad), voortgang, snel=snel)
    if als_json:
        print(json.dumps(uitslag.to_json(), indent=2))
    else:
        _print(uitslag)
    if uitslag.missers:
        raise typer.Exit(1)


def ablate() -> None:
    """Try the choices of overlast on the development world, and print what each gave."""
    with open_voortgang() as voortgang:
        with voortgang.stap("kenmerken"):
            sql = compile_kenmerken()
        proeven = run_ablatie(sql, voortgang)
    tabel = Table(
        title=f"Overlast, synthetische wereld {ONTWIKKELSEED}: wat keuzes schelen",
        title_justify="left",
    )
    tabel.add_column("wat")
    tabel.add_column("keuze")
    for kop in ("kenmerken", "AP", "precisie top 5 %", "logverlies"):
        tabel.add_column(kop, justify="right")
    for proef in proeven:
        tabel.add_row(
            proef.groep,
            proef.naam,
            str(proef.kenmerken),
            *(
                f"{waarde:.4f}".replace(".", ",")
                for waarde in (proef.ap, proef.p_top, proef.logverlies)
            ),
        )
    Console(width=None if sys.stdout.isatty() else _BREEDTE_LOG).print(tabel)


def _print(uitslag: Uitslag) -> None:
    console = Console(width=None if sys.stdout.isatty() else _BREEDTE_LOG)

    def show(tekst: str) -> None:
        console.print(tekst, highlight=False, markup=False)

    snel = " Snelle versie: vier vensters, grenzen 5 % ruimer." if uitslag.snel else ""
    show(
        f"Synthetische werelden, seeds {uitslag.seeds[0]} tot en met {uitslag.seeds[-1]}; "
        f"gemiddelde ± standaardfout over de werelden.{snel}"
    )
    for groep, kop in _KOPPEN.items():
        tabel = Table(title=f"\n{kop}", title_justify="left")
        tabel.add_column("doel")
        for naam in ("grens", "ons", "regel", "orakel", "plafond", "werelden"):
            tabel.add_column(naam, justify="right")
        tabel.add_column("")
        for rij in uitslag.rijen:
            if rij.doel.groep == groep:
                tabel.add_row(
                    rij.doel.naam,
                    write_grens(rij),
                    write_cijfer(rij.gemiddeld, rij.fout),
                    *(write_cijfer(waarde) for waarde in (rij.regel, rij.orakel, rij.plafond)),
                    str(rij.werelden),
                    write_oordeel(rij),
                )
        console.print(tabel)
    if not uitslag.met_plafond:
        show("Er is nog geen plafond. Maak het met buurtpeil evaluate --risico --bouw-plafond.")
    if uitslag.missers:
        namen = "; ".join(rij.doel.naam for rij in uitslag.missers)
        show(f"Niet gehaald: {namen}. Waarom staat in docs/evaluatie-risico.md.")
    else:
        show("Alle doelen gehaald.")


def write_grens(rij: Rij) -> str:
    """Return the limits of a goal in Dutch."""
    onder, boven = rij.doel.onder, rij.doel.boven
    if onder is not None and boven is not None:
        return f"{write_cijfer(onder)} - {write_cijfer(boven)}"
    return f"≥ {write_cijfer(onder)}" if onder is not None else f"≤ {write_cijfer(boven)}"


def write_oordeel(rij: Rij) -> str:
    """Return whether a goal is met; nothing when it is."""
    if not rij.is_beoordeeld:
        return "te weinig werelden" if rij.werelden else "geen plafond"
    return "" if rij.holds else "niet gehaald"


def write_cijfer(waarde: float | None, fout: float = np.nan) -> str:
    """Return a figure in Dutch, to three digits that say something; empty when there is none."""
    if waarde is None or not np.isfinite(waarde):
        return ""
    if abs(waarde) < _NIETS:
        return "0"
    decimalen = 3 if abs(waarde) >= 0.1 else 4 if abs(waarde) >= 0.01 else 5
    tekst = f"{waarde:.{decimalen}f}"
    if np.isfinite(fout):
        tekst += f" ± {fout:.{decimalen}f}"
    return tekst.replace(".", ",")
