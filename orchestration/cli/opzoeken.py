"""``label``: one complex, buurt or wijk from the current release."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final, Literal

from rich.console import Console

from orchestration.cli.leeslog import note_read
from orchestration.instellingen import Instellingen
from orchestration.werkmap import Werkmap
from serving.release.winkel import Uitgave, current_path, open_release
from serving.release.zoektekst import normalize_zoektekst
from vera.errors import GebruikFout

Objectniveau = Literal["complex", "buurt", "wijk"]

_AANTAL_VOORSTELLEN = 5
_NIVEAUS: Final[tuple[Objectniveau, ...]] = ("complex", "buurt", "wijk")


def show_label(
    instellingen: Instellingen, id_: str, peildatum: date | None, *, als_json: bool
) -> None:
    """Print the label of one object.

    Raises
    ------
    GebruikFout
        When there is no such object, or it had no label on that day.
    """
    with open_release(current_path(Werkmap.of(instellingen.data).releases)) as uitgave:
        niveau = _find_niveau(uitgave, id_)
        antwoord = json.loads(uitgave.answer(niveau, id_) or b"{}")
        if peildatum is not None:
            antwoord = _on_date(uitgave, niveau, antwoord, peildatum)
        note_read(
            instellingen,
            "label",
            "complex" if niveau == "complex" else "indicator",
            object_id=id_,
            niveau=niveau,
            release_id=uitgave.release_id,
        )
    if als_json:
        print(json.dumps(antwoord, ensure_ascii=False, indent=2))
    else:
        _print(antwoord, niveau)


def _find_niveau(uitgave: Uitgave, id_: str) -> Objectniveau:
    for niveau in _NIVEAUS:
        if uitgave.answer(niveau, id_) is not None:
            return niveau
    gelijkend = uitgave.query(
        "select beheerobject_id, naam from lijst where zoek like ? or beheerobject_id like ? "
        "order by naam limit ?",
        (f"%{normalize_zoektekst(id_)}%", f"%{id_}%", _AANTAL_VOORSTELLEN),
    )
    voorstel = "; ".join(f"{gevonden} ({naam})" for gevonden, naam in gelijkend)
    raise GebruikFout(
        f"Er is geen complex, buurt of wijk met id {id_}.",
        verwacht="een id uit de lijst op de pagina of uit /v1/complexen",
        remedie=f"bedoelde u {voorstel}?" if voorstel else "zoek op de pagina (`buurtpeil serve`)",
    )


def _on_date(
    uitgave: Uitgave, niveau: str, antwoord: dict[str, Any], peildatum: date
) -> dict[str, Any]:
    historie = uitgave.history(niveau, antwoord["id"]) or []
    toen = [
        regel
        for regel in historie
        if regel["peildatum"] <= peildatum.isoformat() and regel["isGepubliceerdeGrondslag"]
    ]
    if not toen:
        raise GebruikFout(
            f"{antwoord['id']} had op {peildatum} nog geen label.",
            verwacht=f"een dag vanaf {historie[0]['peildatum']}" if historie else "",
        )
    return {**antwoord, "sociaalBeheerLabel": toen[-1], "sociaalBeheerLabelAndereGrondslag": None}


def _print(antwoord: dict[str, Any], niveau: str) -> None:
    console = Console(highlight=False)
    label = antwoord["sociaalBeheerLabel"]
    waarde = label["waarde"]
    console.print(f"{antwoord['naam']} ({niveau} {antwoord['id']})", style="bold", markup=False)
    if antwoord["release"]["isSynthetisch"]:
        console.print("SYNTHETISCHE GEGEVENS")
    if waarde is None:
        console.print(f"Sociaal Beheer Label: onbekend ({label['redenOnbekend']})", markup=False)
    else:
        console.print(
            f"Sociaal Beheer Label: {waarde} (1 = kleine, 5 = grote beheeropgave), "
            f"peildatum {label['peildatum']}, grondslag {label['grondslag']}"
        )
    for thema in label["themas"]:
        naam = thema.get("naam") or thema["code"]
        console.print(f"  {naam:<26} {thema['waarde'] or 'onbekend'}", markup=False)
    for kant, kop in (("omhoog", "Maakt de opgave groter"), ("omlaag", "Maakt hem kleiner")):
        redenen = label.get("redenen", {}).get(kant, [])
        if redenen:
            namen = ", ".join(reden["indicator"]["naam"].lower() for reden in redenen)
            console.print(f"{kop}: {namen}", markup=False)
    console.print(f"Release {antwoord['release']['id']}")
