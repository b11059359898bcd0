"""A unit reports a mark: applied, applied after what must have happened was inferred, or kept aside."""

from __future__ import annotations

from datetime import datetime

from tocsin.model.city import City
from tocsin.model.commands import ReportMark
from tocsin.model.events import Decided, UnitMarked
from tocsin.model.ids import CallId
from tocsin.model.marks import Mark
from tocsin.response.known import Known, Places, quarantined, refused, shown
from tocsin.response.report_call import AHEAD
from tocsin.situation.picture import CallState, UnitState
from tocsin.situation.status import BUSY_UNIT_DISPATCHED, SEEN_ELSEWHERE, Judgement, judge


def decide_mark(known: Known, city: City, _: Places, command: ReportMark, now: datetime) -> tuple[Decided, ...]:
    """`UnitMarked`, inferred ones first, or `ReportQuarantined`."""
    call = known.calls.get(command.call)
    if call is None:
        what = f"No call {command.call} is known. Report the call first; one long over is in the log only."
        return quarantined(command, "unknown_call", "call", what)
    if city.units and command.unit not in city.units:
        return quarantined(command, "unknown_unit", "unit", f"The pack's units.csv has no unit {command.unit}.")
    fault = _impossible_time(call, command, now)
    if fault is not None:
        return quarantined(command, fault[0], "at", fault[1])
    unit = known.units.get(command.unit)
    elsewhere = None if unit is None or unit.call in (None, command.call) else unit.call
    judgement = judge(
        call.assignments.get(command.unit),
        None if unit is None else unit.last_mark,
        elsewhere is not None,
        command.mark,
        command.at,
    )
    if judgement.fault is not None:
        return quarantined(command, judgement.fault, "at", _explain(judgement.fault, command, unit))
    if judgement.repeat:
        return refused("mark_known", f"{command.unit} {command.mark} on {command.call} is known already.")
    return _apply(command, judgement, elsewhere)


def _apply(command: ReportMark, judgement: Judgement, elsewhere: CallId | None) -> tuple[Decided, ...]:
    decided: list[Decided] = []
    because: str | None = None
    if elsewhere is not None and judgement.touches:
        because = BUSY_UNIT_DISPATCHED if command.mark is Mark.DISPATCHED else SEEN_ELSEWHERE
        decided.append(_infer(command, elsewhere, Mark.AVAILABLE, because))
    for mark, contradiction in judgement.infers:
        because = because or contradiction
        decided.append(_infer(command, command.call, mark, contradiction))
    event = UnitMarked(command.call, command.unit, command.mark, command.at, command.hospital, because=because)
    return (*decided, Decided(event))


def _infer(command: ReportMark, call: CallId, mark: Mark, because: str) -> Decided:
    return Decided(UnitMarked(call, command.unit, mark, command.at, inferred=True, because=because))


def _impossible_time(call: CallState, command: ReportMark, now: datetime) -> tuple[str, str] | None:
    if command.at - now > AHEAD:
        return "in_the_future", f"At {shown(command.at)}, but the desk's clock says {shown(now)}."
    if command.at < call.received:
        return "negative_duration", f"At {shown(command.at)}, before call {call.call} came in."
    return None


def _explain(fault: str, command: ReportMark, unit: UnitState | None) -> str:
    if fault == "earlier_than_last_mark" and unit is not None and unit.last_mark is not None:
        return f"{command.unit} has a newer mark already, of {shown(unit.last_mark)}."
    if fault == "duplicate_mark":
        return f"{command.unit} reported {command.mark} on {command.call} before, at another time."
    return f"{command.unit} was past {command.mark} on {command.call} already, at an earlier time."
