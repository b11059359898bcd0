from itertools import pairwise

import numpy as np
import pytest

from tests.grid import grid_streets, streets_of
from tests.unit.geography.test_kernels import random_streets
from tocsin.geography.chains import Chains
from tocsin.geography.conditions import Conditions
from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s
from tocsin.model.place import Point


def winding_streets(seed, junctions=25, streets=45):
    """Few junctions, joined by streets of several pieces, drawn either way, some of them one-way in part or whole."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(10.0, 10.02, junctions).tolist(), rng.uniform(50.0, 50.02, junctions).tolist()
    edges, oneway = [], []
    for _ in range(streets):
        a, b = (int(x) for x in rng.integers(0, junctions, 2))
        between = int(rng.integers(0, 7)) + (2 if a == b else 0)
        nodes = [a, *range(len(lon), len(lon) + between), b]
        share = np.linspace(0, 1, between + 2)[1:-1]
        lon += (lon[a] + share * (lon[b] - lon[a]) + rng.normal(0, 3e-4, between)).tolist()
        lat += (lat[a] + share * (lat[b] - lat[a]) + rng.normal(0, 3e-4, between)).tolist()
        whole, part = rng.random() < 0.3, rng.random() < 0.1
        for piece, (x, y) in enumerate(pairwise(nodes)):
            drawn = (y, x) if rng.random() < 0.4 and not whole else (x, y)
            if whole or (part and piece == 1):
                oneway.append(len(edges))
            edges.append(drawn)
    ring = len(lon)  # far off, without a junction
    lon += [10.03, 10.031, 10.031, 10.03]
    lat += [50.03, 50.03, 50.031, 50.031]
    edges += [(ring, ring + 1), (ring + 2, ring + 1), (ring + 2, ring + 3), (ring + 3, ring)]
    return streets_of(lon, lat, edges, oneway=oneway)


def middles(streets, count, seed):
    """Places on edges, so that many stand on one chain."""
    rng = np.random.default_rng(seed)
    edge, along = rng.integers(0, len(streets.tail), count), rng.random(count)
    along[:4] = [0.0, 1.0, 0.0, 1.0]
    a, b = streets.tail[edge], streets.head[edge]
    lon = streets.lon[a] + along * (streets.lon[b] - streets.lon[a])
    lat = streets.lat[a] + along * (streets.lat[b] - streets.lat[a])
    return list(map(Point, lon.tolist(), lat.tolist()))


@pytest.mark.parametrize("seed", range(8))
def test_the_matrix_is_that_of_the_whole_graph(seed):
    streets = winding_streets(seed)
    graph = StreetGraph.of(streets)
    rng = np.random.default_rng(seed)
    slow = Conditions(np.where(rng.random(graph.edges) < 0.08, np.inf, rng.uniform(1.0, 3.0, graph.edges)))
    starts, goals = middles(streets, 40, seed), middles(streets, 30, seed + 50)
    for now in (None, slow):
        found = matrix_s(graph, starts, goals, now)
        expected = [graph.seconds_between(starts, graph.ways_to(goal, now)) for goal in goals]
        np.testing.assert_allclose(found, np.transpose(expected), rtol=0, atol=1e-9)
        np.testing.assert_allclose(matrix_s(graph, starts[:9], goals, now), found[:9], rtol=0, atol=1e-9)
        near = graph.matrix_s(starts, goals, now, 100.0)
        np.testing.assert_allclose(near, np.where(found <= 100.0, found, np.inf), rtol=0, atol=1e-9)
    assert np.isfinite(found).any()
    assert np.isinf(found).any()


@pytest.mark.parametrize("streets", [winding_streets(s) for s in range(6)] + [random_streets(s) for s in range(4)])
@pytest.mark.parametrize("bound_s", [np.inf, 70.0])
def test_ways_into_a_place_are_those_of_the_whole_graph(streets, bound_s):
    graph = StreetGraph.of(streets)
    rng = np.random.default_rng(3)
    slow = Conditions(np.where(rng.random(graph.edges) < 0.08, np.inf, rng.uniform(1.0, 3.0, graph.edges)))
    for now in (None, slow):
        searches = graph.searches(now, reverse=True)
        for place in middles(streets, 25, 7):
            ways = graph.ways_to(place, now, bound_s)
            expected = searches.spread(ways.ends.nodes, ways.ends.seconds, bound_s)[0]
            np.testing.assert_allclose(ways.seconds, expected, rtol=0, atol=1e-9)
            came = np.flatnonzero(ways.arc_in >= 0)
            arcs = ways.arc_in[came]
            assert (ways.arcs.leads_to[arcs] == came).all()
            onwards = ways.seconds[ways.arcs.owner[arcs]] + searches.seconds[arcs]
            np.testing.assert_allclose(onwards, ways.seconds[came], rtol=0, atol=1e-9)
            seeds = np.flatnonzero(np.isfinite(ways.seconds) & (ways.arc_in < 0))
            assert set(seeds.tolist()) <= set(ways.ends.nodes.tolist())


@pytest.mark.parametrize("streets", [winding_streets(s) for s in range(6)] + [random_streets(s) for s in range(2)])
@pytest.mark.parametrize("bound_s", [np.inf, 70.0])
def test_seconds_into_a_node_are_those_of_the_whole_graph(streets, bound_s):
    graph = StreetGraph.of(streets)
    closed = np.random.default_rng(5).random(graph.edges) < 0.08
    for now in (None, closed):
        searches = graph.searches(now, reverse=True)
        for node in range(0, graph.nodes, 3):
            expected = searches.spread(np.array([node], dtype=np.int32), np.zeros(1), bound_s)[0]
            np.testing.assert_allclose(graph.seconds_into(node, now, bound_s), expected, rtol=0, atol=1e-9)


def test_only_streets_with_bends_are_worth_leaving_out():
    assert Chains(winding_streets(3)).worth_it
    assert not Chains(grid_streets()).worth_it


def test_a_chain_runs_from_junction_to_junction():
    chains = Chains(streets_of([0, 1, 2, 3, 2], [0, 0, 0, 0, 1], [(0, 1), (2, 1), (2, 3), (2, 4)]))
    assert chains.junctions == 4  # 0, 2, 3 and 4
    assert np.diff(chains.start).tolist() == [2, 1, 1]
    assert sorted(chains.order.tolist()) == [0, 1, 2, 3]
    assert chains.chain[[0, 1]].tolist() == [0, 0]


@pytest.mark.parametrize("streets", [grid_streets(), random_streets(5), winding_streets(3)])
def test_every_edge_lies_on_one_chain(streets):
    chains = Chains(streets)
    assert sorted(chains.order.tolist()) == list(range(len(streets.tail)))
    assert (chains.order[chains.place] == np.arange(len(streets.tail))).all()
    assert chains.start[-1] == len(streets.tail)
    assert (np.diff(chains.start) > 0).all()


def test_a_ring_without_a_junction_is_one_chain():
    ring = streets_of([0, 0.001, 0.001], [0, 0, 0.001], [(0, 1), (1, 2), (2, 0)])
    assert Chains(ring).start.tolist() == [0, 3]


def test_streets_without_edges_have_no_chain():
    assert Chains(streets_of([], [], [])).start.tolist() == [0]
    assert np.isinf(StreetGraph.of(streets_of([], [], [])).matrix_s([Point(0, 0)], [Point(1, 1)])).all()
