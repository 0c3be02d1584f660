"""``release goedkeuren | afwijzen``: what is decided of a release that waits."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.opties import Data, Door, read_settings
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap

ReleaseId = Annotated[str, typer.Argument(metavar="ID", help="De release die wacht")]
Reden = Annotated[str, typer.Option("--reden", metavar="TEKST", help="Waarom; niets over personen")]


def release_goedkeuren(release_id: ReleaseId, reden: Reden, door: Door, data: Data = None) -> None:
    """Toon een release die op goedkeuring wacht; wie dat besluit, staat in het leeslog."""
    from orchestration.goedkeuring import approve

    werkmap = Werkmap.of(read_settings(data).data)
    with hold_slot(werkmap.slot):
        approve(werkmap, release_id, door=door, toelichting=reden)
    print(f"Release {release_id} is goedgekeurd en wordt nu getoond.")


def release_afwijzen(release_id: ReleaseId, reden: Reden, door: Door, data: Data = None) -> None:
    """Toon een release die op goedkeuring wacht niet; de vorige blijft staan."""
    from orchestration.goedkeuring import turn_down

    werkmap = Werkmap.of(read_settings(data).data)
    with hold_slot(werkmap.slot):
        turn_down(werkmap, release_id, door=door, toelichting=reden)
    print(f"Release {release_id} is afgewezen; de vorige blijft staan.")
