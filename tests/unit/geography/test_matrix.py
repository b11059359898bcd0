import numpy as np
import pytest

from tests.grid import corner, grid_streets, streets_of
from tests.unit.geography.test_kernels import random_streets
from tocsin.geography.conditions import Conditions
from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s, next_places
from tocsin.model.place import Point


@pytest.fixture(scope="module")
def graph():
    return StreetGraph.of(grid_streets())


def places_of(streets, count, seed=3):
    rng = np.random.default_rng(seed)
    return [
        Point(*p)
        for p in zip(
            rng.uniform(streets.lon.min(), streets.lon.max(), count).tolist(),
            rng.uniform(streets.lat.min(), streets.lat.max(), count).tolist(),
            strict=True,
        )
    ]


@pytest.mark.parametrize("origins", [5, 30])
@pytest.mark.parametrize("seed", range(3))
def test_equals_one_search_for_each_pair(seed, origins):
    streets = random_streets(seed)
    graph = StreetGraph.of(streets)
    starts, goals = places_of(streets, origins), places_of(streets, 12, seed=8)
    closed = Conditions.closing(np.random.default_rng(seed).random(graph.edges) < 0.7)
    for now in (None, closed):
        found = matrix_s(graph, starts, goals, now)
        expected = [graph.seconds_between(starts, graph.ways_to(goal, now)) for goal in goals]
        np.testing.assert_allclose(found, np.transpose(expected), rtol=0, atol=1e-9)
        assert np.isinf(found).any() == (now is closed)


def test_from_a_corner_of_a_one_way_street_every_street_leads_away():
    graph = StreetGraph.of(streets_of([10.0, 10.01, 10.01], [50.0, 50.0, 50.005], [(0, 1), (0, 2)], oneway=[0, 1]))
    seconds = matrix_s(graph, [Point(10.0, 50.0)], [Point(10.01, 50.0), Point(10.01, 50.005)])
    assert seconds[0] == pytest.approx(graph.network.edge_s)


def test_the_second_mode_takes_its_own_speeds():
    streets = grid_streets()
    object.__setattr__(streets, "speed_normal_kmh", np.full(len(streets.tail), 15.0))
    graph = StreetGraph.of(streets)
    places = [corner(0, 0), corner(5, 4)]
    assert matrix_s(graph, places, places, mode=1) == pytest.approx(2.0 * matrix_s(graph, places, places))
    assert graph.in_mode(0) is graph


def test_one_speed_serves_both_modes(graph):
    assert graph.in_mode(1) is graph


def test_a_place_on_no_street_is_out_of_reach(graph):
    bay = Point(11.0, 51.0)
    seconds = matrix_s(graph, [bay, corner(1, 1)], [corner(2, 2), bay])
    assert np.isfinite(seconds).tolist() == [[False, False], [True, False]]


def test_without_streets_the_straight_line_stands_in():
    places = [corner(0, 0), corner(0, 4), corner(3, 3)]
    seconds = matrix_s(None, places, places)
    assert (np.diag(seconds) == 0.0).all()
    assert seconds[0, 1] == pytest.approx(4 * 222.4 * 1.417 / (30 / 3.6), rel=0.01)
    assert matrix_s(None, [], places).shape == (0, 3)


def test_following_the_next_place_leads_to_the_station(graph):
    places = [corner(c, r) for r in range(0, 10, 2) for c in range(0, 10, 2)]
    seconds = matrix_s(graph, places, places)
    follow = next_places(seconds, [0, 12])
    assert follow.shape == (2, len(places))
    for row, station in enumerate((0, 12)):
        for start in range(len(places)):
            at, driven, hops = start, 0.0, 0
            while at != station:
                driven += seconds[at, follow[row, at]]
                at, hops = int(follow[row, at]), hops + 1
                assert hops <= len(places)
            assert driven == pytest.approx(seconds[start, station], abs=1e-6)
        assert follow[row, station] == station


def test_there_is_no_next_place_where_no_way_leads():
    seconds = np.array([[0.0, 60.0, np.inf], [60.0, 0.0, np.inf], [50.0, np.inf, 0.0]])
    assert next_places(seconds, [0, 2]).tolist() == [[0, 0, 0], [-1, -1, 2]]
