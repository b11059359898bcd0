"""One door to all outbreak methods: a series of daily or weekly counts in, one row a step out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.outbreaks.ears import EarsRules, ears
from tocsin.forecasting.outbreaks.farrington import DAILY, WEEKLY, farrington
from tocsin.forecasting.outbreaks.rows import Row

Method = Literal["farrington", "ears-c1", "ears-c2", "ears-c3"]
METHODS: tuple[Method, ...] = get_args(Method)
STEPS = {timedelta(days=1): DAILY, timedelta(days=7): WEEKLY}

SPARSE_SPREAD = 0.5
"""EARS' spread is taken as at least this, or one call after seven days without any would be an outbreak."""
CLOCK_CHANGE = timedelta(hours=2)
"""Local midnights lie up to this far from a whole number of days apart."""


def watch_series(
    times: Sequence[datetime],
    counts: Sequence[float | None],
    method: Method = "farrington",
    *,
    every: timedelta,
    alpha: float | None = None,
    years: int = 5,
) -> list[Row]:
    """One row for each of N counts, oldest first; None: the count is not known. Strictly causal.

    `every`: a day or seven. `alpha`: share of ordinary steps above the bound (Farrington 0.05; EARS C1, C2 0.001,
    C3 0.025). `years`: how many years back Farrington looks; with fewer it takes those there are, one at least.
    Steps that are not there count as unknown. Raises ValueError, naming the row, where a stamp does not lie a whole
    number of steps after the first or not after the one before, or a count is negative or not a number.
    """
    if every not in STEPS:
        raise ValueError("outbreaks are looked for in counts per day or per week: say --every 1d or --every 7d")
    if not times:
        return []
    place = _places(times, every)
    y = np.full(place[-1] + 1, np.nan)
    y[place] = _counts(counts)
    if method == "farrington":
        rules = replace(STEPS[every], years=years, fewer_years=True)
        rules = rules if alpha is None else replace(rules, alpha=alpha)
        dates = [(times[0] + step * every).date() for step in range(len(y))]
        rows = farrington(y, rules, dates=dates)
    else:
        rows = ears(y, ears_rules(method, alpha))
    return [rows[step] for step in place]


def ears_rules(method: Method, alpha: float | None = None) -> EarsRules:
    """EARS for sparse counts. Raises KeyError for `farrington`."""
    return EarsRules(_EARS[method], least_spread=SPARSE_SPREAD, alpha=alpha)


_EARS: dict[str, Literal["C1", "C2", "C3"]] = {"ears-c1": "C1", "ears-c2": "C2", "ears-c3": "C3"}


def _places(times: Sequence[datetime], every: timedelta) -> list[int]:
    """The step of each stamp, counted from the first."""
    places: list[int] = []
    for row, at in enumerate(times, start=1):
        step = round((at - times[0]) / every)
        if abs(at - times[0] - step * every) > CLOCK_CHANGE:
            raise ValueError(f"row {row}: {at.isoformat()} is no whole number of {every.days} d after the first row")
        if places and step <= places[-1]:
            raise ValueError(f"row {row}: {at.isoformat()} is not after the row before: sort the file, one row a step")
        places.append(step)
    return places


def _counts(counts: Sequence[float | None]) -> NDArray[np.float64]:
    y = np.array([np.nan if count is None else count for count in counts], np.float64)
    for row, count in enumerate(counts, start=1):
        if count is not None and not 0 <= count < np.inf:
            raise ValueError(f"row {row}: {count} is no count; leave it empty if it is not known")
    return y
