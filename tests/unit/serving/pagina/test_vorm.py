"""Outlines: projected the right way round, simplified without gaps between neighbours."""

from __future__ import annotations

import json
import math
from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from serving.pagina.vorm import (
    BREEDTE,
    Ring,
    find_centre,
    fit_kader,
    read_ringen,
    simplify,
    snap_ringen,
    write_path,
)

ZIGZAG = [(500, 100 * stap + (7 if stap % 2 else 0)) for stap in range(11)]
LINKS = [(0, 0), *ZIGZAG, (0, 1000)]
RECHTS = [(1000, 0), (1000, 1000), *ZIGZAG[::-1]]


def test_north_is_up_and_a_kilometre_is_as_long_both_ways() -> None:
    kader = fit_kader([(4.0, 51.0), (4.1, 51.05)])
    assert kader is not None
    west_noord, oost_zuid = kader.place((4.0, 51.05)), kader.place((4.1, 51.0))
    assert west_noord[0] < oost_zuid[0]
    assert west_noord[1] < oost_zuid[1]
    breedte = oost_zuid[0] - west_noord[0]
    hoogte = oost_zuid[1] - west_noord[1]
    assert breedte / hoogte == pytest.approx(0.1 * math.cos(math.radians(51.025)) / 0.05, rel=0.01)


@given(st.lists(st.tuples(st.floats(3.3, 7.2), st.floats(50.7, 53.6)), min_size=1, max_size=20))
def test_everything_fits_on_the_drawing(plekken: list[tuple[float, float]]) -> None:
    kader = fit_kader(plekken)
    assert kader is not None
    assert kader.breedte == BREEDTE
    assert 0 < kader.hoogte <= 1000 + 1
    assert all(kader.holds(kader.place(plek)) for plek in plekken)


def test_nothing_has_no_drawing() -> None:
    assert fit_kader([]) is None


def test_neighbours_keep_the_same_border() -> None:
    uitkomst = simplify({"links": [LINKS], "rechts": [RECHTS]}, 10)
    links, rechts = uitkomst["links"][0], uitkomst["rechts"][0]
    assert len(links) < len(LINKS)
    a, b = shapely.Polygon(links), shapely.Polygon(rechts)
    assert a.intersection(b).area == 0
    assert a.union(b).area == 1_000_000


@given(st.integers(0, 2**31), st.integers(3, 12), st.floats(0.5, 30))
def test_simplifying_leaves_no_gap_between_cells_of_a_plane(
    zaad: int, aantal: int, tolerantie: float
) -> None:
    loting = np.random.default_rng(zaad)
    punten = shapely.MultiPoint(loting.uniform(50, 950, (aantal, 2)))
    vlak = shapely.box(0, 0, 1000, 1000)
    cellen = [
        cel.intersection(vlak).segmentize(40)
        for cel in shapely.voronoi_polygons(punten, extend_to=vlak).geoms
    ]
    gebieden = {
        str(nummer): [[(round(x), round(y)) for x, y in cel.exterior.coords[:-1]]]
        for nummer, cel in enumerate(cellen)
    }
    assume(find_loose_sides(gebieden) == set())
    assert find_loose_sides(simplify(gebieden, tolerantie)) == set()


def find_loose_sides(gebieden: dict[str, list[Ring]]) -> set[frozenset[tuple[int, int]]]:
    """Sides that are not shared by exactly two cells, and do not lie along the plane's edge."""
    zijden: Counter[frozenset[tuple[int, int]]] = Counter()
    for ringen in gebieden.values():
        for ring in ringen:
            zijden.update(
                frozenset((ring[plaats - 1], ring[plaats])) for plaats in range(len(ring))
            )
    return {
        zijde
        for zijde, keren in zijden.items()
        if keren != 2 and not all({0, 1000} & set(punt) for punt in zijde)
    }


def test_an_island_and_the_hole_it_fills_stay_equal() -> None:
    eiland = [
        (500 + round(100 * math.cos(hoek / 10)), 500 + round(100 * math.sin(hoek / 10)))
        for hoek in range(63)
    ]
    buiten = [(0, 0), (1000, 0), (1000, 1000), (0, 1000)]
    uitkomst = simplify({"zee": [buiten, eiland[::-1]], "eiland": [eiland[7:] + eiland[:7]]}, 3)
    assert set(uitkomst["zee"][1]) == set(uitkomst["eiland"][0])
    assert len(uitkomst["eiland"][0]) < len(eiland)


def test_small_steps_vanish_and_what_becomes_nothing_is_left_out() -> None:
    kader = fit_kader([(4.0, 51.0), (5.0, 51.5)])
    assert kader is not None
    stip = [(4.5, 51.2), (4.5001, 51.2), (4.5001, 51.2001), (4.5, 51.2)]
    assert snap_ringen([stip], kader) == []


def test_polygons_multipolygons_and_nothing_else_have_rings() -> None:
    ring = [[4.0, 51.0], [4.1, 51.0], [4.1, 51.1], [4.0, 51.0]]
    vlak = json.dumps({"type": "Polygon", "coordinates": [ring, ring]})
    vlakken = json.dumps({"type": "MultiPolygon", "coordinates": [[ring], [ring, ring]]})
    punt = json.dumps({"type": "Point", "coordinates": [4.0, 51.0]})
    assert len(read_ringen(vlak)) == 2
    assert len(read_ringen(vlakken)) == 3
    assert read_ringen(punt) == []
    assert read_ringen('{"type": "Polygon"}') == []


def test_path_goes_in_short_relative_steps() -> None:
    assert write_path([[(10, 20), (15, 14), (22, 22)]]) == "M10 20l5-6 7 8z"


def test_figure_stands_inside_an_area_even_when_its_middle_is_outside() -> None:
    hoefijzer = [(0, 0), (300, 0), (300, 50), (60, 50), (60, 250), (300, 250), (300, 300), (0, 300)]
    gevonden = find_centre([hoefijzer])
    assert gevonden is not None
    midden, ruimte = gevonden
    assert shapely.Polygon(hoefijzer).contains(shapely.Point(midden))
    assert ruimte > 20
    assert find_centre([]) is None
