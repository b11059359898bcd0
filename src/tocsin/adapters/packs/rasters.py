"""Reads a plain GeoTIFF: one band of numbers on a grid of degrees, as population is published.

Source: TIFF Revision 6.0 (1992), sections 2, 3 and 15; OGC GeoTIFF 1.1, section 7.1 and annex B.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BadReport

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 11: 4, 12: 8}
_LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_SAMPLES = {1: "u", 2: "i", 3: "f"}
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _OFFSETS, _SAMPLES_PER_PIXEL = 256, 257, 258, 259, 273, 277
_COUNTS, _PREDICTOR, _SAMPLE_FORMAT = 279, 317, 339
_SCALE, _TIEPOINT, _KEYS, _NO_DATA = 33550, 33922, 34735, 42113
_MODEL_TYPE, _GEOGRAPHIC = 1024, 2
_DEFLATE = (8, 32946)
MOST_CELLS = 400_000_000

Tags = Mapping[int, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Raster:
    """A grid of values, float64 (rows, columns), NaN where there is none. `lon` (columns,), `lat` (rows,): middles of
    the cells, degrees; `step_lon`, `step_lat`: their sides."""

    values: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    step_lon: float
    step_lat: float


def read_raster(data: bytes, name: str) -> Raster:
    """One band in strips, uncompressed or deflated, in degrees.

    Raises: BadReport for anything else; it says what to do.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None:
        raise BadReport(name, "is no TIFF file: give the raster of population as GeoTIFF")
    try:
        tags = _tags(data, order)
        return _raster(data, order, tags, name)
    except (struct.error, zlib.error, KeyError, IndexError, ValueError) as error:
        raise BadReport(name, f"is no GeoTIFF that can be read ({error}): write it again") from error


def _tags(data: bytes, order: str) -> Tags:
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}H", data, start)
    tags: dict[int, tuple[float, ...]] = {}
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, at)
        size = _SIZES.get(kind, 0) * count
        place = at + 8 if size <= 4 else struct.unpack_from(f"{order}I", data, at + 8)[0]
        if kind in _LETTERS:
            tags[tag] = struct.unpack_from(f"{order}{count}{_LETTERS[kind]}", data, place)
        elif tag == _NO_DATA:
            tags[tag] = (float(data[place : place + count].rstrip(b"\x00 ")),)
    return tags


def _raster(data: bytes, order: str, tags: Tags, name: str) -> Raster:
    _check(tags, name)
    width, height = int(tags[_WIDTH][0]), int(tags[_HEIGHT][0])
    values = _values(data, order, tags).reshape(height, width)
    if _NO_DATA in tags:
        values[values == tags[_NO_DATA][0]] = np.nan
    values[~np.isfinite(values)] = np.nan
    step_lon, step_lat = tags[_SCALE][:2]
    column, row, _, west, north = tags[_TIEPOINT][:5]
    lon = west + (np.arange(width, dtype=np.float64) + (0.5 - column)) * step_lon
    lat = north - (np.arange(height, dtype=np.float64) + (0.5 - row)) * step_lat
    return Raster(values, lon.astype(np.float64), lat.astype(np.float64), step_lon, step_lat)


def _check(tags: Tags, name: str) -> None:
    keys = tags.get(_KEYS, ())
    model = {int(keys[i]): int(keys[i + 3]) for i in range(4, len(keys) - 3, 4)}
    if _OFFSETS not in tags:
        raise BadReport(name, "is in tiles, not strips: `gdal_translate -co TILED=NO` writes one that can be read")
    if tags.get(_SAMPLES_PER_PIXEL, (1,))[0] != 1:
        raise BadReport(name, "has several bands: give one, with people per area")
    if tags.get(_COMPRESSION, (1,))[0] not in (1, *_DEFLATE) or tags.get(_PREDICTOR, (1,))[0] != 1:
        raise BadReport(name, "is compressed in a way that is not read: `gdal_translate -co COMPRESS=NONE` helps")
    if _SCALE not in tags or _TIEPOINT not in tags or model.get(_MODEL_TYPE, _GEOGRAPHIC) != _GEOGRAPHIC:
        raise BadReport(name, "does not say its place in degrees: `gdalwarp -t_srs EPSG:4326` writes one that does")
    if tags[_WIDTH][0] * tags[_HEIGHT][0] > MOST_CELLS:
        raise BadReport(name, f"has over {MOST_CELLS:,} cells: cut it to the city")


def _values(data: bytes, order: str, tags: Tags) -> NDArray[np.float64]:
    letter = _SAMPLES[int(tags.get(_SAMPLE_FORMAT, (1,))[0])]
    dtype = np.dtype(f"{order}{letter}{int(tags[_BITS][0]) // 8}")
    deflated = tags.get(_COMPRESSION, (1,))[0] in _DEFLATE
    strips = []
    for offset, count in zip(tags[_OFFSETS], tags[_COUNTS], strict=True):
        strip = data[int(offset) : int(offset + count)]
        strips.append(zlib.decompress(strip) if deflated else strip)
    return np.frombuffer(b"".join(strips), dtype=dtype).astype(np.float64)
