"""Options that more than one command has, and the settings with them filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from orchestration.instellingen import Instellingen, read_instellingen

Data = Annotated[Path | None, typer.Option("--data", help="Datamap [BUURTPEIL_DATA, ./data]")]
Leveringen = Annotated[
    Path | None,
    typer.Option("--leveringen", help="Map met leveringen [BUURTPEIL_LEVERINGEN]"),
]
Json = Annotated[bool, typer.Option("--json", help="Als JSON, zoals de API")]
Door = Annotated[str, typer.Option("--door", metavar="NAAM", help="Wie dit vastlegt")]


def read_settings(data: Path | None, leveringen: Path | None = None) -> Instellingen:
    """Return the settings, with what the command line says in their place."""
    instellingen = read_instellingen()
    if data is not None:
        instellingen = replace(instellingen, data=data)
    if leveringen is not None:
        instellingen = replace(instellingen, leveringen=leveringen)
    return instellingen
