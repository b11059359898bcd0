"""Strategies side by side: what is counted, when a difference is one, and a bound that nothing passes under."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.strategies import strategies
from tests.towns import calls, town
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.strategies.bound import clairvoyant
from tocsin.rehearsal.strategies.homes import tuned_homes
from tocsin.rehearsal.strategies.merged import sharpened
from tocsin.rehearsal.strategies.pairs import Paired, difference
from tocsin.rehearsal.strategies.scores import Run, densities_of, groups_of, joined, run_of, score_of
from tocsin.rehearsal.strategies.tuning import Bench, Budget, frozen, tune

MADE = town(3)


def made_run(late: np.ndarray, days: int) -> Run:
    n = len(late)
    seconds = np.where(late, 600.0, 300.0)
    day = (np.arange(n) * days // n).astype(np.int64)
    return Run(seconds, late, np.zeros(n, dtype=np.int32), day, seconds, 0, 0.0, 1.0, 2.0)


def test_the_same_strategy_differs_by_nothing():
    run = made_run(np.arange(700) % 3 == 0, 7)
    found = difference([Paired("a", run, run)])
    assert (found.relative, found.low, found.high, found.result) == (0.0, 0.0, 0.0, "open")


def test_fewer_late_calls_are_found_and_more_are_not_hidden():
    rng = np.random.default_rng(1)
    many = rng.random(4_000) < 0.4
    few = many & (rng.random(4_000) < 0.8)
    better, worse = (difference([Paired("a", *pair)]) for pair in ((*_runs(few, many),), (*_runs(many, few),)))
    assert better.result == "fewer"
    assert better.low < better.relative < better.high < 0.0
    assert better.relative == pytest.approx(few.sum() / many.sum() - 1.0)
    assert worse.result == "more"
    assert worse.mean_s > 0.0


def _runs(one: np.ndarray, other: np.ndarray, days: int = 20) -> tuple[Run, Run]:
    return made_run(one, days), made_run(other, days)


def test_too_few_days_claim_nothing():
    many, few = np.ones(500, dtype=bool), np.arange(500) % 2 == 0
    assert difference([Paired("a", *_runs(few, many, 5))]).result == "open"
    assert difference([Paired("a", *_runs(few, many, 6))]).result == "fewer"


def test_fleets_of_one_city_share_their_days():
    """Two fleets with the same calls know no more than one."""
    rng = np.random.default_rng(2)
    many = rng.random(2_000) < 0.4
    few = many & (rng.random(2_000) < 0.95)
    pair = Paired("a", *_runs(few, many))
    alone, twice, apart = (difference(p) for p in ([pair], [pair, pair], [pair, replace(pair, pack="b")]))
    assert (twice.low, twice.high) == pytest.approx((alone.low, alone.high), abs=2e-3)
    assert apart.high - apart.low < 0.85 * (alone.high - alone.low)


def test_other_calls_are_not_compared():
    with pytest.raises(ValueError, match="same calls"):
        difference([Paired("a", made_run(np.ones(60, dtype=bool), 6), made_run(np.ones(60, dtype=bool), 5))])


def test_nothing_is_said_of_no_calls():
    empty = made_run(np.zeros(0, dtype=bool), 1)
    assert difference([Paired("a", empty, empty)]) is None
    score = score_of(empty, np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32))
    assert (score.calls, score.late_share, score.mean_s, score.p90_s) == (0, None, None, None)
    assert score.worst_decile_late is None


def test_calls_that_nobody_answered_are_late_and_not_averaged():
    run = made_run(np.zeros(100, dtype=bool), 2)
    run.response_s[:20] = np.inf
    run = replace(run, late=run.response_s > 480.0)
    score = score_of(run, np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32))
    assert (score.unserved, score.late, score.mean_s, score.p50_s, score.p90_s) == (20, 20, 300.0, 300.0, None)


def test_the_worst_tenth_is_that_of_the_worst_groups():
    late = np.zeros(200, dtype=bool)
    late[:10] = True
    run = replace(made_run(late, 2), zone=np.repeat(np.arange(10), 20).astype(np.int32))
    score = score_of(run, np.arange(10, dtype=np.int32), np.arange(10, dtype=np.int32) % 3)
    assert score.worst_decile_late == 0.5
    assert score.worst_decile_mean_s == 450.0
    assert score.late_by_density == {"low": 10 / 80, "middle": 0.0, "high": 0.0}


def test_days_of_further_runs_follow():
    run = made_run(np.zeros(30, dtype=bool), 3)
    assert joined([run, run]).day.max() == 5


def test_densities_are_thirds_of_the_inhabited():
    assert densities_of(np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).tolist() == [-1, 0, 0, 1, 1, 2, 2]


def test_zones_are_grouped_by_squares_where_areas_are_too_few():
    outcome = simulate(MADE, calls(MADE, 400), builtin.closest())
    run = run_of(MADE, calls(MADE, 400), outcome)
    assert len(np.unique(groups_of(MADE, run))) >= 9


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("gap_s", [90.0, 400.0])
def test_no_strategy_passes_under_the_bound(seed: int, gap_s: float):
    made = town(seed, units=3)
    trace = calls(made, 160, seed, gap_s=gap_s)
    trace = replace(trace, noise=np.random.default_rng(seed).uniform(0.6, 1.5, len(trace)))
    bound = clairvoyant(made, trace, 0, 60)
    late = [run_of(made, trace, simulate(made, trace, s, warm_up=0.0)).late.sum() for s in strategies(made)]
    assert bound.calls == int((trace.priority <= 2).sum())
    assert bound.late <= min(late)


def test_the_bound_is_reached_where_calls_are_too_many():
    made = town(1, units=1)
    trace = calls(made, 40, gap_s=1.0)
    bound = clairvoyant(made, trace)
    assert bound.late >= bound.calls - 5
    none = replace(made, home=made.home[:0], kind=made.kind[:0])
    assert clairvoyant(none, trace).late == clairvoyant(none, trace).calls


def test_homes_are_found_where_one_plan_is_best():
    wanted = np.array([0, 2, 2, 4], dtype=np.int32)
    away = lambda homes: float(np.abs(np.sort(homes) - wanted).sum())  # noqa: E731
    homes, tries = tuned_homes(away, [np.zeros(4, dtype=np.int32)], 6, most=500, seed=1)
    assert homes.tolist() == wanted.tolist()
    assert tries < 500
    few, tries = tuned_homes(away, [np.zeros(4, dtype=np.int32)], 6, most=3, seed=1)
    assert tries == 3
    assert away(few) <= away(np.zeros(4))


def test_a_shaken_search_leaves_a_plan_that_no_single_move_betters():
    """Units want to stand together, at station 5 best; one alone is better off where it is."""

    def alone(homes):
        together = int(np.bincount(homes).max())
        return -float(together) - (10.0 if (homes == 5).all() else 0.0) if together > 1 else -2.5

    start = np.array([0, 1, 2], dtype=np.int32)
    stuck, _ = tuned_homes(alone, [start], 6, most=5_000, seed=1)
    freed, _ = tuned_homes(alone, [start], 6, most=5_000, seed=1, shakes=40)
    assert alone(stuck) == -2.5
    assert alone(freed) < -2.5


def test_one_station_leaves_nothing_to_tune():
    homes, tries = tuned_homes(lambda _: 1.0, [np.zeros(3, dtype=np.int32)], 1, most=10, seed=1)
    assert (homes.tolist(), tries) == ([0, 0, 0], 1)


def test_merged_zones_keep_all_demand_and_nearly_the_same_decisions():
    prepared = prepare(MADE)
    sharp = sharpened(prepared, 60.0)
    assert np.allclose(sharp.aims.weight.sum(axis=1), prepared.aims.weight.sum(axis=1))
    trace = calls(MADE, 800)
    strategy = builtin.smooth_with_moves(0.3, 0.001, turn=True)
    one, other = (simulate(p, trace, strategy).response_s for p in (prepared, sharp))
    assert one.mean() == pytest.approx(other.mean(), rel=0.03)


def test_every_strategy_is_tuned_on_the_learning_calls():
    budget = Budget(tries=5, homes=30, calls=300, seeds=(1,))
    learning = [calls(MADE, 300, 9)]
    tuned = {one.name: one for one in tune(MADE, learning, budget)}
    assert list(tuned) == [
        *("recorded_homes", "static_tuned", "dmexclp", "dmexclp_dispatch", "compliance_table", "tocsin")
    ]
    bench = Bench(MADE, learning)
    assert bench.cost(tuned["static_tuned"].strategy) <= bench.cost(tuned["recorded_homes"].strategy)
    homes = tuned["static_tuned"].strategy.homes
    for q in (0.1, 0.4, 0.7):
        assert bench.cost(tuned["dmexclp"].strategy) <= bench.cost(builtin.dmexclp(q, homes)) + 1e-12
    assert all(one.tries <= 5 for name, one in tuned.items() if name != "static_tuned")
    text = json.dumps(frozen(list(tuned.values())), allow_nan=False)
    assert text == json.dumps(frozen(tune(MADE, learning, budget)), allow_nan=False)
