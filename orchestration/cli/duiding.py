"""``duiding``: set, list, confirm and withdraw, and how often it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.leeslog import Handeling, note_handeling, note_read
from orchestration.duiding import say_aandeel
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.besluit.aandeel import Duidingaandeel
from serving.besluit.duiding import (
    STATUSSEN,
    Duiding,
    Publicatie,
    Status,
    Voorstel,
    find_status,
    list_peildata,
)
from serving.besluit.publicatie import find_model_label, read_publicatie
from serving.besluit.register import Besluitregister
from serving.release.winkel import Uitgave, current_path, open_release
from vera.duiding import REDENEN
from vera.errors import GebruikFout

_OPEN: tuple[Status, ...] = ("wacht_op_bevestiging", "gepland", "loopt")


@contextmanager
def _open(
    instellingen: Instellingen,
) -> Iterator[tuple[Uitgave, Publicatie, Besluitregister]]:
    """Open the current release and the decisions beside it."""
    register = Besluitregister(instellingen.besluiten_adres)
    with open_release(current_path(Werkmap.of(instellingen.data).releases)) as uitgave:
        yield uitgave, read_publicatie(uitgave), register
    register.close()


def add(instellingen: Instellingen, voorstel: Voorstel, tweede: str | None) -> None:
    """Set a duiding and say what comes of it.

    Raises
    ------
    GebruikFout
        When there is no such complex, or the rules refuse it.
    """
    with _open(instellingen) as (uitgave, publicatie, register):
        try:
            label = find_model_label(uitgave, voorstel.beheerobject_id)
        except KeyError as fout:
            raise GebruikFout(
                f"Er is geen complex {voorstel.beheerobject_id}.",
                verwacht="een complex of beheercluster uit de huidige release",
                remedie="zoek het op met `buurtpeil label` of op de pagina",
            ) from fout
        with _note(instellingen, "add", uitgave, voorstel.door) as handeling:
            handeling.object_id = voorstel.beheerobject_id
            duiding = register.add_duiding(voorstel, publicatie, label, tweede=tweede)
    print(f"Duiding {duiding.id} is vastgelegd. {_explain(duiding)}")


def confirm(instellingen: Instellingen, id_: int, door: str) -> None:
    """Let a second person stand behind a duiding."""
    with (
        _open(instellingen) as (uitgave, publicatie, register),
        _note(instellingen, "confirm", uitgave, door) as handeling,
    ):
        handeling.object_id = _find_complex(register, id_)
        duiding = register.confirm_duiding(id_, door, publicatie)
    print(f"Duiding {id_} is bevestigd. {_explain(duiding)}")


def withdraw(instellingen: Instellingen, id_: int, door: str) -> None:
    """Withdraw a duiding."""
    with (
        _open(instellingen) as (uitgave, publicatie, register),
        _note(instellingen, "withdraw", uitgave, door) as handeling,
    ):
        handeling.object_id = _find_complex(register, id_)
        register.withdraw_duiding(id_, door, publicatie)
    print(
        f"Duiding {id_} is ingetrokken en telt na {publicatie.peildatum} niet meer mee. "
        "Wat gepubliceerd is, blijft zoals het is."
    )


def list_all(instellingen: Instellingen, *, alleen_open: bool) -> None:
    """Print the duidingen, with who set them: this is for who looks after the store."""
    note_read(instellingen, "duiding list", "complex")
    with _open(instellingen) as (_, publicatie, register):
        rijen = [
            (duiding, status)
            for duiding in register.list_duidingen()
            if (status := find_status(duiding, publicatie.peildatum)) in _OPEN or not alleen_open
        ]
    if not rijen:
        print("Er zijn geen lopende duidingen." if alleen_open else "Er zijn geen duidingen.")
        return
    tabel = Table(title="Duidingen")
    for kop in ("nr", "complex", "label", "reden", "geldt op", "stand", "door", "tweede"):
        tabel.add_column(kop, overflow="fold")
    for duiding, status in rijen:
        voorstel = duiding.voorstel
        tabel.add_row(
            str(duiding.id),
            voorstel.beheerobject_id,
            f"{duiding.model_label} {voorstel.delta:+d}",
            escape(f"{REDENEN[voorstel.reden_code]}: {voorstel.toelichting}"),
            ", ".join(p.isoformat() for p in list_peildata(duiding)),
            STATUSSEN[status],
            escape(voorstel.door),
            escape(duiding.bevestiging.door) if duiding.bevestiging else "",
        )
    Console().print(tabel)


def show_kpi(instellingen: Instellingen) -> None:
    """Print the override rate of the current release, and what waits for the next one."""
    with _open(instellingen) as (uitgave, publicatie, register):
        aandeel = Duidingaandeel.of_manifest(uitgave.manifest)
        standen = [find_status(d, publicatie.peildatum) for d in register.list_duidingen()]
    print(say_aandeel(aandeel))
    for status in _OPEN:
        print(f"  {STATUSSEN[status]}: {standen.count(status)}")


def _note(
    instellingen: Instellingen, wat: str, uitgave: Uitgave, door: str
) -> AbstractContextManager[Handeling]:
    return note_handeling(
        instellingen,
        f"duiding {wat}",
        "duiding",
        door=door,
        niveau="complex",
        release_id=uitgave.release_id,
    )


def _find_complex(register: Besluitregister, id_: int) -> str | None:
    """Return what a duiding is about; None when there is none, which the store refuses next."""
    return next(
        (d.voorstel.beheerobject_id for d in register.list_duidingen() if d.id == id_), None
    )


def _explain(duiding: Duiding) -> str:
    label, nieuw = duiding.model_label, duiding.model_label + duiding.voorstel.delta
    peildata = list_peildata(duiding)
    if not peildata:
        return (
            "Het is de tweede achter elkaar: een tweede persoon moet haar bevestigen "
            f"(`buurtpeil duiding confirm {duiding.id} --door NAAM`)."
        )
    return (
        f"Nu zou het label {nieuw} zijn in plaats van {label}. Zij telt op "
        f"{' en '.join(p.isoformat() for p in peildata)}; het modellabel blijft zichtbaar."
    )
