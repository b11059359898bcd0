"""A stream of calls, looked at batch by batch as they become known: microseconds a call."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.surges import scan, walk
from tocsin.forecasting.surges.once import OVER_AFTER
from tocsin.forecasting.surges.shape import LOOK_BACK_H, Recent, Surge, Usual, utc

LEAST_ROOM = 128
NEVER_S = -1e18

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class SurgeStream:
    """Keeps the calls of the last hours and who was told what. The same looks as `look` and `follow`, compiled.

    One difference: only series that got calls are looked at, which is where a surge can be seen.
    """

    def __init__(self, areas: int, kinds: int, stamp_s: float = 60.0) -> None:
        self._areas, self._stamp_s = areas, stamp_s
        self._times: Floats = np.zeros((1 + areas + kinds, LEAST_ROOM))
        self._sizes: Ints = np.zeros(1 + areas + kinds, np.int64)
        self._held: Floats = np.zeros(4)
        self._last_seen: Floats = np.full(1 + areas + kinds, NEVER_S)
        self._ended: Floats = self._last_seen.copy()
        self._new: Ints = np.zeros(1 + areas + kinds, np.int64)
        self._usual: Usual | None = None

    def expect(self, usual: Usual) -> None:
        """What is usual for the looks to come. Its series are those of the stream.

        Raises: ValueError when they are not.
        """
        if usual.mean.shape[1] != len(self._times):
            raise ValueError(f"the stream has {len(self._times)} series, what is usual {usual.mean.shape[1]}")
        self._usual = usual
        self._cumulative = scan.cumulative_of(usual)
        self._start_s = usual.start.timestamp()
        self._parts = scan.parts_of(usual)
        of = (scan.alarm_tail("city", usual), scan.alarm_tail("area", usual), scan.alarm_tail("kind", usual))
        enough = usual.weeks >= scan.LEAST_WEEKS
        self._levels: Floats = np.array([scan.OVER_TAIL, *of]) if enough else np.zeros(4)
        self._limits: Floats = np.array([self._stamp_s, scan.STAMP_SURGE, -np.log(scan.SILENCE), LOOK_BACK_H * 3600.0])
        most = 12.0 * LOOK_BACK_H * float(usual.mean[:, 0].max(initial=0.0))
        self._widen(int(max(LEAST_ROOM, most)))

    def take(
        self, seen_s: Floats, received_s: Floats, area: Ints, kind: Ints, first: int, until: int
    ) -> tuple[int, tuple[int, ...]]:
        """Walk the calls `[first, until)`, ascending by `seen_s`, until there is something to tell.

        Where to go on, and the series of the surges to tell (0 the city, then areas, then kinds).
        Raises: ValueError before the first `expect`.
        """
        if self._usual is None:
            raise ValueError("say what is usual first: call expect")
        at, told = walk.walk(
            seen_s, received_s, area, kind, first, until, self._areas, self._times, self._sizes, self._cumulative,
            self._start_s, self._usual.dispersion, self._parts, scan.WINDOWS_S, scan.WINDOWS_WORTH, self._levels,
            self._limits, scan.LEAST_CALLS, self._held, self._last_seen, OVER_AFTER.total_seconds(), self._ended,
            self._new,
        )  # fmt: skip
        return int(at), tuple(int(series) for series in self._new[:told])

    def last_seen(self, series: int) -> datetime | None:
        """When a surge of a series was last seen; None for never."""
        return _known(float(self._last_seen[series]))

    def ended(self, series: int) -> datetime | None:
        """When the surge before the newest one of a series was last seen; None for none."""
        return _known(float(self._ended[series]))

    def _widen(self, room: int) -> None:
        if room > self._times.shape[1]:
            wide = np.zeros((len(self._times), room))
            wide[:, : self._times.shape[1]] = self._times
            self._times = wide


def _known(at_s: float) -> datetime | None:
    return None if at_s == NEVER_S else utc(at_s)


def surge_of(surges: tuple[Surge, ...], series: int, areas: int) -> Surge | None:
    """The surge of a series among those of a look."""
    scope, index = (
        ("city", 0) if series == 0 else ("area", series - 1) if series <= areas else ("kind", series - 1 - areas)
    )
    return next((s for s in surges if s.scope == scope and s.index == index), None)


def recent_of(
    seen_s: Floats, received_s: Floats, area: Ints, kind: Ints, until: int, now_s: float, stamp_s: float
) -> Recent:
    """What a look at `now_s` would have, from the calls `[0, until)` in the order in which they were seen."""
    back = LOOK_BACK_H * 3600.0
    first = int(np.searchsorted(seen_s[:until], now_s - 4.0 * back))
    at = np.minimum(received_s[first:until], seen_s[first:until])
    kept = np.flatnonzero((at >= now_s - back) & (at <= now_s)) + first
    order = kept[np.argsort(np.minimum(received_s, seen_s)[kept], kind="stable")] if len(kept) else kept
    return Recent(np.minimum(received_s[order], seen_s[order]), area[order], kind[order], stamp_s)
