"""The map of the fictional city's buurten, as CBS and Kadaster publish theirs."""

from __future__ import annotations

import json
from pathlib import Path

from sources.demo.geografie import GEMEENTECODE, GEMEENTENAAM, Geografie
from sources.demo.openbaar.kolom import write_leesmij


def write_geo(uit: Path, geografie: Geografie) -> dict[str, int]:
    """Write the polygons of the buurten in WGS84.

    Parameters
    ----------
    uit
        Folder of the source.
    geografie
        The map.

    Returns
    -------
    dict
        Features per written file, ``geo/bestand``.
    """
    write_leesmij(uit, "de Wijk- en buurtkaart van CBS en Kadaster")
    features = [
        {
            "type": "Feature",
            "properties": {
                "buurtcode": code,
                "buurtnaam": naam,
                "gemeentecode": GEMEENTECODE,
                "gemeentenaam": GEMEENTENAAM,
                "wijkcode": geografie.wijk_codes[wijk],
            },
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[[list(punt) for punt in vorm.exterior.coords]]],
            },
        }
        for code, naam, wijk, vorm in zip(
            geografie.buurt_codes,
            geografie.buurt_namen,
            geografie.buurt_wijk.tolist(),
            geografie.vormen,
            strict=True,
        )
    ]
    kaart = {
        "type": "FeatureCollection",
        "name": "voorbeeldstad_buurten_synthetisch",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "features": features,
    }
    naam = "voorbeeldstad_synthetisch_buurten.geojson"
    (uit / naam).write_text(
        json.dumps(kaart, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
        newline="\n",
    )
    return {f"geo/{naam}": len(features)}
