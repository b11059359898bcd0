"""Calls that might have come: drawn from the law that was learned, for tuning and for cities without a record."""

from __future__ import annotations

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.model.service import DurationLaw, ServiceLaw
from tocsin.rehearsal.town import HOUR_S, NEAREST, Calls, Town
from tocsin.rehearsal.towns.draws import quantile_s


def generated(
    town: Town, service: ServiceLaw, per_day: float, priorities: tuple[float, ...], days: float, seed: int
) -> Calls:
    """Calls of so many days: a Poisson process with the town's shape of the week and spread over zones.

    Args:
        per_day: calls of all priorities on a mean day. priorities: share of priority 1, 2, ….

    The same seed gives the same calls. Source of the thinning-free draw by hours: Ross, Introduction to Probability
    Models, section 5.4 (a Poisson process given its counts is uniform)."""
    rng = np.random.default_rng(seed)
    hourly = _hourly(town, per_day, days)
    counts = rng.poisson(hourly)
    hour = np.repeat(np.arange(len(hourly)), counts)
    at_s = np.sort((hour + rng.random(len(hour))) * HOUR_S)
    at_s = at_s[at_s < days * 24.0 * HOUR_S]
    n = len(at_s)
    weight = town.demand.sum(axis=0)
    share = weight / weight.sum() if weight.sum() > 0 else np.full(town.zones, 1.0 / town.zones)
    luck = rng.random((6, n))
    zone = np.minimum(np.searchsorted(np.cumsum(share), luck[0], side="right"), town.zones - 1)
    levels = np.cumsum(priorities) / np.sum(priorities)
    transport = (luck[3] < service.transport_share) & (town.hospitals > 0)
    return Calls(
        at_s=at_s,
        zone=zone.astype(np.int32),
        priority=(1 + np.minimum(np.searchsorted(levels, luck[1], side="right"), len(levels) - 1)).astype(np.int8),
        delay_s=_drawn(service.delay_s, luck[2]),
        on_scene_s=_drawn(service.on_scene, luck[4]),
        transport=transport,
        hospital=np.full(n, NEAREST, dtype=np.int32),
        handover_s=np.where(transport, _drawn(service.handover, luck[5]), 0.0),
        noise=np.ones(n),
        kind_mask=np.ones(n, dtype=np.int64),
    )


def _drawn(law: DurationLaw, luck: Floats) -> Floats:
    return np.ascontiguousarray(quantile_s(law, luck), dtype=np.float64)


def _hourly(town: Town, per_day: float, days: float) -> Floats:
    """Expected calls of each hour from second 0 on."""
    hours = max(1, int(np.ceil(days * 24.0)))
    shape = town.demand.sum(axis=1)
    if shape.sum() <= 0.0:
        return np.full(hours, per_day / 24.0)
    week = shape[(town.start_hour + np.arange(hours)) % len(shape)]
    return np.asarray(week / shape.mean() * per_day / 24.0, dtype=np.float64)
