"""What a planner is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from tocsin.model.plan import Plan
from tocsin.planning.problem import Problem

Stop: TypeAlias = Callable[[], bool]
"""Asked between steps; True: answer now with the best found. The core reads no clock, so whoever calls holds it."""


def never() -> bool:
    """A `Stop` that lets a planner finish."""
    return False


class Planner(Protocol):
    """Makes a proposal. The same problem and seed give the same plan, as long as `stop` answers alike."""

    def plan(self, problem: Problem, *, seed: int, stop: Stop) -> Plan:
        """A proposal for the problem's call. What cannot be filled is in `Plan.missing`, never an exception."""
        ...
