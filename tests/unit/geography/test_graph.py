import math
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from tests.grid import (
    NOON,
    SIDE,
    corner,
    edge_between,
    grid_edges,
    grid_streets,
    node,
    streets_of,
    town,
)
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Metric
from tocsin.geography.ways import ON_FOOT_KMH, YARD_KMH
from tocsin.model.city import Closure, Period
from tocsin.model.place import Point

EAST_S = 143.0 / (30 / 3.6)


@pytest.fixture(scope="module")
def graph():
    return StreetGraph.of(grid_streets())


def length_m(path):
    metric = Metric(10.01, 50.01)
    return sum(metric.distance_m(a, b) for a, b in pairwise(path))


def test_speeds_by_class_and_the_packs_own_speed_wins():
    streets = streets_of(
        [10.0, 10.01, 10.02, 10.03, 10.04],
        [50.0] * 5,
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        classes=["freeway", "arterial", "alley", "freeway"],
        length_m=[800.0, 420.0, 300.0, 100.0],
        speed_kmh={3: 36.0},
    )
    assert StreetGraph.of(streets).network.edge_s == pytest.approx([36.0, 36.0, 36.0, 10.0])
    assert StreetGraph.of(streets, {"alley": 60.0}).network.edge_s[2] == pytest.approx(18.0)


def test_snap_gives_the_edge_the_place_on_it_and_the_way_off_it(graph):
    at = graph.snap(corner(2.25, 3.1))
    assert at is not None
    assert (at.edge, at.along) == (edge_between(node(2, 3), node(3, 3)), pytest.approx(0.25, abs=1e-3))
    assert at.off_m == pytest.approx(22.2, abs=0.1)


def test_a_route_follows_the_streets_and_takes_their_time(graph):
    path, seconds = graph.route(corner(0.5, 0), corner(3, 2.5))
    ways = graph.ways_to(corner(3, 2.5))
    assert ways is not None
    assert path[0] == corner(0.5, 0)
    assert path[-1] == corner(3, 2.5)
    assert seconds == pytest.approx(length_m(path) / (30 / 3.6), rel=1e-3)
    straight = Metric(10.01, 50.01).distance_m(corner(0.5, 0), corner(3, 2.5))
    assert straight < length_m(path) < 1.5 * straight


def test_a_route_along_one_edge_goes_there_directly(graph):
    path, seconds = graph.route(corner(2.2, 3), corner(2.7, 3))
    assert seconds == pytest.approx(0.5 * graph.network.edge_s[edge_between(node(2, 3), node(3, 3))], rel=1e-6)
    assert len(path) == 2
    back, same = graph.route(corner(2.7, 3), corner(2.2, 3))
    assert (back[0], same) == (corner(2.7, 3), pytest.approx(seconds))


def test_from_a_place_to_itself_it_takes_no_time(graph):
    path, seconds = graph.route(corner(2, 3), corner(2, 3))
    assert (path[0], path[-1], seconds) == (corner(2, 3), corner(2, 3), pytest.approx(0.0, abs=1e-6))


def test_the_yard_is_driven_and_the_last_metres_are_walked(graph):
    off = corner(2.5, 3.1)
    to_street = graph.route(off, corner(2.5, 3))[1]
    from_street = graph.route(corner(2.5, 3), off)[1]
    assert to_street == pytest.approx(22.24 / (YARD_KMH / 3.6), rel=1e-2)
    assert from_street == pytest.approx(22.24 / (ON_FOOT_KMH / 3.6), rel=1e-2)


def test_a_one_way_street_is_driven_one_way_only():
    streets = grid_streets(oneway=[edge_between(node(2, 3), node(3, 3))])
    graph = StreetGraph.of(streets)
    along, against = graph.route(corner(2.2, 3), corner(2.8, 3)), graph.route(corner(2.8, 3), corner(2.2, 3))
    assert along is not None
    assert against is not None
    assert against[1] > 4 * along[1]
    assert length_m(against[0]) > 4 * length_m(along[0])


def test_the_shape_of_a_street_is_followed_not_its_ends():
    bent = streets_of([10.0, 10.01], [50.0, 50.0], [(0, 1)])
    object.__setattr__(bent, "shape_start", np.array([0, 3]))
    object.__setattr__(bent, "shape_lon", np.array([10.0, 10.005, 10.01]))
    object.__setattr__(bent, "shape_lat", np.array([50.0, 50.005, 50.0]))
    path, _ = StreetGraph.of(bent).route(Point(10.0, 50.0), Point(10.01, 50.0))
    assert Point(10.005, 50.005) in path
    back, _ = StreetGraph.of(bent).route(Point(10.0075, 50.0025), Point(10.0, 50.0))
    assert back[1] == Point(10.005, 50.005)


def test_closures_hold_while_their_period_lasts(graph):
    hour = Period(NOON, NOON + timedelta(hours=1))
    closures = (Closure((3, 4), hour), Closure((5,), Period(NOON - timedelta(hours=2), NOON)))
    assert graph.conditions_at(closures, NOON - timedelta(hours=3)) is None
    assert np.flatnonzero(graph.conditions_at(closures, NOON).closed).tolist() == [3, 4]
    assert graph.conditions_at(closures, NOON + timedelta(hours=1)) is None


def test_a_closed_street_is_driven_around(graph):
    closed = np.zeros(graph.edges, dtype=np.bool_)
    closed[edge_between(node(4, 0), node(5, 0))] = True
    direct, around = graph.route(corner(3, 0), corner(6, 0)), graph.route(corner(3, 0), corner(6, 0), closed)
    assert around[1] > direct[1] + 30.0
    assert max(p.lat for p in around[0]) > corner(0, 0.9).lat


def test_a_mask_that_changes_is_not_taken_for_the_one_before(graph):
    closed = np.zeros(graph.edges, dtype=np.bool_)
    before = graph.route(corner(3, 0), corner(6, 0), closed)[1]
    closed[edge_between(node(4, 0), node(5, 0))] = True
    assert graph.route(corner(3, 0), corner(6, 0), closed)[1] > before


def test_on_a_closed_street_the_last_stretch_goes_on_foot(graph):
    closed = np.zeros(graph.edges, dtype=np.bool_)
    closed[edge_between(node(2, 3), node(3, 3))] = True
    open_s = graph.route(corner(1, 3), corner(2.5, 3))[1]
    assert graph.route(corner(1, 3), corner(2.5, 3), closed)[1] == pytest.approx(
        open_s + 71.5 * 3.6 * (1 / 5 - 1 / 30), rel=1e-2
    )


def test_no_way_leads_to_another_piece_of_the_network():
    lon, lat = [10.0, 10.001, 10.005, 10.006], [50.0] * 4
    graph = StreetGraph.of(streets_of(lon, lat, [(0, 1), (2, 3)]))
    assert graph.route(Point(10.0, 50.0), Point(10.006, 50.0)) is None
    assert np.isinf(graph.seconds_to(Point(10.0005, 50.0))[2:]).all()


def test_a_stray_piece_beside_the_main_network_is_passed_over():
    """A data fault: a short street that hangs together with nothing, 20 m from the call, 40 m from a real street."""
    lon = [*(WEST_EDGE + 0.002 * i for i in range(4)), 10.0022, 10.0026]
    graph = StreetGraph.of(streets_of(lon, [50.0] * 4 + [50.0005] * 2, [(0, 1), (1, 2), (2, 3), (4, 5)]))
    at = graph.snap(Point(10.0024, 50.0004))
    assert at is not None
    assert at.edge == 1


WEST_EDGE = 10.0


def test_a_place_in_the_bay_is_on_no_street(graph):
    bay = Point(10.2, 50.2)
    assert graph.snap(bay) is None
    assert graph.ways_to(bay) is None
    assert graph.route(bay, corner(1, 1)) is None
    assert np.isinf(graph.seconds_to(bay)).all()
    assert len(graph.reach(bay, 300.0)) == 0


def test_a_reach_is_what_the_bound_allows(graph):
    place = corner(3.3, 4)
    for bound_s in (0.0, 61.0, 119.9, 500.0):
        reached = graph.reach(place, bound_s)
        seconds = np.array(
            [(graph.route(place, corner(i % SIDE, i // SIDE)) or ((), np.inf))[1] for i in range(SIDE**2)]
        )
        assert sorted(reached.tolist()) == np.flatnonzero(seconds <= bound_s + 1e-9).tolist()
    assert len(graph.reach(place, -1.0)) == 0
    assert len(graph.reach(place, math.nan)) == 0


def test_seconds_from_any_is_the_nearest_of_them(graph):
    units = [corner(0.5, 0), corner(9, 9), corner(4, 4.5)]
    together = graph.seconds_from_any(units)
    nodes = [corner(i % SIDE, i // SIDE) for i in range(SIDE**2)]
    alone = np.array([[graph.route(u, n)[1] for n in nodes] for u in units])
    np.testing.assert_allclose(together, alone.min(axis=0), atol=1e-3)
    assert np.isinf(graph.seconds_from_any([])).all()


def test_seconds_between_equals_asking_one_by_one(graph):
    ways = graph.ways_to(corner(5.5, 5))
    starts = [corner(0.1, 3), corner(5.2, 5), Point(11.0, 51.0)]
    found = graph.seconds_between(starts, ways)
    assert found[:2] == pytest.approx([graph.route(s, corner(5.5, 5))[1] for s in starts[:2]])
    assert np.isnan(found[2])


def test_areas_of_nodes(graph):
    rows = graph.areas_of_nodes(town()).reshape(SIDE, SIDE)
    assert (rows[:, :5] == 0).all()
    assert (rows[:, 5:] == 1).all()


def test_what_is_remembered_cannot_be_changed(graph):
    with pytest.raises(ValueError, match="read-only"):
        graph.seconds_to(corner(1, 1))[0] = 5.0
    with pytest.raises(ValueError, match="read-only"):
        graph.reach(corner(1, 1), 60.0)[0] = 5
    assert len(grid_edges()) == graph.edges
