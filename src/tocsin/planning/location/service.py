"""What a deployment of units is worth to every zone, hour by hour, when units are busy some of the time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadSettings
from tocsin.planning.location.kernels import Floats, Rows

BUSIEST = 0.95
"""A fleet with more work than it can do counts as busy for this share of its time."""
HOURS = 168
NIGHT = frozenset((*range(19, 24), *range(7)))
"""Local hours of the day of a night shift of twelve hours."""
_LAST = 1e7
"""Added to the seconds of a unit that is asked only after all others."""


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """S stations and Z zones.

    `response_s`: float64 (S, Z), call to first unit on scene when a unit starts at the station; infinite: no way.
    `late`: float64 (S, Z), the chance that this is over the target, 1 where there is no way.
    `demand`: float64 (168, Z), calls that count per hour, by local hour of the week.
    `load`: float64 (168,), units that all calls together keep busy on average.
    `last`: bool (S, Z) or None: pairs in which the station's units go only when all others are busy.
    """

    response_s: Floats
    late: Floats
    demand: Floats
    load: Floats
    last: NDArray[np.bool_] | None = None

    @property
    def stations(self) -> int:
        return len(self.response_s)

    @property
    def weight(self) -> Floats:
        """Calls that count in a week by zone, (Z,)."""
        weight: Floats = self.demand.sum(axis=0)
        return weight

    def busy(self, units: int) -> float:
        """Share of its time that one of so many units is busy, mean over the week; `BUSIEST` at most."""
        return min(BUSIEST, float(self.load.mean()) / units) if units else BUSIEST

    def only(self, stations: Rows) -> Service:
        """The same with these stations alone, in this order."""
        last = None if self.last is None else self.last[stations]
        return replace(self, response_s=self.response_s[stations], late=self.late[stations], last=last)

    def with_boundary(self, stations: NDArray[np.bool_], zones: NDArray[np.bool_]) -> Service:
        """The same with units of `stations`, bool (S,), asked last inside `zones`, bool (Z,), and the other way round:
        not asked there before all others. Adds to what is there."""
        across = stations[:, None] & zones[None, :]
        return replace(self, last=across if self.last is None else self.last | across)


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """`homes`: int32 (U,), the station of each unit. `night`: bool (U,), whether it is on duty at night alone."""

    homes: Rows
    night: NDArray[np.bool_]

    @classmethod
    def always(cls, homes: Rows) -> Deployment:
        """Units that are on duty around the clock."""
        return cls(homes.astype(np.int32), np.zeros(len(homes), dtype=np.bool_))

    def with_units(self, units: int, station: int, *, night: bool) -> Deployment:
        """So many more at one station; fewer where `units` is negative, those around the clock first.

        Raises: BadSettings where fewer stand there."""
        if units >= 0:
            homes = np.concatenate([self.homes, np.full(units, station, dtype=np.int32)])
            return Deployment(homes, np.concatenate([self.night, np.full(units, night)]))
        there = np.flatnonzero((self.homes == station) & (self.night == night))
        if len(there) < -units:
            raise BadSettings(f"{-units} units cannot be taken from a station where {len(there)} stand: take fewer")
        kept = np.setdiff1d(np.arange(len(self.homes)), there[units:])
        return Deployment(self.homes[kept], self.night[kept])

    def count(self, stations: int) -> Rows:
        """Units of each station, int32 (S,)."""
        return np.bincount(self.homes, minlength=stations).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """`late`: (Z,) expected late calls a week; `calls`: (Z,) calls a week; `wait_s`: (Z,) calls a week times seconds to
    the first unit, of those that a unit can reach at all; `reached`: (Z,) their calls a week. `busy`: share of its time
    that a unit is busy, mean over the week. `overloaded_h`: hours of the week with more work than the units can do."""

    late: Floats
    calls: Floats
    wait_s: Floats
    reached: Floats
    busy: float
    overloaded_h: int

    def late_share(self, zones: NDArray[np.bool_] | None = None) -> float | None:
        """Late calls among all calls of these zones, 0..1; None where there are none."""
        return _ratio(self.late, self.calls, zones)

    def mean_s(self, zones: NDArray[np.bool_] | None = None) -> float | None:
        """Mean seconds from call to first unit; None where nothing is reached."""
        return _ratio(self.wait_s, self.reached, zones)


def expected(service: Service, deployment: Deployment) -> Expected:
    """What comes of a deployment. Each unit is busy with the same probability q, independently of the others; the
    first free one in the order of time goes, and a call that finds all busy is late.

    q is the work of the hour over the units on duty. With few busy stations or long jobs units are busy together more
    often than this says: a simulation tells. Source: Daskin 1983 (Transportation Science 17), the busy fraction of
    MEXCLP; Larson 1975 (Operations Research 23) for what it leaves out.
    """
    zones = service.demand.shape[1]
    sums = [np.zeros(zones) for _ in range(3)]
    busy_h, overloaded = 0.0, 0
    night_hours = np.array([hour % 24 in NIGHT for hour in range(HOURS)])
    for at, on in ((night_hours, np.ones(len(deployment.night), dtype=np.bool_)), (~night_hours, ~deployment.night)):
        homes, load = deployment.homes[on], service.load[at]
        busy = np.minimum(BUSIEST, load / len(homes)) if len(homes) else np.full(len(load), BUSIEST)
        overloaded += int((load > BUSIEST * len(homes)).sum())
        busy_h += float(busy.sum())
        for total, part in zip(sums, _of_hours(service, homes, busy, service.demand[at]), strict=True):
            total += part
    return Expected(sums[0], service.weight, sums[1], sums[2], busy_h / HOURS, overloaded)


def _of_hours(service: Service, homes: Rows, busy: Floats, demand: Floats) -> tuple[Floats, Floats, Floats]:
    """Late calls, seconds waited and calls reached by zone, (Z,) each, for H hours of `busy` (H,), `demand` (H, Z)."""
    if not len(homes):
        return demand.sum(axis=0), np.zeros(demand.shape[1]), np.zeros(demand.shape[1])
    seconds, late = service.response_s[homes], service.late[homes]
    asked = seconds if service.last is None else seconds + _LAST * service.last[homes]
    order = np.argsort(asked, axis=0, kind="stable")
    seconds, late = np.take_along_axis(seconds, order, axis=0), np.take_along_axis(late, order, axis=0)
    there = np.isfinite(seconds)
    goes = (1.0 - busy)[:, None] * busy[:, None] ** np.arange(len(homes))  # (H, U): that the j-th in order goes
    late_share = goes @ late + (busy ** len(homes))[:, None]
    reached = np.maximum(goes @ there.astype(np.float64), 1e-300)
    wait_s = (goes @ np.where(there, seconds, 0.0)) / reached
    known = there.any(axis=0)
    return (demand * late_share).sum(axis=0), (demand * wait_s).sum(axis=0) * known, demand.sum(axis=0) * known


def _ratio(top: Floats, below: Floats, zones: NDArray[np.bool_] | None) -> float | None:
    if zones is not None:
        top, below = top[zones], below[zones]
    whole = float(below.sum())
    return float(top.sum()) / whole if whole > 0.0 else None
