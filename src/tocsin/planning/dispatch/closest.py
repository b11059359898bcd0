"""The closest-unit rule: what dispatchers do by default, and the fallback of every other planner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tocsin.model.city import Need
from tocsin.model.ids import UnitId, UnitKindId
from tocsin.model.plan import Choice, Missing, Plan, Reason, Shortfall
from tocsin.planning.dispatch.problem import Candidate, Problem
from tocsin.planning.dispatch.requests import draft_requests
from tocsin.planning.dispatch.shortfalls import shortfall_of
from tocsin.planning.dispatch.uncovers import Uncovering
from tocsin.planning.stop import Stop

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
        picks = self.picks(problem)
        taken = [pick.unit for pick in picks]
        reasons = [self.reason(problem, pick, taken) for pick in picks]
        return drawn_up(problem, picks, reasons, self.runner_up(problem, picks), planner=self.name, seed=seed)

    def picks(self, problem: Problem) -> list[Pick]:
        """A unit for each place of the card, as far as there are any."""
        picks: list[Pick] = []
        for line, need in enumerate(problem.needs):
            later = problem.needs[line + 1 :]
            for _ in range(need.count):
                ranked = self.ranked(problem, need, [p.unit for p in picks], later)
                picks.extend(Pick(line, need, best) for best in ranked[:1])
        return picks

    def ranked(
        self, problem: Problem, need: Need, taken: Collection[UnitId], later: Sequence[Need] = ()
    ) -> list[Candidate]:
        """Who could fill the line, best first."""
        rank = {kind: i for i, kind in reversed(tuple(enumerate((need.kind, *need.substitutes))))}
        left = [c for c in problem.candidates if c.free.kind in rank and _can(c, need) and c.free.unit not in taken]
        spare = Counter(c.free.kind for c in left)
        for line in later:
            spare[line.kind] -= line.count
        fit = [c for c in left if c.free.kind == need.kind or spare[c.free.kind] > 0]
        return sorted(fit, key=lambda c: (c.eta_s + self.head_start_s * rank[c.free.kind], c.free.unit))

    def runner_up(self, problem: Problem, picks: Sequence[Pick]) -> Pick | None:
        """Next best for the first line, if that line was filled."""
        if not picks or picks[0].line != 0:
            return None
        ranked = self.ranked(problem, problem.needs[0], [p.unit for p in picks])
        return Pick(0, problem.needs[0], ranked[0]) if ranked else None

    def reason(self, problem: Problem, pick: Pick, taken: Collection[UnitId]) -> Reason:
        """Beside a unit stands the next of the kind asked for, which is not proposed as well."""
        asked, mine = pick.need.kind, pick.candidate
        rest = self.ranked(problem, Need(asked, skills=pick.need.skills), taken)
        values: dict[str, str | float | int] = {"unit": pick.unit, "kind": mine.free.kind}
        if rest:
            values |= {"next_unit": rest[0].free.unit, "later_s": round(rest[0].eta_s - mine.eta_s)}
        if mine.free.kind != asked:
            return Reason("substitute_sooner" if rest else "substitute", values | {"asked": asked})
        if not mine.by_road:
            return Reason("straight_line", values)
        if not rest:
            return Reason("only_free", values)
        if rest[0].eta_s - mine.eta_s >= CLEARLY_S:
            return Reason("closest_by_road", values)
        return Reason("closest_of", values | {"n": _count(problem, asked)})


def drawn_up(
    problem: Problem,
    picks: Sequence[Pick],
    reasons: Sequence[Reason],
    runner_up: Pick | None,
    *,
    planner: str,
    seed: int,
) -> Plan:
    """The plan that these picks make, with what they leave uncovered and what could not be filled."""
    taken = [pick.unit for pick in picks]
    instead = [*taken[1:], runner_up.unit] if runner_up is not None else []
    uncovering = Uncovering(problem)
    missing = _missing(problem, picks)
    return Plan(
        call=problem.call.call,
        made=problem.now,
        based_on=problem.based_on,
        planner=planner,
        seed=seed,
        choices=tuple(_choice(problem, pick, reason) for pick, reason in zip(picks, reasons, strict=True)),
        runner_up=None if runner_up is None else _choice(problem, runner_up, _second(picks[0], runner_up)),
        runner_up_uncovers=uncovering.by(instead),
        uncovers=uncovering.by(taken),
        missing=missing,
        cover_unknown=uncovering.unknown(taken),
        requests=draft_requests(problem, missing),
    )


def _can(candidate: Candidate, need: Need) -> bool:
    """Some open way leads there, and the unit has every skill that the line asks for."""
    return candidate.reachable and set(need.skills) <= set(candidate.free.skills)


def _count(problem: Problem, kind: UnitKindId) -> int:
    """How many of the kind are free, their place known."""
    return sum(c.free.kind == kind for c in problem.candidates)


def _second(first: Pick, second: Pick) -> Reason:
    """Why the runner-up is second. A substitute may be there sooner, but by less than its head start."""
    later_s = round(second.candidate.eta_s - first.candidate.eta_s)
    values: dict[str, str | float | int] = {"unit": second.unit, "first_unit": first.unit, "later_s": later_s}
    if second.candidate.free.kind == second.need.kind or later_s >= 0:
        return Reason("next_closest", values)
    return Reason("next_substitute", values | {"asked": second.need.kind, "kind": second.candidate.free.kind})


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
