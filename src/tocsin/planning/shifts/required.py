"""How many units an hour needs so that few calls find all of them busy."""

from __future__ import annotations

import numpy as np

from tocsin.errors import BadSettings
from tocsin.planning.location.kernels import Floats, Rows

MOST_UNITS = 2_000
"""More than this for one hour is taken for a mistake in what is asked."""


def offered(calls_per_h: Floats, busy_s: float) -> Floats:
    """Units that calls keep busy at the end of each hour, (H,), work of earlier hours included.

    The queue's first hour begins in balance. Each hour what is under way runs down with the mean job and new work
    comes in: m' = calls - m / job, solved for calls that are even within the hour.
    Source: the modified offered load, Jennings, Mandelbaum, Massey and Whitt 1996 (Management Science 42).

    Raises: BadSettings for jobs or calls that are negative or not a number.
    """
    if not np.isfinite(calls_per_h).all() or (calls_per_h < 0.0).any():
        raise BadSettings("calls per hour are negative or not a number: give 0 or more")
    if not np.isfinite(busy_s) or busy_s < 0.0:
        raise BadSettings(f"a call cannot bind a unit for {busy_s} s: give 0 or more")
    job_h = busy_s / 3600.0
    load = np.zeros(len(calls_per_h))
    left = np.exp(-1.0 / job_h) if job_h > 0.0 else 0.0
    before = calls_per_h[0] * job_h if len(calls_per_h) else 0.0
    for hour, calls in enumerate(calls_per_h.tolist()):
        before = before * left + calls * job_h * (1.0 - left)
        load[hour] = before
    return load


def offered_alone(calls_per_h: Floats, many_per_h: Floats, busy_s: float) -> Floats:
    """The same, (H,), where each hour by itself brings `many_per_h` and all before it bring what is expected."""
    job_h = busy_s / 3600.0
    left = np.exp(-1.0 / job_h) if job_h > 0.0 else 0.0
    load: Floats = offered(calls_per_h, busy_s) + (many_per_h - calls_per_h) * job_h * (1.0 - left)
    return np.maximum(load, 0.0)


def delay_chance(units: int, load: float) -> float:
    """The chance that a call finds all of `units` busy, 0..1, where it then waits; 1 with no more units than work.

    Source: Erlang 1917, the C formula, by the recursion of the B formula.
    """
    if load <= 0.0:
        return 0.0 if units > 0 else 1.0
    if units <= load:
        return 1.0
    blocked = 1.0
    for k in range(1, units + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1.0 - load / units * (1.0 - blocked))


def required(load: Floats, delay: float, least: int = 1) -> Rows:
    """The fewest units with which at most a share `delay` of an hour's calls finds all busy, int32 (H,); `least` at
    least. Each hour stands by itself.

    Raises: BadSettings for a share outside 0 to 1, or an hour that would need more than `MOST_UNITS`.
    Source: staffing by Erlang C hour by hour, Green, Kolesar and Whitt 2007 (Production and Operations Management 16).
    """
    if not 0.0 < delay < 1.0:
        raise BadSettings(f"a share of {delay:g} of the calls cannot be allowed to wait: give one between 0 and 1")
    units = np.zeros(len(load), dtype=np.int32)
    for hour, work in enumerate(load.tolist()):
        need = least if work <= 0.0 else max(least, int(work) + 1)
        while need <= MOST_UNITS and work > 0.0 and delay_chance(need, work) > delay:
            need += 1
        if need > MOST_UNITS:
            raise BadSettings(f"hour {hour + 1} would need more than {MOST_UNITS} units: check the calls per hour")
        units[hour] = need
    return units
