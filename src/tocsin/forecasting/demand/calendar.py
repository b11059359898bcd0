"""Which local days and nights are unlike others: public holidays, their eves, and the nights that a country celebrates.

A day has four blocks of six hours. A block that is special belongs to a class, whose effect is shared, and has a name,
under which a holiday's own effect can be learned once it has come round.
Source of the dates: `public_holidays`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.public_holidays import find_nearest, find_own
from tocsin.forecasting.hours import DAY

BLOCK_H = 6
BLOCKS = DAY // BLOCK_H
EVENING = BLOCKS - 1
CLASSES = (
    "holiday_night",
    "holiday_morning",
    "holiday_afternoon",
    "holiday_evening",
    "eve",
    "new_year_eve",
    "new_year_night",
    "festive_night",
)
"""The first four are the blocks of a holiday; `eve` is the evening before one."""
FESTIVE_NIGHTS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "AU": ((1, 26),),
    "CA": ((10, 31), (7, 1)),
    "CH": ((8, 1),),
    "DE": ((4, 30),),
    "FR": ((6, 21), (7, 13)),
    "GB": ((10, 31), (11, 5)),
    "IE": ((10, 31), (3, 17)),
    "NL": ((4, 26),),
    "US": ((10, 31), (7, 4)),
}
"""Month and day of evenings with fireworks, bonfires or crowds in the streets, beside New Year's."""


class Special(NamedTuple):
    """`code`: index into `CLASSES`. `name`: the holiday, or the class where it has none."""

    code: int
    name: str


Blocks = tuple[Special | None, Special | None, Special | None, Special | None]


def knows(country: str, subdivision: str | None = None) -> bool:
    """Whether public holidays of this country (and subdivision) are known."""
    return find_own(2024, country, subdivision) is not None


@lru_cache(maxsize=16384)
def find_special(day: int, country: str | None, subdivision: str | None) -> Blocks | None:
    """What is special in the four blocks of a local day (`date.toordinal`); None for an ordinary day.

    An unknown country, or one that the library does not know, has ordinary days only; an unknown subdivision has its
    country's holidays.
    """
    if country is None or not 366 <= day < date.max.toordinal():
        return None
    today, tomorrow = date.fromordinal(day), date.fromordinal(day + 1)
    name = _find_name(today, country, subdivision)
    found: list[Special | None] = [None] * BLOCKS
    if name is not None:
        found = [Special(block, name) for block in range(BLOCKS)]
    elif _find_name(tomorrow, country, subdivision) is not None:
        found[EVENING] = _of("eve")
    if (today.month, today.day) in FESTIVE_NIGHTS.get(country.upper(), ()):
        found[EVENING] = Special(CLASSES.index("festive_night"), f"night of {today:%m-%d}")
    if (today.month, today.day) == (12, 31):
        found[EVENING] = _of("new_year_eve")
    if (today.month, today.day) == (1, 1):
        found[0] = _of("new_year_night")
    first, second, third, fourth = found
    return (first, second, third, fourth) if any(found) else None


def special_hours(
    days: NDArray[np.int64], slots: NDArray[np.int64], country: str | None, subdivision: str | None
) -> NDArray[np.int64]:
    """Class of each hour, int64 (H,), -1 where it is ordinary. `days`, `slots`: of `local_days` and `hours_of_week`."""
    codes = np.full(len(days), -1, np.int64)
    if country is None:
        return codes
    block = slots % DAY // BLOCK_H
    for day in np.unique(days):
        blocks = find_special(int(day), country, subdivision)
        if blocks is not None:
            own = np.array([-1 if special is None else special.code for special in blocks], np.int64)
            today = days == day
            codes[today] = own[block[today]]
    return codes


def _of(name: str) -> Special:
    return Special(CLASSES.index(name), name)


def _find_name(day: date, country: str, subdivision: str | None) -> str | None:
    known = find_nearest(day.year, country, subdivision)
    return None if known is None else known.names.get(day)
