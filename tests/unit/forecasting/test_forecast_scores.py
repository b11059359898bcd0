from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import stats

from tocsin.forecasting import laws
from tocsin.forecasting.demand.climatology import HOUR_OF_WEEK_FROM, Climatology, plain_means
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.protocol import HOUR, History
from tocsin.forecasting.scoring.scores import ReplayScore, Score, crps, gain, pinball, randomised_pit
from tocsin.model.ids import AreaId

START = datetime(2021, 1, 4, tzinfo=UTC)


def history(counts, unplaced=None):
    areas = tuple(AreaId(str(i)) for i in range(counts.shape[1]))
    return History(START, counts.astype(np.int32), areas, "UTC", unplaced)


def drawn(hours, areas=4, mean=1.2, seed=2):
    return np.random.default_rng(seed).poisson(mean, (hours, areas))


def test_pinball_by_hand():
    assert pinball(3, [1, 3, 6], (0.1, 0.5, 0.9)) == pytest.approx((0.1 * 2 + 0 + 0.1 * 3) / 3)


@pytest.mark.parametrize(("mean", "dispersion"), [(0.0, 0.5), (0.3, 0.0), (2.0, 0.4), (60.0, 0.05), (90.0, 3.0)])
@pytest.mark.parametrize("observed", [0, 1, 70, 400])
def test_crps_is_the_sum_over_counts(mean, dispersion, observed):
    k = np.arange(0, 20_000)
    expected = ((laws.cdf(k, mean, dispersion) - (k >= observed)) ** 2).sum()
    assert crps(observed, mean, dispersion) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_crps_of_a_large_count_is_close_to_the_normal_laws():
    mean, y = 1e6, 1_001_500
    z = (y - mean) / 1e3
    normal = 1e3 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert crps(y, mean, 0.0) == pytest.approx(normal, rel=0.01)


def test_crps_of_a_surge_far_off_the_law_ends():
    assert crps(5_000, 0.001, 0.0) == pytest.approx(5_000, rel=1e-3)


def test_pit_is_uniform_for_the_right_law_and_not_for_a_narrow_one():
    generator = np.random.default_rng(11)
    mean = generator.gamma(1.0, 1.0, 4_000)
    y = generator.poisson(generator.gamma(2.0, mean / 2.0))
    right = randomised_pit(y, mean, 0.5, np.random.default_rng(3))
    narrow = randomised_pit(y, mean, 0.0, np.random.default_rng(3))
    assert stats.kstest(right, "uniform").pvalue > 0.05
    assert stats.kstest(narrow, "uniform").pvalue < 1e-6
    assert (randomised_pit(y, mean, 0.5, np.random.default_rng(3)) == right).all()


def run(counts, model, hours, score=None, horizon=24):
    score = score or ReplayScore(seed=4)
    for hour in range(hours + 1):
        known = history(counts[:hour])
        score.arrived(known)
        score.issued(model.learn(known).forecast(known.until, horizon))
    return score


def test_every_step_that_is_over_is_counted_once():
    hours = 30
    report = run(drawn(hours), CountModel(), hours).report()
    steps = sum(min(24, hours - issued) for issued in range(hours))
    assert report["n"] == 4 * steps
    assert report["climatology"]["n"] == 4 * steps
    assert report["city"]["n"] == steps
    assert [report["by_horizon"][h]["n"] for h in ("1", "6", "24")] == [4 * 30, 4 * 25, 4 * 7]
    assert sum(report["pit_bins"]) == report["n"]
    assert report["coverage_80_seed"] == 4


def test_scores_are_those_of_the_truth():
    counts = drawn(5)
    score = Score(1)
    demand = CountModel().learn(history(counts[:3])).forecast(START + 3 * HOUR, 2)
    score.issued(demand)
    score.arrived(history(counts[:4]))
    assert score.all.n == 0, "not before its last hour is over"
    score.arrived(history(counts))
    truth = counts[3:5].T
    assert score.all.pinball == pytest.approx(pinball(truth, demand.quantiles).sum())
    assert score.all.crps == pytest.approx(crps(truth, demand.mean, demand.dispersion).sum())
    low, high = demand.quantiles[..., 0], demand.quantiles[..., -1]
    assert score.all.inside_raw == ((truth >= low) & (truth <= high)).sum()
    assert score.all.promised == pytest.approx(laws.promised(low, high, demand.mean, demand.dispersion).sum())


def test_the_citys_truth_has_the_calls_of_no_area():
    counts = drawn(4)
    score = Score(1)
    demand = CountModel().learn(history(counts[:3])).forecast(START + 3 * HOUR, 1)
    score.issued(demand)
    score.arrived(history(counts, np.full(4, 9, np.int32)))
    assert score.city.pinball == pytest.approx(float(pinball(counts[3].sum() + 9, demand.city_quantiles[0])))


def test_no_hour_that_was_learned_from_is_judged():
    counts = drawn(10)
    demand = CountModel().learn(history(counts[:3])).forecast(START + 3 * HOUR, 4)
    cheat = replace(demand, learned_until=START + 5 * HOUR)
    score = Score(1)
    score.issued(cheat)
    score.arrived(history(counts))
    assert score.all.n == 2 * 4


def test_a_demand_counts_once_and_is_let_go():
    counts = drawn(60)
    score = Score(1)
    for hour in range(60):
        known = history(counts[:hour])
        score.arrived(known)
        demand = Climatology().learn(known).forecast(known.until)
        assert score.issued(demand)
        assert not score.issued(demand)
        assert len(score._open) <= 24


def test_the_same_seed_gives_the_same_report_and_nothing_gives_none():
    counts = drawn(40)
    assert run(counts, CountModel(), 40).report() == run(counts, CountModel(), 40).report()
    empty = ReplayScore(seed=1).report()
    assert empty["n"] == 0
    assert empty["pinball"] is None
    assert empty["gain_over_climatology"] is None


def test_a_right_law_covers_what_it_promises():
    hours = 24 * 5
    report = run(drawn(hours, areas=16), CountModel(), hours).report()
    assert report["coverage_80"] == pytest.approx(0.8, abs=0.03)
    assert report["coverage_80_raw"] == pytest.approx(report["coverage_80_expected"], abs=0.03)
    assert report["coverage_80_raw"] > 0.85


def test_gain_needs_a_rival():
    assert gain(0.8, 1.0) == pytest.approx(0.2)
    assert gain(0.8, None) is None
    assert gain(0.8, 0.0) is None
    assert gain(None, 1.0) is None


def test_the_plain_rival_means_the_same_hours():
    counts = np.arange(HOUR_OF_WEEK_FROM, dtype=float)[:, None] % 168
    slots = np.arange(len(counts)) % 168
    ahead = np.array([3, 100])
    shrunk = (np.array([3, 100]) * 8 + 0.5 * 83.5) / 8.5
    assert plain_means(counts, slots, ahead)[:, 0] == pytest.approx(shrunk, rel=1e-3)
    days = plain_means(counts[: 2 * 168], slots[: 2 * 168], ahead)[:, 0]
    assert days[0] == pytest.approx(3 + 72, abs=2)
    hours = plain_means(counts[:50], slots[:50], ahead)[:, 0]
    assert hours[0] == hours[1] == pytest.approx(24.5, abs=0.5)
