"""Routes: every window and load is kept, urgent stops are not given up for others, both solvers alike."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.adapters.solvers.pyvrp import PyVrpSolver
from tocsin.planning.crisis.routes import (
    DeliveryProblem,
    Route,
    RouteSolver,
    Savings,
    Stop,
    Vehicle,
    retimed,
    urgent_first,
    value_of,
)

NO_LIBRARY = pytest.mark.skipif(find_spec("pyvrp") is None, reason="the extra plan is not installed")
LIBRARY = None if find_spec("pyvrp") is None else PyVrpSolver(iterations=60)
SOLVERS = [pytest.param(Savings(), id="built-in"), pytest.param(LIBRARY, id="pyvrp", marks=NO_LIBRARY)]


def some_problem(seed: int, stops: int, vehicles: int, *, load: float = 30.0) -> DeliveryProblem:
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0.0, 6_000.0, (stops + 1, 2))
    seconds = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) / 9.0
    some = []
    for n in range(stops):
        early = float(rng.uniform(0.0, 3_000.0))
        late = early + float(rng.uniform(600.0, 6_000.0))
        some.append(Stop(f"s{n:02}", n + 1, float(rng.integers(1, 20)), early, late, 300.0, int(rng.integers(1, 4))))
    fleet = tuple(Vehicle(f"v{n}", load if n % 2 == 0 else load / 2) for n in range(vehicles))
    return DeliveryProblem(0, seconds, tuple(some), fleet, 200.0)


def check(problem: DeliveryProblem, routes: tuple[Route, ...]) -> None:
    """Everything that a route promises, from the seconds alone."""
    keys = [stop.key for route in routes for trip in route.trips for stop in trip.stops]
    assert len(keys) == len(set(keys)), "no stop twice"
    names = [route.vehicle.name for route in routes]
    assert len(names) == len(set(names)), "no vehicle in two places"
    for route in routes:
        free_s = 0.0
        for trip in route.trips:
            assert sum(stop.load for stop in trip.stops) <= route.vehicle.load + 1e-9
            assert trip.leave_s >= free_s + problem.loading_s - 1e-6
            assert trip.leave_s >= max(stop.release_s for stop in trip.stops) + problem.loading_s - 1e-6
            at, here = trip.leave_s, problem.depot
            for stop, arrive_s in zip(trip.stops, trip.arrive_s, strict=True):
                at = max(at + problem.seconds[here, stop.place], stop.earliest_s)
                assert arrive_s == pytest.approx(at)
                assert stop.earliest_s - 1e-6 <= arrive_s <= stop.latest_s + 1e-6
                at, here = at + stop.service_s, stop.place
            assert trip.back_s == pytest.approx(at + problem.seconds[here, problem.depot])
            free_s = trip.back_s


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(0, 3))
def test_every_window_and_load_is_kept(solver: RouteSolver, seed: int, stops: int, vehicles: int) -> None:
    problem = some_problem(seed, stops, vehicles)
    routes = solver.solve(problem, seed=1)
    check(problem, routes)
    check(problem, tuple(urgent_first(problem, route) for route in routes))
    assert routes == solver.solve(problem, seed=1), "the same problem and seed, the same routes"


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_round_trip_of_six_is_the_shortest(solver: RouteSolver) -> None:
    problem = some_problem(3, 6, 1, load=1e9)
    wide = replace(problem, stops=tuple(replace(s, earliest_s=0.0, latest_s=1e6) for s in problem.stops))
    (route,) = solver.solve(wide, seed=1)
    (trip,) = route.trips
    orders = itertools.permutations(wide.stops)
    best = min(sum(wide.drive_s(a, b) for a, b in itertools.pairwise((None, *o, None))) for o in orders)
    assert trip.drive_s == pytest.approx(best, rel=1e-9 if solver.name == "pyvrp" else 0.05)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_vehicle_goes_out_again_when_it_is_back(solver: RouteSolver) -> None:
    seconds = np.array([[0.0, 600.0], [600.0, 0.0]])
    stops = tuple(Stop(f"s{n}", 1, 20.0, 0.0, 6_000.0, 60.0) for n in range(3))
    (route,) = solver.solve(DeliveryProblem(0, seconds, stops, (Vehicle("v", 20.0),), 100.0), seed=1)
    assert [len(trip.stops) for trip in route.trips] == [1, 1, 1]
    assert route.trips[1].leave_s >= route.trips[0].back_s + 100.0


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_urgent_stop_is_kept_when_only_one_can_be(solver: RouteSolver) -> None:
    seconds = np.array([[0.0, 900.0, 100.0, 100.0], [900.0, 0.0, 900.0, 900.0]] + [[100.0, 900.0, 0.0, 1.0]] * 2)
    np.fill_diagonal(seconds, 0.0)
    far = Stop("far", 1, 1.0, 0.0, 1_000.0, 60.0, priority=1)
    near = tuple(Stop(f"near{n}", 2 + n, 1.0, 0.0, 400.0, 60.0, priority=2) for n in range(2))
    (route,) = solver.solve(DeliveryProblem(0, seconds, (*near, far), (Vehicle("v", 9.0),)), seed=1)
    assert route.trips[0].stops[0].key == "far"


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_cannot_be_brought_is_in_no_route(solver: RouteSolver) -> None:
    seconds = np.array([[0.0, math.inf, 60.0], [math.inf, 0.0, math.inf], [60.0, math.inf, 0.0]])
    cut, heavy = Stop("cut", 1, 1.0, 0.0, 9e3, 60.0), Stop("heavy", 2, 99.0, 0.0, 9e3, 60.0)
    late, fine = Stop("late", 2, 1.0, 0.0, 30.0, 60.0), Stop("fine", 2, 1.0, 0.0, 9e3, 60.0)
    problem = DeliveryProblem(0, seconds, (cut, heavy, late, fine), (Vehicle("v", 9.0),))
    routes = solver.solve(problem, seed=1)
    assert [stop.key for route in routes for trip in route.trips for stop in trip.stops] == ["fine"]
    assert solver.solve(replace(problem, stops=()), seed=1) == ()
    assert solver.solve(replace(problem, vehicles=()), seed=1) == ()


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_comes_back_later_is_loaded_later(solver: RouteSolver) -> None:
    seconds = np.array([[0.0, 100.0], [100.0, 0.0]])
    stop = Stop("s", 1, 1.0, 0.0, 9_000.0, 60.0, release_s=5_000.0)
    problem = DeliveryProblem(0, seconds, (stop,), (Vehicle("v", 9.0),), 50.0)
    (route,) = solver.solve(problem, seed=1)
    assert route.trips[0].leave_s >= 5_050.0


@NO_LIBRARY
@pytest.mark.parametrize("seed", range(4))
def test_the_library_is_never_worse_than_the_built_in_routes(seed: int) -> None:
    problem = some_problem(seed, 14, 2)
    plain, found = (value_of(problem, s.solve(problem, seed=1)) for s in (Savings(), PyVrpSolver()))
    assert found <= plain


def test_urgent_stops_come_sooner_in_the_other_direction() -> None:
    seconds = np.array([[0.0, 500.0, 500.0], [500.0, 0.0, 300.0], [500.0, 300.0, 0.0]])
    slow, urgent = Stop("slow", 1, 1.0, 0.0, 9e3, 60.0, 3), Stop("urgent", 2, 1.0, 0.0, 9e3, 60.0, 1)
    problem = DeliveryProblem(0, seconds, (slow, urgent), (Vehicle("v", 9.0),))
    route = retimed(problem, problem.vehicles[0], [(slow, urgent)])
    assert route is not None
    assert [stop.key for stop in urgent_first(problem, route).trips[0].stops] == ["urgent", "slow"]
