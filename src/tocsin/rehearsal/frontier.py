"""What move-ups gain for what they cost: late calls against moves and empty minutes, one simulated run for each cap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.ground import Prepared, prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.strategies.scores import Run, joined, run_of
from tocsin.rehearsal.town import HOUR_S, Calls, Strategy, Town

CAPS: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0, inf)
"""Idle moves an hour, the whole city; infinite: as many as are worth their drive. Under every cap a unit that comes
free goes where expected lateness is least."""
PRICE_PER_MIN = 0.001
"""g: share of late calls that a minute of empty driving must save; as the live desk's `Limits.gain_per_min`."""
LEAST_Q, MOST_Q = 0.05, 0.6


@dataclass(frozen=True, slots=True)
class Point:
    """One cap. `late_share`, 0..1, and `mean_s` of the calls that count, None without any; idle moves, and the minutes
    of all driving without a call, moves and returns, an hour in the whole city. `on_frontier`: no other point is as
    good on lateness for less driving. `home`: no move-ups at all, every unit that comes free drives home."""

    moves_per_h_cap: float | None
    calls: int
    late_share: float | None
    mean_s: float | None
    moves_per_h: float
    empty_min_per_h: float
    on_frontier: bool = True
    home: bool = False


def frontier_of(
    town: Town,
    learned: Calls,
    scored: Sequence[Calls],
    progress: Callable[[int, int], None] = lambda _d, _of: None,
) -> tuple[float, tuple[Point, ...]]:
    """The busy share q, measured on calls of the learned law alone; a point of units that go home, and one for each of
    `CAPS`.

    Args:
        learned: calls drawn from what was learned before the span: q is measured on them.
        scored: calls of the span, and further draws, all run by every strategy alike.
    """
    prepared = prepare(town)
    q = float(np.clip(simulate(prepared, learned, builtin.closest()).utilisation or 0.3, LEAST_Q, MOST_Q))
    points = [replace(_point(prepared, scored, 0.0, builtin.closest()), home=True)]
    for done, cap in enumerate(CAPS):
        progress(done + 1, len(CAPS) + 1)
        points.append(_point(prepared, scored, cap, _strategy(q, cap)))
    progress(len(CAPS) + 1, len(CAPS) + 1)
    return q, tuple(_marked(points))


def _strategy(q: float, cap: float) -> Strategy:
    if cap == 0.0:
        return builtin.smooth(q, PRICE_PER_MIN, name="move-ups-0")
    return builtin.smooth_with_moves(q, PRICE_PER_MIN, moves_per_h=cap, name=f"move-ups-{cap:g}")


def _point(prepared: Prepared, scored: Sequence[Calls], cap: float, strategy: Strategy) -> Point:
    outcomes = [(calls, simulate(prepared, calls, strategy)) for calls in scored if len(calls)]
    hours = sum(float(calls.at_s[-1] - calls.at_s[outcome.first]) for calls, outcome in outcomes) / HOUR_S
    known = None if cap == inf else cap
    if not outcomes or hours <= 0.0:
        return Point(known, 0, None, None, 0.0, 0.0)
    run: Run = joined([run_of(prepared.town, calls, outcome) for calls, outcome in outcomes])
    served = run.response_s[np.isfinite(run.response_s)]
    return Point(
        known,
        len(run.late),
        float(run.late.mean()) if len(run.late) else None,
        float(served.mean()) if len(served) else None,
        sum(outcome.moves for _, outcome in outcomes) / hours,
        sum(outcome.move_s + outcome.return_s for _, outcome in outcomes) / 60.0 / hours,
    )


def _marked(points: Sequence[Point]) -> list[Point]:
    def beaten(one: Point) -> bool:
        return any(
            other is not one
            and other.late_share is not None
            and one.late_share is not None
            and other.late_share <= one.late_share
            and other.empty_min_per_h < one.empty_min_per_h
            for other in points
        )

    return [replace(point, on_frontier=not beaten(point)) for point in points]
