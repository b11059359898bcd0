"""A made-up city for crisis plans: depots on a line, seconds as one likes, requests in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from tests.scene import NOON, town
from tocsin.model.city import City
from tocsin.model.ids import NeighbourId, ResourceId, SiteId
from tocsin.model.place import Point
from tocsin.model.resources import Form, Neighbour, Site, SiteKind, Stock
from tocsin.planning.crisis.problem import SupplyProblem, supply_problem_of
from tocsin.planning.crisis.requests import SupplyRequest

LORRY = ("lorry", 2, Form.VEHICLE, 50.0)


def place(x: float, y: float = 0.0) -> Point:
    """`x` and `y` in hundredths of a degree from the south-west corner."""
    return Point(10.0 + x / 100.0, 50.0 + y / 100.0)


def stocked(**sites: Sequence[tuple[str, int, Form, float | None]]) -> City:
    """Sites `a`, `b`, … at 1, 2, … on the line; each with rows of resource, count, form and load."""
    found, stock = {}, []
    for n, (name, rows) in enumerate(sites.items(), start=1):
        found[SiteId(name)] = Site(SiteId(name), name.title(), SiteKind.DEPOT, place(n))
        stock += [Stock(SiteId(name), ResourceId(r), count, r, form, load) for r, count, form, load in rows]
    return replace(town(), sites=found, stock=tuple(stock))


def with_site(city: City, name: str, at: Point, **capacity: int) -> City:
    site = Site(SiteId(name), name.title(), SiteKind.SHELTER, at, {ResourceId(r): c for r, c in capacity.items()})
    return replace(city, sites={**city.sites, site.site: site})


def with_neighbours(city: City, *neighbours: Neighbour) -> City:
    return replace(city, neighbours={NeighbourId(n.neighbour): n for n in neighbours})


def ask(name: str, resource: str, count: int, at: Point | None = None, **more: Any) -> SupplyRequest:
    """`from_h`, `until_h`: the window in hours from noon."""
    earliest, latest = (NOON + timedelta(hours=h) for h in (more.pop("from_h", 0.0), more.pop("until_h", 6.0)))
    return SupplyRequest(name, at or place(5), ResourceId(resource), count, earliest, latest, **more)


def problem_of(city: City, *requests: SupplyRequest, **more: Any) -> SupplyProblem:
    """By the straight line, at noon."""
    return replace(supply_problem_of(city, None, requests, NOON), **more)


def cut_off(problem: SupplyProblem, at: Point) -> SupplyProblem:
    """No open way leads to or from the place."""
    row = problem.places.index(at)
    seconds = problem.seconds.copy()
    seconds[row, :] = seconds[:, row] = np.inf
    seconds[row, row] = 0.0
    return replace(problem, seconds=seconds)
