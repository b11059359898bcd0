"""Maximal cover and expected cover on made-up towns: our search beside HiGHS's exact answer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tocsin.bench.machine import cpu_s
from tocsin.bench.progress import Tell
from tocsin.planning.location.cover import mexclp
from tocsin.planning.location.exact import mexclp_exact
from tocsin.planning.location.kernels import Floats
from tocsin.planning.location.problem import Located

SIZES: Final = ((500, 200, 10), (500, 200, 20), (2_000, 500, 20))
"""Points, sites, units."""
BUSY: Final = 0.4
REACH: Final = 0.1
"""Of the side of the square in which everything lies."""
LIMIT_S: Final = 60.0
"""Seconds that HiGHS may take, by its own clock."""


def made_up(points: int, sites: int, seed: int) -> tuple[Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Weights (M,) and reach (M, N): uneven towns on a square, sites among the points."""
    rng = np.random.default_rng(seed)
    towns = rng.random((12, 2))
    places = np.clip(towns[rng.integers(12, size=points)] + rng.normal(0.0, 0.12, (points, 2)), 0.0, 1.0)
    stands = places[rng.choice(points, sites, replace=False)]
    off = np.hypot(*(places[:, None] - stands[None]).transpose(2, 0, 1))
    return rng.integers(1, 100, points).astype(np.float64), off <= REACH


def bench_cover(*, seed: int, tell: Tell) -> list[dict[str, Any]]:
    """A row for each size and for units that are never, or at times, busy. `mclp` is one unit a site, never busy."""
    mexclp(np.ones(2), np.ones((2, 2), dtype=np.bool_), 1, busy=0.0, seed=0)  # load what is compiled
    rows = []
    cases = [(*size, busy) for size in SIZES for busy in (0.0, BUSY)]
    for done, (points, sites, units, busy) in enumerate(cases):
        tell("cover", done, len(cases))
        weight, reach = made_up(points, sites, seed)
        most = 1 if busy == 0.0 else None
        start = cpu_s()
        found = mexclp(weight, reach, units, busy=busy, most=most, seed=seed)
        found_s, start = cpu_s() - start, cpu_s()
        exact = mexclp_exact(weight, reach, units, busy=busy, most=most, limit_s=LIMIT_S)
        rows.append(_row(points, sites, units, busy, found, found_s, exact, cpu_s() - start))
    tell("", len(cases), len(cases))
    return rows


def _row(
    points: int,
    sites: int,
    units: int,
    busy: float,
    found: Located,
    found_s: float,
    exact: Located | None,
    exact_s: float,
) -> dict[str, Any]:
    bound = exact.bound if exact is not None else None
    return {
        "model": "mexclp" if busy else "mclp",
        "points": points,
        "sites": sites,
        "units": units,
        "value": round(found.value, 3),
        "exact": None if exact is None else round(exact.value, 3),
        "bound": None if bound is None else round(bound, 3),
        "gap_percent": None if not bound else round(100.0 * (1.0 - found.value / bound), 4),
        "cpu_s": round(found_s, 3),
        "exact_cpu_s": round(exact_s, 3),
    }
