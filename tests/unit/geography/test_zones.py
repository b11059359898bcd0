from dataclasses import replace

import numpy as np
import pytest

from tests.grid import BOUNDS, SIDE, corner, grid_edges, grid_streets, streets_of, town
from tocsin.geography import zones as zones_module
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Metric
from tocsin.geography.zones import zones_of


@pytest.fixture(scope="module")
def graph():
    return StreetGraph.of(grid_streets())


def test_every_corner_belongs_to_a_zone_that_stands_near(graph):
    zones = zones_of(town(), graph, 500.0)
    assert 12 <= len(zones) <= 30
    assert (zones.of_node >= 0).all()
    assert sorted(set(zones.of_node.tolist())) == list(range(len(zones)))
    assert zones.of_node[zones.node].tolist() == list(range(len(zones)))
    metric = Metric.of(BOUNDS)
    x, y = metric.metres(graph.streets.lon, graph.streets.lat)
    own = zones.node[zones.of_node]
    assert np.hypot(x - x[own], y - y[own]).max() <= 500.0 * 2**0.5
    assert zones.area.tolist() == [0 if lon < corner(4.5, 0).lon else 1 for lon in zones.lon.tolist()]


def test_no_zone_stands_on_a_piece_that_is_cut_off():
    lon = [corner(i % SIDE, 0).lon for i in range(SIDE * SIDE)] + [10.1, 10.101]
    lat = [corner(0, i // SIDE).lat for i in range(SIDE * SIDE)] + [50.1, 50.101]
    streets = streets_of(lon, lat, [*grid_edges(), (SIDE * SIDE, SIDE * SIDE + 1)])
    zones = zones_of(town(streets=streets), StreetGraph.of(streets), 500.0)
    assert zones.node.max() < SIDE * SIDE
    assert zones.of_node[-2:].tolist() == [-1, -1]


def test_a_zone_stands_off_the_motorway_where_it_can():
    lon = [corner(i, 0).lon for i in (0, 0.5, 1, 9)] + [corner(-0.1, 0).lon]
    line = streets_of(lon, [50.0] * 5, [(0, 1), (1, 2), (2, 3), (0, 4)], classes=["freeway"] * 3 + ["residential"])
    zones = zones_of(town(streets=line), StreetGraph.of(line), 5_000.0)  # the box is cut in its middle
    assert len(zones) == 2
    assert zones.node[0] in (0, 4)  # 1 stands nearer the middle
    motorway = streets_of([10.0, 10.01], [50.0, 50.0], [(0, 1)], classes=["freeway"])
    assert len(zones_of(town(streets=motorway), StreetGraph.of(motorway), 5_000.0)) >= 1


def test_without_streets_the_grounds_of_the_areas_are_cut():
    zones = zones_of(town(no_streets=True), None, 400.0)
    assert len(zones) > 10
    assert zones.node.tolist() == [-1] * len(zones)
    assert len(zones.of_node) == 0
    assert set(zones.area.tolist()) == {0, 1}


def test_an_area_smaller_than_a_zone_has_one_all_the_same():
    zones = zones_of(town(no_streets=True), None, 50_000.0)
    assert sorted(set(zones.area.tolist())) == [0, 1]


def test_streets_without_a_single_edge_are_no_streets():
    empty = streets_of([], [], [])
    zones = zones_of(town(streets=empty), StreetGraph.of(empty), 400.0)
    assert (zones.node == -1).all()
    assert len(zones) > 10


def test_a_city_with_too_many_zones_gets_larger_ones(graph, monkeypatch):
    monkeypatch.setattr(zones_module, "MOST_ZONES", 9)
    zones = zones_of(town(), graph, 100.0)
    assert 1 <= len(zones) <= 9
    assert zones.size_m > 100.0


def test_a_city_with_nothing_has_no_zones_and_says_so():
    bare = zones_of(replace(town(no_streets=True), areas={}), None)
    assert len(bare) == 0
    with pytest.raises(ValueError, match="no zones"):
        bare.nearest(np.array([10.0]), np.array([50.0]))


def test_nearest(graph):
    zones = zones_of(town(), graph, 500.0)
    assert zones.nearest(zones.lon, zones.lat).tolist() == list(range(len(zones)))


@pytest.mark.parametrize("size_m", [0.0, -1.0, float("nan")])
def test_a_size_that_cannot_be_is_refused(graph, size_m):
    with pytest.raises(ValueError, match="size"):
        zones_of(town(), graph, size_m)
