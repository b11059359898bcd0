"""A made-up town and a desk in miniature for tests: orders go in, the picture comes out as one readable line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from tocsin.model.city import Area, CallKind, City, Hospital, Need, Period, Service, Station, Unit, UnitKind
from tocsin.model.commands import Command, ReportCall, ReportMark
from tocsin.model.events import Decided, Event, Recorded
from tocsin.model.forecast import LEVELS, Demand
from tocsin.model.ids import (
    AgencyId,
    AreaId,
    CallId,
    CommandId,
    EventId,
    HospitalId,
    Seq,
    StationId,
    UnitId,
    UnitKindId,
)
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Bounds, Point
from tocsin.model.wire import to_bytes
from tocsin.response.intake import decide
from tocsin.response.watch import watch
from tocsin.situation.duty import status_of
from tocsin.situation.fold import begin, empty
from tocsin.situation.numbers import past_target
from tocsin.situation.picture import Situation

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)
ORIGIN = Origin("feed:test", "feed", "emergency_response", Mode.LIVE)
ENGINE, AMBULANCE = UnitKindId("engine"), UnitKindId("ambulance")
CENTRE = Point(10.05, 50.05)
WARD = Point(10.08, 50.08)


def at(clock: str | float) -> datetime:
    """`12:03`, `12:03:20`, or seconds after noon; on the day of the scene."""
    if not isinstance(clock, str):
        return NOON + timedelta(seconds=clock)
    parts = [int(part) for part in clock.split(":")] + [0]
    return NOON.replace(hour=parts[0], minute=parts[1], second=parts[2])


def town(
    engines: int = 2,
    ambulances: int = 2,
    *,
    duty: tuple[Period, ...] | None = (Period(NOON - timedelta(days=9), NOON + timedelta(days=9)),),
    stations: bool = True,
) -> City:
    """Two areas, one station, one hospital, engines E1… at the station, ambulances A1… without one."""
    units = [Unit(UnitId(f"E{i + 1}"), ENGINE, AgencyId("fd"), StationId("S1")) for i in range(engines)]
    units += [Unit(UnitId(f"A{i + 1}"), AMBULANCE, AgencyId("fd"), None) for i in range(ambulances)]
    medical = (Need(ENGINE, substitutes=(AMBULANCE,)), Need(AMBULANCE))
    areas = [Area(AreaId(a), a.title(), {}, CENTRE) for a in ("north", "south")]
    return City(
        name="town",
        title="Town",
        timezone="UTC",
        bounds=Bounds(10.0, 50.0, 10.1, 50.1),
        areas={a.area: a for a in areas},
        stations={StationId("S1"): Station(StationId("S1"), "One", AgencyId("fd"), Point(10.01, 50.01))}
        if stations
        else {},
        hospitals={HospitalId("H1"): Hospital(HospitalId("H1"), "Ward", WARD, True)},
        units={u.unit: u for u in units},
        unit_kinds={
            ENGINE: UnitKind(ENGINE, "Engine", headline=True),
            AMBULANCE: UnitKind(AMBULANCE, "Ambulance", transports=True, headline=True),
        },
        agencies={},
        call_kinds=(
            CallKind("medical", Service.MEDICAL, 1, 480.0, medical, (1,)),
            CallKind("medical", Service.MEDICAL, 2, 900.0, medical),
            CallKind("smoke", Service.FIRE, 2, 600.0, (Need(ENGINE),)),
            CallKind("wires", Service.UTILITY, 3, None, (Need(ENGINE),)),
        ),
        streets=None,
        duty=None if duty is None else {u.unit: duty for u in units},
    )


class Meadow:
    """Places without streets: north above 50.05, blocks rounded to a hundredth of a degree."""

    def area_of(self, point: Point) -> AreaId | None:
        if not (10.0 <= point.lon <= 10.1 and 50.0 <= point.lat <= 50.1):
            return None
        return AreaId("north" if point.lat >= 50.05 else "south")

    def block_of(self, point: Point, area: AreaId | None) -> Point | None:
        return Point(round(point.lon, 2), round(point.lat, 2))

    def distance_outside_m(self, point: Point) -> float:
        return 111_000.0 * max(0.0, abs(point.lon - 10.05) - 0.05, abs(point.lat - 50.05) - 0.05)


class Scene:
    """Takes orders as the writer does: decide on the draft, record, fold."""

    def __init__(self, city: City | None = None, *, mode: Mode = Mode.LIVE) -> None:
        self.city = city or town()
        self.origin = Origin(ORIGIN.actor, ORIGIN.role, ORIGIN.purpose, mode)
        self.draft = begin(empty(self.city), self.city)
        self.recorded: list[Recorded] = []
        self.ids = 0

    @property
    def situation(self) -> Situation:
        return self.draft.freeze()

    def give(self, command: Command, now: datetime) -> tuple[Event, ...]:
        """One command at one time of the desk's clock. Returns the events that it became."""
        decided = decide(self.draft, self.city, Meadow(), command, now)
        self.record(command.id, decided, now)
        return tuple(d.event for d in decided)

    def record(self, command: CommandId, decided: Iterable[Decided], now: datetime) -> None:
        for n, one in enumerate(decided):
            recorded = Recorded(
                Seq(len(self.recorded) + 1), EventId(f"{command}#{n}"), command, now, self.origin, one.event
            )
            self.recorded.append(recorded)
            self.draft.apply(recorded)

    def next_id(self) -> CommandId:
        self.ids += 1
        return CommandId(f"t{self.ids}")

    def call(self, call: str, clock: str | float, kind: str = "medical", **more: object) -> tuple[Event, ...]:
        """A call comes in at that time. `now` defaults to it."""
        now = more.pop("now", at(clock))
        more.setdefault("place", CENTRE)
        command = ReportCall(self.next_id(), self.origin, CallId(call), at(clock), kind, **more)  # type: ignore[arg-type]
        return self.give(command, now)  # type: ignore[arg-type]

    def mark(
        self,
        unit: str,
        call: str,
        mark: str,
        clock: str | float,
        *,
        now: str | None = None,
        hospital: str | None = None,
    ) -> tuple[Event, ...]:
        """A unit reports a mark, by default at the moment itself."""
        ward = None if hospital is None else HospitalId(hospital)
        command = ReportMark(
            self.next_id(), self.origin, CallId(call), UnitId(unit), Mark(mark), at(clock), hospital=ward
        )
        return self.give(command, at(now or clock))

    def marks(self, unit: str, call: str, *pairs: tuple[str, str]) -> None:
        for mark, clock in pairs:
            self.mark(unit, call, mark, clock)

    def look(self, clock: str | float) -> tuple[Command, ...]:
        """Let the watch look at the picture and take what it says."""
        commands = watch(self.situation, self.city, at(clock), origin=self.origin)
        for command in commands:
            self.give(command, at(clock))
        return commands

    def line(self, clock: str | float) -> str:
        """`calls 1 | A2→C1 en_route? | late 0`; `?` is unconfirmed, `!` an inferred mark in the assignment."""
        now, picture = at(clock), self.situation
        units = []
        for unit, state in picture.units.items():
            if state.call is not None:
                shown = status_of(self.city, state, now)
                units.append(f"{unit}→{state.call} {shown.status}{'?' if shown.unconfirmed else ''}")
        open_calls = sum(call.closed is None for call in picture.calls.values())
        late = sum(past_target(call, now) for call in picture.calls.values())
        return " | ".join([f"calls {open_calls}", *units, f"late {late}"])


def times(scene: Scene, call: str, unit: str) -> str:
    """`dispatched 12:01 on_scene 12:05 available 12:30!`: `!` marks what was inferred."""
    assignment = scene.situation.calls[CallId(call)].assignments[UnitId(unit)]
    return " ".join(
        f"{mark} {time:%H:%M}{'!' if mark in assignment.inferred else ''}" for mark, time in assignment.marks.items()
    )


def demand(
    city: City, issued: datetime, start: datetime, city_mean: float, *, steps: int = 24, low: int = 2, high: int = 9
) -> Demand:
    """A forecast with the same law at every step."""
    areas = tuple(city.areas)
    ramp = np.linspace(low, high, len(LEVELS)).astype(np.int32)
    return Demand(
        issued=issued,
        start=start,
        areas=areas,
        mean=np.full((len(areas), steps), city_mean / len(areas)),
        dispersion=np.full((len(areas), steps), 0.1),
        quantiles=np.broadcast_to(ramp // 2, (len(areas), steps, len(LEVELS))).copy(),
        city_mean=np.full(steps, city_mean),
        city_dispersion=np.full(steps, 0.05),
        city_quantiles=np.broadcast_to(ramp, (steps, len(LEVELS))).copy(),
        model="test",
        learned_from=None,
        learned_until=None,
    )


def same_picture(a: Situation, b: Situation) -> bool:
    """Equality that looks into arrays."""
    plain = ("seq", "now", "mode", "calls", "units", "plans", "alarms", "warnings", "changes", "tally")
    arrays: Sequence[tuple[np.ndarray, np.ndarray]] = (
        (a.arrivals.counts, b.arrivals.counts),
        (a.said.quantiles, b.said.quantiles),
        (a.said.mean, b.said.mean),
        (a.said.dispersion, b.said.dispersion),
    )
    return (
        all(getattr(a, name) == getattr(b, name) for name in plain)
        and a.demand is b.demand
        and to_bytes(a.track) == to_bytes(b.track)
        and to_bytes(a.arrivals) == to_bytes(b.arrivals)
        and a.arrivals.start == b.arrivals.start
        and a.said.start == b.said.start
        and all(x.shape == y.shape and np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in arrays)
    )
