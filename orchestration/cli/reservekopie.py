"""``reservekopie maak | controleer | terugzetten``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.opties import Data, read_settings

reservekopie_app = typer.Typer(
    help="Een reservekopie van alles wat niet opnieuw te maken is.", no_args_is_help=True
)

Pad = Annotated[Path, typer.Argument(metavar="PAD", help="Map van de reservekopie")]
Sleutels = Annotated[
    Path | None,
    typer.Option("--sleutels", metavar="BESTAND", help="Bestand met de sleutels, elders bewaard"),
]


@reservekopie_app.command("maak")
def kopie_maak(
    pad: Pad,
    sleutels: Sleutels = None,
    wacht: Annotated[
        float,
        typer.Option(
            "--wacht", metavar="SECONDEN", min=0, help="Zo lang wachten op een run die loopt"
        ),
    ] = 0,
    data: Data = None,
) -> None:
    """Maak een reservekopie van de datamap en van elke database die is ingesteld."""
    from orchestration.melding import Melder, tell_failure
    from orchestration.reservekopie import make_kopie
    from orchestration.voortgang import Voortgang

    instellingen = read_settings(data)
    # It runs at night, when nobody reads what a command says.
    with tell_failure(
        Melder.of(instellingen),
        "reservekopie",
        Voortgang(),
        lambda regel: print(regel, file=sys.stderr),
    ):
        kopie = make_kopie(
            instellingen,
            pad,
            sleutels=sleutels,
            wachtwoord=instellingen.kopie_wachtwoord,
            wacht=wacht,
        )
    print(
        f"Reservekopie: {pad} ({len(kopie.bestanden)} bestanden, waarvan "
        f"{len(kopie.databases)} databases). Leveringen zitten er niet in."
    )
    if sleutels is None:
        print(
            "Let op: de sleutels zitten er niet in. Zonder sleutels zijn Sociale Signalen niet te "
            "lezen en gelden de uitgegeven toegangssleutels niet. Bewaar ze apart: --sleutels "
            "BESTAND."
        )
    elif instellingen.kopie_wachtwoord is None:
        print(
            f"Let op: {sleutels} is niet versleuteld. Zet BUURTPEIL_KOPIE_WACHTWOORD, of bewaar "
            "het bestand in een kluis; nooit bij de reservekopie."
        )
    else:
        print(f"De sleutels staan versleuteld in {sleutels}; bewaar het wachtwoord elders.")


@reservekopie_app.command("controleer")
def kopie_controleer(pad: Pad) -> None:
    """Loop na of elk bestand van een reservekopie er nog is, zoals het is geschreven."""
    from orchestration.reservekopie import check_kopie

    kopie = check_kopie(pad)
    print(f"De reservekopie van {kopie.gemaakt_op} is gaaf: {len(kopie.bestanden)} bestanden.")


@reservekopie_app.command("terugzetten")
def kopie_terugzetten(pad: Pad, sleutels: Sleutels = None, data: Data = None) -> None:
    """Zet een reservekopie terug in een lege datamap en lege databases."""
    from orchestration.reservekopie import restore_kopie

    instellingen = read_settings(data)
    kopie = restore_kopie(
        instellingen, pad, sleutels=sleutels, wachtwoord=instellingen.kopie_wachtwoord
    )
    print(
        f"Teruggezet in {instellingen.data}: de stand van {kopie.gemaakt_op}.\n"
        "Doe nu, in deze volgorde: `buurtpeil release verify`, `buurtpeil leeslog controleer`, "
        "`buurtpeil purge` (wat sindsdien voorbij zijn termijn is, gaat weer weg), `buurtpeil run`."
    )
    if sleutels is None:
        print("Let op: er zijn geen sleutels teruggezet (--sleutels BESTAND).")
