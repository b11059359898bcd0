"""Which hour of the local week an hour of UTC is. Monday 00 is 0, Sunday 23 is 167."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

WEEK = 168
DAY = 24


def hours_of_week(start: datetime, hours: int, timezone: str) -> NDArray[np.int64]:
    """Local hour of the week, int64 (hours,), of the hours from `start` (UTC, on the hour).

    A day on which clocks change has 23 or 25 hours: an hour of the week is then left out or comes twice. Where the
    zone is not a whole number of hours from UTC, an hour belongs to the local hour in which it begins.
    """
    return _told(start, hours, timezone, 0)


def local_days(start: datetime, hours: int, timezone: str) -> NDArray[np.int64]:
    """Local date of the same hours, as `date.toordinal` numbers it: int64 (hours,)."""
    return _told(start, hours, timezone, 1)


def _told(start: datetime, hours: int, timezone: str, row: int) -> NDArray[np.int64]:
    if hours <= 0:
        return np.zeros(0, np.int64)
    first = start.astimezone(UTC)
    days = (first.hour + hours + DAY - 1) // DAY
    table = np.concatenate([_day(first.toordinal() + i, timezone)[row] for i in range(days)])
    return table[first.hour : first.hour + hours]


@lru_cache(maxsize=8192)
def _day(ordinal: int, timezone: str) -> NDArray[np.int64]:
    """Hour of the week and local date of the hours of one day of UTC: int64 (2, 24)."""
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(datetime.fromordinal(ordinal), datetime.min.time(), UTC)
    local = [(midnight + timedelta(hours=i)).astimezone(zone) for i in range(DAY)]
    table = np.array([[t.weekday() * DAY + t.hour for t in local], [t.toordinal() for t in local]], np.int64)
    table.flags.writeable = False
    return table


def last_midnight(until: datetime, timezone: str) -> datetime:
    """The last full hour not after `until` that begins a local day."""
    local = until.astimezone(ZoneInfo(timezone))
    back = local.hour
    at = (until - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0)
    return at.astimezone(UTC)
