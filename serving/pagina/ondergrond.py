"""A map from elsewhere beneath our own drawing, if the association sets one: which tiles go where.

Tiles are square pieces in Web Mercator (EPSG:3857); our drawings are equirectangular. Over a city
the two differ by less than a pixel when every tile is stretched between its own corners.
Source: OpenStreetMap wiki, "Slippy map tilenames".
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from serving.pagina.vorm import Kader
from vera.errors import GebruikFout

_MINIMUM_TEGEL: Final = 250
"""Width of a tile on the drawing, at least: then a map has some thirty of them at most."""

_MAXIMUM_ZOOM: Final = 19
_MAXIMUM_TEGELS: Final = 64
_PLEKKEN: Final = ("{z}", "{x}", "{y}")
_VORM: Final = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?/[A-Za-z0-9._~/{}:?=&%+-]+")


@dataclass(frozen=True)
class Kaartlaag:
    """Where tiles come from.

    Parameters
    ----------
    url
        Address with ``{z}``, ``{x}`` and ``{y}``.
    bron
        Whom to name under the map.
    """

    url: str
    bron: str

    @property
    def herkomst(self) -> str:
        """Scheme and host, as the security policy of a page names them."""
        delen = urlsplit(self.url)
        return f"{delen.scheme}://{delen.netloc}"


@dataclass(frozen=True)
class Tegel:
    """One picture and its place on the drawing."""

    adres: str
    x: float
    y: float
    breedte: float
    hoogte: float


def parse_kaartlaag(tekst: str) -> Kaartlaag:
    """Return the map that a setting names: an address, and after a space whose it is.

    Raises
    ------
    GebruikFout
        When it is no address of tiles over https, or names nobody.

    Examples
    --------
    >>> parse_kaartlaag("https://tegels.example/{z}/{x}/{y}.png Kaart: Kadaster").herkomst
    'https://tegels.example'
    """
    url, _, bron = tekst.strip().partition(" ")
    bron = bron.strip()
    if not _VORM.fullmatch(url) or any(url.count(plek) != 1 for plek in _PLEKKEN) or not bron:
        raise GebruikFout(
            "BUURTPEIL_KAARTLAAG is geen kaart van elders.",
            verwacht="https://…/{z}/{x}/{y}.png, een spatie, en van wie de kaart is",
            remedie="verbeter de instelling, of haal haar weg: dan is er geen kaart van elders",
        )
    return Kaartlaag(url, bron)


def cover(kader: Kader, laag: Kaartlaag) -> tuple[Tegel, ...]:
    """Return the tiles that together cover a drawing."""
    wereld = 360 * kader.krimp * kader.schaal
    zoom = min(_MAXIMUM_ZOOM, max(0, math.floor(math.log2(wereld / _MINIMUM_TEGEL))))
    aantal = 2**zoom
    oost = kader.west + kader.breedte / kader.krimp / kader.schaal
    zuid = kader.noord - kader.hoogte / kader.schaal
    links, rechts = (math.floor(_find_x(lengte) * aantal) for lengte in (kader.west, oost))
    boven, onder = (math.floor(_find_y(breedte) * aantal) for breedte in (kader.noord, zuid))
    plekken = [
        (x, y)
        for y in range(max(0, boven), min(aantal - 1, onder) + 1)
        for x in range(max(0, links), min(aantal - 1, rechts) + 1)
    ]
    if len(plekken) > _MAXIMUM_TEGELS:
        return ()
    return tuple(_place(x, y, zoom, kader, laag) for x, y in plekken)


def _place(x: int, y: int, zoom: int, kader: Kader, laag: Kaartlaag) -> Tegel:
    aantal = 2**zoom
    links, rechts = (
        ((deel / aantal * 360 - 180) - kader.west) * kader.krimp * kader.schaal
        for deel in (x, x + 1)
    )
    boven, onder = (
        (kader.noord - _find_breedte(deel / aantal)) * kader.schaal for deel in (y, y + 1)
    )
    adres = laag.url
    for plek, waarde in zip(_PLEKKEN, (zoom, x, y), strict=True):
        adres = adres.replace(plek, str(waarde))
    return Tegel(
        adres,
        round(links, 2),
        round(boven, 2),
        round(rechts - links, 2),
        round(onder - boven, 2),
    )


def _find_x(lengtegraad: float) -> float:
    return (lengtegraad + 180) / 360


def _find_y(breedtegraad: float) -> float:
    sinus = math.sin(math.radians(breedtegraad))
    return 0.5 - math.atanh(sinus) / (2 * math.pi)


def _find_breedte(y: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
