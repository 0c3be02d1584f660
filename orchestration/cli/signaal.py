"""``signaal``: turn the key, look at the log, give the counts. Nobody reads a signal here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.leeslog import note_read
from orchestration.cli.opties import Data, Door, read_settings
from vera.errors import BuurtpeilError

if TYPE_CHECKING:
    from orchestration.instellingen import Instellingen
    from serving.signaal.register import Signaalregister

signaal_app = typer.Typer(
    help="Sociaal Signaal: sleutel, log en aantallen. Meldingen leest het sociaal team op de "
    "pagina.",
    no_args_is_help=True,
)


class SignaallogKloptNiet(BuurtpeilError):
    """The chain of the log does not hold."""


@signaal_app.command("roteer-sleutel")
def signaal_roteer(door: Door, data: Data = None) -> None:
    """Versleutel alle meldingen onder een nieuwe sleutel en vergeet de oude."""
    instellingen = read_settings(data)
    register = _open(instellingen)
    aantal = register.rotate(door)
    register.close()
    print(f"{aantal} rijen zijn opnieuw versleuteld.")
    if instellingen.signaal_sleutel:
        print("Haal nu de oude sleutel uit BUURTPEIL_SIGNAAL_SLEUTEL en start de dienst opnieuw.")


@signaal_app.command("controleer")
def signaal_controleer(data: Data = None) -> None:
    """Loop na of er in het log van de meldingen een regel weg of veranderd is."""
    register = _open(read_settings(data))
    verslag = register.check_log()
    register.close()
    if verslag.fout is not None:
        raise SignaallogKloptNiet(
            f"Het log van de Sociale Signalen klopt niet: {verslag.fout}.",
            verwacht="een keten waarin elke regel op de vorige aansluit",
            remedie="zie docs/runbooks/sociaal-signaal.md",
        )
    print(f"Het log klopt: {verslag.aantal} regels.")


@signaal_app.command("log")
def signaal_log(
    door: Door,
    kenmerk: Annotated[
        str | None, typer.Option("--kenmerk", help="Alleen over deze melding")
    ] = None,
    data: Data = None,
) -> None:
    """Toon wie wat meldde, las, opvolgde of verwijderde; nooit wat er gemeld is."""
    register = _open(read_settings(data))
    regels = register.list_log(door, kenmerk)
    register.close()
    tabel = Table("tijd (UTC)", "wie", "handeling", "melding")
    for regel in regels:
        tabel.add_row(
            f"{regel.tijdstip:%Y-%m-%d %H:%M}", escape(regel.wie), regel.handeling, regel.kenmerk
        )
    Console().print(tabel)


@signaal_app.command("tellingen")
def signaal_tellingen(door: Door, data: Data = None) -> None:
    """Toon de aantallen per buurt en kwartaal, vanaf tien en afgerond op vijf."""
    instellingen = read_settings(data)
    note_read(instellingen, "signaal tellingen", "signaal_telling", door=door)
    register = _open(instellingen)
    tellingen = register.read_tellingen(door)
    register.close()
    if not tellingen:
        print("Er is nog geen kwartaal geteld.")
    for telling in tellingen:
        aantallen = telling.aantallen.items()
        buurten = ", ".join(f"{buurt_id}: {aantal}" for buurt_id, aantal in aantallen)
        print(f"{telling.kwartaal}  {buurten or 'geen buurt met tien of meer'}")


def _open(instellingen: Instellingen) -> Signaalregister:
    from orchestration.signaal import open_signalen

    return open_signalen(instellingen)
