"""The tables of `tocsin plan supplies`, and its page with a map of the routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tocsin.adapters import report
from tocsin.adapters.report.routes import Drawn, Marked, route_map
from tocsin.cli.supply_plans import WHY, SupplyPlans
from tocsin.model.ids import SiteId
from tocsin.model.place import Point
from tocsin.planning.crisis.problem import LORRY_MODE
from tocsin.planning.crisis.routes import Route, Trip
from tocsin.planning.crisis.shortage import RunsOut

MOST_STREETS = 20_000
"""Of more, only those of every k-th are drawn."""
Rows = tuple[list[str], list[list[str | int | float | None]]]
METHOD = (
    "Each resource by itself and each priority in turn: first as much as can be met, then the shares met as even as "
    "can be, both held for the priorities below, then the least seconds of travel; an integer program. What vehicles "
    "bring becomes routes with loads, windows and several trips a vehicle; what no vehicle can bring is allocated "
    "anew. Times are those of the streets without lights, with the pack's closures, times the factor for loaded "
    "lorries."
)


def page_of(found: SupplyPlans) -> str:
    """The page as HTML."""
    tables = (
        ("Deliveries", delivery_rows(found)),
        ("Routes", route_rows(found)),
        ("Short", short_rows(found)),
        ("Resources", resource_rows(found)),
    )
    refused = [f"Line {r.line}, column {r.column}: {r.what}" for r in found.read.refused]
    drafts = [found.draft(aid) for aid in found.plan.aid.requests]
    parts: list[report.Part] = [
        report.Text(found.sentences(), "In short"),
        _map(found),
        *(report.Table(columns, rows, title) for title, (columns, rows) in tables if rows),
        *([report.Text(drafts, "Requests to neighbours, drafted and not sent")] if drafts else []),
        *([report.Text(refused, "Rows that were refused")] if refused else []),
        report.Text([METHOD], "How this was worked out"),
    ]
    made = f"Made by tocsin plan supplies {found.city.name}, from {found.plan.problem.now:%Y-%m-%d %H:%M} UTC on."
    return report.page(f"Supplies: {found.city.title}", parts, made=made)


def delivery_rows(found: SupplyPlans) -> Rows:
    """What comes where and when."""
    rows: list[list[str | int | float | None]] = [
        [
            d.shipment.request.request,
            found.place_name(d.shipment.request),
            f"{d.count} × {d.shipment.request.resource}",
            d.shipment.request.priority,
            d.shipment.source.site,
            found.local(found.after(d.arrive_s)),
            _short_name(d.vehicle) if d.vehicle else "by itself",
        ]
        for d in found.plan.deliveries
    ]
    return ["Request", "Place", "What", "Priority", "From", "There", "By"], rows


def route_rows(found: SupplyPlans) -> Rows:
    """Each vehicle's trips."""
    rows: list[list[str | int | float | None]] = []
    for site, route in _routes(found):
        for number, trip in enumerate(route.trips, start=1):
            leave, back = (found.local(found.after(s)) for s in (trip.leave_s, trip.back_s))
            load = f"{trip.load:g} of {route.vehicle.load:g}"
            name = _short_name(route.vehicle.name)
            rows.append([site, name, number, leave, len(trip.stops), load, round(trip.drive_s / 60), back])
    return ["From", "Vehicle", "Trip", "Leaves", "Stops", "Load", "Drive min", "Back"], rows


def short_rows(found: SupplyPlans) -> Rows:
    """What is short and why."""
    rows: list[list[str | int | float | None]] = [
        [
            short.request.request,
            found.place_name(short.request),
            f"{short.count} of {short.request.count} × {short.request.resource}",
            short.request.priority,
            WHY[short.reason],
            found.local(short.request.latest),
            found.plan.aid.unfilled.get(short.request.request, 0),
        ]
        for short in found.plan.short
    ]
    return ["Request", "Place", "Short", "Priority", "Why", "Latest", "Nobody could fill"], rows


def aid_rows(found: SupplyPlans) -> Rows:
    """Whom to ask, in words."""
    return ["Request", "Draft"], [[aid.request.request, found.draft(aid)] for aid in found.plan.aid.requests]


def resource_rows(found: SupplyPlans) -> Rows:
    """Each resource in the whole city, and when it runs out."""
    rows: list[list[str | int | float | None]] = [
        [o.resource, o.in_stock, o.on_hand, o.asked, o.met, _hours(o.runs_out)] for o in found.plan.outlooks
    ]
    return ["Resource", "In stock", "On hand", "Asked", "Met", "Runs out in h (80 %)"], rows


def _hours(runs_out: RunsOut | None) -> str | None:
    if runs_out is None:
        return None
    words = ["never" if h is None else f"{h:.1f}" for h in (runs_out.hours, runs_out.low_h, runs_out.high_h)]
    return f"{words[0]} ({words[1]} to {words[2]})"


def _short_name(vehicle: str) -> str:
    return vehicle.split("@")[0]


def _routes(found: SupplyPlans) -> Iterator[tuple[SiteId, Route]]:
    for site, routes in found.plan.routes.items():
        for route in routes:
            yield site, route


def _map(found: SupplyPlans) -> report.Figure:
    sites = found.city.sites
    drawn = [Drawn(route.vehicle.name, *_path(found, sites[s].place, route.trips)) for s, route in _routes(found)]
    short = {s.request.request for s in found.plan.short}
    marks = {
        (d.shipment.source.site): Marked(d.shipment.source.site, place.lon, place.lat, "from")
        for d in found.plan.deliveries
        for place in (sites[d.shipment.source.site].place,)
    }
    asked = [
        Marked(r.request, r.place.lon, r.place.lat, "short" if r.request in short else "met")
        for r in found.plan.problem.requests
    ]
    return route_map(_streets(found), drawn, [*marks.values(), *asked], "Routes, and where requests are met or short")


def _path(found: SupplyPlans, depot: Point, trips: Sequence[Trip]) -> tuple[list[float], list[float]]:
    """The vertices of all trips; the straight line where there are no streets."""
    graph, problem = found.graph, found.plan.problem
    lon, lat = [depot.lon], [depot.lat]
    for trip in trips:
        places = [depot, *(problem.places[stop.place] for stop in trip.stops), depot]
        for start, end in pairwise(places):
            conditions = None if graph is None else graph.conditions_at(found.city.closures, problem.now)
            way = None if graph is None else graph.in_mode(LORRY_MODE).route(start, end, conditions)
            points = (end,) if way is None else (*way[0], end)
            lon += [p.lon for p in points]
            lat += [p.lat for p in points]
    return lon, lat


def _streets(found: SupplyPlans) -> list[tuple[list[float], list[float]]]:
    streets = found.city.streets
    if streets is None:
        return []
    every = -(-len(streets.tail) // MOST_STREETS)
    ends = zip(streets.tail[::every].tolist(), streets.head[::every].tolist(), strict=True)
    lon, lat = streets.lon.round(5).tolist(), streets.lat.round(5).tolist()
    return [([lon[a], lon[b]], [lat[a], lat[b]]) for a, b in ends]
