"""Arrays that grow by the hour: calls that came in, and what had been said of each hour beforehand."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.model.city import City
from tocsin.model.forecast import LEVELS, Demand
from tocsin.model.never import refusal
from tocsin.situation.picture import Arrivals, SaidBefore

KEEP_SAID_H = 168
BACKFILL_H = 8 * 168
"""Calls received longer than this before the first hour of the log are in the picture but not in the counts."""
_HOUR = timedelta(hours=1)


def hour_of(time: datetime) -> datetime:
    """The full hour that holds `time` (UTC)."""
    return time.replace(minute=0, second=0, microsecond=0)


def kinds_of(city: City) -> tuple[str, ...]:
    """Kinds of call that are counted and forecast by themselves, in the pack's order (docs/concepts/never.md)."""
    return tuple(dict.fromkeys(card.kind for card in city.call_kinds if refusal(card.kind) is None))


def no_arrivals(areas: int, kinds: tuple[str, ...] = ()) -> Arrivals:
    counts, by_kind = (np.zeros((0, columns), dtype=np.int32) for columns in (areas + 1, len(kinds)))
    return Arrivals(None, counts, kinds, by_kind, np.zeros((areas + 1, len(kinds)), dtype=np.int32))


def nothing_said(areas: int) -> SaidBefore:
    return SaidBefore(None, *_unsaid(0, areas + 1))


def _unsaid(hours: int, rows: int) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.full((hours, rows, len(LEVELS)), -1, dtype=np.int32),
        np.full((hours, rows), np.nan),
        np.full((hours, rows), np.nan),
    )


class ArrivalsDraft:
    """`Arrivals` in the making: a buffer that doubles, copied for the picture only when it changed.

    One row an hour: A + 1 columns for the areas, then K for the kinds."""

    def __init__(self, arrivals: Arrivals, areas: int, kinds: tuple[str, ...] = ()) -> None:
        self._published: Arrivals | None = arrivals
        self._start = arrivals.start
        self._hours = len(arrivals.counts)
        self._places = areas + 1
        self._kinds = kinds
        self._kind_columns = {kind: self._places + n for n, kind in enumerate(kinds)}
        self._columns = self._places + len(kinds)
        self._given = arrivals
        self._counts = np.zeros((0, self._columns), dtype=np.int32)
        self._area_kinds = np.zeros((self._places, len(kinds)), dtype=np.int32)
        self._owned = False

    def reach(self, hour: datetime) -> None:
        """Make sure that there is a row for `hour`, with zeros for those before it."""
        if self._start is None:
            self._start = hour
        wanted = int((hour - self._start) // _HOUR) + 1
        if wanted > self._hours:
            self._hold(wanted)
            self._hours = wanted
            self._published = None

    def add(self, received: datetime, column: int, kind: str = "") -> None:
        """Count one call in its own hour; column -1 is the one without an area. Other kinds than the pack's count
        by area alone.

        A call of a clock that runs ahead counts in the hour under way, which stays the last row."""
        hour = hour_of(received)
        if self._start is None or hour < self._start:
            if self._start is not None and self._start - hour > BACKFILL_H * _HOUR:
                return
            self._begin_earlier(hour)
        assert self._start is not None  # noqa: S101 - for the type checker: set just above
        row = min(int((hour - self._start) // _HOUR), self._hours - 1)
        self._hold(self._hours)
        place = column if column >= 0 else self._places - 1
        self._counts[row, place] += 1
        kind_column = self._kind_columns.get(kind)
        if kind_column is not None:
            self._counts[row, kind_column] += 1
            self._area_kinds[place, kind_column - self._places] += 1
        self._published = None

    def freeze(self) -> Arrivals:
        if self._published is None:
            self._hold(self._hours)
            rows = self._counts[: self._hours]
            places, by_kind = rows[:, : self._places].copy(), rows[:, self._places :].copy()
            self._published = Arrivals(self._start, places, self._kinds, by_kind, self._area_kinds.copy())
        return self._published

    def _hold(self, hours: int) -> None:
        """Own a buffer for so many hours, zeros where nothing was counted."""
        if self._owned and hours <= len(self._counts):
            return
        if not self._owned:
            self._take_over()
        if hours > len(self._counts):
            buffer = np.zeros((max(hours, 2 * self._hours, 64), self._columns), dtype=np.int32)
            buffer[: self._hours] = self._counts[: self._hours]
            self._counts = buffer

    def _take_over(self) -> None:
        """Copy what the published picture holds, kinds by their names: the pack may have others by now."""
        given = self._given
        self._counts = np.zeros((max(2 * self._hours, 64), self._columns), dtype=np.int32)
        self._counts[: self._hours, : self._places] = given.counts[: self._hours]
        if given.by_kind is not None and given.area_kinds is not None:
            for n, kind in enumerate(given.kinds):
                if kind in self._kind_columns:
                    self._counts[: self._hours, self._kind_columns[kind]] = given.by_kind[: self._hours, n]
                    self._area_kinds[:, self._kind_columns[kind] - self._places] = given.area_kinds[:, n]
        self._owned = True

    def _begin_earlier(self, hour: datetime) -> None:
        if self._start is None:
            self.reach(hour)
            return
        self._hold(self._hours)
        more = int((self._start - hour) // _HOUR)
        before = np.zeros((more, self._columns), dtype=np.int32)
        self._counts = np.concatenate((before, self._counts[: self._hours]))
        self._hours, self._start, self._published = self._hours + more, hour, None


class SaidDraft:
    """`SaidBefore` in the making. New arrays only when a forecast came; forecasts come by the hour."""

    def __init__(self, said: SaidBefore, city: City) -> None:
        self._said = said
        self._areas = tuple(city.areas)

    def keep(self, demand: Demand) -> None:
        """Keep the first step: what is said an hour ahead for `demand.start`. The first one said counts."""
        said = self._said
        start = demand.start if said.start is None else said.start
        row = int((demand.start - start) // _HOUR)
        hours = len(said.quantiles)
        if row < 0 or demand.mean.shape[1] == 0 or (row < hours and said.quantiles[row, -1, 0] >= 0):
            return
        quantiles, mean, dispersion = arrays = _unsaid(max(hours, row + 1), len(self._areas) + 1)
        quantiles[:hours], mean[:hours], dispersion[:hours] = said.quantiles, said.mean, said.dispersion
        self._write(arrays, row, demand)
        drop = max(0, len(quantiles) - KEEP_SAID_H)
        self._said = SaidBefore(start + drop * _HOUR, quantiles[drop:], mean[drop:], dispersion[drop:])

    def _write(
        self, arrays: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]], row: int, demand: Demand
    ) -> None:
        quantiles, mean, dispersion = arrays
        where = {area: i for i, area in enumerate(demand.areas)}
        for column, area in enumerate(self._areas):
            source = where.get(area)
            if source is not None:
                quantiles[row, column] = demand.quantiles[source, 0]
                mean[row, column] = demand.mean[source, 0]
                dispersion[row, column] = demand.dispersion[source, 0]
        quantiles[row, -1] = demand.city_quantiles[0]
        mean[row, -1] = demand.city_mean[0]
        dispersion[row, -1] = demand.city_dispersion[0]

    def freeze(self) -> SaidBefore:
        return self._said
