"""The map of buurten: shapes as they are, in WGS84 only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources.uitgever import UitgeverFout
from sources.uitgever.geo import read_geo
from vera.contract import Contract

VORM = {"type": "Polygon", "coordinates": [[[4.1, 51.9], [4.2, 51.9], [4.2, 52.0], [4.1, 51.9]]]}
EIGENSCHAPPEN = {"buurtcode": "BU05990110", "buurtnaam": "Stadsdriehoek", "inwoners": 3}


def kaart(**velden: Any) -> dict[str, Any]:
    feature = {"type": "Feature", "properties": EIGENSCHAPPEN, "geometry": VORM}
    return {"type": "FeatureCollection", "features": [feature], **velden}


def write(tmp_path: Path, inhoud: object) -> Path:
    pad = tmp_path / "stad_buurten.geojson"
    pad.write_text(inhoud if isinstance(inhoud, str) else json.dumps(inhoud), encoding="utf-8")
    return pad


def test_shape_goes_on_as_text_and_other_properties_do_not(
    tmp_path: Path, contract: Contract
) -> None:
    (gelezen,) = read_geo(write(tmp_path, kaart()), contract.bron("geo"))
    (rij,) = gelezen.rijen.to_pylist()
    assert json.loads(rij["geometrie"]) == VORM
    assert rij["buurtcode"] == "BU05990110"
    assert gelezen.geweigerde_kolommen == ("inwoners",)


def test_buurt_without_a_shape_is_left_out_and_reported(tmp_path: Path, contract: Contract) -> None:
    punt = {"type": "Point", "coordinates": [4.1, 51.9]}
    for vorm in (None, punt):
        feature = {"type": "Feature", "properties": EIGENSCHAPPEN, "geometry": vorm}
        pad = write(tmp_path, kaart(features=[feature]))
        (gelezen,) = read_geo(pad, contract.bron("geo"))
        assert gelezen.rijen.num_rows == 0
        assert [a.kolom for a in gelezen.afkeuringen] == ["geometrie"]


@pytest.mark.parametrize(
    ("inhoud", "woorden"),
    [
        ('{"type": "FeatureCollection", "features": [,]}', "geen geldige JSON"),
        ("[" * 100_000, "dieper genest"),
        ("[]", "geen GeoJSON"),
        ({"type": "Topology"}, "geen GeoJSON"),
        (kaart(features=["x"]), "geen GeoJSON Feature"),
        (kaart(features={"a": 1}), "geen GeoJSON Feature"),
        (kaart(features=[{"properties": [1]}]), "geen GeoJSON Feature"),
        (kaart(features=[{"geometry": "POINT"}]), "geen GeoJSON Feature"),
        (kaart(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}), "coördinatenstelsel"),
    ],
)
def test_file_that_is_no_map_in_wgs84_is_refused(
    tmp_path: Path, contract: Contract, inhoud: object, woorden: str
) -> None:
    with pytest.raises(UitgeverFout, match=woorden):
        read_geo(write(tmp_path, inhoud), contract.bron("geo"))


def test_other_file_is_no_map(tmp_path: Path, contract: Contract) -> None:
    assert read_geo(tmp_path / "wijken.geojson", contract.bron("geo")) == []


@pytest.mark.parametrize(
    "hoeken",
    [
        "kanarie",
        [],
        [[]],
        [[[4.1, 51.9], [4.2, 51.9], [4.1, 51.9]]],
        [[[4.1, 51.9], [4.2, 51.9], [4.2, 52.0], [4.1, 51.8]]],
        [[[92000, 437000], [92100, 437000], [92100, 437100], [92000, 437000]]],
        [[["4.1", "51.9"]] * 4],
        [[[float("nan"), 51.9]] * 4],
    ],
    ids=["tekst", "leeg", "lege ring", "drie punten", "open", "rijksdriehoek", "tekstgetal", "NaN"],
)
def test_polygon_that_is_none_leaves_its_buurt_out_with_the_reason(
    tmp_path: Path, contract: Contract, hoeken: object
) -> None:
    goed = {"type": "Feature", "properties": {**EIGENSCHAPPEN, "buurtcode": "B"}, "geometry": VORM}
    fout = {
        "type": "Feature",
        "properties": EIGENSCHAPPEN,
        "geometry": {"type": "Polygon", "coordinates": hoeken},
    }
    (gelezen,) = read_geo(write(tmp_path, kaart(features=[fout, goed])), contract.bron("geo"))
    assert gelezen.rijen["buurtcode"].to_pylist() == ["B"]
    assert [(a.regel, a.kolom, a.reden) for a in gelezen.afkeuringen] == [
        (1, "geometrie", "geen veelhoek in graden")
    ]
