"""``ophalen``: read what is new in the databases of ``bronnen.yml``, and say what came."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.cli.opties import Data, Leveringen, read_settings
from orchestration.instellingen import Instellingen, check_leveringen_map
from vera.errors import GebruikFout


def ophalen(
    bron: Annotated[str | None, typer.Option(help="Alleen deze bron, zoals vera")] = None,
    tabel: Annotated[str | None, typer.Option(help="Alleen deze tabel, zoals vera.zaak")] = None,
    alles: Annotated[
        bool,
        typer.Option("--alles", help="Lees elke tabel heel; wat al binnen is, komt niet dubbel"),
    ] = False,
    opnieuw: Annotated[
        bool,
        typer.Option("--opnieuw", help="Lees opnieuw wat nog in geen enkele release zit"),
    ] = False,
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Haal op wat er nieuw is in de databases van bronnen.yml. Een run doet dit ook zelf."""
    fetch_databanken(
        read_settings(data, leveringen), bron=bron, tabel=tabel, alles=alles, opnieuw=opnieuw
    )


def fetch_databanken(
    instellingen: Instellingen,
    *,
    bron: str | None = None,
    tabel: str | None = None,
    alles: bool = False,
    opnieuw: bool = False,
) -> None:
    """Read, and print a row per table.

    Raises
    ------
    GebruikFout
        When there is no ``bronnen.yml``, or it or the settings are wrong.
    OphaalFout
        When a table could not be read; others may have been.
    """
    from orchestration.ophalen import Databanken, Keuze, check_uitkomst
    from orchestration.resources import load_contract
    from orchestration.slot import hold_slot
    from orchestration.werkmap import Werkmap
    from sources.databank.bronnen import BESTAND

    pad = check_leveringen_map(instellingen.leveringen_map).expanduser() / BESTAND
    if not pad.is_file():
        raise GebruikFout(
            f"Er is geen {BESTAND} in {pad.parent}.",
            verwacht="een bestand dat zegt welke tabel uit welke database komt",
            remedie="maak het zoals in docs/bronnen-sql.md, of geef de map met --leveringen",
        )
    with hold_slot(Werkmap.of(instellingen.data).slot):
        uitkomst = Databanken(instellingen, load_contract()).fetch(
            Keuze(bron, tabel, alles=alles, opnieuw=opnieuw),
            meld=lambda naam: print(f"ophalen ({naam})", file=sys.stderr, flush=True),
        )
    console = Console()
    if uitkomst.tabellen:
        overzicht = Table(title="Opgehaald uit databases")
        for kop in ("tabel", "bestand in opgehaald/"):
            overzicht.add_column(kop, overflow="fold")
        for kop in ("gelezen", "nieuw", "afgekeurd"):
            overzicht.add_column(kop, justify="right")
        for deel in uitkomst.tabellen:
            overzicht.add_row(
                deel.tabel,
                deel.bestand or "niets nieuws",
                *map(str, (deel.gelezen, deel.rijen, deel.afgekeurd)),
            )
        console.print(overzicht)
    for waarschuwing in uitkomst.waarschuwingen:
        console.print(f"Let op: {waarschuwing}", markup=False)
    check_uitkomst(uitkomst)
