"""Measure ways and plans on a pack's streets: `python benchmarks/routing.py [PACK]`.

Ways: the reverse search from random street corners, whole and bounded, beside scipy's Dijkstra, with the largest
difference between the two. Plans: the closest-unit rule for a sample of the pack's calls, units at their stations and
where they last were, after warm-up. Times are of this thread's processor time, so that a busy machine says less.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.machine import about, keep
from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.geography.arcs import arcs_of
from tocsin.geography.graph import StreetGraph
from tocsin.geography.kernels import search
from tocsin.geography.places import Places
from tocsin.geography.travel import TravelModel
from tocsin.model.ids import CallId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.planning.cover.share import cover
from tocsin.planning.dispatch.closest import ClosestUnit
from tocsin.planning.dispatch.problem import problem_of
from tocsin.planning.stop import never
from tocsin.situation.fold import empty
from tocsin.situation.picture import CallState, Situation, UnitState

SEED = 1
SOURCES = 300
CALLS = 600


def main() -> None:
    """Measure, print and keep one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="san_francisco")
    pack = load_pack(Path(find_pack(parser.parse_args().pack)))
    if pack.city.streets is None:
        parser.error("the pack has no streets")
    began = time.perf_counter()
    graph = StreetGraph.of(pack.city.streets)
    built_s = time.perf_counter() - began
    result = about(SEED) | {
        "pack": pack.city.name,
        "nodes": graph.nodes,
        "edges": graph.edges,
        "build_s": round(built_s, 3),
        "ways": measure_ways(graph),
        "plans": measure_plans(pack, graph),
    }
    keep("routing", result)


def measure_ways(graph: StreetGraph) -> dict[str, Any]:
    """Milliseconds of one search by bound, ours and scipy's, and the largest difference of any label."""
    arcs = arcs_of(graph.streets, graph.network.edge_s, reverse=True)
    matrix = csr_array((arcs.seconds, arcs.leads_to, arcs.first), shape=(graph.nodes, graph.nodes))
    sources = np.random.default_rng(SEED).integers(0, graph.nodes, SOURCES).astype(np.int32)
    zero = np.zeros(1)

    def ours(source: int, bound_s: float) -> NDArray[np.float64]:
        return search(arcs.first, arcs.leads_to, arcs.seconds, sources[source : source + 1], zero, bound_s)[0]

    def scipys(source: int, bound_s: float) -> NDArray[np.float64]:
        return dijkstra(matrix, indices=int(sources[source]), limit=bound_s)

    found: dict[str, Any] = {}
    for bound_s in (np.inf, 600.0, 300.0):
        name = "whole" if np.isinf(bound_s) else f"bounded_{bound_s:.0f}_s"
        found[name] = {
            "ours": timed(lambda i, b=bound_s: ours(i, b)),
            "scipy": timed(lambda i, b=bound_s: scipys(i, b)),
        }
    both = [(ours(i, np.inf), scipys(i, np.inf)) for i in range(50)]
    assert all((np.isinf(a) == np.isinf(b)).all() for a, b in both)
    off = max(np.abs(a[np.isfinite(a)] - b[np.isfinite(b)]).max() for a, b in both)
    return found | {"largest_difference_s": float(off)}


def measure_plans(pack: Pack, graph: StreetGraph) -> dict[str, Any]:
    """Milliseconds of one problem and plan, and of cover, over a sample of the pack's calls."""
    city, places, travel = pack.city, Places(pack.city), TravelModel()
    sample = pack.calls.drop_nulls(["lon", "lat"]).sample(CALLS, seed=SEED)
    calls: list[CallState] = []
    for row in sample.iter_rows(named=True):
        place = Point(row["lon"], row["lat"])
        area = places.area_of(place)
        card = city.find_card(row["kind"], row["priority"])
        target_s = card.target_s if card is not None else None
        block = places.block_of(place, area)
        calls.append(
            CallState(
                CallId(row["call"]), row["received"], row["kind"], row["priority"] or 2, target_s, block, area, None
            )
        )
    situation = everywhere(pack, calls)
    now = situation.now
    assert now is not None

    def plan(i: int) -> object:
        problem = problem_of(city, graph, travel, situation, calls[i], now)
        return ClosestUnit().plan(problem, seed=SEED, stop=never)

    kinds = [k.kind for k in city.list_headline_kinds()]
    return {
        "free_units": len(situation.units),
        "first": timed(plan, CALLS),
        "again": timed(plan, CALLS),
        "cover": timed(lambda _: cover(city, graph, travel, situation, now, kinds), 50),
    }


def everywhere(pack: Pack, calls: list[CallState]) -> Situation:
    """All units free at once, each at its station, or on the block of one of the calls."""
    start = empty(pack.city)
    now = max(c.received for c in calls)
    long_ago = now - timedelta(hours=2)
    units = {
        unit: UnitState(
            unit,
            UnitStatus.AVAILABLE_PLACE_UNKNOWN,
            long_ago,
            place=calls[i % len(calls)].block,
            first_mark=long_ago,
            last_mark=long_ago,
        )
        for i, unit in enumerate(pack.city.units)
    }
    return replace(start, now=now, units=units)


def timed(work: Callable[[int], object], times: int = SOURCES) -> dict[str, float]:
    """Milliseconds of this thread's processor time, p50 and p99, after one run to warm up."""
    work(0)
    took: list[float] = []
    for i in range(times):
        began = time.thread_time()
        work(i)
        took.append((time.thread_time() - began) * 1e3)
    p50, p99 = np.percentile(took, [50, 99])
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}


if __name__ == "__main__":
    main()
