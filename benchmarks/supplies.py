"""Measure plans of supplies on a pack's streets: `python -m benchmarks.supplies [PACK] [--requests N]`.

Requests at random street corners, for what the pack has in stock, priorities 1 to 3, windows of 1 to 5 hours within
eight hours; the same for both solvers. Given are, summed over the seeds: units asked for and short by priority, minutes
that vehicles drive, and seconds of this thread's processor time.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.machine import about, keep
from tocsin.adapters.packs import find_pack, load_pack
from tocsin.adapters.solvers.pyvrp import PyVrpSolver
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City
from tocsin.model.place import Point
from tocsin.model.resources import Form
from tocsin.planning.crisis.problem import supply_problem_of
from tocsin.planning.crisis.requests import SupplyRequest
from tocsin.planning.crisis.routes import RouteSolver, Savings
from tocsin.planning.crisis.supplies import plan_supplies

SEEDS = 10
NOW = datetime(2030, 1, 1, 8, tzinfo=UTC)


def main() -> None:
    """Measure, print and keep one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="san_francisco")
    parser.add_argument("--requests", type=int, default=40)
    asked = parser.parse_args()
    city = load_pack(find_pack(asked.pack)).city
    if city.streets is None or not city.stock:
        parser.error("the pack has no streets or no stock")
    graph = StreetGraph.of(city.streets)
    cases = [some_requests(city, graph, seed, asked.requests) for seed in range(SEEDS)]
    solvers: list[RouteSolver] = [Savings(), PyVrpSolver()]
    result = about(0) | {"pack": city.name, "seeds": SEEDS, "requests_each": asked.requests}
    result["versions"] |= {"pyvrp": version("pyvrp")}
    keep("supplies", result | {s.name: measured(city, graph, cases, s) for s in solvers})


def some_requests(city: City, graph: StreetGraph, seed: int, count: int) -> list[SupplyRequest]:
    """Requests for goods and equipment, as much together as a good half of the stock."""
    rng = np.random.default_rng(seed)
    stock: dict[Any, int] = {}
    for line in city.stock:
        if line.form in (Form.GOODS, Form.EQUIPMENT):
            stock[line.resource] = stock.get(line.resource, 0) + line.count
    nodes = np.flatnonzero(graph.main_nodes)
    found = []
    for n in range(count):
        resource = list(stock)[int(rng.integers(len(stock)))]
        most = max(1, stock[resource] * 3 * len(stock) // (2 * count))
        node, start_h, wide_h = int(rng.choice(nodes)), float(rng.uniform(0, 3)), float(rng.uniform(1, 5))
        place = Point(float(graph.streets.lon[node]), float(graph.streets.lat[node]))
        window = (NOW + timedelta(hours=start_h), NOW + timedelta(hours=start_h + wide_h))
        asked = int(rng.integers(1, most + 1))
        found.append(SupplyRequest(f"r{n:03d}", place, resource, asked, *window, int(rng.integers(1, 4))))
    return found


def measured(city: City, graph: StreetGraph, cases: list[list[SupplyRequest]], solver: RouteSolver) -> dict[str, Any]:
    """Sums over the cases."""
    requests, short, drive_s, took_s = 0, {1: 0, 2: 0, 3: 0}, 0.0, []
    for case in cases:
        problem = supply_problem_of(city, graph, case, NOW)
        began = time.thread_time()
        plan = plan_supplies(problem, solver)
        took_s.append(time.thread_time() - began)
        requests += len(case)
        drive_s += plan.drive_s
        for line in plan.short:
            short[line.request.priority] += 1
    return {
        "requests": requests,
        "short_by_priority": short,
        "drive_min": round(drive_s / 60.0, 1),
        "cpu_s": {"median": round(float(np.median(took_s)), 2), "worst": round(max(took_s), 2)},
    }


if __name__ == "__main__":
    main()
