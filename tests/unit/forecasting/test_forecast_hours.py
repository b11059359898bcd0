from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tocsin.forecasting.hours import hours_of_week, last_midnight
from tocsin.forecasting.protocol import HOUR, History, first_hour, history_of
from tocsin.model.ids import AreaId
from tocsin.situation.picture import Arrivals

AREAS = (AreaId("north"), AreaId("south"))
NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_hours_of_the_week_are_local(zone):
    start = datetime(2021, 3, 1, 7, tzinfo=UTC)
    local = [(start + i * HOUR).astimezone(ZoneInfo(zone)) for i in range(24 * 40)]
    assert hours_of_week(start, len(local), zone).tolist() == [t.weekday() * 24 + t.hour for t in local]


def test_a_day_of_23_hours_leaves_one_out_and_a_day_of_25_has_one_twice():
    spring = hours_of_week(datetime(2021, 3, 14, 5, tzinfo=UTC), 23, "America/New_York")
    assert len(set(spring.tolist())) == 23
    assert 6 * 24 + 2 not in spring
    autumn = hours_of_week(datetime(2021, 11, 7, 4, tzinfo=UTC), 25, "America/New_York").tolist()
    assert autumn.count(6 * 24 + 1) == 2


def test_no_hours_are_none():
    assert hours_of_week(NOON, 0, "UTC").tolist() == []


def test_the_last_midnight_is_local():
    assert last_midnight(NOON, "America/New_York") == datetime(2021, 3, 10, 5, tzinfo=UTC)
    assert last_midnight(datetime(2021, 3, 10, 5, tzinfo=UTC), "America/New_York") == datetime(
        2021, 3, 10, 5, tzinfo=UTC
    )


def test_the_first_full_hour_is_not_before_now():
    assert first_hour(NOON) == NOON
    assert first_hour(NOON + timedelta(microseconds=1)) == NOON + HOUR


def test_before_leaves_out_the_hour_under_way():
    history = History(NOON, np.arange(10, dtype=np.int32).reshape(5, 2), AREAS, "UTC", np.arange(5, dtype=np.int32))
    cut = history.before(NOON + 2 * HOUR + timedelta(minutes=59))
    assert cut.counts.tolist() == [[0, 1], [2, 3]]
    assert cut.unplaced is not None
    assert cut.unplaced.tolist() == [0, 1]
    assert cut.until == NOON + 2 * HOUR
    assert len(history.before(NOON - HOUR).counts) == 0


def arrivals(*rows):
    return Arrivals(NOON, np.array(rows, np.int32))


def test_history_counts_whole_hours_only_and_calls_of_no_area_apart():
    seen = arrivals([1, 2, 3], [4, 5, 6], [7, 8, 9])
    history = history_of(seen, AREAS, "UTC", NOON + 2.5 * HOUR, since=NOON)
    assert history.start == NOON
    assert history.counts.tolist() == [[1, 2], [4, 5]]
    assert history.unplaced is not None
    assert history.unplaced.tolist() == [3, 6]
    assert history.with_unplaced().sum() == 21


def test_an_hour_that_the_feed_saw_in_part_is_left_out():
    seen = arrivals([1, 2, 3], [4, 5, 6], [7, 8, 9])
    now = NOON + 2.5 * HOUR
    assert history_of(seen, AREAS, "UTC", now).counts.tolist() == [[4, 5]]
    assert history_of(seen, AREAS, "UTC", now, since=NOON + 0.2 * HOUR).counts.tolist() == [[4, 5]]


def test_silent_hours_before_the_first_and_after_the_last_call_are_known_to_be_zero():
    history = history_of(arrivals([1, 2, 3]), AREAS, "UTC", NOON + 3 * HOUR, since=NOON - 2 * HOUR)
    assert history.start == NOON - 2 * HOUR
    assert history.counts.tolist() == [[0, 0], [0, 0], [1, 2], [0, 0], [0, 0]]


def test_without_a_call_there_are_only_silent_hours():
    nothing = Arrivals(None, np.zeros((0, 3), np.int32))
    assert len(history_of(nothing, AREAS, "UTC", NOON).counts) == 0
    assert history_of(nothing, AREAS, "UTC", NOON, since=NOON - 5 * HOUR).counts.tolist() == [[0, 0]] * 5
