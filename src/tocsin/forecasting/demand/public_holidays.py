"""Public holidays and weekends of a country: the one door to the library `holidays`.

Source: the library's tables by ISO 3166 country and subdivision, observed days included.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple


class PublicHolidays(NamedTuple):
    """Names by date of one year, and the weekdays (Monday 0) of the weekend, in order."""

    names: Mapping[date, str]
    weekend: tuple[int, ...]


@lru_cache(maxsize=1024)
def find_own(year: int, country: str, subdivision: str | None) -> PublicHolidays | None:
    """Those of exactly this place; None for a country or subdivision that the library does not know."""
    import holidays  # takes a quarter of a second, and only cities with a country need it

    try:
        told = holidays.country_holidays(country.upper(), subdiv=subdivision, years=year)
    except NotImplementedError:  # the library's word for a place that it does not know
        return None
    return PublicHolidays(dict(told), tuple(sorted(told.weekend)))


def find_nearest(year: int, country: str, subdivision: str | None) -> PublicHolidays | None:
    """Those of the subdivision or, where it is not known, of its country; None where neither is known."""
    return find_own(year, country, subdivision) or find_own(year, country, None)
