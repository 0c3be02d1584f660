"""``methode freeze`` and ``methode show``."""

from __future__ import annotations

import csv
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration import referentie
from orchestration.instellingen import Instellingen
from orchestration.methode import compute_methodeversie
from orchestration.slot import hold_slot
from orchestration.voortgang import open_voortgang
from orchestration.werkmap import DBT_MAP, Werkmap
from vera.errors import BuurtpeilError

_SEEDS = DBT_MAP / "seeds" / "methode"


def freeze(instellingen: Instellingen) -> None:
    """Estimate the reference and freeze it, without publishing.

    Raises
    ------
    BuurtpeilError
        When there are too few complete quarters.
    """
    from orchestration.assets.release import freeze_referenties
    from orchestration.definitions import build_resources
    from orchestration.uitvoering import run_job

    console = Console()
    werkmap = Werkmap.of(instellingen.data)
    bevroren = referentie.read_bevroren(werkmap.referentie)
    if set(bevroren) == set(referentie.GRONDSLAGEN):
        console.print(f"Al bevroren: {', '.join(ref.id for ref in bevroren.values())}.")
        return
    with open_voortgang() as voortgang:
        run_job("referentie_schatten", instellingen, voortgang)
    with hold_slot(werkmap.slot):
        nieuw = freeze_referenties(build_resources(instellingen)["werkplaats"])
    if nieuw:
        console.print(f"Bevroren: {', '.join(ref.id for ref in nieuw.values())}.")
    elif bevroren:
        console.print(f"Al bevroren: {', '.join(ref.id for ref in bevroren.values())}.")
    else:
        raise BuurtpeilError(
            "Er is niets te bevriezen: de referentie is nog voorlopig.",
            verwacht="ten minste 8 volledige kwartalen (elk met een vol venster van 12 maanden)",
            remedie="lever meer verleden aan, of wacht; labels blijven tot dan voorlopig",
        )


def show(instellingen: Instellingen) -> None:
    """Print what the label is made of."""
    console = Console()
    console.print(f"Methode {compute_methodeversie()}", style="bold", highlight=False)
    for bestand, titel in (
        ("thema.csv", "Thema's"),
        ("indicator_eigen.csv", "Indicatoren op eigen gegevens"),
        ("indicator_openbaar.csv", "Indicatoren op openbare gegevens (alleen buurt en wijk)"),
        ("methode.csv", "Instellingen"),
    ):
        console.print(_read_seed(_SEEDS / bestand, titel))
    for ref in referentie.read_bevroren(Werkmap.of(instellingen.data).referentie).values():
        console.print(
            f"Referentie {ref.id}: peildata {ref.periode[0]} tot en met {ref.periode[1]}, "
            f"geschat met {ref.methodeversie}",
            highlight=False,
        )


_KOLOMMEN = (
    "indicator_code",
    "thema_code",
    "naam",
    "waarde",
    "eenheid",
    "richting",
    "gewicht",
    "bron",
    "toelichting",
)


def _read_seed(pad: Path, titel: str) -> Table:
    with pad.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand))
    kolommen = [kolom for kolom in _KOLOMMEN if kolom in rijen[0]]
    tabel = Table(title=titel)
    for kolom in kolommen:
        tabel.add_column(kolom)
    for rij in rijen:
        tabel.add_row(*(rij[kolom] for kolom in kolommen))
    return tabel
