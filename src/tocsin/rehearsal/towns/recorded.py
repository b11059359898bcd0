"""Calls as they were recorded: real time, place and kind; service from the record where it is valid, else drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.rehearsal.town import NEAREST, Calls, Rows
from tocsin.rehearsal.towns.draws import quantile_s
from tocsin.rehearsal.towns.ground import Ground
from tocsin.rehearsal.towns.service import LearnedService

NOWHERE = "calls without a place, left out"


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """`calls` of a span, and `assumed`: how many of them have a field that was drawn and not recorded."""

    calls: Calls
    assumed: Mapping[str, int]


def zones_of_calls(city: City, ground: Ground, record: pl.DataFrame) -> Rows:
    """The zone of each call, int32 (n,): nearest to its place; to its area's centre where the place is not known;
    -1 where neither is."""
    zone = np.full(record.height, -1, dtype=np.int32)
    if not record.height or not len(ground.zones):
        return zone
    lon, lat = record["lon"].to_numpy().copy(), record["lat"].to_numpy().copy()
    for i, area in enumerate(record["area"]):
        if not np.isfinite(lon[i]) and area in city.areas:
            lon[i], lat[i] = city.areas[area].centre.lon, city.areas[area].centre.lat
    known = np.isfinite(lon) & np.isfinite(lat)
    zone[known] = ground.zones.nearest(lon[known], lat[known])
    return zone


def calls_of(
    city: City, ground: Ground, record: pl.DataFrame, service: LearnedService, start: datetime, seed: int
) -> Trace:
    """The recorded calls of a span, as rows of `Record.calls`, with seconds since `start`.

    Calls without any place are left out and counted. Draws depend on the seed alone and are the same for every
    strategy. One fleet of one kind: every unit may answer every call."""
    zone = zones_of_calls(city, ground, record)
    kept = zone >= 0
    table, zone = record.filter(pl.Series(kept, dtype=pl.Boolean)), zone[kept]
    n, law = table.height, service.law
    luck = np.random.default_rng(seed).random((4, n))
    assumed = {NOWHERE: int((~kept).sum())}
    delay_s = _filled(table, "delay_s", quantile_s(law.delay_s, luck[0]), assumed)
    on_scene_s = _filled(table, "on_scene_s", quantile_s(law.on_scene, luck[1]), assumed)
    handover_s = _filled(table, "handover_s", quantile_s(law.handover, luck[2]), {})
    transport = _transport(table, luck[3] < law.transport_share, len(ground.hospitals), assumed)
    at_s = (table["at"] - start).dt.total_microseconds().to_numpy() / 1e6 if n else np.zeros(0)
    calls = Calls(
        at_s=np.ascontiguousarray(at_s, dtype=np.float64),
        zone=zone,
        priority=np.clip(table["priority"].to_numpy(), 1, 127).astype(np.int8) if n else np.zeros(0, dtype=np.int8),
        delay_s=delay_s,
        on_scene_s=on_scene_s,
        transport=transport,
        hospital=_hospitals(city, ground, table),
        handover_s=np.where(transport, handover_s, 0.0),
        noise=np.ones(n),
        kind_mask=np.ones(n, dtype=np.int64),
    )
    return Trace(calls, {name: count for name, count in assumed.items() if count})


def _filled(table: pl.DataFrame, column: str, drawn: Floats, assumed: dict[str, int]) -> Floats:
    values = table[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
    missing = ~np.isfinite(values)
    assumed[f"{column} drawn"] = int(missing.sum())
    return np.ascontiguousarray(np.where(missing, drawn, values), dtype=np.float64)


def _transport(
    table: pl.DataFrame, drawn: np.ndarray[tuple[int], np.dtype[np.bool_]], hospitals: int, assumed: dict[str, int]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if hospitals == 0:
        return np.zeros(table.height, dtype=np.bool_)
    known = table["transport"].is_not_null().to_numpy()
    assumed["transport drawn"] = int((~known).sum())
    recorded = table["transport"].fill_null(value=False).to_numpy()
    return np.ascontiguousarray(np.where(known, recorded, drawn), dtype=np.bool_)


def _hospitals(city: City, ground: Ground, table: pl.DataFrame) -> Rows:
    """The hospital that the record names, where it is one of the town's; else the nearest."""
    rows = {place: i for i, place in enumerate(ground.hospitals)}
    named = {h.hospital: rows.get(h.place, NEAREST) for h in city.hospitals.values()}
    return np.array([named.get(name, NEAREST) for name in table["hospital"]], dtype=np.int32)
