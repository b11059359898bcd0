"""Tables of expected lateness for a strategy of its own sharpness, with zones that see the stations alike put together.

Where driving is well known, lateness turns from 0 to 1 within seconds of the limit, and a soft objective wastes what it
knows; where it is not, a soft one errs less. So the sharpness is tuned. Zones whose costs from every station differ
little are merged, which changes decisions hardly and makes them several times quicker (anchors: demand merging is exact
where zones are covered by the same stations; ours is its soft form)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.planning.relocation.kernels import END
from tocsin.rehearsal.simulation.ground import Prepared
from tocsin.rehearsal.town import LIGHTS, Rows

MEAN_WEIGHT_PER_MIN = 0.02
MOST_ZONES = 250
_COARSEST = 0.6
_STEP, _WIDER = 0.01, 1.3


def sharpened(prepared: Prepared, slope_s: float) -> Prepared:
    """The same town for strategies whose cost of lateness turns over `slope_s` seconds on both sides of the limit."""
    town = prepared.town
    z, s = town.zones, town.stations
    seconds = town.seconds[LIGHTS, z : z + s, :z].T
    cost = _cost(seconds, town.reach_s, slope_s)
    weight = town.demand.sum(axis=0)
    group = _alike(cost)
    count = int(group.max(initial=-1)) + 1
    mass = np.bincount(group, weights=weight, minlength=count)
    shared = np.bincount(group, minlength=count)
    mean = np.empty((count, s))
    for k in range(s):
        whole = np.bincount(group, weights=weight * cost[:, k], minlength=count)
        plain = np.bincount(group, weights=cost[:, k], minlength=count) / shared
        mean[:, k] = np.divide(whole, mass, out=plain, where=mass > 0.0)
    order = np.argsort(mean, axis=1, kind="stable").astype(np.int32)
    aims = prepared.aims._replace(
        order=np.ascontiguousarray(order)[None],
        cost=np.ascontiguousarray(np.take_along_axis(mean, order, axis=1))[None],
        weight=_summed(prepared.aims.weight, group, count),
    )
    return replace(prepared, aims=aims)


def _cost(seconds: Floats, reach_s: float, slope_s: float) -> Floats:
    """About the probability to be late, plus a little for every minute, at most `END`."""
    known = np.where(np.isfinite(seconds), seconds, 0.0)
    steps = np.clip((known - reach_s) / slope_s, -500.0, 500.0)
    cost = 1.0 / (1.0 + np.exp(-steps)) + MEAN_WEIGHT_PER_MIN * known / 60.0
    return np.where(np.isfinite(seconds), np.minimum(cost, END), END)


def _alike(cost: Floats) -> Rows:
    """Group of each zone, int32 (Z,): equal costs to a step that grows until there are few enough groups."""
    step = _STEP
    while True:
        groups, group = np.unique(np.round(cost / step).astype(np.int32), axis=0, return_inverse=True)
        if len(groups) <= MOST_ZONES or step > _COARSEST:
            return group.reshape(-1).astype(np.int32)
        step *= _WIDER


def _summed(weight: Floats, group: Rows, count: int) -> Floats:
    """Weights of groups, (W, G)."""
    return np.stack([np.bincount(group, weights=row, minlength=count) for row in weight])
