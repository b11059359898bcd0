"""Which part of a record is learned from and which is scored. Learning always ends before scoring begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.model.city import Period

FIRST_DAYS = 3
"""Learned from where no earlier days are known."""
ENOUGH_DAYS = 28
"""A record of so many days is learned from but for its last quarter."""
MOST_SCORED_DAYS = 28
MOST_LEARNED_DAYS = 365
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Split:
    """`learn` ends where `score` begins or before."""

    learn: Period
    score: Period


def split_of(first: datetime, last: datetime, timezone: str, asked: Period | None = None) -> Split | None:
    """Learning and scored span of a record from `first` to `last`, both aware; None where nothing is left to score.

    Args:
        asked: what the caller wants scored. Where less than `FIRST_DAYS` lie before it, its own first days are
            learned from and only the rest is scored.
    """
    begin, end = _midnight(first, timezone), last.astimezone(UTC) + timedelta(microseconds=1)
    if asked is not None:
        end = min(end, asked.end.astimezone(UTC))
        start = max(begin, asked.start.astimezone(UTC))
        if start - begin < FIRST_DAYS * _DAY:
            start = max(start, begin) + FIRST_DAYS * _DAY
    elif end - begin >= ENOUGH_DAYS * _DAY:
        start = max(end - (end - begin) / 4, end - MOST_SCORED_DAYS * _DAY)
        start = _midnight(start, timezone)
    else:
        start = begin + min(FIRST_DAYS * _DAY, (end - begin) / 2)
    if start >= end or start <= begin:
        return None
    return Split(Period(max(begin, start - MOST_LEARNED_DAYS * _DAY), start), Period(start, end))


def _midnight(at: datetime, timezone: str) -> datetime:
    """The local midnight at or before `at`, in UTC."""
    local = at.astimezone(ZoneInfo(timezone))
    return datetime.combine(local.date(), time(0), tzinfo=local.tzinfo).astimezone(UTC)
