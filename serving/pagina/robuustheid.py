"""The page on how much a label hangs on the choices of the method: facts of the release, in words.

Belongs here: geometry and sentences. Does not belong here: how the facts were reckoned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.getal import count, format_datum, format_getal
from serving.release.winkel import Uitgave

BREEDTE: Final = 360
HOOGTE: Final = 200
STAAF: Final = 90
_LINKS, _RECHTS, _BOVEN, _ONDER = 34, 8, 10, 30

_KEUZES: Final[Mapping[str, tuple[str, str]]] = {
    "gewichten": (
        "Gewichten",
        "Elke meting en elk thema telt hooguit een kwart zwaarder of lichter dan nu.",
    ),
    "macht": (
        "Hoe zwaar een slecht thema telt",
        "Zoals nu, niet extra (gewoon gemiddelde), of nog zwaarder.",
    ),
    "normering": (
        "Hoe metingen op één schaal komen",
        "Zoals nu (afstand tot het midden), of alleen de volgorde van complexen.",
    ),
    "stratum": (
        "Met welke complexen we vergelijken",
        "Zoals nu (soort gebouw en grootte), alleen soort gebouw, of alle complexen samen.",
    ),
    "venster": (
        "Hoe ver we terugkijken",
        "Zoals nu (12 maanden), of 24 maanden.",
    ),
}


@dataclass(frozen=True)
class Eis:
    """One demand on the method, what was found, and whether it is met."""

    kop: str
    uitleg: str
    geslaagd: bool


@dataclass(frozen=True)
class Keuze:
    """One choice, how much it decides by itself and with the others, and the bars for that."""

    naam: str
    uitleg: str
    eerste: str
    totaal: str
    breedte_eerste: float
    breedte_totaal: float


@dataclass(frozen=True)
class Staaf:
    """A bar of the histogram."""

    x: float
    y: float
    breedte: float
    hoogte: float
    titel: str


@dataclass(frozen=True)
class Rang:
    """A complex in the ranking: its place, and the ends of its range."""

    x: float
    y: float
    boven: float
    onder: float


@dataclass(frozen=True)
class Robuustheid:
    """Everything on the page."""

    methodeversie: str
    peildatum: str
    complexen: str
    runs: str
    doorrekeningen: str
    eisen: tuple[Eis, ...]
    keuzes: tuple[Keuze, ...]
    grootste: str
    staven: tuple[Staaf, ...]
    staven_as: tuple[tuple[float, str], ...]
    staven_tekst: str
    rangen: tuple[Rang, ...]
    rangen_tekst: str
    breedte: int = BREEDTE
    hoogte: int = HOOGTE
    links: int = _LINKS
    rechts: int = BREEDTE - _RECHTS
    boven: int = _BOVEN
    onder: int = HOOGTE - _ONDER
    staaf: int = STAAF


def has_robuustheid(uitgave: Uitgave) -> bool:
    """Return whether the release holds the report on its method."""
    return "robuustheid" in uitgave.attachment("inhoud")


def describe_robuustheid(uitgave: Uitgave) -> Robuustheid | None:
    """Return the report of the release's method, or None when it has none."""
    feiten: Mapping[str, Any] | None = uitgave.attachment("inhoud").get("robuustheid")
    if feiten is None:
        return None
    keuzes = tuple(_describe_keuze(keuze) for keuze in feiten["keuzes"])
    grootste = max(feiten["keuzes"], key=lambda keuze: keuze["totaal"])["naam"]
    staven, as_ = _draw_staven(feiten["zelfde_label"])
    rangen = feiten["rangen"]
    breed = sum(hoog - laag > 0.25 for _, laag, hoog in rangen)
    return Robuustheid(
        methodeversie=feiten["methodeversie"],
        peildatum=format_datum(feiten["peildatum"]),
        complexen=count(feiten["complexen_aantal"], "complex", "complexen"),
        runs=format_getal(feiten["runs_aantal"]),
        doorrekeningen=format_getal(feiten["doorrekeningen_aantal"]),
        eisen=tuple(_describe_eis(poort) for poort in feiten["poorten"]),
        keuzes=keuzes,
        grootste=_KEUZES[grootste][0].lower(),
        staven=staven,
        staven_as=as_,
        staven_tekst=_tell_staven(feiten["zelfde_label"]),
        rangen=tuple(
            Rang(_place_x(rang), _place_y(rang), _place_y(laag), _place_y(hoog))
            for rang, laag, hoog in rangen
        ),
        rangen_tekst=(
            f"Van {count(len(rangen), 'complex', 'complexen')}, gelijk verdeeld over de rangorde, "
            f"{'ligt' if breed == 1 else 'liggen'} er {breed} bij andere keuzes meer dan een kwart "
            "van de rangorde uit elkaar."
        ),
    )


def _describe_eis(poort: Mapping[str, Any]) -> Eis:
    waarde, grens = poort["waarde"], poort["grens"]
    kop, uitleg = {
        "zelfde_label": (
            "Meestal hetzelfde label",
            f"Het middelste complex houdt in {_percent(waarde)} van de berekeningen hetzelfde "
            f"label. De eis is ten minste {_percent(grens)}.",
        ),
        "rangverschuiving": (
            "Weinig verschuiving",
            f"Zetten we complexen op volgorde, dan schuiven zij gemiddeld {_percent(waarde)} van "
            f"het aantal plaatsen op. De eis is hooguit {_percent(grens)}.",
        ),
        "geen_keuze_overheerst": (
            "Geen keuze geeft de doorslag",
            f"De keuze die het meest uitmaakt, verklaart {_percent(waarde)} van de verschillen. "
            f"De eis is hooguit {_percent(grens)}.",
        ),
    }[poort["naam"]]
    return Eis(kop, uitleg, poort["geslaagd"])


def _describe_keuze(keuze: Mapping[str, Any]) -> Keuze:
    # Estimates of indices can fall just outside 0 .. 1; a share cannot.
    eerste, totaal = (min(1.0, max(0.0, keuze[soort])) for soort in ("eerste", "totaal"))
    naam, uitleg = _KEUZES[keuze["naam"]]
    return Keuze(
        naam,
        uitleg,
        _percent(eerste),
        _percent(totaal),
        round(STAAF * eerste, 1),
        round(STAAF * totaal, 1),
    )


def _draw_staven(
    aantallen: list[int],
) -> tuple[tuple[Staaf, ...], tuple[tuple[float, str], ...]]:
    breedte = (BREEDTE - _LINKS - _RECHTS) / len(aantallen)
    hoogte = (HOOGTE - _BOVEN - _ONDER) / max(1, *aantallen)
    staven = tuple(
        Staaf(
            x=round(_LINKS + i * breedte + 1, 1),
            y=round(HOOGTE - _ONDER - hoogte * aantal, 1),
            breedte=round(breedte - 2, 1),
            hoogte=round(hoogte * aantal, 1),
            titel=(
                f"{_percent(i / len(aantallen))} tot {_percent((i + 1) / len(aantallen))}: "
                f"{count(aantal, 'complex', 'complexen')}"
            ),
        )
        for i, aantal in enumerate(aantallen)
    )
    as_ = tuple(
        (round(_LINKS + breedte * len(aantallen) * deel, 1), _percent(deel))
        for deel in (0.0, 0.5, 1.0)
    )
    return staven, as_


def _tell_staven(aantallen: list[int]) -> str:
    half = len(aantallen) // 2
    meestal = sum(aantallen[half:])
    return (
        f"Van {count(sum(aantallen), 'complex', 'complexen')} "
        f"{'houdt' if meestal == 1 else 'houden'} er {format_getal(meestal)} in ten minste de "
        f"helft van de berekeningen hetzelfde label, en {format_getal(aantallen[-1])} in negen van "
        "de tien of meer."
    )


def _place_x(deel: float) -> float:
    return round(_LINKS + (BREEDTE - _LINKS - _RECHTS) * deel, 1)


def _place_y(deel: float) -> float:
    return round(_BOVEN + (HOOGTE - _BOVEN - _ONDER) * deel, 1)


def _percent(deel: float) -> str:
    return f"{format_getal(100 * deel)}%"
