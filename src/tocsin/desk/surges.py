"""Looks for surges with what the picture knows: the usual is learned once a day, the last hours looked at each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.protocol import HOUR, Forecaster, History
from tocsin.forecasting.surges import Recent, Surge, SurgeDetector, Usual, look
from tocsin.forecasting.surges.scan import cumulative_of
from tocsin.forecasting.surges.shape import LOOK_AHEAD_H, LOOK_BACK_H
from tocsin.model.city import City
from tocsin.model.ids import CallId
from tocsin.situation.arrivals import hour_of
from tocsin.situation.picture import Arrivals, CallState, Situation

A_DAY = timedelta(days=1)
SHORT_WEEKS = 2.0
"""With less history the pack's shape of the week says better what is usual than the calls so far."""
_BACK_S = LOOK_BACK_H * 3600.0

_Row = tuple[float, int, int]


class SurgeLook:
    """Keeps what is usual for a day, and each call's row for as long as the picture holds the call.

    Args:
        prior: knows the pack's shape of the week, and has learned nothing; None where the pack has no shape.
    """

    def __init__(self, city: City, prior: Forecaster | None = None) -> None:
        self._prior = prior
        self._zone = ZoneInfo(city.timezone)
        self._columns = {area: n for n, area in enumerate(city.areas)}
        self._detector = SurgeDetector()
        self._learned_at: datetime | None = None
        self._usual: Usual | None = None
        self._cumulative: NDArray[np.float64] | None = None
        self._rows: dict[CallId, _Row] = {}

    def at(self, situation: Situation, history: History, now: datetime) -> tuple[tuple[Surge, ...], Usual]:
        """Surges under way, and what they were set against.

        Args:
            history: the whole hours that are known at `now`.
        """
        self._learn(situation.arrivals, history, now)
        if self._usual is None or not self._usual.covers(now):
            self._usual = self._what_is_usual(situation.arrivals, history, now)
            self._cumulative = cumulative_of(self._usual)
        return look(self._recent(situation, now), self._usual, now, cumulative=self._cumulative), self._usual

    def _learn(self, arrivals: Arrivals, history: History, now: datetime) -> None:
        known = self._known(history, now)
        if self._learned_at != known.until:
            self._detector = SurgeDetector().learn(known, arrivals.kinds, _kind_counts(arrivals, known))
            self._learned_at, self._usual = known.until, None

    def _known(self, history: History, now: datetime) -> History:
        """Up to the last local midnight; on the first day, each hour, so that a new desk does not wait for tomorrow."""
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return history.before(midnight) if midnight - history.start >= A_DAY else history

    def _what_is_usual(self, arrivals: Arrivals, history: History, now: datetime) -> Usual:
        usual = self._detector.usual(now)
        if self._prior is None or usual.weeks >= SHORT_WEEKS:
            return usual
        known = self._known(history, now)
        base = min(known.until, hour_of(now)) - timedelta(hours=LOOK_BACK_H)
        return usual_by_forecast(usual, self._prior, known, base, _kind_counts(arrivals, known))

    def _recent(self, situation: Situation, now: datetime) -> Recent:
        kinds = {kind: n for n, kind in enumerate(situation.arrivals.kinds)}
        kept, end = self._rows, now.timestamp()
        fresh = [call for call in situation.calls if call not in kept]
        kept |= {call: self._row(situation.calls[call], kinds) for call in fresh}
        if len(kept) > len(situation.calls):
            self._rows = kept = {call: kept[call] for call in situation.calls}
        first = end - _BACK_S
        rows = np.array([row for row in kept.values() if row[0] >= first], np.float64).reshape(-1, 3)
        received = np.minimum(rows[:, 0], end)
        order = np.argsort(received, kind="stable")
        places, sorts = (np.ascontiguousarray(rows[order, n], np.int64) for n in (1, 2))
        return Recent(np.ascontiguousarray(received[order]), places, sorts)

    def _row(self, state: CallState, kinds: Mapping[str, int]) -> _Row:
        area = -1 if state.area is None else self._columns.get(state.area, -1)
        return state.received.timestamp(), area, kinds.get(state.kind, -1)


def usual_by_forecast(
    usual: Usual, prior: Forecaster, known: History, base: datetime, kind_counts: NDArray[np.int32]
) -> Usual:
    """What a forecaster with a prior expected of the day at `base`, half a day before what is known ends: it knows
    nothing of the night that is looked at, nor that it is a holiday, as a surge is set against an ordinary night. Kinds
    have their share of the calls so far."""
    ordinary = replace(known, country=None, subdivision=None)
    horizon = LOOK_BACK_H + 25 + LOOK_AHEAD_H + 1
    demand = prior.learn(ordinary.before(base)).forecast(base, horizon)
    seen = kind_counts.sum(axis=0) + 1.0
    kinds = demand.city_mean[:, None] * (seen / seen.sum())
    dispersion = usual.dispersion.copy()
    dispersion[:, 0] = float(np.median(demand.city_dispersion))
    mean = np.column_stack([demand.city_mean, demand.mean.T, kinds])
    return replace(usual, start=demand.start, mean=mean, dispersion=dispersion)


def _kind_counts(arrivals: Arrivals, history: History) -> NDArray[np.int32]:
    """Calls by kind in the hours of the history, zeros where the picture has none: int32 (H, K)."""
    table = np.zeros((len(history.counts), len(arrivals.kinds)), np.int32)
    if arrivals.start is None or arrivals.by_kind is None:
        return table
    skipped = (history.start - arrivals.start) // HOUR
    seen = arrivals.by_kind[max(0, skipped) : max(0, skipped + len(table))]
    silent = max(0, -skipped)
    table[silent : silent + len(seen)] = seen
    return table
