"""``contract``: what a delivery must look like, from the delivery contract itself."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from orchestration.methode import read_seed
from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract
from vera.contract import Bron, Contract, Kolom, Tabel
from vera.errors import GebruikFout


def show_contract(naam: str | None, *, alleen_voorbeeld: bool) -> None:
    """Print the contract: all sources, one source, or one table with an example.

    Raises
    ------
    GebruikFout
        When there is no such source or table.
    """
    contract = read_contract(DBT_MAP)
    console = Console(highlight=False)
    if naam is None:
        for bron in contract.bronnen:
            _print_bron(console, bron)
            _print_tabellen(console, bron)
        console.print("Eén tabel: buurtpeil contract BRON.TABEL (met --voorbeeld alleen de CSV)")
        return
    bronnen = [bron for bron in contract.bronnen if bron.naam == naam]
    if bronnen and not alleen_voorbeeld:
        _print_bron(console, bronnen[0])
        _print_tabellen(console, bronnen[0])
        return
    bron, tabel = _find_tabel(contract, naam)
    if alleen_voorbeeld:
        print(make_voorbeeld(bron, tabel), end="")
        return
    _print_tabel(console, contract, bron, tabel)


def _find_tabel(contract: Contract, naam: str) -> tuple[Bron, Tabel]:
    gevonden = [
        (bron, tabel)
        for bron in contract.bronnen
        for tabel in bron.tabellen
        if naam in {tabel.id, tabel.naam}
    ]
    if len(gevonden) != 1:
        keuze = [tabel.id for _, tabel in gevonden] or [t.id for t in contract.tabellen]
        raise GebruikFout(
            f"{naam} is {'niet eenduidig' if gevonden else 'geen bron of tabel'}.",
            verwacht=", ".join(keuze),
        )
    return gevonden[0]


def _print_bron(console: Console, bron: Bron) -> None:
    wijze = (
        "bestanden zoals de uitgever ze geeft"
        if bron.formaat == "uitgever"
        else f"CSV ({bron.scheidingsteken} als scheiding, {bron.codering}, decimaalteken "
        f"{bron.decimaalteken}), .csv.gz of .parquet; bestandsnaam TABEL_JJJJ-MM-DD.csv"
    )
    console.print(f"\n[bold]{bron.naam}/[/bold]  {bron.omschrijving}")
    console.print(f"  {wijze}; ritme: {bron.ritme}", markup=False)


def _print_tabellen(console: Console, bron: Bron) -> None:
    for tabel in bron.tabellen:
        console.print(f"  {tabel.id:<36} {tabel.omschrijving}", markup=False)


def _print_tabel(console: Console, contract: Contract, bron: Bron, tabel: Tabel) -> None:
    _print_bron(console, bron)
    console.print(f"\n[bold]{tabel.id}[/bold]: {tabel.omschrijving}")
    console.print(f"  sleutel: {', '.join(tabel.sleutel)}")
    soort = (
        "elke levering is de hele stand"
        if tabel.levering == "volledig"
        else "elke levering is een aanvulling of een nieuwe versie van een rij"
    )
    console.print(f"  levering: {tabel.levering} ({soort})")
    console.print(f"  bewaartermijn: {tabel.bewaartermijn}")
    if tabel.levering == "aanvulling":
        console.print(
            "  kennisdatum ontbreekt? Dan geldt de dag van de eerste levering waarin de rij staat"
            + (
                f"; bij de eerste vulling {tabel.kennisdatum_eerste_levering}"
                if tabel.kennisdatum_eerste_levering
                else ""
            )
        )
    # A name that is cut off is of no use to who makes the file, so few columns and nothing hidden.
    raster = Table(show_lines=True)
    for kop in ("kolom", "type", "wat het is", "uitleg"):
        raster.add_column(kop, overflow="fold", no_wrap=kop == "kolom")
    for kolom in tabel.kolommen:
        verplicht = "ja" if kolom.verplicht else "kolom" if kolom.naam in tabel.sleutel else "nee"
        behandeling = "" if kolom.behandeling == "behouden" else f", {kolom.behandeling}"
        delen = [
            f"verplicht: {verplicht}",
            f"{kolom.classificatie}{behandeling}",
            f"doelen: {', '.join(sorted(kolom.doelen)) or 'geen'}",
        ]
        raster.add_row(kolom.naam, kolom.type, "\n".join(delen), kolom.omschrijving)
    console.print(raster)
    for kolom in tabel.kolommen:
        if kolom.waarden:
            namen = contract.codelijsten.get(kolom.codelijst or "", {})
            codes = ", ".join(
                f"{code} {namen[code]}" if code in namen else code for code in sorted(kolom.waarden)
            )
            lijst = f" (VERA {kolom.codelijst})" if kolom.codelijst else ""
            console.print(f"  {kolom.naam}{lijst}: {codes}", markup=False)
    if {"zaaktype_soort_code", "zaaktype_detail_soort_code"} <= {k.naam for k in tabel.kolommen}:
        _print_telsets(console)
    if bron.formaat == "tabel":
        console.print(f"\nVoorbeeld: {bron.naam}/{tabel.naam}_2026-01-01.csv")
        print(make_voorbeeld(bron, tabel), end="")


def _print_telsets(console: Console) -> None:
    """Say which sort and detail sort of a zaak together count as what; another pair does not."""
    telsets: dict[tuple[str, str], list[str]] = {}
    for rij in read_seed("telset.csv"):
        paar = rij["telset_code"], rij["zaaktype_soort_code"]
        telsets.setdefault(paar, []).append(rij["zaaktype_detail_soort_code"])
    console.print("  Wat als wat telt (een ander paar telt nergens mee):")
    for (telset, soort), details in telsets.items():
        console.print(f"    {telset}: {soort} met {', '.join(details)}", markup=False)


def make_voorbeeld(bron: Bron, tabel: Tabel) -> str:
    """Return an example file: a header and two rows that the reader takes."""
    if bron.formaat != "tabel":
        raise GebruikFout(
            f"{tabel.id} komt als bestand van de uitgever; daar is geen eigen voorbeeld van.",
            remedie=f"haal het bestand op bij de uitgever en zet het in {bron.naam}/",
        )
    kolommen = [kolom for kolom in tabel.kolommen if kolom.behandeling != "verwijderen"]
    regels = [[kolom.naam for kolom in kolommen]]
    regels += [[_example(kolom, bron, nummer) for kolom in kolommen] for nummer in (1, 2)]
    if {"zaaktype_soort_code", "zaaktype_detail_soort_code"} <= set(regels[0]):
        # Two codes that VERA does not know together would be a bad example.
        for regel, paar in zip(regels[1:], read_seed("telset.csv"), strict=False):
            for naam in ("zaaktype_soort_code", "zaaktype_detail_soort_code"):
                regel[regels[0].index(naam)] = paar[naam]
    return "".join(bron.scheidingsteken.join(regel) + "\n" for regel in regels)


_VOORBEELDEN = {"postcode": "9999ZZ", "huisnummer": "1"}


def _example(kolom: Kolom, bron: Bron, nummer: int) -> str:
    if kolom.waarden:
        codes = sorted(kolom.waarden)
        return codes[(nummer - 1) % len(codes)]
    getal = max(kolom.minimum or 0, min(kolom.maximum or 7, 7))
    voorbeeld = _VOORBEELDEN.get(kolom.naam, f"{kolom.naam.removesuffix('_id')}-{nummer}")
    if kolom.type == "date":
        voorbeeld = "" if kolom.naam.startswith(("eind", "uit_")) else f"2025-0{nummer + 3}-15"
    elif kolom.type == "boolean":
        voorbeeld = "true"
    elif kolom.type in {"integer", "bigint"}:
        voorbeeld = str(int(getal))
    elif kolom.type.startswith(("decimal", "double")):
        voorbeeld = f"{getal:.1f}".replace(".", bron.decimaalteken)
    return voorbeeld
