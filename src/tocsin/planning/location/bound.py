"""What no choice of sites can go below: the Lagrangean bound of the p-median."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from tocsin.planning.location.kernels import Floats, Rows
from tocsin.planning.location.problem import check_asked, cost_of

STEPS = 400
PATIENCE = 12
"""Steps without a better bound, after which steps are halved."""


def p_median_bound(
    weight: Floats, seconds: Floats, open_: int, value: float, *, kept: Sequence[int] = (), steps: int = STEPS
) -> float:
    """A value that no `open_` sites go below, by `steps` of subgradient search; never above `value`, a known answer's.

    Each point has a price for being served; a site is worth what it saves below the prices, and the `open_` worthiest
    are taken. Prices rise where nobody serves and fall where several do. Arguments as those of `p_median`.
    Source: Cornuejols, Fisher and Nemhauser 1977 (Management Science 23); Beasley 1985 (EJOR 21).
    """
    check_asked(weight, seconds, open_, kept)
    cost = cost_of(weight, seconds)
    near = np.argsort(cost, axis=1, kind="stable").astype(np.int32)
    held = np.zeros(cost.shape[1], dtype=np.bool_)
    held[list(kept)] = True
    rows = np.arange(len(cost))
    price = cost[rows, near[:, min(cost.shape[1] - 1, max(1, cost.shape[1] // open_))]].copy()
    saved, best, scale, waited = np.empty(cost.shape[1]), -np.inf, 1.5, 0
    for _ in range(steps):
        _saved(cost, near, price, saved)
        chosen = np.argsort(np.where(held, -np.inf, saved), kind="stable")[:open_]
        bound = float(price.sum() + saved[chosen].sum())
        waited = 0 if bound > best else waited + 1
        best = max(best, bound)
        if waited > PATIENCE:
            scale, waited = scale / 2.0, 0
        over = 1.0 - (cost[:, chosen] < price[:, None]).sum(axis=1)
        length = float(over @ over)
        if length == 0.0 or value - best <= 1e-9 * max(value, 1.0) or scale < 1e-3:
            break
        price = np.maximum(price + scale * (1.01 * value - bound) / length * over, 0.0)
    return min(best, value)


@njit("void(f8[:, ::1], i4[:, ::1], f8[::1], f8[::1])", cache=True, nogil=True)
def _saved(cost: Floats, near: Rows, price: Floats, saved: Floats) -> None:
    """What each site saves below the prices, 0 or less."""
    saved[:] = 0.0
    for i in range(len(price)):
        for at in range(near.shape[1]):
            site = near[i, at]
            below = cost[i, site] - price[i]
            if below >= 0.0:
                break
            saved[site] += below
