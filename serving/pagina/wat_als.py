"""What the what-if page shows: the form, how the labels shift, and what gets another label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from serving.pagina.getal import count, format_getal
from serving.pagina.overzicht import NAMEN
from serving.pagina.vraag import PER_PAGINA, WatAlsVraag
from serving.pagina.zinnen import describe_label
from serving.release.winkel import Uitgave
from serving.wat_als.rekening import AANTAL_LABELS, THEMAS, Uitkomst
from serving.wat_als.vraag import Verandering, ask_wat_als, list_veranderingen

MACHTEN: Final[Mapping[int, str]] = {
    1: "Als gewoon gemiddelde",
    2: "Zwaarder, zoals gepubliceerd",
    4: "Nog zwaarder",
}
"""The power of the mean, in words."""


@dataclass(frozen=True)
class Veld:
    """One weight in the form."""

    naam: str
    thema: str
    waarde: str


@dataclass(frozen=True)
class Staafpaar:
    """How many objects have one label (0 = unknown) now and in the what-if; bars 0 to 100."""

    label: int
    woord: str
    nu: str
    nu_lengte: int
    dan: str
    dan_lengte: int


@dataclass(frozen=True)
class WatAlsBeeld:
    """Everything below the form.

    ``overgangen`` has a row per released label 1..5 and in it the number per new label 1..5.
    """

    is_gepubliceerd: bool
    kop: str
    uitleg: str
    enkel: str
    meer: str
    verdeling: Sequence[Staafpaar]
    overgangen: Sequence[tuple[int, Sequence[int]]]
    rijen: Sequence[Verandering]
    laatste: int


def list_velden(vraag: WatAlsVraag, themanamen: Mapping[str, str]) -> list[Veld]:
    """Return the five weights of the form, as asked."""
    return [
        Veld(f"gewicht{thema.capitalize()}", themanamen.get(thema, thema), f"{gewicht:g}")
        for thema, gewicht in zip(THEMAS, vraag.gewichten, strict=True)
    ]


def describe_wat_als(uitgave: Uitgave, vraag: WatAlsVraag) -> WatAlsBeeld:
    """Return the labels that other weights would give, in words and lengths.

    Raises
    ------
    GeenWatAls
        When the release has nothing to compute from.
    """
    antwoord = ask_wat_als(uitgave, vraag.niveau, vraag.gewichten, vraag.macht)
    uitkomst = antwoord.uitkomst
    enkel, meer = NAMEN[vraag.niveau]
    aantal, alle = len(uitkomst.veranderd), len(uitkomst.oud)
    benaderd = int(uitkomst.portefeuille.is_benaderd.sum())
    is_gepubliceerd = antwoord.keuze.is_same(antwoord.gepubliceerd)
    if is_gepubliceerd:
        kop = "Dit is de gepubliceerde weging"
    elif aantal:
        wat = "krijgt een ander label" if aantal == 1 else "krijgen een ander label"
        kop = f"{count(aantal, enkel, meer)} van de {format_getal(alle, 0)} {wat}"
    else:
        kop = f"Geen van de {count(alle, enkel, meer)} krijgt een ander label"
    uitleg = ""
    if benaderd and not is_gepubliceerd:
        uitleg = (
            f"Bij {count(benaderd, enkel, meer)} gaat een thema over weinig gevallen. Daar "
            "rekenen we met een geschatte score, zodat niemand uit deze pagina kan afleiden wat "
            "we niet laten zien."
        )
    breedte = range(1, AANTAL_LABELS + 1)
    return WatAlsBeeld(
        is_gepubliceerd=is_gepubliceerd,
        kop=kop,
        uitleg=uitleg,
        enkel=enkel,
        meer=meer,
        verdeling=_draw_bars(uitkomst, enkel, meer),
        overgangen=[
            (van, [int(uitkomst.overgangen[van, naar]) for naar in breedte]) for van in breedte
        ],
        rijen=list_veranderingen(uitgave, antwoord, vraag.pagina, PER_PAGINA),
        laatste=max(1, -(-aantal // PER_PAGINA)),
    )


def _draw_bars(uitkomst: Uitkomst, enkel: str, meer: str) -> list[Staafpaar]:
    nu, dan = uitkomst.overgangen.sum(axis=1), uitkomst.overgangen.sum(axis=0)
    hoogste = max(int(nu.max()), int(dan.max()), 1)
    return [
        Staafpaar(
            label=label,
            woord=describe_label(label or None),
            nu=count(int(nu[label]), enkel, meer),
            nu_lengte=round(100 * int(nu[label]) / hoogste),
            dan=count(int(dan[label]), enkel, meer),
            dan_lengte=round(100 * int(dan[label]) / hoogste),
        )
        for label in (*range(AANTAL_LABELS, 0, -1), 0)
        if label or nu[label] or dan[label]
    ]
