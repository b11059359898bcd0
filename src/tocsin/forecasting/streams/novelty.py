"""How new a reading is: the distance to the nearest value that the stream ever showed, in units of its range.

Source: the nearest-neighbour idea of adaptive resonance (Carpenter & Grossberg; Hampton's ARTime) and of
distance-based discords, cut down to one dimension a view, where it costs a bisection. There are five views: the
reading, its moving averages over about 3, 48 and 288 readings, and what is left when the usual value of the half hour
of the day is taken off. Each view keeps at most `KEPT` examples of what it has seen; a reading nearer than `SPACING`
to one of them adds none. Everything here is compiled; arrays are changed in place.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VIEWS = 5
KEPT = 400
SPACING = 0.005
"""In units of the range: two values closer than this are the same value."""
SLOTS = 48
"""Half hours of a day, UTC."""
SLOT_S = 86400.0 / SLOTS
SPANS = (3.0, 48.0, 288.0)
"""Readings that the moving averages look back over."""
SEEN_ENOUGH = 3.0
PROFILE_GAIN = 0.02
LEVEL_GAIN = 0.3
HUGE = 1e150
"""Readings beyond are taken as this, so that no difference overflows."""
COUNT, LOW, HIGH, LEVEL = 0, 1, 2, 3


def fresh() -> tuple[Floats, Floats, Floats]:
    """A state that has seen nothing: examples (VIEWS, KEPT), views (VIEWS, 4), profile of the day (SLOTS + 1, 2)."""
    return np.zeros((VIEWS, KEPT)), np.zeros((VIEWS, 4)), np.zeros((SLOTS + 1, 2))


@njit(cache=True)
def look(examples: Floats, views: Floats, profile: Floats, at_s: float, value: float, new: Floats) -> None:
    """Writes the novelty of a reading into `new`: float64 (VIEWS,), 0 (seen before) to 1. Learns the reading."""
    value = min(max(value, -HUGE), HUGE)
    new[0] = _novelty(examples[0], views[0], value)
    for i in range(len(SPANS)):
        view = views[i + 1]
        if views[i + 1, COUNT] == 0.0:
            view[LEVEL] = value
        seen = profile[SLOTS, 1] + 1.0
        view[LEVEL] += max(1.0 / SPANS[i], 1.0 / seen) * (value - view[LEVEL])
        new[i + 1] = _novelty(examples[i + 1], view, view[LEVEL])
    rest = _rest(profile, at_s, value)
    new[VIEWS - 1] = _novelty(examples[VIEWS - 1], views[VIEWS - 1], rest)


@njit(cache=True)
def _rest(profile: Floats, at_s: float, value: float) -> float:
    """What the usual value of this half hour does not explain; in a half hour hardly seen, what a quick level does
    not. The profile's last row holds that level and the number of readings."""
    slot = int((at_s % 86400.0) // SLOT_S)
    slot = min(max(slot, 0), SLOTS - 1)
    if profile[SLOTS, 1] == 0.0:
        profile[SLOTS, 0] = value
    usual = profile[slot, 0] if profile[slot, 1] >= SEEN_ENOUGH else profile[SLOTS, 0]
    profile[slot, 0] += max(PROFILE_GAIN, 1.0 / (profile[slot, 1] + 1.0)) * (value - profile[slot, 0])
    profile[SLOTS, 0] += LEVEL_GAIN * (value - profile[SLOTS, 0])
    profile[slot, 1] += 1.0
    profile[SLOTS, 1] += 1.0
    return float(value - usual)


@njit(cache=True)
def _novelty(kept: Floats, view: Floats, value: float) -> float:
    """Distance to the nearest example in units of the range so far, 0 while there is none. `kept` is sorted."""
    count = int(view[COUNT])
    if count == 0:
        kept[0] = value
        view[COUNT], view[LOW], view[HIGH] = 1.0, value, value
        return 0.0
    view[LOW] = min(view[LOW], value)
    view[HIGH] = max(view[HIGH], value)
    span = view[HIGH] - view[LOW]
    if span <= 0.0:
        return 0.0
    place = np.searchsorted(kept[:count], value)
    distance = np.inf
    if place > 0:
        distance = value - kept[place - 1]
    if place < count:
        distance = min(distance, kept[place] - value)
    distance /= span
    if distance > SPACING:
        _keep(kept, view, value)
    return float(distance)


@njit(cache=True)
def _keep(kept: Floats, view: Floats, value: float) -> None:
    """Adds an example; where all places are taken, the one that stands closest between two others goes."""
    count = int(view[COUNT])
    if count == len(kept):
        dense, gap = 1, np.inf
        for i in range(1, count - 1):
            if kept[i + 1] - kept[i - 1] < gap:
                dense, gap = i, kept[i + 1] - kept[i - 1]
        kept[dense : count - 1] = kept[dense + 1 : count].copy()
        count -= 1
    place = np.searchsorted(kept[:count], value)
    for i in range(count, place, -1):
        kept[i] = kept[i - 1]
    kept[place] = value
    view[COUNT] = count + 1.0
