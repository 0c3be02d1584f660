"""``werklijst``: what waits, an own view, a decision, an outcome, and the figures.

Whoever looks without a name sees complexes and nothing else. With a name, lane, score and reasons
show of what that person gave an own view of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.leeslog import Handeling, note_handeling, note_read
from orchestration.instellingen import Instellingen
from orchestration.warehouse import open_warehouse
from orchestration.werklijst import (
    Opdracht,
    keep_lijst,
    read_gestopt,
    read_lengte,
    read_opdracht,
    read_scores,
)
from orchestration.werkmap import Werkmap
from serving.besluit.cijfers import GROEPEN, Aandeel, Cijfers, count_cijfers
from serving.besluit.werklijst import Besluit, Modelstand, Openstaand, Rij, find_open
from serving.besluit.werklijstregister import Werklijstregister
from serving.release.winkel import Uitgave, current_path, open_release
from serving.werklijst.geheim import load_geheim
from vera.toegang import Bereik
from vera.werklijst import (
    BANEN,
    KEUZES,
    OORDELEN,
    REDENEN,
    UITKOMSTEN,
    Model,
)

_KOPPEN: dict[Model, str] = {
    "overlast": "Werklijst overlast: complexen waar overlast kan oplopen",
    "woonfraude": "Werklijst woonfraude: complexen om naar signalen te kijken",
}
_SYNTHETISCH = "SYNTHETISCHE GEGEVENS"
_BEREIKEN: dict[Model, Bereik] = {
    "overlast": "werklijst_overlast",
    "woonfraude": "werklijst_woonfraude",
}


@contextmanager
def _open(instellingen: Instellingen) -> Iterator[tuple[Uitgave, Werklijstregister]]:
    """Open the current release and the worklists beside it."""
    register = Werklijstregister(instellingen.besluiten_adres)
    with open_release(current_path(Werkmap.of(instellingen.data).releases)) as uitgave:
        yield uitgave, register
    register.close()


def _note(
    instellingen: Instellingen,
    model: Model,
    wat: str,
    uitgave: Uitgave,
    *,
    door: str | None = None,
) -> None:
    note_read(
        instellingen,
        f"werklijst {wat}",
        _BEREIKEN[model],
        niveau="complex",
        release_id=uitgave.release_id,
        door=door,
    )


def _note_handeling(
    instellingen: Instellingen, model: Model, wat: str, uitgave: Uitgave, door: str
) -> AbstractContextManager[Handeling]:
    return note_handeling(
        instellingen,
        f"werklijst {wat}",
        _BEREIKEN[model],
        door=door,
        niveau="complex",
        release_id=uitgave.release_id,
    )


def make_opdracht(
    instellingen: Instellingen, model: Model, k: int, capaciteit: int, gelogd: int | None
) -> Opdracht:
    """Return what a list is composed with: what people say, and what the last run knows."""
    with open_warehouse(Werkmap.of(instellingen.data).warehouse) as warehouse:
        return read_opdracht(warehouse, model, k, capaciteit, gelogd)


def compose(instellingen: Instellingen, model: Model, opdracht: Opdracht) -> None:
    """Compose the list of the last peildatum from the scores of the current release.

    Of a model the part by score is never longer than its evaluation allows.

    Raises
    ------
    GebruikFout
        When there are no scores, or there is a list with other scores.
    """
    werkmap = Werkmap.of(instellingen.data)
    with _open(instellingen) as (uitgave, register):
        release_id, scores = read_scores(werkmap.archief, werkmap.releases)
        eenheden = dict(
            uitgave.query(
                "select beheerobject_id, verhuureenheden_aantal from lijst "
                "where niveau = 'complex' and verhuureenheden_aantal is not null"
            )
        )
        lengte = read_lengte(werkmap.releases, model)
        if lengte is not None:
            opdracht = replace(opdracht, k=min(opdracht.k, lengte))
        lijst, is_nieuw = keep_lijst(
            scores, eenheden, model, opdracht, register, release_id, load_geheim(werkmap.sleutels)
        )
    print(
        f"De werklijst {model} van {lijst.peildatum} is "
        + ("samengesteld." if is_nieuw else "er al; zij blijft zoals zij is.")
    )


def show(instellingen: Instellingen, model: Model, door: str | None, *, als_json: bool) -> None:
    """Print what waits for a decision, in the order of the list."""
    with _open(instellingen) as (uitgave, register):
        open_ = register.list_open(model)
        gestopt = read_gestopt(register, model)
        namen = _read_namen(uitgave)
        is_synthetisch = uitgave.synthetisch
        _note(instellingen, model, "show", uitgave, door=door)
    if als_json:
        inhoud = {
            "model": model,
            "isSynthetisch": is_synthetisch,
            "isGestopt": gestopt is not None,
            "regels": [_as_json(o, namen, door, gestopt) for o in open_],
        }
        print(json.dumps(inhoud, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    if is_synthetisch:
        console.print(_SYNTHETISCH)
    if gestopt is not None:
        console.print(
            f"Het model is stilgezet door {gestopt.door} op {gestopt.vastgelegd_op:%Y-%m-%d} "
            f"({gestopt.reden}). De lijst toont alleen wat door loting is gekozen.",
            markup=False,
        )
    if not open_:
        console.print(f"Er wacht niets op de werklijst {model}.")
        return
    console.print(_build_table(model, open_, namen, door, gestopt))
    console.print(
        "Geef eerst uw eigen oordeel (`beoordeel NR`). Daarna ziet u met `--door` waarom het "
        "complex op de lijst staat. Een regel gaat er alleen af met een besluit (`besluit NR`)."
    )


def assess(instellingen: Instellingen, model: Model, nummer: int, oordeel: str, door: str) -> None:
    """Record an own view, and show lane, score and reasons to who gave it."""
    with _open(instellingen) as (uitgave, register):
        with _note_handeling(instellingen, model, "beoordeel", uitgave, door) as handeling:
            handeling.object_id = find_open(register.list_open(model), nummer).complex_id
            openstaand = register.add_beoordeling(model, nummer, oordeel, door)
        gestopt = read_gestopt(register, model)
        namen = _read_namen(uitgave)
        is_synthetisch = uitgave.synthetisch
    if is_synthetisch:
        print(_SYNTHETISCH)
    print(f"Uw oordeel over {_name(openstaand.complex_id, namen)} is vastgelegd.")
    print(f"Op de lijst: {_say_banen(openstaand)}.")
    if gestopt is None:
        for zin in _list_score(openstaand):
            print(f"  {zin}")
    print("Leg nu het besluit vast, met een van deze redenen:")
    for code, reden in REDENEN.items():
        if set(reden.banen) & set(openstaand.banen):
            print(f"  {code:<20} {reden.tekst} ({KEUZES[reden.keuze]})")


def decide(
    instellingen: Instellingen,
    model: Model,
    nummer: int,
    reden_code: str,
    toelichting: str,
    door: str,
) -> None:
    """Record a decision: the row leaves the list."""
    with (
        _open(instellingen) as (uitgave, register),
        _note_handeling(instellingen, model, "besluit", uitgave, door) as handeling,
    ):
        handeling.object_id = find_open(register.list_open(model), nummer).complex_id
        gesloten = register.add_besluit(
            model,
            nummer,
            reden_code,
            door,
            release_id=uitgave.release_id,
            toelichting=toelichting,
        )
    reden = REDENEN[reden_code]
    print(
        f"Besluit over {gesloten[0].regel.complex_id}: {KEUZES[reden.keuze]} ({reden.tekst}). "
        "De regel is van de lijst. In andere systemen verandert er niets."
    )


def add_outcome(
    instellingen: Instellingen,
    model: Model,
    nummer: int,
    uitkomst_code: str,
    door: str,
    adresnummer: int,
) -> None:
    """Record what came of a row."""
    with (
        _open(instellingen) as (uitgave, register),
        _note_handeling(instellingen, model, "uitkomst", uitgave, door) as handeling,
    ):
        handeling.object_id = next(
            (r.regel.complex_id for r in register.list_rijen(model) if r.id == nummer), None
        )
        rij = register.add_uitkomst(model, nummer, uitkomst_code, door, adresnummer=adresnummer)
    tekst = UITKOMSTEN[model][uitkomst_code].tekst
    print(f"Uitkomst van {rij.regel.complex_id}: {tekst.lower()}.")


def show_figures(instellingen: Instellingen, model: Model, *, als_json: bool) -> None:
    """Print agreement, override and hit rates."""
    with _open(instellingen) as (uitgave, register):
        cijfers = count_cijfers(register.list_rijen(model))
        is_synthetisch = uitgave.synthetisch
    if als_json:
        inhoud = {"model": model, "isSynthetisch": is_synthetisch, **_cijfers_as_json(cijfers)}
        print(json.dumps(inhoud, ensure_ascii=False, indent=2))
        return
    if is_synthetisch:
        print(_SYNTHETISCH)
    print(f"Werklijst {model}: {cijfers.aantal_open} open, {cijfers.aantal_besloten} besloten")
    for baan, naam in BANEN.items():
        print(f"{naam.capitalize()}:")
        print(f"  eigen oordeel \"{OORDELEN['actie_nodig'].lower()}\": "
              f"{say_aandeel(cijfers.overeenstemming[baan])}")  # fmt: skip
        print(f"  eigen oordeel \"{OORDELEN['twijfel'].lower()}\": "
              f"{say_aandeel(cijfers.twijfel[baan])}")  # fmt: skip
        print(f"  opgevolgd: {say_aandeel(cijfers.opgevolgd[baan])}")
        print(f"  anders besloten dan het eigen oordeel: {say_aandeel(cijfers.omgeslagen[baan])}")
    print(f"Gekozen op score en niet opgevolgd: {say_aandeel(cijfers.niet_opgevolgd)}")
    for code, aantal in sorted(cijfers.redenen.items(), key=lambda paar: (-paar[1], paar[0])):
        print(f"  {aantal:>4} x {REDENEN[code].tekst}")
    print("Treffers:")
    for groep, naam in GROEPEN.items():
        print(f"  {naam}: {say_aandeel(cijfers.treffers[groep])}")
    print(say_verhouding(cijfers))


def list_decisions(
    instellingen: Instellingen, model: Model, scoreversie: str | None, *, als_json: bool
) -> None:
    """Print the decisions, of one version of the score when one is named."""
    with _open(instellingen) as (uitgave, register):
        is_synthetisch = uitgave.synthetisch
        rijen = [
            (rij, rij.besluit)
            for rij in register.list_rijen(model)
            if rij.besluit is not None and scoreversie in {None, rij.besluit.scoreversie}
        ]
        _note(instellingen, model, "besluiten", uitgave)
    if als_json:
        inhoud = [_besluit_as_json(rij, besluit) for rij, besluit in rijen]
        print(json.dumps(inhoud, ensure_ascii=False, indent=2))
        return
    if is_synthetisch:
        print(_SYNTHETISCH)
    if not rijen:
        print("Er zijn geen besluiten.")
        return
    tabel = Table(title=f"Besluiten {model}")
    for kop in ("nr", "peildatum", "complex", "besluit", "reden", "rang", "kans", "versie",
                "door", "op"):  # fmt: skip
        tabel.add_column(kop, overflow="fold")
    for rij, besluit in rijen:
        reden = REDENEN[besluit.reden_code].tekst
        uitleg = f"{reden}: {besluit.toelichting}" if besluit.toelichting else reden
        tabel.add_row(
            str(rij.id),
            rij.lijst.peildatum.isoformat(),
            rij.regel.complex_id,
            KEUZES[besluit.keuze],
            escape(uitleg),
            "" if besluit.rang is None else str(besluit.rang),
            _say_kans(besluit.kans),
            besluit.scoreversie,
            escape(besluit.door),
            f"{besluit.vastgelegd_op:%Y-%m-%d}",
        )
    Console().print(tabel)


def say_aandeel(aandeel: Aandeel) -> str:
    """Say a share with what it is of and its interval, or that it is of too few.

    Examples
    --------
    >>> say_aandeel(Aandeel(1, 4))
    'te weinig gegevens (1 van 4)'
    """
    van = f"{aandeel.aantal} van {aandeel.totaal}"
    if aandeel.is_te_weinig or aandeel.waarde is None or aandeel.interval is None:
        return f"te weinig gegevens ({van})"
    laag, hoog = aandeel.interval
    return f"{aandeel.waarde:.0%} ({van}; tussen {laag:.0%} en {hoog:.0%})"


def say_verhouding(cijfers: Cijfers) -> str:
    """Say whether the list finds more than the lottery."""
    verhouding = cijfers.verhouding
    if verhouding is None:
        return "Of de lijst meer vindt dan de loting: te weinig gegevens."
    getal, laag, hoog = (
        f"{w:.1f}".replace(".", ",") for w in (verhouding.waarde, verhouding.laag, verhouding.hoog)
    )
    zin = f"De lijst vindt {getal} keer zoveel als de loting (tussen {laag} en {hoog})"
    if verhouding.laag > 1:
        return f"{zin}: meer dan toeval."
    return f"{zin}: dat kan toeval zijn."


def _read_namen(uitgave: Uitgave) -> dict[str, str]:
    return dict(uitgave.query("select beheerobject_id, naam from lijst where niveau = 'complex'"))


def _name(complex_id: str, namen: Mapping[str, str]) -> str:
    naam = namen.get(complex_id)
    return complex_id if naam is None or naam == complex_id else f"{complex_id} ({naam})"


def _build_table(
    model: Model,
    open_: tuple[Openstaand, ...],
    namen: Mapping[str, str],
    door: str | None,
    gestopt: Modelstand | None,
) -> Table:
    tabel = Table(title=_KOPPEN[model])
    for kop in ("nr", "complex", "lijst van", *(("uw oordeel", "waarom") if door else ())):
        tabel.add_column(kop, overflow="fold")
    for openstaand in open_:
        cellen = [
            str(openstaand.nummer),
            escape(_name(openstaand.complex_id, namen)),
            openstaand.rijen[-1].lijst.peildatum.isoformat(),
        ]
        if door:
            eigen = openstaand.find_beoordeling(door)
            zinnen = [_say_banen(openstaand)]
            if gestopt is None:
                zinnen += _list_score(openstaand)
            cellen += (
                ["", ""] if eigen is None else [OORDELEN[eigen.oordeel], escape("\n".join(zinnen))]
            )
        tabel.add_row(*cellen)
    return tabel


def _say_banen(openstaand: Openstaand) -> str:
    return " en ".join(BANEN[baan] for baan in openstaand.banen)


def _list_score(openstaand: Openstaand) -> list[str]:
    """Return sentences about the newest score: rank, chance, certainty and reasons."""
    regel = openstaand.rijen[0].regel
    zinnen = []
    if regel.rang is not None:
        kans = f", kans {_say_kans(regel.kans)}" if regel.kans is not None else ", vaste regel"
        band = f", {regel.band}" if regel.band else ""
        zinnen.append(f"plaats {regel.rang}{kans}{band}")
    return [*zinnen, *_read_redenen(regel.redenen)]


def _read_redenen(tekst: str) -> list[str]:
    redenen = json.loads(tekst)
    return [reden["zin"] if isinstance(reden, dict) else str(reden) for reden in redenen]


def _say_kans(kans: float | None) -> str:
    return "" if kans is None else f"{kans:.1%}".replace(".", ",")


def _as_json(
    openstaand: Openstaand,
    namen: Mapping[str, str],
    door: str | None,
    gestopt: Modelstand | None,
) -> dict[str, Any]:
    regel = openstaand.rijen[0].regel
    uit: dict[str, Any] = {
        "nummer": openstaand.nummer,
        "complexId": openstaand.complex_id,
        "naam": namen.get(openstaand.complex_id),
        "peildatum": openstaand.rijen[-1].lijst.peildatum.isoformat(),
    }
    eigen = openstaand.find_beoordeling(door) if door else None
    if eigen is not None:
        uit |= {"oordeel": eigen.oordeel, "banen": list(openstaand.banen)}
        if gestopt is None:
            uit |= {
                "rang": regel.rang,
                "kans": regel.kans,
                "band": regel.band,
                "redenen": json.loads(regel.redenen),
            }
    return uit


def _besluit_as_json(rij: Rij, besluit: Besluit) -> dict[str, Any]:
    return {
        "nummer": rij.id,
        "peildatum": rij.lijst.peildatum.isoformat(),
        "complexId": rij.regel.complex_id,
        "baan": rij.regel.baan,
        "selectiekans": rij.regel.selectiekans,
        "keuze": besluit.keuze,
        "redenCode": besluit.reden_code,
        "toelichting": besluit.toelichting,
        "rang": besluit.rang,
        "kans": besluit.kans,
        "scoreversie": besluit.scoreversie,
        "releaseId": besluit.release_id,
        "door": besluit.door,
        "vastgelegdOp": besluit.vastgelegd_op.isoformat(),
    }


def _cijfers_as_json(cijfers: Cijfers) -> dict[str, Any]:
    def show_aandeel(aandeel: Aandeel) -> dict[str, Any]:
        return {
            "aantal": aandeel.aantal,
            "totaal": aandeel.totaal,
            "aandeel": None if aandeel.is_te_weinig else aandeel.waarde,
            "interval": None if aandeel.is_te_weinig else aandeel.interval,
        }

    def show_banen(aandelen: Mapping[Any, Aandeel]) -> dict[str, Any]:
        return {naam: show_aandeel(aandeel) for naam, aandeel in aandelen.items()}

    return {
        "open": cijfers.aantal_open,
        "besloten": cijfers.aantal_besloten,
        "overeenstemming": show_banen(cijfers.overeenstemming),
        "twijfel": show_banen(cijfers.twijfel),
        "opgevolgd": show_banen(cijfers.opgevolgd),
        "omgeslagen": show_banen(cijfers.omgeslagen),
        "nietOpgevolgd": show_aandeel(cijfers.niet_opgevolgd),
        "redenen": dict(cijfers.redenen),
        "treffers": show_banen(cijfers.treffers),
        "verhouding": vars(cijfers.verhouding) if cijfers.verhouding else None,
    }
