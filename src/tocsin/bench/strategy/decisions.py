"""What one decision about relocation costs, in CPU time, over random pictures of idle units."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tocsin.planning.relocation.kernels import marginal_cover, most_lacking, move_changes, single_changes
from tocsin.planning.relocation.tables import marginal_powers
from tocsin.rehearsal.simulation.ground import Prepared
from tocsin.rehearsal.strategies.merged import sharpened
from tocsin.rehearsal.strategies.tuning import Tuned
from tocsin.rehearsal.town import Param, Relocate, Rows

PICTURES = 300


class Spent(NamedTuple):
    """Milliseconds of CPU time a decision; None where nothing is decided (a unit drives home)."""

    p50_ms: float | None
    p99_ms: float | None


def time_decisions(prepared: Prepared, tuned: Tuned, *, seed: int = 1) -> Spent:
    """One decision for each of `PICTURES` pictures with one idle unit to all of them."""
    rule = tuned.strategy.relocate
    if rule is Relocate.HOME or not prepared.town.units:
        return Spent(None, None)
    decide = _decision(prepared if tuned.slope_s is None else sharpened(prepared, tuned.slope_s), tuned)
    rng = np.random.default_rng(seed)
    units, stations = prepared.town.units, prepared.town.stations
    spent = []
    for _ in range(PICTURES):
        at = rng.integers(0, stations, int(rng.integers(1, units + 1)))
        idle = np.bincount(at, minlength=stations).astype(np.int32)
        before = time.process_time_ns()
        decide(idle)
        spent.append((time.process_time_ns() - before) / 1e6)
    return Spent(float(np.quantile(spent, 0.5)), float(np.quantile(spent, 0.99)))


def _decision(prepared: Prepared, tuned: Tuned) -> Callable[[Rows], object]:
    """The arithmetic of one decision: every station, and where units move, every pair of them."""
    aims, rule = prepared.aims, tuned.strategy.relocate
    stations, weight = prepared.town.stations, aims.weight[0]
    q = 0.5 if tuned.strategy.params is None else float(tuned.strategy.params[0, Param.Q])
    if rule is Relocate.COMPLIANCE:
        table, drive_s = tuned.strategy.table, np.zeros(stations)
        assert table is not None  # noqa: S101 - for the type checker: a compliance strategy has one
        return lambda idle: most_lacking(table[min(int(idle.sum()), len(table) - 1)], idle, drive_s)
    if rule is Relocate.DMEXCLP:
        cover = np.zeros(prepared.town.zones, dtype=np.int32)
        power = marginal_powers(q, prepared.town.units + 1)
        return lambda _: [marginal_cover(aims.first[0], aims.covered, weight, cover, s, power) for s in range(stations)]
    order, cost = aims.order[0], aims.cost[0]
    added, removed, change = np.empty(stations), np.empty(stations), np.empty((stations, stations))

    def both(idle: Rows) -> None:
        single_changes(order, cost, weight, idle, q, added, removed)
        move_changes(order, cost, weight, idle, q, idle > 0, change)

    return both
