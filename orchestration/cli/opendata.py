"""``ophalen-open``: fetch open data of the publishers and lay it with the deliveries."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.cli.opties import Data, Leveringen, read_settings
from orchestration.instellingen import Instellingen, check_leveringen_map
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap

_BREEDTE_LOG = 120


def ophalen_open(
    bron: Annotated[
        list[str] | None,
        typer.Option(help="Alleen deze: cbs_kwb, politie, wijkprofiel of leefbaarometer"),
    ] = None,
    jaar: Annotated[
        list[int] | None, typer.Option(min=2000, max=2100, help="Alleen dit jaar; mag vaker")
    ] = None,
    opnieuw: Annotated[
        bool, typer.Option("--opnieuw", help="Vraag alles opnieuw, ook wat niet is veranderd")
    ] = False,
    toon: Annotated[
        bool, typer.Option("--toon", help="Zeg alleen wat er is opgehaald; vraag niemand iets")
    ] = False,
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Haal open data op bij de uitgevers en leg ze bij de leveringen."""
    instellingen = read_settings(data, leveringen)
    if toon:
        show_geleverd(instellingen)
    else:
        fetch_openbaar(instellingen, tuple(bron or ()), tuple(jaar or ()), opnieuw=opnieuw)


def fetch_openbaar(
    instellingen: Instellingen,
    bronnen: tuple[str, ...] = (),
    jaren: tuple[int, ...] = (),
    *,
    opnieuw: bool = False,
) -> None:
    """Fetch, and print a row per file.

    Raises
    ------
    GebruikFout
        When the settings do not say what to fetch, or for which areas.
    OphaalFout
        When something could not be fetched; the rest was.
    RunBezig
        When a run is at work in the data folder.
    """
    from orchestration.opendata import fetch
    from orchestration.resources import load_contract

    map_ = Werkmap.of(instellingen.data)
    plek = check_leveringen_map(instellingen.leveringen_map).expanduser().resolve()
    with hold_slot(map_.slot):
        uitslag = fetch(
            instellingen,
            load_contract(),
            plek,
            map_.open_data,
            bronnen=bronnen,
            jaren=jaren,
            opnieuw=opnieuw,
            meld=lambda wat: print(f"ophalen: {wat}", file=sys.stderr),
        )
    tabel = Table(title="Open data")
    for kop in ("bestand", "stand"):
        tabel.add_column(kop, overflow="fold")
    for regel in uitslag.regels:
        tabel.add_row(regel.wat, regel.stand)
    _open_console().print(tabel, markup=False)
    fout = uitslag.make_fout()
    if fout is not None:
        raise fout


def show_geleverd(instellingen: Instellingen) -> None:
    """Print what was fetched before, and of which day it is; asks nobody."""
    from sources.opendata.levering import Legger

    voorraad = Werkmap.of(instellingen.data).open_data
    geleverd = Legger(instellingen.leveringen_map, voorraad).list_geleverd()
    if not geleverd:
        print("Er is nog niets opgehaald.")
        return
    tabel = Table(title="Opgehaald")
    for kop in ("bestand", "van", "op (UTC)", "sha256"):
        tabel.add_column(kop, overflow="fold")
    for naam, stuk in sorted(geleverd.items()):
        tabel.add_row(naam, stuk.tabel, stuk.opgehaald_op[:16], stuk.sha256[:12])
    _open_console().print(tabel)


def _open_console() -> Console:
    """Return where tables go; in a log there is no width to fit."""
    return Console(width=None if sys.stdout.isatty() else _BREEDTE_LOG)
