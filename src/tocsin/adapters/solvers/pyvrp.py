"""Routes by PyVRP: iterated local search over trips with windows, loads and several trips a vehicle.

Source: Wouda, Lan and Kool 2024, INFORMS Journal on Computing 36(4). Needs the extra `plan`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Any, Final

import numpy as np

from tocsin.planning.crisis.routes import DeliveryProblem, Route, Savings, Stop, Vehicle, retimed, timed, value_of

ITERATIONS: Final = 400
"""Counted, not timed: the same routes on every machine."""
NEVER_S: Final = 10**8
"""Whole seconds that stand for no way."""
_LOAD_PARTS: Final = 1000
"""Loads are whole thousandths, rounded against the vehicle."""
_MOST_PRIZE: Final = 10**12


class PyVrpSolver:
    """Never worse than the built-in routes: the better of both is given.

    Args:
        iterations: of the local search.

    Raises: ImportError where the library is not installed.
    """

    name = "pyvrp"

    def __init__(self, iterations: int = ITERATIONS) -> None:
        if find_spec("pyvrp") is None:
            raise ImportError("pyvrp is not installed: pip install 'tocsin[plan]', or use --solver built-in")
        self._iterations = iterations

    def solve(self, problem: DeliveryProblem, *, seed: int) -> tuple[Route, ...]:
        """Routes that keep every window and load; the most urgent stops first, then the least driving."""
        plain = Savings().solve(problem, seed=seed)
        stops = [stop for stop in problem.stops if timed(problem, (stop,), 0.0) is not None]
        if not stops or not problem.vehicles:
            return plain
        found = self._search(problem, stops, seed)
        return plain if found is None else min(found, plain, key=lambda routes: value_of(problem, routes))

    def _search(self, problem: DeliveryProblem, stops: Sequence[Stop], seed: int) -> tuple[Route, ...] | None:
        pyvrp, criteria = import_module("pyvrp"), import_module("pyvrp.stop")
        vehicles = [list(group) for _, group in groupby(sorted(problem.vehicles, key=_load_of), key=_load_of)]
        data = _data(pyvrp, problem, stops, vehicles)
        stop = criteria.MaxIterations(self._iterations)
        best = pyvrp.solve(data, stop, seed=seed, collect_stats=False, display=False).best
        routes: list[Route] = []
        free = [iter(group) for group in vehicles]
        for found in best.routes() if best.is_feasible() else ():
            route = retimed(problem, next(free[found.vehicle_type()]), _trips(found, stops))
            if route is None:
                return None
            routes.append(route)
        return tuple(routes)


def _load_of(vehicle: Vehicle) -> float:
    return vehicle.load


def _data(pyvrp: Any, problem: DeliveryProblem, stops: Sequence[Stop], vehicles: Sequence[Sequence[Vehicle]]) -> Any:
    rows = [problem.depot, *(stop.place for stop in stops)]
    seconds = problem.seconds[np.ix_(rows, rows)]
    whole = np.where(np.isfinite(seconds), np.ceil(seconds), NEVER_S).astype(np.int64)
    np.fill_diagonal(whole, 0)
    total = sum(math.ceil(stop.load * _LOAD_PARTS) for stop in stops)
    clients = [
        pyvrp.Client(
            location=i + 1,
            delivery=[math.ceil(stop.load * _LOAD_PARTS)],
            service_duration=math.ceil(stop.service_s),
            tw_early=max(0, math.ceil(stop.earliest_s)),
            tw_late=math.floor(stop.latest_s),
            release_time=math.ceil(stop.release_s),
            prize=prize,
            required=False,
        )
        for i, (stop, prize) in enumerate(zip(stops, _prizes(stops, whole), strict=True))
    ]
    types = [
        pyvrp.VehicleType(
            num_available=len(group),
            capacity=[math.floor(min(group[0].load * _LOAD_PARTS, total))],
            reload_depots=[0],
            max_reloads=len(stops),
        )
        for group in vehicles
    ]
    depot = pyvrp.Depot(location=0, service_duration=math.ceil(problem.loading_s))
    places = [pyvrp.Location(0, 0) for _ in rows]
    return pyvrp.ProblemData(places, clients, [depot], types, [whole], [whole])


def _prizes(stops: Sequence[Stop], seconds: Any) -> list[int]:
    """What a stop is worth in seconds: more than all driving, and than all stops that are less urgent together."""
    finite = seconds[seconds < NEVER_S]
    worth = 2 * int(finite.max(initial=0)) * (len(stops) + 1) + 1
    by_priority: dict[int, int] = {}
    for priority in sorted({stop.priority for stop in stops}, reverse=True):
        by_priority[priority] = min(worth, _MOST_PRIZE)
        worth += by_priority[priority] * sum(stop.priority == priority for stop in stops)
    return [by_priority[stop.priority] for stop in stops]


def _trips(route: Any, stops: Sequence[Stop]) -> list[tuple[Stop, ...]]:
    trips: dict[int, list[Stop]] = {}
    for activity in route.schedule():
        if activity.is_client():
            trips.setdefault(activity.trip, []).append(stops[activity.idx])
    return [tuple(trip) for _, trip in sorted(trips.items())]
