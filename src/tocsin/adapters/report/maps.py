"""Maps of a city's zones for reports: shaded squares, outlines of areas, stations with their units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from tocsin.adapters.report.drawing import drawn
from tocsin.adapters.report.page import Figure, Table
from tocsin.adapters.report.style import LIGHT

SHADES = ("band-95", "band-80", "band-50", "range", "median")
"""From little to much."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a mark and a short text; `new` and `gone` set it off in colour and mark."""

    name: str
    lon: float
    lat: float
    text: str
    new: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """Zones and outlines. `lon`, `lat`: of each zone. `size_m`: its side. `outlines`: GeoJSON geometries."""

    lon: Sequence[float]
    lat: Sequence[float]
    size_m: float
    outlines: Sequence[Mapping[str, Any]]


def zone_map(
    ground: Ground,
    values: Sequence[float | None],
    spots: Sequence[Spot],
    caption: str,
    *,
    unit: str,
    steps: Sequence[float],
) -> Figure:
    """Zones shaded by a value, None left blank; `steps`: the four bounds between the five shades, rising."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]

    def draw(axes: Any) -> None:
        _frame(axes, ground)
        _zones(axes, ground, known, unit, steps)
        _spots(axes, spots)
        legend = axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=10, handlelength=1.2)
        for handle in legend.legend_handles:
            handle.set_sizes([60.0])

    rows = [[spot.name, spot.text or None, _state(spot), f"{spot.lat:.5f}, {spot.lon:.5f}"] for spot in spots]
    table = Table(["Station", "Units", "What", "Place"], rows, "Stations on the map")
    return Figure(drawn(draw, height_in=5.4), caption, _words(known, spots, unit), table)


def _frame(axes: Any, ground: Ground) -> None:
    """True to scale, with the outlines, without axes."""
    middle = sum(ground.lat) / max(len(ground.lat), 1)
    axes.set_aspect(1.0 / max(cos(radians(middle)), 0.01))
    axes.grid(visible=False)
    axes.set_axis_off()
    for ring in _rings(ground.outlines):
        axes.plot([p[0] for p in ring], [p[1] for p in ring], color=LIGHT["edge"], lw=0.6, zorder=1)


def _state(spot: Spot) -> str:
    return "new" if spot.new else "closed" if spot.gone else "stays"


def _words(known: Sequence[tuple[int, float]], spots: Sequence[Spot], unit: str) -> str:
    shown = [v for _, v in known]
    words = (
        f"Map of {len(known)} zones, {unit} {min(shown):.3g} to {max(shown):.3g}." if shown else "Map without zones."
    )
    told = [
        f"{spot.name}: {spot.text or 'none'}{'' if _state(spot) == 'stays' else f', {_state(spot)}'}" for spot in spots
    ]
    return f"{words} {'; '.join(told)}."


def _zones(axes: Any, ground: Ground, known: Sequence[tuple[int, float]], unit: str, steps: Sequence[float]) -> None:
    for n, shade in enumerate(SHADES):
        low = steps[n - 1] if n else None
        high = steps[n] if n < len(steps) else None
        some = [i for i, v in known if (low is None or v >= low) and (high is None or v < high)]
        name = f"{unit} {_range(low, high)}"
        x, y = [ground.lon[i] for i in some], [ground.lat[i] for i in some]
        axes.scatter(x, y, s=_mark_size(ground), marker="s", color=LIGHT[shade], lw=0, label=name, zorder=2)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"under {high:g}"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"


def _mark_size(ground: Ground) -> float:
    """Square points of a mark as large as a zone, on a map that is about 350 points wide or high."""
    if len(ground.lon) < 2:
        return 60.0
    high_m = (max(ground.lat) - min(ground.lat)) * 111_195.0
    wide_m = (max(ground.lon) - min(ground.lon)) * 111_195.0 * cos(radians(ground.lat[0]))
    side = 330.0 * ground.size_m / max(high_m + ground.size_m, (wide_m + ground.size_m) * 0.8)
    return min(400.0, max(2.0, side**2))


def _spots(axes: Any, spots: Sequence[Spot]) -> None:
    kinds = (
        ("station", [s for s in spots if not s.new and not s.gone], "o", LIGHT["text"]),
        ("new site", [s for s in spots if s.new], "D", LIGHT["amber-fill"]),
        ("closed", [s for s in spots if s.gone], "X", LIGHT["vermilion"]),
    )
    for name, some, marker, colour in kinds:
        if some:
            x, y = [s.lon for s in some], [s.lat for s in some]
            axes.scatter(x, y, s=46, marker=marker, color=colour, edgecolor=LIGHT["card"], lw=0.8, label=name, zorder=4)
        for spot in (s for s in some if s.text):
            box = {"boxstyle": "round,pad=0.12", "facecolor": LIGHT["card"], "edgecolor": "none"}
            where = {"xytext": (6, 5), "textcoords": "offset points", "zorder": 5, "bbox": box}
            axes.annotate(spot.text, (spot.lon, spot.lat), fontsize=9, color=LIGHT["text"], **where)


def _rings(geometries: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Sequence[float]]]:
    for geometry in geometries:
        parts = geometry.get("coordinates", ())
        for polygon in [parts] if geometry.get("type") == "Polygon" else parts:
            yield from polygon
