"""Counts that may be published: one fixed grid, small cells left out, or noise with a kept budget.

**One grid.** Every release counts calls by area, local calendar day and service, and gives no totals. Two releases of
the same days then say the same of every cell, and nothing comes out by taking one from another. A cell below `k` is
left out whether it is small or empty.

**Noise.** Where an epsilon is named, each cell of the whole grid gets discrete Laplace noise of scale 1/epsilon (a call
changes one cell by one). What is spent is counted by day of data: releases of the same day add up (sequential
composition), releases of different days do not (parallel composition). Source: Dwork and Roth, "The Algorithmic
Foundations of Differential Privacy" (2014), sections 3.3 and 3.5; Ghosh, Roughgarden and Sundararajan, "Universally
Utility-Maximizing Privacy Mechanisms" (2012).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tocsin.accounting.entries import Entry, EntryKind, Json

LEAST_K: Final = 10
"""No cell below this many calls leaves the house."""
MOST_DAYS: Final = 3_660
MECHANISM: Final = "discrete Laplace"
SENSITIVITY: Final = 1
"""One call is in one cell."""

Add = Callable[[Sequence[int], float], Sequence[int]]
"""Counts and epsilon to counts with noise."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A cell of the grid. `area`: its id, empty where none is known; `service`: empty where none is known."""

    day: date
    area: str
    service: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Which cells there are: decided by the city and the days, never by the calls."""

    days: tuple[date, ...]
    areas: tuple[str, ...]
    services: tuple[str, ...]

    def cells(self) -> tuple[Cell, ...]:
        """Every cell, in order."""
        return tuple(Cell(day, area, service) for day in self.days for area in self.areas for service in self.services)


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a grid may be shown: cells with their counts, and how many were left out, empty ones among them."""

    counts: Mapping[Cell, int]
    left_out: int


def grid_of(first: date, last: date, areas: Iterable[str], services: Iterable[str]) -> Grid:
    """The grid over the days from `first` to `last`, both included, with a row for calls without area or service."""
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    return Grid(days, (*sorted(set(areas)), ""), (*sorted(set(services)), ""))


def day_of(at: datetime, timezone: str) -> date:
    """The calendar day of an instant where the city is."""
    return at.astimezone(ZoneInfo(timezone)).date()


def count(grid: Grid, calls: Iterable[Cell]) -> dict[Cell, int]:
    """Calls by cell of the grid, empty cells included. What lies outside it is not counted."""
    counts = dict.fromkeys(grid.cells(), 0)
    for call in calls:
        if call in counts:
            counts[call] += 1
    return counts


def shown(counts: Mapping[Cell, int], k: int) -> Shown:
    """The cells of `k` calls or more.

    Raises: ValueError for a `k` below `LEAST_K`."""
    if k < LEAST_K:
        raise ValueError(f"cells below {LEAST_K} calls never leave the house; k was {k}")
    kept = {cell: calls for cell, calls in counts.items() if calls >= k}
    return Shown(kept, len(counts) - len(kept))


def with_noise(counts: Mapping[Cell, int], epsilon: float, add: Add) -> dict[Cell, int]:
    """The counts with noise on every cell, empty ones too."""
    return dict(zip(counts, add(tuple(counts.values()), epsilon), strict=True))


# The budget -----------------------------------------------------------------------------------------------------------


def budget_body(dataset: str, export: str, epsilon: float, days: Sequence[date], limit: float) -> dict[str, Json]:
    """What the ledger says of budget that was spent."""
    return {
        "dataset": dataset,
        "export": export,
        "epsilon": epsilon,
        "first_day": days[0].isoformat(),
        "last_day": days[-1].isoformat(),
        "limit": limit,
        "mechanism": MECHANISM,
        "sensitivity": SENSITIVITY,
    }


def spent_by_day(entries: Iterable[Entry], dataset: str) -> dict[date, float]:
    """Epsilon spent on each day of a dataset, as the ledger holds it."""
    spent: dict[date, float] = {}
    for entry in entries:
        if entry.kind is not EntryKind.BUDGET or entry.body.get("dataset") != dataset:
            continue
        first, last = (date.fromisoformat(str(entry.body[name])) for name in ("first_day", "last_day"))
        epsilon = float(str(entry.body["epsilon"]))
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            spent[day] = spent.get(day, 0.0) + epsilon
    return spent


def find_overspent(spent: Mapping[date, float], days: Iterable[date], epsilon: float, limit: float) -> date | None:
    """The first day whose budget would not suffice, or None."""
    return next((day for day in days if math.fsum((spent.get(day, 0.0), epsilon)) > limit * (1 + 1e-12)), None)
