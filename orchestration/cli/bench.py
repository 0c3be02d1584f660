"""``bench``: what each step of a run takes, as a share of the run, and how fast the service is.

A machine is noisy, so no figure here is a time that can be compared with another day's: each is a
ratio within one run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import monotonic

import numpy as np
from rich.console import Console
from rich.table import Table

from models.label.trekking import AANTAL, Maat, draw_normaal, find_begin, trek_labels
from orchestration.instellingen import Instellingen
from orchestration.uitvoering import run_job
from orchestration.voortgang import open_voortgang
from sources.demo.genereer import generate

OBJECTEN, KWARTALEN = 1_900, 40
_INDICATOREN, _THEMAS = 22, 5


def measure(eenheden: int, jaren: int, seed: int) -> None:
    """Run the line on a generated association in a temporary folder and print where time goes."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="buurtpeil-bench-") as naam, open_voortgang() as v:
        map_ = Path(naam)
        with v.stap("demo maken"):
            generate(map_ / "leveringen", eenheden=eenheden, jaren=jaren, seed=seed)
        gereed = run_job(
            "verversing",
            Instellingen(data=map_ / "data", leveringen=map_ / "leveringen"),
            v,
            bewaar=False,
        )
    stappen = {k: s for k, s in gereed.seconden.items() if k != "demo maken"}
    samen = sum(stappen.values())
    tabel = Table(title=f"Eén run, {eenheden} woningen, {jaren} jaar: deel van de tijd per stap")
    tabel.add_column("stap")
    tabel.add_column("deel", justify="right")
    for stap, seconden in stappen.items():
        tabel.add_row(stap, f"{seconden / samen:.1%}")
    console.print(tabel)
    begin = monotonic()
    kaal = _draw_alles()
    duur = monotonic() - begin
    console.print(
        f"De trekkingen alleen ({OBJECTEN} complexen, {KWARTALEN} kwartalen, {_INDICATOREN} "
        f"indicatoren, {AANTAL} trekkingen): {duur / samen:.2f} maal deze run; "
        f"{duur / kaal:.1f} maal het kopiëren van dezelfde normale getallen.",
        highlight=False,
    )


def measure_dienst(
    complexen: int, adressen: int, seconden: int, ronden: int, schrijf: Path | None
) -> None:
    """Ask the service and servers to compare it with, print the page or write it to a file."""
    from orchestration.snelheid.dienst import Opzet, write_verslag
    from orchestration.snelheid.dienst import measure as measure_service

    zeg = Console(stderr=True)
    verslag = measure_service(Opzet(complexen, adressen, seconden, ronden), zeg.print)
    tekst = write_verslag(verslag)
    if schrijf is None:
        print(tekst)
    else:
        schrijf.write_text(tekst, encoding="utf-8")
        zeg.print(f"Geschreven: {schrijf}")


def _draw_alles() -> float:
    """Draw an association's whole history; return the time that copying the normals takes."""
    thema = np.arange(_INDICATOREN) % _THEMAS
    maat = Maat(
        thema=thema,
        mediaan=np.zeros(_INDICATOREN),
        schaal=np.ones(_INDICATOREN),
        kappa=np.full(_THEMAS, 0.6),
        omega=np.ones(_THEMAS),
        knippen=np.tile([30.0, 45.0, 65.0, 80.0], (_THEMAS + 1, 1)),
    )
    rng = np.random.default_rng(1)
    kopie = 0.0
    for kwartaal in range(KWARTALEN):
        x = rng.normal(size=(OBJECTEN, _INDICATOREN))
        begin = find_begin(
            [f"{c}|{kwartaal}|{k}" for c in range(OBJECTEN) for k in range(_INDICATOREN)]
        ).reshape(x.shape)
        trek_labels(
            x,
            np.full(x.shape, 0.2),
            1.0 / np.bincount(thema)[np.broadcast_to(thema, x.shape)],
            np.full((OBJECTEN, _THEMAS + 1), 50.0),
            begin,
            maat,
        )
        if kwartaal == 0:
            toen = monotonic()
            for kolom in begin.T:
                draw_normaal(kolom)
            kopie = (monotonic() - toen) * KWARTALEN
    return kopie
