"""Everything that `tocsin plan supplies` says, worked out once for table, JSON and page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.adapters.packs import find_pack, load_pack
from tocsin.adapters.solvers.pyvrp import PyVrpSolver
from tocsin.adapters.supply_requests import ReadRequests, read_requests
from tocsin.bootstrap import local_time
from tocsin.errors import BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City
from tocsin.planning.crisis.aid import AidRequest
from tocsin.planning.crisis.deliveries import Handling
from tocsin.planning.crisis.problem import supply_problem_of
from tocsin.planning.crisis.requests import ShortReason, SupplyRequest
from tocsin.planning.crisis.routes import RouteSolver, Savings, Trip
from tocsin.planning.crisis.shortage import RunsOut, runs_out
from tocsin.planning.crisis.supplies import SupplyPlan, plan_supplies

SOLVERS = ("auto", "pyvrp", "built-in")
FAR_OFF_M = 150.0
"""A request that lies farther from every street is named: the last stretch is counted on foot."""
WHY = {
    ShortReason.UNKNOWN_RESOURCE: "neither stock, sites nor neighbours know it: is it misspelt?",
    ShortReason.NONE_IN_STOCK: "the city has none",
    ShortReason.OFF_STREET: "the place is on no street: is it in water, or are lon and lat swapped?",
    ShortReason.CUT_OFF: "no open way leads there",
    ShortReason.NO_VEHICLE: "no vehicle is left that could bring it in time",
    ShortReason.TOO_LATE: "nothing can be there by the latest time",
    ShortReason.SITE_FULL: "the site cannot hold more",
    ShortReason.OUT_OF_STOCK: "not enough for all",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    now: str | None
    solver: str
    seed: int
    slower: float
    handling: Handling


@dataclass(frozen=True)
class SupplyPlans:
    """A plan with what it was made of."""

    city: City
    graph: StreetGraph | None
    read: ReadRequests
    plan: SupplyPlan

    def local(self, time: datetime) -> str:
        """The city's own time."""
        return f"{time.astimezone(ZoneInfo(self.city.timezone)):%a %H:%M}"

    def after(self, seconds: float) -> datetime:
        """The moment so many seconds from the plan's now."""
        return self.plan.problem.now + timedelta(seconds=seconds)

    def place_name(self, request: SupplyRequest) -> str:
        """The site's name, or the place in degrees."""
        site = None if request.site is None else self.city.sites.get(request.site)
        return f"{request.place.lon:.4f}, {request.place.lat:.4f}" if site is None else site.name

    def met(self, request: SupplyRequest) -> int:
        """How much of it is met."""
        return sum(d.count for d in self.plan.deliveries if d.shipment.request.request == request.request)

    def sentences(self) -> list[str]:
        """What must be said beside the figures."""
        plan = self.plan
        said = [f"{len(plan.problem.requests)} requests, {len(plan.short)} of them short. Routes: {plan.solver}."]
        if not plan.problem.by_road:
            said.append("The pack has no streets: times follow the straight line.")
        if plan.vehicles_assumed:
            said.append("The stock names no vehicle: one without limit was assumed at each site.")
        said += [
            f"{r.request}: {off_m:,.0f} m from the next street, the last stretch on foot." for r, off_m in self.far()
        ]
        if self.read.ignored:
            said.append(f"Columns passed over: {', '.join(self.read.ignored)}.")
        said.append("A proposal: a named role decides, and nothing was sent to anybody.")
        return said

    def far(self) -> list[tuple[SupplyRequest, float]]:
        """Requests that lie off the streets, and how far."""
        if self.graph is None:
            return []
        at = [(r, self.graph.snap(r.place)) for r in self.plan.problem.requests]
        return [(r, snap.off_m) for r, snap in at if snap is not None and snap.off_m > FAR_OFF_M]

    def draft(self, aid: AidRequest) -> str:
        """The request to the neighbour in words, not sent."""
        request, neighbour = aid.request, aid.neighbour
        role = "liaison" if neighbour.liaison is None else neighbour.liaison.replace("_", " ")
        line = f"To the {role} of {neighbour.name}: please lend {aid.count} × {request.resource} to "
        line += f"{self.place_name(request)} by {self.local(request.latest)}"
        line += f" until {self.local(request.latest + timedelta(hours=request.hours))}." if request.hours else "."
        line += f" Expected there {self.local(aid.there)}{'' if aid.in_time else ', after the latest time'}."
        if neighbour.agreement:
            line += f" Under: {neighbour.agreement}."
        return " ".join([line, *(c if c.endswith(".") else f"{c}." for c in neighbour.conditions)])


def plan_for(pack: str, requests: Path, asked: Asked, note: Callable[[int, int], None]) -> SupplyPlans:
    """Read, plan, and keep what it was made of. `note` is told steps done and in all.

    Raises: BadPack, BadReport, BadSettings.
    """
    city = load_pack(find_pack(pack)).city
    read = read_requests(requests, city)
    if not read.requests:
        refused = [f"line {r.line}, {r.column}: {r.what}" for r in read.refused[:20]]
        raise BadSettings("\n  ".join([f"{requests} holds no request that can be planned for", *refused]))
    now = local_time(asked.now, city, "--now") or min(r.earliest for r in read.requests)
    graph = None if city.streets is None else StreetGraph.of(city.streets)
    problem = supply_problem_of(city, graph, read.requests, now, slower=asked.slower)
    of, done = len({s.site for s in problem.sources}), 0

    def step() -> None:
        nonlocal done
        done += 1
        note(min(done, of), of)

    solver = solver_of(asked.solver)
    plan = plan_supplies(problem, solver, seed=asked.seed, handling=asked.handling, note=step)
    return SupplyPlans(city, graph, read, plan)


def solver_of(name: str) -> RouteSolver:
    """The solver of that name; `auto` is PyVRP where it is installed.

    Raises: BadSettings.
    """
    if name not in SOLVERS:
        raise BadSettings(f"--solver {name}: name one of {', '.join(SOLVERS)}")
    if name == Savings.name:
        return Savings()
    try:
        return PyVrpSolver()
    except ImportError as error:
        if name == "auto":
            return Savings()
        raise BadSettings(f"--solver {name}: {error}") from error


def as_plain(found: SupplyPlans) -> dict[str, Any]:
    """Everything as values of JSON; None where something is not known."""
    plan = found.plan
    return {
        "pack": found.city.name,
        "now": plan.problem.now.isoformat(),
        "by_road": plan.problem.by_road,
        "solver": plan.solver,
        "seed": plan.seed,
        "vehicles_assumed": plan.vehicles_assumed,
        "drive_min": round(plan.drive_s / 60.0, 1),
        "requests": [_request(found, r) for r in plan.problem.requests],
        "deliveries": [
            {
                "request": d.shipment.request.request,
                "site": d.shipment.source.site,
                "resource": d.shipment.request.resource,
                "count": d.count,
                "arrive": found.after(d.arrive_s).isoformat(),
                "vehicle": d.vehicle,
            }
            for d in plan.deliveries
        ],
        "routes": [
            {
                "vehicle": route.vehicle.name,
                "site": site,
                "trips": [_trip(found, trip) for trip in route.trips],
            }
            for site, routes in plan.routes.items()
            for route in routes
        ],
        "aid": [
            {
                "neighbour": a.neighbour.neighbour,
                "liaison": a.neighbour.liaison,
                "request": a.request.request,
                "resource": a.request.resource,
                "count": a.count,
                "there": a.there.isoformat(),
                "in_time": a.in_time,
                "draft": found.draft(a),
            }
            for a in plan.aid.requests
        ],
        "resources": [
            {
                "resource": o.resource,
                "unit": o.unit,
                "in_stock": o.in_stock,
                "on_hand": o.on_hand,
                "asked": o.asked,
                "met": o.met,
                "runs_out_h": _runs_out(o.runs_out),
            }
            for o in plan.outlooks
        ],
        "refused": [{"line": r.line, "column": r.column, "what": r.what} for r in found.read.refused],
        "notes": found.sentences(),
    }


def _request(found: SupplyPlans, request: SupplyRequest) -> dict[str, Any]:
    short = next((s for s in found.plan.short if s.request.request == request.request), None)
    met, rate = found.met(request), request.rate
    return {
        "request": request.request,
        "site": request.site,
        "lon": request.place.lon,
        "lat": request.place.lat,
        "resource": request.resource,
        "count": request.count,
        "priority": request.priority,
        "earliest": request.earliest.isoformat(),
        "latest": request.latest.isoformat(),
        "met": met,
        "short": 0 if short is None else short.count,
        "reason": None if short is None else short.reason.value,
        "unfilled": found.plan.aid.unfilled.get(request.request, 0),
        "runs_out_h": None if rate is None else _runs_out(runs_out(request.on_hand or 0, rate)),
        "runs_out_after_h": None if rate is None else _runs_out(runs_out((request.on_hand or 0) + met, rate)),
    }


def _trip(found: SupplyPlans, trip: Trip) -> dict[str, Any]:
    return {
        "leave": found.after(trip.leave_s).isoformat(),
        "back": found.after(trip.back_s).isoformat(),
        "load": round(trip.load, 3),
        "drive_min": round(trip.drive_s / 60.0, 1),
        "stops": [
            {
                "lon": found.plan.problem.places[stop.place].lon,
                "lat": found.plan.problem.places[stop.place].lat,
                "arrive": found.after(at).isoformat(),
                "load": round(stop.load, 3),
            }
            for stop, at in zip(trip.stops, trip.arrive_s, strict=True)
        ],
    }


def _runs_out(found: RunsOut | None) -> dict[str, Any] | None:
    if found is None:
        return None
    hours = {"expected": found.hours, "low": found.low_h, "high": found.high_h}
    return {**{k: None if h is None else round(h, 2) for k, h in hours.items()}, "band_stated": found.stated}
