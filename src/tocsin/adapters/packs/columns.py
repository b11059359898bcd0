"""The columns and properties of a pack's files that Tocsin reads, by file: docs/reference/city-pack.md as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tocsin.adapters.packs import demand, fleet, priors, records, roads, sites, zones

READ: Final[Mapping[str, frozenset[str]]] = {
    zones.AREAS: frozenset({"area", "name", "population", "district", "median_income"}),
    zones.STATIONS: frozenset({"station", "name", "agency", "approximate"}),
    zones.HOSPITALS: frozenset({"hospital", "name", "emergency"}),
    sites.SITES: frozenset({"site", "name", "kind", "capacity"}),
    fleet.UNITS: frozenset({"unit", "kind", "agency", "station", "skills"}),
    fleet.DUTY: frozenset({"unit", "from", "until"}),
    roads.NODES: frozenset({"node", "lon", "lat"}),
    roads.EDGES: frozenset(
        {
            *("from", "to", "length_m", "road_class", "oneway", "speed_kmh", "speed_normal_kmh", "lons", "lats"),
            *("addresses", "residents"),
        }
    ),
    roads.CLOSURES: frozenset({"from", "to", "start", "end", "factor", "depth_m"}),
    records.CALLS: frozenset({"call", "received", "kind", "priority", "lon", "lat", "area", "incident"}),
    records.RESPONSES: frozenset(
        {
            *("call", "unit", "dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available"),
            "hospital",
        }
    ),
    priors.HISTORY: frozenset({"area", "kind", "hour_of_week", "share"}),
    priors.WEATHER: frozenset({"time", "known_at", "issued_at", "period_s"}),
    demand.DEMAND: frozenset({"lon", "lat", "weight"}),
    sites.STOCK: frozenset({"site", "resource", "count", "unit", "form", "load"}),
}
