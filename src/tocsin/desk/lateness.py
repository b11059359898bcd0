"""Keeps what the desk expects of the next hour, for everybody who looks ahead."""

from __future__ import annotations

from datetime import datetime

from tocsin.desk.travel import TravelDesk
from tocsin.geography.conditions import Conditions
from tocsin.model.city import City
from tocsin.model.forecast import Demand
from tocsin.planning.cover.grid import CoverGrid, grid_of
from tocsin.planning.cover.lateness import Lateness
from tocsin.situation.picture import Situation

EVERY_S = 1800
"""Forecast, load and travel laws are looked at anew on this grid of desk time, and with a new forecast."""
REMEMBERED_GRIDS = 4
"""States of the streets whose seconds between stations and zones are kept."""


class LatenessDesk:
    """One expectation at a time. Belongs to the desk's thread."""

    def __init__(self, city: City, travel: TravelDesk) -> None:
        self._city = city
        self._travel = travel
        self._grids: dict[bytes | None, CoverGrid] = {}
        self._of: tuple[bytes | None, int, datetime | None] | None = None
        self._known: Lateness | None = None

    def prepare(self, now: datetime) -> None:
        """Work out the seconds between stations and zones before the first call has to wait for them."""
        conditions = self._conditions(now)
        self._grid(None if conditions is None else conditions.key, conditions)

    def find_grid(self, now: datetime) -> CoverGrid | None:
        """What is known of the streets as they are now, if anything; any thread may ask."""
        conditions = self._conditions(now)
        return self._grids.get(None if conditions is None else conditions.key)

    def at(self, situation: Situation, now: datetime) -> Lateness:
        """What is expected at `now`."""
        conditions = self._conditions(now)
        key = None if conditions is None else conditions.key
        of = (key, int(now.timestamp() // EVERY_S), _issued(situation.demand))
        if self._known is None or self._of != of:
            grid = self._grid(key, conditions)
            self._known = Lateness(self._city, grid, self._travel.model, situation, now)
            self._of = of
        return self._known

    def _conditions(self, now: datetime) -> Conditions | None:
        graph = self._travel.graph
        return None if graph is None or not self._city.closures else graph.conditions_at(self._city.closures, now)

    def _grid(self, key: bytes | None, conditions: Conditions | None) -> CoverGrid:
        if key not in self._grids:
            while len(self._grids) >= REMEMBERED_GRIDS:
                del self._grids[next(iter(self._grids))]
            self._grids[key] = grid_of(self._city, self._travel.graph, conditions)
        return self._grids[key]


def _issued(demand: Demand | None) -> datetime | None:
    return None if demand is None else demand.issued
