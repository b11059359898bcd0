"""Times of a scenario: with their offset, or counted from the beginning of the exercise."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from tocsin.errors import BadScenario

_AFTER = re.compile(r"\+(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
HOW = "write 2017-01-01T01:30:00-08:00, or +1:30 for an hour and a half after the beginning"


def read_time(found: object, where: str, start: datetime) -> datetime:
    """A time of a scenario, UTC.

    Args:
        start: the beginning of the exercise, which `+1:30` counts from.
    Raises: BadScenario for what is no time, and for a time without a zone.
    """
    if isinstance(found, str):
        after = _AFTER.fullmatch(found.strip())
        if after is not None:
            hours, minutes, seconds = (int(part or 0) for part in after.groups())
            return start + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        try:
            found = datetime.fromisoformat(found.strip())
        except ValueError as error:
            raise BadScenario(where, f"{found!r} is no time: {HOW}") from error
    if isinstance(found, datetime):
        if found.tzinfo is None:
            raise BadScenario(where, f"{found.isoformat()} has no zone: {HOW}")
        return _utc(found, where)
    told = found.isoformat() if isinstance(found, date) else repr(found)
    raise BadScenario(where, f"{told} is no time: {HOW}")


def _utc(time: datetime, where: str) -> datetime:
    """Raises: BadScenario for a time that lies before the first year or after the last one in UTC."""
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise BadScenario(where, f"{time.isoformat()} lies beyond the calendar: {HOW}") from error
