"""The calls of an exercise, and every draw that they bring: the same for every course of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from tocsin.errors import BadScenario
from tocsin.model.city import City, Period
from tocsin.model.ids import AreaId, CallId, HospitalId
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.roads import within
from tocsin.rehearsal.exercise.scenario import Scenario, Surge

MOST_CALLS = 100_000
CALL_TAKING_S = 60.0
"""From a call until the rule sends, where the record does not say when units were sent."""
MOST_IN_A_MINUTE = 1_000


@dataclass(frozen=True, slots=True)
class ExerciseCall:
    """A call and what it will take.

    `delay_s`: from the call until the nearest-unit rule sends. `target_s` None: no run card gives one. `luck`: on the
    drive to it, standard normal; below 0 is quicker than the median. `recorded`: it came like this; `recorded_s`:
    seconds to the first unit on scene then, None where nobody knows.
    """

    call: CallId
    received: datetime
    kind: str
    priority: int
    target_s: float | None
    place: Point
    area: AreaId | None
    on_scene_s: float
    transport: bool
    handover_s: float
    delay_s: float = CALL_TAKING_S
    hospital: HospitalId | None = None
    luck: float = 0.0
    recorded: bool = False
    recorded_s: float | None = None


def with_scenario(calls: Sequence[ExerciseCall], scenario: Scenario, seed: int) -> tuple[ExerciseCall, ...]:
    """The calls as the scenario has them, in time order.

    A surge of k keeps every call and adds copies, k - 1 for each on average, with their times moved by up to half an
    hour inside the surge; below 1 it drops calls. Where several surges hold for a call, the strongest does. The same
    seed gives the same calls, and each call's own draws do not depend on the others.

    Raises: BadScenario when that makes more calls than an exercise can hold.
    """
    found: list[ExerciseCall] = []
    surges = _surges(scenario)
    for n, call in enumerate(calls):
        rng = np.random.default_rng([seed, 1, n])
        surge = _surge_of(surges, call)
        if surge is None:
            found.append(call)
            continue
        copies = int(surge.times) + (rng.random() < surge.times - int(surge.times))
        found += [call][:copies]
        found += [_copy(call, k, surge, rng) for k in range(1, copies)]
        if len(found) > MOST_CALLS:
            raise BadScenario("surges", f"more than {MOST_CALLS:,} calls: lower `times`, or shorten the span")
    found.sort(key=lambda call: (call.received, call.call))
    check_crowd(found)
    return tuple(found)


def check_crowd(calls: Sequence[ExerciseCall]) -> None:
    """Raises: BadScenario when more than `MOST_IN_A_MINUTE` calls come within one minute; `calls` in time order."""
    for first, last in zip(calls, calls[MOST_IN_A_MINUTE:], strict=False):
        if last.received - first.received < timedelta(minutes=1):
            raise BadScenario(
                "surges",
                f"more than {MOST_IN_A_MINUTE:,} calls in the minute from {first.received.isoformat()}: no desk takes "
                "that; lower `times`",
            )


def _surges(scenario: Scenario) -> list[Surge]:
    dark = [Surge(cut.times, cut.period, cut.areas) for cut in scenario.power_cuts if cut.times != 1.0]
    return [*scenario.surges, *dark]


def _surge_of(surges: Sequence[Surge], call: ExerciseCall) -> Surge | None:
    holds = [
        s
        for s in surges
        if within(s.period, call.received)
        and (not s.areas or call.area in s.areas)
        and (not s.kinds or call.kind in s.kinds)
    ]
    return max(holds, key=lambda s: abs(np.log(max(s.times, 1e-9))), default=None)


def _copy(call: ExerciseCall, k: int, surge: Surge, rng: np.random.Generator) -> ExerciseCall:
    half_h = timedelta(minutes=30)
    start, end = max(surge.period.start, call.received - half_h), min(surge.period.end, call.received + half_h)
    # Whole seconds, as recorded calls have them, and never at the very end: periods are half-open.
    shift_s = int(rng.random() * max((end - start).total_seconds() - 1.0, 0.0))
    return replace(
        call,
        call=CallId(f"{call.call}+{k}"),
        received=start + timedelta(seconds=shift_s),
        luck=float(rng.standard_normal()),
        recorded=False,
        recorded_s=None,
    )


def resolved(city: City, kind: str, priority: int | None) -> tuple[int, float | None]:
    """Priority and target of a call, as the city's run cards have them."""
    card = city.find_card(kind, priority)
    if card is None:
        return priority or 1, None
    return (card.priority if priority is None else priority), card.target_s


def span_of(calls: Sequence[ExerciseCall]) -> Period | None:
    """From the first call to just after the last; None without calls."""
    return Period(calls[0].received, calls[-1].received + timedelta(seconds=1)) if calls else None
