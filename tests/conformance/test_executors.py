"""Every executor that ships keeps every promise; executors that break one are caught."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from tests.strategies import strategies
from tests.towns import calls, town
from tocsin.adapters import executors
from tocsin.adapters.executors import InProcess, ProcessPool, RayCluster, executor_of
from tocsin.conformance.executor import (
    PROMISES,
    answers_in_the_order_of_shards,
    passes_errors_on,
    takes_none_and_one,
    works_again_after_an_error,
)
from tocsin.conformance.promise import Broken
from tocsin.errors import BadSettings
from tocsin.rehearsal.simulation.ensemble import simulate_ensemble


@pytest.fixture(scope="module")
def pool():
    with ProcessPool(2) as made:
        yield made


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_this_process_keeps(promise):
    promise(InProcess())


@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_a_pool_keeps(promise, pool):
    promise(pool)


@pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed")
def test_ray_keeps():
    made = town(3)
    with RayCluster(workers=1) as cluster:
        for promise in PROMISES:
            promise(cluster)
        there = simulate_ensemble(made, [calls(made, 40)], strategies(made)[:1], run=cluster.map)
    here = simulate_ensemble(made, [calls(made, 40)], strategies(made)[:1])
    assert np.array_equal(here[0][0].response_s, there[0][0].response_s)


def test_ray_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(executors, "find_spec", lambda _: None)
    with pytest.raises(BadSettings, match="install the extra `ray`"):
        RayCluster()


def test_one_worker_needs_no_pool():
    assert isinstance(executor_of(1), InProcess)
    assert executor_of(3).workers == 3
    with pytest.raises(BadSettings, match="1 or more"):
        ProcessPool(0)


class Backwards:
    def map(self, function, shards):
        return [function(shard) for shard in shards][::-1]


class Silent:
    def map(self, function, shards):
        answers = []
        for shard in shards:
            try:
                answers.append(function(shard))
            except Exception:  # noqa: BLE001 - the fault that is to be caught
                answers.append(None)
        return answers


class Padded:
    def map(self, function, shards):
        return [function(shard) for shard in shards] or [None]


@pytest.mark.parametrize(
    ("executor", "promise"),
    [
        (Backwards(), answers_in_the_order_of_shards),
        (Silent(), passes_errors_on),
        (Silent(), works_again_after_an_error),
        (Padded(), takes_none_and_one),
    ],
)
def test_faults_are_caught(executor, promise):
    with pytest.raises(Broken):
        promise(executor)


def test_an_ensemble_is_the_same_wherever_it_runs(pool):
    made = town(3)
    traces = [calls(made, 40, seed) for seed in range(5)]
    chosen = strategies(made)[:3]
    here = simulate_ensemble(made, traces, chosen)
    there = simulate_ensemble(made, traces, chosen, run=pool.map, shards=2)
    assert [len(row) for row in here] == [3] * 5
    for one, other in zip(here, there, strict=True):
        for mine, theirs in zip(one, other, strict=True):
            assert np.array_equal(mine.response_s, theirs.response_s)
    assert not np.array_equal(here[0][0].response_s, here[1][0].response_s)
