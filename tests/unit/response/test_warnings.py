"""Who may do what with a warning, and when: every cell of the table, and every way to be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.scene import NOON, Scene, at
from tocsin.model import commands as cmd
from tocsin.model import events as ev
from tocsin.model.commands import Command
from tocsin.model.ids import CommandId, WarningId
from tocsin.model.origin import Mode, Origin
from tocsin.model.warnings import Action, Figures, Threshold, Warned, WarningKind, WarningState
from tocsin.response.codes import REFUSED
from tocsin.response.warnings import ORDERS, Order, list_orders
from tocsin.situation.draft import KEEP_ALARMS_H

W = WarningId("w")
DESK = Origin("desk:warnings", "desk", "emergency_response", Mode.LIVE)
PERSON = Origin("console", "watch_officer", "emergency_response", Mode.LIVE)
ENDS = at("18:00")
WARNED = Warned(
    W,
    WarningKind.DEMAND,
    NOON,
    NOON,
    ENDS,
    0.9,
    Threshold(0.8),
    actions=(Action("call_in", "Call in."), Action("tell", "Tell.")),
)
FIGURES = Figures(0.7, ENDS)


def order(which: Order, number: int = 0, **more: object) -> Command:
    """The order in its plainest form that may be."""
    key = CommandId(f"{which}{number}")
    orders: dict[Order, Callable[[], Command]] = {
        Order.ISSUE: lambda: cmd.IssueWarning(key, PERSON, W, "watch_officer", "Gale."),
        Order.FIGURES: lambda: cmd.UpdateWarning(key, DESK, W, FIGURES),
        Order.UPDATE: lambda: cmd.UpdateWarning(key, PERSON, W, None, "watch_officer", "Worse.", ("tell",)),
        Order.DECLINE: lambda: cmd.DeclineWarning(key, PERSON, W, "watch_officer", "A drill."),
        Order.LIFT: lambda: cmd.LiftWarning(key, PERSON, W, "watch_officer", "Over."),
        Order.EXPIRE: lambda: cmd.ExpireWarning(key, DESK, W),
    }
    return replace(orders[which](), **more)  # type: ignore[type-var]


def scene_in(state: WarningState, warned: Warned = WARNED) -> Scene:
    scene = Scene()
    scene.give(cmd.ProposeWarning(CommandId("p"), DESK, warned), NOON)
    on_the_way = {
        WarningState.PROPOSED: (),
        WarningState.ISSUED: (Order.ISSUE,),
        WarningState.DECLINED: (Order.DECLINE,),
        WarningState.LIFTED: (Order.ISSUE, Order.LIFT),
        WarningState.EXPIRED: (Order.EXPIRE,),
    }
    for step in on_the_way[state]:
        scene.give(order(step), ENDS if step is Order.EXPIRE else at("12:10"))
    assert scene.situation.warnings[W].state is state
    return scene


def outcome(scene: Scene, command: Command, clock: str = "18:00") -> str:
    (event,) = scene.give(command, at(clock))
    return event.code if isinstance(event, ev.CommandRefused) else type(event).__name__


AFTER = {
    Order.ISSUE: WarningState.ISSUED,
    Order.DECLINE: WarningState.DECLINED,
    Order.LIFT: WarningState.LIFTED,
    Order.EXPIRE: WarningState.EXPIRED,
}


@pytest.mark.parametrize("which", Order)
@pytest.mark.parametrize("state", WarningState)
def test_every_cell_of_the_table(state: WarningState, which: Order) -> None:
    scene = scene_in(state)
    before = scene.situation.warnings[W]
    refusal = ORDERS[state][which]
    said = outcome(scene, order(which, 9))
    after = scene.situation.warnings[W]
    if refusal is not None:
        assert said == refusal
        assert after is before
    else:
        assert after.state is AFTER.get(which, state)
        assert after.changed == ENDS


def test_the_table_is_full_and_its_codes_are_explained() -> None:
    assert set(ORDERS) == set(WarningState)
    assert all(set(row) == set(Order) for row in ORDERS.values())
    assert {code for row in ORDERS.values() for code in row.values() if code} <= set(REFUSED)


@pytest.mark.parametrize(
    ("state", "can"),
    [
        (WarningState.PROPOSED, (Order.ISSUE, Order.DECLINE)),
        (WarningState.ISSUED, (Order.UPDATE, Order.LIFT)),
        (WarningState.DECLINED, ()),
        (WarningState.LIFTED, ()),
        (WarningState.EXPIRED, ()),
    ],
)
def test_what_a_role_may_do(state: WarningState, can: tuple[Order, ...]) -> None:
    assert list_orders(replace(WARNED, state=state)) == can


@pytest.mark.parametrize(
    ("state", "command", "code"),
    [
        ("proposed", order(Order.ISSUE, role=" "), "role_missing"),
        ("proposed", order(Order.ISSUE, role="Desk"), "role_may_not"),
        ("proposed", order(Order.ISSUE, reason="\n"), "reason_missing"),
        ("proposed", order(Order.ISSUE, actions=("ring",)), "unknown_action"),
        ("proposed", order(Order.ISSUE, until=at("12:10")), "until_past"),
        ("proposed", order(Order.ISSUE, until=NOON + timedelta(days=8)), "until_far"),
        ("proposed", order(Order.DECLINE, reason=""), "reason_missing"),
        ("proposed", order(Order.DECLINE, role="feed"), "role_may_not"),
        ("proposed", order(Order.EXPIRE), "window_open"),
        ("proposed", order(Order.FIGURES, origin=PERSON), "role_missing"),
        ("proposed", order(Order.FIGURES, until=ENDS), "desk_only"),
        ("proposed", order(Order.FIGURES, figures=None), "desk_only"),
        ("issued", order(Order.UPDATE, figures=FIGURES), "desk_only"),
        ("issued", order(Order.UPDATE, actions=()), "nothing_to_update"),
        ("issued", order(Order.UPDATE, role=""), "role_missing"),
        ("issued", order(Order.UPDATE, reason=""), "reason_missing"),
        ("issued", order(Order.UPDATE, actions=("ring",)), "unknown_action"),
        ("issued", order(Order.UPDATE, until=NOON), "until_past"),
        ("issued", order(Order.LIFT, reason=""), "reason_missing"),
        *[("issued", order(which, warning=WarningId("other")), "unknown_warning") for which in Order],
        ("issued", cmd.ProposeWarning(CommandId("again"), DESK, WARNED), "warning_stands"),
        ("issued", cmd.ProposeWarning(CommandId("x"), PERSON, replace(WARNED, warning=WarningId("v"))), "desk_only"),
        (
            "issued",
            cmd.ProposeWarning(
                CommandId("x"), DESK, replace(WARNED, warning=WarningId("v"), state=WarningState.ISSUED)
            ),
            "desk_only",
        ),
    ],
)
def test_who_may_not_and_what_cannot_be(state: str, command: Command, code: str) -> None:
    scene = scene_in(WarningState(state))
    before = scene.situation.warnings
    assert outcome(scene, replace(command, id=CommandId("asked")), "12:30") == code  # type: ignore[type-var]
    assert code in REFUSED
    assert scene.situation.warnings == before


def test_issued_with_role_reason_actions_and_end() -> None:
    scene = scene_in(WarningState.PROPOSED)
    issue = order(Order.ISSUE, role=" duty_officer ", actions=("tell", "tell"), until=at("15:00"))
    scene.give(issue, at("12:20"))
    issued = scene.situation.warnings[W]
    assert (issued.issued, issued.issued_by, issued.reason) == (at("12:20"), "duty_officer", "Gale.")
    assert (issued.ends, [a.started for a in issued.actions]) == (at("15:00"), [None, at("12:20")])
    scene.give(order(Order.UPDATE, actions=("call_in", "tell")), at("12:40"))
    updated = scene.situation.warnings[W]
    assert (updated.version, updated.reason) == (2, "Worse.")
    assert [a.started for a in updated.actions] == [at("12:40"), at("12:20")], "an action starts once"


def test_the_desk_changes_its_figures_and_nothing_else() -> None:
    scene = scene_in(WarningState.ISSUED)
    before = scene.situation.warnings[W]
    scene.give(order(Order.FIGURES), at("13:00"))
    after = scene.situation.warnings[W]
    assert after == replace(before, chance=0.7, version=2, changed=at("13:00"))


def test_what_is_over_stays_for_half_a_day_and_while_its_window_is_open() -> None:
    scene = scene_in(WarningState.DECLINED)
    hour = 3600.0
    scene.call("A", (KEEP_ALARMS_H + 0.1) * hour)
    assert W in scene.situation.warnings
    scene.call("B", (KEEP_ALARMS_H + 1.1) * hour)
    assert W not in scene.situation.warnings
    long = scene_in(WarningState.DECLINED, replace(WARNED, ends=NOON + timedelta(hours=20)))
    long.call("B", (KEEP_ALARMS_H + 1.1) * hour)
    assert W in long.situation.warnings
    standing = scene_in(WarningState.PROPOSED)
    standing.call("B", 40 * hour)
    assert W in standing.situation.warnings


def test_the_list_of_changes_tells_the_life() -> None:
    scene = scene_in(WarningState.LIFTED)
    told = [change.code for change in scene.situation.changes]
    assert told == ["warning_proposed", "warning_issued", "warning_lifted"]
    assert scene.situation.tally.warnings == 1
