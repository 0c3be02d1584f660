"""Tables of CBS by OData, version 4 and version 3, as rows.

Version 4 gives a row per figure (``Observations``) and says what a figure is in ``MeasureCodes``.
Version 3 gives a row per area with a column per figure (``TypedDataSet``) and says what a column is
in ``DataProperties``. Both give long answers in pages, each with the address of the next.

Figures stay texts with the digits that the publisher wrote; codes lose the spaces behind them.

Source: CBS, *Handleiding CBS Open Data Services* (version 3); OASIS, *OData Version 4.0. Part 1:
Protocol*, section 11.2.5.7 (server-driven paging).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from sources.opendata.adres import follow
from sources.opendata.fout import AnderAntwoord
from sources.opendata.klant import Klant
from sources.opendata.voorraad import place

MEESTE_PAGINAS: Final = 500
"""Of one question; a publisher that goes on is not believed."""

_GEWOON: Final = "(),'"
"""Signs that stay as they are in a question."""

Rij = Mapping[str, Any]


@dataclass(frozen=True)
class Tabel:
    """A version of a publisher's table.

    Parameters
    ----------
    naam
        As the publisher names it (``83765NED``).
    titel
        Its title.
    versie
        What changes when the table does; empty when the publisher does not say.
    adres
        Where it is.
    is_v4
        Version 4 of OData, else 3.
    """

    naam: str
    titel: str
    versie: str
    adres: str
    is_v4: bool

    def place(self, bron: str) -> str | None:
        """Return where what is asked of this version is kept; None when it has none."""
        return place(bron, self.naam, self.versie) if self.versie else None


@dataclass(frozen=True)
class Onderwerp:
    """A figure that a table has.

    Parameters
    ----------
    sleutel
        By which the rows name it.
    naam, eenheid
        As in the head of a table of StatLine, without white space that is not needed.
    """

    sleutel: str
    naam: str
    eenheid: str

    @property
    def kop(self) -> str:
        """The head as the delivery contract writes it: ``naam [eenheid]``."""
        return f"{self.naam} [{self.eenheid}]"


def build_adres(begin: str, **vraag: str) -> str:
    """Return an address with a question (``filter`` becomes ``$filter``), always in one order.

    Examples
    --------
    >>> build_adres("https://cbs.example/T/Observations", filter="Measure eq 'A'", select="Id")
    "https://cbs.example/T/Observations?$filter=Measure%20eq%20'A'&$select=Id"
    """
    delen = [f"${naam}={quote(waarde, safe=_GEWOON)}" for naam, waarde in sorted(vraag.items())]
    return f"{begin}?{'&'.join(delen)}" if delen else begin


def quote_tekst(tekst: str) -> str:
    """Return a text as OData writes it in a question.

    Examples
    --------
    >>> quote_tekst("'s-Gravenhage")
    "'''s-Gravenhage'"
    """
    return "'" + tekst.replace("'", "''") + "'"


def filter_begin(kolom: str, begin: Collection[str]) -> str:
    """Return the question for codes that begin with one of these.

    Examples
    --------
    >>> filter_begin("WijkenEnBuurten", ["BU0599", "WK0599"])
    "(startswith(WijkenEnBuurten,'BU0599') or startswith(WijkenEnBuurten,'WK0599'))"
    """
    delen = [f"startswith({kolom},{quote_tekst(tekst)})" for tekst in sorted(begin)]
    return f"({' or '.join(delen)})"


def iter_rijen(
    klant: Klant, adres: str, *, nodig: Collection[str], plek: str | None = None
) -> Iterator[Rij]:
    """Yield the rows of a question, page by page.

    Parameters
    ----------
    klant
        Asks.
    adres
        The question.
    nodig
        Names that every row must have.
    plek
        Where the version of the table is kept; see ``Klant.read_json``.

    Raises
    ------
    AnderAntwoord
        When a page has no rows in it, a row lacks a name, or pages go round in a circle.
    Onbereikbaar
        When the publisher does not answer.
    """
    gezien: set[str] = set()
    volgende: str | None = adres
    while volgende is not None:
        if volgende in gezien or len(gezien) >= MEESTE_PAGINAS:
            raise _say_anders(adres, f"pagina's die niet ophouden ({len(gezien)})")
        gezien.add(volgende)
        pagina = klant.read_json(volgende, plek)
        rijen = pagina.get("value")
        if not isinstance(rijen, list):
            raise _say_anders(adres, "een antwoord zonder lijst `value`")
        for rij in rijen:
            ontbreekt = set(nodig) - set(rij) if isinstance(rij, dict) else set(nodig)
            if ontbreekt:
                raise _say_anders(adres, f"een rij zonder {', '.join(sorted(ontbreekt))}")
            yield rij
        link = pagina.get("@odata.nextLink") or pagina.get("odata.nextLink")
        volgende = follow(volgende, str(link)) if link else None


def clean(waarde: object) -> str:
    """Return a cell as text, with nothing around it; what is not there is empty."""
    return "" if waarde is None else " ".join(str(waarde).split())


def list_onderwerpen(klant: Klant, tabel: Tabel, plek: str | None) -> list[Onderwerp]:
    """Return the figures that a table has.

    Raises
    ------
    AnderAntwoord, Onbereikbaar
        As for ``iter_rijen``; also when there is none.
    """
    if tabel.is_v4:
        rijen = iter_rijen(
            klant,
            build_adres(f"{tabel.adres}/MeasureCodes", select="Identifier,Title,Unit"),
            nodig=("Identifier", "Title", "Unit"),
            plek=plek,
        )
        gevonden = [
            Onderwerp(clean(rij["Identifier"]), clean(rij["Title"]), clean(rij["Unit"]))
            for rij in rijen
        ]
    else:
        # Dimensions have no unit; groups of columns have no key.
        gevonden = [
            Onderwerp(clean(rij["Key"]), clean(rij["Title"]), clean(rij.get("Unit")))
            for rij in iter_rijen(
                klant,
                build_v3(tabel.adres, "Api", tabel.naam, "DataProperties"),
                nodig=("Key", "Title", "Type"),
                plek=plek,
            )
            if rij["Type"] == "Topic" and clean(rij["Key"])
        ]
    if not gevonden:
        raise _say_anders(tabel.adres, "een tabel zonder onderwerpen")
    return gevonden


def fetch_namen(
    klant: Klant, tabel: Tabel, begin: Collection[str], plek: str | None
) -> dict[str, str]:
    """Return the areas whose codes begin with one of these, with their names.

    Raises
    ------
    AnderAntwoord, Onbereikbaar
        As for ``iter_rijen``.
    """
    kolom = "Identifier" if tabel.is_v4 else "Key"
    vraag = {"filter": filter_begin(kolom, begin), "select": f"{kolom},Title"}
    adres = (
        build_adres(f"{tabel.adres}/WijkenEnBuurtenCodes", **vraag)
        if tabel.is_v4
        else build_v3(tabel.adres, "Api", tabel.naam, "WijkenEnBuurten", **vraag)
    )
    rijen = iter_rijen(klant, adres, nodig=(kolom, "Title"), plek=plek)
    return {clean(rij[kolom]): clean(rij["Title"]) for rij in rijen}


def collect_cijfers(
    cijfers: dict[tuple[str, str], str],
    paren: Iterable[tuple[tuple[str, str], str]],
    tabel: Tabel,
) -> None:
    """Add figures by area and what they are about; the same figure may come twice.

    Raises
    ------
    AnderAntwoord
        When there are two for one: nobody could say which holds.
    """
    for sleutel, waarde in paren:
        if cijfers.setdefault(sleutel, waarde) != waarde:
            raise AnderAntwoord(
                f"Tabel {tabel.naam} geeft twee cijfers voor één gebied en onderwerp.",
                verwacht="één cijfer per gebied en onderwerp",
                remedie="kijk bij de uitgever of de tabel er een indeling bij kreeg",
            )


def build_v3(begin: str, dienst: str, tabel: str, deel: str, **vraag: str) -> str:
    """Return the address of a part of a table in version 3 (``Api`` or ``Feed``).

    The ``Feed`` is for many rows; of the ``Api`` no more than 10,000 can be asked.
    """
    return build_adres(f"{begin}/OData{dienst}/odata/{tabel}/{deel}", format="json", **vraag)


def find_versie_v3(klant: Klant, begin: str, tabel: str) -> Tabel:
    """Return a table of version 3 by its name, with what it says of itself.

    Raises
    ------
    AnderAntwoord, Onbereikbaar
        As for ``iter_rijen``; also when it does not say it.
    """
    adres = build_v3(begin, "Api", tabel, "TableInfos")
    for rij in iter_rijen(klant, adres, nodig=("Identifier", "Title")):
        return Tabel(tabel, clean(rij["Title"]), clean(rij.get("Modified")), begin, is_v4=False)
    raise _say_anders(adres, "niets over de tabel")


def take_onderwerpen(
    onderwerpen: Sequence[Onderwerp], koppen: Collection[str], tabel: Tabel
) -> list[Onderwerp]:
    """Return the figures that we ask for, and no others.

    Raises
    ------
    AnderAntwoord
        When two figures have one head: nobody could say which is meant.
    """
    gevonden = [onderwerp for onderwerp in onderwerpen if onderwerp.kop in koppen]
    dubbel = sorted({o.kop for o in gevonden if sum(a.kop == o.kop for a in gevonden) > 1})
    if dubbel:
        raise _say_anders(tabel.adres, f"{dubbel[0]!r} meer dan één keer in {tabel.naam}")
    return gevonden


def _say_anders(adres: str, wat: str) -> AnderAntwoord:
    return AnderAntwoord(
        f"{urlsplit(adres).hostname} geeft {wat}.",
        verwacht="rijen zoals CBS ze in OData geeft",
        remedie="de uitgever heeft de indeling veranderd; wat eerder is geleverd, blijft staan. "
        "Haal het bestand zelf op bij de uitgever en meld dit bij wie Buurtpeil onderhoudt",
    )
