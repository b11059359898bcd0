"""Each rule of the watch: when it speaks, at which level, when it falls silent."""

from dataclasses import replace

import pytest

from tests.scene import AMBULANCE, Scene, at, town
from tocsin.model.commands import (
    AcknowledgeAlarm,
    DismissAlarm,
    ExpireWarning,
    IssueWarning,
    ProposeWarning,
    ShelveAlarm,
)
from tocsin.model.events import AlarmAcknowledged, CommandRefused
from tocsin.model.ids import AlarmId, AreaId, CommandId, WarningId
from tocsin.model.origin import Mode
from tocsin.model.warnings import Action, Threshold, Warned, WarningKind
from tocsin.response.watch import watch


def alarms(scene: Scene) -> str:
    """`no_unit:C1 2 raised | …`"""
    return " | ".join(
        f"{r.alarm.kind}:{r.alarm.call or r.alarm.unit_kind or 'city'} {r.alarm.level} {r.state}"
        for r in scene.situation.alarms.values()
    )


def at_desk(*looks: str, scene: Scene) -> str:
    for clock in looks:
        scene.look(clock)
    return alarms(scene)


def waiting(kind: str = "medical") -> Scene:
    scene = Scene()
    scene.call("C1", "12:00", kind=kind)
    return scene


@pytest.mark.parametrize(
    ("kind", "clock", "shown"),
    [
        ("medical", "12:02", ""),
        ("medical", "12:02:01", "no_unit:C1 2 raised"),
        ("medical", "12:04:01", "no_unit:C1 1 raised"),
        ("medical", "12:08:01", "past_target:C1 1 raised"),
        ("smoke", "12:05", ""),
        ("smoke", "12:05:01", "no_unit:C1 2 raised"),
        ("smoke", "12:30", "no_unit:C1 2 raised"),
        ("wires", "12:30", "no_unit:C1 2 raised"),
    ],
)
def test_no_unit(kind, clock, shown):
    assert at_desk(clock, scene=waiting(kind)) == shown


def test_one_cause_one_alarm_as_it_gets_worse():
    scene = waiting()
    assert at_desk("12:03", scene=scene) == "no_unit:C1 2 raised"
    assert at_desk("12:05", scene=scene) == "no_unit:C1 1 raised"
    assert at_desk("12:09", scene=scene) == "no_unit:C1 1 cleared | past_target:C1 1 raised"
    assert scene.situation.tally.alarms == 2


def test_past_target_until_somebody_arrives_and_half_a_minute_more():
    scene = waiting()
    scene.mark("E1", "C1", "dispatched", "12:01")
    assert at_desk("12:08", scene=scene) == ""
    assert at_desk("12:09", scene=scene) == "past_target:C1 1 raised"
    (record,) = scene.situation.alarms.values()
    assert record.alarm.due == at("12:08")
    assert dict(record.alarm.values) == {
        "kind": "medical", "priority": 1, "waited_s": 540.0, "target_s": 480.0, "units": 1,
    }  # fmt: skip
    scene.mark("E1", "C1", "on_scene", "12:10")
    assert at_desk("12:10:29", scene=scene) == "past_target:C1 1 raised"
    assert at_desk("12:10:30", scene=scene) == "past_target:C1 1 cleared"


def test_past_target_of_a_lesser_call_is_level_3():
    scene = waiting("smoke")
    scene.mark("E1", "C1", "dispatched", "12:01")
    assert at_desk("12:11", scene=scene) == "past_target:C1 3 raised"


def test_nothing_is_said_twice():
    scene = waiting()
    scene.look("12:03")
    assert scene.look("12:03") == scene.look("12:03:30") == ()
    assert scene.situation.tally.alarms == 1


def test_the_same_look_gives_the_same_commands():
    scene = waiting()
    first = watch(scene.situation, scene.city, at("12:03"), origin=scene.origin)
    assert first == watch(scene.situation, scene.city, at("12:03"), origin=scene.origin)
    assert len(first) == 1


def test_an_acknowledged_alarm_comes_back_only_when_it_is_worse():
    scene = waiting()
    scene.look("12:03")
    (alarm,) = scene.situation.alarms
    (event,) = scene.give(AcknowledgeAlarm(CommandId("a"), scene.origin, alarm), at("12:03:10"))
    assert isinstance(event, AlarmAcknowledged)
    assert at_desk("12:03:30", scene=scene) == "no_unit:C1 2 acknowledged"
    assert at_desk("12:05", scene=scene) == "no_unit:C1 1 raised"


def test_a_dismissed_alarm_stays_away_until_its_cause_is_over():
    scene = waiting("wires")
    scene.look("12:06")
    (alarm,) = scene.situation.alarms
    scene.give(DismissAlarm(CommandId("d"), scene.origin, alarm, "Known to the chief."), at("12:06:10"))
    assert at_desk("12:07", "12:30", scene=scene) == "no_unit:C1 2 dismissed"
    scene.mark("E1", "C1", "dispatched", "12:31")
    assert at_desk("12:32", scene=scene) == "no_unit:C1 2 cleared"


def test_orders_that_cannot_be_are_refused():
    scene = waiting()
    scene.look("12:03")
    (alarm,) = scene.situation.alarms
    orders = [
        AcknowledgeAlarm(CommandId("1"), scene.origin, AlarmId("none")),
        ShelveAlarm(CommandId("2"), scene.origin, alarm, at("12:03")),
        DismissAlarm(CommandId("3"), scene.origin, alarm, "  "),
    ]
    refused = [scene.give(order, at("12:03")) for order in orders]
    assert [e.code for (e,) in refused if isinstance(e, CommandRefused)] == [
        "unknown_alarm", "shelved_until_past", "reason_missing",
    ]  # fmt: skip
    assert scene.situation.tally.refused == 3


def test_a_recording_without_responses_raises_nothing():
    scene = Scene(mode=Mode.REPLAY)
    scene.call("C1", "12:00")
    assert at_desk("12:30", scene=scene) == ""


def busy_ambulances(scene: Scene, count: int, clock: str) -> None:
    for number in range(count):
        scene.call(f"B{number}", clock)
        scene.marks(f"A{number + 1}", f"B{number}", ("dispatched", clock), ("on_scene", clock))


def test_units_short_with_hysteresis_and_off_delay():
    scene = Scene(town(8, 10))
    busy_ambulances(scene, 7, "12:01")
    assert at_desk("12:02", scene=scene) == ""
    scene.call("B7", "12:03")
    scene.marks("A8", "B7", ("dispatched", "12:03"), ("on_scene", "12:03"))
    assert at_desk("12:04", scene=scene) == "units_short:ambulance 2 raised"
    (record,) = scene.situation.alarms.values()
    assert dict(record.alarm.values) == {"unit_kind": "Ambulance", "free": 2, "of": 10, "limit": 3}
    assert record.alarm.unit_kind == AMBULANCE
    scene.mark("A1", "B0", "available", "12:10")
    assert at_desk("12:11", scene=scene) == "units_short:ambulance 2 raised"  # 3 of 10: not enough yet
    scene.mark("A2", "B1", "available", "12:12")
    assert at_desk("12:12:20", scene=scene) == "units_short:ambulance 2 raised"  # not for 30 s yet
    assert at_desk("12:12:30", scene=scene) == "units_short:ambulance 2 raised"  # looked at once a minute
    assert at_desk("12:13", scene=scene) == "units_short:ambulance 2 cleared"


def test_units_short_is_not_repeated_within_ten_minutes():
    scene = Scene(town(8, 10))
    busy_ambulances(scene, 8, "12:01")
    scene.look("12:02")
    scene.mark("A1", "B0", "available", "12:03")
    scene.mark("A2", "B1", "available", "12:03")
    scene.look("12:04")
    for number, clock in ((1, "12:05"), (2, "12:05")):
        scene.call(f"D{number}", clock)
        scene.marks(f"A{number}", f"D{number}", ("dispatched", clock), ("on_scene", clock))
    assert at_desk("12:06", "12:13:30", scene=scene) == "units_short:ambulance 2 cleared"
    assert at_desk("12:14", scene=scene).endswith("units_short:ambulance 2 raised")


def test_a_small_fleet_is_short_below_half():
    scene = Scene(town(8, 2))
    busy_ambulances(scene, 1, "12:01")
    assert at_desk("12:02", scene=scene) == ""
    scene.call("B9", "12:03")
    scene.marks("A2", "B9", ("dispatched", "12:03"), ("on_scene", "12:03"))
    assert at_desk("12:04", scene=scene) == "units_short:ambulance 2 raised"


def test_inferred_duty_is_not_trusted_before_its_gap_has_passed():
    scene = Scene(town(8, 2, duty=None))
    scene.call("C1", "12:00")
    scene.marks("A1", "C1", ("dispatched", "12:00"), ("on_scene", "12:01"))
    assert at_desk("12:02", scene=scene) == ""


def surge(name: str, proposed: str, **more: object) -> Warned:
    warned = Warned(WarningId(name), WarningKind.SURGE, at(proposed), at(proposed), at("15:00"), 0.9, Threshold(0.8))
    return replace(warned, **more)  # type: ignore[arg-type]


def propose(scene: Scene, warned: Warned) -> None:
    desk = replace(scene.origin, role="desk")
    scene.give(ProposeWarning(CommandId(f"p:{warned.warning}"), desk, warned), warned.proposed)


def test_a_proposed_surge_waits_for_a_decision():
    scene = Scene()
    propose(scene, surge("s1", "12:10"))
    assert at_desk("12:10", "12:30", scene=scene) == "surge:city 3 raised"
    (record,) = scene.situation.alarms.values()
    assert dict(record.alarm.values) == {"warning": "s1", "chance": 0.9, "since": at("12:10").isoformat()}
    scene.give(IssueWarning(CommandId("i"), scene.origin, WarningId("s1"), "watch_officer", "Storm."), at("12:31"))
    assert at_desk("12:31:30", scene=scene) == "surge:city 3 cleared"


def test_a_surge_with_actions_is_more_pressing_and_each_area_has_its_own():
    scene = Scene()
    propose(scene, surge("s1", "12:10", actions=(Action("call_in", "Call in the second crew."),)))
    propose(scene, surge("s2", "12:10", area=AreaId("north")))
    assert at_desk("12:10", scene=scene) == "surge:city 2 raised | surge:city 3 raised"
    assert [r.alarm.area for r in scene.situation.alarms.values()] == [None, "north"]
    scene.give(ExpireWarning(CommandId("x"), scene.origin, WarningId("s2")), at("15:00"))
    assert at_desk("15:00", scene=scene) == "surge:city 2 raised | surge:city 3 cleared"


def test_a_warning_of_demand_raises_no_alarm():
    scene = Scene()
    propose(scene, surge("d1", "12:10", kind=WarningKind.DEMAND))
    assert at_desk("12:10", scene=scene) == ""
