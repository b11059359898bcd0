"""Who gets what from where: for each resource a flow from sites to requests, priority by priority.

For each resource by itself and each priority in turn: first as much of what is asked as can be met, then the shares met
as even as can be, both held for the priorities below; at last the least seconds of travel. Solved as integer programs.
Source: lexicographic goal programming, Ignizio 1976; the transportation problem with time windows, Ahuja, Magnanti and
Orlin 1993, Network Flows, chapter 9. Solver: HiGHS through `scipy.optimize.milp`, which is deterministic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tocsin.geography.metric import Floats
from tocsin.model.ids import ResourceId, SiteId
from tocsin.planning.crisis.problem import CARRIED, COMES_BACK, Source, SupplyProblem
from tocsin.planning.crisis.requests import SupplyRequest

SHARES = 10
"""Steps in which the shares met are evened out."""
Pair = tuple[SiteId, ResourceId, str]
"""From a site, of a resource, to a request."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """`count` from a source to a request. `seconds` of travel; `[busy_s, free_s)` from now: when equipment or a crew is
    away for it, `free_s` infinite where it does not come back."""

    source: Source
    request: SupplyRequest
    count: int
    seconds: float
    busy_s: float = 0.0
    free_s: float = math.inf

    @property
    def pair(self) -> Pair:
        """From where, what, to whom."""
        return (self.source.site, self.source.stock.resource, self.request.request)


def allocate(problem: SupplyProblem, most: Mapping[Pair, int] | None = None) -> tuple[Shipment, ...]:
    """Shipments in the order of requests and sources. No source ever gives more than it has.

    Args:
        most: of some pairs, what vehicles are known to be able to bring.
    """
    shipments: list[Shipment] = []
    for resource in dict.fromkeys(r.resource for r in problem.requests):
        shipments += _of_resource(problem, resource, most or {})
    order = {r.request: i for i, r in enumerate(problem.requests)}
    return tuple(sorted(shipments, key=lambda s: order[s.request.request]))


def is_open(problem: SupplyProblem, source: Source, row: int) -> bool:
    """Whether some way leads from the source to the place of the request in `row`."""
    return math.isfinite(_seconds(problem, source, row))


def in_time(problem: SupplyProblem, source: Source, row: int) -> bool:
    """Whether it can be there by the latest time when it leaves now."""
    return _seconds(problem, source, row) <= problem.seconds_until(problem.requests[row].latest)


def can_leave(problem: SupplyProblem, source: Source, row: int) -> bool:
    """Whether something stands there that can bring it, or it needs nothing."""
    if source.stock.form not in CARRIED or not problem.vehicles_known or source.place == problem.place_of[row]:
        return True
    loads = [v.load or 0.0 for v in problem.vehicles_at(source.site)]
    return max(loads, default=0.0) >= (source.stock.load or 1.0)


def room_at(problem: SupplyProblem, request: SupplyRequest) -> float:
    """How much more of the resource the requesting site can hold; infinite without a limit."""
    site = problem.find_site(request)
    if site is None or request.resource not in site.capacity:
        return math.inf
    there = sum(s.stock.count for s in problem.sources_of(request.resource) if s.site == site.site)
    return max(0, site.capacity[request.resource] - max(there, request.on_hand or 0))


def _seconds(problem: SupplyProblem, source: Source, row: int) -> float:
    return float(problem.seconds[source.place, problem.place_of[row]])


def _of_resource(problem: SupplyProblem, resource: ResourceId, most: Mapping[Pair, int]) -> list[Shipment]:
    rows = [i for i, r in enumerate(problem.requests) if r.resource == resource and r.count > 0]
    pairs = [
        _shipment(problem, source, i, min(source.stock.count, problem.requests[i].count))
        for i in rows
        for source in problem.sources_of(resource)
        if source.stock.count and _fits(problem, source, i)
    ]
    pairs = [replace(p, count=min(p.count, most.get(p.pair, p.count))) for p in pairs]
    pairs = [p for p in pairs if p.count]
    if not pairs:
        return []
    counts = _solve(problem, pairs)
    return [replace(p, count=count) for p, count in zip(pairs, counts, strict=True) if count]


def _fits(problem: SupplyProblem, source: Source, row: int) -> bool:
    return in_time(problem, source, row) and can_leave(problem, source, row)


def _shipment(problem: SupplyProblem, source: Source, row: int, most: int) -> Shipment:
    request, seconds = problem.requests[row], _seconds(problem, source, row)
    if source.stock.form not in COMES_BACK or request.hours is None:
        return Shipment(source, request, most, seconds)
    busy_s = max(0.0, problem.seconds_until(request.earliest) - seconds)
    free_s = problem.seconds_until(request.latest) + 3600.0 * request.hours + seconds
    return Shipment(source, request, most, seconds, busy_s, free_s)


def _solve(problem: SupplyProblem, pairs: Sequence[Shipment]) -> list[int]:
    """Whole counts for the pairs, priority by priority."""
    program = _Program(pairs)
    program.hold_stock()
    program.hold_room(problem)
    for priority in sorted({r.priority for r in program.requests}):
        mine = [i for i, r in enumerate(program.requests) if r.priority == priority]
        program.meet(mine)
        program.even_out(mine)
    return program.nearest()


@dataclass(frozen=True, slots=True)
class _Row:
    """One constraint: the sum over some variables lies between two numbers; a `step` variable counts negative."""

    of: NDArray[np.intp]
    low: float
    high: float
    steps: range = range(0)


class _Program:
    """The integer program of one resource, n pairs. Variables: the count of each pair; constraints are added as it
    goes. `requests`: those of the pairs, `_request`, `_source`: int (n,), the rows of each pair's."""

    def __init__(self, pairs: Sequence[Shipment]) -> None:
        self._pairs = pairs
        requests = {p.request.request: p.request for p in pairs}
        sources = {p.source.site: p.source for p in pairs}
        self.requests, self._sources = list(requests.values()), list(sources.values())
        request_row = {key: i for i, key in enumerate(requests)}
        source_row = {key: i for i, key in enumerate(sources)}
        self._request = np.array([request_row[p.request.request] for p in pairs])
        self._source = np.array([source_row[p.source.site] for p in pairs])
        self._most = np.array([p.count for p in pairs], dtype=float)
        self._rows = [_Row(self._of(i), 0.0, float(r.count)) for i, r in enumerate(self.requests)]

    def hold_stock(self) -> None:
        """At each moment at which something leaves a source, what is away is at most what it has."""
        busy_s, free_s = (np.array([getattr(p, name) for p in self._pairs]) for name in ("busy_s", "free_s"))
        for i, source in enumerate(self._sources):
            mine = np.flatnonzero(self._source == i)
            for moment in np.unique(busy_s[mine]):
                away = mine[(busy_s[mine] <= moment) & (moment < free_s[mine])]
                self._rows.append(_Row(away, 0.0, float(source.stock.count)))

    def hold_room(self, problem: SupplyProblem) -> None:
        """A site gets no more than it can hold, over all that it asks for; what lies there already takes no room."""
        for site in dict.fromkeys(r.site for r in self.requests if r.site is not None):
            asking = [i for i, r in enumerate(self.requests) if r.site == site]
            room = min(room_at(problem, self.requests[i]) for i in asking)
            if math.isfinite(room):
                comes = np.array([p.source.site != site for p in self._pairs])
                self._rows.append(_Row(np.flatnonzero(np.isin(self._request, asking) & comes), 0.0, room))

    def meet(self, requests: Sequence[int]) -> None:
        """As much as can be met of these together, held from here on."""
        of = np.flatnonzero(np.isin(self._request, requests))
        cost = np.zeros(len(self._pairs))
        cost[of] = -1.0
        self._rows.append(_Row(of, float(round(-float(cost @ self._best(cost)))), math.inf))

    def even_out(self, requests: Sequence[int]) -> None:
        """The shares met of these as even as can be: a step of a share counts the more, the lower it is."""
        if len(requests) < 2:
            return
        n = len(self._pairs)
        worth = np.tile(np.arange(SHARES, 0, -1, dtype=float), len(requests))
        links = [
            _Row(self._of(i), 0.0, 0.0, range(n + k * SHARES, n + (k + 1) * SHARES)) for k, i in enumerate(requests)
        ]
        most = np.repeat([self.requests[i].count / SHARES for i in requests], SHARES)
        cost = np.concatenate((np.zeros(n), -worth))
        found = _milp(cost, [*self._rows, *links], np.concatenate((self._most, most)), n)
        for i in requests:
            self._rows.append(_Row(self._of(i), float(round(float(found[self._of(i)].sum()))), math.inf))

    def nearest(self) -> list[int]:
        """The counts with the least seconds of travel under all that is held."""
        seconds = np.array([p.seconds for p in self._pairs])
        return [round(float(count)) for count in self._best(1.0 + seconds)]

    def _of(self, request: int) -> NDArray[np.intp]:
        return np.flatnonzero(self._request == request)

    def _best(self, cost: Floats) -> Floats:
        return _milp(cost, self._rows, self._most, len(cost))


def _milp(cost: Floats, rows: Sequence[_Row], most: Floats, whole: int) -> Floats:
    """The best point; the first `whole` variables are integers. Nothing sent is always allowed, so there is one."""
    columns = [np.concatenate((row.of, np.array(row.steps, dtype=np.intp))) for row in rows]
    signs = [np.concatenate((np.ones(len(row.of)), -np.ones(len(row.steps)))) for row in rows]
    first = np.concatenate(([0], np.cumsum([len(column) for column in columns])))
    matrix = csr_array((np.concatenate(signs), np.concatenate(columns), first), shape=(len(rows), len(cost)))
    limits = LinearConstraint(matrix, [row.low for row in rows], [row.high for row in rows])
    integers = (np.arange(len(cost)) < whole).astype(int)
    found = milp(cost, constraints=limits, bounds=Bounds(0.0, most), integrality=integers, options={"mip_rel_gap": 0.0})
    if found.x is None:
        raise RuntimeError(f"an allocation that can be had was not found: {found.message}")
    point: Floats = found.x
    return point
