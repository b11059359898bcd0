"""Folding events into the picture, a batch at a time, through one private mutable draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from tocsin.model import events as ev
from tocsin.model.alarms import Alarm, AlarmState
from tocsin.model.city import City
from tocsin.model.events import Recorded
from tocsin.model.ids import AlarmId, Seq, StationId, UnitId
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.moves import MoveUpState
from tocsin.model.origin import Mode
from tocsin.situation.arrivals import kinds_of, no_arrivals, nothing_said
from tocsin.situation.calls import with_assignment
from tocsin.situation.draft import PictureDraft
from tocsin.situation.duty import place_at
from tocsin.situation.moves import MOVE_CHANGES, MoveChange, with_move_change
from tocsin.situation.picture import AlarmRecord, Assignment, CallState, Change, Situation, Tally, UnitState
from tocsin.situation.status import STATUS_OF, with_mark
from tocsin.situation.track import (
    no_track,
    with_call,
    with_issued,
    with_proposed,
    with_said,
    with_verdict,
    with_verification,
)
from tocsin.situation.warnings import WARNING_CHANGES, WarningChange, with_change


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


class SituationDraft(PictureDraft):
    """A picture in the making. Reads like a `Situation`; belongs to one thread; `freeze` publishes a copy."""

    def apply(self, recorded: Recorded) -> None:
        """Fold one event. Events come in the order of `seq`."""
        self.seq = recorded.seq
        self._clock(recorded)
        self._count["events"] += 1
        self._VERBS[type(recorded.event)](self, recorded, recorded.event)

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
