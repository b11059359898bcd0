"""What units of the record really needed to drive, as observations for `geography.travel`."""

from __future__ import annotations

from collections.abc import Iterator
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


def learn_travel(
    city: City, graph: StreetGraph | None, calls: pl.DataFrame, responses: pl.DataFrame | None, learn: Period
) -> TravelModel:
    """The travel model of the learning span: all kinds of units, pooled as `TravelModel` says.

    Where a unit started is known when it stood at its station or had just become available; other ways give their
    turnout alone."""
    if responses is None or not responses.height or not calls.height:
        return TravelModel()
    ways = list(_ways(city, calls, responses, learn))[-MOST:]
    known = [i for i, way in enumerate(ways) if way[0] is not None and way[1] is not None]
    network = _network_s(graph, [ways[i][:2] for i in known])  # type: ignore[misc]
    network_s = dict(zip(known, network, strict=True))
    observations = []
    for i, (_, _, unit, urgent, turnout_s, travel_s) in enumerate(ways):
        seconds = network_s.get(i)
        observations.append(
            Observation(
                unit=unit,
                kind=city.units[unit].kind,
                urgent=urgent,
                turnout_s=turnout_s,
                travel_s=travel_s,
                network_s=seconds if seconds is not None and np.isfinite(seconds) else None,
                by_road=graph is not None,
            )
        )
    return TravelModel().learn(observations)


def _network_s(graph: StreetGraph | None, ways: list[tuple[Point, Point]]) -> list[float]:
    """Network seconds of each way; ways from one place are looked up together."""
    seconds = [float("inf")] * len(ways)
    by_start: dict[Point, list[int]] = {}
    for i, (start, _) in enumerate(ways):
        by_start.setdefault(start, []).append(i)
    for start, rows in by_start.items():
        found = matrix_s(graph, [start], [ways[i][1] for i in rows])[0]
        for i, value in zip(rows, found.tolist(), strict=True):
            seconds[i] = value
    return seconds


def _ways(
    city: City, calls: pl.DataFrame, responses: pl.DataFrame, learn: Period
) -> Iterator[tuple[Point | None, Point | None, UnitId, bool, float | None, float | None]]:
    """Start, goal, unit, urgent, turnout and travel of each response of the learning span, in time order."""
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
        yield (
            start,
            scene,
            unit,
            row["priority"] == 1,
            _seconds(row["dispatched"], row["en_route"]),
            _seconds(row["en_route"], row["on_scene"]),
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
