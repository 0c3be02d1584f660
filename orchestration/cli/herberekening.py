"""``herbereken``: labels of a past peildatum as computed now, beside those published."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.cli.opties import Data, Json, Leveringen, read_settings


def herbereken(
    peildatum: Annotated[
        list[datetime],
        typer.Option(formats=["%Y-%m-%d"], help="Eerste dag van een kwartaal; mag vaker"),
    ],
    leveringen: Leveringen = None,
    data: Data = None,
    als_json: Json = False,
) -> None:
    """Leg gepubliceerde labels naast die van nu; wat gepubliceerd is, verandert niet."""
    from orchestration.herberekening import recompute
    from orchestration.slot import hold_slot
    from orchestration.voortgang import open_voortgang
    from orchestration.werkmap import Werkmap

    instellingen = read_settings(data, leveringen)
    map_ = Werkmap.of(instellingen.data)
    with hold_slot(map_.slot), open_voortgang() as voortgang:
        uit = recompute(instellingen, [dag.date() for dag in peildatum], voortgang)
    if als_json:
        rijen = [{**asdict(deel), "peildatum": deel.peildatum.isoformat()} for deel in uit]
        print(json.dumps(rijen, indent=2))
        return
    tabel = Table(title="Gepubliceerde labels naast die van nu")
    for kop in ("peildatum", "niveau"):
        tabel.add_column(kop, overflow="fold")
    for kop in ("gepubliceerd", "gelijk", "een verschil", "meer of onbekend"):
        tabel.add_column(kop, justify="right")
    for deel in uit:
        tabel.add_row(
            deel.peildatum.isoformat(),
            deel.niveau,
            *map(str, (deel.gepubliceerd, deel.gelijk, deel.een, deel.meer)),
        )
    console = Console()
    console.print(tabel)
    console.print(f"Per object: {map_.herberekend}. Wat gepubliceerd is, is niet veranderd.")
