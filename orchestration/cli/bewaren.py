"""``purge``: removing what is past its term, or saying what would go."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.cli.opties import Data, Leveringen, read_settings
from orchestration.instellingen import Instellingen
from vera.errors import GebruikFout


def purge(
    peildatum: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Dag waarvan wordt teruggeteld [vandaag]"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Zeg alleen wat er weg zou gaan")
    ] = False,
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Verwijder wat voorbij zijn bewaartermijn is, en leg vast wat er weg is."""
    dag = peildatum.date() if peildatum else datetime.now(UTC).date()
    purge_data(read_settings(data, leveringen), dag, dry_run=dry_run)


def purge_data(instellingen: Instellingen, peildatum: date, *, dry_run: bool) -> None:
    """Purge a data folder and say what went.

    Raises
    ------
    GebruikFout
        When there is no such data folder, or the day is yet to come.
    """
    from orchestration.bewaren import Opschoner
    from orchestration.resources import load_contract

    if not instellingen.data.expanduser().is_dir():
        raise GebruikFout(
            f"Er is geen datamap {instellingen.data}.",
            verwacht="een datamap waarin een run is gedaan",
            remedie="geef de datamap met --data",
        )
    uit = Opschoner(instellingen, load_contract()).purge(peildatum, dry_run=dry_run)
    console = Console()
    telling = Counter[tuple[str, str, str]]()
    for deel in uit.verwijderd:
        telling[deel.plek, deel.tabel, deel.regel] += deel.aantal
    if telling:
        tabel = Table(
            title=f"{'Zou verwijderd worden' if dry_run else 'Verwijderd'}, "
            f"geteld vanaf {uit.peildatum}"
        )
        for kop in ("plek", "tabel", "regel"):
            tabel.add_column(kop, overflow="fold")
        tabel.add_column("aantal", justify="right")
        for sleutel, aantal in sorted(telling.items()):
            tabel.add_row(*sleutel, str(aantal))
        console.print(tabel)
    else:
        console.print(f"Er is niets voorbij zijn bewaartermijn op {uit.peildatum}.")
    if uit.originelen:
        tabel = Table(title="In uw eigen leveringen (Buurtpeil raakt ze niet aan)")
        for kop in ("bestand", "tabel", "regel"):
            tabel.add_column(kop, overflow="fold")
        tabel.add_column("rijen voorbij de termijn", justify="right")
        for origineel in uit.originelen:
            tabel.add_row(origineel.bestand, origineel.tabel, origineel.regel, str(origineel.rijen))
        console.print(tabel)
