"""Why a line of the card cannot be filled."""

from __future__ import annotations

from collections.abc import Collection

from tocsin.model.city import Need
from tocsin.model.ids import UnitId
from tocsin.model.marks import UnitStatus
from tocsin.model.plan import Shortfall
from tocsin.planning.dispatch.problem import Problem
from tocsin.situation.duty import status_of


def shortfall_of(problem: Problem, need: Need, taken: Collection[UnitId]) -> Shortfall:
    """The nearest reason, in the order in which somebody could do something about it."""
    kinds, wanted = {need.kind, *need.substitutes}, set(need.skills)
    if not any(u.kind in kinds and wanted <= set(u.skills) for u in problem.city.units.values()):
        return Shortfall.NO_SUCH_UNIT
    if problem.place is None:
        return Shortfall.CALL_PLACE_UNKNOWN
    left = [f for f in problem.free if f.kind in kinds and wanted <= set(f.skills) and f.unit not in taken]
    if any(not c.reachable for c in problem.candidates if c.free in left):
        return Shortfall.OUT_OF_REACH
    if any(f.place is None for f in left):
        return Shortfall.PLACES_UNKNOWN
    return Shortfall.ALL_BUSY if _any_busy(problem, need, taken) else Shortfall.ALL_OFF_DUTY


def _any_busy(problem: Problem, need: Need, taken: Collection[UnitId]) -> bool:
    """Some unit of the kinds is on a call, or already proposed for this one."""
    kinds = {need.kind, *need.substitutes}
    for unit in problem.city.units.values():
        if unit.kind not in kinds or not set(need.skills) <= set(unit.skills):
            continue
        state = problem.situation.units.get(unit.unit)
        status = UnitStatus.OFF_DUTY if state is None else status_of(problem.city, state, problem.now).status
        if unit.unit in taken or status.busy:
            return True
    return False
