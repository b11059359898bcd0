"""What our detector finds new, how it counts events, and what it costs in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting.streams import events, novelty
from tocsin.forecasting.streams.detector import SHIPPED, WARMING_UP, StreamDetector, WatchedStream, score_of
from tocsin.forecasting.streams.protocol import LINE, Flag

START = datetime(2024, 3, 1, tzinfo=UTC)


def watch(values, step=timedelta(minutes=5), stream=None):
    stream = stream or StreamDetector().begin()
    return [stream.take(START + i * step, value) for i, value in enumerate(values)]


def wave(count, seed=1):
    day = 50.0 + 30.0 * np.sin(np.arange(count) * 2 * np.pi / 288)
    return (day + np.random.default_rng(seed).normal(0, 1, count)).tolist()


def looked(values, step_s=300.0):
    about, new, all_new = novelty.fresh(), np.zeros(novelty.VIEWS), []
    for i, value in enumerate(values):
        novelty.look(*about, i * step_s, value, new)
        all_new.append(new.copy())
    return np.array(all_new), about


def test_novelty_is_the_distance_to_the_nearest_value_in_units_of_the_range():
    new, _ = looked([0.0, 10.0, 4.0, 4.0, 20.0])
    assert new[:, 0].tolist() == pytest.approx([0.0, 1.0, 0.4, 0.0, 0.5])


def test_novelty_does_not_depend_on_units():
    values = np.array(wave(600))
    one, _ = looked(values)
    other, _ = looked(values * 1000.0 - 7.0)
    assert np.allclose(one, other, atol=1e-6)


def test_examples_are_bounded_and_sorted():
    generator = np.random.default_rng(4)
    _, (examples, views, _) = looked(np.cumsum(generator.normal(0, 1, 20_000)) ** 3)
    for kept, view in zip(examples, views, strict=True):
        count = int(view[novelty.COUNT])
        assert 0 < count <= novelty.KEPT
        assert (np.diff(kept[:count]) >= 0).all()


def test_a_missing_peak_of_the_day_is_new_though_each_value_is_old():
    values = wave(288 * 8)
    values[288 * 7 + 30 : 288 * 7 + 120] = [50.0 + (v - v // 1) for v in values[288 * 7 + 30 : 288 * 7 + 120]]
    new, _ = looked(values)
    assert new[288 * 7 + 30 : 288 * 7 + 120, 0].max() < 0.05
    assert new[288 * 7 + 30 : 288 * 7 + 120, 4].max() > 0.1


def judged(totals, passed=1.0, constants=SHIPPED):
    (kept, state), heights, begins = events.fresh(), [], []
    for total in totals:
        new = np.array([total, 0.0, 0.0, 0.0, 0.0])
        heights.append(events.judge(new, passed, kept, state, constants.as_array()))
        begins.append(bool(state[events.BEGINS]))
    return np.array(heights), begins


def test_while_an_event_goes_on_only_what_is_higher_is_said():
    heights, begins = judged([0.0] * 50 + [0.5, 0.4, 0.6, 0.3])
    assert (heights[50:] > events.LOWEST).tolist() == [True, False, True, False]
    assert begins[50:] == [True, False, False, False]


def test_an_alarm_comes_again_only_after_quiet():
    rest = int(SHIPPED.rest) + 1
    _, begins = judged([0.5] + [0.0] * (rest // 2) + [0.5] + [0.0] * (rest // 2) + [0.5] + [0.0] * rest + [0.5])
    assert [i for i, begin in enumerate(begins) if begin] == [0, len(begins) - 1]


def test_what_happened_before_counts_for_less():
    apart = int(SHIPPED.apart) + 1
    heights, _ = judged(([0.5] + [0.0] * apart) * 6)
    said = heights[heights > events.LOWEST]
    assert len(said) == 6
    assert (np.diff(said) < 0).all()


def test_rest_is_time_not_readings():
    stream = StreamDetector().begin()
    watch(wave(1000), stream=stream)
    at = START + timedelta(minutes=5) * 1000
    assert stream.take(at, 300.0).alarm
    # Readings ten times as often: a hundred of them are ten usual steps, not a rest.
    soon = [stream.take(at + timedelta(seconds=30 * i), 300.0 + 60.0 * i) for i in range(1, 60)]
    assert not any(scored.alarm for scored in soon)


def test_events_are_bounded():
    heights, _ = judged(([0.5] + [0.0] * 3) * 2000, passed=300.0)
    assert np.isfinite(heights).all()


def test_the_first_readings_warm_up():
    said = watch([1.0, 1000.0] * 100)
    assert {scored.flag for scored in said[:WARMING_UP]} == {Flag.WARMING_UP}
    assert not any(scored.alarm or scored.score for scored in said[:WARMING_UP])
    assert said[WARMING_UP].flag is Flag.OK


def test_a_dead_sensor_is_repeated_not_unusual():
    values = wave(2000)
    values[1500:1900] = [values[1499]] * 400
    said = watch(values)
    dead = said[1600:1900]
    assert {scored.flag for scored in dead} == {Flag.REPEATED}
    assert not any(scored.alarm for scored in dead)


def test_a_score_stands_at_the_line_at_height_0():
    assert score_of(0.0) == LINE
    assert score_of(events.LOWEST) == 0.0
    assert score_of(-1.0) < LINE < score_of(1.0) < 1.0


def test_the_state_does_not_grow():
    stream = WatchedStream()
    watch(wave(500), stream=stream)
    held = sum(array.nbytes for array in (*stream._about, stream._events, stream._state))
    watch(wave(3000, seed=2), stream=stream)
    assert sum(array.nbytes for array in (*stream._about, stream._events, stream._state)) == held < 25_000
