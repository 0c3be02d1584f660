"""The page on the risk models: what chooses now, why, and the model card.

Belongs here: words, and the card as HTML. Does not belong here: scores of complexes, which only
roles may see and this page never shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import pyarrow.parquet as pq
from markdown_it import MarkdownIt
from markupsafe import Markup

from serving.pagina.getal import format_datum
from serving.release import schema
from serving.release.winkel import Uitgave

BESTAND: Final = f"{schema.RISICOMODEL.export}.parquet"
_NAMEN: Final[Mapping[str, tuple[str, str]]] = {
    "overlast": (
        "Overlast die oploopt",
        "Waar de komende zes maanden een officiële waarschuwing, bemiddeling of rechtszaak kan "
        "komen.",
    ),
    "woonfraude": (
        "Gebruik van woningen in strijd met het contract",
        "Waar een onderzoek het vaakst iets bevestigt. Een onderzoek is een vermoeden, geen "
        "vaststelling.",
    ),
}
_STAND: Final[Mapping[str, str]] = {
    "kampioen": "Een getraind model kiest.",
    "regel": "Een vaste regel kiest, geen model.",
    "gestopt": "Het model is stilgezet. Alleen de loting kiest.",
    "storing": "Er kiest nu niets.",
}
_LEGE_KOP: Final = re.compile(r"<thead>\s*<tr>\s*(?:<th></th>\s*)+</tr>\s*</thead>\s*")
_SCHUIF: Final = (
    '<div class="schuif" role="region" aria-label="Tabel {} van {}" tabindex="0"><table>'
)
_KOP_LAGER: Final = 2
"""Levels that headings of a card go down: the page has the first, the model the second."""


@dataclass(frozen=True)
class Modelblad:
    """What the page says of one model.

    Attributes
    ----------
    kaart
        Model card as HTML; empty where the rule does the work.
    gezakt
        Conditions that were not met.
    """

    code: str
    naam: str
    uitleg: str
    stand: str
    zin: str
    versie: str
    getraind_op: str
    gezakt: tuple[str, ...]
    kaart: Markup


def describe_modellen(uitgave: Uitgave) -> tuple[Modelblad, ...]:
    """Return what a release says of its models; empty when it was made before there were any."""
    if BESTAND not in uitgave.manifest["bestanden"]:
        return ()
    pad = uitgave.find_bestand(BESTAND)
    return tuple(_describe(rij) for rij in pq.read_table(pad).to_pylist())


def _describe(rij: Mapping[str, Any]) -> Modelblad:
    naam, uitleg = _NAMEN[rij["model"]]
    gezakt = tuple(json.loads(rij["gezakt"] or "[]"))
    # The page says in its own words that the rule chooses, and lists the conditions apart.
    zin = rij["zin"].removeprefix("De vaste regel doet het werk. ")
    if rij["stand"] == "kampioen":
        zin = "Het kwam door de poort."
    if gezakt:
        zin = zin.split(": ")[0].rstrip(".") + "."
    return Modelblad(
        code=rij["model"],
        naam=naam,
        uitleg=uitleg,
        stand=_STAND[rij["stand"]],
        zin=zin,
        versie=rij["scoreversie"],
        getraind_op=format_datum(rij["getraind_op"].isoformat()) if rij["getraind_op"] else "",
        gezakt=gezakt,
        kaart=render_kaart(rij["kaart"] or ""),
    )


def render_kaart(tekst: str, naam: str = "de modelkaart") -> Markup:
    """Return Markdown as HTML: headings lower, tables that scroll, no HTML of the text itself."""
    if not tekst:
        return Markup("")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(tekst)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + _KOP_LAGER)}"
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    # Facts without a heading of their own: an empty heading says nothing to who listens.
    html = _LEGE_KOP.sub("", html)
    nummer = count(1)
    html = re.sub("<table>", lambda _: _SCHUIF.format(next(nummer), naam), html)
    html = html.replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704 - the renderer escapes what the card says
