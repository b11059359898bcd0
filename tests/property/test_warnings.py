"""Whatever is ordered: the table holds, a role decides, and a batch folds as its events one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scene import NOON, Scene, same_picture
from tocsin.model import commands as cmd
from tocsin.model.commands import Command
from tocsin.model.events import CommandRefused
from tocsin.model.ids import AreaId, CommandId, WarningId
from tocsin.model.origin import Mode, Origin
from tocsin.model.warnings import Action, Figures, Threshold, Warned, WarningKind, WarningState
from tocsin.response.warnings import ORDERS, Order
from tocsin.situation.draft import KEEP_ALARMS_H
from tocsin.situation.fold import empty, fold
from tocsin.situation.warnings import is_long_over

DESK = Origin("desk:warnings", "desk", "emergency_response", Mode.LIVE)
PERSON = Origin("console", "watch_officer", "emergency_response", Mode.LIVE)
NAMES = ("a", "b")
WORDS = st.sampled_from(["watch_officer", "desk", " ", ""])
ACTIONS = st.lists(st.sampled_from(["call_in", "ring"]), max_size=2).map(tuple)
UNTIL = st.none() | st.integers(-3, 200).map(lambda h: NOON + timedelta(hours=h))
FIGURES = st.builds(Figures, chance=st.floats(0, 1), ends=st.integers(0, 9).map(lambda h: NOON + timedelta(hours=h)))
KEY = st.just(CommandId("later"))
WHICH = st.sampled_from(NAMES).map(WarningId)
BY = st.sampled_from([DESK, PERSON])
PROPOSAL = st.builds(
    Warned,
    warning=WHICH,
    kind=st.sampled_from(WarningKind),
    proposed=st.just(NOON),
    starts=st.just(NOON),
    ends=st.integers(0, 9).map(lambda h: NOON + timedelta(hours=h)),
    chance=st.floats(0, 1),
    threshold=st.just(Threshold(0.5)),
    area=st.none() | st.just(AreaId("north")),
    call_kind=st.none(),
    since=st.none(),
    impact=st.none(),
    evidence=st.just(()),
    actions=st.just((Action("call_in", "Call in."),)),
    state=st.just(WarningState.PROPOSED),
    changed=st.none(),
    issued=st.none(),
    issued_by=st.none(),
    reason=st.none(),
    version=st.just(1),
    calls_over=st.none(),
)
ORDER = st.one_of(
    st.builds(cmd.ProposeWarning, KEY, BY, PROPOSAL),
    st.builds(cmd.IssueWarning, KEY, BY, WHICH, WORDS, WORDS, ACTIONS, UNTIL),
    st.builds(cmd.UpdateWarning, KEY, BY, WHICH, st.none() | FIGURES, st.none() | WORDS, WORDS, ACTIONS, UNTIL),
    st.builds(cmd.DeclineWarning, KEY, BY, WHICH, WORDS, WORDS),
    st.builds(cmd.LiftWarning, KEY, BY, WHICH, WORDS, WORDS),
    st.builds(cmd.ExpireWarning, KEY, BY, WHICH),
)
STEPS = st.lists(st.tuples(ORDER, st.integers(0, 90)), max_size=25)
VERB = {
    cmd.IssueWarning: Order.ISSUE,
    cmd.DeclineWarning: Order.DECLINE,
    cmd.LiftWarning: Order.LIFT,
    cmd.ExpireWarning: Order.EXPIRE,
}


def verb_of(command: Command) -> Order | None:
    if isinstance(command, cmd.UpdateWarning):
        return Order.FIGURES if command.role is None else Order.UPDATE
    return VERB.get(type(command))


def long_over(warned: Warned, now: datetime) -> bool:
    return is_long_over(warned, now - timedelta(hours=KEEP_ALARMS_H), now)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_any_order_of_orders_keeps_the_table(steps: list[tuple[Command, int]]) -> None:
    scene, now = Scene(), NOON
    for number, (command, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        before = scene.situation.warnings
        events = scene.give(replace(command, id=CommandId(f"c{number}")), now)  # type: ignore[type-var]
        after = scene.situation.warnings
        assert len(events) == 1
        verb = verb_of(command)
        known = None if verb is None else before.get(command.warning)  # type: ignore[union-attr]
        # Folding any event may forget a warning that is long over, and forgets no other.
        before = {w: warned for w, warned in before.items() if w in after or not long_over(warned, now)}
        if isinstance(events[0], CommandRefused):
            assert after == before
        elif verb is not None:
            assert known is not None
            assert ORDERS[known.state][verb] is None
            assert set(after) == set(before)
    for warned in scene.situation.warnings.values():
        if warned.state in (WarningState.ISSUED, WarningState.LIFTED):
            assert warned.issued_by == "watch_officer"
            assert warned.reason
    one_by_one = empty(scene.city)
    for recorded in scene.recorded:
        one_by_one = fold(one_by_one, scene.city, [recorded])
    assert same_picture(one_by_one, fold(empty(scene.city), scene.city, scene.recorded))
