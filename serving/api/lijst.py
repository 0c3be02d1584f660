"""Filtering, sorting and paging of the list of objects; the API and the pages ask here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from serving.release.schema import THEMAS
from serving.release.winkel import Uitgave
from serving.release.zoekindex import WEINIG, Treffers, read_zoekindex
from serving.release.zoektekst import normalize_zoektekst

Sorteer = Literal[
    "naam", "-naam", "score", "-score", "aantalVerhuureenheden", "-aantalVerhuureenheden"
]
Themacode = Literal["TOT", "SHV", "OVL", "FIN", "SOC", "LFB"]

MAXIMUM_PER_PAGINA: Final = 500
MAXIMUM_ZOEKTEKST: Final = 80

_EEN_VOOR_EEN: Final = (
    "from json_each(:treffers) treffer cross join lijst on lijst.rowid = treffer.value where"
)
_ONDERWEG: Final = "from lijst where is_treffer(lijst.rowid) and"


@dataclass(frozen=True)
class Vraag:
    """What a list must hold.

    ``labels`` are values 1..5 of theme ``thema`` (0 = unknown); ``sorteer`` on score uses the
    same theme and puts the unknown last. ``themasignalen`` are themes of which a complex has a
    signal in the last month; one is enough.
    """

    niveau: str
    labels: Sequence[int] = ()
    thema: Themacode = "TOT"
    zoek: str = ""
    buurt_id: str | None = None
    wijk_id: str | None = None
    sorteer: Sorteer = "naam"
    pagina: int = 1
    per_pagina: int = 20
    themasignalen: Sequence[Themacode] = ()

    def on_page(self, pagina: int) -> Vraag:
        """Return the same question for another page."""
        return replace(self, pagina=pagina)


@dataclass(frozen=True)
class Lijstpagina:
    """One page of a list: ready JSON rows, and how many there are in all."""

    rijen: list[bytes]
    aantal: int
    vraag: Vraag

    @property
    def laatste(self) -> int:
        """Number of the last page; an empty list has one page."""
        return max(1, -(-self.aantal // self.vraag.per_pagina))


def find_objects(uitgave: Uitgave, vraag: Vraag) -> Lijstpagina:
    """Return one page of the objects that ``vraag`` asks for."""
    treffers = _find_treffers(uitgave, vraag)
    if treffers is None or treffers.rijen is None:
        return _find_page(uitgave.query, vraag)
    rijen, rest = treffers.rijen, replace(vraag, zoek=treffers.rest)
    if len(rijen) <= WEINIG:
        alle = {"treffers": json.dumps(sorted(rijen))}
        pagina = _find_page(
            lambda sql, waarden: uitgave.query(sql, {**waarden, **alle}), rest, _EEN_VOOR_EEN
        )
    else:
        pagina = _find_page(
            lambda sql, waarden: uitgave.query_among(sql, waarden, rijen), rest, _ONDERWEG
        )
    return replace(pagina, vraag=vraag)


def _find_page(
    query: Callable[[str, dict[str, Any]], list[Any]],
    vraag: Vraag,
    uit: str = "from lijst where",
) -> Lijstpagina:
    waar, waarden = _where(vraag)
    aantal = query(f"select count(*) {uit} {waar}", waarden)[0][0]
    rijen = query(
        f"select body {uit} {waar} order by {_order(vraag)} limit :aantal offset :begin",
        {
            **waarden,
            "aantal": vraag.per_pagina,
            "begin": (vraag.pagina - 1) * vraag.per_pagina,
        },
    )
    return Lijstpagina([rij[0] for rij in rijen], aantal, vraag)


def _find_treffers(uitgave: Uitgave, vraag: Vraag) -> Treffers | None:
    """Return what the index says; None when nothing is searched, or there is no index."""
    if vraag.niveau != "complex" or not vraag.zoek:
        return None
    index = uitgave.remember("zoekindex", lambda: read_zoekindex(uitgave))
    return None if index is None else index.find_treffers(vraag.zoek)


def _where(vraag: Vraag) -> tuple[str, dict[str, Any]]:
    # Column names come from the fixed list of themes; everything a client sends is a parameter.
    if vraag.thema not in THEMAS:
        raise ValueError(f"unknown theme {vraag.thema}")
    delen = ["niveau = :niveau"]
    waarden: dict[str, Any] = {"niveau": vraag.niveau}
    if vraag.labels:
        kolom = f"label_{vraag.thema.lower()}"
        namen = []
        for nummer, label in enumerate(sorted({label for label in vraag.labels if label})):
            namen.append(f":label{nummer}")
            waarden[f"label{nummer}"] = label
        keuzes = [f"{kolom} in ({', '.join(namen)})"] if namen else []
        if 0 in vraag.labels:
            keuzes.append(f"{kolom} is null")
        delen.append(f"({' or '.join(keuzes)})")
    for nummer, woord in enumerate(normalize_zoektekst(vraag.zoek).split()):
        delen.append(f"instr(zoek, :woord{nummer}) > 0")
        waarden[f"woord{nummer}"] = woord
    if vraag.buurt_id is not None:
        delen.append("buurt_id = :buurt_id")
        waarden["buurt_id"] = vraag.buurt_id
    if vraag.wijk_id is not None:
        delen.append("wijk_id = :wijk_id")
        waarden["wijk_id"] = vraag.wijk_id
    if vraag.themasignalen:
        delen.append(
            "beheerobject_id in (select complex_id from themasignaal where thema_code in "
            "(select value from json_each(:themasignalen)))"
        )
        waarden["themasignalen"] = json.dumps(sorted(vraag.themasignalen))
    return " and ".join(delen), waarden


def _order(vraag: Vraag) -> str:
    score = f"score_{vraag.thema.lower()}"
    label = f"label_{vraag.thema.lower()}"
    volgorde = {
        "naam": "naam",
        "-naam": "naam desc",
        # Within a label the score orders; a theme without a shown score has its label only.
        "score": f"{label} asc nulls last, {score}",
        "-score": f"{label} desc, {score} desc",
        "aantalVerhuureenheden": "verhuureenheden_aantal asc nulls last",
        "-aantalVerhuureenheden": "verhuureenheden_aantal desc",
    }[vraag.sorteer]
    return f"{volgorde}, beheerobject_id"


def render_list(uitgave: Uitgave, pagina: Lijstpagina) -> bytes:
    """Return the JSON body of one page."""
    kop = (
        f'{{"aantal":{pagina.aantal},"pagina":{pagina.vraag.pagina},'
        f'"aantalPerPagina":{pagina.vraag.per_pagina},"resultaten":['
    )
    return kop.encode() + b",".join(pagina.rijen) + b"]" + uitgave.staart


def build_links(pagina: Lijstpagina, adres: str) -> str:
    """Return the ``Link`` header of a page of objects, absolute."""
    vraag = pagina.vraag
    return join_links(
        vraag.pagina,
        pagina.laatste,
        lambda nummer: f"{adres}?{build_query(vraag.on_page(nummer))}",
    )


def join_links(pagina: int, laatste: int, adres: Callable[[int], str]) -> str:
    """Return a ``Link`` header (RFC 8288): first, prev, next and last.

    Parameters
    ----------
    pagina, laatste
        Number of this page and of the last one.
    adres
        Gives the absolute address of a page.
    """
    bestemming = {"first": 1, "last": laatste}
    if pagina > 1:
        bestemming["prev"] = min(pagina - 1, laatste)
    if pagina < laatste:
        bestemming["next"] = pagina + 1
    return ", ".join(
        f'<{adres(nummer)}>; rel="{soort}"' for soort, nummer in sorted(bestemming.items())
    )


def build_query(vraag: Vraag) -> str:
    """Return the query of ``vraag`` as it stands in an address."""
    delen: list[tuple[str, str]] = [("label", str(label)) for label in vraag.labels]
    if vraag.thema != "TOT":
        delen.append(("thema", vraag.thema))
    for naam, waarde in (
        ("zoek", vraag.zoek),
        ("buurtId", vraag.buurt_id),
        ("wijkId", vraag.wijk_id),
    ):
        if waarde:
            delen.append((naam, waarde))
    delen += [("themasignaal", thema) for thema in vraag.themasignalen]
    delen.append(("sorteer", vraag.sorteer))
    delen.append(("pagina", str(vraag.pagina)))
    delen.append(("aantalPerPagina", str(vraag.per_pagina)))
    return urlencode(delen)
