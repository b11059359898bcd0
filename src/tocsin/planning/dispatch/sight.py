"""What it costs the next hour that some units leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.planning.lateness import Idle, KindLateness, Lateness, idle_of
from tocsin.planning.problem import Problem


class Sight:
    """Answers how many more calls would be late, for several choices on the same problem. A unit counts for every kind
    of unit that it can stand for: the headline kinds and those that the card asks for."""

    def __init__(self, problem: Problem, lateness: Lateness) -> None:
        kinds = [k.kind for k in problem.city.list_headline_kinds()] + [n.kind for n in problem.needs]
        known = [one for one in (lateness.find(kind) for kind in dict.fromkeys(kinds)) if one is not None]
        self._kinds = [(one, idle_of(one.grid, one.family, problem.idle)) for one in known]
        self._areas = tuple(problem.city.areas)
        self._kind_of = {unit.unit: unit.kind for unit in problem.idle}

    def losses(self, units: Iterable[UnitId], gone: Collection[UnitId]) -> dict[UnitId, float]:
        """For each unit, how many more calls of the next hour would be late if it left after those that are gone."""
        loss = dict.fromkeys(units, 0.0)
        for one, idle in self._kinds:
            mine = [unit for unit in loss if unit in idle.row]
            if mine:
                more = one.removals(idle.without(gone))
                for unit in mine:
                    loss[unit] += float(more[idle.row[unit]])
        return loss

    def changes(self, leaving: Collection[UnitId]) -> tuple[LateChange, ...]:
        """By kind that loses a unit, expected late calls before and after."""
        return tuple(
            one.change(idle.counts, idle.without(leaving), self._areas) for one, idle in self._touched(leaving)
        )

    def total(self, leaving: Collection[UnitId]) -> float | None:
        """More late calls, all kinds together; None where no kind is known."""
        if not self._kinds:
            return None
        return sum(one.total(idle.without(leaving)) - one.total(idle.counts) for one, idle in self._touched(leaving))

    def _touched(self, leaving: Collection[UnitId]) -> list[tuple[KindLateness, Idle]]:
        kinds: set[UnitKindId] = {self._kind_of[unit] for unit in leaving if unit in self._kind_of}
        return [(one, idle) for one, idle in self._kinds if kinds & one.family]
