"""Kerncijfers wijken en buurten of CBS, asked by OData, as the file that StatLine gives.

Only figures that the delivery contract names are asked, and only of areas that the association
has. What an area is (code, kind, gemeente, year) comes from its code and the table, not from
columns that come and go.

Belongs here: from OData to that file. Does not belong here: reading it
(:mod:`sources.uitgever.cbs_kwb`), laying it with the deliveries (``levering``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from sources.opendata.adres import Adressen
from sources.opendata.csvbestand import build_csv
from sources.opendata.fout import AnderAntwoord
from sources.opendata.klant import Klant
from sources.opendata.odata import (
    Onderwerp,
    Tabel,
    build_adres,
    build_v3,
    clean,
    collect_cijfers,
    fetch_namen,
    filter_begin,
    iter_rijen,
    list_onderwerpen,
    quote_tekst,
    take_onderwerpen,
)
from sources.opendata.regio import Regio, list_begin, name_soort
from vera.contract import Bron

BRON: Final = "cbs_kwb"
_TITEL: Final = "Kerncijfers wijken en buurten"
_EDITIE = re.compile(rf"{_TITEL} ([0-9]{{4}})", re.I)
_ONBEKEND: Final = "."
_VAST: Final = (
    ("", "Wijken en buurten"),
    ("Gemeentenaam", "naam"),
    ("Soort regio", "omschrijving"),
    ("Codering", "code"),
    ("Jaar", ""),
)
"""Columns that say which area a row is of, with their units."""

_Cijfers = Mapping[tuple[str, str], str]


def list_tabellen(
    klant: Klant, adressen: Adressen, jaren: Collection[int] = ()
) -> dict[int, Tabel]:
    """Return the table of each year: of version 4 of OData where it has that year, else of 3.

    Parameters
    ----------
    klant
        Asks.
    adressen
        Where CBS is.
    jaren
        Years that are wanted. Version 3 is asked for those that version 4 lacks, and when that
        has none at all.

    Raises
    ------
    Onbereikbaar, AnderAntwoord
        When CBS does not say which tables there are.
    """
    vraag = f"startswith(Title,{quote_tekst(_TITEL)})"
    v4 = build_adres(f"{adressen.cbs}/Datasets", filter=vraag)
    tabellen = _read_catalogus(klant, v4, lambda naam: f"{adressen.cbs}/{naam}", is_v4=True)
    if tabellen and set(jaren) <= set(tabellen):
        return tabellen
    v3 = build_adres(f"{adressen.cbs_v3}/ODataCatalog/Tables", filter=vraag, format="json")
    return _read_catalogus(klant, v3, lambda _: adressen.cbs_v3, is_v4=False) | tabellen


def _read_catalogus(
    klant: Klant, adres: str, find_begin: Callable[[str], str], *, is_v4: bool
) -> dict[int, Tabel]:
    tabellen: dict[int, Tabel] = {}
    for rij in iter_rijen(klant, adres, nodig=("Identifier", "Title")):
        treffer = _EDITIE.fullmatch(clean(rij["Title"]))
        if treffer is not None:
            naam = clean(rij["Identifier"])
            momenten = [clean(rij.get(veld)) for veld in ("Modified", "ObservationsModified")]
            tabellen[int(treffer[1])] = Tabel(
                naam,
                clean(rij["Title"]),
                "|".join(moment for moment in momenten if moment),
                find_begin(naam),
                is_v4,
            )
    return tabellen


def fetch_kerncijfers(klant: Klant, tabel: Tabel, jaar: int, regio: Regio, bron: Bron) -> bytes:
    """Return the file of one year.

    Parameters
    ----------
    klant
        Asks.
    tabel, jaar
        The edition.
    regio
        The areas that go in.
    bron
        The contract of ``cbs_kwb``; its heads are what is asked.

    Returns
    -------
    bytes
        As StatLine gives it: UTF-8 with a byte order mark, ``;``, decimal comma, ``.`` = missing.
        The same answers give the same bytes.

    Raises
    ------
    AnderAntwoord
        When none of the figures or none of the areas is there.
    Onbereikbaar
        When CBS does not answer.
    """
    plek = tabel.place(BRON)
    onderwerpen = take_onderwerpen(list_onderwerpen(klant, tabel, plek), _list_koppen(bron), tabel)
    if not onderwerpen:
        raise AnderAntwoord(
            f"CBS-tabel {tabel.naam} heeft geen enkel cijfer van het leveringscontract.",
            verwacht="onderwerpen met de naam en eenheid van `buurtpeil contract cbs_kwb`",
            remedie="kijk bij StatLine hoe de tabel nu heet; wat eerder is geleverd, blijft staan",
        )
    namen: dict[str, str] = {}
    cijfers: dict[tuple[str, str], str] = {}
    for gemeente in regio.gemeenten:
        namen |= fetch_namen(klant, tabel, list_begin(gemeente), plek)
        fetch = _fetch_v4 if tabel.is_v4 else _fetch_v3
        collect_cijfers(cijfers, fetch(klant, tabel, gemeente, onderwerpen, plek), tabel)
    eigen = sorted((code for code in namen if regio.has(code)), key=lambda code: code[2:].ljust(8))
    if not any(code.startswith("BU") for code in eigen):
        raise AnderAntwoord(
            f"CBS-tabel {tabel.naam} heeft geen enkele buurt van de gevraagde regio.",
            verwacht="buurten zoals " + ", ".join(sorted(regio.codes)[:3]),
            remedie="de indeling verschilt per jaar; kies een ander jaar of noem de gemeente in "
            "BUURTPEIL_OPEN_REGIO",
        )
    if plek is not None:
        klant.voorraad.keep_only(BRON, tabel.naam, tabel.versie)
    return _build(tabel, jaar, onderwerpen, eigen, namen, cijfers)


def _list_koppen(bron: Bron) -> set[str]:
    """Return the heads that may be asked: open ones that the contract names."""
    vast = {f"{naam} [{eenheid}]" for naam, eenheid in _VAST}
    return {
        kolom.kop
        for tabel in bron.tabellen
        for kolom in tabel.kolommen
        if kolom.kop and kolom.classificatie == "openbaar"
    } - vast


def _fetch_v4(
    klant: Klant, tabel: Tabel, gemeente: str, onderwerpen: Sequence[Onderwerp], plek: str | None
) -> Iterable[tuple[tuple[str, str], str]]:
    sleutels = ",".join(quote_tekst(onderwerp.sleutel) for onderwerp in onderwerpen)
    gebied = filter_begin("WijkenEnBuurten", list_begin(gemeente))
    adres = build_adres(
        f"{tabel.adres}/Observations",
        filter=f"{gebied} and Measure in ({sleutels})",
        select="Measure,StringValue,Value,WijkenEnBuurten",
    )
    for rij in iter_rijen(klant, adres, nodig=("Measure", "Value", "WijkenEnBuurten"), plek=plek):
        waarde = clean(rij["Value"]) or clean(rij.get("StringValue"))
        yield (clean(rij["WijkenEnBuurten"]), clean(rij["Measure"])), waarde


def _fetch_v3(
    klant: Klant, tabel: Tabel, gemeente: str, onderwerpen: Sequence[Onderwerp], plek: str | None
) -> Iterable[tuple[tuple[str, str], str]]:
    sleutels = [onderwerp.sleutel for onderwerp in onderwerpen]
    adres = build_v3(
        tabel.adres,
        "Feed",
        tabel.naam,
        "TypedDataSet",
        filter=filter_begin("WijkenEnBuurten", list_begin(gemeente)),
        select=",".join(["WijkenEnBuurten", *sleutels]),
    )
    for rij in iter_rijen(klant, adres, nodig=("WijkenEnBuurten", *sleutels), plek=plek):
        for sleutel in sleutels:
            yield (clean(rij["WijkenEnBuurten"]), sleutel), clean(rij[sleutel])


def _build(
    tabel: Tabel,
    jaar: int,
    onderwerpen: Sequence[Onderwerp],
    codes: Sequence[str],
    namen: Mapping[str, str],
    cijfers: _Cijfers,
) -> bytes:
    breed = len(_VAST) + len(onderwerpen)
    vulling = [""] * (breed - 1)
    regios = [
        [
            namen[code],
            namen.get(f"GM{code[2:6]}", _ONBEKEND),
            name_soort(code),
            code,
            str(jaar),
            *(format_cijfer(cijfers.get((code, o.sleutel), "")) for o in onderwerpen),
        ]
        for code in codes
    ]
    return build_csv(
        [
            [f"{_TITEL} {jaar}", *vulling],
            ["", *vulling],
            ["", "Onderwerp", *vulling[1:]],
            [*(naam for naam, _ in _VAST), *(o.naam for o in onderwerpen)],
            [*(eenheid for _, eenheid in _VAST), *(o.eenheid for o in onderwerpen)],
            *regios,
            [f"Bron: CBS, tabel {tabel.naam}, opgehaald met OData (CC BY 4.0)"],
        ],
        "utf-8-sig",
        ";",
    )


def format_cijfer(tekst: str) -> str:
    """Return a figure with a decimal comma, without zeros that say nothing.

    Examples
    --------
    >>> [format_cijfer(t) for t in ("12370.0", "21.90", "1.5E2", "", "Rotterdam")]
    ['12370', '21,9', '150', '.', 'Rotterdam']
    """
    if not tekst:
        return _ONBEKEND
    try:
        getal = Decimal(tekst)
    except InvalidOperation:
        return tekst
    if not getal.is_finite():
        return _ONBEKEND
    heel = format(getal, "f")
    return (heel.rstrip("0").rstrip(".") if "." in heel else heel).replace(".", ",")
