"""Outbreak methods and gauges keep the protocol of a stream under watch and say the same as their series do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.errors import BadSettings
from tocsin.forecasting.outbreaks.stream import OutbreakStream
from tocsin.forecasting.outbreaks.watch import METHODS, watch_series
from tocsin.forecasting.streams.passing import watch_level
from tocsin.forecasting.streams.quality import Flag
from tocsin.forecasting.streams.threshold import ThresholdStream

START = datetime(2018, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize("method", METHODS)
def test_counts_one_by_one_say_what_the_series_says(method):
    counts = np.random.default_rng(1).poisson(8.0, 130).astype(float)
    counts[-1] = 60.0
    times = [START + n * WEEK for n in range(len(counts))]
    stream = OutbreakStream(method, WEEK)
    said = [(stream.take(at, count), stream.row) for at, count in zip(times, counts.tolist(), strict=True)]
    rows = watch_series(times, counts.tolist(), method, every=WEEK)
    assert [row for _, row in said] == rows
    assert all((scored.score > 0.5) == scored.alarm for scored, _ in said)
    assert said[-1][0].alarm
    assert said[0][0].flag is Flag.WARMING_UP


@pytest.mark.parametrize(
    ("at", "value", "flag"),
    [
        (START + 20 * WEEK, None, Flag.MISSING),
        (START + 20 * WEEK, float("nan"), Flag.NOT_A_NUMBER),
        (START + 20 * WEEK, -1.0, Flag.OUT_OF_RANGE),
        (START + 19 * WEEK, 5.0, Flag.DUPLICATE),
        (START + 3 * WEEK, 5.0, Flag.CLOCK_BACK),
        (START + 20 * WEEK + timedelta(days=2), 5.0, Flag.CLOCK_JUMP),
        (START + 900 * WEEK, 5.0, Flag.CLOCK_JUMP),
    ],
)
def test_bad_counts_are_put_aside(at: datetime, value: float | None, flag: Flag):
    stream = OutbreakStream("ears-c1", WEEK)
    for n in range(20):
        stream.take(START + n * WEEK, 5.0 + n % 3)
    scored = stream.take(at, value)
    assert (scored.score, scored.alarm, scored.flag) == (0.0, False, flag)
    after = [stream.take(START + n * WEEK, 5.0 + n % 3) for n in range(21, 33)]
    assert [one.flag for one in after[-3:]] == [Flag.OK] * 3
    assert stream.take(START + 33 * WEEK, 50.0).alarm


@pytest.mark.parametrize(
    ("apart", "every", "says"),
    [
        (timedelta(minutes=15), timedelta(days=1), "stand 15 min apart, not 1d: sum them to days"),
        (timedelta(hours=12), timedelta(days=1), "stand 12 h apart, not 1d"),
        (timedelta(days=7), timedelta(days=1), "stand 7 d apart, not 1d: say --every 7d"),
        (timedelta(days=1), WEEK, "stand 1 d apart, not 7d: say --every 1d"),
        (timedelta(days=30), WEEK, "stand 30 d apart, not 7d: counts per day or per week are needed"),
    ],
)
def test_readings_that_are_no_such_counts_are_refused_at_once(apart: timedelta, every: timedelta, says: str):
    stream = OutbreakStream("ears-c1", every)
    for n in range(8):
        stream.take(START + n * apart, 1.0)
    with pytest.raises(BadSettings, match=says):
        stream.take(START + 8 * apart, 1.0)


def test_days_that_are_missing_or_told_twice_are_no_other_step():
    stream = OutbreakStream("ears-c1", timedelta(days=1))
    for n in (0, 1, 1, 3, 6, 6, 9, 12, 15, 16, 18, 19):
        stream.take(START + timedelta(days=n), 5.0)
    for n in range(20, 40):
        stream.take(START + timedelta(days=n), 5.0 + n % 3)
    assert stream.take(START + timedelta(days=40), 90.0).alarm


def test_old_counts_are_forgotten():
    stream = OutbreakStream("ears-c1", timedelta(days=1))
    for n in range(2500):
        stream.take(START + timedelta(days=n), float(n % 5))
    assert len(stream._counts) <= 366 * 6
    assert stream.take(START + timedelta(days=2500), 100.0).alarm


def test_only_days_and_weeks():
    with pytest.raises(ValueError, match="--every 1d"):
        OutbreakStream("farrington", timedelta(hours=1))


def test_levels_one_by_one_say_what_the_series_says():
    levels = [max(0.0, 1.0 - abs(n % 96 - 48) / 16) + 0.001 * (n * 7 % 3) for n in range(300)]
    times = [START + n * timedelta(minutes=15) for n in range(len(levels))]
    stream = ThresholdStream(0.8, timedelta(hours=3))
    said = [stream.take(at, level) for at, level in zip(times, levels, strict=True)]
    rows = list(watch_level(times, levels, 0.8, horizon=timedelta(hours=3)))
    assert [one.score for one in said[10:]] == [row.score or 0.0 for row in rows[10:]]
    assert [one.alarm for one in said[10:]] == [row.alarm for row in rows[10:]]
    assert stream.outlook() is not None
    assert said[0].flag is Flag.WARMING_UP
