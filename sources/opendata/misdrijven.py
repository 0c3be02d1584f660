"""Registered crimes per buurt, asked of data.politie.nl, as the list that the reader takes.

As in the list that goes round, the sum holds the all-types total besides the types: about twice
the count. A cell that is not published (a small number) adds nothing to it.

Belongs here: from OData to that file. Does not belong here: reading it
(:mod:`sources.uitgever.politie`), laying it with the deliveries (``levering``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from sources.opendata.adres import Adressen
from sources.opendata.csvbestand import build_csv
from sources.opendata.fout import AnderAntwoord
from sources.opendata.klant import Klant
from sources.opendata.odata import (
    Tabel,
    build_v3,
    clean,
    collect_cijfers,
    fetch_namen,
    filter_begin,
    find_versie_v3,
    iter_rijen,
    list_onderwerpen,
    quote_tekst,
)
from sources.opendata.regio import Regio, list_begin

BRON: Final = "politie"
TABEL: Final = "47018NED"
"""Registered crimes by type, wijk and buurt, per year."""
_JAAR = re.compile(r"([0-9]{4})JJ00")
_ONDERWERP: Final = "GeregistreerdeMisdrijven"
_KOP: Final = ("WijkenEnBuurten", "buurt_naam", "geregistreerde_misdrijven_som")


def find_tabel(klant: Klant, adressen: Adressen) -> Tabel:
    """Return the table with what it says of itself.

    Raises
    ------
    Onbereikbaar, AnderAntwoord
        When the publisher does not say it.
    """
    return find_versie_v3(klant, adressen.politie, TABEL)


def list_jaren(klant: Klant, tabel: Tabel) -> list[int]:
    """Return the years that the table has.

    Raises
    ------
    Onbereikbaar, AnderAntwoord
        When the publisher does not say it.
    """
    adres = build_v3(tabel.adres, "Api", tabel.naam, "Perioden", select="Key,Title")
    treffers = (
        _JAAR.fullmatch(clean(rij["Key"]))
        for rij in iter_rijen(klant, adres, nodig=("Key",), plek=tabel.place(BRON))
    )
    return sorted({int(treffer[1]) for treffer in treffers if treffer})


def fetch_misdrijven(klant: Klant, tabel: Tabel, jaar: int, regio: Regio) -> bytes:
    """Return the list of one year.

    Parameters
    ----------
    klant
        Asks.
    tabel, jaar
        The edition.
    regio
        The areas of which the buurten go in.

    Returns
    -------
    bytes
        UTF-8, ``,``, one row per buurt with at least one figure; the same answers give the same
        bytes.

    Raises
    ------
    AnderAntwoord
        When none of the buurten is there, or the table has another column of figures.
    Onbereikbaar
        When the publisher does not answer.
    """
    plek = tabel.place(BRON)
    kolom = _find_kolom(klant, tabel, plek)
    namen: dict[str, str] = {}
    cijfers: dict[tuple[str, str], str] = {}
    for gemeente in regio.gemeenten:
        begin = list_begin(gemeente, ("BU",))
        namen |= fetch_namen(klant, tabel, begin, plek)
        adres = build_v3(
            tabel.adres, "Feed", tabel.naam, "TypedDataSet",
            filter=f"Perioden eq {quote_tekst(f'{jaar}JJ00')} and "
            + filter_begin("WijkenEnBuurten", begin),
            select=f"{kolom},Perioden,SoortMisdrijf,WijkenEnBuurten",
        )  # fmt: skip
        nodig = (kolom, "Perioden", "SoortMisdrijf", "WijkenEnBuurten")
        paren = (
            ((clean(rij["WijkenEnBuurten"]), clean(rij["SoortMisdrijf"])), clean(rij[kolom]))
            for rij in iter_rijen(klant, adres, nodig=nodig, plek=plek)
            if regio.has(clean(rij["WijkenEnBuurten"])) and clean(rij["Perioden"]) == f"{jaar}JJ00"
        )
        collect_cijfers(cijfers, paren, tabel)
    if not cijfers:
        raise AnderAntwoord(
            f"Politietabel {tabel.naam} heeft over {jaar} geen enkele buurt van de regio.",
            verwacht="buurten zoals " + ", ".join(sorted(regio.codes)[:3]),
            remedie="kies een ander jaar, of noem de gemeente in BUURTPEIL_OPEN_REGIO",
        )
    if plek is not None:
        klant.voorraad.keep_only(BRON, tabel.naam, tabel.versie)
    per_buurt: dict[str, list[str]] = {}
    for (buurt, _), waarde in cijfers.items():
        per_buurt.setdefault(buurt, []).append(waarde)
    rijen = [
        [buurt, namen.get(buurt, ""), add_cijfers(waarden)]
        for buurt, waarden in sorted(per_buurt.items())
    ]
    return build_csv([_KOP, *rijen], "utf-8", ",")


def add_cijfers(waarden: Iterable[str]) -> str:
    """Return the sum of what is published; nothing when none of it is, or one is no number.

    Examples
    --------
    >>> add_cijfers(["30", "", "12.0"]), add_cijfers(["", ""])
    ('42', '')
    """
    try:
        getallen = [Decimal(waarde) for waarde in waarden if waarde]
    except InvalidOperation:
        return ""
    return f"{sum(getallen, Decimal(0)):.0f}" if getallen else ""


def _find_kolom(klant: Klant, tabel: Tabel, plek: str | None) -> str:
    """Return the column with the counts; publishers put a number behind its name."""
    kolommen = [
        onderwerp.sleutel
        for onderwerp in list_onderwerpen(klant, tabel, plek)
        if re.fullmatch(rf"{_ONDERWERP}(_[0-9]+)?", onderwerp.sleutel)
    ]
    if len(kolommen) != 1:
        raise AnderAntwoord(
            f"Politietabel {tabel.naam} heeft {len(kolommen)} kolommen {_ONDERWERP}.",
            verwacht=f"één kolom {_ONDERWERP}, met of zonder volgnummer",
            remedie="kijk op data.politie.nl hoe de tabel nu is ingedeeld; wat eerder is geleverd, "
            "blijft staan",
        )
    return kolommen[0]
