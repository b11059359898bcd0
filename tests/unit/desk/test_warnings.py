"""What the desk proposes by itself, when it has new figures, and when it keeps silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.scene import ENGINE, NOON, Scene, at, demand, town
from tocsin.desk.warnings import WarningDesk
from tocsin.forecasting.protocol import History, history_of
from tocsin.forecasting.warnings.surge import calm_figures
from tocsin.model.city import City
from tocsin.model.commands import (
    Command,
    DeclineWarning,
    ExpireWarning,
    IssueWarning,
    KeepForecast,
    ProposeWarning,
    UpdateWarning,
)
from tocsin.model.ids import AreaId, CommandId, Seq
from tocsin.model.origin import Mode
from tocsin.model.warnings import (
    Action,
    Threshold,
    Trigger,
    TriggerKind,
    Warned,
    WarningKind,
    WarningProtocol,
    WarningState,
)
from tocsin.situation.picture import Situation

HOUR = timedelta(hours=1)
CALL_IN = Action("call_in", "Call in the second crew.", "duty_officer", 45.0)


def busy(calls_over: int, *, cost: float = 1.0, area: str | None = None) -> WarningProtocol:
    trigger = Trigger(TriggerKind.DEMAND, None if area is None else AreaId(area), calls_over=calls_over, within_h=6)
    return WarningProtocol("busy", "Busy hours", trigger, cost, 4.0, (CALL_IN,))


class Watch:
    """A scene with a desk that warns. Without `days` of history nothing is known of what is usual."""

    def __init__(self, *protocols: WarningProtocol, probability: float = 0.8, days: int = 0) -> None:
        self.city: City = replace(town(), protocols=protocols)
        self.scene = Scene(self.city)
        self.desk = WarningDesk(self.city, Mode.LIVE, probability=probability, history=_history(self.city, days))

    def say(self, mean: float, clock: str, *, recent: float = 1.0, note: str | None = None) -> None:
        """A forecast of so many calls an hour is issued."""
        said = demand(self.city, at(clock), at(clock), mean)
        said = replace(said, recent=np.full(24, recent), note=note)
        self.scene.give(KeepForecast(self.scene.next_id(), self.scene.origin, Seq(0), said), at(clock))

    def look(self, clock: str) -> list[Command]:
        commands = [*self.desk.over(self.scene.situation, at(clock)), *self.desk.due(self.scene.situation, at(clock))]
        for command in commands:
            self.scene.give(command, at(clock))
        return commands

    @property
    def warned(self) -> Warned:
        (warned,) = self.scene.situation.warnings.values()
        return warned


def _history(city: City, days: int) -> Callable[[Situation, datetime], History]:
    """Two calls an hour in each area until noon, then what the picture counts."""
    areas = tuple(city.areas)

    def history(situation: Situation, now: datetime) -> History:
        seen = history_of(situation.arrivals, areas, "UTC", now, since=NOON)
        before = np.full((24 * days, len(areas)), 2, np.int32)
        return History(NOON - timedelta(days=days), np.concatenate([before, seen.counts]), areas, "UTC")

    return history


def kinds(commands: list[Command]) -> list[str]:
    return [type(command).__name__ for command in commands]


def test_demand_is_proposed_where_the_chance_is_worth_it() -> None:
    watch = Watch(busy(60))
    watch.say(10.0, "12:00", recent=1.25)
    (command,) = watch.look("12:00")
    assert isinstance(command, ProposeWarning)
    assert command.id == "warn/propose/demand:busy:city:20300506T1200Z"
    warned = watch.warned
    assert (warned.kind, warned.state, warned.calls_over) == (WarningKind.DEMAND, WarningState.PROPOSED, 60)
    assert (warned.starts, warned.ends, warned.actions) == (NOON, NOON + 6 * HOUR, (CALL_IN,))
    assert warned.threshold == Threshold(0.25, "busy", 1.0, 4.0)
    assert 0.25 <= warned.chance < 0.6
    assert warned.impact is not None
    assert (warned.impact.calls, warned.impact.usual) == (pytest.approx(60.0), pytest.approx(48.0))
    assert [line.code for line in warned.evidence] == ["evidence_forecast", "evidence_recent"]


@pytest.mark.parametrize(("calls_over", "cost", "proposed"), [(60, 1.0, True), (60, 3.0, False), (80, 1.0, False)])
def test_cost_over_loss_is_the_threshold(calls_over: int, cost: float, proposed: bool) -> None:
    watch = Watch(busy(calls_over, cost=cost))
    watch.say(10.0, "12:00")
    assert kinds(watch.look("12:00")) == (["ProposeWarning"] if proposed else [])


def test_without_a_protocol_at_the_stated_probability_and_without_actions() -> None:
    watch = Watch(probability=0.8)
    watch.say(20.0, "12:00", recent=2.0)
    assert kinds(watch.look("12:00")) == ["ProposeWarning"]
    assert (watch.warned.threshold, watch.warned.actions) == (Threshold(0.8), ())
    assert watch.warned.calls_over == 90  # 1.5 times 60
    stricter = Watch(probability=0.999)
    stricter.say(20.0, "12:00", recent=2.0)
    assert stricter.look("12:00") == []


def test_a_forecast_that_knows_little_is_no_ground_to_act_on() -> None:
    watch = Watch(busy(10))
    watch.say(10.0, "12:00", note="wide_prior")
    assert watch.look("12:00") == []


def test_one_proposal_a_window_whatever_was_decided() -> None:
    watch = Watch(busy(60))
    watch.say(11.0, "12:00")
    watch.look("12:00")
    decline = DeclineWarning(CommandId("d"), watch.scene.origin, watch.warned.warning, "watch_officer", "A drill.")
    watch.scene.give(decline, at("12:10"))
    watch.say(11.0, "13:00")
    assert watch.look("13:00") == []
    watch.say(11.0, "18:00")
    assert kinds(watch.look("18:00")) == ["ProposeWarning"]
    assert len(watch.scene.situation.warnings) == 2


def test_new_figures_only_when_they_say_something_new() -> None:
    watch = Watch(busy(60))
    watch.say(10.0, "12:00", recent=1.2)
    watch.look("12:00")
    assert watch.look("12:05") == []
    for n in range(25):
        watch.scene.call(f"C{n}", f"12:{n + 5:02}")
    (command,) = watch.look("12:30")
    assert isinstance(command, UpdateWarning)
    assert command.figures is not None
    assert command.figures.chance > 0.9
    assert watch.warned.version == 2
    assert "evidence_came" in [line.code for line in watch.warned.evidence]
    assert watch.warned.impact is not None
    assert watch.warned.impact.usual == pytest.approx(50.0), "what was usual stays as told"
    assert set(watch.warned.impact.units) == {"engine", "ambulance"}
    assert watch.warned.impact.units[ENGINE] == pytest.approx(watch.warned.impact.calls)
    assert watch.look("12:30") == []


def test_the_end_that_a_role_set_is_the_roles() -> None:
    watch = Watch(busy(60))
    watch.say(10.0, "12:00")
    watch.look("12:00")
    key, until = CommandId("i"), at("20:00")
    watch.scene.give(
        IssueWarning(key, watch.scene.origin, watch.warned.warning, "watch_officer", "Gale.", (), until), at("12:10")
    )
    for n in range(30):
        watch.scene.call(f"C{n}", f"12:{n + 11:02}")
    assert kinds(watch.look("12:50")) == ["UpdateWarning"]
    assert (watch.warned.ends, watch.warned.state) == (until, WarningState.ISSUED)
    assert watch.look("19:55") == []
    assert kinds(watch.look("20:00")) == ["ExpireWarning"]
    assert watch.warned.state is WarningState.EXPIRED


def test_a_window_that_is_over_expires() -> None:
    watch = Watch(busy(60))
    watch.say(10.0, "12:00")
    watch.look("12:00")
    (command,) = watch.look("18:00")
    assert isinstance(command, ExpireWarning)
    assert watch.desk.over(watch.scene.situation, at("18:01")) == []


def test_a_protocol_of_one_area_looks_at_that_area() -> None:
    watch = Watch(busy(30, area="north"))
    watch.say(10.0, "12:00")
    watch.look("12:00")
    assert watch.warned.area == "north"
    assert watch.warned.impact is not None
    assert watch.warned.impact.calls == pytest.approx(30.0)
    other = Watch(busy(60, area="north"))
    other.say(10.0, "12:00")
    assert other.look("12:00") == []


def test_a_protocol_of_one_kind_of_call_looks_at_that_kind() -> None:
    trigger = Trigger(TriggerKind.DEMAND, call_kind="smoke", calls_over=20, within_h=6)
    watch = Watch(WarningProtocol("smoke", "Smoke", trigger, 1.0, 4.0))
    said = demand(watch.city, at("12:00"), at("12:00"), 20.0)
    mean = np.vstack([np.full(24, 4.0), np.full(24, 16.0)])
    said = replace(said, kinds=("smoke", "medical"), kind_mean=mean, kind_dispersion=np.full((2, 24), 0.1))
    watch.scene.give(KeepForecast(watch.scene.next_id(), watch.scene.origin, Seq(0), said), at("12:00"))
    watch.scene.call("M", "12:00", kind="medical")
    (proposed, *_) = watch.look("12:00")
    assert isinstance(proposed, ProposeWarning)
    warned = proposed.warning
    assert (warned.call_kind, warned.area) == ("smoke", None)
    assert warned.impact is not None
    assert (warned.impact.calls, warned.impact.units) == (pytest.approx(24.0), {}), "no smoke came yet"
    unknown = Watch(WarningProtocol("wires", "Wires", replace(trigger, call_kind="wires"), 1.0, 4.0))
    unknown.say(50.0, "12:00")
    assert unknown.look("12:00") == [], "the forecast does not speak of that kind"


SURGE = WarningProtocol("hold", "Hold crews", Trigger(TriggerKind.SURGE), 1.0, 4.0, (CALL_IN,))


def burst(watch: Watch, calls: int, *, kind: str = "medical") -> None:
    """So many calls from noon on, one every 30 s."""
    for n in range(calls):
        watch.scene.call(f"S{n}", 30.0 * n, kind=kind)


def test_a_surge_is_proposed_with_what_drives_it() -> None:
    watch = Watch(SURGE, days=21)
    burst(watch, 50)
    assert kinds(watch.look("12:30")) == ["ProposeWarning"]
    warned = watch.warned
    assert (warned.kind, warned.area, warned.call_kind) == (WarningKind.SURGE, None, None)
    assert warned.threshold.protocol == "hold"
    assert warned.since is not None
    assert abs(warned.since - NOON) < timedelta(minutes=20)
    assert warned.ends == at("14:30")
    assert 0.25 <= warned.chance <= 1.0
    codes = [line.code for line in warned.evidence]
    assert codes[:2] == ["evidence_surge", "evidence_once"]
    assert {"evidence_driver_kind", "evidence_driver_area", "evidence_goes_on"} <= set(codes)
    assert warned.impact is not None
    assert warned.impact.calls > 50 > warned.impact.usual
    assert warned.impact.low <= warned.impact.calls <= warned.impact.high


def test_an_ordinary_hour_is_no_surge() -> None:
    watch = Watch(SURGE, days=21)
    burst(watch, 3)
    assert watch.look("12:30") == []


def test_a_surge_that_is_over_says_so_and_ends_soon() -> None:
    watch = Watch(SURGE, days=21)
    burst(watch, 50)
    watch.look("12:30")
    figures = calm_figures(watch.warned, at("12:45"))
    assert (figures.chance, figures.ends) == (pytest.approx(0.1), at("13:15"))
    assert [line.code for line in figures.evidence][:2] == ["evidence_surge_over", "evidence_surge"]
    again = calm_figures(replace(watch.warned, evidence=figures.evidence, ends=figures.ends), at("13:00"))
    assert [line.code for line in again.evidence].count("evidence_surge_over") == 1
    assert again.ends == at("13:15"), "an end comes nearer, never further off"


def test_areas_and_kinds_are_not_told_beside_the_city() -> None:
    watch = Watch(days=21, probability=0.5)
    burst(watch, 60)
    commands = watch.look("12:35")
    assert [c.warning.warning for c in commands if isinstance(c, ProposeWarning)] == [watch.warned.warning]
    assert watch.warned.warning.startswith("surge:house:city:")
    assert [c for c in watch.look("12:40") if isinstance(c, ProposeWarning)] == []


def test_the_same_look_gives_the_same_commands() -> None:
    first, second = Watch(SURGE, days=21), Watch(SURGE, days=21)
    for watch in (first, second):
        watch.say(11.0, "12:00")
        burst(watch, 50)
    second.look("12:10")
    fresh = WarningDesk(second.city, Mode.LIVE, probability=0.8, history=_history(second.city, 21))
    assert first.desk.due(first.scene.situation, at("12:30")) == fresh.due(first.scene.situation, at("12:30"))
