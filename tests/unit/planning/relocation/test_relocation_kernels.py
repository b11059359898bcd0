"""The objectives of relocation: every change that the kernels tell is the difference of two whole objectives."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.planning.relocation.kernels import (
    END,
    count_cover,
    lateness,
    marginal_cover,
    most_lacking,
    move_changes,
    single_changes,
)
from tocsin.planning.relocation.tables import (
    lateness_cost,
    marginal_powers,
    nested_table,
    ordered_costs,
    zones_in_reach,
)

REACH_S = 400.0


def scene(seed: int, stations: int = 5, zones: int = 12, units: int = 7):
    rng = np.random.default_rng(seed)
    seconds = rng.uniform(30.0, 1500.0, (stations, zones))
    seconds[rng.random((stations, zones)) < 0.1] = np.inf
    weight = rng.random(zones) * (rng.random(zones) < 0.8)
    idle = np.bincount(rng.integers(0, stations, units), minlength=stations).astype(np.int32)
    return seconds, weight, idle


def by_definition(seconds, weight, idle, q):
    total = 0.0
    for zone, share in enumerate(weight):
        come = 1.0
        for s in np.argsort(seconds[:, zone], kind="stable"):
            total += share * come * (1 - q ** int(idle[s])) * float(lateness_cost(seconds[s, zone], REACH_S))
            come *= q ** int(idle[s])
        total += share * come * END
    return total


@pytest.mark.parametrize("seed", range(5))
def test_lateness_is_its_definition(seed):
    seconds, weight, idle = scene(seed)
    order, cost = ordered_costs(seconds, REACH_S)
    assert lateness(order, cost, weight, idle, 0.35) == pytest.approx(by_definition(seconds, weight, idle, 0.35))


@pytest.mark.parametrize("q", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_single_changes_are_differences(seed, q):
    seconds, weight, idle = scene(seed)
    order, cost = ordered_costs(seconds, REACH_S)
    added, removed = np.full(len(idle), 9.0), np.full(len(idle), 9.0)
    single_changes(order, cost, weight, idle, q, added, removed)
    before = lateness(order, cost, weight, idle, q)
    for s in range(len(idle)):
        for change, told in ((1, added[s]), (-1, removed[s])):
            changed = idle.copy()
            changed[s] = max(0, changed[s] + change)
            assert lateness(order, cost, weight, changed, q) - before == pytest.approx(told, abs=1e-12)
    assert (added <= 0).all()
    assert (removed >= 0).all()


@pytest.mark.parametrize("q", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_move_changes_are_differences(seed, q):
    seconds, weight, idle = scene(seed)
    order, cost = ordered_costs(seconds, REACH_S)
    movable = np.array([True, True, False, True, True])
    told = np.full((5, 5), 9.0)
    move_changes(order, cost, weight, idle, q, movable, told)
    before = lateness(order, cost, weight, idle, q)
    for s in range(5):
        for k in range(5):
            moved = idle.copy()
            if movable[s] and idle[s]:
                moved[s] -= 1
                moved[k] += 1
            assert lateness(order, cost, weight, moved, q) - before == pytest.approx(told[s, k], abs=1e-12)


def test_nobody_idle_costs_the_most():
    seconds, weight, _ = scene(1)
    order, cost = ordered_costs(seconds, REACH_S)
    assert lateness(order, cost, weight, np.zeros(5, dtype=np.int32), 0.3) == pytest.approx(END * weight.sum())
    assert cost.max() <= END


def test_marginal_cover_is_expected_cover_gained():
    seconds, weight, idle = scene(3)
    first, covered = zones_in_reach(seconds, REACH_S)
    cover = np.zeros(len(weight), dtype=np.int32)
    for s, n in enumerate(idle):
        count_cover(first, covered, s, int(n), cover)
    assert (cover == ((seconds <= REACH_S) * idle[:, None]).sum(axis=0)).all()
    q = 0.4
    power = marginal_powers(q, 20)
    for s in range(len(idle)):
        after = cover + (seconds[s] <= REACH_S)
        gained = (weight * (q**cover - q**after)).sum()
        assert marginal_cover(first, covered, weight, cover, s, power) == pytest.approx(gained)


def test_the_most_lacking_station_is_the_nearest_of_equals():
    wanted, idle = np.array([2, 2, 1, 3], dtype=np.int32), np.array([1, 0, 0, 1], dtype=np.int32)
    assert most_lacking(wanted, idle, np.array([1.0, 9.0, 1.0, 5.0])) == 3
    assert most_lacking(wanted, idle, np.array([1.0, 9.0, 1.0, np.inf])) == 1
    assert most_lacking(idle, idle, np.ones(4)) == -1


def test_rows_of_a_nested_table_grow_by_one():
    seconds, weight, _ = scene(4)
    table = nested_table(seconds, REACH_S, weight, 8, 0.3)
    assert (table.sum(axis=1) == np.arange(9)).all()
    assert (np.diff(table, axis=0) >= 0).all()
    covers = [(weight * (seconds[s] <= REACH_S)).sum() for s in range(5)]
    assert table[1, int(np.argmax(covers))] == 1
