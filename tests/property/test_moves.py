"""Whatever is ordered of move-ups: the table holds, a role decides, no unit is in two places, batches fold alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene import ENGINE, NOON, Scene, same_picture, town
from tocsin.model import commands as cmd
from tocsin.model.city import City, Station
from tocsin.model.commands import Command
from tocsin.model.events import CommandRefused
from tocsin.model.ids import AgencyId, CommandId, MoveUpId, Seq, StationId, UnitId
from tocsin.model.lateness import LateChange
from tocsin.model.moves import MoveOption, MoveUp, MoveUpState
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Point
from tocsin.model.plan import Reason
from tocsin.response.moves import BECAUSE, ORDERS, MoveOrder
from tocsin.situation.draft import KEEP_ALARMS_H
from tocsin.situation.fold import empty, fold

DESK = Origin("desk:moves", "desk", "emergency_response", Mode.LIVE)
PERSON = Origin("console", "watch_officer", "emergency_response", Mode.LIVE)
S1, S2 = StationId("S1"), StationId("S2")
A, E1 = MoveUpId("a"), UnitId("E1")
WORDS = st.sampled_from(["watch_officer", "desk", " ", ""])
UNTIL = st.none() | st.integers(-3, 20).map(lambda h: NOON + timedelta(hours=h))
KEY = st.just(CommandId("later"))
WHICH = st.sampled_from(["a", "b"]).map(MoveUpId)
BY = st.sampled_from([DESK, PERSON])
UNIT = st.sampled_from(["E1", "E2", "E9"]).map(UnitId)
STATION = st.sampled_from([S1, S2, StationId("S9")])


def city() -> City:
    plain = town()
    return replace(plain, stations={**plain.stations, S2: Station(S2, "Two", AgencyId("fd"), Point(10.09, 50.09))})


def move_up(move: MoveUpId = A, unit: UnitId = E1, to: StationId = S2) -> MoveUp:
    """E1 from S1 to another station."""
    late = LateChange(ENGINE, 1.2, 1.1, -0.2, -0.05)
    best = MoveOption(unit, ENGINE, S1, to, 300.0, 200.0, 400.0, late, Reason("move_fills"))
    return MoveUp(move, NOON, Seq(0), NOON + timedelta(minutes=10), best, unit, to)


PROPOSAL = st.builds(move_up, WHICH, UNIT, STATION).flatmap(
    lambda move: st.sampled_from(MoveUpState).map(lambda state: replace(move, state=state))
)
MAYBE_UNIT, MAYBE_STATION = st.none() | UNIT, st.none() | STATION
ORDER = st.one_of(
    st.builds(cmd.ProposeMoveUp, KEY, BY, st.one_of(st.builds(move_up, WHICH), PROPOSAL)),
    st.builds(cmd.AcceptMoveUp, KEY, BY, WHICH, WORDS, WORDS, UNTIL),
    st.builds(cmd.ChangeMoveUp, KEY, BY, WHICH, WORDS, WORDS, MAYBE_UNIT, MAYBE_STATION, UNTIL),
    st.builds(cmd.RefuseMoveUp, KEY, BY, WHICH, WORDS, WORDS),
    st.builds(cmd.WithdrawMoveUp, KEY, BY, WHICH, st.sampled_from([*BECAUSE, "whim"])),
)
STEPS = st.lists(st.tuples(ORDER, st.integers(0, 90)), max_size=25)
VERB = {
    cmd.AcceptMoveUp: MoveOrder.ACCEPT,
    cmd.ChangeMoveUp: MoveOrder.CHANGE,
    cmd.RefuseMoveUp: MoveOrder.REFUSE,
    cmd.WithdrawMoveUp: MoveOrder.WITHDRAW,
}


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_any_order_of_orders_keeps_the_table(steps: list[tuple[Command, int]]) -> None:
    scene, now = Scene(city()), NOON
    for number, (command, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        before = scene.situation.moves
        events = scene.give(replace(command, id=CommandId(f"c{number}")), now)  # type: ignore[type-var]
        after = scene.situation.moves
        assert len(events) == 1
        verb = VERB.get(type(command))
        horizon = now - timedelta(hours=KEEP_ALARMS_H)
        # Folding any event may forget a move-up that is long over, and forgets no other.
        before = {
            m: move for m, move in before.items() if m in after or move.standing or (move.changed or now) >= horizon
        }
        if isinstance(events[0], CommandRefused):
            assert after == before
        elif verb is not None:
            assert ORDERS[before[command.move].state][verb] is None  # type: ignore[union-attr,index]
            assert set(after) == set(before)
        for move in after.values():
            assert move.state is not MoveUpState.ACCEPTED or move.role == "watch_officer"
            assert move.state is not MoveUpState.REFUSED or move.reason
            assert move.unit in scene.city.units
            assert move.to_station in scene.city.stations
        accepted = [m.unit for m in after.values() if m.state is MoveUpState.ACCEPTED]
        assert len(accepted) == len(set(accepted))
        posts = {m.unit: m.to_station for m in after.values() if m.state is MoveUpState.ACCEPTED}
        for unit, state in scene.situation.units.items():
            assert state.post is None or unit in posts
    one_by_one = empty(scene.city)
    for recorded in scene.recorded:
        one_by_one = fold(one_by_one, scene.city, [recorded])
    assert same_picture(one_by_one, fold(empty(scene.city), scene.city, scene.recorded))
