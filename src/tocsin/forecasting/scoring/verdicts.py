"""Whether a warning came true, once its window is over.

A demand warning came true when its window brought more calls than it named (`Warned.calls_over`). A surge warning came
true when an hour in its window, or the hour in which it was proposed, brought more calls than the .999 quantile of
what had been said of that hour the longest before: the quantile by which `verify` calls an hour beyond. Other kinds
cannot be judged from calls.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from tocsin.forecasting import mixture
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.protocol import HOUR
from tocsin.forecasting.scoring.verify import BEYOND, BEYOND_FROM_H, Came
from tocsin.model.verification import HORIZONS, Verdict
from tocsin.model.warnings import Warned, WarningKind
from tocsin.situation.track import Track


def verdict_of(warned: Warned, came: Came, track: Track) -> Verdict:
    """What became of a warning. `track`: what had been said of the hours of its window."""
    if warned.kind is WarningKind.DEMAND and warned.calls_over is not None:
        return _of_demand(warned, came)
    if warned.kind is WarningKind.SURGE and warned.call_kind is None:
        return _of_surge(warned, came, track)
    return Verdict(warned.warning, warned.kind, None)


def _of_demand(warned: Warned, came: Came) -> Verdict:
    counts = _calls(warned, came)
    hours = _hours(warned.starts, warned.ends, came)
    if counts is None or not hours or warned.calls_over is None:
        return Verdict(warned.warning, warned.kind, None)
    so_far = np.cumsum([counts[row] for row, _ in hours])
    proved = next((end for total, (_, end) in zip(so_far, hours, strict=True) if total > warned.calls_over), None)
    return _verdict(warned, proved)


def _of_surge(warned: Warned, came: Came, track: Track) -> Verdict:
    counts = _calls(warned, came)
    known = False
    first = min(warned.starts, warned.proposed).replace(minute=0, second=0, microsecond=0)
    for row, end in _hours(first, warned.ends, came):
        most = _most_said(warned, end - HOUR, track)
        if counts is None or most is None:
            continue
        known = True
        if counts[row] > most:
            return _verdict(warned, end)
    return _verdict(warned, None) if known else Verdict(warned.warning, warned.kind, None)


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


def _most_said(warned: Warned, hour: datetime, track: Track) -> int | None:
    """The .999 quantile of what was said of an hour the longest before it; None where nothing was."""
    for ahead_h in sorted(HORIZONS, reverse=True):
        found = track.find_said(hour, ahead_h)
        if found is None or ahead_h < BEYOND_FROM_H:
            continue
        demand, column = found
        if warned.area is not None and warned.area not in demand.areas:
            return None
        law = mixture.law_of(demand, city=warned.area is None)
        row = () if warned.area is None else (demand.areas.index(warned.area),)
        cell = Mixture(law.weight, law.mean[:, *row, column, None], law.dispersion[:, *row, column, None])
        return int(mixture.quantiles(cell, (BEYOND,))[0, 0])
    return None
