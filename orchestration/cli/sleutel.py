"""``sleutel``: another key for the pseudonyms."""

from __future__ import annotations

import typer

from orchestration.cli.opties import Data, Leveringen, read_settings

sleutel_app = typer.Typer(
    help="De sleutel van de pseudoniemen: vervangen door een nieuwe.", no_args_is_help=True
)


@sleutel_app.callback()
def _group() -> None:
    """Keep this a group: it has one command today."""


@sleutel_app.command("roteer")
def sleutel_roteer(leveringen: Leveringen = None, data: Data = None) -> None:
    """Vervang de sleutel en lees alle leveringen opnieuw in; labels blijven gelijk."""
    from orchestration.resources import load_contract
    from orchestration.sleutelrotatie import rotate

    rotatie = rotate(read_settings(data, leveringen), load_contract())
    print(
        f"De sleutel van de pseudoniemen is vervangen ({rotatie.oud} werd {rotatie.nieuw}); "
        f"{rotatie.bestanden} bestanden zijn opnieuw ingelezen.\n"
        "Bewaar de nieuwe sleutel (map sleutels van de datamap), vernietig kopieën van de oude, en "
        "draai daarna `buurtpeil run`."
    )
