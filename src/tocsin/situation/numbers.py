"""Numbers read off the picture, pure and cheap: phases of calls, the six numbers, the table of units, the ribbon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.model.city import City, Period
from tocsin.model.ids import AreaId, CallId, UnitId, UnitKindId
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.origin import Mode
from tocsin.situation.duty import UnitNow, on_shift, status_of
from tocsin.situation.picture import Assignment, CallState, Change, Situation

URGENT = 1
"""The priority whose calls are counted as in time or late."""
WAIT_LIMIT_S: Mapping[int, float] = {URGENT: 120.0}
WAIT_LIMIT_OTHERS_S = 300.0
"""How long a call may wait without a unit before somebody must look: 120 s for priority 1, 300 s for others."""
TEN_MINUTES = timedelta(minutes=10)
_GONE_ON = frozenset({Mark.TRANSPORTING, Mark.AT_HOSPITAL})


class Phase(StrEnum):
    """Where a call stands. CLEARED: nobody is at the scene or on the way; patients may still be on theirs."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    AT_SCENE = "at_scene"
    CLEARED = "cleared"


def phase(call: CallState) -> Phase:
    """Where the call stands, by the newest mark of every unit on it."""
    if not call.assignments:
        return Phase.WAITING
    if call.closed is not None:
        return Phase.CLEARED
    under_way = False
    for assignment in call.assignments.values():
        newest = newest_mark(assignment)
        if newest is Mark.ON_SCENE:
            return Phase.AT_SCENE
        under_way = under_way or newest is Mark.DISPATCHED or newest is Mark.EN_ROUTE
    return Phase.UNDER_WAY if under_way else Phase.CLEARED


def newest_mark(assignment: Assignment) -> Mark:
    """The last stage that the unit reached on this call."""
    return tuple(assignment.marks)[-1]


def scene_cleared(call: CallState) -> datetime | None:
    """When the last unit left the scene; None while one is there or on the way, or none was sent."""
    if phase(call) is not Phase.CLEARED:
        return None
    left = [_left_scene(assignment) for assignment in call.assignments.values()]
    return max((time for time in left if time is not None), default=call.closed)


def _left_scene(assignment: Assignment) -> datetime | None:
    marks = assignment.marks
    for mark in (Mark.TRANSPORTING, Mark.AT_HOSPITAL, Mark.AVAILABLE):
        if mark in marks:
            return marks[mark]
    return None


def reached(call: CallState) -> datetime | None:
    """When somebody was there at the latest known: first on scene, or, where that mark is missing, a transport."""
    if call.first_on_scene is not None:
        return call.first_on_scene
    times = [a.marks[m] for a in call.assignments.values() for m in _GONE_ON if m in a.marks]
    return min(times, default=None)


def past_target(call: CallState, now: datetime) -> bool:
    """Nobody is there, the call is open and its target has passed."""
    if call.target_s is None or call.first_on_scene is not None or call.closed is not None:
        return False
    return (now - call.received).total_seconds() > call.target_s and reached(call) is None


def waited_s(call: CallState, now: datetime) -> float:
    """Seconds from received until the first unit was sent, or until now. Never negative."""
    until = call.first_dispatched or now
    return max(0.0, (until - call.received).total_seconds())


def wait_limit_s(call: CallState) -> float:
    """How long this call may wait without a unit."""
    return WAIT_LIMIT_S.get(call.priority, WAIT_LIMIT_OTHERS_S)


def reports_units(situation: Situation, city: City) -> bool:
    """Whether units report here at all. A recorded city without responses says nothing of who waits."""
    if not city.units and not situation.tally.marks:
        return False
    return situation.mode is not Mode.REPLAY or situation.tally.marks > 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calls to which no unit was sent. `longest`: the one that waits longest."""

    count: int
    longest: CallState | None
    longest_s: float


@dataclass(frozen=True, slots=True)
class PastTarget:
    """Open calls with nobody there after their target. `worst`: the one that is past it by most."""

    count: int
    worst: CallState | None
    worst_s: float
    """Seconds since the worst was received."""


@dataclass(frozen=True, slots=True)
class Free:
    """Units of a kind that can be sent, of those on duty. `inferred`: how many of `free` are on duty only by
    inference. `hour_ago`: free an hour before, None where the picture does not reach back."""

    kind: UnitKindId
    free: int
    on_duty: int
    inferred: int
    at_scene: int
    under_way: int
    hour_ago: int | None


@dataclass(frozen=True, slots=True)
class InTime:
    """Priority-1 calls with a target received in the last hour: `in_time` of `count` whose outcome is known
    (somebody arrived, or the target has passed). `share` None without any."""

    in_time: int
    count: int

    @property
    def share(self) -> float | None:
        return self.in_time / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class NextHour:
    """Calls expected in the hour from `start`: the first step of the standing forecast that is not over, and
    its 80 % band."""

    start: datetime
    mean: float
    low: int
    high: int


def count_waiting(situation: Situation, now: datetime) -> Waiting:
    """Calls without a unit."""
    calls = [call for call in situation.calls.values() if not call.assignments]
    longest = min(calls, key=lambda call: (call.received, call.call), default=None)
    return Waiting(len(calls), longest, 0.0 if longest is None else waited_s(longest, now))


def count_past_target(situation: Situation, now: datetime) -> PastTarget:
    """Calls past their target with nobody there."""
    calls = [call for call in situation.calls.values() if past_target(call, now)]
    worst = max(calls, key=lambda call: (_over_s(call, now), call.call), default=None)
    return PastTarget(len(calls), worst, 0.0 if worst is None else (now - worst.received).total_seconds())


def _over_s(call: CallState, now: datetime) -> float:
    return (now - call.received).total_seconds() - (call.target_s or 0.0)


def count_in_time(situation: Situation, now: datetime, window: timedelta = timedelta(hours=1)) -> InTime:
    """How many urgent calls of the last hour somebody reached within the target."""
    in_time = count = 0
    for call in situation.calls.values():
        if call.priority != URGENT or call.target_s is None or not now - window < call.received <= now:
            continue
        if call.first_on_scene is not None:
            count += 1
            in_time += (call.first_on_scene - call.received).total_seconds() <= call.target_s
        else:
            count += past_target(call, now)
    return InTime(in_time, count)


def find_next_hour(situation: Situation, now: datetime) -> NextHour | None:
    """What the standing forecast says of the hour under way; before its first hour, of that."""
    demand = situation.demand
    if demand is None:
        return None
    step = max(0, int((now - demand.start).total_seconds() // 3600))
    if step >= len(demand.city_mean):
        return None
    quantiles = demand.city_quantiles[step]
    return NextHour(
        demand.start + timedelta(hours=step), float(demand.city_mean[step]), int(quantiles[0]), int(quantiles[-1])
    )


# Units


def list_statuses(situation: Situation, city: City, now: datetime) -> dict[UnitId, UnitNow]:
    """Every unit at `now`."""
    return {unit: status_of(city, state, now) for unit, state in situation.units.items()}


@dataclass(slots=True)
class UnitRow:
    """Units of one kind by what they do. `all`: on duty, out of service included.

    Of `free`: `inferred` are on duty by inference, `placeless` at a place that nobody knows."""

    kind: UnitKindId
    free: int = 0
    inferred: int = 0
    to_call: int = 0
    scene: int = 0
    patient: int = 0
    hospital: int = 0
    off: int = 0
    out: int = 0
    placeless: int = 0

    @property
    def all(self) -> int:
        return self.free + self.to_call + self.scene + self.patient + self.hospital + self.out


BUCKET: Mapping[UnitStatus, str] = {
    UnitStatus.OFF_DUTY: "off",
    UnitStatus.AVAILABLE_AT_STATION: "free",
    UnitStatus.AVAILABLE_POSTED: "free",
    UnitStatus.AVAILABLE_PLACE_UNKNOWN: "free",
    UnitStatus.RETURNING: "free",
    UnitStatus.DISPATCHED: "to_call",
    UnitStatus.EN_ROUTE: "to_call",
    UnitStatus.ON_SCENE: "scene",
    UnitStatus.TRANSPORTING: "patient",
    UnitStatus.AT_HOSPITAL: "hospital",
    UnitStatus.OUT_OF_SERVICE: "out",
}
"""Column of the table for each status."""


def unit_table(city: City, statuses: Mapping[UnitId, UnitNow]) -> dict[UnitKindId, UnitRow]:
    """One row a kind, in the pack's order."""
    rows = {kind: UnitRow(kind) for kind in city.unit_kinds}
    for unit, now in statuses.items():
        told = city.units.get(unit)
        if told is None or told.kind not in rows:
            continue
        row = rows[told.kind]
        bucket = BUCKET[now.status]
        setattr(row, bucket, getattr(row, bucket) + 1)
        row.inferred += bucket == "free" and now.duty == "inferred"
        row.placeless += now.status is UnitStatus.AVAILABLE_PLACE_UNKNOWN
    return rows


def count_free(situation: Situation, city: City, row: UnitRow, now: datetime) -> Free:
    """The number for one kind, from its row of the table."""
    ago = free_at(situation, city, row.kind, now - timedelta(hours=1))
    return Free(row.kind, row.free, row.all, row.inferred, row.scene, row.to_call, ago)


def free_at(situation: Situation, city: City, kind: UnitKindId, at: datetime) -> int | None:
    """Units of a kind that were free at an earlier time, read off the assignments that the picture still holds.

    None where the log does not reach back to `at` (nor, where duty is inferred, over `duty_gap_h` before it).
    """
    start = situation.arrivals.start
    gap = timedelta(hours=city.duty_gap_h)
    if start is None or at < start + (gap if city.duty is None else timedelta(0)):
        return None
    busy: set[UnitId] = set()
    lately: set[UnitId] = set()
    for assignment in _assignments(situation.calls.values()):
        if assignment.marks[Mark.DISPATCHED] <= at:
            left = assignment.marks.get(Mark.AVAILABLE)
            last = max(time for time in assignment.marks.values() if time <= at)
            if left is None or left > at:
                busy.add(assignment.unit)
            if at - last < gap:
                lately.add(assignment.unit)
    of_kind = {unit for unit, told in city.units.items() if told.kind == kind}
    return len(_on_duty(city, of_kind, lately, at) - busy)


def _on_duty(city: City, units: set[UnitId], lately: set[UnitId], at: datetime) -> set[UnitId]:
    if city.duty is None:
        return units & lately
    no_shift: tuple[Period, ...] = ()
    return {unit for unit in units if on_shift(city.duty.get(unit, no_shift), at)}


def _assignments(calls: Iterable[CallState]) -> Iterator[Assignment]:
    for call in calls:
        yield from call.assignments.values()


# Calls and changes over time


def calls_per_ten_minutes(situation: Situation, now: datetime, hours: int = 8) -> tuple[datetime, list[int]]:
    """Start of the first bin (on the full ten minutes, UTC) and calls by `received`; the last is under way."""
    last = now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0)
    bins = hours * 6
    start = last - (bins - 1) * TEN_MINUTES
    counts = [0] * bins
    for call in situation.calls.values():
        if start <= call.received <= now:
            counts[int((call.received - start) // TEN_MINUTES)] += 1
    return start, counts


def calls_by_area(situation: Situation, now: datetime, minutes: int = 60) -> dict[AreaId, int]:
    """Calls received in the last hour, per area; areas without any are absent."""
    since = now - timedelta(minutes=minutes)
    counts: dict[AreaId, int] = {}
    for call in situation.calls.values():
        if call.area is not None and since < call.received <= now:
            counts[call.area] = counts.get(call.area, 0) + 1
    return counts


def list_changes(situation: Situation, now: datetime, minutes: int = 12) -> list[Change]:
    """What changed lately, newest last."""
    since = now - timedelta(minutes=minutes)
    return [change for change in situation.changes if since < change.at <= now]


def list_calls_needing(situation: Situation, now: datetime) -> set[CallId]:
    """Calls without a unit past their limit, or past their target."""
    return {
        call.call
        for call in situation.calls.values()
        if past_target(call, now) or (not call.assignments and waited_s(call, now) > wait_limit_s(call))
    }
