"""Folding events into the picture, a batch at a time, through one private mutable draft.

A dict that the published picture shares is copied once a batch and only when an event changes it; the small
mappings inside a call are copied for that call alone. What is old is let go once per hour of the desk's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tocsin.model import events as ev
from tocsin.model.alarms import Alarm, AlarmState
from tocsin.model.city import City
from tocsin.model.events import Recorded
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, AreaId, CallId, MoveUpId, Seq, StationId, UnitId, WarningId
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.moves import MoveUp, MoveUpState
from tocsin.model.origin import Mode
from tocsin.model.plan import Plan, PlanDecision
from tocsin.model.warnings import Warned
from tocsin.situation.arrivals import ArrivalsDraft, SaidDraft, hour_of, kinds_of, no_arrivals, nothing_said
from tocsin.situation.calls import is_past, with_assignment
from tocsin.situation.duty import place_at
from tocsin.situation.moves import MOVE_CHANGES, MoveChange, with_move_change
from tocsin.situation.picture import AlarmRecord, Assignment, CallState, Change, Situation, Tally, UnitState
from tocsin.situation.status import STATUS_OF, with_mark
from tocsin.situation.track import (
    Track,
    no_track,
    with_call,
    with_issued,
    with_proposed,
    with_said,
    with_verdict,
    with_verification,
)
from tocsin.situation.warnings import WARNING_CHANGES, WarningChange, is_long_over, with_change

KEEP_H = 24
"""Hours for which the picture keeps a call after it was received and after it was closed."""
KEEP_CHANGES = 200
KEEP_ALARMS_H = 12
"""Hours for which a cleared alarm, and a warning that is over, stays in the picture."""


def empty(city: City) -> Situation:
    """The picture before the first event: every unit of the pack, nothing known of any."""
    areas = len(city.areas)
    return Situation(
        seq=Seq(0),
        now=None,
        mode=None,
        calls={},
        units={u: UnitState(u, UnitStatus.AVAILABLE_PLACE_UNKNOWN, None) for u in city.units},
        arrivals=no_arrivals(areas, kinds_of(city)),
        said=nothing_said(areas),
        track=no_track(areas),
        demand=None,
        plans={},
        alarms={},
        warnings={},
        changes=(),
        tally=Tally(),
    )


def begin(situation: Situation, city: City) -> SituationDraft:
    """A private draft that starts from this picture. The picture itself never changes."""
    return SituationDraft(situation, city)


def fold(situation: Situation, city: City, events: Iterable[Recorded]) -> Situation:
    """The picture after these events. Folding a batch equals folding one by one."""
    draft = begin(situation, city)
    for recorded in events:
        draft.apply(recorded)
    return draft.freeze()


class SituationDraft:
    """A picture in the making. Reads like a `Situation`; belongs to one thread; `freeze` publishes a copy."""

    def __init__(self, situation: Situation, city: City) -> None:
        self.city = city
        self.seq: Seq = situation.seq
        self.now: datetime | None = situation.now
        self.mode: Mode | None = situation.mode
        self.calls: Mapping[CallId, CallState] = situation.calls
        self.units: Mapping[UnitId, UnitState] = situation.units
        self.plans: Mapping[CallId, Plan] = situation.plans
        self.alarms: Mapping[AlarmId, AlarmRecord] = situation.alarms
        self.warnings: Mapping[WarningId, Warned] = situation.warnings
        self.moves: Mapping[MoveUpId, MoveUp] = situation.moves
        self.decisions: Mapping[CallId, PlanDecision] = situation.decisions
        self.demand: Demand | None = situation.demand
        self._changes: list[Change] = list(situation.changes)
        self._columns: dict[AreaId, int] = {area: i for i, area in enumerate(city.areas)}
        self.track: Track = situation.track
        self._arrivals = situation.arrivals
        self._own_arrivals: ArrivalsDraft | None = None
        self._said = SaidDraft(situation.said, city)
        self._hour: datetime | None = None if situation.now is None else hour_of(situation.now)
        self._next_hour: datetime | None = None if self._hour is None else self._hour + _HOUR
        self._count = {name: getattr(situation.tally, name) for name in _COUNTS}
        self._quarantined_by = dict(situation.tally.quarantined_by)
        self._share()

    def _share(self) -> None:
        """From here on the mappings may be in a published picture."""
        self._own_calls: dict[CallId, CallState] | None = None
        self._own_units: dict[UnitId, UnitState] | None = None
        self._own_plans: dict[CallId, Plan] | None = None
        self._own_alarms: dict[AlarmId, AlarmRecord] | None = None
        self._own_warnings: dict[WarningId, Warned] | None = None
        self._own_moves: dict[MoveUpId, MoveUp] | None = None
        self._own_decisions: dict[CallId, PlanDecision] | None = None

    def apply(self, recorded: Recorded) -> None:
        """Fold one event. Events come in the order of `seq`."""
        self.seq = recorded.seq
        self._clock(recorded)
        self._count["events"] += 1
        self._VERBS[type(recorded.event)](self, recorded, recorded.event)

    def freeze(self) -> Situation:
        """The picture so far. The draft may go on afterwards."""
        if len(self._changes) > KEEP_CHANGES:
            del self._changes[:-KEEP_CHANGES]
        self._share()
        return Situation(
            seq=self.seq,
            now=self.now,
            mode=self.mode,
            calls=self.calls,
            units=self.units,
            arrivals=self._arrivals if self._own_arrivals is None else self._own_arrivals.freeze(),
            said=self._said.freeze(),
            track=self.track,
            demand=self.demand,
            plans=self.plans,
            alarms=self.alarms,
            warnings=self.warnings,
            changes=tuple(self._changes),
            tally=self.tally,
            moves=self.moves,
            decisions=self.decisions,
        )

    @property
    def tally(self) -> Tally:
        """Running counts so far."""
        return Tally(**self._count, quarantined_by=dict(self._quarantined_by))

    # What may be written, copied at the first write after a picture was published.

    def _arriving(self) -> ArrivalsDraft:
        if self._own_arrivals is None:
            self._own_arrivals = ArrivalsDraft(self._arrivals, len(self.city.areas), kinds_of(self.city))
        return self._own_arrivals

    def _calls(self) -> dict[CallId, CallState]:
        if self._own_calls is None:
            self.calls = self._own_calls = dict(self.calls)
        return self._own_calls

    def _units(self) -> dict[UnitId, UnitState]:
        if self._own_units is None:
            self.units = self._own_units = dict(self.units)
        return self._own_units

    def _plans(self) -> dict[CallId, Plan]:
        if self._own_plans is None:
            self.plans = self._own_plans = dict(self.plans)
        return self._own_plans

    def _alarms(self) -> dict[AlarmId, AlarmRecord]:
        if self._own_alarms is None:
            self.alarms = self._own_alarms = dict(self.alarms)
        return self._own_alarms

    def _warnings(self) -> dict[WarningId, Warned]:
        if self._own_warnings is None:
            self.warnings = self._own_warnings = dict(self.warnings)
        return self._own_warnings

    def _moves(self) -> dict[MoveUpId, MoveUp]:
        if self._own_moves is None:
            self.moves = self._own_moves = dict(self.moves)
        return self._own_moves

    def _decisions(self) -> dict[CallId, PlanDecision]:
        if self._own_decisions is None:
            self.decisions = self._own_decisions = dict(self.decisions)
        return self._own_decisions

    # The clock

    def _clock(self, recorded: Recorded) -> None:
        at = recorded.at
        if self.now is None or self._next_hour is None:
            self.mode = recorded.origin.mode
            self._turn_hour(at)
        elif at >= self._next_hour:
            self._turn_hour(at)
            self._let_go(at)
        self.now = at if self.now is None or at > self.now else self.now

    def _turn_hour(self, at: datetime) -> None:
        self._hour = hour_of(at)
        self._next_hour = self._hour + _HOUR
        self._arriving().reach(self._hour)

    def _let_go(self, at: datetime) -> None:
        """Once an hour: drop what the picture no longer shows. It stays in the log."""
        horizon = at - timedelta(hours=KEEP_H)
        gone = [call for call, state in self.calls.items() if is_past(state, horizon)]
        if gone:
            calls = self._calls()
            for call in gone:
                del calls[call]
        for call in [call for call in self.plans if call not in self.calls]:
            del self._plans()[call]
        for call in [call for call in self.decisions if call not in self.calls]:
            del self._decisions()[call]
        horizon = at - timedelta(hours=KEEP_ALARMS_H)
        for alarm, record in tuple(self.alarms.items()):
            if record.state is AlarmState.CLEARED and record.changed < horizon:
                del self._alarms()[alarm]
        for warning, warned in tuple(self.warnings.items()):
            if is_long_over(warned, horizon, at):
                del self._warnings()[warning]
        for key, move in tuple(self.moves.items()):
            if not move.standing and move.changed is not None and move.changed < horizon:
                del self._moves()[key]

    # One function an event

    def _call_reported(self, recorded: Recorded, event: ev.CallReported) -> None:
        if event.call in self.calls:
            return
        self._calls()[event.call] = CallState(
            event.call,
            event.received,
            event.kind,
            event.priority,
            event.target_s,
            event.block,
            event.area,
            event.incident,
            note=event.note,
        )
        column = -1 if event.area is None else self._columns.get(event.area, -1)
        self._arriving().add(event.received, column, event.kind)
        self.track = with_call(self.track, event.received)
        self._count["calls"] += 1
        self._changes.append(Change(recorded.seq, event.received, "call_reported", event.call, None, event.area))

    def _unit_marked(self, recorded: Recorded, event: ev.UnitMarked) -> None:
        self._count["marks"] += 1
        if event.inferred:
            self._count["corrections"] += 1
        call = self.calls.get(event.call)
        if call is None:
            return
        unit = self.units.get(event.unit) or UnitState(event.unit, UnitStatus.AVAILABLE_PLACE_UNKNOWN, None)
        before = call.assignments.get(event.unit)
        if before is None:
            self._count["responses"] += 1
        elsewhere = unit.call is not None and unit.call != call.call
        moved_on = elsewhere or (unit.last_mark is not None and event.at < unit.last_mark)
        marks, inferred = with_mark(before, event.mark, event.at, event.inferred, moved_on)
        hospital = event.hospital or (before.hospital if before is not None and len(marks) > 1 else None)
        after = Assignment(event.unit, marks, inferred, hospital)
        self._calls()[event.call] = with_assignment(call, after)
        if not elsewhere:
            self._units()[event.unit] = self._moved(unit, call, after, event)
        self._changes.append(
            Change(recorded.seq, event.at, "unit_" + event.mark, event.call, event.unit, call.area, event.inferred)
        )

    def _moved(self, unit: UnitState, call: CallState, after: Assignment, event: ev.UnitMarked) -> UnitState:
        """The unit after a mark on the call that it is on, goes to, or left last."""
        on_call = Mark.AVAILABLE not in after.marks
        if not on_call and unit.call is None:
            return unit  # a late report on a call that it has left already
        newest = tuple(after.marks)[-1]
        status = STATUS_OF[newest]
        place, hospital = unit.place, unit.hospital
        if unit.call is None:
            place, hospital = place_at(self.city, unit, event.at), None
        if newest is Mark.ON_SCENE or newest is Mark.TRANSPORTING:
            place = call.block
        elif newest is Mark.AT_HOSPITAL:
            hospital = after.hospital
            told = None if hospital is None else self.city.hospitals.get(hospital)
            place = None if told is None else told.place
        return UnitState(
            unit.unit,
            status,
            after.marks[newest],
            call.call if on_call else None,
            place,
            hospital if on_call else None,
            event.inferred or event.because is not None,
            event.at if unit.first_mark is None or event.at < unit.first_mark else unit.first_mark,
            event.at if unit.last_mark is None or event.at > unit.last_mark else unit.last_mark,
            unit.post,
        )

    def _report_quarantined(self, recorded: Recorded, event: ev.ReportQuarantined) -> None:
        self._count["quarantined"] += 1
        self._quarantined_by[event.code] = self._quarantined_by.get(event.code, 0) + 1
        self._changes.append(Change(recorded.seq, recorded.at, "report_quarantined", event.call, event.unit))

    def _forecast_issued(self, _: Recorded, event: ev.ForecastIssued) -> None:
        self._count["forecasts"] += 1
        if self.demand is None or event.demand.issued >= self.demand.issued:
            self.demand = event.demand
        self._said.keep(event.demand)
        self.track = with_said(self.track, event.demand)

    def _forecast_verified(self, _: Recorded, event: ev.ForecastVerified) -> None:
        self.track = with_verification(self.track, event.verification, self._columns)

    def _warning_verified(self, _: Recorded, event: ev.WarningVerified) -> None:
        self.track = with_verdict(self.track, event.verdict)

    def _plan_proposed(self, _: Recorded, event: ev.PlanProposed) -> None:
        self._count["plans"] += 1
        if event.plan.call in self.calls:
            self._plans()[event.plan.call] = event.plan

    def _alarm_raised(self, recorded: Recorded, event: ev.AlarmRaised) -> None:
        alarm = event.alarm
        before = self.alarms.get(alarm.alarm)
        self._count["alarms"] += before is None or before.state is AlarmState.CLEARED  # else it became more urgent
        self._alarms()[alarm.alarm] = AlarmRecord(alarm, AlarmState.RAISED, recorded.at)
        self._alarm_changed(recorded, alarm, "alarm_raised")

    def _alarm_cleared(self, recorded: Recorded, event: ev.AlarmCleared) -> None:
        self._set_alarm(recorded, event.alarm, AlarmState.CLEARED)

    def _alarm_acknowledged(self, recorded: Recorded, event: ev.AlarmAcknowledged) -> None:
        self._set_alarm(recorded, event.alarm, AlarmState.ACKNOWLEDGED)

    def _alarm_shelved(self, recorded: Recorded, event: ev.AlarmShelved) -> None:
        self._set_alarm(recorded, event.alarm, AlarmState.SHELVED, event.until)

    def _alarm_dismissed(self, recorded: Recorded, event: ev.AlarmDismissed) -> None:
        self._set_alarm(recorded, event.alarm, AlarmState.DISMISSED)

    def _set_alarm(
        self, recorded: Recorded, alarm: AlarmId, state: AlarmState, shelved_until: datetime | None = None
    ) -> None:
        record = self.alarms.get(alarm)
        if record is not None:
            self._alarms()[alarm] = AlarmRecord(record.alarm, state, recorded.at, shelved_until)
            self._alarm_changed(recorded, record.alarm, f"alarm_{state}")

    def _alarm_changed(self, recorded: Recorded, alarm: Alarm, code: str) -> None:
        self._changes.append(Change(recorded.seq, recorded.at, code, alarm.call, None, alarm.area))

    def _warning_proposed(self, recorded: Recorded, event: ev.WarningProposed) -> None:
        if event.warning.warning in self.warnings:
            return
        self._count["warnings"] += 1
        self._warnings()[event.warning.warning] = replace(event.warning, changed=recorded.at)
        self.track = with_proposed(self.track, event.warning)
        self._changes.append(Change(recorded.seq, recorded.at, "warning_proposed", area=event.warning.area))

    def _warning_changed(self, recorded: Recorded, event: WarningChange) -> None:
        before = self.warnings.get(event.warning)
        if before is not None:
            self._warnings()[event.warning] = with_change(before, event, recorded.at)
            if isinstance(event, ev.WarningIssued):
                self.track = with_issued(self.track, before)
            self._changes.append(Change(recorded.seq, recorded.at, WARNING_CHANGES[type(event)], area=before.area))

    def _beside_the_picture(self, _: Recorded, __: ev.InjectNoted) -> None:
        """Kept for the after-action report; it changes nothing of the city."""

    def _plan_confirmed(self, recorded: Recorded, event: ev.PlanConfirmed) -> None:
        decision = event.decision
        call = self.calls.get(decision.call)
        if call is not None:
            self._decisions()[decision.call] = decision
            first = next(iter(decision.units), None)
            self._changes.append(Change(recorded.seq, recorded.at, "plan_confirmed", decision.call, first, call.area))

    def _move_proposed(self, recorded: Recorded, event: ev.MoveUpProposed) -> None:
        if event.move.move in self.moves:
            return
        self._count["moves"] += 1
        self._moves()[event.move.move] = replace(event.move, changed=recorded.at)
        self._changes.append(Change(recorded.seq, recorded.at, "move_up_proposed", None, event.move.unit))

    def _move_changed(self, recorded: Recorded, event: MoveChange) -> None:
        before = self.moves.get(event.move)
        if before is None:
            return
        after = self._moves()[event.move] = with_move_change(before, event, recorded.at)
        if before.state is MoveUpState.ACCEPTED and (after.unit != before.unit or not after.standing):
            self._stand_by(recorded, before.unit, None)
        if after.state is MoveUpState.ACCEPTED:
            self._stand_by(recorded, after.unit, after.to_station)
        self._changes.append(Change(recorded.seq, recorded.at, MOVE_CHANGES[type(event)], None, after.unit))

    def _stand_by(self, recorded: Recorded, unit: UnitId, post: StationId | None) -> None:
        """The unit sets out for its post, or back to its station; in a replay the records say where it is."""
        state = self.units.get(unit)
        if state is None or state.post == post or recorded.origin.mode is Mode.REPLAY:
            return
        if state.call is None:
            state = replace(state, place=place_at(self.city, state, recorded.at), since=recorded.at)
        self._units()[unit] = replace(state, post=post)

    def _command_refused(self, _: Recorded, __: ev.CommandRefused) -> None:
        self._count["refused"] += 1

    _VERBS: ClassVar[Mapping[type, Callable[[SituationDraft, Recorded, Any], None]]] = {
        ev.CallReported: _call_reported,
        ev.UnitMarked: _unit_marked,
        ev.ReportQuarantined: _report_quarantined,
        ev.ForecastIssued: _forecast_issued,
        ev.PlanProposed: _plan_proposed,
        ev.AlarmRaised: _alarm_raised,
        ev.AlarmCleared: _alarm_cleared,
        ev.AlarmAcknowledged: _alarm_acknowledged,
        ev.AlarmShelved: _alarm_shelved,
        ev.AlarmDismissed: _alarm_dismissed,
        ev.WarningProposed: _warning_proposed,
        **dict.fromkeys(WARNING_CHANGES, _warning_changed),
        ev.ForecastVerified: _forecast_verified,
        ev.WarningVerified: _warning_verified,
        ev.InjectNoted: _beside_the_picture,
        ev.PlanConfirmed: _plan_confirmed,
        ev.MoveUpProposed: _move_proposed,
        **dict.fromkeys(MOVE_CHANGES, _move_changed),
        ev.CommandRefused: _command_refused,
    }


_HOUR = timedelta(hours=1)
_COUNTS = tuple(name for name in Tally.__slots__ if name != "quarantined_by")
