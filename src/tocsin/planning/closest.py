"""The closest-unit rule: what dispatchers do by default, and the fallback of every other planner."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tocsin.model.city import Need
from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.plan import Choice, Missing, Plan, Reason, Shortfall
from tocsin.planning.problem import Candidate, Problem
from tocsin.planning.protocol import Stop
from tocsin.planning.shortfalls import shortfall_of
from tocsin.planning.uncovers import uncovers

CLEARLY_S = 60.0
"""From here on a lead over the next unit is named; below, the choice is one among several alike."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A candidate for line `line` of the problem's needs."""

    line: int
    need: Need
    candidate: Candidate

    @property
    def unit(self) -> UnitId:
        """The unit picked."""
        return self.candidate.free.unit


@dataclass(frozen=True, slots=True)
class ClosestUnit:
    """For each line of the card, in its order, the free unit that is there first by predicted time.

    A substitute is taken only if it is there more than `head_start_s` sooner than a unit of the kind asked for
    (twice that for the second substitute, and so on), or if there is none; and never a unit that another line
    needs as its own kind. No unit is taken twice.
    """

    head_start_s: float = 60.0
    name: str = "closest_unit"

    def plan(self, problem: Problem, *, seed: int, stop: Stop) -> Plan:  # noqa: ARG002 - too quick to be stopped
        """A proposal with reasons. Takes no chances: `seed` is only noted."""
        picks = self._picks(problem)
        taken = [pick.unit for pick in picks]
        runner_up = self._runner_up(problem, picks)
        instead = [*taken[1:], runner_up.unit] if runner_up is not None else []
        return Plan(
            call=problem.call.call,
            made=problem.now,
            based_on=problem.based_on,
            planner=self.name,
            seed=seed,
            choices=tuple(_choice(problem, p, self._reason(problem, p, taken)) for p in picks),
            runner_up=None if runner_up is None else _choice(problem, runner_up, _second(picks[0], runner_up)),
            runner_up_uncovers=uncovers(problem, instead) if instead else (),
            uncovers=uncovers(problem, taken) if taken else (),
            missing=_missing(problem, picks),
        )

    def _picks(self, problem: Problem) -> list[Pick]:
        picks: list[Pick] = []
        for line, need in enumerate(problem.needs):
            later = problem.needs[line + 1 :]
            for _ in range(need.count):
                best = next(self._ranked(problem, need, [p.unit for p in picks], later), None)
                if best is not None:
                    picks.append(Pick(line, need, best))
        return picks

    def _ranked(
        self, problem: Problem, need: Need, taken: Collection[UnitId], later: Sequence[Need] = ()
    ) -> Iterator[Candidate]:
        """Who could fill the line, best first."""
        rank = {kind: i for i, kind in reversed(tuple(enumerate((need.kind, *need.substitutes))))}
        left = [c for c in problem.candidates if c.reachable and c.free.unit not in taken]
        spare = [c for c in left if c.free.kind == need.kind or (c.free.kind in rank and _is_spare(c, left, later))]
        spare.sort(key=lambda c: (c.eta_s + self.head_start_s * rank[c.free.kind], c.free.unit))
        return iter(spare)

    def _runner_up(self, problem: Problem, picks: Sequence[Pick]) -> Pick | None:
        """Next best for the first line, if that line was filled."""
        if not picks or picks[0].line != 0:
            return None
        best = next(self._ranked(problem, problem.needs[0], [p.unit for p in picks]), None)
        return None if best is None else Pick(0, problem.needs[0], best)

    def _reason(self, problem: Problem, pick: Pick, taken: Collection[UnitId]) -> Reason:
        next_ = next(self._ranked(problem, pick.need, taken), None)
        values: dict[str, str | float | int] = {"unit": pick.unit, "kind": pick.candidate.free.kind}
        if next_ is not None:
            values |= {"next_unit": next_.free.unit, "later_s": round(next_.eta_s - pick.candidate.eta_s)}
        if pick.candidate.free.kind != pick.need.kind:
            return Reason("substitute", values | {"asked": pick.need.kind})
        if not pick.candidate.by_road:
            return Reason("straight_line", values)
        if next_ is None:
            return Reason("only_free", values)
        if next_.eta_s - pick.candidate.eta_s >= CLEARLY_S:
            return Reason("closest_by_road", values)
        return Reason("closest_of", values | {"n": _count(problem, pick.candidate.free.kind)})


def _is_spare(substitute: Candidate, left: Sequence[Candidate], later: Sequence[Need]) -> bool:
    """Whether it can stand in without leaving a later line that asks for its kind short."""
    kind = substitute.free.kind
    return sum(c.free.kind == kind for c in left) > sum(n.count for n in later if n.kind == kind)


def _count(problem: Problem, kind: UnitKindId) -> int:
    return sum(c.reachable and c.free.kind == kind for c in problem.candidates)


def _second(first: Pick, second: Pick) -> Reason:
    later_s = round(second.candidate.eta_s - first.candidate.eta_s)
    return Reason("next_closest", {"unit": second.unit, "first_unit": first.unit, "later_s": later_s})


def _choice(problem: Problem, pick: Pick, reason: Reason) -> Choice:
    c = pick.candidate
    return Choice(
        unit=pick.unit,
        kind=c.free.kind,
        for_kind=pick.need.kind,
        eta_s=c.eta_s,
        eta_low_s=c.eta_low_s,
        eta_high_s=c.eta_high_s,
        in_time=c.in_time,
        by_road=c.by_road,
        reason=reason,
        path=problem.path_of(c),
        certain=c.free.certain,
    )


def _missing(problem: Problem, picks: Sequence[Pick]) -> tuple[Missing, ...]:
    if problem.card is None:
        return (Missing(UnitKindId(""), 0, Shortfall.NO_CARD),)
    taken = [pick.unit for pick in picks]
    short: list[Missing] = []
    for line, need in enumerate(problem.needs):
        found = sum(pick.line == line for pick in picks)
        if found < need.count:
            short.append(Missing(need.kind, need.count - found, shortfall_of(problem, need, taken)))
    return tuple(short)
