"""A map of streets with routes on them, for reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, nan, radians
from typing import Any

from tocsin.adapters.report.drawing import drawn
from tocsin.adapters.report.page import Figure, Table
from tocsin.adapters.report.style import LIGHT

DASHES = ("-", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)))
COLOURS = ("unit", "amber", "vermilion", "text-2")
MARKS = {"from": ("s", "text"), "met": ("o", "unit"), "short": ("X", "vermilion")}
"""Where it comes from, requests met, requests short."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One vehicle's way: its name and the vertices of its path, degrees."""

    name: str
    lon: Sequence[float]
    lat: Sequence[float]


@dataclass(frozen=True, slots=True)
class Marked:
    """A place: `what` is a key of `MARKS`."""

    name: str
    lon: float
    lat: float
    what: str


def route_map(
    streets: Sequence[tuple[Sequence[float], Sequence[float]]],
    routes: Sequence[Drawn],
    places: Sequence[Marked],
    caption: str,
) -> Figure:
    """Streets pale, a line a vehicle (colour and dash tell them apart), squares where it comes from, discs where a
    request is met, crosses where one is short."""

    def draw(axes: Any) -> None:
        lat = [place.lat for place in places] or [0.0]
        axes.set_aspect(1.0 / max(cos(radians(sum(lat) / len(lat))), 0.01))
        axes.grid(visible=False)
        axes.set_axis_off()
        x = [v for lon, _ in streets for v in (*lon, nan)]
        y = [v for _, lat in streets for v in (*lat, nan)]
        axes.plot(x, y, color=LIGHT["line"], lw=0.5, zorder=1)
        for n, route in enumerate(routes):
            dash = DASHES[n // len(COLOURS) % len(DASHES)]
            colour = LIGHT[COLOURS[n % len(COLOURS)]]
            axes.plot(route.lon, route.lat, color=colour, ls=dash, lw=1.7, zorder=2, label=route.name)
        _marks(axes, places)
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=4, fontsize=9, handlelength=2.2)

    names = ", ".join(route.name for route in routes) or "none"
    short = ", ".join(place.name for place in places if place.what == "short") or "none"
    rows = [[place.name, place.what, f"{place.lat:.5f}, {place.lon:.5f}"] for place in places]
    table = Table(["Place", "What", "Where"], rows, "Places on the map")
    return Figure(drawn(draw, height_in=6.4), caption, f"Map of routes: {names}. Requests short: {short}.", table)


def _marks(axes: Any, places: Sequence[Marked]) -> None:
    for what, (marker, colour) in MARKS.items():
        some = [place for place in places if place.what == what]
        if some:
            x, y = [p.lon for p in some], [p.lat for p in some]
            axes.scatter(x, y, s=42, marker=marker, color=LIGHT[colour], edgecolor=LIGHT["card"], zorder=4, label=what)
    names: dict[tuple[float, float], list[str]] = {}
    for place in places:
        names.setdefault((place.lon, place.lat), []).append(place.name)
    for at, here in names.items():
        where = {"xytext": (5, 4), "textcoords": "offset points", "zorder": 5}
        axes.annotate(", ".join(here), at, fontsize=8, color=LIGHT["text"], **where)
