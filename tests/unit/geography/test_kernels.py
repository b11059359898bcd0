import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tests.grid import grid_streets, streets_of
from tocsin.geography.arcs import arcs_of, edge_seconds
from tocsin.geography.kernels import count, search
from tocsin.geography.searches import Rooms, Searches


def random_streets(seed, nodes=120, edges=260):
    """Scattered, with one-ways, loops, doubled edges, edges of no length and separate pieces."""
    rng = np.random.default_rng(seed)
    pairs = [tuple(map(int, rng.integers(0, nodes, 2))) for _ in range(edges)]
    length = rng.uniform(0, 500, edges)
    length[rng.integers(0, edges, 20)] = 0.0
    oneway = np.flatnonzero(rng.random(edges) < 0.4)
    lon, lat = rng.uniform(10.0, 10.02, nodes), rng.uniform(50.0, 50.02, nodes)
    return streets_of(lon, lat, pairs, oneway=oneway, length_m=length)


def seconds_by_scipy(arcs, seconds, seeds, seed_s, bound_s=np.inf):
    """One more node stands for the seeds. Sparse matrices drop what is 0 and add up doubles, so keep the least."""
    n = len(arcs.first) - 1
    dense = np.full((n + 1, n + 1), np.inf)
    np.minimum.at(dense, (arcs.owner, arcs.leads_to), seconds)
    np.minimum.at(dense, (np.full(len(seeds), n), seeds), seed_s)
    rows, columns = np.nonzero(np.isfinite(dense))
    matrix = csr_array((dense[rows, columns], (rows, columns)), shape=dense.shape)
    return dijkstra(matrix, indices=n, limit=bound_s)[:n]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("bound_s", [np.inf, 90.0])
def test_equals_scipy(seed, reverse, bound_s):
    streets = random_streets(seed)
    arcs = arcs_of(streets, edge_seconds(streets, {}), reverse=reverse)
    rng = np.random.default_rng(seed + 100)
    seconds = np.where(rng.random(len(arcs.edge)) < 0.1, np.inf, arcs.seconds)  # closed arcs
    seeds, seed_s = rng.integers(0, 120, 3).astype(np.int32), rng.uniform(0, 60, 3)
    found, arc_in, order = search(arcs.first, arcs.leads_to, seconds, seeds, seed_s, bound_s)
    expected = seconds_by_scipy(arcs, seconds, seeds, seed_s, bound_s)
    assert np.isfinite(expected).any()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert sorted(order.tolist()) == np.flatnonzero(np.isfinite(expected)).tolist()
    assert (np.diff(found[order]) >= 0).all()
    come = np.flatnonzero(arc_in >= 0)
    np.testing.assert_allclose(found[arcs.owner[arc_in[come]]] + seconds[arc_in[come]], found[come], atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bound_s", [np.inf, 90.0])
def test_spreading_gives_the_same_seconds(seed, bound_s):
    streets = random_streets(seed)
    arcs, rooms = arcs_of(streets, edge_seconds(streets, {})), Rooms(120)
    rng = np.random.default_rng(seed + 100)
    edge_s = np.where(rng.random(len(streets.tail)) < 0.1, np.inf, edge_seconds(streets, {}))
    searches = Searches.of(arcs, edge_s, rooms)
    for spread in (0.0, 60.0, 1e7):  # seeds that lie farther apart than any arc is long
        seeds, seed_s = rng.integers(0, 120, 3).astype(np.int32), rng.uniform(0, spread + 1, 3)
        found, arc_in = searches.spread(seeds, seed_s, bound_s)
        expected = search(arcs.first, arcs.leads_to, searches.seconds, seeds, seed_s, bound_s)[0]
        np.testing.assert_array_equal(found, expected)
        come = np.flatnonzero(arc_in >= 0)
        assert (found[arcs.owner[arc_in[come]]] + searches.seconds[arc_in[come]] == found[come]).all()
        assert np.isfinite(found).any() or spread == 1e7
    lists, head, label, _ = rooms.take()
    assert np.isinf(label).all()
    assert (lists[2] == -1).all()
    assert (head == -1).all()


def test_spreading_copes_with_very_long_and_very_short_arcs():
    streets = streets_of([10.0, 10.01, 10.02], [50.0] * 3, [(0, 1), (1, 2)], length_m=[1e6, 1e-6])
    edge_s = edge_seconds(streets, {})
    searches = Searches.of(arcs_of(streets, edge_s), edge_s, Rooms(3))
    found, _ = searches.spread(np.array([0], dtype=np.int32), np.zeros(1))
    assert found == pytest.approx([0.0, 120_000.0, 120_000.0 + 1.2e-7], abs=1e-9)


def test_spreading_from_nowhere_reaches_nothing():
    streets = grid_streets()
    edge_s = edge_seconds(streets, {})
    searches = Searches.of(arcs_of(streets, edge_s), edge_s, Rooms(len(streets.lon)))
    found, _ = searches.spread(np.array([0], dtype=np.int32), np.array([np.inf]))
    assert np.isinf(found).all()


def test_reverse_is_forward_on_the_turned_graph():
    streets = random_streets(3)
    out = arcs_of(streets, edge_seconds(streets, {}))
    back = arcs_of(streets, edge_seconds(streets, {}), reverse=True)
    zero = np.zeros(1)
    here, there = np.array([4], dtype=np.int32), np.array([9], dtype=np.int32)
    forward = search(out.first, out.leads_to, out.seconds, here, zero, np.inf)[0]
    backward = search(back.first, back.leads_to, back.seconds, there, zero, np.inf)[0]
    assert forward[9] == pytest.approx(backward[4], abs=1e-9)


def test_nothing_is_reached_from_no_seed_nor_from_an_infinite_one():
    arcs = arcs_of(grid_streets(), edge_seconds(grid_streets(), {}))
    none = np.empty(0, dtype=np.int32)
    assert np.isinf(search(arcs.first, arcs.leads_to, arcs.seconds, none, np.empty(0), np.inf)[0]).all()
    one, never = np.array([3], dtype=np.int32), np.array([np.inf])
    assert np.isinf(search(arcs.first, arcs.leads_to, arcs.seconds, one, never, np.inf)[0]).all()


def test_a_network_without_streets():
    streets = streets_of([10.0, 10.01], [50.0, 50.0], [])
    arcs = arcs_of(streets, edge_seconds(streets, {}))
    found = search(arcs.first, arcs.leads_to, arcs.seconds, np.array([1], dtype=np.int32), np.zeros(1), np.inf)[0]
    assert found.tolist() == [np.inf, 0.0]


def test_count_adds_one_at_each_node():
    counts = np.zeros(4, dtype=np.int16)
    count(counts, np.array([0, 2, 2], dtype=np.int32))
    frozen = np.array([3], dtype=np.int32)
    frozen.flags.writeable = False
    count(counts, frozen)
    assert counts.tolist() == [1, 0, 2, 1]
