"""The label through the years as a step line: geometry only, the template draws it.

A label holds from its peildatum until the next one; an unknown label is a gap, never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from serving.pagina.getal import format_datum
from serving.pagina.zinnen import ONBEKEND

BREEDTE: Final = 360
HOOGTE: Final = 190
_LINKS, _RECHTS, _BOVEN, _ONDER = 30, 14, 12, 26
_MAXIMUM_JAREN: Final = 6


@dataclass(frozen=True)
class Trendpunt:
    """One known label: where it stands and what kind of label it is."""

    x: float
    y: float
    label: int
    is_achteraf: bool
    titel: str


@dataclass(frozen=True)
class Jaarstreep:
    """A tick at 1 January."""

    x: float
    jaar: str


@dataclass(frozen=True)
class Trend:
    """Everything to draw one trend.

    Parameters
    ----------
    pad
        SVG path of the step line, with a jump over every unknown label.
    punten
        Known labels, the oldest first.
    gaten
        Start and width of every stretch without a label.
    referentie
        Start and width of the reference period; None when there is none.
    niveaus
        Height of the lines 1..5.
    tekst
        The same in words.
    """

    pad: str
    punten: tuple[Trendpunt, ...]
    gaten: tuple[tuple[float, float], ...]
    referentie: tuple[float, float] | None
    jaren: tuple[Jaarstreep, ...]
    niveaus: tuple[tuple[int, float], ...]
    tekst: str
    breedte: int = BREEDTE
    hoogte: int = HOOGTE
    links: int = _LINKS
    rechts: int = BREEDTE - _RECHTS
    boven: int = _BOVEN
    onder: int = HOOGTE - _ONDER


def build_trend(labels: Sequence[Mapping[str, Any]]) -> Trend | None:
    """Return the trend of one ground's labels, the oldest first.

    None below two peildata, and where not one label is known.
    """
    if len(labels) < 2 or all(label["waarde"] is None for label in labels):
        return None
    dagen = [date.fromisoformat(label["peildatum"]).toordinal() for label in labels]
    # The last label holds still; it gets a short stretch, whatever the time between peildata.
    einden = [*dagen[1:], dagen[-1] + max(1, (dagen[-1] - dagen[0]) // 16)]
    eerste, duur = dagen[0], einden[-1] - dagen[0]

    def place(dag: int) -> float:
        return round(_LINKS + (BREEDTE - _LINKS - _RECHTS) * (dag - eerste) / duur, 1)

    delen: list[str] = []
    punten: list[Trendpunt] = []
    gaten: list[tuple[float, float]] = []
    open_lijn = False
    for label, dag, einde in zip(labels, dagen, einden, strict=True):
        begin_x, eind_x = place(dag), place(einde)
        if label["waarde"] is None:
            gaten.append((begin_x, round(eind_x - begin_x, 1)))
            open_lijn = False
            continue
        y = _height(label["waarde"])
        delen.append(f"V{y:g}H{eind_x:g}" if open_lijn else f"M{begin_x:g} {y:g}H{eind_x:g}")
        open_lijn = True
        punten.append(
            Trendpunt(begin_x, y, label["waarde"], label["isAchterafBerekend"], _title(label))
        )
    referentie = [
        (place(dag), place(einde))
        for label, dag, einde in zip(labels, dagen, einden, strict=True)
        if label["isReferentieperiode"]
    ]
    return Trend(
        pad="".join(delen),
        punten=tuple(punten),
        gaten=tuple(gaten),
        referentie=(referentie[0][0], round(referentie[-1][1] - referentie[0][0], 1))
        if referentie
        else None,
        jaren=_place_years(eerste, einden[-1], place),
        niveaus=tuple((niveau, _height(niveau)) for niveau in range(1, 6)),
        tekst=_tell(labels),
    )


def _height(label: int) -> float:
    return round(HOOGTE - _ONDER - 12 - (HOOGTE - _BOVEN - _ONDER - 20) * (label - 1) / 4, 1)


def _title(label: Mapping[str, Any]) -> str:
    return f"{format_datum(label['peildatum'])}: label {label['waarde']}"


def _place_years(eerste: int, laatste: int, place: Any) -> tuple[Jaarstreep, ...]:
    begin = date.fromordinal(eerste)
    jaren = [
        jaar
        for jaar in range(begin.year, date.fromordinal(laatste).year + 1)
        if eerste <= date(jaar, 1, 1).toordinal() <= laatste
    ]
    stap = -(-len(jaren) // _MAXIMUM_JAREN) or 1
    return tuple(
        Jaarstreep(place(date(jaar, 1, 1).toordinal()), str(jaar)) for jaar in jaren[::stap]
    )


def _tell(labels: Sequence[Mapping[str, Any]]) -> str:
    bekend = [label for label in labels if label["waarde"] is not None]
    periode = (
        f"Van {format_datum(labels[0]['peildatum'])} tot en met "
        f"{format_datum(labels[-1]['peildatum'])}"
    )
    if not bekend:
        return f"{periode} was het label {ONBEKEND}."
    waarden = [label["waarde"] for label in bekend]
    tekst = f"{periode}: het eerste label was {waarden[0]}, het laatste is {waarden[-1]}"
    tekst += f"; het laagste was {min(waarden)}, het hoogste {max(waarden)}."
    gaten = len(labels) - len(bekend)
    if gaten:
        tekst += f" Op {gaten} {'peildatum' if gaten == 1 else 'peildata'} was het {ONBEKEND}."
    return tekst
