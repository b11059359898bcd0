"""All that the planning of supplies may look at: requests, stock, places, and seconds between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.graph import StreetGraph
from tocsin.geography.matrix import matrix_s, straight_matrix_s
from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.model.ids import NeighbourId, ResourceId, SiteId
from tocsin.model.place import Point
from tocsin.model.resources import Form, Site, Stock
from tocsin.planning.crisis.requests import SupplyRequest

SLOWER = 1.5
"""Seconds of a loaded lorry over those of the free road. Ours, a margin: set it to what your streets are like."""
LORRY_MODE = 1
"""Without lights and sirens."""
CARRIED = (Form.GOODS, Form.EQUIPMENT)
"""What a vehicle brings."""
COMES_BACK = (Form.EQUIPMENT, Form.CREW)


@dataclass(frozen=True, slots=True)
class Source:
    """`count` of a resource that lies at a site."""

    site: SiteId
    place: int
    """Row in `SupplyProblem.places`."""
    stock: Stock


@dataclass(frozen=True, slots=True)
class SupplyProblem:
    """Immutable. R requests; P places: the sites with stock, those of the requests, and where neighbours' help comes
    in, each once.

    `place_of`: int (R,), row of each request's place. `seconds`: float64 (P, P) from row to column, infinite where no
    open way leads. `by_road`: whether streets stand behind them; False: the straight line. `on_street`: bool (P,).
    `border_of`: row of each neighbour's border, where it has one.
    """

    city: City
    now: datetime
    requests: tuple[SupplyRequest, ...]
    places: tuple[Point, ...]
    place_of: tuple[int, ...]
    seconds: Floats
    on_street: NDArray[np.bool_]
    by_road: bool
    sources: tuple[Source, ...]
    border_of: Mapping[NeighbourId, int] = field(default_factory=dict)

    def sources_of(self, resource: ResourceId) -> list[Source]:
        """Where some of it lies, in the pack's order."""
        return [s for s in self.sources if s.stock.resource == resource]

    def form_of(self, resource: ResourceId) -> Form:
        """How it gets to where it is needed."""
        return next((s.stock.form for s in self.sources if s.stock.resource == resource), Form.GOODS)

    def vehicles_at(self, site: SiteId) -> list[Stock]:
        """The vehicles that stand at a site."""
        return [s.stock for s in self.sources if s.site == site and s.stock.form is Form.VEHICLE and s.stock.count]

    @property
    def vehicles_known(self) -> bool:
        """The stock names some vehicle. Where it names none, one without limit is assumed at each site."""
        return any(s.stock.form is Form.VEHICLE for s in self.sources)

    def seconds_until(self, moment: datetime) -> float:
        """Seconds from now, negative for the past."""
        return (moment - self.now).total_seconds()

    def find_site(self, request: SupplyRequest) -> Site | None:
        """The site that asks, where it is one of the pack's."""
        return None if request.site is None else self.city.sites.get(request.site)


def supply_problem_of(
    city: City,
    graph: StreetGraph | None,
    requests: Sequence[SupplyRequest],
    now: datetime,
    *,
    slower: float = SLOWER,
) -> SupplyProblem:
    """The problem as it stands at `now`, with the pack's closures of then; by the straight line without streets."""
    stock = [s for s in city.stock if s.site in city.sites]
    borders = {key: n.border for key, n in city.neighbours.items() if n.border is not None}
    known = [*(city.sites[s.site].place for s in stock), *(r.place for r in requests), *borders.values()]
    places = list(dict.fromkeys(known))
    row = {place: i for i, place in enumerate(places)}
    if graph is None:
        seconds, on_street = straight_matrix_s(places, places), np.ones(len(places), dtype=np.bool_)
    else:
        seconds = matrix_s(graph, places, places, graph.conditions_at(city.closures, now), LORRY_MODE)
        on_street = np.array([graph.snap(place) is not None for place in places], dtype=np.bool_)
    seconds = np.where(np.eye(len(places), dtype=np.bool_), 0.0, slower * seconds)
    return SupplyProblem(
        city=city,
        now=now,
        requests=tuple(requests),
        places=tuple(places),
        place_of=tuple(row[r.place] for r in requests),
        seconds=seconds,
        on_street=on_street,
        by_road=graph is not None,
        sources=tuple(Source(s.site, row[city.sites[s.site].place], s) for s in stock),
        border_of={key: row[place] for key, place in borders.items()},
    )
