"""Whether a warning came true, by what its chance spoke of.

A demand warning came true when its window brought more calls than it named. A surge warning came true when the two
hours from its proposal brought more calls than it named: more than nine in ten such hours bring, which is what the
detector's chance is a chance of. Both name the number in `Warned.calls_over`. Other kinds cannot be judged from calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from tocsin.forecasting.protocol import HOUR
from tocsin.forecasting.scoring.verify import Came
from tocsin.forecasting.surges.scan import GOES_ON_H
from tocsin.model.verification import Verdict
from tocsin.model.warnings import Warned, WarningKind
from tocsin.situation.picture import CallState

CALLS_KEPT = timedelta(hours=20)
"""A surge proposed longer ago is not judged: the picture may have let its calls go."""


def judged_until(warned: Warned) -> datetime:
    """When all that a warning's chance spoke of has happened."""
    return warned.proposed + GOES_ON_H * HOUR if warned.kind is WarningKind.SURGE else warned.ends


def verdict_of(warned: Warned, came: Came, calls: Iterable[CallState], now: datetime) -> Verdict:
    """What became of a warning. `calls`: those of the picture at `now`, which reach a day back."""
    if warned.calls_over is None:
        return Verdict(warned.warning, warned.kind, None)
    if warned.kind is WarningKind.DEMAND:
        return _of_demand(warned, came)
    if warned.kind is WarningKind.SURGE and now - warned.proposed <= CALLS_KEPT:
        return _of_surge(warned, warned.calls_over, calls)
    return Verdict(warned.warning, warned.kind, None)


def _of_demand(warned: Warned, came: Came) -> Verdict:
    counts = _calls(warned, came)
    hours = _hours(warned.starts, warned.ends, came)
    if counts is None or not hours or warned.calls_over is None:
        return Verdict(warned.warning, warned.kind, None)
    so_far = np.cumsum([counts[row] for row, _ in hours])
    proved = next((end for total, (_, end) in zip(so_far, hours, strict=True) if total > warned.calls_over), None)
    return _verdict(warned, proved)


def _of_surge(warned: Warned, calls_over: int, calls: Iterable[CallState]) -> Verdict:
    until = judged_until(warned)
    times = sorted(c.received for c in calls if warned.proposed < c.received <= until and _speaks_of(warned, c))
    return _verdict(warned, times[calls_over] if len(times) > calls_over else None)


def _speaks_of(warned: Warned, call: CallState) -> bool:
    return warned.area in (None, call.area) and warned.call_kind in (None, call.kind)


def _verdict(warned: Warned, proved: datetime | None) -> Verdict:
    lead_s = None if proved is None else (proved - warned.proposed).total_seconds()
    return Verdict(warned.warning, warned.kind, proved is not None, proved, lead_s)


def _calls(warned: Warned, came: Came) -> list[int] | None:
    """Calls per hour of the place and kind that the warning speaks of; None where those are not counted together."""
    history = came.history
    if warned.call_kind is not None:
        if warned.area is not None or warned.call_kind not in came.kinds:
            return None
        return [int(n) for n in came.by_kind[:, came.kinds.index(warned.call_kind)]]
    if warned.area is None:
        return [int(n) for n in history.with_unplaced().sum(axis=1)]
    if warned.area not in history.areas:
        return None
    return [int(n) for n in history.counts[:, history.areas.index(warned.area)]]


def _hours(start: datetime, end: datetime, came: Came) -> list[tuple[int, datetime]]:
    """Row and end of every whole hour of a window that the history knows."""
    first = -((came.history.start - start) // HOUR)
    last = (end - came.history.start) // HOUR
    rows = range(max(0, first), min(last, len(came.history.counts)))
    return [(row, came.history.start + (row + 1) * HOUR) for row in rows]
