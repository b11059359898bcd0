"""Where a fleet's units stand: by p-median, by cover, by expected cover, by expected lateness; and what if."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from tocsin.errors import BadSettings
from tocsin.planning.location.cover import mclp, mexclp
from tocsin.planning.location.kernels import Floats, Rows
from tocsin.planning.location.median import p_median
from tocsin.planning.location.service import Deployment, Service
from tocsin.planning.stop import Stop, never

SWEEPS = 12
"""How often lateness tries every unit at every station, at most."""


class Objective(StrEnum):
    """What a deployment is to be good at."""

    PMEDIAN = "pmedian"
    """The least mean time to the nearest unit."""
    MCLP = "mclp"
    """Most calls with a unit in reach."""
    MEXCLP = "mexclp"
    """Most calls with a free unit in reach."""
    LATENESS = "lateness"
    """The fewest expected late calls, with the chances of the travel law and units that are busy at times."""


def deployed(
    service: Service, units: int, objective: Objective, target_s: float, *, seed: int, stop: Stop = never
) -> Deployment:
    """Where `units` units stand best by `objective`, all on duty around the clock.

    p-median and MCLP know no second unit at a station: when each has one, the others go where expected lateness falls
    most. Raises: BadSettings for no units or no stations.
    """
    if units < 1 or service.stations < 1:
        raise BadSettings("there are no units to place or no stations for them: give one of each at least")
    weight, busy = service.weight, service.busy(units)
    first = min(units, service.stations)
    reach = np.ascontiguousarray((service.response_s <= target_s).T)
    match objective:
        case Objective.PMEDIAN:
            homes = p_median(weight, _columns(service), first, seed=seed, stop=stop).sites
        case Objective.MCLP:
            homes = mclp(weight, reach, first, seed=seed, stop=stop).sites
        case Objective.MEXCLP:
            homes = mexclp(weight, reach, units, busy=busy, seed=seed, stop=stop).sites
        case Objective.LATENESS:
            homes = mexclp(weight, reach, units, busy=busy, seed=seed, stop=stop, rounds=10).sites
    homes = added(service, homes, units - len(homes), busy)
    if objective is Objective.LATENESS:
        homes = settled(service, homes, busy, stop)
    return Deployment.always(np.sort(homes))


def sited(
    weight: Floats,
    response_s: Floats,
    sites: int,
    objective: Objective,
    target_s: float,
    *,
    kept: Rows,
    busy: float,
    seed: int,
    stop: Stop = never,
) -> Rows:
    """The columns of `sites` stations among N candidates, int32, `kept` among them.

    Args:
        weight: (Z,). response_s: float64 (N, Z) from candidate to zone. busy: of a unit, for MEXCLP and lateness, which
        count one unit a station here.

    Raises: BadSettings for what cannot be asked.
    """
    seconds = np.ascontiguousarray(response_s.T)
    held = tuple(kept.tolist())
    if objective is Objective.PMEDIAN:
        return p_median(weight, seconds, sites, seed=seed, kept=held, stop=stop).sites
    reach = seconds <= target_s
    if objective is Objective.MCLP:
        return mclp(weight, reach, sites, seed=seed, kept=held, stop=stop).sites
    return mexclp(weight, reach, sites, busy=busy, most=1, seed=seed, kept=held, stop=stop).sites


def without(service: Service, deployment: Deployment, closed: Rows) -> Deployment:
    """The deployment when these stations close: their units go, one after the other, to the open station where they
    spare most lateness. Raises: BadSettings where none is left open."""
    shut = np.isin(deployment.homes, closed)
    open_ = np.setdiff1d(np.arange(service.stations), closed)
    if not len(open_):
        raise BadSettings("every station would be closed: leave one open at least")
    homes = deployment.homes.copy()
    busy = service.busy(len(homes))
    for unit in np.flatnonzero(shut).tolist():
        placed = ~shut
        homes[unit] = open_[np.argmin(_lateness_with_one_more(service, homes[placed], busy)[open_])]
        shut[unit] = False
    return Deployment(homes, deployment.night)


def added(service: Service, homes: Rows, units: int, busy: float) -> Rows:
    """The homes with so many more units, each where expected lateness falls most."""
    for _ in range(units):
        best = int(np.argmin(_lateness_with_one_more(service, homes, busy)))
        homes = np.append(homes, np.int32(best))
    return homes.astype(np.int32)


def settled(service: Service, homes: Rows, busy: float, stop: Stop = never) -> Rows:
    """Each unit in turn moved where it spares most lateness, until none moves; `SWEEPS` times at most."""
    homes = homes.copy()
    for _ in range(SWEEPS):
        moved = False
        for unit in range(len(homes)):
            if stop():
                return homes
            others = np.delete(homes, unit)
            worth = _lateness_with_one_more(service, others, busy)
            best = int(np.argmin(worth))
            if worth[best] < worth[homes[unit]] - 1e-9 * max(1.0, abs(worth[best])):
                homes[unit], moved = best, True
        if not moved:
            break
    return homes


def _lateness_with_one_more(service: Service, homes: Rows, busy: float) -> Floats:
    """Expected lateness of a week when one more unit stands at each station, (S,): late calls, and a little for time.

    The new unit of station s comes in the order of time: those before it are as they were, those after it are asked
    once more rarely by the factor q. With prefix sums over the order this takes one look-up a station and zone.
    """
    cost = _cost(service)
    weight = service.weight
    if not len(homes):
        alone: Floats = ((1.0 - busy) * cost + busy * _nobody(service)) @ weight
        return alone
    asked = service.response_s if service.last is None else service.response_s + 1e7 * service.last
    order = np.argsort(asked[homes], axis=0, kind="stable")
    ranked = np.take_along_axis(asked[homes], order, axis=0)
    goes = (1.0 - busy) * busy ** np.arange(len(homes))
    parts = goes[:, None] * np.take_along_axis(cost[homes], order, axis=0)
    before = np.vstack([np.zeros(parts.shape[1]), np.cumsum(parts, axis=0)])
    total = np.zeros(service.stations)
    zones = np.arange(parts.shape[1])
    nobody = busy ** (len(homes) + 1) * _nobody(service)
    for s in range(service.stations):
        rank = (ranked <= asked[s]).sum(axis=0)
        mine = (1.0 - busy) * busy**rank * cost[s]
        rest = busy * (before[-1] - before[rank, zones])
        total[s] = weight @ (before[rank, zones] + mine + rest + nobody)
    return total


def _cost(service: Service) -> Floats:
    """Lateness, with seconds as a small second aim that keeps zones apart that are all late, or all in time."""
    known = np.where(np.isfinite(service.response_s), service.response_s, _far_s(service))
    cost: Floats = service.late + 0.02 * known / 60.0
    return cost


def _nobody(service: Service) -> float:
    return 1.0 + 0.02 * _far_s(service) / 60.0


def _far_s(service: Service) -> float:
    finite = service.response_s[np.isfinite(service.response_s)]
    return 2.0 * float(finite.max(initial=600.0))


def _columns(service: Service) -> Floats:
    seconds: Floats = np.ascontiguousarray(service.response_s.T)
    return seconds
