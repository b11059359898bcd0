"""What the objectives of relocation look up: costs in order of nearness, zones in reach, compliance tables."""

from __future__ import annotations

import numpy as np

from tocsin.planning.relocation.kernels import END, Floats, Rows, count_cover, marginal_cover

SLOPE_S = 60.0
"""Over about this many seconds on both sides of the limit a call turns from in time to late."""
MEAN_WEIGHT_PER_MIN = 0.02
"""What a minute of driving costs beside lateness, so that far zones are not given up."""


def ordered_costs(seconds: Floats, reach_s: float) -> tuple[Rows, Floats]:
    """Stations of every zone from near to far, int32 (Z, S), and what a call answered from there costs, (Z, S).

    c = 1 / (1 + exp(-(T - reach_s) / 60 s)) + 0.02 per minute of T, at most `END`, which also stands where there is
    no way. `seconds`: (S, Z) drive from station to zone, infinite where there is none. Equally near: by index.
    """
    order = np.argsort(seconds.T, axis=1, kind="stable").astype(np.int32)
    sorted_s = np.take_along_axis(seconds.T, order, axis=1)
    cost = lateness_cost(sorted_s, reach_s)
    return np.ascontiguousarray(order), np.ascontiguousarray(cost)


def lateness_cost(seconds: Floats, reach_s: float) -> Floats:
    """c of these drives, any shape: see `ordered_costs`."""
    known = np.where(np.isfinite(seconds), seconds, 0.0)
    steps = np.clip((known - reach_s) / SLOPE_S, -500.0, 500.0)
    cost = 1.0 / (1.0 + np.exp(-steps)) + MEAN_WEIGHT_PER_MIN * known / 60.0
    return np.where(np.isfinite(seconds), np.minimum(cost, END), END)


def zones_in_reach(seconds: Floats, reach_s: float) -> tuple[Rows, Rows]:
    """Zones that each station reaches within `reach_s`, as rows: `first` int32 (S + 1,) and the zones, int32.

    `seconds`: (S, Z).
    """
    within = seconds <= reach_s
    first = np.zeros(len(seconds) + 1, dtype=np.int32)
    np.cumsum(within.sum(axis=1), out=first[1:])
    return first, np.nonzero(within)[1].astype(np.int32)


def marginal_powers(q: float, most: int) -> Floats:
    """(1 - q) q^k for k = 0 … most."""
    return np.asarray((1.0 - q) * q ** np.arange(most + 1, dtype=np.float64))


def nested_table(seconds: Floats, reach_s: float, weight: Floats, units: int, q: float) -> Rows:
    """A nested compliance table: row k says where k idle units stand, int32 (units + 1, S).

    Greedy MEXCLP: every further unit goes where it adds most expected cover, the first of equals, so that each row is
    the one above and one unit more. `seconds`: (S, Z); weight: (Z,).
    Source: Sudtachat, Mayorga and McLay 2016 (nested compliance tables); Daskin 1983.
    """
    first, covered = zones_in_reach(seconds, reach_s)
    cover = np.zeros(seconds.shape[1], dtype=np.int32)
    power = marginal_powers(q, units + 1)
    table = np.zeros((units + 1, len(seconds)), dtype=np.int32)
    if not len(seconds):
        return table
    for k in range(1, units + 1):
        gain = [marginal_cover(first, covered, weight, cover, s, power) for s in range(len(seconds))]
        best = int(np.argmax(gain))
        table[k] = table[k - 1]
        table[k, best] += 1
        count_cover(first, covered, best, 1, cover)
    return table
