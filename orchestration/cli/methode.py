"""``methode``: freeze, show, rebase and activate."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from orchestration import referentie
from orchestration.instellingen import Instellingen
from orchestration.methode import compute_methodeversie, read_seed
from orchestration.slot import hold_slot
from orchestration.voortgang import open_voortgang
from orchestration.werkmap import Werkmap
from vera.errors import BuurtpeilError

if TYPE_CHECKING:
    import pandas as pd



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
        console.print(_make_tabel(bestand, titel))
    referenties = Werkmap.of(instellingen.data).referentie
    in_gebruik = {ref.id for ref in referentie.read_bevroren(referenties).values()}
    for ref in referentie.list_bevroren(referenties):
        console.print(
            f"Referentie {ref.id}: peildata {ref.periode[0]} tot en met {ref.periode[1]}, "
            f"geschat met {ref.methodeversie}{', in gebruik' if ref.id in in_gebruik else ''}",
            highlight=False,
        )


def rebase(instellingen: Instellingen, grondslag: str, vanaf: date | None) -> None:
    """Estimate a new reference beside the one in use, and show how labels go over into it.

    Raises
    ------
    BuurtpeilError
        When there is nothing to compare with, or too little for a new one.
    """
    from orchestration import herijking
    from orchestration.definitions import build_resources

    werkplaats = build_resources(instellingen)["werkplaats"]
    with open_voortgang() as voortgang, hold_slot(werkplaats.map.slot):
        uit = herijking.rebase(werkplaats, voortgang, grondslag, vanaf)
    console = Console()
    for niveau, deel in uit.concordantie.query("thema_code == 'TOT'").groupby("niveau"):
        console.print(_make_concordantie(str(niveau), deel))
    console.print(
        f"Nieuwe referentie {uit.nieuw.id}: peildata {uit.nieuw.periode[0]} tot en met "
        f"{uit.nieuw.periode[1]}, geschat met {uit.nieuw.methodeversie}.\n"
        f"In gebruik blijft {uit.oud.id}. De hele tabel, ook per thema: {uit.pad}\n"
        f"In gebruik nemen: buurtpeil methode activate {uit.nieuw.id}",
        highlight=False,
    )


def activate(instellingen: Instellingen, id_: str) -> None:
    """Put a frozen reference in use; published labels stay as they are.

    Raises
    ------
    BuurtpeilError
        When there is no such reference.
    """
    werkmap = Werkmap.of(instellingen.data)
    with hold_slot(werkmap.slot):
        ref = referentie.read_referentie(werkmap.referentie / f"{id_}.json")
        referentie.activate(ref, werkmap.referentie)
    Console().print(
        f"In gebruik: {ref.id}. De volgende run beslist nieuwe peildata hiermee; wat gepubliceerd "
        "is, blijft zoals het is.",
        highlight=False,
    )


def _make_concordantie(niveau: str, deel: pd.DataFrame) -> Table:
    kruis = deel.pivot_table(
        index="oud_label", columns="nieuw_label", values="aantal", aggfunc="sum", fill_value=0
    ).reindex(index=range(6), columns=range(6), fill_value=0)
    aantal = kruis.to_numpy(dtype=int)
    samen, gelijk = aantal[1:, 1:].sum(), aantal[1:, 1:].trace()
    tabel = Table(
        title=f"{niveau}: label nu (rij) en met de nieuwe referentie (kolom), "
        f"{deel['eerste_peildatum'].min()} tot en met {deel['laatste_peildatum'].max()}; "
        f"{gelijk / samen if samen else 0:.0%} gelijk"
    )
    tabel.add_column("nu")
    namen = ["onbekend", "1", "2", "3", "4", "5"]
    for naam in namen:
        tabel.add_column(naam, justify="right")
    for naam, rij in zip(namen, aantal.tolist(), strict=True):
        tabel.add_row(naam, *map(str, rij))
    return tabel


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


def _make_tabel(bestand: str, titel: str) -> Table:
    rijen = read_seed(bestand)
    kolommen = [kolom for kolom in _KOLOMMEN if kolom in rijen[0]]
    tabel = Table(title=titel)
    for kolom in kolommen:
        tabel.add_column(kolom, overflow="fold")
    for rij in rijen:
        tabel.add_row(*(rij[kolom] for kolom in kolommen))
    return tabel
