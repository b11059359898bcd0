"""When units are on duty, and which part of a simulation counts."""

from __future__ import annotations

import numpy as np

from tocsin.rehearsal.town import Calls, Floats, Town

WARM_UP = 0.02
"""Share of the calls that come before anything is counted."""


def counted(calls: Calls, warm_up: float) -> tuple[int, float, float]:
    """The first call that counts, its time, and the time of the last call."""
    if not 0.0 <= warm_up < 1.0:
        raise ValueError(f"warm_up is a share from 0 to below 1, not {warm_up}")
    if not len(calls):
        return 0, 0.0, 0.0
    first = int(warm_up * len(calls))
    return first, float(calls.at_s[first]), float(calls.at_s[-1])


def on_duty_s(town: Town, from_s: float, until_s: float) -> float:
    """Unit seconds on duty within a span."""
    spans = (span for unit in range(town.units) for span in spans_of(town, unit))
    return float(sum(max(0.0, min(end, until_s) - max(start, from_s)) for start, end in spans))


def spans_of(town: Town, unit: int) -> list[tuple[float, float]]:
    """When a unit can be sent: its duty without the time out of service, touching spans joined, in time order."""
    spans = [(-np.inf, np.inf)] if town.on is None else _whole(town.on[unit])
    for start, end in [] if town.down is None else _whole(town.down[unit]):
        cut = [((a, min(b, start)), (max(a, end), b)) for a, b in spans]
        spans = [(a, b) for pair in cut for a, b in pair if a < b]
    joined: list[tuple[float, float]] = []
    for a, b in spans:
        if joined and joined[-1][1] >= a:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def _whole(spans: Floats) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in spans if a < b]
