"""From shipments to deliveries: what is brought by vehicles becomes stops, the rest travels by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.model.ids import SiteId
from tocsin.planning.crisis.allocation import Shipment
from tocsin.planning.crisis.problem import CARRIED, SupplyProblem
from tocsin.planning.crisis.routes import DeliveryProblem, Route, Stop, Vehicle

ASSUMED = "assumed"
"""The name of the vehicle without limit that is assumed at each site where the pack knows no vehicle at all."""


@dataclass(frozen=True, slots=True)
class Handling:
    """Seconds to load a vehicle before each trip, and to unload at each stop."""

    loading_s: float = 900.0
    unloading_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """`count` of a shipment that begins to be handed over `arrive_s` from now. `vehicle` None: it travels by itself, or
    people come to it, or it lies there already."""

    shipment: Shipment
    count: int
    arrive_s: float
    vehicle: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The deliveries of one site: its problem, and which shipments, and how much of each, every stop brings."""

    site: SiteId
    problem: DeliveryProblem
    brings: dict[str, list[tuple[Shipment, int]]]

    def delivered(self, routes: Sequence[Route]) -> list[Delivery]:
        """What these routes bring, and when."""
        return [
            Delivery(shipment, count, arrive_s, route.vehicle.name)
            for route in routes
            for trip in route.trips
            for stop, arrive_s in zip(trip.stops, trip.arrive_s, strict=True)
            for shipment, count in self.brings[stop.key]
        ]


def by_themselves(problem: SupplyProblem, shipments: Sequence[Shipment]) -> list[Delivery]:
    """The deliveries that need no vehicle: as early as the request wants them."""
    return [
        Delivery(s, s.count, max(s.seconds, problem.seconds_until(s.request.earliest), 0.0))
        for s in shipments
        if not _needs_vehicle(s)
    ]


def loads_of(problem: SupplyProblem, shipments: Sequence[Shipment], handling: Handling) -> list[Load]:
    """One problem a site that sends something by vehicle."""
    sites = dict.fromkeys(s.source.site for s in shipments if _needs_vehicle(s))
    return [_load_of(problem, site, [s for s in shipments if s.source.site == site], handling) for site in sites]


def _needs_vehicle(shipment: Shipment) -> bool:
    return shipment.source.stock.form in CARRIED and shipment.seconds > 0.0


def _load_of(problem: SupplyProblem, site: SiteId, shipments: Sequence[Shipment], handling: Handling) -> Load:
    vehicles = _vehicles(problem, site)
    most = max(v.load for v in vehicles)
    place_of = {r.request: row for r, row in zip(problem.requests, problem.place_of, strict=True)}
    stops: list[Stop] = []
    brings: dict[str, list[tuple[Shipment, int]]] = {}
    for group in _groups(place_of, [s for s in shipments if _needs_vehicle(s)]):
        for pieces in _pieces(group, most):
            key = f"{len(stops):05d}"
            stops.append(_stop(problem, key, place_of[group[0].request.request], pieces, handling))
            brings[key] = pieces
    depot = shipments[0].source.place
    return Load(site, DeliveryProblem(depot, problem.seconds, tuple(stops), vehicles, handling.loading_s), brings)


def _vehicles(problem: SupplyProblem, site: SiteId) -> tuple[Vehicle, ...]:
    if not problem.vehicles_known:
        return (Vehicle(f"{ASSUMED}@{site}", math.inf),)
    return tuple(
        Vehicle(f"{stock.resource}-{number}@{site}", stock.load or math.inf)
        for stock in problem.vehicles_at(site)
        for number in range(1, stock.count + 1)
    )


def _groups(place_of: dict[str, int], shipments: Sequence[Shipment]) -> list[list[Shipment]]:
    """Shipments to the same place, in the same window and of the same priority come together."""
    groups: dict[tuple[object, ...], list[Shipment]] = {}
    for s in shipments:
        r = s.request
        groups.setdefault((place_of[r.request], r.earliest, r.latest, r.priority), []).append(s)
    return list(groups.values())


def _pieces(shipments: Sequence[Shipment], most: float) -> list[list[tuple[Shipment, int]]]:
    """What goes into one vehicle after the other, none fuller than `most`."""
    pieces: list[list[tuple[Shipment, int]]] = [[]]
    room = most
    for s in shipments:
        unit, left = s.source.stock.load or 1.0, s.count
        while left:
            fits = left if math.isinf(room) else min(left, int((room + 1e-9) // unit))
            if fits:
                pieces[-1].append((s, fits))
                room, left = room - fits * unit, left - fits
            if left:
                pieces.append([])
                room = most
    return [piece for piece in pieces if piece]


def _stop(
    problem: SupplyProblem, key: str, place: int, pieces: Sequence[tuple[Shipment, int]], handling: Handling
) -> Stop:
    request = pieces[0][0].request
    return Stop(
        key=key,
        place=place,
        load=sum(count * (s.source.stock.load or 1.0) for s, count in pieces),
        earliest_s=max(0.0, problem.seconds_until(request.earliest)),
        latest_s=problem.seconds_until(request.latest),
        service_s=handling.unloading_s,
        priority=request.priority,
        release_s=max(s.busy_s if math.isfinite(s.free_s) else 0.0 for s, _ in pieces),
    )
