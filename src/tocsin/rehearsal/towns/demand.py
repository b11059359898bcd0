"""Where and when calls that count are expected: learned from earlier calls, or from where people live."""

from __future__ import annotations

import numpy as np
import polars as pl

from tocsin.geography.metric import Floats, Metric
from tocsin.model.city import City, Period
from tocsin.rehearsal.town import Rows
from tocsin.rehearsal.towns.ground import Ground

HOURS_OF_WEEK = 168
FEW_WEEKS = 4
"""With fewer weeks behind it the shape of the week is that of the day, the same every day."""
PRIOR_DAYS = 1.0
"""How many days an even day counts for in the shape of the day."""
PRIOR_CALLS = 60.0
"""How many calls the spread of the population counts for."""
BANDWIDTH_ZONES = 1.0
"""Of the normal kernel that spreads a call over the zones around it, in sides of a zone."""
COUNT_UP_TO = 2
"""Calls of this priority or a more urgent one count."""


def people_of(city: City, ground: Ground) -> Floats:
    """Share of the population in each zone, (Z,), sums to 1: of demand.parquet where the pack has it, else of areas.
    An area's people are spread evenly over its zones, or put into the zone nearest its centre where it has none;
    without population every zone counts the same."""
    zones, points = ground.zones, city.demand_points
    if points is not None and len(zones):
        mass = np.bincount(zones.nearest(points.lon, points.lat), weights=points.weight, minlength=len(zones))
        return np.asarray(mass / mass.sum(), dtype=np.float64)
    share = np.zeros(len(zones))
    areas = list(city.areas.values())
    people = np.array([float(area.population or 0) for area in areas])
    if people.sum() <= 0.0:
        return np.full(len(zones), 1.0 / len(zones), dtype=np.float64)
    held = np.bincount(zones.area[zones.area >= 0], minlength=len(areas))
    inside = zones.area >= 0
    share[inside] = (people / np.maximum(held, 1))[zones.area[inside]]
    bare = np.flatnonzero((held == 0) & (people > 0))
    if len(bare):
        centres = [areas[i].centre for i in bare]
        nearest = zones.nearest(np.array([c.lon for c in centres]), np.array([c.lat for c in centres]))
        np.add.at(share, nearest, people[bare])
    shares: Floats = share / share.sum()
    return shares


def incomes_of(city: City, ground: Ground) -> Floats:
    """Median income of each zone's area, (Z,), NaN where it is not stated."""
    incomes = np.array([area.median_income or np.nan for area in city.areas.values()] + [np.nan], dtype=np.float64)
    found: Floats = incomes[ground.zones.area]
    return found


def spread_of(ground: Ground, zone: Rows, people: Floats) -> Floats:
    """Share of calls by zone, (Z,): the learning calls' own zones, spread by a kernel, over a prior by population."""
    if not len(zone):
        return people
    zones = ground.zones
    x, y = Metric(float(zones.lon.mean()), float(zones.lat.mean())).metres(zones.lon, zones.lat)
    counts = np.bincount(zone, minlength=len(zones)).astype(np.float64)
    hit = np.flatnonzero(counts)
    near = np.exp(-((x - x[hit, None]) ** 2 + (y - y[hit, None]) ** 2) / (2.0 * (BANDWIDTH_ZONES * zones.size_m) ** 2))
    near /= near.sum(axis=1, keepdims=True)
    whole: Floats = counts[hit] @ near + PRIOR_CALLS * people
    shares: Floats = whole / whole.sum()
    return shares


def shape_of(at: pl.Series, learn: Period, timezone: str) -> Floats:
    """Calls per hour by local hour of the week, (168,), of calls at `at` within `learn`.

    Each hour of the day is pooled with its neighbours (1, 2, 1); with `FEW_WEEKS` weeks each hour of the week is
    shrunk to that of the day with the weight of as many weeks."""
    days = (learn.end - learn.start).total_seconds() / 86_400.0
    if days <= 0.0 or not len(at):
        return np.zeros(HOURS_OF_WEEK)
    local = at.dt.convert_time_zone(timezone)
    hour = local.dt.hour().cast(pl.Int64).to_numpy()
    weekday = local.dt.weekday().cast(pl.Int64).to_numpy() - 1
    counts = np.bincount(24 * weekday + hour, minlength=HOURS_OF_WEEK).astype(np.float64)
    by_hour = counts.reshape(7, 24).sum(axis=0)
    by_hour = (np.roll(by_hour, 1) + 2.0 * by_hour + np.roll(by_hour, -1)) / 4.0
    mean = len(at) / (24.0 * days)
    daily = np.tile((by_hour + PRIOR_DAYS * mean) / (days + PRIOR_DAYS), 7)
    weeks = days / 7.0
    if weeks < FEW_WEEKS:
        return daily
    smooth = (np.roll(counts, 1) + 2.0 * counts + np.roll(counts, -1)) / 4.0
    shape: Floats = (smooth + FEW_WEEKS * daily) / (weeks + FEW_WEEKS)
    return shape
