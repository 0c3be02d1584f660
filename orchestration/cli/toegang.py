"""``toegang``: give out keys, list them, revoke them, and say what each role may."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.leeslog import note_handeling, note_read
from orchestration.cli.opties import Data, Door, read_settings
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.toegang.peper import load_geheim
from vera.toegang import BEREIKEN, OPENBAAR, ROLLEN, THEMAS

if TYPE_CHECKING:
    from serving.toegang.register import Toegangsregister

toegang_app = typer.Typer(help="Sleutels: wie mag wat zien en doen.", no_args_is_help=True)

DEMO_SLEUTELS: Final = "demo-sleutels.json"
_DEMO_DAGEN: Final = 365


@toegang_app.command("geef")
def toegang_geef(
    naam: Annotated[str, typer.Option("--naam", help="Wie of welk systeem de sleutel krijgt")],
    rol: Annotated[list[str], typer.Option("--rol", help="Mag vaker; zie `toegang rollen`")],
    door: Door,
    organisatie: Annotated[
        str, typer.Option("--organisatie", help="Van welke organisatie")
    ] = "eigen organisatie",
    dagen: Annotated[int, typer.Option(min=1, help="Hoe lang de sleutel geldt")] = 90,
    persoon: Annotated[
        str | None,
        typer.Option(
            "--persoon",
            help="Naam waaronder deze persoon zich ook anders aanmeldt; leeg = de naam hierboven",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Geef een sleutel uit. Hij wordt één keer getoond en nergens bewaard."""
    instellingen = read_settings(data)
    register = _open(instellingen)
    geheim = load_geheim(Werkmap.of(instellingen.data).sleutels)
    with note_handeling(instellingen, "toegang geef", "beheer", door=door):
        nummer, sleutel = register.issue(
            geheim, naam, rol, organisatie=organisatie, door=door, dagen=dagen, persoon=persoon
        )
    register.close()
    print(f"Sleutel {nummer} voor {naam}, {dagen} dagen geldig. Bewaar hem nu; hij staat nergens:")
    print(sleutel)


@toegang_app.command("lijst")
def toegang_lijst(data: Data = None) -> None:
    """Toon alle sleutels die ooit zijn uitgegeven, zonder de sleutels zelf."""
    instellingen = read_settings(data)
    # The same as the page on privacy shows of people.
    note_read(instellingen, "toegang lijst", "privacy")
    register = _open(instellingen)
    sleutels = register.list_sleutels()
    register.close()
    if not sleutels:
        print("Er zijn geen sleutels uitgegeven.")
        return
    nu = datetime.now(UTC)
    tabel = Table(title="Sleutels")
    for kop in ("nr", "naam", "organisatie", "rollen", "tot", "stand", "uitgegeven door"):
        tabel.add_column(kop, overflow="fold")
    for s in sleutels:
        stand = "ingetrokken" if s.ingetrokken_op else "geldt" if s.is_geldig(nu) else "verlopen"
        tabel.add_row(
            str(s.id),
            escape(s.naam if s.persoon is None else f"{s.naam} (van {s.persoon})"),
            escape(s.organisatie),
            ", ".join(s.rollen),
            f"{s.vervalt_op:%Y-%m-%d}",
            stand,
            escape(s.door),
        )
    Console().print(tabel)


@toegang_app.command("trek-in")
def toegang_trek_in(
    nummer: Annotated[int, typer.Argument(metavar="NR", help="Nummer uit `toegang lijst`")],
    door: Door,
    data: Data = None,
) -> None:
    """Trek een sleutel in; een dienst die draait, weet het binnen een halve minuut."""
    instellingen = read_settings(data)
    register = _open(instellingen)
    with note_handeling(instellingen, "toegang trek-in", "beheer", door=door):
        sleutel = register.revoke(nummer, door)
    register.close()
    print(f"Sleutel {nummer} van {sleutel.naam} is ingetrokken.")


@toegang_app.command("rollen")
def toegang_rollen() -> None:
    """Toon wat elke rol mag zien en doen."""
    for rol in (OPENBAAR, *ROLLEN.values()):
        print(f"{rol.naam}: {rol.doel}")
        themas = "alle thema's" if rol.themas == THEMAS else ", ".join(sorted(rol.themas))
        hoe = "; alleen labels, aantallen afgerond" if rol.is_partner else ""
        print(f"  tot en met {rol.niveau}; {themas or 'geen eigen thema'}{hoe}")
        for bereik in sorted(rol.bereiken - OPENBAAR.bereiken):
            print(f"  {bereik:<24} {BEREIKEN[bereik]}")


def issue_demo(instellingen: Instellingen) -> None:
    """Give every role a key for the demo, once, and say where they are."""
    werkmap = Werkmap.of(instellingen.data)
    pad = werkmap.sleutels / DEMO_SLEUTELS
    if pad.exists():
        print(f"De sleutels van de demo, één per rol, staan in {_short(pad, instellingen)}.")
        return
    geheim = load_geheim(werkmap.sleutels)
    register = _open(instellingen)
    uit = {
        rol: register.issue(
            geheim, f"demo {rol}", [rol], organisatie="demo", door="demo", dagen=_DEMO_DAGEN
        )[1]
        for rol in ROLLEN
    }
    register.close()
    with os.fdopen(os.open(pad, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as bestand:
        json.dump(uit, bestand, indent=2)
        bestand.write("\n")
    print("\nSleutels van de demo, om te zien wat elke rol ziet (pagina: Aanmelden):")
    for rol, sleutel in uit.items():
        print(f"  {rol:<15} {sleutel}")
    print(f"Zij staan ook in {_short(pad, instellingen)} en gelden alleen voor deze demo.")


def _open(instellingen: Instellingen) -> Toegangsregister:
    from serving.toegang.register import Toegangsregister

    return Toegangsregister(instellingen.toegang_adres)


def _short(pad: Path, instellingen: Instellingen) -> Path:
    return instellingen.data / pad.relative_to(Werkmap.of(instellingen.data).data)
