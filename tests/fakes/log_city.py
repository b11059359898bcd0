"""A made-up town of three areas and four units, and reports for it: for tests of the log and the writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from tocsin.model.city import Agency, Area, CallKind, City, Need, Service, Station, Unit, UnitKind
from tocsin.model.commands import Command, KeepForecast, ReportCall, ReportMark
from tocsin.model.events import Draft, Payload, UnitMarked
from tocsin.model.forecast import Demand
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Bounds, Point

START = datetime(2021, 3, 4, 5, 0, tzinfo=UTC)
REPLAY = Origin("feed:replay", "feed", "emergency_response", Mode.REPLAY)


def _square(n: int) -> Area:
    west, east = n * 0.02, n * 0.02 + 0.02
    ring = [[west, 0.0], [east, 0.0], [east, 0.02], [west, 0.02], [west, 0.0]]
    centre = Point(west + 0.01, 0.01)
    return Area(f"a{n}", f"Area {n}", {"type": "Polygon", "coordinates": [ring]}, centre, population=900)


def make_city() -> City:
    """Three squares in a row; fire and medical calls; engines and medics."""
    areas = {area.area: area for area in map(_square, range(3))}
    units = [Unit(f"{kind}{n}", kind, "fd", "s1") for kind in ("engine", "medic") for n in (1, 2)]
    return City(
        name="town",
        title="Town",
        timezone="UTC",
        bounds=Bounds(-0.1, -0.1, 0.2, 0.2),
        areas=areas,
        stations={"s1": Station("s1", "Station 1", "fd", Point(0.01, 0.01))},
        hospitals={},
        units={unit.unit: unit for unit in units},
        unit_kinds={kind: UnitKind(kind, kind.title()) for kind in ("engine", "medic")},
        agencies={"fd": Agency("fd", "Fire department")},
        call_kinds=(
            CallKind("Fire", Service.FIRE, 1, 480.0, (Need("engine", 2),)),
            CallKind("Illness", Service.MEDICAL, 2, 600.0, (Need("medic"),)),
            CallKind("Odd", None, 2, None, ()),
        ),
        streets=None,
    )


def call(n: int, *, at_s: float = 0.0, kind: str = "Fire", name: str | None = None) -> tuple[datetime, Command]:
    """Call number n, received `at_s` seconds after the start, with a sealed field."""
    at = START + timedelta(seconds=at_s)
    place = Point(0.005 + 0.001 * (n % 50), 0.004)
    report = ReportCall(
        f"call-{n}", REPLAY, f"c{n}", at, kind, place=place, sealed={"caller": name or f"caller {n}"}, incident=f"i{n}"
    )
    return at, report


def mark(
    n: int, unit: str, what: Mark = Mark.DISPATCHED, *, at_s: float = 0.0, tag: str = ""
) -> tuple[datetime, Command]:
    """A unit's mark on call n."""
    at = START + timedelta(seconds=at_s)
    return at, ReportMark(f"mark-{n}-{unit}-{what}{tag}", REPLAY, f"c{n}", unit, what, at)


def response(n: int, unit: str, *, at_s: float) -> list[tuple[datetime, Command]]:
    """A whole response, a minute a mark."""
    steps = (Mark.DISPATCHED, Mark.EN_ROUTE, Mark.ON_SCENE, Mark.AVAILABLE)
    return [mark(n, unit, step, at_s=at_s + 60.0 * k) for k, step in enumerate(steps)]


def forecast(at_s: float = 0.0, *, hours: int = 2) -> tuple[datetime, Command]:
    """A forecast for three areas."""
    at = START + timedelta(seconds=at_s)
    mean = np.arange(3.0 * hours).reshape(3, hours) / 7
    quantiles = np.arange(3 * hours * 9, dtype=np.int32).reshape(3, hours, 9)
    demand = Demand(
        at,
        START + timedelta(hours=1 + at_s // 3600),
        ("a0", "a1", "a2"),
        mean,
        mean + 0.1,
        quantiles,
        mean.sum(0),
        mean.sum(0),
        quantiles.sum(0, dtype=np.int32),
        "counts-1",
        None,
        at,
    )
    return at, KeepForecast(f"forecast-{at_s}", REPLAY, 0, demand)


def draft(n: int, *, name: str | None = None) -> Draft:
    """A bare event for tests of stores alone, sealed where a name is given."""
    at = START + timedelta(seconds=n)
    sealed = Payload({"caller": name}) if name else None
    return Draft(f"k{n}#0", f"k{n}", at, REPLAY, UnitMarked(f"c{n}", "engine1", Mark.ON_SCENE, at), sealed)
