"""What a planner without a solver would do: sites one after the other, then swaps until none helps."""

from __future__ import annotations

import numpy as np

from tocsin.planning.location.kernels import Floats


def greedy_and_swap(seconds: Floats, open_: int) -> float:
    """Sum of distances to the nearest of `open_` sites: greedy adding, then the best site for each in turn.

    Source: Kuehn and Hamburger 1963 (greedy); Teitz and Bart 1968 (vertex substitution).
    """
    sites: list[int] = []
    nearest = np.full(len(seconds), np.inf)
    for _ in range(open_):
        site = int(np.minimum(nearest[:, None], seconds).sum(axis=0).argmin())
        sites.append(site)
        nearest = np.minimum(nearest, seconds[:, site])
    best, better = float(nearest.sum()), True
    while better:
        better = False
        for k in range(open_):
            others = seconds[:, sites[:k] + sites[k + 1 :]].min(axis=1, initial=np.inf)
            sums = np.minimum(others[:, None], seconds).sum(axis=0)
            site = int(sums.argmin())
            if sums[site] < best - 1e-9:
                sites[k], best, better = site, float(sums[site]), True
    return best
