"""A lower bound on late calls that no strategy can pass under, however much it knows of the future.

Calls that count are put on chains, one chain a unit: a unit may serve call j in time right after call i if, having
finished i as early as anybody could, it can be somewhere from where j is reached in time. Finishing early assumes that
i was reached at the very moment its unit was sent. Between calls a unit goes wherever it is wanted, long before the
call is known, though only by ways of the town: to stations, and from any place on the way. All other calls (late ones,
and those that do not count) cost nobody any time. The calls in time of every strategy make such chains, so the most
calls that U chains can hold is an upper bound on calls in time. Spans are cut into windows with every unit anywhere at
the start, which only raises it. Chains are a flow in a graph without cycles; its linear programme has whole solutions.

Source of the idea: Jagtenberg, van den Berg and van der Mei 2016, EJOR 258(2), offline optimum of ambulance dispatch;
ours is a relaxation of it. Flow: Ahuja, Magnanti and Orlin 1993, Network Flows, section 12 (path covers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from tocsin.geography.metric import Floats
from tocsin.rehearsal.strategies.scores import COUNT_UP_TO
from tocsin.rehearsal.town import LIGHTS, NEAREST, NORMAL, Calls, Rows, Town

WINDOW_CALLS = 250
"""Calls that count in a window: a programme of some tens of thousands of arcs."""
SOLVE_S = 10.0
"""A programme that takes longer bounds nothing: all its calls count as in time."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`late`: at least so many of `calls` calls that count are late under any strategy."""

    calls: int
    late: int

    @property
    def late_share(self) -> float | None:
        return self.late / self.calls if self.calls else None


def clairvoyant(town: Town, calls: Calls, first: int = 0, window: int = WINDOW_CALLS) -> Bound:
    """The bound over calls from index `first` on. Towns whose roads, stations or duty change are bounded as if every
    unit were there all the time and no road had become slower; changed roads are not looked at."""
    counts = np.flatnonzero((calls.priority <= COUNT_UP_TO) & (np.arange(len(calls)) >= first))
    if town.units == 0 or town.stations == 0:
        return Bound(len(counts), len(counts))
    gone_s = least_gone_s(town)
    late = 0
    for start in range(0, len(counts), window):
        rows = counts[start : start + window]
        rows = rows[np.argsort(calls.at_s[rows] + calls.delay_s[rows], kind="stable")]
        late += len(rows) - _most_in_time(town, calls, rows, gone_s)
    return Bound(len(counts), late)


def least_gone_s(town: Town) -> Floats:
    """Seconds after which a free unit can be at place p at the earliest, having become free at place h, (P, P) from h
    to p, infinite where p is on no way to a station.

    The simulator's reckoning: on its way to station s a unit counts as at p once it still needs as long as from p."""
    places, z = town.places, town.zones
    gone = np.full((places, places), np.inf)
    every = np.arange(places)
    gone[every, every] = 0.0
    for s in range(town.stations):
        to_go = town.seconds[NORMAL, :, z + s]
        at = every.copy()
        known = np.isfinite(to_go)
        while known.any():
            rows, here = every[known], at[known]
            gone[rows, here] = np.minimum(gone[rows, here], np.maximum(to_go[rows] - to_go[here], 0.0))
            known &= at != z + s
            at = np.where(known, town.next_hop[s][at], at)
    for station in range(z, z + town.stations):
        gone = np.minimum(gone, town.seconds[NORMAL, :, station][:, None] + gone[station][None, :])
    return gone


def _most_in_time(town: Town, calls: Calls, rows: NDArray[np.int64], gone_s: Floats) -> int:
    """The most of these calls, by time of dispatch, that chains of as many units as there are can hold."""
    mode = np.where(calls.priority[rows] <= town.lights_up_to, LIGHTS, NORMAL)
    drive_s = town.seconds[mode, :, calls.zone[rows]] * np.minimum(calls.noise[rows], 1.0)[:, None]
    ready_s = calls.at_s[rows] + calls.delay_s[rows]
    slack_s = calls.at_s[rows] + town.target_s - ready_s
    can = drive_s.min(axis=1) <= slack_s
    rows, drive_s, ready_s, slack_s = rows[can], drive_s[can], ready_s[can], slack_s[can]
    if len(rows) <= town.units:
        return len(rows)
    end_s, place = _earliest_end(town, calls, rows)
    arcs = _arcs(gone_s[place], (end_s, ready_s, slack_s), drive_s)
    return _longest_chains(len(rows), arcs, town.units)


def _arcs(gone_s: Floats, times: tuple[Floats, Floats, Floats], drive_s: Floats) -> NDArray[np.int64]:
    """Pairs (i, j) that one unit can serve in time one after the other, (M, 2); i is ready before j.

    A unit that is free before j is ready must be at a place within reach by then; one that becomes free later must
    come to j by its deadline."""
    end_s, ready_s, slack_s = times
    pairs = []
    for j in range(1, len(end_s)):
        near = drive_s[j] <= slack_s[j]
        left_s = ready_s[j] - end_s[:j]
        in_place = gone_s[:j, near].min(axis=1) <= left_s
        late = np.flatnonzero((left_s < 0.0) & (left_s + slack_s[j] >= 0.0))
        in_place[left_s < 0.0] = False
        in_place[late] = (gone_s[late] + drive_s[j]).min(axis=1) <= left_s[late] + slack_s[j]
        earlier = np.flatnonzero(in_place)
        pairs.append(np.stack([earlier, np.full(len(earlier), j)], axis=1))
    return np.concatenate(pairs)


def _longest_chains(n: int, arcs: NDArray[np.int64], units: int) -> int:
    """The most of n nodes that `units` chains without common nodes can hold."""
    m = len(arcs)
    # Variables: n beginnings of chains, then the arcs taken. Each node is come to at most once, by a beginning or an
    # arc, and left at most as often as it was come to.
    into = coo_array((np.ones(n + m), (np.r_[np.arange(n), arcs[:, 1]], np.arange(n + m))), shape=(n, n + m))
    out = coo_array((np.ones(m), (arcs[:, 0], n + np.arange(m))), shape=(n, n + m))
    begun = coo_array((np.ones(n), (np.zeros(n, dtype=np.int64), np.arange(n))), shape=(1, n + m))
    solved = linprog(
        -np.ones(n + m),
        A_ub=vstack([into, out - into, begun]).tocsr(),
        b_ub=np.concatenate([np.ones(n), np.zeros(n), [float(units)]]),
        bounds=(0.0, 1.0),
        method="highs",
        options={"time_limit": SOLVE_S},
    )
    return min(n, int(np.floor(-solved.fun + 1e-6))) if solved.status == 0 else n


def _earliest_end(town: Town, calls: Calls, rows: NDArray[np.int64]) -> tuple[Floats, Rows]:
    """When and where a unit is free again at the earliest after each call."""
    z, s = town.zones, town.stations
    zone = calls.zone[rows]
    end_s = calls.at_s[rows] + calls.delay_s[rows] + calls.on_scene_s[rows]
    if town.hospitals == 0:
        return end_s, zone
    drives = town.seconds.min(axis=0)[zone][:, z + s :]
    named = calls.hospital[rows]
    nearest = town.seconds[NORMAL][zone][:, z + s :].argmin(axis=1)
    hospital = np.where((named == NEAREST) | ~np.isfinite(drives[np.arange(len(rows)), named]), nearest, named)
    drive_s = drives[np.arange(len(rows)), hospital]
    carried = calls.transport[rows] & np.isfinite(drive_s)
    end_s = np.where(carried, end_s + np.where(carried, drive_s, 0.0) + calls.handover_s[rows], end_s)
    return end_s, np.where(carried, z + s + hospital, zone).astype(np.int32)
