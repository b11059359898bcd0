"""What became of the calls under a course of orders, and two courses beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import numpy as np

from tocsin.model.ids import CallId
from tocsin.rehearsal.exercise.branch import Beside, Branch, Score
from tocsin.rehearsal.exercise.course import ExerciseCall
from tocsin.rehearsal.exercise.orders import Order
from tocsin.rehearsal.exercise.world import World

CHANGED_S = 1.0
"""First arrivals that differ by less are the same."""

Responses = Mapping[CallId, float | None]
"""Seconds from received to the first unit on scene; None: nobody was there."""


def responses_of(
    calls: Sequence[ExerciseCall], first_on_scene: Mapping[CallId, datetime]
) -> dict[CallId, float | None]:
    """Seconds to the first unit on scene of each of the calls."""
    return {
        call.call: (first_on_scene[call.call] - call.received).total_seconds() if call.call in first_on_scene else None
        for call in calls
    }


def is_late(call: ExerciseCall, response_s: float | None, now: datetime) -> bool:
    """Past its target: the first unit was there later, or nobody is there and the target is over."""
    if call.target_s is None:
        return False
    return (response_s if response_s is not None else (now - call.received).total_seconds()) > call.target_s


def score_of(name: str, title: str, calls: Sequence[ExerciseCall], responses: Responses, now: datetime) -> Score:
    """The score of calls with a target at `now`. `calls`: those that count."""
    counted = [call for call in calls if call.target_s is not None]
    late = [call for call in counted if is_late(call, responses.get(call.call), now)]
    reached = [s for call in counted if (s := responses.get(call.call)) is not None]
    return Score(
        name=name,
        title=title,
        calls=len(counted),
        late=len(late),
        waiting=len(counted) - len(reached),
        mean_s=float(np.mean(reached)) if reached else None,
        p90_s=float(np.quantile(reached, 0.9)) if reached else None,
        late_by_area=dict(sorted(Counter(call.area for call in late).items(), key=lambda kv: (-kv[1], str(kv[0])))),
    )


def counting(calls: Sequence[ExerciseCall], start: datetime, now: datetime) -> list[ExerciseCall]:
    """The calls that the trainee could answer: received in `[start, now)`."""
    return [call for call in calls if start <= call.received < now]


def branch_of(
    run: Callable[[Sequence[Order]], World],
    calls: Sequence[ExerciseCall],
    given: Sequence[Order],
    more: Sequence[Order],
    *,
    name: str,
    title: str,
    until: datetime,
) -> Branch:
    """The same exercise with more orders, beside the exercise as it went.

    Args:
        run: a world run to `until` under orders; the same orders give the same world.
        calls: those that count.
        given: the orders of the exercise.
    """
    trunk = responses_of(calls, run(given).first_on_scene)
    result = responses_of(calls, run([*given, *more]).first_on_scene)
    return Branch(
        branch=name,
        title=title,
        orders=tuple(more),
        until=until,
        trunk=score_of("trunk", "The exercise as it went", calls, trunk, until),
        result=score_of(name, title, calls, result, until),
        changed=_changed(calls, trunk, result),
    )


def _changed(calls: Sequence[ExerciseCall], trunk: Responses, result: Responses) -> tuple[Beside, ...]:
    found = [
        Beside(c.call, c.received, c.kind, c.area, c.target_s, trunk[c.call], result[c.call])
        for c in calls
        if _differ(trunk[c.call], result[c.call])
    ]
    return tuple(sorted(found, key=lambda b: (-_by(b), b.received, b.call)))


def _differ(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= CHANGED_S


def _by(beside: Beside) -> float:
    if beside.trunk_s is None or beside.branch_s is None:
        return float("inf")
    return abs(beside.trunk_s - beside.branch_s)
