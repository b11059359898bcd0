"""Who goes, with an eye on the calls that may come next.

For priority 1 the closest unit is the rule, and only near-equals may stand in for it: units of the same kind that are
there at most `near_s` later with a chance to be in time at most `tolerance` lower. Of these the one that leaves the
fewest expected late calls goes. For other priorities a unit may be later, up to a stated time, where that saves more
late calls than it costs: its own chance to be late, and `MINUTE` of a late call for every minute, count against it.

That look-ahead dispatch must not delay the most urgent calls is the lesson of Jagtenberg, Bhulai and van der Mei 2017
(Health Care Management Science 20), whose heuristic has fewer late calls at a third longer mean response.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tocsin.model.city import Need
from tocsin.model.ids import UnitId
from tocsin.model.plan import Plan, Price, Reason
from tocsin.planning.dispatch.closest import ClosestUnit, Pick, drawn_up
from tocsin.planning.dispatch.problem import Candidate, Problem
from tocsin.planning.dispatch.sight import Sight
from tocsin.planning.stop import Stop

NEAR_S = 15.0
"""Less than the error of any travel time: two units this close are as good as equally near."""
TOLERANCE = 0.01
LATER_S = (60.0, 180.0)
"""How much later a unit may be for priority 2, and for lower ones."""
LEAST_SAVING = 0.005
"""Late calls of the next hour: smaller savings are no reason to leave the closest unit."""
MINUTE = 0.02
"""What a minute later costs, in late calls: as in the smooth lateness of `planning.relocation`."""


@dataclass(frozen=True, slots=True)
class LookAhead:
    """A planner. Falls back to `closest` where nothing can be seen ahead, and when it is stopped; the plan says so."""

    closest: ClosestUnit = field(default_factory=ClosestUnit)
    near_s: float = NEAR_S
    tolerance: float = TOLERANCE
    name: str = "look_ahead"

    def plan(self, problem: Problem, *, seed: int, stop: Stop) -> Plan:
        """A proposal with reasons. Takes no chances: `seed` is only noted."""
        first = self.closest.picks(problem)
        blind = _blind(problem)
        if blind is not None or not first:
            return replace(self._closest(problem, first, seed), fallback=blind)
        assert problem.lateness is not None  # noqa: S101 - `_blind` said so
        if stop():
            return replace(self._closest(problem, first, seed), fallback=Reason("fallback_deadline"))
        sight = Sight(problem, problem.lateness)
        if sight.blind:
            return replace(self._closest(problem, first, seed), fallback=Reason("fallback_places"))
        picks = list(first)
        for i in range(len(picks)):
            if stop():
                return replace(self._closest(problem, first, seed), fallback=Reason("fallback_deadline"))
            picks[i] = self._better(problem, sight, picks, i)
        return self._with_sight(problem, sight, first, picks, seed)

    def _closest(self, problem: Problem, picks: Sequence[Pick], seed: int) -> Plan:
        taken = [pick.unit for pick in picks]
        reasons = [self.closest.reason(problem, pick, taken) for pick in picks]
        runner_up = self.closest.runner_up(problem, picks)
        return drawn_up(problem, picks, reasons, runner_up, planner=self.closest.name, seed=seed)

    def _better(self, problem: Problem, sight: Sight, picks: Sequence[Pick], i: int) -> Pick:
        """The pick at place i, or one that may stand in for it and leaves fewer late calls."""
        pick, others = picks[i], [p.unit for p in picks if p is not picks[i]]
        rivals = self._rivals(problem, pick, others)
        if not rivals:
            return pick
        loss = sight.losses([c.free.unit for c in (pick.candidate, *rivals)], others)
        best = min(rivals, key=lambda c: (_cost(c, loss, problem), c.eta_s, c.free.unit))
        if _cost(pick.candidate, loss, problem) - _cost(best, loss, problem) < LEAST_SAVING:
            return pick
        return replace(pick, candidate=best)

    def _rivals(self, problem: Problem, pick: Pick, others: Sequence[UnitId]) -> list[Candidate]:
        """Who may stand in for the closest unit, nearest first."""
        mine, most_s = pick.candidate, self._later_s(problem.call.priority)
        alike = self.closest.ranked(problem, Need(mine.free.kind, skills=pick.need.skills), [pick.unit, *others])
        near = [c for c in alike if c.eta_s - mine.eta_s <= most_s]
        if problem.call.priority > 1:
            return near
        return [c for c in near if mine.in_time is None or (c.in_time or 0.0) >= mine.in_time - self.tolerance]

    def _later_s(self, priority: int) -> float:
        return self.near_s if priority <= 1 else LATER_S[0] if priority == 2 else LATER_S[1]

    def _with_sight(
        self, problem: Problem, sight: Sight, first: Sequence[Pick], picks: Sequence[Pick], seed: int
    ) -> Plan:
        taken = [pick.unit for pick in picks]
        reasons = [
            self._reason(problem, sight, closest, pick, taken) for closest, pick in zip(first, picks, strict=True)
        ]
        runner_up = first[0] if picks[0].unit != first[0].unit else self.closest.runner_up(problem, picks)
        instead = None if runner_up is None else [runner_up.unit, *taken[1:]]
        plan = drawn_up(problem, picks, reasons, runner_up, planner=self.name, seed=seed)
        plan = replace(
            plan,
            late=sight.changes(taken),
            runner_up_late=() if instead is None else sight.changes(instead),
            rule=self._rule(problem, changed=[p.unit for p in picks] != [p.unit for p in first]),
        )
        return replace(plan, price=_price(plan))

    def _reason(self, problem: Problem, sight: Sight, closest: Pick, pick: Pick, taken: Sequence[UnitId]) -> Reason:
        if pick.unit == closest.unit:
            return self.closest.reason(problem, pick, taken)
        others = [unit for unit in taken if unit != pick.unit]
        loss = sight.losses([pick.unit, closest.unit], others)
        values: dict[str, str | float | int] = {
            "unit": pick.unit,
            "kind": pick.candidate.free.kind,
            "nearest": closest.unit,
            "later_s": round(pick.candidate.eta_s - closest.candidate.eta_s),
            "saved": round(loss[closest.unit] - loss[pick.unit], 3),
        }
        if problem.call.priority > 1:
            return Reason("look_ahead_trade", values | {"priority": problem.call.priority})
        count = 1 + len(self._rivals(problem, closest, others))
        return Reason("look_ahead", values | {"n": count, "near_s": round(self.near_s)})

    def _rule(self, problem: Problem, *, changed: bool) -> Reason:
        if problem.call.priority <= 1:
            return Reason("rule_near_equals", {"near_s": round(self.near_s)})
        if not changed:
            return Reason("rule_nearest")
        priority = problem.call.priority
        return Reason("rule_trade", {"priority": priority, "later_s": round(self._later_s(priority))})


def _blind(problem: Problem) -> Reason | None:
    """Why nothing can be seen ahead."""
    if problem.lateness is None or problem.lateness.why_unknown() is None:
        return None if problem.lateness is not None else Reason("fallback_no_forecast")
    why = problem.lateness.why_unknown()
    no_forecast = why is not None and why.code == "late_no_forecast"
    return Reason("fallback_no_forecast") if no_forecast else Reason("fallback_no_stations")


def _cost(candidate: Candidate, loss: dict[UnitId, float], problem: Problem) -> float:
    """Late calls: of the next hour, and, where the priority lets it be weighed, this one."""
    ahead = loss[candidate.free.unit]
    if problem.call.priority <= 1:
        return ahead
    return ahead + (1.0 - (candidate.in_time or 0.0)) + MINUTE * candidate.eta_s / 60.0


def _price(plan: Plan) -> Price | None:
    if plan.runner_up is None:
        return None
    first, second = plan.choices[0], plan.runner_up
    chance = None if first.in_time is None or second.in_time is None else first.in_time - second.in_time
    mine, other = (sum(change.change for change in late) for late in (plan.late, plan.runner_up_late))
    known = bool(plan.late or plan.runner_up_late)
    return Price(second.eta_s - first.eta_s, chance, mine - other if known else None)
