"""Which local days are no ordinary ones: public holidays, and the days that many take off with them.

A holiday's traffic looks like that of the last day of a weekend. A half day lies between: a working day wedged between
two free days, and the working days around the turn of the year where Christmas is a public holiday.
Source: `public_holidays` for holidays and weekends; bridging days as in load forecasting (Hong, Pinson
et al. 2016, International Journal of Forecasting 32).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.public_holidays import find_nearest

ORDINARY, HOLIDAY, HALF_DAY, TURN_OF_YEAR = 0, 1, 2, 3


class OffDays(NamedTuple):
    """`kind`: int64 (D,), one of the four above. `rest`: the weekday that a holiday resembles. `free`: bool (7,)."""

    kind: NDArray[np.int64]
    rest: int
    free: NDArray[np.bool_]


def off_days(first: int, days: int, country: str | None, subdivision: str | None) -> OffDays:
    """Kinds of D local days from the ordinal `first`. Without a country, or an unknown one, all are ordinary."""
    dates = [date.fromordinal(min(max(first - 1 + i, 1), date.max.toordinal())) for i in range(days + 2)]
    years = {day.year for day in dates}
    told = [find_nearest(year, country, subdivision) for year in sorted(years)] if country else []
    known = [one for one in told if one is not None]
    weekend = known[0].weekend if known and known[0].weekend else (5, 6)
    free = np.isin(np.arange(7), weekend)
    named = {day for one in known for day in one.names}
    christmas = {day.year for day in named if (day.month, day.day) == (12, 25)}
    off = np.array([day in named or bool(free[day.weekday()]) for day in dates], np.bool_)
    kind = np.zeros(days, np.int64)
    for i, day in enumerate(dates[1:-1]):
        if day in named:
            kind[i] = HOLIDAY
        elif not off[i + 1] and _at_turn(day, christmas):
            kind[i] = TURN_OF_YEAR
        elif not off[i + 1] and off[i] and off[i + 2]:
            kind[i] = HALF_DAY
    return OffDays(kind, weekend[-1], free)


def _at_turn(day: date, christmas: set[int]) -> bool:
    """From 24 December to 5 January."""
    winter = day.year if day.month == 12 else day.year - 1
    inside = (day.month == 12 and day.day >= 24) or (day.month == 1 and day.day <= 5)
    return inside and bool({winter, winter + 1} & christmas)
