"""Writes the files of a pack that are the same whatever the city is made from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.adapters.packs.fleet import UNITS
from tocsin.adapters.packs.records import CALLS
from tocsin.adapters.packs.roads import EDGES, NODES
from tocsin.geography.metric import Metric
from tocsin.model.place import Bounds
from tocsin.model.service import Duration, DurationLaw

Floats = NDArray[np.float64]
DECIMALS = 6
_CALLS = pl.Schema(
    [
        ("call", pl.String()),
        ("received", pl.Datetime("us", "UTC")),
        ("kind", pl.String()),
        ("priority", pl.Int64()),
        ("lon", pl.Float64()),
        ("lat", pl.Float64()),
    ]
)
_LAW_KEYS: Mapping[Duration, tuple[str, ...]] = {
    Duration.CONSTANT: ("seconds",),
    Duration.EXPONENTIAL: ("mean_s",),
    Duration.LOGNORMAL: ("median_s", "sigma"),
    Duration.WEIBULL: ("scale_s", "shape"),
    Duration.GAMMA: ("scale_s", "shape"),
}


@dataclass(frozen=True, slots=True)
class Cells:
    """Squares of a grid over some places. `of_place`: int64 (n,), the square of each; `west`, `south`: of each square,
    degrees; `column`, `row`: its place in the grid."""

    of_place: NDArray[np.int64]
    west: Floats
    south: Floats
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    step_lon: float
    step_lat: float

    def ring(self, cell: int) -> list[list[float]]:
        """The outline of a square, closed, anticlockwise."""
        west, south = float(self.west[cell]), float(self.south[cell])
        east, north = west + self.step_lon, south + self.step_lat
        corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in corners]


def cells_over(lon: Floats, lat: Floats, size_m: float, most: int) -> Cells:
    """The squares of about `size_m` that hold the places; larger ones where there would be over `most`."""
    while True:
        metric = Metric.of(bounds_of(lon, lat))
        step_lon, step_lat = size_m / metric.m_per_lon, size_m / metric.m_per_lat
        west, south = float(lon.min()) - step_lon / 2, float(lat.min()) - step_lat / 2
        column = np.floor((lon - west) / step_lon).astype(np.int64)
        row = np.floor((lat - south) / step_lat).astype(np.int64)
        wide = int(column.max()) + 1
        cells, of_place = np.unique(row * wide + column, return_inverse=True)
        if len(cells) <= most:
            column, row = cells % wide, cells // wide
            return Cells(
                of_place.astype(np.int64), west + column * step_lon, south + row * step_lat, column, row,
                step_lon, step_lat,
            )  # fmt: skip
        size_m *= 1.25


def bounds_of(lon: Floats, lat: Floats, margin: float = 0.0) -> Bounds:
    """The box around places, with a margin in degrees."""
    return Bounds(
        float(lon.min()) - margin, float(lat.min()) - margin, float(lon.max()) + margin, float(lat.max()) + margin
    )


def write_collection(path: Path, features: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """A FeatureCollection of geometries and their properties, a line a feature."""
    lines = [
        json.dumps({"type": "Feature", "properties": dict(properties), "geometry": dict(geometry)}, ensure_ascii=False)
        for geometry, properties in features
    ]
    body = ",\n".join(lines)
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n', encoding="utf-8")


def point(lon: float, lat: float) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [round(lon, DECIMALS), round(lat, DECIMALS)]}


def write_streets(folder: Path, nodes: pl.DataFrame, edges: pl.DataFrame) -> None:
    """Both tables of the streets."""
    nodes.write_parquet(folder / NODES)
    edges.write_parquet(folder / EDGES)


def write_no_calls(folder: Path) -> None:
    """A record without a call: the city is known, its past is not."""
    pl.DataFrame(schema=_CALLS).write_parquet(folder / CALLS)


def write_units(folder: Path, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Units with kind, agency and station."""
    with (folder / UNITS).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("unit", "kind", "agency", "station"))
        writer.writerows(rows)


def toml_text(text: str) -> str:
    """A TOML basic string."""
    return json.dumps("".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text), ensure_ascii=False)


def toml_law(law: DurationLaw) -> str:
    """A law of a duration as pack.toml writes it."""
    if law.law is Duration.EMPIRICAL:
        return f'{{ law = "empirical", values_s = {list(law.values_s)} }}'
    parts = zip(_LAW_KEYS[law.law], (round(law.scale_s, 6), law.shape), strict=False)
    return f'{{ law = "{law.law.value}", {", ".join(f"{key} = {value}" for key, value in parts)} }}'


def toml_bounds(bounds: Bounds) -> str:
    """Bounds as pack.toml writes them."""
    return str([round(side, DECIMALS) for side in (bounds.west, bounds.south, bounds.east, bounds.north)])


def zone_by_longitude(lon: float) -> str:
    """The nautical zone of a longitude, a name of the IANA database: whole hours, no summer time."""
    hours = round(lon / 15.0)
    return "Etc/GMT" if hours == 0 else f"Etc/GMT{'-' if hours > 0 else '+'}{abs(hours)}"
