"""What units of the record really needed to drive, as observations for `geography.travel`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s
from tocsin.geography.travel import Observation, TravelModel
from tocsin.model.city import City, Period, Station
from tocsin.model.ids import UnitId
from tocsin.model.place import Point

FRESH = timedelta(minutes=5)
"""A unit sent within this after it became available starts from where it became so."""
HOME_AFTER = timedelta(minutes=40)
"""A unit with a station that was available for longer starts from there."""
MOST = 2_000
"""Observations that the model keeps; more need not be looked up."""


@dataclass(frozen=True, slots=True)
class Way:
    """One unit's way to one call. `start`, `goal`: None where unknown."""

    unit: UnitId
    sent: datetime
    start: Point | None
    goal: Point | None
    urgent: bool
    turnout_s: float | None
    travel_s: float | None


def learn_travel(
    city: City, graph: StreetGraph | None, calls: pl.DataFrame, responses: pl.DataFrame | None, learn: Period
) -> TravelModel:
    """The travel model of the learning span: all kinds of units, pooled as `TravelModel` says.

    Where a unit started is known when it stood at its station or had just become available; other ways give their
    turnout alone."""
    if responses is None or not responses.height or not calls.height:
        return TravelModel()
    ways = list_ways(city, calls, responses, learn)[-MOST:]
    observations = [
        Observation(
            unit=way.unit,
            kind=city.units[way.unit].kind,
            urgent=way.urgent,
            turnout_s=way.turnout_s,
            travel_s=way.travel_s,
            network_s=seconds,
            by_road=graph is not None,
        )
        for way, seconds in zip(ways, network_seconds(graph, ways), strict=True)
    ]
    return TravelModel().learn(observations)


def network_seconds(graph: StreetGraph | None, ways: Sequence[Way]) -> list[float | None]:
    """Network seconds of each way; None where an end is unknown or no way leads. Ways from one place are looked up
    together."""
    seconds: list[float | None] = [None] * len(ways)
    by_start: dict[Point, list[tuple[int, Point]]] = {}
    for i, way in enumerate(ways):
        if way.start is not None and way.goal is not None:
            by_start.setdefault(way.start, []).append((i, way.goal))
    for start, rows in by_start.items():
        found = matrix_s(graph, [start], [goal for _, goal in rows])[0]
        for (i, _), value in zip(rows, found.tolist(), strict=True):
            seconds[i] = value if np.isfinite(value) else None
    return seconds


def list_ways(city: City, calls: pl.DataFrame, responses: pl.DataFrame, learn: Period) -> list[Way]:
    """Each response of the learning span, in time order."""
    return list(_ways(city, calls, responses, learn))


def _ways(city: City, calls: pl.DataFrame, responses: pl.DataFrame, learn: Period) -> Iterator[Way]:
    place = {h.hospital: h.place for h in city.hospitals.values()}
    rows = (
        responses.join(calls.select("call", "priority", "lon", "lat"), on="call", how="inner")
        .filter((pl.col("dispatched") >= learn.start) & (pl.col("dispatched") < learn.end))
        .sort("dispatched")
    )
    last: dict[str, tuple[datetime | None, Point | None]] = {}
    for row in rows.iter_rows(named=True):
        unit = row["unit"]
        if unit not in city.units:
            continue
        scene = None if row["lon"] is None or row["lat"] is None else Point(row["lon"], row["lat"])
        home = city.units[unit].station
        station: Station | None = city.stations.get(home) if home is not None else None
        start = _start(last.get(unit), row["dispatched"], station)
        yield Way(
            unit=unit,
            sent=row["dispatched"],
            start=start,
            goal=scene,
            urgent=row["priority"] == 1,
            turnout_s=_seconds(row["dispatched"], row["en_route"]),
            travel_s=_seconds(row["en_route"], row["on_scene"]),
        )
        carried = row.get("at_hospital") is not None or row.get("transporting") is not None
        last[unit] = (row["available"], place.get(row["hospital"]) if carried else scene)


def _start(last: tuple[datetime | None, Point | None] | None, sent: datetime, station: Station | None) -> Point | None:
    if last is None:
        return None if station is None else station.place
    available, place = last
    if available is None or sent < available:
        return None
    if sent - available <= FRESH:
        return place
    return station.place if station is not None and sent - available >= HOME_AFTER else None


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
