"""A gauge's outlook: slope, time to threshold, band from its own errors, and what it does with bad readings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tocsin.forecasting.streams.gauges import QUARTER, GaugeWatch, Outlook
from tocsin.forecasting.streams.own_errors import OwnErrors
from tocsin.forecasting.streams.quality import Flag
from tocsin.forecasting.streams.signals import Leading
from tocsin.forecasting.streams.slopes import robust_slope

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def river(days: float, seed: int = 1, lag: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Rain in showers, and a level that rises `lag` steps after it and falls by half in eight hours."""
    rng = np.random.default_rng(seed)
    steps = int(days * 96)
    rain = np.where(rng.random(steps) < 0.01, rng.gamma(2.0, 2.0, steps), 0.0)
    rain = np.convolve(rain, np.ones(6) / 6)[:steps]
    level = np.zeros(steps)
    for n in range(1, steps):
        level[n] = level[n - 1] * 0.5 ** (1 / 32) + (0.02 * rain[n - lag] if n >= lag else 0.0)
    return rain, np.round(level - 0.3 + rng.normal(0, 0.001, steps), 3)


def watched(level: Iterable[float | None], rain: Iterable[float] | None = None) -> GaugeWatch:
    watch = GaugeWatch(leading=[] if rain is None else [Leading("hill", "rain")])
    drops = [None] * 10**6 if rain is None else list(rain)
    for n, value in enumerate(level):
        watch.take(START + n * QUARTER, value, {"hill": drops[n]})
    return watch


def told(watch: GaugeWatch, threshold: float | None = None) -> Outlook:
    outlook = watch.outlook(threshold)
    assert outlook is not None
    return outlook


def test_before_the_first_reading_nothing_is_said():
    assert GaugeWatch().outlook(1.0) is None


def test_a_young_gauge_says_its_level_and_slope_and_no_band():
    outlook = told(watched([1.0, 1.1, 1.2, 1.3]), 2.0)
    assert outlook.level == 1.3
    assert outlook.slope is not None
    assert outlook.slope.per_h == pytest.approx(0.4)
    assert outlook.levels is None
    assert outlook.passes is None
    assert outlook.passes_within(HOUR) is None


def test_the_band_holds_about_as_often_as_it_says():
    rain, level = river(18)
    watch = GaugeWatch(leading=[Leading("hill", "rain")])
    held, asked = 0, 0
    for n, (drop, value) in enumerate(zip(rain.tolist(), level.tolist(), strict=True)):
        watch.take(START + n * QUARTER, value, {"hill": drop})
        if n >= 10 * 96 and n % 5 == 0 and n + 12 < len(level):
            levels = told(watch).levels
            assert levels is not None
            assert np.all(np.diff(levels, axis=1) >= 0)
            held += levels[11, 0] <= level[n + 12] <= levels[11, -1]
            asked += 1
    assert 0.7 < held / asked < 0.9


def test_rain_on_the_hill_warns_before_the_level_moves():
    rain, level = river(12, seed=3)
    rain, level = np.append(rain, [6.0] * 6), np.append(level, [level[-1]] * 6)
    threshold = float(level[-1]) + 0.1
    led = told(watched(level.tolist(), rain.tolist()), threshold).passes_within(3 * HOUR)
    alone = told(watched(level.tolist()), threshold).passes_within(3 * HOUR)
    assert led is not None
    assert alone is not None
    assert led > 0.6
    assert alone < 0.2


def test_rain_that_says_nothing_is_not_heard():
    _, level = river(12)
    noise = np.random.default_rng(9).gamma(0.1, 1.0, len(level))
    with_noise, alone = told(watched(level.tolist(), noise.tolist())), told(watched(level.tolist()))
    assert np.max(np.abs(with_noise.expected - alone.expected)) < 0.02


def test_a_higher_threshold_is_reached_later_and_less_likely():
    rain, level = river(12, seed=3)
    watch = watched(level.tolist(), rain.tolist())
    passes = [told(watch, float(level[-1]) + rise).passes for rise in (0.01, 0.05, 0.2, 1.0, 100.0)]
    for lower, higher in pairwise(passes):
        assert lower is not None
        assert higher is not None
        assert np.all(higher <= lower)
        assert np.all(np.diff(lower) >= 0)
    assert passes[-1] is not None
    assert passes[-1][-1] < 1e-3


def test_time_to_threshold_has_an_early_and_a_late_end():
    rain, level = river(12, seed=3)
    watch = watched([*level.tolist(), *(level[-1] + 0.03 * np.arange(1, 9)).tolist()], [*rain.tolist(), *[6.0] * 8])
    outlook = told(watch, float(level[-1]) + 0.3)
    assert outlook.time_to is not None
    early, middle, _ = outlook.time_to
    assert early is not None
    assert middle is not None
    assert QUARTER <= early <= middle <= 6 * HOUR


def test_above_the_threshold_it_says_when_it_may_be_below_again():
    rain, level = river(12, seed=3)
    peak = 6 * 96 + int(np.argmax(level[6 * 96 : -30]))
    watch = watched(level[: peak + 13].tolist(), rain[: peak + 13].tolist())
    fallen = [told(watch, threshold) for threshold in (float(level[peak + 12]), float(level[peak + 12]) - 0.2)]
    for outlook in fallen:
        assert outlook.time_to == (timedelta(0), timedelta(0), timedelta(0))
        assert outlook.passes_within(HOUR) == 1.0
        assert outlook.below is not None
    assert fallen[0].below is not None
    assert fallen[1].below is not None
    assert fallen[0].below[-1] > 0.5
    assert np.all(fallen[1].below <= fallen[0].below)


def test_the_recession_is_found():
    _, level = river(14)
    halves = told(watched(level.tolist())).halves_in_h
    assert halves is not None
    assert 5 < halves < 12


def test_only_readings_before_count():
    rain, level = river(6)
    watch = watched(level.tolist(), rain.tolist())
    before = told(watch, 0.1)
    changed = watched([*level.tolist()], [*rain.tolist()])
    assert before.passes is not None
    assert np.array_equal(before.passes, told(changed, 0.1).passes)
    watch.take(START + len(level) * QUARTER, 5.0, {"hill": 50.0})
    assert np.array_equal(before.passes, told(changed, 0.1).passes)


def test_a_missing_level_is_held_for_a_while_then_nothing_is_said():
    _, level = river(5)
    watch = watched([*level.tolist(), *[None] * 8])
    assert told(watch).at == START + (len(level) - 1) * QUARTER
    watch.take(START + (len(level) + 8) * QUARTER, None)
    assert watch.outlook() is None
    watch.take(START + (len(level) + 9) * QUARTER, 0.0)
    assert told(watch).level == 0.0


def test_rows_that_are_not_there_are_as_missing_ones():
    _, level = river(5)
    whole = watched([*level.tolist(), None, None, None, 0.1])
    gap = watched(level.tolist())
    gap.take(START + (len(level) + 3) * QUARTER, 0.1)
    assert np.array_equal(told(whole, 0.2).expected, told(gap, 0.2).expected)


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), 99.0, -99.0])
def test_faults_are_not_learned_from(bad: float | None):
    watch = GaugeWatch(low=-1.0, high=5.0)
    _, level = river(5)
    for n, value in enumerate(level.tolist()):
        watch.take(START + n * QUARTER, value)
    assert not watch.take(START + len(level) * QUARTER, bad).usable
    outlook = told(watch, 0.5)
    assert outlook.level == level[-1]
    assert np.all(np.isfinite(outlook.expected))


def test_clock_faults_change_nothing():
    _, level = river(5)
    watch = watched(level.tolist())
    before = told(watch, 0.2)
    last = START + (len(level) - 1) * QUARTER
    assert watch.take(last, 3.0) is Flag.DUPLICATE
    assert watch.take(last - 5 * HOUR, 3.0) is Flag.CLOCK_BACK
    assert watch.take(last + timedelta(days=400), 3.0) is Flag.CLOCK_JUMP
    after = told(watch, 0.2)
    assert np.array_equal(before.expected, after.expected)
    assert before.at == after.at


@pytest.mark.parametrize("level", [[0.0] * 400, [-5.0] * 400, [1e6, -1e6] * 200, [0.0] * 399 + [1e7]])
def test_odd_streams_give_finite_numbers(level: list[float]):
    watch = watched(level)
    outlook = watch.outlook(1.0)
    if outlook is None:
        return
    assert outlook.levels is not None
    for numbers in (outlook.expected, outlook.levels, outlook.passes, outlook.below):
        assert np.all(np.isfinite(numbers))
    assert outlook.passes is not None
    assert np.all((outlook.passes >= 0) & (outlook.passes <= 1))


def test_one_wrong_reading_does_not_turn_the_slope():
    hours = np.arange(9) * 0.25
    slope = robust_slope(hours, np.where(np.arange(9) == 4, 50.0, 0.2 * hours))
    assert slope is not None
    assert slope.per_h == pytest.approx(0.2)
    assert slope.low <= 0.2 <= slope.high
    assert robust_slope(hours, np.full(9, np.nan)) is None


def test_the_band_of_the_slope_holds():
    rng = np.random.default_rng(1)
    hours = np.arange(9) * 0.25
    slopes = [robust_slope(hours, 0.3 * hours + rng.normal(0, 0.1, 9)) for _ in range(400)]
    held = np.mean([slope is not None and slope.low <= 0.3 <= slope.high for slope in slopes])
    assert 0.75 < held < 0.92


def test_own_errors_give_back_their_law():
    rng = np.random.default_rng(1)
    errors = OwnErrors(2, 5000)
    for _ in range(6000):
        errors.add(np.array([0, 1]), rng.standard_normal(2) * [1.0, 3.0])
    law = errors.law()
    assert law.quantiles(np.array([0.1, 0.5, 0.9]))[1] == pytest.approx([-3.84, 0.0, 3.84], abs=0.2)
    assert law.exceedance(np.array([1.2816, 3 * 2.3263])) == pytest.approx([0.1, 0.01], rel=0.25)
    assert errors.counted.tolist() == [5000, 5000]
