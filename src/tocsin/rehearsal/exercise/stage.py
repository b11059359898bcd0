"""Everything that an exercise is played on, made of a pack and a spec, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

import polars as pl

from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City, Period
from tocsin.model.ids import UnitKindId
from tocsin.rehearsal.exercise.city import ExerciseCity, exercise_city
from tocsin.rehearsal.exercise.course import ExerciseCall, with_scenario
from tocsin.rehearsal.exercise.moving import ExpectedCover
from tocsin.rehearsal.exercise.orders import Order
from tocsin.rehearsal.exercise.recorded import Course, generated_course, recorded_course
from tocsin.rehearsal.exercise.roads import Roads, TravelLaw
from tocsin.rehearsal.exercise.scenario import ExerciseSpec
from tocsin.rehearsal.exercise.world import World
from tocsin.rehearsal.towns.travel import learn_travel

ANY_KIND = UnitKindId("")
"""Asks the travel model for its law of all kinds together."""
RuleAfter: TypeAlias = Callable[[ExerciseCall], float | None]
"""Seconds after a call when units go by the nearest-unit rule if nobody was sent by order; None: never."""


def by_the_rule(call: ExerciseCall) -> float:
    """The rule alone: it sends when the record did, or after call taking."""
    return call.delay_s


BUSY = (0.2, 0.35, 0.5)
"""Busy probabilities of the strategies that an exercise is set beside."""


@dataclass(slots=True)
class Ground:
    """What all exercises of a pack share: city, record and streets."""

    city: City
    calls: pl.DataFrame
    responses: pl.DataFrame | None
    graph: StreetGraph | None
    laws: dict[datetime, TravelLaw] = field(default_factory=dict)

    def law(self, before: datetime) -> TravelLaw:
        """How units drive, learned from the record before a time; the prior where it says too little."""
        if before not in self.laws:
            city, calls = self.city, self.calls
            first = calls["received"].min() if calls.height else None
            span = Period(first, before) if isinstance(first, datetime) and first < before else None
            learned = None if span is None else learn_travel(city, self.graph, calls, self.responses, span)
            model = learned if learned is not None else learn_travel(city, None, calls, None, Period(before, before))
            self.laws[before] = model.law_for(ANY_KIND, by_road=self.graph is not None)
        return self.laws[before]


@dataclass(frozen=True)
class Stage:
    """Everything that an exercise is played on, made of its spec alone: the same spec gives the same stage."""

    ground: Ground
    spec: ExerciseSpec

    @property
    def begin(self) -> datetime:
        """When the world begins, with its lead-in."""
        return self.spec.start - timedelta(seconds=self.spec.lead_in_s)

    @cached_property
    def course(self) -> Course:
        """The calls before the scenario. Raises: BadScenario."""
        ground, spec = self.ground, self.spec
        make = recorded_course if spec.recorded else generated_course
        return make(ground.city, ground.calls, ground.responses, Period(self.begin, spec.until), spec.seed)

    @cached_property
    def calls(self) -> tuple[ExerciseCall, ...]:
        """The calls as the scenario has them."""
        return with_scenario(self.course.calls, self.spec.scenario, self.spec.seed)

    @cached_property
    def setting(self) -> ExerciseCity:
        """The city as the scenario has it. Raises: BadScenario."""
        ground, spec = self.ground, self.spec
        span = Period(self.begin, spec.until)
        return exercise_city(ground.city, spec.scenario, span, self.calls, ground.responses)

    def rule_after_s(self, _: ExerciseCall) -> float | None:
        """When units of this exercise go by themselves."""
        return self.spec.auto_send_s

    def runs_of_strategies(self, until: datetime) -> list[World]:
        """The rule alone, and with units moved by expected cover, once for each of `BUSY`."""
        return [self.run([], until, rule_after_s=by_the_rule, busy=q) for q in (None, *BUSY)]

    def world(self, *, rule_after_s: RuleAfter, busy: float | None = None) -> World:
        """A world at its beginning. `busy`: units that come free are moved by expected cover with this q."""
        city = self.setting.city
        roads = Roads(city, self.ground.graph, self.ground.law(self.spec.start), self.spec.scenario.power_cuts)
        cover = None if busy is None else ExpectedCover(city, roads, self.spec.start, busy)
        return World(
            city, roads, self.calls, self.begin, rule_until=self.spec.start, rule_after_s=rule_after_s, cover=cover
        )

    def run(
        self, orders: Sequence[Order], until: datetime, *, rule_after_s: RuleAfter, busy: float | None = None
    ) -> World:
        """A world at `until`, under orders."""
        world = self.world(rule_after_s=rule_after_s, busy=busy)
        for order in sorted(orders, key=lambda order: order.at):
            world.order(order)
        world.advance(until)
        return world
