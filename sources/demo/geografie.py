"""The fictional city of Voorbeeldstad: buurten as polygons, wijken, streets, names, codes.

The city lies in open sea, some fifty kilometres off the Dutch coast, so that nobody takes
it for a real place; gemeente code 9999 does not exist. Every name is invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Polygon

from sources.demo.toeval import Geheel, Getal, make_rng

GEMEENTECODE = "GM9999"
GEMEENTENAAM = "Voorbeeldstad"
MIDDEN_LENGTEGRAAD = 3.90
MIDDEN_BREEDTEGRAAD = 53.10
KM_PER_GRAAD = 111.32
_STRAAL_KM = 6.0
_BUURTEN_PER_WIJK = 6.7
_RONDES = 12

_BUURT_VOOR = (
    "Zilver", "Klaver", "Linde", "Meander", "Anker", "Koren", "Wilgen", "Parel", "Bries",
    "Kompas", "Lavendel", "Heide", "Zonne", "Regenboog", "Kiezel", "Amber", "Riet", "Duin",
    "Spaken", "Tegel",
)
_BUURT_ACHTER = ("kade", "veld", "hoek", "oord", "waard", "burg", "hof", "poort")
_WIJK = (
    "Binnenhaven", "Noorderveld", "Zuiderlanen", "Oosterwerf", "Westerpark", "Hoogkwartier",
    "Laagkwartier", "Molenrij", "Sterrenwijk", "Waterlanen", "Tuindorp De Gaard",
    "Nieuw-Voorbeeld", "Kanaalzone", "Bovenstad", "Eilandwijk",
)
_STRAAT_VOOR = (
    "Merel", "Vink", "Ooievaar", "Kievit", "Zwaluw", "Lijster", "Egel", "Eekhoorn", "Vlinder",
    "Libel", "Krekel", "Otter", "Bever", "Salamander", "Kikker", "Distel", "Madelief",
    "Boterbloem", "Klaproos", "Korenbloem", "Varen", "Mos", "Braam", "Frambozen", "Vlier",
    "Kastanje", "Beuken", "Esdoorn", "Hazelaar", "Jeneverbes", "Passer", "Liniaal", "Potlood",
    "Kwast", "Troffel", "Waterpas", "Hamer", "Beitel", "Schaaf", "Kompas", "Sextant",
    "Barometer", "Thermometer", "Windroos", "Fluit", "Klarinet", "Cello", "Trommel", "Hobo",
    "Harp", "Tango", "Wals", "Polka", "Sonnet", "Ballade", "Haiku", "Komma", "Puntkomma",
    "Alinea", "Letter", "Driehoek", "Vierkant", "Cirkel", "Ellips", "Kubus", "Piramide",
    "Graniet", "Basalt", "Leisteen", "Marmer", "Krijt", "Kwarts", "Koper", "Tin", "Messing",
    "Kaneel", "Saffraan", "Peper", "Nootmuskaat", "Tijm", "Rozemarijn", "Basilicum", "Dille",
    "Kervel", "Munt",
)
_STRAAT_ACHTER = ("straat", "laan", "weg", "hof", "plein", "singel", "pad", "dreef")
_NIET_GEBRUIKT = ("SA", "SD", "SS")


@dataclass(frozen=True)
class Geografie:
    """The map of the city.

    Attributes
    ----------
    vormen
        One WGS84 polygon per buurt (B).
    buurt_namen, buurt_codes, buurt_wijk
        Name, CBS-like code and index of the wijk of each buurt (B).
    wijk_namen, wijk_codes
        Per wijk (W).
    oppervlakte_ha
        Area of each buurt in hectares (B).
    straat_namen, straat_postcodes, straat_buurt
        Streets; each has one postcode and lies in one buurt.
    """

    vormen: tuple[Polygon, ...]
    buurt_namen: tuple[str, ...]
    buurt_codes: tuple[str, ...]
    buurt_wijk: Geheel
    wijk_namen: tuple[str, ...]
    wijk_codes: tuple[str, ...]
    oppervlakte_ha: Getal
    straat_namen: tuple[str, ...]
    straat_postcodes: tuple[str, ...]
    straat_buurt: Geheel


def build_geografie(buurten: int, seed: int) -> Geografie:
    """Build the map of a city of ``buurten`` buurten.

    Parameters
    ----------
    buurten
        Number of buurten, at least 1.
    seed
        Seed of the world.
    """
    rng = make_rng(seed, "geografie")
    omtrek = _build_omtrek(rng)
    cellen = _build_cellen(omtrek, buurten, rng)
    middens = np.array([[cel.centroid.x, cel.centroid.y] for cel in cellen])
    wijken = max(1, min(len(_WIJK), round(buurten / _BUURTEN_PER_WIJK)))
    buurt_wijk = _group_wijken(middens, wijken, rng)
    volgorde = np.lexsort((np.arange(buurten), buurt_wijk))
    cellen = [cellen[i] for i in volgorde]
    buurt_wijk = buurt_wijk[volgorde]
    # Two digits for the wijk, two for the buurt within it; 99 buurten per wijk at most.
    nummer = np.arange(buurten) - np.searchsorted(buurt_wijk, buurt_wijk, side="left") + 1
    namen = [voor + achter for achter in _BUURT_ACHTER for voor in _BUURT_VOOR]
    namen = [namen[i] for i in rng.permutation(len(namen))]
    straten = [voor + achter for achter in _STRAAT_ACHTER for voor in _STRAAT_VOOR]
    straten = [straten[i] for i in rng.permutation(len(straten))]
    letters = [chr(65 + i) + chr(65 + j) for i in range(26) for j in range(26)]
    letters = [paar for paar in letters if paar not in _NIET_GEBRUIKT]
    per_buurt = max(1, min(12, len(letters) // buurten))
    aantal = per_buurt * buurten
    return Geografie(
        vormen=tuple(_to_graden(cel) for cel in cellen),
        buurt_namen=tuple(namen[:buurten]),
        buurt_codes=tuple(
            f"BU9999{w + 1:02d}{b:02d}" for w, b in zip(buurt_wijk, nummer, strict=True)
        ),
        buurt_wijk=buurt_wijk,
        wijk_namen=_WIJK[:wijken],
        wijk_codes=tuple(f"WK9999{w + 1:02d}" for w in range(wijken)),
        oppervlakte_ha=np.array([cel.area * 100.0 for cel in cellen]),
        straat_namen=tuple(straten[:aantal]),
        straat_postcodes=tuple(f"9999{paar}" for paar in letters[:aantal]),
        straat_buurt=np.repeat(np.arange(buurten), per_buurt),
    )


def draw_punten(geografie: Geografie, buurt: Geheel, seed: int) -> tuple[Getal, Getal]:
    """Draw a point (longitude, latitude) inside the buurt of each complex."""
    rng = make_rng(seed, "geografie/punt")
    lengte = np.empty(buurt.size)
    breedte = np.empty(buurt.size)
    for b, vorm in enumerate(geografie.vormen):
        over = np.flatnonzero(buurt == b)
        kern = vorm.buffer(-0.0008)
        doel = vorm if kern.is_empty else kern
        west, zuid, oost, noord = doel.bounds
        while over.size:
            x = rng.uniform(west, oost, over.size)
            y = rng.uniform(zuid, noord, over.size)
            binnen = shapely.contains_xy(doel, x, y)
            lengte[over[binnen]] = x[binnen]
            breedte[over[binnen]] = y[binnen]
            over = over[~binnen]
    return np.round(lengte, 6), np.round(breedte, 6)


def _build_omtrek(rng: np.random.Generator) -> Polygon:
    """Draw a smooth outline in kilometres: a circle with a few slow waves and a harbour."""
    hoek = np.linspace(0.0, 2.0 * np.pi, 181)[:-1]
    straal = np.full(hoek.size, _STRAAL_KM)
    for golf, hoogte in ((2, 0.16), (3, 0.08), (5, 0.04)):
        straal = straal * (1.0 + hoogte * np.cos(golf * hoek + rng.uniform(0, 2 * np.pi)))
    stad = Polygon(np.column_stack([straal * np.cos(hoek), straal * np.sin(hoek)]))
    haven = Polygon([(-0.25, -20.0), (0.35, -20.0), (0.2, -2.6), (-0.1, -2.6)]).buffer(0.12)
    return Polygon(_largest(stad.difference(haven)).exterior)


def _build_cellen(omtrek: Polygon, buurten: int, rng: np.random.Generator) -> list[Polygon]:
    """Tile the outline with Voronoi cells, evened out by Lloyd's rounds."""
    if buurten == 1:
        return [omtrek]
    west, zuid, oost, noord = omtrek.bounds
    punten = np.empty((0, 2))
    while len(punten) < buurten:
        x, y = rng.uniform(west, oost, 4 * buurten), rng.uniform(zuid, noord, 4 * buurten)
        binnen = shapely.contains_xy(omtrek, x, y)
        punten = np.vstack([punten, np.column_stack([x[binnen], y[binnen]])])[:buurten]
    cellen: list[Polygon] = []
    for _ in range(_RONDES):
        ruw = shapely.voronoi_polygons(MultiPoint(punten), extend_to=omtrek, ordered=True)
        cellen = [_largest(cel.intersection(omtrek)) for cel in ruw.geoms]
        punten = np.array([[cel.centroid.x, cel.centroid.y] for cel in cellen])
    return cellen


def _largest(vorm: shapely.Geometry) -> Polygon:
    delen = [deel for deel in shapely.get_parts(vorm) if isinstance(deel, Polygon)]
    return max(delen, key=lambda deel: deel.area)


def _group_wijken(middens: Getal, wijken: int, rng: np.random.Generator) -> Geheel:
    """Group buurten into wijken: k-means on their centres."""
    kern = middens[rng.permutation(len(middens))[:wijken]]
    groep = np.zeros(len(middens), dtype=np.int64)
    for _ in range(25):
        afstand = ((middens[:, None, :] - kern[None, :, :]) ** 2).sum(axis=2)
        groep = afstand.argmin(axis=1)
        kern = np.array(
            [
                middens[groep == w].mean(axis=0) if (groep == w).any() else kern[w]
                for w in range(wijken)
            ]
        )
    # Number the wijken from the centre outwards.
    rang = np.argsort(np.argsort((kern**2).sum(axis=1), kind="stable"), kind="stable")
    nummers: Geheel = rang[groep].astype(np.int64)
    return nummers


def _to_graden(vorm: Polygon) -> Polygon:
    punten = np.asarray(vorm.exterior.coords)
    smal = KM_PER_GRAAD * np.cos(np.radians(MIDDEN_BREEDTEGRAAD))
    return Polygon(
        np.round(
            np.column_stack(
                [
                    MIDDEN_LENGTEGRAAD + punten[:, 0] / smal,
                    MIDDEN_BREEDTEGRAAD + punten[:, 1] / KM_PER_GRAAD,
                ]
            ),
            6,
        )
    )
