"""What is the matter right now, rule by rule: pure looks at the picture that `watch` turns into alarms.

* NO_UNIT: a call waits without a unit for more than 120 s (priority 1) or 300 s (others). Level 2; level 1 when a
  priority-1 call has waited for more than half its target, or twice the limit where it has none. Over when a unit is
  sent.
* PAST_TARGET: nobody is there and the target has passed. Level 1 for priority 1, else 3. Over when somebody arrives
  or the call is over.
* UNITS_SHORT: fewer units of a headline kind are free than 3 or 15 % of those on duty, whichever is more (in a fleet
  under six: than half of it). Level 2. Over when a quarter more than that, and one more at least, have been free for
  30 s.
* SURGE: a surge warning is proposed and waits for a decision. Level 2 where its protocol names actions, else 3. Over
  when a role has decided, or the warning has expired.

One cause, one alarm: an urgent call past its target that has no unit either is PAST_TARGET alone; any other call that
waits without a unit is NO_UNIT alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from tocsin.model.alarms import AlarmKind
from tocsin.model.city import City, UnitKind
from tocsin.model.ids import AreaId, CallId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.model.warnings import Warned, WarningKind, WarningState
from tocsin.situation.duty import duty_of, is_busy
from tocsin.situation.numbers import URGENT, past_target, reached, reports_units, wait_limit_s
from tocsin.situation.picture import CallState, Situation

SHORT_COUNT = 3.0
SHORT_SHARE = 0.15
ENOUGH_AGAIN = 1.25
OFF_DELAY = timedelta(seconds=30)

Values = dict[str, str | float | int]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that needs a person. `subject`: the call, the unit kind, the area or `city`."""

    kind: AlarmKind
    subject: str
    level: int
    due: datetime | None
    values: Values = field(default_factory=dict)
    call: CallState | None = None
    unit_kind: UnitKindId | None = None
    area: AreaId | None = None


def list_call_causes(situation: Situation, city: City, now: datetime) -> Iterator[Cause]:
    """NO_UNIT and PAST_TARGET, at most one for each call. None where units do not report at all."""
    if not reports_units(situation, city):
        return
    for call in situation.calls.values():
        if call.first_on_scene is None and call.closed is None:
            cause = _call_cause(call, now)
            if cause is not None:
                yield cause


def _call_cause(call: CallState, now: datetime) -> Cause | None:
    wait_s = (now - call.received).total_seconds()
    late = past_target(call, now)
    if not call.assignments and not (late and call.priority == URGENT):
        return _no_unit(call, wait_s) if wait_s > wait_limit_s(call) else None
    if not late or call.target_s is None:
        return None
    values = _call_values(call, wait_s)
    values["units"] = sum(not assignment.over for assignment in call.assignments.values())
    return Cause(AlarmKind.PAST_TARGET, call.call, 1 if call.priority == URGENT else 3, _due(call), values, call)


def _no_unit(call: CallState, wait_s: float) -> Cause:
    limit_s = wait_limit_s(call)
    grave_s = call.target_s / 2 if call.target_s is not None else 2 * limit_s
    level = 1 if call.priority == URGENT and wait_s > max(grave_s, limit_s) else 2
    return Cause(
        AlarmKind.NO_UNIT, call.call, level, _due(call), {**_call_values(call, wait_s), "limit_s": limit_s}, call
    )


def _call_values(call: CallState, wait_s: float) -> Values:
    values: Values = {"kind": call.kind, "priority": call.priority, "waited_s": wait_s}
    if call.target_s is not None:
        values["target_s"] = call.target_s
    return values


def _due(call: CallState) -> datetime | None:
    return None if call.target_s is None else call.received + timedelta(seconds=call.target_s)


def call_over_since(situation: Situation, kind: AlarmKind, call: CallId | None) -> datetime | None:
    """Since when an alarm of this kind has no cause in that call any more; None while that is not known."""
    state = situation.calls.get(call) if call is not None else None
    if state is None:
        return None
    ends = [state.closed, reached(state)]
    if kind is AlarmKind.NO_UNIT:
        ends.append(state.first_dispatched)
    return min((end for end in ends if end is not None), default=None)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Units of one kind: on duty and in service, free of those, and free for at least 30 s."""

    kind: UnitKind
    on_duty: int
    free: int
    free_steadily: int

    @property
    def limit(self) -> float:
        """Fewer free units than this are too few."""
        return max(min(SHORT_COUNT, self.on_duty / 2), SHORT_SHARE * self.on_duty)

    @property
    def short(self) -> bool:
        return self.on_duty > 0 and self.free < self.limit

    @property
    def enough(self) -> bool:
        return self.on_duty == 0 or self.free_steadily >= max(self.limit + 1, ENOUGH_AGAIN * self.limit)


def list_fleets(situation: Situation, city: City, now: datetime) -> list[Fleet]:
    """The headline kinds. None until inferred duty has had `duty_gap_h` hours of marks to rest on."""
    start = situation.arrivals.start
    if start is None or (city.duty is None and now - start < timedelta(hours=city.duty_gap_h)):
        return []
    return [_fleet(situation, city, kind, now) for kind in city.list_headline_kinds()]


def _fleet(situation: Situation, city: City, kind: UnitKind, now: datetime) -> Fleet:
    on_duty = free = steadily = 0
    wanted, steady_since = kind.kind, now - OFF_DELAY
    for told in city.units.values():
        if told.kind != wanted:
            continue
        state = situation.units.get(told.unit)
        if state is None or state.status is UnitStatus.OUT_OF_SERVICE:
            continue
        if is_busy(city, state, now):
            on_duty += 1
        elif duty_of(city, state, now) != "off":
            on_duty += 1
            free += 1
            steadily += state.since is None or state.since <= steady_since
    return Fleet(kind, on_duty, free, steadily)


def short_cause(fleet: Fleet) -> Cause:
    """The alarm's content for a kind that runs short."""
    values: Values = {
        "unit_kind": fleet.kind.name,
        "free": fleet.free,
        "of": fleet.on_duty,
        "limit": int(np.ceil(fleet.limit)),
    }
    return Cause(AlarmKind.UNITS_SHORT, fleet.kind.kind, 2, None, values, unit_kind=fleet.kind.kind)


def list_surge_causes(situation: Situation) -> Iterator[Cause]:
    """SURGE, one for each proposed surge warning: level 2 where its protocol names actions, else 3. An area has one
    alarm, that of its newest warning."""
    waiting = (w for w in situation.warnings.values() if w.state is WarningState.PROPOSED)
    for warned in sorted((w for w in waiting if w.kind is WarningKind.SURGE), key=lambda w: (w.proposed, w.warning)):
        values: Values = {"warning": warned.warning, "chance": warned.chance, "since": _since(warned).isoformat()}
        if warned.impact is not None:
            values |= {"calls": warned.impact.calls, "usual": warned.impact.usual}
        level = 2 if warned.actions else 3
        yield Cause(AlarmKind.SURGE, warned.area or "city", level, None, values, area=warned.area)


def _since(warned: Warned) -> datetime:
    return warned.since or warned.proposed
