from datetime import timedelta

import numpy as np
import pytest
import shapely

from tests.grid import DAY, NOON, SIDE, corner, edge_between, grid_edges, grid_streets, node
from tocsin.geography.conditions import DEEPEST_M, Conditions, active_at, conditions_of, edges_in, water_factor
from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s
from tocsin.model.city import Closure, Period, Streets

ALL = SIDE * (SIDE - 1) * 2


@pytest.fixture
def graph():
    return StreetGraph.of(grid_streets())


def flooded(graph: StreetGraph, west: float, south: float, east: float, north: float, depth_m: float) -> Conditions:
    """A flood over a box of the grid, by columns and rows."""
    low, high = corner(west, south), corner(east, north)
    edges = tuple(edges_in(graph.streets, shapely.box(low.lon, low.lat, high.lon, high.lat)).tolist())
    found = graph.conditions_at([Closure(edges, DAY, 1.0, depth_m)], NOON)
    assert found is not None
    return found


def test_water_slows_by_the_safe_speed_and_closes_from_thirty_centimetres():
    depth = np.array([0.0, 0.1, 0.15, 0.2, 0.3, 2.0])
    safe = 0.0009 * (1000 * depth) ** 2 - 0.5529 * 1000 * depth + 86.9448
    factor = water_factor(depth, np.array(50.0))
    assert factor[0] == 1.0
    assert factor[1:4] == pytest.approx(np.maximum(1.0, 50.0 / safe[1:4]))
    assert np.isinf(factor[4:]).all()
    assert DEEPEST_M == 0.3
    assert water_factor(np.array(0.1), np.array(30.0)) == 1.0  # 40 km/h is safe at 10 cm


def test_a_flood_changes_when_units_arrive(graph):
    start, goal = corner(0, 4), corner(9, 4)
    dry = matrix_s(graph, [start], [goal])[0, 0]
    wet = matrix_s(graph, [start], [goal], flooded(graph, 3.5, 0.5, 5.5, 8.2, 0.2))[0, 0]
    deep = matrix_s(graph, [start], [goal], flooded(graph, 3.5, 0.5, 5.5, 8.2, 0.4))[0, 0]
    over = matrix_s(graph, [start], [goal], flooded(graph, 3.5, -1, 5.5, 10, 0.4))[0, 0]
    assert dry < wet < deep
    assert np.isinf(over)
    assert matrix_s(graph, [start], [goal])[0, 0] == dry


def test_the_way_leads_around_deep_water(graph):
    path, seconds = graph.route(corner(0, 4), corner(9, 4), flooded(graph, 3.5, 0.5, 5.5, 8.2, 0.4))
    assert max(p.lat for p in path) > corner(0, 8.5).lat or min(p.lat for p in path) < corner(0, 0.5).lat
    assert seconds > graph.route(corner(0, 4), corner(9, 4))[1]


def test_a_hospital_that_is_cut_off_is_out_of_reach_and_nothing_breaks(graph):
    hospital = corner(7, 7)
    shut = np.zeros(graph.edges, dtype=np.bool_)
    for other in (node(6, 7), node(8, 7), node(7, 6), node(7, 8)):
        shut[edge_between(*sorted((node(7, 7), other)))] = True
    # All around it too, so that nobody walks the last stretch from a corner that can be driven to.
    island = flooded(graph, 5.5, 5.5, 8.5, 8.5, 1.0)
    ways = graph.ways_to(hospital, island.with_also(Conditions.closing(shut)))
    assert ways is not None
    assert np.isinf(graph.seconds_between([corner(0, 0)], ways)).all()
    assert graph.route(corner(0, 0), hospital, island) is None
    assert np.isinf(matrix_s(graph, [corner(0, 0)], [hospital], island)).all()
    assert graph.reach(hospital, 300.0, island).size < graph.reach(hospital, 300.0).size


def test_closing_by_mask_and_by_conditions_is_one(graph):
    mask = np.zeros(graph.edges, dtype=np.bool_)
    mask[edge_between(node(4, 0), node(5, 0))] = True
    by_mask, by_conditions = graph.ways_to(corner(6, 0), mask), graph.ways_to(corner(6, 0), Conditions.closing(mask))
    assert by_mask is by_conditions  # remembered under the same key


def test_a_slowed_street_takes_longer_by_its_factor(graph):
    factor = np.ones(graph.edges)
    factor[:] = 2.5
    ordinary, slow = (graph.route(corner(1, 1), corner(4, 6), c)[1] for c in (None, Conditions(factor)))
    assert slow == pytest.approx(2.5 * ordinary)


def test_what_is_remembered_does_not_grow_without_bound(graph):
    for i in range(400):
        graph.ways_to(corner(6, 0), Conditions(np.full(graph.edges, 1.0 + i / 100)))
    assert len(graph._ways) <= 256
    assert len(graph._live) <= 8


def test_closures_of_the_pack_are_worked_out_once_while_nothing_changes(graph):
    hour = Period(NOON, NOON + timedelta(hours=1))
    closures = [Closure((3,), hour), Closure((4,), DAY)]
    first = graph.conditions_at(closures, NOON)
    assert graph.conditions_at(closures, NOON + timedelta(minutes=5)) is first
    later = graph.conditions_at(closures, hour.end)
    assert np.flatnonzero(later.closed).tolist() == [4]
    assert graph.conditions_at([], NOON) is None


def test_closures_of_the_pack_hold_while_they_last():
    hour = Period(NOON, NOON + timedelta(hours=1))
    closures = [Closure((3,), hour), Closure((4, 5), hour, 2.0), Closure((5, 6), hour, 1.0, 0.15)]
    speed_kmh = np.full(ALL, 50.0)
    found = conditions_of(active_at(closures, NOON), speed_kmh)
    assert found is not None
    wet = float(water_factor(np.array(0.15), np.array(50.0)))
    assert found.factor[2:8] == pytest.approx([1.0, np.inf, 2.0, max(2.0, wet), wet, 1.0])
    assert active_at(closures, hour.end) == ()
    assert conditions_of([Closure((3,), hour, 1.0, 0.0)], speed_kmh) is None


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan])
def test_a_factor_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        Conditions(np.array([1.0, wrong]))


def test_conditions_are_told_apart_by_their_factors():
    assert Conditions(np.array([1.0, 2.0])).key == Conditions(np.array([1.0, 2.0])).key
    assert Conditions(np.array([1.0, 2.0])).key != Conditions(np.array([2.0, 1.0])).key
    with pytest.raises(ValueError, match="read-only"):
        Conditions(np.array([1.0])).factor[0] = 2.0


def test_edges_in_a_polygon_are_those_that_touch_it():
    streets: Streets = grid_streets()
    box = shapely.box(corner(2.5, 2.5).lon, corner(0, 2.5).lat, corner(3.5, 0).lon, corner(0, 3.5).lat)
    found = {grid_edges()[e] for e in edges_in(streets, box)}
    assert found == {
        (node(2, 3), node(3, 3)), (node(3, 3), node(4, 3)), (node(3, 2), node(3, 3)), (node(3, 3), node(3, 4))
    }  # fmt: skip
