"""The map: a city that tiles, nests and exists nowhere."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sources.demo.geografie import Geografie, build_geografie, draw_punten


@pytest.fixture(scope="module", params=[1, 2, 9, 80])
def geografie(request: pytest.FixtureRequest) -> Geografie:
    return build_geografie(request.param, seed=5)


def test_buurten_tile_the_city_without_overlap(geografie: Geografie) -> None:
    som = sum(vorm.area for vorm in geografie.vormen)
    assert shapely.union_all(geografie.vormen).area == pytest.approx(som, rel=1e-3)
    assert all(vorm.is_valid for vorm in geografie.vormen)


def test_codes_nest_and_names_are_unique(geografie: Geografie) -> None:
    assert len(set(geografie.buurt_codes)) == len(geografie.buurt_namen)
    assert len(set(geografie.buurt_namen)) == len(geografie.buurt_namen)
    for code, wijk in zip(geografie.buurt_codes, geografie.buurt_wijk, strict=True):
        assert code.startswith("BU9999")
        assert len(code) == 10
        assert "WK" + code[2:8] == geografie.wijk_codes[wijk]


def test_city_lies_in_open_sea_within_the_bounds_of_the_contract(geografie: Geografie) -> None:
    for vorm in geografie.vormen:
        west, zuid, oost, noord = vorm.bounds
        assert 3.0 <= west < oost < 4.2
        assert 53.0 < zuid < noord <= 54.0


def test_complex_lies_in_its_buurt(geografie: Geografie) -> None:
    buurt = np.repeat(np.arange(len(geografie.vormen)), 3)
    lengte, breedte = draw_punten(geografie, buurt, seed=5)
    for b, x, y in zip(buurt, lengte, breedte, strict=True):
        assert geografie.vormen[b].covers(shapely.Point(x, y))


def test_postcode_belongs_to_one_street(geografie: Geografie) -> None:
    assert len(set(geografie.straat_postcodes)) == len(geografie.straat_namen)
    assert {code[:4] for code in geografie.straat_postcodes} == {"9999"}
    assert set(geografie.straat_buurt.tolist()) == set(range(len(geografie.vormen)))
