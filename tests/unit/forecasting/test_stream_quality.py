"""Faults of the meter are told apart from anything unusual in what it measures."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting.streams.quality import Flag, StreamQuality

START = datetime(2026, 3, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
NAN = float("nan")


def noisy(points: int, seed: int = 1) -> list[float]:
    return np.random.default_rng(seed).normal(10.0, 1.0, points).tolist()


def fed(quality: StreamQuality, values: list[float], start: datetime = START) -> list[Flag]:
    return [quality.look(start + n * QUARTER, value) for n, value in enumerate(values)]


def test_an_ordinary_stream_has_no_faults():
    quality = StreamQuality()
    assert set(fed(quality, noisy(2000))) == {Flag.OK}
    assert quality.step_s == 900.0


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (None, Flag.MISSING),
        (NAN, Flag.NOT_A_NUMBER),
        (float("inf"), Flag.NOT_A_NUMBER),
        (-0.5, Flag.OUT_OF_RANGE),
        (101.0, Flag.OUT_OF_RANGE),
        (0.0, Flag.OK),
        (100.0, Flag.OK),
    ],
)
def test_values_that_are_none(value: float | None, flag: Flag):
    quality = StreamQuality(low=0.0, high=100.0)
    fed(quality, noisy(50))
    assert quality.look(START + 50 * QUARTER, value) is flag
    assert quality.look(START + 51 * QUARTER, 10.0) is Flag.OK


def test_only_what_nothing_is_wrong_with_is_used():
    assert [flag for flag in Flag if flag.usable] == [Flag.OK, Flag.WARMING_UP]


def test_rows_that_are_not_there_are_counted():
    quality = StreamQuality()
    fed(quality, noisy(100))
    assert quality.look(START + 104 * QUARTER, 10.0) is Flag.OK
    assert quality.missed == 4
    assert quality.look(START + 105 * QUARTER, 11.0) is Flag.OK
    assert quality.missed == 0


def test_a_sensor_that_repeats_itself_is_dead_until_it_moves():
    quality = StreamQuality()
    flags = fed(quality, [*noisy(2000), *[10.0] * 60, *noisy(20, seed=2)])
    assert flags[2000 + 20 : 2060] == [Flag.REPEATED] * 40
    assert set(flags[2060:]) == {Flag.OK}
    assert Flag.REPEATED not in flags[:2005]


def test_a_dead_sensor_is_told_although_rows_are_missing():
    quality = StreamQuality()
    fed(quality, noisy(2000))
    flags = [quality.look(START + (2000 + n) * QUARTER, None if n % 3 == 2 else 10.0) for n in range(60)]
    assert flags[-3:] == [Flag.REPEATED, Flag.REPEATED, Flag.MISSING]


def test_a_constant_stream_is_no_dead_sensor():
    assert set(fed(StreamQuality(), [4.0] * 20_000)) == {Flag.OK}


def test_a_coarse_stream_is_no_dead_sensor():
    steps = np.random.default_rng(3).random(20_000) < 0.03
    level = np.cumsum(np.where(steps, np.random.default_rng(4).choice([-0.01, 0.01], 20_000), 0.0)).round(2)
    assert Counter(fed(StreamQuality(), level.tolist()))[Flag.REPEATED] == 0


def test_rain_rests_at_zero_for_weeks():
    """Showers of an hour every two days, then three dry weeks, then a tipping bucket stuck at 0.4."""
    rng = np.random.default_rng(5)
    showers = [value for _ in range(60) for value in [*[0.0] * 192, *rng.uniform(0.2, 5.0, 4).tolist()]]
    flags = fed(StreamQuality(), [*showers, *[0.0] * 2000, *[0.4] * 500])
    assert set(flags[:-500]) == {Flag.OK}
    assert flags[-300:] == [Flag.REPEATED] * 300


def test_what_keeps_happening_is_the_streams_own_way():
    quality = StreamQuality()
    fed(quality, noisy(2000))
    start = START + 2000 * QUARTER
    counted = []
    for n in range(6):
        flags = fed(quality, [*[10.0 + n] * 50, *noisy(50, seed=n)], start + n * 100 * QUARTER)
        counted.append(flags.count(Flag.REPEATED))
    assert counted[0] > 30
    assert counted[-1] == 0


@pytest.mark.parametrize(("again", "conflicting"), [(5.0, False), (6.0, True)])
def test_a_stamp_that_comes_twice_counts_once(again: float, conflicting: bool):
    quality = StreamQuality()
    fed(quality, noisy(20))
    at = START + 20 * QUARTER
    assert quality.look(at, 5.0) is Flag.OK
    assert quality.look(at, again) is Flag.DUPLICATE
    assert quality.conflicting is conflicting


def test_one_late_row_is_put_aside():
    quality = StreamQuality()
    fed(quality, noisy(40))
    assert quality.look(START + 10 * QUARTER + timedelta(minutes=1), 5.0) is Flag.CLOCK_BACK
    assert quality.look(START + 40 * QUARTER, 10.0) is Flag.OK


def test_one_stamp_of_next_year_is_put_aside():
    quality = StreamQuality()
    fed(quality, noisy(40))
    assert quality.look(START + timedelta(days=365), 5.0) is Flag.CLOCK_JUMP
    assert fed(quality, noisy(40), START + 40 * QUARTER) == [Flag.OK] * 40


@pytest.mark.parametrize(
    ("moved", "flag"),
    [(timedelta(days=365), Flag.CLOCK_JUMP), (-timedelta(days=365), Flag.CLOCK_BACK)],
)
def test_a_clock_that_was_set_is_believed_at_the_third_point(moved: timedelta, flag: Flag):
    quality = StreamQuality()
    fed(quality, noisy(40))
    flags = fed(quality, noisy(40), START + moved)
    assert flags == [flag, flag, *[Flag.OK] * 38]


def test_the_hour_that_daylight_saving_repeats_costs_two_points_at_most():
    """Local stamps without a zone, taken as UTC: 00:00 … 01:45, 01:00 … 01:45, 02:00 …"""
    quality = StreamQuality()
    fed(quality, noisy(200), START - 200 * QUARTER)
    stamps = [*range(8), *range(4, 8), *range(8, 20)]
    flags = [quality.look(START + n * QUARTER, 10.0 + i) for i, n in enumerate(stamps)]
    assert Counter(flags) == {Flag.OK: 22, Flag.CLOCK_BACK: 2}


def test_the_repeated_hour_of_an_hourly_stream_is_a_duplicate():
    quality = StreamQuality()
    hours = [*range(30), 29, *range(30, 40)]
    flags = [quality.look(START + timedelta(hours=n), float(i)) for i, n in enumerate(hours)]
    assert Counter(flags) == {Flag.OK: 40, Flag.DUPLICATE: 1}


def test_the_state_stays_small():
    quality = StreamQuality()
    for n, value in enumerate(noisy(5000)):
        quality.look_s(n * 60.0, value)
    assert len(quality._clock._steps) <= 64
