"""``bench``: what each step of a run takes beside its floor, and how fast the service is.

A machine is noisy, so no figure here is a time that can be compared with another day's: each is a
ratio within one run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import process_time

import numpy as np
from rich.console import Console
from rich.table import Table

from models.label.trekking import AANTAL, Maat, draw_normaal, find_begin, trek_labels

OBJECTEN, KWARTALEN = 1_900, 40
_INDICATOREN, _THEMAS = 22, 5


def measure(eenheden: int, jaren: int, seed: int, schrijf: Path | None) -> None:
    """Run the line on a made association, lay the floor under it, print what came out.

    Raises
    ------
    VloerFout
        When the floor gave another outcome than the run.
    """
    from orchestration.snelheid.verhouding import Opzet, describe_regel, write_pagina
    from orchestration.snelheid.verhouding import measure as measure_vloer

    console = Console()
    with tempfile.TemporaryDirectory(prefix="buurtpeil-bench-") as naam:
        verslag = measure_vloer(
            Opzet(eenheden, jaren, seed), Path(naam), Console(stderr=True).print
        )
    tabel = Table(title=f"Run en vloer, {eenheden} woningen, {jaren} jaar; rekentijd")
    for kop in ("stap", "run (s)", "vloer (s)", "run / vloer", "op de klok", "deel van de run"):
        tabel.add_column(kop, justify="left" if kop == "stap" else "right")
    samen = verslag.run.heel.rekentijd
    for regel in (*verslag.list_regels(), verslag.heel):
        tabel.add_row(*describe_regel(regel), f"{regel.run.rekentijd / samen:.1%}")
    console.print(tabel)
    console.print(verslag.oordeel, highlight=False)
    begin = process_time()
    kaal = _draw_alles()
    duur = process_time() - begin
    console.print(
        f"De trekkingen alleen ({OBJECTEN} complexen, {KWARTALEN} kwartalen, {_INDICATOREN} "
        f"indicatoren, {AANTAL} trekkingen): {duur / samen:.2f} maal deze run; "
        f"{duur / kaal:.1f} maal het kopiëren van dezelfde normale getallen.",
        highlight=False,
    )
    if schrijf is not None:
        schrijf.write_text(write_pagina(verslag), encoding="utf-8")
        console.print(f"Geschreven: {schrijf}", highlight=False)


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
            toen = process_time()
            for kolom in begin.T:
                draw_normaal(kolom)
            kopie = (process_time() - toen) * KWARTALEN
    return kopie
