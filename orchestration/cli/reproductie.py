"""``reproduce``: making a release again, and saying whether it is the same."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.opties import Data, Leveringen, read_settings


def reproduce(
    release_id: Annotated[str, typer.Argument(metavar="RELEASE", help="Id van de release")],
    leveringen: Leveringen = None,
    data: Data = None,
) -> None:
    """Maak een release opnieuw uit dezelfde leveringen en vergelijk elke byte."""
    from orchestration.reproductie import check_reproductie
    from orchestration.reproductie import reproduce as reproduce_release
    from orchestration.resources import load_contract
    from orchestration.voortgang import open_voortgang

    with open_voortgang() as voortgang:
        uit = reproduce_release(
            read_settings(data, leveringen), load_contract(), release_id, voortgang
        )
    check_reproductie(uit)
    for opmerking in uit.opmerkingen:
        print(opmerking)
    print(f"Release {release_id} is na te maken: elk bestand heeft dezelfde bytes.")
