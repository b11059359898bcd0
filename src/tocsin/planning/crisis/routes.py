"""Routes with many stops: what a solver of deliveries promises, and the plain one that needs no library.

Built in: savings (Clarke and Wright 1964, Operations Research 12) with capacity and time windows, 2-opt within each
trip (Croes 1958), and cheapest insertion by priority (Solomon 1987, Operations Research 35) for what is left; of the
two beginnings the better one is taken. It proves nothing: how far it is from the solver behind the extra `plan` is in
docs/concepts/crisis-resources.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tocsin.geography.metric import Floats


@dataclass(frozen=True, slots=True)
class Stop:
    """A delivery: `load` to row `place` of the seconds, begun within `[earliest_s, latest_s]` from now, taking
    `service_s`. The vehicle loads it at `release_s` or later. `key` names it; `priority` 1 is the most urgent."""

    key: str
    place: int
    load: float
    earliest_s: float
    latest_s: float
    service_s: float
    priority: int = 1
    release_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle: its name and what it carries, infinite where nothing is known."""

    name: str
    load: float


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """Stops, and vehicles that begin and end at row `depot` of `seconds`, float64 (P, P). `loading_s`: before each
    trip. Times are seconds from now."""

    depot: int
    seconds: Floats
    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    loading_s: float = 0.0

    def drive_s(self, start: Stop | None, end: Stop | None) -> float:
        """Seconds from one stop to another; None is the depot."""
        rows = (self.depot if at is None else at.place for at in (start, end))
        return float(self.seconds[tuple(rows)])


@dataclass(frozen=True, slots=True)
class Trip:
    """Out and back: `arrive_s[i]` when stop i begins. `[leave_s, back_s]`; loading comes before."""

    stops: tuple[Stop, ...]
    leave_s: float
    arrive_s: tuple[float, ...]
    back_s: float
    drive_s: float

    @property
    def load(self) -> float:
        """What the vehicle carries at the beginning."""
        return sum(stop.load for stop in self.stops)


@dataclass(frozen=True, slots=True)
class Route:
    """The trips of one vehicle, one after the other."""

    vehicle: Vehicle
    trips: tuple[Trip, ...]

    @property
    def free_s(self) -> float:
        """When the vehicle is back for good."""
        return self.trips[-1].back_s if self.trips else 0.0


class RouteSolver(Protocol):
    """Plans deliveries. Same problem and seed, same routes. Stops that are in no route could not be delivered."""

    name: str

    def solve(self, problem: DeliveryProblem, *, seed: int) -> tuple[Route, ...]:
        """Routes that keep every window and load."""
        ...


def timed(problem: DeliveryProblem, stops: Sequence[Stop], free_s: float) -> Trip | None:
    """The trip in this order by a vehicle that is free at `free_s`, leaving no sooner than its first stop wants; None
    where a window cannot be kept or no way leads."""
    ready_s = max([free_s, *(stop.release_s for stop in stops)]) + problem.loading_s
    leave_s = max(ready_s, stops[0].earliest_s - problem.drive_s(None, stops[0]))
    at, drive_s = leave_s, 0.0
    before: Stop | None = None
    arrive: list[float] = []
    for stop in stops:
        way_s = problem.drive_s(before, stop)
        at, drive_s = max(stop.earliest_s, at + way_s), drive_s + way_s
        if not at <= stop.latest_s:
            return None
        arrive.append(at)
        at, before = at + stop.service_s, stop
    home_s = problem.drive_s(before, None)
    if not math.isfinite(drive_s + home_s):
        return None
    return Trip(tuple(stops), leave_s, tuple(arrive), at + home_s, drive_s + home_s)


def retimed(problem: DeliveryProblem, vehicle: Vehicle, trips: Sequence[tuple[Stop, ...]]) -> Route | None:
    """The vehicle's trips one after the other, or None where a load or a window cannot be kept."""
    done: list[Trip] = []
    for stops in trips:
        trip = timed(problem, stops, done[-1].back_s if done else 0.0)
        if trip is None or trip.load > vehicle.load:
            return None
        done.append(trip)
    return Route(vehicle, tuple(done))


def urgent_first(problem: DeliveryProblem, route: Route) -> Route:
    """The same trips, the most urgent first, and each in the direction in which its urgent stops come sooner, where
    every window can still be kept and no more is driven."""
    trips = [trip.stops for trip in route.trips]
    trips.sort(key=lambda stops: (min(s.priority for s in stops), min(s.latest_s for s in stops)))
    best = route
    for n in range(len(trips) + 1):
        turned = trips if n == 0 else [s[::-1] if i == n - 1 else s for i, s in enumerate(trips)]
        other = retimed(problem, route.vehicle, turned)
        if other is not None and _driven(other) <= _driven(route) + 1.0 and _waits(other) < _waits(best):
            best, trips = other, turned
    return best


def _driven(route: Route) -> float:
    return sum(trip.drive_s for trip in route.trips)


def _waits(route: Route) -> list[tuple[int, float]]:
    """Mean second of arrival of each priority, the most urgent first."""
    at: dict[int, list[float]] = {}
    for trip in route.trips:
        for stop, arrive_s in zip(trip.stops, trip.arrive_s, strict=True):
            at.setdefault(stop.priority, []).append(arrive_s)
    return [(priority, sum(s) / len(s)) for priority, s in sorted(at.items())]


def value_of(problem: DeliveryProblem, routes: Sequence[Route]) -> tuple[float, ...]:
    """What is to be small, the first first: stops not delivered by priority, then seconds of driving."""
    served = {stop.key for route in routes for trip in route.trips for stop in trip.stops}
    left = [stop for stop in problem.stops if stop.key not in served]
    priorities = sorted({stop.priority for stop in problem.stops})
    drive_s = sum(_driven(route) for route in routes)
    return (*(float(sum(stop.priority == p for stop in left)) for p in priorities), drive_s)


class Savings:
    """The built-in solver."""

    name = "built-in"

    def solve(self, problem: DeliveryProblem, *, seed: int) -> tuple[Route, ...]:  # noqa: ARG002 - takes no chances
        """The better of two beginnings: trips by savings, and each stop where it costs least, priority by priority."""
        fits = [s for s in problem.stops if s.load <= max((v.load for v in problem.vehicles), default=0.0)]
        drafts = [_by_savings(problem, fits), []]
        plans = [_completed(problem, fits, draft) for draft in drafts]
        return min(plans, key=lambda routes: value_of(problem, routes))


def _by_savings(problem: DeliveryProblem, stops: Sequence[Stop]) -> list[tuple[Stop, ...]]:
    """Trips of their own, joined end to start for as long as that saves the most driving and can be kept."""
    alone = [stop for stop in stops if timed(problem, (stop,), 0.0) is not None]
    trips: dict[str, tuple[Stop, ...]] = {stop.key: (stop,) for stop in alone}
    most = max((v.load for v in problem.vehicles), default=0.0)
    savings = [
        (problem.drive_s(a, None) + problem.drive_s(None, b) - problem.drive_s(a, b), a, b)
        for a in alone
        for b in alone
        if a is not b
    ]
    ends, starts = {k: k for k in trips}, {k: k for k in trips}
    for saved_s, a, b in sorted(savings, key=lambda s: (-s[0], s[1].key, s[2].key)):
        first, second = ends.get(a.key), starts.get(b.key)
        if saved_s <= 0.0 or first is None or second is None or first == second:
            continue
        joined = trips[first] + trips[second]
        if sum(stop.load for stop in joined) > most or timed(problem, joined, 0.0) is None:
            continue
        trips[first] = joined
        del trips[second], ends[a.key], starts[b.key]
        ends[joined[-1].key] = first
    return [_shortened(problem, trip) for trip in trips.values()]


def _shortened(problem: DeliveryProblem, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """2-opt: a stretch is turned round for as long as that drives less and keeps every window."""
    best = timed(problem, stops, 0.0)
    improved = best is not None and len(stops) > 2
    while improved and best is not None:
        improved = False
        turned = (
            best.stops[:i] + best.stops[i : j + 1][::-1] + best.stops[j + 1 :]
            for i in range(len(stops) - 1)
            for j in range(i + 1, len(stops))
        )
        for other in turned:
            trip = timed(problem, other, 0.0)
            if trip is not None and trip.drive_s < best.drive_s - 1e-6:
                best, improved = trip, True
                break
    return stops if best is None else best.stops


def _completed(problem: DeliveryProblem, stops: Sequence[Stop], trips: Sequence[tuple[Stop, ...]]) -> tuple[Route, ...]:
    """The trips given to vehicles, the most urgent first; then what is left put where it costs least, by priority."""
    routes = [Route(vehicle, ()) for vehicle in problem.vehicles]
    for trip in sorted(trips, key=lambda t: (min(s.priority for s in t), min(s.latest_s for s in t), t[0].key)):
        _append(problem, routes, trip)
    placed = {stop.key for route in routes for trip in route.trips for stop in trip.stops}
    left = [stop for stop in stops if stop.key not in placed]
    for stop in sorted(left, key=lambda s: (s.priority, s.latest_s, s.key)):
        _insert(problem, routes, stop)
    return tuple(route for route in routes if route.trips)


def _append(problem: DeliveryProblem, routes: list[Route], stops: tuple[Stop, ...]) -> None:
    """A trip more for the vehicle that is back first and carries it; nothing where none can."""
    load = sum(stop.load for stop in stops)
    for i in sorted(range(len(routes)), key=lambda i: (routes[i].free_s, i)):
        trip = timed(problem, stops, routes[i].free_s) if routes[i].vehicle.load >= load else None
        if trip is not None:
            routes[i] = replace(routes[i], trips=(*routes[i].trips, trip))
            return


def _insert(problem: DeliveryProblem, routes: list[Route], stop: Stop) -> None:
    """The stop where it adds the least driving: into a trip, or as a trip of its own; nothing where it fits nowhere."""
    found: list[tuple[float, int, Route]] = []
    for i, route in enumerate(routes):
        driven_s = _driven(route)
        for draft in _with_stop(route, stop):
            timed_route = retimed(problem, route.vehicle, draft)
            if timed_route is not None:
                found.append((_driven(timed_route) - driven_s, i, timed_route))
    if found:
        _, i, route = min(found, key=lambda f: (round(f[0], 6), f[1]))
        routes[i] = route


def _with_stop(route: Route, stop: Stop) -> list[list[tuple[Stop, ...]]]:
    """Every order of the vehicle's trips that has the stop as well."""
    trips = [trip.stops for trip in route.trips]
    into = [
        [*trips[:t], (*trips[t][:at], stop, *trips[t][at:]), *trips[t + 1 :]]
        for t in range(len(trips))
        for at in range(len(trips[t]) + 1)
    ]
    return into + [[*trips[:t], (stop,), *trips[t:]] for t in range(len(trips) + 1)]
