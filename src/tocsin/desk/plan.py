"""The verb *plan*: for every call, who should go, why, and what that leaves uncovered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.travel import TravelDesk
from tocsin.model.city import City
from tocsin.model.commands import Command, ProposePlan
from tocsin.model.ids import CallId, CommandId
from tocsin.model.origin import Mode, Origin
from tocsin.model.plan import Plan, Reason
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.dispatch.protocol import Planner
from tocsin.planning.stop import Stop, never
from tocsin.ports import EMPTY_LOG
from tocsin.situation.duty import is_free
from tocsin.situation.picture import CallState, Situation

MANY = 20
"""With more calls waiting at once the closest unit is proposed for each, so that none waits for looking ahead."""
LONGEST_WAIT = timedelta(hours=1)
"""Calls that nobody was sent to for so long are not proposed for again."""
AGES_AFTER = timedelta(minutes=2)
"""A proposal older than this is made anew while nobody is sent: what is left of the target has shrunk, units moved. Not
in a replay, where nobody can be sent and the record goes on by itself."""

RENEWED = 2
"""Aged proposals made anew at one look: looks come every 30 s, and a flood of waiting calls may not slow the desk."""

_FALLBACK = ClosestUnit()


class PlanDesk:
    """Proposes for calls that have no plan yet, newest first when there are too many.

    Args:
        lateness: what looking ahead looks at; None: nobody looks ahead.
        deadline: begins a planner's time and gives what tells it to stop. Without one a planner finishes, so that the
            same log gives the same plans; that is for recorded cities.
    """

    def __init__(
        self,
        city: City,
        mode: Mode,
        planner: Planner,
        travel: TravelDesk,
        *,
        seed: int = 0,
        lateness: LatenessDesk | None = None,
        deadline: Callable[[], Stop] = lambda: never,
    ) -> None:
        self._city = city
        self._lateness = lateness
        self._deadline = deadline
        self.planner = planner
        self._travel = travel
        self._seed = seed
        self._origin = Origin(actor="desk:plan", role="desk", purpose="emergency_response", mode=mode)
        self._ages = mode is not Mode.REPLAY
        self._calls_seen = -1
        self._behind: set[CallId] = set()
        self._looked_seq = EMPTY_LOG
        self._answered: set[CallId] = set()

    def due(self, situation: Situation, now: datetime, may_go_on: Callable[[], bool] = lambda: True) -> list[Command]:
        """Proposals for the calls without one. `may_go_on` is asked between calls; the rest waits for the next time."""
        waiting = self._without_plan(situation)
        rush = Reason("fallback_many", {"waiting": len(waiting)}) if len(waiting) > MANY else None
        commands: list[Command] = []
        for call in waiting:
            if commands and not may_go_on():
                break
            commands.append(
                ProposePlan(
                    id=CommandId(f"plan/{call.call}"),
                    origin=self._origin,
                    plan=self.propose(situation, call, now, rush),
                )
            )
            self._behind.discard(call.call)
        return commands

    def again(self, situation: Situation, now: datetime) -> list[Command]:
        """New proposals for calls that still wait while a unit that was proposed has gone elsewhere, or while the
        proposal ages: of the aged ones the oldest `RENEWED`."""
        waiting = [s for s in self._unanswered(situation) if now - situation.calls[s.call].received <= LONGEST_WAIT]
        plans = situation.plans
        overtaken = [s for s in waiting if self._overtaken(situation, plans[s.call], now)]
        open_ = [s for s in waiting if s not in overtaken and s.call not in situation.decisions]
        aged = [s for s in open_ if self._ages and now - plans[s.call].made > AGES_AFTER]
        aged.sort(key=lambda s: (plans[s.call].made, s.call))
        return [self._proposed(situation, state, now) for state in (*overtaken, *aged[:RENEWED])]

    def _proposed(self, situation: Situation, state: CallState, now: datetime) -> Command:
        key = CommandId(f"plan/{state.call}/{now:%Y-%m-%dT%H:%M:%S}")
        return ProposePlan(id=key, origin=self._origin, plan=self.propose(situation, state, now))

    def _unanswered(self, situation: Situation) -> list[CallState]:
        """Calls with a plan that nobody was sent to. A call that somebody was sent to stays so while the log goes on:
        of the many plans that a picture keeps, each look reads the few others."""
        if situation.seq < self._looked_seq:  # the log could not keep what the last look had seen
            self._answered.clear()
        self._looked_seq = situation.seq
        answered = self._answered
        if len(answered) > len(situation.plans):
            answered.intersection_update(situation.plans)
        known = [situation.calls.get(call) for call in situation.plans if call not in answered]
        answered.update(state.call for state in known if state is not None and state.assignments)
        return [state for state in known if state is not None and not state.assignments]

    def _overtaken(self, situation: Situation, plan: Plan, now: datetime) -> bool:
        chosen = (situation.units.get(choice.unit) for choice in plan.choices)
        return any(unit is not None and not is_free(self._city, unit, now) for unit in chosen)

    def propose(self, situation: Situation, call: CallState, now: datetime, rush: Reason | None = None) -> Plan:
        """A fresh proposal for one call from one picture; by the closest-unit rule in a `rush`."""
        stop = self._deadline()
        lateness = None if self._lateness is None or rush is not None else self._lateness.at(situation, now)
        travel = self._travel
        problem = problem_of(self._city, travel.graph, travel.model, situation, call, now, lateness)
        if rush is not None:
            return replace(_FALLBACK.plan(problem, seed=self._seed, stop=stop), fallback=rush)
        return self.planner.plan(problem, seed=self._seed, stop=stop)

    def _without_plan(self, situation: Situation) -> list[CallState]:
        if situation.tally.calls != self._calls_seen:
            self._calls_seen = situation.tally.calls
            self._behind = {c for c in situation.calls if c not in situation.plans}
        calls = [situation.calls[c] for c in self._behind if c in situation.calls and c not in situation.plans]
        return sorted(calls, key=lambda c: (c.received, c.call), reverse=True)
