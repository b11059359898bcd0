"""Reads layers of an OpenStreetMap extract. Source: wiki.openstreetmap.org/wiki/Elements; GDAL, vector/osm."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.errors import BadReport, BadSettings

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Layer:
    """Features of one layer: shapely geometries, (n,), and the columns asked for beside `other_tags`."""

    shapes: NDArray[np.object_]
    columns: Mapping[str, NDArray[np.object_]]

    def __len__(self) -> int:
        return len(self.shapes)

    def each(self) -> Iterator[tuple[Any, dict[str, str]]]:
        """Each geometry with all its tags."""
        for row, shape in enumerate(self.shapes):
            tags = tags_of(self.columns["other_tags"][row])
            tags |= {
                name: str(values[row]) for name, values in self.columns.items() if values[row] and name != "other_tags"
            }
            yield shape, tags


def read_layer(path: Path, layer: str, columns: list[str], where: str | None = None) -> Layer:
    """One layer of the extract, features without geometry left out.

    Raises: BadSettings without pyogrio, BadReport when the file is no extract.
    """
    try:
        from pyogrio.errors import DataLayerError, DataSourceError
        from pyogrio.raw import read
    except ImportError as error:
        raise BadSettings("OpenStreetMap extracts are read by pyogrio: pip install 'tocsin[osm]'") from error
    if not path.is_file():
        raise BadSettings(f"there is no file {path}: name an extract such as city.osm.pbf")
    asked = [*columns, "other_tags"]
    try:
        with warnings.catch_warnings():
            # At the edge of an extract outlines are cut open; GDAL warns of each and leaves it out.
            warnings.simplefilter("ignore", RuntimeWarning)
            meta, _, geometry, values = read(path, layer=layer, columns=asked, where=where)
    except (DataSourceError, DataLayerError) as error:
        raise BadReport(path.name, f"is no extract of OpenStreetMap ({error}): .osm.pbf or .osm is read") from error
    shapes = shapely.from_wkb(geometry, on_invalid="ignore")
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    found = {str(name): np.asarray(column)[there] for name, column in zip(meta["fields"], values, strict=True)}
    return Layer(np.asarray(shapes)[there], found)


def tags_of(text: str | None) -> dict[str, str]:
    """`"key"=>"value"` pairs as GDAL writes further tags."""
    return {_ESCAPED.sub(r"\1", key): _ESCAPED.sub(r"\1", value) for key, value in _PAIR.findall(text or "")}
