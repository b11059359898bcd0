"""A made-up town on a grid of streets, in code, for tests of ways, cover and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from tocsin.geography.metric import Metric
from tocsin.model.city import Area, CallKind, City, Closure, Need, Period, Service, Station, Streets, Unit, UnitKind
from tocsin.model.ids import AgencyId, AreaId, CallId, Seq, StationId, UnitId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Bounds, Point
from tocsin.situation.fold import empty
from tocsin.situation.picture import CallState, Situation, UnitState

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)
DAY = Period(NOON - timedelta(days=9), NOON + timedelta(days=9))
WEST, SOUTH, STEP, SIDE = 10.0, 50.0, 0.002, 10
EAST, NORTH = WEST + STEP * (SIDE - 1), SOUTH + STEP * (SIDE - 1)
BOUNDS = Bounds(WEST - STEP, SOUTH - STEP, EAST + STEP, NORTH + STEP)
ENGINE, TRUCK, MEDIC = UnitKindId("engine"), UnitKindId("truck"), UnitKindId("medic")
LEFT, RIGHT = AreaId("left"), AreaId("right")
FIRE = "Fire"


def corner(column: float, row: float) -> Point:
    """A place by columns and rows of the grid; whole numbers are street corners."""
    return Point(WEST + STEP * column, SOUTH + STEP * row)


def node(column: int, row: int) -> int:
    return row * SIDE + column


def streets_of(
    lon: Sequence[float],
    lat: Sequence[float],
    edges: Sequence[tuple[int, int]],
    *,
    oneway: Sequence[int] = (),
    classes: Sequence[str] | None = None,
    length_m: Sequence[float] | None = None,
    speed_kmh: Mapping[int, float] | None = None,
    few: Sequence[int] = (),
) -> Streets:
    """Straight streets between nodes."""
    tail = np.array([e[0] for e in edges], dtype=np.int32)
    head = np.array([e[1] for e in edges], dtype=np.int32)
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    east, north = Metric.of(BOUNDS).metres(x, y)
    straight = np.hypot(east[tail] - east[head], north[tail] - north[head])
    names = tuple(dict.fromkeys(classes or ["residential"]))
    speed = np.full(len(edges), np.nan)
    for edge, kmh in (speed_kmh or {}).items():
        speed[edge] = kmh
    return Streets(
        lon=x,
        lat=y,
        tail=tail,
        head=head,
        length_m=straight if length_m is None else np.array(length_m, dtype=np.float64),
        road_class=np.array([names.index(c) for c in classes or ["residential"] * len(edges)], dtype=np.int16),
        classes=names,
        oneway=np.isin(np.arange(len(edges)), oneway),
        speed_kmh=speed,
        shape_start=np.arange(0, 2 * len(edges) + 1, 2, dtype=np.int64),
        shape_lon=np.column_stack((x[tail], x[head])).ravel(),
        shape_lat=np.column_stack((y[tail], y[head])).ravel(),
        shared_by_few=np.isin(np.arange(len(edges)), few),
        node_ids=tuple(str(i) for i in range(len(x))),
    )


def grid_edges() -> list[tuple[int, int]]:
    along = [(node(c, r), node(c + 1, r)) for r in range(SIDE) for c in range(SIDE - 1)]
    up = [(node(c, r), node(c, r + 1)) for r in range(SIDE - 1) for c in range(SIDE)]
    return along + up


def grid_streets(**more: object) -> Streets:
    """`SIDE` × `SIDE` corners, residential, both ways: some 143 m east and 222 m north between corners."""
    lon = [WEST + STEP * (i % SIDE) for i in range(SIDE * SIDE)]
    lat = [SOUTH + STEP * (i // SIDE) for i in range(SIDE * SIDE)]
    return streets_of(lon, lat, grid_edges(), **more)  # type: ignore[arg-type]


def edge_between(a: int, b: int) -> int:
    return grid_edges().index((a, b))


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def areas() -> dict[AreaId, Area]:
    """Two halves; the border runs between columns 4 and 5."""
    middle, row = WEST + STEP * 4.5, SIDE / 2
    return {
        LEFT: Area(LEFT, "Left", box(BOUNDS.west, BOUNDS.south, middle, BOUNDS.north), corner(2, row)),
        RIGHT: Area(RIGHT, "Right", box(middle, BOUNDS.south, BOUNDS.east, BOUNDS.north), corner(7, row)),
    }


def town(
    units: Mapping[str, UnitKindId] | None = None,
    needs: Sequence[Need] = (Need(ENGINE),),
    *,
    streets: Streets | None = None,
    no_streets: bool = False,
    target_s: float | None = 300.0,
    closures: tuple[Closure, ...] = (),
    duty: Mapping[UnitId, tuple[Period, ...]] | str | None = "all day",
) -> City:
    """A town with one run card, `FIRE`. Units have no station: `picture` says where they are."""
    fleet = {UnitId(u): Unit(UnitId(u), k, AgencyId("fd"), None) for u, k in (units or {}).items()}
    return City(
        name="grid",
        title="Grid",
        timezone="UTC",
        bounds=BOUNDS,
        areas=areas(),
        stations={StationId("S"): Station(StationId("S"), "S", AgencyId("fd"), corner(0, 0))},
        hospitals={},
        units=fleet,
        unit_kinds={k: UnitKind(k, k) for k in (ENGINE, TRUCK, MEDIC)},
        agencies={},
        call_kinds=(CallKind(FIRE, Service.FIRE, 1, target_s, tuple(needs)),),
        streets=None if no_streets else (streets or grid_streets()),
        closures=closures,
        duty=dict.fromkeys(fleet, (DAY,)) if isinstance(duty, str) else duty,
    )


def call_at(place: Point | None, area: AreaId | None = None, *, kind: str = FIRE, ago_s: float = 0.0) -> CallState:
    return CallState(CallId("c"), NOON - timedelta(seconds=ago_s), kind, 1, 300.0, place, area, None)


def picture(city: City, places: Mapping[str, Point | None], busy: Sequence[str] = ()) -> Situation:
    """Units at places, free unless busy. Last heard of an hour ago."""
    units = {
        u: UnitState(
            u,
            UnitStatus.ON_SCENE if u in busy else UnitStatus.AVAILABLE_PLACE_UNKNOWN,
            NOON - timedelta(hours=1),
            call=CallId("other") if u in busy else None,
            place=places.get(u),
            first_mark=NOON - timedelta(hours=1),
            last_mark=NOON - timedelta(hours=1),
        )
        for u in city.units
    }
    start = empty(city)
    return Situation(
        Seq(7), NOON, None, {}, units, start.arrivals, start.said, start.track, None, {}, {}, {}, (), start.tally
    )  # fmt: skip
