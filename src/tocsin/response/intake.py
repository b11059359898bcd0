"""From a command to the events that it becomes. Pure: the same command on the same picture decides the same.

`decide` never returns nothing: what cannot be applied becomes `ReportQuarantined` (bad reports, kept with their
bytes) or `CommandRefused` (orders that cannot be), so that the log knows every command it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tocsin.model import commands as cmd
from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.events import (
    Decided,
    ForecastIssued,
    ForecastVerified,
    Payload,
    PlanProposed,
    ReportQuarantined,
    WarningVerified,
)
from tocsin.model.plan import Plan
from tocsin.response import alarms, exercises, moves, plans, warnings
from tocsin.response.known import Known, Places, refused
from tocsin.response.report_call import decide_call
from tocsin.response.report_mark import decide_mark

Decision = tuple[Decided, ...]


def decide(known: Known, city: City, places: Places, command: Command, now: datetime) -> Decision:
    """The events of one command, in order.

    Args:
        known: the picture with everything applied that was decided before, a `Situation` or its draft.
        now: the desk's clock.
    """
    return _VERBS[type(command)](known, city, places, command, now)


def _quarantine(_: Known, __: City, ___: Places, command: cmd.Quarantine, ____: datetime) -> Decision:
    return (Decided(ReportQuarantined(command.code, command.where, command.what), Payload(raw=command.raw)),)


def _keep_forecast(_: Known, __: City, ___: Places, command: cmd.KeepForecast, ____: datetime) -> Decision:
    return (Decided(ForecastIssued(command.based_on, command.demand)),)


def _keep_verification(_: Known, __: City, ___: Places, command: cmd.KeepVerification, ____: datetime) -> Decision:
    return (Decided(ForecastVerified(command.verification)),)


def _keep_verdict(_: Known, __: City, ___: Places, command: cmd.KeepVerdict, ____: datetime) -> Decision:
    return (Decided(WarningVerified(command.verdict)),)


def _propose_plan(known: Known, _: City, __: Places, command: cmd.ProposePlan, ___: datetime) -> Decision:
    if command.plan.call not in known.calls:
        return refused("unknown_call", f"No call {command.plan.call} is known: it may be older than the picture.")
    return (Decided(PlanProposed(command.plan, stale=is_stale(known, command.plan))),)


def is_stale(known: Known, plan: Plan) -> bool:
    """Whether the call moved on after the plan was made: it has a unit, it is over, or a chosen unit was sent."""
    call = known.calls[plan.call]
    if call.closed is not None or (call.first_dispatched is not None and call.first_dispatched >= plan.made):
        return True
    states = (known.units.get(choice.unit) for choice in plan.choices)
    return any(state is not None and state.call is not None for state in states)


_VERBS: Mapping[type, Callable[[Known, City, Places, Any, datetime], Decision]] = {
    cmd.ReportCall: decide_call,
    cmd.ReportMark: decide_mark,
    cmd.Quarantine: _quarantine,
    cmd.KeepForecast: _keep_forecast,
    cmd.ProposePlan: _propose_plan,
    cmd.KeepVerification: _keep_verification,
    cmd.KeepVerdict: _keep_verdict,
    cmd.RaiseAlarm: alarms.raise_alarm,
    cmd.ClearAlarm: alarms.clear_alarm,
    cmd.AcknowledgeAlarm: alarms.acknowledge_alarm,
    cmd.ShelveAlarm: alarms.shelve_alarm,
    cmd.DismissAlarm: alarms.dismiss_alarm,
    cmd.ProposeWarning: warnings.propose_warning,
    cmd.IssueWarning: warnings.issue_warning,
    cmd.UpdateWarning: warnings.update_warning,
    cmd.DeclineWarning: warnings.decline_warning,
    cmd.LiftWarning: warnings.lift_warning,
    cmd.ExpireWarning: warnings.expire_warning,
    cmd.ConfirmPlan: plans.confirm_plan,
    cmd.ProposeMoveUp: moves.propose_move_up,
    cmd.AcceptMoveUp: moves.accept_move_up,
    cmd.ChangeMoveUp: moves.change_move_up,
    cmd.RefuseMoveUp: moves.refuse_move_up,
    cmd.WithdrawMoveUp: moves.withdraw_move_up,
    cmd.NoteInject: exercises.note_inject,
}
