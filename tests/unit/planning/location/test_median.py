"""p-median: equal to trying every choice on small problems; defined answers to what cannot be."""

from itertools import combinations

import numpy as np
import pytest

from tocsin.errors import BadSettings
from tocsin.planning.location.exact import p_median_exact
from tocsin.planning.location.median import p_median
from tocsin.planning.location.problem import cost_of


def made_up(seed, *, broken=False):
    rng = np.random.default_rng(seed)
    points, sites = int(rng.integers(1, 15)), int(rng.integers(1, 10))
    weight, seconds = np.round(3 * rng.random(points), 1), np.round(20 * rng.random((points, sites)))
    if broken:
        seconds[rng.random((points, sites)) < 0.25] = np.inf
    return weight, seconds, int(rng.integers(1, sites + 1))


def least(cost, open_):
    return min(cost[:, list(some)].min(axis=1).sum() for some in combinations(range(cost.shape[1]), open_))


def tree_like(points, extra, seed):
    """Symmetric distances of a connected random network, as the OR-Library's are, and every point a site."""
    rng = np.random.default_rng(seed)
    far = np.full((points, points), np.inf)
    np.fill_diagonal(far, 0.0)
    pairs = [(i, int(rng.integers(i))) for i in range(1, points)]
    pairs += [tuple(rng.integers(points, size=2)) for _ in range(extra)]
    for a, b in pairs:
        far[a, b] = far[b, a] = min(far[a, b], float(rng.integers(1, 100)))
    for k in range(points):
        far = np.minimum(far, far[:, [k]] + far[[k]])
    return far


@pytest.mark.parametrize("seed", range(24))
def test_search_and_proof_find_what_trying_everything_finds(seed):
    weight, seconds, open_ = made_up(seed, broken=seed % 4 == 0)
    cost = cost_of(weight, seconds)
    best = least(cost, open_)
    found, proved = p_median(weight, seconds, open_, seed=seed), p_median_exact(weight, seconds, open_)
    for answer in (found, proved):
        assert len(set(answer.sites.tolist())) == open_
        assert cost[:, answer.sites].min(axis=1).sum() == pytest.approx(best)
    assert proved.gap is None or proved.gap < 1e-6


@pytest.mark.parametrize(("points", "open_"), [(24, 2), (24, 4), (18, 6)])
def test_a_network_as_the_librarys_is_solved(points, open_):
    far = tree_like(points, points, seed=open_)
    found = p_median(np.ones(points), far, open_, seed=1)
    assert found.value == least(far, open_)


def test_one_site_more_never_costs_more():
    weight, seconds = np.ones(40), tree_like(40, 60, seed=3)
    values = [p_median(weight, seconds, open_, seed=1).value for open_ in range(1, 41)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == 0.0


def test_the_same_seed_gives_the_same_answer():
    weight, seconds = np.ones(60), tree_like(60, 60, seed=4)
    one, two = (p_median(weight, seconds, 9, seed=7, rounds=2) for _ in range(2))
    assert one.sites.tolist() == two.sites.tolist()
    assert one.rounds == two.rounds == 2


def test_it_stops_when_it_is_told_to():
    asked = iter([False] * 10 + [True] * 100)
    found = p_median(np.ones(60), tree_like(60, 60, seed=4), 9, seed=7, rounds=None, stop=lambda: next(asked))
    assert found.rounds == 1
    assert len(found.sites) == 9


def test_what_is_kept_stays_open():
    seconds = tree_like(20, 20, seed=5)
    found = p_median(np.ones(20), seconds, 4, seed=1, kept=(3, 17))
    proved = p_median_exact(np.ones(20), seconds, 4, kept=(3, 17))
    assert {3, 17} <= set(found.sites.tolist())
    assert found.value == pytest.approx(proved.value)


def test_places_without_a_way_are_counted_apart():
    seconds = np.array([[1.0, np.inf], [np.inf, 2.0], [np.inf, np.inf]])
    found = p_median(np.array([5.0, 1.0, 3.0]), seconds, 1, seed=1)
    assert found.sites.tolist() == [0]
    assert found.value == 5.0
    assert found.unreached == 4.0


def test_no_demand_costs_nothing():
    found = p_median(np.zeros(6), tree_like(6, 6, seed=1), 2, seed=1)
    assert (found.value, found.unreached) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("weight", "seconds", "open_", "kept", "said"),
    [
        (np.ones(2), np.ones((2, 3)), 4, (), "ask for 1 to 3"),
        (np.ones(2), np.ones((2, 3)), 0, (), "ask for 1 to 3"),
        (np.ones(3), np.ones((2, 3)), 1, (), "give one a point"),
        (np.array([1.0, -1.0]), np.ones((2, 3)), 1, (), "0 or more"),
        (np.ones(2), np.full((2, 3), np.nan), 1, (), "infinite where no way leads"),
        (np.ones(2), np.full((2, 3), -1.0), 1, (), "infinite where no way leads"),
        (np.ones(2), np.ones((2, 3)), 1, (0, 1), "keep fewer"),
        (np.ones(2), np.ones((2, 3)), 1, (9,), "keep fewer"),
        (np.zeros(0), np.ones((0, 3)), 1, (), "at least one of each"),
    ],
)
def test_what_cannot_be_asked_is_told(weight, seconds, open_, kept, said):
    with pytest.raises(BadSettings, match=said):
        p_median(weight, seconds, open_, seed=1, kept=kept)
    with pytest.raises(BadSettings, match=said):
        p_median_exact(weight, seconds, open_, kept=kept)
