"""From novelties to events: how surprising, how rare for this stream, and said once.

The views' novelties are added up with weights. A height that the stream has shown before counts for less: it is
divided by one more than the number of its earlier events that were at least as high, and, slowly, by its age, since in
a longer stream more happens by chance. An event is a height that stands apart from the last event; while one goes on,
only what is higher than it is said again. Everything here is compiled; arrays are changed in place.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EVENTS = 128
"""Events remembered."""
REMEMBERED_STEPS = 6000.0
"""Usual steps after which an event is forgotten."""
EVENT_HEIGHT = 1.5
"""Heights from here on are remembered as events."""
OLD = 20_000.0
"""Readings after which age changes nothing any more."""
LOWEST = -10.0
FAINTEST = 10.0**-2.5
"""Sums of novelties up to here are nothing: height 0 before anything is taken off."""
WEIGHTS, DISCOUNT, AGE, REST, APART, LINE_AT, CONSTANTS = 0, 4, 5, 6, 7, 8, 9
"""Where the constants stand: four weights of the views after the first, and one number each."""
READINGS, POSITION, LAST_AT, LAST, KEPT, LOUD_AT, BEGINS = 0, 1, 2, 3, 4, 5, 6
LONG_AGO = -1e18


def fresh() -> tuple[Floats, Floats]:
    """A state that has seen nothing: events (EVENTS, 2) as height and position, and the numbers beside them (7,)."""
    state = np.zeros(7)
    state[LAST_AT] = state[LOUD_AT] = LONG_AGO
    return np.zeros((EVENTS, 2)), state


@njit(cache=True)
def judge(new: Floats, passed: float, events: Floats, state: Floats, constants: Floats) -> float:
    """The height over the line of what is said of this reading (powers of ten), `LOWEST` where nothing is said.

    `new`: float64 (VIEWS,). `passed`: usual steps since the reading before. `constants`: float64 (CONSTANTS,).
    `state[BEGINS]` is 1 after a reading with which an alarm begins: at or above the line, after `REST` quiet steps.
    """
    state[POSITION] += passed
    age = state[READINGS]
    state[READINGS] += 1.0
    state[BEGINS] = 0.0
    total = new[0]
    for i in range(4):
        total += constants[WEIGHTS + i] * new[i + 1]
    if total <= FAINTEST:
        return LOWEST
    raw = 2.0 * np.log10(total) + 5.0
    said = state[POSITION] - state[LAST_AT] >= constants[REST] or raw > state[LAST]
    height = LOWEST
    # Age gives back `AGE` at most: what cannot reach the line even so, and is not said, needs no looking up.
    if said or raw + constants[AGE] >= constants[LINE_AT]:
        height = raw - _usual(raw, age, events, state, constants) - constants[LINE_AT]
    if said:
        state[LAST], state[LAST_AT] = raw, state[POSITION]
    if height >= 0.0:
        state[BEGINS] = 1.0 if state[POSITION] - state[LOUD_AT] >= constants[REST] else 0.0
        state[LOUD_AT] = state[POSITION]
    if raw > EVENT_HEIGHT:
        _remember(raw, events, state, constants)
    return float(height) if said else LOWEST


@njit(cache=True)
def _usual(raw: float, age: float, events: Floats, state: Floats, constants: Floats) -> float:
    """What is taken off for earlier events that were as high, and for age."""
    as_high = 0
    newest = int(state[KEPT]) - 1
    for i in range(newest + 1):
        since = state[POSITION] - events[i, 1]
        under_way = i == newest and since < constants[APART]
        if events[i, 0] >= raw and since < REMEMBERED_STEPS and not under_way:
            as_high += 1
    by_age = constants[AGE] * np.log10((min(age, OLD) + 100.0) / 1000.0)
    return float(constants[DISCOUNT] * np.log10(as_high + 1.0) + by_age)


@njit(cache=True)
def _remember(raw: float, events: Floats, state: Floats, constants: Floats) -> None:
    """The event under way grows, or a new one begins; the oldest goes where there is no room."""
    kept = int(state[KEPT])
    if kept > 0 and state[POSITION] - events[kept - 1, 1] < constants[APART]:
        if raw > events[kept - 1, 0]:
            events[kept - 1, 0], events[kept - 1, 1] = raw, state[POSITION]
        return
    if kept == EVENTS:
        events[:-1] = events[1:].copy()
        kept -= 1
    events[kept, 0], events[kept, 1] = raw, state[POSITION]
    state[KEPT] = kept + 1.0


@njit(cache=True)
def judge_all(new: Floats, passed: Floats, constants: Floats) -> Floats:
    """`judge` over a whole recorded stream: new (N, VIEWS), passed (N,) to heights (N,). For choosing constants."""
    events = np.zeros((EVENTS, 2))
    state = np.zeros(7)
    state[LAST_AT] = state[LOUD_AT] = LONG_AGO
    heights = np.empty(len(new))
    for i in range(len(new)):
        heights[i] = judge(new[i], passed[i], events, state, constants)
    return heights
