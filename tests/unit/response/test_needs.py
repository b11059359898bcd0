"""The list of what needs a person stays short and in order."""

from tests.scene import Scene, at, town
from tocsin.model.commands import ShelveAlarm
from tocsin.model.ids import CommandId
from tocsin.response.needs import NeedsYou, needs_you


def shown(needs: NeedsYou) -> str:
    lines = [f"{line.record.alarm.level} {line.record.alarm.call}×{line.count}" for line in needs.lines]
    return " | ".join([*lines, f"folded {needs.folded}"])


def test_by_level_then_by_what_is_due():
    scene = Scene()
    scene.call("C1", "12:00", kind="smoke")
    scene.call("C2", "12:01:30")
    scene.call("C3", "12:01")
    scene.look("12:05:30")
    assert shown(needs_you(scene.situation, at("12:06"))) == "1 C3×1 | 2 C2×1 | 2 C1×1 | folded 0"


def test_many_calls_without_a_unit_are_one_line():
    scene = Scene()
    for number in range(6):
        scene.call(f"C{number}", float(number))
    scene.look("12:03")
    assert shown(needs_you(scene.situation, at("12:03"))) == "2 C0×6 | folded 0"


def test_in_a_flood_level_3_folds_and_level_1_never():
    scene = Scene(town(40, 0))
    for number in range(11):
        kind = "medical" if number < 2 else "smoke"
        scene.call(f"C{number}", float(number), kind=kind)
        scene.mark(f"E{number + 1}", f"C{number}", "dispatched", 20.0)
    scene.look("12:10:30")
    needs = needs_you(scene.situation, at("12:10:30"))
    assert needs.flood
    assert shown(needs) == "1 C0×1 | 1 C1×1 | folded 9"
    assert shown(needs_you(scene.situation, at("12:21"))).endswith("folded 0")


def test_a_shelved_alarm_returns():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.look("12:03")
    (alarm,) = scene.situation.alarms
    scene.give(ShelveAlarm(CommandId("s"), scene.origin, alarm, at("12:18")), at("12:03"))
    assert shown(needs_you(scene.situation, at("12:17"))) == "folded 0"
    assert shown(needs_you(scene.situation, at("12:18"))) == "2 C1×1 | folded 0"
