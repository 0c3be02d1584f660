"""Reads the CBS/Kadaster map of buurten (``*buurten*.geojson``).

The shape goes on as GeoJSON text; nothing is computed here. Only WGS84 is taken.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from sources.uitgever.bestand import find_jaar, read_tekst
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from vera.contract import Bron
from vera.levering import Afkeuring

_BESTAND = re.compile(r".*buurten.*\.geojson(\.gz)?", re.I)
_WGS84 = re.compile(r"CRS84|EPSG:{1,2}4326", re.I)
_VORMEN = {"Polygon", "MultiPolygon"}
_VORM = "geometrie"
_PUNTEN_PER_RING = 4


def read_geo(pad: Path, bron: Bron) -> list[Gelezen]:
    """Read a map of buurten; a file of another name gives an empty list.

    ``_regel`` is the number of the feature (1-based): GeoJSON has no lines.

    Raises
    ------
    UitgeverFout
        When the file is no GeoJSON FeatureCollection in WGS84.
    """
    if not _BESTAND.fullmatch(pad.name):
        return []
    tabel = bron.tabel("buurt")
    kenmerken = [kolom for kolom in tabel.kolommen if kolom.kop and kolom.naam != _VORM]
    features = _read_features(pad, bron.codering)
    bekend = {kolom.kop for kolom in kenmerken}
    geweigerd = sorted({kop for feature in features for kop in feature["properties"]} - bekend)
    cellen = []
    afkeuringen = []
    for nummer, feature in enumerate(features, start=1):
        eigenschappen = feature["properties"]
        if _is_onzin(feature.get("geometry")):
            reden = "geen veelhoek in graden"
            afkeuringen.append(Afkeuring(tabel.id, pad.name, nummer, _VORM, "tekst", reden))
            continue
        rij = {kolom.naam: _tekst(eigenschappen.get(kolom.kop)) for kolom in kenmerken}
        rij[_VORM] = _geometrie(feature.get("geometry"))
        cellen.append((nummer, rij))
    return [
        build_gelezen(
            bron,
            tabel,
            pad.name,
            find_jaar(pad),
            cellen,
            afkeuringen=afkeuringen,
            geweigerd=geweigerd,
        )
    ]


def _read_features(pad: Path, codering: str) -> list[dict[str, Any]]:
    try:
        inhoud = json.loads(read_tekst(pad, codering))
    except RecursionError:
        raise UitgeverFout(f"{pad.name} is dieper genest dan GeoJSON is.") from None
    except json.JSONDecodeError as fout:
        raise UitgeverFout(
            f"{pad.name} is geen geldige JSON (regel {fout.lineno}).",
            remedie="Haal het bestand opnieuw op; een komma na het laatste kenmerk hoort er niet.",
        ) from None
    if not isinstance(inhoud, dict) or inhoud.get("type") != "FeatureCollection":
        raise UitgeverFout(f"{pad.name} is geen GeoJSON.", verwacht="een FeatureCollection")
    stelsel = json.dumps(inhoud.get("crs") or "CRS84")  # RFC 7946: no crs means WGS84
    if not _WGS84.search(stelsel):
        raise UitgeverFout(
            f"{pad.name} staat in een ander coördinatenstelsel.",
            verwacht="WGS84 (CRS84), lengtegraad en breedtegraad",
            remedie="Haal de kaart op in WGS84; Buurtpeil rekent niet om.",
        )
    features = inhoud.get("features")
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise UitgeverFout(
            f"{pad.name} heeft kenmerken die geen GeoJSON Feature zijn.",
            verwacht="een lijst features met properties en geometry",
        )
    return [{**feature, "properties": feature.get("properties") or {}} for feature in features]


def _is_feature(feature: object) -> bool:
    return (
        isinstance(feature, dict)
        and isinstance(feature.get("properties") or {}, dict)
        and isinstance(feature.get("geometry") or {}, dict)
    )


def _tekst(waarde: object) -> str:
    """Return a property as text; what is no single value, or no number, is missing."""
    if not isinstance(waarde, str | int | float):
        return ""
    if isinstance(waarde, float) and not math.isfinite(waarde):
        return ""
    return str(waarde)


def _is_onzin(geometrie: dict[str, Any] | None) -> bool:
    """Whether a polygon has rings that are none: not closed, too short, or not in degrees."""
    if not geometrie or geometrie.get("type") not in _VORMEN:
        return False
    delen = geometrie.get("coordinates")
    if geometrie["type"] == "Polygon":
        delen = [delen]
    return not (
        isinstance(delen, list)
        and delen
        and all(isinstance(deel, list) and deel and all(map(_is_ring, deel)) for deel in delen)
    )


def _is_ring(ring: object) -> bool:
    return (
        isinstance(ring, list)
        and len(ring) >= _PUNTEN_PER_RING
        and all(map(_is_punt, ring))
        and ring[0] == ring[-1]
    )


def _is_punt(punt: object) -> bool:
    return (
        isinstance(punt, list)
        and len(punt) >= 2
        and all(isinstance(x, int | float) for x in punt)
        and abs(punt[0]) <= 180
        and abs(punt[1]) <= 90
    )


def _geometrie(geometrie: dict[str, Any] | None) -> str:
    if not geometrie or geometrie.get("type") not in _VORMEN:
        return ""
    return json.dumps(geometrie, separators=(",", ":"))
