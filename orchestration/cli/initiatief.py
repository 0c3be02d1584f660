"""``initiatief``: the register of bewonersinitiatieven, and deliveries from and to it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.opties import Data, read_settings

initiatief_app = typer.Typer(
    help="Bewonersinitiatieven: lijst, en van en naar leveringen.", no_args_is_help=True
)


@initiatief_app.command("list")
def initiatief_list(data: Data = None) -> None:
    """Toon het register, het laatst begonnen initiatief eerst."""
    from orchestration.initiatief import open_initiatieven

    register = open_initiatieven(read_settings(data))
    initiatieven = register.list_initiatieven()
    register.close()
    if not initiatieven:
        print("Er zijn geen bewonersinitiatieven vastgelegd.")
        return
    tabel = Table("nr", "naam", "plek", "status", "bedrag", "begin", "eind", "uit")
    for initiatief in initiatieven:
        feiten = initiatief.gegevens
        tabel.add_row(
            str(initiatief.id),
            escape(feiten.naam),
            f"{feiten.niveau} {feiten.beheerobject_id}",
            feiten.status_code,
            "" if feiten.bedrag_eur is None else f"{feiten.bedrag_eur:.2f}",
            feiten.begindatum.isoformat(),
            "" if feiten.einddatum is None else feiten.einddatum.isoformat(),
            initiatief.herkomst,
        )
    Console().print(tabel)


@initiatief_app.command("importeer")
def initiatief_importeer(data: Data = None) -> None:
    """Neem over wat er geleverd is, zodat het naast het label te zien is. Elke run doet dit."""
    from orchestration.initiatief import open_initiatieven, take_over
    from orchestration.werkmap import Werkmap

    instellingen = read_settings(data)
    with closing(open_initiatieven(instellingen)) as register:
        over = take_over(register, Werkmap.of(instellingen.data))
    print(f"{over.geleverd} geleverde initiatieven; {over.nieuw} nieuw of veranderd.")


@initiatief_app.command("exporteer")
def initiatief_exporteer(
    naar: Annotated[
        Path | None,
        typer.Option("--naar", metavar="MAP", help="Leveringenmap [BUURTPEIL_LEVERINGEN]"),
    ] = None,
    data: Data = None,
) -> None:
    """Schrijf het eigen register als levering, zodat het in het label meetelt."""
    from orchestration.initiatief import open_initiatieven, write_levering
    from orchestration.werkmap import Werkmap

    instellingen = read_settings(data)
    register = open_initiatieven(instellingen)
    pad = write_levering(
        register,
        naar or instellingen.leveringen_map,
        Werkmap.of(instellingen.data),
        datetime.now(UTC).date(),
    )
    register.close()
    print(f"Geschreven: wijkbeheer/{pad.name}. De volgende run leest het.")
