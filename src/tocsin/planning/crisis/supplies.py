"""The plan of supplies: who gets what from where, by which route, what is short, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tocsin.model.ids import SiteId
from tocsin.planning.crisis.aid import Aid, aid_for
from tocsin.planning.crisis.allocation import Pair, allocate
from tocsin.planning.crisis.deliveries import Delivery, Handling, by_themselves, loads_of
from tocsin.planning.crisis.problem import SupplyProblem
from tocsin.planning.crisis.routes import Route, RouteSolver, urgent_first
from tocsin.planning.crisis.shortage import Outlook, Short, list_short, outlooks

ROUNDS = 4
"""What vehicles cannot bring from one site is allocated anew, at most so often."""


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """A proposal. A named role decides; Tocsin never sends by itself.

    `routes` by the site where they begin. `solver`: what planned them. `vehicles_assumed`: the pack names no vehicle,
    so one without limit was assumed at each site.
    """

    problem: SupplyProblem
    deliveries: tuple[Delivery, ...]
    routes: Mapping[SiteId, tuple[Route, ...]]
    short: tuple[Short, ...]
    aid: Aid
    outlooks: tuple[Outlook, ...]
    solver: str
    seed: int
    vehicles_assumed: bool

    @property
    def drive_s(self) -> float:
        """Seconds that vehicles drive."""
        return sum(trip.drive_s for routes in self.routes.values() for route in routes for trip in route.trips)


def plan_supplies(
    problem: SupplyProblem,
    solver: RouteSolver,
    *,
    seed: int = 1,
    handling: Handling | None = None,
    note: Callable[[], None] | None = None,
) -> SupplyPlan:
    """Allocate, route, and allocate anew what vehicles could not bring; the best of the rounds. The same problem,
    solver and seed give the same plan.

    Args:
        note: called after each site's routes, for who shows progress.
    """
    most: dict[Pair, int] = {}
    plans: list[SupplyPlan] = []
    for _ in range(ROUNDS):
        plan, brought = _round(problem, solver, seed, handling or Handling(), most, note)
        plans.append(plan)
        if not brought:
            break
        most |= brought
    return min(plans, key=_value)


def _round(
    problem: SupplyProblem,
    solver: RouteSolver,
    seed: int,
    handling: Handling,
    most: Mapping[Pair, int],
    note: Callable[[], None] | None,
) -> tuple[SupplyPlan, dict[Pair, int]]:
    """One plan, and of the pairs that vehicles could not bring in full, how much they can."""
    shipments = allocate(problem, most)
    deliveries = by_themselves(problem, shipments)
    routes: dict[SiteId, tuple[Route, ...]] = {}
    for load in loads_of(problem, shipments, handling):
        found = solver.solve(load.problem, seed=seed)
        routes[load.site] = tuple(urgent_first(load.problem, route) for route in found)
        deliveries += load.delivered(routes[load.site])
        if note is not None:
            note()
    brought: dict[Pair, int] = {}
    for d in deliveries:
        brought[d.shipment.pair] = brought.get(d.shipment.pair, 0) + d.count
    failed = {s.pair: brought.get(s.pair, 0) for s in shipments if brought.get(s.pair, 0) < s.count}
    short = list_short(problem, deliveries)
    plan = SupplyPlan(
        problem=problem,
        deliveries=tuple(sorted(deliveries, key=lambda d: (d.arrive_s, d.shipment.request.request))),
        routes=routes,
        short=short,
        aid=aid_for(problem, short),
        outlooks=outlooks(problem, deliveries),
        solver=solver.name,
        seed=seed,
        vehicles_assumed=not problem.vehicles_known,
    )
    return plan, failed


def _value(plan: SupplyPlan) -> tuple[float, ...]:
    """Shares not met by priority, then seconds of driving: small is good, the first first."""
    priorities = sorted({r.priority for r in plan.problem.requests})
    short = (sum(s.count / s.request.count for s in plan.short if s.request.priority == p) for p in priorities)
    return (*(round(share, 9) for share in short), plan.drive_s)
