"""Whom a named role chose for a call: kept with the reason. Tocsin itself sends nobody."""

from __future__ import annotations

from datetime import datetime

from tocsin.model import commands as cmd
from tocsin.model import events as ev
from tocsin.model.city import City
from tocsin.model.events import Decided
from tocsin.model.ids import UnitId
from tocsin.model.origin import Mode
from tocsin.model.plan import Plan, PlanDecision, Taken
from tocsin.response.known import Known, Places, refused
from tocsin.response.roles import no_role

Decision = tuple[Decided, ...]


def confirm_plan(known: Known, city: City, _: Places, command: cmd.ConfirmPlan, now: datetime) -> Decision:
    no = _cannot(known, city, command)
    if no:
        return no
    plan = known.plans.get(command.call)
    units = _units_of(plan, command)
    if not units:
        return refused("no_units", "The plan proposes no such unit: name the units that go (`units`).")
    made = None if plan is None else plan.made
    role, reason = command.role.strip(), command.reason.strip()
    return (Decided(ev.PlanConfirmed(PlanDecision(command.call, command.taken, units, role, reason, now, made))),)


def _cannot(known: Known, city: City, command: cmd.ConfirmPlan) -> Decision:
    if command.origin.mode is Mode.REPLAY:
        return refused("replay_cannot_send", "This is a recording: nothing can be sent.")
    call = known.calls.get(command.call)
    if call is None:
        return refused("unknown_call", f"No call {command.call} is known: it may be older than the picture.")
    if call.closed is not None:
        return refused("call_closed", f"Call {command.call} is closed: nobody needs to go.")
    no = no_role(command.role)
    if no:
        return no
    if command.taken is not Taken.PROPOSED and not command.reason.strip():
        return refused("reason_missing", "Say in a few words why others go than those proposed.")
    unknown = next((u for u in command.units if u not in city.units), None)
    return () if unknown is None else refused("unknown_unit", f"The pack has no unit {unknown!r}.")


def _units_of(plan: Plan | None, command: cmd.ConfirmPlan) -> tuple[UnitId, ...]:
    if command.taken is Taken.OTHER:
        return tuple(dict.fromkeys(command.units))
    if plan is None:
        return ()
    chosen = [choice.unit for choice in plan.choices]
    if command.taken is Taken.PROPOSED:
        return tuple(chosen)
    return () if plan.runner_up is None else (plan.runner_up.unit, *chosen[1:])
