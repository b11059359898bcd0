"""One city after the other: is every second exact, how long does one search take, how long an ETA of every unit.

Times are CPU time of one thread, so that other work on the machine changes little; each search is timed in turn with
its rivals'. Compiled code is loaded and every cache warmed before the clock starts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tocsin.bench.progress import Tell
from tocsin.bench.route.rivals import OneToAll, as_seconds, by_scipy, least_arcs, list_rivals
from tocsin.errors import BadSettings
from tocsin.geography.graph import Mask, StreetGraph
from tocsin.geography.metric import Floats
from tocsin.geography.searches import Searches
from tocsin.geography.ways import Snap
from tocsin.model.city import City
from tocsin.model.place import Point

ETA_BOUND_S = 480.0
"""Eight minutes: the farthest unit that is worth an ETA."""
EXACT_S = 1e-9
MOST_S = 1e12
"""No way takes as long."""
SLOW = {"networkx": 4}
"""Timed on one source in so many: it takes tens of times as long."""
SHUT = 0.05
"""Share of streets that are closed when ways around closures are checked."""
JITTER = 0.0005
"""Degrees that calls and units stand away from a node, about 50 m."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried. `checked`: sources compared with scipy; `timed`: sources timed, each `repeats` times;
    `calls`: ETAs."""

    checked: int = 60
    timed: int = 15
    repeats: int = 3
    calls: int = 300
    seed: int = 1


def bench(cities: Sequence[City], effort: Effort, tell: Tell) -> dict[str, Any]:
    """All cities. Raises: BadSettings for one without streets."""
    cases = []
    for done, city in enumerate(cities):
        tell(city.name, done, len(cities))
        if city.streets is None or len(city.streets.tail) == 0:
            raise BadSettings(f"{city.name} has no streets: ways are compared on a pack that has some")
        cases.append(bench_city(city, StreetGraph.of(city.streets), effort))
    tell("", len(cities), len(cities))
    return {"cases": cases, "eta_bound_s": ETA_BOUND_S, "exact_s": EXACT_S, "seed": effort.seed}


def bench_city(city: City, graph: StreetGraph, effort: Effort) -> dict[str, Any]:
    """One city's row."""
    rng = np.random.default_rng(effort.seed)
    searches = graph.searches(reverse=True)
    times = time_searches(graph, searches, effort, rng)
    ours = times["tocsin"] or math.nan
    return {
        "pack": city.name,
        "nodes": graph.nodes,
        "arcs": len(searches.arcs.edge),
        "exact": check(graph, effort, rng),
        "one_to_all_ms": times,
        "ratio": {name: None if ms is None else ours / ms for name, ms in times.items() if name != "tocsin"},
        "eta": time_etas(city, graph, effort, rng),
    }


def check(graph: StreetGraph, effort: Effort, rng: np.random.Generator) -> dict[str, Any]:
    """Seconds from random nodes, on open streets, around closures, against the one-ways and within a bound, beside
    scipy's."""
    shut = rng.random(graph.edges) < SHUT
    worst, agreed = 0.0, True
    for closed in (None, shut):
        for reverse in (False, True):
            searches = graph.searches(closed, reverse=reverse)
            rival = by_scipy(graph.nodes, *least_arcs(searches.arcs, searches.seconds))
            for source in rng.integers(0, graph.nodes, max(1, effort.checked // 4)).tolist():
                expected = rival(source)
                for bound_s in (math.inf, ETA_BOUND_S):
                    within = np.where(expected <= bound_s, expected, np.inf)
                    found = [_from(searches, source, bound_s)]
                    if reverse:
                        found.append(graph.seconds_into(source, closed, bound_s))
                    error_s = max(_difference(seconds, within, bound_s) for seconds in found)
                    worst, agreed = max(worst, error_s), agreed and error_s <= EXACT_S
    etas_s = max(check_etas(graph, closed, effort, rng) for closed in (None, shut))
    worst, agreed = max(worst, etas_s), agreed and etas_s <= EXACT_S
    return {
        "sources": 4 * max(1, effort.checked // 4),
        "largest_error_s": worst if math.isfinite(worst) else None,
        "ok": agreed,
    }


def check_etas(graph: StreetGraph, closed: Mask | None, effort: Effort, rng: np.random.Generator) -> float:
    """The largest difference of ETAs between corners beside scipy's, seconds; only corners that are found where they
    are, and with a single place."""
    at = rng.choice(
        np.flatnonzero(graph.main_nodes), min(2 * effort.checked, int(graph.main_nodes.sum())), replace=False
    )
    places = list(map(Point, graph.streets.lon[at].tolist(), graph.streets.lat[at].tolist()))
    found = [graph.snap(place) for place in places]
    kept = [i for i, s in enumerate(found) if s is not None and _stands_at(graph, s, int(at[i]), closed)]
    at, places = at[kept], [places[i] for i in kept]
    searches = graph.searches(closed)
    rival = by_scipy(graph.nodes, *least_arcs(searches.arcs, searches.seconds))
    goals = slice(0, max(1, len(places) // 8))
    expected = np.array([rival(int(node))[at[goals]] for node in at])
    found_s = graph.matrix_s(places, places[goals], closed)
    return _difference(found_s.ravel(), expected.ravel(), math.inf) if len(places) else 0.0


def _stands_at(graph: StreetGraph, snap: Snap, node: int, closed: Mask | None) -> bool:
    """Whether a place is that node, on a street that is open: on a closed one people walk."""
    end = {0.0: graph.streets.tail, 1.0: graph.streets.head}.get(snap.along)
    open_ = closed is None or not closed[snap.edge]
    return open_ and end is not None and int(end[snap.edge]) == node and snap.off_m < 1e-6


def time_searches(
    graph: StreetGraph, searches: Searches, effort: Effort, rng: np.random.Generator
) -> dict[str, float | None]:
    """Median milliseconds of CPU time from all nodes to one, which is from one to all on the turned graph, as the
    rivals get it; None for what is not installed."""
    rivals = {"tocsin": graph.seconds_into, **list_rivals(searches.arcs, searches.seconds)}
    nodes = len(searches.arcs.first) - 1
    sources = rng.integers(0, nodes, effort.timed).tolist()
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    _agree(rivals, sources[0], nodes)
    for number, source in enumerate(sources):
        for _ in range(effort.repeats):
            for name, search in rivals.items():
                if number % SLOW.get(name, 1) == 0:
                    taken[name].append(_cpu_ms(search, source))
    names = ("tocsin", "scipy", "igraph", "networkx")
    return {name: float(np.median(taken[name])) if taken.get(name) else None for name in names}


def time_etas(city: City, graph: StreetGraph, effort: Effort, rng: np.random.Generator) -> dict[str, Any]:
    """CPU milliseconds until the ETA of every unit to a new call is known, p50 and p99: with the units at their
    stations, and with all of them at places never seen before."""
    stations = (u.station for u in city.units.values() if u.station is not None)
    homes = [city.stations[station].place for station in stations if station in city.stations]
    if not homes:
        homes = [s.place for s in city.stations.values()] or _places(graph, 16, rng)
    calls = _places(graph, effort.calls + 1, rng)
    etas_of(graph, calls[0], homes)
    at_home = [_cpu_ms(partial(etas_of, graph, units=homes), call) for call in calls[1:]]
    anywhere = []
    for call in _places(graph, effort.calls, rng):
        units = _places(graph, len(homes), rng)
        anywhere.append(_cpu_ms(partial(etas_of, graph, units=units), call))
    return {
        "units": len(homes),
        "calls": effort.calls,
        "p50_ms": float(np.percentile(at_home, 50)),
        "p99_ms": float(np.percentile(at_home, 99)),
        "new_places_p50_ms": float(np.percentile(anywhere, 50)),
        "new_places_p99_ms": float(np.percentile(anywhere, 99)),
    }


def etas_of(graph: StreetGraph, call: Point, units: Sequence[Point]) -> Floats:
    """Seconds from each unit to a call, infinite beyond the bound."""
    return graph.matrix_s(units, [call], None, ETA_BOUND_S)[:, 0]


def _agree(rivals: dict[str, OneToAll], source: int, nodes: int) -> None:
    """Every rival is asked once, which loads and warms it. Raises: BadSettings when one answers something else: then
    its times compare nothing."""
    ours = as_seconds(rivals["tocsin"](source), nodes)
    for name, search in rivals.items():
        if _difference(as_seconds(search(source), nodes), ours, math.inf) > 1e-6:
            raise BadSettings(f"{name} gives other seconds than Tocsin on these streets: its times compare nothing")


def _from(searches: Searches, source: int, bound_s: float = math.inf) -> Floats:
    return searches.spread(np.array([source], dtype=np.int32), np.zeros(1), bound_s)[0]


def _difference(found: Floats, expected: Floats, bound_s: float) -> float:
    """The largest difference, infinite where one knows a way and the other does not; a node within rounding of the
    bound may be on either side of it."""
    known, wanted = np.isfinite(found), np.isfinite(expected)
    odd = known != wanted
    if odd.any() and (np.abs(np.where(known, found, expected)[odd] - min(bound_s, MOST_S)) > EXACT_S).any():
        return math.inf
    both = known & wanted
    return float(np.abs(found[both] - expected[both]).max()) if both.any() else 0.0


def _places(graph: StreetGraph, count: int, rng: np.random.Generator) -> list[Point]:
    at = rng.choice(np.flatnonzero(graph.main_nodes), count)
    lon = graph.streets.lon[at] + rng.uniform(-JITTER, JITTER, count)
    lat = graph.streets.lat[at] + rng.uniform(-JITTER, JITTER, count)
    return list(map(Point, lon.tolist(), lat.tolist()))


def _cpu_ms(work: Callable[[Any], object], on: object) -> float:
    start = time.thread_time()
    work(on)
    return 1_000.0 * (time.thread_time() - start)
