"""Which steps of past years are compared with a step, and which part of the year each step belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WEEK = timedelta(days=7)


def by_index(steps_per_year: int, years: int) -> Callable[[int], list[int]]:
    """The same date of past years is a fixed number of steps back."""

    def at(now: int) -> list[int]:
        return [step for year in range(years + 1) if (step := now - year * steps_per_year) >= 0]

    return at


def by_date(dates: Sequence[date], years: int) -> Callable[[int], list[int]]:
    """The same date by the calendar; for weeks the nearest date on the same weekday. 29 February is 1 March in years
    that lack it. Only years whose date is among `dates` are given, and none after one that is not."""
    place = {day: step for step, day in enumerate(dates)}
    weekly = len(dates) > 1 and dates[1] - dates[0] == WEEK

    def at(now: int) -> list[int]:
        steps = [now]
        for year in range(1, years + 1):
            wanted = _years_back(dates[now], year)
            step = place.get(_same_weekday(wanted, dates[now]) if weekly else wanted)
            if step is None:
                break
            steps.append(step)
        return steps

    return at


def _years_back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February, and no leap year
        return date(day.year - years, 3, 1)


def _same_weekday(wanted: date, like: date) -> date:
    ahead = (like.weekday() - wanted.weekday() + 3) % 7 - 3
    return wanted + timedelta(days=ahead)


def parts_of_year(references: Sequence[int], window: int, parts: int) -> NDArray[np.int64]:
    """The part of the year of every step up to `references[0]`: int64 (now + 1,), 0 where none.

    Part `parts` is the window of ± `window` steps around each reference (at now: only before it). What lies between
    two windows is cut into `parts` − 1 blocks of even length, the longer ones first, numbered from 1 with time.
    Raises ValueError where there is less than one step for each.
    """
    of = np.zeros(references[0] + 1, np.int64)
    of[max(0, references[0] - window) :] = parts
    for newer, older in pairwise(references):
        of[older - window : older + window + 1] = parts
        between = newer - older - 2 * window - 1
        if parts > 1:
            if between < parts - 1:
                raise ValueError(f"a year of {newer - older} steps has no room for {parts} parts: take fewer")
            of[older + window + 1 : newer - window] = _blocks(between, parts - 1)
    return of


def _blocks(steps: int, blocks: int) -> NDArray[np.int64]:
    length, rest = divmod(steps, blocks)
    return np.repeat(np.arange(1, blocks + 1), [length + (block < rest) for block in range(blocks)])
