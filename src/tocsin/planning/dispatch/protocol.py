"""What a planner is."""

from __future__ import annotations

from typing import Protocol

from tocsin.model.plan import Plan
from tocsin.planning.dispatch.problem import Problem
from tocsin.planning.stop import Stop


class Planner(Protocol):
    """Makes a proposal. The same problem and seed give the same plan, as long as `stop` answers alike."""

    def plan(self, problem: Problem, *, seed: int, stop: Stop) -> Plan:
        """A proposal for the problem's call. What cannot be filled is in `Plan.missing`, never an exception."""
        ...
