"""Outlines of areas for a small drawing: projected, put on a grid, and with fewer points.

Neighbours keep sharing their border: a border between two crossings is simplified as one line,
the same from both sides. Source: Douglas & Peucker (1973), per arc as in TopoJSON.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

Plek: TypeAlias = tuple[float, float]
Punt: TypeAlias = tuple[int, int]
Ring: TypeAlias = list[Punt]

BREEDTE: Final = 1000
_MAXIMALE_HOOGTE: Final = 1000
_RAND: Final = 12
_LEESLIJNEN: Final = 7


@dataclass(frozen=True)
class Kader:
    """Equirectangular projection of a piece of the earth onto a drawing.

    Parameters
    ----------
    west, noord
        Corner of the drawing, degrees.
    schaal
        Units of the drawing per degree of latitude.
    krimp
        Length of a degree of longitude, in degrees of latitude.
    breedte, hoogte
        Size of the drawing in its own units.
    """

    west: float
    noord: float
    schaal: float
    krimp: float
    breedte: int
    hoogte: int

    def place(self, plek: Plek) -> Punt:
        """Return the point on the drawing's grid of a place (longitude, latitude)."""
        return (
            round((plek[0] - self.west) * self.krimp * self.schaal),
            round((self.noord - plek[1]) * self.schaal),
        )

    def holds(self, punt: Punt) -> bool:
        """Tell whether a point falls on the drawing."""
        return 0 <= punt[0] <= self.breedte and 0 <= punt[1] <= self.hoogte


def fit_kader(plekken: Iterable[Plek]) -> Kader | None:
    """Return the drawing on which all ``plekken`` just fit; None when there are none."""
    alle = list(plekken)
    if not alle:
        return None
    west, oost = min(plek[0] for plek in alle), max(plek[0] for plek in alle)
    zuid, noord = min(plek[1] for plek in alle), max(plek[1] for plek in alle)
    krimp = math.cos(math.radians((zuid + noord) / 2))
    # A single place still gets a drawing, of about 600 metres.
    ruimte_x = max((oost - west) * krimp, 0.005)
    ruimte_y = max(noord - zuid, 0.0025)
    schaal = min((BREEDTE - 2 * _RAND) / ruimte_x, (_MAXIMALE_HOOGTE - 2 * _RAND) / ruimte_y)
    breedte, hoogte = BREEDTE, round(ruimte_y * schaal) + 2 * _RAND
    midden_x, midden_y = (west + oost) / 2, (zuid + noord) / 2
    return Kader(
        west=midden_x - breedte / 2 / schaal / krimp,
        noord=midden_y + hoogte / 2 / schaal,
        schaal=schaal,
        krimp=krimp,
        breedte=breedte,
        hoogte=hoogte,
    )


def read_ringen(geojson: str) -> list[list[Plek]]:
    """Return the rings of a GeoJSON Polygon or MultiPolygon; any other geometry has none."""
    vorm: Mapping[str, Any] = json.loads(geojson)
    veelhoeken: list[Any] = {
        "Polygon": [vorm.get("coordinates")],
        "MultiPolygon": vorm.get("coordinates") or [],
    }.get(str(vorm.get("type")), [])
    return [
        [(float(plek[0]), float(plek[1])) for plek in ring]
        for veelhoek in veelhoeken
        for ring in veelhoek or []
    ]


def snap_ringen(ringen: Sequence[Sequence[Plek]], kader: Kader) -> list[Ring]:
    """Put rings on the grid of a drawing; what becomes smaller than a cell is left out."""
    uitkomst = []
    for ring in ringen:
        rooster: Ring = []
        for plek in ring:
            punt = kader.place(plek)
            if not rooster or rooster[-1] != punt:
                rooster.append(punt)
        if len(rooster) > 1 and rooster[0] == rooster[-1]:
            rooster.pop()
        if len(rooster) >= 3:
            uitkomst.append(rooster)
    return uitkomst


def simplify(gebieden: Mapping[str, Sequence[Ring]], tolerantie: float) -> dict[str, list[Ring]]:
    """Leave out points that are less than ``tolerantie`` off the line, border by border."""
    kruisingen = _find_crossings(ring for ringen in gebieden.values() for ring in ringen)
    return {
        sleutel: [
            vereenvoudigd
            for ring in ringen
            if len(vereenvoudigd := _simplify_ring(ring, kruisingen, tolerantie)) >= 3
        ]
        for sleutel, ringen in gebieden.items()
    }


def _find_crossings(ringen: Iterable[Ring]) -> set[Punt]:
    """Points where more than one border meets: their neighbours are not just two."""
    buren: dict[Punt, set[Punt]] = defaultdict(set)
    for ring in ringen:
        for plaats, punt in enumerate(ring):
            buren[punt].update((ring[plaats - 1], ring[(plaats + 1) % len(ring)]))
    return {punt for punt, andere in buren.items() if len(andere) != 2}


def _simplify_ring(ring: Ring, kruisingen: set[Punt], tolerantie: float) -> Ring:
    knopen = [plaats for plaats, punt in enumerate(ring) if punt in kruisingen]
    # A ring without crossings (an island, or a hole and what fills it) starts at its least point.
    begin = knopen[0] if knopen else ring.index(min(ring))
    gedraaid = [*ring[begin:], *ring[:begin], ring[begin]]
    grenzen = [plaats for plaats, punt in enumerate(gedraaid) if punt in kruisingen]
    grenzen = sorted({0, *grenzen, len(gedraaid) - 1})
    uitkomst: Ring = []
    for van, tot in pairwise(grenzen):
        uitkomst.extend(_simplify_arc(gedraaid[van : tot + 1], tolerantie)[:-1])
    return uitkomst


def _simplify_arc(boog: Ring, tolerantie: float) -> Ring:
    """Douglas-Peucker, walked in one fixed direction so that both sides give the same."""
    keer_om = boog[::-1] < boog
    punten = boog[::-1] if keer_om else boog
    houden = {0, len(punten) - 1}
    stapel = [(0, len(punten) - 1)]
    while stapel:
        van, tot = stapel.pop()
        if tot - van < 2:
            continue
        afstand, verste = max(
            (_distance(punten[plaats], punten[van], punten[tot]), plaats)
            for plaats in range(van + 1, tot)
        )
        if afstand > tolerantie:
            houden.add(verste)
            stapel += [(van, verste), (verste, tot)]
    uitkomst = [punten[plaats] for plaats in sorted(houden)]
    return uitkomst[::-1] if keer_om else uitkomst


def _distance(punt: Plek, van: Plek, tot: Plek) -> float:
    """Distance from a point to a piece of line."""
    dx, dy = tot[0] - van[0], tot[1] - van[1]
    lengte = dx * dx + dy * dy
    deel = 0.0
    if lengte:
        deel = ((punt[0] - van[0]) * dx + (punt[1] - van[1]) * dy) / lengte
        deel = min(1.0, max(0.0, deel))
    return math.hypot(punt[0] - van[0] - deel * dx, punt[1] - van[1] - deel * dy)


def write_path(ringen: Sequence[Ring]) -> str:
    """Return the rings as one SVG path, in relative steps because those are shortest."""
    delen = []
    for ring in ringen:
        tekst = f"M{ring[0][0]} {ring[0][1]}l"
        stappen = []
        for vorige, punt in pairwise(ring):
            stappen += [punt[0] - vorige[0], punt[1] - vorige[1]]
        delen.append(tekst + " ".join(map(str, stappen)).replace(" -", "-") + "z")
    return "".join(delen)


def find_centre(ringen: Sequence[Ring]) -> tuple[Plek, float] | None:
    """Return a roomy place inside an area and how far the nearest border is.

    Looks along a few horizontal lines only; enough to put one figure there.
    """
    if not ringen:
        return None
    grootste = max(ringen, key=lambda ring: abs(_area(ring)))
    zijden = [(ring[plaats - 1], ring[plaats]) for ring in ringen for plaats in range(len(ring))]
    boven, onder = min(punt[1] for punt in grootste), max(punt[1] for punt in grootste)
    beste: tuple[Plek, float] | None = None
    for nummer in range(1, _LEESLIJNEN + 1):
        y = boven + (onder - boven) * nummer / (_LEESLIJNEN + 1) + 0.01
        snede = sorted(
            van[0] + (y - van[1]) * (tot[0] - van[0]) / (tot[1] - van[1])
            for van, tot in zijden
            if (van[1] > y) != (tot[1] > y)
        )
        for links, rechts in zip(snede[::2], snede[1::2], strict=False):
            midden = ((links + rechts) / 2, y)
            ruimte = min(_distance(midden, van, tot) for van, tot in zijden)
            if beste is None or ruimte > beste[1]:
                beste = (midden, ruimte)
    return beste


def _area(ring: Ring) -> float:
    return (
        sum(
            ring[plaats - 1][0] * punt[1] - punt[0] * ring[plaats - 1][1]
            for plaats, punt in enumerate(ring)
        )
        / 2
    )
