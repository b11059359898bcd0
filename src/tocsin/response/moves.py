"""Move-ups: who may do what, and when. The desk proposes and withdraws; a named role accepts, changes or refuses.

That Tocsin sends no unit by itself is the product's promise (docs/concepts/never.md): an accepted move-up is an order
that is kept, and whoever accepted it gives it.
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
from tocsin.model.ids import StationId, UnitId
from tocsin.model.moves import MoveUp, MoveUpState
from tocsin.response.known import Known, Places, refused
from tocsin.response.roles import DESK_ROLES, nobody
from tocsin.situation.duty import duty_of, is_busy
from tocsin.situation.moves import OVER

Decision = tuple[Decided, ...]

HOLDS: Final = timedelta(hours=2)
"""How long an accepted move-up holds where nobody says otherwise: then the unit is expected back at its station."""
LONGEST: Final = timedelta(hours=12)

BECAUSE: Final[Mapping[str, str]] = {
    "unit_sent": "The unit was sent to a call.",
    "unit_off": "The unit went off duty.",
    "lapsed": "Nobody decided in time.",
    "cover_changed": "Cover changed: the move would no longer help enough.",
    OVER: "Its time is up.",
}
"""Why the desk ends a move-up: code to its meaning."""


class MoveOrder(StrEnum):
    """What can be asked of a move-up that was proposed."""

    ACCEPT = "accept"
    CHANGE = "change"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_OVER: Final = dict.fromkeys(MoveOrder, "move_up_over")
ORDERS: Final[Mapping[MoveUpState, Mapping[MoveOrder, str | None]]] = {
    MoveUpState.PROPOSED: dict.fromkeys(MoveOrder),
    MoveUpState.ACCEPTED: {
        MoveOrder.ACCEPT: "already_accepted",
        MoveOrder.CHANGE: None,
        MoveOrder.REFUSE: None,
        MoveOrder.WITHDRAW: None,
    },
    MoveUpState.REFUSED: _OVER,
    MoveUpState.WITHDRAWN: _OVER,
    MoveUpState.OVER: _OVER,
}
"""State × order → None where it may be, else the code of the refusal. All cells are filled."""


def propose_move_up(known: Known, city: City, _: Places, command: cmd.ProposeMoveUp, __: datetime) -> Decision:
    move = command.move
    if move.move in known.moves:
        return refused("move_up_stands", f"Move-up {move.move} was proposed already.")
    if command.origin.role not in DESK_ROLES or move.state is not MoveUpState.PROPOSED:
        return refused("desk_only", "Only the desk proposes move-ups: a role accepts, changes or refuses them.")
    return _no_such(city, move.unit, move.to_station) or (Decided(ev.MoveUpProposed(move)),)


def accept_move_up(known: Known, city: City, _: Places, command: cmd.AcceptMoveUp, now: datetime) -> Decision:
    move = known.moves.get(command.move)
    if move is None:
        return _unknown(command.move)
    no = (
        _not_now(move, MoveOrder.ACCEPT)
        or nobody(command.role, "-")
        or _cannot_go(known, city, move, move.unit, now)
        or _no_such_end(command.until, now)
    )
    until = command.until or now + HOLDS
    return no or (Decided(ev.MoveUpAccepted(move.move, command.role.strip(), until, command.reason.strip())),)


def change_move_up(known: Known, city: City, _: Places, command: cmd.ChangeMoveUp, now: datetime) -> Decision:
    move = known.moves.get(command.move)
    if move is None:
        return _unknown(command.move)
    unit, station = command.unit or move.unit, command.to_station or move.to_station
    no = (
        _not_now(move, MoveOrder.CHANGE)
        or nobody(command.role, command.reason)
        or _no_such(city, unit, station)
        or _nothing_changed(move, unit, station, command.until)
        or _cannot_go(known, city, move, unit, now)
        or _no_such_end(command.until, now)
    )
    until = command.until or (move.until if move.state is MoveUpState.ACCEPTED else now + HOLDS)
    event = ev.MoveUpChanged(move.move, command.role.strip(), command.reason.strip(), unit, station, until)
    return no or (Decided(event),)


def refuse_move_up(known: Known, _: City, __: Places, command: cmd.RefuseMoveUp, ___: datetime) -> Decision:
    move = known.moves.get(command.move)
    if move is None:
        return _unknown(command.move)
    event = ev.MoveUpRefused(move.move, command.role.strip(), command.reason.strip())
    return _not_now(move, MoveOrder.REFUSE) or nobody(command.role, command.reason) or (Decided(event),)


def withdraw_move_up(known: Known, _: City, __: Places, command: cmd.WithdrawMoveUp, ___: datetime) -> Decision:
    move = known.moves.get(command.move)
    if move is None:
        return _unknown(command.move)
    if command.origin.role not in DESK_ROLES or command.because not in BECAUSE:
        return refused("desk_only", "Only the desk withdraws move-ups, for one of its reasons: a role refuses them.")
    return _not_now(move, MoveOrder.WITHDRAW) or (Decided(ev.MoveUpWithdrawn(move.move, command.because)),)


def list_move_orders(move: MoveUp) -> tuple[MoveOrder, ...]:
    """What a role may do with the move-up now."""
    asked = (MoveOrder.ACCEPT, MoveOrder.CHANGE, MoveOrder.REFUSE)
    return tuple(order for order in asked if ORDERS[move.state][order] is None)


def _unknown(move: str) -> Decision:
    return refused("unknown_move_up", f"No move-up {move} is known: it was never proposed, or is over for long.")


def _not_now(move: MoveUp, order: MoveOrder) -> Decision:
    code = ORDERS[move.state][order]
    if code is None:
        return ()
    why = "is accepted already: change it, or refuse it to call it off" if code == "already_accepted" else "is over"
    return refused(code, f"Move-up {move.move} {why}.")


def _no_such(city: City, unit: UnitId, station: StationId) -> Decision:
    if unit not in city.units:
        return refused("unknown_unit", f"The pack has no unit {unit!r}.")
    return () if station in city.stations else refused("unknown_station", f"The pack has no station {station!r}.")


def _nothing_changed(move: MoveUp, unit: UnitId, station: StationId, until: datetime | None) -> Decision:
    if (unit, station) != (move.unit, move.to_station) or until is not None:
        return ()
    return refused("nothing_to_change", "Say which unit moves instead (`unit`), or to which station (`to_station`).")


def _cannot_go(known: Known, city: City, move: MoveUp, unit: UnitId, now: datetime) -> Decision:
    others = (m for m in known.moves.values() if m.move != move.move and m.state is MoveUpState.ACCEPTED)
    ordered = next((m.to_station for m in others if m.unit == unit), None)
    if ordered is not None:
        return refused("unit_ordered", f"Unit {unit} is ordered to {ordered} already: change or refuse that move-up.")
    state = known.units.get(unit)
    if state is None:
        return refused("unknown_unit", f"Nothing is known of unit {unit!r}.")
    if is_busy(city, state, now) or duty_of(city, state, now) == "off":
        return refused("unit_not_free", f"Unit {unit} is on a call or off duty: change the move-up to another unit.")
    return ()


def _no_such_end(until: datetime | None, now: datetime) -> Decision:
    if until is None:
        return ()
    if until <= now:
        return refused("until_past", "A move-up can end only at a time to come; refuse it to call it off now.")
    if until - now > LONGEST:
        return refused("until_far", "A move-up can hold for at most twelve hours from now.")
    return ()
