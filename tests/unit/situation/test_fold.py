"""The fold: what is kept, what is let go, what is shared."""

from datetime import timedelta

import numpy as np
import pytest

from tests.scene import NOON, Scene, at, demand, same_picture, times, town
from tocsin.model import events as ev
from tocsin.model.commands import KeepForecast, ProposePlan
from tocsin.model.events import Decided
from tocsin.model.ids import CallId, CommandId, Seq
from tocsin.model.plan import Plan
from tocsin.model.wire import reader, to_bytes
from tocsin.situation.draft import KEEP_ALARMS_H, KEEP_CHANGES, KEEP_H
from tocsin.situation.fold import begin, empty, fold
from tocsin.situation.picture import Situation


def test_an_empty_picture_knows_the_units_and_nothing_of_them():
    picture = empty(town(1, 1))
    assert list(picture.units) == ["E1", "A1"]
    assert (picture.seq, picture.now, picture.arrivals.counts.shape) == (0, None, (0, 3))


def test_a_published_picture_never_changes():
    scene = Scene()
    scene.call("C1", "12:00")
    before = scene.situation
    copy = (dict(before.calls), dict(before.units), before.arrivals.counts.copy(), before.changes)
    scene.mark("E1", "C1", "dispatched", "12:01")
    scene.call("C2", "12:02")
    after = scene.situation
    assert (dict(before.calls), dict(before.units), before.changes) == (copy[0], copy[1], copy[3])
    assert np.array_equal(before.arrivals.counts, copy[2])
    assert after.seq == 3


def test_what_did_not_change_is_shared_and_not_copied():
    scene = Scene()
    scene.call("C1", "12:00")
    before = scene.situation
    after = fold(before, scene.city, ())
    assert after.calls is before.calls
    assert after.units is before.units
    assert after.arrivals is before.arrivals


def test_old_calls_go_once_an_hour_and_open_ones_stay():
    scene = Scene()
    for call, unit in (("DONE", "E1"), ("OPEN", "E2")):
        scene.call(call, "12:00")
        scene.mark(unit, call, "dispatched", "12:01")
    scene.call("ALONE", "12:02")
    scene.mark("E1", "DONE", "available", "12:30")
    scene.call("C", (KEEP_H + 0.4) * 3600)
    assert set(scene.situation.calls) == {"DONE", "OPEN", "C"}  # ALONE: a day old, and no unit was ever sent
    scene.call("D", (KEEP_H + 1) * 3600)
    assert set(scene.situation.calls) == {"OPEN", "C", "D"}
    assert scene.situation.tally.calls == 5


def test_the_hours_without_calls_are_zeros_and_late_reports_count_in_their_own():
    scene = Scene()
    scene.call("C1", "12:10")
    scene.call("C2", "15:59")
    scene.call("C3", "13:30", now=at("16:01"), place=None)
    arrivals = scene.situation.arrivals
    assert arrivals.start == NOON
    assert arrivals.counts.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_a_call_from_before_the_first_hour_begins_the_counts_earlier():
    scene = Scene()
    scene.call("C1", "12:10")
    scene.call("C2", "10:10", now=at("12:12"))
    assert scene.situation.arrivals.start == at("10:00")
    assert scene.situation.arrivals.counts.sum(axis=1).tolist() == [1, 0, 1]
    scene.call("C3", -90 * 86_400.0, now=at("12:13"))
    assert len(scene.situation.arrivals.counts) == 3
    assert scene.situation.tally.calls == 3


def forecast(scene: Scene, issued: str | float, start: str | float, mean: float = 5.0) -> None:
    said = demand(scene.city, at(issued), at(start), mean)
    scene.give(KeepForecast(scene.next_id(), scene.origin, Seq(0), said), at(issued))


def test_what_was_said_an_hour_ahead_is_kept_first_one_first():
    scene = Scene()
    forecast(scene, "12:00", "12:00", 5.0)
    forecast(scene, "13:00", "13:00", 6.0)
    forecast(scene, "13:30", "14:00", 7.0)
    forecast(scene, "14:00", "14:00", 8.0)
    forecast(scene, "15:10", "16:00", 9.0)
    said = scene.situation.said
    assert said.start == NOON
    assert said.mean[:, -1].tolist() == pytest.approx([5.0, 6.0, 7.0, np.nan, 9.0], nan_ok=True)
    assert said.quantiles[:, -1, 0].tolist() == [2, 2, 2, -1, 2]
    assert said.mean[0, 0] == 2.5
    assert scene.situation.demand.city_mean[0] == 9.0


def test_only_a_week_of_what_was_said_is_kept():
    scene = Scene()
    for hour in range(170):
        forecast(scene, hour * 3600.0, hour * 3600.0, float(hour))
    said = scene.situation.said
    assert said.start == NOON + timedelta(hours=2)
    assert said.quantiles.shape == (168, 3, 9)
    assert said.mean[0, -1] == 2.0


def plan_for(call: str, made: str, units=()) -> Plan:
    return Plan(CallId(call), at(made), Seq(1), "test", 0, tuple(units), None, (), (), ())


def test_plans_are_marked_stale_when_the_call_moved_on():
    scene = Scene()
    scene.call("C1", "12:00")
    (event,) = scene.give(ProposePlan(CommandId("p1"), scene.origin, plan_for("C1", "12:00")), at("12:00"))
    assert not event.stale
    scene.mark("E1", "C1", "dispatched", "12:01")
    (event,) = scene.give(ProposePlan(CommandId("p2"), scene.origin, plan_for("C1", "12:00")), at("12:01"))
    assert event.stale
    assert scene.situation.tally.plans == 2
    (event,) = scene.give(ProposePlan(CommandId("p3"), scene.origin, plan_for("C9", "12:00")), at("12:01"))
    assert isinstance(event, ev.CommandRefused)


def test_changes_are_few_and_newest_last():
    scene = Scene()
    for n in range(KEEP_CHANGES + 20):
        scene.call(f"C{n}", 30.0 * n)
    changes = scene.situation.changes
    assert len(changes) == KEEP_CHANGES
    assert changes[-1].call == f"C{KEEP_CHANGES + 19}"


def test_cleared_alarms_go_after_twelve_hours():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.look("12:03")
    scene.mark("E1", "C1", "dispatched", "12:04")
    scene.look("12:05")
    assert [r.state for r in scene.situation.alarms.values()] == ["cleared"]
    scene.call("C2", (KEEP_ALARMS_H + 2) * 3600.0)
    assert not scene.situation.alarms


def test_the_clock_of_the_picture_never_runs_backwards():
    scene = Scene()
    scene.call("C1", "12:10")
    scene.record(CommandId("late"), [Decided(ev.CommandRefused("x", "y"))], at("12:05"))
    assert scene.situation.now == at("12:10")


def test_a_draft_reads_like_a_picture():
    scene = Scene()
    scene.call("C1", "12:00")
    draft = begin(scene.situation, scene.city)
    assert (draft.seq, draft.now, set(draft.calls), draft.tally.calls) == (1, NOON, {"C1"}, 1)


def test_a_picture_survives_its_bytes():
    scene = Scene()
    scene.call("C1", "12:00")
    scene.marks("E1", "C1", ("dispatched", "12:01"))
    scene.look("12:09")
    forecast(scene, "12:10", "13:00")
    picture = scene.situation
    back = reader(Situation).decode(to_bytes(picture))
    assert back.calls == picture.calls
    assert back.alarms == picture.alarms
    assert np.array_equal(back.said.quantiles, picture.said.quantiles)
    more = [r for r in scene.recorded if r.seq > picture.seq]
    assert same_picture(fold(picture, scene.city, more), picture)
    assert times(scene, "C1", "E1") == "dispatched 12:01"
