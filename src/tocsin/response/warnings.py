"""Warnings: who may do what, and when. The desk proposes, has new figures and lets expire; a named role decides.

Source of the life: CAP 1.2 (Alert, Update, Cancel). That no warning is issued, lifted or declined by the desk itself
is the product's promise (docs/concepts/never.md): a warning proposes, a named role decides and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tocsin.model import commands as cmd
from tocsin.model import events as ev
from tocsin.model.city import City
from tocsin.model.events import Decided
from tocsin.model.warnings import Warned, WarningState
from tocsin.response.known import Known, Places, refused, shown
from tocsin.response.roles import DESK_ROLES, nobody

Decision = tuple[Decided, ...]

LONGEST = timedelta(days=7)
"""The furthest from now that a role may set the end of a warning."""


class Order(StrEnum):
    """What can be asked of a warning that was proposed."""

    ISSUE = "issue"
    FIGURES = "figures"
    UPDATE = "update"
    DECLINE = "decline"
    LIFT = "lift"
    EXPIRE = "expire"


_OVER: Final = dict.fromkeys(Order, "warning_over")
ORDERS: Final[Mapping[WarningState, Mapping[Order, str | None]]] = {
    WarningState.PROPOSED: {
        Order.ISSUE: None,
        Order.FIGURES: None,
        Order.UPDATE: "not_issued",
        Order.DECLINE: None,
        Order.LIFT: "not_issued",
        Order.EXPIRE: None,
    },
    WarningState.ISSUED: {
        Order.ISSUE: "already_issued",
        Order.FIGURES: None,
        Order.UPDATE: None,
        Order.DECLINE: "already_issued",
        Order.LIFT: None,
        Order.EXPIRE: None,
    },
    WarningState.DECLINED: _OVER,
    WarningState.LIFTED: _OVER,
    WarningState.EXPIRED: _OVER,
}
"""State × order → None where it may be, else the code of the refusal. All cells are filled."""

_WHY: Final[Mapping[str, str]] = {
    "not_issued": "is only proposed: issue it or decline it first",
    "already_issued": "is issued already: update it or lift it instead",
}


def propose_warning(known: Known, _: City, __: Places, command: cmd.ProposeWarning, ___: datetime) -> Decision:
    warned = command.warning
    if warned.warning in known.warnings:
        return refused("warning_stands", f"Warning {warned.warning} was proposed already.")
    if command.origin.role not in DESK_ROLES or warned.state is not WarningState.PROPOSED:
        return refused("desk_only", "Only the desk proposes warnings: a role issues what was proposed.")
    return (Decided(ev.WarningProposed(warned)),)


def issue_warning(known: Known, _: City, __: Places, command: cmd.IssueWarning, now: datetime) -> Decision:
    warned = known.warnings.get(command.warning)
    if warned is None:
        return _unknown(command.warning)
    no = (
        _not_now(warned, Order.ISSUE)
        or nobody(command.role, command.reason)
        or _no_such_action(warned, command.actions)
        or _no_such_end(command.until, now)
    )
    actions = _once(command.actions)
    event = ev.WarningIssued(warned.warning, command.role.strip(), command.reason.strip(), actions, command.until)
    return no or (Decided(event),)


def update_warning(known: Known, _: City, __: Places, command: cmd.UpdateWarning, now: datetime) -> Decision:
    warned = known.warnings.get(command.warning)
    if warned is None:
        return _unknown(command.warning)
    return _new_figures(warned, command) if command.role is None else _update_by_role(warned, command, now)


def _new_figures(warned: Warned, command: cmd.UpdateWarning) -> Decision:
    if command.origin.role not in DESK_ROLES:
        return refused("role_missing", "Name the role that updates the warning.")
    if command.figures is None or command.actions or command.until is not None:
        return refused("desk_only", "The desk changes its own figures of a warning, nothing else.")
    event = ev.WarningUpdated(warned.warning, warned.version + 1, command.figures)
    return _not_now(warned, Order.FIGURES) or (Decided(event),)


def _update_by_role(warned: Warned, command: cmd.UpdateWarning, now: datetime) -> Decision:
    role, reason = command.role or "", command.reason or ""
    no = (
        _not_now(warned, Order.UPDATE)
        or nobody(role, reason)
        or _no_such_action(warned, command.actions)
        or _no_such_end(command.until, now)
    )
    if no:
        return no
    if command.figures is not None:
        return refused("desk_only", "The figures of a warning are the desk's.")
    if not command.actions and command.until is None:
        return refused("nothing_to_update", "Say which actions are started (`actions`) or when it ends (`until`).")
    event = ev.WarningUpdated(
        warned.warning,
        warned.version + 1,
        None,
        role.strip(),
        reason.strip(),
        _once(command.actions),
        command.until,
    )
    return (Decided(event),)


def decline_warning(known: Known, _: City, __: Places, command: cmd.DeclineWarning, ___: datetime) -> Decision:
    warned = known.warnings.get(command.warning)
    if warned is None:
        return _unknown(command.warning)
    event = ev.WarningDeclined(warned.warning, command.role.strip(), command.reason.strip())
    return _not_now(warned, Order.DECLINE) or nobody(command.role, command.reason) or (Decided(event),)


def lift_warning(known: Known, _: City, __: Places, command: cmd.LiftWarning, ___: datetime) -> Decision:
    warned = known.warnings.get(command.warning)
    if warned is None:
        return _unknown(command.warning)
    event = ev.WarningLifted(warned.warning, command.role.strip(), command.reason.strip())
    return _not_now(warned, Order.LIFT) or nobody(command.role, command.reason) or (Decided(event),)


def expire_warning(known: Known, _: City, __: Places, command: cmd.ExpireWarning, now: datetime) -> Decision:
    warned = known.warnings.get(command.warning)
    if warned is None:
        return _unknown(command.warning)
    no = _not_now(warned, Order.EXPIRE)
    if not no and now < warned.ends:
        return refused("window_open", f"Warning {warned.warning} stands until {shown(warned.ends)}.")
    return no or (Decided(ev.WarningExpired(warned.warning)),)


def list_orders(warned: Warned) -> tuple[Order, ...]:
    """What a role may do with the warning now."""
    asked = (Order.ISSUE, Order.UPDATE, Order.DECLINE, Order.LIFT)
    return tuple(order for order in asked if ORDERS[warned.state][order] is None)


def _unknown(warning: str) -> Decision:
    return refused("unknown_warning", f"No warning {warning} is known: it was never proposed, or is over for long.")


def _not_now(warned: Warned, order: Order) -> Decision:
    code = ORDERS[warned.state][order]
    if code is None:
        return ()
    why = _WHY.get(code, f"is over: it was {warned.state}")
    return refused(code, f"Warning {warned.warning} {why}.")


def _no_such_action(warned: Warned, actions: tuple[str, ...]) -> Decision:
    known = [action.action for action in warned.actions]
    unknown = [action for action in actions if action not in known]
    if not unknown:
        return ()
    named = f"its actions are {', '.join(known)}" if known else "it has none"
    return refused("unknown_action", f"The warning has no action {unknown[0]!r}: {named}.")


def _no_such_end(until: datetime | None, now: datetime) -> Decision:
    if until is None:
        return ()
    if until <= now:
        return refused("until_past", "A warning can end only at a time to come; lift it to end it now.")
    if until - now > LONGEST:
        return refused("until_far", "A warning can stand for at most seven days from now.")
    return ()


def _once(actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(actions))
