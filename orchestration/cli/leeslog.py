"""``leeslog``: check the chain, show who read what; and noting what a command itself reads."""

from __future__ import annotations

import csv
import getpass
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import Console
from rich.table import Table

from orchestration.cli.opties import Data, read_settings
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.leeslog.keten import MAP, Keten, LeeslogFout
from serving.leeslog.regel import OVER_EEN_OBJECT, Daad, Lezing
from vera.errors import BuurtpeilError, GebruikFout
from vera.rekenblad import disarm
from vera.toegang import ROLLEN, Bereik, Lezer

leeslog_app = typer.Typer(
    help="Het leeslog: wie wat las, wanneer en waarvoor.", no_args_is_help=True
)

_KOLOMMEN: Final = (
    "nr",
    "tijd",
    "wie",
    "organisatie",
    "rol",
    "doel",
    "daad",
    "wat",
    "niveau",
    "object",
    "release",
)


class LeeslogKloptNiet(BuurtpeilError):
    """The chain of the read log has a gap."""


def find_keten(instellingen: Instellingen) -> Keten:
    """Return the read log of a data folder."""
    werkmap = Werkmap.of(instellingen.data)
    return Keten(werkmap.data / MAP, werkmap.sleutels)


def note_read(
    instellingen: Instellingen,
    wat: str,
    bereik: Bereik,
    *,
    object_id: str | None = None,
    niveau: Literal["complex", "buurt", "wijk"] | None = None,
    release_id: str | None = None,
    door: str | None = None,
    daad: Daad = "lezen",
) -> None:
    """Note that a command reads something restricted, before it shows it.

    Who that is: the account on this machine, and the name that was said. Nobody else can know.
    """
    rol = next(rol for rol in ROLLEN.values() if bereik in rol.bereiken)
    wie = f"{_find_account()} (opdrachtregel)" + (f", als {door}" if door else "")
    lezer = Lezer(wie, (rol,))
    lezing = Lezing(
        time.time(), lezer, bereik, f"buurtpeil {wat}", object_id, niveau, release_id, daad
    )
    find_keten(instellingen).add([lezing])


@dataclass
class Handeling:
    """A decision under way; ``object_id`` is filled in once it is known what it is about."""

    object_id: str | None = None


@contextmanager
def note_handeling(
    instellingen: Instellingen,
    wat: str,
    bereik: Bereik,
    *,
    door: str,
    object_id: str | None = None,
    niveau: Literal["complex", "buurt", "wijk"] | None = None,
    release_id: str | None = None,
) -> Iterator[Handeling]:
    """Note that a command decides something: a line before it is stored, and one of how it ended.

    The same order as of page and API (ADR 0034): ``poging``, the store, ``schrijven``. What the
    rules refuse leaves the first alone; what fails on the way, ``afgebroken`` as well.

    Raises
    ------
    LeeslogFout
        When the line cannot be written. Of the first one that means that nothing is stored.
    """
    handeling = Handeling(object_id)

    def note(daad: Daad) -> None:
        note_read(
            instellingen,
            wat,
            bereik,
            object_id=handeling.object_id,
            niveau=niveau,
            release_id=release_id,
            door=door,
            daad=daad,
        )

    note("poging")
    try:
        yield handeling
    except GebruikFout:
        raise
    except BaseException:
        # What cannot be logged now is an error already.
        with suppress(LeeslogFout):
            note("afgebroken")
        raise
    note("schrijven")


def _find_account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return "onbekend"


@leeslog_app.command("controleer")
def leeslog_controleer(data: Data = None) -> None:
    """Loop na of er een regel weg, veranderd of verplaatst is."""
    keuring = find_keten(read_settings(data)).check()
    if keuring.problemen:
        raise LeeslogKloptNiet(
            f"Het leeslog klopt niet: {'; '.join(keuring.problemen[:5])}"
            + (f" (en nog {len(keuring.problemen) - 5})" if len(keuring.problemen) > 5 else "")
            + ".",
            verwacht="een keten waarin elke regel op de vorige aansluit, tot aan het anker",
            remedie="meld dit aan wie toeziet op de privacy; vergelijk met de back-up",
        )
    weg = f"; {keuring.verwijderd} zijn na hun termijn verwijderd" if keuring.verwijderd else ""
    print(f"Het leeslog is heel: {keuring.aantal} regels sluiten op elkaar aan{weg}.")


@leeslog_app.command("toon")
def leeslog_toon(
    complex_: Annotated[
        str | None, typer.Option("--complex", metavar="ID", help="Wie dit complex las")
    ] = None,
    lezer: Annotated[
        str | None, typer.Option("--lezer", metavar="NAAM", help="Wat deze lezer las")
    ] = None,
    als_csv: Annotated[bool, typer.Option("--csv", help="Alles, als CSV")] = False,
    data: Data = None,
) -> None:
    """Toon wie een complex las, of wat een lezer las. Dit wordt zelf ook vastgelegd."""
    if (complex_ is None) == (lezer is None):
        raise GebruikFout(
            "Zeg waarover het gaat.", verwacht="--complex ID of --lezer NAAM, één van beide"
        )
    instellingen = read_settings(data)
    keten = find_keten(instellingen)
    regels = list(_select(keten, complex_, lezer))
    lijsten = 0
    if complex_ is not None:
        lijsten = sum(1 for r in keten.read() if r["daad"] == "lezen" and r["object"] is None)
    note_read(
        instellingen,
        "leeslog toon",
        "privacy",
        object_id=complex_,
        niveau="complex" if complex_ is not None else None,
    )
    if als_csv:
        schrijver = csv.DictWriter(
            sys.stdout, _KOLOMMEN, delimiter=";", extrasaction="ignore", lineterminator="\n"
        )
        schrijver.writeheader()
        schrijver.writerows(
            {k: disarm(v) if isinstance(v, str) else v for k, v in regel.items()}
            for regel in regels
        )
        return
    _print(regels, complex_, lijsten)


def _select(keten: Keten, complex_: str | None, lezer: str | None) -> Iterator[Mapping[str, Any]]:
    for regel in keten.read():
        if regel["daad"] not in OVER_EEN_OBJECT:
            continue
        if complex_ is not None:
            if regel["object"] == complex_ and regel["niveau"] == "complex":
                yield regel
        elif regel["wie"] == lezer:
            yield regel


def _print(regels: list[Mapping[str, Any]], complex_: str | None, lijsten: int) -> None:
    # What was typed with --door is text, not markup.
    console = Console(highlight=False, markup=False)
    if not regels:
        console.print("Niets gevonden in het leeslog.")
    else:
        tabel = Table(title="Leeslog")
        for kop in ("tijd", "wie", "rol", "daad", "wat", "over"):
            tabel.add_column(kop, overflow="fold")
        for regel in regels:
            over = f"{regel['niveau'] or ''} {regel['object'] or ''}".strip()
            wie, wat = str(regel["wie"]), str(regel["wat"])
            tabel.add_row(regel["tijd"], wie, regel["rol"], regel["daad"], wat, over)
        console.print(tabel)
    if complex_ is not None and lijsten:
        console.print(
            f"Daarnaast zijn {lijsten} keer lijsten, kaarten of bestanden gelezen waar dit complex "
            "in kan staan."
        )
