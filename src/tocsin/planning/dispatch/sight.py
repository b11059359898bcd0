"""What it costs the next hour that some units leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tocsin.geography.metric import Floats
from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.planning.cover.lateness import Idle, KindLateness, Lateness, idle_of, is_known
from tocsin.planning.dispatch.problem import Problem


class Sight:
    """Answers how many more calls would be late, for several choices on the same problem. A unit counts for every kind
    of unit that it can stand for: the headline kinds and those that the card asks for. Nothing is said of a kind most
    of whose free units are at places that nobody knows."""

    def __init__(self, problem: Problem, lateness: Lateness) -> None:
        kinds = [k.kind for k in problem.city.list_headline_kinds()] + [n.kind for n in problem.needs]
        known = [one for one in (lateness.find(kind) for kind in dict.fromkeys(kinds)) if one is not None]
        placed = [(one, idle_of(one.grid, one.family, problem.idle)) for one in known]
        self._kinds = [(one, idle) for one, idle in placed if is_known(idle)]
        self._now: dict[UnitKindId, Floats] = {}
        self._areas = tuple(problem.city.areas)
        self._kind_of = {unit.unit: unit.kind for unit in problem.idle}

    @property
    def blind(self) -> bool:
        """Nothing can be said of any kind."""
        return not self._kinds

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
            one.between(was, one.by_area(idle.without(leaving)), self._areas)
            for one, idle, was in self._touched(leaving)
        )

    def _touched(self, leaving: Collection[UnitId]) -> Iterator[tuple[KindLateness, Idle, Floats]]:
        """Kinds that some of the units stand for, with their late calls as it is."""
        kinds: set[UnitKindId] = {self._kind_of[unit] for unit in leaving if unit in self._kind_of}
        for one, idle in self._kinds:
            if kinds & one.family:
                if one.kind not in self._now:
                    self._now[one.kind] = one.by_area(idle.counts)
                yield one, idle, self._now[one.kind]
