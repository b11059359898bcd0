"""A series against a threshold: one alarm an event, from what had come in alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.errors import BadSettings
from tocsin.forecasting.streams.passing import usual_step, watch_level
from tocsin.forecasting.streams.quality import Flag

START = datetime(2026, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def floods(days: int) -> tuple[list[datetime], list[float | None]]:
    """A triangle of eight hours once a day."""
    levels = [max(0.0, 1.0 - abs(n % 96 - 48) / 16) + 0.001 * (n * 7 % 3) for n in range(days * 96)]
    return [START + n * QUARTER for n in range(len(levels))], list(levels)


def test_one_alarm_an_event_before_it():
    times, levels = floods(6)
    rows = list(watch_level(times, levels, 0.8, horizon=timedelta(hours=3)))
    passed = [n for n in range(3 * 96, len(levels)) if levels[n] >= 0.8 > levels[n - 1]]
    alarms = [n for n, row in enumerate(rows) if row.alarm and n >= 3 * 96]
    assert len(alarms) == len(passed) == 3
    assert all(0 <= crossing - alarm <= 12 for alarm, crossing in zip(alarms, passed, strict=True))
    assert all(row.score is None or 0.0 <= row.score <= 1.0 for row in rows)
    assert rows[10].score is None


def test_what_comes_later_changes_nothing():
    times, levels = floods(4)
    part = list(watch_level(times[:300], levels[:300], 0.8))
    whole = list(watch_level(times, levels, 0.8))
    assert [row.score for row in part] == [row.score for row in whole[:300]]


def test_a_fault_raises_no_alarm():
    times, levels = floods(4)
    levels[-1] = float("nan")
    row = list(watch_level(times, levels, 0.8))[-1]
    assert row.flag is Flag.NOT_A_NUMBER
    assert not row.alarm


@pytest.mark.parametrize("horizon", [timedelta(minutes=5), timedelta(days=3)])
def test_a_horizon_must_fit_the_step(horizon: timedelta):
    times, levels = floods(1)
    with pytest.raises(BadSettings, match="ask for 1 to 96"):
        next(iter(watch_level(times, levels, 0.8, horizon=horizon)))


def test_a_probability_is_none_of_0_and_1():
    times, levels = floods(1)
    with pytest.raises(BadSettings, match="not 1"):
        next(iter(watch_level(times, levels, 0.8, alarm_at=1)))


def test_the_step_is_the_usual_one():
    assert usual_step([START, START + QUARTER, START + 2 * QUARTER, START + timedelta(hours=9)]) == QUARTER
    with pytest.raises(ValueError, match="two readings"):
        usual_step([START, START])
