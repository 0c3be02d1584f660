"""``demo``, ``generate`` and ``run``: deliveries in, a release out, and what to say of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.cli.dekking import print_tekort
from orchestration.cli.leeslog import note_read
from orchestration.goedkeuring import make_fout, read_besluit
from orchestration.instellingen import (
    STANDAARD_POORT,
    STANDAARD_POORT_DAGSTER,
    Instellingen,
    check_leveringen_map,
)
from orchestration.melding import Melder, tell_failure
from orchestration.ophalen import GeenDatabanken
from orchestration.uitvoering import AL_BEVROREN, Gereed, run_job
from orchestration.voortgang import Voortgang, open_voortgang
from orchestration.werkmap import Werkmap
from serving.leeslog.keten import LeeslogFout
from serving.release.schema import THEMAS
from serving.release.winkel import Uitgave, open_release
from sources.demo import budget
from sources.demo.genereer import GeneratieVerslag, generate
from sources.landing import list_onbekend
from sources.organisatie import BESTAND, read_organisatie
from sources.quarantaine import BESTAND as QUARANTAINE
from sources.stand import list_verslagen, read_standen
from vera.errors import GebruikFout

DEMO = "demo.json"
_AANTAL_GROOTSTE = 10
_BREEDTE_LOG = 120


def run_demo(instellingen: Instellingen, *, eenheden: int, jaren: int, seed: int) -> None:
    """Generate the demo association's deliveries in the data folder and run everything."""
    leveringen = instellingen.data / "leveringen"
    wereld = {"eenheden": eenheden, "jaren": jaren, "seed": seed}
    _claim_demo(instellingen.data, leveringen, wereld)
    instellingen = replace(instellingen, leveringen=leveringen)
    with open_voortgang() as voortgang:
        wat = _generate(leveringen, voortgang, eenheden=eenheden, jaren=jaren, seed=seed)
        budget.write_budget(instellingen.data / budget.BESTAND, wat.budget)
        gereed = run_job("verversing", instellingen, voortgang)
    print_samenvatting(instellingen, gereed)


def _claim_demo(data: Path, leveringen: Path, wereld: Mapping[str, int]) -> None:
    """Refuse to write over someone's deliveries, or over a demo of another size."""
    kenmerk = data / DEMO
    bezet = leveringen.exists() and any(leveringen.iterdir())
    if bezet and not read_organisatie(leveringen).synthetisch:
        raise GebruikFout(
            f"In {leveringen} staan leveringen die niet van de demo zijn.",
            verwacht="een lege map, of de synthetische leveringen van een eerdere demo",
            remedie="kies een andere datamap met --data",
        )
    if kenmerk.exists() and json.loads(kenmerk.read_text(encoding="utf-8")) != wereld:
        raise GebruikFout(
            f"In {data} staat al een andere demo: {kenmerk.read_text(encoding='utf-8').strip()}.",
            verwacht=f"dezelfde omvang en seed, of een lege datamap; gevraagd {dict(wereld)}",
            remedie=f"kies een andere datamap met --data, of verwijder {data}",
        )
    data.mkdir(parents=True, exist_ok=True)
    kenmerk.write_text(json.dumps(dict(wereld)) + "\n", encoding="utf-8")


def generate_leveringen(uit: Path, *, eenheden: int, jaren: int, seed: int) -> None:
    """Write the demo association's deliveries only."""
    if uit.exists() and any(uit.iterdir()) and not (uit / BESTAND).exists():
        raise GebruikFout(
            f"{uit} is niet leeg.",
            verwacht="een lege of nieuwe map",
            remedie="kies een andere map met --out",
        )
    with open_voortgang() as voortgang:
        _generate(uit, voortgang, eenheden=eenheden, jaren=jaren, seed=seed)
    Console().print(
        f"Synthetische leveringen staan in {uit}; de waarheid apart in {uit / 'waarheid'}.\n"
        f"Verder: buurtpeil run --leveringen {uit}"
    )


def _generate(
    uit: Path, voortgang: Voortgang, *, eenheden: int, jaren: int, seed: int
) -> GeneratieVerslag:
    with voortgang.stap("demo maken"):
        return generate(
            uit,
            eenheden=eenheden,
            jaren=jaren,
            seed=seed,
            voortgang=lambda wat, deel: voortgang.meld(int(deel * 100), 100, wat),
        )


def run_verversing(instellingen: Instellingen, *, ophalen: bool = True) -> None:
    """Run the main job on a folder of deliveries; without reading from databases if so asked."""
    # Before the start-up, which takes seconds.
    check_leveringen_map(instellingen.leveringen_map)
    melder = Melder.of(instellingen)
    with (
        open_voortgang() as voortgang,
        tell_failure(melder, "verversing", voortgang, lambda regel: print(regel, file=sys.stderr)),
    ):
        gereed = run_job(
            "verversing",
            instellingen,
            voortgang,
            resources=None if ophalen else {"databanken": GeenDatabanken()},
        )
    print_samenvatting(instellingen, gereed)


def print_samenvatting(instellingen: Instellingen, gereed: Gereed) -> None:
    """Say what was published, what stands out and where to look."""
    # In a log there is no width to fit; tables are then as wide as they need.
    console = Console(width=None if sys.stdout.isatty() else _BREEDTE_LOG)
    werkmap = Werkmap.of(instellingen.data)
    _print_leveringen(console, instellingen, werkmap, gereed.waarschuwingen)
    if gereed.release_id is None:
        return
    if gereed.wacht:
        besluit = read_besluit(werkmap, gereed.release_id)
        if besluit is not None:
            raise make_fout(besluit)
    with open_release(werkmap.releases / gereed.release_id) as uitgave:
        _print_verdeling(console, uitgave)
        print_tekort(console, uitgave.map)
        if _may_show(console, instellingen, uitgave):
            _print_grootste(console, uitgave)
        _print_modellen(console, uitgave)
        _print_slot(console, uitgave, gereed, instellingen)


def _print_leveringen(
    console: Console, instellingen: Instellingen, werkmap: Werkmap, waarschuwingen: Sequence[str]
) -> None:
    from orchestration.resources import load_contract

    contract = load_contract()
    standen = read_standen(contract.bronnen, werkmap.landing)
    verslagen = list_verslagen(standen)
    rijen = sum(verslag.rijen for verslag in verslagen)
    afgekeurd = sum(verslag.afgekeurd for verslag in verslagen)
    zonder = [stand.bron for stand in standen if not stand.bestanden]
    console.print(
        f"\nGelezen: {len(verslagen)} bestanden, {_dutch(rijen)} rijen; "
        f"{_dutch(afgekeurd)} rijen naar quarantaine"
        + (f" ({werkmap.quarantaine / QUARANTAINE})" if afgekeurd else "")
    )
    if zonder:
        console.print(f"Niet geleverd (geen dekking, geen nul): {', '.join(zonder)}")
    vreemd = [
        *(n for n in list_onbekend(contract, instellingen.leveringen_map) if n != BESTAND),
        *(bestand for stand in standen for bestand in stand.overgeslagen),
    ]
    if vreemd:
        console.print(f"Overgeslagen: {', '.join(vreemd)}")
    for waarschuwing in waarschuwingen:
        console.print(f"\nLet op: {waarschuwing}", markup=False)


def _dutch(getal: int) -> str:
    return f"{getal:,}".replace(",", ".")


def _print_verdeling(console: Console, uitgave: Uitgave) -> None:
    merk = "  SYNTHETISCH" if uitgave.synthetisch else ""
    tabel = Table(title=f"Labels per thema, {uitgave.manifest['organisatie']}{merk}")
    for kop in ("niveau", "thema", "1 klein", "2", "3", "4", "5 groot", "onbekend"):
        tabel.add_column(kop, justify="left" if kop in {"niveau", "thema"} else "right")
    telling = {
        (niveau, thema, label): aantal
        for niveau, thema, label, aantal, _ in uitgave.query("select * from verdeling")
    }
    for niveau in ("complex", "buurt", "wijk"):
        if not any(sleutel[0] == niveau for sleutel in telling):
            continue
        for thema in THEMAS:
            aantallen = [telling.get((niveau, thema, label), 0) for label in (1, 2, 3, 4, 5, 0)]
            tabel.add_row(niveau, thema, *map(str, aantallen), end_section=thema == THEMAS[-1])
    console.print(tabel)


def _may_show(console: Console, instellingen: Instellingen, uitgave: Uitgave) -> bool:
    """Note that complexes are shown; what is published stays so when that cannot be done."""
    try:
        note_read(instellingen, "run", "complex", release_id=uitgave.release_id)
    except LeeslogFout as fout:
        console.print(f"\nLet op: complexen worden hier niet getoond. {fout}", markup=False)
        return False
    return True


def _print_grootste(console: Console, uitgave: Uitgave) -> None:
    for niveau in ("complex", "buurt"):
        rijen = uitgave.query(
            "select beheerobject_id, naam, label_tot from lijst "
            "where niveau = ? and score_tot is not null "
            "order by score_tot desc, beheerobject_id limit ?",
            (niveau, _AANTAL_GROOTSTE),
        )
        if rijen:
            break
    else:
        return
    tabel = Table(title=f"Grootste beheeropgave ({niveau})")
    for kop in ("id", "naam", "label", "waarom"):
        tabel.add_column(kop)
    for id_, naam, label in rijen:
        tabel.add_row(id_, naam, str(label), ", ".join(_list_redenen(uitgave, niveau, id_)))
    console.print(tabel)


def _print_modellen(console: Console, uitgave: Uitgave) -> None:
    from serving.pagina.modellen import describe_modellen

    for blad in describe_modellen(uitgave):
        console.print(f"{blad.naam}: {blad.stand} {blad.zin}", markup=False, highlight=False)


def _list_redenen(uitgave: Uitgave, niveau: str, id_: str) -> list[str]:
    antwoord = uitgave.answer(niveau, id_)
    if antwoord is None:
        return []
    redenen = json.loads(antwoord)["sociaalBeheerLabel"]["redenen"]["omhoog"]
    return [reden["indicator"]["naam"].lower() for reden in redenen]


def _print_slot(
    console: Console, uitgave: Uitgave, gereed: Gereed, instellingen: Instellingen
) -> None:
    totaal = sum(gereed.seconden.values())
    tijden = ", ".join(f"{stap} {duur:.1f} s" for stap, duur in gereed.seconden.items())
    console.print(f"Tijden: {tijden}; samen {totaal:.1f} s")
    if gereed.bevroren != AL_BEVROREN:
        console.print(f"Referentie bevroren: {gereed.bevroren}")
    if uitgave.manifest.get("is_voorlopig"):
        console.print("De referentie is voorlopig: er zijn nog geen 8 volledige kwartalen.")
    wat = "Gepubliceerd" if gereed.is_nieuw else "Niets nieuws: al gepubliceerd"
    console.print(
        f"\n{wat}: release {gereed.release_id}, peildatum {uitgave.peildatum}",
        *(f"\n  {regel}" for regel in list_verder(instellingen)),
        sep="",
        highlight=False,
    )


def list_verder(instellingen: Instellingen) -> tuple[str, str]:
    """Return the commands that show what was published, on the data of this run."""
    map_ = _option(instellingen)
    levering = _option_leveringen(instellingen)
    return (
        f"buurtpeil serve{map_}  pagina en API op http://127.0.0.1:{STANDAARD_POORT}",
        f"buurtpeil dev{map_}{levering}  herkomst en controles op "
        f"http://127.0.0.1:{STANDAARD_POORT_DAGSTER}",
    )


def _option(instellingen: Instellingen) -> str:
    return "" if instellingen.data == Path("data") else f" --data {instellingen.data}"


def _option_leveringen(instellingen: Instellingen) -> str:
    """Return the option that Dagster needs to find the deliveries of this run again."""
    map_ = instellingen.leveringen
    gewoon = instellingen.data / "leveringen"
    return "" if map_ is None or map_ == gewoon else f" --leveringen {map_}"
